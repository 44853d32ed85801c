"""The pages about the child: who, where, and what helps."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.forms import Choices, KnownDateField
from referrals.intake.forms.fields import (
    SHORT,
    AskedField,
    ChosenField,
    QuestionForm,
    SeveralField,
    in_london,
    time_of,
)
from referrals.services import Told, lacks_language
from referrals.vocabulary import Answer

EARLIEST_YEAR = 1900
GROWN_UP = 18
_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$")
# The letters of a pupil number, by the remainder of its sum: I, O and S are left out.
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def nhs_number(words: str) -> str:
    """Return an NHS number in its usual groups. Raises ValueError when a digit must be wrong.

    NHS Data Dictionary: the last of ten digits checks the others, modulus 11.
    """
    digits = re.sub(r"[\s-]", "", words)
    if not re.fullmatch(r"\d{10}", digits):
        raise ValueError(words)
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    if (11 - total % 11) % 11 != int(digits[9]):
        raise ValueError(words)
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def pupil_number(words: str) -> str:
    """Return a unique pupil number. Raises ValueError when a character must be wrong.

    Department for Education, guide to UPNs: a check letter, then twelve digits, or eleven and a
    letter for a temporary number.
    """
    number = re.sub(r"[\s-]", "", words).upper()
    if not re.fullmatch(rf"[{_UPN_LETTERS}]\d{{11}}[\d{_UPN_LETTERS}]", number):
        raise ValueError(words)
    last = number[12]
    values = [*map(int, number[1:12]), int(last) if last.isdigit() else _UPN_LETTERS.index(last)]
    if _UPN_LETTERS[sum(place * value for place, value in enumerate(values, 2)) % 23] != number[0]:
        raise ValueError(words)
    return number


class _NumberField(AskedField):
    """A number with a check of its own: `read` gives it as it is written, or raises ValueError."""

    def __init__(self, *, read: Callable[[str], str], says: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read, self.says = read, says

    def clean(self, value: Any) -> Told:
        """Return the number as it is usually written. Raises ValidationError."""
        told = super().clean(value)
        if not told.text:
            return told
        try:
            return Told(self.read(told.text))
        except ValueError as error:
            raise forms.ValidationError(self.says) from error


class ChildForm(QuestionForm):
    """Who the child is, as far as anyone knows."""

    given_name = forms.CharField(label="First name", required=False, max_length=100)
    family_name = forms.CharField(label="Last name", required=False, max_length=100)
    known_as = forms.CharField(
        label="Also known as",
        help_text="Another name, a nickname or a name used online.",
        required=False,
        max_length=100,
    )
    date_of_birth = KnownDateField(
        label="Date of birth",
        help_text="If you know it. For example, 27 3 2012",
        required=False,
    )
    age_estimate = forms.IntegerField(
        label="Or about how old?",
        required=False,
        min_value=0,
        max_value=120,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
        error_messages={
            "invalid": "Age must be a number, like 14",
            "min_value": "Age must be a number, like 14",
            "max_value": "Age must be a number, like 14",
        },
    )
    description = forms.CharField(
        label="If you do not know a name, describe the child so that we can recognise them",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sex = ChosenField("sex", label="Sex, as it is recorded")
    describes = AskedField(
        label="How does the child describe themselves?",
        help_text="Their own words about who they are, if they want us to know.",
    )
    nhs_number = _NumberField(
        read=nhs_number,
        label="NHS number",
        help_text="10 digits, if you have it to hand.",
        says="Check the NHS number. It has 10 digits, like 943 476 5919",
    )
    upn = _NumberField(
        read=pupil_number,
        label="Unique pupil number",
        help_text="A letter and 12 digits, if you have it to hand.",
        says="Check the unique pupil number. It is a letter and 12 digits",
    )
    other_number = AskedField(
        label="Another number, and whose it is",
        help_text="For example, the council's own number for the child.",
    )

    def clean_date_of_birth(self) -> date | None:
        """A day that has been."""
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and born.year < EARLIEST_YEAR:
            raise forms.ValidationError("Date of birth must include a year, like 2012")
        if born and born > timezone.now().astimezone(LONDON).date():
            raise forms.ValidationError("Date of birth must be in the past")
        return born

    def clean(self) -> dict[str, Any]:
        """A name, or words by which to recognise the child."""
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("given_name", "family_name", "description")):
            self.add_error("given_name", "Enter a name, or describe the child")
        return cleaned

    def facts(self) -> dict[str, Any]:
        """The child's own fields."""
        names = ("given_name", "family_name", "known_as", "date_of_birth", "age_estimate")
        return {name: self.cleaned_data[name] for name in (*names, "description")}

    @property
    def age(self) -> int | None:
        """How old the child is today, as far as this page says. It is valid."""
        born: date | None = self.cleaned_data.get("date_of_birth")
        if born is None:
            return self.cleaned_data.get("age_estimate")
        today = timezone.now().astimezone(LONDON).date()
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class WhereForm(QuestionForm):
    """Where the child is, and how somebody can reach them without doing harm."""

    child_now = AskedField(
        label="Where is the child now, and who with?", help_text="As far as you know."
    )
    address = AskedField(
        label="Where does the child live?",
        help_text="Their home, a placement, or where they are staying. Write “no fixed place” if"
        " they have none.",
        rows=3,
        longest=500,
    )
    postcode = forms.CharField(
        label="Postcode",
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
        error_messages={"max_length": "Enter a postcode, like AB1 2CD"},
    )
    confidential = forms.ChoiceField(
        label="Must this address stay secret?",
        help_text="For example, a refuge, or a placement that somebody must not find. If you choose"
        " yes, nobody who checks the referral can read it. They are told that it is protected, and"
        " it is revealed only if the child is in danger or in a formal enquiry.",
        choices=[("yes", "Yes, protect it"), ("no", "No"), ("not_known", "Not known")],
        widget=Choices(),
        required=False,
    )
    lives_with = AskedField(label="Who does the child live with?", rows=2)
    school = AskedField(label="School or college")
    school_life = AskedField(
        label="How is school going?",
        help_text="Attendance, being sent home, anything that has changed.",
        rows=2,
    )
    gp = AskedField(label="GP or health centre")
    safe_contact = AskedField(
        label="How and when can somebody safely contact the child?",
        help_text="For example, a number, a place, the time of day.",
        rows=2,
    )
    avoid_words = AskedField(
        label="Is there anything that we must not say or do?",
        help_text="For example, do not ring the house, do not leave a message.",
        rows=2,
    )
    needed_time = forms.CharField(
        label="Is there a time that we need to know about?",
        help_text="For example, 3:15pm, when the child goes home. We will try to act before it.",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    needed_day = forms.ChoiceField(label="On which day?", required=False, widget=Choices())
    time_matters = forms.CharField(label="What happens then?", required=False, max_length=SHORT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.now().astimezone(LONDON).date()
        days = {today: "Today", today + timedelta(days=1): "Tomorrow"}
        before = self.draft.answers.get("where", {}).get("needed_day") if self.draft else None
        if before and (on := _day_of(str(before))):
            # What was chosen stays that day, whatever day it is now.
            days.setdefault(on, "The day that you chose")
        self.fields["needed_day"].choices = [  # type: ignore[attr-defined]
            (on.isoformat(), f"{says}, {on:%A} {on.day} {on:%B}")
            for on, says in sorted(days.items())
        ]

    def clean_postcode(self) -> str:
        """A postcode in its usual form."""
        typed = str(self.cleaned_data["postcode"]).upper().replace(" ", "")
        if typed and not _POSTCODE.match(typed):
            raise forms.ValidationError("Enter a postcode, like AB1 2CD")
        return f"{typed[:-3]} {typed[-3:]}" if typed else ""

    def clean(self) -> dict[str, Any]:
        """A time goes with a day, and is to come."""
        cleaned = super().clean() or {}
        cleaned["needed_by"] = None
        words = str(cleaned.get("needed_time") or "").strip()
        if not words:
            return cleaned
        try:
            at = time_of(words)
        except ValueError:
            self.add_error("needed_time", "Time must be today or later, like 3:15pm")
            return cleaned
        on = _day_of(str(cleaned.get("needed_day") or ""))
        if on is None:
            if "needed_day" not in self.errors:
                self.add_error("needed_day", "Select the day")
            return cleaned
        cleaned["needed_by"] = in_london(on, at)
        if cleaned["needed_by"] < timezone.now() and not self.reread:
            self.add_error("needed_time", "Time must be today or later, like 3:15pm")
        return cleaned

    def answers(self) -> dict[str, Told]:
        """The address under the question that its secrecy makes it."""
        told = super().answers()
        given, postcode = told.pop("address"), self.cleaned_data["postcode"]
        words = "\n".join(filter(None, (given.text, postcode)))
        place = Told(words) if words else given
        secret = self.cleaned_data["confidential"] == "yes"
        nothing = Told(answer=Answer.NOT_PROVIDED)
        told["protected_address"] = place if secret else nothing
        told["address"] = nothing if secret else place
        return told

    def facts(self) -> dict[str, Any]:
        """The time before which somebody must have looked."""
        return {name: self.cleaned_data[name] for name in ("needed_by", "time_matters")}


def _day_of(words: str) -> date | None:
    try:
        return datetime.strptime(words, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return None


class NeedsForm(QuestionForm):
    """What helps the people who will work with the child."""

    language = AskedField(label="First language")
    interpreter = ChosenField("interpreter", label="Does the child need an interpreter?")
    interpreter_which = AskedField(
        label="If yes, in which language, dialect or sign language?", longest=100
    )
    communication = AskedField(label="How does the child communicate best?", rows=2)
    disability = AskedField(
        label="Does the child have a disability? What does it mean for working with them?",
        help_text="We ask so that nobody has to explain it again.",
        rows=2,
    )
    learning = AskedField(
        label="Special educational needs",
        help_text="For example, an education, health and care plan.",
        rows=2,
    )
    health = AskedField(
        label="Health conditions or treatment that matter here",
        help_text="Those who check the referral must ask before they can read this.",
        rows=2,
    )
    sensitive = AskedField(
        label="Help with sexual health, mental health, alcohol or drugs",
        help_text="Leave this out if somebody told you in confidence and you may not pass it on."
        " Those who check the referral must ask before they can read this.",
        rows=2,
    )
    ethnicity = AskedField(
        label="How does the child describe their ethnicity?", help_text="Use their own words."
    )
    ethnic_group = ChosenField(
        "ethnic_group",
        select=True,
        label="Which group is nearest?",
        help_text="We use this to see whether help reaches all children.",
    )
    religion = AskedField(label="Religion or belief, if it matters to them")
    immigration = AskedField(
        label="Nationality or immigration, if it matters",
        help_text="Also if anybody has been told about modern slavery. This is kept apart.",
    )
    care_status = SeveralField("care_status", label="Is social care or youth justice involved?")

    def clean(self) -> dict[str, Any]:
        """Which language, if an interpreter is needed."""
        cleaned = super().clean() or {}
        needs, which = cleaned.get("interpreter"), cleaned.get("interpreter_which")
        if needs and needs.text and which and lacks_language(cleaned):
            self.add_error("interpreter_which", "Tell us which language")
        return cleaned

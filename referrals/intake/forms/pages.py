"""The question pages, in the order in which they are asked."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.forms import KnownDateField, PageForm, Words
from referrals.intake.forms.lists import read_items
from referrals.intake.models import Draft
from referrals.services import FREE_ANSWERS, Concern, Told
from referrals.vocabulary import ChildTold, Danger, ParentsTold

LONGEST = 4000
EARLIEST_YEAR = 1900


def _story(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST,
        widget=Words(attrs={"rows": 5}),
        error_messages={
            "max_length": "Your answer must be 4,000 characters or less. It has %(show_value)s"
        },
    )


class DangerForm(PageForm):
    """Asked before anything else, because nothing else matters if the answer is yes."""

    heading_field = "danger"
    danger = forms.ChoiceField(
        label="Is a child in immediate danger, or has a serious offence just happened?",
        help_text="For example, the child is with someone who may hurt them, or is missing.",
        choices=Danger.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select yes if a child is in immediate danger",
            "invalid_choice": "Select yes if a child is in immediate danger",
        },
    )


class ChildForm(PageForm):
    """Who the child is, as far as anyone knows."""

    given_name = forms.CharField(label="First name", required=False, max_length=100)
    family_name = forms.CharField(label="Last name", required=False, max_length=100)
    known_as = forms.CharField(label="Also known as", required=False, max_length=100)
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
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
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

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and born.year < EARLIEST_YEAR:
            raise forms.ValidationError("Date of birth must include a year, like 2012")
        if born and born > timezone.now().astimezone(LONDON).date():
            raise forms.ValidationError("Date of birth must be in the past")
        return born

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("given_name", "family_name", "description")):
            self.add_error("given_name", "Enter a name, or describe the child")
        return cleaned


class ConcernForm(PageForm):
    """Three boxes, by how a thing is known. One of them is enough."""

    saw = _story("What you saw or heard yourself")
    child_said = _story("What the child said", "Use the child's own words where you can.")
    told = _story("What others told you", "Say who told you.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        boxes = ("saw", "child_said", "told")
        if not any(cleaned.get(box) for box in boxes) and not self.errors:
            self.add_error(
                "saw", "Tell us what you have seen, heard or been told. A short note is enough"
            )
        return cleaned


class ChildViewForm(PageForm):
    """The child's own view, asked of everyone who refers."""

    child_told = forms.ChoiceField(
        label="Have you talked with the child about this referral?",
        choices=ChildTold.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether you have talked with the child"},
    )
    child_wants = _story(
        "What does the child think and want?",
        "Tell us what they have said they want, even if it is different from what you think is"
        " best. If you have not talked, say why.",
    )


class ParentsForm(PageForm):
    """Openness with the family, where it is safe."""

    parents_told = forms.ChoiceField(
        label="Have you told a parent or carer?",
        help_text="You do not need permission to share a concern that a child is being exploited."
        " Do not tell anyone if it could put the child in danger.",
        choices=ParentsTold.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether you have told a parent or carer"},
    )
    parents_why = _story("Why, or why not?")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("parents_told") == ParentsTold.RISK and not cleaned.get("parents_why"):
            self.add_error("parents_why", "Write why telling them could put the child at risk")
        return cleaned


class CheckForm(PageForm):
    """The last page: how we can reach you today."""

    phone = forms.CharField(
        label="A phone number that we can use today",
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": "Enter a phone number we can use today"},
    )


PAGES: dict[str, tuple[str, type[PageForm]]] = {
    "danger": ("Immediate danger", DangerForm),
    "child": ("Who is the child?", ChildForm),
    "concern": ("What have you seen, heard or been told?", ConcernForm),
    "child-view": ("What does the child think and want?", ChildViewForm),
    "parents": ("Parents and carers", ParentsForm),
    "check": ("Check and send", CheckForm),
}
"""Page name, in the address and in the draft: its heading and its form."""
ORDER = tuple(PAGES)


def pages(draft: Draft) -> dict[str, PageForm]:
    """Return each page of the draft as a form filled with what was typed, in order."""
    return {page: form(data=draft.answers.get(page, {})) for page, (_, form) in PAGES.items()}


def unfinished(draft: Draft) -> list[str]:
    """Return the names of the pages that still lack an answer that must be given."""
    return [page for page, form in pages(draft).items() if not form.is_valid()]


def read_concern(draft: Draft) -> Concern:
    """Read what a finished draft says. Raises KeyError when a page is not finished."""
    said: dict[str, Any] = {}
    for form in pages(draft).values():
        form.full_clean()
        said |= form.cleaned_data
    return Concern(
        danger=Danger(said["danger"]),
        given_name=said["given_name"],
        family_name=said["family_name"],
        known_as=said["known_as"],
        date_of_birth=said["date_of_birth"],
        age_estimate=said["age_estimate"],
        description=said["description"],
        child_told=ChildTold(said["child_told"]),
        parents_told=ParentsTold(said["parents_told"]),
        answers={key: Told(said[key]) for key in FREE_ANSWERS if said[key]},
        items=read_items(draft),
    )

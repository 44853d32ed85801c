"""What an information-governance lead types: a change, words for a step, an agreement."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import TextChoices

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.forms import KnownDateField, ManyChoices, PageForm, Words
from sharing.rules.vocabulary import (
    Category,
    ChangeKind,
    Obligation,
    Outcome,
    Purpose,
    Relation,
)


def _many(
    label: str,
    words: type[TextChoices] | Iterable[tuple[str, str]],
    error: str = "",
    hint: str = "",
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=words.choices if isinstance(words, type) else list(words),
        widget=ManyChoices(classes="govuk-checkboxes--small"),
        required=bool(error),
        error_messages={"required": error},
        help_text=hint,
    )


def _one(label: str, words: type[TextChoices], error: str) -> forms.ChoiceField:
    """One of a list, none of them chosen."""
    return forms.ChoiceField(
        label=label,
        choices=[("", "Choose one"), *words.choices],
        error_messages={"required": error, "invalid_choice": error},
    )


def _words(label: str, error: str = "", hint: str = "", rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        widget=Words(attrs={"rows": rows}),
        required=bool(error),
        error_messages={"required": error},
        help_text=hint,
        max_length=1000,
    )


def _day(label: str, error: str = "", hint: str = "For example, 27 3 2027") -> KnownDateField:
    return KnownDateField(
        label=label, required=bool(error), error_messages={"required": error}, help_text=hint
    )


class EndForm(PageForm):
    """Why a rule should end, and from when."""

    reason = _words("Why should the law change?", "Write why the law should change", rows=3)
    starts_on = _day(
        "First day of the change",
        hint="Leave it empty for the day of its approval. For example, 27 3 2027",
    )


class LineForm(EndForm):
    """A rule as a sentence: who sees what, held by whom, for what, because of which law."""

    number = forms.CharField(
        label="Number of the rule",
        max_length=4,
        help_text="Digits and at most one letter, such as 29 or 29a",
        error_messages={"required": "Enter a number for the rule"},
    )
    title = forms.CharField(
        label="What the rule is called",
        max_length=120,
        error_messages={"required": "Enter what the rule is called"},
    )
    roles = _many("Who: in which roles?", Role)
    kinds = _many("Who: at which kinds of agency?", AgencyKind)
    relation = _one(
        "How must they stand to the information?",
        Relation,
        "Choose how they must stand to the information",
    )
    outcome = forms.ChoiceField(
        label="What may they see?",
        choices=[*reversed(Outcome.choices)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they may see"},
    )
    categories = _many(
        "Which kinds of information?", Category, "Choose at least one kind of information"
    )
    holders = _many(
        "Held by which kinds of agency?", AgencyKind, "Choose at least one kind of agency"
    )
    purposes = _many("To do what?", Purpose, "Choose at least one purpose")
    gateway = forms.ChoiceField(
        label="Because of which law?",
        error_messages={"required": "Choose the law that it rests on"},
    )
    because = _words(
        "Because …",
        "Write the reason that people will read",
        "The end of the sentence, without a full stop.",
    )
    instead = _words(
        "What can be done instead?", hint="Needed unless the answer is that they see it."
    )
    remains = _words(
        "What is said in place of the rest?",
        hint="Needed if they see a part, such as “Health is engaged.”",
    )
    obligations = _many("What must people do with it?", Obligation)

    field_order = (
        *("number", "title", "roles", "kinds", "relation", "outcome", "categories", "holders"),
        *("purposes", "gateway", "because", "instead", "remains", "obligations"),
        *("reason", "starts_on"),
    )

    def __init__(
        self, *args: Any, gateways: Iterable[tuple[str, str]], kind: ChangeKind, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gateway"].choices = [("", "Choose one"), *gateways]  # type: ignore[attr-defined]
        if kind == ChangeKind.AMEND:
            # What the former version asks of people is kept.
            del self.fields["number"]
            del self.fields["obligations"]

    def line(self, former: dict[str, Any] | None) -> dict[str, Any]:
        """The rule as a file of the law says it; what the form does not ask is as it was."""
        said = self.cleaned_data
        kept = former or {"step": "specific", "when": "always", "also": []}
        recipients = {
            "kinds": said["kinds"],
            "roles": said["roles"],
            "outside": kept.get("recipients", {}).get("outside", []),
            "relation": said["relation"],
        }
        same = ("title", "outcome", "categories", "holders", "purposes", "gateway", "because")
        return {
            **kept,
            **{name: said[name] for name in (*same, "instead", "remains")},
            "recipients": recipients,
            "obligations": said.get("obligations", kept.get("obligations", [])),
        }


def typed(line: dict[str, Any]) -> dict[str, Any]:
    """What a form about this line shows when it is opened."""
    return line | {name: line["recipients"][name] for name in ("kinds", "roles", "relation")}


class WordsForm(PageForm):
    """The words that go with a step of a change, or with the end of an agreement."""

    why = _words("Why?", "Write why. A sentence is enough", rows=4)

    def __init__(self, *args: Any, needed: bool = True, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = needed
        self.fields["why"].help_text = hint


class DaysForm(PageForm):
    """The days of an agreement."""

    signed_on = _day("Day on which it was signed", "Enter the day on which it was signed")
    review_on = _day("Day of its review", "Enter the day of its review")
    ends_on = _day("Last day", "Enter the last day", "Nothing is shared because of it after that.")


class AgreementForm(DaysForm):
    """An agreement that agencies have signed."""

    title = forms.CharField(
        label="What the agreement is called",
        max_length=120,
        error_messages={"required": "Enter what the agreement is called"},
    )
    parties = _many("Which agencies have signed it?", (), "Choose the agencies that have signed it")
    purposes = _many("For what?", Purpose, "Choose at least one purpose")
    categories = _many(
        "About which kinds of information?", Category, "Choose at least one kind of information"
    )

    field_order = (
        "title",
        "parties",
        "purposes",
        "categories",
        "signed_on",
        "review_on",
        "ends_on",
    )

    def __init__(self, *args: Any, agencies: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parties"].choices = list(agencies)  # type: ignore[attr-defined]


class TryForm(PageForm):
    """A question to try on the law as it is and as a change would make it."""

    role = _one("Who asks: in which role?", Role, "Select the role of whoever asks")
    kind = _one("At which kind of agency?", AgencyKind, "Select the agency of whoever asks")
    holder = _one(
        "Who holds the information?", AgencyKind, "Select the agency that holds the information"
    )
    purpose = _one("What is it for?", Purpose, "Select what it is for")
    facts = _many(
        "What is true?",
        [
            ("own", "They work for the agency that holds it"),
            ("recipient_is_author", "They wrote it"),
            ("recipient_is_referrer", "They made the referral"),
            ("agreement", "Their agency has an agreement in force"),
            ("danger", "The child is in danger now"),
            ("significant_harm", "There is reason to suspect significant harm"),
            ("walled", "They have a conflict of interest"),
        ],
    )
    reference = forms.CharField(
        label="Reference of a real case",
        required=False,
        max_length=20,
        help_text="Only if you can open it. The question is then about what the case holds.",
    )

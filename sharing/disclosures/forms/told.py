"""What every decision to share asks in the same words: who was told, why, and how long at most."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.forms import Choices, PageForm, Words
from sharing.disclosures.vocabulary import Told
from sharing.rules.vocabulary import ConsentLimb

LONGEST: Final = 4000


def box(label: str, required: str = "", help_text: str = "", rows: int = 3) -> forms.CharField:
    """A box for words; `required` is what is said when it is empty, or nothing when it may be."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        max_length=LONGEST,
        widget=Words(attrs={"rows": rows}),
        error_messages={
            "required": required,
            "max_length": "Your answer must be 4,000 characters or less. It has %(show_value)s",
        },
    )


def one_of(
    label: str,
    choices: Iterable[tuple[str, str]],
    required: str,
    *,
    help_text: str = "",
    hints: dict[str, str] | None = None,
    divider: dict[str, str] | None = None,
    optional: bool = False,
) -> forms.ChoiceField:
    """Radios, none of them chosen; `required` is what is said when one is needed."""
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        required=not optional,
        help_text=help_text,
        widget=Choices(hints=hints, divider=divider),
        error_messages={"required": required, "invalid_choice": required},
    )


def latest() -> date:
    """The last day on which a share may end."""
    return timezone.now().astimezone(LONDON).date() + timedelta(days=731)


class ToldForm(PageForm):
    """Whether the child and the parents were told, and why consent is not relied on."""

    child_told = one_of(
        "Has the child been told?", Told.choices, "Select whether the child has been told"
    )
    parents_told = one_of(
        "Have the parents or carers been told?",
        Told.choices,
        "Select whether the parents or carers have been told",
    )
    not_told_why = box(
        "If either has not been told, why not?",
        help_text="Be open where you can. Do not tell anyone if it could put a child at risk.",
    )
    consent_limb = one_of(
        "Why do you not rely on consent?",
        ConsentLimb.choices,
        "Select why you do not rely on consent",
        help_text="Consent is not needed to protect a child. The law asks us to say why.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        told = {cleaned.get("child_told"), cleaned.get("parents_told")} - {None}
        if told - {Told.YES} and not cleaned.get("not_told_why"):
            self.add_error("not_told_why", "Write why somebody has not been told")
        return cleaned

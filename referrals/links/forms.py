"""What people type to record what a case names, and about two that may be one."""

from typing import Any, Final
from uuid import uuid4

from django import forms

from portal.common.forms import Choices, PageForm, Words
from referrals.links.models import LINE, STORY
from referrals.links.reading import Words as Said
from referrals.links.vocabulary import Kind, Verdict, lacks

_SELECT: Final = "Select what it is"


def _line(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LINE,
        error_messages={"max_length": f"{label} must be {LINE} characters or less"},
    )


class MentionForm(PageForm):
    """What a case names. Its number makes that pressing twice records it once.

    `instead` is the number of one that went with an answer which was put right.
    """

    kind = forms.ChoiceField(
        label="What is it?",
        choices=Kind.choices,
        widget=Choices,
        error_messages={"required": _SELECT, "invalid_choice": _SELECT},
    )
    called = _line(
        "Name, number or registration mark",
        "As the answer gives it. It is found again by this, so check each letter.",
    )
    also = _line("Other names", "For a person only. Put a comma between two names.")
    where = _line("Where it is", "For a place only. A postcode helps most.")
    description = forms.CharField(
        label="How would somebody know it again?",
        help_text="For example make, model and colour, or what a person looks like.",
        required=False,
        widget=Words(attrs={"rows": 3}),
        max_length=STORY,
        error_messages={"max_length": f"The description must be {STORY:,} characters or less"},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    instead = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """Enough to tell it from another one, and nothing that is not asked of its kind."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("kind"):
            return said
        kind = Kind(said["kind"])
        if "called" in said and (fault := lacks(kind, said["called"], said.get("description", ""))):
            self.add_error("called", fault)
        if said.get("also") and kind is not Kind.PERSON:
            self.add_error("also", "Other names are for a person only. Leave this empty")
        if said.get("where") and kind is not Kind.PLACE:
            self.add_error("where", "Where it is is for a place only. Leave this empty")
        return said

    @property
    def said(self) -> Said:
        """The same for the service."""
        given = self.cleaned_data
        return Said(
            Kind(given["kind"]),
            given["called"],
            given["also"],
            given["where"],
            given["description"],
        )


class JudgeForm(PageForm):
    """Whether it is the same one, and why. Nothing is chosen for anybody."""

    verdict = forms.ChoiceField(
        label="Is it the same one?",
        choices=[
            (Verdict.SAME, "Yes, the same one"),
            (Verdict.NOT_SAME, "No, not the same one"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select if it is the same one",
            "invalid_choice": "Select if it is the same one",
        },
    )
    reason = forms.CharField(
        label="Why?",
        help_text="What did you check, and with whom? A sentence is enough.",
        widget=Words(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": "Write why. A sentence is enough",
            "max_length": "Why must be 2,000 characters or less",
        },
    )


class EndForm(PageForm):
    """Why what was recorded or decided is ended."""

    why = forms.CharField(
        label="Why?",
        help_text="What was there before stays on record, with your reason.",
        widget=Words(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": "Write why. A sentence is enough",
            "max_length": "Why must be 2,000 characters or less",
        },
    )


class SettleForm(PageForm):
    """Which right answer was on the page when somebody pressed that it does not name it."""

    right = forms.UUIDField(widget=forms.HiddenInput, required=False)

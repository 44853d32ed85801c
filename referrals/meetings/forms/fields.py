"""The fields that forms of the panel are made of."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django import forms

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Role
from portal.common.forms import Choices, PageForm, Words


def line_field(label: str, missing: str, most: int = 120, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=bool(missing),
        error_messages={
            "required": missing,
            "max_length": f"{label} must be {most} characters or less",
        },
    )


def box_field(
    label: str, missing: str, most: int, help_text: str = "", rows: int = 4
) -> forms.Field:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=bool(missing),
        widget=Words(attrs={"rows": rows}),
        error_messages={
            "required": missing,
            "max_length": f"{label} must be {most:,} characters or less. It has %(show_value)s",
        },
    )


def number_field(label: str, least: int, most: int, help_text: str = "") -> forms.IntegerField:
    must = f"{label} must be a number from {least} to {most}"
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), must),
    )


def one_of(
    label: str, choices: Sequence[tuple[str, str]], missing: str, help_text: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=list(choices),
        widget=Choices,
        error_messages={"required": missing, "invalid_choice": missing},
    )


def person_words(member: Membership) -> str:
    """Somebody as a choice: their name, role and agency."""
    return f"{member.user.name}, {Role(member.team.role).label}, {member.team.agency.name}"


def people_choices(members: Iterable[Membership]) -> list[tuple[str, str]]:
    return [(str(member.pk), person_words(member)) for member in members]


class Once(PageForm):
    """A form with a number of its own, so that pressing twice does it once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4

"""What people type to sign in, to choose a role, and to say whom to ring at their agency."""

import re
from collections.abc import Iterable
from datetime import time
from typing import Any
from uuid import UUID

from allauth.account import forms as allauth
from allauth.account.fields import SetPasswordField
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from portal.accounts.models import PHONE_PATTERN, Membership, Partnership
from portal.accounts.services import setting_mark
from portal.accounts.vocabulary import (
    SECTIONS,
    SETTINGS,
    Setting,
    read_decided,
    read_questions,
    read_steps,
    steps_in_words,
)
from portal.common.forms import KnownDateField, PageForm, Words
from portal.common.language import read
from portal.common.moments import time_of_day

LONGEST_LIST = 20_000


def _email_field() -> forms.EmailField:
    return forms.EmailField(
        label="Work email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your work email address",
            "invalid": "Enter an email address in the right format, like name@example.org",
        },
    )


def _password_field(label: str, *, missing: str, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"}),
        error_messages={"required": missing},
    )


class SignInForm(allauth.LoginForm):  # type: ignore[misc]
    """Work email address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _email_field()
        self.fields["password"] = _password_field(
            "Password", missing="Enter your password", autocomplete="current-password"
        )

    def clean_login(self) -> str:
        """The address as we keep it: in lower case."""
        address: str = self.cleaned_data["login"]
        return address.lower()

    def clean(self) -> dict[str, Any]:
        """Check who it is; what goes wrong stands at the first box, where mending it begins."""
        try:
            super().clean()
        except ValidationError as error:
            self.add_error("login", error)
        answers: dict[str, Any] = self.cleaned_data
        return answers


class ForgotPasswordForm(allauth.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""

    email = _email_field()

    def clean_email(self) -> str:
        """The address that we hold, not the one that was typed, is where the link goes."""
        typed: str = super().clean_email()
        return self.users[0].email if self.users else typed.lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link to somebody whom we know. The answer is the same for everybody else."""
        if self.users:
            super().save(request, **kwargs)
        address: str = self.cleaned_data["email"]
        return address


class NewPasswordForm(allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, twice."""

    password1 = SetPasswordField(
        label="New password",
        help_text="Use 14 characters or more. A few random words work well.",
        error_messages={"required": "Enter a new password"},
    )
    password2 = _password_field(
        "New password again", missing="Enter the new password again", autocomplete="new-password"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A placeholder goes away as soon as it is needed; the label stays.
        self.fields["password1"].widget.attrs.pop("placeholder", None)


class ConfirmPasswordForm(allauth.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    password = _password_field(
        "Password", missing="Enter your password", autocomplete="current-password"
    )


class RoleForm(PageForm):
    """Which of their memberships a person works in. Nothing is selected for them."""

    heading_field = "membership"

    membership = forms.TypedChoiceField(
        label="Choose your role",
        coerce=UUID,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select the role you want to work in",
            "invalid_choice": "Select the role you want to work in",
        },
    )

    def __init__(self, *args: Any, memberships: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membership"].choices = [  # type: ignore[attr-defined]
            (str(membership.pk), f"Work as {membership.principal().working_as}")
            for membership in memberships
        ]


def _work_phone(words: str) -> str:
    """A number that somebody can ring, with its extension. Raises ValidationError."""
    if len(re.sub(r"\D", "", words)) < 3 or not re.fullmatch(r"[0-9+() ]+(ext\.? ?[0-9]+)?", words):
        raise ValidationError("Enter a phone number, like 01632 960 001")
    return words


class ContactForm(PageForm):
    """Whom to ring at an agency: work contact details only."""

    name = forms.CharField(
        label="Name of your single point of contact",
        max_length=120,
        error_messages={"required": "Enter the name of your single point of contact"},
    )
    phone = forms.CharField(
        label="Their work phone",
        max_length=30,
        help_text="A number at work. Do not give a home number.",
        error_messages={"required": "Enter their work phone"},
    )
    hours = forms.CharField(
        label="When they answer it",
        max_length=120,
        help_text="For example, Monday to Friday, 9am to 5pm, in term time.",
        error_messages={"required": "Enter when they answer the phone"},
    )
    deputy_name = forms.CharField(label="Name of their deputy", max_length=120, required=False)
    deputy_phone = forms.CharField(label="Work phone of the deputy", max_length=30, required=False)
    cover_from = KnownDateField(
        label="First day on which the deputy covers",
        required=False,
        help_text="Leave it empty if nobody is away.",
    )
    cover_until = KnownDateField(label="Last day on which the deputy covers", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_phone(self) -> str:
        """The number."""
        return _work_phone(self.cleaned_data["phone"])

    def clean_deputy_phone(self) -> str:
        """The number, or nothing."""
        typed: str = self.cleaned_data["deputy_phone"]
        return _work_phone(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        """A deputy can be reached; a cover has both days, in order, and somebody who covers."""
        said: dict[str, Any] = self.cleaned_data
        wrong = self.errors
        name, phone = said.get("deputy_name"), said.get("deputy_phone")
        first, last = said.get("cover_from"), said.get("cover_until")
        if name and not phone and "deputy_phone" not in wrong:
            self.add_error("deputy_phone", "Enter the work phone of the deputy")
        if not name and (phone or first or last):
            self.add_error("deputy_name", "Enter the name of the deputy")
        if first and not last and "cover_until" not in wrong:
            self.add_error("cover_until", "Enter the last day on which the deputy covers")
        if last and not first and "cover_from" not in wrong:
            self.add_error("cover_from", "Enter the first day on which the deputy covers")
        if first and last and last < first:
            self.add_error("cover_until", "The last day must be on or after the first day")
        return said


class ClockField(forms.TimeField):
    """A time of day, typed as we write it (9am, 4:30pm) or by the 24 hours (16:30)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%I%p", "%I:%M%p", "%H:%M"],
            widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> time | None:
        """Read the time, with or without spaces, with a point or a colon."""
        if isinstance(value, str):
            value = value.lower().replace(" ", "").replace(".", ":")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """The time as we write it."""
        return time_of_day(value) if isinstance(value, time) else value


class StepsField(forms.CharField):
    """The steps of disagreeing with a decision, one a line."""

    def clean(self, value: Any) -> Any:
        """Read the steps."""
        try:
            return read_steps(super().clean(value))
        except ValueError as error:
            raise ValidationError(f"{self.label}: {_in_a_row(error)}") from None

    def prepare_value(self, value: Any) -> Any:
        """The steps as they are typed."""
        return steps_in_words(value) if isinstance(value, list) else value


class SettingsForm(PageForm):
    """The settings of one partnership, each a question that says what it changes.

    Made from `SETTINGS` and the columns, so that a new setting needs nothing here.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, partnership: Partnership, **kwargs: Any) -> None:
        initial = {name: getattr(partnership, name) for name in SETTINGS}
        marks = {name: setting_mark(value) for name, value in initial.items()}
        initial["seen"] = " ".join(f"{name}={mark}" for name, mark in marks.items())
        super().__init__(*args, initial=initial, **kwargs)
        for name, setting in SETTINGS.items():
            column = Partnership._meta.get_field(name)
            self.fields[name] = _field(column, setting)  # type: ignore[arg-type]
        self.keep_to_ourselves()

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Each heading of the page, with the questions under it."""
        return [(heading, [self[name] for name in names]) for heading, names in SECTIONS]

    def clean_front_door_phone(self) -> str:
        """The number, if it can be called."""
        return _phone(self.cleaned_data["front_door_phone"])

    def clean_out_of_hours_phone(self) -> str:
        """The number, if it can be called."""
        return _phone(self.cleaned_data["out_of_hours_phone"])

    def clean_neutral_site(self) -> str:
        """The address, if nobody on the way can read it."""
        address: str = self.cleaned_data["neutral_site"]
        if address and not re.fullmatch(r"https://[!-~]+", address):
            raise ValidationError("Enter an address that begins with https://")
        return address

    def clean_language(self) -> str:
        """The list, if each line has its three parts."""
        words: str = self.cleaned_data["language"]
        try:
            read(words)
        except ValueError as error:
            raise ValidationError(f"{SETTINGS['language'].label}: {_in_a_row(error)}") from None
        return words

    def clean_ready_questions(self) -> str:
        """The list, if each line is a question."""
        words: str = self.cleaned_data["ready_questions"]
        try:
            read_questions(words)
        except ValueError as error:
            label = SETTINGS["ready_questions"].label
            raise ValidationError(f"{label}: {_in_a_row(error)}") from None
        return words

    def clean_decided_words(self) -> str:
        """The list, if each line is a decision and its words."""
        words: str = self.cleaned_data["decided_words"]
        try:
            read_decided(words)
        except ValueError as error:
            label = SETTINGS["decided_words"].label
            raise ValidationError(f"{label}: {_in_a_row(error)}") from None
        return words

    def clean(self) -> dict[str, Any]:
        """Check what only fits together."""
        cleaned = super().clean() or {}
        opens, closes = cleaned.get("office_opens"), cleaned.get("office_closes")
        if opens and closes and opens >= closes:
            self.add_error("office_closes", "The office must close after it opens")
        return cleaned

    def changes(self) -> dict[str, object]:
        """The settings that this person changed on the page that they saw.

        A setting that somebody else has changed in the meantime, and this person has not, stays
        as the other left it.
        """
        seen = self.marks()
        return {
            name: self.cleaned_data[name]
            for name in SETTINGS
            if setting_mark(self.cleaned_data[name]) != seen.get(name)
        }

    def marks(self) -> dict[str, str]:
        """What stood there, setting by setting, when this person opened the page."""
        return dict(pair.partition("=")[::2] for pair in self.cleaned_data["seen"].split())


def _in_a_row(error: ValueError) -> str:
    said = str(error)
    return said[:1].lower() + said[1:]


def _phone(number: str) -> str:
    number = " ".join(number.split())
    if not re.fullmatch(PHONE_PATTERN, number):
        raise ValidationError("Enter a phone number in digits, like 020 7946 0000")
    return number


def _field(column: "models.Field[Any, Any]", setting: Setting) -> forms.Field:
    """The question for a column: its kind of answer is that of the column."""
    said = {"label": setting.label, "help_text": setting.says}
    if isinstance(column, models.BooleanField):
        return forms.TypedChoiceField(
            choices=[("True", "Yes"), ("False", "No")],
            coerce=lambda answer: answer == "True",
            widget=forms.RadioSelect,
            error_messages={"required": f"{setting.label}: select yes or no"},
            **said,  # type: ignore[arg-type]
        )
    if isinstance(column, models.IntegerField):
        bounds = f"{setting.label} must be a number from {setting.least} to {setting.most}"
        return forms.IntegerField(
            min_value=setting.least,
            max_value=setting.most,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), bounds),
            **said,  # type: ignore[arg-type]
        )
    if isinstance(column, models.TimeField):
        wrong = f"{setting.label} must be a time, like 9am or 4:30pm"
        return ClockField(error_messages=dict.fromkeys(("required", "invalid"), wrong), **said)
    if isinstance(column, models.JSONField):
        empty = f"{setting.label}: this cannot be empty"
        return StepsField(
            widget=Words(attrs={"rows": 6}),
            error_messages={"required": empty},
            **said,  # type: ignore[arg-type]
        )
    rows = 4 if column.max_length else 12
    widget = Words(attrs={"rows": rows}) if isinstance(column, models.TextField) else None
    return forms.CharField(
        max_length=column.max_length or LONGEST_LIST,
        required=not column.blank,
        widget=widget,
        error_messages={
            "required": f"{setting.label}: this cannot be empty",
            "max_length": f"{setting.label} must be %(limit_value)d characters or less",
        },
        **said,  # type: ignore[arg-type]
    )

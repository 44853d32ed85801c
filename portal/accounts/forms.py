"""What people type to sign in, to choose a role, and to say whom to ring at their agency."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from allauth.account import forms as allauth
from allauth.account.fields import SetPasswordField
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from portal.accounts.models import Membership
from portal.common.forms import KnownDateField, PageForm


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


def _phone(words: str) -> str:
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

    def clean_phone(self) -> str:
        """The number."""
        return _phone(self.cleaned_data["phone"])

    def clean_deputy_phone(self) -> str:
        """The number, or nothing."""
        typed: str = self.cleaned_data["deputy_phone"]
        return _phone(typed) if typed else ""

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

"""Whom somebody asks to send a draft."""

from django import forms

from portal.common.forms import PageForm


class DelegateForm(PageForm):
    """A colleague, by their work address."""

    email = forms.EmailField(
        label="Their work email address",
        help_text="Somebody at your own agency who sends referrals here.",
        max_length=254,
        error_messages={
            "required": "Enter their work email address",
            "invalid": "Enter an email address in the right format, like name@example.org",
        },
    )

"""What people type to find a case, and what they say before they open a document of one."""

from django import forms

from portal.common.forms import PageForm
from referrals.vocabulary import OpenedFor


class SearchForm(PageForm):
    """One box for a reference or a name. It travels in the body, never in an address."""

    words = forms.CharField(
        label="Find a case",
        help_text="Enter the reference of a case, or a child\u2019s name.",
        max_length=100,
        error_messages={
            "required": "Enter a reference or a name",
            "max_length": "What you look for must be 100 characters or less",
        },
    )


class OpenForm(PageForm):
    """What a document is opened for. It is kept with who opened it, and when."""

    opened_for = forms.ChoiceField(
        label="What do you need it for?",
        choices=OpenedFor.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select what you need it for",
            "invalid_choice": "Select what you need it for",
        },
    )

"""What people type to find a case."""

from django import forms

from portal.common.forms import PageForm


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

"""What a chair or a coordinator types."""

from django import forms

from portal.common.forms import PageForm
from portal.governance.vocabulary import Audience


class MakeForm(PageForm):
    """For whom the audit trail is made."""

    audience = forms.ChoiceField(
        label="Who is it for?",
        help_text="The board's version names nobody: it shows roles and kinds of agency.",
        choices=Audience.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select who the report is for"},
    )


class ReviewForm(PageForm):
    """What the chair reviewed: signing for the report."""

    comment = forms.CharField(
        label="What did you review, and what do you want to happen?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write what you reviewed. A sentence is enough"},
    )

"""What people type to open a case in an emergency, and to review that it was opened."""

from typing import Any

from django import forms

from portal.accounts.forms import ConfirmPasswordForm
from portal.common.forms import PageForm
from referrals.vocabulary import Emergency, Reviewed
from sharing.disclosures.forms.walls import meant

WILL_DO = "Tell us what you will do with the information"
WHY = "Select why it cannot wait"
FOUND = "Select what you found"


class ReferenceForm(PageForm):
    """Which case somebody needs to open."""

    reference = forms.CharField(
        label="Reference of the case",
        help_text="For example, R-4KD7-92Q",
        max_length=20,
        error_messages={"required": "Enter the reference of the case"},
    )

    def clean_reference(self) -> str:
        """The reference that was meant."""
        return meant(self.cleaned_data["reference"])


class WhyForm(PageForm):
    """Why it cannot wait, and what happens next. Nothing is chosen for anybody."""

    why = forms.ChoiceField(
        label="Why can it not wait?",
        choices=Emergency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": WHY, "invalid_choice": WHY},
    )
    next_step = forms.CharField(
        label="What will you do with the information in the next hour?",
        help_text="A sentence is enough, of 20 characters or more. Who reviews this reads it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        min_length=20,
        max_length=1000,
        error_messages={"required": WILL_DO, "min_length": f"{WILL_DO}, in a sentence"},
    )
    authorised_by = forms.CharField(
        label="Who agreed to it? (optional)",
        help_text="Their name and job, if you could ask somebody.",
        required=False,
        max_length=120,
    )


class CarriedForm(WhyForm):
    """The same answers, carried unseen through the page that asks for the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()


class OpenForm(ConfirmPasswordForm):
    """The person's own password: the last press. A wrong one counts as at sign-in."""


class ReviewForm(PageForm):
    """What a second person found."""

    found = forms.ChoiceField(
        label="What did you find?",
        choices=Reviewed.choices,
        widget=forms.RadioSelect,
        error_messages={"required": FOUND, "invalid_choice": FOUND},
    )
    words = forms.CharField(
        label="Why?",
        help_text="The person who used it reads this.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        error_messages={"required": "Write what you found. A sentence is enough"},
    )

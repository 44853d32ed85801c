"""What a coordinator or manager types about two children who may be one."""

from django import forms

from portal.common.forms import PageForm
from referrals.matching.vocabulary import Verdict


class JudgeForm(PageForm):
    """Whether it is the same child, and why. Nothing is chosen for anybody."""

    verdict = forms.ChoiceField(
        label="Is it the same child?",
        choices=[
            (Verdict.SAME, "Yes, the same child"),
            (Verdict.NOT_SAME, "No, not the same child"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select if it is the same child",
            "invalid_choice": "Select if it is the same child",
        },
    )
    reason = forms.CharField(
        label="Why?",
        help_text="What did you check, and with whom? A sentence is enough.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": "Write why. A sentence is enough",
            "max_length": "Why must be 2,000 characters or less",
        },
    )


class TakeBackForm(PageForm):
    """Why a decision about two cases is taken back."""

    why = forms.CharField(
        label="Why do you take it back?",
        help_text="What was decided stays on record, with your reason.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": "Write why you take it back. A sentence is enough",
            "max_length": "Why you take it back must be 2,000 characters or less",
        },
    )

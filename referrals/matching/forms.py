"""What a coordinator or manager types about two children who may be one."""

from collections.abc import Iterable

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


class JoinForm(PageForm):
    """Same child and same case: why, what the referrer is told, and which value people use."""

    reason = forms.CharField(
        label="Why is it the same child and the same case?",
        help_text="What did you check, and with whom? A sentence is enough.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": "Write why it is the same child and the same case",
            "max_length": "Why must be 2,000 characters or less",
        },
    )
    told_referrer = forms.CharField(
        label="What can we tell the person who referred?",
        help_text="They will read this. Do not say what another agency told us.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": "Write what we can tell the person who referred",
            "max_length": "What we tell them must be 2,000 characters or less",
        },
    )
    late_reason = forms.CharField(
        label="Why is this decision late?",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        error_messages={
            "required": "Write why this decision is late",
            "max_length": "Why it is late must be 1,000 characters or less",
        },
    )

    def __init__(
        self,
        *args: object,
        differing: Iterable[tuple[str, str]] = (),
        late: bool = False,
        **kwargs: object,
    ) -> None:
        """`differing` are the questions, each with its label, to which the cases differ."""
        super().__init__(*args, **kwargs)
        if not late:
            del self.fields["late_reason"]
        self._differing = [key for key, _ in differing]
        for key, label in differing:
            self.fields[f"first_{key}"] = forms.ChoiceField(
                label=f"{label}: which should people use?",
                choices=[("mine", "The one in this case"), ("theirs", "The one in the other case")],
                widget=forms.RadioSelect,
                error_messages={
                    "required": f"Choose which to use: {label.lower()}",
                    "invalid_choice": f"Choose which to use: {label.lower()}",
                },
            )
        self.order_fields([f"first_{key}" for key in self._differing])

    def shown_first(self) -> dict[str, str]:
        """By question, in which case the value stands that people should use."""
        return {key: self.cleaned_data[f"first_{key}"] for key in self._differing}

"""What a coordinator or manager types."""

from django import forms

from portal.common.forms import PageForm
from referrals.vocabulary import CHOSEN_OUTCOMES


class DecisionForm(PageForm):
    """The decision on a referral. Nothing is chosen for anybody."""

    outcome = forms.ChoiceField(
        label="What should happen next?",
        choices=[(each.value, each.label) for each in CHOSEN_OUTCOMES],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select what should happen next",
            "invalid_choice": "Select what should happen next",
        },
    )
    reason = forms.CharField(
        label="Why?",
        help_text="What is the risk? What would change your mind?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write why you decided this. A sentence is enough"},
    )
    told_referrer = forms.CharField(
        label="What can we tell the person who referred?",
        help_text="They will read this. Say what has been acted on, even if you cannot say how.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Write what we can tell the person who referred"},
    )
    late_reason = forms.CharField(
        label="Why is this decision late?",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        error_messages={"required": "Write why this decision is late"},
    )

    def __init__(self, *args: object, late: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not late:
            del self.fields["late_reason"]


class AcknowledgeForm(PageForm):
    """What the person who referred reads first. The sentence is there to be changed."""

    words = forms.CharField(
        label="What do you tell the person who referred?",
        help_text="They read this at once. Change it as you like.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"max_length": "What you tell them must be 1,000 characters or less"},
    )


class MoveForm(PageForm):
    """The reason for a step in a case's life."""

    reason = forms.CharField(
        label="Why?",
        help_text="A sentence is enough. It stays with the case.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        error_messages={"required": "Write why. A sentence is enough"},
    )

"""What people type to find a case, and about two children who may be one."""

from typing import Any

from django import forms

from portal.common.forms import Choices, KnownDateField, PageForm
from referrals.forms import SearchForm
from referrals.matching.services import Sought
from referrals.matching.vocabulary import SoughtFor, Verdict


class FindForm(SearchForm):
    """What is known of a case, or of a child, and what it is needed for. It travels in the body."""

    born = KnownDateField(
        label="Date of birth",
        help_text="For example, 27 3 2011. Day and month may be the wrong way round.",
        required=False,
    )
    phone = forms.CharField(
        label="Phone number",
        help_text="One by which the child is reached.",
        required=False,
        max_length=40,
        error_messages={"max_length": "Phone number must be 40 characters or less"},
    )
    place = forms.CharField(
        label="Where the child lives",
        help_text="A postcode, or a house number and street.",
        required=False,
        max_length=200,
        error_messages={"max_length": "Where the child lives must be 200 characters or less"},
    )
    why = forms.ChoiceField(
        label="What do you need it for?",
        help_text="Without this we look only among your own cases. Your answer is on the record.",
        required=False,
        choices=SoughtFor.choices,
        widget=Choices,
        error_messages={"invalid_choice": "Select what you need it for"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = "Reference or name"
        self.fields["words"].help_text = "A name may be misspelt, short, or a part of it."
        self.fields["words"].required = False

    def clean(self) -> dict[str, Any]:
        """At least one thing to look for, and each of them whole enough to be found by."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        sought = self.sought()
        if said.get("phone") and not sought.child.phones:
            self.add_error("phone", "Enter a whole phone number, like 01632 960 001")
        if said.get("place") and not (sought.child.postcode or sought.child.door):
            self.add_error("place", "Enter a postcode, like AB1 2CD, or a house number and street")
        typed = any((sought.words, sought.born, sought.phone, sought.place))
        # Neither a number nor a sign is a name: nobody could be found by it.
        is_nothing = bool(sought.words) and not (sought.reference or sought.child.also)
        if is_nothing or (not typed and not self.errors):
            self.add_error(
                "words", "Enter a reference, a name, a birth date, a phone number or an address"
            )
        return said

    def sought(self) -> Sought:
        """The same for the service."""
        said = self.cleaned_data
        return Sought(
            words=said.get("words", ""),
            born=said.get("born"),
            phone=said.get("phone", ""),
            place=said.get("place", ""),
            why=SoughtFor(said["why"]) if said.get("why") else None,
        )


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

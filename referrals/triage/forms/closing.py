"""What is typed to close a case, to look at the child again, to reopen it, and to hand it over."""

from typing import Any
from uuid import UUID

from django import forms

from portal.common.forms import Choices, KnownDateField, PageForm
from referrals.triage.forms.board import AssignForm
from referrals.triage.services import NOTE_LENGTH, Again, Answered, Ending
from referrals.vocabulary import TESTS, Closing, Found, YesNo


class CloseForm(PageForm):
    """Why a case is closed, and the closure test. Nothing is answered for anybody."""

    reason = forms.ChoiceField(
        label="Why does the work end?",
        help_text="That somebody does not work with us, or has moved, is no reason by itself.",
        choices=Closing.choices,
        widget=Choices,
        error_messages={
            "required": "Select why the work ends",
            "invalid_choice": "Select why the work ends",
        },
    )
    words = forms.CharField(
        label="Why, in your words?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write why the case is closed. A sentence is enough"},
    )
    goes_on_with = forms.CharField(
        label="Who works with the child from now on?",
        help_text="Name and job. For another area, or adult services: who there accepted.",
        max_length=200,
        error_messages={
            "required": "Write who works with the child from now on",
            "max_length": "This must be 200 characters or less",
        },
    )
    agreed_by = forms.CharField(
        label="Who agreed to close the case?",
        help_text="Name, job and agency of each.",
        max_length=200,
        error_messages={
            "required": "Write who agreed to close the case",
            "max_length": "This must be 200 characters or less",
        },
    )
    told_referrer = forms.CharField(
        label="What can we tell the person who referred?",
        help_text="They will read this.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Write what we can tell the person who referred"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: dict[str, forms.Field] = {}
        for code, test in TESTS.items():
            asked[code.value] = forms.ChoiceField(
                label=code.label,
                choices=Found.choices,
                widget=Choices(classes="govuk-radios--inline"),
                error_messages={
                    "required": f"Answer: {code.label}",
                    "invalid_choice": f"Answer: {code.label}",
                },
            )
            asked[f"{code.value}_words"] = forms.CharField(
                label=f"In words: {code.label}",
                help_text=test.hint,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=1000,
                error_messages={"max_length": "This must be 1,000 characters or less"},
            )
        self.fields = {**asked, **self.fields}
        self.keep_to_ourselves()

    def clean(self) -> dict[str, Any]:
        """Ask for the words that an answer needs."""
        typed = super().clean() or self.cleaned_data
        for code, test in TESTS.items():
            said, words = typed.get(code.value), typed.get(f"{code.value}_words", "")
            if said and said != test.fine and not words.strip():
                self.add_error(f"{code.value}_words", test.hint.rstrip("."))
        return typed

    def ending(self) -> Ending:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Ending(
            reason=Closing(typed["reason"]),
            words=typed["words"],
            goes_on_with=typed["goes_on_with"],
            agreed_by=typed["agreed_by"],
            told_referrer=typed["told_referrer"],
            answers={
                code: Answered(Found(typed[code.value]), typed[f"{code.value}_words"])
                for code in TESTS
            },
        )


class LookBackForm(PageForm):
    """What somebody found who asked after the child of a closed case."""

    safe = forms.ChoiceField(
        label="Is the child safe, as far as anybody knows?",
        choices=Found.choices,
        widget=Choices,
        error_messages={
            "required": "Select whether the child is safe",
            "invalid_choice": "Select whether the child is safe",
        },
    )
    asked = forms.CharField(
        label="Who was asked?",
        help_text="Name and job of each. Ask the child too, where that is safe.",
        max_length=200,
        error_messages={
            "required": "Write who was asked",
            "max_length": "This must be 200 characters or less",
        },
    )
    words = forms.CharField(
        label="What did they say?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write what they said. A sentence is enough"},
    )
    reopens = forms.ChoiceField(
        label="Should the case be reopened?",
        choices=YesNo.choices,
        widget=Choices,
        error_messages={"required": "Select yes or no", "invalid_choice": "Select yes or no"},
    )


class ReopenForm(PageForm):
    """Why a closed case is reopened, whose it is, and when it is looked at next."""

    reason = forms.CharField(
        label="Why is the case reopened?",
        help_text="What has happened? What is the risk?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write why the case is reopened. A sentence is enough"},
    )
    told_referrer = forms.CharField(
        label="What can we tell the person who referred?",
        help_text="They will read this.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Write what we can tell the person who referred"},
    )
    owner = forms.ChoiceField(
        label="Who goes on with it?",
        widget=Choices,
        error_messages={"required": "Select who goes on with it", "invalid_choice": "Select who"},
    )
    next_on = KnownDateField(
        label="When is it looked at next?",
        error_messages={"required": "Enter the day on which it is looked at next"},
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields["owner"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = people

    def again(self) -> Again:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Again(
            reason=typed["reason"],
            told_referrer=typed["told_referrer"],
            owner=UUID(typed["owner"]),
            next_on=typed["next_on"],
        )


class HandOverForm(AssignForm):
    """Who is to go on with the cases that were selected, and what they need to know."""

    note = forms.CharField(
        label="What does your colleague need to know?",
        help_text="It stays with each case. What is agreed, what is due, whom to ring.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=NOTE_LENGTH,
        error_messages={
            "required": "Write what your colleague needs to know. A sentence is enough"
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].label = "Who goes on with them?"
        self.fields["to"].error_messages["required"] = "Select who goes on with them"

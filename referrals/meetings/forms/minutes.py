"""What is typed in the room and about the minutes: lines, decisions, actions, comments."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from portal.common.forms import Choices, KnownDateField, PageForm
from referrals.assessments.vocabulary import Level
from referrals.meetings.reading.room import Box
from referrals.meetings.services.concluding import MOST_ACTIONS, Concluded, Wanted
from referrals.meetings.services.minutes import COMMENT_LENGTH
from referrals.meetings.services.writing import LINE_LENGTH
from referrals.meetings.vocabulary import Agreed, Says


class SaidForm(PageForm):
    """A box for each agency that was in the room: what it said. Nothing typed takes a line out."""

    def __init__(self, *args: Any, boxes: Sequence[Box], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.boxes = boxes
        for box in boxes:
            self.fields[f"words-{box.agency}"] = forms.CharField(
                label=box.name,
                required=False,
                initial=box.words,
                max_length=LINE_LENGTH,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={"max_length": f"This must be {LINE_LENGTH:,} characters or less"},
            )
            self.fields[f"seen-{box.agency}"] = forms.CharField(
                required=False, initial=box.version, widget=forms.HiddenInput, max_length=32
            )
        self.keep_to_ourselves()

    def said(self) -> dict[UUID, tuple[str, str]]:
        """What was typed for each agency, and which words its page showed."""
        typed = self.cleaned_data
        return {
            box.agency: (typed[f"words-{box.agency}"], typed[f"seen-{box.agency}"])
            for box in self.boxes
        }


class HandForm(PageForm):
    """Who takes the pen."""

    to = forms.ChoiceField(
        label="Who takes the pen?",
        widget=forms.Select,
        error_messages={"required": "Select who takes the pen", "invalid_choice": "Select who"},
    )

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields["to"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = [("", "Select a person"), *people]


class ConcludeForm(PageForm):
    """What the panel decides about one item, why, who disagrees, what is done, when it looks again.

    An action is either left empty or whole: it has one named owner and a day.
    """

    what = forms.ChoiceField(
        label="What does the panel decide?",
        choices=Agreed.choices,
        widget=Choices,
        error_messages={
            "required": "Select what the panel decides",
            "invalid_choice": "Select what the panel decides",
        },
    )
    words = forms.CharField(
        label="The decision, in a sentence or two",
        help_text="Everybody who was in the room reads this.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what was decided"},
    )
    reasons = forms.CharField(
        label="Why?",
        help_text="What is the risk, and what would change your minds?",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write why this was decided. A sentence is enough"},
    )
    level = forms.ChoiceField(
        label="Which level does the panel propose? (optional)",
        help_text="The level itself is agreed in the joint assessment.",
        required=False,
        choices=[("", "None"), *Level.choices],
        widget=forms.Select,
        error_messages={"invalid_choice": "Select a level from the list"},
    )
    next_on = KnownDateField(
        label="When does the panel look at it next?",
        error_messages={"required": "Enter the day on which the panel looks at it next"},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(
        self,
        *args: Any,
        agencies: Sequence[tuple[UUID, str, str]],
        owners: Sequence[tuple[str, str]],
        seen: str,
        has_case: bool,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {"key": uuid4(), "seen": seen, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.agencies = agencies
        self.places = range(1, MOST_ACTIONS + 1) if has_case else range(0)
        for place in self.places:
            self._add_action(place, owners)
        for pk, name, words in agencies:
            self.fields[f"dissent-{pk}"] = forms.CharField(
                label=f"{name} disagrees because (optional)",
                required=False,
                initial=words,
                max_length=LINE_LENGTH,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        if not has_case:
            del self.fields["level"]
        self.keep_to_ourselves()

    def _add_action(self, place: int, owners: Sequence[tuple[str, str]]) -> None:
        self.fields[f"what-{place}"] = forms.CharField(
            label=f"Action {place}: what will be done? (optional)",
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        self.fields[f"owner-{place}"] = forms.ChoiceField(
            label=f"Action {place}: who does it?",
            required=False,
            choices=[("", "Select a person"), *owners],
            widget=forms.Select,
            error_messages={"invalid_choice": "Select a person from the list"},
        )
        self.fields[f"due-{place}"] = KnownDateField(
            label=f"Action {place}: by when?", required=False
        )
        self.fields[f"effect-{place}"] = forms.CharField(
            label=f"Action {place}: how will we know that it helped?",
            required=False,
            max_length=1000,
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the rest of an action that is begun."""
        typed = super().clean() or self.cleaned_data
        asks = {
            "what": "Write what will be done",
            "owner": "Every action needs an owner. Select one",
            "due": "Every action needs a day. Enter one",
            "effect": "Write how we will know that it helped",
        }
        for place in self.places:
            given = {name: typed.get(f"{name}-{place}") for name in asks}
            if not any(given.values()):
                continue
            for name, asked in asks.items():
                if not given[name] and f"{name}-{place}" not in self.errors:
                    self.add_error(f"{name}-{place}", asked)
        return typed

    def concluded(self) -> Concluded:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Concluded(
            what=Agreed(typed["what"]),
            words=typed["words"],
            reasons=typed["reasons"],
            level=typed.get("level", ""),
            next_on=typed["next_on"],
            key=typed["key"],
            dissent={pk: typed[f"dissent-{pk}"] for pk, _, _ in self.agencies},
            actions=tuple(
                Wanted(
                    what=typed[f"what-{place}"],
                    owner=UUID(typed[f"owner-{place}"]),
                    due=typed[f"due-{place}"],
                    effect=typed[f"effect-{place}"],
                )
                for place in self.places
                if typed[f"what-{place}"]
            ),
        )


class CommentForm(PageForm):
    """Are the lines of my agency right? If not, in which item, and what should change?"""

    says = forms.ChoiceField(
        label="Are the lines of your agency right?",
        choices=Says.choices,
        widget=Choices,
        error_messages={
            "required": "Select if the lines of your agency are right",
            "invalid_choice": "Select if the lines of your agency are right",
        },
    )
    item = forms.ChoiceField(
        label="Which item is it about?",
        required=False,
        widget=forms.Select,
        error_messages={"invalid_choice": "Select an item from the list"},
    )
    words = forms.CharField(
        label="What should change?",
        required=False,
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, items: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4()}
        super().__init__(*args, **kwargs)
        box = self.fields["item"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = [("", "Select an item"), *items]

    def clean(self) -> dict[str, Any]:
        """Ask what should change, and where."""
        typed = super().clean() or self.cleaned_data
        if typed.get("says") == Says.CHANGE:
            if not typed.get("item") and "item" not in self.errors:
                self.add_error("item", "Select the item that it is about")
            if not (typed.get("words") or "").strip() and "words" not in self.errors:
                self.add_error("words", "Write what should change")
        return typed

"""What is typed about actions and reviews. Nothing is selected for anybody."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms

from portal.common.forms import Choices, KnownDateField, PageForm
from referrals.actions.reading import Judged
from referrals.actions.services import Held, Update
from referrals.actions.vocabulary import HELD, WORDS, Effect, Result
from referrals.actions.workflow import Verb
from referrals.assessments.vocabulary import Level
from referrals.vocabulary import YesNo

_TOO_LONG = {"max_length": "This must be 4,000 characters or less"}


def in_words(label: str, missing: str = "", hint: str = "", rows: int = 4) -> forms.CharField:
    """A box for words; `missing` is what is said where they are needed and are not there."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={**_TOO_LONG, "required": missing},
    )


def choice(label: str, choices: Sequence[tuple[str, str]], missing: str) -> forms.ChoiceField:
    """Radios of which one is needed."""
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        widget=Choices,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class KeyedForm(PageForm):
    """A form that may be pressed twice and is done once."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class WhoForm(KeyedForm):
    """A form that names a person, out of those who can be asked."""

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields["who"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = [("", "Select a person"), *people]

    @property
    def chosen(self) -> UUID:
        """Who was selected."""
        return UUID(self.cleaned_data["who"])


def person(label: str, missing: str) -> forms.ChoiceField:
    """A list of people of which one is needed."""
    return forms.ChoiceField(
        label=label,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class GiveForm(WhoForm):
    """An action: what, why, who and by when."""

    what = in_words("What is to be done?", "Write what is to be done", rows=3)
    effect = in_words(
        "Why? What is it to change for the child?",
        "Write what it is to change for the child",
        rows=3,
    )
    who = person("Who does it? One person", "Every action needs an owner: select a person")
    due = KnownDateField(
        label="By which day?",
        error_messages={"required": "Every action needs a date: enter the day"},
    )


_UPDATES = {
    Verb.TAKE_UP: "I have started",
    Verb.ADD: "This has happened so far",
    Verb.CLAIM: "It is done",
    Verb.ASK_TIME: "I need more time",
    Verb.NOT_POSSIBLE: "It cannot be done",
}


class UpdateForm(KeyedForm):
    """One form for whatever an owner has to say, so that it takes one press."""

    verb = choice("How does it stand?", (), "Select how it stands")
    words = in_words(
        "In your words",
        hint="If it is done: what difference did it make for the child? If not: why?",
    )
    instead = in_words("If it cannot be done: what happens instead, or why can nothing?", rows=2)
    until = KnownDateField(label="If you need more time: until which day?", required=False)

    _MISSING = {
        Verb.ADD: "Write what has happened so far",
        Verb.CLAIM: "Write what difference it made for the child",
        Verb.ASK_TIME: "Write why you need more time",
        Verb.NOT_POSSIBLE: "Say why it was not possible",
    }

    def __init__(self, *args: Any, verbs: frozenset[Verb], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields["verb"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        # A press that comes too late goes to the service, which says why.
        offered = _UPDATES if self.is_bound else {v: _UPDATES[v] for v in _UPDATES if v in verbs}
        box.choices = [(verb.value, label) for verb, label in offered.items()]
        if Verb.ASK_TIME not in verbs and not self.is_bound:
            del self.fields["until"]
        if Verb.NOT_POSSIBLE not in verbs and not self.is_bound:
            del self.fields["instead"]

    def clean(self) -> dict[str, Any]:
        """Ask for what goes with the answer."""
        typed = super().clean() or self.cleaned_data
        if not typed.get("verb"):
            return typed
        verb = Verb(typed["verb"])
        if verb in self._MISSING and not typed.get("words", "").strip():
            self.add_error("words", self._MISSING[verb])
        if verb is Verb.NOT_POSSIBLE and not typed.get("instead", "").strip():
            self.add_error("instead", "Say what happens instead, or why nothing can")
        if verb is Verb.ASK_TIME and "until" not in self.errors and not typed.get("until"):
            self.add_error("until", "Enter the day until which you need")
        return typed

    @property
    def update(self) -> Update:
        """What was typed, as the services take it."""
        return Update(self.cleaned_data["words"], self.cleaned_data["key"])


class YesNoForm(PageForm):
    """A yes or a no, with words that a no needs."""

    yes = choice("", YesNo.choices, "Select yes or no")
    words = in_words("Anything to say?", rows=3)

    def __init__(self, *args: Any, asks: str, no_needs: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["yes"].label = asks
        self.no_needs = no_needs

    def clean(self) -> dict[str, Any]:
        """Ask for the words that a no needs."""
        typed = super().clean() or self.cleaned_data
        if typed.get("yes") == YesNo.NO and not typed.get("words", "").strip():
            self.add_error("words", self.no_needs)
        return typed

    @property
    def says_yes(self) -> bool:
        """What was answered."""
        return bool(self.cleaned_data["yes"] == YesNo.YES)


class OfferForm(WhoForm):
    """Whom to hand an action over to."""

    who = person("Who should take it on?", "Select who should take it on")
    words = in_words("A note for them", "Write a note for whoever takes it on", rows=3)


class EffectForm(PageForm):
    """What an action has changed."""

    effect = choice("What did it change for the child?", Effect.choices, "Select what it changed")
    words = in_words(
        "How do you know?", "Write what it has changed for the child", "What do you see now?"
    )


class GiveUpForm(KeyedForm):
    """That an action cannot be done, for those who oversee the case."""

    words = in_words("Why can it not be done?", "Say why it was not possible", rows=3)
    instead = in_words(
        "What happens instead, or why can nothing?",
        "Say what happens instead, or why nothing can",
        rows=3,
    )


class PlanForm(PageForm):
    """The day of the next review, and why that day."""

    on = KnownDateField(
        label="When is it looked at next?",
        error_messages={"required": "Enter the day of the review"},
    )
    why = in_words("Why on this day?", "Write why it is looked at on this day", rows=2)


class ReviewForm(PageForm):
    """What a review found, with the effect of each action that was done."""

    happened = in_words(
        "What has happened since the last review?", "Write what has happened since", rows=5
    )
    level = choice(
        "How great is the concern now?", Level.choices, "Select how great the concern is now"
    )
    differs = in_words("If this is not the level that agencies agreed, why?", rows=2)
    child_view = in_words(
        "What does the child say?",
        "Write what the child says, or why nobody has asked them",
        "In their own words, where you can. If nobody has asked, write why.",
    )
    outcome = choice(
        "What follows?",
        [(each.value, str(each.label)) for each in HELD],
        "Select what follows",
    )
    reason = in_words("Why?", "Write why", rows=3)
    agreed_by = forms.CharField(
        label="Who agreed?",
        help_text="Name, job and agency of each.",
        max_length=200,
        error_messages={
            "required": "Write who agreed",
            "max_length": "This must be 200 characters or less",
        },
    )
    next_on = KnownDateField(
        label="When is it looked at next?",
        required=False,
        help_text="Leave this empty for the last day that the level allows.",
    )

    def __init__(
        self,
        *args: Any,
        actions: Sequence[Judged],
        people: Sequence[tuple[str, str]],
        latest: Sequence[tuple[str, str]],
        agreed: Level | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs, initial={"level": agreed} if agreed else {})
        self.actions, self.agreed = actions, agreed
        if agreed is None:
            del self.fields["differs"]
        else:
            self.fields["differs"].help_text = f"Agencies agreed: {agreed.label}."
        asked: dict[str, forms.Field] = {}
        for number, action in enumerate(actions, 1):
            if action.judges:
                effect = choice(
                    f"Action {number}: what did it change for the child?",
                    Effect.choices,
                    f"Select what action {number} changed",
                )
                asked[f"effect-{action.pk}"] = effect
                asked[f"words-{action.pk}"] = in_words(
                    f"Action {number}: how do you know?",
                    f"Write what action {number} has changed",
                    rows=2,
                )
            if action.asks:
                asked[f"judge-{action.pk}"] = forms.ChoiceField(
                    label=f"Action {number} is your agency's: who of another one judges it?",
                    required=False,
                    choices=[("", "Nobody yet"), *people],
                )
        days = "; ".join(f"{label}, {day}" for label, day in latest)
        self.fields["level"].help_text = f"It is looked at again no later than this. {days}."
        first, rest = dict(list(self.fields.items())[:1]), dict(list(self.fields.items())[1:])
        self.fields = {**first, **asked, **rest}
        self.keep_to_ourselves()

    def clean(self) -> dict[str, Any]:
        """Another level than agencies agreed takes a reason."""
        typed = super().clean() or self.cleaned_data
        level = typed.get("level")
        if self.agreed and level and level != self.agreed and not typed.get("differs"):
            self.add_error("differs", "Write why this is not the level that agencies agreed")
        return typed

    def held(self) -> Held:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        on: date | None = typed["next_on"]
        return Held(
            outcome=Result(typed["outcome"]),
            happened=typed["happened"],
            level=Level(typed["level"]),
            child_view=typed["child_view"],
            reason=typed["reason"],
            agreed_by=typed["agreed_by"],
            next_on=on,
            differs=typed.get("differs", ""),
            effects={
                each.pk: (Effect(typed[f"effect-{each.pk}"]), typed[f"words-{each.pk}"])
                for each in self.actions
                if each.judges
            },
            judges={
                each.pk: UUID(typed[f"judge-{each.pk}"])
                for each in self.actions
                if each.asks and typed[f"judge-{each.pk}"]
            },
        )

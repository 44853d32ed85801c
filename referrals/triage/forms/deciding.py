"""What a coordinator or manager types."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms

from portal.common.forms import Choices, KnownDateField, ManyChoices, PageForm
from referrals.matching.reading import Row
from referrals.triage.services import Check, Then, worker_by
from referrals.vocabulary import CHOSEN_OUTCOMES, Outcome, Side

ELSEWHERE = "elsewhere"
_HINTS: Mapping[str, str] = {
    Outcome.OPEN_CASE: "It stays on the board until they accept.",
    Outcome.TRANSFER: "A manager does this. It stays on the board until they accept.",
    Outcome.ADVICE: "A second person confirms this.",
    Outcome.NFA: "A second person confirms this.",
}


class DecisionForm(PageForm):
    """The decision on a referral. Nothing is chosen for anybody."""

    outcome = forms.ChoiceField(
        label="What should happen next?",
        widget=Choices(hints=_HINTS),
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
        help_text=(
            "They will read this. Say what has been acted on, even if you cannot say how. If you"
            " leave it empty, the next page shows the usual words, if there are any."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    late_reason = forms.CharField(
        label="Why is this decision late?",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        error_messages={"required": "Write why this decision is late"},
    )
    sides = forms.MultipleChoiceField(
        label="What else must happen?",
        help_text="Each becomes a step with an owner and a time. It begins at once.",
        required=False,
        choices=Side.choices,
        widget=ManyChoices,
        error_messages={"invalid_choice": "Select from the list"},
    )

    def __init__(
        self,
        *args: object,
        late: bool = False,
        outcomes: Iterable[Outcome] = CHOSEN_OUTCOMES,
        usual: Mapping[str, str] = MappingProxyType({}),
        **kwargs: object,
    ) -> None:
        """`usual` are the words for the person who referred, where nobody writes other ones."""
        super().__init__(*args, **kwargs)
        self._usual = usual
        if not late:
            del self.fields["late_reason"]
        box = self.fields["outcome"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = [(each.value, each.label) for each in outcomes]

    def clean(self) -> dict[str, Any]:
        """Whoever referred is always told something: what was written, or the usual words."""
        given: dict[str, Any] = super().clean() or {}
        outcome, told = given.get("outcome", ""), given.get("told_referrer")
        # Changed back from the page that checks: the usual words of another decision are not its.
        others = {words for each, words in self._usual.items() if each != outcome}
        anothers = bool(told) and told in others - {self._usual.get(outcome, "")}
        if told == "" or anothers:
            given["told_referrer"] = self._usual.get(outcome, "")
        if not given.get("told_referrer") and told is not None:
            asks = "Write what we can tell the person who referred"
            said = f"These are the usual words of another decision. {asks}"
            self.add_error("told_referrer", said if anothers else asks)
        return given


class ThenForm(PageForm):
    """What follows a decision: asked on the page that checks it, as far as the outcome needs it."""

    owner = forms.ChoiceField(label="Who goes on with it?", widget=forms.Select, required=False)
    to_worker = forms.EmailField(
        label="Work email of the allocated worker",
        help_text="They are asked to accept. Leave it empty if they do not use this portal.",
        required=False,
        error_messages={"invalid": "Enter an email address in the correct format"},
    )
    to_area = forms.ChoiceField(
        label="Which area takes the child on?", widget=forms.Select, required=False
    )
    to_words = forms.CharField(
        label="Who is it, if they do not use this portal?",
        help_text="Name and job, or the authority. You write down later that they have accepted.",
        required=False,
        max_length=200,
        error_messages={"max_length": "This must be 200 characters or less"},
    )
    hidden_from = forms.ChoiceField(
        label="Which agency does the person work for?",
        help_text="Nobody there will see this case until somebody else ends that, with a reason.",
        widget=forms.Select,
        required=False,
        error_messages={"required": "Select the agency, or that it is not in the list"},
    )
    next_on = KnownDateField(
        label="When is it looked at next?",
        help_text="We filled in the usual day. Change it as you like.",
        error_messages={"required": "Enter the day on which it is looked at next"},
    )

    def __init__(self, *args: Any, found: Check, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found
        self._offer("owner", found.owners)
        self._offer("to_area", [("", "Not in this list"), *found.areas])
        self._offer(
            "hidden_from",
            [("", "Select an agency"), (ELSEWHERE, "Not one of these"), *found.agencies],
        )
        hands = {Outcome.OPEN_CASE: {"to_worker", "to_words"}, Outcome.TRANSFER: {"to_area"}}
        asked = {*hands.get(found.outcome, {"owner"}), "next_on"}
        if found.outcome is Outcome.TRANSFER:
            asked.add("to_words")
        if Side.LADO in found.sides:
            asked.add("hidden_from")
            self.fields["hidden_from"].required = True
        for name in set(self.fields) - asked:
            del self.fields[name]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        box = self.fields[name]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = choices

    def then(self) -> Then:
        """What follows, as the service takes it. Raises DomainError for a worker nobody knows."""
        typed = self.cleaned_data
        worker = typed.get("to_worker", "")
        hidden, area, owner = (typed.get(k, "") for k in ("hidden_from", "to_area", "owner"))
        return Then(
            owner=worker_by(worker, self.found.partnership) if worker else _key(owner),
            next_on=typed.get("next_on"),
            sides=self.found.sides,
            hidden_from=None if hidden == ELSEWHERE else _key(hidden),
            works_elsewhere=hidden == ELSEWHERE,
            to_area=_key(area),
            to_words=typed.get("to_words", ""),
        )


def _key(typed: str) -> UUID | None:
    return UUID(typed) if typed else None


class AnswerForm(PageForm):
    """Yes or no to a decision that somebody else proposed."""

    accepts = forms.ChoiceField(
        label="What do you say?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=Choices,
        error_messages={"required": "Select yes or no", "invalid_choice": "Select yes or no"},
    )
    words = forms.CharField(
        label="In words",
        help_text="If you say no, write why. If somebody said yes by phone, write who and when.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"max_length": "This must be 2,000 characters or less"},
    )
    late_reason = forms.CharField(
        label="If it is late by now: why?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        error_messages={"max_length": "This must be 1,000 characters or less"},
    )


class DoneForm(PageForm):
    """What came of a step beside a decision."""

    words = forms.CharField(
        label="What came of it?",
        help_text="A sentence is enough. It stays with the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Write what came of it. A sentence is enough"},
    )


class AgainForm(PageForm):
    """Whether an agency may see a case again that was kept from it."""

    again = forms.ChoiceField(
        label="May the agency see the case again?",
        choices=[("yes", "Yes, from now on"), ("no", "No, not yet")],
        widget=Choices,
        error_messages={"required": "Select yes or no", "invalid_choice": "Select yes or no"},
    )
    why = forms.CharField(
        label="Why?",
        help_text="A sentence is enough. It stays on record that the case was kept from them.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        error_messages={"max_length": "This must be 1,000 characters or less"},
    )

    def clean(self) -> dict[str, Any]:
        """Yes takes a reason."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("again") == "yes" and not given.get("why", "").strip():
            self.add_error("why", "Write why they may see it again. A sentence is enough")
        return given


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
        self, *args: Any, differing: Iterable[Row] = (), late: bool = False, **kwargs: Any
    ) -> None:
        """`differing` are the questions to which the two cases give different answers."""
        super().__init__(*args, **kwargs)
        if not late:
            del self.fields["late_reason"]
        rows = {f"first_{row.key}": row for row in differing}
        for name, row in rows.items():
            choose = f"Choose which {_inside(row.label)} to show first"
            sources = {"mine": f"This case. {row.mine.source}"}
            sources["theirs"] = f"The other case. {row.theirs.source}"
            self.fields[name] = forms.ChoiceField(
                label=f"{row.label}: which should people use?",
                help_text="It is shown first. Both are kept.",
                choices=[("mine", row.mine.text), ("theirs", row.theirs.text)],
                widget=Choices(hints=sources, classes="govuk-radios--inline"),
                error_messages={"required": choose, "invalid_choice": choose},
            )
        self.order_fields(rows)
        self._differing = {name: row.key for name, row in rows.items()}

    def shown_first(self) -> dict[str, str]:
        """By question, in which case the value stands that people should use."""
        return {key: self.cleaned_data[name] for name, key in self._differing.items()}


def _inside(label: str) -> str:
    """A label inside a sentence: small at its beginning, unless it begins with an abbreviation."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"

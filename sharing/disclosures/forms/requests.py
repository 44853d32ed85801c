"""What people type when they ask an agency, and when an agency answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from portal.accounts.models import Team
from portal.common.forms import ManyChoices, PageForm
from referrals.vocabulary import KnownHow, Protect
from sharing.disclosures.forms.told import ToldForm, box, one_of
from sharing.disclosures.policies.requests import ASKED_FOR, MAY_BE_ASKED, Ready
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.services.passing import Passing
from sharing.disclosures.vocabulary import Reply
from sharing.rules.vocabulary import Category

NOW, SOON = "now", "soon"
EVERYBODY = "everybody"


def keep(form: PageForm) -> PageForm:
    """Turn every answer of a form into one that is carried on unseen, for a page that checks it."""
    for field in form.fields.values():
        field.widget = field.hidden_widget()
    return form


class WhoForm(PageForm):
    """Who is asked, and what for: what follows depends on both."""

    team = one_of("Which agency do you want to ask?", (), "Select who to ask")
    purpose = one_of(
        "What do you need it for?",
        [(purpose.value, purpose.label) for purpose in ASKED_FOR],
        "Select what you need it for",
    )

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {str(team.pk): team for team in teams}
        self.fields["team"] = one_of(
            "Which agency do you want to ask?",
            [(pk, team_words(team)) for pk, team in self.teams.items()],
            "Select who to ask",
            help_text="Your question goes to the lead of the agency, who answers for it.",
        )

    def clean_team(self) -> Team:
        return self.teams[self.cleaned_data["team"]]


class RecordForm(ToldForm):
    """What the record of a decision to share needs a person to say."""

    proportionality = box(
        "Why would less not do?",
        help_text="For example, why they need a name, or the whole answer and not a part.",
        required="Write why less would not do",
        rows=2,
    )
    RECORDED = ("proportionality", "child_told", "parents_told", "not_told_why", "consent_limb")
    field_order: Sequence[str] = RECORDED

    def __init__(
        self, *args: Any, records: bool = True, consent: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not records:
            for name in self.RECORDED:
                del self.fields[name]
        elif not consent:
            del self.fields["consent_limb"]


class QuestionForm(RecordForm):
    """What is asked, and why."""

    ready = forms.MultipleChoiceField(
        label="Questions that are often asked",
        help_text="Select any that fit. Each asks for the kind of information that it is about.",
        required=False,
        widget=ManyChoices,
        error_messages={"invalid_choice": "Select questions from this list"},
    )
    categories = forms.MultipleChoiceField(
        label="What kinds of information do you need?",
        help_text="Only what you need now.",
        choices=[(category.value, category.label) for category in MAY_BE_ASKED],
        required=False,
        widget=ManyChoices,
        error_messages={
            "required": "Select what kinds of information you need",
            "invalid_choice": "Select what kinds of information you need",
        },
    )
    question = box(
        "What do you want to know?",
        help_text="Do not write more about the child than they need to answer.",
    )
    why = box(
        "Why do you need it?",
        help_text="They will read this.",
        required="Write what you need to know and why",
    )
    gateway = one_of("Which law lets them answer you?", (), "Select the law")
    how_soon = one_of("How soon do you need an answer?", (), "Select how soon you need an answer")

    field_order = (
        *("ready", "categories", "question", "why", "how_soon", "gateway"),
        *RecordForm.RECORDED,
    )

    def __init__(
        self,
        *args: Any,
        gateways: Sequence[tuple[str, str]],
        soon: str,
        now: str,
        ready: Sequence[Ready],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {each.code: each for each in ready}
        boxes = self.fields["ready"]
        assert isinstance(boxes, forms.MultipleChoiceField)  # noqa: S101
        boxes.choices = [(each.code, each.words) for each in ready]
        if not ready:
            del self.fields["ready"]
        self.fields["gateway"] = one_of(
            "Which law lets them answer you?", gateways, "Select the law that lets them answer you"
        )
        self.fields["how_soon"] = one_of(
            "How soon do you need an answer?",
            [(NOW, now), (SOON, soon)],
            "Select how soon you need an answer",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ready = self._ready()
        if not ready and not cleaned.get("question") and "question" not in self.errors:
            self.add_error("question", "Write what you need to know and why")
        kinds = any(each.category for each in ready) or cleaned.get("categories")
        if not kinds and "categories" not in self.errors:
            self.add_error("categories", "Select what kinds of information you need")
        return cleaned

    def asked_for(self) -> tuple[Category, ...]:
        """The kinds of information that were selected, and those of the ready-made questions."""
        chosen = {*self.cleaned_data["categories"], *(each.category for each in self._ready())}
        return tuple(category for category in MAY_BE_ASKED if category in chosen)

    def words(self) -> str:
        """The ready-made questions that were selected, then the writer's own words."""
        ready = [each.words for each in self._ready()]
        return "\n".join([*ready, self.cleaned_data["question"]]).strip()

    def _ready(self) -> list[Ready]:
        """The ready-made questions that were selected, in the partnership's order."""
        chosen = self.cleaned_data.get("ready", [])
        return [each for code, each in self.offered.items() if code in chosen]


class PassOnForm(PageForm):
    """Who of the team answers. Nobody is chosen beforehand."""

    to = one_of("Who answers it?", (), "Select who answers it")

    def __init__(self, *args: Any, found: Passing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(pk), name) for pk, name in found.people]
        if found.had:
            choices.append((EVERYBODY, "Nobody in particular: any lead of our agency"))
        self.fields["to"] = one_of("Who answers it?", choices, "Select who answers it")

    def clean_to(self) -> UUID | None:
        """The key of the membership, or nothing for the whole team."""
        chosen = self.cleaned_data["to"]
        return None if chosen == EVERYBODY else UUID(chosen)


class ReplyForm(PageForm):
    """The first page of an answer. Nothing is chosen for anybody."""

    label_size = "m"
    reply = one_of("What is your answer?", Reply.choices, "Select an answer")


class AnswerForm(RecordForm):
    """An answer that shares: words for each kind asked for, how known, and how protected."""

    def __init__(self, *args: Any, categories: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record = dict(self.fields)
        self.categories = tuple(categories)
        self.fields.clear()
        for category in self.categories:
            text, how, protect = self.names(category)
            self.fields[text] = box(
                category.label, help_text="Leave it empty if you hold nothing of this kind.", rows=4
            )
            self.fields[how] = one_of(
                f"How do you know this? ({category.label})",
                KnownHow.choices,
                "Select how you know this",
                optional=True,
            )
            self.fields[protect] = one_of(
                f"Should anybody be kept from reading it? ({category.label})",
                [("none", "No"), *((p.value, f"Yes: {p.label}") for p in Protect if p)],
                "Select whether anybody should be kept from reading it",
                optional=True,
            )
        self.fields.update(record)
        self.keep_to_ourselves()

    @staticmethod
    def names(category: Category) -> tuple[str, str, str]:
        """The names of the three fields about one kind of information."""
        return f"text_{category}", f"how_{category}", f"protect_{category}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        texts = []
        for category in self.categories:
            text, how, protect = self.names(category)
            texts.append(cleaned.get(text))
            if not cleaned.get(text):
                continue
            if not cleaned.get(how) and how not in self.errors:
                self.add_error(how, "Select how you know this")
            if not cleaned.get(protect) and protect not in self.errors:
                self.add_error(protect, "Select whether anybody should be kept from reading it")
        if not any(texts) and not self.errors and self.categories:
            first = self.names(self.categories[0])[0]
            self.add_error(first, "Write an answer, or go back and say that you hold nothing")
        return cleaned


class DeclineForm(RecordForm):
    """Why it is not shared now. The record of a no is that of a yes."""

    words = box(
        "Why will you not share it now?",
        help_text="What harm would sharing do? The team that asks will read this.",
        required="Write why you will not share it now",
    )
    field_order = ("words", "consent_limb")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("proportionality", "child_told", "parents_told", "not_told_why"):
            del self.fields[name]


class NothingForm(PageForm):
    """Nothing is held."""

    words = box("Is there anything that they should know?", help_text="They will read this.")


class NotUsForm(PageForm):
    """Somebody else would hold it."""

    words = box(
        "Who should they ask instead?",
        help_text="They will read this.",
        required="Write who to ask instead, or why it is not you",
    )

"""What people type about what a panel looks at: nominations, agendas, what agencies bring."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms

from portal.common.forms import PageForm
from referrals.meetings.forms.fields import Once, box_field, line_field, number_field, one_of
from referrals.meetings.reading import AgendaLine
from referrals.meetings.services import Put
from referrals.meetings.vocabulary import LONGEST_WHY, ItemKind
from referrals.meetings.workflow import Sifting
from referrals.vocabulary import PANEL_CATEGORIES
from sharing.rules.vocabulary import Category


class NominateForm(Once):
    """Why a child is put to the panel, and how much time that needs."""

    series = one_of("Which panel?", (), "Select the panel")
    why = box_field(
        "Why should the panel look at this now?",
        "Write why the panel should look at this. A sentence is enough",
        LONGEST_WHY,
        "What has changed, and what one agency alone cannot do. Those who are invited read this.",
    )
    minutes = number_field("Minutes that it needs", 1, 120)

    def __init__(self, *args: Any, panels: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        kwargs["initial"] = {"minutes": 10, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["series"].choices = list(panels)  # type: ignore[attr-defined]
        if len(panels) == 1:
            self.fields["series"].widget = forms.HiddenInput()
            self.fields["series"].initial = panels[0][0]

    def put(self) -> Put:
        """What was typed."""
        said = self.cleaned_data
        return Put(series=UUID(said["series"]), why=said["why"], minutes=said["minutes"])


class NominateOtherForm(NominateForm):
    """A person who may pose a risk, a place or a theme, in words that name no child."""

    kind = one_of(
        "What is it about?",
        [(kind.value, str(kind.label)) for kind in ItemKind if kind is not ItemKind.CHILD],
        "Select what it is about",
    )
    title = line_field("What it is called", "Write what it is called")
    words = box_field(
        "What the panel needs to know of it",
        "Write what the panel needs to know of it",
        4000,
        "Write no child\u2019s name and no reference: nobody must learn from this which children it"
        " is about. What the police hold as intelligence is theirs to bring.",
        rows=6,
    )
    field_order = ("kind", "title", "words", "why", "minutes", "series", "key")

    def put(self) -> Put:
        """What was typed."""
        said = self.cleaned_data
        return Put(
            series=UUID(said["series"]),
            why=said["why"],
            minutes=said["minutes"],
            kind=ItemKind(said["kind"]),
            title=said["title"],
            words=said["words"],
        )


class SiftForm(PageForm):
    """The answer to a nomination."""

    step = one_of(
        "What is the answer?",
        [(step.value, str(step.label)) for step in (Sifting.ACCEPT, Sifting.DECLINE, Sifting.ASK)],
        "Select the answer",
    )
    reason = box_field(
        "Why, or what you ask",
        "",
        LONGEST_WHY,
        "You need not say why you accept. Whoever nominated reads this.",
    )
    alternative = box_field(
        "If you decline: what happens instead?",
        "",
        LONGEST_WHY,
        "Another meeting, a plan that goes on, an agency that acts. Nobody drops off silently.",
    )


class AnswerForm(PageForm):
    """What a nominator answers to a question about what they nominated."""

    reason = box_field("Your answer", "Write your answer", LONGEST_WHY)


class WithdrawForm(PageForm):
    """Why a nominator takes back what they nominated."""

    reason = box_field("Why do you withdraw it?", "Write why you withdraw it", LONGEST_WHY)


class AddForm(PageForm):
    """What is ready and goes on the agenda."""

    nomination = forms.MultipleChoiceField(
        choices=(), error_messages={"required": "Select at least one"}
    )

    def __init__(self, *args: Any, ready: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nomination"].choices = [(str(line.pk), "") for line in ready]  # type: ignore[attr-defined]


class MoveForm(PageForm):
    """Which item goes to which place."""

    item = forms.ChoiceField(
        label="Item", error_messages={"required": "Select the item that you move"}
    )
    place = forms.ChoiceField(label="To place", error_messages={"required": "Select its place"})

    def __init__(self, *args: Any, lines: Sequence[AgendaLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            ("", "Select an item"),
            *((str(line.pk), f"{line.number}. {line.title}") for line in lines),
        ]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "Select a place"),
            *((str(line.number), str(line.number)) for line in lines),
        ]


class MinutesForm(PageForm):
    """How many minutes each item has."""

    def __init__(self, *args: Any, lines: Sequence[AgendaLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in lines:
            name = f"minutes_{line.pk.hex}"
            self.fields[name] = number_field(f"{line.number}. {line.title}", 1, 120)
            self.fields[name].initial = line.minutes
        self.keep_to_ourselves()

    def minutes(self) -> dict[UUID, int]:
        """What was typed, by item."""
        return {
            UUID(name.removeprefix("minutes_")): count for name, count in self.cleaned_data.items()
        }


class ContributeForm(Once):
    """What an agency brings to an item."""

    words = box_field(
        "What does your agency know that the panel needs?",
        "Write what your agency knows. A sentence is enough",
        4000,
        "Facts with their dates first, then what you think of them. Say which is which.",
        rows=6,
    )
    about = one_of(
        "What is it mostly about?",
        [(category.value, str(category.label)) for category in PANEL_CATEGORIES],
        "Select what it is mostly about",
        "This decides who of the panel reads it.",
    )

    def __init__(self, *args: Any, is_child: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_child:
            del self.fields["about"]

    @property
    def category(self) -> Category:
        """What it is mostly about."""
        return Category(self.cleaned_data.get("about", Category.IC4))

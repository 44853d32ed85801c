"""What is named one by one: a form for each kind, and what a draft's lists say."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.forms import Choices, KnownDateField, PageForm, Words
from referrals.intake.models import Draft
from referrals.intake.services import items_of
from referrals.services.items import (
    EARLIEST,
    ESSENTIAL,
    FIELDS,
    LINE,
    STORY,
    Doing,
    Interview,
    Item,
    ItemKind,
    Means,
)
from referrals.vocabulary import Answer, Certainty, Known, KnownHow

HOW = [
    (KnownHow.SAW, "I saw or heard it myself"),
    (KnownHow.CHILD_SAID, "The child told me"),
    (KnownHow.TOLD, "Somebody else told me"),
    (KnownHow.WORKED_OUT, "I worked it out from other things"),
]
"""How the person knows it, in the words of the person."""


def _line(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=LINE, error_messages=_LONG
    )


def _story(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=STORY,
        widget=Words(attrs={"rows": 3}),
        error_messages=_LONG,
    )


_LONG = {
    "max_length": "Your answer must be %(limit_value)d characters or less. It has %(show_value)d"
}


def _pick(
    label: str, choices: type[TextChoices], help_text: str = "", *, divided: bool = True
) -> forms.ChoiceField:
    divider = {"not_known": "or"} if divided else None
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=choices.choices,
        widget=Choices(divider=divider),
        error_messages={"invalid_choice": f"Select an answer to “{label}”"},
    )


class ItemForm(PageForm):
    """One that is named. How it is known, and how sure that is, go with it wherever it goes."""

    kind: ItemKind
    item = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_how"] = forms.ChoiceField(
            label="How do you know this?",
            choices=HOW,
            widget=Choices,
            error_messages={
                "required": "Select how you know this",
                "invalid_choice": "Select how you know this",
            },
        )
        self.fields["sure"] = forms.ChoiceField(
            label="How sure are you?",
            choices=Certainty.choices,
            widget=Choices,
            error_messages={
                "required": "Select how sure you are",
                "invalid_choice": "Select how sure you are",
            },
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names, says = ESSENTIAL[self.kind]
        if not any(cleaned.get(name) for name in names) and not any(
            name in self.errors for name in names
        ):
            self.add_error(names[0], says)
        return cleaned

    @property
    def said(self) -> Item:
        """What was typed, as it is sent. The form is valid."""
        said = self.cleaned_data
        given = {name: _as_sent(said.get(name)) for name in FIELDS[self.kind]}
        return Item(
            kind=self.kind,
            fields={name: value for name, value in given.items() if value},
            known_how=KnownHow(said["known_how"]),
        )


def _as_sent(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


class PersonForm(ItemForm):
    """Somebody who may pose a risk to the child."""

    kind = ItemKind.PEOPLE
    name = _line("Name", "If you know it. A first name is enough.")
    nicknames = _line("Nicknames or other names")
    age = _line("About how old are they?", "For example, 25 to 30.")
    description = _story("What do they look like, and what else do you know?")
    relation = _line(
        "How do they know the child?", "For example, a coach, or the brother of a friend."
    )
    contact = _line("Where do they live, or how can they be reached?")
    role = _pick("What may they be doing?", Doing)
    may_be_child = _pick(
        "Could they be a child themselves?",
        Known,
        "A child is anyone under 18. We look after every child, so we ask.",
    )
    works = _pick(
        "Do they work or volunteer with children?",
        Known,
        "If they do, other people must be told who look after children.",
    )
    works_where = _line("Where do they work or volunteer?")


class PlaceForm(ItemForm):
    """A place or a venue."""

    kind = ItemKind.PLACES
    name = _line("What is the place?", "For example, a flat, a takeaway or a park.")
    address = _line("Where is it?", "An address, or how to find it.")
    times = _line("When is the child there?")
    happens = _story("What happens there?")
    licence = _pick(
        "Does it need a licence to do business?", Known, "For example, a hotel or a taxi office."
    )


class OnlineForm(ItemForm):
    """An online account, a phone or a vehicle."""

    kind = ItemKind.ONLINE
    means = _pick("What is it?", Means, divided=False)
    name = _line("Account name, phone number or registration", "A part of it is enough.")
    description = _line("Which app or site? Or which make, model and colour?")
    who = _line("Who uses it, or drives it?")
    taxi = _pick("Is it a taxi or private hire vehicle?", Known)
    used_for = _story("How is it used?")


class OtherChildForm(ItemForm):
    """Another child who may be at risk."""

    kind = ItemKind.CHILDREN
    name = _line("Name", "If you know it. A first name is enough.")
    nicknames = _line("Nicknames or other names")
    age = _line("About how old are they?")
    description = _story("If you do not know a name, describe them")
    relation = _line("How do they know the child you are writing about?")
    worry = _story("Why are you worried about them?")
    reported = _pick("Has social care been told about them?", Known)


class MissingForm(ItemForm):
    """A time the child has been missing."""

    kind = ItemKind.MISSING
    day = KnownDateField(
        label="Which day did the child go missing?",
        help_text="If you know it. For example, 27 3 2026",
        required=False,
    )
    about = _line("Or about when?", "For example, a week before half term.")
    how_long = _line("For how long?")
    found = _story("Where was the child, and who with?")
    reported = _pick("Were the police told?", Known)
    interview = _pick(
        "Was the child offered a talk when they came back?",
        Interview,
        "A return interview, with somebody from outside the home.",
    )

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and day.isoformat() < EARLIEST:
            raise forms.ValidationError("The day must include a year, like 2026")
        if day and day > timezone.now().astimezone(LONDON).date():
            raise forms.ValidationError("The day must be today or in the past")
        return day


class RemoveForm(PageForm):
    """Which one is taken out: its own number, since places change."""

    item = forms.CharField(widget=forms.HiddenInput, required=False)


@dataclass(frozen=True, repr=False)
class ListPage:
    """The words around one list. `one` is what one of it is called."""

    form: type[ItemForm]
    one: str
    asks: str
    none: str
    why: str
    a: str = "a"


LISTS: dict[ItemKind, ListPage] = {
    ItemKind.PEOPLE: ListPage(
        PersonForm,
        "person",
        "Do you know of anyone who may pose a risk?",
        "No one that I know of",
        "Tell us about anyone who may harm the child, or whom others may use to do it."
        " A nickname or a description is enough.",
    ),
    ItemKind.PLACES: ListPage(
        PlaceForm,
        "place",
        "Do you know of a place that matters?",
        "No place that I know of",
        "Tell us where the child is taken, meets people or has been seen.",
    ),
    ItemKind.ONLINE: ListPage(
        OnlineForm,
        "account, phone or vehicle",
        "Do you know of an account, a phone or a vehicle?",
        "None that I know of",
        "Tell us by what means people reach the child or move the child.",
        a="an",
    ),
    ItemKind.CHILDREN: ListPage(
        OtherChildForm,
        "child",
        "Do you know of another child who may be at risk?",
        "No other child that I know of",
        "Tell us about each child by themselves. The people who check referrals will read it."
        " It is not shown to another child or family.",
    ),
    ItemKind.MISSING: ListPage(
        MissingForm,
        "time",
        "Do you know of a time when the child was missing?",
        "No time that I know of",
        "Count any time when nobody who cares for the child knew where they were.",
    ),
}
"""Each list, in the order in which it is asked."""


class MoreForm(PageForm):
    """Whether there is one more to name."""

    label_size = "m"

    def __init__(self, *args: Any, page: ListPage, empty: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        says = f"Select yes if you want to add {page.a if empty else 'another'} {page.one}"
        self.fields["more"] = forms.ChoiceField(
            label=page.asks if empty else f"Do you want to add another {page.one}?",
            choices=[("yes", "Yes"), ("no", page.none if empty else "No")],
            widget=Choices,
            error_messages={"required": says, "invalid_choice": says},
        )


@dataclass(frozen=True, repr=False)
class Named:
    """One of a list of a draft, for its author: its place, and what was typed."""

    n: int
    item: str
    title: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)
    finished: bool


def listed(draft: Draft, kind: ItemKind) -> list[Named]:
    """What a draft names of this kind, in its own words, finished or not."""
    page = LISTS[kind]
    found = []
    for n, typed in enumerate(items_of(draft, kind), start=1):
        form = page.form(data=typed)
        finished = form.is_valid()
        found.append(
            Named(
                n=n,
                item=typed.get("item", ""),
                title=f"{page.one.capitalize()} {n}",
                rows=tuple(_rows(form, typed)),
                finished=finished,
            )
        )
    return found


def _rows(form: ItemForm, typed: dict[str, str]) -> Iterator[tuple[str, str]]:
    asked = FIELDS[form.kind]
    how = dict(HOW)
    for name in form.fields:
        if name == "item":
            continue
        value = form.cleaned_data.get(name)
        if name == "known_how":
            words = str(how.get(value, "")) if value else ""
            label = "How it is known"
        else:
            label = asked[name].label
            words = asked[name].words(_as_sent(value)) if value else ""
        # What is not a possible answer was typed all the same, and is not hidden from its author.
        boxes = (text for box, text in typed.items() if box.partition("-")[0] == name)
        words = words or " ".join(filter(None, boxes))
        if words:
            yield label, words


def read_items(draft: Draft) -> tuple[Item, ...]:
    """Read what a draft names, for sending; a list that was said to be empty is said to be so.

    One that is not finished is left out: `unfinished_lists` has named its list before.
    """
    found: list[Item] = []
    for kind, page in LISTS.items():
        kept = [page.form(data=typed) for typed in items_of(draft, kind)]
        found += [form.said for form in kept if form.is_valid()]
        if not kept and draft.answers.get(kind, {}).get("more") == "no":
            found.append(Item(kind=kind, answer=Answer.NOT_KNOWN))
    return tuple(found)


def unfinished_lists(draft: Draft) -> list[ItemKind]:
    """The lists of a draft in which one still lacks an answer that must be given."""
    return [kind for kind in LISTS if not all(each.finished for each in listed(draft, kind))]

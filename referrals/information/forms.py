"""What people type into an information report: one page of words, and a form for each thing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.forms import Choices, KnownDateField, PageForm, Words, without_nul
from portal.common.moments import day
from referrals.information.models import Draft
from referrals.information.reading import numbered
from referrals.information.services import Information, things_of
from referrals.information.vocabulary import ASKED, Verdict
from referrals.intake.forms import lists as intake
from referrals.services.items import ItemKind
from referrals.vocabulary import Answer, Certainty, KnownHow

HOW: Final = [
    (KnownHow.SAW, "I saw or heard it myself"),
    (KnownHow.TOLD, "Somebody else told me"),
    (KnownHow.RECORD, "It is from a record"),
]
"""How the person knows it, in the words of the person."""


def _choose(label: str, choices: Any, error: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=choices,
        widget=Choices,
        error_messages={"required": error, "invalid_choice": error},
    )


class WhatForm(PageForm):
    """What somebody tells, how they know it, and who may learn that they did."""

    what = forms.CharField(
        label="What do you want to tell us?",
        help_text="Who, where, when and what happened. You do not need proof.",
        widget=Words(attrs={"rows": 8}),
        max_length=8000,
        error_messages={
            "required": "Write what you want to tell us. A short note is enough",
            "max_length": "Your answer must be 8,000 characters or less",
        },
    )
    known_how = _choose("How do you know this?", HOW, "Select how you know this")
    told_by = forms.CharField(
        label="If somebody told you, who was it?",
        help_text="Leave it empty if naming them could put them at risk.",
        required=False,
        max_length=200,
        error_messages={"max_length": "Your answer must be 200 characters or less"},
    )
    sure = _choose("How sure are you?", Certainty.choices, "Select how sure you are")
    from_day = KnownDateField(
        label="First day on which it happened",
        help_text="If you know it. For example, 27 3 2026",
        required=False,
    )
    to_day = KnownDateField(
        label="Last day on which it happened",
        help_text="If it was more than one day",
        required=False,
    )
    name = _choose(
        "May the police read who you are?",
        [("yes", "Yes"), ("no", "No, keep my name and my agency from them")],
        "Select whether the police may read who you are",
        "The people at the front door can always read it, so that they can ask you.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        today = timezone.now().astimezone(LONDON).date()
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        for field, each in (("from_day", first), ("to_day", last)):
            if isinstance(each, date) and each > today:
                self.add_error(field, "The day must be today or in the past")
        if last and "from_day" not in self.errors and (first is None or first > last):
            self.add_error("from_day", "The first day must be given, and not be after the last day")
        return cleaned


class _ThingForm(intake.ItemForm):
    """A form of a referral's list, without the questions about one child."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_how"] = _choose("How do you know this?", HOW, "Select how you know this")
        for name in set(self.fields) - set(ASKED[self.kind]) - {"item", "known_how"}:
            del self.fields[name]
        self.order_fields([*ASKED[self.kind], "known_how"])


class PersonForm(_ThingForm, intake.PersonForm):
    """Somebody who may pose a risk to children."""


class PlaceForm(_ThingForm, intake.PlaceForm):
    """A place that matters."""


class MeansForm(_ThingForm, intake.OnlineForm):
    """An online account, a phone or a vehicle."""


THINGS: Final[dict[ItemKind, type[_ThingForm]]] = {
    ItemKind.PEOPLE: PersonForm,
    ItemKind.PLACES: PlaceForm,
    ItemKind.ONLINE: MeansForm,
}
"""What may be named, and its form."""


class AnotherForm(PageForm):
    """Whether there is one more to name, and of which kind."""

    more = _choose(
        "Do you want to add somebody or something?",
        [
            (ItemKind.PEOPLE, "A person"),
            (ItemKind.PLACES, "A place"),
            (ItemKind.ONLINE, "An online account, a phone or a vehicle"),
            ("no", "No, I have finished"),
        ],
        "Select what you want to add, or that you have finished",
    )


class LinkForm(PageForm):
    """What a person found about a link that is proposed, and why."""

    verdict = _choose("Is it the same one?", Verdict.choices, "Select whether it is the same one")
    reason = forms.CharField(
        label="Why?",
        help_text="A sentence is enough.",
        widget=Words(attrs={"rows": 3}),
        max_length=1000,
        error_messages={
            "required": "Write why. A sentence is enough",
            "max_length": "Your answer must be 1,000 characters or less",
        },
    )


def typed(form: PageForm) -> dict[str, str]:
    """What was typed: the form's own boxes."""
    return {
        box: without_nul(text)
        for box, text in form.data.items()
        if box != "item" and box.partition("-")[0] in form.fields
    }


def refilled(form: PageForm, kept: Mapping[str, str]) -> dict[str, object]:
    """What was typed before, as the widgets want it back."""
    return {
        name: field.widget.value_from_datadict(kept, {}, name)
        for name, field in form.fields.items()
    }


def words_in(draft: Draft) -> list[tuple[str, str]]:
    """What is saved of the page of words: each question, and its answer in words."""
    form = WhatForm(draft.answers.get("what", {}))
    form.full_clean()
    found = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        words = dict(getattr(field, "choices", ())).get(value, value)
        found.append(
            (str(field.label), day(words) if isinstance(words, date) else str(words or ""))
        )
    return [(label, words or Answer.NOT_PROVIDED.label) for label, words in found]


def read_draft(draft: Draft) -> Information | None:
    """Read a draft for sending; None while something in it lacks an answer."""
    what = WhatForm(draft.answers.get("what", {}))
    named = [THINGS[ItemKind(each["kind"])](each) for each in things_of(draft)]
    if not what.is_valid() or not all(form.is_valid() for form in named):
        return None
    said = what.cleaned_data
    return Information(
        what=said["what"],
        known_how=KnownHow(said["known_how"]),
        told_by=said["told_by"],
        sure=Certainty(said["sure"]),
        from_day=said["from_day"],
        to_day=said["to_day"],
        name_withheld=said["name"] == "no",
        things=tuple(form.said for form in named),
    )


def named_in(draft: Draft) -> list[dict[str, object]]:
    """What a draft names, for its author: (item, heading, rows, kind, place, finished)."""
    found: list[dict[str, object]] = []
    for n, each in enumerate(things_of(draft), start=1):
        kind = ItemKind(each["kind"])
        form = THINGS[kind](each)
        finished = form.is_valid()
        words = [
            (one.label, one.words(value) if finished else value)
            for name, one in ASKED[kind].items()
            if (value := each.get(name, "").strip())
        ]
        if finished:
            words.append(("How you know", dict(HOW)[KnownHow(form.cleaned_data["known_how"])]))
        found.append(
            {
                "item": each["item"],
                "title": numbered(kind, n),
                "rows": words,
                "kind": kind,
                "n": n,
                "finished": finished,
            }
        )
    return found

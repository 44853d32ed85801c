"""What the author of an answer types to protect it, correct it or remove it."""

import re
from typing import Any, Final

from django import forms

from portal.common.forms import Choices, ManyChoices, PageForm, Words
from referrals.services import CORRECTION_LENGTH, REASON_LENGTH
from referrals.vocabulary import KnownHow, Protect

ALL, PARTS, NOTHING = "all", "parts", "nothing"
_PIECES: Final = {
    "sentences": re.compile(r"\S[^.!?\n]*[.!?]*", re.UNICODE),
    "words": re.compile(r"\S+"),
}


def pieces(text: str, by: str) -> list[tuple[int, int]]:
    """Where each sentence, or each word, of a text begins and ends."""
    return [match.span() for match in _PIECES[by].finditer(text)]


class MarkForm(PageForm):
    """How much of an answer is protected, and why."""

    how_much = forms.ChoiceField(
        label="How much do you want to protect?",
        widget=Choices,
        error_messages={
            "required": "Select how much you want to protect",
            "invalid_choice": "Select how much you want to protect",
        },
    )
    parts = forms.MultipleChoiceField(
        label="If parts of it, which?",
        help_text="Others read in each place how many words are withheld, and why.",
        required=False,
        widget=ManyChoices,
        error_messages={"invalid_choice": "Select parts of the text as it stands"},
    )
    why = forms.ChoiceField(
        label="Why?",
        required=False,
        widget=Choices,
        error_messages={"invalid_choice": "Select why it is protected"},
    )

    def __init__(
        self, *args: Any, text: str, by: str, wrote: bool, conceals: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.places = pieces(text, by)
        much = [(ALL, "All of it"), (PARTS, "Parts of it")]
        whys = [
            (p.value, p.label.capitalize()) for p in Protect if p and p is not Protect.EXISTENCE
        ]
        if wrote:
            much.append((NOTHING, "Nothing: take the protection away"))
        if conceals:
            whys.append(
                (Protect.EXISTENCE.value, "Conceal that there is such an answer, from everybody")
            )
        chosen = [
            (str(place), f"{place + 1}. {text[start:end]}")
            for place, (start, end) in enumerate(self.places)
        ]
        for name, choices in (("how_much", much), ("parts", chosen), ("why", whys)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        much = cleaned.get("how_much")
        if much in (ALL, PARTS) and not cleaned.get("why") and "why" not in self.errors:
            self.add_error("why", "Select why it is protected")
        if much == PARTS and not cleaned.get("parts") and "parts" not in self.errors:
            self.add_error("parts", "Select at least one part")
        if much == PARTS and cleaned.get("why") == Protect.EXISTENCE:
            self.add_error("why", "To conceal an answer, choose all of it")
        return cleaned

    def spans(self) -> list[tuple[int, int]]:
        """The parts that were selected; neighbours are one part."""
        if self.cleaned_data["how_much"] != PARTS:
            return []
        found: list[tuple[int, int]] = []
        last = -2
        for place in sorted(map(int, self.cleaned_data["parts"])):
            start, end = self.places[place]
            if place == last + 1:
                start, _ = found.pop()
            found.append((start, end))
            last = place
        return found

    def protects(self) -> Protect:
        """The reason that was selected, or none where the protection is taken away."""
        if self.cleaned_data["how_much"] == NOTHING:
            return Protect.NONE
        return Protect(self.cleaned_data["why"])


class CorrectForm(PageForm):
    """What is right, how it is known, and why it was wrong."""

    text = forms.CharField(
        label="What is right?",
        help_text="The whole answer as it should be read from now on.",
        max_length=4000,
        widget=Words(attrs={"rows": 5}),
        error_messages={"required": "Write what is right"},
    )
    known_how = forms.ChoiceField(
        label="How do you know this?",
        choices=KnownHow.choices,
        widget=Choices,
        error_messages={
            "required": "Select how you know this",
            "invalid_choice": "Select how you know this",
        },
    )
    why = forms.CharField(
        label="Why is it corrected?",
        help_text="A few words that everybody with the case reads. Name nobody.",
        max_length=CORRECTION_LENGTH,
        error_messages={"required": "Write why it is corrected"},
    )


class RemoveForm(PageForm):
    """Why an answer is removed."""

    why = forms.CharField(
        label="Why is it removed?",
        help_text="A few words that everybody with the case reads. Name nobody.",
        max_length=REASON_LENGTH,
        error_messages={"required": "Write why it is removed"},
    )

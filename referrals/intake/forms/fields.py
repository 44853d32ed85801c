"""The kinds of answer on the question pages. Each comes out as what is told: words, or why none."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms

from portal.common.clock import LONDON
from portal.common.forms import Choices, ManyChoices, PageForm, Words
from referrals.intake.models import Draft
from referrals.services import Told, chosen
from referrals.vocabulary import CHOSEN, NO_ANSWER, SEVERAL, Answer

LONGEST = 4000
SHORT = 300


class QuestionForm(PageForm):
    """A page of the flow. `draft` is what has been said so far.

    `reread`: the page was finished before and is only read again, so the clock may have moved on.
    """

    def __init__(
        self, *args: Any, draft: Draft | None = None, reread: bool = False, **kwargs: Any
    ) -> None:
        self.draft = draft
        self.reread = reread
        super().__init__(*args, **kwargs)

    def answers(self) -> dict[str, Told]:
        """The answers of this page by question, once it has been cleaned."""
        return {key: value for key, value in self.cleaned_data.items() if isinstance(value, Told)}

    def facts(self) -> dict[str, Any]:
        """What this page says beside answers: fields of `Concern`."""
        return {}


class _Prompted(forms.Widget):
    """A box for words, and in its place a choice that says why there are none.

    The choice is of radios below the box. Words win over it.
    """

    label = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002
        words = str(data.get(name, "") or "").replace("\r\n", "\n")
        return {"words": words, "none": str(data.get(f"{name}-none", "") or "")}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        given = value if isinstance(value, Mapping) else {}
        context: dict[str, Any] = super().get_context(name, given.get("words"), attrs)
        context["widget"]["label"] = self.label
        context["widget"]["none"] = [
            {"value": each.value, "label": each.label, "is_set": given.get("none") == each}
            for each in NO_ANSWER
        ]
        return context


_PROMPTED = "django/forms/widgets/prompted.html"


class PromptedLine(_Prompted, forms.TextInput):
    """One line."""

    template_name = _PROMPTED


class PromptedWords(_Prompted, forms.Textarea):
    """Several lines."""

    template_name = _PROMPTED


class AskedField(forms.Field):
    """A prompted question in somebody's own words: answered, or said why not."""

    def __init__(self, *, longest: int = SHORT, rows: int = 0, **kwargs: Any) -> None:
        widget = PromptedWords(attrs={"rows": rows}) if rows else PromptedLine()
        super().__init__(required=False, widget=widget, **kwargs)
        self.longest = longest
        widget.label = str(self.label)

    def clean(self, value: Any) -> Told:
        """Return the words, or why there are none. Raises ValidationError for too many."""
        given = value if isinstance(value, Mapping) else {"words": value}
        words = str(given.get("words") or "").strip()
        over = len(words) - self.longest
        if over > 0:
            raise forms.ValidationError(
                f"Your answer must be {self.longest:,} characters or less. Take out {over:,}"
            )
        if words:
            return Told(words)
        none = given.get("none")
        return Told(answer=Answer(none) if none in NO_ANSWER else Answer.NOT_PROVIDED)


class StoryField(forms.CharField):
    """A narrative. Nothing has to be written; what is too long is said by how much."""

    def __init__(self, label: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            max_length=LONGEST,
            widget=Words(attrs={"rows": 5}),
            error_messages={
                "max_length": "Your answer must be 4,000 characters or less. It has %(show_value)s"
            },
            **kwargs,
        )

    def clean(self, value: Any) -> Told:
        """Return the words, or that there are none."""
        words = super().clean(value)
        return Told(words) if words else Told(answer=Answer.NOT_PROVIDED)


def _with_no_answer(key: str) -> tuple[list[tuple[str, str]], str]:
    offered = [(str(each.value), str(each.label)) for each in (*CHOSEN[key], *NO_ANSWER)]
    return offered, NO_ANSWER[0].value


class ChosenField(forms.ChoiceField):
    """A prompted question that is answered by choosing one of `CHOSEN`."""

    def __init__(self, key: str, *, select: bool = False, **kwargs: Any) -> None:
        choices, first = _with_no_answer(key)
        self.key = key
        widget: forms.Widget = Choices(divider={first: "or"})
        if select:
            choices = [("", "Choose one"), *choices]
            widget = forms.Select()
        super().__init__(required=False, choices=choices, widget=widget, **kwargs)

    def clean(self, value: Any) -> Told:
        """Return the words of the label, or why there are none."""
        code = super().clean(value)
        return chosen(self.key, [code] if code else [])


class SeveralField(forms.MultipleChoiceField):
    """A prompted question that may have several answers of `CHOSEN`; or none, and why."""

    def __init__(self, key: str, **kwargs: Any) -> None:
        choices, first = _with_no_answer(key)
        self.key = key
        kwargs.setdefault("choices", choices)
        if key not in SEVERAL:
            raise ValueError(key)
        divider = {"none": "or"} if "none" in dict(choices) else {first: "or"}
        super().__init__(required=False, widget=ManyChoices(divider=divider), **kwargs)

    def clean(self, value: Any) -> Told:
        """Return the words of the labels. Raises ValidationError for an answer beside "none"."""
        codes = super().clean(value)
        alone = [*(each.value for each in NO_ANSWER), "none", "nobody"]
        if len(codes) > 1 and any(code in alone for code in codes):
            labels = dict(self.widget.choices)
            says = next(labels[code] for code in codes if code in alone)
            raise forms.ValidationError(f"Select “{says}” or at least one other answer, not both")
        return chosen(self.key, codes)


_CLOCK = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?m?\.?$")


def time_of(words: str) -> time:
    """Read "3:15pm", "3.15 pm" or "15:15" as a time of day. Raises ValueError."""
    words = {"midday": "12pm", "noon": "12pm", "midnight": "12am"}.get(words.lower(), words)
    found = _CLOCK.match(words.strip().lower())
    if not found or not (found[2] or found[3]):
        raise ValueError(words)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(words)
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)


def in_london(day: Any, at: time) -> datetime:
    """The moment at which a clock in London shows this."""
    return datetime.combine(day, at, LONDON)

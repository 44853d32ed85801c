"""What every form of the portal is made of: the page form, its fields' markup, three widgets."""

import calendar
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

# The boxes of a day, and how many digits each is wide.
_PARTS = {"day": 2, "month": 2, "year": 4}
_BASE_CLASS = {
    "checkbox": "govuk-checkboxes__input",
    "counted": "govuk-textarea",
    "file": "govuk-file-upload",
    "select": "govuk-select",
    "textarea": "govuk-textarea",
}
# What GOV.UK's script looks for: on the whole field, and on its control.
_MODULE = {"counted": "govuk-character-count", "password": "govuk-password-input"}
_SCRIPTED = {
    "counted": "govuk-js-character-count",
    "password": "govuk-password-input__input govuk-js-password-input-input",
}


def without_nul(typed: Any) -> Any:
    """What was typed, box by box, without NUL.

    No database holds it, and text that was pasted from a PDF may carry it unseen: whoever typed
    it cannot find what they would have to mend.
    """
    if isinstance(typed, str):
        return typed.replace("\x00", "")
    if isinstance(typed, list):
        return [without_nul(each) for each in typed]
    if isinstance(typed, Mapping):
        return {name: without_nul(each) for name, each in typed.items()}
    return typed


class GovukBoundField(forms.BoundField):
    """A field as GOV.UK Frontend marks it up: its classes, identifiers and descriptions."""

    @property
    def data(self) -> Any:
        """What was typed, as it is checked and as it comes back."""
        return without_nul(super().data)

    @property
    def kind(self) -> str:
        """Which markup it takes: input, textarea, counted, select, password, radios, ..."""
        widget = self.field.widget
        kind = next((kind for kind, class_ in _KINDS if isinstance(widget, class_)), "input")
        return "counted" if kind == "textarea" and self.limit else kind

    @property
    def module(self) -> str:
        """The part of GOV.UK's script that serves the whole field, if any."""
        return _MODULE.get(self.kind, "")

    @property
    def limit(self) -> int | None:
        """How many characters the answer may have."""
        return getattr(self.field, "max_length", None)

    @property
    def is_heading(self) -> bool:
        """Tell whether the label is the heading of the page."""
        return getattr(self.form, "heading_field", "") == self.name

    @property
    def label_size(self) -> str:
        """How large the label is, in GOV.UK's letters: xl, l, m, s, or empty for body text."""
        return getattr(self.form, "heading_size" if self.is_heading else "label_size", "")

    @property
    def aria_describedby(self) -> str:
        """The identifiers of the count, the hint and the error, as far as they exist."""
        parts = [
            ("info", self.kind == "counted"),
            ("hint", bool(self.help_text)),
            ("error", bool(self.errors)),
        ]
        return " ".join(f"{self.auto_id}-{name}" for name, there in parts if there)

    def build_widget_attrs(
        self, attrs: Mapping[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """Return the attributes of the control itself.

        The browser's own checks are left out on purpose (required, maxlength, pattern of an
        e-mail): the server says in plain words what to do, and nothing pasted is cut short.
        """
        widget, kind, given = widget or self.field.widget, self.kind, dict(attrs)
        if self.field.disabled:
            given["disabled"] = True
        if widget.is_hidden or kind in {"radios", "checkboxes"}:
            return given
        if kind == "date":
            return given | {"invalid": bool(self.errors)}
        base = _BASE_CLASS.get(kind, "govuk-input")
        error = f"{base}--error" if self.errors and kind != "checkbox" else ""
        classes = (base, widget.attrs.get("class"), error, _SCRIPTED.get(kind))
        given |= {
            "class": " ".join(filter(None, classes)),
            "aria-describedby": self.aria_describedby or False,
            **dict.fromkeys(("maxlength", "minlength", "placeholder"), False),
        }
        if isinstance(widget, forms.Textarea):
            # Django's own default is the text "10"; a number was chosen by the form's author.
            rows = widget.attrs.get("rows")
            given |= {"rows": 5 if rows == "10" else rows, "cols": False}
        if kind == "password":
            given |= {"spellcheck": "false", "autocapitalize": "none"}
        return given


class PageForm(forms.Form):
    """A form of a page about somebody else's life.

    The browser is told to remember nothing, to offer nothing that it remembers from elsewhere,
    and to send no words to a spelling service. `heading_field` names the field whose label is
    the heading of the page, of `heading_size`; `label_size` is the size of the other labels.
    """

    use_required_attribute = False
    heading_field = ""
    heading_size = "l"
    label_size = "s"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_to_ourselves()

    def keep_to_ourselves(self) -> None:
        """Ask the browser to offer nothing for any field, and to send no word of one to be spelt.

        Called once more by a form that adds fields of its own.
        """
        for field in self.fields.values():
            widget = field.widget
            if widget.is_hidden:
                continue
            widget.attrs.setdefault("autocomplete", "off")
            if isinstance(widget, forms.TextInput | forms.Textarea | DayMonthYear):
                widget.attrs.setdefault("spellcheck", "false")


@lru_cache(maxsize=500)
def drawn(form: type[PageForm], codes: tuple[tuple[str, str], ...] = ()) -> SafeString:
    """The form as it stands with these codes, drawn once, for it asks everybody the same.

    Only for a form with fixed choices, whose answers are codes: never with what somebody wrote.
    """
    return form(dict(codes) if codes else None).render()


class Words(forms.Textarea):
    """A box for words, whose line ends count once, as the counter beside it counts them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class Choices(forms.RadioSelect):
    """Radios with a hint under a choice, and a word ("or") above the last one.

    `hints` maps the value of a choice to its hint; `divider` maps the value of a choice to the
    word that stands above it.
    """

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        hints: Mapping[str, str] | None = None,
        divider: Mapping[str, str] | None = None,
        classes: str = "",
    ) -> None:
        super().__init__(attrs, choices)
        self.hints = hints or {}
        self.divider = divider or {}
        self.classes = classes

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["classes"] = self.classes
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        option["divider"] = self.divider.get(str(value), "")
        return option


class ManyChoices(Choices, forms.CheckboxSelectMultiple):
    """Checkboxes with the same comforts."""


class DayMonthYear(forms.Widget):
    """Three boxes for a day that is known."""

    template_name = "django/forms/widgets/day_month_year.html"
    use_fieldset = True

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:  # noqa: ARG002
        """The error summary leads to the first box."""
        return f"{id_}-day" if id_ else ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:  # noqa: ARG002
        return {part: data.get(f"{name}-{part}", "").strip() for part in _PARTS}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002
        return all(f"{name}-{part}" not in data for part in _PARTS)

    def format_value(self, value: Any) -> Any:
        if isinstance(value, date):
            return {"day": value.day, "month": value.month, "year": value.year}
        return value or {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        context["widget"]["parts"] = [
            {"name": part, "label": part.capitalize(), "width": width, "value": shown.get(part, "")}
            for part, width in _PARTS.items()
        ]
        return context


class KnownDateField(forms.Field):
    """A day that the person knows, in three boxes; the month may be a name."""

    widget = DayMonthYear

    def to_python(self, value: Any) -> date | None:
        """Return the day, or None when every box is empty.

        Raises ValidationError that names what is missing, in the words of the label.
        """
        if value is None or isinstance(value, date):
            return value
        if not any(value.values()):
            return None
        label = self.label or "Date"
        missing = [part for part in _PARTS if not value.get(part)]
        if missing:
            raise ValidationError(f"{label} must include a {' and a '.join(missing)}")
        try:
            return date(int(value["year"]), _month(value["month"]), int(value["day"]))
        except ValueError as error:
            raise ValidationError(f"{label} must be a real date") from error


def _month(words: str) -> int:
    """Read "4", "April" or "apr" as a month. Raises ValueError."""
    if words.isdigit():
        return int(words)
    found = [
        n for n, name in enumerate(calendar.month_name) if name.lower().startswith(words.lower())
    ]
    if len(words) < 3 or len(found) != 1:
        raise ValueError(words)
    return found[0]


_KINDS: tuple[tuple[str, Any], ...] = (
    # Django's checkboxes are a kind of radios: ask for them first.
    ("checkboxes", forms.CheckboxSelectMultiple),
    ("radios", forms.RadioSelect),
    ("checkbox", forms.CheckboxInput),
    ("date", DayMonthYear),
    ("select", forms.Select),
    ("file", forms.FileInput),
    ("textarea", forms.Textarea),
    ("password", forms.PasswordInput),
)

"""Our tags and forms give the markup of GOV.UK Frontend's own examples.

`fixtures/` holds, per component, the examples that `tools/vendor_frontend.py` names: the options
that GOV.UK's macro takes and the HTML that it gives. Each is asked of our tag or form field, and
the two are compared as trees: attributes in any order, classes as sets, white space folded.
"""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.utils.html import escape
from django.utils.safestring import mark_safe
from lxml import html as lxml

from portal.common.forms import Choices, DayMonthYear, ManyChoices
from portal.common.http import GovukFormRenderer

HERE = Path(__file__).parent
VENDOR = HERE.parents[1] / "static" / "vendor"
EXAMPLES = [
    (path.stem, example["name"], example["options"], example["html"])
    for path in sorted((HERE / "fixtures").glob("*.json"))
    for example in json.loads(path.read_text())
]


def words(options: Any, name: str = "") -> str:
    """What a macro was given as `text`, or as `html`, which is marked as safe."""
    if options is None or isinstance(options, str):
        return options or ""
    text, html = (f"{name}Text", f"{name}Html") if name else ("text", "html")
    if options.get(html):
        return str(mark_safe(options[html]))  # noqa: S308
    return str(options.get(text) or "")


def size(options: dict[str, Any], block: str) -> str:
    """The letter in `govuk-label--l`."""
    return str(options.get("classes", "")).removeprefix(f"{block}--")


# --- Tags -------------------------------------------------------------------------------------
def tagged(tag: str, *args: Any, content: str | None = None, **kwargs: Any) -> str:
    """The HTML of one of our tags."""
    values = {f"a{n}": value for n, value in enumerate(args)} | kwargs
    given = [*(f"a{n}" for n in range(len(args))), *(f"{key}={key}" for key in kwargs)]
    end = f"{content}{{% end{tag} %}}" if content is not None else ""
    source = f"{{% load govuk %}}{{% {tag} {' '.join(given)} %}}{end}"
    return engines["django"].from_string(source).render(values)


def common(options: dict[str, Any]) -> dict[str, Any]:
    """Classes and attributes, which most tags take."""
    return {key: options[key] for key in ("classes", "attributes") if key in options}


def button(o: dict[str, Any]) -> str:
    kept = {key: o[key] for key in ("name", "value", "id", "disabled", "href") if key in o}
    kind = "start" if o.get("isStartButton") else ""
    return tagged("button", words(o), kind=kind, **kept, **common(o))


def summary_list(o: dict[str, Any]) -> str:
    def action(a: dict[str, Any]) -> dict[str, Any]:
        return {"text": words(a), "href": a["href"], "hidden": a.get("visuallyHiddenText", "")}

    rows = [
        {
            "key": words(row["key"]),
            "value": words(row["value"]),
            "actions": [action(a) for a in row.get("actions", {}).get("items", [])],
            "classes": row.get("classes", ""),
        }
        for row in o["rows"]
    ]
    title = words(o["card"]["title"]) if "card" in o else ""
    return tagged("summary_list", rows, title=title, **common(o))


def panel(o: dict[str, Any]) -> str:
    if "interruption" in o.get("classes", ""):
        return tagged("interruption", words(o, "title"), content=words(o))
    level = o.get("headingLevel", 1)
    return tagged("panel", words(o, "title"), words(o), level=level, **common(o))


def notification_banner(o: dict[str, Any]) -> str:
    given = {"html": words(o)} if "html" in o else {"text": words(o)}
    success, title = o.get("type") == "success", words(o, "title")
    return tagged("notification_banner", success=success, title=title, **given, **common(o))


def pagination(o: dict[str, Any]) -> str:
    numbers = [int(item["number"]) for item in o["items"] if "number" in item]
    current = next(int(item["number"]) for item in o["items"] if item.get("current"))
    page = Paginator(range(max(numbers)), 1).page(current)
    return tagged("pagination", page, "/page/")


def error_summary(o: dict[str, Any]) -> str:
    """The links lead to our own fields, so each is named as the example names its target."""
    linked = [e for e in o["errorList"] if "href" in e]
    form = type("Form", (forms.Form,), {e["href"][1:]: forms.CharField() for e in linked})(
        dict.fromkeys((e["href"][1:] for e in linked), "given"), auto_id="%s"
    )
    for error in o["errorList"]:
        form.add_error(error["href"][1:] if "href" in error else None, words(error))
    return tagged("error_summary", form, o["titleText"])


def table(o: dict[str, Any]) -> str:
    def cells(row: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**cell, "text": words(cell)} for cell in row]

    return tagged(
        "table",
        cells(o.get("head", [])),
        [cells(row) for row in o["rows"]],
        caption=o.get("caption", ""),
        caption_classes=o.get("captionClasses", ""),
        first_cell_is_header=o.get("firstCellIsHeader", False),
        **common(o),
    )


def task_list(o: dict[str, Any]) -> str:
    def task(item: dict[str, Any]) -> dict[str, Any]:
        status = item["status"]
        tag = status.get("tag")
        return {
            "title": words(item["title"]),
            "href": item.get("href", ""),
            "hint": words(item.get("hint")),
            "status": words(tag or status),
            "tone": (size(tag, "govuk-tag") or "blue") if tag else "",
        }

    given = {"prefix": o["idPrefix"]} if "idPrefix" in o else {}
    return tagged("task_list", [task(item) for item in o["items"]], **given, **common(o))


# --- Form fields ------------------------------------------------------------------------------
def field(o: dict[str, Any], made: forms.Field, label: dict[str, Any], block: str) -> str:
    """The HTML of a field of a form, with the example's label, hint, error and value."""
    name, value = o.get("namePrefix") or o["name"], o.get("value", o.get("values"))
    made.label, made.help_text, made.required = words(label), words(o.get("hint")), False
    made.disabled = o.get("disabled", False)
    form = type("Form", (forms.Form,), {name: made})(
        data={name: value} if "errorMessage" in o else None,
        initial={name: value},
        auto_id="%s",
        renderer=GovukFormRenderer(),
    )
    if label.get("isPageHeading"):
        form.heading_field, form.heading_size = name, size(label, block)
    else:
        form.label_size = size(label, block)
    if "errorMessage" in o:
        form.add_error(name, words(o["errorMessage"]))
    return str(form[name].as_field_group())


def attributes(o: dict[str, Any]) -> dict[str, Any]:
    found = {"class": o["classes"]} if "classes" in o else {}
    for name in ("autocomplete", "inputmode", "type", "rows"):
        if name in o:
            found[name] = o[name]
    if "spellcheck" in o:
        found["spellcheck"] = str(o["spellcheck"]).lower()
    return found


def text_input(o: dict[str, Any]) -> str:
    made = forms.CharField(widget=forms.TextInput(attributes(o)))
    return field(o, made, o["label"], "govuk-label")


def textarea(o: dict[str, Any]) -> str:
    made = forms.CharField(widget=forms.Textarea(attributes(o)), max_length=o.get("maxlength"))
    return field(o, made, o["label"], "govuk-label")


def password(o: dict[str, Any]) -> str:
    given = {"autocomplete": "current-password"} | attributes(o)
    made = forms.CharField(widget=forms.PasswordInput(given))
    return field(o, made, o["label"], "govuk-label")


def select(o: dict[str, Any]) -> str:
    made = forms.ChoiceField(choices=[(item["value"], item["text"]) for item in o.get("items", [])])
    chosen = [item["value"] for item in o.get("items", []) if item.get("selected")]
    return field({"value": next(iter(chosen), None), **o}, made, o["label"], "govuk-label")


def choices(o: dict[str, Any]) -> str:
    many = "values" in o or o["kind"] == "checkboxes"
    hints, divider, pairs, above = {}, {}, [], ""
    for item in o["items"]:
        if "divider" in item:
            above = item["divider"]
            continue
        pairs.append((item["value"], words(item)))
        hints[item["value"]] = words(item.get("hint"))
        divider[item["value"]], above = above, ""
    given = {"hints": hints, "divider": divider, "classes": o.get("classes", "")}
    made: forms.Field = (
        forms.MultipleChoiceField(choices=pairs, widget=ManyChoices(**given))
        if many
        else forms.ChoiceField(choices=pairs, widget=Choices(**given))
    )
    chosen = [item["value"] for item in o["items"] if item.get("checked")]
    value = o.get("values") or chosen if many else o.get("value") or next(iter(chosen), None)
    legend = o.get("fieldset", {}).get("legend", {})
    return field({**o, "value": value}, made, legend, "govuk-fieldset__legend")


def date_input(o: dict[str, Any]) -> str:
    made = forms.Field(widget=DayMonthYear())
    values = {k.split("-")[-1]: v for k, v in o.get("values", {}).items()}
    legend = o["fieldset"]["legend"]
    return field(
        {"namePrefix": o["id"], **o, "values": values}, made, legend, "govuk-fieldset__legend"
    )


RENDER = {
    "back-link": lambda o: tagged("back_link", o.get("href", "#"), words(o) or "Back", **common(o)),
    "button": button,
    "character-count": textarea,
    "checkboxes": lambda o: choices({**o, "kind": "checkboxes"}),
    "date-input": date_input,
    "details": lambda o: tagged(
        "details",
        summary=words(o, "summary"),
        is_open=o.get("open", False),
        content=o.get("html") or escape(o["text"]),
        **{key: o[key] for key in ("id", "classes") if key in o},
    ),
    "error-message": lambda o: tagged("error_message", [words(o)], id=o.get("id", "")),
    "error-summary": error_summary,
    "input": text_input,
    "inset-text": lambda o: tagged(
        "inset",
        content=o.get("html") or escape(o["text"]),
        **{key: o[key] for key in ("id", "classes") if key in o},
    ),
    "notification-banner": notification_banner,
    "pagination": pagination,
    "panel": panel,
    "password-input": password,
    "radios": lambda o: choices({**o, "kind": "radios"}),
    "select": select,
    "skip-link": lambda o: tagged("skip_link", o.get("href", "#content"), words(o)),
    "summary-list": summary_list,
    "table": table,
    "tag": lambda o: tagged(
        "tag",
        words(o),
        size(o, "govuk-tag") or "blue",
        **({"attributes": o["attributes"]} if "attributes" in o else {}),
    ),
    "task-list": task_list,
    "textarea": textarea,
    "warning-text": lambda o: tagged("warning", words(o), **common(o)),
}


# --- Comparing --------------------------------------------------------------------------------
def tree(source: str, rename: tuple[str, str] = ("", "")) -> list[str]:
    """The elements and words of a piece of HTML, one a line, so that two can be compared.

    `rename` swaps one identifier for another: GOV.UK's examples name a control and identify it
    by different words, our fields by the same.
    """

    def lines(element: Any, depth: int) -> Iterator[str]:
        attributes = {name: value(name, text, rename) for name, text in element.attrib.items()}
        yield f"{'  ' * depth}{element.tag} {dict(sorted(attributes.items()))}"
        yield from said(element.text, depth + 1)
        for child in element:
            yield from lines(child, depth + 1)
            yield from said(child.tail, depth + 1)

    def said(text: str | None, depth: int) -> Iterator[str]:
        if folded := " ".join((text or "").split()):
            yield "  " * depth + folded

    return [line for e in lxml.fragments_fromstring(source.strip()) for line in lines(e, 0)]


def value(name: str, text: str, rename: tuple[str, str]) -> str:
    """An attribute's value as it is compared: classes as a set, identifiers renamed."""
    old, new = rename
    words_ = text.split()
    if name == "class":
        return " ".join(sorted(set(words_)))
    if old and (name in {"id", "for"} or name.startswith("aria-")):
        swapped = (new + word[len(old) :] if word.startswith(old) else word for word in words_)
        return " ".join(swapped)
    return "" if text == name else text


def expected_of(component: str, options: dict[str, Any], source: str) -> str:
    """GOV.UK's HTML, with what our tag decides by itself put in place of what its macro is told.

    The boxes of a date carry the name of their field; the arrows of a pagination lead to the
    pages beside the current one; no choice of a select is disabled; a blue tag is a plain one.
    """
    if component == "date-input" and "namePrefix" not in options:
        return re.sub(r' name="(\w+)"', rf' name="{options["id"]}-\1"', source)
    if component == "pagination" and "items" in options:
        current = next(int(item["number"]) for item in options["items"] if item.get("current"))
        source = source.replace('"/previous"', f'"/page/{current - 1}"')
        return source.replace('"/next"', f'"/page/{current + 1}"')
    if component == "select":
        return re.sub(r"(<option[^>]*) disabled", r"\1", source)
    return source.replace(" govuk-tag--blue", "")


def identifiers(options: dict[str, Any]) -> tuple[str, str]:
    """How the example's control is identified, and how ours is."""
    name = options.get("namePrefix") or options.get("name") or options.get("id", "")
    return (options.get("idPrefix") or options.get("id") or name, name)


@pytest.mark.parametrize(
    ("component", "name", "options", "expected"),
    EXAMPLES,
    ids=[f"{component}: {name}" for component, name, *_ in EXAMPLES],
)
def test_markup_is_that_of_govuk_frontend(component, name, options, expected):
    ours = RENDER[component](options)
    fields = {"input", "textarea", "select", "radios", "checkboxes", "character-count"}
    is_field = component in fields | {"password-input", "date-input"}
    rename = identifiers(options) if is_field else ("", "")
    assert tree(ours) == tree(expected_of(component, options, expected), rename)


def test_enough_of_each_component_is_compared():
    assert len(EXAMPLES) >= 100
    assert {component for component, *_ in EXAMPLES} == set(RENDER)


def test_vendored_files_are_those_that_were_recorded():
    lines = (VENDOR / "VERSIONS").read_text().splitlines()
    pairs = (line.split("  ") for line in lines if "  " in line)
    recorded = {path: digest for digest, path in pairs}
    there = [p for p in VENDOR.rglob("*") if p.is_file() and p.name not in {"VERSIONS", "LICENSE"}]
    assert recorded == {
        str(p.relative_to(VENDOR)): sha256(p.read_bytes()).hexdigest() for p in there
    }


@pytest.mark.parametrize("mark", ["GDS Transport", "crest", "crown", "url(", "#1d70b8"])
def test_identity_of_govuk_is_not_shipped(mark):
    styles = [path.read_text() for path in VENDOR.rglob("*.css")]
    assert styles
    assert not [text for text in styles if mark in text]

"""The components of GOV.UK Frontend."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.common.templatetags.govuk.library import Context, of, register


@register.filter
def attrs(attributes: Mapping[str, str | bool | None] | str | None) -> SafeString:
    """Write a mapping as HTML attributes, each with a space before it."""
    return flatatt(dict(attributes)) if isinstance(attributes, Mapping) else mark_safe("")


@register.filter
def tel(number: str) -> str:
    """Make the address that rings `number`."""
    return "tel:" + re.sub(r"[^+\d]", "", number)


@register.simple_tag
def choice_id(whole: str, loop: Mapping[str, Any]) -> str:
    """The identifier of a choice, from that of the whole field and its place in the loops.

    The first control has the identifier of the whole, so that the error summary can lead to it.
    """
    group, place = loop["parentloop"]["counter"], loop["counter"]
    if place > 1:
        return f"{whole}-{group}-{place}"
    return whole if group == 1 else f"{whole}-{group}"


@register.inclusion_tag("components/button.html")
def button(
    text: str,
    href: str = "",
    *,
    kind: str = "",
    name: str = "",
    value: str = "",
    id: str = "",  # noqa: A002
    disabled: bool = False,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """A button that sends the form, or with `href` a link that looks like one.

    `kind` is empty, "secondary", "warning", "inverse" or "start".
    """
    kinds = f" govuk-button--{kind}" if kind else ""
    return {
        "text": text,
        "href": href,
        "start": kind == "start",
        "name": name,
        "value": value,
        "id": id,
        "disabled": disabled,
        "classes": f"govuk-button{kinds} {classes}".rstrip(),
        "attributes": attributes,
    }


@register.inclusion_tag("components/back_link.html")
def back_link(
    href: str,
    text: str = "Back",
    *,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """The way back, for the block `before`."""
    return {"href": href, "text": text, "classes": classes, "attributes": attributes}


@register.simple_block_tag
def way_back(content: str) -> str:
    """The landmark around the block `before`, when a page says anything there."""
    if not content.strip():
        return ""
    return format_html('<nav aria-label="Back" class="portal-way-back">{}</nav>', content)


@register.inclusion_tag("components/skip_link.html")
def skip_link(href: str = "#main-content", text: str = "Skip to main content") -> Context:
    """The first link of each page."""
    return {"href": href, "text": text}


@register.simple_tag
def tag(
    text: str,
    tone: str = "blue",
    *,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> SafeString:
    """The status of a thing. The tone only repeats the words; red is overdue or immediate.

    `tone`: grey, green, teal, purple, magenta, red, orange, yellow; empty is blue.
    """
    toned = "" if tone in ("", "blue") else f" govuk-tag--{tone}"
    more = f" {classes}" if classes else ""
    return format_html(
        '<strong class="govuk-tag{}{}"{}>{}</strong>', toned, more, attrs(attributes), text
    )


@register.inclusion_tag("components/summary_list.html")
def summary_list(
    rows: Iterable[object],
    *,
    title: str = "",
    level: int = 2,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """Keys and values. A row is a pair, or has `key`, `value` and `actions`.

    An action has `href`, `text` and `hidden`, the words that only a screen reader needs. With
    `title` the list is a card.
    """
    read = [
        {"key": row[0], "value": row[1]}
        if isinstance(row, tuple)
        else {name: of(row, name) for name in ("key", "value", "actions", "classes")}
        for row in rows
    ]
    return {
        "rows": read,
        "any_actions": any(row.get("actions") for row in read),
        "title": title,
        "level": level,
        "classes": classes,
        "attributes": attributes,
    }


@register.inclusion_tag("components/warning.html")
def warning(
    text: str,
    *,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """One sentence that must not be missed."""
    return {"text": text, "classes": classes, "attributes": attributes}


@register.simple_block_tag
def inset(content: str, id: str = "", classes: str = "") -> str:  # noqa: A002
    """Set a passage apart: {% inset %} ... {% endinset %}."""
    return render_to_string(
        "components/inset.html", {"content": content, "id": id, "classes": classes}
    )


@register.simple_block_tag
def details(
    content: str,
    summary: str,
    *,
    is_open: bool = False,
    id: str = "",  # noqa: A002
    classes: str = "",
) -> str:
    """Show a passage when asked: {% details "Why we ask" %} ... {% enddetails %}."""
    return render_to_string(
        "components/details.html",
        {"content": content, "summary": summary, "open": is_open, "id": id, "classes": classes},
    )


@register.inclusion_tag("components/panel.html")
def panel(
    title: str,
    body: str = "",
    *,
    level: int = 1,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """Confirm that it is done. The title is the page's heading."""
    return {
        "title": title,
        "body": body,
        "level": level,
        "kind": "confirmation",
        "classes": classes,
        "attributes": attributes,
    }


@register.simple_block_tag
def interruption(content: str, title: str) -> str:
    """Stop before going on: {% interruption "Call 999 now" %} ... {% endinterruption %}.

    The content ends with its own actions, in `<div class="govuk-panel__actions">`.
    """
    return render_to_string(
        "components/panel.html",
        {"title": title, "body": content, "level": 1, "kind": "interruption"},
    )


@register.inclusion_tag("components/notification_banner.html")
def notification_banner(
    text: str = "",
    *,
    html: str = "",
    success: bool = False,
    title: str = "",
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """Say what has just happened, or news of the service; base.html shows the messages in one."""
    return {
        "text": text,
        "html": html,
        "success": success,
        "title": title,
        "classes": classes,
        "attributes": attributes,
    }


@register.inclusion_tag("components/notification_banner.html")
def message_banner(messages: Iterable[Message]) -> Context:
    """All messages to the person in one banner, which is green when everything went well."""
    said = list(messages)
    return {
        "html": format_html_join("", _MESSAGE, ((message.message,) for message in said)),
        "success": all(message.level == constants.SUCCESS for message in said),
        "title": "",
    }


_MESSAGE = '<p class="govuk-notification-banner__heading">{}</p>'


@register.inclusion_tag("components/pagination.html")
def pagination(page: Any, address: str = "?page=") -> Context:
    """Walk through a Django `Page`; `address` gets the number of the page added.

    Nothing is shown for a single page.
    """
    if not page or page.paginator.num_pages < 2:
        return {"items": []}
    around = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "previous": f"{address}{page.number - 1}" if page.has_previous() else "",
        "next": f"{address}{page.number + 1}" if page.has_next() else "",
        "items": [
            {"number": number, "href": f"{address}{number}", "current": number == page.number}
            if isinstance(number, int)
            else {"ellipsis": True}
            for number in around
        ],
    }


@register.inclusion_tag("components/error_message.html")
def error_message(errors: Sequence[str], id: str = "") -> Context:  # noqa: A002
    """What is wrong with one answer, in the words of its label."""
    return {"errors": errors, "id": id}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | str, title: str = "There is a problem") -> Context:
    """List what is wrong, each linked to its answer.

    base.html puts the summary of the page's `form` above the heading; a form that has been
    summarised does not repeat it.
    """
    if not isinstance(form, BaseForm) or not form.errors:
        return {"errors": []}
    form.summarised = True  # type: ignore[attr-defined]
    errors = [{"text": text, "href": ""} for text in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else f"#{field.id_for_label or field.auto_id}"
        errors += [{"text": text, "href": target} for text in field.errors]
    return {"errors": errors, "title": title}


@register.inclusion_tag("components/table.html")
def table(
    head: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    caption: str = "",
    caption_classes: str = "",
    first_cell_is_header: bool = False,
    stacked: bool = False,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """A table. A cell is text, or has `text`, `format` ("numeric") and `classes`.

    A stacked table becomes labelled blocks on a narrow screen and keeps its roles there.
    """

    def cell(thing: object, label: object = "") -> Context:
        plain = isinstance(thing, str | int) or not hasattr(thing, "get")
        read = {"text": thing} if plain else {n: of(thing, n) for n in _CELL}
        return {**read, "label": of(label, "text") if isinstance(label, Mapping) else label}

    labels = [*head] if stacked else []
    return {
        "head": [cell(item) for item in head],
        "rows": [
            [cell(item, labels[n] if n < len(labels) else "") for n, item in enumerate(row)]
            for row in rows
        ],
        "caption": caption,
        "caption_classes": caption_classes,
        "first_cell_is_header": first_cell_is_header,
        "stacked": stacked,
        "classes": classes,
        "attributes": attributes,
    }


_CELL = ("text", "format", "classes", "colspan", "rowspan", "attributes")


@register.inclusion_tag("components/task_list.html")
def task_list(tasks: Iterable[object], *, prefix: str = "task-list", classes: str = "") -> Context:
    """What is left to do. A task has `title`, `href`, `hint`, `status` and `tone`.

    A status with a tone is a tag; a status without one is done, and plain.
    """
    names = ("title", "href", "hint", "status", "tone", "classes")
    read = [{name: of(task, name) for name in names} for task in tasks]
    return {"tasks": read, "prefix": prefix, "classes": classes}

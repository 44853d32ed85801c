"""GOV.UK components, and our own beside them, as template tags.

Each tag fills one template of `templates/components/`, whose first lines name what it takes. What
is passed in is escaped as text unless it is marked safe. `attributes` are extra HTML attributes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.common.clock import LONDON

register = template.Library()

Context = dict[str, Any]


def _of(thing: object, name: str) -> Any:
    """Read `name` from a mapping or an object; empty when it has none."""
    return thing.get(name, "") if isinstance(thing, Mapping) else getattr(thing, name, "")


# --- Filters ----------------------------------------------------------------------------------
@register.filter
def attrs(attributes: Mapping[str, str | bool | None] | str | None) -> SafeString:
    """Write a mapping as HTML attributes, each with a space before it."""
    return flatatt(dict(attributes)) if isinstance(attributes, Mapping) else mark_safe("")


@register.filter
def time_of_day(moment: datetime) -> str:
    """Say the time in London as people do: "4:30pm", "11am", "midday", "midnight"."""
    local = moment.astimezone(LONDON)
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight"
    minutes = f":{local:%M}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


@register.filter
def day(moment: date | None) -> str:
    """Say the day, in London when it is a moment: "4 December 2026". Nothing says nothing."""
    if not moment:
        return ""
    local = moment.astimezone(LONDON) if isinstance(moment, datetime) else moment
    return f"{local.day} {local:%B %Y}"


@register.filter
def london(moment: datetime | None) -> str:
    """Say the day and the time in London: "4 December 2026 at 4:30pm". Nothing says nothing."""
    return f"{day(moment)} at {time_of_day(moment)}" if moment else ""


@register.filter
def minutes_left(until: datetime, now: datetime | None = None) -> str:
    """How long it is until then, in words: 42 minutes left."""
    seconds = (until - (now or timezone.now())).total_seconds()
    minutes = max(-(-seconds // 60), 0)
    return f"{_count(int(minutes), 'minute')} left"


@register.filter
def tel(number: str) -> str:
    """Make the address that rings `number`."""
    return "tel:" + re.sub(r"[^+\d]", "", number)


# --- GOV.UK components ------------------------------------------------------------------------
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


@register.inclusion_tag("components/tag.html")
def tag(
    text: str,
    tone: str = "blue",
    *,
    classes: str = "",
    attributes: Mapping[str, str | bool | None] | None = None,
) -> Context:
    """The status of a thing. The tone only repeats the words; red is overdue or immediate."""
    tone = "" if tone == "blue" else tone
    return {"text": text, "tone": tone, "classes": classes, "attributes": attributes}


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
        else {name: _of(row, name) for name in ("key", "value", "actions", "classes")}
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
        read = {"text": thing} if plain else {n: _of(thing, n) for n in _CELL}
        return {**read, "label": _of(label, "text") if isinstance(label, Mapping) else label}

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
    read = [{name: _of(task, name) for name in names} for task in tasks]
    return {"tasks": read, "prefix": prefix, "classes": classes}


# --- Our own ----------------------------------------------------------------------------------
# What a reader may ask of an item that is not (wholly) shown: the words of the link, then the
# words that complete it for a screen reader.
_QUESTIONS = {
    "partly_withheld": ("Why?", "is part of {} withheld?"),
    "withheld": ("Why?", "is {} withheld?"),
    "not_shared": ("Why?", "is {} not shared with you?"),
    "removed": ("History", "of {}"),
}
_MASKED = re.compile(r"\[[^\[\]]*withheld[^\[\]]*\]", re.IGNORECASE)


def _in_a_sentence(label: str) -> str:
    """Write a label as it stands inside a sentence; an abbreviation keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _boxed(text: str) -> SafeString:
    """Escape `text` and draw a box around each passage of withheld words in it."""
    parts, end = [], 0
    for found in _MASKED.finditer(text):
        parts.append(conditional_escape(text[end : found.start()]))
        parts.append(format_html('<span class="portal-masked">{}</span>', found[0]))
        end = found.end()
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308


@register.inclusion_tag("components/item.html")
def item(item: Any, why: str = "") -> Context:
    """One answer as this reader may see it: a value, or in words why there is none.

    `why` is the address of the page that explains what is withheld; `item.why_url` comes first.
    """
    state = str(item.state)
    visible, whole = _QUESTIONS.get(state, ("", ""))
    first, _, rest = visible.partition("?")
    return {
        "item": item,
        "state": state,
        "why": _of(item, "why_url") or why,
        "text": _boxed(str(item.text)) if state == "partly_withheld" else item.text,
        "ask": first if visible else "",
        "asks": whole.format(_in_a_sentence(str(item.label))).removesuffix("?"),
        "mark": "?" if visible.endswith("?") else rest,
    }


@register.inclusion_tag("components/item_list.html")
def item_list(items: Iterable[object]) -> Context:
    """A summary list of answers, each as this reader may see it."""
    return {"items": items}


def deadline_words(due: datetime, now: datetime) -> tuple[str, str]:
    """Say how a deadline stands, as (words, tone); both moments aware, days as in London.

    The tone is that of the tag: "red", "orange", "blue", or empty for no tag.
    """
    if due < now:
        late = now - due
        for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
            if late >= size:
                return f"Overdue by {_count(late // size, unit)}", "red"
        return f"Overdue by {_count(max(late // timedelta(minutes=1), 1), 'minute')}", "red"
    local, today = due.astimezone(LONDON), now.astimezone(LONDON).date()
    days = (local.date() - today).days
    if days == 0:
        return f"Due today at {time_of_day(due)}", "orange"
    if days == 1:
        return f"Due tomorrow at {time_of_day(due)}", "blue"
    year = f" {local.year}" if local.year != today.year else ""
    return f"Due {local:%A} {local.day} {local:%B}{year}", ""


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


@register.inclusion_tag("components/deadline.html")
def deadline(due: datetime | None, now: datetime | None = None) -> Context:
    """How a deadline stands, in words first. Nothing is due: nothing is shown."""
    if not due:
        return {"due": None}
    words, tone = deadline_words(due, now or timezone.now())
    return {"due": due, "words": words, "tone": tone}


@register.inclusion_tag("components/identity_bar.html")
def identity_bar(
    reference: str,
    name: str = "",
    *,
    facts: Iterable[tuple[str, str]] = (),
    status: str = "",
    tone: str = "",
    due: datetime | None = None,
    now: datetime | None = None,
    flags: Iterable[str] = (),
) -> Context:
    """Which case this is: reference, name if allowed, facts as pairs, status, deadline, flags."""
    return {
        "reference": reference,
        "name": name,
        "facts": facts,
        "status": status,
        "tone": tone,
        "due": due,
        "now": now,
        "flags": flags,
    }


@register.inclusion_tag("components/sub_nav.html")
def sub_nav(
    links: Iterable[tuple[str, str, bool]], label: str = "Sections of this case"
) -> Context:
    """The sections of a case, each a page: (label, address, whether it is this page)."""
    return {"links": links, "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[object], *, level: int = 2) -> Context:
    """What happened, newest first. An entry has `title`, `by`, `at` and `text`."""
    names = ("title", "by", "at", "text")
    return {"entries": [{n: _of(entry, n) for n in names} for entry in entries], "level": level}


@register.inclusion_tag("components/progress.html")
def progress(steps: Sequence[str], current: str) -> Context:
    """How far it has come: `current` is the one of `steps` that it has reached."""
    at = list(steps).index(current)
    words = ["Done" if n < at else "Now" if n == at else "Next" for n in range(len(steps))]
    return {"steps": list(zip(steps, words, strict=True))}


@register.simple_block_tag
def live(content: str, id: str, poll: str = "") -> str:  # noqa: A002
    """A passage that follows work in progress: {% live "pdf" poll=address %} ... {% endlive %}.

    With JavaScript it is fetched again from `poll` and read out politely, until the page that
    comes back has no `poll` on it. Without, it stands still: put a link to the page inside it.
    """
    return render_to_string("components/live.html", {"content": content, "id": id, "poll": poll})

"""Our own components, beside those of GOV.UK Frontend."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.common.moments import deadline_words
from portal.common.templatetags.govuk.components import tag
from portal.common.templatetags.govuk.library import Context, of, register

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
        "why": of(item, "why_url") or why,
        "text": _boxed(str(item.text)) if state == "partly_withheld" else item.text,
        "ask": first if visible else "",
        "asks": whole.format(_in_a_sentence(str(item.label))).removesuffix("?"),
        "mark": "?" if visible.endswith("?") else rest,
    }


@register.inclusion_tag("components/item_list.html")
def item_list(items: Iterable[object]) -> Context:
    """A summary list of answers, each as this reader may see it."""
    return {"items": items}


@register.simple_tag
def deadline(due: datetime | None, now: datetime | None = None) -> SafeString:
    """How a deadline stands, in words first. Nothing is due: nothing is shown."""
    if not due:
        return mark_safe("")
    words, tone = deadline_words(due, now or timezone.now())
    return format_html(
        '<time class="portal-deadline" datetime="{}">{}</time>',
        due.astimezone(UTC).isoformat(),
        tag(words, tone) if tone else words,
    )


@register.simple_tag
def select_row(name: str, value: str, words: str) -> SafeString:
    """The box that selects a row of a table. `words` are what a screen reader says of it."""
    return format_html(
        '<div class="govuk-checkboxes govuk-checkboxes--small" data-module="govuk-checkboxes">'
        '<div class="govuk-checkboxes__item"><input class="govuk-checkboxes__input" type="checkbox"'
        ' name="{name}" value="{value}" id="{name}-{value}" autocomplete="off">'
        '<label class="govuk-label govuk-checkboxes__label" for="{name}-{value}">'
        '<span class="govuk-visually-hidden">{words}</span></label></div></div>',
        name=name,
        value=value,
        words=words,
    )


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
    return {"entries": [{n: of(entry, n) for n in names} for entry in entries], "level": level}


@register.inclusion_tag("components/progress.html")
def progress(steps: Iterable[object], now: datetime | None = None) -> Context:
    """How far it has come. A step has `label`, `word` (Done, Now or Next), `sentence`, `due`."""
    names = ("label", "word", "sentence", "due")
    return {"steps": [{n: of(step, n) for n in names} for step in steps], "now": now}


@register.simple_block_tag
def live(content: str, id: str, poll: str = "") -> str:  # noqa: A002
    """A passage that follows work in progress: {% live "pdf" poll=address %} ... {% endlive %}.

    With JavaScript it is fetched again from `poll` and read out politely, until the page that
    comes back has no `poll` on it. Without, it stands still: put a link to the page inside it.
    """
    return render_to_string("components/live.html", {"content": content, "id": id, "poll": poll})

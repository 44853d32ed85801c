"""What one agency has saved of its own answers, for those who write for it, before the opening."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.accounts.vocabulary import Principal
from referrals.assessments import policies
from referrals.assessments.decision import Item, Tool
from referrals.assessments.models import Invitation
from referrals.assessments.vocabulary import ABOUT, KNOWN_HOW, WORDS
from referrals.vocabulary import ASKED_TO_PROTECT, KnownHow, Protect

_KEPT = frozenset({"", *ASKED_TO_PROTECT})
_TIMES = frozenset(str(number) for number in range(1, 100))


@dataclass(frozen=True, repr=False)
class Page:
    """One page of an agency's answers: how many items it has, and how many still lack something."""

    code: str
    label: str
    items: int
    lacks: int

    @property
    def status(self) -> str:
        """How far it is, in words."""
        if not self.lacks:
            return "Done"
        return f"{self.lacks} to answer" if self.items else "To do"


@dataclass(frozen=True, repr=False)
class Own:
    """What an agency answers, before all answers are opened: for those who write for it.

    `writer` is the colleague who writes, where it is somebody else. `words` are all answers, in
    words; nothing where the reader may not read them.
    """

    pk: UUID
    reference: str
    title: str
    evidence: str
    look_at: str
    due_at: datetime
    agency: str
    others: tuple[str, ...]
    writer: str
    writes: bool
    submitted_at: datetime | None
    is_open: bool
    pages: tuple[Page, ...]
    words: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @property
    def lacks(self) -> int:
        """How much still lacks before it can be sent."""
        return sum(page.lacks for page in self.pages)


def own(principal: Principal, invitation: Invitation) -> Own:
    """Resolve an agency's own answers for somebody who may answer for it. Writes nothing."""
    assessment, tool = invitation.assessment, invitation.assessment.tool.tool
    writes = policies.writes(principal, invitation)
    others = assessment.invitations.exclude(pk=invitation.pk).select_related("agency")
    writer = invitation.by.user.name if invitation.by else ""
    return Own(
        pk=assessment.pk,
        reference=assessment.case.reference,
        title=tool.title,
        evidence=tool.evidence,
        look_at=assessment.look_at,
        due_at=assessment.due_at,
        agency=invitation.agency.name,
        others=tuple(sorted(each.agency.name for each in others)),
        writer="" if invitation.by_id == principal.membership_id else writer,
        writes=writes,
        submitted_at=invitation.submitted_at,
        is_open=assessment.revealed_at is not None,
        pages=pages(tool, invitation.sealed) if writes else (),
        words=in_words(tool, invitation.sealed) if writes else (),
    )


def pages(tool: Tool, sealed: Mapping[str, Any]) -> tuple[Page, ...]:
    """The pages of an agency's answers, with how far each is."""
    found = []
    for domain in tool.domains:
        items = [item for item in tool.items if item.domain == domain.code]
        lacking = sum(bool(lacks(tool, item, sealed)) for item in items)
        found.append(Page(domain.code, domain.label, len(items), lacking))
    about = "What keeps the child safe, and what the child says"
    return (*found, Page(ABOUT, about, 0, int(about_lacks(sealed))))


def about_lacks(sealed: Mapping[str, Any]) -> bool:
    """Tell whether the child's view is missing: what the child says, or why nobody asked; or
    whether some words are too long to be sent.
    """
    about = sealed.get(ABOUT, {})
    words = [about.get(name, "") for name in ("child", "child_why", "safe", "more")]
    return not any(each.strip() for each in words[:2]) or any(len(each) > WORDS for each in words)


def lacks(tool: Tool, item: Item, sealed: Mapping[str, Any]) -> str:
    """What an answer lacks before it can be sent, as its field's name; "" if nothing."""
    given = sealed.get("items", {}).get(item.code, {})
    answer = next((each for each in tool.answers if each.code == given.get("answer")), None)
    if answer is None:
        return "answer"
    if not answer.is_sign:
        return ""
    wanted = {
        "when": not item.dated or given.get("when") in times_of(tool, item),
        "times": not item.counted or given.get("times", "") in _TIMES,
        "how": given.get("how") in [str(each) for each in KNOWN_HOW],
        "keep": given.get("keep", "") in _KEPT,
        "words": 0 < len(given.get("words", "").strip()) <= WORDS,
    }
    return next((name for name, is_there in wanted.items() if not is_there), "")


def times_of(tool: Tool, item: Item) -> dict[str, str]:
    """When what an item asks may have been, as choices."""
    return {
        each.code: each.label
        for each in tool.recencies
        if item.dated and (not item.recencies or each.code in item.recencies)
    }


def in_words(
    tool: Tool, sealed: Mapping[str, Any]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """All that is saved, in words, page by page."""
    labels = {each.code: each.label for each in tool.answers}
    found = []
    for domain in tool.domains:
        rows = tuple(
            (item.text, _answer(tool, item, sealed, labels))
            for item in tool.items
            if item.domain == domain.code
        )
        found.append((domain.label, rows))
    about = sealed.get(ABOUT, {})
    strengths = dict(tool.strengths)
    chosen = ", ".join(strengths[code] for code in about.get("strengths", []) if code in strengths)
    rows = tuple(
        (label, text or "Not provided")
        for label, text in (
            ("What keeps the child safe", "; ".join(filter(None, (chosen, about.get("safe", ""))))),
            ("What the child says", about.get("child", "")),
            ("Why the child was not asked", about.get("child_why", "")),
            ("What else you know", about.get("more", "")),
        )
        if text or label != "Why the child was not asked"
    )
    return (*found, ("What keeps the child safe, and what the child says", rows))


def _answer(tool: Tool, item: Item, sealed: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    given = sealed.get("items", {}).get(item.code, {})
    answer = given.get("answer", "")
    if answer not in labels:
        return "Not answered yet"
    if not next(each for each in tool.answers if each.code == answer).is_sign:
        return labels[answer]
    how = {str(each): KnownHow(each).label for each in KNOWN_HOW}
    times = given.get("times", "")
    parts = (
        labels[answer],
        times_of(tool, item).get(given.get("when", ""), ""),
        f"{times} times" if item.counted and times else "",
        how.get(given.get("how", ""), ""),
        given.get("words", ""),
        f"Kept from others: {Protect(given['keep']).label}" if given.get("keep") else "",
    )
    return ". ".join(filter(None, parts))

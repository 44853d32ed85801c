"""Requests as people read them: words that are final, never rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from portal.accounts.vocabulary import Principal
from referrals.models import Case
from referrals.reading import Item, Reading
from referrals.vocabulary import State
from sharing.disclosures.models import Request
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.vocabulary import Reply
from sharing.rules.vocabulary import Category


@dataclass(frozen=True, repr=False)
class Asked:
    """One request as a row of a list. It names no child."""

    pk: UUID
    reference: str
    by: str
    team: str
    what: str
    asked_at: datetime
    due_at: datetime
    is_open: bool
    reply: str
    reply_words: str
    answered_at: datetime | None


def asked(request: Request) -> Asked:
    """One request as a row."""
    return Asked(
        pk=request.pk,
        reference=request.case.reference,
        by=team_words(request.asked_by.team),
        team=team_words(request.team),
        what="; ".join(Category(code).label for code in request.categories),
        asked_at=request.asked_at,
        due_at=request.due_at,
        is_open=not request.reply,
        reply=Reply(request.reply).label if request.reply else "",
        reply_words=request.reply_words,
        answered_at=request.answered_at,
    )


def rows(found: Iterable[Request]) -> list[Asked]:
    """Requests as rows, in the order given."""
    return [asked(request) for request in found]


def requests_on(case: Case, principal: Principal) -> list[Asked]:
    """The requests on a case that the principal may know of, the latest first. One query."""
    found = policies.visible(principal).filter(case=case).order_by("-asked_at", "pk")
    return rows(found.select_related("case", "asked_by__team__agency", "team__agency"))


def shown(reading: Reading, holder: UUID) -> tuple[Item, ...]:
    """Who the child is, from this holder: what a question tells, and nothing else of a reading.

    The asked team may read more of the case by other shares: that is no news to it, and not for
    who asks to see. Only what says something, without who said it: that is who told us of the
    concern.
    """
    seen = (State.SHOWN, State.PARTLY_WITHHELD)
    return tuple(
        replace(item, source="", by="", owner="", at=None, statement=None)
        for item in reading.items
        if (item.category, item.holder) == (Category.IC1, holder)
        and item.state in seen
        and item.value is not None
    )

"""Requests as people read them: words that are final, never rows."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.clock import start_of_clock
from referrals.models import Case
from referrals.reading import Item, Reading
from referrals.vocabulary import State
from sharing.disclosures.models import Request, RequestQuerySet
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.vocabulary import ChaserKind, Reply
from sharing.rules.vocabulary import Category


@dataclass(frozen=True, repr=False)
class Asked:
    """One request as a row of a list. It names no child.

    `given_to`: who of the team is to answer, by name, where it is somebody's. `may_chase`: the
    reader may, and nobody has pressed on this working day.
    """

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
    given_to: str
    chased: int
    chased_at: datetime | None
    may_chase: bool


def asked(request: Request, chases: Container[UUID] = ()) -> Asked:
    """One request as a row. `chases` has the keys of those that the reader may chase."""
    chasers = list(request.chasers.all())
    area = request.case.partnership
    today = start_of_clock(timezone.now(), area.office_opens, area.office_closes).date()
    by_hand = {each.working_day for each in chasers if each.kind == ChaserKind.HAND}
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
        given_to=request.given_to.user.name if request.given_to else "",
        chased=len(chasers),
        chased_at=max((each.chased_at for each in chasers), default=None),
        may_chase=not request.reply and request.pk in chases and today not in by_hand,
    )


def for_rows(found: RequestQuerySet) -> RequestQuerySet:
    """With what a row needs, in two queries whatever the number of rows."""
    return found.select_related(
        "case__partnership", "asked_by__team__agency", "team__agency", "given_to__user"
    ).prefetch_related("chasers")


def rows(principal: Principal, found: Iterable[Request]) -> list[Asked]:
    """Requests as rows for this reader, in the order given."""
    listed = list(found)
    chases = set(
        policies.chases(principal)
        .filter(pk__in=[request.pk for request in listed])
        .values_list("pk", flat=True)
    )
    return [asked(request, chases) for request in listed]


def requests_on(case: Case, principal: Principal) -> list[Asked]:
    """The requests on a case that the principal may know of, the latest first. Three queries."""
    found = policies.visible(principal).filter(case=case).order_by("-asked_at", "pk")
    return rows(principal, for_rows(found))


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

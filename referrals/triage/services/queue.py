"""The board as somebody sees it: a page of what waits, what its rows say, what is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON, end_of
from referrals import policies
from referrals.matching.reading import before, counted, with_same_child
from referrals.models import Case, Decision
from referrals.reading import Summary
from referrals.services import clocks, list_cases
from referrals.triage.policies import overseen
from referrals.triage.reading import narrowed, tell_of_harm
from referrals.triage.services.board import LATELY, MOST_AT_ONCE, Opened, opened_by, replied
from referrals.vocabulary import Flag


@dataclass(frozen=True, repr=False)
class Waiting:
    """One row of the board: the case, and what is said of it beside that.

    `flags` are words of `Flag`, as far as the reader may know. `replied`: an agency has answered
    since they looked. `matches` is how many likely and possible ones there are; `compares`: the
    reader may open them.
    """

    row: Summary
    opened: Opened | None
    stands_still: bool
    replied: bool
    flags: tuple[str, ...]
    matches: int
    compares: bool


@dataclass(frozen=True, repr=False)
class Board:
    """One page of the board. `counts` are those of its views; `areas` where there are several."""

    rows: tuple[Waiting, ...]
    page: Page[Any]
    counts: Mapping[str, int]
    last_decided: datetime | None


def areas(actor: Principal) -> list[tuple[str, str]]:
    """The areas that the actor works for, as code and name; none where there is only one."""
    if len(actor.partnership_ids) < 2:
        return []
    found = Partnership.objects.filter(pk__in=actor.partnership_ids).order_by("name")
    return list(found.values_list("slug", "name"))


def look(
    *,
    actor: Principal,
    chosen: Mapping[str, str],
    number: str | None,
    at: datetime,
    view: str = "",
) -> Board:
    """Read one page of the board, narrowed by these codes, on the record.

    `number` is the page that was asked for; another one where that is none. `view` is the name of
    the count of these codes, where they are those of a view: it is not counted twice.
    Raises Refused to whoever does not work at the front door.
    """
    policies.require_triage(actor)
    answered = replied(actor)
    waiting = policies.sights(actor).waiting()
    tonight = end_of(at.astimezone(LONDON).date())
    counts = waiting.counted(at, tonight, actor.membership_id)
    counts["replies"] = waiting.filter(case_id__in=answered).count() if answered else 0
    pages = Paginator(narrowed(actor, chosen, at, answered), MOST_AT_ONCE)
    if view:
        pages.count = counts[view]
    page = pages.get_page(number)
    asked: Any = with_same_child(Case.objects.select_related("particulars")).annotate(
        tells_of_harm=Exists(tell_of_harm(actor).filter(pk=OuterRef("pk"))),
        overseen=Exists(overseen(actor).filter(pk=OuterRef("pk"))),
    )
    cases = asked.of_page(page.object_list)
    rows = list_cases(actor=actor, cases=cases)
    shown = [row.case_id for row in rows]
    opened = opened_by(actor, shown, at - LATELY)
    still = clocks.standing_still(shown)
    # Cases of before particulars were kept have none until the sweep has come to them.
    known = (getattr(case, "particulars", None) for case in cases)
    matches = counted(actor, filter(None, known))
    again = before(actor, cases)
    harm = {case.pk for case in cases if case.tells_of_harm}
    mine = {case.pk for case in cases if case.overseen}
    said = ((Flag.HARM, harm), (Flag.AGAIN, again))
    return Board(
        rows=tuple(
            Waiting(
                row=row,
                opened=opened.get(row.case_id),
                stands_still=row.case_id in still,
                replied=row.case_id in answered,
                flags=tuple(flag.label for flag, cases in said if row.case_id in cases),
                matches=matches.get(row.case_id, 0),
                compares=row.case_id in mine,
            )
            for row in rows
        ),
        page=page,
        counts=counts,
        last_decided=None if rows else _last_decided(actor),
    )


def _last_decided(actor: Principal) -> datetime | None:
    seen = policies.visible(actor).values("pk")
    last = Decision.objects.filter(case__in=seen).order_by("-decided_at")
    return last.values_list("decided_at", flat=True).first()

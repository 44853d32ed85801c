"""What the meeting before agreed should be done, as one reader may read it: the first of papers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies as actions
from referrals.actions.workflow import State
from referrals.meetings import policies
from referrals.meetings.models import AgendaItem, AgreedAction, Meeting
from sharing.rules.vocabulary import Purpose


@dataclass(frozen=True, repr=False)
class PreviousAction:
    """One action as it was agreed. `state` is how far it is, or "" where that is not theirs."""

    case: UUID
    reference: str
    what: str
    who: str
    due: str
    state: str


@dataclass(frozen=True, repr=False)
class Previous:
    """The actions of the meeting before, and when that was held."""

    held: str = ""
    rows: tuple[PreviousAction, ...] = ()

    @property
    def cases(self) -> tuple[UUID, ...]:
        """The cases of which it shows something, each once, for the ledger."""
        return tuple(dict.fromkeys(row.case for row in self.rows))

    def purpose(self, reader: Principal) -> Purpose:
        """What a page that begins with it is read for: with any of it, what the law was asked."""
        return Purpose.PANEL if self.rows else casework.purpose_of(reader)


def previous_actions(
    principal: Principal, meeting: Meeting, at: datetime | None = None
) -> Previous:
    """What the last meeting of the same panel agreed, resolved for this principal, now.

    To whoever may know of that meeting it is what the law opens to them of its minutes (all, or
    what their own agency is to do), about children of whom they may know today. To anybody it is
    what is theirs anyway, of items that stand in their minutes. Nothing of it tells of a child who
    is kept from them by a conflict of interest, or to whose item they are not invited, in that
    meeting or in this one: not even that there is more. What was agreed stands, although the
    decision it was agreed with was written anew. The caller records the reading. Seven queries at
    most, however many actions.
    """
    knows = policies.meetings(principal).filter(pk=OuterRef("pk"))
    before: Any = (
        Meeting.objects.over()
        .filter(series=meeting.series_id, starts_at__lt=meeting.starts_at)
        .select_related("planned_by__team__agency")
        .annotate(is_known=Exists(knows))
        .first()
    )
    if before is None:
        return Previous()
    rows = list(_agreed(principal, before, meeting))
    own = principal.agency_id if before.is_known else None
    kept = [row for row in rows if row.is_theirs or row.agency_id == own]
    if before.is_known and len(kept) < len(rows):
        reach = policies.reach(principal, before, (), at or timezone.now())
        kept = [row for row in rows if row in kept or reach.opens_all(row.conclusion.item)]
    if not kept:
        return Previous()
    return Previous(
        held=day(before.held_at or before.starts_at),
        rows=tuple(_row(row, is_theirs=row.is_theirs) for row in kept),
    )


def _agreed(principal: Principal, before: Meeting, meeting: Meeting) -> QuerySet[Any]:
    """What it agreed about children of whom the principal may know, and what is theirs to do, each
    with whether the action is theirs. The law is not asked here.
    """
    left_out = AgendaItem.objects.on_agenda().filter(
        policies.kept_out(principal), meeting=meeting, nomination__case__isnull=False
    )
    own = actions.visible(principal)
    known = casework.visible(principal).values("pk")
    return (
        AgreedAction.objects.filter(
            Q(conclusion__item__nomination__case__in=known) | Q(action__in=own.values("pk")),
            conclusion__item__in=policies.minuted(principal, before).order_by().values("pk"),
        )
        .exclude(
            conclusion__item__nomination__case__in=left_out.order_by().values("nomination__case")
        )
        .annotate(is_theirs=Exists(own.filter(pk=OuterRef("action"))))
        .select_related("agency", "owner__user", "action", "conclusion__item__nomination__case")
        .order_by("due", "conclusion__item__position", "conclusion__written_at", "place", "pk")
    )


def _row(row: AgreedAction, *, is_theirs: bool) -> PreviousAction:
    case = row.conclusion.item.nomination.case
    assert case is not None  # noqa: S101 - an action is always about a child
    return PreviousAction(
        case=case.pk,
        reference=case.reference,
        what=row.what,
        who=f"{row.owner.user.name}, {row.agency.name}",
        due=day(row.due),
        state=State(row.action.status).label if is_theirs else "",
    )

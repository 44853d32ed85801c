"""What the meeting before agreed should be done, as one reader may read it: the first of papers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies as actions
from referrals.actions.workflow import State
from referrals.meetings import policies
from referrals.meetings.models import AgreedAction, Meeting


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


def previous_actions(
    principal: Principal, meeting: Meeting, at: datetime | None = None
) -> Previous:
    """What the last meeting of the same panel agreed, resolved for this principal, now.

    It is what the law opens to them of that meeting's minutes (all, or what their own agency is to
    do), about children of whom they may know today, and whatever action is theirs anyway. Nothing
    of it tells of a child who is kept from them by a conflict of interest: not even that there is
    more. The caller records the reading. Seven queries at most, however many actions.
    """
    before = (
        Meeting.objects.over()
        .filter(series=meeting.series_id, starts_at__lt=meeting.starts_at)
        .select_related("planned_by__team__agency")
        .first()
    )
    if before is None:
        return Previous()
    known = casework.visible(principal).values("pk")
    own = actions.visible(principal).values("pk")
    rows = list(
        AgreedAction.objects.filter(
            Q(conclusion__item__nomination__case__in=known) | Q(action__in=own),
            conclusion__item__in=policies.minuted(principal, before).order_by().values("pk"),
            conclusion__superseded_at__isnull=True,
        )
        .select_related("agency", "owner__user", "action", "conclusion__item__nomination__case")
        .order_by("due", "conclusion__item__position", "place")
    )
    if not rows:
        return Previous()
    reach = policies.reach(principal, before, (), at or timezone.now())
    theirs = set(
        actions.visible(principal)
        .filter(pk__in=[row.action_id for row in rows])
        .values_list("pk", flat=True)
    )
    return Previous(
        held=day(before.held_at or before.starts_at),
        rows=tuple(
            _row(row, is_theirs=row.action_id in theirs)
            for row in rows
            if row.action_id in theirs
            or row.agency_id == principal.agency_id
            or reach.opens_all(row.conclusion.item)
        ),
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

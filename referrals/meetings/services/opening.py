"""What a meeting opens to the people in it, one by one, and closes again.

The law is asked for each agency that holds something, for the purpose of the panel. Each yes is a
grant to that one person with an end; nothing opens to the rest of their team.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from referrals.meetings.models import AgendaItem, Attendance, Invitation, Meeting, NotInvited
from referrals.meetings.vocabulary import Came
from referrals.meetings.workflow import ItemStatus, MeetingStatus
from referrals.models import Case, Decision, Grant, GrantQuerySet, Sight, Statement, Wall
from referrals.services import end_grants, record_grants, share_by_rule
from referrals.vocabulary import Extent, Protect
from referrals.workflow import CONSIDERED
from sharing.rules.vocabulary import Purpose

PAPERS: Final = "put on the agenda of a panel"
ROOM: Final = "discussed with you in the room"
"""Each completes "the portal, by rule, when the referral was ..."."""

RUNS_OVER: Final = timedelta(hours=2)
"""For how long after its planned end what a meeting opened may stay open, if nobody ends it."""


def moment() -> datetime:
    """The database's own clock, by which everything opens and ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def at_latest(meeting: Meeting, now: datetime) -> datetime:
    """When what the meeting opens ends by itself."""
    return max(meeting.ends_at, now) + RUNS_OVER


def holders_of(cases: Iterable[UUID]) -> dict[UUID, list[Agency]]:
    """The agencies that hold something of each case, as far as anybody may be told, and the one
    that decided it. Three queries.
    """
    wanted = list(cases)
    told = Statement.objects.filter(case__in=wanted).exclude(protect=Protect.EXISTENCE)
    pairs = set(told.order_by().values_list("case_id", "agency_id").distinct())
    decided = Decision.objects.filter(case__in=wanted, superseded_at__isnull=True)
    pairs |= set(decided.values_list("case_id", "decided_by__team__agency_id"))
    agencies = Agency.objects.in_bulk({agency for _, agency in pairs})
    found: dict[UUID, list[Agency]] = {case: [] for case in wanted}
    for case, agency in sorted(pairs):
        found[case].append(agencies[agency])
    return found


def open_to(
    actor: Principal,
    case: Case,
    member: Membership,
    holders: Sequence[Agency],
    *,
    until: datetime,
    now: datetime,
    service: str,
) -> list[Grant]:
    """Open to one person what the law lets the panel see of these holders' information.

    The caller holds the meeting and the case. Nothing where no rule says yes.
    """
    made = [
        grant
        for holder in holders
        for grant in share_by_rule(
            case=case,
            team=member.team,
            holder=holder,
            purpose=Purpose.PANEL,
            at=now,
            service=service,
            by=actor.membership_id,
            until=until,
            only=member,
        )
    ]
    record_grants(actor, case, made)
    return made


def open_papers(actor: Principal, meeting: Meeting, now: datetime) -> None:
    """Open each item to whoever is invited to it and does not know of the case until the end.

    The caller holds the meeting. Not to whom a conflict of interest keeps away, nor to whoever is
    not invited to the item; and nothing of a case that is over.
    """
    items = list(
        AgendaItem.objects.on_agenda()
        .filter(meeting=meeting, nomination__case__isnull=False)
        .select_related("nomination__case__child")
        .prefetch_related("not_invited")
    )
    held = Case.objects.select_for_update(of=("self",)).select_related("child").order_by("pk")
    going_on = {
        case.pk: case
        for case in held.filter(pk__in=[item.nomination.case_id for item in items])
        if case.status in CONSIDERED
    }
    cases = {
        pk: (item, going_on[pk]) for item in items if (pk := item.nomination.case_id) in going_on
    }
    members = [
        each.membership
        for each in meeting.invitations.standing().select_related("membership__team__agency")
    ]
    latest = at_latest(meeting, now)
    seen = _seen(cases, now, latest)
    walls = walls_of(cases)
    holders: Mapping[UUID, list[Agency]] | None = None
    for pk in sorted(cases):
        item, case = cases[pk]
        out = {each.invitation_id for each in item.not_invited.all() if each.ended_at is None}
        away = set(
            meeting.invitations.filter(pk__in=out).values_list("membership_id", flat=True)
            if out
            else ()
        )
        for member in members:
            knows = (pk, member.team_id, None) in seen or (pk, member.team_id, member.pk) in seen
            if knows or member.pk in away or is_walled(walls, pk, member):
                continue
            holders = holders or holders_of(cases)
            open_to(
                actor,
                case,
                member,
                holders[pk],
                until=latest,
                now=now,
                service=PAPERS,
            )


def _seen(
    cases: Iterable[UUID], now: datetime, latest: datetime
) -> set[tuple[UUID, int, UUID | None]]:
    """Who knows of them now, and until the meeting is over: what ends before is no reason."""
    live = Sight.objects.filter(case__in=list(cases), from_at__lte=now, until_at__gte=latest)
    return set(live.values_list("case_id", "group_id", "only_id"))


def walls_of(cases: Iterable[UUID]) -> list[Wall]:
    """The conflicts of interest that stand about these cases."""
    return list(Wall.objects.filter(case__in=list(cases), lifted_at__isnull=True))


def is_walled(walls: Iterable[Wall], case: UUID | None, member: Membership) -> bool:
    """Tell whether one of them keeps this person from the case."""
    return any(
        wall.case_id == case
        and (wall.user_id == member.user_id or wall.agency_id == member.team.agency_id)
        for wall in walls
    )


def close_papers(
    actor: Principal,
    meeting: Meeting,
    *,
    why: str,
    member: UUID | None = None,
    item: AgendaItem | None = None,
) -> None:
    """End what this meeting opened: to one person, of one item, or all of it.

    Whatever it was called when it was given: the papers, what an agency added to them, and what
    the law was asked about again. What another meeting's papers still need stays.
    """
    items = AgendaItem.objects.filter(meeting=meeting, nomination__case__isnull=False)
    if item is not None:
        items = items.filter(pk=item.pk)
    found = _alone().filter(
        content_object__in=items.values("nomination__case"),
        only__in=meeting.invitations.values("membership"),
    )
    if member is not None:
        found = found.filter(only=member)
    grants = list(found)
    needed = _needed_elsewhere(meeting, {grant.content_object_id for grant in grants})
    end_all(
        actor,
        [each for each in grants if (each.content_object_id, each.only_id) not in needed],
        why,
    )


def _alone() -> GrantQuerySet:
    """What is open to one person for a panel now: by nobody else's hand than a meeting's."""
    return Grant.objects.live().filter(only__isnull=False, purpose=Purpose.PANEL)


def _needed_elsewhere(meeting: Meeting, cases: Collection[UUID]) -> set[tuple[UUID, UUID | None]]:
    """Which of these cases are in the papers of whom in another meeting: (case, membership)."""
    items = AgendaItem.objects.filter(
        nomination__case__in=cases,
        status=ItemStatus.LISTED,
        meeting__status__in=(MeetingStatus.PUBLISHED, MeetingStatus.HELD),
    ).exclude(meeting=meeting)
    found: set[tuple[UUID, UUID | None]] = set()
    for item, other, case in items.values_list("pk", "meeting", "nomination__case"):
        out = NotInvited.objects.filter(item=item, ended_at__isnull=True).values("invitation")
        invited = Invitation.objects.standing().filter(meeting=other).exclude(pk__in=out)
        invited = invited.exclude(came__in=(Came.APOLOGIES, Came.SENT))
        found |= {(case, pk) for pk in invited.values_list("membership", flat=True)}
    return found


def leave_all(actor: Principal, rooms: QuerySet[Attendance], now: datetime, why: str) -> None:
    """End these attendances and all that they opened. The caller holds the meeting.

    So also what was opened to the person since they came in, by whatever rule: what an agency
    added, and what the law was asked about again. The papers are closed by `close_papers`.
    """
    found = list(
        rooms.select_for_update(of=("self",))
        .select_related("item__nomination__case", "invitation")
        .prefetch_related("grants")
        .order_by("pk")
    )
    if not found:
        return
    grants: list[Grant] = []
    for attendance in found:
        attendance.to_at = now
        attendance.save(update_fields=["to_at"])
        grants += attendance.grants.all()
        since = _alone().filter(
            content_object=attendance.item.nomination.case_id,
            only=attendance.invitation.membership_id,
            from_at__gte=attendance.from_at,
        )
        grants += since.exclude(granted_by_service=PAPERS)
    end_all(actor, grants, why)
    by_item: dict[UUID, list[Attendance]] = {}
    for attendance in found:
        by_item.setdefault(attendance.item_id, []).append(attendance)
    for several in by_item.values():
        record_attendance(actor, several[0].item, several)


def record_attendance(actor: Principal, item: AgendaItem, rows: Iterable[Attendance]) -> None:
    """Write down who came in for an item, or left."""
    case = item.nomination.case
    record(
        actor,
        "meeting.attendance",
        case=case.pk if case else None,
        obj=("item", item.pk),
        subjects=[case.child_id] if case else [],
        ids=[each.pk for each in rows],
    )


def end_all(actor: Principal, grants: Iterable[Grant], why: str) -> None:
    """End these grants, case by case in one order."""
    by_case: dict[UUID, list[Grant]] = {}
    for grant in grants:
        by_case.setdefault(grant.content_object_id, []).append(grant)
    for pk in sorted(by_case):
        case = Case.objects.select_for_update(of=("self",)).get(pk=pk)
        end_grants(actor, case, by_case[pk], why)


def reach(case: Case, holder: Agency, now: datetime, by: UUID) -> list[Grant]:
    """Let those who may see the case by rule see what another agency now holds of it too.

    An agency that brings its first words to a case is a holder whom nobody's share names. The law
    is asked for each: for the panel, and at the front door. Each ends when what they have ends.
    The caller holds the case.
    """
    live = Grant.objects.live().filter(content_object=case).exclude(extent=Extent.ANSWER)
    rows = list(live.select_related("group__team__agency", "only").order_by("pk"))
    has = {(row.group_id, row.only_id) for row in rows if row.holder_id == holder.pk}
    made = []
    for row in rows:
        whom = (row.group_id, row.only_id)
        if whom in has or row.purpose not in (Purpose.PANEL, Purpose.SCREEN):
            continue
        has.add(whom)
        made += share_by_rule(
            case=case,
            team=row.group.team,
            holder=holder,
            purpose=Purpose(row.purpose),
            at=now,
            service="added to by an agency of the panel",
            by=by,
            until=row.until_at,
            only=row.only,
        )
    return made

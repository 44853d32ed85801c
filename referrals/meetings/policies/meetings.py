"""Who runs a panel, who is invited to what of it, and what of an agenda somebody may know of."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.models import Agency, Membership, MembershipQuerySet
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals import policies as casework
from referrals.meetings.models import (
    AgendaItem,
    AgendaItemQuerySet,
    Invitation,
    Meeting,
    MeetingQuerySet,
    Nomination,
    NominationQuerySet,
    NotInvited,
    Series,
)
from referrals.meetings.vocabulary import CHAIRS
from referrals.meetings.workflow import MeetingStatus, NominationStatus
from referrals.models import Case
from referrals.vocabulary import Outcome

RUNS: Final = frozenset({Role.COORDINATOR, Role.MANAGER})
"""Whoever runs the panel: plans meetings, sifts, builds agendas, writes down who came."""

INVITED: Final = frozenset(
    {
        Role.PANEL_MEMBER,
        Role.PANEL_CHAIR,
        Role.COORDINATOR,
        Role.MANAGER,
        Role.AGENCY_LEAD,
        Role.PRACTITIONER,
        Role.LADO,
    }
)
"""The roles that may be invited: all that work with children, and none that watches over it."""

NOMINATES: Final = RUNS | {Role.PANEL_MEMBER, Role.PANEL_CHAIR, Role.AGENCY_LEAD}


def require_nominates(principal: Principal) -> None:
    """Insist that the principal puts things to a panel. Raises Refused."""
    if principal.role not in NOMINATES:
        raise Refused(
            "This role does not nominate for the panel", kind="nomination", action="nominate"
        )


def works_with_meetings(principal: Principal) -> bool:
    """Tell whether this role has anything to do with meetings."""
    return principal.role in INVITED and not principal.sends_only


def require_works_with_meetings(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not works_with_meetings(principal):
        raise Refused("This role is not invited to meetings", kind="meeting", action="list")


def runs(principal: Principal) -> bool:
    """Tell whether the principal runs the panels of their partnerships."""
    return principal.role in RUNS


def require_runs(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not runs(principal):
        raise Refused(
            "Only coordinators and managers of the partnership can do this",
            kind="series",
            action="run",
        )


def series_of(principal: Principal) -> list[Series]:
    """The panels of the principal's partnerships, by name."""
    found = Series.objects.filter(partnership__in=principal.partnership_ids)
    return list(found.select_related("partnership", "chair__user").order_by("name"))


def series_for(principal: Principal, pk: UUID) -> Series:
    """One of them, for whoever runs it. Raises Refused, NotVisible."""
    require_runs(principal)
    found = Series.objects.filter(partnership__in=principal.partnership_ids, pk=pk)
    series = found.select_related("partnership").first()
    if series is None:
        raise NotVisible("series", str(pk))
    return series


def meetings(principal: Principal) -> MeetingQuerySet:
    """The meetings that the principal may know of: as who runs them, chairs or is invited."""
    require_works_with_meetings(principal)
    here = Meeting.objects.filter(series__partnership__in=principal.partnership_ids)
    if runs(principal):
        return here
    invited = Invitation.objects.standing().filter(
        meeting=OuterRef("pk"), membership_id=principal.membership_id
    )
    return here.filter(Q(chair_id=principal.membership_id) | Exists(invited))


def meeting_for(principal: Principal, pk: UUID) -> Meeting:
    """Return one of them. Raises NotVisible, Refused to a role that is not invited to meetings."""
    found = meetings(principal).select_related(
        "series__partnership",
        "chair__user",
        "chair__team__agency",
        "planned_by__team__agency",
    )
    meeting = found.filter(pk=pk).first()
    if meeting is None:
        raise NotVisible("meeting", str(pk))
    return meeting


def runs_meeting(principal: Principal, meeting: Meeting) -> bool:
    """Tell whether the principal runs this meeting: as coordinator, manager or its chair."""
    return runs(principal) or meeting.chair_id == principal.membership_id


def require_runs_meeting(principal: Principal, meeting: Meeting) -> None:
    """Insist on it, for a meeting that is visible to the principal. Raises Refused."""
    if not runs_meeting(principal, meeting):
        raise Refused(
            "Only the chair of the meeting, and the coordinators and managers, can do this",
            kind="meeting",
            pk=str(meeting.pk),
            action="run",
        )


def invitation_of(principal: Principal, meeting: Meeting) -> Invitation | None:
    """The principal's own invitation to the meeting, if it stands."""
    mine = Invitation.objects.standing().filter(meeting=meeting)
    return mine.filter(membership_id=principal.membership_id).first()


def known(principal: Principal) -> Q:
    """The condition on nominations of which the principal may know: a child's by its case alone.

    So a conflict of interest leaves no trace, in any list, count or number that starts here.
    """
    return Q(case__isnull=True) | Q(case__in=casework.visible(principal).values("pk"))


def nominations(principal: Principal) -> NominationQuerySet:
    """The nominations for the panels of the partnership of which the principal may know.

    Whoever runs the panel knows of all that are open to them, anybody else of their own.
    """
    here = Nomination.objects.filter(
        known(principal), series__partnership__in=principal.partnership_ids
    )
    if runs(principal) or principal.role is Role.PANEL_CHAIR:
        return here
    return here.filter(by_id=principal.membership_id)


def to_sift(principal: Principal) -> NominationQuerySet:
    """The nominations that wait for the principal: to answer, or for what was asked of them."""
    found = nominations(principal)
    asked = Q(status=NominationStatus.MORE, by_id=principal.membership_id)
    if not sifts(principal):
        return found.filter(asked)
    others = Q(status=NominationStatus.NOMINATED) & ~Q(by__user=principal.user_id)
    return found.filter(others | asked)


def papers_to_read(principal: Principal) -> QuerySet[Invitation]:
    """The principal's invitations whose papers are out and that they have not ticked as read."""
    return Invitation.objects.standing().filter(
        membership_id=principal.membership_id,
        read_at__isnull=True,
        meeting__status=MeetingStatus.PUBLISHED,
    )


def nomination_for(principal: Principal, pk: UUID) -> Nomination:
    """One of them. Raises NotVisible."""
    found = nominations(principal).filter(pk=pk)
    nomination = found.select_related("series", "case", "by__user", "by__team__agency").first()
    if nomination is None:
        raise NotVisible("nomination", str(pk))
    return nomination


def sifts(principal: Principal) -> bool:
    """Tell whether the principal answers nominations: who runs the panel, or chairs it."""
    return runs(principal) or principal.role is Role.PANEL_CHAIR


def require_sifts(principal: Principal, nomination: Nomination) -> None:
    """Insist that the principal may answer this nomination, which another person made.

    Raises Refused.
    """
    why = ""
    if not sifts(principal):
        why = "Only coordinators, managers and the panel's chair answer nominations"
    elif nomination.by.user_id == principal.user_id:
        why = "You made this nomination, so somebody else answers it"
    if why:
        raise Refused(why, kind="nomination", pk=str(nomination.pk), action="sift")


def may_nominate(principal: Principal, case: Case) -> bool:
    """Tell whether the principal may put this case, which is visible to them, to a panel now."""
    return casework.standing(principal, case).may_nominate and not _is_joined(case)


def require_may_nominate(principal: Principal, case: Case) -> None:
    """Insist on it. Raises Refused."""
    if not may_nominate(principal, case):
        raise Refused(
            "A case is nominated by those who work with it, once it is decided and while it is"
            " not over",
            kind="case",
            pk=str(case.pk),
            action="nominate",
        )


def _is_joined(case: Case) -> bool:
    standing = case.decisions.filter(superseded_at__isnull=True)
    return standing.filter(outcome=Outcome.JOINED).exists()


def items(principal: Principal, meeting: Meeting | UUID) -> AgendaItemQuerySet:
    """What of an agenda the principal may know of, in its order.

    Whoever runs the meeting knows of all that is open to them; anybody else of what they are
    invited to, once the papers are out.
    """
    found = AgendaItem.objects.on_agenda().filter(meeting=meeting)
    open_to = Q(nomination__case__isnull=True) | Q(
        nomination__case__in=casework.visible(principal).values("pk")
    )
    # An item is read with its case's child and the words of its partnership.
    found = found.filter(open_to).select_related(
        "nomination__case__child", "nomination__case__partnership", "meeting"
    )
    if runs(principal):
        return found
    return found.filter(_papers_are_out(principal)).exclude(kept_out(principal))


def pack_items(principal: Principal, meeting: Meeting) -> AgendaItemQuerySet:
    """What of an agenda stands in the principal's own papers."""
    mine = Invitation.objects.standing().filter(
        meeting=OuterRef("meeting"), membership_id=principal.membership_id
    )
    found = items(principal, meeting).filter(Exists(mine)).exclude(kept_out(principal))
    return found.filter(_papers_are_out(principal))


def _papers_are_out(principal: Principal) -> Q:
    chairs = Q(meeting__chair_id=principal.membership_id)
    return chairs | ~Q(meeting__status=MeetingStatus.PLANNED)


def kept_out(principal: Principal) -> Q:
    """The condition on items under which somebody said that the principal is not invited."""
    left_out = NotInvited.objects.filter(
        item=OuterRef("pk"),
        ended_at__isnull=True,
        invitation__membership_id=principal.membership_id,
    )
    return Q(Exists(left_out))


def item_for(principal: Principal, meeting: Meeting, pk: UUID, *, own: bool = False) -> AgendaItem:
    """One item of an agenda; with `own`, of the principal's own papers. Raises NotVisible."""
    found = pack_items(principal, meeting) if own else items(principal, meeting)
    item = found.filter(pk=pk).first()
    if item is None:
        raise NotVisible("item", str(pk))
    return item


def may_be_invited(meeting: Meeting) -> MembershipQuerySet:
    """Who of the partnership may be invited to the meeting, by agency and name."""
    return who_may_come(meeting.series.partnership_id)


def who_may_come(partnership: UUID) -> MembershipQuerySet:
    """Who of a partnership may be invited to its panels, by agency and name."""
    return (
        Membership.objects.live()
        .filter(
            team__agency__partnerships=partnership,
            team__role__in=sorted(INVITED),
            team__sends_only=False,
        )
        .select_related("user", "team__agency")
        .order_by("team__agency__name", "user__name", "pk")
    )


def may_chair(partnership: UUID) -> MembershipQuerySet:
    """Who of a partnership may chair its panels, by agency and name."""
    return who_may_come(partnership).filter(team__role__in=sorted(CHAIRS))


def quorum(series: Series, there: Iterable[Agency]) -> tuple[str, ...]:
    """What is missing for a quorum with these agencies in the room; nothing where it is met."""
    agencies = {agency.pk: AgencyKind(agency.kind) for agency in there}
    missing = []
    if len(agencies) < series.quorum_agencies:
        missing.append(
            f"{series.quorum_agencies} agencies must be there; {len(agencies)}"
            f" {'is' if len(agencies) == 1 else 'are'}."
        )
    present = set(agencies.values())
    missing.extend(
        f"{AgencyKind(kind).label} must be there, and is not."
        for kind in series.quorum_kinds
        if AgencyKind(kind) not in present
    )
    return tuple(missing)

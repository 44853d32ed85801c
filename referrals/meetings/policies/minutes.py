"""Who writes, shows, approves and reads what was said in a meeting: the law, asked line by line.

The minutes are the record (IC16) of the agency that convenes the panel, and what an agency said is
that agency's own information too. So the law is asked about both, for the purpose of the panel.
Whoever said it, in the room, is its author (rule 0b); whoever keeps the minutes or chairs the
meeting is the author of the record; the front door reads what its own council holds (rule 0c). A
member of another agency reads the part that rule 15 leaves: their own agency's actions, what was
decided, and when the panel looks again. What a person has decided to share, a grant opens.
"""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.models import Agency, Membership, MembershipQuerySet
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import Refused
from referrals import policies as casework
from referrals.meetings.models import (
    AgendaItem,
    AgendaItemQuerySet,
    Attendance,
    Comment,
    Conclusion,
    Invitation,
    Line,
    Meeting,
    Minutes,
    Pen,
)
from referrals.meetings.policies.meetings import RUNS, items, kept_out, runs, who_may_come
from referrals.meetings.vocabulary import CHAIRS
from referrals.meetings.workflow import MeetingStatus
from referrals.models import Wall
from referrals.vocabulary import Extent
from sharing.rules import policies as law
from sharing.rules.decision import Decision, Facts, Recipient, Rule, decide
from sharing.rules.vocabulary import Category, Outcome, Purpose


@dataclass(frozen=True, repr=False)
class Reach:
    """What the law lets one reader read of what was said and decided in one meeting, now.

    `holder` convenes the panel. `keeps`: the reader chairs the meeting, or holds or held the pen.
    `here`: the items for which they were in the room. `given`: the cases whose record a grant opens
    to them.
    """

    reader: Recipient
    holder: Agency
    keeps: bool
    here: Collection[UUID]
    given: Collection[UUID]
    facts: Facts
    at: datetime
    known: dict[tuple[UUID, bool], Decision] = field(default_factory=dict)

    def said(self, item: AgendaItem, agency: Agency) -> Decision:
        """The law about what this agency said of an item, or why it disagrees."""
        if agency.pk == self.reader.agency_id:
            own = self._asked(agency, wrote=item.pk in self.here)
            if opens(own):
                return own
        return self.recorded()

    def decided(self, item: AgendaItem) -> Decision:
        """The law about what the panel decided: whoever was in the room decided it."""
        return self._asked(self.holder, wrote=self.keeps or item.pk in self.here)

    def recorded(self) -> Decision:
        """The law about all the rest of the record: reasons, others' words, others' actions."""
        return self._asked(self.holder, wrote=self.keeps)

    def opens_all(self, item: AgendaItem) -> bool:
        """Tell whether the reader reads the whole record of an item."""
        return item.nomination.case_id in self.given or opens(self.recorded())

    def _asked(self, holder: Agency, *, wrote: bool) -> Decision:
        key = (holder.pk, wrote)
        if key not in self.known:
            facts = replace(
                self.facts,
                holder_kind=AgencyKind(holder.kind),
                holder_agency=holder.pk,
                recipient_is_author=wrote,
            )
            self.known[key] = decide(self.reader, facts, Category.IC16, Purpose.PANEL, self.at)
        return self.known[key]


def reach(principal: Principal, meeting: Meeting, here: Collection[UUID], at: datetime) -> Reach:
    """Ask once what all lines of a meeting have in common for this reader."""
    holder = convener(meeting)
    shared = casework.grants(principal).filter(
        holder=holder, extent=Extent.WHOLE, categories__contains=[Category.IC16]
    )
    given = set(shared.values_list("content_object_id", flat=True))
    agreed = law.agreed(principal.agency_id, Purpose.PANEL, at)
    facts = _facts(principal, law.in_force(at), agreed)
    return Reach(principal, holder, keeps(principal, meeting), here, given, facts, at)


def reaches_of_teams(
    readers: Iterable[Recipient], meeting: Meeting, here: Collection[UUID], own: Reach
) -> list[Reach]:
    """The same for whole teams, of whom nobody keeps the minutes, at the moment and by the rules of
    `own`. One query, however many.
    """
    teams, holder, rules, at = list(readers), convener(meeting), own.facts.rules, own.at
    agreed = law.agreed_by({team.agency_id for team in teams}, Purpose.PANEL, at)
    return [
        Reach(team, holder, False, here, (), _facts(team, rules, agreed[team.agency_id]), at)
        for team in teams
    ]


def _facts(reader: Recipient, rules: tuple[Rule, ...], agreed: Container[Category]) -> Facts:
    return Facts(
        rules=rules,
        holder_kind=reader.agency_kind,
        holder_agency=reader.agency_id,
        agreement=Category.IC16 in agreed,
    )


def convener(meeting: Meeting) -> Agency:
    """The agency that convenes the panel and holds its record: that of whoever planned it."""
    return meeting.planned_by.team.agency


def keeps(principal: Principal, meeting: Meeting) -> bool:
    """Tell whether the principal chairs the meeting, or holds or held the pen in it."""
    if meeting.chair_id == principal.membership_id:
        return True
    return Pen.objects.filter(meeting=meeting, holder_id=principal.membership_id).exists()


def opens(ruling: Decision) -> bool:
    """Tell whether the law's answer opens the whole of it."""
    return ruling.outcome is Outcome.ALLOW


def leaves_a_part(ruling: Decision) -> bool:
    """Tell whether the law leaves a part: what a member needs to know, and their own actions."""
    return ruling.outcome in (Outcome.ALLOW, Outcome.REDACT)


def holds_the_pen(principal: Principal, meeting: Meeting) -> bool:
    """Tell whether the principal holds the pen now."""
    held = Pen.objects.filter(meeting=meeting, until_at__isnull=True)
    return held.filter(holder_id=principal.membership_id).exists()


def drafts(principal: Principal, meeting: Meeting) -> bool:
    """Tell whether the principal drafts the minutes: who runs it, but not the person who chairs."""
    return runs(principal) and meeting.chair.user_id != principal.user_id


def require_drafts(principal: Principal, meeting: Meeting) -> None:
    """Insist on it. Raises Refused; the meeting is visible to the principal."""
    if not drafts(principal, meeting):
        raise Refused(
            "The chair approves the minutes, so a coordinator or manager drafts them",
            kind="meeting",
            pk=str(meeting.pk),
            action="draft",
        )


def approves(principal: Principal, minutes: Minutes) -> bool:
    """Tell whether the principal approves these minutes: the chair of the meeting, in person."""
    return minutes.meeting.chair_id == principal.membership_id


def require_approves(principal: Principal, minutes: Minutes) -> None:
    """Insist on it. Raises Refused; the meeting is visible to the principal."""
    if not approves(principal, minutes):
        raise Refused(
            "Only the chair of the meeting approves its minutes",
            kind="meeting",
            pk=str(minutes.meeting_id),
            action="approve",
        )


def may_write(meeting: Meeting) -> list[Membership]:
    """Those who can hold the pen: the chair, who planned it, and those at the front door who are
    invited.
    """
    invited = meeting.invitations.filter(withdrawn_at__isnull=True).values("membership")
    found = (
        Membership.objects.live()
        .filter(
            Q(pk__in=[meeting.chair_id, meeting.planned_by_id])
            | Q(pk__in=invited, team__role__in=[Role.COORDINATOR, Role.MANAGER])
        )
        .select_related("user", "team__agency")
    )
    return list(found.order_by("user__name", "pk"))


def writes(principal: Principal, meeting: Meeting) -> bool:
    """Tell whether the principal can hold the pen in this meeting."""
    return principal.membership_id in {each.pk for each in may_write(meeting)}


def require_writes(principal: Principal, meeting: Meeting) -> None:
    """Insist on it. Raises Refused; the meeting is visible to the principal."""
    if not writes(principal, meeting):
        raise Refused(
            "Only the chair, and the coordinators and managers who are invited, hold the pen",
            kind="meeting",
            pk=str(meeting.pk),
            action="write",
        )


def agencies_here(item: AgendaItem) -> list[Agency]:
    """The agencies from which somebody was in the room for an item."""
    here = item.attendances.values("invitation__membership__team__agency")
    return list(Agency.objects.filter(pk__in=here).order_by("name", "pk"))


def minuted(principal: Principal, meeting: Meeting) -> AgendaItemQuerySet:
    """What of a meeting stands in the principal's minutes, in the order of its agenda.

    What they may know of now; what they were in the room for, although that is over; and for who
    keeps the minutes all of it. Nothing that a conflict of interest keeps from them, and nothing
    to which they are not invited.
    """
    found = (
        AgendaItem.objects.on_agenda()
        .filter(meeting=meeting)
        .exclude(nomination__case__in=casework.walls(principal).values("case"))
        .exclude(kept_out(principal))
        .select_related("nomination__case", "meeting")
    )
    if keeps(principal, meeting):
        return found
    was_here = Attendance.objects.filter(
        item=OuterRef("pk"), invitation__membership=principal.membership_id
    )
    return found.filter(
        Exists(was_here) | Q(pk__in=items(principal, meeting).order_by().values("pk"))
    )


def kept_from_chair(meeting: Meeting, at: datetime) -> AgendaItemQuerySet:
    """The items that a conflict of interest kept from the chair at this moment. It opens nothing to
    anybody.
    """
    chair = meeting.chair
    against = Q(user=chair.user_id) | Q(agency=chair.team.agency_id)
    stood = Q(lifted_at__isnull=True) | Q(lifted_at__gt=at)
    standing = Wall.objects.filter(against, stood, raised_at__lte=at).values("case")
    return AgendaItem.objects.on_agenda().filter(meeting=meeting, nomination__case__in=standing)


def approves_of(principal: Principal, minutes: Minutes, items: Collection[UUID]) -> frozenset[UUID]:
    """Which of these items, from which the chair is kept, the principal may approve: who may chair
    this panel, but neither who does, nor who drafted the minutes or wrote the item. One query.
    """
    others = {minutes.meeting.chair.user_id, minutes.drafted_by.user_id}
    if not items or principal.role not in CHAIRS or principal.user_id in others:
        return frozenset()
    theirs = _writings(OuterRef("pk"), Q(written_by__user=principal.user_id))
    found = AgendaItem.objects.filter(pk__in=items).exclude(theirs)
    return frozenset(found.values_list("pk", flat=True))


def _writings(item: UUID | OuterRef, by: Q) -> Q:
    """Whether somebody wrote what stands of an item: a line of it, or its decision."""
    lines = Line.objects.standing().filter(by, item=item)
    decided = Conclusion.objects.filter(by, item=item, superseded_at__isnull=True)
    return Q(Exists(lines)) | Q(Exists(decided))


def require_approves_item(principal: Principal, minutes: Minutes, item: AgendaItem) -> None:
    """Insist on it. Raises Refused."""
    if item.pk not in approves_of(principal, minutes, [item.pk]):
        raise Refused(
            "Somebody who may chair this panel, and who neither drafted these minutes nor wrote"
            " this item, can do this",
            kind="meeting",
            pk=str(minutes.meeting_id),
            action="approve-item",
        )


def who_approves_item(minutes: Minutes, item: AgendaItem) -> MembershipQuerySet:
    """Those who may approve an item from which the chair is kept, where they read it whole."""
    invited = minutes.meeting.invitations.standing().values("membership")
    people = who_may_come(minutes.meeting.series.partnership_id).filter(
        Q(team__role__in=sorted(RUNS)) | Q(team__role__in=sorted(CHAIRS), pk__in=invited)
    )
    able = (
        people.exclude(user__in=[minutes.meeting.chair.user_id, minutes.drafted_by.user_id])
        .exclude(_writings(item.pk, Q(written_by__user=OuterRef("user"))))
        .exclude(
            pk__in=item.not_invited.filter(ended_at__isnull=True).values("invitation__membership")
        )
    )
    case = item.nomination.case_id
    return casework.who_may_know(case, able) if case else able.none()


def took_part(principal: Principal, meeting: Meeting) -> bool:
    """Tell whether the principal was in the room for any item that they may know of."""
    return Attendance.objects.filter(
        item__in=minuted(principal, meeting).order_by().values("pk"),
        invitation__membership=principal.membership_id,
    ).exists()


def require_took_part(principal: Principal, meeting: Meeting) -> None:
    """Insist on it. Raises Refused; the meeting is visible to the principal."""
    if not took_part(principal, meeting):
        raise Refused(
            "Only those who were in the room comment on the minutes",
            kind="meeting",
            pk=str(meeting.pk),
            action="comment",
        )


def is_open(meeting: Meeting) -> bool:
    """Tell whether what was said and decided can still be written."""
    if meeting.status != MeetingStatus.ENDED:
        return meeting.status == MeetingStatus.HELD
    return not Minutes.objects.filter(meeting=meeting, approved_at__isnull=False).exists()


def minutes_waiting(principal: Principal, now: datetime) -> QuerySet[Minutes]:
    """Drafts that wait for the principal: for their agency's word on its lines, or to be approved.

    Nothing of any item decides it, so that it tells nothing of one.
    """
    here = Invitation.objects.here().filter(
        meeting=OuterRef("meeting"), membership=principal.membership_id
    )
    answered = Comment.objects.filter(minutes=OuterRef("pk"), agency=principal.agency_id)
    chairs = Q(meeting__chair=principal.membership_id)
    comments = Q(Exists(here), ~Exists(answered), comments_until__gt=now) & ~Q(
        meeting__chair__team__agency=principal.agency_id
    )
    return Minutes.objects.filter(chairs | comments, approved_at__isnull=True)

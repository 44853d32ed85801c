"""Planning a meeting: when, where, who chairs it, who is invited, and who stands in for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import LONDON, end_of, is_working_day
from portal.common.errors import DomainError, NotVisible
from referrals import policies as casework
from referrals.meetings import policies, reading
from referrals.meetings.models import Attendance, Invitation, Meeting, NotInvited
from referrals.meetings.services.opening import close_papers, leave_all, moment
from referrals.meetings.vocabulary import Came
from referrals.meetings.workflow import MeetingStatus


@dataclass(frozen=True, repr=False)
class Plan:
    """A meeting as somebody plans it. `invited` are memberships; the chair is invited anyway."""

    starts_at: datetime
    ends_at: datetime
    chair: UUID
    invited: tuple[UUID, ...]
    confidentiality: str
    place: str = ""
    link: str = ""


@dataclass(frozen=True, repr=False)
class Listed:
    """The meetings that somebody has to do with, each with their part in it: (meeting, part)."""

    coming: list[tuple[Meeting, str]]
    over: list[tuple[Meeting, str]]
    month: list[Meeting]


def list_meetings(*, actor: Principal, month: date) -> Listed:
    """The meetings to come, the last that are over, and those of one month.

    Nothing of their agendas is in it. Raises Refused to a role that is not invited to meetings.
    """
    found = policies.meetings(actor).select_related("series")
    begins = end_of(month - timedelta(days=1))
    ends = end_of((month + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    coming, over = list(found.coming()[:50]), list(found.over()[:20])
    mine = Invitation.objects.standing().filter(
        meeting__in=[*coming, *over], membership_id=actor.membership_id
    )
    invited = set(mine.values_list("meeting_id", flat=True))

    def with_part(meeting: Meeting) -> tuple[Meeting, str]:
        if meeting.chair_id == actor.membership_id:
            return meeting, "You chair it"
        return meeting, "You are invited" if meeting.pk in invited else "You run it"

    in_month = found.filter(starts_at__gte=begins, starts_at__lt=ends).order_by("starts_at", "pk")
    return Listed(
        coming=[with_part(meeting) for meeting in coming],
        over=[with_part(meeting) for meeting in over],
        month=list(in_month[:200]),
    )


@dataclass(frozen=True, repr=False)
class People:
    """Who is invited to a meeting, and who may be."""

    meeting: Meeting
    name: str
    guests: list[reading.Guest]
    may_come: list[Membership]


def read_people(*, actor: Principal, pk: UUID) -> People:
    """Who is invited to a meeting, and who else may be. Raises NotVisible, Refused."""
    meeting = policies.meeting_for(actor, pk)
    policies.require_runs_meeting(actor, meeting)
    return People(
        meeting=meeting,
        name=meeting.series.name,
        guests=reading.guests(invitations_of(meeting)),
        may_come=list(policies.may_be_invited(meeting)),
    )


def invitations_of(meeting: Meeting) -> list[Invitation]:
    """Its standing invitations with all that a line of one needs."""
    found = meeting.invitations.standing().select_related(
        "membership__user", "membership__team__agency"
    )
    return list(found.order_by("membership__team__agency__name", "membership__user__name", "pk"))


@transaction.atomic
def read_left_out(
    *, actor: Principal, pk: UUID, item: UUID
) -> tuple[reading.AgendaLine, list[reading.Guest], set[UUID]]:
    """One item, who is invited to the meeting, and who of them is not invited to it; on the record.

    Raises NotVisible, Refused.
    """
    meeting = policies.meeting_for(actor, pk)
    policies.require_runs_meeting(actor, meeting)
    lines, known = reading.agenda_lines(actor, policies.items(actor, meeting))
    line = next((each for each in lines if each.pk == item), None)
    if line is None:
        raise NotVisible("item", str(item))
    out = NotInvited.objects.filter(item=item, ended_at__isnull=True)
    record(
        actor,
        "case.listed",
        purpose=casework.purpose_of(actor),
        ids=[case.pk for case in known.cases],
        fields=["IC1"],
    )
    guests = reading.guests(invitations_of(meeting))
    return line, guests, set(out.values_list("invitation_id", flat=True))


@transaction.atomic
def plan(*, actor: Principal, series: UUID, plan: Plan, key: UUID) -> Meeting:
    """Plan a meeting of a panel and invite to it. Nobody is told before its papers are out.

    `key` names the form, so that a double press plans once. Agencies add to the papers until one
    working day before it starts. Raises Refused, NotVisible; DomainError for a time that has
    passed or does not fit, without a place or a link, and for people who cannot be invited.
    """
    panel = policies.series_for(actor, series)
    before = Meeting.objects.filter(pk=key).first()
    if before is not None:
        return policies.meeting_for(actor, before.pk)
    _insist(plan)
    meeting = Meeting.objects.create(
        pk=key,
        series=panel,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        place=plan.place.strip(),
        link=plan.link.strip(),
        chair_id=plan.chair,
        confidentiality=plan.confidentiality.strip() or panel.confidentiality,
        contributions_by=_before(plan.starts_at),
        planned_by_id=actor.membership_id,
    )
    if not policies.may_chair(panel.partnership_id).filter(pk=plan.chair).exists():
        raise DomainError("Select a chair who may record what the panel decides.")
    wanted = dict.fromkeys((plan.chair, actor.membership_id, *plan.invited))
    _invite(actor, meeting, _may_come(meeting, wanted))
    record(actor, "meeting.planned", obj=("meeting", meeting.pk))
    return meeting


def _insist(plan: Plan) -> None:
    if plan.starts_at <= timezone.now():
        raise DomainError("A meeting is planned for a time that has not passed.")
    if not timedelta(0) < plan.ends_at - plan.starts_at <= timedelta(hours=12):
        raise DomainError("A meeting ends after it starts, and within the day.")
    if not plan.place.strip() and not plan.link.strip():
        raise DomainError("Write where it is, or give a link to it.")


def _before(moment: datetime) -> datetime:
    local = a_working_day_before(moment)
    return local if local > timezone.now() else moment


def a_working_day_before(moment: datetime) -> datetime:
    """The same hour of the last working day before."""
    local = moment.astimezone(LONDON) - timedelta(days=1)
    while not is_working_day(local.date()):
        local -= timedelta(days=1)
    return local


def _may_come(meeting: Meeting, wanted: Iterable[UUID]) -> list[Membership]:
    pks = list(wanted)
    found = {each.pk: each for each in policies.may_be_invited(meeting).filter(pk__in=pks)}
    if len(found) < len(pks):
        raise DomainError("Somebody whom you named cannot be invited now. Choose again.")
    return [found[pk] for pk in pks]


def _invite(
    actor: Principal,
    meeting: Meeting,
    members: Sequence[Membership],
    instead_of: Invitation | None = None,
) -> list[Invitation]:
    Invitation.objects.bulk_create(
        Invitation(
            meeting=meeting,
            membership=member,
            by_id=actor.membership_id,
            instead_of=instead_of,
        )
        for member in members
    )
    return list(meeting.invitations.filter(membership__in=members))


def locked(actor: Principal, pk: UUID) -> Meeting:
    """The meeting, held until the transaction ends, for whoever runs it.

    Raises NotVisible, Refused.
    """
    policies.require_runs_meeting(actor, policies.meeting_for(actor, pk))
    held = Meeting.objects.select_for_update(of=("self",)).select_related("series__partnership")
    return held.get(pk=pk)


@transaction.atomic
def invite(
    *, actor: Principal, meeting: UUID, member: UUID, instead_of: UUID | None = None
) -> Invitation:
    """Invite somebody to a meeting, or somebody in the place of another who is invited.

    Who is invited again after that was taken back is invited as before. Their papers are open to
    them when the papers are sent out, or sent out again. Raises NotVisible, Refused; DomainError
    for somebody who cannot be invited, or is, and once the meeting is over.
    """
    held = locked(actor, meeting)
    if held.status == MeetingStatus.ENDED:
        raise DomainError("This meeting is over, so nobody is invited to it any more.")
    [chosen] = _may_come(held, [member])
    stands_for = None
    if instead_of is not None:
        stands_for = _standing(held, instead_of)
        if stands_for.came == Came.PRESENT:
            raise DomainError("Nobody comes instead of somebody who is here.")
        if stands_for.membership_id == chosen.pk:
            raise DomainError("Nobody stands in for themselves. Choose somebody else.")
    earlier = held.invitations.filter(membership=chosen).first()
    if earlier is not None and earlier.withdrawn_at is None:
        raise DomainError("This person is invited already.")
    if earlier is not None:
        earlier.withdrawn_at = None
        earlier.save(update_fields=["withdrawn_at"])
        made = earlier
    else:
        [made] = _invite(actor, held, [chosen], stands_for)
    _changed(held)
    if stands_for is not None:
        stands_for.came = Came.SENT
        stands_for.save(update_fields=["came"])
    record(actor, "meeting.invited", obj=("meeting", held.pk), ids=[made.pk])
    return made


def _changed(meeting: Meeting) -> None:
    """Its papers are to be sent out again: somebody else is invited to them."""
    meeting.version += 1
    meeting.save(update_fields=["version"])


def _standing(meeting: Meeting, pk: UUID) -> Invitation:
    found = Invitation.objects.standing().filter(meeting=meeting, pk=pk).first()
    if found is None:
        raise NotVisible("invitation", str(pk))
    return found


@transaction.atomic
def take_back(*, actor: Principal, meeting: UUID, invitation: UUID) -> None:
    """Take an invitation back: the papers close for them at once.

    Raises NotVisible, Refused; DomainError for the chair, and for who has been in the room.
    """
    held = locked(actor, meeting)
    found = _standing(held, invitation)
    if found.membership_id == held.chair_id:
        raise DomainError("The chair is invited. Nothing has been changed.")
    if found.came == Came.PRESENT:
        raise DomainError("This person is here. Write down that they left instead.")
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    _changed(held)
    close_papers(actor, held, member=found.membership_id, why="Not invited any more.")
    record(actor, "meeting.invited", obj=("meeting", held.pk), ids=[found.pk])


@transaction.atomic
def leave_out(*, actor: Principal, meeting: UUID, item: UUID, invitations: Iterable[UUID]) -> None:
    """Say who of those invited is not invited to one item: these, and nobody else.

    The papers of that item close for them at once, and who is in the room for it leaves. Raises
    NotVisible, Refused; DomainError for the chair, and once the meeting is over.
    """
    held = locked(actor, meeting)
    if held.status == MeetingStatus.ENDED:
        raise DomainError("This meeting is over. Nothing has been changed.")
    found = policies.item_for(actor, held, item)
    wanted = set(invitations)
    known = set(Invitation.objects.standing().filter(meeting=held).values_list("pk", flat=True))
    if wanted - known:
        raise NotVisible("invitation", str(next(iter(wanted - known))))
    if held.invitations.filter(pk__in=wanted, membership=held.chair_id).exists():
        raise DomainError(
            "The chair approves the minutes of every item, so the chair is invited to each. What a"
            " conflict of interest keeps from the chair, another person approves. Nothing has been"
            " changed."
        )
    now = timezone.now()
    standing = found.not_invited.filter(ended_at__isnull=True)
    standing.exclude(invitation__in=wanted).update(ended_at=now)
    already = set(standing.values_list("invitation_id", flat=True))
    NotInvited.objects.bulk_create(
        NotInvited(item=found, invitation_id=pk, by_id=actor.membership_id, at=now)
        for pk in wanted - already
    )
    _changed(held)
    rooms = Attendance.objects.in_the_room().filter(item=found, invitation__in=wanted)
    leave_all(actor, rooms, moment(), "Not invited to this item.")
    for member in Invitation.objects.filter(pk__in=wanted).values_list("membership_id", flat=True):
        close_papers(actor, held, member=member, item=found, why="Not invited to this item.")
    case = found.nomination.case
    record(
        actor,
        "meeting.invited",
        case=case.pk if case else None,
        obj=("item", found.pk),
        subjects=[case.child_id] if case else [],
        ids=sorted(wanted),
    )

"""Sending the papers out, beginning a meeting and ending it."""

from uuid import UUID

from django.db import transaction

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals.meetings import policies
from referrals.meetings.models import AgendaItem, Attendance, Meeting
from referrals.meetings.services.agenda import put_off, record_items
from referrals.meetings.services.opening import close_papers, leave_all, moment, open_papers
from referrals.meetings.services.papers import ask_for_all
from referrals.meetings.services.planning import invitations_of, locked
from referrals.meetings.workflow import MEETING, ItemStatus, MeetingAction, MeetingStatus


@transaction.atomic
def publish(*, actor: Principal, pk: UUID) -> Meeting:
    """Send the papers out: open to each what they are invited to, tell them, have the PDFs made.

    Sent out again after a change, it opens what is new and tells everybody once more. Without a
    change nobody is told, so a double press sends once; it opens what has closed meanwhile.
    Raises NotVisible, Refused; DomainError without an item, or once the meeting has begun.
    """
    held = locked(actor, pk)
    now = moment()
    status = next_status(MEETING, MeetingAction.PUBLISH, MeetingStatus(held.status))
    if not policies.items(actor, held).exists():
        raise DomainError("Add at least one item. Nothing has been sent out.")
    if held.published_version == held.version:
        open_papers(actor, held, now)
        return held
    held.status, held.published_version = status, held.version
    held.published_at = held.published_at or now
    held.save(update_fields=["status", "published_at", "published_version"])
    open_papers(actor, held, now)
    invited = invitations_of(held)
    held.invitations.standing().filter(told_at__isnull=True).update(told_at=now)
    ask_for_all(held, invited)
    cause = record(actor, "meeting.published", obj=("meeting", held.pk))
    for invitation in invited:
        # Of no case: whoever has a conflict with one of them is told the same as everybody.
        owe(recipient=invitation.membership, kind=Kind.PAPERS, reference="", case=None, cause=cause)
    return held


@transaction.atomic
def hold(*, actor: Principal, pk: UUID) -> Meeting:
    """Begin the meeting, with who is there now: whether that is a quorum is written down.

    A meeting without a quorum may begin: that it had none is part of its minutes.
    Raises NotVisible, Refused; DomainError before the papers are out, or when nobody is there.
    """
    held = locked(actor, pk)
    status = next_status(MEETING, MeetingAction.HOLD, MeetingStatus(held.status))
    there = held.invitations.here().select_related("membership__team__agency")
    if not there:
        raise DomainError("Write down who is here first. The meeting has not begun.")
    missing = policies.quorum(held.series, [each.membership.team.agency for each in there])
    held.status, held.held_at = status, moment()
    held.quorum_met, held.quorum_words = not missing, " ".join(missing)
    held.save(update_fields=["status", "held_at", "quorum_met", "quorum_words"])
    record(actor, "meeting.held", obj=("meeting", held.pk), why="quorum" if not missing else "none")
    return held


@transaction.atomic
def end(*, actor: Principal, pk: UUID) -> Meeting:
    """End the meeting: everybody has left, all that it opened to somebody closes now.

    What was not settled is deferred, and counted. Raises NotVisible, Refused; DomainError unless
    it is being held.
    """
    held = locked(actor, pk)
    status = next_status(MEETING, MeetingAction.END, MeetingStatus(held.status))
    now = moment()
    rooms = Attendance.objects.in_the_room().filter(item__meeting=held)
    leave_all(actor, rooms, now, "The meeting has ended.")
    left = AgendaItem.objects.filter(meeting=held, status=ItemStatus.LISTED)
    unsettled = list(left.select_related("nomination__case"))
    for item in unsettled:
        put_off(item)
    record_items(actor, unsettled)
    close_papers(actor, held, why="The meeting has ended.")
    held.status, held.ended_at = status, now
    held.save(update_fields=["status", "ended_at"])
    record(actor, "meeting.ended", obj=("meeting", held.pk))
    return held

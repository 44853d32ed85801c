"""Reminding those who have brought nothing to a meeting, a working day before it is too late."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.audit.services import record
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals.meetings import policies
from referrals.meetings.models import Contribution, Meeting
from referrals.meetings.services.planning import a_working_day_before, invitations_of
from referrals.meetings.workflow import MeetingStatus

FURTHEST: Final = timedelta(days=10)
"""How far before a time its reminder is at most: longer than any row of days without work."""


def sweep() -> int:
    """Do everything that is due, and return for how many meetings it was.

    The papers are out and the next working day is the last on which agencies add to them. Of those
    who are invited, whose agency has added nothing that stands in their own papers is told once. It
    is about no case: nobody learns from it what is on the agenda.
    """
    done = 0
    while _remind():
        done += 1
    return done


@transaction.atomic
def _remind() -> bool:
    """Remind of one meeting; False when there is none."""
    now = timezone.now()
    near = Meeting.objects.filter(
        status=MeetingStatus.PUBLISHED,
        reminded_at__isnull=True,
        contributions_by__gt=now,
        contributions_by__lte=now + FURTHEST,
    ).order_by("contributions_by", "pk")
    due = (each.pk for each in near if a_working_day_before(each.contributions_by) <= now)
    first = next(due, None)
    if first is None:
        return False
    meeting = near.select_for_update(of=("self",)).filter(pk=first).first()
    if meeting is None:
        # Somebody else has reminded of it meanwhile.
        return True
    meeting.reminded_at = now
    meeting.save(update_fields=["reminded_at"])
    cause = record(None, "meeting.reminded", obj=("meeting", meeting.pk))
    for member in _to_remind(meeting):
        owe(recipient=member, kind=Kind.PAPERS_NEAR, reference="", case=None, cause=cause)
    return True


def _to_remind(meeting: Meeting) -> Iterator[Membership]:
    """Those whose agency has added nothing to what stands in their own papers.

    Only of what each may know of: so a conflict of interest changes nothing for whom it keeps out.
    Who runs the meeting asks others, and is not asked.
    """
    for invitation in invitations_of(meeting):
        principal = invitation.membership.principal()
        if policies.runs_meeting(principal, meeting):
            continue
        mine = list(policies.pack_items(principal, meeting).values_list("pk", flat=True))
        added = Contribution.objects.filter(item__in=mine, agency=principal.agency_id)
        if mine and not added.exists():
            yield invitation.membership

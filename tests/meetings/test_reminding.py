"""The papers' time is nearly over: who has brought nothing is told once; who planned it hears."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.meetings import services
from referrals.meetings.models import Meeting
from referrals.meetings.services import reminding
from referrals.meetings.services.planning import a_working_day_before
from referrals.vocabulary import Conflict
from sharing.disclosures.services import walls
from sharing.rules.vocabulary import Category
from tests.cast import Cast, at_once, events
from tests.meetings.conftest import accepted, decided, listed, planned, setup


@pytest.fixture
def out(cast: Cast, panel) -> Meeting:
    """A meeting about one child whose papers are out."""
    return published(cast, panel)


def published(cast: Cast, panel, *others) -> Meeting:
    meeting = planned(cast, panel)
    cases = others or (decided(cast),)
    listed(cast, meeting, *(accepted(cast, panel, case) for case in cases))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    return Meeting.objects.get(pk=meeting.pk)


@pytest.fixture
def clock(monkeypatch):
    """Put the clock of the program at a moment."""

    def at(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


def bring(who: Principal, meeting: Meeting, place: int = 0) -> None:
    """The agency adds something to one item."""
    item = meeting.items.order_by("position")[place]
    services.contribute(
        actor=who,
        pk=meeting.pk,
        item=item.pk,
        words="She came to the clinic alone.",
        about=Category.IC4,
        key=uuid4(),
    )


def told(kind: Kind = Kind.PAPERS_NEAR) -> set:
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_who_has_brought_nothing_is_told_once_a_working_day_before(cast: Cast, out, clock):
    bring(cast.panel_officer, out)
    near = a_working_day_before(out.contributions_by)
    clock(near - timedelta(minutes=1))
    assert reminding.sweep() == 0
    clock(near)

    assert (reminding.sweep(), reminding.sweep()) == (1, 0)

    # Who runs the meeting asks, and is not asked.
    assert told() == {cast.panel_nurse.membership_id}
    notice = Notice.objects.get(kind=Kind.PAPERS_NEAR)
    assert (notice.case, notice.reference) == (None, "")
    [event] = events("meeting.reminded")
    assert event["subj"] == []


def test_nobody_is_told_once_the_time_is_over(cast: Cast, out, clock):
    clock(out.contributions_by)

    assert reminding.sweep() == 0
    assert told() == set()


def test_what_a_conflict_hides_changes_nothing_for_whom_it_keeps_out(cast: Cast, panel, clock):
    """The agency brought something to that child alone: as if there were no such child."""
    hidden, shown = decided(cast), decided(cast)
    out = published(cast, panel, hidden, shown)
    colleague = cast.panel_nurse
    bring(colleague, out)
    walls.declare(actor=colleague, reference=hidden.reference, why=Conflict.RELATIVE)
    clock(a_working_day_before(out.contributions_by))

    assert reminding.sweep() == 1
    assert told() == {cast.panel_officer.membership_id, colleague.membership_id}


def test_two_clocks_at_once_tell_once(committed, cast: Cast):
    panel = services.keep_series(actor=cast.manager, setup=setup(cast))
    out = published(cast, panel)
    near, before = a_working_day_before(out.contributions_by), timezone.now
    timezone.now = lambda: near
    try:
        found = at_once(reminding.sweep, reminding.sweep, reminding.sweep)
    finally:
        timezone.now = before

    assert all(isinstance(each, int) for each in found), found
    assert len(events("meeting.reminded")) == 1
    assert Notice.objects.filter(kind=Kind.PAPERS_NEAR).count() == 2


def test_a_meeting_is_reminded_once_whoever_asks(cast: Cast, out, clock):
    clock(a_working_day_before(out.contributions_by))
    reminding.sweep()

    with pytest.raises(DatabaseError, match="reminded_at"), transaction.atomic():
        Meeting.objects.filter(pk=out.pk).update(reminded_at=None)


def test_who_planned_the_meeting_hears_of_what_was_added(cast: Cast, out):
    bring(cast.panel_officer, out)

    assert told(Kind.PAPERS_ADDED) == {cast.coordinator.membership_id}
    notice = Notice.objects.get(kind=Kind.PAPERS_ADDED)
    assert (notice.case, notice.reference) == (None, "")


def test_who_planned_it_hears_nothing_of_what_a_conflict_hides(cast: Cast, out):
    case = out.items.get().nomination.case
    walls.declare(actor=cast.coordinator, reference=case.reference, why=Conflict.RELATIVE)

    bring(cast.panel_officer, out)

    assert told(Kind.PAPERS_ADDED) == set()

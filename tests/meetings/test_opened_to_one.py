"""What a meeting opens to one person: that it ends with the meeting, and makes them no more."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.common.errors import DomainError, Refused
from referrals import policies as casework
from referrals.meetings import policies, services
from referrals.meetings.models import Attendance, Pen
from referrals.meetings.reading.room import read_screen
from referrals.meetings.services import minutes, packs, writing
from referrals.meetings.vocabulary import Came
from referrals.models import Grant
from referrals.services import grants as opened
from referrals.vocabulary import Outcome
from referrals.workflow import Relation, Status
from sharing.rules.vocabulary import Category
from tests.cast import Cast, events
from tests.meetings.conftest import (
    accepted,
    decided,
    held,
    invitation,
    listed,
    next_week,
    place,
    planned,
    setup,
)
from tests.meetings.session import begun, conclude, say


@pytest.fixture
def child(cast: Cast, panel):
    """A child of whom no team of the panel knows: what its people see, a meeting opened."""
    return decided(cast, Outcome.ASSESSMENT)


def knows(who, case) -> bool:
    return casework.visible(who).filter(pk=case.pk).exists()


def papers_out(cast: Cast, panel, child, **changes):
    meeting = planned(cast, panel, **changes)
    [item] = listed(cast, meeting, accepted(cast, panel, child))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    return meeting, item


def test_papers_make_nobody_a_coordinator_or_lead_of_the_case(cast: Cast, panel, child):
    papers_out(cast, panel, child)
    mine = Grant.objects.filter(only=cast.panel_officer.membership_id, content_object=child)
    assert casework.relations(cast.panel_officer, child) == {Relation.PANEL_MEMBER}
    for who in (cast.coordinator, cast.manager):
        team = Grant.objects.live().of_teams().filter(group=who.team_id, content_object=child)
        for grant in team:
            Grant.objects.filter(pk=grant.pk).update(ended_at=timezone.now(), ended_why="Moved.")
        for grant in mine:
            grant.pk, grant._state.adding = uuid4(), True
            grant.group_id, grant.only_id = who.team_id, who.membership_id
            grant.save()

        assert casework.relations(who, child) == {Relation.READER}
        assert not casework.oversees_by(who, casework.grants(who).filter(content_object=child))


def test_what_was_opened_beside_the_papers_ends_with_them(cast: Cast, panel, child):
    meeting, _ = papers_out(cast, panel, child)
    for grant in Grant.objects.live().filter(only=cast.panel_officer.membership_id):
        opened.end_grants(cast.coordinator, child, [grant], "For the test.")
        grant.pk, grant._state.adding = uuid4(), True
        grant.granted_by_service = opened.AGAIN
        grant.save()
    assert knows(cast.panel_officer, child)

    services.take_back(
        actor=cast.coordinator,
        meeting=meeting.pk,
        invitation=invitation(meeting, cast.panel_officer).pk,
    )

    assert not knows(cast.panel_officer, child)
    assert knows(cast.panel_nurse, child)


def test_who_is_left_out_of_an_item_leaves_the_room_at_once(cast: Cast, panel, child):
    session = begun(cast, panel, child)
    officer = invitation(session.meeting, cast.panel_officer)
    assert Attendance.objects.in_the_room().filter(invitation=officer).exists()

    services.leave_out(
        actor=cast.coordinator,
        meeting=session.meeting.pk,
        item=session.item.pk,
        invitations=[officer.pk],
    )

    assert not Attendance.objects.in_the_room().filter(invitation=officer).exists()
    assert not knows(cast.panel_officer, child)
    [*_, said] = events("meeting.invited")
    assert said["subj"] == [str(child.child_id)]


def test_to_leave_closes_the_papers_too_and_an_item_closes_to_who_sent_apologies(
    cast: Cast, panel, child
):
    meeting, item = papers_out(cast, panel, child)
    came = {
        invitation(meeting, who).pk: how
        for who, how in (
            (cast.coordinator, Came.PRESENT),
            (cast.panel_officer, Came.PRESENT),
            (cast.panel_nurse, Came.APOLOGIES),
        )
    }
    services.note_who_came(actor=cast.coordinator, pk=meeting.pk, came=came, accepted=True)
    services.hold(actor=cast.coordinator, pk=meeting.pk)
    assert knows(cast.panel_nurse, child)
    where = {"actor": cast.coordinator, "meeting": meeting.pk, "item": item.pk}

    services.open_item(**where)

    assert not knows(cast.panel_nurse, child)
    assert knows(cast.panel_officer, child)
    services.leave(**where, invitation=invitation(meeting, cast.panel_officer).pk)
    assert not knows(cast.panel_officer, child)


def test_the_screen_is_empty_outside_the_room(cast: Cast, panel, child):
    session = begun(cast, panel, child)
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    say(cast, session.item, cast.coordinator)
    conclude(cast, session.item, cast.coordinator)
    writing.present(actor=cast.coordinator, item=session.item)
    assert read_screen(cast.panel_nurse, session.meeting).decision
    nurse = Attendance.objects.filter(invitation=invitation(session.meeting, cast.panel_nurse))
    nurse.update(to_at=timezone.now())
    assert knows(cast.panel_nurse, child)

    found = read_screen(cast.panel_nurse, session.meeting)

    assert (found.item, found.decision, found.said) == (None, "", ())


def test_a_case_that_is_over_is_opened_to_nobody(cast: Cast, panel, child):
    meeting = planned(cast, panel)
    [item] = listed(cast, meeting, accepted(cast, panel, child))
    type(child).objects.filter(pk=child.pk).update(status=Status.ROUTED)

    held(cast, meeting, cast.coordinator, cast.panel_officer)

    assert not knows(cast.panel_officer, child)
    with pytest.raises(DomainError, match="over"):
        services.open_item(actor=cast.coordinator, meeting=meeting.pk, item=item.pk)
    assert not knows(cast.panel_officer, child)


def test_one_meeting_leaves_open_what_another_needs(cast: Cast, panel, child):
    other = services.keep_series(actor=cast.manager, setup=setup(cast, name="Other panel"))
    first, _ = papers_out(cast, panel, child)
    starts = next_week() + timedelta(days=7)
    papers_out(cast, other, child, starts_at=starts, ends_at=starts + timedelta(hours=2))
    ends = Grant.objects.live().filter(only=cast.panel_officer.membership_id)
    assert ends.filter(until_at__gt=starts).exists()

    services.take_back(
        actor=cast.coordinator,
        meeting=first.pk,
        invitation=invitation(first, cast.panel_officer).pk,
    )

    assert knows(cast.panel_officer, child)


def test_the_pen_is_for_who_is_invited_and_opens_nothing_they_are_kept_out_of(
    cast: Cast, panel, child
):
    session = begun(cast, panel, child)
    with pytest.raises(Refused):
        writing.take_pen(actor=cast.manager, meeting=session.meeting)
    assert not Pen.objects.exists()
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    assert policies.minuted(cast.coordinator, session.meeting).exists()

    services.leave_out(
        actor=cast.panel_chair,
        meeting=session.meeting.pk,
        item=session.item.pk,
        invitations=[invitation(session.meeting, cast.coordinator).pk],
    )

    assert not policies.minuted(cast.coordinator, session.meeting).exists()


def test_only_who_may_decide_chairs(cast: Cast, panel):
    with pytest.raises(DomainError, match="chair"):
        planned(cast, panel, chair=cast.panel_officer.membership_id)


def test_words_about_a_place_name_no_case(cast: Cast, panel, child):
    meeting = planned(cast, panel)
    [item] = listed(cast, meeting, place(cast, panel))
    services.publish(actor=cast.coordinator, pk=meeting.pk)

    with pytest.raises(DomainError, match="reference"):
        packs.contribute(
            actor=cast.panel_officer,
            pk=meeting.pk,
            item=item.pk,
            words=f"See {child.reference} too.",
            about=Category.IC5,
            key=uuid4(),
        )


def test_the_chair_drafts_no_minutes_that_the_chair_approves(cast: Cast, panel):
    session = begun(cast, panel, decided(cast))
    services.end(actor=cast.coordinator, pk=session.meeting.pk)

    with pytest.raises(Refused):
        minutes.draft(actor=cast.panel_chair, meeting=session.meeting)


def test_what_happens_on_an_agenda_is_in_the_stream_of_the_child(cast: Cast, panel, child):
    session = begun(cast, panel, child)
    services.end(actor=cast.coordinator, pk=session.meeting.pk)

    found = events("meeting.agenda", stream=f"case:{child.pk}")

    assert [each["why"] for each in found] == ["listed", "deferred"]
    assert all(each["subj"] == [str(child.child_id)] for each in found)

"""Who is in the room: to come in opens an item to that person, to leave closes it at once."""

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from portal.common.errors import DomainError, NotVisible
from referrals import policies as casework
from referrals.meetings import services
from referrals.meetings.models import Attendance, Meeting
from referrals.meetings.vocabulary import Came
from referrals.meetings.workflow import ItemStatus, NominationStatus
from referrals.models import Case, Grant, Wall
from referrals.services import read_case
from referrals.vocabulary import Conflict, Outcome
from tests.cast import GIVEN
from tests.meetings.conftest import (
    accepted,
    decided,
    held,
    invitation,
    listed,
    planned,
)


@pytest.fixture
def child(cast, panel):
    """A child whom the panel looks at, though the decision did not put them to the panel.

    So no team of the panel knows of the case: what its people see, the meeting opened to them.
    """
    return decided(cast, Outcome.ASSESSMENT)


@pytest.fixture
def room(cast, panel, child):
    """A meeting that is being held, with the child's item on its agenda."""
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, child))
    return held(cast, meeting, cast.coordinator, cast.panel_chair, cast.panel_officer)


def item_of(meeting: Meeting):
    return meeting.items.get()


def knows(who, case: Case) -> bool:
    return casework.visible(who).filter(pk=case.pk).exists()


def shuts_papers(meeting: Meeting) -> None:
    """Leave nothing open but what the room opens."""
    Grant.objects.filter(only__isnull=False).exclude(attendances__isnull=False).update(
        ended_at=Now(), ended_why="For the test."
    )


def test_the_papers_open_the_item_to_each_who_is_invited_and_to_nobody_else(cast, room, child):
    assert knows(cast.panel_officer, child)
    assert knows(cast.panel_nurse, child)
    colleague = Grant.objects.live().of_teams().filter(group=cast.panel_officer.team_id)
    assert not colleague.filter(content_object=child).exists()
    for outsider in (cast.charity_worker, cast.outsider_lead, cast.other_panel_officer):
        assert not knows(outsider, child)


def test_a_colleague_in_the_same_team_learns_nothing_from_a_grant_to_one_person(
    cast, room, child, colleague_of
):
    colleague = colleague_of(cast.panel_officer)

    assert colleague.team_id == cast.panel_officer.team_id
    assert knows(cast.panel_officer, child)
    assert not knows(colleague, child)
    with pytest.raises(NotVisible):
        read_case(actor=colleague, reference=child.reference)


def test_to_come_in_opens_the_item_and_to_leave_closes_it_at_once(cast, room, child):
    shuts_papers(room)
    officer = invitation(room, cast.panel_officer)
    assert not knows(cast.panel_officer, child)

    services.open_item(actor=cast.coordinator, meeting=room.pk, item=item_of(room).pk)

    assert knows(cast.panel_officer, child)
    assert GIVEN in read_case(actor=cast.panel_officer, reference=child.reference).title
    services.leave(
        actor=cast.coordinator, meeting=room.pk, item=item_of(room).pk, invitation=officer.pk
    )
    assert not knows(cast.panel_officer, child)
    assert knows(cast.panel_chair, child)
    [left] = Attendance.objects.filter(invitation=officer)
    assert left.grants.exists()
    assert not left.grants.exclude(ended_at__isnull=False).exists()


def test_it_closes_in_the_same_second_by_the_databases_clock(cast, room, child):
    shuts_papers(room)
    officer = invitation(room, cast.panel_officer)
    where = {"actor": cast.coordinator, "meeting": room.pk, "item": item_of(room).pk}
    services.open_item(**where)

    services.leave(**where, invitation=officer.pk)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(ended_at) BETWEEN statement_timestamp() - interval '1 second'"
            " AND statement_timestamp() FROM referrals_grant WHERE only_id = %s"
            " AND granted_by_service = 'discussed with you in the room'",
            [cast.panel_officer.membership_id],
        )
        assert cursor.fetchone() == (True,)
    assert not knows(cast.panel_officer, child)


def test_who_was_not_there_is_let_in_when_they_come_and_not_before(cast, room, child):
    shuts_papers(room)
    nurse = invitation(room, cast.panel_nurse)
    where = {"actor": cast.coordinator, "meeting": room.pk, "item": item_of(room).pk}
    services.open_item(**where)
    assert not knows(cast.panel_nurse, child)
    with pytest.raises(NotVisible):
        services.arrive(**where, invitation=nurse.pk)

    services.note_who_came(
        actor=cast.coordinator, pk=room.pk, came={nurse.pk: Came.PRESENT}, accepted=True
    )
    services.arrive(**where, invitation=nurse.pk)

    assert knows(cast.panel_nurse, child)
    services.arrive(**where, invitation=nurse.pk)
    assert Attendance.objects.filter(invitation=nurse).count() == 1


def test_nobody_who_is_kept_out_by_a_conflict_is_let_in(cast, room, child):
    shuts_papers(room)
    Wall.objects.create(
        case=child,
        user_id=cast.panel_officer.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.coordinator.membership_id,
    )
    where = {"actor": cast.coordinator, "meeting": room.pk, "item": item_of(room).pk}

    services.open_item(**where)

    assert not Attendance.objects.filter(membership_of(cast.panel_officer)).exists()
    assert not knows(cast.panel_officer, child)
    with pytest.raises(NotVisible):
        services.arrive(**where, invitation=invitation(room, cast.panel_officer).pk)


def membership_of(who):
    return Q(invitation__membership=who.membership_id)


def test_the_end_of_the_meeting_closes_everything_and_defers_what_was_not_settled(
    cast, room, child
):
    services.open_item(actor=cast.coordinator, meeting=room.pk, item=item_of(room).pk)

    services.end(actor=cast.coordinator, pk=room.pk)

    assert not knows(cast.panel_officer, child)
    assert not knows(cast.panel_nurse, child)
    assert not Attendance.objects.in_the_room().exists()
    item = item_of(room)
    assert (item.status, item.deferrals) == (ItemStatus.DEFERRED, 1)
    item.nomination.refresh_from_db()
    assert item.nomination.status == NominationStatus.ACCEPTED


def test_what_was_discussed_is_considered_and_what_was_deferred_comes_back_counted(
    cast, panel, room, child
):
    services.defer(actor=cast.coordinator, item=item_of(room))
    services.end(actor=cast.coordinator, pk=room.pk)
    again = planned(cast, panel)

    [item] = listed(cast, again, item_of(room).nomination)

    assert item.deferrals == 1
    held(cast, again)
    services.discussed(actor=cast.coordinator, item=item)
    item.nomination.refresh_from_db()
    assert item.nomination.status == NominationStatus.CONSIDERED
    with pytest.raises(DomainError):
        services.defer(actor=cast.coordinator, item=item)


def test_a_quorum_is_written_down_as_it_was_when_the_meeting_began(cast, panel, child):
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, child))
    held(cast, meeting, cast.coordinator)

    found = Meeting.objects.get(pk=meeting.pk)

    assert found.quorum_met is False
    assert found.quorum_words == (
        "2 agencies must be there; 1 is. Police must be there, and is not."
    )


def test_agencies_that_nobody_came_for_are_a_line_for_the_minutes(cast, room):
    found = services.read_room(actor=cast.coordinator, pk=room.pk)

    assert found.absent == ("Exampleshire Health",)
    assert room.quorum_met is True


def test_nobody_is_here_without_having_accepted_the_confidentiality_statement(cast, panel, child):
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, child))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    came = {invitation(meeting, cast.panel_nurse).pk: Came.PRESENT}

    with pytest.raises(DomainError, match="accepted"):
        services.note_who_came(actor=cast.coordinator, pk=meeting.pk, came=came, accepted=False)


def test_the_room_opens_no_more_than_the_law_says_to_the_panel(cast, room, child):
    services.open_item(actor=cast.coordinator, meeting=room.pk, item=item_of(room).pk)

    opened = Grant.objects.filter(attendances__isnull=False, only=cast.panel_officer.membership_id)
    opened = opened.exclude(holder=cast.panel_officer.agency_id)

    assert opened.exists()
    for grant in opened:
        assert grant.purpose == "PANEL"
        assert grant.rule == "12"
        assert not {"IC3", "IC6", "IC8", "IC9", "IC11", "IC16"}.intersection(grant.categories)
        assert grant.until_at is not None


def test_a_second_open_leaves_one_attendance(cast, room):
    where = {"actor": cast.coordinator, "meeting": room.pk, "item": item_of(room).pk}
    services.open_item(**where)
    before = Attendance.objects.count()

    services.open_item(**where)

    assert Attendance.objects.count() == before
    with transaction.atomic():
        services.close_item(**where)
    assert not Attendance.objects.in_the_room().exists()

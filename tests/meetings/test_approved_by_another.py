"""An item that a conflict of interest keeps from the chair is approved by another person."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal.accounts import services as accounts
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.meetings import policies, services
from referrals.meetings.models import Conclusion, ItemApproval, Line, Minutes, NotInvited
from referrals.meetings.reading.minutes import read_minutes
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import minutes, writing
from referrals.models import Wall
from referrals.vocabulary import Conflict
from sharing.disclosures.services import walls
from tests.cast import Cast, at_once, events, membership, signed_in
from tests.meetings.conftest import accepted, decided, invitation, listed, planned, setup
from tests.meetings.session import Session, agree, begun, conclude, drafted, say, whole

UNSEEN = "The chair did not see this item: a conflict of interest."


@pytest.fixture
def session(cast: Cast, panel) -> Session:
    """Two children were spoken of; a conflict of interest keeps the first from the chair."""
    found = whole(cast, begun(cast, panel, decided(cast), decided(cast)))
    wall(cast.panel_chair, found)
    return found


def wall(who, session: Session) -> None:
    reference = session.item.nomination.case.reference
    walls.declare(actor=who, reference=reference, why=Conflict.RELATIVE)


def approve(who, session: Session, place: int = 0) -> ItemApproval:
    item = session.items[place].pk
    return minutes.approve_item(actor=who, meeting=session.meeting, item=item)


def page(who, session: Session) -> str:
    found = signed_in(who).get(reverse("meetings:minutes", args=[session.meeting.pk]))
    assert found.status_code == 200
    return found.content.decode()


def ready(cast: Cast, session: Session) -> Minutes:
    """A draft of which every agency says that its lines are right."""
    made = drafted(cast, session)
    agree(cast, session, cast.panel_officer, cast.panel_nurse)
    return made


def test_the_minutes_say_that_another_approved_it_and_the_chair_reads_nothing_of_it(
    cast: Cast, session: Session
):
    ready(cast, session)
    for who in (cast.coordinator, cast.panel_officer, cast.panel_nurse, cast.manager):
        first, second = read_minutes(who, session.meeting).items
        assert first.approval == f"{UNSEEN} Nobody else has approved it yet."
        assert second.approval == ""
    chairs = page(cast.panel_chair, session)
    client = signed_in(cast.manager)
    assert (
        "Approve this item"
        in client.get(reverse("meetings:minutes", args=[session.meeting.pk])).content.decode()
    )

    args = [session.meeting.pk, session.item.pk]
    assert client.post(reverse("meetings:approve-item", args=args)).status_code == 302

    for who in (cast.coordinator, cast.panel_officer, cast.panel_nurse):
        said = read_minutes(who, session.meeting).items[0].approval
        assert said.startswith(f"{UNSEEN} Manny Ager, Exampleshire Council, approved it on ")
        assert said in page(who, session)
    assert "Approve this item" not in page(cast.manager, session)
    assert "keeps this from the chair" not in page(cast.coordinator, session)
    assert UNSEEN not in chairs
    assert UNSEEN not in page(cast.panel_chair, session)
    assert len(read_minutes(cast.panel_chair, session.meeting).items) == 1
    [event] = events("minutes.item_approved")
    assert event["subj"] == [str(session.item.nomination.case.child_id)]
    assert approve(cast.manager, session) == ItemApproval.objects.get(), "twice is once"


def test_the_chair_goes_on_as_if_there_were_no_such_item(cast: Cast, session: Session):
    """What they may not know of holds nothing up: else that would tell them of it."""
    ready(cast, session)
    made = minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
    assert made.approved_at
    first = read_minutes(cast.panel_officer, session.meeting).items[0]
    assert first.approval == f"{UNSEEN} Nobody else has approved it yet."

    approve(cast.manager, session)

    first = read_minutes(cast.panel_officer, session.meeting).items[0]
    assert "Manny Ager" in first.approval


def test_neither_chair_nor_drafter_nor_member_nor_who_has_a_conflict_too(
    cast: Cast, session: Session
):
    with pytest.raises(DomainError, match="no draft"):
        approve(cast.manager, session)
    ready(cast, session)
    with pytest.raises(NotVisible):
        approve(cast.panel_chair, session)
    for who in (cast.coordinator, cast.panel_officer):
        with pytest.raises(Refused):
            approve(who, session)
    with pytest.raises(DomainError, match="The chair sees this item"):
        approve(cast.manager, session, place=1)
    wall(cast.second_coordinator, session)
    with pytest.raises(NotVisible):
        approve(cast.second_coordinator, session)
    assert not ItemApproval.objects.exists()


def test_not_while_members_have_time_to_comment(cast: Cast, session: Session):
    drafted(cast, session)

    with pytest.raises(DomainError, match="Members can comment until"):
        approve(cast.manager, session)


def test_what_was_approved_does_not_change(cast: Cast, session: Session):
    ready(cast, session)
    approve(cast.manager, session)
    box = boxes(session.item)[0]

    with pytest.raises(DomainError, match="This item of the minutes is approved"):
        writing.write_all(
            actor=cast.coordinator,
            item=session.item,
            said={box.agency: ("Other words.", box.version)},
        )
    with pytest.raises(DomainError, match="This item of the minutes is approved"):
        conclude(cast, session.item, cast.coordinator)
    with pytest.raises(DatabaseError, match="item_stays_as_approved"), transaction.atomic():
        session.item.lines.update(superseded_at=session.meeting.held_at)
    say(cast, session.items[1], cast.coordinator)


def lift(cast: Cast) -> None:
    """The chair's conflict of interest ends."""
    found = Wall.objects.get(user=cast.panel_chair.user_id)
    walls.lift(actor=cast.manager, pk=found.pk, why="They were mistaken for another.")


def test_a_conflict_that_ends_after_the_chair_approved_leaves_it_to_another(
    cast: Cast, session: Session
):
    ready(cast, session)
    minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
    lift(cast)

    approve(cast.manager, session)

    said = read_minutes(cast.panel_officer, session.meeting).items[0].approval
    assert said.startswith(f"{UNSEEN} Manny Ager")


def test_a_conflict_that_ended_before_the_chair_approves_leaves_who_approved_it(
    cast: Cast, session: Session
):
    ready(cast, session)
    approve(cast.manager, session)
    lift(cast)

    for who in (cast.panel_officer, cast.panel_chair):
        said = read_minutes(who, session.meeting).items[0].approval
        assert said.startswith("Manny Ager, Exampleshire Council, approved it on ")
    minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
    said = read_minutes(cast.panel_officer, session.meeting).items[0].approval
    assert said.startswith("Manny Ager")


def test_whoever_wrote_it_does_not_approve_it(cast: Cast, session: Session):
    made = ready(cast, session)
    item = session.item
    line = item.lines.filter(superseded_at__isnull=True).first()
    line.superseded_at = line.written_at
    line.save(update_fields=["superseded_at"])
    Line.objects.create(
        item=item,
        agency=line.agency,
        kind=line.kind,
        words="Other words.",
        written_by=membership(cast.manager),
    )
    with pytest.raises(Refused, match="nor wrote this item"):
        approve(cast.manager, session)
    with pytest.raises(DatabaseError, match="approved_by_no_author"), transaction.atomic():
        ItemApproval.objects.create(minutes=made, item=item, by=membership(cast.manager))
    assert "Approve this item" not in page(cast.manager, session)
    assert approve(cast.second_coordinator, session)


def test_two_who_approve_it_at_once(committed, cast: Cast):
    panel = services.keep_series(actor=cast.manager, setup=setup(cast))
    session = whole(cast, begun(cast, panel, decided(cast)))
    wall(cast.panel_chair, session)
    ready(cast, session)

    found = at_once(
        lambda: approve(cast.manager, session), lambda: approve(cast.second_coordinator, session)
    )

    lost = [each for each in found if isinstance(each, DomainError)]
    assert len(lost) == 1, found
    assert "has approved this item" in str(lost[0])
    assert ItemApproval.objects.count() == 1


def test_those_who_may_approve_it_are_told_of_no_item_when_it_is_drafted(
    cast: Cast, session: Session
):
    drafted(cast, session)

    told = Notice.objects.filter(kind=Kind.MINUTES_ITEM)
    assert set(told.values_list("recipient_id", flat=True)) == {
        cast.manager.membership_id,
        cast.second_coordinator.membership_id,
    }
    assert set(told.values_list("case", "reference")) == {(None, "")}


def test_who_wrote_it_and_who_is_not_invited_to_it_are_not_asked_to_approve_it(
    cast: Cast, session: Session
):
    services.invite(
        actor=cast.coordinator,
        meeting=session.meeting.pk,
        member=cast.second_coordinator.membership_id,
    )
    services.leave_out(
        actor=cast.coordinator,
        meeting=session.meeting.pk,
        item=session.item.pk,
        invitations=[invitation(session.meeting, cast.second_coordinator).pk],
    )

    drafted(cast, session)

    told = Notice.objects.filter(kind=Kind.MINUTES_ITEM)
    assert set(told.values_list("recipient_id", flat=True)) == {cast.manager.membership_id}
    made = Minutes.objects.get()
    Conclusion.objects.filter(item=session.item).update(superseded_at=made.drafted_at)
    concluded = Conclusion.objects.get(item=session.item)
    concluded.pk, concluded.key, concluded.superseded_at = uuid4(), uuid4(), None
    concluded.written_by = membership(cast.manager)
    concluded.save(force_insert=True)
    assert list(policies.who_approves_item(made, session.item)) == []


def test_the_chair_is_left_out_of_no_item(cast: Cast, panel):
    meeting = planned(cast, panel)
    [item] = listed(cast, meeting, accepted(cast, panel, decided(cast)))
    both = [invitation(meeting, who).pk for who in (cast.panel_chair, cast.panel_nurse)]

    with pytest.raises(DomainError, match="so the chair is invited to each"):
        services.leave_out(
            actor=cast.coordinator, meeting=meeting.pk, item=item.pk, invitations=both
        )

    assert not NotInvited.objects.exists()


def test_the_database_takes_no_approval_by_the_wrong_person(cast: Cast, session: Session):
    made = ready(cast, session)

    def by(who, place: int = 0) -> None:
        with transaction.atomic():
            ItemApproval.objects.create(minutes=made, item=session.items[place], by=membership(who))

    for who in (cast.panel_chair, cast.coordinator):
        with pytest.raises(DatabaseError, match="approved_by_another"):
            by(who)
    with pytest.raises(DatabaseError, match="is_the_chairs_to_approve"):
        by(cast.manager, place=1)
    with pytest.raises(DatabaseError, match="approved_by_who_may_chair"):
        by(cast.panel_officer)
    wall(cast.second_coordinator, session)
    with pytest.raises(DatabaseError, match="approved_without_a_conflict"):
        by(cast.second_coordinator)
    accounts.end_membership(membership=membership(cast.second_coordinator))
    with pytest.raises(DatabaseError, match="approved_by_who_may_chair"):
        by(cast.second_coordinator)
    by(cast.manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        ItemApproval.objects.update(by=membership(cast.second_coordinator))

"""The minutes: each reader's own, by the law; commented on, approved, and locked."""

from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.meetings import policies
from referrals.meetings.models import Comment
from referrals.meetings.reading.minutes import read_minutes
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import minutes, writing
from referrals.meetings.vocabulary import Agreed, Says
from referrals.vocabulary import Conflict
from sharing.disclosures.services import walls
from tests.architecture.test_queries import MOST, asked_of
from tests.cast import Cast, at_once, events, signed_in
from tests.meetings.conftest import decided
from tests.meetings.session import (
    DECIDED,
    HEALTH_DOES,
    HEALTH_SAID,
    POLICE_DOES,
    POLICE_SAID,
    REASONS,
    Session,
    agree,
    approved,
    begun,
    conclude,
    drafted,
    say,
    whole,
)


@pytest.fixture
def session(cast: Cast, panel) -> Session:
    """A meeting about one child, where all was said and decided."""
    return whole(cast, begun(cast, panel, decided(cast)))


def words(who: Principal, session: Session) -> str:
    """All that somebody reads in the minutes of a meeting."""
    found = read_minutes(who, policies.meeting_for(who, session.meeting.pk))
    rows = [
        text
        for item in found.items
        for text in (
            item.heading,
            *(part for passage in item.passages for part in (passage.label, passage.text)),
            *(part for action in item.actions for part in (action.what, action.effect)),
        )
    ]
    return "\n".join(rows)


ALL = {POLICE_SAID, HEALTH_SAID, DECIDED, REASONS, POLICE_DOES, HEALTH_DOES}


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("coordinator", ALL),
        ("panel_chair", ALL),
        ("panel_officer", {POLICE_SAID, DECIDED, POLICE_DOES}),
        ("panel_nurse", {HEALTH_SAID, DECIDED, HEALTH_DOES}),
    ],
)
def test_each_reader_has_what_their_agency_said_and_does_and_what_was_decided(
    cast: Cast, session: Session, who, reads
):
    reader = cast.everyone()[who]
    before = words(reader, session)
    approved(cast, session)

    assert {each for each in ALL if each in before} == reads
    assert words(reader, session) == before, "what the meeting opened is closed, and they read on"


def test_a_line_says_for_whom_they_are_made_and_how_much_is_withheld(cast: Cast, session: Session):
    found = read_minutes(cast.panel_officer, session.meeting)

    # Of health: what it said, and its action. Of the decision: the reasons, and the level.
    assert found.variant == (
        "Made for: Panel member, Exampleshire Police. 4 passages are withheld."
    )
    assert read_minutes(cast.panel_chair, session.meeting).withheld == 0


def test_nobody_reads_minutes_of_a_meeting_that_is_not_theirs(cast: Cast, session: Session):
    approved(cast, session)
    for who in ("teacher", "lead", "other_coordinator", "other_panel_officer"):
        with pytest.raises(NotVisible):
            minutes.open_minutes(actor=cast.everyone()[who], meeting=session.meeting.pk)
    for who in ("chair", "auditor"):
        with pytest.raises(Refused):
            minutes.open_minutes(actor=cast.everyone()[who], meeting=session.meeting.pk)


def test_a_conflict_of_interest_leaves_no_trace_of_the_item(cast: Cast, panel):
    cases = [decided(cast) for _ in range(3)]
    session = whole(cast, begun(cast, panel, *cases))
    before = read_minutes(cast.panel_nurse, session.meeting)
    walls.declare(actor=cast.panel_nurse, reference=cases[1].reference, why=Conflict.RELATIVE)

    after = read_minutes(cast.panel_nurse, session.meeting)

    assert [item.number for item in after.items] == [1, 2]
    assert [item.heading for item in after.items] == [cases[0].reference, cases[2].reference]
    assert after.withheld == before.withheld * 2 // 3
    client = signed_in(cast.panel_nurse)
    for page in ("meetings:minutes", "meetings:comment"):
        shown = client.get(reverse(page, args=[session.meeting.pk])).content.decode()
        assert cases[0].reference in shown or page == "meetings:comment"
        assert cases[1].reference not in shown
    hidden = [session.meeting.pk, session.items[1].pk]
    missing = [session.meeting.pk, uuid4()]
    for page in ("meetings:discussion", "meetings:decision"):
        one, other = (client.get(reverse(page, args=args)) for args in (hidden, missing))
        assert one.status_code == 404
        assert one.content == other.content


def test_the_list_of_what_a_conflict_keeps_from_the_chair_is_for_who_drafts(
    cast: Cast, session: Session
):
    drafted(cast, session)
    reference = session.item.nomination.case.reference
    address = reverse("meetings:minutes", args=[session.meeting.pk])
    says = "keeps this from the chair"
    assert says not in signed_in(cast.coordinator).get(address).content.decode()

    walls.declare(actor=cast.panel_chair, reference=reference, why=Conflict.RELATIVE)

    assert f"{says}: 1. {reference}." in signed_in(cast.coordinator).get(address).content.decode()
    for who in (cast.panel_chair, cast.panel_officer, cast.panel_nurse):
        assert says not in signed_in(who).get(address).content.decode(), who.role
    chairs = signed_in(cast.panel_chair).get(address).content.decode()
    assert reference not in chairs
    walls.declare(actor=cast.coordinator, reference=reference, why=Conflict.RELATIVE)
    assert says not in signed_in(cast.coordinator).get(address).content.decode()


def test_what_the_chair_could_not_read_is_said_until_somebody_else_approves_it(
    cast: Cast, session: Session
):
    drafted(cast, session)
    reference = session.item.nomination.case.reference
    walls.declare(actor=cast.panel_chair, reference=reference, why=Conflict.RELATIVE)
    address = reverse("meetings:minutes", args=[session.meeting.pk])
    says, client = "keeps this from the chair", signed_in(cast.coordinator)
    assert says in client.get(address).content.decode()

    agree(cast, session, cast.panel_officer, cast.panel_nurse)
    minutes.approve(actor=cast.panel_chair, meeting=session.meeting)

    assert says in client.get(address).content.decode()
    minutes.approve_item(actor=cast.manager, meeting=session.meeting, item=session.item.pk)
    approved_now = client.get(address).content.decode()
    assert reference in approved_now
    assert says not in approved_now


def test_members_comment_on_their_own_lines_and_the_chair_approves(cast: Cast, session: Session):
    drafted(cast, session)
    wants = {"says": Says.CHANGE, "words": "It was once in May.", "key": uuid4()}
    for _ in range(2):
        minutes.comment(
            actor=cast.panel_officer, meeting=session.meeting, item=session.item.pk, **wants
        )
    assert Comment.objects.count() == 1, "a double press"
    told = Notice.objects.filter(kind=Kind.MINUTES_COMMENT).get()
    assert told.recipient_id == cast.coordinator.membership_id
    with pytest.raises(DomainError, match="not every agency"):
        minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
    with pytest.raises(Refused):
        minutes.approve(actor=cast.coordinator, meeting=session.meeting)
    agree(cast, session, cast.panel_officer, cast.panel_nurse)

    made = minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
    again = minutes.approve(actor=cast.panel_chair, meeting=session.meeting)

    assert made.approved_by_id == cast.panel_chair.membership_id
    assert again.approved_at == made.approved_at
    assert "Approved by Pat Chair" in read_minutes(cast.panel_nurse, session.meeting).status
    acts = [each["act"] for each in events("minutes.drafted", "minutes.approved")]
    assert acts == ["minutes.drafted", "minutes.approved"]
    known = Notice.objects.filter(kind=Kind.MINUTES_APPROVED).values_list("recipient", flat=True)
    assert set(known) == {
        cast.coordinator.membership_id,
        cast.panel_officer.membership_id,
        cast.panel_nurse.membership_id,
    }


def test_who_wanted_a_change_is_waited_for_until_the_time_is_over(cast: Cast, session: Session):
    made = drafted(cast, session)
    agree(cast, session, cast.panel_officer, cast.panel_nurse)
    minutes.comment(
        actor=cast.panel_nurse,
        meeting=session.meeting,
        says=Says.CHANGE,
        item=session.item.pk,
        words="She came with her aunt.",
        key=uuid4(),
    )
    assert [each.name for each in minutes.still_to_answer(made)] == ["Exampleshire Health"]
    with pytest.raises(DomainError):
        minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
    with time_machine.travel(made.comments_until):
        with pytest.raises(DomainError, match="time for comments"):
            agree(cast, session, cast.panel_nurse)
        assert minutes.approve(actor=cast.panel_chair, meeting=session.meeting).approved_at


def test_nobody_comments_on_what_their_agency_did_not_say(cast: Cast, session: Session, panel):
    drafted(cast, session)
    for item in (uuid4(), None):
        with pytest.raises(DomainError, match="your agency said"):
            minutes.comment(
                actor=cast.panel_officer,
                meeting=session.meeting,
                says=Says.CHANGE,
                item=item,
                words="It was otherwise.",
                key=uuid4(),
            )
    with pytest.raises(Refused):
        agree(cast, session, cast.second_coordinator)


def test_minutes_are_drafted_when_the_meeting_is_over_and_once(cast: Cast, session: Session):
    with pytest.raises(DomainError, match="over"):
        minutes.draft(actor=cast.coordinator, meeting=session.meeting)
    made = drafted(cast, session)
    assert minutes.draft(actor=cast.second_coordinator, meeting=session.meeting).pk == made.pk
    with pytest.raises(Refused):
        minutes.draft(actor=cast.panel_officer, meeting=session.meeting)


def test_an_item_that_was_put_off_says_so_and_how_often(cast: Cast, panel):
    session = begun(cast, panel, decided(cast), decided(cast))
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    put_off = {"what": Agreed.DEFERRED, "level": "", "actions": ()}
    conclude(cast, session.item, cast.coordinator, **put_off)
    drafted(cast, session)

    said, ended = read_minutes(cast.panel_officer, session.meeting).items

    assert said.passages[0].text == (f"Put off to another meeting (for the first time). {DECIDED}")
    assert ended.passages[0].text == (
        "Put off to another meeting (for the first time). Nothing was decided."
    )


CHANGES = {
    "a line": "UPDATE meetings_line SET words = 'x'",
    "the end of a line": "UPDATE meetings_line SET superseded_at = now()",
    "a line taken away": "DELETE FROM meetings_line",
    "a new line": """
        INSERT INTO meetings_line
            (id, created_at, item_id, agency_id, kind, words, written_by_id, written_at)
        SELECT gen_random_uuid(), now(), item_id, agency_id, 'dissent', 'x', written_by_id, now()
        FROM meetings_line LIMIT 1""",
    "a decision": "UPDATE meetings_conclusion SET words = 'x'",
    "the end of a decision": "UPDATE meetings_conclusion SET superseded_at = now()",
    "an action": "UPDATE meetings_agreedaction SET what = 'x'",
    "an action taken away": "DELETE FROM meetings_agreedaction",
    "a comment": "UPDATE meetings_comment SET words = 'x'",
    "a new comment": """
        INSERT INTO meetings_comment
            (id, created_at, minutes_id, agency_id, by_id, says, words, key, written_at)
        SELECT gen_random_uuid(), now(), minutes_id, agency_id, by_id, 'right', '',
            gen_random_uuid(), now()
        FROM meetings_comment LIMIT 1""",
    "the approval": "UPDATE meetings_minutes SET approved_at = NULL, approved_by_id = NULL",
    "the title": "UPDATE meetings_minutes SET title = 'x'",
    "the minutes": "DELETE FROM meetings_minutes",
    "all lines": "TRUNCATE meetings_line CASCADE",
    "when somebody left": "UPDATE meetings_attendance SET to_at = now() + interval '1 hour'",
    "somebody more in the room": """
        INSERT INTO meetings_attendance (id, created_at, item_id, invitation_id, from_at, by_id)
        SELECT gen_random_uuid(), now(), item_id, invitation_id, now(), by_id
        FROM meetings_attendance LIMIT 1""",
    "who came": "UPDATE meetings_invitation SET came = 'apologies'",
    "the agenda": "UPDATE meetings_agendaitem SET status = 'removed', position = NULL",
    "the chair": "UPDATE meetings_meeting SET chair_id = planned_by_id",
    "the place": "UPDATE meetings_meeting SET place = 'x'",
    "the pen": "UPDATE meetings_pen SET until_at = now()",
    "a new pen": """
        INSERT INTO meetings_pen (id, created_at, meeting_id, holder_id, from_at, until_at)
        SELECT gen_random_uuid(), now(), meeting_id, holder_id, now(), now()
        FROM meetings_pen LIMIT 1""",
    "what was on the screen": "UPDATE meetings_onscreen SET until_at = now()",
}


def is_refused(change: str) -> bool:
    """Whether the database refuses it to the site's own role."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
            assert cursor.rowcount, change
    except DatabaseError:
        return True
    return False


def test_after_approval_nothing_changes_by_sql_either(cast: Cast, session: Session):
    writing.present(actor=cast.coordinator, item=session.item)
    approved(cast, session)
    before = read_minutes(cast.coordinator, session.meeting).fingerprint

    assert [what for what, change in CHANGES.items() if not is_refused(change)] == []
    assert read_minutes(cast.coordinator, session.meeting).fingerprint == before


def test_before_approval_a_line_ends_and_is_never_rewritten(cast: Cast, session: Session):
    drafted(cast, session)
    mended = {"the end of a line", "the end of a decision", "a new line", "a new comment"}
    agree(cast, session, cast.panel_nurse)

    for what in ("a line", "a decision", "an action", "a line taken away", "an action taken away"):
        assert is_refused(CHANGES[what]), what
    for what in mended:
        assert not is_refused(CHANGES[what]), what


def test_after_approval_the_services_say_so(cast: Cast, session: Session):
    approved(cast, session)
    with pytest.raises(DomainError, match="approved"):
        say(cast, session.item, cast.coordinator)
    with pytest.raises(DomainError, match="approved"):
        conclude(cast, session.item, cast.coordinator)
    with pytest.raises(DomainError, match="approved"):
        writing.take_pen(actor=cast.panel_chair, meeting=session.meeting)
    with pytest.raises(DomainError, match="approved"):
        agree(cast, session, cast.panel_nurse)


def test_no_line_slips_in_while_the_chair_signs(committed, cast: Cast, panel):
    session = whole(cast, begun(cast, panel, decided(cast)))
    drafted(cast, session)
    agree(cast, session, cast.panel_officer, cast.panel_nurse)
    box = boxes(session.item)[0]

    def write() -> object:
        said = {box.agency: ("Other words.", box.version)}
        return writing.write_all(actor=cast.coordinator, item=session.item, said=said)

    def sign() -> object:
        return minutes.approve(actor=cast.panel_chair, meeting=session.meeting)

    written, signed = at_once(write, sign)

    assert getattr(signed, "approved_at", None), signed
    slipped = read_minutes(cast.coordinator, session.meeting)
    is_there = "Other words." in [each.text for each in slipped.items[0].passages]
    assert is_there == (not isinstance(written, DomainError))


@pytest.mark.parametrize("page", ["minutes", "screen", "discussion", "decision", "approve"])
def test_a_page_costs_the_same_for_one_child_and_for_three(cast: Cast, panel, page):
    costs = []
    for children in (1, 3):
        session = whole(cast, begun(cast, panel, *(decided(cast) for _ in range(children))))
        writing.present(actor=cast.coordinator, item=session.items[-1])
        if page == "approve":
            drafted(cast, session)
        args = [session.meeting.pk]
        if page in ("discussion", "decision"):
            args.append(session.items[-1].pk)
        client = signed_in(cast.panel_chair)
        client.get(reverse(f"meetings:{page}", args=args))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"meetings:{page}", args=args)).status_code == 200
        costs.append(asked_of(queries))
    # A page that shows an item in the room is a case's page and a meeting's.
    most = MOST + 5 if page in ("screen", "discussion") else MOST
    assert costs[0] == costs[1] <= most, page

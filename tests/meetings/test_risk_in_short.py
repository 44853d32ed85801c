"""The risk comparison on an item's page and on the screen: what the comparison itself shows."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from referrals.assessments import services as assessments
from referrals.assessments.models import Agreement
from referrals.assessments.vocabulary import Level
from referrals.meetings import services
from referrals.meetings.reading.room import read_screen
from referrals.meetings.services import writing
from referrals.models import Case, Statement
from referrals.vocabulary import Protect
from sharing.rules.vocabulary import Category
from tests.architecture.test_queries import MOST, asked_of
from tests.assessments.conftest import (
    JUDGEMENT,
    WORDS,
    agency,
    agree,
    answer,
    given,
    start,
    tool_version,
)
from tests.cast import Cast, events, signed_in
from tests.meetings.conftest import accepted, decided, held, listed, planned
from tests.meetings.session import Session, begun, whole


def assessed(cast: Cast) -> Agreement:
    """A child whom police and health assessed together, and of whom a level is agreed."""
    tool_version()
    case = decided(cast)
    two = (cast.panel_officer, cast.panel_nurse)
    made = start(cast.coordinator, case, *(agency(each) for each in two))
    answer(cast.panel_officer, made, H4=given("confirmed"), P1=given("suspected"))
    answer(cast.panel_nurse, made, P1=given("not_known"))
    made = assessments.reveal(actor=cast.coordinator, assessment=made)
    return agree(cast.coordinator, made, Level.SIGNIFICANT, differs="")


@pytest.fixture
def level(cast: Cast) -> Agreement:
    """The level."""
    return assessed(cast)


@pytest.fixture
def session(cast: Cast, panel, level) -> Session:
    """A meeting about this child, with everybody in the room, and the item on the screen."""
    found = begun(cast, panel, level.assessment.case)
    writing.present(actor=cast.coordinator, item=found.item)
    return found


def page(session: Session, who, name: str = "discussion") -> str:
    """A page about the item, in words."""
    args = [session.meeting.pk, session.item.pk]
    if name == "screen":
        args = args[:1]
    found = signed_in(who).get(reverse(f"meetings:{name}", args=args))
    assert found.status_code == 200
    return " ".join(html.fromstring(found.content.decode()).text_content().split())


def compare_of(level: Agreement) -> str:
    """The address of the comparison itself."""
    reference = level.assessment.case.reference
    return reverse("assessments:compare", args=[reference, level.assessment_id])


def sentences(who, level: Agreement) -> list[str]:
    """What the comparison itself says to somebody of what differs."""
    reference = level.assessment.case.reference
    found = assessments.compare(actor=who, reference=reference, pk=level.assessment_id)
    lines = [line for part in found.parts for line in part.lines if line.differs]
    return [" ".join(words.split()) for line in lines for words in (line.text, line.sentence)]


def stopped(case: Case, holder, team) -> None:
    """What this agency holds is not open to the team any more."""
    case.grants.filter(group=team, holder=holder).update(
        ended_at=timezone.now(), ended_why="For the test."
    )


def test_the_page_says_level_judgement_and_where_agencies_differ_in_its_place(
    cast: Cast, session: Session, level: Agreement
):
    for who in (cast.coordinator, cast.panel_officer, cast.panel_nurse):
        text = page(session, who)
        said = sentences(who, level)
        assert len(said) >= 4
        assert [each for each in said if each not in text] == []
        assert "Agreed level: Significant concern" in text
        assert JUDGEMENT in text
        order = (
            "What the child says and wants",
            "What has changed",
            "The risk, compared",
            "What was said and decided",
        )
        places = [text.index(heading) for heading in order]
        assert places == sorted(places)
    address = reverse(
        "assessments:compare", args=[level.assessment.case.reference, level.assessment_id]
    )
    args = [session.meeting.pk, session.item.pk]
    shown = signed_in(cast.panel_nurse).get(reverse("meetings:discussion", args=args))
    assert address in shown.content.decode()
    [*_, event] = events("meeting.item")
    assert str(Category.IC4) in event["fields"]


def test_who_may_not_see_an_agencys_answers_meets_none_of_them(
    cast: Cast, session: Session, level: Agreement
):
    case = level.assessment.case
    stopped(case, cast.panel_officer.agency_id, cast.panel_nurse.team_id)

    text = page(session, cast.panel_nurse)

    assert sentences(cast.panel_nurse, level) == []
    assert "Agencies differ on" not in text
    assert "Agencies do not differ" not in text
    assert "s answers can be shown here" in text
    assert "The answers of 1 agency are not shared with you" in text
    assert "Agencies differ on" in page(session, cast.panel_officer)
    # The room sees what all of it see: with the nurse, no answer of the police.
    screen = page(session, cast.coordinator, "screen")
    assert "Agencies differ on" not in screen
    assert "s answers can be shown here" in screen
    stopped(case, cast.coordinator.agency_id, cast.panel_nurse.team_id)
    assert "Agreed level: Not shared with" in page(session, cast.panel_nurse)
    assert JUDGEMENT not in page(session, cast.panel_nurse)
    assert "Agreed level" not in page(session, cast.coordinator, "screen")


def test_the_screen_shows_what_everybody_in_the_room_sees(
    cast: Cast, session: Session, level: Agreement
):
    text = page(session, cast.coordinator, "screen")
    said = sentences(cast.coordinator, level)
    assert [each for each in said if each not in text] == []
    assert JUDGEMENT in text
    assert WORDS not in text, "the words of the answers stand in the whole comparison"
    assert "not shared" not in text
    assert "Compare all answers" not in text


def test_what_its_author_protects_is_not_on_the_screen(
    cast: Cast, session: Session, level: Agreement
):
    seen = read_screen(cast.coordinator, session.meeting).risk
    assert seen.differs
    Statement.objects.filter(question="note_risk_seen").update(protect=Protect.SOURCE)
    Statement.objects.filter(question="note_risk_judgement").update(protect=Protect.SOURCE)

    shown = read_screen(cast.coordinator, session.meeting).risk

    assert shown.differs == ()
    assert shown.judgement is None
    assert shown.is_shown


def test_nothing_of_another_child_is_on_the_screen(cast: Cast, panel, level: Agreement):
    bare = decided(cast)
    session = begun(cast, panel, level.assessment.case, bare)
    writing.present(actor=cast.coordinator, item=session.items[1])

    text = page(session, cast.coordinator, "screen")

    assert "No joint assessment that can be shown here" in text
    assert JUDGEMENT not in text
    assert level.assessment.case.reference not in text


def test_who_is_not_asked_reads_the_level_and_no_comparison(cast: Cast, panel, level: Agreement):
    """As on the page that compares: only agencies that are asked take part."""
    case = level.assessment.case
    session = begun(cast, panel, case, invited=[cast.lead])

    text = page(session, cast.lead)

    assert "The risk, compared" in text
    assert "Agencies differ on" not in text
    assert "Compare all answers" not in text
    assert signed_in(cast.lead).get(compare_of(level)).status_code == 403


def test_who_is_not_asked_is_in_the_room_and_its_screen_compares_nothing(
    cast: Cast, panel, level: Agreement
):
    """Whoever presents takes part; what the comparison refuses to one of them is on no screen."""
    case = level.assessment.case
    teams = [cast.coordinator.team_id, cast.panel_nurse.team_id]
    for each in {each.holder_id: each for each in case.grants.filter(group__in=teams)}.values():
        each.pk, each.group_id = uuid4(), cast.lead.team_id
        each.categories = [*{*each.categories, str(Category.IC4)}]
        each.save(force_insert=True)
    meeting = planned(cast, panel, [cast.lead])
    items = listed(cast, meeting, accepted(cast, panel, case))
    there = (cast.coordinator, cast.panel_chair, cast.panel_officer, cast.panel_nurse)
    meeting = held(cast, meeting, *there, cast.lead)
    services.open_item(actor=cast.coordinator, meeting=meeting.pk, item=items[0].pk)
    session = Session(meeting, tuple(items))
    writing.present(actor=cast.coordinator, item=session.item)

    text = page(session, cast.coordinator, "screen")

    assert "The risk, compared" in text
    assert "Agencies differ on" not in text
    assert [each for each in sentences(cast.coordinator, level) if each in text] == []
    assert text.count("Agreed level") == 1


def test_the_ledger_says_whose_answers_were_read(cast: Cast, session: Session, level: Agreement):
    asked = level.assessment.invitations
    both = {str(level.pk), *(str(each.pk) for each in asked.all())}
    for name in ("discussion", "screen"):
        page(session, cast.coordinator, name)
        [*_, event] = events("meeting.item" if name == "discussion" else "meeting.screen")
        assert set(event["ids"]) == both
        assert event["withheld"] == 0
    stopped(level.assessment.case, cast.panel_officer.agency_id, cast.panel_nurse.team_id)

    page(session, cast.panel_nurse)
    [*_, event] = events("meeting.item")
    assert event["ids"] == [str(level.pk)], "one agency's answers are held beside nobody's"
    assert event["withheld"] == 1
    page(session, cast.coordinator, "screen")
    [*_, event] = events("meeting.screen")
    assert (event["ids"], event["withheld"]) == ([str(level.pk)], 1)


@pytest.mark.parametrize("name", ["discussion", "screen"])
def test_a_page_costs_the_same_for_one_child_and_for_two(cast: Cast, panel, name):
    costs = []
    for children in (1, 2):
        cases = [assessed(cast).assessment.case for _ in range(children)]
        session = whole(cast, begun(cast, panel, *cases))
        writing.present(actor=cast.coordinator, item=session.items[-1])
        args = [session.meeting.pk]
        if name == "discussion":
            args.append(session.items[-1].pk)
        client, address = signed_in(cast.panel_chair), reverse(f"meetings:{name}", args=args)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert "Agreed level" in client.get(address).content.decode()
        costs.append(asked_of(queries))

    # A case's page, a meeting's, and the comparison of its risk; on the screen also how each of
    # the four in the room stands to the case.
    assert costs[0] == costs[1] <= MOST + 11 + 4 * (name == "screen"), costs

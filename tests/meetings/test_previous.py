"""Papers begin with what the meeting before agreed: each reader's own reading of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from referrals.meetings import services
from referrals.meetings.models import Meeting
from referrals.meetings.reading import previous_actions
from referrals.meetings.services import papers
from referrals.models import Case
from referrals.vocabulary import Conflict, Outcome
from sharing.disclosures.services import walls
from tests.cast import Cast, events, signed_in
from tests.meetings.conftest import accepted, decided, listed, next_week, planned
from tests.meetings.session import HEALTH_DOES, POLICE_DOES, approved, begun, whole
from tests.pdf import text_of

HEADING = "Actions from the last meeting"


@pytest.fixture
def case(cast: Cast) -> Case:
    """The child about whom the meeting before agreed two actions."""
    return decided(cast, given_name="Alma")


def next_meeting(cast: Cast, panel, case: Case) -> Meeting:
    """A meeting about this child is over; the next one is about another, with its papers out."""
    approved(cast, whole(cast, begun(cast, panel, case)))
    starts = next_week() + timedelta(days=28)
    meeting = planned(cast, panel, starts_at=starts, ends_at=starts + timedelta(hours=2))
    listed(cast, meeting, accepted(cast, panel, decided(cast, given_name="Bryn")))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    return Meeting.objects.get(pk=meeting.pk)


@pytest.fixture
def out(cast: Cast, panel, case: Case) -> Meeting:
    """The next meeting."""
    return next_meeting(cast, panel, case)


def agreed(who, meeting: Meeting) -> list[str]:
    """What somebody reads of the actions of the meeting before."""
    return sorted(row.what for row in previous_actions(who, meeting).rows)


def test_each_reads_the_actions_that_the_minutes_open_to_them(cast: Cast, out: Meeting):
    both = sorted([POLICE_DOES, HEALTH_DOES])

    assert agreed(cast.coordinator, out) == both
    assert agreed(cast.panel_chair, out) == both
    assert agreed(cast.panel_officer, out) == [POLICE_DOES]
    assert agreed(cast.panel_nurse, out) == [HEALTH_DOES]
    assert agreed(cast.other_panel_officer, out) == []


def test_how_far_it_is_stands_with_whose_it_is(cast: Cast, out: Meeting, colleague_of):
    [mine] = previous_actions(cast.panel_officer, out).rows
    assert (mine.state, mine.who) == ("Not started", "Orla Ficer, Exampleshire Police")

    [theirs] = previous_actions(colleague_of(cast.panel_officer), out).rows
    assert (theirs.what, theirs.state) == (POLICE_DOES, "")


def test_only_children_who_are_on_the_readers_list(cast: Cast, panel, colleague_of):
    """The panel's papers opened this child to those who were invited, and are closed again."""
    meeting = next_meeting(cast, panel, decided(cast, Outcome.ASSESSMENT))

    assert agreed(cast.panel_officer, meeting) == [POLICE_DOES], "it is theirs to do"
    assert agreed(colleague_of(cast.panel_officer), meeting) == []


@pytest.mark.parametrize("who", ["panel_officer", "coordinator"])
def test_a_conflict_leaves_nothing_of_them(cast: Cast, out: Meeting, case: Case, who):
    reader = getattr(cast, who)
    walls.declare(actor=reader, reference=case.reference, why=Conflict.RELATIVE)

    assert agreed(reader, out) == []
    page = signed_in(reader).get(reverse("meetings:pack", args=[out.pk])).content.decode()
    assert HEADING not in page
    assert case.reference not in page


def test_they_stand_first_on_the_page_and_it_is_on_the_record(cast: Cast, out, case: Case):
    client = signed_in(cast.panel_officer)
    page = client.get(reverse("meetings:pack", args=[out.pk])).content.decode()

    assert page.index(HEADING) < page.index(POLICE_DOES) < page.index("Your items")
    assert HEALTH_DOES not in page
    opened = events("meeting.pack_opened")[-1]
    assert str(case.pk) in opened["ids"]
    assert "IC16" in opened["fields"]

    agenda = signed_in(cast.coordinator).get(reverse("meetings:agenda", args=[out.pk]))
    words = agenda.content.decode()
    assert words.index(HEADING) < words.index(HEALTH_DOES) < words.index("On the agenda")
    assert "IC16" in events("case.listed")[-1]["fields"]


def test_they_stand_first_in_the_pdf(cast: Cast, out: Meeting):
    found = papers.papers(cast.panel_officer, out)
    words = text_of(papers.as_pdf(out, found, made_for=cast.panel_officer.working_as))

    first, then = "".join(HEADING.split()), "Youritems"
    assert words.index(first) < words.index("".join(POLICE_DOES.split())) < words.index(then)
    assert "".join(HEALTH_DOES.split()) not in words


def test_a_pdf_is_not_handed_over_once_they_are_gone_for_its_reader(
    cast: Cast, out: Meeting, case: Case
):
    before = papers.papers(cast.panel_officer, out).fingerprint
    walls.declare(actor=cast.panel_officer, reference=case.reference, why=Conflict.RELATIVE)

    assert papers.papers(cast.panel_officer, out).fingerprint != before


def test_the_first_meeting_of_a_panel_has_none(cast: Cast, panel, case: Case):
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, case))

    assert previous_actions(cast.coordinator, meeting).rows == ()

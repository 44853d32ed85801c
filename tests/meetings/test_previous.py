"""Papers begin with what the meeting before agreed: each reader's own reading of it."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from referrals.meetings import services
from referrals.meetings.models import Conclusion, Meeting, Series
from referrals.meetings.reading import previous_actions
from referrals.meetings.services import concluding, papers, writing
from referrals.meetings.services.concluding import Wanted
from referrals.models import Case
from referrals.vocabulary import Conflict, Outcome
from sharing.disclosures.services import walls
from sharing.rules.vocabulary import Purpose
from tests.architecture.test_queries import MOST, asked_of
from tests.cast import Cast, events, signed_in
from tests.meetings.conftest import (
    accepted,
    decided,
    invitation,
    listed,
    next_week,
    place,
    planned,
    setup,
)
from tests.meetings.session import (
    HEALTH_DOES,
    POLICE_DOES,
    approved,
    begun,
    conclude,
    concluded,
    whole,
)
from tests.pdf import text_of

HEADING = "Actions from the last meeting"
READINGS = (
    ("agenda", "coordinator", True),
    ("agenda", "panel_chair", True),
    ("pack", "coordinator", True),
    ("pack", "panel_nurse", True),
    ("pack", "panel_officer", False),
)
"""A page, who opens it, and whether the nurse's action stands on it."""


@pytest.fixture
def case(cast: Cast) -> Case:
    """The child about whom the meeting before agreed two actions."""
    return decided(cast, given_name="Alma")


def coming(
    cast: Cast,
    panel: Series,
    *cases: Case,
    invited: Iterable[Principal] = (),
    papers_out: bool = True,
) -> Meeting:
    """The meeting after the one that is over, about these children or another, its papers out."""
    starts = next_week() + timedelta(days=28)
    meeting = planned(cast, panel, invited, starts_at=starts, ends_at=starts + timedelta(hours=2))
    about = cases or (decided(cast, given_name="Bryn"),)
    listed(cast, meeting, *(accepted(cast, panel, each) for each in about))
    if papers_out:
        services.publish(actor=cast.coordinator, pk=meeting.pk)
    return Meeting.objects.get(pk=meeting.pk)


def next_meeting(
    cast: Cast, panel: Series, case: Case, invited: Iterable[Principal] = ()
) -> Meeting:
    """A meeting about this child is over; the next one is about another, with its papers out."""
    approved(cast, whole(cast, begun(cast, panel, case, invited=invited)))
    return coming(cast, panel, invited=invited)


def over(cast: Cast, panel: Series, *cases: Case, owner: Principal) -> None:
    """A meeting is over that gave this person one action about each of these children."""
    session = begun(cast, panel, *cases)
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    soon = timezone.localdate() + timedelta(days=28)
    action = Wanted(POLICE_DOES, owner.membership_id, soon, "It was done.")
    for item in session.items:
        conclude(cast, item, cast.coordinator, actions=(action,))
    services.end(actor=cast.coordinator, pk=session.meeting.pk)


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


def test_how_far_it_is_stands_with_whose_it_is(cast: Cast, panel, case: Case, colleague_of):
    colleague = colleague_of(cast.panel_officer)
    meeting = next_meeting(cast, panel, case, invited=[colleague])
    [mine] = previous_actions(cast.panel_officer, meeting).rows
    assert (mine.state, mine.who) == ("Not started", "Orla Ficer, Exampleshire Police")

    [theirs] = previous_actions(colleague, meeting).rows
    assert (theirs.what, theirs.state) == (POLICE_DOES, "")


def test_only_children_who_are_on_the_readers_list(cast: Cast, panel, colleague_of):
    """The panel's papers opened this child to those who were invited, and are closed again."""
    colleague = colleague_of(cast.panel_officer)
    child = decided(cast, Outcome.ASSESSMENT)
    meeting = next_meeting(cast, panel, child, invited=[colleague])

    assert agreed(cast.panel_officer, meeting) == [POLICE_DOES], "it is theirs to do"
    assert agreed(colleague, meeting) == []


def test_who_was_not_invited_to_that_meeting_reads_nothing_of_it_but_what_is_theirs(
    cast: Cast, panel, case: Case
):
    """Their own agency's action is not enough, although they sent this child's referral."""
    over(cast, panel, case, owner=cast.lead)
    other = decided(cast, given_name="Bryn")
    meeting = coming(cast, panel, other, invited=[cast.teacher, cast.lead])

    assert agreed(cast.lead, meeting) == [POLICE_DOES], "it is theirs to do"
    assert agreed(cast.teacher, meeting) == []
    client = signed_in(cast.teacher)
    pack = client.get(reverse("meetings:pack", args=[meeting.pk])).content.decode()
    assert other.reference in pack
    agenda = client.get(reverse("meetings:agenda", args=[meeting.pk]))
    assert agenda.status_code == 403
    made = papers.as_pdf(
        meeting, papers.papers(cast.teacher, meeting), made_for=cast.teacher.working_as
    )
    for words in (pack, agenda.content.decode(), text_of(made)):
        assert case.reference not in words
        assert "".join(POLICE_DOES.split()) not in "".join(words.split())


def test_what_was_agreed_stands_when_the_decision_is_written_anew(cast: Cast, panel, case: Case):
    session = whole(cast, begun(cast, panel, case))
    before = Conclusion.objects.get()
    concluding.conclude(
        actor=cast.coordinator,
        item=session.item,
        found=concluded(cast, words="A visit next week.", actions=()),
        seen=concluding.version(before),
    )
    services.end(actor=cast.coordinator, pk=session.meeting.pk)

    assert agreed(cast.coordinator, coming(cast, panel)) == sorted([POLICE_DOES, HEALTH_DOES])


def test_who_is_left_out_of_a_child_today_reads_nothing_of_that_child(
    cast: Cast, panel, case: Case
):
    over(cast, panel, case, owner=cast.panel_nurse)
    meeting = coming(cast, panel, case)
    [spot] = listed(cast, meeting, place(cast, panel))
    [child] = meeting.items.filter(nomination__case=case)
    left_out = {"actor": cast.coordinator, "meeting": meeting.pk}
    left_out["invitations"] = [invitation(meeting, cast.panel_nurse).pk]

    services.leave_out(item=spot.pk, **left_out)
    assert agreed(cast.panel_nurse, meeting) == [POLICE_DOES], "a place is no child"
    services.leave_out(item=child.pk, **left_out)

    assert agreed(cast.panel_nurse, meeting) == []
    assert papers.papers(cast.panel_nurse, meeting).cases == []
    page = signed_in(cast.panel_nurse).get(reverse("meetings:pack", args=[meeting.pk]))
    assert HEADING not in page.content.decode()
    assert agreed(cast.coordinator, meeting) == [POLICE_DOES]


def test_they_are_not_shown_before_the_papers_are_out_but_to_who_runs_the_meeting(
    cast: Cast, panel, case: Case
):
    over(cast, panel, case, owner=cast.panel_officer)
    meeting = coming(cast, panel, papers_out=False)
    address = reverse("meetings:pack", args=[meeting.pk])

    assert HEADING not in signed_in(cast.panel_officer).get(address).content.decode()
    assert "IC16" not in events("meeting.pack_opened")[-1]["fields"]
    for who in (cast.coordinator, cast.panel_chair):
        assert HEADING in signed_in(who).get(address).content.decode(), who.role
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    assert HEADING in signed_in(cast.panel_officer).get(address).content.decode()


def test_they_cost_the_same_for_one_child_and_for_three(cast: Cast, panel):
    """Whether they are the reader's own, or the law is asked about each."""
    costs: list[dict[str, int]] = []
    for count in (1, 3):
        series = services.keep_series(
            actor=cast.manager, setup=setup(cast, name=f"Panel of {count}")
        )
        over(cast, series, *(decided(cast) for _ in range(count)), owner=cast.panel_nurse)
        meeting = coming(cast, series)
        costs.append({})
        for page, who, shown in READINGS:
            client = signed_in(getattr(cast, who))
            address = reverse(f"meetings:{page}", args=[meeting.pk])
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                words = client.get(address).content.decode()
            assert words.count(POLICE_DOES) == shown * count, who
            costs[-1][f"{page}, {who}"] = asked_of(queries)

    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= MOST, costs[0]


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
    listed_now = events("case.listed")[-1]
    assert "IC16" in listed_now["fields"]
    assert listed_now["purp"] == Purpose.PANEL, "what the law was asked for"


def test_what_is_read_for_the_panel_is_recorded_so(cast: Cast, out: Meeting):
    """A coordinator reads cases to screen them, and what a meeting agreed for the panel."""
    signed_in(cast.coordinator).get(reverse("meetings:pack", args=[out.pk]))
    papers.sweep()
    papers.download_pack(actor=cast.coordinator, pk=out.pk)

    for act in ("meeting.pack_opened", "meeting.pack_taken"):
        made = events(act)[-1]
        assert "IC16" in made["fields"], act
        assert made["purp"] == Purpose.PANEL, act


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

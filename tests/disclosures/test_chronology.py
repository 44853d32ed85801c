"""A case in order of time: the same reading, with what was shared with whom."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import NotVisible
from referrals import policies
from referrals import services as casework
from referrals.models import Case, Statement
from referrals.reading import read
from referrals.services import Item, ItemKind, note
from referrals.triage import services as triage
from referrals.vocabulary import KnownHow, Outcome, Protect, State, Strand
from sharing.disclosures.services import read_chronology
from tests.cast import CHILD_SAID, SAW, Cast, events, send, signed_in
from tests.referrals.test_decide import decide

DAY = (timezone.localdate() - timedelta(days=40)).isoformat()
NOTED = "Rang the school: she was there."


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case in which much happened."""
    missing = Item(ItemKind.MISSING, {"day": DAY, "how_long": "A night"})
    made = send(cast.teacher, items=(missing,))
    triage.acknowledge(actor=cast.coordinator, case=made, words="We are reading it.")
    note(actor=cast.coordinator, case=made, text=NOTED, known_how=KnownHow.TOLD, key=uuid4())
    decide(cast.coordinator, made, outcome=Outcome.PANEL)
    return made


def chronology(who, case: Case, **more):
    return read_chronology(actor=who, reference=case.reference, **more)


def shown(found) -> list:
    return [item for entry in found.entries for item in entry.items] + list(found.undated)


def test_it_is_the_reading_and_no_more(cast: Cast, case: Case):
    """For everybody: each item is the reading's own, and none that has happened is missing."""
    for who in cast.everyone().values():
        if not policies.visible(who).filter(pk=case.pk).exists():
            continue
        own = read(who, case, policies.purpose_of(who))
        mine = {(item.key, item.statement, item.state, item.text, item.at) for item in own.items}
        there = shown(chronology(who, case))

        assert {(i.key, i.statement, i.state, i.text, i.at) for i in there} <= mine, who.name
        told = {item.text for item in own.items if item.key in ("saw", "child_said", "told")}
        assert told <= {item.text for item in there}, who.name
        assert not [i for i in there if i.state in (State.NOT_PROVIDED, State.NOT_KNOWN)]


def test_what_happened_stands_on_its_day_and_the_rest_when_it_was_written(cast: Cast, case: Case):
    entries = chronology(cast.coordinator, case).entries
    titles = [entry.title for entry in entries]

    assert [entry.moment for entry in entries] == sorted(
        (entry.moment for entry in entries), reverse=True
    )
    assert titles[-1] == "Time the child was missing"
    assert f"{entries[-1].day}" == DAY
    assert titles.index("What was decided") < titles.index("Working notes")
    assert titles.index("Working notes") < titles.index("The concern")
    oldest = chronology(cast.coordinator, case, oldest_first=True).entries
    assert [entry.moment for entry in oldest] == sorted(entry.moment for entry in oldest)
    assert oldest[0] == entries[-1]


@pytest.mark.parametrize("strand", Strand)
def test_it_is_narrowed_to_one_strand(cast: Cast, case: Case, strand):
    whole = chronology(cast.coordinator, case).entries
    found = chronology(cast.coordinator, case, strand=strand).entries

    assert {*found} == {entry for entry in whole if entry.strand == strand}
    assert bool(found) == (strand is not Strand.DOCUMENTS)


def test_what_has_no_date_to_be_told_stands_at_the_end(cast: Cast, case: Case):
    statement = Statement.objects.get(case=case, question="saw")
    casework.protect(actor=cast.teacher, statement=statement, protect=Protect.POLICE)

    found = chronology(cast.coordinator, case)

    assert [item.text for item in found.undated] == ["Withheld: police-sensitive"]
    assert found.withheld_words == "1 answer on this page is withheld from your role."
    assert chronology(cast.coordinator, case, strand="notes").withheld_words == ""
    page = signed_in(cast.coordinator).get(reverse("disclosures:chronology", args=[case.reference]))
    assert page.text.index("Without a date that you can see") < page.text.index("police-sensitive")
    assert SAW not in page.text


def test_what_is_concealed_leaves_no_trace(cast: Cast, case: Case):
    statement = Statement.objects.get(case=case, question="told")
    address = reverse("disclosures:chronology", args=[case.reference])
    casework.protect(actor=cast.teacher, statement=statement, protect=Protect.EXISTENCE)

    page = signed_in(cast.coordinator).get(address).text

    assert "What others told us" not in page
    assert statement.text not in page
    assert statement.text in signed_in(cast.teacher).get(address).text


def test_shares_are_those_that_the_sharing_page_tells_the_same_reader(cast: Cast, case: Case):
    everything = chronology(cast.manager, case, strand="sharing").entries
    own = chronology(cast.panel_officer, case, strand="sharing").entries

    assert f"Shared with {cast.panel_nurse.working_as}" in {entry.title for entry in everything}
    assert {entry.title for entry in own} == {f"Shared with {cast.panel_officer.working_as}"}


def test_who_oversees_reads_why_each_step_was_taken_and_others_do_not(cast: Cast, case: Case):
    for who, reads in ((cast.manager, True), (cast.teacher, False), (cast.panel_nurse, False)):
        work = chronology(who, case, strand="work").entries
        assert ("Steps that needed a reason" in {entry.title for entry in work}) == reads


def test_reading_it_is_one_event_and_a_stranger_finds_no_page(cast: Cast, case: Case):
    client = signed_in(cast.coordinator)
    address = reverse("disclosures:chronology", args=[case.reference])
    client.get(reverse("home:help"))
    before = len(events())

    page = client.get(address, {"about": "happened", "order": "oldest"})

    assert [body["act"] for body in events()[before:]] == ["case.read"]
    assert CHILD_SAID in page.text
    assert NOTED not in page.text
    assert client.get(address, {"about": "owner__x", "order": "x"}).status_code == 200
    with pytest.raises(NotVisible):
        chronology(cast.outsider_lead, case)

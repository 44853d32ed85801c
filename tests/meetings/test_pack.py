"""Papers: only what one is invited to, each as one's role sees it; a conflict leaves no trace."""

import difflib
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError, NotVisible
from portal.documents.models import Document
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.meetings import services
from referrals.meetings.models import Contribution, Invitation, Meeting
from referrals.meetings.services import papers
from referrals.meetings.workflow import Sifting
from referrals.models import Statement, Wall
from referrals.services import read_case
from referrals.vocabulary import Conflict, Outcome
from sharing.rules.vocabulary import Category
from tests.cast import events, signed_in
from tests.meetings.conftest import (
    PLACE_WORDS,
    WHY,
    accepted,
    decided,
    held,
    invitation,
    listed,
    place,
    planned,
)

ADDED = "She missed two appointments, and came to the third one with a bruise."


@pytest.fixture
def children(cast, panel):
    """Three children on an agenda whose papers are out."""
    return [decided(cast, given_name=name) for name in ("Alma", "Bryn", "Cass")]


@pytest.fixture
def out(cast, panel, children):
    """The meeting."""
    meeting = planned(cast, panel)
    listed(cast, meeting, *(accepted(cast, panel, case) for case in children))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    return Meeting.objects.get(pk=meeting.pk)


def page_of(who, name, *args) -> str:
    """A page without what differs from one request to the next."""
    found = signed_in(who).get(reverse(f"meetings:{name}", args=args))
    assert found.status_code == 200, name
    text = found.content.decode()
    return re.sub(r'<input type="hidden"[^>]*>|nonce="[^"]*"', "", text)


def same(now, before) -> None:
    """Insist that all these pages are what they were, and say where they are not."""
    for page, text in now.items():
        lines = difflib.unified_diff(before[page].splitlines(), text.splitlines(), n=0)
        assert text == before[page], (page, list(lines))


def wall(cast, case, who) -> Wall:
    """A conflict of interest that stands."""
    return Wall.objects.create(
        case=case,
        user_id=who.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )


@pytest.mark.parametrize("who", ["panel_officer", "panel_nurse", "panel_chair", "coordinator"])
def test_an_item_holds_the_same_words_as_the_page_of_the_case(cast, out, children, who):
    reader = getattr(cast, who)
    item = out.items.get(nomination__case=children[0])

    of_pack = page_of(reader, "item", out.pk, item.pk)
    of_case = signed_in(reader).get(reverse("referrals:case", args=[children[0].reference]))

    section = re.compile(r'<section class="portal-case".*?</section>', re.S)
    found = section.search(of_pack)
    assert found
    assert found[0] == section.search(of_case.content.decode())[0]
    assert WHY in of_pack


def test_the_pdf_holds_what_the_reader_reads_and_nothing_else(cast, out, children):
    for reader in (cast.panel_nurse, cast.coordinator):
        found = papers.papers(reader, out).items
        assert [each.line.reference for each in found] == [case.reference for case in children]
        for each, case in zip(found, children, strict=True):
            same = read_case(actor=reader, reference=case.reference)
            assert [i.text for i in each.reading.items] == [i.text for i in same.items]


def test_one_event_names_the_cases_of_the_papers(cast, out, children):
    before = len(events("meeting.pack_opened"))
    page_of(cast.panel_nurse, "pack", out.pk)

    [*_, event] = events("meeting.pack_opened")
    assert len(events("meeting.pack_opened")) == before + 1
    assert sorted(event["ids"]) == sorted(str(case.pk) for case in children)


def test_a_conflict_leaves_no_trace_in_any_page_of_the_meeting(cast, panel, out):
    """Byte for byte: with the child on the agenda and without, for whoever must not know."""
    hidden = decided(cast, given_name="Dove")
    for who in (cast.panel_nurse, cast.coordinator):
        wall(cast, hidden, who)
    pages = [
        (cast.panel_nurse, "pack"),
        (cast.panel_nurse, "meetings"),
        (cast.coordinator, "pack"),
        (cast.coordinator, "agenda"),
        (cast.coordinator, "attendance"),
        (cast.coordinator, "people"),
        (cast.coordinator, "sift"),
    ]

    plain = {"meetings", "sift"}

    def seen():
        return {
            (who.name, name): page_of(who, name, *(() if name in plain else (out.pk,)))
            for who, name in pages
        }

    before = seen()
    made = services.nominate(
        actor=cast.second_coordinator,
        reference=hidden.reference,
        put=services.Put(series=panel.pk, why=WHY),
        key=uuid4(),
    )
    same(seen(), before)
    services.sift(actor=cast.manager, pk=made.pk, step=Sifting.ACCEPT)
    same(seen(), before)
    services.add(actor=cast.second_coordinator, meeting=out.pk, nominations=[made.pk])
    item = out.items.get(nomination=made)
    services.move(actor=cast.second_coordinator, meeting=out.pk, item=item.pk, to=2)

    same(seen(), before)
    assert "4 items" not in str(seen())
    for who in (cast.panel_nurse, cast.coordinator):
        unsent = Notice.objects.filter(recipient=who.membership_id, kind=Kind.NOMINATED)
        assert not unsent.exclude(status="suppressed").exists()
        with pytest.raises(NotVisible):
            services.read_pack_item(actor=who, pk=out.pk, item=item.pk)
    assert len(services.read_agenda(actor=cast.second_coordinator, pk=out.pk).lines) == 4


def test_after_a_conflict_is_declared_the_child_is_gone_from_the_papers(cast, out, children):
    assert len(services.read_pack(actor=cast.panel_nurse, pk=out.pk).lines) == 3
    client = signed_in(cast.panel_nurse)
    address = reverse("disclosures:conflict", args=[children[1].reference])
    client.post(address, {"why": "relative", "words": ""})

    pack = services.read_pack(actor=cast.panel_nurse, pk=out.pk)

    assert [line.number for line in pack.lines] == [1, 2]
    assert children[1].reference not in page_of(cast.panel_nurse, "pack", out.pk)
    assert pack.total == 20


def test_nobody_reads_papers_who_is_not_invited(cast, out):
    for outsider in (cast.charity_worker, cast.outsider_lead, cast.other_panel_officer):
        with pytest.raises(NotVisible):
            services.read_pack(actor=outsider, pk=out.pk)
    assert services.read_pack(actor=cast.manager, pk=out.pk).lines == []


def test_who_is_not_invited_to_one_item_has_papers_without_it(cast, panel):
    case = decided(cast, Outcome.ASSESSMENT)
    meeting = planned(cast, panel)
    [item] = listed(cast, meeting, accepted(cast, panel, case))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    assert casework.visible(cast.panel_nurse).filter(pk=case.pk).exists()

    services.leave_out(
        actor=cast.coordinator,
        meeting=meeting.pk,
        item=item.pk,
        invitations=[invitation(meeting, cast.panel_nurse).pk],
    )

    assert services.read_pack(actor=cast.panel_nurse, pk=meeting.pk).lines == []
    assert not casework.visible(cast.panel_nurse).filter(pk=case.pk).exists()
    assert casework.visible(cast.panel_officer).filter(pk=case.pk).exists()
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    assert not casework.visible(cast.panel_nurse).filter(pk=case.pk).exists()


def test_the_papers_are_nobodys_before_they_are_out(cast, panel):
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, decided(cast)))

    assert services.read_pack(actor=cast.panel_nurse, pk=meeting.pk).lines == []
    with pytest.raises(DomainError, match="not out"):
        services.tick_read(actor=cast.panel_nurse, pk=meeting.pk)


def test_the_receipt_is_written_once(cast, out):
    client = signed_in(cast.panel_nurse)
    for _ in range(2):
        assert client.post(reverse("meetings:tick", args=[out.pk])).status_code == 302
        first = invitation(out, cast.panel_nurse).read_at
    assert first is not None
    assert invitation(out, cast.panel_nurse).read_at == first
    assert len(events("meeting.pack_read")) == 1


def test_everybody_invited_is_told_and_the_notice_is_of_no_case(cast, out):
    told = Notice.objects.filter(kind=Kind.PAPERS)

    assert set(told.values_list("recipient", flat=True)) == set(
        Invitation.objects.filter(meeting=out).values_list("membership", flat=True)
    )
    assert not told.exclude(case=None, reference="").exists()


def test_pressed_twice_the_papers_go_out_once_and_again_after_a_change(cast, out):
    told, owed = Notice.objects.filter(kind=Kind.PAPERS), Document.objects.all()
    before = told.count(), owed.count()
    services.publish(actor=cast.coordinator, pk=out.pk)
    assert (told.count(), owed.count()) == before

    services.invite(actor=cast.coordinator, meeting=out.pk, member=cast.lead.membership_id)
    services.publish(actor=cast.coordinator, pk=out.pk)

    assert (told.count(), owed.count()) == (2 * before[0] + 1, 2 * before[1] + 1)


def contribute(who, meeting, item, words=ADDED, about=Category.IC5, *, key=None):
    return services.contribute(
        actor=who, pk=meeting.pk, item=item.pk, words=words, about=about, key=key or uuid4()
    )


def test_what_an_agency_brings_is_read_by_whom_the_law_lets_read_it(cast, out, children):
    item = out.items.get(nomination__case=children[0])
    contribute(cast.panel_nurse, out, item)
    contribute(cast.panel_nurse, out, item, "A diagnosis.", Category.IC6)

    def text(who):
        return page_of(who, "item", out.pk, item.pk)

    for reader in (cast.panel_officer, cast.panel_chair, cast.panel_nurse):
        assert ADDED in text(reader), reader.role
    assert "A diagnosis." in text(cast.panel_nurse)
    for reader in (cast.panel_officer, cast.panel_chair):
        assert "A diagnosis." not in text(reader)
        assert "Health is engaged." in text(reader)


def test_what_was_brought_is_a_statement_that_never_changes(cast, out, children):
    item = out.items.get(nomination__case=children[0])
    key = uuid4()
    made = [contribute(cast.panel_nurse, out, item, key=key) for _ in range(2)]

    assert made[0].pk == made[1].pk
    [statement] = Statement.objects.filter(question="panel_IC5")
    assert statement.agency_id == cast.panel_nurse.agency_id
    assert statement.contribution == made[0]


def test_after_the_deadline_nothing_is_added(cast, out, children):
    item = out.items.get(nomination__case=children[0])
    Meeting.objects.filter(pk=out.pk).update(contributions_by=timezone.now() - timedelta(hours=1))

    with pytest.raises(DomainError, match="time to add"):
        contribute(cast.panel_nurse, out, item)
    assert not Contribution.objects.exists()


def test_a_place_is_read_by_the_law_and_names_no_child(cast, panel):
    meeting = planned(cast, panel)
    [item] = listed(cast, meeting, place(cast, panel))
    services.publish(actor=cast.coordinator, pk=meeting.pk)

    assert PLACE_WORDS in page_of(cast.panel_officer, "item", meeting.pk, item.pk)
    contribute(cast.panel_officer, meeting, item, "Two cars wait there.")
    assert "Two cars wait there." in page_of(cast.panel_nurse, "item", meeting.pk, item.pk)
    with pytest.raises(DomainError, match="reference of a case"):
        place(cast, panel, words=f"Seen with {decided(cast).reference}.")


def test_a_pdf_is_owed_to_each_and_made_by_the_worker(cast, out):
    owed = Document.objects.filter(kind="meeting_pack")
    assert owed.count() == out.invitations.count() == 4

    services.make_pack(pk=owed.get(owner=cast.panel_nurse.membership_id).pk)

    found = services.own_pack(actor=cast.panel_nurse, pk=out.pk)
    assert found.ready
    content, name = services.download_pack(actor=cast.panel_nurse, pk=out.pk)
    assert content.startswith(b"%PDF")
    assert name == f"papers-{out.starts_at:%Y-%m-%d}.pdf"
    assert events("meeting.pack_taken")[-1]["rcpt"]["id"] == str(cast.panel_nurse.user_id)
    page = services.read_agenda(actor=cast.coordinator, pk=out.pk)
    assert (page.progress.made, page.progress.asked) == (1, 4)


def test_a_pdf_is_not_handed_over_once_a_child_in_it_is_gone_for_its_reader(cast, out, children):
    services.make_pack(pk=Document.objects.get(owner=cast.panel_nurse.membership_id).pk)
    wall(cast, children[0], cast.panel_nurse)

    with pytest.raises(DomainError, match="has changed"):
        services.download_pack(actor=cast.panel_nurse, pk=out.pk)


def test_a_deputy_comes_instead_of_somebody_and_reads_the_papers_when_they_are_sent_again(
    cast, panel, colleague_of
):
    case = decided(cast, Outcome.ASSESSMENT)
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, case))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    deputy = colleague_of(cast.panel_nurse)
    assert not casework.visible(deputy).filter(pk=case.pk).exists()

    services.invite(
        actor=cast.coordinator,
        meeting=meeting.pk,
        member=deputy.membership_id,
        instead_of=invitation(meeting, cast.panel_nurse).pk,
    )
    services.publish(actor=cast.coordinator, pk=meeting.pk)

    assert invitation(meeting, cast.panel_nurse).came == "sent"
    assert casework.visible(deputy).filter(pk=case.pk).exists()
    services.take_back(
        actor=cast.coordinator, meeting=meeting.pk, invitation=invitation(meeting, deputy).pk
    )
    assert not casework.visible(deputy).filter(pk=case.pk).exists()


def test_after_the_meeting_its_papers_are_closed(cast, panel):
    case = decided(cast, Outcome.ASSESSMENT)
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, case))
    held(cast, meeting)

    services.end(actor=cast.coordinator, pk=meeting.pk)

    assert services.read_pack(actor=cast.panel_nurse, pk=meeting.pk).lines == []

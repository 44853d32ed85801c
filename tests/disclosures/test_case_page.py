"""What the case page offers to whom, and where each of its answers leads."""

import pytest
from django.urls import reverse
from lxml import html

from referrals import policies as casework
from referrals.models import Statement
from referrals.services import remove
from referrals.triage import services as triage
from referrals.vocabulary import Emergency, Outcome, Protect
from sharing.disclosures import policies
from sharing.disclosures.services import emergency
from tests.cast import signed_in
from tests.disclosures.conftest import ask
from tests.disclosures.steps import add, share

OFFERS = {
    "share": "may_share",
    "danger": "may_share",
    "ask": "may_ask",
}


def offered(who, case, *, page="referrals:case") -> set[str]:
    """The addresses to which the page leads, or sends a form."""
    answer = signed_in(who).get(reverse(page, args=[case.reference]))
    assert answer.status_code == 200
    tree = html.fromstring(answer.content)
    return {*tree.xpath("//main//a/@href"), *tree.xpath("//main//form/@action")}


def to(route, case, *more):
    return reverse(route, args=[case.reference, *more])


@pytest.mark.parametrize("name", ["teacher", "lead", "coordinator", "manager", "officer"])
def test_it_offers_what_the_reader_may_do_and_nothing_else(cast, sent, others, name):
    who = getattr(cast, name, others.officer)
    if name == "officer":
        share(cast.coordinator, sent, who, "DISRUPT", "IC4")
    may = casework.standing(who, sent)

    found = offered(who, sent)

    for page, needs in OFFERS.items():
        assert (to(f"disclosures:{page}", sent) in found) == getattr(may, needs), page
    assert (to("governance:trail", sent) in found) == may.oversees
    for route in ("disclosures:sharing", "disclosures:conflict", "referrals:pdf", "referrals:csv"):
        assert to(route, sent) in found
    # And what it offers is what the pages themselves let in.
    acts = name in ("lead", "coordinator", "manager")
    assert policies.may_share(who, sent) == may.may_share == may.may_ask == acts


def test_a_lead_is_offered_to_share_what_their_agency_holds(cast, sent):
    assert to("disclosures:share", sent) in offered(cast.lead, sent)
    assert signed_in(cast.lead).get(to("disclosures:share", sent)).status_code == 200


def test_in_an_emergency_it_offers_to_read_and_to_end_it(cast, sent):
    emergency.open_in_emergency(
        actor=cast.charity_worker,
        reference=sent.reference,
        why=Emergency.WITH_CHILD,
        next_step="I wait with her and ring her aunt.",
    )

    found = offered(cast.charity_worker, sent)

    assert found >= {to("disclosures:emergency_end", sent), to("disclosures:why", sent)}
    answers = {address for address in found if "/why/" in address}
    more = found - answers - {to("disclosures:emergency_end", sent)}
    assert not {address for address in more if sent.reference in address}
    assert to("disclosures:emergency", sent) not in offered(
        cast.charity_worker, sent, page="disclosures:why"
    )


def test_an_answer_that_is_held_back_leads_to_its_own_explanation(cast, sent):
    told, words = sent.referrals.get(), "A neighbour said so."
    add(sent, cast.teacher, "told", words, referral=told, protect=Protect.SOURCE)

    page = signed_in(cast.coordinator).get(to("referrals:case", sent))
    shown = html.fromstring(page.content)
    links = shown.xpath("//a[contains(@class, 'portal-ask')]")
    held_back = [link for link in links if link.get("href").endswith("/why/told/")]

    assert held_back
    assert "withheld" in held_back[0].text_content()
    assert held_back[0].text_content().startswith("Why is")
    # Each that is held back has one, and no two the same.
    assert len(shown.xpath("//*[contains(@class, 'portal-withheld')]")) <= len(links)
    assert len({link.get("href") for link in links}) == len(links)
    for link in links:
        assert signed_in(cast.coordinator).get(link.get("href")).status_code == 200


def test_an_explanation_offers_to_ask_to_those_who_may_ask(cast, sent):
    asks = to("disclosures:ask", sent)

    assert asks not in offered(cast.teacher, sent, page="disclosures:why")
    for who in (cast.lead, cast.coordinator):
        page = signed_in(who).get(to("disclosures:why-item", sent, "told"))
        assert asks in page.content.decode()


def test_the_sharing_page_lists_what_was_asked(cast, sent, nurse_lead):
    request = ask(cast.coordinator, sent, nurse_lead)
    address = reverse("disclosures:request", args=[request.pk])

    assert address in offered(cast.coordinator, sent, page="disclosures:sharing")
    # Whoever may not know of a request does not read of it here.
    assert address not in offered(cast.teacher, sent, page="disclosures:sharing")


def test_in_an_emergency_nobody_is_offered_to_share_or_to_ask(cast, sent):
    sharing, asking = to("disclosures:share", sent), to("disclosures:ask", sent)
    before = offered(cast.coordinator, sent)
    assert before >= {sharing, asking}
    emergency.open_in_emergency(
        actor=cast.coordinator,
        reference=sent.reference,
        why=Emergency.WITH_CHILD,
        next_step="I wait with her and ring her aunt.",
    )

    now = offered(cast.coordinator, sent)
    page = offered(cast.coordinator, sent, page="disclosures:sharing")

    ways = {sharing, asking, to("disclosures:danger", sent)}
    assert not ways & now
    assert not ways & page


def test_a_removed_answer_leads_to_nothing_to_ask_for_or_to_open(cast, sent):
    row = Statement.objects.get(case=sent, question="told")
    remove(actor=cast.teacher, statement=row, why="wrong child")

    page = signed_in(cast.coordinator).get(to("disclosures:why-item", sent, "told"))

    links = set(html.fromstring(page.content).xpath("//main//a/@href"))
    assert not links & {to("disclosures:ask", sent), to("disclosures:emergency", sent)}
    assert "Nobody who reads this case sees them now" in page.text


def test_an_answer_that_is_shown_whole_offers_no_emergency(cast, sent):
    page = signed_in(cast.coordinator).get(to("disclosures:why-item", sent, "saw"))

    assert to("disclosures:emergency", sent) not in page.text


@pytest.fixture
def decided(cast, sent):
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Three signs in one week.",
        told_referrer="The panel will consider it.",
    )
    sent.refresh_from_db()
    return sent


def test_the_front_door_reads_why_it_sees_what_its_own_council_decided(cast, decided):
    for page, more in (("why", ()), ("why-item", ("outcome",))):
        found = signed_in(cast.manager).get(to(f"disclosures:{page}", decided, *more))
        assert "because your own agency holds it" in found.text
        assert "Rule 0c, version 1" in found.text
        assert "Nothing that was shared with your role opens it" not in found.text
    # And not why it sees what the school holds.
    other = signed_in(cast.manager).get(to("disclosures:why-item", decided, "name"))
    assert "because your own agency holds it" not in other.text

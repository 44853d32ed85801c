"""An audit trail: asked for, made by a worker, published to the board, signed for by its chair."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.audit import reports as ledger
from portal.common.errors import DomainError, NotVisible, Refused
from portal.documents import services as documents
from portal.documents.models import Document
from portal.documents.vocabulary import Failure, Status
from portal.governance import policies, services
from portal.governance.models import AuditTrail
from portal.governance.reading import Trail, read_trail
from portal.governance.vocabulary import Audience
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import services as casework
from referrals.matching import services as matching
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Grant
from referrals.triage import services as triage
from referrals.vocabulary import Conflict, Outcome
from sharing.disclosures.services import walls
from tests.cast import FAMILY, GIVEN, SAW, Cast, events, membership, send, signed_in


@pytest.fixture
def case(cast: Cast, sent: Case) -> Case:
    """A case that several people have opened and that the panel has been given."""
    casework.read_case(actor=cast.coordinator, reference=sent.reference)
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Three signs in one week.",
        told_referrer="The panel will consider it.",
    )
    casework.read_case(actor=cast.panel_officer, reference=sent.reference)
    casework.read_case(actor=cast.teacher, reference=sent.reference)
    sent.refresh_from_db()
    return sent


def ask(who, case: Case, audience: Audience = Audience.BOARD) -> AuditTrail:
    return services.request_trail(actor=who, reference=case.reference, audience=audience)


def made(who, case: Case, audience: Audience = Audience.BOARD) -> AuditTrail:
    """A trail that was asked for and that a worker has made."""
    trail = ask(who, case, audience)
    services.make_trail(pk=trail.document_id)
    return fresh(trail)


def fresh(trail: AuditTrail) -> AuditTrail:
    return AuditTrail.objects.select_related("document").get(pk=trail.pk)


def published(cast: Cast, case: Case) -> AuditTrail:
    return services.publish(actor=cast.coordinator, trail=made(cast.coordinator, case))


# --- Asked for and made -------------------------------------------------------------------------


@pytest.mark.parametrize("audience", Audience)
def test_what_is_asked_for_is_made_and_its_asker_is_told(cast: Cast, case, audience):
    trail = ask(cast.coordinator, case, audience)
    assert trail.document.status == Status.ASKED

    services.make_trail(pk=trail.document_id)

    document = fresh(trail).document
    assert document.status == Status.READY
    assert bytes(document.content or b"").startswith(b"%PDF-")
    told = Notice.objects.get(kind=Kind.TRAIL_READY)
    assert told.recipient_id == cast.coordinator.membership_id
    acts = [body["act"] for body in events(stream=f"case:{case.pk}")]
    assert acts[-2:] == ["trail.requested", "trail.made"]


def test_made_twice_it_is_made_once(cast: Cast, case):
    trail = made(cast.coordinator, case)

    services.make_trail(pk=trail.document_id)

    assert fresh(trail).document.sha256 == trail.document.sha256
    assert len(events("trail.made")) == 1


def test_the_page_and_the_pdf_hold_the_same_lines(cast: Cast, case):
    trail = Trail.from_json(made(cast.coordinator, case, Audience.CASEWORK).content or {})

    whole = ledger.trail(case.pk)
    assert len(trail.lines) >= 8
    assert [line.seq for line in trail.lines] == [entry.seq for entry in whole][: len(trail.lines)]
    assert trail.intact
    assert "Complete and unaltered" in trail.integrity
    assert "Coral Dinator (MASE coordinator, Exampleshire Council)" in {
        line.who for line in trail.lines
    }


@pytest.mark.parametrize("name", ["teacher", "lead", "panel_officer", "panel_chair"])
def test_only_who_coordinates_or_manages_opens_or_makes_it(cast: Cast, case, name):
    client = signed_in(cast.everyone()[name])
    address = reverse("governance:trail", args=[case.reference])

    assert client.get(address).status_code == 403
    assert client.post(address, {"audience": "board"}).status_code == 403
    with pytest.raises(Refused):
        ask(cast.everyone()[name], case)
    assert not AuditTrail.objects.exists()


def test_to_read_it_as_a_page_is_on_the_record(cast: Cast, case):
    before = len(events("trail.read"))

    shown = signed_in(cast.manager).get(reverse("governance:trail", args=[case.reference]))

    assert shown.status_code == 200
    assert len(events("trail.read")) == before + 1


# --- The board's version names nobody -----------------------------------------------------------


def secrets(cast: Cast, case: Case) -> set[str]:
    """Every word that would tell who or where: of the child, the people, the agencies, the case."""
    people = {who.name for who in cast.everyone().values()}
    parts = {part for name in people for part in name.split()} - {"Chair"}
    agencies = {who.agency_name for who in cast.everyone().values()}
    area = {"Exampleshire", "Elsewhere", "Example High"}
    about = {GIVEN, FAMILY, "W.S", "27 March", "silver", SAW, "Three signs", "example.org"}
    numbers = {case.reference, case.reference[2:], str(case.pk), str(case.child_id)}
    return {*people, *parts, *agencies, *area, *about, *numbers}


def told(text: str, words: set[str]) -> set[str]:
    """Those of the words that stand in the text, as words of their own."""
    return {word for word in words if re.search(rf"\b{re.escape(word)}(?!\w)", text)}


def test_the_boards_version_names_nobody(cast: Cast, case):
    content = json.dumps(made(cast.coordinator, case).content)

    assert not told(content, secrets(cast, case))


def test_the_caseworkers_version_does_so_the_test_above_can_fail(cast: Cast, case):
    content = json.dumps(made(cast.coordinator, case, Audience.CASEWORK).content)

    found = told(content, secrets(cast, case))
    assert {"Coral Dinator", "Exampleshire Police", case.reference} <= found


def test_what_the_renderer_is_given_for_the_board_names_nobody(cast: Cast, case, monkeypatch):
    """The page that becomes the PDF: its frame, its foot, its title, its metadata."""
    given = []
    render = documents._run_renderer

    def overheard(page):
        given.append(page)
        return render(page)

    monkeypatch.setattr(documents, "_run_renderer", overheard)

    made(cast.coordinator, case)

    assert "Case 1" in given[0]
    assert not told(given[0], secrets(cast, case))


def test_the_boards_pages_name_nobody(cast: Cast, case):
    trail = published(cast, case)
    client = signed_in(cast.chair)

    pages = "".join(
        client.get(address).text
        for address in (
            reverse("governance:reports"),
            reverse("governance:review", args=[trail.pk]),
            reverse("governance:report", args=[trail.pk]),
        )
    )

    mine = {*cast.chair.name.split(), cast.chair.name, cast.chair.agency_name, "Exampleshire"}
    assert "Case 1" in pages
    assert not told(pages, secrets(cast, case) - mine)


def test_the_file_has_a_neutral_name(cast: Cast, case):
    trail = published(cast, case)

    answer = signed_in(cast.chair).get(reverse("governance:download", args=[trail.pk]))

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="audit-trail-{str(trail.pk)[:8]}.pdf"'
    )
    assert answer.content.startswith(b"%PDF-")


def test_the_board_knows_a_case_by_one_number_and_each_case_by_another(cast: Cast, case):
    other = send(cast.teacher)
    elsewhere = send(cast.other_coordinator)

    numbers = [
        ask(who, each).number
        for who, each in (
            (cast.coordinator, case),
            (cast.coordinator, other),
            (cast.manager, case),
            (cast.other_coordinator, elsewhere),
            (cast.coordinator, other),
        )
    ]

    assert numbers == [1, 2, 1, 1, 2]


# --- Rights are those of now --------------------------------------------------------------------


def end_grants(case: Case, who) -> None:
    Grant.objects.filter(content_object=case, group_id=who.team_id).update(
        ended_at=timezone.now(), ended_why="Stopped."
    )


@pytest.mark.parametrize("lost", ["the case", "the role"])
def test_rights_that_are_lost_before_it_is_made_mean_no_pdf_and_an_event(cast: Cast, case, lost):
    trail = ask(cast.coordinator, case)
    if lost == "the case":
        end_grants(case, cast.coordinator)
    else:
        accounts.end_membership(membership=membership(cast.coordinator))

    services.make_trail(pk=trail.document_id)

    trail = fresh(trail)
    assert (trail.document.status, trail.document.failure) == (Status.FAILED, Failure.NOT_ALLOWED)
    assert trail.document.content is None
    assert trail.content is None
    kept = events("trail.failed")
    assert [(body["out"], body["why"]) for body in kept] == [("failed", Failure.NOT_ALLOWED)]
    assert not Notice.objects.filter(kind=Kind.TRAIL_READY).exists()


@pytest.mark.parametrize("door", ["download", "report"])
def test_rights_that_are_lost_after_it_is_made_close_it_too(cast: Cast, case, door):
    trail = made(cast.coordinator, case, Audience.CASEWORK)
    client = signed_in(cast.coordinator)
    address = reverse(f"governance:{door}", args=[trail.pk])
    assert client.get(address).status_code == 200

    end_grants(case, cast.coordinator)

    answer = client.get(address)
    assert answer.status_code == 404
    assert b"Wrenna" not in answer.content


def test_its_words_as_a_page_are_read_on_the_record(cast: Cast, case):
    trail = made(cast.coordinator, case, Audience.CASEWORK)
    before = len(events("trail.read"))

    signed_in(cast.coordinator).get(reverse("governance:report", args=[trail.pk]))

    assert len(events("trail.read")) == before + 1


@pytest.mark.parametrize("name", ["second_coordinator", "manager", "teacher", "other_coordinator"])
@pytest.mark.parametrize("door", ["report", "download", "publish"])
def test_what_one_person_asked_for_is_not_anothers(cast: Cast, case, name, door):
    trail = made(cast.coordinator, case)
    client = signed_in(cast.everyone()[name])
    address = reverse(f"governance:{door}", args=[trail.pk])

    answer = client.post(address) if door == "publish" else client.get(address)

    assert answer.status_code == 404


def test_a_download_is_on_the_record(cast: Cast, case):
    trail = made(cast.coordinator, case)

    signed_in(cast.coordinator).get(reverse("governance:download", args=[trail.pk]))

    kept = events("trail.downloaded")[0]
    assert kept["obj"] == {"kind": "trail", "id": str(trail.pk)}
    assert kept["actor"]["member"] == str(cast.coordinator.membership_id)
    assert kept["rcpt"] == {"kind": "user", "id": str(cast.coordinator.user_id)}


def test_what_is_not_ready_is_not_downloaded_or_published(cast: Cast, case):
    trail = ask(cast.coordinator, case)

    with pytest.raises(DomainError, match="not ready"):
        services.download(actor=cast.coordinator, trail=trail)
    with pytest.raises(DomainError, match="not ready"):
        services.publish(actor=cast.coordinator, trail=trail)


# --- Published and signed for -------------------------------------------------------------------


def test_a_report_that_is_published_is_the_boards_and_its_chair_is_told(cast: Cast, case):
    trail = published(cast, case)

    assert trail in policies.visible(cast.chair)
    told = Notice.objects.get(kind=Kind.PUBLISHED)
    assert (told.recipient_id, told.reference) == (cast.chair.membership_id, "Case 1")
    kept = events("trail.published")[0]
    assert kept["rcpt"] == {"kind": "partnership", "id": str(cast.partnership.pk)}


def test_a_report_that_is_not_published_is_not_there_for_the_board(cast: Cast, case):
    trail = made(cast.coordinator, case)
    client = signed_in(cast.chair)

    for door in ("review", "report", "download"):
        assert client.get(reverse(f"governance:{door}", args=[trail.pk])).status_code == 404
    assert "Case 1" not in client.get(reverse("governance:reports")).text


@pytest.mark.parametrize("door", ["review", "report", "download"])
def test_the_chair_of_another_board_finds_nothing(cast: Cast, case, door):
    trail = published(cast, case)
    client = signed_in(cast.other_chair)

    assert client.get(reverse(f"governance:{door}", args=[trail.pk])).status_code == 404
    assert "Case 1" not in client.get(reverse("governance:reports")).text
    with pytest.raises(NotVisible):
        services.review(actor=cast.other_chair, trail=trail, comment="Mine.")


def test_the_caseworkers_version_is_never_published(cast: Cast, case):
    trail = made(cast.coordinator, case, Audience.CASEWORK)

    with pytest.raises(DomainError, match="names nobody"):
        services.publish(actor=cast.coordinator, trail=trail)

    assert not policies.visible(cast.chair).exists()


def test_a_report_is_published_once(cast: Cast, case):
    trail = published(cast, case)

    with pytest.raises(DomainError, match="already"):
        services.publish(actor=cast.coordinator, trail=trail)

    assert len(events("trail.published")) == 1


def test_a_report_whose_chain_did_not_hold_is_not_published(cast: Cast, case):
    trail = made(cast.coordinator, case)
    AuditTrail.objects.filter(pk=trail.pk).update(
        content={**(trail.content or {}), "intact": False}
    )

    with pytest.raises(DomainError):
        services.publish(actor=cast.coordinator, trail=fresh(trail))

    assert not policies.visible(cast.chair).exists()


def test_who_has_lost_the_case_cannot_publish(cast: Cast, case):
    trail = made(cast.coordinator, case)
    end_grants(case, cast.coordinator)

    with pytest.raises(NotVisible):
        services.publish(actor=cast.coordinator, trail=trail)


def test_the_chair_signs_for_it_with_a_comment(cast: Cast, case):
    trail = published(cast, case)
    client = signed_in(cast.chair)
    address = reverse("governance:review", args=[trail.pk])

    blank = client.post(address, {"comment": " \n"})
    signed = client.post(address, {"comment": " Read. Ask again in May. "})

    assert (blank.status_code, signed.status_code) == (422, 302)
    trail = fresh(trail)
    assert trail.comment == "Read. Ask again in May."
    assert trail.reviewed_by_id == cast.chair.membership_id
    assert len(events("trail.reviewed")) == 1
    with pytest.raises(DomainError, match="Write what"):
        services.review(actor=cast.chair, trail=trail, comment=" ")


def test_a_report_is_signed_for_once(cast: Cast, case):
    trail = published(cast, case)
    services.review(actor=cast.chair, trail=trail, comment="Read.")

    answer = signed_in(cast.chair).post(
        reverse("governance:review", args=[trail.pk]), {"comment": "Again."}
    )

    assert answer.status_code == 409
    assert "signed for already" in answer.text
    assert fresh(trail).comment == "Read."
    assert len(events("trail.reviewed")) == 1


@pytest.mark.parametrize("name", ["coordinator", "manager", "teacher", "panel_chair"])
def test_nobody_but_a_chair_reads_the_boards_pages_or_signs(cast: Cast, case, name):
    trail = published(cast, case)
    who = cast.everyone()[name]
    client = signed_in(who)

    assert client.get(reverse("governance:reports")).status_code == 403
    assert client.get(reverse("governance:review", args=[trail.pk])).status_code == 403
    with pytest.raises(Refused):
        services.review(actor=who, trail=trail, comment="Mine.")


def test_the_chair_reads_on_the_record(cast: Cast, case):
    trail = published(cast, case)

    signed_in(cast.chair).get(reverse("governance:review", args=[trail.pk]))

    kept = events("trail.read")
    assert [body["obj"]["id"] for body in kept] == [str(trail.pk)]
    assert kept[0]["actor"]["member"] == str(cast.chair.membership_id)


# --- A worker that dies -------------------------------------------------------------------------


def lapse(trail: AuditTrail) -> None:
    """Let the lease of the worker that has it run out."""
    Document.objects.filter(pk=trail.document_id).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_worker_that_dies_in_the_middle_leaves_it_to_the_sweep(cast: Cast, case):
    trail = ask(cast.coordinator, case)
    documents.begin(pk=trail.document_id)

    assert services.sweep() == 0
    lapse(trail)
    assert services.sweep() == 1

    trail = fresh(trail)
    assert (trail.document.status, trail.document.attempts) == (Status.READY, 2)
    assert len(events("trail.made")) == 1
    assert services.sweep() == 0


def test_a_worker_that_comes_back_late_changes_nothing(cast: Cast, case):
    trail = ask(cast.coordinator, case)
    slow = documents.begin(pk=trail.document_id)
    assert slow is not None
    lapse(trail)
    services.sweep()
    kept = fresh(trail)

    services._failed(kept, slow, Failure.TOO_SLOW)

    assert fresh(trail).document.sha256 == kept.document.sha256
    assert fresh(trail).document.status == Status.READY
    assert not events("trail.failed")


def test_what_kills_every_worker_is_given_up_with_an_event(cast: Cast, case):
    trail = ask(cast.coordinator, case)
    for _ in range(documents.ATTEMPTS):
        documents.begin(pk=trail.document_id)
        lapse(trail)

    services.sweep()

    trail = fresh(trail)
    assert (trail.document.status, trail.document.failure) == (Status.FAILED, Failure.GAVE_UP)
    assert [body["why"] for body in events("trail.failed")] == [Failure.GAVE_UP]


@pytest.mark.parametrize("audience", Audience)
def test_who_may_not_know_of_a_third_case_reads_of_none_in_the_trail(cast, sent, audience):
    other = send(cast.teacher, given_name="Rena")
    pair = {"actor": cast.coordinator, "reference": sent.reference, "other": other.reference}
    matching.compare(**pair)
    matching.judge(**pair, verdict=Verdict.SAME, reason="Both schools confirm it.")
    matching.take_back(**pair, why="A cousin.")
    triage.join(**pair, reason="They confirm it.", told_referrer="We work with the family.")
    triage.undo(**pair, why="A cousin.")

    def lines(who) -> dict[int, tuple[str, str]]:
        trail = read_trail(who, sent, audience, 1, timezone.now())
        return {line.seq: (line.what, line.categories) for line in trail.lines}

    before = lines(cast.second_coordinator)
    walls.declare(actor=cast.second_coordinator, reference=other.reference, why=Conflict.RELATIVE)
    after = lines(cast.second_coordinator)

    acts = {seq for seq, (what, _) in before.items() if "wo cases" in what or "joined" in what}
    assert len(acts) == 6
    assert {after[seq] for seq in acts} == {("Possible matches of a child looked for", "")}
    assert {seq: after[seq] for seq in before.keys() - acts} == {
        seq: before[seq] for seq in before.keys() - acts
    }
    assert lines(cast.coordinator).items() >= before.items()

"""A conflict of interest: from that moment the case is not there, for that person, anywhere."""

import re
from uuid import uuid4

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.governance import services as governance
from portal.governance.vocabulary import Audience
from portal.notifications import services as notices
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind, Status
from referrals import policies
from referrals.models import Case, Wall
from referrals.triage import services as triage
from referrals.vocabulary import Conflict, Outcome
from referrals.workflow import Action
from sharing.disclosures.services import walls
from tests.architecture.asking import ask, missing, of_a_case, same, things_of
from tests.cast import Cast, events, membership, send, signed_in

WHO_SEES = ("teacher", "lead", "coordinator", "manager")


def enrol(cast: Cast, name: str, role: Role, agency=None) -> Principal:
    email = f"{name.lower().replace(' ', '.')}@council.example.org"
    return accounts.enrol(
        email=email, name=name, agency=agency or cast.council, role=role
    ).principal()


def hat(cast: Cast, principal: Principal, role: Role, agency=None) -> Principal:
    """The same person in another role."""
    person = User.objects.get(pk=principal.user_id)
    return accounts.enrol(
        email=person.email, name=person.name, agency=agency or cast.council, role=role
    ).principal()


@pytest.fixture
def governor(cast: Cast) -> Principal:
    return enrol(cast, "Ingrid Overn", Role.IG_LEAD)


def walled(case: Case, principal: Principal, by: Principal, why=Conflict.RELATIVE) -> Wall:
    person = User.objects.get(pk=principal.user_id)
    return walls.raise_wall(actor=by, reference=case.reference, email=person.email, why=why)


def decided(cast: Cast, case: Case) -> Case:
    triage.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    case.refresh_from_db()
    return case


# --- Nothing is left for the person -------------------------------------------------------------


@pytest.mark.parametrize("who", WHO_SEES)
def test_the_case_is_missing_at_every_door_for_who_declares(cast: Cast, sent, who):
    actor = getattr(cast, who)
    assert policies.visible(actor).exists()

    walls.declare(actor=actor, reference=sent.reference, why=Conflict.RELATIVE)

    client = signed_in(actor)
    things = things_of(sent)
    for row in of_a_case():
        hidden = ask(client, row, things)
        assert hidden.status == 404, row
        assert same(hidden, ask(client, row, missing(row, things))), row


@pytest.mark.parametrize("who", WHO_SEES)
def test_no_list_count_or_notice_knows_the_case(cast: Cast, sent, who):
    actor = getattr(cast, who)
    client = signed_in(actor)
    pages = ["home:home", "following:mine", "referrals:cases", "notifications:list", "api-cases"]
    pages += ["triage:board"] if policies.triages(actor) else []
    addresses = [reverse(name) for name in pages]
    assert any(sent.reference in client.get(address).text for address in addresses)

    walls.declare(actor=actor, reference=sent.reference, why=Conflict.NAMED)

    for address in addresses:
        assert sent.reference not in client.get(address).text, address
    assert client.get(reverse("api-cases")).json()["count"] == 0
    assert not policies.visible(actor).exists()
    assert policies.relations(actor, sent) == frozenset()


def test_the_wall_stands_in_every_role_of_the_person(cast: Cast, sent):
    other_hat = hat(cast, cast.coordinator, Role.MANAGER)
    later_hat = hat(cast, cast.coordinator, Role.AGENCY_LEAD, cast.school)
    assert policies.visible(other_hat).exists()

    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)

    assert not policies.visible(other_hat).exists()
    assert not policies.visible(later_hat).exists()
    assert policies.visible(cast.second_coordinator).exists()


def test_who_sent_it_is_not_told_of_it_by_sending_it_again(cast: Cast):
    key = uuid4()
    case = send(cast.teacher, key=key)
    walls.declare(actor=cast.teacher, reference=case.reference, why=Conflict.RELATIVE)

    with pytest.raises(NotVisible):
        send(cast.teacher, key=key)


def test_a_trail_that_was_made_before_is_gone_too(cast: Cast, sent):
    trail = governance.request_trail(
        actor=cast.coordinator, reference=sent.reference, audience=Audience.CASEWORK
    )
    governance.make_trail(pk=trail.document_id)
    client = signed_in(cast.coordinator)
    doors = [reverse(f"governance:{name}", args=[trail.pk]) for name in ("report", "download")]
    assert [client.get(address).status_code for address in doors] == [200, 200]

    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)

    assert [client.get(address).status_code for address in doors] == [404, 404]


def test_a_report_to_the_board_is_kept_from_a_chair_with_a_conflict(cast: Cast, sent):
    trail = governance.request_trail(
        actor=cast.manager, reference=sent.reference, audience=Audience.BOARD
    )
    governance.make_trail(pk=trail.document_id)
    trail.refresh_from_db()
    governance.publish(actor=cast.manager, trail=trail)
    client = signed_in(cast.chair)
    address = reverse("governance:review", args=[trail.pk])
    assert client.get(address).status_code == 200

    walled(sent, cast.chair, cast.manager)

    assert client.get(address).status_code == 404
    assert governance.list_reports(actor=cast.chair) == []


# --- Notices ------------------------------------------------------------------------------------


def owed(recipient: Principal, case: Case, kind=Kind.CHANGED) -> Notice:
    with transaction.atomic():
        return notices.owe(
            recipient=membership(recipient),
            kind=kind,
            reference=case.reference,
            case=case.pk,
            cause=uuid4(),
        )


def test_a_notice_that_waits_is_not_sent_once_the_wall_stands(cast: Cast, sent):
    notice = owed(cast.coordinator, sent)
    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)
    Notice.objects.exclude(pk=notice.pk).update(status=Status.DEAD)

    notices.deliver(pk=notice.pk)

    notice.refresh_from_db()
    assert notice.status == Status.SUPPRESSED
    assert mail.outbox == []


def test_what_is_owed_behind_the_wall_is_not_sent_or_shown(cast: Cast, sent):
    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)

    notice = owed(cast.coordinator, sent)

    assert notice.status == Status.SUPPRESSED
    notices.deliver(pk=notice.pk)
    assert mail.outbox == []
    assert sent.reference not in signed_in(cast.coordinator).get("/notifications/").text


def test_the_badge_the_list_and_the_press_leave_out_what_is_behind_the_wall(cast: Cast, sent):
    other = send(cast.teacher)
    kept, gone = owed(cast.manager, other), owed(cast.manager, sent)
    client = signed_in(cast.manager)

    def badge() -> str:
        found = re.search(r"Notifications \((\d+) unread\)|(\d+) unread", client.get("/home/").text)
        return found[0] if found else ""

    before = badge()
    assert before

    walled(sent, cast.manager, cast.coordinator)

    assert badge() != before
    assert sent.reference not in client.get("/notifications/").text
    assert other.reference in client.get("/notifications/").text
    address = reverse("notifications:mark_read", args=[gone.pk])
    missing = reverse("notifications:mark_read", args=[uuid4()])
    assert client.post(address).status_code == client.post(missing).status_code == 404
    client.post(reverse("notifications:mark_all_read"))
    gone.refresh_from_db()
    kept.refresh_from_db()
    assert (gone.read_at, kept.read_at is not None) == (None, True)


# --- Recorded by somebody else ------------------------------------------------------------------


@pytest.mark.parametrize("by", ["coordinator", "manager", "governor"])
def test_it_works_before_the_person_ever_saw_the_case(cast: Cast, sent, governor, by):
    actor = governor if by == "governor" else getattr(cast, by)

    walled(sent, cast.panel_officer, actor)
    decided(cast, sent)

    assert policies.visible(cast.panel_nurse).exists()
    assert not policies.visible(cast.panel_officer).exists()
    assert f"/referrals/{sent.reference}" not in signed_in(cast.panel_officer).get("/cases/").text


def test_the_person_is_told_nothing(cast: Cast, sent, governor):
    before = Notice.objects.filter(recipient=cast.manager.membership_id).count()

    wall = walled(sent, cast.manager, governor)
    walls.lift(actor=enrol(cast, "Una Clean", Role.MANAGER), pk=wall.pk, why="It was a mistake.")

    assert Notice.objects.filter(recipient=cast.manager.membership_id).count() == before
    page = signed_in(cast.manager).get(reverse("governance:trail", args=[sent.reference]))
    assert page.status_code == 200
    assert "onflict of interest" not in page.text
    assert walls.list_walls(actor=cast.manager) == []


@pytest.mark.parametrize("who", ["teacher", "lead", "colleague", "panel_officer", "auditor"])
def test_nobody_else_records_it_for_others(cast: Cast, sent, who):
    with pytest.raises((Refused, NotVisible)):
        walled(sent, cast.coordinator, getattr(cast, who))

    assert not Wall.objects.exists()


def test_another_areas_lead_and_one_with_a_conflict_find_no_such_case(cast: Cast, sent, governor):
    there = accounts.join_agency(
        name="Far Council",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.other_area],
    )
    elsewhere = enrol(cast, "Far Away", Role.IG_LEAD, there)
    walled(sent, governor, cast.manager)

    for actor in (elsewhere, governor):
        with pytest.raises(NotVisible):
            walled(sent, cast.teacher, actor)


def test_an_address_that_nobody_here_has_is_said(cast: Cast, sent):
    for email in ("nobody@example.org", "elsa.wherry@council.example.org"):
        with pytest.raises(DomainError, match="Nobody in this partnership"):
            walls.raise_wall(
                actor=cast.manager, reference=sent.reference, email=email, why=Conflict.NAMED
            )


def test_it_is_recorded_once_and_another_reason_takes_words(cast: Cast, sent):
    with pytest.raises(DomainError, match="what the reason is"):
        walled(sent, cast.teacher, cast.manager, Conflict.OTHER)
    walled(sent, cast.teacher, cast.manager)
    with pytest.raises(DomainError, match="already"):
        walled(sent, cast.teacher, cast.manager)


# --- What it does to the case -------------------------------------------------------------------


def test_the_case_loses_a_coordinator_who_has_a_conflict(cast: Cast, sent):
    triage.acknowledge(actor=cast.coordinator, case=sent)

    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.NAMED)

    sent.refresh_from_db()
    assert sent.coordinator is None
    assert policies.sights(cast.second_coordinator).unassigned().exists()
    triage.decide(
        actor=cast.second_coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    sent.refresh_from_db()
    assert sent.coordinator_id == cast.second_coordinator.membership_id


def test_who_goes_on_with_a_decided_case_takes_it_on(cast: Cast, sent):
    decided(cast, sent)
    walled(sent, cast.coordinator, cast.manager)
    sent.refresh_from_db()
    assert sent.coordinator is None

    triage.move(actor=cast.second_coordinator, case=sent, action=Action.OPEN, reason="Why.")

    sent.refresh_from_db()
    assert sent.coordinator_id == cast.second_coordinator.membership_id


def test_somebody_elses_conflict_leaves_the_coordinator(cast: Cast, sent):
    triage.acknowledge(actor=cast.coordinator, case=sent)

    walled(sent, cast.teacher, cast.manager)

    sent.refresh_from_db()
    assert sent.coordinator_id == cast.coordinator.membership_id


def test_a_clean_manager_and_lead_are_told_and_nobody_else(cast: Cast, sent, governor):
    unclean = enrol(cast, "Uncle An", Role.MANAGER)
    walled(sent, unclean, cast.manager)
    Notice.objects.all().delete()

    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)

    told = Notice.objects.filter(kind=Kind.CONFLICT)
    assert {(n.recipient_id, n.reference) for n in told} == {
        (cast.manager.membership_id, sent.reference),
        (governor.membership_id, ""),
    }
    notices.sweep()
    said = "\n".join(str(message.message()) for message in mail.outbox)
    assert mail.outbox
    for word in (sent.reference, cast.coordinator.name, "onflict", "Exampleshire"):
        assert word not in said


# --- Ending it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["manager", "governor"])
def test_somebody_else_ends_it_and_the_fact_stays(cast: Cast, sent, governor, by):
    actor = governor if by == "governor" else cast.manager
    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)
    wall = Wall.objects.get()

    walls.lift(actor=actor, pk=wall.pk, why="The friendship was a mistake of names.")

    assert policies.visible(cast.coordinator).exists()
    wall.refresh_from_db()
    assert wall.lifted_by_id == actor.membership_id
    (row,) = walls.list_walls(actor=actor)
    assert row.lifted_why == "The friendship was a mistake of names."
    with pytest.raises(DomainError, match="ended already"):
        walls.lift(actor=actor, pk=wall.pk, why="Again.")


def test_nobody_ends_their_own_in_any_role(cast: Cast, sent):
    governing = hat(cast, cast.coordinator, Role.IG_LEAD)
    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)
    wall = Wall.objects.get()

    with pytest.raises(NotVisible):
        walls.lift(actor=governing, pk=wall.pk, why="I say so.")
    with pytest.raises(Refused):
        walls.lift(actor=cast.coordinator, pk=wall.pk, why="I say so.")
    with pytest.raises(DatabaseError, match="another_person"), transaction.atomic():
        Wall.objects.filter(pk=wall.pk).update(
            lifted_at=timezone.now(), lifted_by=governing.membership_id, lifted_why="By SQL."
        )


def test_who_has_a_conflict_does_not_end_anothers_on_that_case(cast: Cast, sent, governor):
    wall = walled(sent, cast.teacher, cast.manager)
    walled(sent, governor, cast.manager)

    with pytest.raises(NotVisible):
        walls.lift(actor=governor, pk=wall.pk, why="Why.")


def test_it_ends_with_a_reason(cast: Cast, sent):
    wall = walled(sent, cast.teacher, cast.coordinator)

    with pytest.raises(DomainError, match="Write why"):
        walls.lift(actor=cast.manager, pk=wall.pk, why="  ")


# --- The page of all of them --------------------------------------------------------------------


def test_the_list_leaves_out_ones_own_and_every_case_behind_ones_own_wall(
    cast: Cast, sent, governor
):
    other = send(cast.teacher)
    walled(sent, cast.teacher, cast.coordinator)
    walled(other, cast.lead, cast.coordinator)
    clean = [row.person for row in walls.list_walls(actor=cast.manager)]
    assert sorted(clean) == [cast.lead.name, cast.teacher.name]

    walled(sent, cast.manager, governor)

    (row,) = walls.list_walls(actor=cast.manager)
    assert (row.person, row.reference) == (cast.lead.name, other.reference)
    page = signed_in(cast.manager).get(reverse("disclosures:walls")).text
    assert sent.reference not in page
    assert cast.teacher.name not in page


def test_a_case_that_is_not_open_to_the_reader_has_no_reference(cast: Cast, sent, governor):
    walled(sent, cast.teacher, cast.manager)

    (row,) = walls.list_walls(actor=governor)

    assert row.reference == ""
    assert sent.reference not in signed_in(governor).get(reverse("disclosures:walls")).text


@pytest.mark.parametrize("who", ["teacher", "lead", "coordinator", "panel_officer", "chair"])
def test_the_list_is_for_managers_and_leads_of_information(cast: Cast, sent, who):
    assert signed_in(getattr(cast, who)).get(reverse("disclosures:walls")).status_code == 403


# --- The ledger, and the pages ------------------------------------------------------------------


def test_each_act_is_recorded_and_names_no_person(cast: Cast, sent):
    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)
    wall = walled(sent, cast.teacher, cast.manager)
    walls.lift(actor=cast.manager, pk=wall.pk, why="It was a mistake.")
    walls.list_walls(actor=cast.manager)

    own, others, lifted, listed = events("wall.raised", "wall.lifted", "wall.listed")
    assert others["obj"] == lifted["obj"] == {"kind": "wall", "id": str(wall.pk)}
    assert own["why"] == Conflict.RELATIVE
    assert str(wall.pk) in listed["ids"]
    on_case = events("wall.raised", "wall.lifted", stream=f"case:{sent.pk}")
    assert [body["id"] for body in on_case] == [own["id"]]
    assert str(cast.teacher.user_id) not in str([others, lifted])


def test_declaring_takes_two_pages_and_leads_home(cast: Cast, sent):
    client = signed_in(cast.teacher)
    address = reverse("disclosures:conflict", args=[sent.reference])
    assert address in client.get(reverse("referrals:case", args=[sent.reference])).text
    assert "checked" not in client.get(address).text
    assert client.post(address, {"why": "other"}).status_code == 422

    answer = client.post(address, {"why": "relative"}, follow=True)

    assert answer.redirect_chain == [("/home/", 302)]
    assert "Your conflict of interest is recorded" in answer.text
    assert sent.reference not in answer.text


def test_recording_it_for_somebody_from_the_case_and_from_the_list(cast: Cast, sent, governor):
    from_case = reverse("disclosures:impose", args=[sent.reference])
    client = signed_in(cast.coordinator)
    assert client.get(from_case).status_code == 200
    wrong = client.post(from_case, {"email": "no@example.org", "why": "named"})
    assert wrong.status_code == 409
    email = User.objects.get(pk=cast.teacher.user_id).email
    assert client.post(from_case, {"email": email, "why": "named"}).status_code == 302

    from_list = reverse("disclosures:raise_for")
    email = User.objects.get(pk=cast.lead.user_id).email
    typed = {"reference": sent.reference.lower(), "email": email, "why": "named"}
    assert signed_in(governor).post(from_list, typed).status_code == 302
    assert signed_in(cast.coordinator).get(from_list).status_code == 403

    assert not policies.visible(cast.teacher).exists()
    assert not policies.visible(cast.lead).exists()


def test_ending_it_on_its_page(cast: Cast, sent):
    wall = walled(sent, cast.teacher, cast.coordinator)
    client = signed_in(cast.manager)
    address = reverse("disclosures:lift", args=[wall.pk])
    assert cast.teacher.name in client.get(address).text
    assert client.post(address, {"why": ""}).status_code == 422

    assert client.post(address, {"why": "It was a mistake."}).status_code == 302

    assert policies.visible(cast.teacher).exists()

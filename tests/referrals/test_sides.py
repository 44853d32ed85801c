"""What a decision sets going: the LADO and who is kept from a case, days that come, who hears."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Membership, User
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import MEANINGS, Class, Kind
from referrals import policies
from referrals.models import Case, Decision, Proposal, SideRoute, Wall
from referrals.services import due
from referrals.triage import services
from referrals.triage.policies import may_refer_to_nrm
from referrals.triage.services import Then
from referrals.vocabulary import Outcome, Side
from referrals.workflow import Action
from sharing.disclosures.services import walls
from tests.cast import Cast, at_once, events, send, signed_in
from tests.closing import ending

WORDS = {"reason": "She named a man.", "told_referrer": "We act on it."}
NEXT = {"next_on-day": "1", "next_on-month": "1", "next_on-year": "2099"}
TYPED = {"outcome": "strategy", **WORDS, "sides": ["lado"]}
ELSEWHERE = Then(sides=(Side.LADO,), works_elsewhere=True)


def enrol(name: str, role: Role, agency) -> Principal:
    email = f"{name.lower().replace(' ', '.')}@council.example.org"
    return accounts.enrol(email=email, name=name, agency=agency, role=role).principal()


def hat(principal: Principal, role: Role, agency) -> Principal:
    """The same person in another role."""
    person = User.objects.get(pk=principal.user_id)
    return accounts.enrol(
        email=person.email, name=person.name, agency=agency, role=role
    ).principal()


@pytest.fixture
def lado(cast: Cast) -> Principal:
    return enrol("La Do", Role.LADO, cast.council)


def agency_of(principal: Principal):
    return Membership.objects.get(pk=principal.membership_id).team.agency


def decide(who, case, then=ELSEWHERE, outcome=Outcome.STRATEGY, **more):
    return services.decide(actor=who, case=case, outcome=outcome, then=then, **{**WORDS, **more})


def hide(who, case, agency, **more):
    return decide(who, case, Then(sides=(Side.LADO,), hidden_from=agency.pk), **more)


def told(kind: Kind) -> list[str]:
    found = Notice.objects.filter(kind=kind).exclude(status="suppressed")
    return sorted(found.values_list("recipient__user__name", flat=True))


# --- Seen again -----------------------------------------------------------------------------------


def test_that_the_step_is_done_leaves_the_case_hidden(cast: Cast, lado, sent):
    hide(cast.coordinator, sent, cast.school)
    client = signed_in(lado)
    step = reverse("triage:task", args=[SideRoute.objects.get().pk])

    assert client.post(step, {"words": "Looked into."}).status_code == 302

    wall = Wall.objects.get()
    assert wall.lifted_at is None
    assert sent not in policies.visible(cast.teacher)
    again = reverse("triage:hidden", args=[wall.pk])
    assert again in client.get(reverse("triage:tasks")).text
    assert "checked" not in client.get(again).text
    assert client.post(again, {}).status_code == 422
    assert client.post(again, {"again": "yes", "why": " "}).status_code == 422
    assert client.post(again, {"again": "no"}).status_code == 302
    assert sent not in policies.visible(cast.teacher)

    assert client.post(again, {"again": "yes", "why": "It was not so."}).status_code == 302

    wall.refresh_from_db()
    assert (wall.lifted_by_id, wall.lifted_why) == (lado.membership_id, "It was not so.")
    assert sent in policies.visible(cast.teacher)
    assert len(events("wall.lifted")) == 1
    assert client.get(again).status_code == 404
    with pytest.raises(DomainError, match="already"):
        services.show_again(actor=lado, pk=wall.pk, why="Again.")


def test_any_lado_whom_nothing_keeps_from_it_sees_to_it(cast: Cast, lado, sent):
    other = enrol("An Other", Role.LADO, cast.council)
    hide(cast.coordinator, sent, cast.school)
    Membership.objects.filter(pk=lado.membership_id).update(until_at=timezone.now())

    services.finish_side(actor=other, pk=SideRoute.objects.get().pk, words="Looked into.")
    services.show_again(actor=other, pk=Wall.objects.get().pk, why="It was not so.")

    assert Wall.objects.get().lifted_by_id == other.membership_id


def test_a_lado_of_the_agency_neither_has_the_step_nor_ends_it(cast: Cast, sent):
    both = hat(cast.lead, Role.LADO, cast.council)
    hide(cast.coordinator, sent, cast.school)

    step, wall = SideRoute.objects.get(), Wall.objects.get()
    assert step.owner_id == cast.coordinator.membership_id
    assert not services.tasks(actor=both).steps
    with pytest.raises(NotVisible):
        services.finish_side(actor=both, pk=step.pk, words="Done.")
    with pytest.raises(NotVisible):
        services.show_again(actor=both, pk=wall.pk, why="It was not so.")
    services.show_again(actor=cast.manager, pk=wall.pk, why="It was not so.")


def test_without_a_lado_a_second_person_lets_them_see_it_again(cast: Cast, sent):
    own = hat(cast.coordinator, Role.LADO, cast.council)
    hide(cast.coordinator, sent, cast.school)
    wall = Wall.objects.get()

    with pytest.raises(Refused):
        services.show_again(actor=cast.coordinator, pk=wall.pk, why="It was not so.")
    for who in (own, cast.teacher, cast.outsider_lead, cast.other_coordinator):
        with pytest.raises(NotVisible):
            services.show_again(actor=who, pk=wall.pk, why="It was not so.")
    with pytest.raises(DomainError, match="Write why"):
        services.show_again(actor=cast.manager, pk=wall.pk, why=" ")
    again = reverse("triage:hidden", args=[wall.pk])
    workspace = reverse("triage:workspace", args=[sent.reference])
    assert again in signed_in(cast.manager).get(workspace).text
    assert again not in signed_in(cast.coordinator).get(workspace).text
    services.show_again(actor=cast.manager, pk=wall.pk, why="It was not so.")

    assert sent in policies.visible(cast.teacher)


def test_where_there_is_a_lado_nobody_else_ends_it(cast: Cast, lado, sent):
    hide(cast.coordinator, sent, cast.school)

    for who in (cast.manager, cast.second_coordinator):
        with pytest.raises(Refused):
            services.show_again(actor=who, pk=Wall.objects.get().pk, why="It was not so.")


@pytest.mark.parametrize("who", ["coordinator", "teacher", "both", "own"])
def test_the_database_refuses_who_began_it_and_who_works_there(cast: Cast, sent, who):
    hide(cast.coordinator, sent, cast.school)
    of = {
        "both": hat(cast.lead, Role.LADO, cast.council),
        "own": hat(cast.coordinator, Role.LADO, cast.council),
    }
    actor = of.get(who) or getattr(cast, who)

    def lift(by: Principal) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE referrals_wall SET lifted_at = now(), lifted_by_id = %s, lifted_why = 'W.'",
                [by.membership_id],
            )

    with pytest.raises(DatabaseError, match="wall_"):
        lift(actor)
    lift(cast.manager)


# --- Which agency ---------------------------------------------------------------------------------


def test_a_second_person_of_concern_at_another_agency_is_hidden_from_too(cast: Cast, lado, sent):
    other = agency_of(cast.charity_worker)
    first = hide(cast.coordinator, sent, cast.school)
    hide(cast.coordinator, sent, other, instead_of=first.pk)

    assert set(Wall.objects.values_list("agency", flat=True)) == {cast.school.pk, other.pk}
    assert SideRoute.objects.count() == 2
    assert len(events("wall.raised")) == 2


def test_an_agency_is_named_though_the_lado_knows_already(cast: Cast, lado, sent):
    first = decide(cast.coordinator, sent)
    second = hide(cast.coordinator, sent, cast.school, instead_of=first.pk)

    assert sent not in policies.visible(cast.teacher)
    assert SideRoute.objects.filter(wall__isnull=False).count() == 1

    hide(cast.coordinator, sent, cast.school, instead_of=second.pk)
    assert (Wall.objects.count(), SideRoute.objects.count()) == (1, 2)


def test_the_lado_is_not_told_without_a_word_on_the_agency(cast: Cast, sent):
    both = Then(sides=(Side.LADO,), works_elsewhere=True, hidden_from=cast.school.pk)
    for then in (Then(sides=(Side.LADO,)), both):
        with pytest.raises(DomainError, match="which agency"):
            decide(cast.coordinator, sent, then)
    client = signed_in(cast.coordinator)
    address = reverse("triage:decide", args=[sent.reference])

    unchecked = [TYPED, {**TYPED, **NEXT, "hidden_from": "elsewhere"}, {**TYPED, "checked": "yes"}]
    for typed in unchecked:
        answer = client.post(address, typed)
        assert answer.status_code == 422
        assert "Check your decision" in answer.text
    assert not SideRoute.objects.exists()
    typed = {**TYPED, **NEXT, "checked": "yes", "hidden_from": "elsewhere"}
    assert client.post(address, typed).status_code == 302
    assert SideRoute.objects.get().wall is None


def test_a_program_says_which_agency_and_who_takes_a_child_on(cast: Cast, sent):
    client = signed_in(cast.manager)

    def call(case: Case, **typed: object):
        address = reverse("api-decide", args=[case.reference])
        body = json.dumps({"outcome": "strategy", **WORDS, **typed})
        return client.post(address, body, content_type="application/json")

    assert call(sent, sides=["lado"]).status_code == 409
    assert call(sent, sides=["lado"], hidden_from="No such school").status_code == 409
    assert not Decision.objects.exists()
    assert call(sent, sides=["lado"], hidden_from=cast.school.name).status_code == 200
    assert Wall.objects.get().agency_id == cast.school.pk
    others = [send(cast.teacher) for _ in range(3)]
    assert call(others[0], outcome="transfer").status_code == 409
    assert call(others[0], outcome="transfer", to_area="elsewhere").status_code == 200
    worker = "cole.league@school.example.org"
    assert call(others[1], outcome="open_case", to_worker=worker).status_code == 200
    assert call(others[2], sides=["lado"], works_elsewhere=True).status_code == 200


# --- Who knows of it ------------------------------------------------------------------------------


def test_information_governance_sees_who_is_kept_out_and_not_of_which_case(cast: Cast, sent):
    governor = enrol("Ingrid Overn", Role.IG_LEAD, cast.council)
    inside = enrol("In Side", Role.IG_LEAD, cast.school)
    hide(cast.coordinator, sent, cast.school)
    pk = Wall.objects.get().pk

    page = signed_in(governor).get(reverse("disclosures:walls")).text

    assert f"Everybody at {cast.school.name}" in page
    assert sent.reference not in page
    assert sent.reference in signed_in(cast.manager).get(reverse("disclosures:walls")).text
    assert walls.list_walls(actor=inside) == []
    assert walls.list_walls(actor=hat(cast.teacher, Role.IG_LEAD, cast.council)) == []
    assert signed_in(governor).get(reverse("disclosures:lift", args=[pk])).status_code == 403
    with pytest.raises(Refused):
        walls.lift(actor=governor, pk=pk, why="It was not so.")
    assert Wall.objects.get().lifted_at is None


def test_each_step_that_begins_is_on_record_and_the_lados_not_with_the_case(cast: Cast, sent):
    decide(cast.coordinator, sent, Then(sides=(Side.LADO, Side.HEALTH), works_elsewhere=True))
    for side in SideRoute.objects.all():
        services.finish_side(actor=cast.coordinator, pk=side.pk, words="Done.")

    for act in ("side_route.opened", "side_route.done"):
        assert {body["why"] for body in events(act)} == {"lado", "health"}
        own = [b["why"] for b in events(act, stream=f"case:{sent.pk}")]
        assert own == ["health"]


def test_the_step_says_whom_to_ring(cast: Cast, lado, sent):
    hide(cast.coordinator, sent, cast.school)
    client = signed_in(lado)
    page = client.get(reverse("triage:task", args=[SideRoute.objects.get().pk])).text

    for said in ("Coral Dinator", "Exampleshire", cast.partnership.front_door_phone, "Tell the"):
        assert said in page
    assert cast.school.name in page
    assert sent.reference not in page


def test_who_is_told_is_who_would_be(cast: Cast, sent):
    address = reverse("triage:check", args=[sent.reference])
    client = signed_in(cast.coordinator)

    assert "works in here. It is your step to ring them" in client.post(address, TYPED).text
    lado = enrol("La Do", Role.LADO, cast.council)
    assert "La Do, Local authority designated officer" in client.post(address, TYPED).text
    decide(cast.coordinator, sent)
    assert lado.membership_id == SideRoute.objects.get().owner_id
    typed = {**TYPED, "instead_of": str(Decision.objects.get().pk)}
    assert "another agency than before" in client.post(address, typed).text


def test_home_leads_to_what_waits_for_somebody(cast: Cast, lado, sent):
    def home(who: Principal) -> str:
        return signed_in(who).get(reverse("home:home")).text

    assert reverse("triage:tasks") not in home(cast.coordinator).split("</nav>")[-1]
    hide(cast.coordinator, sent, cast.school)
    decide(cast.coordinator, send(cast.teacher), Then(sides=(Side.HEALTH,)), Outcome.NFA)
    there = Then(to_area=cast.other_area.pk)
    decide(cast.manager, send(cast.teacher), there, Outcome.TRANSFER)

    assert "1 step for you" in home(lado)
    assert "1 step for you" in home(cast.coordinator)
    assert "for your yes or no" not in home(cast.coordinator)
    assert "1 decision for your yes or no" in home(cast.manager)
    assert "1 child you are asked" in home(cast.other_coordinator)
    made = Proposal.objects.select_related("case").get(asks="second")
    waits = reverse("triage:proposal", args=[made.case.reference, made.pk])
    assert waits in signed_in(cast.manager).get(reverse("triage:handovers")).text


# --- Who refers to the National Referral Mechanism ---------------------------------------------


@pytest.mark.parametrize("kind", AgencyKind)
def test_an_agency_that_joins_is_a_first_responder_where_the_law_makes_its_kind_one(cast, kind):
    def joined(name: str, **more) -> bool:
        agency = accounts.join_agency(
            name=name,
            kind=kind,
            partner_under=[PartnerUnder.S11],
            partnerships=[cast.partnership],
            **more,
        )
        return may_refer_to_nrm(agency.pk)

    assert joined("One") is (kind in {"council", "police", "district"})
    assert joined("Another", refers_to_nrm=True)
    assert not joined("A third", refers_to_nrm=False)


def test_whose_agency_is_no_first_responder_asks_another_one_to_refer(cast: Cast, sent):
    nrm = Then(sides=(Side.NRM,))
    Agency.objects.filter(pk=cast.council.pk).update(refers_to_nrm=False)

    with pytest.raises(DomainError, match="cannot refer to the National Referral Mechanism"):
        decide(cast.coordinator, sent, nrm)
    assert not SideRoute.objects.exists()

    Agency.objects.filter(pk=cast.council.pk).update(refers_to_nrm=True)
    decide(cast.coordinator, sent, nrm)
    assert SideRoute.objects.get().side == Side.NRM


# --- Days that come -------------------------------------------------------------------------------


def late(**only: object) -> None:
    past = timezone.now() - timedelta(hours=1)
    SideRoute.objects.filter(**only).update(due_at=past)


def test_a_late_step_is_told_of_once_to_its_owner_and_the_managers(cast: Cast, lado, sent):
    hide(cast.coordinator, sent, cast.school)
    assert due.sweep() == 0
    late()
    Notice.objects.all().delete()

    assert due.sweep() == 1

    assert told(Kind.STEP_LATE) == ["La Do"]
    assert told(Kind.STEP_WAITS) == ["Coral Dinator", "Manny Ager"]
    assert not Notice.objects.get(kind=Kind.STEP_LATE).reference
    # Nobody is told to act now, and nobody above them hears of it.
    assert not Notice.objects.exclude(escalate_at=None).exists()
    assert due.sweep() == 0
    assert len(events("side_route.passed")) == 1
    assert not events("side_route.passed", stream=f"case:{sent.pk}")


def test_what_is_done_is_not_late(cast: Cast, sent):
    decide(cast.coordinator, sent, Then(sides=(Side.HEALTH,)))
    late()
    services.finish_side(actor=cast.coordinator, pk=SideRoute.objects.get().pk, words="Done.")

    assert due.sweep() == 0


@pytest.mark.parametrize(
    ("owner", "hears"),
    [("second_coordinator", ["Second Dinator"]), ("charity_worker", ["Coral Dinator"])],
)
def test_on_the_day_whoever_goes_on_with_a_decision_hears(cast: Cast, sent, owner, hears):
    today = timezone.localdate()
    then = Then(owner=getattr(cast, owner).membership_id, next_on=today)
    decide(cast.coordinator, sent, then)
    decide(cast.coordinator, send(cast.teacher), Then(next_on=today + timedelta(days=1)))

    assert due.sweep() == 1
    assert told(Kind.LOOK_DUE) == hears
    assert MEANINGS[Kind.LOOK_DUE].asks is Class.TO_DO
    assert due.sweep() == 0
    assert len(events("decision.due")) == 1


def test_a_decision_that_was_changed_is_not_looked_at_again(cast: Cast, sent):
    first = decide(cast.coordinator, sent, Then(next_on=timezone.localdate()))
    decide(cast.coordinator, sent, Then(), Outcome.ASSESSMENT, instead_of=first.pk)

    assert due.sweep() == 0


def test_of_a_case_that_is_over_nobody_hears(cast: Cast, sent):
    then = Then(next_on=timezone.localdate())
    decide(cast.coordinator, sent, then, Outcome.EARLY_HELP)
    services.move(actor=cast.coordinator, case=sent, action=Action.OPEN, reason="A plan.")
    services.move(actor=cast.coordinator, case=sent, action=Action.STEP_DOWN, reason="Better.")
    services.close(actor=cast.manager, case=sent, ending=ending())

    assert due.sweep() == 0


def test_two_sweeps_at_once_tell_of_each_day_once(committed, cast: Cast, sent):
    then = Then(sides=(Side.HEALTH,), next_on=timezone.localdate())
    decide(cast.coordinator, sent, then)
    late()

    found = at_once(due.sweep, due.sweep)

    assert not [each for each in found if isinstance(each, Exception)], found
    assert len(events("side_route.passed")) == len(events("decision.due")) == 1

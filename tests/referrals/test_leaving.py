"""Whoever leaves leaves no child behind: their work is nobody's, listed, and given to others."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.intake import services as intake
from referrals.models import Assignment, Case, SideRoute, Wall
from referrals.triage import services
from referrals.vocabulary import Conflict, Outcome, Side
from referrals.workflow import Status
from sharing.disclosures.services import walls
from tests.cast import Cast, at_once, events, membership, send, signed_in
from tests.closing import closed, open_case


def leaves(who) -> None:
    accounts.end_membership(membership=membership(who))


def told() -> set:
    return set(Notice.objects.filter(kind=Kind.LEFT).values_list("recipient_id", flat=True))


def taken(cast: Cast) -> Case:
    """A referral of the board that the coordinator has taken on."""
    case = send(cast.teacher)
    services.acknowledge(actor=cast.coordinator, case=case)
    return case


def test_what_they_had_is_not_assigned_at_once_before_any_sweep(cast: Cast):
    case = taken(cast)
    manager = signed_in(cast.manager)
    board = reverse("triage:board")
    assert policies.sights(cast.manager).waiting().unassigned().count() == 0

    leaves(cast.coordinator)

    assert policies.sights(cast.manager).waiting().unassigned().count() == 1
    assert policies.sights(cast.manager).waiting().assigned().count() == 0
    assert "Not assigned</a>: 1" in manager.get(board).text
    assert case.reference in manager.get(board, {"has": "nobody"}).text
    assert "Coral Dinator" not in manager.get(board).text
    assert services.take_next(actor=cast.manager).pk == case.pk


@pytest.mark.parametrize("make", [taken, open_case])
def test_a_sweep_takes_it_off_them_on_record_and_tells_the_managers_once(cast: Cast, make):
    case = make(cast)
    leaves(cast.coordinator)

    assert (services.sweep(), services.sweep()) == (1, 0)

    case.refresh_from_db()
    kept = Assignment.objects.get()
    assert case.coordinator_id is None
    assert (kept.held_by_id, kept.to_id, kept.given_by_id) == (
        cast.coordinator.membership_id,
        None,
        None,
    )
    [body] = events("case.let_go")
    assert (body["actor"]["kind"], body["ids"]) == (
        "system",
        [str(cast.coordinator.membership_id)],
    )
    assert told() == {cast.manager.membership_id}
    assert Notice.objects.filter(kind=Kind.LEFT).count() == 1


def test_a_manager_reads_whose_it_was_and_hands_it_over_from_there(cast: Cast):
    case = open_case(cast)
    leaves(cast.coordinator)
    client = signed_in(cast.manager)

    for _ in range(2):
        found = services.left(actor=cast.manager)
        assert [(one.row.reference, one.had) for one in found.cases] == [
            (case.reference, "Coral Dinator")
        ]
        services.sweep()
    assert "Coral Dinator looked after it" in client.get(reverse("triage:left")).text
    case.refresh_from_db()
    services.hand_over(
        actor=cast.manager,
        seen={case.reference: ""},
        to=cast.second_coordinator.membership_id,
        note="Coral has left.",
    )

    case.refresh_from_db()
    assert case.coordinator_id == cast.second_coordinator.membership_id
    assert services.left(actor=cast.manager).is_empty


def test_a_case_that_is_over_stays_with_who_had_it(cast: Cast):
    case = closed(cast)
    leaves(cast.coordinator)

    assert services.sweep() == 0
    case.refresh_from_db()
    assert case.coordinator_id == cast.coordinator.membership_id
    assert services.left(actor=cast.manager).is_empty


def test_a_step_goes_to_whoever_looks_after_the_case_then(cast: Cast):
    case = send(cast.teacher)
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.EARLY_HELP,
        reason="Why.",
        told_referrer="What.",
        then=services.Then(sides=(Side.SIBLINGS,)),
    )
    leaves(cast.coordinator)
    services.sweep()
    side = SideRoute.objects.get()
    assert side.owner_id == cast.coordinator.membership_id
    page = signed_in(cast.manager).get(reverse("triage:left")).text
    assert Side.SIBLINGS.label in page

    services.hand_over(
        actor=cast.manager,
        seen={case.reference: ""},
        to=cast.second_coordinator.membership_id,
        note="Coral has left.",
    )
    assert (services.sweep(), services.sweep()) == (1, 0)

    side.refresh_from_db()
    assert side.owner_id == cast.second_coordinator.membership_id
    assert len(events("side_route.passed_on")) == 1
    assert Notice.objects.filter(kind=Kind.SIDE_ROUTE, recipient=side.owner_id).exists()


def test_what_hides_a_case_goes_to_another_lado_and_to_nobody_else(cast: Cast):
    first, second = (
        accounts.enrol(
            email=f"{name}@council.example.org", name=name, agency=cast.council, role=Role.LADO
        )
        for name in ("lado.one", "lado.two")
    )
    case = send(cast.teacher)
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.EARLY_HELP,
        reason="Why.",
        told_referrer="What.",
        then=services.Then(sides=(Side.LADO,), hidden_from=cast.school.pk),
    )
    side = SideRoute.objects.get()
    other = second if side.owner_id == first.pk else first

    accounts.end_membership(membership=Membership.objects.get(pk=side.owner_id))
    services.sweep()

    side.refresh_from_db()
    assert side.owner_id == other.pk


def test_a_lead_reads_who_left_a_draft_and_never_a_word_of_it(cast: Cast):
    intake.start(actor=cast.teacher)
    leaves(cast.teacher)
    services.sweep()

    assert cast.lead.membership_id in told()
    assert cast.outsider_lead.membership_id not in told()
    assert [who for who, _ in services.left(actor=cast.lead).drafts] == ["Tess Eacher"]
    assert services.left(actor=cast.outsider_lead).is_empty
    assert "Tess Eacher, saved on" in signed_in(cast.lead).get(reverse("triage:left")).text


def left_a_step(cast: Cast, side: Side) -> SideRoute:
    """A step beside a decision, of a teacher who has left as has who would have it next."""
    now = timezone.now()
    step = SideRoute.objects.create(
        case=open_case(cast),
        side=side,
        owner_id=cast.teacher.membership_id,
        due_at=now,
        raised_by_id=cast.coordinator.membership_id,
        raised_at=now,
    )
    for who in (cast.teacher, cast.coordinator):
        leaves(who)
    return step


def test_a_manager_hears_of_nothing_that_a_conflict_of_interest_keeps_from_them(cast: Cast):
    case = open_case(cast)
    walls.declare(actor=cast.manager, reference=case.reference, why=Conflict.RELATIVE)
    leaves(cast.coordinator)

    services.sweep()

    assert told() == set()
    assert services.left(actor=cast.manager).is_empty


def test_a_manager_hears_of_no_draft_for_it_is_not_on_their_page(cast: Cast):
    intake.start(actor=cast.teacher)
    leaves(cast.teacher)

    services.sweep()

    assert told() == {cast.lead.membership_id}


def test_a_lead_hears_of_the_steps_of_their_own_people(cast: Cast):
    step = left_a_step(cast, Side.SIBLINGS)

    services.sweep()

    assert told() == {cast.lead.membership_id, cast.manager.membership_id}
    assert [one.pk for one in services.left(actor=cast.lead).steps] == [step.pk]
    assert services.left(actor=cast.outsider_lead).is_empty


def test_a_lead_reads_of_nothing_that_is_kept_from_them_in_another_role(cast: Cast):
    step = left_a_step(cast, Side.SIBLINGS)
    charity = membership(cast.charity_worker).team.agency
    person = membership(cast.lead).user
    accounts.enrol(email=person.email, name=person.name, agency=charity, role=Role.PRACTITIONER)
    Wall.objects.create(
        case=step.case,
        agency=charity,
        why=Conflict.RELATIVE,
        raised_by=membership(cast.manager),
    )

    services.sweep()

    assert cast.lead.membership_id not in told()
    assert services.left(actor=cast.lead).is_empty


def test_a_lead_reads_of_nothing_that_the_lado_looks_into(cast: Cast):
    left_a_step(cast, Side.LADO)

    services.sweep()

    assert cast.lead.membership_id not in told()
    assert services.left(actor=cast.lead).is_empty


def test_it_is_for_managers_and_leads(cast: Cast):
    for who in (cast.coordinator, cast.teacher, cast.panel_officer, cast.chair):
        with pytest.raises(Refused):
            services.left(actor=who)


def test_another_areas_manager_sees_and_hears_nothing(cast: Cast):
    open_case(cast)
    other = accounts.enrol(
        email="o.manager@council.example.org",
        name="Other Manager",
        agency=membership(cast.other_coordinator).team.agency,
        role=Role.MANAGER,
    )
    leaves(cast.coordinator)
    services.sweep()

    assert other.pk not in told()
    assert services.left(actor=other.principal()).is_empty


def test_two_sweeps_at_once_do_it_once(committed, cast: Cast):
    open_case(cast)
    taken(cast)
    leaves(cast.coordinator)

    found = at_once(services.sweep, services.sweep)

    assert not [each for each in found if isinstance(each, DomainError)]
    services.sweep()
    assert Assignment.objects.count() == 2
    assert Notice.objects.filter(kind=Kind.LEFT).count() == 1
    assert set(Case.objects.values_list("status", flat=True)) == {Status.OPEN, Status.CHECKING}

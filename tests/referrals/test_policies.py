"""Who may do what, from where: the whole table, written out, and held at every door."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies
from referrals.models import Case, Grant, Proposal
from referrals.triage import services
from referrals.vocabulary import Outcome
from referrals.workflow import ON_BOARD, TRANSITIONS, Action, Relation, Status
from tests.cast import Cast, send, signed_in

R, C, D, O, S, X, B, A, T, W = Status  # noqa: E741 - the table below is read by its letters
# received, checking, decided, open, stepping down, closed, returned, routed, transferred, withdrawn

FRONT_DOOR = {
    R: {"acknowledge", "decide", "return", "route"},
    C: {"decide", "return", "route"},
    D: {"open", "close", "change", "route"},
    O: {"step-down"},
    S: {"close"},
    X: set(),
    B: {"resume"},
    A: set(),
    T: set(),
    W: {"decide"},
}
MANAGER = {
    status: verbs | ({"transfer"} if status in {R, C, D, O} else set())
    for status, verbs in FRONT_DOOR.items()
}
REFERRER = {status: {"withdraw"} if status is R else set() for status in Status}
NOTHING: dict[Status, set[str]] = {status: set() for status in Status}

# Who stands how to a case that the teacher sent and the coordinator put before the panel.
SEES_AND_DOES = {
    "teacher": REFERRER,
    "lead": NOTHING,
    "coordinator": FRONT_DOOR,
    "second_coordinator": FRONT_DOOR,
    "manager": MANAGER,
    "panel_officer": NOTHING,
    "panel_nurse": NOTHING,
    "panel_chair": NOTHING,
}
STANDS = {
    "teacher": {Relation.REFERRER},
    "lead": {Relation.AGENCY_LEAD},
    "coordinator": {Relation.COORDINATOR},
    "second_coordinator": {Relation.COORDINATOR},
    "manager": {Relation.MANAGER},
    "panel_officer": {Relation.PANEL_MEMBER},
    "panel_nurse": {Relation.PANEL_MEMBER},
    "panel_chair": {Relation.PANEL_CHAIR},
}
DOES_NOT_KNOW = (
    "colleague",
    "charity_worker",
    "outsider_lead",
    "auditor",
    "other_coordinator",
    "other_panel_officer",
)
BOARD = ("chair", "other_chair")


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case that everybody who can stand in a relation to it knows of."""
    case = send(cast.teacher)
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        reason="Three signs in one week.",
        told_referrer="The panel will consider it.",
    )
    return case


def put(case: Case, status: Status) -> Case:
    """Put the case in this status, as if its life had led it there. It has been decided once."""
    case.refresh_from_db()
    case.status = status
    case.save(update_fields=["status"])
    if status is S:
        # Whoever stepped it down is none of those who are tried.
        who = Membership.objects.get(team__role=Role.AUDITOR)
        case.moves.create(action=Action.STEP_DOWN, reason="Why.", moved_by=who)
    if status in ON_BOARD:
        # `decide` insists on being first; here the case waits again, as after an undone join.
        case.decisions.filter(superseded_at__isnull=True).update(superseded_at=timezone.now())
    return case


BY_DECISION = {
    Action.DECIDE: Outcome.EARLY_HELP,
    Action.CHANGE: Outcome.EARLY_HELP,
    Action.ROUTE: Outcome.OPEN_CASE,
    Action.TRANSFER: Outcome.TRANSFER,
}


def chosen(case: Case, action: Action) -> dict:
    """The words of a decision by which the verb is used: from a decided case it is a change."""
    current = case.decisions.filter(superseded_at__isnull=True).first()
    held = current.pk if current else None
    return {
        "outcome": BY_DECISION[action],
        "then": services.Then(to_words="The allocated worker"),
        "instead_of": {Action.DECIDE: None, Action.CHANGE: held or uuid4()}.get(action, held),
        "withdrawn": case.status == W,
    }


def another(who):
    """Somebody else of the front door."""
    both = Membership.objects.filter(
        team__role__in=[Role.COORDINATOR, Role.MANAGER],
        team__agency__partnerships__in=who.partnership_ids,
    )
    return both.exclude(user=who.user_id).order_by("pk")[0].principal()


def act(who, action: Action, case: Case) -> object:
    """Use the verb by its service."""
    if action is Action.ACKNOWLEDGE:
        return services.acknowledge(actor=who, case=case)
    if action in BY_DECISION:
        words = {"reason": "Why.", "told_referrer": "What.", **chosen(case, action)}
        made = services.decide(actor=who, case=case, **words)
        if isinstance(made, Proposal):
            said = {"accepts": True, "words": "By phone, today."}
            return services.answer(actor=another(who), pk=made.pk, **said)
        return made
    return services.move(actor=who, case=case, action=action, reason="A reason.")


def press(client, action, case):
    """Use the verb by its page; answer the status."""
    if action is Action.ACKNOWLEDGE:
        return client.post(reverse("triage:acknowledge", args=[case.reference])).status_code
    if action in BY_DECISION:
        words = chosen(case, action)
        typed = {"outcome": words["outcome"], "reason": "Why.", "told_referrer": "What."}
        typed |= {"checked": "yes", "to_words": "The allocated worker"}
        typed |= {"next_on-day": "1", "next_on-month": "1", "next_on-year": "2099"}
        if words["instead_of"]:
            typed["instead_of"] = str(words["instead_of"])
        if words["withdrawn"]:
            typed["withdrawn"] = "yes"
        return client.post(reverse("triage:decide", args=[case.reference]), typed).status_code
    address = reverse("triage:move", args=[case.reference, action])
    return client.post(address, {"reason": "A reason."}).status_code


def call(client, action, case):
    """Use the verb by the API, for the two that it has; answer the status."""
    body = {"outcome": "early_help", "reason": "Why.", "told_referrer": "What."}
    body["withdrawn"] = case.status == W
    return client.post(
        f"/api/v1/cases/{case.reference}/{action}/",
        json.dumps(body if action is Action.DECIDE else {}),
        content_type="application/json",
    ).status_code


def test_every_person_of_the_cast_is_in_one_of_the_lists(cast: Cast):
    assert {*SEES_AND_DOES, *DOES_NOT_KNOW, *BOARD} == set(cast.everyone())
    assert set(STANDS) == set(SEES_AND_DOES)


@pytest.mark.parametrize("name", STANDS)
def test_a_relation_is_found_case_by_case(cast: Cast, case, name):
    assert policies.relations(cast.everyone()[name], case) == STANDS[name]


@pytest.mark.parametrize("name", SEES_AND_DOES)
def test_the_verbs_offered_are_those_of_the_table(cast: Cast, case, name):
    who = cast.everyone()[name]

    offered = {}
    for status in Status:
        point = transaction.savepoint()
        offered[status] = {str(action) for action in policies.actions(who, put(case, status))}
        # When a transaction ends, the database refuses what `put` does.
        transaction.savepoint_rollback(point)

    assert offered == SEES_AND_DOES[name]


def alone(name: str) -> dict[Status, set[str]]:
    """What this person may do without another's yes: what one decided is not closed by one."""
    found = SEES_AND_DOES[name]
    return found | {D: found[D] - {"close"}}


def tried(who, case, attempt) -> dict[Status, set[str]]:
    """Try every verb from every status; answer those that were allowed."""
    allowed: dict[Status, set[str]] = {status: set() for status in Status}
    for status in Status:
        for action in TRANSITIONS:
            point = transaction.savepoint()
            if attempt(who, action, put(case, status)):
                allowed[status].add(str(action))
            transaction.savepoint_rollback(point)
    return allowed


@pytest.mark.parametrize("name", SEES_AND_DOES)
def test_the_services_allow_exactly_that(cast: Cast, case, name):
    def allowed(who, action, found):
        try:
            act(who, action, found)
        except (DomainError, Refused):
            return False
        return True

    assert tried(cast.everyone()[name], case, allowed) == alone(name)


@pytest.mark.parametrize("name", SEES_AND_DOES)
def test_the_pages_allow_exactly_that(cast: Cast, case, name):
    client = signed_in(cast.everyone()[name])

    def allowed(_who, action, found):
        status = press(client, action, found)
        assert status in {302, 403, 409}, (name, action, found.status, status)
        return status == 302

    assert tried(cast.everyone()[name], case, allowed) == alone(name)


@pytest.mark.parametrize("name", SEES_AND_DOES)
def test_the_api_allows_exactly_that(cast: Cast, case, name):
    client = signed_in(cast.everyone()[name])
    verbs = {"acknowledge", "decide"}

    def allowed(_who, action, found):
        status = call(client, action, found)
        assert status in ({200, 403, 409} if action in verbs else {404}), (name, action, status)
        return status == 200

    expected = {status: verbs & found for status, found in SEES_AND_DOES[name].items()}
    assert tried(cast.everyone()[name], case, allowed) == expected


@pytest.mark.parametrize("name", SEES_AND_DOES)
def test_a_verb_that_is_not_theirs_is_403_whatever_the_status(cast: Cast, case, name):
    """Not theirs comes before too late: the refusal says nothing of who was first."""
    who = cast.everyone()[name]
    theirs = set().union(*SEES_AND_DOES[name].values())
    client = signed_in(who)

    for action in set(TRANSITIONS) - {Action(verb) for verb in theirs}:
        assert press(client, action, case) == 403
        with pytest.raises(Refused):
            act(who, action, case)


@pytest.mark.parametrize("name", [*DOES_NOT_KNOW, *BOARD])
def test_who_does_not_know_of_it_can_do_nothing(cast: Cast, case, name):
    who = cast.everyone()[name]
    client = signed_in(who)
    answer = 403 if name in BOARD else 404

    assert policies.relations(who, case) == frozenset()
    for action in TRANSITIONS:
        with pytest.raises(NotVisible):
            act(who, action, case)
        assert press(client, action, case) == answer
        if action in {Action.ACKNOWLEDGE, Action.DECIDE}:
            assert call(client, action, case) == answer


def test_a_colleague_does_not_stand_in_for_the_author(cast: Cast, case):
    assert not policies.visible(cast.colleague).exists()


def test_a_grant_to_a_team_outside_the_partnership_opens_nothing(cast: Cast, case):
    grant = Grant.objects.filter(content_object=case, rule="6b").first()
    assert grant is not None
    grant.pk = None
    grant.group_id = cast.other_coordinator.team_id
    grant._state.adding = True
    grant.save()

    assert not policies.visible(cast.other_coordinator).exists()
    with pytest.raises(NotVisible):
        policies.require(cast.other_coordinator, Action.DECIDE, case)


def test_who_will_see_says_what_then_happens(cast: Cast):
    """The promise on the last page and the grants that are given come from the same answer."""
    promised = {each.team for each in policies.who_will_see(cast.teacher)}

    sent = send(cast.teacher)

    given = Grant.objects.filter(content_object=sent).select_related("group__team__agency")
    teams = {(each.group.team.get_role_display(), each.group.team.agency.name) for each in given}
    assert promised == {f"{role}, {agency}" for role, agency in teams}


def test_a_grant_ends_by_its_own_clock_to_the_second(cast: Cast, case):
    grants = Grant.objects.filter(content_object=case, group_id=cast.panel_officer.team_id)
    now = timezone.now()
    assert case in policies.visible(cast.panel_officer)

    past = {"from_at": now - timedelta(days=2), "until_at": now - timedelta(seconds=1)}
    future = {"from_at": now + timedelta(hours=1)}
    not_live = [_copy(grant, **times) for grant in grants for times in (past, future)]
    grants.update(ended_at=now, ended_why="Stopped.")
    Grant.objects.bulk_create(not_live)

    assert not policies.visible(cast.panel_officer).exists()
    assert grants.count() > grants.live().count() == 0


def _copy(grant: Grant, **changes: object) -> Grant:
    kept = {
        field.name: getattr(grant, field.name)
        for field in Grant._meta.concrete_fields
        if field.name not in {"id", "created_at"}
    }
    return Grant(**{**kept, "until_at": None, **changes})

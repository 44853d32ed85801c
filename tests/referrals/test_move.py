"""The other steps of a case's life: each with a reason, each on the record."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible, Refused
from referrals.models import Case, Move
from referrals.reading import read
from referrals.triage import services
from referrals.triage.services import MOVES
from referrals.vocabulary import Danger, Outcome, State
from referrals.workflow import LEAVES_BOARD, TRANSITIONS, Action, Status
from sharing.disclosures.reading.offers import holdings
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import Cast, events, send, signed_in

ACTS = {
    Action.RETURN: "referral.returned",
    Action.RESUME: "referral.resumed",
    Action.WITHDRAW: "referral.withdrawn",
    Action.OPEN: "case.opened",
    Action.STEP_DOWN: "case.stepped_down",
    Action.CLOSE: "case.closed",
}
# Whoever stepped a case down does not close it too.
BY_WHOM = {Action.WITHDRAW: "teacher", Action.CLOSE: "manager"}


def by_whom(cast: Cast, action: Action):
    return cast.everyone()[BY_WHOM.get(action, "coordinator")]


def ready_for(cast: Cast, action: Action) -> Case:
    """A case that the verb may be used on, brought there by the real services."""
    case = send(cast.teacher)
    way = {
        Action.RESUME: [Action.RETURN],
        Action.STEP_DOWN: [Action.OPEN],
        Action.CLOSE: [Action.OPEN, Action.STEP_DOWN],
    }.get(action, [])
    if action in {Action.OPEN, Action.STEP_DOWN, Action.CLOSE}:
        services.decide(
            actor=cast.coordinator,
            case=case,
            outcome=Outcome.EARLY_HELP,
            reason="Why.",
            told_referrer="What.",
        )
    for step in way:
        services.move(actor=cast.coordinator, case=case, action=step, reason="On.")
    case.refresh_from_db()
    return case


def late(case: Case) -> Case:
    """The case as if its decision had been due a day ago."""
    then = timezone.now() - timedelta(days=1)
    Case.objects.update(received_at=then - timedelta(days=1), decision_due_at=then)
    case.refresh_from_db()
    return case


def post(client, case, action, **typed):
    return client.post(reverse("triage:move", args=[case.reference, action]), typed)


def test_every_step_of_the_table_is_a_move_or_has_a_page_of_its_own():
    assert {*MOVES, Action.ACKNOWLEDGE, Action.CHANGE, *LEAVES_BOARD} == set(TRANSITIONS)
    assert set(MOVES) == set(ACTS)


@pytest.mark.parametrize("action", MOVES)
def test_a_step_is_taken_kept_with_its_reason_and_recorded(cast: Cast, action):
    case = ready_for(cast, action)
    who = by_whom(cast, action)
    before = len(events(stream=f"case:{case.pk}"))

    answer = post(signed_in(who), case, action, reason="  A good reason.  ")

    assert answer.url == reverse("referrals:case", args=[case.reference])
    case.refresh_from_db()
    assert case.status == TRANSITIONS[action].target
    kept = Move.objects.get(case=case, action=action)
    assert (kept.reason, kept.moved_by_id) == ("A good reason.", who.membership_id)
    recorded = events(stream=f"case:{case.pk}")[before:]
    assert [body["act"] for body in recorded] == [ACTS[action]]
    assert "good reason" not in str(recorded)


@pytest.mark.parametrize("action", MOVES)
def test_no_step_without_a_reason(cast: Cast, action):
    case = ready_for(cast, action)
    who = by_whom(cast, action)
    moves = Move.objects.count()

    with pytest.raises(DomainError, match="Write why"):
        services.move(actor=who, case=case, action=action, reason=" \n ")
    answer = post(signed_in(who), case, action, reason=" \n ")

    assert answer.status_code == 422
    assert "Write why. A sentence is enough" in answer.text
    assert Move.objects.count() == moves
    assert Case.objects.get().status == case.status


@pytest.mark.parametrize("action", MOVES)
def test_a_step_taken_twice_is_409_and_kept_once(cast: Cast, action):
    case = ready_for(cast, action)
    client = signed_in(by_whom(cast, action))

    first = post(client, case, action, reason="Why.")
    second = post(client, case, action, reason="Why.")

    assert (first.status_code, second.status_code) == (302, 409)
    assert "This cannot be done now" in second.text
    assert Move.objects.filter(action=action).count() == 1


@pytest.mark.parametrize("action", MOVES)
def test_the_page_of_a_step_that_is_not_theirs_is_refused_before_it_is_shown(cast: Cast, action):
    case = ready_for(cast, action)
    not_theirs = cast.coordinator if action is Action.WITHDRAW else cast.teacher
    address = reverse("triage:move", args=[case.reference, action])

    assert signed_in(not_theirs).get(address).status_code == 403
    assert signed_in(cast.colleague).get(address).status_code == 404
    with pytest.raises(Refused):
        services.move(actor=not_theirs, case=case, action=action, reason="Why.")
    with pytest.raises(NotVisible):
        services.move(actor=cast.colleague, case=case, action=action, reason="Why.")


@pytest.mark.parametrize("word", ["decide", "acknowledge", "route", "nonsense", "__init__"])
def test_a_word_that_is_not_a_step_is_not_found(cast: Cast, sent, word):
    client = signed_in(cast.coordinator)

    assert client.get(f"/referrals/{sent.reference}/step/{word}/").status_code == 404
    assert post(client, sent, word, reason="Why.").status_code == 404
    assert Case.objects.get().status == Status.RECEIVED


@pytest.mark.parametrize("danger", [Danger.YES, Danger.UNSURE])
def test_a_child_who_may_be_in_danger_is_never_returned(cast: Cast, danger):
    case = send(cast.teacher, danger=danger)

    answer = post(signed_in(cast.manager), case, Action.RETURN, reason="No address.")

    assert answer.status_code == 409
    assert "ring the" in answer.text
    assert Case.objects.get().status == Status.RECEIVED
    assert not Move.objects.exists()


def test_a_referral_that_is_being_read_is_no_longer_withdrawn(cast: Cast, sent):
    services.acknowledge(actor=cast.coordinator, case=sent)

    answer = post(signed_in(cast.teacher), sent, Action.WITHDRAW, reason="Mistake.")

    assert answer.status_code == 409
    assert "already being checked" in answer.text


def test_a_case_goes_from_sent_to_closed_and_each_step_is_kept(cast: Cast):
    case = ready_for(cast, Action.CLOSE)
    services.move(actor=cast.manager, case=case, action=Action.CLOSE, reason="Safe now.")

    case.refresh_from_db()
    assert case.status == Status.CLOSED
    steps = Move.objects.order_by("created_at").values_list("action", flat=True)
    assert list(steps) == [Action.OPEN, Action.STEP_DOWN, Action.CLOSE]


def steps_on(reading) -> list[tuple[str, str, str, str]]:
    return [(item.label, item.state, item.by, item.value) for item in reading.items if item.is_step]


def test_why_a_step_was_taken_is_read_by_those_who_oversee_the_case_and_by_nobody_else(cast: Cast):
    case = late(send(cast.teacher))
    services.acknowledge(actor=cast.coordinator, case=case, words="I am reading it.")
    words = {"reason": "Why.", "told_referrer": "What.", "late_reason": "We waited."}
    services.decide(actor=cast.coordinator, case=case, outcome=Outcome.PANEL, **words)
    services.move(actor=cast.manager, case=case, action=Action.OPEN, reason="A plan is needed.")

    for who in ("coordinator", "second_coordinator", "manager"):
        assert steps_on(read(cast.everyone()[who], case, Purpose.SCREEN)) == [
            ("Acknowledge", State.SHOWN, Role.COORDINATOR.label, "I am reading it."),
            ("Decided late", State.SHOWN, Role.COORDINATOR.label, "We waited."),
            ("Open a plan", State.SHOWN, Role.MANAGER.label, "A plan is needed."),
        ]
    for who in ("teacher", "lead", "panel_officer", "panel_chair"):
        assert steps_on(read(cast.everyone()[who], case, Purpose.PANEL)) == []
    pages = ("triage:workspace", "referrals:case", "api-case")
    client = signed_in(cast.coordinator)
    for page in pages:
        shown = client.get(reverse(page, args=[case.reference])).text
        assert "A plan is needed." in shown, page
        assert "We waited." in shown, page


def test_why_a_referral_was_withdrawn_is_what_its_sender_knows_of_the_concern(cast: Cast, sent):
    services.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")

    found = read(cast.coordinator, sent, Purpose.SCREEN)

    practitioner = Role.PRACTITIONER.label
    assert steps_on(found) == [("Withdraw referral", State.SHOWN, practitioner, "A mistake.")]
    assert next(i.category for i in found.items if i.is_step) is Category.IC4


def test_a_step_obeys_the_law_of_its_kind_as_every_item_does(cast: Cast, sent):
    services.acknowledge(actor=cast.coordinator, case=sent, words="I am reading it.")
    services.move(actor=cast.manager, case=sent, action=Action.RETURN, reason="No name.")

    found = read(cast.coordinator, sent, Purpose.QA_AUDIT)

    assert [(item.state, item.value) for item in found.items if item.is_step] == [
        (State.NOT_SHARED, None),
        (State.NOT_SHARED, None),
    ]


def test_a_step_is_in_no_offer_for_only_those_who_oversee_the_case_read_it(cast: Cast):
    case = ready_for(cast, Action.STEP_DOWN)

    kinds = holdings(cast.manager, case).kinds

    pieces = {piece.label for kind in kinds for piece in kind.pieces}
    assert "Why this was decided" in pieces
    assert not pieces & {"Step", "Open a plan", "Acknowledge"}

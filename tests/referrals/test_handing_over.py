"""A case goes to a colleague with a note that stays on record; the trail names both."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Assignment, Case
from referrals.services import due
from referrals.triage import services
from referrals.vocabulary import Conflict, Outcome
from sharing.disclosures.services import walls
from tests.cast import Cast, events, membership, send, signed_in
from tests.closing import again, closed, open_case
from tests.disclosures.test_under_lock import overtaken

NOTE = "Her aunt rings on Fridays. The school knows."


def hand(cast: Cast, *cases: Case, actor=None, to=None, note: str = NOTE, had=None):
    seen = {case.reference: str(case.coordinator_id or "") for case in cases}
    return services.hand_over(
        actor=actor or cast.coordinator,
        seen=had or seen,
        to=(to or cast.second_coordinator).membership_id,
        note=note,
    )


def test_a_case_is_handed_over_on_record_and_the_colleague_reads_the_note(cast: Cast):
    case = open_case(cast)
    client = signed_in(cast.coordinator)
    page = reverse("triage:hand-over")

    assert case.reference in client.get(page).text
    asked = client.post(page, {"case": case.reference})
    said = {
        "case": case.reference,
        f"had-{case.reference}": str(case.coordinator_id),
        "to": str(cast.second_coordinator.membership_id),
        "note": NOTE,
    }
    done = client.post(page, said, follow=True)

    assert "now with Coral Dinator" in asked.text
    assert "1 handed over." in done.text
    assert case.reference not in client.get(page).text.replace("handed over", "")
    case.refresh_from_db()
    kept = Assignment.objects.get()
    assert case.coordinator_id == kept.to_id == cast.second_coordinator.membership_id
    assert (kept.held_by_id, kept.given_by_id, kept.note) == (
        cast.coordinator.membership_id,
        cast.coordinator.membership_id,
        NOTE,
    )
    both = {str(cast.coordinator.membership_id), str(cast.second_coordinator.membership_id)}
    [body] = events("case.handed_over")
    assert set(body["ids"]) == both
    assert NOTE not in str(body)
    notice = Notice.objects.get(kind=Kind.GIVEN)
    assert notice.recipient_id == cast.second_coordinator.membership_id
    workspace = reverse("triage:workspace", args=[case.reference])
    assert NOTE in signed_in(cast.second_coordinator).get(workspace).text
    for who in (cast.teacher, cast.lead):
        assert NOTE not in signed_in(who).get(workspace).text


def test_several_go_at_once_and_what_cannot_go_is_named(cast: Cast):
    mine, over, taken = open_case(cast), closed(cast), open_case(cast)
    had = {case.reference: str(case.coordinator_id) for case in (mine, over, taken)}
    had[taken.reference] = str(cast.manager.membership_id)

    given = hand(cast, had=had)

    assert given.done == (mine.reference,)
    assert f"{over.reference} is not worked on any more." in given.not_done
    assert (
        f"{taken.reference} was taken by Coral Dinator while you were choosing." in given.not_done
    )


def test_only_who_has_it_or_a_manager_hands_it_over(cast: Cast):
    case = open_case(cast)

    refused = hand(cast, case, actor=cast.second_coordinator, to=cast.manager)
    assert refused.done == ()
    assert "only they or a manager" in refused.words

    assert hand(cast, case, actor=cast.manager).done == (case.reference,)
    with pytest.raises(Refused):
        hand(cast, case, actor=cast.teacher)


@pytest.mark.parametrize("who", ["teacher", "panel_officer", "other_coordinator"])
def test_it_goes_to_nobody_who_does_not_work_at_its_front_door(cast: Cast, who):
    case = open_case(cast)

    with pytest.raises(DomainError, match="Select who"):
        hand(cast, case, to=cast.everyone()[who])


def test_it_goes_to_nobody_whom_a_conflict_of_interest_keeps_from_it(cast: Cast):
    case = open_case(cast)
    walls.declare(actor=cast.second_coordinator, reference=case.reference, why=Conflict.RELATIVE)

    with pytest.raises(DomainError, match="Select who is to have them"):
        hand(cast, case)
    assert hand(cast, case, open_case(cast)).done != (case.reference,)
    assert Case.objects.get(pk=case.pk).coordinator_id == cast.coordinator.membership_id


def test_without_a_note_nothing_is_handed_over(cast: Cast):
    case = open_case(cast)

    with pytest.raises(DomainError, match="needs to know"):
        hand(cast, case, note="  ")
    assert signed_in(cast.coordinator).post(reverse("triage:hand-over"), {}).status_code == 422
    assert not Assignment.objects.exists()


def test_a_case_that_is_not_theirs_to_know_of_is_counted_and_not_named(cast: Cast):
    hidden = send(cast.teacher)
    walls.declare(actor=cast.coordinator, reference=hidden.reference, why=Conflict.RELATIVE)
    case = open_case(cast)
    had = {case.reference: str(case.coordinator_id), hidden.reference: "", "R-0000-000": ""}

    assert hand(cast, had=had).not_done == ("2 could not be found.",)


def passed_on() -> list:
    return list(Notice.objects.filter(kind=Kind.PASSED_ON).values_list("recipient_id", flat=True))


def test_whoever_had_it_hears_that_another_has_it_now(cast: Cast):
    case = open_case(cast)

    hand(cast, case, actor=cast.manager)
    assert passed_on() == [cast.coordinator.membership_id]

    case.refresh_from_db()
    hand(cast, case, actor=cast.second_coordinator, to=cast.manager)
    assert passed_on() == [cast.coordinator.membership_id]


def test_whoever_had_a_case_that_is_reopened_for_another_hears_too(cast: Cast):
    case = closed(cast)
    another = again(case, owner=cast.second_coordinator.membership_id)

    services.reopen(actor=cast.manager, case=case, again=another)

    assert passed_on() == [cast.coordinator.membership_id]


def test_who_has_left_is_told_of_nothing(cast: Cast):
    case = open_case(cast)
    accounts.end_membership(membership=membership(cast.coordinator))

    hand(cast, case, actor=cast.manager)

    assert passed_on() == []


@pytest.mark.parametrize("give", ["hand_over", "assign"])
def test_whoever_waited_for_a_case_reads_who_took_it_meanwhile(committed, cast: Cast, give):
    case = send(cast.teacher)
    seen = {case.reference: ""}
    words = {"note": NOTE} if give == "hand_over" else {}

    given = overtaken(
        case,
        lambda: Case.objects.filter(pk=case.pk).update(
            coordinator=cast.second_coordinator.membership_id
        ),
        lambda: getattr(services, give)(
            actor=cast.manager, seen=seen, to=cast.manager.membership_id, **words
        ),
    )

    assert given.not_done == (
        f"{case.reference} was taken by Second Dinator while you were choosing.",
    )


def test_who_handed_what_to_whom_never_changes(cast: Cast):
    hand(cast, open_case(cast))

    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Assignment.objects.update(note="Else.")


def test_the_day_of_the_decision_comes_to_whoever_has_the_case_then(cast: Cast):
    case = send(cast.teacher)
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
        then=services.Then(next_on=timezone.localdate()),
    )
    case.refresh_from_db()
    hand(cast, case)
    Notice.objects.filter(kind=Kind.LOOK_DUE).delete()

    due.sweep()

    told = Notice.objects.filter(kind=Kind.LOOK_DUE).values_list("recipient_id", flat=True)
    assert set(told) == {cast.second_coordinator.membership_id}

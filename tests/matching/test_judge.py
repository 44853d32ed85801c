"""The same child, or not: what is decided, who decides it, and what it changes."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies
from referrals.matching import services
from referrals.matching.models import Judgement
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Statement, Wall
from referrals.services import correct
from referrals.vocabulary import Conflict, KnownHow
from tests.cast import FAMILY, GIVEN, Cast, at_once, events, send, signed_in
from tests.matching.test_alike import NHS, OTHER_NHS, found, send_again, told

WHY = "Both schools confirm it by phone."


@pytest.fixture
def again(cast: Cast, sent: Case) -> Case:
    return send_again(cast.teacher)


def judge(actor, case: Case, other: Case, verdict=Verdict.NOT_SAME, reason=WHY) -> Judgement:
    return services.judge(
        actor=actor,
        reference=case.reference,
        other=other.reference,
        verdict=verdict,
        reason=reason,
    )


def wall(cast: Cast, case: Case) -> None:
    Wall.objects.create(
        case=case,
        user_id=cast.coordinator.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_what_was_decided_is_not_offered_again_from_either_side(cast, sent, again, verdict):
    assert found(cast.coordinator, again) == [sent]

    judge(cast.coordinator, again, sent, verdict)

    assert found(cast.coordinator, again) == []
    assert found(cast.second_coordinator, sent) == []


def test_a_child_who_is_another_is_offered_again_once_identity_changes(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number="not known yet"))
    other = send_again(cast.teacher)
    judge(cast.coordinator, one, other)
    statement = Statement.objects.get(case=one, question="nhs_number")

    correct(
        actor=cast.teacher,
        statement=statement,
        text=NHS,
        known_how=KnownHow.RECORD,
        why="found it",
    )

    assert found(cast.coordinator, one) == [other]
    judge(cast.coordinator, one, other)
    assert found(cast.coordinator, one) == []
    assert Judgement.objects.count() == 2
    assert Judgement.objects.current().count() == 1


def test_the_same_child_is_shown_as_such_and_opens_nothing(cast: Cast, sent: Case, again: Case):
    before = {
        name: set(policies.visible(who).values_list("pk", flat=True))
        for name, who in cast.everyone().items()
        if who.role != cast.chair.role
    }

    judge(cast.coordinator, again, sent, Verdict.SAME)

    shown = services.look(actor=cast.manager, reference=sent.reference)
    assert [each.row.reference for each in shown.linked] == [again.reference]
    assert shown.offers == ()
    for name, cases in before.items():
        who = getattr(cast, name)
        assert set(policies.visible(who).values_list("pk", flat=True)) == cases


def test_both_trails_say_what_was_decided(cast: Cast, sent: Case, again: Case):
    judge(cast.coordinator, again, sent)
    judge(cast.coordinator, send(cast.teacher), sent, Verdict.SAME)

    rejected, linked = events("match.rejected"), events("match.linked")
    assert {tuple(event["ids"]) for event in rejected} == {(str(again.pk),), (str(sent.pk),)}
    assert {tuple(event["subj"]) for event in rejected} == {
        (str(again.child_id),),
        (str(sent.child_id),),
    }
    assert len(linked) == 2
    assert WHY not in str(rejected + linked)


def test_different_nhs_numbers_are_never_marked_as_one_child(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number=NHS))
    other = send(cast.teacher, answers=told(nhs_number=OTHER_NHS))

    with pytest.raises(DomainError, match="different NHS numbers"):
        judge(cast.coordinator, one, other, Verdict.SAME)
    with pytest.raises(DatabaseError, match="Different NHS numbers"), transaction.atomic():
        _row(cast, one, other, Verdict.SAME)

    judge(cast.coordinator, one, other, Verdict.NOT_SAME)


def _row(cast: Cast, one: Case, other: Case, verdict: Verdict = Verdict.NOT_SAME) -> Judgement:
    first, second = sorted((one, other), key=lambda each: each.pk)
    return Judgement.objects.create(
        first=first,
        second=second,
        verdict=verdict,
        reason="Why.",
        told_apart_by="0",
        by_id=cast.coordinator.membership_id,
    )


@pytest.mark.parametrize(("reason", "says"), [("", "Write why"), ("   ", "Write why")])
def test_a_decision_says_why(cast: Cast, sent: Case, again: Case, reason, says):
    with pytest.raises(DomainError, match=says):
        judge(cast.coordinator, again, sent, reason=reason)


def test_the_second_to_decide_is_told_who_was_first(cast: Cast, sent: Case, again: Case):
    judge(cast.coordinator, again, sent)

    with pytest.raises(DomainError, match="Coral Dinator decided this"):
        judge(cast.second_coordinator, sent, again, Verdict.SAME)


def test_of_two_at_once_one_decides(committed, cast: Cast):
    sent, again = send(cast.teacher), send_again(cast.teacher)
    answers = at_once(
        lambda: judge(cast.coordinator, sent, again),
        lambda: judge(cast.second_coordinator, again, sent, Verdict.SAME),
    )

    assert sorted(type(each).__name__ for each in answers) == ["DomainError", "Judgement"]


@pytest.mark.parametrize("who", ["teacher", "lead"])
def test_whoever_does_not_coordinate_decides_nothing(cast: Cast, sent: Case, again: Case, who):
    with pytest.raises(Refused):
        judge(getattr(cast, who), again, sent)
    with pytest.raises(Refused):
        services.look(actor=getattr(cast, who), reference=sent.reference)


def test_a_case_that_is_hidden_cannot_be_compared(cast: Cast, sent: Case, again: Case):
    wall(cast, sent)

    for other in (sent.reference, "R-0000-000"):
        with pytest.raises(NotVisible):
            judge(cast.coordinator, again, Case(reference=other))
        with pytest.raises(NotVisible):
            services.compare(actor=cast.coordinator, reference=again.reference, other=other)


def test_a_case_is_not_compared_with_itself_or_with_another_area(cast: Cast, sent: Case):
    with pytest.raises(NotVisible):
        judge(cast.coordinator, sent, sent)
    with pytest.raises(NotVisible):
        judge(cast.other_coordinator, sent, sent)


def test_a_decision_that_is_taken_back_is_kept_and_offered_again(cast, sent, again):
    made = judge(cast.coordinator, again, sent)
    services.take_back(
        actor=cast.manager, reference=sent.reference, other=again.reference, why="Wrong child."
    )

    made.refresh_from_db()
    assert made.ended_why == "Wrong child."
    assert made.reason == WHY
    assert found(cast.coordinator, again) == [sent]
    with pytest.raises(DomainError, match="Nothing is decided"):
        services.take_back(
            actor=cast.manager, reference=sent.reference, other=again.reference, why="Again."
        )


def test_the_database_keeps_what_was_decided(cast: Cast, sent: Case, again: Case):
    made = judge(cast.coordinator, again, sent)
    refused = (
        lambda: Judgement.objects.filter(pk=made.pk).update(reason="Other."),
        lambda: Judgement.objects.filter(pk=made.pk).update(verdict=Verdict.SAME),
        lambda: Judgement.objects.filter(pk=made.pk).delete(),
        lambda: _row(cast, again, sent),
    )
    for act in refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    other = send(cast.teacher)
    Case.objects.filter(pk=other.pk).update(partnership=cast.other_area)
    with pytest.raises(DatabaseError, match="Two partnerships"), transaction.atomic():
        _row(cast, sent, other)


def test_the_page_offers_with_reasons_and_decides(cast: Cast, sent: Case, again: Case):
    client = signed_in(cast.coordinator)
    page = client.get(reverse("matching:matches", args=[again.reference])).content.decode()

    assert "Possible:" in page or "Likely:" in page
    assert "ame birth date" in page
    assert sent.reference in page
    assert GIVEN not in page
    assert FAMILY not in page
    assert "%" not in page.partition("<main")[2].partition("</main")[0]

    beside = reverse("matching:compare", args=[again.reference, sent.reference])
    page = client.get(beside).content.decode()
    assert FAMILY in page
    assert "Different" in page
    assert client.post(beside, {"reason": WHY}).status_code == 422
    answer = client.post(beside, {"verdict": "not_same", "reason": WHY}, follow=True)
    assert "No possible matches" in answer.content.decode()


def test_a_page_without_matches_says_so(cast: Cast, sent: Case):
    other = send(
        cast.teacher, given_name="Oona", family_name="Finch", date_of_birth=date(2009, 1, 30)
    )
    page = signed_in(cast.manager).get(reverse("matching:matches", args=[other.reference]))

    assert "No possible matches." in page.content.decode()


def test_reading_and_comparing_are_on_the_record(cast: Cast, sent: Case, again: Case):
    services.look(actor=cast.coordinator, reference=again.reference)
    services.compare(actor=cast.coordinator, reference=again.reference, other=sent.reference)

    (shown,) = events("match.shown")
    assert shown["ids"] == [str(sent.pk)]
    compared = {tuple(event["ids"]) for event in events("match.compared")}
    assert compared == {(str(again.pk),), (str(sent.pk),)}


def test_the_workspace_shows_them_to_whoever_oversees_the_case(cast: Cast, sent, again):
    address = reverse("triage:workspace", args=[again.reference])
    page = signed_in(cast.coordinator).get(address).content.decode()

    assert f"compare with {sent.reference}" in page
    (opened,) = events("case.read", "match.shown")
    assert opened["ids"] == [str(sent.pk)], "one page is one event, and says whose row it showed"
    page = signed_in(cast.lead).get(address).content.decode()
    assert sent.reference not in page
    assert "No possible matches" not in page
    assert events("case.read", "match.shown")[-1]["ids"] == []


def test_what_is_hidden_is_not_on_the_workspace_either(cast: Cast, sent, again):
    wall(cast, sent)
    address = reverse("triage:workspace", args=[again.reference])

    page = signed_in(cast.coordinator).get(address).content.decode()

    assert "No possible matches" in page
    assert sent.reference not in page
    assert events("case.read")[-1]["ids"] == []


def test_a_pair_that_is_judged_stands_on_the_workspace_as_the_same_child(cast: Cast, sent, again):
    judge(cast.coordinator, again, sent, Verdict.SAME)

    for one, other in ((sent, again), (again, sent)):
        address = reverse("triage:workspace", args=[one.reference])
        page = signed_in(cast.coordinator).get(address).content.decode()
        assert "Marked as the same child by Coral Dinator" in page
        assert events("case.read")[-1]["ids"] == [str(other.pk)]

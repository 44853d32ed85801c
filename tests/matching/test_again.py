"""A child who is referred again within twelve months: who is told of it, and how it is counted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from referrals.matching import reports
from referrals.matching.reading import before, with_same_child
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Closure, Decision, Grant
from referrals.services import end_grants
from referrals.triage import services
from referrals.vocabulary import Flag, Outcome
from tests.cast import Cast, events, send, signed_in
from tests.closing import again as reopening
from tests.closing import closed
from tests.matching.test_alike import NHS, told
from tests.matching.test_judge import judge, wall
from tests.referrals.test_board import rows

MONTH = timedelta(days=30)


def ended(cast: Cast, outcome: Outcome = Outcome.EARLY_HELP, **changes) -> Case:
    """A referral that the partnership did not take on, of a child whose NHS number is known."""
    case = send(cast.teacher, answers=told(nhs_number=NHS), **changes)
    services.decide(
        actor=cast.coordinator, case=case, outcome=outcome, reason="Why.", told_referrer="What."
    )
    case.refresh_from_db()
    return case


def once_more(cast: Cast) -> Case:
    return send(cast.charity_worker, answers=told(nhs_number=NHS))


def seen(who, case: Case) -> str:
    found = before(who, with_same_child(Case.objects.filter(pk=case.pk))).get(case.pk)
    return found.reference if found else ""


def test_who_was_not_taken_on_is_a_referral_again_by_the_number(cast: Cast):
    first = ended(cast)
    second = once_more(cast)
    other = send(cast.teacher)

    assert seen(cast.coordinator, second) == first.reference
    assert seen(cast.coordinator, first) == seen(cast.coordinator, other) == ""
    client = signed_in(cast.coordinator)
    assert rows(client, flag="again") == [second.reference]
    assert client.get("/triage/").text.count(Flag.AGAIN.label) == 2  # a row, and the filter
    page = client.get(reverse("triage:workspace", args=[second.reference])).text
    assert f"{first.reference}</a>. It was not taken on" in page
    read = events("case.read")[-1]
    assert str(first.pk) in read["ids"]


def test_who_was_closed_is_one_by_what_people_decided(cast: Cast):
    first = closed(cast)
    second = send(cast.charity_worker)
    assert seen(cast.coordinator, second) == ""

    judge(cast.coordinator, second, first, Verdict.SAME)

    assert seen(cast.coordinator, second) == first.reference
    page = signed_in(cast.coordinator).get(reverse("triage:workspace", args=[second.reference]))
    assert "It was closed on" in page.text


def test_nobody_is_told_of_a_case_that_they_may_not_know_of(cast: Cast):
    first = ended(cast)
    second = once_more(cast)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            before(cast.coordinator, with_same_child(Case.objects.filter(pk=second.pk)))
        return len(queries)

    queries = cost()
    wall(cast, first)

    assert seen(cast.coordinator, second) == ""
    assert seen(cast.manager, second) == first.reference
    assert rows(signed_in(cast.coordinator), flag="again") == []
    page = signed_in(cast.coordinator).get(reverse("triage:workspace", args=[second.reference]))
    assert "referred before" not in page.text
    assert first.reference not in page.text
    assert cost() == queries == 2


@pytest.mark.parametrize("which", ["first", "second"])
def test_nothing_is_said_where_it_is_not_known_who_the_child_is(cast: Cast, which: str):
    cases = {"first": ended(cast)}
    cases["second"] = once_more(cast)
    team = cast.coordinator.team_id
    grants = Grant.objects.filter(content_object=cases[which], group_id=team)
    end_grants(cast.manager, cases[which], grants, "No longer needed.")

    assert seen(cast.coordinator, cases["second"]) == ""
    assert seen(cast.manager, cases["second"]) == cases["first"].reference


def test_twelve_months_and_no_longer(cast: Cast):
    first = ended(cast)
    second = once_more(cast)
    received = second.received_at

    for at, is_again in (
        (received - timedelta(days=365), True),
        (received - timedelta(days=365, seconds=1), False),
        (received + timedelta(seconds=1), False),
    ):
        Decision.objects.filter(case=first, superseded_at=None).update(superseded_at=timezone.now())
        Decision.objects.create(
            case=first,
            outcome=Outcome.EARLY_HELP,
            reason="Why.",
            told_referrer="What.",
            decided_by_id=cast.coordinator.membership_id,
            decided_at=at,
            owner_id=cast.coordinator.membership_id,
            next_on=at.date(),
        )
        assert bool(seen(cast.coordinator, second)) is is_again, at


def test_work_that_goes_on_is_no_work_that_ended(cast: Cast):
    going_on = ended(cast, Outcome.ASSESSMENT)
    second = once_more(cast)
    assert seen(cast.coordinator, second) == ""
    assert seen(cast.coordinator, going_on) == ""


def test_a_case_that_was_reopened_has_not_ended(cast: Cast):
    first = closed(cast)
    second = send(cast.charity_worker)
    judge(cast.coordinator, second, first, Verdict.SAME)
    services.reopen(actor=cast.manager, case=first, again=reopening(first))

    assert Closure.objects.exclude(reopened_at=None).exists()
    assert seen(cast.coordinator, second) == ""


def test_the_board_counts_referrals_and_those_again_of_a_period_and_of_one_area(cast: Cast):
    ended(cast)
    once_more(cast)
    now = timezone.now()

    def count(area, since, until) -> tuple[int, int]:
        found = reports.referred_again(partnership=area.pk, since=since, until=until)
        return found.referrals, found.again

    assert count(cast.partnership, now - MONTH, now + MONTH) == (2, 1)
    assert count(cast.partnership, now - 2 * MONTH, now - MONTH) == (0, 0)
    assert count(cast.other_area, now - MONTH, now + MONTH) == (0, 0)
    assert events("case.listed") == []

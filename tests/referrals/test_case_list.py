"""The list of cases: my work, my agency's, all that I may see; narrowed, in order, in pages."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from referrals import policies, views
from referrals.models import Case, Wall
from referrals.triage import services as triage
from referrals.vocabulary import Conflict, Outcome
from tests.cast import Cast, events, put_off, send, signed_in


def listed(who, **codes: str) -> list[str]:
    page = signed_in(who).get(reverse("referrals:cases"), codes)
    assert page.status_code == 200
    return [row.reference for row in page.context["rows"]]


def counts(who) -> list[str]:
    page = signed_in(who).get(reverse("referrals:cases"))
    return [re.sub(r".*\((.*)\)", r"\1", label) for label, _, _ in page.context["whose"]]


def give(case: Case, who) -> None:
    Case.objects.filter(pk=case.pk).update(coordinator=who.membership_id)


@pytest.fixture
def three(cast: Cast) -> list[Case]:
    """One case of each coordinator, and one that nobody has."""
    cases = [send(cast.teacher) for _ in range(3)]
    give(cases[0], cast.coordinator)
    give(cases[1], cast.second_coordinator)
    return cases


def test_my_work_my_agencys_and_all_of_the_front_door(cast: Cast, three):
    mine, hers, nobodys = (case.reference for case in three)

    assert listed(cast.coordinator, whose="mine") == [mine]
    assert listed(cast.manager, whose="mine") == []
    assert set(listed(cast.manager, whose="agency")) == {mine, hers}
    assert set(listed(cast.coordinator)) == {mine, hers, nobodys}
    assert counts(cast.coordinator) == ["1", "2", "3"]


def test_my_work_is_what_i_sent_and_my_agencys_what_we_sent(cast: Cast, three):
    others = send(cast.outsider_lead).reference
    ours = {case.reference for case in three}

    assert set(listed(cast.teacher, whose="mine")) == ours
    assert listed(cast.lead, whose="mine") == []
    assert set(listed(cast.lead, whose="agency")) == ours
    assert listed(cast.colleague, whose="agency") == []
    assert others not in {*listed(cast.teacher), *listed(cast.lead, whose="agency")}


def test_my_work_is_what_a_decision_that_holds_says_that_i_go_on_with(cast: Cast, three):
    case = three[0]
    words = {"reason": "There is a risk.", "told_referrer": "Thank you."}
    made = triage.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.STRATEGY,
        then=triage.Then(owner=cast.manager.membership_id),
        **words,
    )
    assert listed(cast.manager, whose="mine") == [case.reference]

    triage.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        then=triage.Then(owner=cast.second_coordinator.membership_id),
        instead_of=made.pk,
        **words,
    )

    assert listed(cast.manager, whose="mine") == []
    assert case.reference in listed(cast.second_coordinator, whose="mine")


def test_what_is_mine_and_hidden_is_in_no_list_and_no_count(cast: Cast, three):
    Wall.objects.create(
        case=three[0],
        user_id=cast.coordinator.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )

    assert listed(cast.coordinator, whose="mine") == []
    assert counts(cast.coordinator) == ["0", "1", "2"]


def test_my_work_is_never_more_than_what_is_visible(cast: Cast, three):
    for name, who in cast.everyone().items():
        seen = set(policies.sights(who).values_list("case_id", flat=True))
        for work in (policies.own_work(who), policies.agencys_work(who)):
            assert set(work.values_list("case_id", flat=True)) <= seen, name


def test_a_list_is_narrowed_by_status_and_by_what_is_due(cast: Cast, three):
    now = timezone.now()
    waits, late, read = three
    Case.objects.filter(pk=late.pk).update(
        received_at=now - timedelta(days=3), decision_due_at=now - timedelta(hours=1)
    )
    put_off(waits, cast.manager, now + timedelta(days=8))
    put_off(read, cast.manager, now + timedelta(days=9))
    Case.objects.filter(pk=read.pk).update(status="checking")

    who = cast.manager
    by_time = [late.reference, waits.reference, read.reference]
    assert listed(who, status="checking") == [read.reference]
    assert listed(who, status="received", due="overdue") == [late.reference]
    assert listed(who, due="later") == by_time[1:]
    assert listed(who, due="today") == []
    assert listed(who, due="owed") == by_time
    assert listed(who, due="later", sort="newest") == by_time[:0:-1]
    assert listed(who, sort="due") == by_time
    assert listed(who, sort="oldest") == by_time
    assert listed(who) == by_time[::-1]
    assert listed(who, whose="agency", due="owed") == by_time[:2]


def test_a_code_that_nobody_knows_is_passed_over_and_does_not_come_back(cast: Cast, three):
    odd = {"whose": "zz1", "sort": "owner__password", "status": "zz2", "due": "zz3", "page": "zz4"}
    page = signed_in(cast.manager).get(reverse("referrals:cases"), odd)

    assert len(page.context["rows"]) == 3
    assert not re.search("zz[1-4]|password", page.text.partition("<main")[2])


def test_pages_of_25_keep_what_was_chosen(cast: Cast):
    for _ in range(26):
        give(send(cast.teacher), cast.coordinator)

    client = signed_in(cast.coordinator)
    first = client.get(reverse("referrals:cases"), {"whose": "mine", "sort": "oldest"})
    (following,) = set(re.findall(r'href="(\?[^"]*page=2)"', first.text))
    second = client.get(reverse("referrals:cases") + following.replace("&amp;", "&"))

    rows = [row.reference for page in (first, second) for row in page.context["rows"]]
    assert len(rows) == len(set(rows)) == 26
    assert len(events("case.listed")) == 2


@pytest.mark.parametrize("narrowed", [{}, {"whose": "agency"}, {"status": "received"}])
def test_a_list_that_is_too_long_says_so(cast: Cast, three, monkeypatch, narrowed):
    client, address = signed_in(cast.coordinator), reverse("referrals:cases")
    assert "Only the first" not in client.get(address, narrowed).text
    monkeypatch.setattr(views, "MOST_LISTED", 2)

    page = client.get(address, narrowed)

    assert len(page.context["rows"]) == 2
    assert "Only the first 2 can be listed" in page.text
    assert "My agency\u2019s work (2 or more)" in page.text


def test_a_list_with_nothing_in_it_says_how_to_go_on(cast: Cast, three):
    page = signed_in(cast.manager).get(reverse("referrals:cases"), {"status": "open"}).text

    assert "No cases match." in page
    assert 'href="?whose=all">Clear filters' in page

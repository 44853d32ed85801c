"""The pages: what each costs, who is kept out, and what a wall leaves."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError, NotVisible
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.assessments import policies, services
from referrals.assessments.models import Agreement
from referrals.assessments.vocabulary import Level
from referrals.models import Wall
from referrals.vocabulary import Conflict
from tests.architecture.test_queries import asked_of
from tests.assessments.conftest import WORDS, agency, agree, answer, answer_all, start
from tests.cast import Cast, carried, signed_in

MOST = 25


def cost(client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return asked_of(queries)


def test_no_page_costs_many_queries_and_a_long_history_costs_no_more(cast: Cast, opened):
    reference = opened.case.reference
    lead, officer = signed_in(cast.coordinator), signed_in(cast.panel_officer)
    risk = reverse("assessments:risk", args=[reference])
    compare = reverse("assessments:compare", args=[reference, opened.pk])
    costs = {
        "compare": cost(lead, compare),
        "agree": cost(lead, reverse("assessments:agree", args=[reference, opened.pk])),
        "asked": cost(officer, reverse("assessments:asked")),
    }
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    one = cost(lead, risk)
    both = (agency(cast.panel_officer), agency(cast.panel_nurse))
    later = start(cast.coordinator, opened.case, *both)
    going = cost(officer, risk)
    part = reverse("assessments:part", args=[reference, later.pk, "harm"])
    score = reverse("assessments:score", args=[reference, later.pk])
    costs |= {"going": going, "part": cost(officer, part), "score": cost(officer, score)}
    for who in (cast.panel_officer, cast.panel_nurse):
        answer(who, later)
    services.reveal(actor=cast.coordinator, assessment=later)
    agree(cast.coordinator, later, Level.SIGNIFICANT, differs="As before.")
    costs["two"] = cost(lead, risk)

    assert Agreement.objects.filter(in_force_at__isnull=False).count() == 2
    assert {name: count for name, count in costs.items() if count > MOST} == {}
    assert costs["two"] <= one + 1


def test_who_is_behind_a_wall_finds_no_trace(cast: Cast, asked):
    nurse, reference = cast.panel_nurse, asked.case.reference
    answer(nurse, asked)
    Wall.objects.create(
        case=asked.case,
        user_id=nurse.user_id,
        why=next(iter(Conflict)),
        raised_by_id=cast.manager.membership_id,
    )
    client = signed_in(nurse)

    for name, args in (
        ("risk", [reference]),
        ("score", [reference, asked.pk]),
        ("compare", [reference, asked.pk]),
    ):
        assert client.get(reverse(f"assessments:{name}", args=args)).status_code == 404
    for page in ("assessments:asked", "home:home", "notifications:list"):
        body = client.get(reverse(page)).content.decode()
        assert reference not in body
        assert "1 joint risk" not in body
    assert not policies.to_answer(nurse).exists()
    with pytest.raises(NotVisible):
        services.look(actor=nurse, reference=reference)
    theirs = asked.invitations.get(agency=nurse.agency_id)
    assert nurse.membership_id not in {each.pk for each in policies.who_answers(theirs)}


def test_the_chair_sees_how_far_it_is_and_answers_for_nobody(cast: Cast, asked):
    page = services.look(actor=cast.panel_chair, reference=asked.case.reference)
    assert page.under_way is not None
    assert not page.under_way.answers
    assert not page.under_way.leads


def test_a_notice_says_nothing_but_that_there_is_something(cast: Cast, asked):
    answer(cast.panel_officer, asked)
    notice = Notice.objects.filter(kind=Kind.RISK_ASKED).first()
    client = signed_in(cast.panel_officer)

    page = client.get(reverse("notifications:list")).content.decode()

    assert notice is not None
    assert "Your agency is asked what it knows in a joint risk assessment" in page
    assert WORDS not in page
    assert "Look at who fetches her" not in page


def test_the_day_is_asked_for_and_must_not_be_past(cast: Cast, case, tool):
    client = signed_in(cast.coordinator)
    page = reverse("assessments:start", args=[case.reference])
    typed = {
        "key": "00000000-0000-4000-8000-000000000001",
        "tool": str(tool.pk),
        "agencies": [str(cast.panel_officer.agency_id), str(cast.panel_nurse.agency_id)],
        "look_at": "Look.",
    }
    assert client.post(page, typed).status_code == 422
    year = str(timezone.localdate().year - 1)
    past = {"due_on-day": "1", "due_on-month": "1", "due_on-year": year}
    answered = client.post(page, typed | past)
    assert answered.status_code == 409
    assert "must not have passed" in answered.content.decode()


def test_words_that_come_too_late_come_back(cast: Cast, asked):
    client = signed_in(cast.panel_officer)
    answer(cast.panel_officer, asked)
    page = reverse("assessments:part", args=[asked.case.reference, asked.pk, "harm"])

    answered = client.post(page, {"H1_answer": "confirmed", "H1_words": "Zzlate words."})

    assert answered.status_code == 409
    assert "Zzlate words." in answered.content.decode()


def test_words_that_are_too_long_are_kept_and_not_sent(cast: Cast, asked):
    client = signed_in(cast.panel_officer)
    answer_all(cast.panel_officer, asked)
    page = reverse("assessments:part", args=[asked.case.reference, asked.pk, "missing"])
    sign = {"M1_answer": "confirmed", "M1_when": "last_3_months", "M1_how": "saw"}
    long = {"M1_words": "x" * 2001, "M1_times": "70000", "M2_answer": "no", "M3_answer": "no"}

    answered = client.post(page, {**carried(client, page), **sign, **long})

    assert answered.status_code == 422
    assert "Enter how many times, as a number" in answered.content.decode()
    with pytest.raises(DomainError, match="1 answer is missing"):
        services.submit(actor=cast.panel_officer, reference=asked.case.reference, pk=asked.pk)

"""How many possible matches stand in a row of the board, and what they never tell."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from referrals.matching.reading import counted
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Grant, Particulars
from referrals.services import end_grants
from tests.cast import Cast, send, signed_in
from tests.matching.test_alike import (
    ADDRESS,
    NHS,
    OTHER_NHS,
    SCHOOL,
    leave_the_identity_only,
    send_again,
    told,
)
from tests.matching.test_judge import judge, wall


def count(who, *cases: Case) -> dict[str, int]:
    found = counted(who, Particulars.objects.filter(case__in=cases))
    return {case.reference: found[case.pk] for case in cases if case.pk in found}


def test_each_row_counts_its_own(cast: Cast, sent: Case):
    other = send_again(cast.teacher)
    alone = send(cast.teacher, given_name="Oona", family_name="Finch", date_of_birth=None)

    assert count(cast.coordinator, sent, other, alone) == {sent.reference: 1, other.reference: 1}


def test_it_stands_on_the_board_as_a_link(cast: Cast, sent: Case):
    send_again(cast.teacher)
    alone = send(cast.teacher, given_name="Oona", family_name="Finch", date_of_birth=None)

    page = html.fromstring(signed_in(cast.coordinator).get("/triage/").content.decode())
    cells = page.xpath("//td[@data-label='Possible matches']")
    assert sorted(cell.text_content().split()[0] for cell in cells) == ["1", "1", "None"]
    links = page.xpath("//td[@data-label='Possible matches']/a/@href")
    assert f"/triage/{sent.reference}/matches/" in links
    assert not any(alone.reference in link for link in links)


def test_a_case_that_is_hidden_is_not_counted_and_costs_no_other_query(cast: Cast, sent: Case):
    other = send_again(cast.teacher)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            counted(cast.coordinator, Particulars.objects.filter(case=other))
        return len(queries)

    before = cost()
    wall(cast, sent)

    assert count(cast.coordinator, other) == {}
    assert count(cast.manager, other) == {other.reference: 1}
    assert cost() == before == 3


@pytest.mark.parametrize("which", ["mine", "theirs"])
def test_where_the_name_is_not_shared_nothing_is_counted(cast: Cast, sent: Case, which: str):
    other = send_again(cast.teacher)
    hidden = {"mine": other, "theirs": sent}[which]
    grants = Grant.objects.filter(content_object=hidden, group_id=cast.coordinator.team_id)
    end_grants(cast.manager, hidden, grants, "No longer needed.")

    assert count(cast.coordinator, other) == {}
    assert count(cast.manager, other) == {other.reference: 1}


@pytest.mark.parametrize("withheld", [0, 1])
def test_a_school_that_may_not_be_read_counts_for_nobody(cast: Cast, withheld: int):
    """The first name, by sound and by circle, at one school: nothing else is shared."""
    like = {"date_of_birth": None, "given_name": "Katherine", "answers": told(school=SCHOOL)}
    cases = [send(cast.teacher, family_name=name, **like) for name in ("Heron", "Herron")]
    one, other = cases
    with_school = count(cast.manager, one)

    leave_the_identity_only(cast, cases[withheld])

    left = count(cast.coordinator, one)
    assert count(cast.manager, one) == with_school
    for case in (one, other):
        leave_the_identity_only(cast, case)
    assert left == count(cast.coordinator, one)


def test_what_was_decided_is_not_counted_from_either_side(cast: Cast, sent: Case):
    other = send_again(cast.teacher)
    judge(cast.coordinator, other, sent, Verdict.NOT_SAME)

    assert count(cast.coordinator, sent, other) == {}


def test_a_number_alone_is_enough_and_another_number_is_another_child(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number=NHS))
    nameless = {"given_name": "Zed", "family_name": "Quill", "date_of_birth": None}
    other = send(cast.teacher, answers=told(nhs_number=NHS), **nameless)
    third = send(cast.teacher, answers=told(nhs_number=OTHER_NHS, address=ADDRESS))

    assert count(cast.coordinator, one, other) == {one.reference: 1, other.reference: 1}
    assert count(cast.coordinator, third) == {}


def test_another_area_is_another_register(cast: Cast, sent: Case):
    send_again(cast.teacher)

    assert count(cast.other_coordinator, sent) == {}
    assert counted(cast.coordinator, []) == {}

"""Everyone who left the list, and why: who may read it, what it says, and what it does not."""

import csv
import io

import pytest
from django.urls import reverse

from portal.common.errors import Refused
from referrals.actions import services
from referrals.matching import services as matching
from referrals.matching.vocabulary import Verdict
from referrals.triage import services as triage
from tests.actions.test_action import wall
from tests.cast import Cast, events, send, signed_in
from tests.closing import again, closed, to_close

PAGE = "actions:departures"


def test_it_says_who_left_how_why_and_who_agreed(cast: Cast):
    case = closed(cast)
    page = signed_in(cast.manager).get(reverse(PAGE)).text
    assert case.reference in page
    assert "She is safe at her aunt" in page
    assert "Front door, school and police" in page
    assert "To be looked at on" in page
    assert "Closed: 1" in page
    assert "Stepped down: 1" in page
    assert len(events("departures.listed")) == 1


def test_it_is_for_those_who_oversee_cases(cast: Cast):
    case = closed(cast)
    for name in ("teacher", "lead", "panel_officer", "chair", "auditor"):
        with pytest.raises(Refused):
            services.departures(actor=getattr(cast, name))
    for who in (cast.panel_chair, cast.other_coordinator):
        assert not services.departures(actor=who).rows
    wall(cast, case, cast.manager)
    found = services.departures(actor=cast.manager)
    assert not found.rows
    assert sum(count for _, count in found.totals) == 0


def test_who_came_back_is_shown_and_counted(cast: Cast):
    first, second = closed(cast), closed(cast)
    triage.reopen(actor=cast.coordinator, case=first, again=again(first))
    fresh = send(cast.teacher)
    matching.judge(
        actor=cast.coordinator,
        reference=second.reference,
        other=fresh.reference,
        verdict=Verdict.SAME,
        reason="The same girl.",
    )
    found = services.departures(actor=cast.coordinator)
    assert found.came_back == 2
    assert all(row.again for row in found.rows)
    # Another referral that the reader must not know of has left no trace.
    wall(cast, fresh, cast.second_coordinator)
    assert services.departures(actor=cast.second_coordinator).came_back == 1


def test_it_is_taken_out_as_a_file_in_which_nothing_is_a_formula(cast: Cast):
    case = to_close(cast)
    client = signed_in(cast.manager)
    answer = client.post(reverse("actions:departures-file"), {"months": "12"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][0] == "Reference"
    assert rows[1][0].endswith(case.reference)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert len(events("departures.exported")) == 1
    assert client.get(reverse("actions:departures-file")).status_code == 405

"""A late action climbs to named people by working days, each step once, whoever sweeps."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.actions import services
from referrals.actions.models import Entry
from referrals.actions.services import Update
from referrals.actions.services.climbing import times
from referrals.actions.vocabulary import Climb, Said
from tests.actions.conftest import DIFFERENCE, given, soon
from tests.cast import Cast, at_once, events
from tests.closing import open_case


def told() -> list[str]:
    found = Notice.objects.filter(kind=Kind.ACTION_LATE).order_by("created_at")
    return list(found.values_list("recipient__user__name", flat=True))


def later(action, **lasts) -> datetime:
    return action.due_at + timedelta(**lasts)


def test_each_step_has_its_working_day(cast: Cast):
    # Due on a Thursday at 5pm, before the Easter weekend.
    due = datetime(2026, 4, 2, 16, 0, tzinfo=UTC)
    found = times(due, cast.partnership)
    assert found[Climb.OWNER] == due
    assert found[Climb.LEAD] == datetime(2026, 4, 8, 8, 0, tzinfo=UTC)
    assert found[Climb.COORDINATOR] == datetime(2026, 4, 10, 8, 0, tzinfo=UTC)
    assert found[Climb.ABOVE] == datetime(2026, 4, 14, 8, 0, tzinfo=UTC)


def test_it_climbs_from_its_owner_to_those_above(cast: Cast, case):
    action = given(cast.coordinator, case, cast.colleague)
    steps = times(action.due_at, cast.partnership)
    assert services.climb() == 0
    people = {
        Climb.OWNER: ["Cole League"],
        Climb.LEAD: ["Dess Lead"],
        Climb.COORDINATOR: ["Coral Dinator"],
        Climb.ABOVE: ["Manny Ager"],
    }
    for step, names in people.items():
        before = told()
        with time_machine.travel(steps[step] - timedelta(seconds=1), tick=False):
            assert services.climb() == 0
        with time_machine.travel(steps[step], tick=False):
            assert services.climb() == 1
            assert services.climb() == 0
        assert told() == [*before, *names]
    assert [e.step for e in Entry.objects.filter(kind=Said.CLIMBED).order_by("at")] == list("1234")
    assert len(events("action.climbed")) == 4


def test_what_nobody_swept_for_days_catches_up_at_once(cast: Cast, case):
    action = given(cast.coordinator, case, cast.colleague)
    with time_machine.travel(later(action, days=30), tick=False):
        assert services.climb() == 4
    assert told() == ["Cole League", "Dess Lead", "Coral Dinator", "Manny Ager"]


def test_what_is_said_to_be_done_or_has_more_time_does_not_climb(cast: Cast, case):
    said = given(cast.coordinator, case, cast.lead)
    services.claim(actor=cast.lead, pk=said.pk, said=Update(DIFFERENCE))
    more = given(cast.coordinator, case, cast.colleague)
    with time_machine.travel(later(more, minutes=1), tick=False):
        assert services.climb() == 1
        services.ask_time(
            actor=cast.colleague, pk=more.pk, said=Update("She is ill."), until=soon(20)
        )
        services.answer_time(actor=cast.coordinator, pk=more.pk, gives=True, words="")
    more.refresh_from_db()
    assert more.climbed == 0
    with time_machine.travel(more.due_at - timedelta(minutes=1), tick=False):
        assert services.climb() == 0
    with time_machine.travel(later(more, minutes=1), tick=False):
        assert services.climb() == 1


def test_the_times_are_settings(cast: Cast, case):
    Partnership.objects.update(action_lead_days=2, action_coordinator_days=2)
    action = given(cast.coordinator, case, cast.colleague)
    area = Partnership.objects.get(pk=case.partnership_id)
    at = times(action.due_at, area)
    assert at[Climb.LEAD] == at[Climb.COORDINATOR] < at[Climb.ABOVE]
    with time_machine.travel(at[Climb.LEAD], tick=False):
        assert services.climb() == 3


def test_two_sweeps_at_once_tell_once(committed, cast: Cast):
    case = open_case(cast)
    for _ in range(3):
        given(cast.coordinator, case, cast.colleague)
    due = timezone.now() + timedelta(days=11)
    with time_machine.travel(due, tick=True):
        found = at_once(services.climb, services.climb)
    counts = [each for each in found if isinstance(each, int)]
    assert len(counts) == 2, found
    assert Entry.objects.filter(kind=Said.CLIMBED, step=Climb.OWNER).count() == 3
    assert sum(counts) == Entry.objects.filter(kind=Said.CLIMBED).count()


@pytest.mark.parametrize("wall", [True, False])
def test_nobody_is_told_through_a_conflict_of_interest(cast: Cast, case, wall):
    from tests.actions.test_action import wall as raised

    action = given(cast.coordinator, case, cast.colleague)
    if wall:
        raised(cast, case, cast.lead)
        raised(cast, case, cast.second_coordinator)
    with time_machine.travel(later(action, days=30), tick=False):
        services.climb()
    assert ("Dess Lead" in told()) is not wall

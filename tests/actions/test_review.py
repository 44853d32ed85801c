"""Reviews: planned, moved, held with a next one, told of, planned by the portal itself."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Partnership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.actions import services
from referrals.actions.models import Entry, Review
from referrals.actions.services import Held
from referrals.actions.services.planning import months_after, years_before
from referrals.actions.services.reviews import highest
from referrals.actions.vocabulary import About, Effect, Result, Said
from referrals.assessments.vocabulary import Level
from referrals.models import Child, Grant
from referrals.triage import services as triage
from referrals.vocabulary import Outcome
from referrals.workflow import Action as Verb
from tests.actions.conftest import done, given, soon
from tests.actions.test_action import day, refused, wall
from tests.cast import Cast, at_once, events, membership, signed_in
from tests.closing import open_case

SAYS = "She likes the walks home and wants them to go on."
TYPED = {
    "happened": "The car has not come back.",
    "level": "moderate",
    "child_view": SAYS,
    "outcome": "continue",
    "reason": "It helps.",
    "agreed_by": "Front door and school",
}


def held(**changes) -> Held:
    given_ = {
        "outcome": Result.CONTINUE,
        "happened": "The car has not come back.",
        "level": Level.MODERATE,
        "child_view": SAYS,
        "reason": "It helps.",
        "agreed_by": "Front door and school",
    }
    return Held(**{**given_, **changes})


def planned(cast: Cast, case, days: int = 3) -> Review:
    return services.plan_review(actor=cast.coordinator, case=case, on=soon(days), why="Soon.")


def told(kind: Kind) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__user__name", flat=True))


# --- Planned --------------------------------------------------------------------------------------


def test_a_review_is_planned_and_its_day_is_changed_with_a_reason(cast: Cast, case):
    client, page = signed_in(cast.coordinator), reverse("actions:plan", args=[case.reference])
    assert client.get(page).status_code == 200
    assert client.post(page, {"why": "Soon."}).status_code == 422
    assert client.post(page, {"why": "Soon.", **day(soon(3), "on")}).status_code == 302
    first = Review.objects.get()
    assert client.post(page, {"why": "Soon.", **day(soon(3), "on")}).status_code == 302
    assert Review.objects.count() == 1

    assert client.post(page, {"why": "School is shut.", **day(soon(9), "on")}).status_code == 302

    first.refresh_from_db()
    assert (first.outcome, first.reason) == (Result.MOVED, "School is shut.")
    assert Review.objects.planned().get().after_id == first.pk
    link = reverse("actions:review", args=[Review.objects.planned().get().pk])
    assert "changed 1 time " in client.get(link).text


def test_not_for_a_day_gone_by_nor_by_who_does_not_oversee_nor_where_no_work_is(cast: Cast, case):
    for on in (soon(-1), soon(400)):
        with pytest.raises(DomainError):
            services.plan_review(actor=cast.coordinator, case=case, on=on, why="Soon.")
    with pytest.raises(DomainError):
        services.plan_review(actor=cast.coordinator, case=case, on=soon(), why=" ")
    with pytest.raises(Refused):
        services.plan_review(actor=cast.lead, case=case, on=soon(), why="Soon.")
    with pytest.raises(NotVisible):
        services.plan_review(actor=cast.outsider_lead, case=case, on=soon(), why="Soon.")


def test_two_who_plan_at_once_leave_one_to_come(committed, cast: Cast):
    case = open_case(cast)
    at_once(lambda: planned(cast, case, 3), lambda: planned(cast, case, 5))
    assert Review.objects.planned().count() == 1


# --- Held -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "days"),
    [("significant", 28), ("moderate", 42), ("emerging", 84), ("none_indicated", 84)],
)
def test_a_review_plans_the_next_by_its_level(cast: Cast, case, level, days):
    review = planned(cast, case)
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held(level=Level(level)))
    assert Review.objects.planned().get().on == soon(days)


def test_the_days_are_settings_and_a_later_day_is_refused(cast: Cast, case):
    Partnership.objects.update(review_days_high=7, review_days_medium=14)
    review = planned(cast, case)
    for late in (soon(15), soon(0)):
        with pytest.raises(DomainError, match="looked at again by"):
            services.hold_review(actor=cast.coordinator, pk=review.pk, held=held(next_on=late))
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held(next_on=soon(10)))
    assert Review.objects.planned().get().on == soon(10)


def test_no_day_is_moved_further_than_the_level_allows_however_often(cast: Cast, case):
    Partnership.objects.update(review_days_high=7, review_days_medium=14, review_days_emerging=21)
    with pytest.raises(DomainError, match="level of concern"):
        planned(cast, case, 22)
    with time_machine.travel(timezone.now() - timedelta(days=10)):
        planned(cast, case, 3)
    with pytest.raises(DomainError, match="level of concern"):
        planned(cast, case, 12)
    review = planned(cast, case, 11)
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held(level=Level.SIGNIFICANT))
    review = planned(cast, case, 6)
    with pytest.raises(DomainError, match="level of concern"):
        planned(cast, case, 8)
    # Finding less puts nothing off at once; the level in force counts as well.
    with pytest.raises(DomainError, match="looked at again by"):
        services.hold_review(
            actor=cast.coordinator,
            pk=review.pk,
            held=held(level=Level.EMERGING, next_on=soon(8)),
        )
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held(level=Level.EMERGING))
    assert Review.objects.planned().get().on == soon(7)
    case.level = Level.MODERATE
    assert highest(case, Level.EMERGING) == Level.MODERATE


def test_it_is_held_on_its_page_with_the_effect_of_what_was_done(cast: Cast, case):
    action = given(cast.coordinator, case, cast.lead)
    own = given(cast.coordinator, case, cast.second_coordinator, what="Ring the aunt.")
    done(cast, action, cast.lead)
    done(cast, own, cast.second_coordinator)
    review = planned(cast, case)
    client, page = signed_in(cast.coordinator), reverse("actions:review", args=[review.pk])
    shown = client.get(page).text
    assert "Ring the aunt." in shown
    assert f"effect-{action.pk}" in shown
    assert f"judge-{own.pk}" in shown
    assert client.post(page, TYPED).status_code == 422
    typed = {
        **TYPED,
        f"effect-{action.pk}": "partly",
        f"words-{action.pk}": "She is met on most days.",
        f"judge-{own.pk}": str(cast.panel_officer.membership_id),
    }
    assert client.post(page, {**typed, "child_view": " "}).status_code == 422

    assert client.post(page, typed).status_code == 302

    review.refresh_from_db()
    assert (review.outcome, review.level) == (Result.CONTINUE, Level.MODERATE)
    assert Entry.objects.get(kind=Said.JUDGED).review_id == review.pk
    assert told(Kind.EFFECT_ASKED) == ["Orla Ficer"]
    assert len(events("review.held")) == 1
    after = Review.objects.planned().get()
    shown = client.get(reverse("actions:review", args=[after.pk])).text
    assert SAYS in shown
    assert "Orla Ficer is asked what it changed" in shown
    assert client.post(page, typed).status_code == 409


def test_no_effect_of_another_agency_is_left_out(cast: Cast, case):
    done(cast, given(cast.coordinator, case, cast.lead), cast.lead)
    review = planned(cast, case)
    with pytest.raises(DomainError, match="what it changed"):
        services.hold_review(actor=cast.coordinator, pk=review.pk, held=held())
    pk = case.actions.get().pk
    said = {pk: (Effect.EARLY, "Too early to say.")}
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held(effects=said))
    # It is asked again at the next one.
    again = Review.objects.planned().get()
    with pytest.raises(DomainError, match="what it changed"):
        services.hold_review(actor=cast.coordinator, pk=again.pk, held=held())


def test_it_leads_on_to_the_pages_that_step_down_and_close(cast: Cast, case):
    review = planned(cast, case)
    client, page = signed_in(cast.coordinator), reverse("actions:review", args=[review.pk])
    answer = client.post(page, {**TYPED, "outcome": "step_down"})
    assert answer.url == reverse("triage:move", args=[case.reference, "step-down"])
    again = Review.objects.planned().get()
    answer = client.post(reverse("actions:review", args=[again.pk]), {**TYPED, "outcome": "close"})
    assert answer.url == reverse("triage:close", args=[case.reference])
    assert Review.objects.planned().exists()


def test_two_who_hold_it_at_once_hold_it_once(committed, cast: Cast):
    review = planned(cast, open_case(cast))
    found = at_once(
        *(
            lambda who=who: services.hold_review(actor=who, pk=review.pk, held=held())
            for who in (cast.coordinator, cast.manager)
        )
    )
    assert sum(isinstance(each, Review) for each in found) == 1
    assert sum(isinstance(each, DomainError) for each in found) == 1


def test_only_those_who_oversee_the_case_know_of_it(cast: Cast, case):
    review = planned(cast, case)
    page = reverse("actions:review", args=[review.pk])
    assert signed_in(cast.chair).get(page).status_code == 403
    for name in ("teacher", "lead", "panel_officer", "other_coordinator", "panel_chair"):
        assert signed_in(getattr(cast, name)).get(page).status_code == 404
    assert signed_in(cast.teacher).get(reverse("actions:reviews")).status_code == 403
    wall(cast, case, cast.manager)
    assert signed_in(cast.manager).get(page).status_code == 404


def test_what_is_written_at_a_review_is_read_as_the_law_lets_minutes_be_read(cast: Cast, case):
    review = planned(cast, case)
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held())
    found = services.read_review(actor=cast.manager, pk=review.pk)
    assert found.written.child_view == SAYS
    # Another agency's coordinators oversee it, and minutes that the council holds are not theirs.
    beside = accounts.join_agency(
        name="Another Council",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership],
    )
    other = accounts.enrol(
        email="o@beside.example.org", name="Other Dinator", agency=beside, role=Role.COORDINATOR
    ).principal()
    like = Grant.objects.filter(content_object=case, group_id=cast.coordinator.team_id).first()
    like.pk, like._state.adding, like.group_id = None, True, other.team_id
    like.save()
    page = signed_in(other).get(reverse("actions:review", args=[review.pk])).text
    assert "Not shared with your agency" in page
    assert SAYS not in page
    assert "It helps." not in page
    assert "What follows" not in page
    assert str(Result.CONTINUE.label) not in page
    assert str(Level.MODERATE.label) not in page.split("Hold this review")[0]
    again = Review.objects.planned().get()
    assert SAYS not in signed_in(other).get(reverse("actions:review", args=[again.pk])).text


def test_a_month_shows_what_is_to_come_held_and_late_and_the_work_of_each_week(cast: Cast, case):
    first = planned(cast, case, 0)
    client, page = signed_in(cast.coordinator), reverse("actions:reviews")
    services.hold_review(actor=cast.coordinator, pk=first.pk, held=held(level=Level.SIGNIFICANT))
    assert "1 held" in client.get(page).text
    then = soon(28)
    shown = client.get(page, {"month": f"{then:%Y-%m}"}).text
    assert "1 to come" in shown
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        late = signed_in(cast.coordinator).get(page).text
        assert case.reference in late.split("Overdue</h2>")[1].split("<h2")[0]
        assert "1 review overdue" in signed_in(cast.coordinator).get(reverse("home:home")).text


# --- What the portal sees to ----------------------------------------------------------------------


def test_no_open_case_is_without_a_review(cast: Cast, case):
    assert services.plan() == 1
    assert services.plan() == 0
    review = Review.objects.get()
    assert review.planned_by is None
    assert review.on <= soon(28)
    assert (
        signed_in(cast.coordinator).get(reverse("actions:review", args=[review.pk])).status_code
        == 200
    )


def test_who_looks_after_it_hears_before_and_when_it_is_late(cast: Cast, case):
    planned(cast, case, 10)
    assert services.plan() == 0
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        assert services.plan() == 1
        assert services.plan() == 0
    assert told(Kind.REVIEW_NEAR) == ["Coral Dinator"]
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        assert services.plan() == 1
        assert services.plan() == 0
    assert told(Kind.REVIEW_LATE) == ["Coral Dinator", "Manny Ager"]


def test_before_the_18th_birthday_a_review_is_planned_and_nothing_closes(cast: Cast, case):
    today = timezone.localdate()
    planned(cast, case, 20)
    born = years_before(months_after(today, 6), 18)
    Child.objects.filter(pk=case.child_id).update(date_of_birth=born + timedelta(days=1))
    assert services.plan() == 0
    Child.objects.filter(pk=case.child_id).update(date_of_birth=born)

    assert services.plan() == 1
    assert services.plan() == 0

    made = Review.objects.get(about=About.TRANSITION)
    assert today <= made.on < years_before(born, -18)
    case.refresh_from_db()
    assert case.status == "open"
    # Held, it is not planned again, and the other review is still to come.
    services.hold_review(actor=cast.coordinator, pk=made.pk, held=held())
    assert services.plan() == 0
    assert Review.objects.planned().get().about == About.PLANNED


def test_who_turned_18_long_ago_is_prepared_for_today(cast: Cast, case):
    planned(cast, case, 20)
    Child.objects.filter(pk=case.child_id).update(date_of_birth=date(2000, 2, 29))
    assert services.plan() == 2  # planned, and told of as close
    assert Review.objects.get(about=About.TRANSITION).on == timezone.localdate()


def test_two_sweeps_plan_one(committed, cast: Cast):
    open_case(cast)
    at_once(services.plan, services.plan, services.plan)
    assert Review.objects.count() == 1


def test_birthdays_on_the_29th_of_february_and_ends_of_months():
    assert years_before(date(2008, 2, 29), -18) == date(2026, 3, 1)
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 1, 15), -3) == date(2025, 10, 15)


# --- The database ---------------------------------------------------------------------------------


def test_the_database_keeps_a_review_and_asks_for_the_next(cast: Cast, case):
    review = planned(cast, case)
    rows = Review.objects.filter(pk=review.pk)
    whole = {
        "outcome": Result.CONTINUE,
        "ended_by": membership(cast.coordinator),
        "ended_at": timezone.now(),
        **dict.fromkeys(("happened", "child_view", "reason", "agreed_by"), "Words."),
    }
    refused("moved_or_whole", lambda: rows.update(outcome=Result.CONTINUE))
    refused("moved_or_whole", lambda: rows.update(**{**whole, "level": ""}))
    refused("followed_by_the_next", lambda: rows.update(**whole, level=Level.EMERGING))
    refused("immutable", lambda: rows.update(on=soon(50)))
    services.hold_review(actor=cast.coordinator, pk=review.pk, held=held())
    refused("held_and_stays_so", lambda: rows.update(reason="Other words."))
    with pytest.raises(DatabaseError, match="one_to_come"), transaction.atomic():
        Review.objects.create(case=case, on=soon(), why="Another.")


# --- Leaving --------------------------------------------------------------------------------------


def test_no_case_is_stepped_down_or_closed_while_an_action_is_open(cast: Cast, case):
    action = given(cast.coordinator, case, cast.lead)
    with pytest.raises(DomainError, match="1 action is not finished: Example High School"):
        triage.move(actor=cast.coordinator, case=case, action=Verb.STEP_DOWN, reason="Better.")
    services.claim(actor=cast.lead, pk=action.pk, said=services.Update("She is safe."))
    with pytest.raises(DomainError, match="not finished"):
        triage.move(actor=cast.coordinator, case=case, action=Verb.STEP_DOWN, reason="Better.")
    services.verify(actor=cast.coordinator, pk=action.pk, is_done=True, words="")
    triage.move(actor=cast.second_coordinator, case=case, action=Verb.STEP_DOWN, reason="Better.")
    given(cast.coordinator, case, cast.lead)
    page = reverse("triage:close", args=[case.reference])
    answer = signed_in(cast.manager).get(page)
    assert answer.status_code == 409
    assert "not finished" in answer.text
    for status in ("closed", "transferred", "routed"):
        refused(
            "leaves_no_action_behind",
            lambda status=status: type(case).objects.filter(pk=case.pk).update(status=status),
        )


def test_no_child_is_handed_on_while_an_action_is_open(cast: Cast, case):
    def hand_on(then):
        earlier = case.decisions.get(superseded_at__isnull=True)
        return triage.decide(
            actor=cast.manager,
            case=case,
            outcome=Outcome.TRANSFER,
            reason="She has moved.",
            told_referrer="Another area goes on.",
            then=then,
            instead_of=earlier.pk,
        )

    then = triage.Then(to_area=cast.other_area.pk)
    made = hand_on(then)
    action = given(cast.coordinator, case, cast.lead)
    with pytest.raises(DomainError, match="1 action is not finished: Example High School"):
        hand_on(then)
    # Whoever takes the child on there is not told what is done here, or by whom.
    with pytest.raises(DomainError, match="is not finished yet") as found:
        triage.answer(actor=cast.other_coordinator, pk=made.pk, accepts=True)
    assert "Example High School" not in str(found.value)
    done(cast, action, cast.lead)
    triage.answer(actor=cast.other_coordinator, pk=made.pk, accepts=True)
    case.refresh_from_db()
    assert case.status == "transferred"

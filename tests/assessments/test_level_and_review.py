"""The level that agencies agreed stands in the next review; another one takes a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.common.errors import DomainError
from referrals.actions import services as actions
from referrals.actions.models import Review
from referrals.actions.vocabulary import Result
from referrals.assessments.reading import level_seen
from referrals.assessments.vocabulary import Level
from referrals.models import Case, Grant
from tests.assessments.conftest import agree
from tests.cast import Cast, events, signed_in

WHY = "Zzthe police have the man in custody."
TYPED = {
    "happened": "The car has not come back.",
    "level": "moderate",
    "child_view": "She sleeps at her aunt's.",
    "outcome": "continue",
    "reason": "It helps.",
    "agreed_by": "Front door and school",
}


@pytest.fixture
def agreed(cast: Cast, opened) -> Case:
    """A case whose level agencies agreed together: significant."""
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    opened.case.refresh_from_db()
    return opened.case


@pytest.fixture
def review(cast: Cast, agreed) -> Review:
    """Its next review."""
    on = timezone.localdate() + timedelta(days=3)
    return actions.plan_review(actor=cast.coordinator, case=agreed, on=on, why="Soon.")


def held(level: Level, differs: str = "") -> actions.Held:
    words = {key: TYPED[key] for key in ("happened", "child_view", "reason", "agreed_by")}
    return actions.Held(outcome=Result.CONTINUE, level=level, differs=differs, **words)


def test_the_agreed_level_is_chosen_and_needs_no_reason(cast: Cast, review):
    client, page = signed_in(cast.coordinator), reverse("actions:review", args=[review.pk])
    form = client.get(page).context["form"]
    assert form["level"].value() == Level.SIGNIFICANT

    assert client.post(page, {**TYPED, "level": "significant"}).status_code == 302

    review.refresh_from_db()
    assert (review.level, review.agreed, review.differs) == ("significant", "significant", "")


def test_that_the_agreed_level_was_read_is_on_record(cast: Cast, review):
    signed_in(cast.coordinator).get(reverse("actions:review", args=[review.pk]))

    [read] = events("review.read")
    assert read["fields"] == ["IC4"]


def test_another_level_takes_a_reason_that_is_kept_and_read(cast: Cast, review, agreed):
    client, page = signed_in(cast.coordinator), reverse("actions:review", args=[review.pk])
    answer = client.post(page, TYPED)
    assert answer.status_code == 422
    assert "Write why this is not the level that agencies agreed" in answer.text
    for differs in ("", " "):
        with pytest.raises(DomainError, match="not the level that agencies agreed"):
            actions.hold_review(
                actor=cast.coordinator, pk=review.pk, held=held(Level.MODERATE, differs)
            )

    assert client.post(page, {**TYPED, "differs": WHY}).status_code == 302

    review.refresh_from_db()
    assert (review.level, review.agreed, review.differs) == ("moderate", "significant", WHY)
    assert WHY in client.get(page).text
    # The level stays as it was agreed, and so does the day by which it is looked at again.
    agreed.refresh_from_db()
    assert agreed.level == Level.SIGNIFICANT
    again = Review.objects.planned().get()
    assert again.on == timezone.localdate() + timedelta(days=28)


def test_a_reason_that_is_not_needed_is_not_kept(cast: Cast, review):
    actions.hold_review(actor=cast.coordinator, pk=review.pk, held=held(Level.SIGNIFICANT, WHY))
    review.refresh_from_db()
    assert review.differs == ""


def test_who_may_not_see_the_level_is_not_told_of_it(cast: Cast, review, agreed):
    beside = accounts.join_agency(
        name="Another Council",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership],
    )
    other = accounts.enrol(
        email="o@beside.example.org", name="Other Dinator", agency=beside, role=Role.COORDINATOR
    ).principal()
    like = Grant.objects.filter(content_object=agreed, group_id=cast.coordinator.team_id).first()
    like.pk, like._state.adding, like.group_id = None, True, other.team_id
    like.categories = ["IC1"]
    like.save()
    assert level_seen(other, agreed) is None
    client, page = signed_in(other), reverse("actions:review", args=[review.pk])
    form = client.get(page).context["form"]
    assert form["level"].value() is None
    assert "differs" not in form.fields

    assert client.post(page, TYPED).status_code == 302

    review.refresh_from_db()
    assert (review.agreed, review.differs) == ("", "")

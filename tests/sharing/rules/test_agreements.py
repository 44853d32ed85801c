"""The register of agreements: what rests on one begins with it and stops with it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Grant
from referrals.triage.services import decide
from referrals.vocabulary import Outcome
from sharing.rules import policies
from sharing.rules.models import Agreement, Examination
from sharing.rules.services import agreements, changes
from sharing.rules.vocabulary import Category, Purpose, Standing
from tests.cast import Cast, agreed, events
from tests.sharing.rules.people import leads_of

TODAY = timezone.localdate()


def days(number: int):
    return TODAY + timedelta(days=number)


@pytest.fixture
def lead(cast: Cast) -> Principal:
    return leads_of(cast)[0]


def theirs(cast: Cast) -> Agreement:
    """The agreement of the cast's own area."""
    return Agreement.objects.get(parties=cast.council)


def put_to_the_panel(cast: Cast, sent) -> list[Grant]:
    decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    return list(Grant.objects.filter(content_object=sent, purpose=Purpose.PANEL))


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (-1, Standing.TO_COME),
        (0, Standing.IN_FORCE),
        (9, Standing.IN_FORCE),
        (10, Standing.REVIEW_DUE),
        (20, Standing.REVIEW_DUE),
        (21, Standing.EXPIRED),
    ],
)
def test_an_agreement_warns_from_its_review_day_and_stops_after_its_last(cast, day, standing):
    row = agreed(cast.school, cast.council, signed_on=days(0), review_on=days(10), ends_on=days(20))

    assert row.standing(days(day)) == standing


def test_it_covers_its_parties_categories_and_purposes_on_its_days_and_nothing_else(cast: Cast):
    other = agreements.sign(
        actor=None,
        title="A narrow one",
        parties=[cast.council, cast.school],
        purposes=[Purpose.PANEL],
        categories=[Category.IC4],
        signed_on=days(-400),
        review_on=days(-300),
        ends_on=days(-200),
    )
    then = policies.law.noon(days(-250))
    nurse = cast.panel_nurse.agency_id

    assert policies.agreement(cast.school.pk, Category.IC4, Purpose.PANEL, then)
    assert policies.agreed(cast.school.pk, Purpose.PANEL, then)[Category.IC4] >= other.until
    assert Agreement.objects.in_force(policies.law.noon(days(-200))).filter(pk=other.pk).exists()
    assert not Agreement.objects.in_force(policies.law.noon(days(-199))).filter(pk=other.pk)
    whole = Agreement.objects.exclude(pk=other.pk).get(parties=cast.council)
    agreements.end(actor=leads_of(cast)[0], pk=whole.pk, why="A new one is being written.")
    now = timezone.now()
    assert not policies.agreement(nurse, Category.IC4, Purpose.PANEL, now)
    assert not policies.agreement(cast.school.pk, Category.IC4, Purpose.SCREEN, now)


def test_the_panel_is_shown_nothing_without_an_agreement_in_force(cast: Cast, lead, sent):
    agreements.end(actor=lead, pk=theirs(cast).pk, why="It was not signed by everybody.")

    assert not [grant for grant in put_to_the_panel(cast, sent) if grant.rule == "12"]


def test_a_share_that_rests_on_an_agreement_ends_with_it_to_the_second(cast: Cast, lead, sent):
    agreements.end(actor=lead, pk=theirs(cast).pk, why="Replaced.")
    row = agreed(
        *cast.partnership.agencies.all(),
        signed_on=days(-30),
        review_on=days(-1),
        ends_on=days(3),
    )

    bound = [grant for grant in put_to_the_panel(cast, sent) if grant.rule == "12"]

    assert bound
    assert {grant.until_at for grant in bound} == {row.until}
    assert row.until.astimezone(policies.law.LONDON).date() == days(4)
    assert "signed_agreement" in bound[0].obligations


def test_a_renewal_is_a_line_of_its_own_and_the_past_stays_as_it_was(cast: Cast, lead):
    old = agreed(
        cast.school, cast.council, signed_on=days(-99), review_on=days(-9), ends_on=days(9)
    )

    new = agreements.renew(
        actor=lead, pk=old.pk, signed_on=TODAY, review_on=days(90), ends_on=days(99)
    )

    assert (new.renews, set(new.parties.all())) == (old, {cast.school, cast.council})
    assert Agreement.objects.get(pk=old.pk).ends_on == days(9)
    assert [event["obj"]["id"] for event in events("agreement.renewed")] == [str(new.pk)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"parties": []},
        {"title": " "},
        {"purposes": []},
        {"categories": []},
        {"review_on": days(0)},
        {"ends_on": days(9)},
    ],
    ids=str,
)
def test_an_agreement_says_between_whom_for_what_and_until_when(cast: Cast, lead, wrong):
    right = {
        "title": "An agreement",
        "parties": [cast.council, cast.school],
        "purposes": [Purpose.PANEL],
        "categories": [Category.IC4],
        "signed_on": days(0),
        "review_on": days(10),
        "ends_on": days(20),
    }

    with pytest.raises(DomainError):
        agreements.sign(actor=lead, **right | wrong)


def reminded() -> list[Notice]:
    return list(Notice.objects.filter(kind=Kind.AGREEMENT_DUE).exclude(status="suppressed"))


def test_its_review_is_announced_once_a_month_before_to_who_looks_after_it(cast: Cast, lead):
    days_of_one = {"signed_on": days(-9), "ends_on": days(99)}
    near = agreed(cast.school, cast.council, review_on=days(30), **days_of_one)
    agreed(cast.school, cast.council, review_on=days(31), **days_of_one)

    changes.sweep()
    changes.sweep()

    notices = reminded()
    leads = {lead.membership_id, Membership.objects.get(user__name="ivo").pk}
    assert {notice.recipient_id for notice in notices} == leads
    assert {(notice.cause, notice.case, notice.reference) for notice in notices} == {
        (near.pk, None, "")
    }
    assert len(notices) == 2


def test_an_agreement_that_is_over_or_renewed_is_not_announced(cast: Cast, lead):
    span = {"signed_on": days(-9), "review_on": days(1), "ends_on": days(99)}
    ended, renewed = (agreed(cast.school, cast.council, **span) for _ in range(2))
    agreements.end(actor=lead, pk=ended.pk, why="Replaced.")
    agreements.renew(
        actor=lead, pk=renewed.pk, signed_on=TODAY, review_on=days(98), ends_on=days(99)
    )
    agreed(cast.school, cast.council, signed_on=days(-9), review_on=days(-5), ends_on=days(-1))

    changes.sweep()

    assert reminded() == []


def test_only_an_information_governance_lead_writes_in_the_register(cast: Cast):
    row = theirs(cast)
    for who in cast.everyone().values():
        with pytest.raises(Refused):
            agreements.end(actor=who, pk=row.pk, why="Why.")
        with pytest.raises(Refused):
            agreements.renew(
                actor=who, pk=row.pk, signed_on=TODAY, review_on=days(9), ends_on=days(10)
            )


@pytest.mark.parametrize(
    "rewrites", [{"ends_on": days(999)}, {"title": "Another"}, {"categories": ["IC9"]}], ids=str
)
def test_sql_cannot_rewrite_or_delete_what_was_signed(cast: Cast, rewrites):
    rows = Agreement.objects.filter(pk=theirs(cast).pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**rewrites)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        theirs(cast).parties.remove(cast.council)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(ended_at=timezone.now())


def test_sql_cannot_add_who_signed_later(committed, cast: Cast, lead):
    row = agreements.sign(
        actor=lead,
        title="Between two",
        parties=[cast.council, cast.school],
        purposes=[Purpose.PANEL],
        categories=[Category.IC4],
        signed_on=days(0),
        review_on=days(10),
        ends_on=days(20),
    )
    nurses = cast.panel_nurse.agency_id
    rows = Agreement.objects.filter(pk=row.pk)

    with pytest.raises(DatabaseError, match="said when it is signed"):
        row.parties.add(nurses)
    with pytest.raises(DatabaseError, match="only ever given its end"):
        rows.update(title=row.title)
    with transaction.atomic():
        rows.update(ended_at=timezone.now(), ended_why="Over.")
        with pytest.raises(DatabaseError, match="said when it is signed"), transaction.atomic():
            row.parties.add(nurses)
    assert set(row.parties.all()) == {cast.council, cast.school}


def test_an_end_is_given_once_with_a_reason(cast: Cast, lead):
    with pytest.raises(DomainError, match="Write why"):
        agreements.end(actor=lead, pk=theirs(cast).pk, why=" ")
    row = agreements.end(actor=lead, pk=theirs(cast).pk, why="Over.")

    with pytest.raises(DomainError, match="ended already"):
        agreements.end(actor=lead, pk=row.pk, why="Again.")
    assert Examination.objects.get(agreement=row).status == "asked"


def test_the_front_door_reads_without_an_agreement(cast: Cast, lead, sent):
    """Only the rules that say so are bound: nobody stops a report of a concern."""
    agreements.end(actor=lead, pk=theirs(cast).pk, why="Over.")

    assert sent in casework.visible(cast.coordinator)

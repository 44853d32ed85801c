"""Same child and same case: a join links two cases, shows nobody anything, and can be undone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.audit.reports import check_all
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.matching import services
from referrals.matching.models import Join, Judgement
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Clock, Decision
from referrals.reading import read
from referrals.triage import services as triage
from referrals.vocabulary import ClockKind, Outcome
from referrals.workflow import Status
from sharing.rules.vocabulary import Purpose
from tests.cast import Cast, at_once, send, signed_in
from tests.matching.test_alike import NHS, OTHER_NHS, send_again, told
from tests.matching.test_judge import again, judge  # noqa: F401 - a fixture

WHY, TOLD = "Both schools confirm it by phone.", "We are working with the family."


def join(actor, case: Case, leading: Case, **changes: object) -> Join:
    given = {"reason": WHY, "told_referrer": TOLD, **changes}
    return services.join(actor=actor, reference=case.reference, other=leading.reference, **given)


def undo(actor, case: Case, other: Case, why: str = "It was a cousin.") -> Join:
    return services.undo(actor=actor, reference=case.reference, other=other.reference, why=why)


def read_by(who, case: Case):
    if not policies.visible(who).filter(pk=case.pk).exists():
        return None
    return [(item.key, item.text) for item in read(who, case, Purpose.SCREEN).items]


def what_everyone_reads(cast: Cast, *cases: Case):
    people = [who for who in cast.everyone().values() if "board" not in who.role]
    return {
        (who.name, case.pk): [pair for pair in read_by(who, case) or [] if pair[0] not in DECISION]
        for who in people
        for case in cases
    }


DECISION = {"outcome", "told_referrer", "reason"}


def test_a_joined_referral_leaves_the_board_by_a_decision(cast: Cast, sent: Case, again: Case):  # noqa: F811
    join(cast.coordinator, again, sent)

    again.refresh_from_db()
    decision = Decision.objects.get(case=again)
    assert again.status == Status.DECIDED
    assert decision.outcome == Outcome.JOINED
    assert WHY not in decision.reason, "who reads the decision need not know of the other case"
    assert Join.objects.get().reason == WHY
    waiting = policies.sights(cast.coordinator).waiting()
    assert set(waiting.values_list("case_id", flat=True)) == {sent.pk}
    assert Notice.objects.filter(kind=Kind.DECIDED, case=again.pk).exists()
    told = Notice.objects.filter(kind=Kind.ADDED, case=sent.pk)
    assert cast.manager.membership_id in told.values_list("recipient_id", flat=True)


@pytest.mark.parametrize("status", ["closed", "transferred", "withdrawn"])
def test_nothing_is_joined_to_a_case_that_is_over(cast: Cast, sent: Case, again: Case, status):  # noqa: F811
    Case.objects.filter(pk=sent.pk).update(
        status=status,
        decided_at=timezone.now(),
        coordinator=cast.coordinator.membership_id,
    )

    with pytest.raises(DomainError, match="work on the other case is over"):
        join(cast.coordinator, again, sent)

    same = judge(cast.coordinator, again, sent, Verdict.SAME)
    with pytest.raises(DatabaseError, match="the work goes on"), transaction.atomic():
        Join.objects.create(
            joined=again,
            leading=sent,
            judgement=same,
            reason="Why.",
            by_id=cast.coordinator.membership_id,
        )
    again.refresh_from_db()
    assert again.status == Status.RECEIVED


def test_a_join_shows_nobody_anything_more(cast: Cast, sent: Case):
    other = send_again(cast.charity_worker)
    before = what_everyone_reads(cast, sent, other)

    join(cast.coordinator, other, sent)

    assert what_everyone_reads(cast, sent, other) == before
    words = dict(read_by(cast.charity_worker, other))
    assert sent.reference not in str(words)
    assert "another case" not in words["outcome"].lower()


def test_an_undone_join_owes_a_decision_again_and_keeps_its_trail(cast, sent, again):  # noqa: F811
    before = what_everyone_reads(cast, sent, again)
    due = again.decision_due_at
    join(cast.coordinator, again, sent)
    assert not Clock.objects.running().filter(case=again).exists()

    Notice.objects.all().delete()
    made = undo(cast.second_coordinator, sent, again)
    with connection.cursor() as asks:
        asks.execute("SET CONSTRAINTS ALL IMMEDIATE")
        asks.execute("SET CONSTRAINTS ALL DEFERRED")

    owed = Notice.objects.filter(kind=Kind.TO_TRIAGE, case=again.pk)
    assert cast.coordinator.membership_id in owed.values_list("recipient_id", flat=True)
    again.refresh_from_db()
    assert (again.status, again.decided_at, again.decision_due_at) == (Status.CHECKING, None, due)
    assert policies.sights(cast.coordinator).waiting().filter(case=again).exists()
    runs = Clock.objects.running().get(case=again)
    assert (runs.kind, runs.due_at) == (ClockKind.DECISION, due)
    assert what_everyone_reads(cast, sent, again) == before
    assert (made.ended_why, made.reason) == ("It was a cousin.", WHY)
    assert Decision.objects.get(case=again).superseded_at is not None
    assert Judgement.objects.current().get().verdict == Verdict.SAME
    assert all(each.ok for each in check_all())

    triage.decide(
        actor=cast.coordinator,
        case=again,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )


def test_a_join_is_undone_and_never_changed_into_another_decision(cast, sent, again):  # noqa: F811
    join(cast.coordinator, again, sent)
    decision = Decision.objects.get(case=again)
    workspace = reverse("triage:workspace", args=[again.reference])
    typed = {"outcome": "assessment", "reason": "Why.", "told_referrer": "What."}
    typed |= {"checked": "yes"}
    typed |= {"next_on-day": "1", "next_on-month": "1", "next_on-year": "2099"}

    assert 'name="outcome"' not in signed_in(cast.coordinator).get(workspace).text
    answer = signed_in(cast.coordinator).post(
        reverse("triage:decide", args=[again.reference]),
        {**typed, "instead_of": str(decision.pk)},
    )
    assert answer.status_code == 409
    assert "Undo the join first" in answer.text
    assert Decision.objects.get(case=again).superseded_at is None


def test_nobody_joins_by_the_form_that_decides(cast: Cast, sent: Case):
    address = reverse("triage:decide", args=[sent.reference])
    typed = {"outcome": "joined", "reason": "Why.", "told_referrer": "What."}

    assert signed_in(cast.coordinator).post(address, typed).status_code == 422
    assert not Decision.objects.exists()


def test_the_database_sets_a_join_aside_only_with_the_case_back_on_the_board(cast, sent, again):  # noqa: F811
    join(cast.coordinator, again, sent)

    def set_aside(status: Status) -> None:
        with transaction.atomic(), connection.cursor() as asks:
            Decision.objects.filter(case=again).update(superseded_at=timezone.now())
            Case.objects.filter(pk=again.pk).update(status=status)
            asks.execute("SET CONSTRAINTS ALL IMMEDIATE")

    for status in (Status.DECIDED, Status.RECEIVED, Status.RETURNED):
        with pytest.raises(DatabaseError, match=r"has_a_decision|is_set_aside"):
            set_aside(status)
    set_aside(Status.CHECKING)


def test_a_join_may_be_made_again_after_it_was_undone(cast: Cast, sent: Case, again: Case):  # noqa: F811
    join(cast.coordinator, again, sent)
    undo(cast.coordinator, again, sent)
    join(cast.coordinator, again, sent)

    assert Join.objects.count() == 2
    assert Join.objects.current().count() == 1


def test_after_thirty_days_a_join_stays(cast: Cast, sent: Case, again: Case, monkeypatch):  # noqa: F811
    made = join(cast.coordinator, again, sent)
    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(timezone, "now", lambda: later)

    with pytest.raises(DomainError, match="more than 30 days ago"):
        undo(cast.coordinator, again, sent)
    with pytest.raises(DatabaseError, match="thirty_days"), transaction.atomic():
        Join.objects.filter(pk=made.pk).update(
            ended_at=later, ended_by=cast.coordinator.membership_id, ended_why="Late."
        )


def test_chains_and_cycles_are_refused_with_a_sentence(cast: Cast, sent: Case, again: Case):  # noqa: F811
    third = send(cast.teacher)
    join(cast.coordinator, again, sent)

    with pytest.raises(DomainError, match="is itself joined"):
        join(cast.coordinator, third, again)
    with pytest.raises(DomainError, match="are joined to this one"):
        join(cast.coordinator, sent, third)
    with pytest.raises(DomainError, match="waits for its decision"):
        join(cast.coordinator, again, third)
    with pytest.raises(NotVisible):
        join(cast.coordinator, sent, sent)


def test_the_database_refuses_what_is_no_join(cast: Cast, sent: Case, again: Case):  # noqa: F811
    third = send(cast.teacher)
    join(cast.coordinator, again, sent)
    same = judge(cast.coordinator, third, again, Verdict.SAME)
    same_as_leading = judge(cast.coordinator, third, sent, Verdict.SAME)

    def row(joined: Case, leading: Case, judgement: Judgement) -> None:
        Join.objects.create(
            joined=joined,
            leading=leading,
            judgement=judgement,
            reason="Why.",
            by_id=cast.coordinator.membership_id,
        )

    refused = {
        "no chain": lambda: row(third, again, same),
        "has no chain": lambda: row(sent, third, same_as_leading),
        "one_current": lambda: row(again, third, same),
        "rests on a judgement": lambda: row(third, sent, same),
        "itself|rests on|Two partnerships": lambda: row(third, third, same),
        "stands while a join": lambda: Judgement.objects.filter(
            pk=Join.objects.get().judgement_id
        ).update(
            ended_at=timezone.now(), ended_by=cast.coordinator.membership_id, ended_why="Wrong."
        ),
        "immutable": lambda: Join.objects.update(leading=third),
        "never deleted": lambda: Join.objects.all().delete(),
    }
    for says, act in refused.items():
        with pytest.raises(DatabaseError, match=says), transaction.atomic():
            act()


def test_a_decision_of_joining_without_a_join_is_refused(cast: Cast, sent: Case):
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.JOINED,
        reason="Why.",
        told_referrer="What.",
    )

    with (
        pytest.raises(DatabaseError, match="is joined to another one"),
        connection.cursor() as asks,
    ):
        asks.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_different_nhs_numbers_are_never_joined(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number=NHS))
    other = send(cast.teacher, answers=told(nhs_number=OTHER_NHS))

    with pytest.raises(DomainError, match="different NHS numbers"):
        join(cast.coordinator, one, other)
    one.refresh_from_db()
    assert one.status == Status.RECEIVED


def test_a_judgement_stands_while_a_join_rests_on_it(cast: Cast, sent: Case, again: Case):  # noqa: F811
    join(cast.coordinator, again, sent)

    with pytest.raises(DomainError, match="Undo the join first"):
        services.take_back(
            actor=cast.manager, reference=sent.reference, other=again.reference, why="Wrong."
        )


def test_whoever_does_not_coordinate_joins_nothing(cast: Cast, sent: Case, again: Case):  # noqa: F811
    with pytest.raises(Refused):
        join(cast.teacher, again, sent)
    with pytest.raises(NotVisible):
        join(cast.other_coordinator, again, sent)


def test_of_a_join_and_a_decision_at_once_one_wins(committed, cast: Cast):
    sent, other = send(cast.teacher), send_again(cast.teacher)
    answers = at_once(
        lambda: join(cast.coordinator, other, sent),
        lambda: triage.decide(
            actor=cast.second_coordinator,
            case=other,
            outcome=Outcome.ASSESSMENT,
            reason="Why.",
            told_referrer="What.",
        ),
    )

    assert sum(isinstance(each, DomainError) for each in answers) == 1
    assert Decision.objects.filter(case=other).count() == 1
    decided = Decision.objects.get(case=other).outcome == Outcome.JOINED
    assert Join.objects.filter(joined=other).exists() == decided


def test_two_who_compare_from_either_side_never_wait_for_ever(committed, cast: Cast):
    sent, other = send(cast.teacher), send_again(cast.teacher)

    def compared(who, one: Case, beside: Case):
        return lambda: services.compare(actor=who, reference=one.reference, other=beside.reference)

    for _ in range(5):
        answers = at_once(
            compared(cast.coordinator, sent, other),
            compared(cast.second_coordinator, other, sent),
            compared(cast.manager, sent, other),
        )
        assert not [each for each in answers if isinstance(each, Exception)]


def test_of_two_joins_that_cross_one_wins(committed, cast: Cast):
    sent, other = send(cast.teacher), send_again(cast.teacher)
    answers = at_once(
        lambda: join(cast.coordinator, other, sent),
        lambda: join(cast.second_coordinator, sent, other),
    )

    assert sorted(type(each).__name__ for each in answers) == ["DomainError", "Join"]
    assert Join.objects.count() == 1


def test_the_page_says_what_it_does_and_joins(cast: Cast, sent: Case, again: Case):  # noqa: F811
    client = signed_in(cast.coordinator)
    parts = [again.reference, sent.reference]
    page = client.get(reverse("matching:join", args=parts)).content.decode()
    assert "Nobody. Each team sees what it saw before." in page
    assert "which should people use?" in page

    typed = {"reason": WHY, "told_referrer": TOLD}
    assert client.post(reverse("matching:join", args=parts), typed).status_code == 422
    answer = client.post(
        reverse("matching:join", args=parts), typed | {"first_name": "theirs"}, follow=True
    )
    assert "Undo the join" in answer.content.decode()
    for one, other in (parts, parts[::-1]):
        page = client.get(reverse("matching:compare", args=[one, other])).content.decode()
        column = page.index("Use this") > page.index('data-label="The other case"')
        assert column == (one == again.reference)
    assert Join.objects.get().shown_first == {"name": "theirs"}

    answer = client.post(reverse("matching:undo", args=parts), {"why": "A cousin."}, follow=True)
    assert "waits for a decision again" in answer.content.decode()

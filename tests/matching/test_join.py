"""Same child and same case: a join links two cases, shows nobody anything, and can be undone."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.accounts.models import Partnership
from portal.audit.reports import check_all
from portal.common.errors import DomainError, NotVisible, Refused
from portal.home.reports import needs
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.matching import services
from referrals.matching.models import Join, Judgement, ProposedJoin
from referrals.matching.vocabulary import Verdict
from referrals.models import (
    Case,
    Clock,
    Decision,
    Grant,
    PriorityChange,
    Proposal,
    Statement,
    Wall,
)
from referrals.reading import read
from referrals.services import Told, chosen, correct, end_grants, protect
from referrals.services.signs import keep_signs
from referrals.triage import services as triage
from referrals.vocabulary import (
    HARM_SIGNS,
    ClockKind,
    Closing,
    Conflict,
    Danger,
    KnownHow,
    Outcome,
    Priority,
    Protect,
    Sign,
)
from referrals.workflow import Action, Status
from sharing.rules.vocabulary import Purpose
from tests.cast import Cast, at_once, events, send, signed_in
from tests.closing import again as opened
from tests.closing import ending
from tests.matching.test_alike import NHS, OTHER_NHS, send_again, told
from tests.matching.test_judge import again, judge, wall  # noqa: F401 - a fixture
from tests.referrals.test_closing import by_hand, checked

WHY, TOLD = "Both schools confirm it by phone.", "We are working with the family."


def join(actor, case: Case, leading: Case, **changes: object) -> Join | Proposal:
    given = {"reason": WHY, "told_referrer": TOLD, **changes}
    return triage.join(actor=actor, reference=case.reference, other=leading.reference, **given)


def undo(actor, case: Case, other: Case, why: str = "It was a cousin.") -> Join:
    return triage.undo(actor=actor, reference=case.reference, other=other.reference, why=why)


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
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )
    if status == "closed":
        triage.move(actor=cast.coordinator, case=sent, action=Action.OPEN, reason="Why.")
        triage.move(actor=cast.manager, case=sent, action=Action.STEP_DOWN, reason="Why.")
        triage.close(actor=cast.coordinator, case=sent, ending=ending())
    else:
        Case.objects.filter(pk=sent.pk).update(status=status)

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


def urgent(cast: Cast, **more: object) -> Case:
    """The same child, told of once more: it may be dangerous, and there is a sign of harm."""
    signs = {"saw": Told("A car."), "signs": replace(chosen("signs", [Sign.DEBT]), **more)}
    return send_again(cast.teacher, danger=Danger.UNSURE, answers=signs)


def test_where_the_work_goes_on_it_is_as_urgent_and_a_sign_of_harm_counts(cast: Cast, sent):
    assert not policies.may_be_harmed(sent)
    more = urgent(cast)

    join(cast.coordinator, more, sent)

    sent.refresh_from_db()
    assert (sent.priority, sent.harm_sign) == (Priority.URGENT, True)
    (change,) = PriorityChange.objects.all()
    assert (change.case, change.was, change.now) == (sent, Priority.STANDARD, Priority.URGENT)
    assert change.changed_by_id == cast.coordinator.membership_id
    assert more.reference not in change.reason
    (said,) = events("referral.prioritised")
    assert (said["obj"]["id"], said["why"]) == (str(sent.pk), "standard, urgent")
    # What is told of this one does not make it forget.
    keep_signs(sent)
    assert sent.harm_sign

    undo(cast.coordinator, more, sent)

    sent.refresh_from_db()
    assert (sent.priority, sent.harm_sign) == (Priority.URGENT, False)


def test_a_sign_of_harm_stays_as_long_as_one_case_tells_of_it(cast: Cast, sent):
    one, other = urgent(cast), urgent(cast)
    for each in (one, other):
        join(cast.coordinator, each, sent)

    undo(cast.coordinator, one, sent)

    sent.refresh_from_db()
    assert sent.harm_sign
    for changes in ({"harm_sign": False}, {"harm_sign": False, "sign_carried": False}):
        with pytest.raises(DatabaseError, match="case_"), transaction.atomic():
            Case.objects.filter(pk=sent.pk).update(**changes)

    undo(cast.coordinator, other, sent)

    sent.refresh_from_db()
    assert not sent.harm_sign


def signs_of(case: Case) -> Statement:
    return Statement.objects.get(case=case, question="signs", removed_at=None, answer="given")


def test_a_sign_concealed_after_the_join_no_longer_counts_where_the_work_goes_on(cast: Cast, sent):
    more = urgent(cast)
    join(cast.coordinator, more, sent)

    protect(actor=cast.teacher, statement=signs_of(more), protect=Protect.EXISTENCE)

    sent.refresh_from_db()
    assert (sent.sign_carried, sent.harm_sign) == (False, False)


def test_what_another_case_or_this_one_tells_still_counts_when_one_conceals(cast: Cast):
    one, other, leading = urgent(cast), urgent(cast), urgent(cast)
    for each in (one, other):
        join(cast.coordinator, each, leading)

    for each, carried in ((one, True), (other, False)):
        protect(actor=cast.teacher, statement=signs_of(each), protect=Protect.EXISTENCE)
        leading.refresh_from_db()
        assert (leading.sign_carried, leading.harm_sign) == (carried, True)


def test_a_sign_told_after_the_join_counts_where_the_work_goes_on(cast: Cast, sent):
    signs = {"saw": Told("A car."), "signs": chosen("signs", [Sign.GIFTS])}
    more = send_again(cast.teacher, answers=signs)
    join(cast.coordinator, more, sent)
    sent.refresh_from_db()
    assert not sent.harm_sign

    correct(
        actor=cast.teacher,
        statement=signs_of(more),
        text=Sign.DEBT.label,
        known_how=KnownHow.SAW,
        why="They told me more.",
    )

    sent.refresh_from_db()
    assert (sent.sign_carried, sent.harm_sign) == (True, True)


def test_a_sign_is_carried_by_nothing_but_a_join(cast: Cast):
    case = urgent(cast)
    with pytest.raises(DatabaseError, match="case_sign_is_carried_by_a_join"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(sign_carried=True)
    signs = signs_of(case)
    signs.pk, signs.protect = uuid4(), Protect.EXISTENCE
    signs.save(force_insert=True)
    with pytest.raises(DatabaseError, match="case_harm_sign_stays"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(harm_sign=False)


def test_the_database_knows_every_sign_of_harm_and_no_other(cast: Cast):
    signs = {"saw": Told("A car."), "signs": chosen("signs", [Sign.GIFTS])}
    row = signs_of(send_again(cast.teacher, answers=signs))
    for sign in Sign:
        with transaction.atomic(), connection.cursor() as asks:
            row.pk, row.text = uuid4(), sign.label
            row.save(force_insert=True)
            asks.execute("SELECT referrals_tells_of_harm(%s)", [row.case_id])
            assert asks.fetchone() == (sign in HARM_SIGNS,), sign
            transaction.set_rollback(True)


def test_a_join_lowers_nothing_and_carries_nothing_that_is_concealed(cast: Cast, again):  # noqa: F811
    leading = send(cast.teacher, danger=Danger.YES)

    join(cast.coordinator, urgent(cast, protect=Protect.EXISTENCE), leading)

    leading.refresh_from_db()
    assert (leading.priority, leading.harm_sign) == (Priority.IMMEDIATE, False)
    assert not PriorityChange.objects.exists()


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
    with pytest.raises(DomainError, match="Coral Dinator, MASE coordinator, decided this on"):
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


def test_where_name_and_birth_date_both_differ_a_page_stops_whoever_joins(cast, sent):
    cousin = send_again(cast.teacher, date_of_birth=date(2013, 5, 9))
    client, address = (
        signed_in(cast.coordinator),
        reverse("triage:join", args=[cousin.reference, sent.reference]),
    )

    stop = client.get(address).text
    assert "Are you sure that this is one child?" in stop
    assert "Rena Sparowhawk" in stop
    assert "<textarea" not in stop
    (on,) = html.fromstring(stop).xpath("//a[contains(., 'I have checked')]/@href")
    page = client.get(f"{address}{on}").text
    assert "The name and the birth date both differ." in page
    assert "which should people use?" in page


def test_the_page_says_what_it_does_and_joins(cast: Cast, sent: Case, again: Case):  # noqa: F811
    client = signed_in(cast.coordinator)
    parts = [again.reference, sent.reference]
    page = client.get(reverse("triage:join", args=parts)).content.decode()
    assert "Nobody. Each team sees what it saw before." in page
    assert "which should people use?" in page

    choices = html.fromstring(page).xpath("//input[@name='first_name']/..")
    words = [" ".join(choice.text_content().split()) for choice in choices]
    assert [said.partition(". ")[0] for said in words] == [
        "Rena Sparowhawk This case",
        "Wrenna Sparrowhawk The other case",
    ], "both values stand where it is asked which one people should use"
    assert not html.fromstring(page).xpath("//main//form//input[@checked]")

    typed = {"reason": WHY, "told_referrer": TOLD}
    refused = client.post(reverse("triage:join", args=parts), typed)
    assert refused.status_code == 422
    assert "Choose which name to show first" in refused.text
    answer = client.post(
        reverse("triage:join", args=parts), typed | {"first_name": "theirs"}, follow=True
    )
    assert "Undo the join" in answer.content.decode()
    for one, other in (parts, parts[::-1]):
        page = client.get(reverse("matching:compare", args=[one, other])).content.decode()
        column = page.index("Use this") > page.index('data-label="The other case"')
        assert column == (one == again.reference)
    assert Join.objects.get().shown_first == {"name": "theirs"}

    answer = client.post(reverse("triage:undo", args=parts), {"why": "A cousin."}, follow=True)
    assert "waits for a decision again" in answer.content.decode()


# --- A second person, where the partnership wants one ---------------------------------------------


@pytest.fixture
def takes_two(cast: Cast) -> None:
    Partnership.objects.filter(pk=cast.partnership.pk).update(join_takes_two=True)


def say(who, made, *, accepts=True, words=""):
    return triage.answer(actor=who, pk=made.pk, accepts=accepts, words=words)


@pytest.mark.usefixtures("takes_two")
def test_where_it_takes_two_a_join_waits_for_another_person(cast: Cast, sent: Case, again: Case):  # noqa: F811
    made = join(cast.coordinator, again, sent, shown_first={"name": "theirs"})

    assert isinstance(made, Proposal)
    again.refresh_from_db()
    assert again.status == Status.RECEIVED
    assert not Join.objects.exists()
    assert not Judgement.objects.exists()
    asked = Notice.objects.filter(kind=Kind.SECOND_ASKED).values_list("recipient_id", flat=True)
    assert set(asked) == {cast.second_coordinator.membership_id, cast.manager.membership_id}
    with pytest.raises(Refused, match="another person"):
        say(cast.coordinator, made)

    say(cast.second_coordinator, made)

    with connection.cursor() as asks:
        asks.execute("SET CONSTRAINTS ALL IMMEDIATE")
        asks.execute("SET CONSTRAINTS ALL DEFERRED")
    joined = Join.objects.get()
    assert (joined.joined_id, joined.leading_id) == (again.pk, sent.pk)
    assert (joined.reason, joined.shown_first) == (WHY, {"name": "theirs"})
    assert joined.by_id == cast.coordinator.membership_id
    decision = Decision.objects.get(case=again)
    assert decision.outcome == Outcome.JOINED
    assert decision.confirmed_by_id == cast.second_coordinator.membership_id
    assert all(each.ok for each in check_all())
    undo(cast.coordinator, again, sent)


@pytest.mark.usefixtures("takes_two")
def test_a_yes_to_a_join_lets_nobody_close_alone(cast: Cast, sent: Case, again: Case):  # noqa: F811
    say(cast.second_coordinator, join(cast.coordinator, again, sent))

    for who in (cast.coordinator, cast.second_coordinator, cast.manager):
        with pytest.raises(DomainError, match="One person alone"):
            triage.close(actor=who, case=again, ending=ending(reason=Closing.JOINED))
    with pytest.raises(DatabaseError, match="case_is_closed_by_two_people"):
        checked(lambda: by_hand(again, cast.manager))


def test_a_join_of_a_closed_case_is_undone_once_it_is_reopened(cast: Cast, sent: Case, again: Case):  # noqa: F811
    join(cast.coordinator, again, sent)
    triage.move(actor=cast.coordinator, case=again, action=Action.OPEN, reason="A plan.")
    triage.move(actor=cast.coordinator, case=again, action=Action.STEP_DOWN, reason="Together.")
    again.refresh_from_db()
    triage.close(actor=cast.manager, case=again, ending=ending(reason=Closing.JOINED))

    with pytest.raises(DomainError, match="Reopen it first"):
        undo(cast.coordinator, again, sent)
    assert Join.objects.current().exists()

    again.refresh_from_db()
    triage.reopen(actor=cast.manager, case=again, again=opened(again))
    undo(cast.coordinator, again, sent)
    assert not Join.objects.current().exists()


@pytest.mark.usefixtures("takes_two")
def test_a_no_leaves_both_cases_as_they_are(cast: Cast, sent: Case, again: Case):  # noqa: F811
    made = join(cast.coordinator, again, sent)

    say(cast.manager, made, accepts=False, words="They are cousins.")

    again.refresh_from_db()
    assert again.status == Status.RECEIVED
    assert not Join.objects.exists()
    assert not Decision.objects.exists()


@pytest.mark.usefixtures("takes_two")
def test_whoever_may_not_know_of_the_other_case_is_not_asked_and_says_no_yes(cast, sent, again):  # noqa: F811
    wall(cast, sent)

    made = join(cast.second_coordinator, again, sent)

    asked = Notice.objects.filter(kind=Kind.SECOND_ASKED).values_list("recipient_id", flat=True)
    assert set(asked) == {cast.manager.membership_id}
    address = reverse("triage:proposal", args=[again.reference, made.pk])
    page = signed_in(cast.coordinator).get(address).text
    assert sent.reference not in page
    assert WHY not in page
    assert "This waits for another person." in page
    for accepts in (True, False):
        with pytest.raises(Refused, match="takes another person"):
            say(cast.coordinator, made, accepts=accepts, words="No.")
    assert asked_of(cast.coordinator) == 0
    assert asked_of(cast.manager) == 1
    page = signed_in(cast.manager).get(address).text
    assert f"Joined to {sent.reference}" in page
    assert WHY in page


def asked_of(who) -> int:
    """How many decisions wait for this person's yes, as both pages count them."""
    (listed,) = {len(triage.handovers(actor=who)[1]), needs(who).asked}
    return listed


def _wall_the_manager(cast: Cast, case: Case) -> None:
    Wall.objects.create(
        case=case,
        user_id=cast.manager.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.coordinator.membership_id,
    )


def _keep_who_it_is_from_the_manager(cast: Cast, case: Case) -> None:
    live = Grant.objects.live().filter(content_object=case, group_id=cast.manager.team_id)
    grant = live.filter(categories__contains=["IC1"]).get()
    end_grants(cast.coordinator, case, live, "Too much.")
    rest = [each for each in grant.categories if each != "IC1"]
    grant.pk, grant.categories, grant._state.adding = uuid4(), rest, True
    grant.save(force_insert=True)


@pytest.mark.usefixtures("takes_two")
@pytest.mark.parametrize("keep", [_wall_the_manager, _keep_who_it_is_from_the_manager])
def test_a_manager_who_may_not_know_whom_the_leading_case_is_about_is_not_asked(
    cast,
    sent,
    again,  # noqa: F811
    keep,
):
    keep(cast, sent)

    made = join(cast.coordinator, again, sent)

    asked = Notice.objects.filter(kind=Kind.SECOND_ASKED).values_list("recipient_id", flat=True)
    assert set(asked) == {cast.second_coordinator.membership_id}
    assert asked_of(cast.manager) == 0
    assert asked_of(cast.second_coordinator) == 1
    waits = triage.waits_for(actor=cast.manager, case=again)
    assert (waits.joins, waits.who_else) == ("", "another person")
    with pytest.raises(Refused, match="takes another person"):
        say(cast.manager, made)


@pytest.mark.parametrize("third_is", ["joined", "leading"])
def test_of_a_third_case_only_those_hear_who_may_know_of_it(cast, sent, again, third_is):  # noqa: F811
    third = send(cast.teacher)
    join(cast.manager, *((third, again) if third_is == "joined" else (sent, third)))
    wall(cast, third)

    with pytest.raises(DomainError, match=r"^These two cannot be joined now. Ask a manager.$"):
        join(cast.coordinator, again, sent)
    with pytest.raises(DomainError, match="joined to"):
        join(cast.second_coordinator, again, sent)


@pytest.mark.usefixtures("takes_two")
def test_numbers_that_came_to_differ_are_looked_at_again(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number=NHS))
    other = send(cast.teacher, answers=told(nhs_number="not known yet"))
    judge(cast.coordinator, one, other, Verdict.SAME)
    made = join(cast.coordinator, one, other)
    correct(
        actor=cast.teacher,
        statement=Statement.objects.get(case=other, question="nhs_number"),
        text=OTHER_NHS,
        known_how=KnownHow.RECORD,
        why="found it",
    )

    with pytest.raises(DomainError, match="different NHS numbers"):
        say(cast.manager, made)
    say(cast.coordinator, made, accepts=False, words="Not now.")
    Partnership.objects.filter(pk=cast.partnership.pk).update(join_takes_two=False)
    with pytest.raises(DomainError, match="different NHS numbers"):
        join(cast.coordinator, one, other)


@pytest.mark.usefixtures("takes_two")
def test_children_who_were_told_apart_are_not_proposed_as_one(cast, sent, again):  # noqa: F811
    judge(cast.manager, again, sent)

    with pytest.raises(DomainError, match=r"decided this at .*: not the same child"):
        join(cast.coordinator, again, sent)

    assert not Proposal.objects.exists()


@pytest.mark.usefixtures("takes_two")
def test_that_it_is_one_child_is_the_judgement_of_who_proposed_the_join(cast, sent, again):  # noqa: F811
    made = join(cast.coordinator, again, sent)

    say(cast.manager, made)

    held = Judgement.objects.get()
    assert (held.by_id, held.reason) == (cast.coordinator.membership_id, WHY)


@pytest.mark.usefixtures("takes_two")
def test_what_has_changed_since_it_was_proposed_is_asked_again(cast: Cast, sent: Case, again: Case):  # noqa: F811
    made = join(cast.coordinator, again, sent)
    other = send(cast.teacher)
    first = join(cast.coordinator, sent, other)
    say(cast.manager, first)

    with pytest.raises(DomainError, match="is itself joined"):
        say(cast.manager, made)


@pytest.mark.usefixtures("takes_two")
def test_two_children_are_not_even_proposed_as_one(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number=NHS))
    other = send(cast.teacher, answers=told(nhs_number=OTHER_NHS))

    with pytest.raises(DomainError, match="different NHS numbers"):
        join(cast.coordinator, one, other)
    assert not Proposal.objects.exists()


@pytest.mark.usefixtures("takes_two")
def test_the_page_says_that_it_waits_and_the_proposal_never_changes(cast, sent, again):  # noqa: F811
    address = reverse("triage:join", args=[again.reference, sent.reference])
    client = signed_in(cast.coordinator)
    assert "A second person must say yes first." in client.get(address).text

    typed = {"reason": WHY, "told_referrer": TOLD, "first_name": "mine"}
    answer = client.post(address, typed, follow=True)

    assert "A second person is asked to say yes." in answer.text
    for act in (ProposedJoin.objects.all().delete, lambda: ProposedJoin.objects.update(reason="X")):
        with pytest.raises(DatabaseError, match=r"immutable|never deleted"), transaction.atomic():
            act()

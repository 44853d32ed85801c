"""A case is closed by the closure test, is looked at again, and is reopened by a decision."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Clock, Closure, Decision, Grant, LookBack, Move
from referrals.reading import read
from referrals.services import clocks
from referrals.triage import policies as triage
from referrals.triage import services
from referrals.vocabulary import ClockKind, Closing, Found, Outcome, Side
from referrals.workflow import Action, Status
from sharing.rules.vocabulary import Purpose
from tests.cast import Cast, at_once, events, membership, send, signed_in
from tests.closing import again, answers, closed, ending, to_close, typed, typed_again


def close(cast: Cast, case: Case, who=None, **changes) -> Closure:
    return services.close(actor=who or cast.coordinator, case=case, ending=ending(**changes))


def told(kind: Kind) -> set[UUID]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def on_its_day(case: Case) -> None:
    """The day on which somebody looks at it again has come."""
    now = timezone.now()
    due = Clock.objects.filter(case=case, kind=ClockKind.LOOK_BACK, stopped_at__isnull=True)
    assert due.update(near_at=now, due_at=now) == 1


# --- Closing ------------------------------------------------------------------------------------


def test_a_case_is_closed_by_the_test_and_everything_of_it_is_kept(cast: Cast):
    case = to_close(cast)
    page = reverse("triage:close", args=[case.reference])

    answer = signed_in(cast.coordinator).post(page, typed())

    assert answer.url == reverse("referrals:case", args=[case.reference])
    case.refresh_from_db()
    kept = Closure.objects.get(case=case)
    assert case.status == Status.CLOSED
    assert kept.answers["child_view"] == {
        "answer": "yes",
        "words": ending().answers["child_view"].words,
    }
    assert set(kept.answers) == {str(each) for each in answers()}
    assert (kept.agreed_by, kept.closed_by_id) == (
        ending().agreed_by,
        cast.coordinator.membership_id,
    )
    assert kept.look_back_on == timezone.localdate() + timedelta(days=90)
    assert Move.objects.get(case=case, action=Action.CLOSE).reason == ending().words
    assert [body["why"] for body in events("case.closed")] == ["safe"]
    assert ending().words not in str(events("case.closed"))
    running = Clock.objects.filter(case=case, stopped_at__isnull=True)
    assert [(each.kind, each.settings["days"]) for each in running] == [(ClockKind.LOOK_BACK, 90)]


def test_the_page_chooses_nothing_and_asks_for_every_answer(cast: Cast):
    case = to_close(cast)
    client = signed_in(cast.coordinator)
    page = reverse("triage:close", args=[case.reference])

    shown = client.get(page).text
    empty = client.post(page, {"words": ""})

    assert "checked" not in shown
    assert empty.status_code == 422
    for asked in answers():
        assert f"Answer: {asked.label}" in empty.text.replace("&#x27;", "'")
    assert Case.objects.get().status == Status.STEPPING_DOWN


def test_what_is_no_reason_by_itself_is_not_in_the_list():
    said = " ".join(Closing.labels).lower()
    assert "engag" not in said
    assert "moved" not in said
    assert "contact" not in said


def test_whoever_stepped_it_down_does_not_close_it_too(cast: Cast):
    case = to_close(cast)

    with pytest.raises(DomainError, match="One person alone"):
        close(cast, case, cast.second_coordinator)

    assert close(cast, case)


@pytest.mark.parametrize("part", ["words", "goes_on_with", "agreed_by", "told_referrer"])
def test_no_closing_without_each_of_its_words(cast: Cast, part):
    case = to_close(cast)

    with pytest.raises(DomainError, match="Write"):
        close(cast, case, **{part: " \n"})

    assert (
        signed_in(cast.coordinator)
        .post(reverse("triage:close", args=[case.reference]), typed(**{part: " "}))
        .status_code
        == 422
    )
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("code", "answer"),
    [("child_view", Found.YES), ("plan", Found.NO), ("police", Found.NO), ("family", Found.NO)],
)
def test_an_answer_that_needs_words_is_not_taken_without(cast: Cast, code, answer):
    case = to_close(cast)
    bare = ending(answers=answers(**{code: (answer, "")}))

    with pytest.raises(DomainError):
        services.close(actor=cast.coordinator, case=case, ending=bare)

    page = reverse("triage:close", args=[case.reference])
    assert signed_in(cast.coordinator).post(page, typed(bare)).status_code == 422


def gaps(count: int) -> dict[str, tuple[Found, str]]:
    codes = ("family", "referrer", "police", "gaps")[:count]
    return dict.fromkeys(codes, (Found.NOT_KNOWN, "Nobody could say."))


def test_more_than_three_in_ten_not_known_keep_the_case_open(cast: Cast):
    case = to_close(cast)

    with pytest.raises(DomainError, match="3 of 9 answers are not known"):
        close(cast, case, answers=answers(**gaps(3)))

    assert Case.objects.get().status == Status.STEPPING_DOWN
    assert close(cast, case, answers=answers(**gaps(2)))


@pytest.mark.parametrize("code", ["new_harm", "missing", "contact"])
@pytest.mark.parametrize("answer", [Found.YES, Found.NOT_KNOWN])
def test_a_sign_of_harm_takes_a_manager(cast: Cast, code, answer):
    case = to_close(cast)
    harm = answers(**{code: (answer, "Her plan looks at it.")})

    with pytest.raises(DomainError, match="front door manager"):
        close(cast, case, answers=harm)

    assert close(cast, case, cast.manager, answers=harm)


def test_a_step_that_is_not_done_keeps_the_case_open(cast: Cast):
    case = send(cast.teacher)
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.EARLY_HELP,
        reason="Why.",
        told_referrer="What.",
        then=services.Then(sides=(Side.MISSING,)),
    )
    services.move(actor=cast.coordinator, case=case, action=Action.OPEN, reason="A plan.")
    who = cast.second_coordinator
    services.move(actor=who, case=case, action=Action.STEP_DOWN, reason="Better.")

    with pytest.raises(DomainError, match="is not done"):
        close(cast, case)

    services.finish_side(actor=cast.coordinator, pk=case.sides.get().pk, words="Done.")
    assert close(cast, case)


def test_a_bare_reason_closes_nothing(cast: Cast):
    case = to_close(cast)
    client = signed_in(cast.manager)

    with pytest.raises(DomainError, match="more than a reason"):
        services.move(actor=cast.manager, case=case, action=Action.CLOSE, reason="Safe.")
    address = f"/referrals/{case.reference}/step/close/"
    assert client.post(address, {"reason": "Safe."}).status_code == 404
    assert Case.objects.get().status == Status.STEPPING_DOWN


def test_only_the_front_door_closes_and_the_rest_learn_nothing(cast: Cast):
    case = to_close(cast)
    page = reverse("triage:close", args=[case.reference])

    assert signed_in(cast.teacher).get(page).status_code == 403
    assert signed_in(cast.colleague).get(page).status_code == 404
    with pytest.raises(Refused):
        close(cast, case, cast.teacher)
    with pytest.raises(NotVisible):
        close(cast, case, cast.colleague)


def test_the_panel_loses_the_case_and_is_told_that_work_on_it_is_over(cast: Cast):
    case = to_close(cast, Outcome.PANEL)
    Notice.objects.all().delete()
    panel = {
        each.membership_id for each in (cast.panel_officer, cast.panel_nurse, cast.panel_chair)
    }

    close(cast, case)

    live = Grant.objects.live().filter(content_object=case)
    assert not live.filter(purpose=Purpose.PANEL).exists()
    assert live.filter(group=membership(cast.coordinator).team).exists()
    for who in (cast.panel_officer, cast.panel_nurse, cast.panel_chair):
        assert not policies.visible(who).filter(pk=case.pk).exists()
    assert panel <= told(Kind.CLOSED)
    assert cast.coordinator.membership_id not in told(Kind.CLOSED)
    assert set(Notice.objects.filter(kind=Kind.CLOSED).values_list("reference", flat=True)) == {""}


def test_who_referred_reads_what_was_written_for_them(cast: Cast):
    case = closed(cast)

    assert cast.teacher.membership_id in told(Kind.MOVED)
    page = signed_in(cast.teacher).get(reverse("referrals:case", args=[case.reference])).text
    assert ending().told_referrer in page
    assert ending().words not in page
    assert read(cast.teacher, case, Purpose.SCREEN).told_referrer == ending().told_referrer


def test_how_it_was_closed_is_read_by_those_who_oversee_it(cast: Cast):
    case = closed(cast)

    for page in ("triage:workspace", "triage:look-back"):
        shown = signed_in(cast.manager).get(reverse(page, args=[case.reference])).text
        assert ending().agreed_by in shown, page
        assert "She says that it is better now." in shown, page
    assert services.closed(actor=cast.teacher, case=case) is None
    page = reverse("triage:look-back", args=[case.reference])
    assert signed_in(cast.teacher).get(page).status_code == 403


def test_the_page_asks_first_whether_this_person_may_close(cast: Cast):
    case = to_close(cast)
    page = reverse("triage:close", args=[case.reference])

    refused = signed_in(cast.second_coordinator).get(page)
    assert refused.status_code == 409
    assert "One person alone" in refused.text
    assert signed_in(cast.coordinator).get(page).status_code == 200

    Case.objects.filter(pk=case.pk).update(harm_sign=True)
    refused = signed_in(cast.coordinator).get(page)
    assert refused.status_code == 409
    assert "front door manager" in refused.text
    assert signed_in(cast.manager).get(page).status_code == 200


def test_the_work_goes_on_in_another_case_only_if_it_is_joined_to_one(cast: Cast):
    case = to_close(cast)

    with pytest.raises(DomainError, match="not joined to another one"):
        close(cast, case, reason=Closing.JOINED)

    assert Case.objects.get().status == Status.STEPPING_DOWN


# --- The database -------------------------------------------------------------------------------


def checked(act) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        act()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_knows_no_closed_case_without_its_closure(cast: Cast):
    case = to_close(cast)

    with pytest.raises(DatabaseError, match="case_closed_has_its_closure_test"):
        checked(lambda: Case.objects.filter(pk=case.pk).update(status=Status.CLOSED))


def test_the_database_opens_no_closed_case_without_a_decision(cast: Cast):
    case = closed(cast)

    with pytest.raises(DatabaseError, match="case_with_a_closure_is_closed"):
        checked(lambda: Case.objects.filter(pk=case.pk).update(status=Status.OPEN))

    def quietly() -> None:
        Closure.objects.update(reopened_at=timezone.now())
        Case.objects.filter(pk=case.pk).update(status=Status.OPEN)

    with pytest.raises(DatabaseError, match="case_is_reopened_by_a_decision"):
        checked(quietly)


def test_the_database_reopens_a_case_by_a_decision_after_its_last_closing(cast: Cast):
    case = closed(cast)
    services.reopen(actor=cast.manager, case=case, again=again(case))
    services.move(actor=cast.manager, case=case, action=Action.STEP_DOWN, reason="Better.")
    close(cast, case)

    def quietly() -> None:
        Closure.objects.filter(reopened_at__isnull=True).update(reopened_at=timezone.now())
        Case.objects.filter(pk=case.pk).update(status=Status.OPEN)

    with pytest.raises(DatabaseError, match="case_is_reopened_by_a_decision"):
        checked(quietly)


def by_hand(case: Case, who, *, of: Case | None = None, action: Action = Action.CLOSE) -> None:
    """Close a case past every service; the step may be another, or another case's."""
    move = Move.objects.create(
        case=of or case, action=action, reason="Why.", moved_by_id=who.membership_id
    )
    now = timezone.now()
    said = ending()
    Closure.objects.create(
        case=case,
        move=move,
        reason=said.reason,
        goes_on_with=said.goes_on_with,
        agreed_by=said.agreed_by,
        told_referrer=said.told_referrer,
        answers={
            str(asked): {"answer": str(each.answer), "words": each.words}
            for asked, each in said.answers.items()
        },
        closed_by_id=who.membership_id,
        closed_at=now,
        look_back_on=now.date(),
    )
    Case.objects.filter(pk=case.pk).update(status=Status.CLOSED)


def test_the_database_lets_no_one_person_close(cast: Cast):
    decided, stepped = send(cast.teacher), to_close(cast)
    services.decide(
        actor=cast.coordinator,
        case=decided,
        outcome=Outcome.EARLY_HELP,
        reason="Why.",
        told_referrer="What.",
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0].startswith("portal_app")
    for case, who in ((decided, cast.manager), (stepped, cast.second_coordinator)):
        with pytest.raises(DatabaseError, match="case_is_closed_by_two_people"):
            checked(lambda case=case, who=who: by_hand(case, who))
    checked(lambda: by_hand(stepped, cast.coordinator))


def test_the_database_closes_a_case_by_its_own_step(cast: Cast):
    case, other = to_close(cast), send(cast.teacher)

    for wrong in ({"of": other}, {"action": Action.OPEN}):
        with pytest.raises(DatabaseError, match="closure_is_of_its_own_step"):
            checked(lambda wrong=wrong: by_hand(case, cast.coordinator, **wrong))


def like(closure: Closure, **changes) -> Closure:
    copied = {
        field.name: getattr(closure, field.name)
        for field in Closure._meta.concrete_fields
        if field.name not in {"id", "created_at", "reopened_at"}
    }
    return Closure(**{**copied, **changes})


@pytest.mark.parametrize(
    ("code", "answer", "says"),
    [
        ("child_view", None, "closure_test_is_answered"),
        ("police", {"answer": "perhaps", "words": ""}, "closure_test_is_answered"),
        ("police", {"answer": "no", "words": " "}, "closure_answer_has_its_words"),
        ("plan", {"answer": "yes", "words": ""}, "closure_answer_has_its_words"),
    ],
)
def test_the_database_refuses_a_test_that_is_not_whole(cast: Cast, code, answer, says):
    kept = Closure.objects.get(case=closed(cast))
    changed = {key: value for key, value in kept.answers.items() if key != code}
    if answer is not None:
        changed[code] = answer

    with pytest.raises(DatabaseError, match=says):
        checked(lambda: like(kept, answers=changed).save())


def test_the_database_refuses_a_test_with_too_many_gaps(cast: Cast):
    kept = Closure.objects.get(case=closed(cast))
    unknown = {"answer": "not_known", "words": "Nobody could say."}
    changed = kept.answers | dict.fromkeys(("family", "police", "gaps"), unknown)

    with pytest.raises(DatabaseError, match="closure_test_has_few_gaps"):
        checked(lambda: like(kept, answers=changed).save())


def test_a_closure_never_changes_and_never_goes(cast: Cast):
    case = closed(cast)

    for changes in ({"agreed_by": "Nobody"}, {"answers": {}}, {"look_back_on": "2030-01-01"}):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            Closure.objects.update(**changes)
    with pytest.raises(DatabaseError), transaction.atomic():
        Closure.objects.all()._raw_delete("default")
    services.reopen(actor=cast.manager, case=case, again=again(case))
    with pytest.raises(DatabaseError, match="has ended"), transaction.atomic():
        Closure.objects.update(reopened_at=None)


# --- The look back ------------------------------------------------------------------------------


def look(cast: Cast, case: Case, **changes) -> LookBack:
    given = {
        "safe": Found.YES,
        "asked": "The school nurse",
        "words": "She is well.",
        "reopens": False,
    }
    return services.look_back(actor=cast.coordinator, case=case, **{**given, **changes})


def test_after_ninety_days_it_comes_before_its_coordinator_and_the_managers_once(cast: Cast):
    case = closed(cast)
    clocks.sweep()
    assert told(Kind.LOOK_BACK) == set()
    on_its_day(case)

    assert (clocks.sweep(), clocks.sweep()) == (1, 0)

    assert told(Kind.LOOK_BACK) == {cast.coordinator.membership_id, cast.manager.membership_id}
    assert not told(Kind.CLOCK_PASSED)
    assert Notice.objects.filter(kind=Kind.LOOK_BACK).count() == 2
    assert [row.reference for row, _ in services.look_backs(actor=cast.manager)] == [case.reference]
    home = signed_in(cast.coordinator).get(reverse("home:home")).text
    assert "1 closed case to look at again" in home


def test_what_was_found_is_kept_once_and_asks_no_more(cast: Cast):
    case = closed(cast)
    with pytest.raises(DomainError, match="too early"):
        look(cast, case)
    on_its_day(case)
    page = reverse("triage:look-back", args=[case.reference])
    client = signed_in(cast.coordinator)
    words = {"safe": "yes", "asked": "The nurse", "words": "She is well.", "reopens": "no"}

    assert client.post(page, {}).status_code == 422
    first, second = client.post(page, words), client.post(page, words)

    assert (first.status_code, second.status_code) == (302, 409)
    kept = LookBack.objects.get()
    assert (kept.safe, kept.asked, kept.reopens) == (Found.YES, "The nurse", False)
    assert not Clock.objects.filter(kind=ClockKind.LOOK_BACK, stopped_at__isnull=True).exists()
    assert services.look_backs(actor=cast.manager) == []
    assert [body["why"] for body in events("case.looked_back")] == ["yes"]
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        LookBack.objects.update(words="Else.")


def test_a_look_that_finds_reason_leads_to_the_page_that_reopens(cast: Cast):
    case = closed(cast)
    on_its_day(case)
    page = reverse("triage:look-back", args=[case.reference])
    words = {"safe": "no", "asked": "The nurse", "words": "Seen again.", "reopens": "yes"}

    answer = signed_in(cast.coordinator).post(page, words)

    assert answer.url == reverse("triage:reopen", args=[case.reference])
    assert Case.objects.get().status == Status.CLOSED


# --- Reopening ----------------------------------------------------------------------------------


def test_a_closed_case_is_reopened_with_a_reason_an_owner_and_the_next_date(cast: Cast):
    case = closed(cast)
    next_on = timezone.localdate() + timedelta(days=3)
    given = again(case, owner=cast.second_coordinator.membership_id, next_on=next_on)
    page = reverse("triage:reopen", args=[case.reference])
    client = signed_in(cast.manager)

    assert client.post(page, {}).status_code == 422
    answer = client.post(page, typed_again(given))

    assert answer.url == reverse("referrals:case", args=[case.reference])
    case.refresh_from_db()
    assert (case.status, case.coordinator_id) == (Status.OPEN, given.owner)
    made = Decision.objects.get(case=case, superseded_at__isnull=True)
    assert (made.outcome, made.reason, made.owner_id, made.next_on) == (
        Outcome.REOPENED,
        given.reason,
        given.owner,
        next_on,
    )
    assert Decision.objects.filter(case=case).count() == 2
    kept = Closure.objects.get(case=case)
    assert kept.reopened_at is not None
    assert kept.agreed_by == ending().agreed_by
    assert not Clock.objects.filter(case=case, stopped_at__isnull=True).exists()
    assert cast.second_coordinator.membership_id in told(Kind.GIVEN)
    assert len(events("case.reopened")) == 1
    shown = signed_in(cast.teacher).get(reverse("referrals:case", args=[case.reference])).text
    assert given.told_referrer in shown
    assert ending().told_referrer not in shown


def test_what_was_shared_does_not_come_back_by_itself(cast: Cast):
    case = closed(cast, Outcome.PANEL)
    before = Grant.objects.count()

    services.reopen(actor=cast.manager, case=case, again=again(case))

    assert Grant.objects.count() == before
    for who in (cast.panel_officer, cast.panel_nurse, cast.panel_chair):
        assert not policies.visible(who).filter(pk=case.pk).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": " "},
        {"told_referrer": ""},
        {"next_on": timezone.localdate() - timedelta(days=1)},
        {"owner": UUID(int=1)},
    ],
)
def test_no_reopening_without_each_of_the_four(cast: Cast, changes):
    case = closed(cast)

    with pytest.raises(DomainError):
        services.reopen(actor=cast.manager, case=case, again=again(case, **changes))

    assert Case.objects.get().status == Status.CLOSED


def test_a_case_is_closed_again_by_another_test(cast: Cast):
    case = closed(cast)
    services.reopen(actor=cast.manager, case=case, again=again(case))

    services.move(actor=cast.manager, case=case, action=Action.STEP_DOWN, reason="Better.")
    close(cast, case)

    assert Closure.objects.filter(case=case).count() == 2
    assert Closure.objects.get(case=case, reopened_at__isnull=True)


def test_of_two_who_close_at_once_one_does(committed, cast: Cast):
    case = to_close(cast)

    found = at_once(lambda: close(cast, case), lambda: close(cast, case, cast.manager))

    assert len([each for each in found if isinstance(each, Closure)]) == 1, found
    assert len([each for each in found if isinstance(each, DomainError)]) == 1, found


def test_only_the_front_door_reopens(cast: Cast):
    case = closed(cast)
    page = reverse("triage:reopen", args=[case.reference])

    assert signed_in(cast.teacher).get(page).status_code == 403
    assert signed_in(cast.colleague).get(page).status_code == 404
    with pytest.raises(Refused):
        services.reopen(actor=cast.teacher, case=case, again=again(case))
    assert triage.look_backs(cast.teacher).count() == 0

"""The database refuses what must never be, whoever asks: the site, or the tables' own owner."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, get_groups_with_perms, get_objects_for_user

from portal.accounts.models import Membership, Team, User
from portal.accounts.vocabulary import Principal, Role
from referrals import policies
from referrals.models import (
    Assignment,
    Case,
    Child,
    Clock,
    Closure,
    Decision,
    EmergencyAccess,
    Grant,
    KeptView,
    LookBack,
    Move,
    Particulars,
    Pause,
    PriorityChange,
    Proposal,
    Referral,
    SideRoute,
    Sight,
    Statement,
    Wall,
)
from referrals.services import clocks
from referrals.triage import services
from referrals.vocabulary import (
    Asks,
    ClockKind,
    Conflict,
    Emergency,
    Found,
    Outcome,
    Reviewed,
    Side,
)
from referrals.workflow import Action
from tests.cast import Cast, membership, send, signed_in
from tests.closing import closed
from tools import databases

# The columns that may still change once a row is written; every other column of these is kept.
MAY_CHANGE = {
    Referral: {"case_id"},
    Statement: {"case_id", "removed_at", "removed_why", "protect", "protect_spans"},
    Move: set(),
    PriorityChange: set(),
    Decision: {"superseded_at", "next_told_at"},
    Grant: {"ended_at", "ended_why"},
    Wall: {"lifted_at", "lifted_by_id", "lifted_why"},
    EmergencyAccess: {"ended_at", "reviewed_at", "reviewed_by_id", "found", "found_words"},
}
NEVER_DELETED = (
    Child,
    Case,
    Referral,
    Statement,
    Decision,
    Move,
    Grant,
    Wall,
    EmergencyAccess,
    Clock,
    Pause,
    PriorityChange,
    Proposal,
    SideRoute,
    Closure,
    LookBack,
    Assignment,
)


@pytest.fixture
def full(cast: Cast) -> Case:
    """A case with a row in every table of the core, and a closed one before it."""
    over = closed(cast)
    LookBack.objects.create(
        closure=over.closures.get(),
        safe=Found.YES,
        asked="The nurse",
        words="She is well.",
        reopens=False,
        looked_by_id=cast.manager.membership_id,
        looked_at=timezone.now(),
    )
    Assignment.objects.create(
        case=over,
        held_by_id=cast.coordinator.membership_id,
        to_id=cast.manager.membership_id,
        note="What is due.",
        given_by_id=cast.coordinator.membership_id,
        given_at=timezone.now(),
    )
    case = send(cast.teacher)
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    services.move(actor=cast.coordinator, case=case, action=Action.OPEN, reason="Why.")
    now = timezone.now()
    KeptView.objects.create(membership_id=cast.coordinator.membership_id, codes="due=overdue")
    PriorityChange.objects.create(
        case=case,
        was="standard",
        now="urgent",
        reason="Why.",
        changed_by_id=cast.coordinator.membership_id,
        changed_at=now,
    )
    me = {"case": case, "raised_by_id": cast.manager.membership_id}
    # Whoever lifts it is another person.
    raised = {"case": case, "raised_by_id": cast.coordinator.membership_id}
    Wall.objects.create(agency_id=cast.outsider_lead.agency_id, why=Conflict.ALLEGATION, **raised)
    clock = clocks.start(case, ClockKind.DECISION, now)
    Pause.objects.create(
        clock=clock, reason="Why.", paused_by_id=cast.manager.membership_id, from_at=now
    )
    SideRoute.objects.create(
        side=Side.POLICE, owner_id=cast.manager.membership_id, due_at=now, raised_at=now, **me
    )
    Proposal.objects.create(
        case=case,
        asks=Asks.SECOND,
        outcome=Outcome.NFA,
        reason="Why.",
        told_referrer="What.",
        owner_id=cast.manager.membership_id,
        next_on=now.date(),
        proposed_by_id=cast.manager.membership_id,
        proposed_at=now,
    )
    Wall.objects.create(
        case=case,
        user_id=cast.outsider_lead.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )
    EmergencyAccess.objects.create(
        case=case,
        membership_id=cast.charity_worker.membership_id,
        why=Emergency.LIFE,
        next_step="Ring the night team and go to the station.",
        from_at=now,
        until_at=now + timedelta(hours=1),
        review_due_at=now + timedelta(days=2),
    )
    return case


def refused(statement: str) -> str:
    """Run a statement that must be refused; answer what the database said."""
    with pytest.raises(DatabaseError) as found, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(found.value)


def _another(field) -> str:
    """SQL for a value that differs from the one that the column holds."""
    column = f'"{field.column}"'
    kinds = {
        models.UUIDField: "gen_random_uuid()",
        models.DateTimeField: f"coalesce({column}, now()) + interval '1 hour'",
        models.DateField: f"{column} + 1",
        models.CharField: f"'x' || substr({column}, 2)",
        models.TextField: f"'x' || {column}",
        models.IntegerField: f"coalesce({column}, 0) + 1",
        models.JSONField: """'{"name": "another"}'""",
    }
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    for kind, sql in kinds.items():
        if isinstance(target, kind):
            return sql
    return "'{{1,2}}'" if "spans" in field.column else "array_append(" + column + ", NULL)"


KEPT = [
    (model, field)
    for model, may in MAY_CHANGE.items()
    for field in model._meta.concrete_fields
    if field.column not in may
]


@pytest.mark.parametrize(
    ("model", "field"), KEPT, ids=[f"{m.__name__}.{f.column}" for m, f in KEPT]
)
def test_what_was_written_is_never_changed(full, model, field):
    said = refused(f'UPDATE "{model._meta.db_table}" SET "{field.column}" = {_another(field)}')  # noqa: S608

    assert "immutable" in said


@pytest.mark.parametrize("model", NEVER_DELETED)
@pytest.mark.parametrize("way", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_no_row_of_the_core_is_ever_deleted(full, model, way):
    said = refused(way.format(model._meta.db_table))

    assert "never deleted" in said or "permission denied" in said or "must be owner" in said


def test_the_owner_of_the_tables_is_refused_too(committed, full):
    """Triggers, not privileges: so that nobody's slip of the hand can do it."""
    owner = databases.renamed(os.environ["OWNER_DATABASE_URL"], committed.name)
    for statement in (
        "UPDATE referrals_statement SET text = 'Another story.'",
        "UPDATE referrals_referral SET agency_id = gen_random_uuid()",
        "UPDATE referrals_grant SET reason = 'Because.'",
        "UPDATE referrals_decision SET reason = 'Because.'",
        "UPDATE referrals_move SET reason = 'Because.'",
        *(f"DELETE FROM {model._meta.db_table}" for model in NEVER_DELETED),  # noqa: S608
        *(f"TRUNCATE {model._meta.db_table} CASCADE" for model in NEVER_DELETED),
    ):
        with pytest.raises(psycopg2.errors.RestrictViolation):
            databases.ask(owner, statement)


def test_what_may_change_still_can(cast: Cast, full):
    """The control of the tests above: the triggers refuse what they should and nothing else."""
    now = timezone.now()

    Statement.objects.update(removed_at=now, removed_why="retention", protect="police")
    Grant.objects.update(ended_at=now, ended_why="Stopped.")
    Decision.objects.update(superseded_at=now)
    for decided in list(Decision.objects.distinct("case")):
        decided.pk, decided._state.adding, decided.superseded_at = uuid4(), True, None
        decided.save()

    Wall.objects.update(lifted_at=now, lifted_by=membership(cast.manager), lifted_why="An error.")
    EmergencyAccess.objects.update(
        ended_at=now,
        reviewed_at=now,
        reviewed_by=membership(cast.manager),
        found=Reviewed.RIGHT,
        found_words="It was needed.",
    )

    assert Grant.objects.live().count() == 0


@pytest.mark.parametrize("column", ["lifted_why", "found_words"])
def test_an_end_is_written_once(cast: Cast, full, column):
    test_what_may_change_still_can(cast, full)
    table = "referrals_wall" if column == "lifted_why" else "referrals_emergencyaccess"

    assert "stays so" in refused(f"UPDATE {table} SET {column} = 'Another story.'")  # noqa: S608


# --- Each constraint, by name -------------------------------------------------------------------

BAD: dict[str, tuple[Any, dict[str, Any]]] = {
    "child_is_named_or_described": (
        Child,
        {"given_name": "", "family_name": "", "description": ""},
    ),
    "case_status_known": (Case, {"status": "lost"}),
    "case_priority_known": (Case, {"priority": "whenever"}),
    "case_level_says_whose_and_since_when": (Case, {"level": "moderate"}),
    "kept_view_holds_codes": (KeptView, {"codes": "q=Some words"}),
    "kept_view_once": (KeptView, {}),
    "priority_change_between_known_ones": (PriorityChange, {"was": "whenever"}),
    "priority_change_is_to_another": (PriorityChange, {"was": "urgent"}),
    "priority_change_has_reason": (PriorityChange, {"reason": " "}),
    "case_due_after_received": (Case, {"decision_due_at": "before"}),
    "case_decided_has_time": (Case, {"status": "closed", "decided_at": None}),
    "referral_danger_answered": (Referral, {"danger": ""}),
    "particulars_nhs_number_is_ten_digits": (Particulars, {"nhs_number": "999"}),
    "statement_given_has_text": (Statement, {"answer": "given", "text": ""}),
    "statement_note_is_given": (Statement, {"question": "note", "answer": "not_known", "text": ""}),
    "statement_category_known": (Statement, {"category": "IC99"}),
    "statement_removed_says_why": (Statement, {"removed_at": "now", "removed_why": ""}),
    "statement_item_is_given": (
        Statement,
        {"item": UUID(int=1), "answer": "not_known", "text": ""},
    ),
    "statement_details_are_of_an_item": (Statement, {"details": {"name": "somebody"}}),
    "statement_is_a_file_or_words": (Statement, {"question": "file_IC4"}),
    "statement_spans_say_why": (Statement, {"protect": "", "protect_spans": [[0, 1]]}),
    "decision_one_current_per_case": (Decision, {}),
    "decision_outcome_known": (Decision, {"outcome": "later", "superseded_at": "now"}),
    "decision_has_reason_and_feedback": (Decision, {"reason": "", "superseded_at": "now"}),
    "decision_has_an_owner": (Decision, {"owner": None, "superseded_at": "now"}),
    "clock_runs_once_for_a_case": (Clock, {}),
    "clock_kind_known": (Clock, {"kind": "some"}),
    "clock_is_near_before_it_is_due": (Clock, {"due_at": "now", "near_at": "in two hours"}),
    "clock_stopped_says_how_long": (Clock, {"stopped_at": "now"}),
    "clock_replaced_has_stopped": (Clock, {"replaced": True}),
    "pause_once_at_a_time": (Pause, {}),
    "pause_puts_off_when_somebody_ends_it": (Pause, {"due_after": "now"}),
    "pause_has_reason": (Pause, {"reason": " \n"}),
    "pause_ends_after_it_begins": (Pause, {"until_at": "before"}),
    "proposal_one_open_per_case": (Proposal, {}),
    "proposal_asks_known": (Proposal, {"asks": "nobody"}),
    "proposal_asks_whom_the_outcome_takes": (Proposal, {"asks": "worker"}),
    "proposal_outcome_known": (Proposal, {"outcome": "later"}),
    "proposal_has_reason_and_feedback": (Proposal, {"told_referrer": " "}),
    "proposal_has_an_owner": (Proposal, {"owner": None}),
    "proposal_answered_by_somebody": (Proposal, {"answered_at": "now"}),
    "proposal_declined_says_why": (
        Proposal,
        {"answered_at": "now", "answered_by": "the proposer", "accepted": False},
    ),
    "side_route_once_at_a_time": (SideRoute, {}),
    "side_route_known": (SideRoute, {"side": "another"}),
    "side_route_only_the_lado_hides": (SideRoute, {"wall": "the wall"}),
    "side_route_done_says_what_came_of_it": (SideRoute, {"done_at": "now"}),
    "wall_stands_once_for_an_agency_and_case": (Wall, {"user": None, "agency": "the agency"}),
    "wall_is_against_a_person_or_an_agency": (Wall, {"agency": "the agency"}),
    "closure_one_stands_per_case": (Closure, {"move": "another step"}),
    "closure_reason_known": (Closure, {"reason": "not_engaging"}),
    "closure_says_who_goes_on_who_agreed_and_what_is_told": (Closure, {"agreed_by": " "}),
    "closure_is_reopened_after_it_was_closed": (Closure, {"reopened_at": "before"}),
    "closure_is_looked_back_on_unless_the_child_died": (Closure, {"look_back_on": None}),
    "look_back_safe_known": (LookBack, {"safe": "perhaps"}),
    "look_back_says_who_was_asked_and_what_they_said": (LookBack, {"asked": " "}),
    "assignment_by_a_person_has_a_note": (Assignment, {"note": " "}),
    "assignment_goes_to_somebody_else": (Assignment, {"held_by": "who has it"}),
    "move_action_known": (Move, {"action": "forget"}),
    "move_has_reason": (Move, {"reason": ""}),
    "grant_says_what_decided_it": (Grant, {"reason": ""}),
    "grant_purpose_known": (Grant, {"purpose": "CURIOSITY"}),
    "grant_categories_known": (Grant, {"categories": ["IC99"]}),
    "grant_by_a_person_or_a_service": (Grant, {"granted_by": None, "granted_by_service": ""}),
    "grant_part_names_statements": (Grant, {"extent": "part", "statements": []}),
    "grant_ends_after_it_starts": (Grant, {"until_at": "before"}),
    "grant_to_one_person_ends": (Grant, {"only": "one of the team", "until_at": None}),
    "grant_ended_says_why": (Grant, {"ended_at": "now", "ended_why": ""}),
    "grant_is_necessary_and_proportionate": (Grant, {"necessity": " \n"}),
    "statement_was_sent_answers_or_notes": (Statement, {"referral": None}),
    "wall_why_known": (Wall, {"why": "gossip"}),
    "wall_stands_once_for_a_person_and_case": (Wall, {}),
    "wall_lifted_says_by_whom_and_why": (Wall, {"lifted_at": "now"}),
    "emergency_why_known": (EmergencyAccess, {"why": "curious"}),
    "emergency_says_the_next_step": (EmergencyAccess, {"next_step": "I will look."}),
    "emergency_is_an_hour_at_most": (EmergencyAccess, {"until_at": "in two hours"}),
    "emergency_reviewed_by_another_with_words": (EmergencyAccess, {"reviewed_at": "now"}),
}
ALSO_BAD: list[tuple[str, Any, dict[str, Any]]] = [
    ("priority_change_between_known_ones", PriorityChange, {"now": "whenever"}),
    ("grant_says_what_decided_it", Grant, {"gateway": ""}),
    ("grant_says_what_decided_it", Grant, {"rule": ""}),
    ("grant_says_what_decided_it", Grant, {"rule_version": 0}),
    ("grant_categories_known", Grant, {"categories": []}),
    ("grant_is_necessary_and_proportionate", Grant, {"proportionality": ""}),
    ("emergency_says_the_next_step", EmergencyAccess, {"next_step": "." + " " * 40}),
    ("emergency_is_an_hour_at_most", EmergencyAccess, {"until_at": "before"}),
    (
        "emergency_reviewed_by_another_with_words",
        EmergencyAccess,
        {
            "reviewed_at": "now",
            "reviewed_by_id": "itself",
            "found": "right",
            "found_words": "I was right.",
        },
    ),
    ("grant_part_names_statements", Grant, {"extent": "whole", "statements": [uuid4()]}),
    ("grant_ended_says_why", Grant, {"ended_why": "Never ended."}),
    ("statement_given_has_text", Statement, {"answer": "not_known", "text": "Words."}),
    ("statement_removed_says_why", Statement, {"removed_why": "Never removed."}),
    ("decision_has_reason_and_feedback", Decision, {"told_referrer": "", "superseded_at": "now"}),
    ("closure_says_who_goes_on", Closure, {"goes_on_with": ""}),
    ("closure_says_who_goes_on", Closure, {"told_referrer": ""}),
    ("closure_is_looked_back_on", Closure, {"reason": "died"}),
    ("look_back_says_who_was_asked", LookBack, {"words": ""}),
    ("assignment_by_a_person_has_a_note", Assignment, {"to": None}),
    ("assignment_by_a_person_has_a_note", Assignment, {"given_by": None}),
    ("case_decided_has_coordinator", Case, {"status": "open", "coordinator": None}),
]
EVERY: list[tuple[str, Any, dict[str, Any]]] = [
    *((name, model, changes) for name, (model, changes) in BAD.items()),
    *ALSO_BAD,
]


def test_every_constraint_of_the_core_is_in_the_list():
    named = {
        constraint.name
        for model in apps.get_app_config("referrals").get_models()
        if model is not Sight  # nobody may write it at all
        for constraint in model._meta.constraints
    }

    # They take a real file: tests/referrals/test_files.py.
    of_files = {"statement_joins_a_file_once", "handover_keeps_a_hash", "handover_lasts_a_minute"}
    assert named == {*BAD, *of_files}


@pytest.mark.parametrize(
    ("name", "model", "changes"), EVERY, ids=[f"{n} {list(c)}" for n, _, c in EVERY]
)
def test_a_row_that_must_not_be_is_refused_by_name(full, name, model, changes):
    row = model.objects.order_by("created_at").last()
    if model is Grant:
        row = Grant.objects.filter(granted_by__isnull=False).latest("created_at")
    fields = [f.name for f in model._meta.concrete_fields if f.name not in {"id", "created_at"}]
    values = {field: getattr(row, field) for field in fields}
    values |= {"key": uuid4()} if model is Referral else {}
    values |= {"reference": "R-0000-000"} if model is Case else {}
    now = timezone.now()
    times = {
        "now": now,
        "before": now - timedelta(days=400),
        "in two hours": now + timedelta(hours=2),
        "itself": getattr(row, "membership_id", None),
        "the proposer": getattr(row, "proposed_by", None),
        "who has it": getattr(row, "to", None),
        "another step": Move.objects.exclude(action=Action.CLOSE).last(),
        "one of the team": Membership.objects.filter(team=getattr(row, "group_id", None)).first(),
        "the wall": Wall.objects.last(),
        "the agency": getattr(Wall.objects.filter(user=None).last(), "agency", None),
    }
    values |= {
        field: times.get(value, value) if isinstance(value, str) else value
        for field, value in changes.items()
    }

    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        model.objects.bulk_create([model(**values)])


@pytest.mark.parametrize(
    "column",
    [
        "gateway",
        "rule",
        "rule_version",
        "reason",
        "purpose",
        "necessity",
        "proportionality",
        "holder_id",
        "group_id",
    ],
)
def test_no_grant_by_sql_without_what_decided_it(full, column):
    columns = [str(f.column) for f in Grant._meta.concrete_fields if f.column != column]
    listed = ", ".join(columns)
    chosen = ", ".join("gen_random_uuid()" if c == "id" else c for c in columns)

    said = refused(
        f"INSERT INTO referrals_grant ({listed}) SELECT {chosen} FROM referrals_grant LIMIT 1"  # noqa: S608
    )

    assert "null value" in said


# --- Nobody ends the work alone -------------------------------------------------------------------


def proposed(case: Case, by: Principal, outcome: str = "nfa", asks: str = "second", **more) -> UUID:
    """A decision that waits for a yes, by SQL."""
    words = {"reason": "Why.", "told_referrer": "What.", "late_reason": "", "answer_words": ""}
    named = {"proposed_by_id": by.membership_id, "owner_words": "Somebody", "outcome": outcome}
    return inserted("referrals_proposal", case, asks=asks, **words, **named, **more)


def decided(case: Case, by: Principal, confirmed: Principal | None, outcome: str, at) -> UUID:
    """A decision, by SQL."""
    words = {"reason": "Why.", "told_referrer": "What.", "late_reason": "", "owner_words": "Some"}
    who = {
        "decided_by_id": by.membership_id,
        "confirmed_by_id": confirmed.membership_id if confirmed else None,
    }
    return inserted("referrals_decision", case, outcome=outcome, decided_at=at, **words, **who)


def inserted(table: str, case: Case, **row) -> UUID:
    now = timezone.now()
    row |= {"id": uuid4(), "created_at": now, "case_id": case.pk, "next_on": now.date()}
    if table == "referrals_proposal":
        row["proposed_at"] = now
    listed, held = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({listed}) VALUES ({held})", [*row.values()])  # noqa: S608
    return row["id"]


def says(pk: UUID, who: Principal, at, *, yes: bool = True) -> None:
    """Answer what was proposed, by SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE referrals_proposal SET answered_by_id = %s, answered_at = %s, accepted = %s,"
            " answer_words = 'Said so.' WHERE id = %s",
            [who.membership_id, at, yes, pk],
        )


def never(match: str, act: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


ENDS = [
    ("nfa", {}),
    ("advice", {}),
    ("early_help", {"priority": "urgent"}),
    ("early_help", {"harm_sign": True}),
    ("withdrawn", {"harm_sign": True}),
]


@pytest.mark.parametrize(("outcome", "about"), ENDS)
def test_an_end_takes_the_yes_that_was_given_to_it_by_another(cast: Cast, sent, outcome, about):
    Case.objects.filter(pk=sent.pk).update(reference=sent.reference, **about)
    me, other, at = cast.manager, cast.coordinator, timezone.now()
    nobody = "decision_takes_the_yes_of_another"
    never(nobody, lambda: decided(sent, me, None, outcome, at))
    never(nobody, lambda: decided(sent, me, other, outcome, at))
    first = proposed(sent, me, outcome)
    never("another_person", lambda: says(first, me, at))
    never("by_whom_it_asks", lambda: says(first, cast.teacher, at))
    says(first, other, at, yes=False)
    never(nobody, lambda: decided(sent, me, other, outcome, at))
    second = proposed(sent, me, outcome)
    says(second, other, at)
    # Of another person, at another time, or to another outcome it is not the same yes.
    never(nobody, lambda: decided(sent, cast.second_coordinator, other, outcome, at))
    never(nobody, lambda: decided(sent, me, cast.second_coordinator, outcome, at))
    never(nobody, lambda: decided(sent, me, other, outcome, at + timedelta(seconds=1)))
    never(nobody, lambda: decided(sent, me, other, "assessment", at))
    never(nobody, lambda: decided(send(cast.teacher), me, other, "nfa", at))
    made = decided(sent, me, other, outcome, at)
    # And it makes one decision.
    Decision.objects.filter(pk=made).update(superseded_at=at)
    never(nobody, lambda: decided(sent, me, other, outcome, at))
    decided(sent, me, None, "assessment", at)


def test_who_takes_the_child_on_says_so_and_nobody_for_them(cast: Cast, sent):
    me, at = cast.manager, timezone.now()
    worker = {"owner_id": cast.colleague.membership_id}
    made = proposed(sent, me, "open_case", "worker", **worker)
    never("another_person", lambda: says(made, me, at))
    never("by_whom_it_asks", lambda: says(made, cast.coordinator, at))
    says(made, cast.colleague, at)
    made = proposed(sent, me, "transfer", "area", to_area_id=cast.other_area.pk)
    never("by_whom_it_asks", lambda: says(made, cast.coordinator, at))
    says(made, cast.other_coordinator, at)
    by_hand = proposed(sent, me, "open_case", "worker")
    never("another_person", lambda: says(by_hand, me, at))
    says(by_hand, cast.coordinator, at)


def test_a_sign_of_harm_is_not_taken_back_unless_it_was_concealed(cast: Cast, sent):
    Case.objects.update(harm_sign=True)
    row = Statement.objects.filter(case=sent, question="saw").get()
    row.pk, row.question = uuid4(), "signs"
    row.save(force_insert=True)
    never("case_harm_sign_stays", lambda: Case.objects.update(harm_sign=False))

    Statement.objects.filter(pk=row.pk).update(protect="existence")
    Case.objects.update(harm_sign=False)


def test_two_coordinators_alone_do_not_end_it_for_a_child_who_may_be_harmed(cast: Cast, sent):
    Case.objects.update(harm_sign=True)
    made, at = proposed(sent, cast.coordinator), timezone.now()

    never("by_whom_it_asks", lambda: says(made, cast.second_coordinator, at))
    says(made, cast.manager, at)


# --- Guardian's own ways ------------------------------------------------------------------------


def _group(team: Team) -> Group:
    return Group.objects.get(pk=team.pk)


def test_guardians_shortcut_cannot_share_a_case(cast: Cast, sent):
    """It does not know our manager; if it did, the columns that cannot be empty would refuse."""
    team = membership(cast.charity_worker).team

    with pytest.raises((AttributeError, DatabaseError)), transaction.atomic():
        assign_perm("referrals.view_case", _group(team), sent)

    assert not policies.visible(cast.charity_worker).exists()


@pytest.mark.parametrize("wide", [False, True])
def test_guardians_permissions_for_one_person_or_for_all_cases_open_nothing(cast: Cast, sent, wide):
    """Tried every way that guardian and Django know: the case stays invisible."""
    user = User.objects.get(pk=cast.charity_worker.user_id)
    team = membership(cast.charity_worker).team
    for holder in (user, _group(team)):
        try:
            with transaction.atomic():
                assign_perm("referrals.view_case", holder, None if wide else sent)
        except Exception:  # noqa: BLE001, S112 - refused outright is as good
            continue

    client = signed_in(cast.charity_worker)

    assert not policies.visible(cast.charity_worker).exists()
    assert client.get(f"/referrals/{sent.reference}/").status_code == 404
    assert client.get(f"/api/v1/cases/{sent.reference}/").status_code == 404
    assert client.get("/api/v1/cases/").json()["results"] == []


def test_no_lookup_but_ours_says_who_may_see_a_case(cast: Cast, sent):
    """Guardian's lookups know nothing of an end date: on our people and teams they do not run."""
    user = User.objects.get(pk=cast.coordinator.user_id)

    assert policies.visible(cast.coordinator).exists()
    assert not any(hasattr(user, name) for name in ("has_perm", "has_perms", "user_permissions"))
    with pytest.raises((AttributeError, FieldError)):
        list(get_objects_for_user(user, "referrals.view_case"))
    with pytest.raises((AttributeError, FieldError)):
        get_groups_with_perms(sent)


def test_nobody_is_a_superuser_or_can_be_made_one(cast: Cast):
    user = User.objects.get(pk=cast.manager.user_id)

    assert not any(each.is_superuser or each.is_staff for each in User.objects.all())
    with pytest.raises(AttributeError):
        user.is_superuser = True  # type: ignore[misc]
    assert "is_superuser" not in {field.name for field in User._meta.get_fields()}


@pytest.mark.parametrize("role", [Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN, Role.IG_LEAD, Role.LADO])
def test_an_administrators_role_opens_no_case_by_itself(cast: Cast, sent, role):
    from portal.accounts import services as accounts

    admin = accounts.enrol(
        email=f"{role.value.replace('_', '.')}@council.example.org",
        name="Ad Min",
        agency=cast.council,
        role=role,
    ).principal()

    assert not policies.visible(admin).exists()
    assert signed_in(admin).get(f"/referrals/{sent.reference}/").status_code == 404

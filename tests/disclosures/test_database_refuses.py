"""The database refuses a person's share without its record, and a record that is rewritten."""

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.accounts.models import Team
from portal.accounts.vocabulary import Role
from referrals.models import Case, Grant, Statement
from referrals.vocabulary import Extent, Protect
from sharing.disclosures.models import Acknowledgement, Chaser, Disclosure, Request, ShareDraft
from sharing.disclosures.vocabulary import ChaserKind, Result, Told
from sharing.rules.vocabulary import Article6, Article9, Category, Condition, ConsentLimb, Purpose
from tests.cast import Cast, membership
from tools import databases

MAY_CHANGE = {
    Disclosure: set(),
    Acknowledgement: set(),
    Request: {"reply", "reply_words", "answered_by_id", "answered_at", "given_to_id"},
    Chaser: set(),
}


def decision(cast: Cast, case: Case, team: Team, **changes: Any) -> Disclosure:
    """A decision to share the concern with a team, for a plan, as a row and nothing else."""
    return Disclosure.objects.create(
        **{
            "case": case,
            "decider": membership(cast.coordinator),
            "holder": cast.school,
            "recipient": team,
            "purpose": Purpose.PLAN,
            "categories": [Category.IC4],
            "result": Result.SHARED,
            "rulings": {"IC4": {"outcome": "ask"}},
            "rule": "default",
            "rule_version": 1,
            "gateway": "CA89_S17",
            "article_6": Article6.PUBLIC_TASK,
            "article_9": Article9.SUBSTANTIAL_PUBLIC_INTEREST,
            "condition": Condition.SAFEGUARDING,
            "consent_limb": ConsentLimb.NOT_REASONABLE,
            "necessity": "To plan what keeps the child safe.",
            "proportionality": "The concern alone, without who sent it.",
            "child_told": Told.YES,
            "parents_told": Told.YES,
            **changes,
        }
    )


@transaction.atomic
def share(decided: Disclosure, **changes: Any) -> Grant:
    """A grant that rests on this decision, linked to it."""
    now = timezone.now()
    given = Grant.objects.create(
        **{
            "content_object": decided.case,
            "group": decided.recipient,
            "permission": _permission(),
            "holder": decided.holder,
            "categories": decided.categories,
            "purpose": decided.purpose,
            "gateway": decided.gateway,
            "rule": decided.rule,
            "rule_version": decided.rule_version,
            "reason": "To plan together.",
            "necessity": decided.necessity,
            "proportionality": decided.proportionality,
            "granted_by": decided.decider,
            "from_at": now,
            **changes,
        }
    )
    decided.grants.add(given)
    return given


def _permission():
    return Grant.objects.latest("created_at").permission


@pytest.fixture
def team(cast: Cast) -> Team:
    """The team of the charity's worker, with whom nothing is shared."""
    return membership(cast.charity_worker).team


@pytest.fixture
def full(cast: Cast, sent: Case, team: Team) -> Case:
    """A case with a row in every table of the practice."""
    now = timezone.now()
    decided = decision(cast, sent, team)
    share(decided)
    Acknowledgement.objects.create(disclosure=decided, by=membership(cast.charity_worker))
    asked = Request.objects.create(
        case=sent,
        asked_by=membership(cast.coordinator),
        team=Team.objects.get(agency=cast.school, role=Role.AGENCY_LEAD),
        categories=[Category.IC5],
        question="How often is the child at school?",
        why="To plan support.",
        purpose=Purpose.SCREEN,
        gateway="CA04_S10",
        asked_at=now,
        due_at=now + timedelta(days=2),
        near_at=now + timedelta(days=1),
    )
    Chaser.objects.create(
        request=asked,
        kind=ChaserKind.HAND,
        by=membership(cast.coordinator),
        working_day=timezone.localdate(),
    )
    asked.statements.add(Statement.objects.exclude(protect=Protect.EXISTENCE)[0])
    ShareDraft.objects.create(case=sent, author=membership(cast.coordinator))
    with connection.cursor() as cursor:  # what waits for the end of the transaction is due now
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return sent


def _at_the_end_of_the_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# --- No share without its record ------------------------------------------------------------------


def test_a_persons_share_with_its_record_is_taken(cast: Cast, sent, team):
    given = share(decision(cast, sent, team))

    _at_the_end_of_the_transaction()

    assert Grant.objects.live().filter(pk=given.pk).exists()


def test_a_persons_share_without_its_record_is_refused(cast: Cast, sent, team):
    recorded = share(decision(cast, sent, team))
    names = [f.name for f in Grant._meta.concrete_fields if f.name not in {"id", "created_at"}]
    Grant.objects.create(**{name: getattr(recorded, name) for name in names})

    with pytest.raises(DatabaseError, match="needs the record"):
        _at_the_end_of_the_transaction()


@pytest.mark.parametrize(
    ("of_the_record", "of_the_grant"),
    [
        ({"result": Result.REFUSED, "detriment": "It would put the child at risk."}, {}),
        ({"result": Result.DELAYED, "detriment": "The child is told first."}, {}),
        ({}, {"categories": [Category.IC4, Category.IC1]}),
        ({}, {"purpose": Purpose.DISRUPT}),
        ({}, {"holder": "council"}),
        ({}, {"group": "another team"}),
    ],
)
def test_a_share_that_its_record_does_not_decide_is_refused(
    cast: Cast, sent, team, of_the_record, of_the_grant
):
    known = {"council": cast.council, "another team": membership(cast.panel_officer).team}
    changed = {
        key: known.get(value, value) if isinstance(value, str) else value
        for key, value in of_the_grant.items()
    }

    share(decision(cast, sent, team, **of_the_record), **changed)

    with pytest.raises(DatabaseError, match="needs the record"):
        _at_the_end_of_the_transaction()


@pytest.mark.parametrize(
    ("of_the_record", "of_the_grant"),
    [
        ("one answer", {}),
        ("one answer", {"extent": "part", "statements": "two answers"}),
        ("nothing named", {"extent": "part", "statements": "one answer"}),
        ("nothing named", {"extent": "answer"}),
    ],
)
def test_a_share_of_more_than_its_record_decides_is_refused(
    cast: Cast, sent, team, of_the_record, of_the_grant
):
    two = list(sent.statements.filter(category=Category.IC4).values_list("pk", flat=True)[:2])
    known = {"nothing named": [], "one answer": two[:1], "two answers": two}
    assert len(two) == 2
    given = {key: known.get(value, value) for key, value in of_the_grant.items()}

    share(decision(cast, sent, team, statements=known[of_the_record]), **given)

    with pytest.raises(DatabaseError, match="needs the record"):
        _at_the_end_of_the_transaction()


def test_a_share_of_the_answer_that_its_record_names_is_taken(cast: Cast, sent, team):
    one = sent.statements.get(question="saw")

    given = decision(cast, sent, team, statements=[one.pk])
    made = share(given, extent=Extent.PART, statements=[one.pk])

    _at_the_end_of_the_transaction()
    assert list(given.grants.all()) == [made]


def test_the_commit_itself_is_refused_by_sql_as_the_portals_own_role(committed, cast: Cast, sent):
    """No session setting, no trick of a framework: plain SQL as `portal_app`, at COMMIT."""
    columns = ", ".join(
        f.column
        for f in Grant._meta.concrete_fields
        if f.column not in {"id", "granted_by_service", "granted_by_id"}
    )
    copy = f"""INSERT INTO referrals_grant (id, granted_by_service, granted_by_id, {columns})
        SELECT gen_random_uuid(), '', (SELECT id FROM accounts_membership LIMIT 1), {columns}
        FROM referrals_grant LIMIT 1"""  # noqa: S608

    with psycopg2.connect(committed.app) as database, database.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)
        cursor.execute(copy)
        with pytest.raises(psycopg2.errors.RestrictViolation, match="needs the record"):
            database.commit()
        database.rollback()


# --- A record says everything, and is never rewritten ---------------------------------------------

BAD: dict[str, list[tuple[Any, dict[str, Any]]]] = {
    "disclosure_says_what_decided_it": [
        (Disclosure, {"gateway": ""}),
        (Disclosure, {"rule": ""}),
        (Disclosure, {"rulings": {}}),
    ],
    "disclosure_is_necessary_and_proportionate": [
        (Disclosure, {"necessity": " "}),
        (Disclosure, {"proportionality": "\n"}),
    ],
    "disclosure_result_known": [(Disclosure, {"result": "maybe", "detriment": "Why."})],
    "disclosure_purpose_known": [(Disclosure, {"purpose": "CURIOSITY"})],
    "disclosure_categories_known": [
        (Disclosure, {"categories": []}),
        (Disclosure, {"categories": ["IC99"]}),
    ],
    "disclosure_rests_on_data_protection_law": [
        (Disclosure, {"article_6": "consent"}),
        (Disclosure, {"article_9": ""}),
    ],
    "disclosure_says_why_no_consent": [(Disclosure, {"consent_limb": ""})],
    "disclosure_says_who_was_told": [
        (Disclosure, {"child_told": ""}),
        (Disclosure, {"parents_told": Told.UNSAFE}),
    ],
    "disclosure_refused_says_the_harm": [
        (Disclosure, {"result": Result.REFUSED}),
        (Disclosure, {"result": Result.DELAYED}),
    ],
    "request_says_what_and_why": [
        (Request, {"question": " "}),
        (Request, {"why": ""}),
        (Request, {"gateway": ""}),
    ],
    "request_categories_known": [(Request, {"categories": []})],
    "request_purpose_known": [(Request, {"purpose": "CURIOSITY"})],
    "request_due_after_asked": [(Request, {"due_at": "before"})],
    "request_is_near_between_asked_and_due": [
        (Request, {"near_at": "before"}),
        (Request, {"near_at": "after"}),
    ],
    "chaser_kind_known": [(Chaser, {"kind": "nag", "by": None})],
    "chaser_by_hand_is_somebodys": [
        (Chaser, {"by": None}),
        (Chaser, {"kind": ChaserKind.LATE}),
    ],
    "chaser_by_hand_once_a_working_day": [(Chaser, {})],
    "request_answered_says_what_and_by_whom": [
        (Request, {"reply": "share"}),
        (Request, {"answered_at": "now"}),
    ],
    "request_declined_says_why": [
        (Request, {"reply": "decline", "answered_at": "now", "answered_by": "somebody"})
    ],
    "sharedraft_asked_says_what": [(ShareDraft, {"asked_at": "now"})],
    "sharedraft_advised_says_what_and_by_whom": [(ShareDraft, {"advice": "Share it."})],
    "sharedraft_disclosed_is_empty": [
        (ShareDraft, {"disclosed_at": "now", "answers": {"who": {}}})
    ],
}
EVERY = [(name, model, changes) for name, rows in BAD.items() for model, changes in rows]


def test_every_constraint_of_the_practice_is_in_the_list():
    named = {
        constraint.name
        for model in apps.get_app_config("disclosures").get_models()
        for constraint in model._meta.constraints
    }

    assert named == set(BAD) | {"chaser_of_each_kind_once"}


@pytest.mark.parametrize(
    ("name", "model", "changes"), EVERY, ids=[f"{n} {list(c)}" for n, _, c in EVERY]
)
def test_a_row_that_must_not_be_is_refused_by_name(cast: Cast, full, name, model, changes):
    row = model.objects.get()
    names = [f.name for f in model._meta.concrete_fields if f.name not in {"id", "created_at"}]
    values = {field: getattr(row, field) for field in names}
    values |= {"number": "S-0000-000"} if model is Disclosure else {}
    now = timezone.now()
    known = {
        "now": now,
        "before": now - timedelta(days=400),
        "after": now + timedelta(days=400),
        "somebody": membership(cast.lead),
    }
    values |= {
        field: known.get(value, value) if isinstance(value, str) else value
        for field, value in changes.items()
    }

    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        model.objects.bulk_create([model(**values)])


@pytest.mark.parametrize("kind", [ChaserKind.NEAR, ChaserKind.LATE])
def test_the_clock_chases_a_request_once_for_each_reason(full, kind):
    (request,) = Request.objects.all()
    day = timezone.localdate()
    Chaser.objects.create(request=request, kind=kind, working_day=day)

    with pytest.raises(DatabaseError, match="chaser_of_each_kind_once"), transaction.atomic():
        Chaser.objects.create(request=request, kind=kind, working_day=day + timedelta(days=1))


def test_a_request_is_given_to_nobody_but_the_team_that_is_asked(cast: Cast, full):
    (request,) = Request.objects.all()
    Request.objects.update(given_to=membership(cast.lead))

    for other in (cast.teacher, cast.coordinator):
        with pytest.raises(DatabaseError, match="team_that_is_asked"), transaction.atomic():
            Request.objects.filter(pk=request.pk).update(given_to=membership(other))


KEPT = [
    (model, field)
    for model, may in MAY_CHANGE.items()
    for field in model._meta.concrete_fields
    if field.column not in may
]


@pytest.mark.parametrize(
    ("model", "field"), KEPT, ids=[f"{m.__name__}.{f.column}" for m, f in KEPT]
)
def test_a_record_is_never_rewritten(full, model, field):
    kind = field.db_type(connection)
    null = field.column == "id" or getattr(model.objects.get(), field.attname) is None
    value = _another(kind) if null else "NULL"
    rewrite = f'UPDATE {model._meta.db_table} SET "{field.column}" = {value}'  # noqa: S608

    with pytest.raises(DatabaseError, match="immutable"), connection.cursor() as cursor:
        cursor.execute(rewrite)


def _another(kind: str) -> str:
    if kind == "uuid":
        return "gen_random_uuid()"
    if kind == "date":
        return "current_date"
    return "now()"


@pytest.mark.parametrize("model", [*MAY_CHANGE, Disclosure.grants.through])
def test_a_record_is_never_deleted(committed, full, model):
    """Not even by the tables' owner: a trigger, not a privilege."""
    for way in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
        with pytest.raises(psycopg2.errors.RestrictViolation, match="never deleted"):
            databases.ask(committed.owner, way.format(model._meta.db_table))

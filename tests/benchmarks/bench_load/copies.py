"""The demo's cases, copied row by row with all that belongs to them, by SQL.

Every copy gets ids of its own (a hash of the copied id and the copy's number), another child,
another sender of the same kind of agency, and days of its own. Columns are taken from the models,
so a new column is copied too; a new table is named in `OF_CASE`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models

from portal.accounts.models import Agency, Membership, Team
from portal.notifications.models import Notice
from referrals.following.models import Answer, Challenge, Chase, Escalation, Message
from referrals.models import (
    Assignment,
    Case,
    Child,
    Clock,
    Closure,
    Decision,
    Grant,
    LookBack,
    Move,
    Pause,
    Proposal,
    Referral,
    SideRoute,
    Statement,
)
from sharing.disclosures.models import Acknowledgement, Disclosure, Request

# Of which case a row is. A file waits for its scanner and belongs to one person: it is left out.
OF_CASE: dict[type[models.Model], str] = {
    Child: "(SELECT id FROM referrals_case WHERE child_id = s.id LIMIT 1)",
    Case: "s.id",
    Clock: "s.case_id",
    Pause: "(SELECT case_id FROM referrals_clock WHERE id = s.clock_id)",
    Referral: "s.case_id",
    Statement: "CASE WHEN s.upload_id IS NULL THEN s.case_id END",
    Decision: "s.case_id",
    Move: "s.case_id",
    Closure: "s.case_id",
    LookBack: "(SELECT case_id FROM referrals_closure WHERE id = s.closure_id)",
    Assignment: "s.case_id",
    Proposal: "s.case_id",
    SideRoute: "CASE WHEN s.wall_id IS NULL THEN s.case_id END",
    Grant: "s.content_object_id",
    Request: "s.case_id",
    Request.statements.through: "(SELECT case_id FROM disclosures_request WHERE id = s.request_id)",
    Disclosure: "s.case_id",
    Disclosure.grants.through: "(SELECT case_id FROM disclosures_disclosure"
    " WHERE id = s.disclosure_id)",
    Acknowledgement: "(SELECT case_id FROM disclosures_disclosure WHERE id = s.disclosure_id)",
    Chase: "s.case_id",
    Message: "s.case_id",
    Challenge: "s.case_id",
    Escalation: "(SELECT case_id FROM following_challenge WHERE id = s.challenge_id)",
    Answer: "(SELECT case_id FROM following_challenge c JOIN following_escalation e"
    " ON e.challenge_id = c.id WHERE e.id = s.step_id)",
    Notice: 's."case"',
}

# What is not copied: it is made anew (particulars, sights), or is rare and about one person's acts.
LEFT_OUT = {
    "referrals.particulars",
    "referrals.sight",
    "referrals.wall",
    "referrals.emergencyaccess",
    "disclosures.sharedraft",
    "governance.audittrail",
    "information.link",
    "matching.judgement",
    "matching.join",
    "matching.proposedjoin",
}

WANTED = """
    CREATE TEMP TABLE wanted (
        n bigint, template uuid, reference text, back interval,
        author_was uuid, author uuid, agency_was uuid, agency uuid,
        given_name text, family_name text, known_as text, date_of_birth date, age_estimate smallint,
        said jsonb
    );
    CREATE TEMP TABLE stands_for (agency uuid, was integer, team integer);
    CREATE TEMP SEQUENCE numbers;
    CREATE FUNCTION pg_temp.copied(id uuid, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5(id::text || n)::uuid $$
"""

# What a copied child is called is the fictional one's; so are the answers that tell it apart.
# Somebody has looked again at the children whose day to look has come for longer than a week.
LOOKED = "s.kind = 'look_back' AND s.due_at - w.back < now() - interval '7 days'"
INSTEAD: dict[type[models.Model], dict[str, str]] = {
    Child: {
        name: f"w.{name}"
        for name in ("given_name", "family_name", "known_as", "date_of_birth", "age_estimate")
    },
    Case: {"reference": "w.reference"},
    Clock: {
        "stopped_at": f"coalesce(s.stopped_at, CASE WHEN {LOOKED} THEN s.due_at END) - w.back",
        "elapsed": f"coalesce(s.elapsed, CASE WHEN {LOOKED} THEN s.due_at - s.started_at END)",
    },
    Referral: {"key": "pg_temp.copied(s.key, w.n)"},
    Statement: {
        "answer": "CASE WHEN w.said ? s.question THEN 'given' ELSE s.answer END",
        "text": "CASE WHEN s.protect = '' THEN coalesce(w.said ->> s.question, s.text)"
        " ELSE s.text END",
    },
    Disclosure: {
        "number": "'S' || to_char(nextval('numbers'), 'FM000000000')",
        "statements": "ARRAY(SELECT pg_temp.copied(x, w.n) FROM unnest(s.statements) x)",
    },
    Grant: {
        "until_at": "s.until_at",
        "statements": "ARRAY(SELECT pg_temp.copied(x, w.n) FROM unnest(s.statements) x)",
    },
    Notice: {
        "case": 'pg_temp.copied(s."case", w.n)',
        "reference": "w.reference",
        "dedupe_key": "md5(s.dedupe_key || w.n)",
        # What is older than a week has been read.
        "read_at": "coalesce(s.read_at - w.back,"
        " CASE WHEN w.back > interval '7 days' THEN s.created_at - w.back END)",
        "escalate_at": "NULL",
    },
}

LEDGER = (
    """
    CREATE TEMP TABLE events AS
    SELECT *, substr(stream, 6)::uuid AS of_case FROM audit.event WHERE stream LIKE 'case:%'
    """,
    """
    INSERT INTO audit.event (id, stream, seq, at, prev, body, hash)
    SELECT pg_temp.copied(s.id, w.n), 'case:' || pg_temp.copied(w.template, w.n), s.seq,
        s.at - w.back, s.prev,
        convert_to(replace(replace(convert_from(s.body, 'UTF8'),
            s.id::text, pg_temp.copied(s.id, w.n)::text),
            w.template::text, pg_temp.copied(w.template, w.n)::text), 'UTF8'),
        s.hash
    FROM events s JOIN wanted w ON w.template = s.of_case
    """,
    """
    INSERT INTO audit.head (stream, seq, hash)
    SELECT 'case:' || pg_temp.copied(w.template, w.n), last.seq, last.hash
    FROM (SELECT DISTINCT ON (of_case) * FROM events ORDER BY of_case, seq DESC) last
    JOIN wanted w ON w.template = last.of_case
    """,
)
"""The events of a case are copied with it, so that the ledger is as large as it would be. Their
hashes are the originals': it does not verify."""


def statements() -> Iterator[tuple[str, str]]:
    """What is copied and the SQL that copies it, once `wanted` and `stands_for` are filled.

    Raises AssertionError for a table about cases that is neither copied nor left out.
    """
    about = {
        model for model in apps.get_models() for f in _fields(model) if f.related_model is Case
    }
    forgotten = {model._meta.label_lower for model in about - set(OF_CASE)} - LEFT_OUT
    assert not forgotten, f"Copy these with their case, or leave them out: {forgotten}"
    for model, of_case in OF_CASE.items():
        table = model._meta.db_table
        yield (
            "",
            f'CREATE TEMP TABLE "s_{table}" AS SELECT * FROM'  # noqa: S608 - names of our own
            f' (SELECT s.*, {of_case} AS of_case FROM "{table}" s) s WHERE of_case IS NOT NULL',
        )
    for model in OF_CASE:
        yield model._meta.verbose_name_plural, _copied(model)
    for statement in LEDGER:
        yield "events of the ledger" if "INSERT INTO audit.event" in statement else "", statement


def _fields(model: type[models.Model]) -> Iterable["models.Field[Any, Any]"]:
    return model._meta.concrete_fields


def _copied(model: type[models.Model]) -> str:
    table = model._meta.db_table
    columns = dict(_columns(model._meta.concrete_fields, INSTEAD.get(model, {})))
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(columns.values())}'  # noqa: S608
        f' FROM "s_{table}" s JOIN wanted w ON w.template = s.of_case'
    )


def _columns(
    fields: Iterable["models.Field[Any, Any]"], instead: dict[str, str]
) -> Iterator[tuple[str, str]]:
    for field in fields:
        column, own = field.column, f's."{field.column}"'
        if column in instead:
            yield column, instead[column]
        elif isinstance(field, models.AutoField | models.BigAutoField):
            continue
        else:
            yield column, _value(field, own)


def _value(field: "models.Field[Any, Any]", own: str) -> str:
    to = field.related_model
    if field.primary_key or to in OF_CASE:
        return f"pg_temp.copied({own}, w.n)"
    if to is Membership:
        return f"CASE WHEN {own} = w.author_was THEN w.author ELSE {own} END"
    if to is Agency:
        return f"CASE WHEN {own} = w.agency_was THEN w.agency ELSE {own} END"
    if to in (Team, Group):
        return (
            f"coalesce((SELECT f.team FROM stands_for f"  # noqa: S608
            f" WHERE f.agency = w.agency AND f.was = {own}), {own})"
        )
    if isinstance(field, models.DateTimeField):
        return f"{own} - w.back"
    return own

"""How many possible matches each row of a page has: a hint, which costs the same for any page."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import connection

from portal.accounts.vocabulary import Principal
from referrals.matching.decision import ranked
from referrals.matching.models import Judgement
from referrals.matching.reading.matches import MOST, asks_again, known_to, likeness_of
from referrals.matching.vocabulary import Strength, Verdict
from referrals.models import Particulars
from referrals.vocabulary.likeness import asked_keys, keys, number_keys

SHARED: Final = 3
"""How many keys two children share at the least to be counted: one alone is mostly a namesake."""

_NEAR: Final = """
    SELECT asked.case_id, near.case_id, said.verdict, said.told_apart_by
    FROM (VALUES {}) asked (case_id, partnership_id, keys, numbers)
    CROSS JOIN LATERAL (
        SELECT p.case_id, p.keys FROM referrals_particulars p
        WHERE p.keys && asked.keys AND p.partnership_id = asked.partnership_id
            AND p.case_id <> asked.case_id
        OFFSET 0  -- One look into the index for each, whatever the planner thinks of all.
    ) near
    LEFT JOIN matching_judgement said ON said.ended_at IS NULL
        AND said.first_id = LEAST(asked.case_id, near.case_id)
        AND said.second_id = GREATEST(asked.case_id, near.case_id)
    WHERE near.keys && asked.numbers OR cardinality(
        ARRAY(SELECT unnest(near.keys) INTERSECT SELECT unnest(asked.keys))
    ) >= {}
"""
_ROW: Final = "(%s::uuid, %s::uuid, %s::bigint[], %s::bigint[])"


def counted(principal: Principal, rows: Iterable[Particulars]) -> dict[UUID, int]:
    """How many likely and possible matches each of these children has, for this reader; no zeros.

    Only where the reader knows who the child is, of the case and of the other; and only those of
    whom enough is alike to be found quickly: the page of possible matches may list more, and weak
    ones too. The rows are of one page of a list, whose cases are visible to the reader. Two
    queries, whatever is there and whatever of it is hidden.
    """
    page = list(rows)
    if not page:
        return {}
    found = _near(page)
    wanted = {row.case_id for row in page} | {other for _, other in found}
    seen = {row.case_id: row for row in known_to(principal).filter(case__in=wanted)}
    near: dict[UUID, dict[UUID, Particulars]] = {}
    for (one, other), said in found.items():
        if one in seen and other in seen and _counts(seen[one], seen[other], said):
            near.setdefault(one, {})[other] = seen[other]
    counts = {pk: _how_many(seen[pk], others) for pk, others in near.items()}
    return {pk: count for pk, count in counts.items() if count}


def _near(page: Iterable[Particulars]) -> dict[tuple[UUID, UUID], Judgement | None]:
    """Pairs that share enough, with what was decided about them. It knows of no right to see."""
    values: list[Any] = []
    rows = 0
    for row in page:
        child = row.likeness()
        values += [row.case_id, row.partnership_id, asked_keys(child), number_keys(child)]
        rows += 1
    with connection.cursor() as cursor:
        cursor.execute(_NEAR.format(", ".join([_ROW] * rows), SHARED), values)
        return {
            (one, other): Judgement(verdict=verdict, told_apart_by=told) if verdict else None
            for one, other, verdict, told in cursor.fetchall()
        }


def _counts(one: Particulars, other: Particulars, said: Judgement | None) -> bool:
    """Whether this pair is a question, by what this reader may read of both."""
    if said is not None and (said.verdict == Verdict.SAME or not asks_again(said, one, other)):
        return False
    return _shares_openly(one, other)


def _shares_openly(one: Particulars, other: Particulars) -> bool:
    """Whether enough is shared without the school, where the reader does not read that."""
    mine, theirs = likeness_of(one), likeness_of(other)
    if mine.school == one.school and theirs.school == other.school:
        return True
    shared = set(asked_keys(mine)) & set(keys(theirs))
    return len(shared) >= SHARED or not shared.isdisjoint(number_keys(mine))


def _how_many(asked: Particulars, others: dict[UUID, Particulars]) -> int:
    found = ranked(likeness_of(asked), {pk: likeness_of(row) for pk, row in others.items()})
    return sum(how.strength is not Strength.WEAK for _, how in found[:MOST])

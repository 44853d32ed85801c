"""Keeping what each child is told apart by, in the transaction that changes it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from referrals.models import Case, Particulars, Referral, Statement
from referrals.vocabulary import Answer
from referrals.vocabulary.likeness import TOLD_APART_BY, VERSION, keys, likeness

_AT_ONCE: Final = 500

_Told = tuple[UUID, dict[str, list[str]]]


def keep_particulars(case: Case) -> None:
    """Make the particulars of this case's child anew. The caller holds the case's lock."""
    keep([case])


def keep(cases: Sequence[Case]) -> None:
    """Make the particulars of these cases' children anew, each with its `child`. Four queries."""
    rows = [_particulars(case, *told) for case, told in _told(cases)]
    made = [field.name for field in Particulars._meta.concrete_fields]
    kept = [
        name for name in made if name not in ("id", "created_at", "case", "partnership", "holder")
    ]
    Particulars.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["case"], update_fields=kept
    )


def sweep() -> int:
    """Make the particulars that are missing, or of an older version; return how many.

    So a database that is older than this table, or than its keys, needs no more than time. Those
    that another sweep works on are left to it.
    """
    done = 0
    while True:
        with transaction.atomic():
            owed = (
                Case.objects.filter(Q(particulars=None) | Q(particulars__version__lt=VERSION))
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("child")
                .order_by("pk")
            )
            cases = list(owed[:_AT_ONCE])
            keep(cases)
        done += len(cases)
        if len(cases) < _AT_ONCE:
            return done


def _told(cases: Sequence[Case]) -> list[tuple[Case, _Told]]:
    """Of each case the first sender's agency, and what it told openly by question."""
    first: dict[UUID, UUID] = {}
    sent = Referral.objects.filter(case__in=cases).order_by("sent_at", "pk")
    for case_id, agency_id in sent.values_list("case_id", "agency_id"):
        first.setdefault(case_id, agency_id)
    told: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    answers = Statement.objects.filter(
        case__in=cases,
        question__in=TOLD_APART_BY,
        answer=Answer.GIVEN,
        protect="",
        removed_at__isnull=True,
    ).order_by("stated_at", "pk")
    for case_id, agency_id, question, text in answers.values_list(
        "case_id", "agency_id", "question", "text"
    ):
        if first.get(case_id) == agency_id:
            told[case_id][question].append(text)
    return [(case, (first[case.pk], told[case.pk])) for case in cases]


def _particulars(case: Case, holder: UUID, answers: dict[str, list[str]]) -> Particulars:
    child = case.child
    age = child.age_estimate
    found = likeness(
        given_name=child.given_name,
        family_name=child.family_name,
        known_as=child.known_as,
        born=child.date_of_birth,
        born_about=case.received_at.year - age if age is not None else None,
        answers=answers,
    )
    return Particulars(
        case=case,
        partnership_id=case.partnership_id,
        holder_id=holder,
        version=VERSION,
        keys=keys(found),
        **asdict(found),
    )

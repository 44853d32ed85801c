"""Pieces of several cases at once: those that the reader is shown on the pages of the cases."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from referrals import policies
from referrals.models import Grant, Referral, Statement
from referrals.reading.shape import Item
from referrals.reading.statements import OneAnswer, Reach, one_answer
from referrals.vocabulary import LISTED, State
from sharing.rules import policies as law


def is_whole(item: Item) -> bool:
    """Tell whether these are all the words of a piece of a case, which others may have too.

    So it is no file, nothing is held back, and the reader does not conceal it.
    """
    shown = item.state is State.SHOWN and bool(item.value)
    return shown and item.statement is not None and item.file is None and not item.concealed


def pieces(principal: Principal, wanted: Iterable[UUID]) -> dict[UUID, Item]:
    """Of these statements those that the principal's own reading shows whole, resolved as there.

    What is withheld, also in part, removed, of a case that is not visible, or does not exist, is
    not among them: all the same nothing. Nor is what the principal conceals, which is theirs alone.
    Seven queries, whatever the number of cases. It writes nothing: the caller records the reading.
    """
    return pieces_and_gone(principal, wanted, ())[0]


def pieces_and_gone(
    principal: Principal, wanted: Iterable[UUID], gone: Iterable[UUID]
) -> tuple[dict[UUID, Item], set[UUID]]:
    """The same; and of `gone`, which were removed, those that would be among them if they stood.

    So whoever was never shown an answer whole is told nothing of what rested on it either. Of what
    is gone no word is answered, only which. Seven queries as well.
    """
    asked, were = set(wanted), set(gone)
    found: dict[UUID, Item] = {}
    still: set[UUID] = set()
    for reach, rows in _reaches(principal, asked | were):
        for row in rows:
            item = reach.resolve(row) if row.pk in asked else None
            if item and is_whole(item):
                found[row.pk] = item
            if row.pk in were and _stood_whole(reach, row):
                still.add(row.pk)
    return found, still


def _stood_whole(reach: Reach, row: Statement) -> bool:
    before = copy(row)
    before.removed_at = None
    item = reach.resolve(before)
    return item is not None and is_whole(item)


def _reaches(
    principal: Principal, wanted: Iterable[UUID]
) -> Iterator[tuple[Reach, list[Statement]]]:
    """How far the principal's reading reaches in each case of these, with the rows it follows."""
    known = Statement.objects.filter(
        pk__in=wanted, case__in=policies.visible(principal), upload=None
    ).values_list("pk", "case_id", "question")
    asked = {pk for pk, _, _ in known}
    cases = {case for _, case, _ in known}
    rows = _rows(asked, cases, {question for _, _, question in known})
    at, purpose = timezone.now(), policies.purpose_of(principal)
    rules = law.in_force(at)
    live: dict[UUID, list[Grant]] = defaultdict(list)
    for grant in policies.grants(principal).filter(content_object__in=cases):
        live[grant.content_object_id].append(grant)
    rushed = set(
        policies.emergencies(principal).filter(case__in=cases).values_list("case_id", flat=True)
    )
    referred = _referred(principal, cases)
    for case in cases:
        reach = Reach(
            principal,
            live[case],
            refers=case in referred,
            emergency=case in rushed,
            purpose=purpose,
            rules=rules,
            at=at,
        )
        reach.follow(rows[case])
        yield reach, rows[case]


def _rows(
    asked: Iterable[UUID], cases: Iterable[UUID], questions: set[str]
) -> dict[UUID, list[Statement]]:
    """What is asked for, by case, in the order stated, and that by which it may be opened, which is
    what it corrects and the line that stands in its place. No other words are loaded.

    A correction answers the same question, but that one of a list may turn out to be another one.
    """
    if questions & LISTED:
        questions |= LISTED
    found: dict[UUID, list[Statement]] = defaultdict(list)
    chains = _chains(asked, Statement.objects.filter(case__in=cases, question__in=questions))
    rows = Statement.objects.filter(pk__in=chains)
    for row in rows.select_related("agency", "author__team").order_by("stated_at", "pk"):
        found[row.case_id].append(row)
    return found


def _chains(asked: Iterable[UUID], near: QuerySet[Statement]) -> set[UUID]:
    """Those asked for, what each corrects, and the lines in their places, as far as they go."""
    corrects: dict[UUID, UUID | None] = {}
    same: dict[OneAnswer, list[UUID]] = defaultdict(list)
    keys: dict[UUID, OneAnswer] = {}
    told = ("question", "referral_id", "author_id", "stated_at", "item", "corrects_id")
    for row in near.only(*told):
        corrects[row.pk], keys[row.pk] = row.corrects_id, one_answer(row)
        same[keys[row.pk]].append(row.pk)
    found: set[UUID] = set()
    left = set(asked)
    while left:
        pk = left.pop()
        found.add(pk)
        before = corrects.get(pk)
        beside = same[keys[pk]] if pk in keys else []
        left |= {each for each in (before, *beside) if each is not None} - found
    return found


def _referred(principal: Principal, cases: Iterable[UUID]) -> set[UUID]:
    """The cases that the principal sent a referral of, or, who leads an agency, their agency."""
    mine = Referral.objects.filter(author_id=principal.membership_id)
    if principal.role is Role.AGENCY_LEAD:
        mine |= Referral.objects.filter(agency_id=principal.agency_id)
    return set(mine.filter(case__in=cases).values_list("case_id", flat=True))

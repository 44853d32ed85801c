"""Finding what a case names and the same ones elsewhere, of what is shown to the reader."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models import Q

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
from referrals.links import policies
from referrals.links.models import Link, Mention, MentionQuerySet
from referrals.links.reading import losing
from referrals.links.reading.cards import (
    MOST,
    Card,
    Comparison,
    Decided,
    Elsewhere,
    Lost,
    Named,
    Page,
    Words,
)
from referrals.links.vocabulary import Kind, Verdict, alike
from referrals.models import Case, Statement
from referrals.reading import Item, pieces, pieces_and_gone

MOST_NEAR: Final = 200
"""How many that share a key are looked at, the latest first; whatever people linked is there."""


def people_and_places(principal: Principal, case: Case) -> Page:
    """What this case names, for the principal, who oversees it. The caller records the reading."""
    recorded = _rows(Mention.objects.standing().filter(statement__case=case))
    mine = list(recorded.select_related("settling"))
    theirs = _candidates(principal, case, mine)
    listed = Statement.objects.filter(
        case=case, question__in=LISTED_HERE, item__isnull=False, removed_at__isnull=True
    ).order_by("created_at", "pk")
    chains = losing.chains(mine)
    followed = {pk for chain in chains.values() for pk in chain}
    open_to_record = list(listed.values_list("pk", flat=True))
    wanted = {row.statement_id for row in (*mine, *theirs)}
    shown, were = pieces_and_gone(principal, {*wanted, *open_to_record, *followed}, followed)
    here = [_named(row, shown[row.statement_id]) for row in mine if row.statement_id in shown]
    there = [_named(row, shown[row.statement_id]) for row in theirs if row.statement_id in shown]
    decided = _decided(here, there)
    dealt = {row.statement_id for row in mine} | losing.dealt(chains, were)
    return Page(
        reference=case.reference,
        cards=tuple(_card(each, there, decided) for each in here),
        open=tuple(shown[pk] for pk in open_to_record if pk in shown and pk not in dealt),
        lost=losing.lost(
            {row: chain for row, chain in chains.items() if not hasattr(row, "settling")},
            shown,
            were,
        ),
    )


def lost_one(principal: Principal, case: Case, pk: UUID) -> Lost | None:
    """One that went with its words, as the page says it, whether or not somebody has looked at it.

    None where there is none such that the principal may know of.
    """
    row = _rows(Mention.objects.standing().filter(statement__case=case, pk=pk)).first()
    chains = losing.chains([row] if row else [])
    followed = {each for chain in chains.values() for each in chain}
    found = losing.lost(chains, *pieces_and_gone(principal, followed, followed))
    return found[0] if found else None


LISTED_HERE: Final = frozenset({"person", "young_person", "place", "online"})
"""The lists of a referral that name what may be linked. Another child is matched as a child."""


def _rows(found: MentionQuerySet) -> MentionQuerySet:
    return found.select_related("statement__case", "by__user").order_by("-recorded_at", "pk")


def _candidates(principal: Principal, case: Case, mine: Iterable[Mention]) -> list[Mention]:
    """What is recorded on other cases and was linked with one of these, or shares a key with one.

    Of those that share a key alone, only the latest: a common name would bring whole areas.
    """
    pks = [row.pk for row in mine]
    if not pks:
        return []
    held = Link.objects.current().filter(Q(first__in=pks) | Q(second__in=pks))
    near = Q(keys__overlap=sorted({key for row in mine for key in row.keys}))
    linked = Q(pk__in=held.values("first")) | Q(pk__in=held.values("second"))
    others = _rows(policies.elsewhere(principal, case))
    found = [*others.filter(linked), *others.filter(near).exclude(linked)[:MOST_NEAR]]
    return sorted(found, key=lambda row: row.recorded_at, reverse=True)


def _named(row: Mention, item: Item) -> Named:
    case = row.statement.case
    return Named(
        pk=row.pk,
        case_id=case.pk,
        child_id=case.child_id,
        reference=case.reference,
        words=Words(Kind(row.kind), row.called, row.also, row.where, row.description),
        item=item,
        by=row.by.user.name,
        at=row.recorded_at,
        keys=tuple(row.keys),
    )


def _pair(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _decided(here: Iterable[Named], there: Iterable[Named]) -> Mapping[tuple[UUID, UUID], Decided]:
    """What holds of one of these and one of those, both of which are shown, by the pair."""
    mine, theirs = [each.pk for each in here], [each.pk for each in there]
    if not (mine and theirs):
        return {}
    held = Link.objects.current().filter(
        Q(first__in=mine, second__in=theirs) | Q(first__in=theirs, second__in=mine)
    )
    return {
        (each.first_id, each.second_id): _said(each) for each in held.select_related("by__user")
    }


def _said(link: Link) -> Decided:
    return Decided(Verdict(link.verdict), link.by.user.name, link.judged_at, link.reason)


def _card(
    named: Named, there: Iterable[Named], decided: Mapping[tuple[UUID, UUID], Decided]
) -> Card:
    also_in, proposed = [], []
    for other in there:
        if other.words.kind is not named.words.kind:
            continue
        held = decided.get(_pair(named.pk, other.pk))
        why = alike(named.keys, other.keys)
        if held and held.verdict is Verdict.SAME:
            also_in.append(Elsewhere(other, why, held))
        elif held is None and why:
            proposed.append(Elsewhere(other, why))
    return Card(named, tuple(also_in), tuple(islice(proposed, MOST)))


def comparison(principal: Principal, case: Case, mine: UUID, other: UUID) -> Comparison:
    """Two side by side, of which each is shown to the principal on its own case.

    Raises NotVisible where one of them is not, or they are of two kinds. The caller records it.
    """
    here = Mention.objects.standing().filter(statement__case=case, pk=mine)
    there = policies.elsewhere(principal, case).filter(pk=other)
    found = [*_rows(here), *_rows(there)]
    shown = pieces(principal, [row.statement_id for row in found])
    if len(found) != 2 or len(shown) != 2 or found[0].kind != found[1].kind:
        raise NotVisible("mention", str(other))
    one, two = (_named(row, shown[row.statement_id]) for row in found)
    held = Link.objects.current().between(mine, other).select_related("by__user").first()
    return Comparison(one, two, alike(one.keys, two.keys), _said(held) if held else None)


def one(principal: Principal, case: Case, pk: UUID) -> Named:
    """One that this case names, if its statement is shown to the principal. Raises NotVisible."""
    row = _rows(Mention.objects.standing().filter(statement__case=case, pk=pk)).first()
    shown = pieces(principal, [row.statement_id]) if row else {}
    if row is None or row.statement_id not in shown:
        raise NotVisible("mention", str(pk))
    return _named(row, shown[row.statement_id])

"""What was recorded from an answer and went with it, when it was corrected or removed."""

from collections.abc import Container, Iterable, Mapping
from uuid import UUID

from referrals.links.models import Mention
from referrals.links.reading.cards import Lost
from referrals.models import Statement
from referrals.reading import Item
from referrals.vocabulary import QUESTIONS

Chains = Mapping[Mention, tuple[UUID, ...]]
"""What went with its words, each with the answer it rested on and those that were put in its place,
in order: what was put right may have been put right again."""


def chains(recorded: Iterable[Mention]) -> Chains:
    """Those of these whose answer does not stand. One query where there are any."""
    gone = [row for row in recorded if row.statement.removed_at is not None]
    if not gone:
        return {}
    put_right = Statement.objects.filter(
        case__in={row.statement.case_id for row in gone}, corrects__isnull=False
    )
    following = dict(put_right.values_list("corrects", "pk"))
    found: dict[Mention, tuple[UUID, ...]] = {}
    for row in gone:
        chain = [row.statement_id]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        found[row] = tuple(chain)
    return found


def lost(chains: Chains, shown: Mapping[UUID, Item], were: Container[UUID]) -> tuple[Lost, ...]:
    """As the page says it, to whom every answer of its chain is, or would be, shown whole.

    So it is told to nobody whom the answer was withheld from, before the correction or since.
    """
    return tuple(
        Lost(
            pk=row.pk,
            label=QUESTIONS[row.statement.question].label,
            category=str(row.statement.category),
            by=row.by.user.name,
            at=row.recorded_at,
            right=shown.get(chain[-1]),
        )
        for row, chain in chains.items()
        if all(pk in were for pk in chain)
    )


def dealt(chains: Chains, were: Container[UUID]) -> set[UUID]:
    """The right answers of those that the page tells of, or told of until somebody settled them."""
    return {chain[-1] for chain in chains.values() if all(pk in were for pk in chain)}

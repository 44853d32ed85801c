"""What everybody in the room reads: by a live share, or because their own agency holds it."""

from collections.abc import Callable, Sequence
from uuid import UUID

from portal.accounts.models import Membership
from referrals.models import Case, Grant, Statement
from referrals.reading import Item
from referrals.vocabulary import Extent, State


def read_by_all(
    case: Case, items: Sequence[Item], inside: Sequence[Membership]
) -> tuple[list[Item], Callable[[Membership, str, UUID], bool]]:
    """Of what the presenter reads, what everybody in the room reads too. Two queries. And whether a
    live share opens to one of them a category of what an agency holds.

    Each by a live share to their team or to them alone, or because their own agency holds it.
    """
    if not inside:
        return [], lambda _member, _category, _holder: False
    opened: dict[UUID, set[tuple[str, UUID]]] = {member.pk: set() for member in inside}
    live = Grant.objects.live().filter(
        content_object=case,
        group__in={member.team_id for member in inside},
        extent=Extent.WHOLE,
    )
    for group, only, holder, codes in live.values_list(
        "group_id", "only_id", "holder_id", "categories"
    ):
        for member in inside:
            if member.team_id == group and only in (None, member.pk):
                opened[member.pk].update((code, holder) for code in codes)
    stated = [each.statement for each in items if each.statement is not None]
    kept = set(
        Statement.objects.filter(pk__in=stated).exclude(protect="").values_list("pk", flat=True)
    )

    def given(member: Membership, category: str, holder: UUID) -> bool:
        return (category, holder) in opened[member.pk]

    def all_read(category: str, holder: UUID | None) -> bool:
        return all(
            holder == member.team.agency_id or (category, holder) in opened[member.pk]
            for member in inside
        )

    found = [
        each
        for each in items
        if each.state is State.SHOWN
        and not each.concealed
        and each.statement not in kept
        and all_read(each.category, each.holder)
    ]
    return found, given

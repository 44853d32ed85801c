"""Seeing through the sharing: which teams hold what of a case, since when, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from portal.accounts.vocabulary import AgencyKind
from portal.common.moments import day, until
from referrals.models import Case, Grant
from referrals.reading import Item
from referrals.vocabulary import Extent
from sharing.disclosures.reading.teams import team_words
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category


@dataclass(frozen=True, repr=False)
class Holder:
    """One team that can open the case, and what each of its grants opens, why and until when."""

    title: str
    rows: tuple[tuple[str, str], ...]


def opening(case: Case, items: Iterable[Item]) -> frozenset[UUID]:
    """The live grants, to whichever team, that open any of these items. One query."""
    wanted = {(item.holder, item.category) for item in items}
    named = {item.statement for item in items}
    return frozenset(
        grant.pk
        for grant in Grant.objects.live().filter(content_object=case)
        if named.intersection(grant.statements)
        or (
            grant.extent == Extent.WHOLE
            and any((grant.holder_id, Category(code)) in wanted for code in grant.categories)
        )
    )


def holders(case: Case, *, only: frozenset[UUID] | None = None) -> list[Holder]:
    """Return the teams with a live grant on the case, by agency and role. One query.

    `only` are the grants to look at, where not all. A grant that opens nothing but what an agency
    conceals does not exist: none is ever made.
    """
    found = Grant.objects.live().filter(content_object=case)
    if only is not None:
        found = found.filter(pk__in=only)
    live = found.select_related("group__team__agency", "holder", "only__user").order_by(
        "group__team__agency__name", "group__team__role", "from_at", "rule", "holder__name"
    )
    rows: dict[str, list[tuple[str, str]]] = {}
    for grant in live:
        team = grant.group.team
        title = team_words(team)
        if grant.only is not None:
            title = f"{grant.only.user.name} alone, {title}"
        rows.setdefault(title, []).append((_whose(grant), _what(grant)))
    return [Holder(title=title, rows=tuple(given)) for title, given in rows.items()]


def _whose(grant: Grant) -> str:
    part = {Extent.PART: ", in part", Extent.ANSWER: ", only to answer a question"}.get(
        Extent(grant.extent), ""
    )
    return f"Held by {AgencyKind(grant.holder.kind).label}{part}"


def _what(grant: Grant) -> str:
    ends = f"until {until(grant.until_at)}" if grant.until_at else "with no end date"
    categories = "; ".join(Category(code).label for code in grant.categories)
    return f"{categories}. {law.gateway_words(grant.gateway)}. {day(grant.from_at)}, {ends}."

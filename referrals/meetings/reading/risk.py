"""The risk comparison of an item in short: the level that agencies agreed, and where they differ.

It is asked of the functions that fill the risk page of the case and the page that compares the
answers. So there is no second rule of who sees what of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON
from portal.common.moments import day
from referrals.assessments import policies as risk
from referrals.assessments import reading as assessed
from referrals.assessments.vocabulary import Level
from referrals.models import Case
from referrals.reading import Item
from sharing.rules.vocabulary import Category

Together = Callable[[UUID], bool]
"""Whether everybody in the room reads what an agency says of the concern and its signs."""


@dataclass(frozen=True, repr=False)
class RiskInShort:
    """The level and its judgement, and the questions on which agencies differ, for one reader.

    `level` is the partnership's word for it, or why it is not shown. `differs` holds the question
    and what each agency says of it, in words; `silent` how many agencies' answers are not shared
    with the reader. `compares`: the assessment whose whole comparison the reader may open.
    """

    level: str = ""
    is_shown: bool = False
    agreed_on: str = ""
    judgement: Item | None = None
    is_compared: bool = False
    differs: tuple[tuple[str, str], ...] = ()
    silent: int = 0
    compares: UUID | None = None

    @property
    def opens(self) -> bool:
        """Whether anything of the concern and its signs is shown."""
        return self.is_shown or self.is_compared


NO_RISK: Final = RiskInShort()


class _Room(assessed.Said):
    """What one who presents sees of the assessments and everybody in the room sees too."""

    def __init__(
        self, principal: Principal, case: Case, together: Together, shown: frozenset[UUID]
    ) -> None:
        super().__init__(principal, case)
        self._together, self._shown = together, shown

    def sees(self, agency: Agency, author: UUID) -> bool:
        """Whether all of them see what this agency says of the concern and its signs."""
        return self._together(agency.pk) and super().sees(agency, author)

    def item(self, statement: UUID | None) -> Item | None:
        """The words of this statement, where all of them read it as it stands."""
        found = super().item(statement)
        return found if found is not None and found.statement in self._shown else None


def risk_of(principal: Principal, case: Case) -> RiskInShort:
    """The comparison in short for one reader, on their own screen. Writes nothing."""
    return _in_short(principal, case, lambda: assessed.said(principal, case))


def risk_together(
    principal: Principal, case: Case, together: Together, shown: frozenset[UUID]
) -> RiskInShort:
    """The same for everybody in the room: of what `principal` sees, what all of them see.

    `shown` are the pieces of information that all of them read and that no author protects. What
    an agency knows and protects is no part of it, nor whose answers are kept back.
    """
    found = _in_short(principal, case, lambda: _Room(principal, case, together, shown), shut=True)
    if not found.opens:
        return NO_RISK
    found = replace(found, silent=0, compares=None)
    return found if found.is_shown else replace(found, level="", agreed_on="", judgement=None)


def categories_of(
    view: Iterable[Item], changed: Iterable[Item], risk: RiskInShort
) -> tuple[str, ...]:
    """The codes of the categories of which a page of an item shows something, for the ledger."""
    found = {str(each.category) for each in (*view, *changed)}
    return tuple(sorted(found | {str(Category.IC4)} if risk.opens else found))


def _in_short(
    principal: Principal,
    case: Case,
    looks: Callable[[], assessed.Said],
    *,
    shut: bool = False,
) -> RiskInShort:
    held, opened = risk.latest_in_force(case), risk.latest_opened(case)
    if held is None and opened is None:
        return NO_RISK
    said, found = looks(), NO_RISK
    if held is not None:
        sees = said.sees_level(held)
        found = RiskInShort(
            level=assessed.names_of(case)[Level(held.level)] if sees else said.not_shared,
            is_shown=sees,
            agreed_on=day(held.agreed_at.astimezone(LONDON).date()),
            judgement=said.item(held.judgement.words_id),
        )
    if opened is None or not risk.takes_part(principal, opened, said.stands):
        return found
    sides = assessed.differences(opened, said, protected=not shut)
    return replace(
        found,
        is_compared=sides.seen > 0,
        differs=tuple((line.text, line.sentence) for line in sides.lines),
        silent=sides.silent,
        compares=opened.pk,
    )

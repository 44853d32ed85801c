"""The risk comparison of an item in short: the level that agencies agreed, and where they differ.

It is asked of the functions that fill the risk page of the case and the page that compares the
answers. So there is no second rule of who sees what of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.db.models import prefetch_related_objects

from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON
from portal.common.moments import day
from referrals import policies as casework
from referrals.assessments import policies as risk
from referrals.assessments import reading as assessed
from referrals.assessments.models import Agreement, Assessment
from referrals.assessments.vocabulary import Level
from referrals.models import Case
from referrals.reading import Item
from referrals.reading.statements import Reach
from sharing.rules.vocabulary import Category

Given = Callable[[Membership, str, UUID], bool]
"""Whether a live share opens to a member a category of what an agency holds."""


@dataclass(frozen=True, repr=False)
class RiskInShort:
    """The level and its judgement, and the questions on which agencies differ, for one reader.

    `level` is the partnership's word for it, or why it is not shown. `differs` holds the question
    and what each agency says of it, in words; `silent` how many agencies' answers are not shared
    with the reader. `is_alone`: only one agency's are, so nothing is held side by side. `compares`:
    the assessment whose whole comparison the reader may open. For the ledger: `shown_ids`, the
    level and whose answers were read; `withheld`, how many agencies' answers were not.
    """

    level: str = ""
    is_shown: bool = False
    agreed_on: str = ""
    judgement: Item | None = None
    is_compared: bool = False
    differs: tuple[tuple[str, str], ...] = ()
    is_alone: bool = False
    silent: int = 0
    compares: UUID | None = None
    shown_ids: tuple[UUID, ...] = ()
    withheld: int = 0

    @property
    def opens(self) -> bool:
        """Whether anything of the concern and its signs is shown."""
        return self.is_shown or self.is_compared


NO_RISK: Final = RiskInShort()


class _Room(assessed.Said):
    """What one who presents sees of the assessments and everybody in the room sees too.

    Each in person: by a live share, or by the law about what is their own.
    """

    def __init__(
        self,
        principal: Principal,
        case: Case,
        inside: Sequence[Membership],
        given: Given,
        shown: frozenset[UUID],
    ) -> None:
        super().__init__(principal, case)
        self._given, self._shown = given, shown
        prefetch_related_objects(inside, "team__agency__partnerships")
        self._inside = [(member, self._own(member.principal())) for member in inside]
        self._standings = [
            (own.principal, casework.standing(own.principal, case)) for _, own in self._inside
        ]

    def _own(self, principal: Principal) -> Reach:
        return Reach(
            principal,
            [],
            refers=False,
            emergency=False,
            purpose=casework.purpose_of(principal),
            rules=self.reach.law,
            at=self.reach.at,
        )

    def sees(self, agency: Agency, author: UUID) -> bool:
        """Whether all of them see what this agency says of the concern and its signs."""
        return super().sees(agency, author) and all(
            self._given(member, str(Category.IC4), agency.pk)
            or own.owned(Category.IC4, agency, author)
            for member, own in self._inside
        )

    def all_know(self) -> bool:
        """Whether all of them may know of the case now."""
        return all(stands.relations for _, stands in self._standings)

    def all_take_part(self, opened: Assessment) -> bool:
        """Whether all of them take part: the comparison is refused to anybody else."""
        return all(risk.takes_part(who, opened, stands) for who, stands in self._standings)

    def item(self, statement: UUID | None) -> Item | None:
        """The words of this statement, where all of them read it as it stands."""
        found = super().item(statement)
        return found if found is not None and found.statement in self._shown else None


def risk_of(principal: Principal, case: Case) -> RiskInShort:
    """The comparison in short for one reader, on their own screen. Writes nothing."""
    opened = risk.latest_opened(case)
    held = risk.latest_in_force(case)
    if held is None and opened is None:
        return NO_RISK
    said = assessed.said(principal, case)
    if opened is not None and not risk.takes_part(principal, opened, said.stands):
        opened = None
    return _in_short(case, said, held, opened)


def risk_together(
    principal: Principal,
    case: Case,
    inside: Sequence[Membership],
    given: Given,
    shown: frozenset[UUID],
) -> RiskInShort:
    """The same for everybody in the room: of what `principal` sees, what all of them see.

    Where one of them (`inside`) is not asked in the assessment, nothing of the answers is shown.
    `shown` are the pieces of information that all of them read and that no author protects. What
    an agency knows and protects is no part of it, nor whose answers are kept back. Of each of them
    one query.
    """
    opened, held = risk.latest_opened(case), risk.latest_in_force(case)
    if not inside or (held is None and opened is None):
        return NO_RISK
    room = _Room(principal, case, inside, given, shown)
    if not room.all_know():
        return NO_RISK
    if opened is not None and not (
        risk.takes_part(principal, opened, room.stands) and room.all_take_part(opened)
    ):
        opened = None
    found = replace(_in_short(case, room, held, opened, shut=True), silent=0, compares=None)
    if found.is_shown:
        return found
    return replace(found, level="", agreed_on="", judgement=None)


def categories_of(
    view: Iterable[Item], changed: Iterable[Item], risk: RiskInShort
) -> tuple[str, ...]:
    """The codes of the categories of which a page of an item shows something, for the ledger."""
    found = {str(each.category) for each in (*view, *changed)}
    return tuple(sorted(found | {str(Category.IC4)} if risk.opens else found))


def _in_short(
    case: Case,
    said: assessed.Said,
    held: Agreement | None,
    opened: Assessment | None,
    *,
    shut: bool = False,
) -> RiskInShort:
    """`opened` is None too where the reader takes no part in it."""
    found = NO_RISK
    if held is not None:
        sees = said.sees_level(held)
        found = RiskInShort(
            level=assessed.names_of(case)[Level(held.level)] if sees else said.not_shared,
            is_shown=sees,
            agreed_on=day(held.agreed_at.astimezone(LONDON).date()),
            judgement=said.item(held.judgement.words_id),
            shown_ids=(held.pk,) if sees else (),
        )
    if opened is None:
        return found
    sides = assessed.differences(opened, said, protected=not shut)
    # One agency's answers are held beside nobody's, and nothing of them is on the page.
    is_compared = len(sides.shown_ids) > 1
    return replace(
        found,
        is_compared=is_compared,
        is_alone=len(sides.shown_ids) == 1,
        differs=tuple((line.text, line.sentence) for line in sides.lines),
        silent=sides.silent,
        compares=opened.pk,
        shown_ids=(*found.shown_ids, *sides.shown_ids) if is_compared else found.shown_ids,
        withheld=sides.silent,
    )

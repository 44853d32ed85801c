"""Which children may be the same as the one of a case, as far as this reader may know of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.vocabulary import Principal
from portal.common.models import version_of
from referrals import policies
from referrals.matching.decision import Alike, ranked
from referrals.matching.models import MAY_BE_UNDONE_FOR, Join, Judgement
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Particulars
from referrals.reading import Item, Summary, read, summaries_by_child
from referrals.vocabulary import QUESTIONS, Answer, Extent, State
from referrals.vocabulary.likeness import Likeness, asked_keys, keys
from referrals.workflow import WAITING
from sharing.rules.vocabulary import Category

MOST: Final = 5
"""How many are offered at the most: whoever reads the list reads all of it."""

COMPARED: Final = (
    *("name", "known_as", "birth", "description", "sex", "nhs_number", "upn", "other_number"),
    *("address", "safe_contact", "school", "gp", "language", "carers", "lives_with", "siblings"),
)
"""The questions whose answers stand side by side when two cases are compared."""


@dataclass(frozen=True, repr=False)
class Found:
    """A case whose child may be the same, and what the two have in common."""

    case_id: UUID
    alike: Alike


@dataclass(frozen=True, repr=False)
class Offer:
    """One possible match as a row: the case, how strong the likeness is, and why."""

    row: Summary
    strength: str
    reasons: str


@dataclass(frozen=True, repr=False)
class Linked:
    """A case of the same child: somebody decided so. `how` says what was decided, and when."""

    row: Summary
    how: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, repr=False)
class Matches:
    """What is known here of other cases of a child: offered by the portal, or linked by people."""

    reference: str
    offers: tuple[Offer, ...]
    linked: tuple[Linked, ...]

    @property
    def case_ids(self) -> list[UUID]:
        """The cases that are shown."""
        rows = [each.row for each in self.offers] + [each.row for each in self.linked]
        return [row.case_id for row in rows]


@dataclass(frozen=True, repr=False)
class Side:
    """What one of two cases says to one question: final words, with their source."""

    text: str
    source: str = ""
    at: datetime | None = None


@dataclass(frozen=True, repr=False)
class Row:
    """One question, answered by two cases. `differs` where both say something, and not the same.

    `used` is "mine" or "theirs" where a join says which of the two people should use.
    """

    key: str
    label: str
    mine: Side
    theirs: Side
    differs: bool
    used: str = ""


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two cases side by side: who each child is, why they are alike, what was decided.

    `judged` is what holds now of the two, and `join` a join that holds, with until when it may be
    undone (`undo_until`).
    """

    mine: Summary
    theirs: Summary
    rows: tuple[Row, ...]
    alike: Offer | None
    judged: Linked | None
    join: Linked | None
    undo_until: datetime | None
    shown: tuple[str, ...]

    @property
    def may_join(self) -> bool:
        """Whether this referral waits for a decision, which could be to join it to the other."""
        is_other = self.judged is not None and self.judged.how == Verdict.NOT_SAME.label
        return self.mine.status in WAITING and self.join is None and not is_other


def alike(
    principal: Principal,
    case: Case,
    judged: Mapping[UUID, Judgement],
    mine: Particulars | None = None,
) -> list[Found]:
    """The cases whose child may be the same as this case's child, the most alike first.

    Only where the principal's own list says who the child is, of this case and of the others: what
    is hidden is left out by the query, so that it changes no count and no order. `judged` is what
    was decided about this case and others: they are left out as long as what is known of both is
    what it was. `mine` are the case's particulars, if they are at hand. `case` is visible to the
    principal. Two queries.
    """
    near = _near(principal, mine or Particulars.objects.filter(case=case).first())
    asked = near.pop(case.pk, None)
    return [] if asked is None else _ranked(asked, near, judged)


def _ranked(
    asked: Particulars, near: Mapping[UUID, Particulars], judged: Mapping[UUID, Judgement]
) -> list[Found]:
    found = ranked(likeness_of(asked), {pk: likeness_of(row) for pk, row in near.items()})
    return [
        Found(pk, how)
        for pk, how in found
        if pk not in judged or asks_again(judged[pk], asked, near[pk])
    ]


def _near(principal: Principal, mine: Particulars | None) -> dict[UUID, Particulars]:
    """Whoever shares a key with this child, and the child itself if its name is known.

    A key of a school that the principal does not read leads to nobody.
    """
    if mine is None:
        return {}
    found = known_to(principal).filter(
        partnership=mine.partnership_id, keys__overlap=asked_keys(mine.likeness())
    )
    near = {row.case_id: row for row in found.only(*FOLDED, "keys")}
    asked = near.get(mine.case_id)
    if asked is None:
        return {}
    open_to_ask = set(asked_keys(likeness_of(asked)))
    return {
        pk: row
        for pk, row in near.items()
        if row is asked or not open_to_ask.isdisjoint(_open_keys(row))
    }


def _open_keys(row: Particulars) -> list[int]:
    """The keys under which this child is found by whom it was read for."""
    return row.keys if row.knows_school else keys(likeness_of(row))  # type: ignore[attr-defined]


def likeness_of(row: Particulars) -> Likeness:
    """The child as this reader may compare it; `row` comes from `known_to`."""
    return row.likeness(school=row.knows_school)  # type: ignore[attr-defined]


def known_to(principal: Principal) -> QuerySet[Particulars]:
    """The particulars of the children of whom the principal knows who they are.

    Each says whether the principal reads the school that the first sender named, too.
    """
    school = policies.grants(principal).filter(
        content_object=OuterRef("case"),
        holder=OuterRef("holder"),
        extent=Extent.WHOLE,
        categories__contains=[Category.IC5],
    )
    cases = policies.whose_child_is_known(principal)
    return (
        Particulars.objects.filter(case__in=cases)
        .annotate(knows_school=Exists(school))
        .only(*FOLDED)
    )


FOLDED: Final = (
    *("case_id", "given", "family", "also", "born", "born_about", "nhs_number", "upn"),
    *("postcode", "door", "school", "phones"),
)


def _judged(case: Case) -> dict[UUID, Judgement]:
    """What holds of this case and another one, by the other one, the earliest first."""
    held = Judgement.objects.current().about(case).select_related("by__user")
    return {each.other_id(case): each for each in held.order_by("judged_at")}


def asks_again(judged: Judgement, one: Particulars, other: Particulars) -> bool:
    """A child who is not the same is offered again once who they are has changed."""
    is_other = judged.verdict == Verdict.NOT_SAME
    return is_other and judged.told_apart_by != told_apart_by(one, other)


def told_apart_by(one: Particulars, other: Particulars) -> str:
    """The version of who two children are: names, birth dates and numbers."""
    said = [
        [
            *(each.given, each.family, each.also, f"{each.born or each.born_about or ''}"),
            *(each.nhs_number, each.upn),
        ]
        for each in sorted((one, other), key=lambda row: row.case_id)
    ]
    return version_of(said)


def matches(
    principal: Principal, case: Case, mine: Particulars | None = None, *, is_judged: bool = True
) -> Matches:
    """What may be, or is, another case of this case's child. The caller records the reading.

    `mine` are the case's particulars, if they are at hand; not `is_judged` where the caller knows
    that nobody has decided anything about this case and another one.
    """
    judged = _judged(case) if is_judged else {}
    found = alike(principal, case, judged, mine)[:MOST]
    same = {pk: each for pk, each in judged.items() if each.verdict == Verdict.SAME}
    joins = _joins(case) if same else {}
    rows = rows_of(principal, {each.case_id for each in found} | same.keys())
    return Matches(
        reference=case.reference,
        offers=tuple(_offer(rows[each.case_id], each.alike) for each in found),
        linked=tuple(
            _linked(rows[pk], each, joins.get(pk), case) for pk, each in same.items() if pk in rows
        ),
    )


def rows_of(principal: Principal, cases: Iterable[UUID]) -> dict[UUID, Summary]:
    """The rows of these cases, of those whose child the principal knows. Two queries."""
    wanted = set(cases)
    if not wanted:
        return {}
    known = policies.whose_child_is_known(principal).filter(pk__in=wanted)
    found = known.select_related("child", "coordinator__user", "partnership")
    return {row.case_id: row for row in summaries_by_child(found)}


def _offer(row: Summary, how: Alike) -> Offer:
    return Offer(row, how.strength.label, sentence(how.reasons))


def sentence(reasons: Iterable[str]) -> str:
    """Reasons as one sentence."""
    said = ", ".join(reasons)
    return f"{said[:1].upper()}{said[1:]}."


def _joins(case: Case) -> dict[UUID, Join]:
    held = Join.objects.current().filter(Q(joined=case) | Q(leading=case))
    return {
        each.leading_id if each.joined_id == case.pk else each.joined_id: each
        for each in held.select_related("by__user")
    }


def _linked(row: Summary, judged: Judgement, join: Join | None, case: Case) -> Linked:
    if join is None:
        words = "Marked as the same child"
        return Linked(row, words, judged.by.user.name, judged.judged_at, judged.reason)
    words = "This case was joined to it" if join.joined_id == case.pk else "Joined to this case"
    return Linked(row, words, join.by.user.name, join.joined_at, join.reason)


def comparison(principal: Principal, case: Case, other: Case) -> Comparison:
    """Two cases side by side, as the principal reads each. The caller records the reading.

    Both come from `matching.policies`.
    """
    purpose = policies.purpose_of(principal)
    readings = [read(principal, each, purpose) for each in (case, other)]
    mine, theirs = ({item.key: item for item in reading.items} for reading in readings)
    rows = rows_of(principal, (case.pk, other.pk))
    near = {each.case_id: each.alike for each in alike(principal, case, {})}
    judged = _judged(case).get(other.pk)
    if judged and any(
        each.case_id == other.pk for each in alike(principal, case, {other.pk: judged})
    ):
        # Who one of them is has changed since, so the question is put again.
        judged = None
    join = _joins(case).get(other.pk)
    used = dict(join.shown_first) if join else {}
    if join and join.leading_id == case.pk:
        used = {key: {"mine": "theirs", "theirs": "mine"}[which] for key, which in used.items()}
    shown = {
        str(item.category)
        for items in (mine, theirs)
        for key, item in items.items()
        if key in COMPARED and item.value is not None
    }
    return Comparison(
        mine=rows[case.pk],
        theirs=rows[other.pk],
        rows=tuple(
            _row(key, mine.get(key), theirs.get(key), used.get(key, ""))
            for key in COMPARED
            if any(key in items and items[key].text != _NOTHING for items in (mine, theirs))
        ),
        alike=_offer(rows[other.pk], near[other.pk]) if other.pk in near else None,
        judged=_verdict(rows[other.pk], judged) if judged else None,
        join=_linked(rows[other.pk], judged, join, case) if judged and join else None,
        undo_until=join.joined_at + MAY_BE_UNDONE_FOR if join else None,
        shown=tuple(sorted(shown)),
    )


def _verdict(row: Summary, judged: Judgement) -> Linked:
    words = Verdict(judged.verdict).label
    return Linked(row, words, judged.by.user.name, judged.judged_at, judged.reason)


def _row(key: str, mine: Item | None, theirs: Item | None, used: str) -> Row:
    values = [item.value if item else None for item in (mine, theirs)]
    folded = [" ".join(value.casefold().split()) for value in values if value is not None]
    return Row(
        key=key,
        label=QUESTIONS[key].label,
        mine=_side(mine),
        theirs=_side(theirs),
        differs=len(folded) == 2 and folded[0] != folded[1],
        used=used,
    )


_NOTHING: Final = Answer.NOT_PROVIDED.label


def _side(item: Item | None) -> Side:
    if item is None:
        return Side(_NOTHING)
    if item.state in (State.SHOWN, State.PARTLY_WITHHELD):
        return Side(item.text, item.source, item.at)
    return Side(item.text)

"""What somebody may offer of a case to a team: kind by kind, with the law's answer.

Everything starts from what the person themselves reads of the case. A concealed piece of
information is in nobody's offer, not even in its author's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from portal.accounts.models import Agency, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals import policies as casework
from referrals.models import Case
from referrals.reading import Item, read
from referrals.vocabulary import State
from sharing.disclosures import policies
from sharing.rules import policies as law
from sharing.rules.decision import Decision as Ruling
from sharing.rules.decision import Facts, Inputs, Rule, decide
from sharing.rules.vocabulary import Category, Obligation, Outcome, Purpose

_SEEN: Final = frozenset({State.SHOWN, State.NOT_PROVIDED, State.NOT_KNOWN})


@dataclass(frozen=True, repr=False)
class Piece:
    """One answer of a case, as the person who shares reads it.

    `says`: whether it holds information. `protected`: whether others read it in part only.
    """

    statement: UUID | None
    label: str
    text: str
    source: str
    says: bool = True
    protected: bool = False


@dataclass(frozen=True, repr=False)
class Offer:
    """One kind of information that one agency holds: what of it there is, and the law's answer.

    `entire` tells whether the person sees all of it; `own` whether they lead the agency.
    """

    holder: Agency
    category: Category
    ruling: Ruling
    inputs: Inputs
    pieces: tuple[Piece, ...]
    entire: bool
    own: bool
    agreed_until: datetime | None = None

    @property
    def rests_until(self) -> datetime | None:
        """When the agreement between agencies ends on which the law's yes rests, if it does."""
        bound = Obligation.SIGNED_AGREEMENT in self.ruling.obligations
        return self.agreed_until if bound else None

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{self.holder.pk}:{self.category}"

    @property
    def whole(self) -> bool:
        """Whether all of it may be shared. A rule that says "part of it" means a part."""
        return self.entire and self.ruling.outcome in (Outcome.ALLOW, Outcome.ASK)

    @property
    def splits(self) -> tuple[Piece, ...]:
        """The pieces that can be shared or left out one by one."""
        if self.ruling.outcome is Outcome.DENY:
            return ()
        found = tuple(piece for piece in self.pieces if piece.statement)
        redacts = self.ruling.outcome is Outcome.REDACT
        return () if redacts and not self._divides(found) else found

    def _divides(self, found: tuple[Piece, ...]) -> bool:
        """Whether a part of these can be given, and a part kept."""
        return sum(piece.says for piece in found) > 1 or any(each.protected for each in found)

    @property
    def is_open(self) -> bool:
        """Whether any of it may be shared at all."""
        return self.whole or bool(self.splits)

    @property
    def asks(self) -> bool:
        """Whether the law leaves it to a person who is not this one: then advice comes first.

        Which part of it may go is left to a person as well.
        """
        return self.ruling.outcome in (Outcome.ASK, Outcome.REDACT) and not self.own

    @property
    def rule(self) -> Rule | None:
        """The rule that answered; None where none spoke."""
        return self.ruling.trace[-1].won

    @property
    def provisions(self) -> tuple[str, ...]:
        """The codes of the provisions on which the rule that answered rests."""
        rule = self.rule
        if rule is None:
            return ()
        return tuple(cited.partition("/")[0] for cited in (rule.gateway.code, *rule.also))

    @property
    def why_not(self) -> str:
        """Why none of it may be shared, with the lawful way that remains; or ""."""
        if self.is_open:
            return ""
        if self.ruling.outcome is Outcome.DENY:
            return self.ruling.reason
        return f"Only a part of it may be shared, and it cannot be divided. {self.ruling.reason}"

    @property
    def given_because(self) -> str:
        """Why it is open, for the team that it would be shared with."""
        if self.ruling.outcome is not Outcome.ASK:
            return self.ruling.reason
        who = "The lead of the agency that holds it" if self.own else "A person, with advice,"
        return f"{who} decided to share this with your team: the law leaves it to a person."

    @property
    def words(self) -> str:
        """What of it there is, whose it is and what the law says, for the person who chooses."""
        count = len(self.pieces)
        there = "; ".join(dict.fromkeys(piece.label for piece in self.pieces))
        number = "1 answer" if count == 1 else f"{count} answers"
        return f"Held by {self.holder.name}. {number}: {there}. {self.says}"

    @property
    def says(self) -> str:
        """The law's answer, in a few words."""
        named = law.name(self.ruling.rule)
        if self.ruling.outcome is Outcome.ALLOW:
            return f"{named} allows it."
        if self.ruling.outcome is Outcome.REDACT:
            return f"{named} allows a part of it."
        if self.own:
            return f"{named}: you decide, because your agency holds it."
        return f"{named}: ask the agency that holds it, or get advice first."


@dataclass(frozen=True, repr=False)
class Choice:
    """What was chosen of an offer: all of it, or these statements."""

    offer: Offer
    statements: tuple[UUID, ...] = ()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces that would be shared, as the person reads them."""
        if not self.statements:
            return self.offer.pieces
        return tuple(piece for piece in self.offer.pieces if piece.statement in self.statements)

    @property
    def is_a_part(self) -> bool:
        """Whether it leaves something out that is said, or is protected in part."""
        kept = {each.statement for each in self.pieces}
        left = any(each.says and each.statement not in kept for each in self.offer.pieces)
        return left or any(each.protected for each in self.pieces)

    @property
    def words(self) -> str:
        """What it is, how much of it, and whose, in one line."""
        much = "all of it" if not self.statements else f"{len(self.pieces)} of it"
        if self.statements:
            much = f"{len(self.pieces)} of {len(self.offer.pieces)} answers"
        return f"{self.offer.category.label}: {much}, held by {self.offer.holder.name}"


@dataclass(frozen=True, repr=False)
class Kind:
    """One kind of information that one agency holds, as far as somebody sees it."""

    holder: Agency
    category: Category
    pieces: tuple[Piece, ...]
    entire: bool
    own: bool


@dataclass(frozen=True, repr=False)
class Holdings:
    """What somebody might share of a case, and the law as it stands: not yet with whom."""

    kinds: tuple[Kind, ...]
    rule_set: int
    rules: tuple[Rule, ...]
    referrers: frozenset[UUID]


def holdings(principal: Principal, case: Case) -> Holdings:
    """Read what the principal may offer of the case, kind by kind.

    For each agency and kind of information that the principal sees something of. An agency's lead
    may offer what their own agency holds. However many teams it is then offered to, the case is
    read once. Raises Refused while an emergency opens the case to them.
    """
    reading = read(principal, case, casework.purpose_of(principal))
    if reading.emergency_until is not None:
        policies.refuse_emergency(case)
    found: dict[tuple[UUID, Category], list[Item]] = {}
    for item in reading.items:
        if item.holder and not (item.concealed or item.is_step):
            found.setdefault((item.holder, item.category), []).append(item)
    agencies = Agency.objects.in_bulk({holder for holder, _ in found})
    leads_only = not policies.shares_whatever_they_see(principal)
    kinds = []
    for (holder, category), items in found.items():
        pieces = tuple(_piece(item) for item in items if _is_seen(item))
        own = principal.role is Role.AGENCY_LEAD and principal.agency_id == holder
        if pieces and (own or not leads_only):
            entire = not any(_is_closed(item) for item in items)
            kinds.append(Kind(agencies[holder], category, pieces, entire, own))
    rule_set, rules = law.now_known()
    return Holdings(
        kinds=tuple(kinds),
        rule_set=rule_set,
        rules=rules,
        referrers=frozenset(case.referrals.values_list("agency", flat=True)),
    )


def offers(
    held: Holdings,
    to: Team,
    purpose: Purpose,
    at: datetime,
    *,
    agreed: Mapping[Category, datetime],
    danger: bool = False,
    harm: bool = False,
) -> tuple[Offer, ...]:
    """What of it could be shared with this team for this purpose, each with the law's answer.

    In: what the team's agency has agreed to, and until when; `danger` and `harm`, the two facts
    that a person states. No query.
    """
    recipient = law.recipient(to)
    refers = to.role == Role.AGENCY_LEAD and to.agency_id in held.referrers
    made = []
    for kind in held.kinds:
        facts = Facts(
            rules=held.rules,
            holder_kind=AgencyKind(kind.holder.kind),
            holder_agency=kind.holder.pk,
            recipient_is_referrer=refers,
            danger=danger,
            agreement=kind.category in agreed,
            significant_harm=harm,
        )
        asked = (recipient, facts, kind.category, purpose, at)
        made.append(
            Offer(
                holder=kind.holder,
                category=kind.category,
                ruling=decide(*asked),
                inputs=Inputs.of(*asked, rule_set=held.rule_set),
                pieces=kind.pieces,
                entire=kind.entire,
                own=kind.own,
                agreed_until=agreed.get(kind.category),
            )
        )
    return tuple(made)


def _is_seen(item: Item) -> bool:
    return item.state in _SEEN or item.value is not None


def _is_closed(item: Item) -> bool:
    """Whether it is not open to the person at all, so that they cannot share "all of it"."""
    in_part = item.state is State.PARTLY_WITHHELD and item.value is None
    return item.state is State.NOT_SHARED or in_part


def _piece(item: Item) -> Piece:
    return Piece(
        item.statement,
        item.label,
        item.text,
        item.source,
        says=item.value is not None,
        protected=item.in_part,
    )

"""A share being prepared: what was chosen of what is offered, why, and what it would open."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from portal.accounts.models import Agency, Team
from portal.accounts.vocabulary import AgencyKind, Principal
from portal.common.clock import end_of
from referrals.models import Case, Grant
from referrals.vocabulary import Extent, KnownHow
from sharing.disclosures import policies
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.offers import Choice, Offer, holdings, offers
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.vocabulary import Result, Told
from sharing.rules import models as rules
from sharing.rules import policies as law
from sharing.rules.decision import ArticlePair, Basis, articles
from sharing.rules.vocabulary import Category, GatewayKind, Obligation, Outcome, Purpose

_NEEDS_A_DAY: Final = frozenset({Obligation.EXPIRES, Obligation.ENDS_AFTER_PANEL})
_NEEDS_A_NOTE: Final = frozenset(
    {
        Obligation.JOINT_ENQUIRY_REFERENCE,
        Obligation.NAMED_CLINICIAN,
        Obligation.CALDICOTT_NOTE,
        Obligation.ASK_CALDICOTT_GUARDIAN,
        Obligation.MAPPA_CHECK,
        Obligation.NAMED_WORKER,
    }
)
_ONWARD: Final = frozenset(
    {
        Obligation.NO_ONWARD_USE,
        Obligation.PROTECT_WHO_TOLD,
        Obligation.DESIGNATED_LEAD_ONLY,
        Obligation.NAMED_WORKER,
        Obligation.HOUSING_NEED_ONLY,
    }
)
_KNOWN_HOW: Final = {each.label: each for each in KnownHow}


@dataclass(frozen=True, repr=False)
class Plan:
    """A share as far as it has been answered: whom, what for, what, why, and what it would open."""

    actor: Principal
    case: Case
    answers: Mapping[str, Mapping[str, Any]]
    at: datetime
    to: Team | None
    offers: tuple[Offer, ...]
    choices: tuple[Choice, ...]
    advice: str = ""

    @property
    def danger(self) -> bool:
        """Whether somebody has said that the child is in danger now."""
        return self.purpose is Purpose.DANGER

    @property
    def purpose(self) -> Purpose | None:
        """What the share is for, once that is answered."""
        code = self.answers.get("who", {}).get("purpose")
        return Purpose(code) if code else None

    @property
    def team(self) -> Team:
        """With whom. Only once that is answered."""
        if self.to is None:
            raise LookupError("Nobody has been chosen yet")
        return self.to

    @property
    def to_words(self) -> str:
        """With whom, in words."""
        return team_words(self.team)

    @property
    def people(self) -> int:
        """How many people work in the team that would receive it."""
        return int(getattr(self.team, "people", 0))

    @property
    def asks_about_harm(self) -> bool:
        """Whether reason to suspect significant harm could change an answer (rule 10)."""
        return any(
            offer.holder.kind == AgencyKind.HEALTH and offer.category is Category.IC3
            for offer in self.offers
        ) and self.purpose in (Purpose.SCREEN, Purpose.PLAN)

    @property
    def closed(self) -> tuple[Offer, ...]:
        """What the person sees and cannot share with them."""
        return tuple(offer for offer in self.offers if not offer.is_open)

    @property
    def denied(self) -> bool:
        """Whether something was chosen that the law keeps closed: then only a no is recorded."""
        return any(not choice.offer.is_open for choice in self.choices)

    @property
    def needs_advice(self) -> bool:
        """Whether something chosen is not this person's to decide without written advice."""
        return any(choice.offer.asks for choice in self.choices) and not self.advice

    @property
    def holders(self) -> tuple[Agency, ...]:
        """The agencies whose information would be shared, each once."""
        return tuple({each.offer.holder.pk: each.offer.holder for each in self.choices}.values())

    def of(self, holder: Agency) -> tuple[Choice, ...]:
        """What was chosen of this agency's."""
        return tuple(each for each in self.choices if each.offer.holder.pk == holder.pk)

    @cached_property
    def gateways(self) -> tuple[rules.Gateway, ...]:
        """The provisions to choose from: those on which the rules that answered rest.

        Where the law leaves it to a person, every provision that leads that way. Each must lead
        from every agency whose information is shared.
        """
        recipient = law.recipient(self.team)
        lists = [
            law.selectable(AgencyKind(holder.kind), recipient, self.at) for holder in self.holders
        ]
        if not lists:
            return ()
        shared = set.intersection(*({row.code for row in rows} for rows in lists))
        leading = tuple(row for row in lists[0] if row.code in shared)
        rested = {code for choice in self.choices for code in choice.offer.provisions}
        by_rule = tuple(row for row in leading if row.code in rested)
        asked = any(choice.offer.ruling.outcome is Outcome.ASK for choice in self.choices)
        return leading if asked or not by_rule else by_rule

    @property
    def gateway(self) -> str:
        """The provision that was chosen, as it is cited; in danger, and for a no, the rule's."""
        chosen = str(self.answers.get("gateway", {}).get("gateway", ""))
        if not self.denied and (chosen or not self.danger):
            return chosen
        return next((each.offer.ruling.gateway for each in self.choices), "")

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What goes with it, by the rules that answered, each once."""
        return tuple(
            dict.fromkeys(
                each for choice in self.choices for each in choice.offer.ruling.obligations
            )
        )

    @property
    def needs_a_day(self) -> bool:
        """Whether a rule wants it to end on a day."""
        return bool(_NEEDS_A_DAY.intersection(self.obligations))

    @property
    def needs_a_note(self) -> tuple[str, ...]:
        """What the rules want recorded in words."""
        return tuple(each.label for each in self.obligations if each in _NEEDS_A_NOTE)

    @property
    def onward(self) -> str:
        """What the recipient may not do with it."""
        return " ".join(each.label for each in self.obligations if each in _ONWARD)

    @property
    def lifts_confidence(self) -> bool:
        """Whether how confidence is lifted must be said."""
        return any(
            choice.offer.holder.kind == AgencyKind.HEALTH or "CONF" in choice.offer.provisions
            for choice in self.choices
        )

    @property
    def consent_limb(self) -> bool:
        """Whether why consent is not relied on must be said."""
        return any(pair.consent_limb for pair in self._pairs.values() if pair is not None)

    def pair(self, holder: Agency) -> ArticlePair:
        """What it may rest on in data protection law, the usual choice first.

        Raises LookupError where no basis in force covers it.
        """
        found = self._pairs[holder.pk]
        if found is None:
            raise LookupError(f"No basis covers what this {holder.kind} agency holds")
        return found

    @cached_property
    def _pairs(self) -> dict[UUID, ArticlePair | None]:
        """By agency what its information may rest on; None where no basis covers it. One query."""
        if not self.choices:
            return {}
        bases = law.bases(self.choices[0].offer.inputs.rule_set)
        return {holder.pk: self._pair(holder, bases) for holder in self.holders}

    def _pair(self, holder: Agency, bases: tuple[Basis, ...]) -> ArticlePair | None:
        duty = any(
            row.cited_as == self.gateway and row.kind == GatewayKind.DUTY for row in self.gateways
        )
        try:
            pairs = [
                articles(
                    bases,
                    AgencyKind(holder.kind),
                    choice.offer.category,
                    choice.offer.inputs.purpose,
                    self.at,
                    duty=duty,
                    danger=self.danger,
                )
                for choice in self.of(holder)
            ]
        except LookupError:
            return None
        return next((pair for pair in pairs if pair.article_10), pairs[0])

    @property
    def decision(self) -> str:
        """What the person decides: to share, to wait or to refuse; "" until they have."""
        return str(self.answers.get("why", {}).get("decision", ""))

    @property
    def shares(self) -> bool:
        """Whether the decision is to share."""
        return self.decision == Result.SHARED

    @property
    def last_day(self) -> date | None:
        """The last day on which the recipient sees it; None until somebody stops it."""
        chosen = self.answers.get("why", {}).get("until")
        return date.fromisoformat(chosen) if chosen else None

    @property
    def until(self) -> datetime | None:
        """The moment at which it ends: the end of the last day."""
        return end_of(self.last_day) if self.last_day else None

    def accuracy(self, holder: Agency) -> dict[str, int]:
        """How many of the answers shared are seen, said, told, thought, or from a record."""
        known = (_KNOWN_HOW.get(piece.source) for each in self.of(holder) for piece in each.pieces)
        return dict(Counter(str(each) for each in known if each))

    def result(self, holder: Agency) -> Result:
        """What is decided of this agency's information."""
        if not self.shares:
            return Result(self.decision)
        in_part = any(each.statements for each in self.of(holder))
        return Result.PART if in_part else Result.SHARED

    def grants(self) -> list[Grant]:
        """What it would open, not saved: one grant for each agency, rule and extent."""
        if self.to is None:
            return []
        grouped: dict[tuple[UUID, str, int, bool], list[Choice]] = {}
        for choice in self.choices:
            if not choice.offer.is_open:
                continue
            ruling = choice.offer.ruling
            key = (choice.offer.holder.pk, ruling.rule, ruling.version, bool(choice.statements))
            grouped.setdefault(key, []).append(choice)
        return [self._grant(group) for group in grouped.values()]

    def _grant(self, group: list[Choice]) -> Grant:
        offer, said = group[0].offer, self.answers.get("why", {})
        statements = [pk for choice in group for pk in choice.statements]
        return Grant(
            content_object=self.case,
            group=self.to,
            holder=offer.holder,
            categories=[str(choice.offer.category) for choice in group],
            extent=Extent.PART if statements else Extent.WHOLE,
            statements=statements,
            purpose=offer.inputs.purpose,
            gateway=self.gateway or offer.ruling.gateway,
            rule=offer.ruling.rule,
            rule_version=offer.ruling.version,
            reason=offer.given_because,
            necessity=said.get("necessity", ""),
            proportionality=said.get("proportionality", ""),
            obligations=[str(each) for each in offer.ruling.obligations],
            granted_by_id=self.actor.membership_id,
            from_at=self.at,
            until_at=_first_end(self.until, group),
        )

    @property
    def owes(self) -> tuple[str, ...]:
        """What its record must say of why, by the names of the answers.

        It depends on what is shared: another kind of information may owe more than was said.
        """
        said = self.answers.get("why", {})
        owed = {
            "decision": True,
            "necessity": True,
            "proportionality": True,
            "child_told": True,
            "parents_told": True,
            "not_told_why": {said.get("child_told"), said.get("parents_told")} != {Told.YES},
            "detriment": not self.shares,
            "consent_limb": self.consent_limb,
            # Danger is asked about on one page, and the law fills in the rest.
            "relevance": bool(self.needs_a_note) and not self.danger,
            "confidence_limb": self.lifts_confidence and not self.danger,
            "until": self.needs_a_day and self.shares,
        }
        return tuple(name for name, is_owed in owed.items() if is_owed)

    @property
    def unfinished(self) -> str:
        """The first page that lacks an answer, or ""."""
        if self.to is None:
            return "who"
        if not self.choices:
            return "what"
        if not self.gateway or (self.shares and self.needs_advice):
            return "gateway"
        if not all(str(self.answers.get("why", {}).get(name, "")).strip() for name in self.owes):
            return "why"
        if self.shares and not self.answers.get("preview"):
            return "preview"
        return ""


def _first_end(chosen: datetime | None, group: list[Choice]) -> datetime | None:
    """What rests on an agreement between agencies ends with it, if nobody ends it before."""
    ends = [choice.offer.rests_until for choice in group] + [chosen]
    return min((end for end in ends if end is not None), default=None)


def plan(actor: Principal, draft: ShareDraft, at: datetime) -> Plan:
    """Read a draft: what may be offered now, and what was chosen of it.

    What is no longer there, or no longer the actor's to share, is not among the choices.
    """
    return planned(actor, draft.case, draft.answers, at, advice=draft.advice)


def planned(
    actor: Principal,
    case: Case,
    answers: Mapping[str, Any],
    at: datetime,
    *,
    advice: str = "",
) -> Plan:
    """The same, from answers that are not a draft's."""
    who, what = answers.get("who", {}), answers.get("what", {})
    purpose = Purpose(who["purpose"]) if who else None
    danger = purpose is Purpose.DANGER
    to = None
    if who:
        to = policies.recipients(case, actor, danger=danger).filter(pk=who["team"]).first()
    found: tuple[Offer, ...] = ()
    if to is not None and purpose is not None:
        agreed = law.agreed(to.agency_id, purpose, at)
        harm = bool(what.get("harm_suspected"))
        held = holdings(actor, case)
        found = offers(held, to, purpose, at, agreed=agreed, danger=danger, harm=harm)
    return Plan(
        actor=actor,
        case=case,
        answers=answers,
        at=at,
        to=to,
        offers=found,
        choices=tuple(_chosen(found, what)),
        advice=advice,
    )


def _chosen(found: Iterable[Offer], what: Mapping[str, Any]) -> Iterable[Choice]:
    whole, left_out = set(what.get("whole", ())), set(what.get("left_out", ()))
    part, refused = set(what.get("part", ())), set(what.get("refuse", ()))
    for offer in found:
        if offer.code in refused and not offer.is_open:
            yield Choice(offer)
            continue
        if offer.code in whole and offer.whole:
            kept = [each for each in offer.pieces if str(each.statement) not in left_out]
            if len(kept) == len(offer.pieces):
                yield Choice(offer)
                continue
        else:
            kept = [each for each in offer.splits if str(each.statement) in part]
        named = tuple(each.statement for each in kept if each.statement)
        if named:
            yield Choice(offer, named)

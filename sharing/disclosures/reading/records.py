"""The record of sharing, in plain words: who holds what of a case, one decision, the register."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.moments import day, london, until
from referrals import policies as casework
from referrals.models import Case, Grant
from referrals.vocabulary import Extent, KnownHow
from sharing.disclosures import policies
from sharing.disclosures.models import Disclosure, ShareDraft
from sharing.disclosures.reading.teams import person_words, team_words
from sharing.disclosures.vocabulary import OPENS, Result
from sharing.rules import policies as law
from sharing.rules.decision import DEFAULT, Inputs
from sharing.rules.vocabulary import Category, Outcome, Purpose

FULL, PARTLY, ENDED = "Full", "Partly", "Ended"


@dataclass(frozen=True, repr=False)
class Row:
    """What one decision or rule gave a team: which kinds, how much, since when, why, by whom."""

    categories: tuple[str, ...]
    held_by: str
    much: str
    since: str
    why: str
    by: str
    at: datetime
    is_given: bool = False
    ended: datetime | None = None
    number: str = ""
    record: UUID | None = None
    is_live: bool = False
    may_decide: bool = False
    may_renew: bool = False


@dataclass(frozen=True, repr=False)
class Sharing:
    """One team, and what of the case was shared with it or kept from it."""

    team: str
    rows: tuple[Row, ...]


def sharing(principal: Principal, case: Case, *, may_share: bool) -> tuple[Sharing, ...]:
    """Who holds what of the case, and what was refused: by team.

    Whoever may read who else holds it reads every team; anybody else reads their own. What was
    refused, and why a share was stopped, is for whoever decides about it.
    """
    grants = (
        Grant.objects.filter(content_object=case)
        .select_related(
            "group__team__agency",
            "holder",
            "only__user",
            "granted_by__user",
            "granted_by__team__agency",
        )
        .prefetch_related("disclosures")
        .order_by("from_at", "rule", "pk")
    )
    refusals = (
        Disclosure.objects.filter(case=case)
        .exclude(result__in=OPENS)
        .select_related("recipient__agency", "holder", "decider__user", "decider__team__agency")
        .order_by("decided_at", "pk")
    )
    everything = policies.shares_whatever_they_see(principal)
    if not policies.reads_holders(principal):
        mine = Q(only__isnull=True) | Q(only_id=principal.membership_id)
        grants = grants.filter(mine, group_id=principal.team_id)
    # That something was refused says that its holder has it: only whoever decides reads that.
    if not may_share:
        refusals = refusals.none()
    elif not everything:
        refusals = refusals.filter(holder_id=principal.agency_id)
    found: dict[str, list[Row]] = {}
    for grant in grants:
        decides = may_share and (everything or principal.agency_id == grant.holder_id)
        row = _given(grant, may_decide=decides)
        alone = f"{grant.only.user.name} alone, " if grant.only else ""
        found.setdefault(f"{alone}{team_words(grant.group.team)}", []).append(row)
    for refusal in refusals:
        found.setdefault(team_words(refusal.recipient), []).append(_kept_back(refusal))
    return tuple(Sharing(team, tuple(rows)) for team, rows in sorted(found.items()))


def _given(grant: Grant, *, may_decide: bool) -> Row:
    over = grant.ended_at or grant.until_at
    is_live = grant.ended_at is None and (over is None or over > timezone.now())
    ends = f" until {until(over) if is_live else day(over)}" if over else ""
    decision = next(iter(grant.disclosures.all()), None)
    is_question = grant.extent == Extent.ANSWER
    much = PARTLY if grant.extent == Extent.PART else FULL
    if is_question:
        much = Extent.ANSWER.label
    why = f"{Purpose(grant.purpose).label}. {law.gateway_words(grant.gateway)}."
    return Row(
        categories=tuple(Category(code).label for code in grant.categories),
        held_by=grant.holder.name,
        much=much if is_live else ENDED,
        since=f"{day(grant.from_at)}{ends}",
        why=(may_decide and grant.ended_why) or why,
        by=person_words(grant.granted_by) if grant.granted_by else "The portal, by rule",
        at=grant.from_at,
        is_given=True,
        ended=None if is_live else over,
        number=decision.number if decision else "",
        record=decision.pk if decision else None,
        is_live=is_live,
        may_decide=may_decide,
        may_renew=may_decide and not is_question and grant.purpose != Purpose.DANGER,
    )


def _kept_back(refusal: Disclosure) -> Row:
    return Row(
        categories=tuple(Category(code).label for code in refusal.categories),
        held_by=refusal.holder.name,
        much=Result(refusal.result).label,
        since=day(refusal.decided_at),
        why=Purpose(refusal.purpose).label,
        by=person_words(refusal.decider),
        at=refusal.decided_at,
        number=refusal.number,
        record=refusal.pk,
    )


def decisions(draft: ShareDraft) -> list[Disclosure]:
    """The decisions that a draft became: one for each agency whose information it was."""
    if draft.disclosed_at is None:
        return []
    made = Disclosure.objects.filter(
        case_id=draft.case_id, decider_id=draft.author_id, decided_at=draft.disclosed_at
    )
    return list(made.order_by("number"))


@dataclass(frozen=True, repr=False)
class Ruled:
    """What the law answered about one kind of information, given again from its inputs."""

    category: str
    answer: str
    told: tuple[str, ...]
    same: bool


@dataclass(frozen=True, repr=False)
class Record:
    """One decision in plain words, and what may be done with it now."""

    pk: UUID
    number: str
    reference: str
    result: str
    opens: bool
    rows: tuple[tuple[str, str], ...]
    rulings: tuple[Ruled, ...]
    is_live: bool
    may_decide: bool
    may_acknowledge: bool
    recipient: str
    why_not_renewed: str

    @property
    def short(self) -> tuple[tuple[str, str], ...]:
        """The few rows that a confirmation needs."""
        return tuple(row for row in self.rows if row[0] in _SHORT)


_SHORT: Final = frozenset({"With whom", "Whose information", "What", "How much", "Ends"})
# What only those who decide may read: whoever received the share must not learn it from here.
_KEPT: Final = frozenset(
    {
        "Whose identity must be protected",
        "Why significant harm is suspected",
        "Why somebody was not told",
        "Advice",
        "Advice from",
        "What harm sharing would have done",
    }
)


def record_of(principal: Principal, disclosure: Disclosure) -> Record:
    """The record of a decision, for somebody who may read it.

    Whoever received the share reads what was shared and why, not whom it protects.
    """
    decides = policies.decides(principal, disclosure)
    live = Grant.objects.live().filter(disclosures=disclosure).exists()
    told = getattr(disclosure, "acknowledgement", None)
    rows = [
        (key, words) for key, words in _rows(disclosure) if words and (decides or key not in _KEPT)
    ]
    if told is not None:
        rows.append(("Acknowledged", f"{told.by.user.name}, on {london(told.at)}"))
    ended = disclosure.grants.filter(ended_at__isnull=False).order_by("ended_at").first()
    if ended is not None:
        why = f" {ended.ended_why}" if decides else ""
        rows.append(("Ended", f"On {london(ended.ended_at)}.{why}"))
    received = policies.shared_with(principal, disclosure)
    return Record(
        pk=disclosure.pk,
        number=disclosure.number,
        reference=disclosure.case.reference,
        result=Result(disclosure.result).label,
        opens=disclosure.result in OPENS,
        rows=tuple(rows),
        rulings=tuple(_ruled(disclosure)) if decides else (),
        is_live=live,
        may_decide=decides,
        may_acknowledge=received and told is None and live,
        recipient=team_words(disclosure.recipient),
        why_not_renewed=policies.why_not_renewed(disclosure),
    )


def _rows(made: Disclosure) -> Iterable[tuple[str, str]]:
    yield "Number", made.number
    yield "Decision", Result(made.result).label
    yield "Decided", f"{person_words(made.decider)}, on {london(made.decided_at)}"
    yield "Whose information", made.holder.name
    yield "With whom", team_words(made.recipient)
    yield "For whom by name", made.recipient_person
    yield "What for", Purpose(made.purpose).label
    yield "What", "; ".join(Category(code).label for code in made.categories)
    count = len(made.statements)
    much = f"{count} named answers" if count else "All of these kinds"
    yield "How much", Extent.ANSWER.label if policies.is_question(made) else much
    yield "Shared in part", "; ".join(Category(code).label for code in made.redactions)
    yield "The reason in law", law.gateway_words(made.gateway)
    yield "The rule", f"{law.name(made.rule)}, version {made.rule_version}"
    yield "UK GDPR article 6", made.get_article_6_display()
    yield "UK GDPR article 9", made.get_article_9_display()
    yield "UK GDPR article 10", made.get_article_10_display()
    yield "Data Protection Act 2018", made.get_condition_display()
    yield "Why not by consent", made.get_consent_limb_display()
    yield "Why confidence is lifted", made.get_confidence_limb_display()
    yield "What they will do with it", made.necessity
    yield "Why less would not do", made.proportionality
    yield "What the rules asked to record", made.relevance
    yield "How it is known", _accuracy(made.accuracy)
    yield "Why significant harm is suspected", made.harm_suspected
    yield "Asked for", london(made.requested_at)
    yield "How it was shared", made.get_channel_display() if made.result in OPENS else ""
    yield "The child's view", made.child_view
    yield "Was the child told?", made.get_child_told_display()
    yield "Were the parents or carers told?", made.get_parents_told_display()
    yield "Why somebody was not told", made.not_told_why
    yield "Whose identity must be protected", made.protects
    yield "What harm sharing would have done", made.detriment
    yield "Advice from", made.advice_from
    yield "Advice", made.advice
    yield "What the recipient must keep to", made.onward
    yield (
        "Ends",
        _capital(until(made.until_at))
        or ("No end date: until somebody stops it" if made.result in OPENS else ""),
    )
    yield "Fingerprint of the preview", made.preview


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _accuracy(counts: dict[str, int]) -> str:
    return "; ".join(
        f"{count} {KnownHow(code).label[:1].lower()}{KnownHow(code).label[1:]}"
        for code, count in sorted(counts.items())
    )


_ANSWERS: Final = {
    Outcome.ALLOW: "lets them see it",
    Outcome.REDACT: "lets them see a part of it",
    Outcome.ASK: "leaves it to a person",
    Outcome.DENY: "does not let them see it",
}


def _answer(kept: Mapping[str, Any]) -> str:
    outcome = Outcome(kept["outcome"])
    if kept["rule"] == DEFAULT:
        left = "so it is left to a person" if outcome is Outcome.ASK else "so the answer is no"
        return f"No rule applies, {left}."
    return f"{law.name(kept['rule'])}, version {kept['version']}, {_ANSWERS[outcome]}."


def _ruled(made: Disclosure) -> Iterable[Ruled]:
    """Put each question again, to the rules as they were known: the answer must be the same."""
    asked = {code: Inputs.from_json(kept["inputs"]) for code, kept in made.rulings.items()}
    known = {version: law.known(version) for version in {each.rule_set for each in asked.values()}}
    for code, kept in made.rulings.items():
        again = asked[code].answer(known[asked[code].rule_set])
        given = (str(again.outcome), again.rule, again.version, again.gateway)
        yield Ruled(
            category=Category(code).label,
            answer=f"{_answer(kept)} {again.reason}",
            told=law.told(again),
            same=given == (kept["outcome"], kept["rule"], kept["version"], kept["gateway"]),
        )


@dataclass(frozen=True, repr=False)
class Entry:
    """One decision in the register: nobody's name, and the case only for who may see it."""

    number: str
    day: str
    decided_by: str
    recipient: str
    held_by: str
    categories: str
    purpose: str
    gateway: str
    result: str
    reference: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns of the table and of the file, in the order of `HEAD`."""
        return (
            self.number,
            self.day,
            self.decided_by,
            self.recipient,
            self.held_by,
            self.categories,
            self.purpose,
            self.gateway,
            self.result,
            self.reference or "Not open to you",
        )


HEAD: Final = (
    "Number",
    "Day",
    "Decided by",
    "With whom",
    "Whose information",
    "What",
    "What for",
    "Reason in law",
    "Decision",
    "Case",
)


def entries(principal: Principal, rows: Iterable[Disclosure]) -> list[Entry]:
    """The register's rows in words. Two queries, whatever the number of rows."""
    listed = list(rows)
    mine = set(
        casework.visible(principal)
        .filter(pk__in={row.case_id for row in listed})
        .values_list("pk", flat=True)
    )
    return [
        Entry(
            number=row.number,
            day=day(row.decided_at),
            decided_by=team_words(row.decider.team),
            recipient=team_words(row.recipient),
            held_by=row.holder.name,
            categories="; ".join(Category(code).label for code in row.categories),
            purpose=Purpose(row.purpose).label,
            gateway=law.gateway_words(row.gateway),
            result=Result(row.result).label,
            reference=row.case.reference if row.case_id in mine else "",
        )
        for row in listed
    ]

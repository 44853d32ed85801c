"""What a change of the law would do: who gains and loses sight of what, counted beforehand."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from portal.accounts import policies as people
from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals import policies
from referrals.models import Case, Grant, Referral, Statement
from referrals.vocabulary import Fate, Protect
from sharing.rules import policies as law
from sharing.rules.decision import Decision, Facts, Rule, TeamRecipient, decide
from sharing.rules.models import Impact
from sharing.rules.vocabulary import Category, Outcome, OutsideParty, Purpose

MOST_CASES: Final = 2_000
SAMPLE: Final = 5


@dataclass(frozen=True, repr=False)
class Side:
    """One law's answer for one category, in words."""

    outcome: Outcome
    rule: str
    reason: str
    remains: str
    told: tuple[str, ...]
    is_silent: bool


@dataclass(frozen=True, repr=False)
class Compared:
    """One category as the law answers it today, and as it would after the change."""

    holder: AgencyKind
    category: Category
    live: Side
    draft: Side

    @property
    def differs(self) -> bool:
        """Whether the change makes a difference to the person who asks."""
        live, draft = self.live, self.draft
        return (live.outcome, live.reason, live.remains, live.is_silent) != (
            draft.outcome,
            draft.reason,
            draft.remains,
            draft.is_silent,
        )


@dataclass(frozen=True, repr=False)
class Laws:
    """The law today and the law after a change, asked on the first day of the change."""

    live: tuple[Rule, ...]
    draft: tuple[Rule, ...]
    at: datetime


def compared(
    laws: Laws,
    recipient: TeamRecipient | OutsideParty,
    facts: Facts,
    categories: Iterable[Category],
    purpose: Purpose,
) -> list[Compared]:
    """Ask both laws the same question for each category, side by side with the trace."""

    def asked(rules: tuple[Rule, ...], category: Category) -> Side:
        return _side(decide(recipient, replace(facts, rules=rules), category, purpose, laws.at))

    return [
        Compared(facts.holder_kind, each, asked(laws.live, each), asked(laws.draft, each))
        for each in categories
    ]


def _side(answer: Decision) -> Side:
    rule = law.name(answer.rule)
    return Side(
        outcome=answer.outcome,
        rule=rule if not answer.gateway else f"{rule}, version {answer.version}",
        reason=answer.reason,
        remains=answer.remains,
        told=law.told(answer),
        is_silent=answer.silent,
    )


def cases_to_count() -> QuerySet[Case]:
    """The cases that some team can open now, the newest first."""
    opened = Grant.objects.live().values("content_object_id")
    return Case.objects.filter(pk__in=opened).order_by("-received_at", "pk")


class _Question(NamedTuple):
    """What a team stands to be shown on a case, for what, and what was true when it was shared."""

    team: int
    purpose: Purpose
    referrer: bool = False
    danger: bool = False
    harm: bool = False


class _Team(NamedTuple):
    """A team as a recipient, and who is in it now."""

    recipient: TeamRecipient
    members: frozenset[UUID]


@dataclass(repr=False)
class Tally:
    """Who gains and loses sight of what, over the cases that were counted so far.

    A team is asked about for each case on which it has a live grant, for the purpose of that
    grant, and about all that the case holds. A team without one is not counted: nobody shares
    with it because a rule would let them.
    """

    laws: Laws
    seen: dict[tuple[str, Category], tuple[set[UUID], set[UUID]]] = field(default_factory=dict)
    fates: Counter[Fate] = field(default_factory=Counter)
    sample: list[dict[str, str]] = field(default_factory=list)
    _teams: dict[int, _Team] = field(default_factory=dict)
    _agreed: dict[tuple[UUID, Purpose], dict[Category, datetime]] = field(default_factory=dict)
    _rules: dict[tuple[str, int], Rule | None] = field(default_factory=dict)

    def add(self, cases: Iterable[UUID]) -> None:
        """Count these cases."""
        held = _held(cases)
        given: dict[UUID, list[Grant]] = {case: [] for case in held}
        live = (
            Grant.objects.live().of_teams().filter(content_object__in=held).select_related("holder")
        )
        for grant in live.order_by("pk"):
            given[grant.content_object_id].append(grant)
        for case, grants in given.items():
            for question in sorted({self._question(grant) for grant in grants}):
                for holder, kind, category in sorted(held[case]):
                    self._ask(case, question, holder, AgencyKind(kind), Category(category))
            self.fates.update(map(self._fate, grants))

    def result(self, counted: int, total: int) -> dict[str, Any]:
        """The counts, for a JSON column: codes, numbers and identifiers; nobody's name."""
        return {
            "cases": counted,
            "of": total,
            "sight": [
                [way, category, len(people), len(cases)]
                for (way, category), (people, cases) in sorted(self.seen.items())
            ],
            "grants": {each.value: self.fates[each] for each in Fate},
            "sample": self.sample,
        }

    def _ask(
        self, case: UUID, question: _Question, holder: UUID, kind: AgencyKind, category: Category
    ) -> None:
        team = self._team(question.team)
        facts = Facts(
            rules=(),
            holder_kind=kind,
            holder_agency=holder,
            recipient_is_referrer=question.referrer,
            danger=question.danger,
            significant_harm=question.harm,
        )
        before, after = (
            self._answers(team, replace(facts, rules=rules), [category], question.purpose)
            for rules in (self.laws.live, self.laws.draft)
        )
        agreed = self._agreements(team, question.purpose)
        was, becomes = (
            policies.says_yes(answer[category], category, agreed) for answer in (before, after)
        )
        if was == becomes:
            return
        way = "gain" if becomes else "lose"
        members, cases = self.seen.setdefault((way, category), (set(), set()))
        members |= team.members
        cases.add(case)
        self._keep(case, way, category, team.recipient)

    def _keep(self, case: UUID, way: str, category: Category, team: TeamRecipient) -> None:
        if len(self.sample) < SAMPLE and str(case) not in {each["case"] for each in self.sample}:
            words = {"way": way, "category": str(category), "case": str(case)}
            self.sample.append({**words, "role": str(team.role), "kind": str(team.agency_kind)})

    def _fate(self, grant: Grant) -> Fate:
        rule = self._rule(grant)
        if rule is None:
            return Fate.KEPT
        team, purpose = self._team(grant.group_id), Purpose(grant.purpose)
        facts = policies.facts_of(grant, rule, self.laws.draft)
        answers = self._answers(team, facts, map(Category, grant.categories), purpose)
        return policies.fate(grant, answers, self._agreements(team, purpose))

    def _answers(
        self, team: _Team, facts: Facts, categories: Iterable[Category], purpose: Purpose
    ) -> dict[Category, Decision]:
        agreed = self._agreements(team, purpose)
        return {
            each: decide(
                team.recipient,
                replace(facts, agreement=each in agreed),
                each,
                purpose,
                self.laws.at,
            )
            for each in categories
        }

    def _question(self, grant: Grant) -> _Question:
        rule = self._rule(grant)
        if rule is None:
            return _Question(grant.group_id, Purpose(grant.purpose))
        facts = policies.facts_of(grant, rule, ())
        return _Question(
            grant.group_id,
            Purpose(grant.purpose),
            referrer=facts.recipient_is_referrer,
            danger=facts.danger,
            harm=facts.significant_harm,
        )

    def _team(self, pk: int) -> _Team:
        if pk not in self._teams:
            team = Team.objects.select_related("agency").get(pk=pk)
            members = people.team_members(team).values_list("user_id", flat=True)
            self._teams[pk] = _Team(law.recipient(team), frozenset(members))
        return self._teams[pk]

    def _agreements(self, team: _Team, purpose: Purpose) -> dict[Category, datetime]:
        asked = (team.recipient.agency_id, purpose)
        if asked not in self._agreed:
            self._agreed[asked] = law.agreed(*asked, self.laws.at)
        return self._agreed[asked]

    def _rule(self, grant: Grant) -> Rule | None:
        cited = (grant.rule, grant.rule_version)
        if cited not in self._rules:
            self._rules[cited] = policies.rule_behind(grant)
        return self._rules[cited]


def _held(cases: Iterable[UUID]) -> dict[UUID, set[tuple[UUID, str, str]]]:
    """What each case holds, of which agency: never what somebody conceals."""
    held: dict[UUID, set[tuple[UUID, str, str]]] = {case: set() for case in cases}
    stated = Statement.objects.filter(case__in=held, removed_at__isnull=True)
    for case, agency, kind, category in stated.exclude(protect=Protect.EXISTENCE).values_list(
        "case_id", "agency_id", "agency__kind", "category"
    ):
        held[case].add((agency, kind, category))
    sent = Referral.objects.filter(case__in=held)
    for case, agency, kind in sent.values_list("case_id", "agency_id", "agency__kind"):
        held[case].add((agency, kind, str(Category.IC1)))
    return held


def holds(case: Case) -> dict[tuple[UUID, AgencyKind], list[Category]]:
    """What a case holds, by agency, in the vocabulary's order."""
    found: dict[tuple[UUID, AgencyKind], set[str]] = {}
    for agency, kind, category in _held([case.pk])[case.pk]:
        found.setdefault((agency, AgencyKind(kind)), set()).add(category)
    return {
        holder: [each for each in Category if each in codes]
        for holder, codes in sorted(found.items(), key=lambda each: each[0][1])
    }


@dataclass(frozen=True, repr=False)
class Sampled:
    """One case of the sample, for somebody who may or may not know of it."""

    reference: str
    words: str


@dataclass(frozen=True, repr=False)
class ImpactPage:
    """How far the count of a change has got, and what it found, in sentences."""

    change: UUID
    is_done: bool
    done: int
    total: int
    scope: str = ""
    sentences: tuple[str, ...] = ()
    grants: str = ""
    sample: tuple[Sampled, ...] = ()


def impact_page(principal: Principal, impact: Impact) -> ImpactPage:
    """The count in words. A case is named only to somebody who can open it anyway."""
    result = impact.result
    if result is None:
        return ImpactPage(impact.change_id, is_done=False, done=impact.done, total=impact.total)
    pks = [each["case"] for each in result["sample"]]
    known = policies.visible(principal).filter(pk__in=pks).values_list("pk", "reference")
    references = {str(pk): reference for pk, reference in known}
    counted, of = result["cases"], result["of"]
    scope = f"All {_many(of, 'case')} that some team can open were looked at."
    if counted < of:
        scope = f"A sample: the newest {counted} of {_many(of, 'case')} were looked at."
    fates = result["grants"]
    return ImpactPage(
        change=impact.change_id,
        is_done=True,
        done=impact.done,
        total=impact.total,
        scope=scope,
        sentences=tuple(_sight(*each) for each in result["sight"]),
        grants=(
            f"Of what is shared now, {_many(fates['kept'], 'share')} would stay as they are. "
            f"{fates['narrowed']} would be narrowed, or given again by the new version. "
            f"{fates['ended']} would end."
        ),
        sample=tuple(
            Sampled(references.get(each["case"], ""), _example(each)) for each in result["sample"]
        ),
    )


def _sight(way: str, category: str, people: int, cases: int) -> str:
    verb = way if people != 1 else f"{way}s"
    return (
        f"{_many(people, 'person', 'people')} {verb} sight of “{Category(category).label}” in "
        f"{_many(cases, 'case')}."
    )


def _example(each: dict[str, str]) -> str:
    return (
        f"{Role(each['role']).label}, {AgencyKind(each['kind']).label}: {each['way']}s "
        f"“{Category(each['category']).label}”"
    )


def _many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one}" if count == 1 else f"{count} {several or f'{one}s'}"

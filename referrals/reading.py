"""What this principal may be shown of a case: resolved items, and nothing else.

`read` turns rows into items whose words are final. Pages, the API, PDFs, lists and previews are
renderers of the same reading; none of them is handed a row of case content. A concealed piece
of information leaves no item, no count and no gap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.clock import LONDON
from portal.common.templatetags.govuk import day, london
from referrals import policies
from referrals.models import Case, Child, Decision, Grant, Referral, Statement
from referrals.vocabulary import (
    QUESTIONS,
    SECTIONS,
    Answer,
    Extent,
    KnownHow,
    Outcome,
    Priority,
    Protect,
    State,
)
from referrals.workflow import SAYS_TO_REFERRER, STEPS, WAITING, Status
from sharing.rules import policies as law
from sharing.rules.decision import Facts, decide
from sharing.rules.vocabulary import Category, Purpose
from sharing.rules.vocabulary import Outcome as Ruling

STANDING_LINE = "Other agencies may hold information that this page does not show."


@dataclass(frozen=True)
class Item:
    """One resolved item: its words are what every renderer shows.

    `text` is the words on screen, in print and in the API alike; `value` is the information
    itself, and is None unless it is shown, wholly or in part.
    """

    key: str
    label: str
    category: Category
    state: State
    text: str
    value: str | None = None
    reason: str = ""
    source: str = ""
    owner: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Section:
    """Items that belong together, under one heading."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Trace:
    """One answer to "Why can I see this?": the chain from the rule to the end date."""

    says: str
    code: str
    rule: str
    gateway: str
    decided_by: str
    decided_at: datetime
    until: datetime | None
    categories: tuple[str, ...]

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The chain as rows of a summary, leaving out what does not apply."""
        rows = (
            ("The rule", self.rule),
            ("The reason in law", self.gateway),
            ("Who decided, and when", f"{self.decided_by}, on {london(self.decided_at)}"),
            ("Until", london(self.until) if self.until else "The case is closed, or it is stopped"),
            ("What it opens", "; ".join(self.categories)),
        )
        return tuple(row for row in rows if row[1])


@dataclass(frozen=True)
class Reading:
    """A case, resolved for one principal at one moment."""

    case_id: UUID
    reference: str
    title: str
    initials: str
    age: str
    status: Status
    status_words: str
    step: int
    priority: Priority
    received_at: datetime
    due_at: datetime
    decided_at: datetime | None
    sections: tuple[Section, ...]
    traces: tuple[Trace, ...]
    purpose: Purpose
    is_mine: bool

    @property
    def steps(self) -> tuple[str, ...]:
        """The five steps that a referrer follows."""
        return STEPS

    @property
    def reached(self) -> str:
        """Which of the five steps the case has reached."""
        return STEPS[self.step - 1]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in page order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def withheld(self) -> int:
        """How many items are held back from this principal. Concealed ones are not counted."""
        return len(self.held_back)

    @property
    def held_back(self) -> tuple[Item, ...]:
        """The items that are held back, for the page that says why."""
        held = {State.WITHHELD, State.PARTLY_WITHHELD, State.NOT_SHARED}
        return tuple(item for item in self.items if item.state in held)

    @property
    def still_due(self) -> datetime | None:
        """When the decision is due, while it is still owed."""
        return self.due_at if self.status in WAITING else None

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the bar at the top of a case page says beside the name."""
        age = (("Age", self.age),) if self.age else ()
        return (*age, ("Priority", self.priority.label))

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes of the categories of which something was shown, for the ledger."""
        seen = {State.SHOWN, State.PARTLY_WITHHELD}
        return tuple(sorted({str(item.category) for item in self.items if item.state in seen}))

    @property
    def withheld_words(self) -> str:
        """The line at the top of a page that counts what is held back, or ""."""
        if not self.withheld:
            return ""
        if self.withheld == 1:
            return "1 answer on this page is withheld from your role."
        return f"{self.withheld} answers on this page are withheld from your role."


@dataclass(frozen=True)
class Summary:
    """A case as one row of a list: never a narrative, never a full name."""

    case_id: UUID
    reference: str
    initials: str
    age: str
    status: Status
    priority: Priority
    step: int
    status_words: str
    agency: str
    received_at: datetime
    due_at: datetime
    assigned_to: str

    @property
    def still_due(self) -> datetime | None:
        """When the decision is due, while it is still owed."""
        return self.due_at if self.status in WAITING else None


def read(principal: Principal, case: Case, purpose: Purpose, at: datetime | None = None) -> Reading:
    """Resolve the case for this principal, now. Writes nothing: the caller records the reading.

    `purpose` is what the principal reads it for. The live grants are obeyed for a purpose that
    protects a child; for any other purpose neither a grant nor authorship opens anything.
    """
    at = at or timezone.now()
    live = list(
        policies.grants(principal)
        .filter(content_object=case)
        .select_related("granted_by__user", "granted_by__team__agency")
    )
    sent = list(case.referrals.select_related("agency", "author__user", "author__team"))
    mine = [referral for referral in sent if referral.author_id == principal.membership_id]
    sight = _Sight(principal, live, mine, purpose, at)
    items = [
        *_identity(case.child, sent, sight),
        *_stated(case, sight),
        *_decided(case, sight),
    ]
    sections = tuple(
        Section(title, tuple(item for item in items if QUESTIONS[item.key].section == title))
        for title in SECTIONS
    )
    status = Status(case.status)
    step, words = SAYS_TO_REFERRER[status]
    knows = sight.covers(Category.IC1) or any(sight.owns(r.agency_id, r.author_id) for r in sent)
    return Reading(
        case_id=case.pk,
        reference=case.reference,
        title=_full_name(case.child) if knows else "Child",
        initials=_initials(case.child) if knows else "",
        age=_age_words(case.child, at) if knows else "",
        status=status,
        status_words=words,
        step=step,
        priority=Priority(case.priority),
        received_at=case.received_at,
        due_at=case.decision_due_at,
        decided_at=case.decided_at,
        sections=tuple(section for section in sections if section.items),
        traces=tuple(_traces(live, mine)),
        purpose=purpose,
        is_mine=bool(mine),
    )


def summaries(principal: Principal, rows: Sequence[Case]) -> list[Summary]:
    """Resolve cases to rows of a list. One query, whatever the number of rows.

    `rows` comes from `policies.visible(principal).for_rows()`.
    """
    named = {
        grant.content_object_id
        for grant in policies.grants(principal).filter(
            content_object__in=[case.pk for case in rows], categories__contains=[Category.IC1]
        )
    }
    now = timezone.now()
    found = []
    for case in rows:
        sent = case.referrals.all()
        knows = case.pk in named or any(r.author_id == principal.membership_id for r in sent)
        status = Status(case.status)
        found.append(
            Summary(
                case_id=case.pk,
                reference=case.reference,
                initials=_initials(case.child) if knows else "",
                age=_age_words(case.child, now) if knows else "",
                status=status,
                priority=Priority(case.priority),
                step=SAYS_TO_REFERRER[status][0],
                status_words=SAYS_TO_REFERRER[status][1],
                agency=", ".join(sorted({AgencyKind(r.agency.kind).label for r in sent})),
                received_at=case.received_at,
                due_at=case.decision_due_at,
                assigned_to=case.coordinator.user.name if case.coordinator else "",
            )
        )
    return found


class _Sight:
    """What the principal's live grants, authorship and the law let through, by category."""

    def __init__(
        self,
        principal: Principal,
        live: list[Grant],
        mine: list[Referral],
        purpose: Purpose,
        at: datetime,
    ) -> None:
        self.principal = principal
        self.author = bool(mine)
        self.at = at
        self.obeyed = live if purpose.protects_a_child else []
        self.keeps_own = purpose.protects_a_child
        self.whole = {c for g in self.obeyed if g.extent == Extent.WHOLE for c in g.categories}
        self.parts = {pk for g in self.obeyed if g.extent == Extent.PART for pk in g.statements}

    def covers(self, category: Category) -> bool:
        return category in self.whole

    def owns(self, agency: UUID, author: UUID) -> bool:
        return self.keeps_own and policies.owns(self.principal, agency, author)

    def resolve(self, key: str, row: Statement) -> Item | None:
        """One statement: shown, held back in one of five ways, or (concealed) nothing at all."""
        question = QUESTIONS[key]
        own = self.owns(row.agency_id, row.author_id)
        if row.protect == Protect.EXISTENCE and not own:
            return None
        owner = AgencyKind(row.agency.kind).label
        base = {"key": key, "label": question.label, "category": Category(row.category)}
        if not (own or row.category in self.whole or row.pk in self.parts):
            return Item(
                **base,
                state=State.NOT_SHARED,
                text=f"Not shared with {self.principal.agency_kind.label}",
                owner=owner,
            )
        if row.removed_at:
            text = f"Removed on {day(row.removed_at)}: {row.removed_why}"
            return Item(**base, state=State.REMOVED, text=text)
        base |= {
            "source": KnownHow(row.known_how).label,
            "owner": owner,
            "by": Role(row.author.team.role).label,
            "at": row.stated_at,
        }
        if row.answer != Answer.GIVEN:
            missing = row.answer == Answer.NOT_PROVIDED
            state = State.NOT_PROVIDED if missing else State.NOT_KNOWN
            return Item(**base, state=state, text=Answer(row.answer).label)
        if row.protect and not own:
            return _held_back(row, base)
        return Item(**base, state=State.SHOWN, text=row.text, value=row.text)


def _held_back(row: Statement, base: dict) -> Item:
    """A protected statement for somebody who does not own it: a marker in place of the words."""
    reason = Protect(row.protect).label
    if not row.protect_spans:
        # Who said it and how it is known may be what is being protected.
        bare = {k: base[k] for k in ("key", "label", "category", "owner")}
        return Item(
            **bare, state=State.WITHHELD, text=f"Withheld: {reason}", reason=str(row.protect)
        )
    text = row.text
    for start, end in sorted(row.protect_spans, reverse=True):
        count = len(text[start:end].split())
        words = "1 word" if count == 1 else f"{count} words"
        text = f"{text[:start]}[{words} withheld: {reason}]{text[end:]}"
    return Item(**base, state=State.PARTLY_WITHHELD, text=text, value=text, reason=str(row.protect))


def _stated(case: Case, sight: _Sight) -> Iterable[Item]:
    rows = case.statements.select_related("agency", "author__team").order_by("stated_at", "pk")
    by_question: dict[str, list[Statement]] = {}
    for row in rows:
        by_question.setdefault(row.question, []).append(row)
    for key in QUESTIONS:
        for row in by_question.get(key, []):
            item = sight.resolve(key, row)
            if item is not None:
                yield item


def _identity(child: Child, sent: list[Referral], sight: _Sight) -> Iterable[Item]:
    """Who the child is. Held by whoever reported it, and read only through the case."""
    first = min(sent, key=lambda referral: referral.sent_at)
    own = any(sight.owns(referral.agency_id, referral.author_id) for referral in sent)
    values = {
        "name": _full_name(child) if child.given_name or child.family_name else "",
        "known_as": child.known_as,
        "birth": _birth_words(child, sight.at),
        "description": child.description,
    }
    for key, value in values.items():
        question = QUESTIONS[key]
        owner = AgencyKind(first.agency.kind).label
        base = {"key": key, "label": question.label, "category": question.category, "owner": owner}
        if not (own or sight.covers(Category.IC1)):
            kind = sight.principal.agency_kind.label
            yield Item(**base, state=State.NOT_SHARED, text=f"Not shared with {kind}")
        elif value:
            yield Item(
                **base,
                state=State.SHOWN,
                text=value,
                value=value,
                source=question.known_how.label,
                by=Role(first.author.team.role).label,
                at=first.sent_at,
            )
        else:
            yield Item(**base, state=State.NOT_PROVIDED, text=Answer.NOT_PROVIDED.label)


def _decided(case: Case, sight: _Sight) -> Iterable[Item]:
    """The decision. A referrer is told the outcome because a rule says so, not by courtesy."""
    decision = (
        Decision.objects.filter(case=case, superseded_at__isnull=True)
        .select_related("decided_by__team__agency")
        .first()
    )
    if decision is None:
        return
    agency = decision.decided_by.team.agency
    own = sight.owns(agency.pk, decision.decided_by_id)
    words = {
        "outcome": Outcome(decision.outcome).label,
        "told_referrer": decision.told_referrer,
        "reason": decision.reason,
    }
    for key, text in words.items():
        question = QUESTIONS[key]
        base = {
            "key": key,
            "label": question.label,
            "category": question.category,
            "owner": AgencyKind(agency.kind).label,
        }
        if own or sight.covers(question.category) or _told(sight, question.category, agency):
            yield Item(
                **base,
                state=State.SHOWN,
                text=text,
                value=text,
                source=question.known_how.label,
                by=Role(decision.decided_by.team.role).label,
                at=decision.decided_at,
            )
        else:
            kind = sight.principal.agency_kind.label
            yield Item(**base, state=State.NOT_SHARED, text=f"Not shared with {kind}")


def _told(sight: _Sight, category: Category, holder: Agency) -> bool:
    """Ask the law whether the person who referred may be told this of the decision (rule 24)."""
    if not sight.author:
        return False
    facts = Facts(
        rules=law.in_force(sight.at),
        holder_kind=AgencyKind(holder.kind),
        holder_agency=holder.pk,
        recipient_is_referrer=True,
    )
    ruling = decide(sight.principal, facts, category, Purpose.SCREEN, sight.at)
    return ruling.outcome is Ruling.ALLOW


def _traces(live: list[Grant], mine: list[Referral]) -> Iterable[Trace]:
    for referral in mine:
        yield Trace(
            says="You can see this because you sent it. You see what you sent, and the outcome.",
            code="author",
            rule=law.name("24"),
            gateway="",
            decided_by="The law, when you sent it",
            decided_at=referral.sent_at,
            until=None,
            categories=(),
        )
    for grant in live:
        person = grant.granted_by
        by = (
            f"{person.user.name}, {Role(person.team.role).label}, {person.team.agency.name}"
            if person
            else f"The portal, by rule, when the referral was {grant.granted_by_service}"
        )
        yield Trace(
            says=grant.reason,
            code=f"rule:{grant.rule}/{grant.rule_version}",
            rule=f"{law.name(grant.rule)}, version {grant.rule_version}",
            gateway=law.gateway_words(grant.gateway),
            decided_by=by,
            decided_at=grant.from_at,
            until=grant.until_at,
            categories=tuple(Category(code).label for code in grant.categories),
        )


def _full_name(child: Child) -> str:
    return f"{child.given_name} {child.family_name}".strip() or "Name not known"


def _initials(child: Child) -> str:
    letters = [name[0].upper() for name in (child.given_name, child.family_name) if name]
    return ".".join(letters) + "." if letters else "Not named"


def _age(child: Child, on: date) -> int | None:
    born = child.date_of_birth
    if born is None:
        return child.age_estimate
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _age_words(child: Child, at: datetime) -> str:
    years = _age(child, at.astimezone(LONDON).date())
    if years is None:
        return "age not known"
    return str(years) if child.date_of_birth else f"about {years}"


def _birth_words(child: Child, at: datetime) -> str:
    if child.date_of_birth:
        return f"{day(child.date_of_birth)} (aged {_age_words(child, at)})"
    return f"About {child.age_estimate}" if child.age_estimate is not None else ""

"""Turning rows into a reading: the only place where a case's content becomes words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.clock import LONDON
from portal.common.templatetags.govuk import day
from portal.documents.models import Upload
from portal.documents.vocabulary import FileKind
from referrals import policies
from referrals.models import (
    Case,
    Child,
    Decision,
    EmergencyAccess,
    Grant,
    Referral,
    Statement,
)
from referrals.reading.shape import File, Item, Reading, Section, Summary, Trace
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
from referrals.workflow import SAYS_TO_REFERRER, Status
from sharing.rules import policies as law
from sharing.rules.decision import DEFAULT, Facts, Rule, decide
from sharing.rules.decision import Decision as LawsAnswer
from sharing.rules.vocabulary import Category, Obligation, Purpose, Relation, Step
from sharing.rules.vocabulary import Outcome as Ruling


def read(
    principal: Principal,
    case: Case,
    purpose: Purpose,
    at: datetime | None = None,
    *,
    also: Iterable[Grant] = (),
) -> Reading:
    """Resolve the case for this principal, now. Writes nothing: the caller records the reading.

    `purpose` is what the principal reads it for. The live grants are obeyed for a purpose that
    protects a child; for any other purpose neither a grant nor authorship opens anything.
    `also` are grants that are not given yet: with them it is what the principal would read if
    they were. That is the whole of a preview.
    """
    at = at or timezone.now()
    live = list(
        policies.grants(principal)
        .filter(content_object=case)
        .select_related("granted_by__user", "granted_by__team__agency")
        .order_by("from_at", "rule", "holder__name")
    )
    live.extend(also)
    emergency = policies.emergencies(principal).filter(case=case).first()
    sent = list(case.referrals.select_related("agency", "author__team").order_by("sent_at", "pk"))
    mine = [referral for referral in sent if referral.author_id == principal.membership_id]
    leads = principal.role is Role.AGENCY_LEAD
    refers = bool(mine) or (leads and any(r.agency_id == principal.agency_id for r in sent))
    sight = _Sight(
        principal, live, refers=refers, emergency=bool(emergency), purpose=purpose, at=at
    )
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
    knows = sight.sees(Category.IC1, sent[0].agency, sent[0].author_id)
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
        traces=tuple(_traces(live, mine, emergency)),
        purpose=purpose,
        is_mine=bool(mine),
        emergency_until=emergency.until_at if emergency else None,
    )


def summaries(principal: Principal, rows: Sequence[Case]) -> list[Summary]:
    """Resolve cases to rows of a list. One query, whatever the number of rows.

    `rows` comes from `policies.visible(principal).for_rows()`.
    """
    live = policies.grants(principal).filter(
        content_object__in=[case.pk for case in rows], extent=Extent.WHOLE
    )
    opened: dict[tuple[UUID, UUID], set[str]] = {}
    for case_id, holder, codes in live.values_list("content_object_id", "holder_id", "categories"):
        opened.setdefault((case_id, holder), set()).update(codes)
    now = timezone.now()
    found = []
    for case in rows:
        sent = case.referrals.all()
        first = min(sent, key=lambda referral: (referral.sent_at, referral.pk))
        is_mine = first.author_id == principal.membership_id
        held = opened.get((case.pk, first.agency_id), set())
        shown = tuple(code for code in ("IC1", "IC15") if is_mine or code in held)
        knows, knows_who = "IC1" in shown, "IC15" in shown
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
                agency=_kinds(sent) if knows_who else "",
                received_at=case.received_at,
                due_at=case.decision_due_at,
                assigned_to=case.coordinator.user.name if case.coordinator else "",
                shown=shown,
            )
        )
    return found


def _kinds(sent: Iterable[Referral]) -> str:
    return ", ".join(sorted({AgencyKind(referral.agency.kind).label for referral in sent}))


class _Sight:
    """What the principal's live grants, and the law about one's own record, let through."""

    def __init__(
        self,
        principal: Principal,
        live: list[Grant],
        *,
        refers: bool,
        emergency: bool,
        purpose: Purpose,
        at: datetime,
    ) -> None:
        self.principal = principal
        self.is_referrer = refers
        self.emergency = emergency
        self.is_given = bool(live)
        self.purpose = purpose
        self.at = at
        obeyed = live if purpose.protects_a_child else []
        whole = [grant for grant in obeyed if grant.extent != Extent.PART]
        self.whole = {(code, grant.holder_id) for grant in whole for code in grant.categories}
        # A piece is open only while its grant still opens its kind: a grant can be narrowed.
        self.parts = {
            (pk, code) for grant in obeyed for pk in grant.statements for code in grant.categories
        }
        self.named: set[UUID] = set()
        self.wrote: set[UUID] = set()
        # A rule about one's own record or one's own referral needs no grant; every other yes
        # speaks only through the grant that remembers it. A hard stop always speaks.
        self.law = law.in_force(at)
        self.hard_stops = tuple(rule for rule in self.law if rule.step == Step.HARD_STOP)
        self.about_own = tuple(
            rule
            for rule in self.law
            if rule.relation != Relation.ANYONE or rule.step == Step.HARD_STOP
        )

    def follow(self, rows: Sequence[Statement]) -> None:
        """Follow what was named or written through its corrections; rows in the order stated.

        A grant that names pieces is never rewritten. So it names the line that stands in place of
        what it named, and a correction is what it corrects: for it, and for who wrote the first.
        """
        given: set[OneAnswer] = set()
        standing_in: set[OneAnswer] = set()
        # Twice: a line and what it stands for have one time, so either may come first.
        for row in (*rows, *rows):
            mine, others = given, standing_in
            if row.answer == Answer.NOT_PROVIDED:
                mine, others = standing_in, given
            key = _one_answer(row)
            given_so = (row.pk, row.category) in self.parts
            if given_so or row.corrects_id in self.named or key in others:
                self.named.add(row.pk)
                mine.add(key)
            if row.corrects_id in self.wrote or row.author_id == self.principal.membership_id:
                self.wrote.add(row.pk)

    def shares(self, category: Category, holder: Agency) -> bool:
        """Tell whether a live grant opens this category of what this agency holds.

        Emergency access opens what no hard stop holds back. What an author protects or conceals
        it leaves as it is.
        """
        if (category, holder.pk) in self.whole:
            return True
        return self.emergency and self._asked(category, holder, self.hard_stops).rule == DEFAULT

    def remains(self, category: Category, holder: Agency) -> str:
        """What the law says in place of what it holds back from somebody who has a share."""
        if not self.is_given:
            return ""
        ruling = self._asked(category, holder, self.law)
        return ruling.remains if ruling.outcome is Ruling.REDACT else ""

    def _asked(self, category: Category, holder: Agency, rules: tuple[Rule, ...]) -> LawsAnswer:
        facts = Facts(rules, AgencyKind(holder.kind), holder.pk)
        return decide(self.principal, facts, category, self.purpose, self.at)

    def owns(self, category: Category, holder: Agency, author: UUID) -> bool:
        """Ask the law whether this is the principal's own: they wrote it, their agency holds it
        and they answer for that, or it is the outcome of what they referred.
        """
        facts = Facts(
            rules=self.about_own,
            holder_kind=AgencyKind(holder.kind),
            holder_agency=holder.pk,
            recipient_is_referrer=self.is_referrer,
            recipient_is_author=author == self.principal.membership_id,
        )
        ruling = decide(self.principal, facts, category, self.purpose, self.at)
        return ruling.outcome is Ruling.ALLOW

    def sees(self, category: Category, holder: Agency, author: UUID) -> bool:
        """Tell whether the principal may see this, by a grant or as their own."""
        return self.shares(category, holder) or self.owns(category, holder, author)

    def withheld(self, key: str, owner: Agency) -> Item:
        """The item as it is for somebody with whom its category is not shared."""
        question = QUESTIONS[key]
        return Item(
            key=key,
            label=question.label,
            category=question.category,
            state=State.NOT_SHARED,
            text=f"Not shared with {self.principal.agency_kind.label}",
            owner=AgencyKind(owner.kind).label,
            holder=owner.pk,
        )

    def resolve(self, row: Statement) -> Item | None:
        """One statement: shown, held back in one of five ways, or (concealed) nothing at all."""
        category = Category(row.category)
        author = self.principal.membership_id if row.pk in self.wrote else row.author_id
        own = self.owns(category, row.agency, author)
        wrote = own and row.author_id == self.principal.membership_id
        if row.protect == Protect.EXISTENCE and not wrote:
            return None
        item = replace(self.withheld(row.question, row.agency), statement=row.pk)
        if not row.removed_at and row.answer == Answer.GIVEN:
            item = replace(item, is_answerable=policies.answers_for(self.principal, row))
        if not (own or self.shares(category, row.agency) or row.pk in self.named):
            remains = self.remains(category, row.agency)
            return replace(item, state=State.PARTLY_WITHHELD, text=remains) if remains else item
        if row.removed_at:
            text = f"Removed on {day(row.removed_at)}: {row.removed_why}"
            return replace(item, state=State.REMOVED, text=text)
        if row.protect and not wrote and not row.protect_spans and row.answer == Answer.GIVEN:
            # Who said it and how it is known may be what is being protected.
            reason = Protect(row.protect).label
            return replace(
                item, state=State.WITHHELD, text=f"Withheld: {reason}", reason=str(row.protect)
            )
        item = replace(
            item,
            source=KnownHow(row.known_how).label,
            by=Role(row.author.team.role).label,
            at=row.stated_at,
            concealed=row.protect == Protect.EXISTENCE,
        )
        if row.answer == Answer.GIVEN:
            return _shown(item, row, protected=bool(row.protect) and not wrote)
        missing = row.answer == Answer.NOT_PROVIDED
        state = State.NOT_PROVIDED if missing else State.NOT_KNOWN
        return replace(item, state=state, text=Answer(row.answer).label)


def _shown(item: Item, row: Statement, *, protected: bool) -> Item:
    """An answer that was given, without the parts that its author protects from this reader."""
    if not protected:
        file = _file(row.upload) if row.upload else None
        return replace(item, state=State.SHOWN, text=row.text, value=row.text, file=file)
    text = _without_spans(row)
    return replace(
        item, state=State.PARTLY_WITHHELD, text=text, value=text, reason=str(row.protect)
    )


def _file(upload: Upload) -> File:
    return File(upload.pk, FileKind(upload.kind), upload.bytes, upload.pages)


def _without_spans(row: Statement) -> str:
    """The text with a count of words in place of each part that its author protects."""
    text, reason = row.text, Protect(row.protect).label
    for start, end in reversed(_merged(row.protect_spans)):
        count = len(text[start:end].split())
        words = "1 word" if count == 1 else f"{count} words"
        text = f"{text[:start]}[{words} withheld: {reason}]{text[end:]}"
    return text


def _merged(spans: Iterable[list[int]]) -> list[tuple[int, int]]:
    """The protected parts in order; those that touch or overlap are one part."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            first, last = merged.pop()
            merged.append((first, max(last, end)))
        else:
            merged.append((start, end))
    return merged


OneAnswer = tuple[str, UUID | None, UUID, datetime]
"""What a concealed answer and the line in its place have in common."""


def _one_answer(row: Statement) -> OneAnswer:
    return row.question, row.referral_id, row.author_id, row.stated_at


def _stated(case: Case, sight: _Sight) -> Iterable[Item]:
    found_rows = case.statements.select_related("agency", "author__team", "upload")
    rows = list(found_rows.defer("upload__content").order_by("stated_at", "pk"))
    sight.follow(rows)
    by_question: dict[str, list[Statement]] = {}
    for row in rows:
        by_question.setdefault(row.question, []).append(row)
    for key in QUESTIONS:
        found = [(row, sight.resolve(row)) for row in by_question.get(key, [])]
        told = {
            _one_answer(row) for row, item in found if item and row.answer != Answer.NOT_PROVIDED
        }
        for row, item in found:
            # Whoever sees an answer that is or was concealed does not need the line that stands
            # in its place.
            stands_in = row.answer == Answer.NOT_PROVIDED and _one_answer(row) in told
            if item is not None and not stands_in:
                yield item


def _identity(child: Child, sent: list[Referral], sight: _Sight) -> Iterable[Item]:
    """Who the child is. Held by whoever reported it, and read only through the case."""
    first = sent[0]
    sees = sight.sees(Category.IC1, first.agency, first.author_id)
    values = {
        "name": _full_name(child) if child.given_name or child.family_name else "",
        "known_as": child.known_as,
        "birth": _birth_words(child, sight.at),
        "description": child.description,
    }
    for key, value in values.items():
        item = sight.withheld(key, first.agency)
        if not sees:
            yield item
        elif value:
            yield replace(
                item,
                state=State.SHOWN,
                text=value,
                value=value,
                source=QUESTIONS[key].known_how.label,
                by=Role(first.author.team.role).label,
                at=first.sent_at,
            )
        else:
            yield replace(item, state=State.NOT_PROVIDED, text=Answer.NOT_PROVIDED.label)


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
    words = {
        "outcome": Outcome(decision.outcome).label,
        "told_referrer": decision.told_referrer,
        "reason": decision.reason,
    }
    for key, text in words.items():
        item, question = sight.withheld(key, agency), QUESTIONS[key]
        if sight.sees(question.category, agency, decision.decided_by_id):
            item = replace(
                item,
                state=State.SHOWN,
                text=text,
                value=text,
                source=question.known_how.label,
                by=Role(decision.decided_by.team.role).label,
                at=decision.decided_at,
            )
        yield item


def _traces(
    live: list[Grant], mine: list[Referral], emergency: EmergencyAccess | None
) -> Iterable[Trace]:
    if emergency is not None:
        yield Trace(
            says="You can see this because you used emergency access. Another person reviews it.",
            code="emergency",
            rule="Emergency access: one case, to read, for an hour",
            gateway="",
            decided_by="You",
            decided_at=emergency.from_at,
            until=emergency.until_at,
            categories=(),
        )
    for referral in mine:
        yield Trace(
            says="You can see this because you sent it. You see what you sent, and the outcome.",
            code="author",
            rule=f"{law.name('0b')}, and {law.name('24')} for the outcome",
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
            obligations=tuple(Obligation(code).label for code in grant.obligations),
            grant=grant.pk,
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

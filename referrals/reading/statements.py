"""What of a case's statements reaches a principal, and in which words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.moments import day
from portal.documents.models import Upload
from portal.documents.vocabulary import FileKind
from referrals import policies
from referrals.models import Case, Grant, Statement
from referrals.reading import lists
from referrals.reading.shape import File, Item
from referrals.vocabulary import LISTED, NOTES, QUESTIONS, Answer, Extent, KnownHow, Protect, State
from sharing.rules.decision import DEFAULT, Facts, Rule, decide
from sharing.rules.decision import Decision as LawsAnswer
from sharing.rules.vocabulary import Category, Purpose, Step
from sharing.rules.vocabulary import Outcome as Ruling


class Reach:
    """What the principal's live grants, and the law about one's own record, let through."""

    def __init__(
        self,
        principal: Principal,
        live: list[Grant],
        *,
        refers: bool,
        emergency: bool,
        purpose: Purpose,
        rules: tuple[Rule, ...],
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
        self.law = rules
        self.hard_stops = tuple(rule for rule in self.law if rule.step == Step.HARD_STOP)
        self.about_own = policies.about_own(self.law)
        self._owned: dict[tuple[Category, UUID, bool], Rule | None] = {}

    def follow(self, rows: Sequence[Statement]) -> None:
        """Follow what was named or written through its corrections; rows in the order stated.

        A grant that names pieces is never rewritten. So it names the line that stands in place of
        what it named, and a correction is what it corrects: for it, and for who wrote the first.
        """
        kinds: dict[UUID | None, str] = {row.pk: row.category for row in rows}
        given: set[OneAnswer] = set()
        standing_in: set[OneAnswer] = set()
        # Twice: a line and what it stands for have one time, so either may come first.
        for row in (*rows, *rows):
            mine, others = given, standing_in
            if row.answer == Answer.NOT_PROVIDED:
                mine, others = standing_in, given
            key = one_answer(row)
            given_so = (row.pk, row.category) in self.parts
            # One of a list may turn out to be of a kind that was not given.
            same = kinds.get(row.corrects_id) == row.category
            if given_so or (same and row.corrects_id in self.named) or key in others:
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

    def owned(self, category: Category, holder: Agency, author: UUID) -> Rule | None:
        """The rule by which this is the principal's own, if one says so: they wrote it, their
        agency holds it and they answer for that, or it is the outcome of what they referred.
        """
        wrote = author == self.principal.membership_id
        asked = (category, holder.pk, wrote)
        if asked not in self._owned:  # A case has many statements, and few of them differ in this.
            facts = Facts(
                rules=self.about_own,
                holder_kind=AgencyKind(holder.kind),
                holder_agency=holder.pk,
                recipient_is_referrer=self.is_referrer,
                recipient_is_author=wrote,
            )
            ruling = decide(self.principal, facts, category, self.purpose, self.at)
            allowed = ruling.outcome is Ruling.ALLOW
            self._owned[asked] = ruling.trace[-1].won if allowed else None
        return self._owned[asked]

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
        own = self.owned(category, row.agency, author)
        wrote = own is not None and row.author_id == self.principal.membership_id
        if row.protect == Protect.EXISTENCE and not wrote:
            return None
        answered = row.answer == Answer.GIVEN and not row.removed_at
        given = self.shares(category, row.agency) or row.pk in self.named
        item = replace(
            self.withheld(row.question, row.agency),
            statement=row.pk,
            in_part=bool(row.protect_spans),
            is_answerable=answered and policies.answers_for(self.principal, row),
            own=None if given else own,
        )
        if not (own or given):
            # What the law leaves in its place speaks of an answer; of none it would lie.
            remains = self.remains(category, row.agency) if answered else ""
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


def stated(case: Case, reach: Reach) -> Iterable[Item]:
    found_rows = case.statements.select_related("agency", "author__team", "upload")
    rows = list(found_rows.defer("upload__content").order_by("stated_at", "pk"))
    reach.follow(rows)
    by_question: dict[str, list[Statement]] = {}
    for row in rows:
        by_question.setdefault(row.question, []).append(row)
    for key in QUESTIONS:
        found = [(row, reach.resolve(row)) for row in by_question.get(key, [])]
        if key in LISTED:
            yield from lists.listed(found, reach.withheld)
            continue
        if QUESTIONS[key].section == NOTES:
            found = _said_once(found)
        told = {
            one_answer(row) for row, item in found if item and row.answer != Answer.NOT_PROVIDED
        }
        for row, item in found:
            # Whoever sees an answer that is or was concealed does not need the line that stands
            # in its place.
            stands_in = row.answer == Answer.NOT_PROVIDED and one_answer(row) in told
            if item is not None and not stands_in:
                yield item


def _said_once(found: list[tuple[Statement, Item | None]]) -> list[tuple[Statement, Item | None]]:
    """The notes with, of those that are not shared, one line: how many there are is not told."""
    closed = [each for each in found if each[1] and each[1].state is State.NOT_SHARED]
    return [each for each in found if each not in closed[1:]]


def _shown(item: Item, row: Statement, *, protected: bool) -> Item:
    """An answer that was given, without the parts that its author protects from this reader."""
    if not protected:
        return replace(
            item,
            state=State.SHOWN,
            text=row.text,
            value=row.text,
            marks=lists.marks(row),
            happened=lists.happened(row),
            file=_file(row.upload) if row.upload else None,
        )
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


OneAnswer = tuple[str, UUID | None, UUID, datetime, UUID | None]
"""What a concealed answer and the line in its place have in common."""


def one_answer(row: Statement) -> OneAnswer:
    """What tells a concealed answer and the line in its place from all others."""
    return row.question, row.referral_id, row.author_id, row.stated_at, row.item

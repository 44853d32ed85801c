"""Every agency's answers side by side, after the opening: differences in words, never a mean."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON
from referrals.assessments.decision import Facts, Given, Item, Score, Tool, score, together
from referrals.assessments.models import Answer, Assessment, Brought, Invitation, Judgement
from referrals.assessments.reading.own import times_of
from referrals.assessments.reading.reach import Said
from referrals.assessments.workflow import AGREED
from referrals.models import Child
from referrals.reading import Item as Shown

DIFFERS = "Differs"


@dataclass(frozen=True, repr=False)
class Cell:
    """What one agency says of one item, as this reader may see it.

    `says` is the answer in words, or why it is not shown. `words` is how the agency knows.
    `was`: what it said last time, where that was something else.
    """

    agency: str
    says: str
    is_shown: bool
    is_sign: bool = False
    words: Shown | None = None
    was: str = ""


@dataclass(frozen=True, repr=False)
class Line:
    """One item, with what each agency says of it. `sentence` says the difference in words."""

    code: str
    text: str
    cells: tuple[Cell, ...]
    sentence: str = ""

    @property
    def differs(self) -> bool:
        """Whether agencies whose answers the reader sees say different things."""
        return bool(self.sentence)


@dataclass(frozen=True, repr=False)
class Part:
    """A part of the tool, with its items."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, repr=False)
class Voice:
    """What one agency brought beside its answers."""

    agency: str
    strengths: tuple[str, ...]
    items: tuple[Shown, ...]


@dataclass(frozen=True, repr=False)
class Comparison:
    """An assessment that was opened, as one reader may see it.

    `silent` are the agencies that did not answer. `score` is None where the reader may not see it:
    before a judgement is written, or where an agency's answers are not shared with them.
    """

    pk: UUID
    reference: str
    title: str
    evidence: str
    revealed_at: datetime
    agencies: tuple[str, ...]
    silent: tuple[str, ...]
    parts: tuple[Part, ...]
    voices: tuple[Voice, ...]
    previous: date | None
    withheld: int
    score: Score | None
    score_why_not: str
    shown_ids: tuple[UUID, ...]

    @property
    def differing(self) -> int:
        """How many items agencies differ on, of what the reader sees."""
        return sum(line.differs for part in self.parts for line in part.lines)

    @property
    def points(self) -> str:
        """The total, as points; "" where it is not shown."""
        return f"{self.score.total / 10:g}" if self.score else ""

    def only_differences(self) -> "Comparison":
        """The same with nothing but the items that agencies differ on."""
        parts = (
            replace(part, lines=tuple(line for line in part.lines if line.differs))
            for part in self.parts
        )
        return replace(self, parts=tuple(part for part in parts if part.lines))


def comparison(
    principal: Principal, assessment: Assessment, said: Said | None = None
) -> Comparison:
    """Resolve an opened assessment for this reader. Writes nothing: the caller records it.

    `said` is what they may see of the case's assessments, where that is known already.
    """
    said = said or Said(principal, assessment.case)
    tool = assessment.tool.tool
    asked = _asked(assessment)
    answered = [each for each in asked if each.submitted_at is not None]
    last = _last_before(assessment)
    before = _answers_of(last) if last is not None else {}
    now = _answers_of(assessment)
    open_to = {each.agency_id: said.sees(each.agency, _author(each)) for each in answered}
    sides = _Sides(tool, answered, open_to, now, before, said)
    parts = tuple(
        Part(
            domain.label,
            tuple(sides.line(item) for item in tool.items if item.domain == domain.code),
        )
        for domain in tool.domains
    )
    cells = [cell for part in parts for line in part.lines for cell in line.cells]
    found, why_not = _score(assessment, tool, now, all(open_to.values()))
    return Comparison(
        pk=assessment.pk,
        reference=assessment.case.reference,
        title=f"{tool.title}, version {tool.version}",
        evidence=tool.evidence,
        revealed_at=_moment(assessment),
        agencies=tuple(each.agency.name for each in answered),
        silent=tuple(each.agency.name for each in asked if each.submitted_at is None),
        parts=parts,
        voices=tuple(_voices(tool, answered, said, open_to)),
        previous=last.started_at.astimezone(LONDON).date() if last is not None else None,
        withheld=sum(not cell.is_shown for cell in cells),
        score=found,
        score_why_not=why_not,
        shown_ids=tuple(each.pk for each in answered if open_to[each.agency_id]),
    )


@dataclass(frozen=True, repr=False)
class Differences:
    """The items on which agencies differ, of what one reader sees.

    `shown_ids`: the invitations of the agencies whose answers they see; `silent`: how many others
    answered.
    """

    lines: tuple[Line, ...]
    shown_ids: tuple[UUID, ...]
    silent: int


def differences(assessment: Assessment, said: Said, *, protected: bool = True) -> Differences:
    """The short form of a comparison that was opened: the lines of it that differ. One query, where
    the invitations are there.

    Without `protected` a sign of which the reader's words are not there, as its author protects
    them, is not held against the others either.
    """
    tool = assessment.tool.tool
    asked = sorted(assessment.invitations.all(), key=lambda each: each.agency.name)
    answered = [each for each in asked if each.submitted_at is not None]
    open_to = {each.agency_id: said.sees(each.agency, _author(each)) for each in answered}
    sides = _Sides(tool, answered, open_to, _answers_of(assessment), {}, said)
    lines = [sides.line(item) for item in tool.items]
    if not protected:
        lines = [_of_what_is_told(line) for line in lines]
    return Differences(
        lines=tuple(line for line in lines if line.differs),
        shown_ids=tuple(each.pk for each in answered if open_to[each.agency_id]),
        silent=sum(not is_open for is_open in open_to.values()),
    )


def _of_what_is_told(line: Line) -> Line:
    cells = tuple(cell for cell in line.cells if not cell.is_sign or cell.words is not None)
    return replace(line, cells=cells, sentence=sentence_of(cells))


def counted(assessment: Assessment, judgement: Judgement) -> Score:
    """What the tool says of everything that all agencies answered, and of what is known beside.

    What is known beside is the strongest that any judgement of this assessment says: nobody lifts
    a floor by writing a second one when the first has shown the score.
    For the services, which insist; a reading says who may see it.
    """
    return _counted(assessment, assessment.tool.tool, judgement, _answers_of(assessment))


def _counted(
    assessment: Assessment,
    tool: Tool,
    judgement: Judgement,
    answers: Mapping[UUID, Mapping[str, Answer]],
) -> Score:
    every = list(assessment.judgements.all())
    facts = Facts(
        age=_age(assessment.case.child, judgement.written_at.astimezone(LONDON).date()),
        missing_90_days=max(
            (each.missing for each in every if each.missing is not None), default=None
        ),
        cannot_return_home=max(
            (each.unsafe_home for each in every if each.unsafe_home is not None), default=None
        ),
    )
    given = ({code: _given(each) for code, each in of.items()} for of in answers.values())
    return score(tool, together(tool, given), facts)


def _score(
    assessment: Assessment,
    tool: Tool,
    answers: Mapping[UUID, Mapping[str, Answer]],
    seen: bool,  # noqa: FBT001
) -> tuple[Score | None, str]:
    judgement = assessment.judgements.order_by("-written_at").first()
    if judgement is None:
        return None, "It is shown once somebody has written the judgement in words."
    if not seen:
        return None, "It is not shown, because answers of an agency are not shared with your team."
    if not tool.is_scored:
        return None, "This tool counts nothing: people choose by its words."
    return _counted(assessment, tool, judgement, answers), ""


def _moment(assessment: Assessment) -> datetime:
    assert assessment.revealed_at is not None  # noqa: S101
    return assessment.revealed_at


def _asked(assessment: Assessment) -> list[Invitation]:
    asked = assessment.invitations.select_related("agency", "by").order_by("agency__name")
    return list(asked)


def _author(invitation: Invitation) -> UUID:
    assert invitation.by_id is not None  # noqa: S101
    return invitation.by_id


def _answers_of(assessment: Assessment) -> dict[UUID, dict[str, Answer]]:
    """The answers by agency and item."""
    found: dict[UUID, dict[str, Answer]] = {}
    rows = Answer.objects.filter(invitation__assessment=assessment).select_related("invitation")
    for row in rows:
        found.setdefault(row.invitation.agency_id, {})[row.item] = row
    return found


def _last_before(assessment: Assessment) -> Assessment | None:
    """The assessment that was agreed before this one, with the same tool in whatever version."""
    before = Assessment.objects.filter(
        case=assessment.case_id,
        status__in=AGREED,
        started_at__lt=assessment.started_at,
        tool__code=assessment.tool.code,
    )
    return before.order_by("-started_at").first()


def _given(row: Answer) -> Given:
    recencies = (row.recency,) if row.recency else ()
    return Given(row.answer, recencies, times=1 if row.times is None else row.times)


@dataclass(frozen=True, repr=False)
class _Sides:
    """Who answered, whose answers the reader sees, what they are now and were last time."""

    tool: Tool
    answered: list[Invitation]
    open_to: Mapping[UUID, bool]
    now: Mapping[UUID, Mapping[str, Answer]]
    before: Mapping[UUID, Mapping[str, Answer]]
    said: Said

    def line(self, item: Item) -> Line:
        """One item, agency by agency."""
        cells = tuple(self._cell(item, each.agency) for each in self.answered)
        return Line(item.code, item.text, cells, sentence_of(cells))

    def _cell(self, item: Item, agency: Agency) -> Cell:
        if not self.open_to[agency.pk]:
            return Cell(agency.name, self.said.not_shared, is_shown=False)
        row = self.now.get(agency.pk, {}).get(item.code)
        if row is None:
            return Cell(agency.name, "Not answered", is_shown=True)
        labels = {each.code: each for each in self.tool.answers}
        answer = labels[row.answer]
        parts = (
            answer.label,
            times_of(self.tool, item).get(row.recency, "").lower(),
            f"{row.times} time{'' if row.times == 1 else 's'}" if row.times is not None else "",
        )
        old = self.before.get(agency.pk, {}).get(item.code)
        was = labels.get(old.answer) if old is not None and old.answer != row.answer else None
        return Cell(
            agency.name,
            "; ".join(filter(None, parts)),
            is_shown=True,
            is_sign=answer.is_sign,
            words=self.said.item(row.words_id),
            was=was.label if was else "",
        )


def sentence_of(cells: Iterable[Cell]) -> str:
    """What agencies say that differs, in words; "" where those that the reader sees say the same.

    The answer is what is held side by side, not the time of it.
    """
    shown = [(cell.agency, cell.says.split(";")[0]) for cell in cells if cell.is_shown]
    if len(Counter(answer for _, answer in shown)) < 2:
        return ""
    return " ".join(f"{agency}: {answer.lower()}." for agency, answer in shown)


def _voices(
    tool: Tool, answered: list[Invitation], said: Said, open_to: Mapping[UUID, bool]
) -> Iterable[Voice]:
    brought = {row.invitation_id: row for row in Brought.objects.filter(invitation__in=answered)}
    strengths = dict(tool.strengths)
    for each in answered:
        row = brought[each.pk]
        found = (said.item(pk) for pk in (row.strengths_words_id, row.child_id, row.more_id))
        yield Voice(
            each.agency.name,
            tuple(strengths[code] for code in row.strengths if open_to[each.agency_id]),
            tuple(item for item in found if item is not None),
        )


def _age(child: Child, on: date) -> int | None:
    born = child.date_of_birth
    if born is None:
        return child.age_estimate
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

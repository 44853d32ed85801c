"""The risk page of a case: the level now, how it went, and what is under way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON
from portal.common.moments import day
from referrals.assessments import policies
from referrals.assessments.models import Agreement, Assessment, Confirmation, Invitation
from referrals.assessments.reading.picture import Picture, picture
from referrals.assessments.reading.reach import Said
from referrals.assessments.vocabulary import Capacity, Level, View
from referrals.assessments.workflow import Status
from referrals.models import Case
from referrals.reading import Item


@dataclass(frozen=True, repr=False)
class Voice:
    """What one agency says of a level."""

    agency: str
    view: str
    words: Item | None
    is_dissent: bool


@dataclass(frozen=True, repr=False)
class Agreed:
    """One level, as one reader may see it. Where it is not shared nothing of it stands here."""

    on: date
    level: str
    is_shown: bool
    took_part: str
    judgement: Item | None
    child: Item | None
    differs: Item | None
    review_on: date
    voices: tuple[Voice, ...]
    unheard: tuple[str, ...]
    signed: tuple[str, ...]
    label: str = ""

    @property
    def day(self) -> str:
        """The day on which it was agreed, in words."""
        return day(self.on)


@dataclass(frozen=True, repr=False)
class Declined:
    """A level that somebody did not sign: who, as what, when, and why, as one reader may see it."""

    at: datetime
    level: str
    who: str
    capacity: str
    why: Item | None


@dataclass(frozen=True, repr=False)
class Withdrawn:
    """A level that was withdrawn before all had signed: who, when, why, who had signed it, and
    what agencies had said of it.
    """

    at: datetime
    level: str
    who: str
    signed: tuple[str, ...]
    voices: tuple[Voice, ...]
    why: Item | None


@dataclass(frozen=True, repr=False)
class Waiting:
    """A level that is put up and waits for signatures, or for what agencies say of it."""

    agreement: UUID
    agreed: Agreed
    still: tuple[str, ...]
    signs_as: Capacity | None
    confirms: bool
    withdraws: bool


@dataclass(frozen=True, repr=False)
class UnderWay:
    """An assessment that is going on, for those who take part in it."""

    pk: UUID
    title: str
    status: Status
    look_at: str
    started_at: datetime
    due_at: datetime
    answered: tuple[str, ...]
    silent: tuple[str, ...]
    answers: bool
    may_open: bool
    leads: bool

    @property
    def is_asked(self) -> bool:
        """Whether agencies are answering still."""
        return self.status is Status.ASKED

    @property
    def is_open(self) -> bool:
        """Whether the answers are open."""
        return not self.is_asked

    @property
    def may_agree(self) -> bool:
        """Whether the reader may put up a level now."""
        return self.leads and self.status is Status.OPENED


@dataclass(frozen=True, repr=False)
class RiskPage:
    """The risk page of a case, for one reader. `past` holds every level, the latest first.

    `declined` are the levels that somebody did not sign, and `withdrawn` those that were withdrawn,
    of those that the reader may see.
    """

    reference: str
    now: Agreed | None
    past: tuple[Agreed, ...]
    picture: Picture | None
    under_way: UnderWay | None
    waiting: Waiting | None
    declined: tuple[Declined, ...]
    withdrawn: tuple[Withdrawn, ...]
    may_start: bool
    shown: tuple[UUID, ...]
    hidden: int


def names_of(case: Case) -> dict[Level, str]:
    """What the partnership of a case calls the levels."""
    return {level: str(getattr(case.partnership, f"{level}_name")) for level in Level}


def risk_page(principal: Principal, case: Case) -> RiskPage:
    """Resolve the risk page of a visible case. Writes nothing: the caller records it."""
    said = Said(principal, case)
    names = names_of(case)
    put_up = list(_agreements(case))
    all_rows = [each for each in put_up if each.stands]
    rows = [each for each in all_rows if each.in_force_at is not None]
    past = tuple(_agreed(each, said, names) for each in rows)
    answered = [each for each in put_up if each.in_force_at or not each.stands]
    seen = [each for each in answered if said.sees_level(each)]
    steps = [
        (_on(each), Level(each.level), names[Level(each.level)])
        for each in seen
        if each.in_force_at
    ]
    found = _found_under_way(case)
    leads = said.stands.oversees and not said.stands.only_reads
    return RiskPage(
        reference=case.reference,
        now=past[0] if past else None,
        past=past,
        picture=picture(steps, names),
        under_way=_under_way(principal, found, said),
        waiting=_waiting(principal, all_rows, said, names),
        declined=tuple(_declined(each, said, names) for each in seen if each.declined_at),
        withdrawn=tuple(_withdrawn(each, said, names) for each in seen if each.withdrawn_at),
        may_start=leads and found is None and case.status not in policies.GONE,
        shown=tuple(each.pk for each in seen),
        hidden=len(answered) - len(seen),
    )


def _agreements(case: Case) -> QuerySet[Agreement]:
    found = Agreement.objects.filter(assessment__case=case)
    return (
        found.select_related(
            "assessment__tool", "assessment__case", "judgement", "by__team__agency", "by__user"
        )
        .select_related("withdrawn_by__user", "withdrawn_by__team__agency")
        .prefetch_related(
            "confirmations__agency",
            "assessment__invitations__agency",
            "signatures__by__user",
            "signatures__by__team__agency",
        )
        .order_by("-agreed_at")
    )


def _on(agreement: Agreement) -> date:
    return agreement.agreed_at.astimezone(LONDON).date()


def _agreed(agreement: Agreement, said: Said, names: dict[Level, str]) -> Agreed:
    level, sees = Level(agreement.level), said.sees_level(agreement)
    asked = list(agreement.assessment.invitations.all())
    answered = [each for each in asked if each.submitted_at is not None]
    confirmations = list(agreement.confirmations.all())
    heard = {each.agency_id for each in confirmations}
    tool = agreement.assessment.tool.tool
    return Agreed(
        on=_on(agreement),
        level=names[level] if sees else said.not_shared,
        is_shown=sees,
        took_part=_in_a_row(answered) if sees else "",
        judgement=said.item(agreement.judgement.words_id),
        child=said.item(agreement.judgement.child_id),
        differs=said.item(agreement.differs_id),
        review_on=agreement.review_on,
        voices=tuple(_voice(each, said) for each in confirmations) if sees else (),
        unheard=tuple(each.agency.name for each in answered if each.agency_id not in heard)
        if sees
        else (),
        signed=_signed(agreement) if sees else (),
        label=_own_label(tool.label_of(level), names[level]) if sees else "",
    )


def _declined(agreement: Agreement, said: Said, names: dict[Level, str]) -> Declined:
    (no,) = (each for each in agreement.signatures.all() if not each.signs)
    return Declined(
        at=no.signed_at,
        level=names[Level(agreement.level)],
        who=f"{no.by.user.name}, {no.by.team.agency.name}",
        capacity=Capacity(no.capacity).label,
        why=said.item(no.words_id),
    )


def _signed(agreement: Agreement) -> tuple[str, ...]:
    """Who has signed it, and for whom."""
    return tuple(
        f"{each.by.user.name}, {Capacity(each.capacity).label.lower()}"
        for each in agreement.signatures.all()
        if each.signs
    )


def _withdrawn(agreement: Agreement, said: Said, names: dict[Level, str]) -> Withdrawn:
    by, at = agreement.withdrawn_by, agreement.withdrawn_at
    assert by is not None  # noqa: S101
    assert at is not None  # noqa: S101
    return Withdrawn(
        at=at,
        level=names[Level(agreement.level)],
        who=f"{by.user.name}, {by.team.agency.name}",
        signed=_signed(agreement),
        voices=tuple(_voice(each, said) for each in agreement.confirmations.all()),
        why=said.item(agreement.withdrawn_why_id),
    )


def _own_label(tools: str, ours: str) -> str:
    return "" if tools == ours else tools


def _voice(said_so: Confirmation, said: Said) -> Voice:
    view = View(said_so.view)
    words = said.item(said_so.words_id)
    return Voice(said_so.agency.name, view.label, words, is_dissent=view is View.DISSENTS)


def _in_a_row(asked: Iterable[Invitation]) -> str:
    return ", ".join(sorted(each.agency.name for each in asked))


def _found_under_way(case: Case) -> Assessment | None:
    going = Assessment.objects.filter(case=case).under_way()
    return going.select_related("tool", "case").prefetch_related("invitations__agency").first()


def _under_way(principal: Principal, found: Assessment | None, said: Said) -> UnderWay | None:
    if found is None or not policies.takes_part(principal, found, said.stands):
        return None
    asked = list(found.invitations.all())
    return UnderWay(
        pk=found.pk,
        title=found.tool.tool.title,
        status=Status(found.status),
        look_at=found.look_at,
        started_at=found.started_at,
        due_at=found.due_at,
        answered=tuple(sorted(each.agency.name for each in asked if each.submitted_at)),
        silent=tuple(sorted(each.agency.name for each in asked if not each.submitted_at)),
        answers=policies.is_asked(principal, found),
        may_open=said.stands.oversees and policies.may_open(found),
        leads=said.stands.oversees,
    )


def _waiting(
    principal: Principal, rows: list[Agreement], said: Said, names: dict[Level, str]
) -> Waiting | None:
    """The level that still waits for signatures or for what agencies say, if the reader sees it."""
    current = (Status.WAITING, Status.AGREED)
    # While a new one waits, an earlier one is in force: the newer is what people look at.
    found = next((each for each in rows if each.assessment.status in current), None)
    if found is None or not said.sees_level(found):
        return None
    confirms = policies.confirms(principal, found, said.stands)
    waits = found.in_force_at is None
    signs = policies.signs_as(principal, found, said.stands) if waits else None
    if not (waits or confirms):
        return None
    return Waiting(
        agreement=found.pk,
        agreed=_agreed(found, said, names),
        still=tuple(each.label for each in policies.still_to_sign(found)),
        signs_as=signs,
        confirms=confirms,
        withdraws=waits and policies.withdraws(principal, found, said.stands),
    )

"""What a change of the law means for real cases: tried, counted, and carried out on live grants.

Counting and examining are long, so a row is the promise, a worker hurries it, and a sweep goes on
where a worker stopped. Examining keeps its place in batches; counting begins again.
"""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Self, TypeVar
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import models, transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.audit.services import record
from portal.common.errors import NotVisible
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals import services as casework
from referrals.models import Case, Grant, GrantQuerySet
from referrals.vocabulary import Fate
from sharing.disclosures.policies import told_of
from sharing.disclosures.reports import (
    MOST_CASES,
    Compared,
    ImpactPage,
    Laws,
    Tally,
    cases_to_count,
    compared,
    holds,
    impact_page,
)
from sharing.disclosures.services.share import tell
from sharing.rules import policies as law
from sharing.rules.decision import Facts, TeamRecipient
from sharing.rules.models import Change, Examination, Impact
from sharing.rules.services import FileRefused, changes
from sharing.rules.vocabulary import Category, OutsideParty, Purpose, WorkStatus

log = logging.getLogger(__name__)

_FACTS: Final = (
    *("recipient_is_author", "recipient_is_referrer", "agreement", "danger"),
    *("significant_harm", "walled"),
)
LEASE: Final = timedelta(minutes=2)
BATCH: Final = 50
Job = TypeVar("Job", Impact, Examination)


@dataclass(frozen=True, repr=False)
class Question:
    """What somebody wants to try: who asks, whose information, what for, and what is true."""

    recipient: TeamRecipient | OutsideParty
    facts: Facts
    purpose: Purpose

    @classmethod
    def of(
        cls, role: str, kind: str, holder: str, purpose: str, facts: Iterable[str], **_: object
    ) -> Self:
        """The question in the words of the form."""
        true, held_by, elsewhere = frozenset(facts), uuid.uuid4(), uuid.uuid4()
        return cls(
            TeamRecipient(held_by if "own" in true else elsewhere, AgencyKind(kind), Role(role)),
            Facts(
                rules=(),
                holder_kind=AgencyKind(holder),
                holder_agency=held_by,
                **{name: name in true for name in _FACTS},
            ),
            Purpose(purpose),
        )


@transaction.atomic
def simulate(
    *, actor: Principal, pk: UUID, question: Question, reference: str = ""
) -> list[Compared]:
    """Ask the law as it is and as a change would make it, category by category, with the trace.

    With a reference it is asked about what that case holds, whose holders replace the question's;
    the actor must be able to see the case. Raises NotVisible or Refused; FileRefused when the
    change no longer fits the law.
    """
    change = law.change_for(actor, pk)
    laws = laws_of(change)
    if not reference:
        found = compared(laws, question.recipient, question.facts, Category, question.purpose)
        record(actor, "rules.simulated", obj=("change", change.pk), purpose=question.purpose)
        return found
    case = policies.case_for(actor, reference)
    found = [
        row
        for (holder, kind), categories in holds(case).items()
        for row in compared(
            laws,
            question.recipient,
            replace(question.facts, holder_agency=holder, holder_kind=kind),
            categories,
            question.purpose,
        )
    ]
    record(
        actor,
        "rules.simulated",
        case=case.pk,
        obj=("change", change.pk),
        purpose=question.purpose,
    )
    return found


@transaction.atomic
def open_impact(*, actor: Principal, pk: UUID) -> ImpactPage | None:
    """How far the count of a change has got; None when nobody has asked for it as it reads now.

    Raises NotVisible or Refused.
    """
    change = law.change_for(actor, pk)
    record(actor, "rules.listed", obj=("change", change.pk), why="impact")
    impact = change.impacts.filter(of=changes.digest(change)).first()
    return impact_page(actor, impact) if impact else None


@transaction.atomic
def open_examination(*, actor: Principal, pk: UUID) -> Examination:
    """How far an examination has got, in counts. Raises NotVisible or Refused."""
    law.require_ig_lead(actor)
    found = (
        Examination.objects.select_related("rule_set__change", "agreement").filter(pk=pk).first()
    )
    if found is None:
        raise NotVisible("examination", str(pk))
    record(actor, "rules.listed", obj=("examination", pk))
    return found


def laws_of(change: Change) -> Laws:
    """The law today, and as this change would make it on its first day. Raises FileRefused."""
    day = changes.first_day(change)
    return Laws(law.known(law.rule_set()), changes.drafted(change, day), law.noon(day))


def count_impact(*, pk: UUID) -> None:
    """Count who gains and loses sight of what by a change. Safe to call twice.

    At most the newest two thousand cases, and the result says how many there are. A change that
    no longer fits the law is counted as touching nobody: it cannot go live.
    """
    work = _begin(Impact.objects.due(timezone.now()), pk)
    if work is None:
        return
    found = cases_to_count()
    total = found.count()
    pks = list(found.values_list("pk", flat=True)[:MOST_CASES])
    try:
        laws = laws_of(work.change)
    except FileRefused:
        now = law.known(law.rule_set())
        nothing = Tally(Laws(now, now, timezone.now()))
        _finish(work, result=nothing.result(0, total), total=0, done=0)
        return
    tally = Tally(laws)
    for start in range(0, len(pks), BATCH):
        tally.add(pks[start : start + BATCH])
        if not _goes_on(work, done=min(start + BATCH, len(pks)), total=len(pks)):
            return
    _finish(work, result=tally.result(len(pks), total), total=len(pks), done=len(pks))


def examine(*, pk: UUID) -> None:
    """Hold every live grant that a rule gave against the law of now. Safe to call twice.

    A batch is a transaction, and keeps its place: a worker that dies loses one batch, which the
    next one does again from the beginning.
    """
    work = _begin(Examination.objects.due(timezone.now()), pk)
    if work is None:
        return
    while _examine_batch(work):
        pass


def sweep() -> int:
    """Go on with every count and examination that nobody does. Returns how many were taken up.

    One that fails stops no other, and is tried again when its worker's turn is over. Raises the
    first failure when all have had their turn, so that whoever calls knows.
    """
    failures: list[Exception] = []
    now = timezone.now()
    examinations = list(Examination.objects.due(now).values_list("pk", flat=True))
    counts = list(Impact.objects.due(now).values_list("pk", flat=True))
    jobs = [*((examine, pk) for pk in examinations), *((count_impact, pk) for pk in counts)]
    for do, pk in jobs:
        try:
            do(pk=pk)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
            # The message may repeat what somebody wrote: the number and the class must do.
            log.error("%s of %s failed (%s)", do.__name__, pk, type(error).__name__)  # noqa: TRY400
            failures.append(error)
    if failures:
        raise failures[0]
    return len(jobs)


@transaction.atomic
def _examine_batch(work: Examination) -> bool:
    """Examine the next grants; False when there are no more, or somebody else has taken over."""
    held = _held(work)
    if held is None:
        return False
    left = _to_examine(held)
    if held.reached is None:
        held.total = left.count()
    pks = list(left.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not pks:
        _settle(held)
        return False
    now = timezone.now()
    # A case before its grants, as everywhere.
    list(Case.objects.select_for_update().filter(grants__in=pks).order_by("pk").values_list("pk"))
    grants = left.filter(pk__in=pks).select_for_update(of=("self",))
    why = _why(held)
    for grant in grants.select_related("holder", "content_object__coordinator").order_by(
        "content_object_id", "pk"
    ):
        fate, again = casework.examine(grant=grant, why=why, at=now)
        for decision in grant.disclosures.all():
            decision.grants.add(*again)
        _count(held, fate, grant)
    held.reached, held.done = pks[-1], held.done + len(pks)
    held.lease_until = now + LEASE
    held.save()
    return True


def _to_examine(work: Examination) -> GrantQuerySet:
    """Grants that were live when it was asked for, after the place that was reached."""
    found = Grant.objects.live().filter(from_at__lte=work.created_at)
    return found if work.reached is None else found.filter(pk__gt=work.reached)


def _count(work: Examination, fate: Fate, grant: Grant) -> None:
    setattr(work, fate.value, getattr(work, fate.value) + 1)
    case = grant.content_object
    if fate is Fate.ENDED and grant.only_id is None:
        [team] = casework.teams_of([grant])
        tell(case, team, Kind.STOPPED, work.pk)
    if fate is Fate.KEPT:
        return
    looks_after = [case.coordinator] if case.coordinator else _managers(case)
    for member in looks_after:
        owe(
            recipient=member,
            kind=Kind.CHANGED,
            reference=case.reference,
            case=case.pk,
            cause=work.pk,
        )


def _managers(case: Case) -> list[Membership]:
    """Who hears of a case that nobody coordinates."""
    return told_of(case, people.teams_in(case.partnership_id, Role.MANAGER))


def _why(work: Examination) -> str:
    if work.day is not None:
        return "A line of the law began or ended, and this no longer stood as it was."
    if work.rule_set is not None:
        return f"The rules changed, and this no longer stood as it was: {work.rule_set.title}."
    return "The agreement between agencies that this rested on has ended."


def _settle(work: Examination) -> None:
    work.status, work.finished_at = WorkStatus.DONE, timezone.now()
    work.lease = work.lease_until = None
    work.save()
    record(None, "rules.reviewed", obj=("examination", work.pk))


@transaction.atomic
def _begin(rows: models.QuerySet[Job], pk: UUID) -> Job | None:
    """Take up work that nobody does, for two minutes at a time; None when there is none."""
    work = rows.filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
    if work is not None:
        work.status = WorkStatus.DOING
        work.lease, work.lease_until = uuid.uuid4(), timezone.now() + LEASE
        work.save(update_fields=["status", "lease", "lease_until"])
    return work


def _held(work: Examination) -> Examination | None:
    rows = Examination.objects.select_for_update().filter(pk=work.pk, lease=work.lease)
    return rows.first()


def _goes_on(work: Impact, **progress: int) -> bool:
    """Write how far it has got; False when somebody else has taken over."""
    until = timezone.now() + LEASE
    held = Impact.objects.filter(pk=work.pk, lease=work.lease)
    return held.update(lease_until=until, **progress) == 1


@transaction.atomic
def _finish(work: Impact, **ends: object) -> None:
    held = Impact.objects.filter(pk=work.pk, lease=work.lease)
    held.update(
        status=WorkStatus.DONE, finished_at=timezone.now(), lease=None, lease_until=None, **ends
    )

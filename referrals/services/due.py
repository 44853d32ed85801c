"""What a decision promised for a day: a step beside it, and when somebody looks at it next.

Whoever is told was promised to be; each day is told of once, however many sweeps run at once.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.audit.services import record
from portal.common.clock import LONDON
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Decision, SideRoute
from referrals.services.clocks import to_tell
from referrals.vocabulary import Side
from referrals.workflow import OVER
from sharing.rules.vocabulary import Purpose


def sweep() -> int:
    """Tell of every step that is late and of every decision whose day has come; return how many.

    Of a step its owner is told, and with them whoever coordinates the case, and its managers. Of a
    decision its owner is told, where the case is theirs to read and was not handed over since; else
    whoever coordinates it, or a manager while nobody does. Of a case on which the work is over
    nobody is told.
    """
    told = 0
    while _tell_of_step() or _tell_of_decision():
        told += 1
    return told


@transaction.atomic
def _tell_of_step() -> bool:
    """Take one step that is late and not told of; False when there is none."""
    now = timezone.now()
    late = SideRoute.objects.filter(done_at__isnull=True, told_at__isnull=True, due_at__lte=now)
    found = late.order_by("due_at").values("pk", "case_id").first()
    if found is None:
        return False
    case = Case.objects.select_for_update().get(pk=found["case_id"])
    # Whoever held the case may have done it, or told of it.
    step = late.filter(pk=found["pk"]).first()
    if step is None:
        return True
    step.told_at = now
    step.save(update_fields=["told_at"])
    cause = record(
        None,
        "side_route.passed",
        # That the LADO was told is not for the case's own stream: see `triage.services.sides`.
        case=None if step.side == Side.LADO else case.pk,
        obj=("side_route", step.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=step.side,
    )
    owner = _live(step.owner_id)
    if owner is not None:
        reference = case.reference if _reads(owner, case) else ""
        owe(recipient=owner, kind=Kind.STEP_LATE, reference=reference, case=case.pk, cause=cause)
    others = [each for each in to_tell(case, managers=True) if each.pk != step.owner_id]
    _tell(others, Kind.STEP_WAITS, case, cause)
    return True


@transaction.atomic
def _tell_of_decision() -> bool:
    """Take one decision whose day has come and that is not told of; False when there is none."""
    now = timezone.now()
    today = now.astimezone(LONDON).date()
    wanted = {"superseded_at__isnull": True, "next_told_at__isnull": True, "next_on__lte": today}
    come = Decision.objects.filter(**wanted).exclude(case__status__in=OVER)
    found = come.order_by("next_on").values("pk", "case_id").first()
    if found is None:
        return False
    case = Case.objects.select_for_update().get(pk=found["case_id"])
    decision = come.filter(pk=found["pk"]).first()
    if decision is None:
        return True
    decision.next_told_at = now
    decision.save(update_fields=["next_told_at"])
    cause = record(
        None,
        "decision.due",
        case=case.pk,
        obj=("decision", decision.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=decision.outcome,
    )
    owner = _live(decision.owner_id)
    # Who took the case on since then goes on with what was decided too.
    since = {"to__isnull": False, "given_at__gt": decision.decided_at}
    goes_on = owner is not None and not case.assignments.filter(**since).exists()
    told = [owner] if owner and goes_on and _reads(owner, case) else to_tell(case, managers=False)
    _tell(told, Kind.LOOK_DUE, case, cause)
    return True


def _live(pk: UUID | None) -> Membership | None:
    return Membership.objects.live().filter(pk=pk).first() if pk else None


def _reads(member: Membership, case: Case) -> bool:
    return policies.visible(member.principal()).filter(pk=case.pk).exists()


def _tell(people: list[Membership], kind: Kind, case: Case, cause: UUID) -> None:
    for member in people:
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)

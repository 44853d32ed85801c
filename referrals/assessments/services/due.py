"""What the clock asks of an assessment: a chase, a word that it is late, another look.

Each is told of once, however many sweeps run at once: the row is taken under the case's lock.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.assessments import policies
from referrals.assessments.models import Agreement, Assessment, Invitation
from referrals.assessments.services.telling import lock, tell, write_down
from referrals.assessments.workflow import UNDER_WAY, Status
from referrals.matching.models import Join
from referrals.models import Statement
from referrals.vocabulary import HARM_SIGNS, Protect
from referrals.vocabulary import Answer as Answered


def sweep() -> int:
    """Do everything that is due, and return how much it was.

    An agency that has not answered is chased when half of its time is over; whoever looks after the
    case hears when the time is over; and hears when agencies are to look at a child again: the day
    has come, or somebody told of a new sign of harm since the level was agreed.
    """
    done = 0
    steps: tuple[Callable[[], bool], ...] = (_chase, _late, _look_again)
    while any(step() for step in steps):
        done += 1
    return done


@transaction.atomic
def _chase() -> bool:
    """Chase one agency; False when there is none to chase."""
    now = timezone.now()
    near = Invitation.objects.near(now).exclude(assessment__case__status__in=policies.GONE)
    found = near.select_related("assessment__case").order_by("chase_at", "pk").first()
    if found is None:
        return False
    case = lock(found.assessment.case)
    invitation = near.filter(pk=found.pk).select_related("assessment").first()
    if invitation is None:
        return True
    invitation.chased_at = now
    invitation.save(update_fields=["chased_at"])
    cause = write_down(None, "risk.chased", case, ("risk_invitation", invitation.pk))
    tell(policies.who_answers(invitation), Kind.RISK_LATE, case, cause)
    return True


@transaction.atomic
def _late() -> bool:
    """Tell of one assessment whose time is over; False when there is none."""
    now = timezone.now()
    late = Assessment.objects.filter(
        status=Status.ASKED, due_at__lte=now, late_told_at__isnull=True
    ).exclude(case__status__in=policies.GONE)
    found = late.select_related("case").order_by("due_at", "pk").first()
    if found is None:
        return False
    case = lock(found.case)
    assessment = late.filter(pk=found.pk).first()
    if assessment is None:
        return True
    assessment.late_told_at = now
    assessment.save(update_fields=["late_told_at"])
    cause = write_down(None, "risk.late", case, ("assessment", assessment.pk))
    tell(casework.on_duty(case), Kind.RISK_LATE, case, cause)
    return True


def _to_look_at() -> QuerySet[Agreement]:
    """The levels in force at which agencies are to look again, and of which nobody was told.

    The day that was agreed and a new sign of harm are each told of once.
    """
    wanted = (Q(text__contains=sign.label) for sign in HARM_SIGNS)
    child = OuterRef("assessment__case")
    joined = Join.objects.current().filter(
        joined=OuterRef("case"), leading=OuterRef(OuterRef("assessment__case"))
    )
    told = Statement.objects.filter(
        reduce(or_, wanted),
        Q(case=child) | Exists(joined),
        question="signs",
        answer=Answered.GIVEN,
        stated_at__gt=OuterRef("agreed_at"),
    ).exclude(protect=Protect.EXISTENCE)
    under_way = Assessment.objects.filter(case=OuterRef("assessment__case"), status__in=UNDER_WAY)
    return Agreement.objects.filter(
        Q(review_on__lte=timezone.localdate(), review_told_at__isnull=True)
        | Q(Exists(told), sign_told_at__isnull=True),
        ~Exists(under_way),
        in_force_at__isnull=False,
        assessment__status=Status.AGREED,
    ).exclude(assessment__case__status__in=policies.GONE)


@transaction.atomic
def _look_again() -> bool:
    """Tell of one level at which agencies are to look again; False when there is none."""
    due = _to_look_at()
    found = due.select_related("assessment__case").order_by("review_on", "pk").first()
    if found is None:
        return False
    case = lock(found.assessment.case)
    agreement = due.filter(pk=found.pk).first()
    if agreement is None:
        return True
    # A sign is told of at once, and the day all the same when it comes.
    by_day = agreement.review_told_at is None and agreement.review_on <= timezone.localdate()
    told = "review_told_at" if by_day else "sign_told_at"
    setattr(agreement, told, timezone.now())
    agreement.save(update_fields=[told])
    cause = write_down(None, "risk.due", case, ("agreement", agreement.pk))
    tell(casework.on_duty(case), Kind.RISK_DUE, case, cause)
    return True

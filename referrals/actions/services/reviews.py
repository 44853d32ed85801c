"""Planning a review, changing its day, and holding it: what was found, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Review
from referrals.actions.services.checking import asked, judged
from referrals.actions.services.giving import insist_in_work
from referrals.actions.services.lines import insist_on_words, today
from referrals.actions.vocabulary import HELD, REVIEWED_AFTER, About, Effect, Result
from referrals.assessments.reading import level_seen
from referrals.assessments.vocabulary import Level
from referrals.models import Case


@transaction.atomic
def plan_review(*, actor: Principal, case: Case, on: date, why: str) -> Review:
    """Plan the next review of a case, or change its day; the same day again changes nothing.

    The review whose day it was stays on the record, with why it was moved and by whom.
    Raises NotVisible; Refused unless the actor coordinates or manages the case or chairs its panel;
    DomainError without a reason, for a day that has passed or is later than the level allows, or
    for a case on which there is no work.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    policies.require_gives(actor, case)
    insist_in_work(case)
    reason = insist_on_words(why, "Write why it is looked at on this day.")
    stands = Review.objects.planned().filter(case=case, about=About.PLANNED).first()
    if stands is not None and stands.on == on:
        return stands
    latest = _latest(case, stands)
    if not today() <= on <= latest:
        raise DomainError(
            f"Enter a day from today on, and by {day(latest)}: no child waits longer than their"
            " level of concern allows. To go on from there, hold the review. Nothing has changed."
        )
    if stands is not None:
        stands.outcome, stands.reason = Result.MOVED, reason
        stands.ended_by_id, stands.ended_at = actor.membership_id, timezone.now()
        stands.save(update_fields=["outcome", "reason", "ended_by", "ended_at"])
    return planned(actor, case, on, reason, after=stands)


def planned(
    actor: Principal | None,
    case: Case,
    on: date,
    why: str,
    *,
    after: Review | None = None,
    about: About = About.PLANNED,
) -> Review:
    """Write a review that is to come; the caller holds the case and has asked who may."""
    made = Review.objects.create(
        case=case,
        about=about,
        on=on,
        why=why,
        planned_by_id=actor.membership_id if actor else None,
        after=after,
    )
    is_moved = after is not None and after.outcome == Result.MOVED
    on_record(actor, "review.moved" if is_moved else "review.planned", made)
    return made


def on_record(
    actor: Principal | None, act: str, review: Review, why: str = "", fields: Sequence[str] = ()
) -> UUID:
    """One event about this review; `fields` are the categories that were shown beside it."""
    return record(
        actor,
        act,
        case=review.case_id,
        obj=("review", review.pk),
        subjects=[review.case.child_id],
        purpose=casework.purpose_of(actor) if actor else "",
        why=why,
        fields=[*fields],
    )


def next_by(level: Level, area: Partnership, since: date | None = None) -> date:
    """The last day on which a case of this level is looked at again; from today, or `since`."""
    return (since or today()) + timedelta(days=getattr(area, REVIEWED_AFTER[level]))


def highest(case: Case, *found: Level) -> Level:
    """The greatest concern of these, of the level in force and of the last review that was held.

    So one person who finds less puts nothing off at once. The least, where nobody found any.
    """
    before = _last_held(case)
    known = [*found, *(Level(each) for each in (case.level, before and before.level) if each)]
    return max(known, key=lambda each: each.height, default=Level.NONE_INDICATED)


def _last_held(case: Case) -> Review | None:
    held = Review.objects.filter(case=case, about=About.PLANNED, outcome__in=HELD)
    return held.order_by("-ended_at").first()


def _latest(case: Case, stands: Review | None) -> date:
    """The last day for which a review is planned, or to which the one that stands is moved.

    However often it is moved, the days count from the last review that was held; before the first
    from when one was first planned.
    """
    level = highest(case)
    if stands is None:
        return next_by(level, case.partnership)
    before = _last_held(case)
    first = Review.objects.filter(case=case, about=About.PLANNED).order_by("planned_at").first()
    at = before.ended_at if before else (first or stands).planned_at
    since = timezone.localdate(at) if at else today()
    return max(today(), next_by(level, case.partnership, since))


@dataclass(frozen=True, repr=False)
class Held:
    """What a review found, as it was typed.

    `effects` says what actions that are done have changed; `judges` whom of another agency to ask
    about those of the actor's own. Without `next_on` the level says when it is looked at again.
    `differs` is why the level is not the one that agencies agreed together.
    """

    outcome: Result
    happened: str
    level: Level
    child_view: str
    reason: str
    agreed_by: str
    next_on: date | None = None
    differs: str = ""
    effects: Mapping[UUID, tuple[Effect, str]] = field(default_factory=dict)
    judges: Mapping[UUID, UUID] = field(default_factory=dict)


@transaction.atomic
def hold_review(*, actor: Principal, pk: UUID, held: Held) -> Review:
    """Hold a review: what happened, the risk now, the child's view, and what follows.

    The next one is planned in the same moment, so that nobody is forgotten; the step to closing or
    stepping down is taken on its own page, by its own rules. Done is not the same as effective:
    every action that another agency did is judged here, and of the actor's own another is asked.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError when it
    was held before, when words or a judgement are missing, for another level than agencies agreed
    together without a reason, for a next day that is later than the level allows, or for a case on
    which there is no work.
    """
    review = policies.review_for(actor, pk)
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("partnership")
        .get(pk=review.case_id)
    )
    casework.require_oversees(actor, case)
    review = Review.objects.select_for_update().get(pk=pk)
    review.case = case
    if review.outcome:
        raise DomainError("This review was held already, or its day was changed. Nothing is lost.")
    insist_in_work(case)
    if held.outcome not in HELD:
        raise DomainError("Select what the review came to.")
    next_on = _next_on(case, held)
    review.outcome, review.level = held.outcome, held.level
    review.agreed, review.differs = _differs(actor, case, held)
    review.happened = insist_on_words(held.happened, "Write what has happened since.")
    review.child_view = insist_on_words(
        held.child_view, "Write what the child says, or why nobody has asked them."
    )
    review.reason = insist_on_words(held.reason, "Write why.")
    review.agreed_by = insist_on_words(held.agreed_by, "Write who agreed.")
    _judge(actor, review, held)
    review.ended_by_id, review.ended_at = actor.membership_id, timezone.now()
    review.save(
        update_fields=[
            "outcome",
            "level",
            "agreed",
            "differs",
            "happened",
            "child_view",
            "reason",
            "agreed_by",
            "ended_by",
            "ended_at",
        ]
    )
    on_record(actor, "review.held", review, why=str(held.outcome))
    if review.about == About.PLANNED:
        planned(actor, case, next_on, "It is looked at again by its level.", after=review)
    return review


def _differs(actor: Principal, case: Case, held: Held) -> tuple[str, str]:
    """The level that agencies agreed, where the actor may see it, and why this is another one.

    A review is one person's: the level stays as it was agreed until agencies assess again.
    """
    agreed = level_seen(actor, case)
    if agreed is None or agreed is held.level:
        return agreed or "", ""
    return agreed, insist_on_words(
        held.differs,
        "This is not the level that agencies agreed together. Write why, or select that level.",
    )


def _next_on(case: Case, held: Held) -> date:
    latest = next_by(highest(case, held.level), case.partnership)
    chosen = held.next_on or latest
    if not today() < chosen <= latest:
        raise DomainError(
            f"By the level of concern, it is looked at again by {day(latest)}"
            " and after today. Choose a day in between, or leave it empty."
        )
    return chosen


def _judge(actor: Principal, review: Review, held: Held) -> None:
    waits = policies.to_judge(review.case_id).select_related("case", "owner", "agency")
    for action in waits.select_for_update(of=("self",)):
        if policies.is_own(actor, action):
            if action.pk in held.judges:
                asked(actor, action, held.judges[action.pk])
            continue
        if action.pk not in held.effects:
            raise DomainError("Say of every action that is done what it changed for the child.")
        effect, words = held.effects[action.pk]
        judged(actor, action, effect, words, review)

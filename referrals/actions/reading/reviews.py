"""Reviews in a list and one by one: what is planned, what was written, what was agreed before."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from portal.accounts.vocabulary import Principal
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Action, Entry, Review
from referrals.actions.reading.lists import who
from referrals.actions.vocabulary import HELD, About, Result, Said
from referrals.actions.workflow import UNFINISHED, State
from referrals.assessments.reading import level_seen
from referrals.assessments.vocabulary import Level


@dataclass(frozen=True, repr=False)
class Planned:
    """One review in a list or on its page. Who the child is stands on the case, not here."""

    pk: UUID
    reference: str
    about: str
    on: date
    by: str
    outcome: str
    is_late: bool
    is_over: bool

    @property
    def state(self) -> str:
        """How it stands, in a word or two."""
        if self.is_over:
            return self.outcome or "Not held: the work is over"
        return "Overdue" if self.is_late else "To come"


def planned(review: Review, today: date) -> Planned:
    """Resolve one review for a list; its case is loaded with it."""
    is_over = bool(review.outcome) or review.case.status not in policies.IN_WORK
    return Planned(
        pk=review.pk,
        reference=review.case.reference,
        about=About(review.about).label,
        on=review.on,
        by=review.planned_by.user.name if review.planned_by else "",
        outcome=_ended(review),
        is_late=review.on < today and not is_over,
        is_over=is_over,
    )


def _ended(review: Review) -> str:
    # What it came to is words of the agency that held it: its page opens them by the law.
    if review.outcome in HELD:
        return "Held"
    return Result(review.outcome).label if review.outcome else ""


@dataclass(frozen=True, repr=False)
class Written:
    """What somebody wrote at a review; every part is "" where the law does not open it."""

    by: str
    at: datetime
    outcome: str = ""
    level: str = ""
    happened: str = ""
    child_view: str = ""
    reason: str = ""
    agreed_by: str = ""
    differs: str = ""
    is_open: bool = True


def written(principal: Principal, review: Review) -> Written | None:
    """What was written at a review, or why its day was changed; None while it is to come."""
    if not review.outcome or review.ended_by is None or review.ended_at is None:
        return None
    by, at = review.ended_by.user.name, review.ended_at
    if not policies.reads_words_of(principal, review.case, review.ended_by):
        return Written(by=by, at=at, is_open=False)
    return Written(
        by=by,
        at=at,
        outcome=Result(review.outcome).label,
        level=Level(review.level).label if review.level else "",
        happened=review.happened,
        child_view=review.child_view,
        reason=review.reason,
        agreed_by=review.agreed_by,
        differs=review.differs,
    )


@dataclass(frozen=True, repr=False)
class Judged:
    """An action on the page of a review: what became of it, and who says what it changed.

    `judges`: the reader says it now. `asks`: another agency does, as the reader's own did it.
    """

    pk: UUID
    what: str
    hoped: str
    owner: str
    state: str
    effect: str
    judges: bool = False
    asks: bool = False


def of_review(principal: Principal, case: UUID, *, may_hold: bool) -> list[Judged]:
    """What was agreed for a case and has not been dealt with at an earlier review."""
    waits = set(policies.to_judge(case).values_list("pk", flat=True))
    actions = list(
        Action.objects.filter(Q(status__in=UNFINISHED) | Q(pk__in=waits), case=case)
        .select_related("owner__user", "owner__team__agency")
        .order_by("due_at")
    )
    asked = Entry.objects.waiting(Said.ASKED_EFFECT).filter(action__in=actions)
    names = {each.action_id: each.to for each in asked.select_related("to__user")}
    found = []
    for action in actions:
        is_own = policies.is_own(principal, action)
        waits_now = action.pk in waits and may_hold
        whom = names.get(action.pk)
        found.append(
            Judged(
                pk=action.pk,
                what=action.what,
                hoped=action.effect,
                owner=who(action.owner),
                state=State(action.status).label,
                effect=f"{whom.user.name} is asked what it changed" if whom else "",
                judges=waits_now and not is_own,
                asks=waits_now and is_own and whom is None,
            )
        )
    return found


@dataclass(frozen=True, repr=False)
class ReviewShown:
    """A review as this reader sees it: what is planned or was written, and what was agreed before.

    `why` it is on this day, "" where the law does not open that to the reader. `moved` is how often
    its day was changed since the last review that was held. `agreed` is the level that agencies
    agreed on together, for whoever may hold the review and may see it.
    """

    review: Planned
    written: Written | None
    before: Written | None
    actions: tuple[Judged, ...]
    moved: int
    may_hold: bool
    why: str = ""
    agreed: Level | None = None


def review_shown(principal: Principal, review: Review, today: date) -> ReviewShown:
    """Resolve one review and what leads to it."""
    stands = planned(review, today)
    may_hold = not stands.is_over and casework.oversees(principal, review.case)
    before = Review.objects.filter(case=review.case_id, outcome__in=HELD).exclude(pk=review.pk)
    if review.ended_at:
        before = before.filter(ended_at__lte=review.ended_at)
    held = (
        before.select_related("ended_by__user", "ended_by__team__agency", "case")
        .order_by("-ended_at")
        .first()
    )
    moved = Review.objects.filter(case=review.case_id, about=review.about, outcome=Result.MOVED)
    if held and held.ended_at:
        moved = moved.filter(ended_at__gt=held.ended_at)
    return ReviewShown(
        review=stands,
        written=written(principal, review),
        before=written(principal, held) if held else None,
        actions=tuple(of_review(principal, review.case_id, may_hold=may_hold)),
        moved=moved.count(),
        may_hold=may_hold,
        why=review.why
        if policies.reads_words_of(principal, review.case, review.planned_by)
        else "",
        agreed=level_seen(principal, review.case) if may_hold else None,
    )

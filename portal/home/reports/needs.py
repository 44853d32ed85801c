"""What needs this person now, by role: counts and the few nearest things."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, Min, Q, QuerySet, Subquery
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from referrals import policies
from referrals.actions import policies as acting
from referrals.actions.models import Action
from referrals.actions.workflow import RUNNING, State
from referrals.assessments import policies as risk
from referrals.information import policies as information
from referrals.intake import policies as drafts
from referrals.intake.models import Draft
from referrals.meetings import policies as panel
from referrals.triage import policies as beside
from sharing.disclosures.policies import requests as asking

SHOWN = 5
REVIEWS_WITHIN = timedelta(days=7)


@dataclass(frozen=True, repr=False)
class Nearest:
    """An action that is mine to do or to answer: of which case, and by when. None of its words."""

    pk: UUID
    reference: str
    due_at: datetime | None


@dataclass(frozen=True, repr=False)
class Needs:
    """What the home page counts. Of a draft that a colleague asks this person to send, it names
    the colleague; names no child.

    `steps` beside decisions are the reader's to see to, `asked` are decisions that wait for their
    yes, `handovers` children whom they are asked to take on.
    `left_in_danger`: who at the reader's agency has left a draft about danger unsent, since when.
    `to_assess`: joint risk assessments that wait for the reader's agency.
    `minutes` wait for their comment, or for their approval as the meeting's chair.
    `actions` are the nearest that are theirs, `more_actions` how many more there are.
    `papers` of meetings are to be read, `nominations` for a panel wait for the reader.
    `to_answer`, `answer_due`: what the reader's team is asked. `late`: answers that they wait for.
    """

    may_refer: bool
    drafts: tuple[tuple[str, datetime, str], ...]
    triages: bool
    waiting: int
    overdue: int
    unassigned: int
    opened: int
    left_in_danger: tuple[tuple[str, datetime], ...] = ()
    reads_information: bool = False
    steps: int = 0
    asked: int = 0
    handovers: int = 0
    to_answer: int = 0
    answer_due: datetime | None = None
    late: int = 0
    gives_out: bool = False
    look_backs: int = 0
    to_assess: int = 0
    actions: tuple[Nearest, ...] = ()
    more_actions: int = 0
    actions_to_check: int = 0
    reviews_near: int = 0
    reviews_late: int = 0
    minutes: int = 0
    papers: int = 0
    nominations: int = 0

    @property
    def waits(self) -> bool:
        """Whether anything waits for this person beside the board, drafts and actions."""
        asked = (self.steps, self.asked, self.handovers, self.to_answer, self.to_assess)
        return any((*asked, self.late, self.minutes, self.papers, self.nominations))


def needs(principal: Principal) -> Needs:
    """Count what needs the principal now. A constant number of queries."""
    if principal.role is Role.BOARD_CHAIR:
        return Needs(False, (), False, 0, 0, 0, 0)
    sights, now = policies.sights(principal), timezone.now()
    asked = asking.works_with_requests(principal)
    to_answer = asking.to_answer(principal).aggregate(count=Count("pk"), due=Min("due_at"))
    triages = policies.triages(principal)
    board = dict.fromkeys(("everything", "overdue", "unassigned"), 0)
    if triages:
        board = sights.waiting().counted(now, now, principal.membership_id)
    meets = panel.works_with_meetings(principal)
    # What somebody else is to check is on the list of actions, and asks nothing of its owner.
    actions = acting.for_me(principal).exclude(status=State.DONE_CLAIMED)
    mine = list(actions.select_related("case")[: SHOWN + 1])
    near = _reviews(principal)
    counted = _counted(
        principal,
        opened=sights.opened(),
        more_actions=actions if len(mine) > SHOWN else None,
        actions_to_check=acting.waits_for(principal) if triages else None,
        minutes=panel.minutes_waiting(principal, now),
        papers=panel.papers_to_read(principal) if meets else None,
        nominations=panel.to_sift(principal) if meets else None,
        look_backs=beside.look_backs(principal) if triages else None,
        steps=beside.tasks(principal),
        handovers=beside.handed_to(principal),
        to_assess=risk.to_answer(principal),
        late=asking.waited_for(principal).filter(due_at__lt=now) if asked else None,
    )
    return Needs(
        may_refer=policies.may_refer(principal),
        drafts=tuple(
            (str(draft.pk), draft.saved_at, _whose(principal, draft))
            for draft in drafts.visible(principal).unsent().select_related("author__user")[:SHOWN]
        ),
        triages=triages,
        waiting=board["everything"],
        overdue=board["overdue"],
        unassigned=board["unassigned"],
        opened=counted["opened"],
        left_in_danger=tuple(drafts.left_in_danger(principal)),
        gives_out=beside.gives_out(principal),
        actions=tuple(_nearest(action) for action in mine[:SHOWN]),
        more_actions=max(counted["more_actions"] - SHOWN, 0),
        actions_to_check=counted["actions_to_check"],
        reviews_near=near["soon"],
        reviews_late=near["late"],
        minutes=counted["minutes"],
        papers=counted["papers"],
        nominations=counted["nominations"],
        look_backs=counted["look_backs"],
        reads_information=information.reads_for(principal) is not None,
        steps=counted["steps"],
        asked=len(beside.asked_for_yes(principal)),
        handovers=counted["handovers"],
        to_answer=to_answer["count"],
        answer_due=to_answer["due"],
        to_assess=counted["to_assess"],
        late=counted["late"],
    )


class _HowMany(Subquery):
    """How many rows a queryset has, as one column of a query that asks for several such numbers."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _counted(principal: Principal, **rows: QuerySet[Any] | None) -> dict[str, int]:
    """How many there are of each, in one query. None is not asked, and counts nought."""
    asked = {
        name: _HowMany(found.order_by().values("pk"))
        for name, found in rows.items()
        if found is not None
    }
    me = Membership.objects.filter(pk=principal.membership_id)
    (counts,) = me.values_list(*asked.values())
    return dict.fromkeys(rows, 0) | dict(zip(asked, counts, strict=True))


def _nearest(action: Action) -> Nearest:
    is_running = action.status in RUNNING
    return Nearest(action.pk, action.case.reference, action.due_at if is_running else None)


def _reviews(principal: Principal) -> dict[str, int]:
    """How many reviews are to come within a week, and how many are late."""
    today = timezone.localdate()
    soon, late = Q(on__range=(today, today + REVIEWS_WITHIN)), Q(on__lt=today)
    if not acting.has_reviews(principal):
        return {"soon": 0, "late": 0}
    counted = acting.to_come(principal).filter(on__lte=today + REVIEWS_WITHIN)
    return counted.aggregate(soon=Count("pk", filter=soon), late=Count("pk", filter=late))


def _whose(principal: Principal, draft: Draft) -> str:
    """The colleague for whom the principal sends a draft; "" for the principal's own."""
    mine = draft.author_id == principal.membership_id
    return "" if mine else draft.author.user.name

"""What needs this person now, by role: counts and the few nearest things."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from referrals import policies
from referrals.information import policies as information
from referrals.intake import policies as drafts
from referrals.intake.models import Draft
from referrals.triage import policies as beside
from sharing.disclosures.policies import requests as asking

SHOWN = 5


@dataclass(frozen=True, repr=False)
class Needs:
    """What the home page counts. Of a draft that a colleague asks this person to send, it names
    the colleague; names no child.

    `steps` beside decisions are the reader's to see to, `asked` are decisions that wait for their
    yes, `handovers` children whom they are asked to take on.
    `left_in_danger`: who at the reader's agency has left a draft about danger unsent, since when.
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


def needs(principal: Principal) -> Needs:
    """Count what needs the principal now. A constant number of queries."""
    if principal.role is Role.BOARD_CHAIR:
        return Needs(False, (), False, 0, 0, 0, 0)
    sights, now = policies.sights(principal), timezone.now()
    asked = asking.works_with_requests(principal)
    to_answer = asking.to_answer(principal).aggregate(count=Count("pk"), due=Min("due_at"))
    triages = policies.triages(principal)
    waiting = sights.waiting()
    return Needs(
        may_refer=policies.may_refer(principal),
        drafts=tuple(
            (str(draft.pk), draft.saved_at, _whose(principal, draft))
            for draft in drafts.visible(principal).unsent().select_related("author__user")[:SHOWN]
        ),
        triages=triages,
        waiting=waiting.count() if triages else 0,
        overdue=waiting.overdue(now).count() if triages else 0,
        unassigned=waiting.unassigned().count() if triages else 0,
        opened=sights.opened().count(),
        left_in_danger=tuple(drafts.left_in_danger(principal)),
        gives_out=beside.gives_out(principal),
        look_backs=beside.look_backs(principal).count() if triages else 0,
        reads_information=information.reads_for(principal) is not None,
        steps=beside.tasks(principal).count(),
        asked=len(beside.asked_for_yes(principal)),
        handovers=beside.handed_to(principal).count(),
        to_answer=to_answer["count"],
        answer_due=to_answer["due"],
        late=asking.waited_for(principal).filter(due_at__lt=now).count() if asked else 0,
    )


def _whose(principal: Principal, draft: Draft) -> str:
    """The colleague for whom the principal sends a draft; "" for the principal's own."""
    mine = draft.author_id == principal.membership_id
    return "" if mine else draft.author.user.name

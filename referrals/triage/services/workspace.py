"""The page on which a referral is decided: the case, and what stands beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from portal.accounts.vocabulary import Principal
from referrals import policies
from referrals.links.models import Mention
from referrals.links.reading import Page, people_and_places
from referrals.matching.models import Judgement
from referrals.matching.reading import Before, Matches, before, matches, with_same_child
from referrals.models import Assignment, Case, Decision, Particulars, Pause, Proposal, SideRoute
from referrals.policies import Standing
from referrals.reading import Reading
from referrals.services import clocks, read_opened
from referrals.services.clocks import Still
from referrals.triage.services.board import Opened, opened_by
from referrals.triage.services.handing import Handed, handed
from referrals.triage.services.looking_back import Closed, closed
from referrals.triage.services.waiting import Task, Waits, sides_of, waiting_on
from referrals.vocabulary import Outcome
from referrals.workflow import Status


@dataclass(frozen=True, repr=False)
class Beside:
    """What the workspace says beside the case: of a decision that waits, of steps, of the clock.

    `matches` are what may be, or is, another case of the child; None where nobody looked. `current`
    is the decision that may be changed: the one that holds now, unless it joined the case to
    another one. `places`: what this case names that others name too, or may; None where nothing is
    recorded. `opened`: somebody else had it open lately. `closed`: how the case was closed.
    `handed`: who handed it over last, with what note. `before`: the case of the same child on
    which the work ended within the twelve months before this one.
    """

    waits: Waits | None = None
    sides: tuple[Task, ...] = ()
    still: Still | None = None
    current: UUID | None = None
    opened: Opened | None = None
    closed: Closed | None = None
    handed: Handed | None = None
    matches: Matches | None = None
    before: Before | None = None
    places: Page | None = None

    @property
    def case_ids(self) -> list[UUID]:
        """The other cases that it names."""
        found = [
            *(self.matches.case_ids if self.matches else ()),
            *(self.places.beside_ids if self.places else ()),
            *((self.before.case_id,) if self.before else ()),
        ]
        return list(dict.fromkeys(found))


@dataclass(frozen=True, repr=False)
class Workspace:
    """A referral as whoever opens its workspace sees it, and how they stand to it."""

    case: Case
    stands: Standing
    reading: Reading
    beside: Beside


@transaction.atomic
def open_workspace(*, actor: Principal, reference: str, since: datetime) -> Workspace:
    """Open a case with all that stands beside it, on the record: one page, one event.

    The event of the reading names the cases that are shown: possible matches, and those which name
    the same people or places. Beside the
    case nothing is said to whoever does not oversee it. Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    stands = policies.standing(actor, case)
    beside = _beside(actor, case, since) if stands.oversees else Beside()
    reading = read_opened(actor=actor, case=case, others=beside.case_ids)
    return Workspace(case=case, stands=stands, reading=reading, beside=beside)


def _beside(actor: Principal, case: Case, since: datetime) -> Beside:
    """All of it, for whoever oversees the case; three queries where there is nothing to say."""
    this = {"case": OuterRef("pk")}
    holds = Decision.objects.filter(superseded_at__isnull=True, **this)
    pairs = Judgement.objects.current().filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")))
    found: Any = (  # a case, with what is asked of it here
        with_same_child(Case.objects.filter(pk=case.pk))
        .annotate(
            waits=Exists(Proposal.objects.filter(answered_at__isnull=True, **this)),
            has_sides=Exists(SideRoute.objects.filter(**this)),
            stands_still=Exists(
                Pause.objects.filter(clock__case=OuterRef("pk"), until_at__isnull=True)
            ),
            was_handed=Exists(Assignment.objects.filter(to__isnull=False, **this)),
            is_judged=Exists(pairs),
            has_places=Exists(Mention.objects.standing().filter(statement__case=OuterRef("pk"))),
            holds=Subquery(holds.exclude(outcome=Outcome.JOINED).values("pk")[:1]),
        )
        .select_related("particulars")
        .get()
    )
    # Cases of before particulars were kept have none until the sweep has come to them.
    mine: Particulars | None = getattr(found, "particulars", None)
    return Beside(
        waits=waiting_on(actor, case) if found.waits else None,
        sides=tuple(sides_of(actor, case)) if found.has_sides else (),
        still=clocks.still(actor=actor, case=case) if found.stands_still else None,
        current=found.holds,
        opened=opened_by(actor, [case.pk], since).get(case.pk),
        closed=closed(actor=actor, case=case) if case.status == Status.CLOSED else None,
        handed=handed(case=case) if found.was_handed else None,
        matches=matches(actor, case, mine, is_judged=found.is_judged) if mine else None,
        before=before(actor, [found]).get(case.pk),
        places=people_and_places(actor, case) if found.has_places else None,
    )

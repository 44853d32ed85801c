"""What the panel decides about one item: why, who disagrees, what is done, when it looks next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from portal.common.models import version_of
from referrals.actions import policies as owners_of
from referrals.actions import services as actions
from referrals.assessments.vocabulary import Level
from referrals.meetings import policies
from referrals.meetings.models import AgendaItem, AgreedAction, Conclusion, Line
from referrals.meetings.reading.lines import Wordings
from referrals.meetings.reading.minutes import heading
from referrals.meetings.services import agenda, writing
from referrals.meetings.services.nominating import insist_no_reference
from referrals.meetings.vocabulary import Agreed, Said
from referrals.meetings.workflow import ItemStatus, MeetingStatus
from sharing.rules.vocabulary import Category

MOST_ACTIONS = 3
"""How many actions are agreed on one page; more are given on the page of the case."""


@dataclass(frozen=True, repr=False)
class Wanted:
    """One action as it was typed: what, whose, by when, how we will know."""

    what: str
    owner: UUID
    due: date
    effect: str


@dataclass(frozen=True, repr=False)
class Concluded:
    """What the panel decided, as it was typed. `dissent` has the words of each agency that
    disagrees; `key` names the form.
    """

    what: Agreed
    words: str
    reasons: str
    next_on: date
    key: UUID
    level: Level | str = ""
    dissent: Mapping[UUID, str] | None = None
    actions: tuple[Wanted, ...] = ()


@dataclass(frozen=True, repr=False)
class Deciding:
    """What the page of a decision offers: who disagrees, whom an action can be given, what stands.

    `before` is the decision that stands, to be changed; `version` says which it is.
    """

    meeting: UUID
    item: UUID
    heading: str
    has_case: bool
    agencies: tuple[tuple[UUID, str, str], ...]
    owners: tuple[tuple[str, str], ...]
    before: Mapping[str, object]
    version: str


@transaction.atomic
def look_before_concluding(*, actor: Principal, item: AgendaItem) -> Deciding:
    """What may be decided about an item, for whoever runs the meeting, on the record.

    Raises Refused, also to whoever may not give the actions of a case: before they write, not
    after; DomainError before the meeting, and after the minutes are approved.
    """
    meeting = item.meeting
    policies.require_runs_meeting(actor, meeting)
    if item.nomination.case is not None:
        owners_of.require_gives(actor, item.nomination.case)
    writing.insist_open(meeting)
    made = Conclusion.objects.filter(item=item, superseded_at__isnull=True).first()
    said = {
        line.agency_id: line.words
        for line in Line.objects.standing().filter(item=item, kind=Said.DISSENT)
    }
    case = item.nomination.case
    keeps = policies.keeps(actor, meeting)
    writing.record_of(actor, "meeting.item", item)
    return Deciding(
        meeting=meeting.pk,
        item=item.pk,
        heading=heading(item, lambda: Wordings(actor)),
        has_case=case is not None,
        agencies=tuple(
            (each.pk, each.name, said.get(each.pk, "") if keeps else "")
            for each in policies.agencies_here(item)
        ),
        owners=tuple(
            (str(each.pk), f"{each.user.name}, {each.team.agency.name}")
            for each in (owners_of.candidates(actor, case) if case else ())
        ),
        before=_before(made) if made and keeps else {},
        version=version(made),
    )


def _before(made: Conclusion) -> dict[str, object]:
    return {
        "what": made.what,
        "words": made.words,
        "reasons": made.reasons,
        "level": made.level,
        "next_on": made.next_on,
    }


@transaction.atomic
def conclude(*, actor: Principal, item: AgendaItem, found: Concluded, seen: str) -> Conclusion:
    """Record what the panel decided about an item, with its actions and the next review.

    A decision that is made anew ends the one before; its actions stay, for they are somebody's
    already. `seen` is the version of the decision that the page showed.

    Raises NotVisible, Refused; DomainError unless the actor holds the pen; for a day that is past,
    words that are missing, an action without an owner or a day, a decision that has changed
    meanwhile, and after approval.
    """
    meeting = writing.hold(item.meeting)
    policies.item_for(actor, meeting, item.pk)
    before = Conclusion.objects.filter(key=found.key).first()
    if before is not None:
        return _made_before(actor, item, before, found)
    writing.insist_open(meeting)
    writing.insist_item_open(item)
    writing.insist_pen(actor, meeting)
    _insist(item, found)
    standing = Conclusion.objects.filter(item=item, superseded_at__isnull=True).first()
    if version(standing) != seen:
        raise DomainError(
            "This decision has changed since you opened this page. Yours is not saved: it stands"
            " below. Read the other one first, and press again."
        )
    now = timezone.now()
    if standing is not None:
        standing.superseded_at = now
        standing.save(update_fields=["superseded_at"])
    made = Conclusion.objects.create(
        item=item,
        holder=policies.convener(meeting),
        what=found.what,
        words=found.words.strip(),
        reasons=found.reasons.strip(),
        level=found.level,
        next_on=found.next_on,
        key=found.key,
        written_by_id=actor.membership_id,
        written_at=now,
    )
    for agency, words in (found.dissent or {}).items():
        line = Line.objects.standing().filter(item=item, agency=agency, kind=Said.DISSENT).first()
        writing.write(
            actor=actor,
            item=item,
            agency=agency,
            kind=Said.DISSENT,
            words=words,
            seen=version_of(line.words if line else ""),
        )
    _give(actor, item, made, found.actions)
    _settle(actor, item, deferred=found.what is Agreed.DEFERRED)
    writing.record_of(
        actor, "meeting.decided", item, fields=[str(Category.IC16)], obj=("conclusion", made.pk)
    )
    return made


def version(made: Conclusion | None) -> str:
    """Which decision this is, for its page to carry along."""
    return version_of(str(made.pk) if made else "")


def _insist(item: AgendaItem, found: Concluded) -> None:
    today = timezone.now().astimezone(LONDON).date()
    if not (found.words.strip() and found.reasons.strip()):
        raise DomainError("Write what was decided, and why.")
    if found.next_on <= today or any(each.due < today for each in found.actions):
        raise DomainError(
            "A day must be in the future. Nothing is saved: change it, and press again."
        )
    if found.what is Agreed.DEFERRED and (found.actions or found.level):
        raise DomainError(
            "What is put off has no level and no actions yet. Take them out, or decide."
        )
    if len(found.actions) > MOST_ACTIONS:
        raise DomainError(f"At most {MOST_ACTIONS} actions go on this page.")
    if item.nomination.case is None:
        insist_no_reference(found.words, found.reasons)
    if found.actions and item.nomination.case is None:
        raise DomainError("Actions belong to a child's case. Write what is done in the decision.")


def _made_before(
    actor: Principal, item: AgendaItem, before: Conclusion, found: Concluded
) -> Conclusion:
    mine = before.item_id == item.pk and before.written_by_id == actor.membership_id
    if mine and (before.words, before.reasons) == (found.words.strip(), found.reasons.strip()):
        return before
    raise DomainError(
        "This was recorded before, with other words. Nothing is lost: that stands as it was, and"
        " this was not saved. Open the page again to change the decision."
    )


def _settle(actor: Principal, item: AgendaItem, *, deferred: bool) -> None:
    """Take the item's own step, once: it was discussed, or put off and counted.

    What was put off because the meeting ended stays so: it comes to another meeting.
    """
    item = AgendaItem.objects.select_related("meeting").get(pk=item.pk)
    if item.status == (ItemStatus.DEFERRED if deferred else ItemStatus.DISCUSSED):
        return
    if item.meeting.status != MeetingStatus.HELD:
        raise DomainError(
            "The meeting is over, so this item is as it was left. Put it on another agenda."
        )
    step = agenda.defer if deferred else agenda.discussed
    step(actor=actor, item=item)


def _give(actor: Principal, item: AgendaItem, made: Conclusion, wanted: tuple[Wanted, ...]) -> None:
    case = item.nomination.case
    if case is None:
        return
    for place, each in enumerate(wanted, start=1):
        given = actions.give(
            actor=actor,
            case=case,
            owner=Membership.objects.get(pk=each.owner),
            what=each.what,
            effect=each.effect,
            due=each.due,
            cause=made.pk,
        )
        AgreedAction.objects.create(
            conclusion=made,
            place=place,
            action=given,
            agency_id=given.agency_id,
            owner_id=given.owner_id,
            what=given.what,
            effect=given.effect,
            due=each.due,
        )
    if made.what != Agreed.DEFERRED:
        actions.plan_review(
            actor=actor, case=case, on=made.next_on, why="The panel looks at the child again."
        )

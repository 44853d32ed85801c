"""What a reader is shown of actions and reviews: words that are final, and dates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Action, Entry, Review
from referrals.actions.vocabulary import FROM_ABOVE, HELD, About, Climb, Effect, Result, Said
from referrals.actions.workflow import (
    RUNNING,
    UNFINISHED,
    Relation,
    State,
    Verb,
    by_whom,
    is_open_to,
)
from referrals.assessments.vocabulary import Level

_WAITS: Final = {
    Said.ASKED_TIME: "Its owner asks for more time",
    Said.OFFERED: "Somebody is asked to take it on",
    Said.ASKED_EFFECT: "Another agency is asked what it changed",
}


@dataclass(frozen=True, repr=False)
class Row:
    """One action in a list.

    `opens`: the case too is open to the reader, so that its reference is a link. `waits` says what
    is asked; `for_me` that the reader is asked; `may_remind` that they may remind its owner.
    """

    pk: UUID
    reference: str
    opens: bool
    what: str
    owner: str
    due_at: datetime
    state: str
    is_running: bool
    waits: str
    for_me: bool
    is_mine: bool
    may_remind: bool

    @property
    def selects(self) -> str:
        """What the box that selects this row is called."""
        return f"Select the action on {self.reference} of {self.owner}"


def who(member: Membership) -> str:
    """A person as they stand in a list: name, role, agency."""
    return f"{member.user.name}, {Role(member.team.role).label}, {member.team.agency.name}"


def rows(principal: Principal, actions: Sequence[Action]) -> list[Row]:
    """Resolve one page of a list. The same number of queries for any number of actions."""
    cases = {action.case_id for action in actions}
    opened = casework.visible(principal).filter(pk__in=cases)
    opens = set(opened.values_list("pk", flat=True))
    mine = policies.overseen(principal).filter(pk__in=cases).values_list("pk", flat=True)
    overseen = set(mine) if policies.oversees(principal) else set()
    gone = policies.without_owner(actions)
    asked: dict[UUID, Entry] = {}
    waits = Entry.objects.waiting(*_WAITS).filter(action__in=[each.pk for each in actions])
    waits = waits.exclude(policies.is_judged("action"), kind=Said.ASKED_EFFECT)
    for line in waits.select_related("by").order_by("at"):
        asked[line.action_id] = line
    return [
        _row(principal, action, asked.get(action.pk), opens, overseen, gone=action.pk in gone)
        for action in actions
    ]


def _row(
    principal: Principal,
    action: Action,
    asked: Entry | None,
    opens: set[UUID],
    overseen: set[UUID],
    *,
    gone: bool,
) -> Row:
    is_running = action.status in RUNNING
    is_mine = action.owner_id == principal.membership_id
    oversees = action.case_id in overseen
    for_me, waits = False, ""
    if gone and is_running and not is_mine:
        waits = "Nobody can do it now: it needs another owner"
        for_me = oversees
    elif action.status == State.DONE_CLAIMED:
        waits = "Another person checks that it is done"
        for_me = oversees and action.owner.user_id != principal.user_id
    elif asked is not None and _still_asks(action, asked):
        if asked.to_id:
            for_me = asked.to_id == principal.membership_id
        else:
            for_me = oversees and not _asked_for(principal, action, asked)
        waits = "You are asked" if asked.to_id and for_me else _WAITS[Said(asked.kind)]
    return Row(
        pk=action.pk,
        reference=action.case.reference,
        opens=action.case_id in opens,
        what=action.what,
        owner=who(action.owner),
        due_at=action.due_at,
        state=State(action.status).label,
        is_running=is_running,
        waits=waits,
        for_me=for_me,
        is_mine=is_mine,
        may_remind=is_running and oversees and not is_mine,
    )


def _asked_for(principal: Principal, action: Action, asked: Entry) -> bool:
    """Whether the principal owns the action, or is who asked this, under whatever hat."""
    by = asked.by.user_id if asked.by else None
    return principal.user_id in (action.owner.user_id, by)


def _still_asks(action: Action, asked: Entry) -> bool:
    if asked.kind == Said.ASKED_EFFECT:
        return action.status == State.VERIFIED
    return action.status in RUNNING


@dataclass(frozen=True, repr=False)
class Line:
    """One line of what happened with an action, in words."""

    title: str
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, repr=False)
class Shown:
    """An action as this reader sees it. `lines` is what happened, the newest first.

    `verbs` are what the reader may do now; `until` the day that is asked for; `note` is what
    somebody wrote who asks the reader, `claimed` what its owner says that it changed.
    """

    row: Row
    effect: str
    given_by: str
    given_at: datetime
    lines: tuple[Line, ...]
    verbs: frozenset[Verb]
    until: date | None = None
    note: str = ""
    claimed: str = ""
    is_part: bool = False

    def may(self, verb: Verb) -> bool:
        """Whether the reader may do this now."""
        return verb in self.verbs


def shown(principal: Principal, action: Action) -> Shown:
    """Resolve one action.

    Whoever oversees the case reads every line. Everybody else reads those of their own agency and
    what was answered from above: what one agency wrote is not handed on with the action. Whoever is
    asked to take it on, or to judge it, reads what it is and the note to them.
    """
    stands = policies.standing(principal, action)
    lines = list(
        action.entries.select_related("by__user", "by__team__agency", "to__user", "answers")
        .filter(_readable(principal, stands))
        .order_by("-at", "-created_at")
    )
    waiting = Entry.objects.waiting(*_WAITS, Said.CLAIMED).filter(action=action)
    asks = {Said(line.kind): line for line in waiting.select_related("by")}
    told = _names(lines)
    mine = [asks[kind] for kind in (Said.OFFERED, Said.ASKED_EFFECT) if kind in asks]
    note = next((line.words for line in mine if line.to_id == principal.membership_id), "")
    more = asks.get(Said.ASKED_TIME)
    claim = asks.get(Said.CLAIMED)
    sees_claim = bool(stands & {Relation.OVERSEER, Relation.OWNER, Relation.LEAD})
    return Shown(
        row=rows(principal, [action])[0],
        effect=action.effect,
        given_by=action.given_by.user.name,
        given_at=action.given_at,
        lines=tuple(_line(line, told) for line in lines),
        verbs=_verbs(principal, action, stands, asks),
        until=more.until if more and Relation.OVERSEER in stands else None,
        note=note,
        claimed=claim.words if claim and sees_claim else "",
        is_part=not stands & {Relation.OVERSEER, Relation.CHAIR},
    )


def _readable(principal: Principal, stands: frozenset[Relation]) -> Q:
    if stands & {Relation.OVERSEER, Relation.CHAIR}:
        return Q()
    if stands & {Relation.OWNER, Relation.LEAD, Relation.GIVER}:
        return Q(by__team__agency=principal.agency_id) | Q(kind__in=FROM_ABOVE)
    return Q(by_id=principal.membership_id) | Q(to_id=principal.membership_id)


def _verbs(
    principal: Principal,
    action: Action,
    stands: frozenset[Relation],
    asks: dict[Said, Entry],
) -> frozenset[Verb]:
    found = {v for v in Verb if by_whom(v) & stands and is_open_to(v, action.status)}
    if action.owner.user_id == principal.user_id:
        found -= {Verb.VERIFY, Verb.SEND_BACK}
    more = asks.get(Said.ASKED_TIME)
    if more is None or _asked_for(principal, action, more):
        found -= {Verb.ANSWER_TIME}
    if policies.is_own(principal, action) or not _waits_to_be_judged(action):
        found -= {Verb.JUDGE}
    return frozenset(found)


def _waits_to_be_judged(action: Action) -> bool:
    if action.status != State.VERIFIED:
        return False
    return policies.to_judge(action.case_id).filter(pk=action.pk).exists()


def _names(lines: Iterable[Entry]) -> dict[UUID, str]:
    wanted = {pk for line in lines for pk in line.told}
    if not wanted:
        return {}
    found = Membership.objects.filter(pk__in=wanted).select_related("user")
    return {member.pk: member.user.name for member in found}


def _line(line: Entry, told: dict[UUID, str]) -> Line:
    by = f"{line.by.user.name}, {line.by.team.agency.name}" if line.by else "The portal"
    said = [line.words]
    if line.to:
        said.append(f"To {line.to.user.name}.")
    if line.until:
        said.append(f"Until {line.until.day} {line.until:%B %Y}.")
    if line.instead:
        said.append(f"Instead: {line.instead}")
    title = Said(line.kind).label
    if line.effect:
        title = f"{title}: {Effect(line.effect).label[:1].lower()}{Effect(line.effect).label[1:]}"
    if line.step:
        names = [told[pk] for pk in line.told if pk in told]
        said = [f"{Climb(line.step).label}: {', '.join(names) or 'nobody to tell'}."]
    return Line(title=title, by=by, at=line.at, text="\n".join(filter(None, said)))


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
    its day was changed since the last review that was held.
    """

    review: Planned
    written: Written | None
    before: Written | None
    actions: tuple[Judged, ...]
    moved: int
    may_hold: bool
    why: str = ""


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
    )

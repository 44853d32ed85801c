"""Actions in a list: whose each is, how it stands, and whom it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Action, Entry
from referrals.actions.vocabulary import Said
from referrals.actions.workflow import RUNNING, State

WAITS: Final = {
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
    waits = Entry.objects.waiting(*WAITS).filter(action__in=[each.pk for each in actions])
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
            for_me = oversees and not asked_for(principal, action, asked)
        waits = "You are asked" if asked.to_id and for_me else WAITS[Said(asked.kind)]
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


def asked_for(principal: Principal, action: Action, asked: Entry) -> bool:
    """Whether the principal owns the action, or is who asked this, under whatever hat."""
    by = asked.by.user_id if asked.by else None
    return principal.user_id in (action.owner.user_id, by)


def _still_asks(action: Action, asked: Entry) -> bool:
    if asked.kind == Said.ASKED_EFFECT:
        return action.status == State.VERIFIED
    return action.status in RUNNING

"""What people wrote as they took a case's steps: decided, closed, gave it another priority."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Role
from referrals.models import Case, Decision, Move, PriorityChange
from referrals.reading.shape import Item
from referrals.reading.statements import Reach
from referrals.vocabulary import QUESTIONS, Outcome, Priority, State
from referrals.workflow import Action, Status


def level(case: Case, reach: Reach) -> Iterable[Item]:
    """The level of concern that agencies agreed last, in the partnership's own word."""
    if not case.level_by_id or case.level_at is None:
        return
    by = Membership.objects.select_related("team__agency").get(pk=case.level_by_id)
    word = str(getattr(case.partnership, f"{case.level}_name"))
    yield _said("level", word, by, case.level_at, reach)


def decided(decisions: Iterable[Decision], reach: Reach) -> Iterable[Item]:
    """The decision. A referrer is told the outcome because a rule says so, not by courtesy."""
    for decision in decisions:
        if decision.superseded_at is None:
            words = {
                "outcome": Outcome(decision.outcome).label,
                "told_referrer": decision.told_referrer,
                "reason": decision.reason,
            }
            for key, text in words.items():
                yield _said(key, text, decision.decided_by, decision.decided_at, reach)


def closed(case: Case, reach: Reach) -> Iterable[Item]:
    """What those who sent it are told of a case that is closed now."""
    if case.status != Status.CLOSED:
        return
    standing = case.closures.filter(reopened_at__isnull=True)
    for each in standing.select_related("closed_by__team__agency"):
        yield _said("told_closed", each.told_referrer, each.closed_by, each.closed_at, reach)


def steps(
    moves: Iterable[Move],
    decisions: Iterable[Decision],
    changes: Iterable[PriorityChange],
    reach: Reach,
) -> Iterable[Item]:
    """Why each step was taken, the priority changed and a decision was late, for those who oversee
    the case.
    """
    found = [(each.decided_at, _late(each, reach)) for each in decisions if each.late_reason]
    found.extend((each.changed_at, _prioritised(each, reach)) for each in changes)
    found.extend((each.created_at, _step(each, reach)) for each in moves)
    for _, item in sorted(found, key=lambda step: step[0]):
        yield item


def _step(move: Move, reach: Reach) -> Item:
    question = "withdrawn" if move.action == Action.WITHDRAW else "step"
    item = _said(question, move.reason, move.moved_by, move.created_at, reach)
    return replace(item, key=_key(question, move), label=Action(move.action).label)


def _prioritised(change: PriorityChange, reach: Reach) -> Item:
    item = _said("step", change.reason, change.changed_by, change.changed_at, reach)
    label = f"Priority: {Priority(change.was).label} to {Priority(change.now).label.lower()}"
    return replace(item, key=_key("step", change), label=label)


def _late(decision: Decision, reach: Reach) -> Item:
    item = _said("late", decision.late_reason, decision.decided_by, decision.decided_at, reach)
    return replace(item, key=_key("late", decision))


def _key(question: str, row: Move | Decision | PriorityChange) -> str:
    return f"{question}-{row.pk.hex[:12]}"


def _said(key: str, text: str, by: Membership, at: datetime, reach: Reach) -> Item:
    """What somebody wrote as they took a step in the case: their agency holds it."""
    agency, question = by.team.agency, QUESTIONS[key]
    item = reach.withheld(key, agency)
    given = reach.shares(question.category, agency)
    own = None if given else reach.owned(question.category, agency, by.pk)
    if not (given or own):
        return item
    return replace(
        item,
        state=State.SHOWN,
        text=text,
        value=text,
        source=question.known_how.label,
        by=Role(by.team.role).label,
        at=at,
        own=own,
    )


def moves_of(case: Case) -> list[Move]:
    """The steps of a case that needed a reason, the earliest first. One query."""
    return list(case.moves.select_related("moved_by__team__agency").order_by("created_at", "pk"))


def priority_changes_of(case: Case) -> list[PriorityChange]:
    """How its priority was changed, the earliest first. One query."""
    found = case.priority_changes.select_related("changed_by__team__agency")
    return list(found.order_by("changed_at", "pk"))


def acknowledged(moves: Iterable[Move]) -> str:
    """What a coordinator wrote to those who sent it when they began to read."""
    return next((each.reason for each in moves if each.action == Action.ACKNOWLEDGE), "")

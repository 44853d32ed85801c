"""What the owner of an action does with it, and what is asked of others: time, another owner."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON
from portal.common.errors import DomainError, NotVisible
from portal.common.moments import day
from portal.notifications.vocabulary import Kind
from referrals.actions import policies
from referrals.actions.models import Action, Entry
from referrals.actions.services.lines import (
    end_of_office,
    hold,
    insist_on_state,
    insist_on_words,
    move,
    tell_above,
    tell_owner,
    today,
    write,
    written_before,
)
from referrals.actions.services.lines import tell as tell_them
from referrals.actions.vocabulary import Said
from referrals.actions.workflow import State, Verb


@dataclass(frozen=True, repr=False)
class Update:
    """What somebody writes about an action; `key` names the form, for a double press."""

    words: str = ""
    key: UUID | None = None


@transaction.atomic
def take_up(*, actor: Principal, pk: UUID, said: Update = Update()) -> Entry:
    """Start an action. Raises NotVisible, Refused; DomainError when it was started before."""
    action = hold(actor, pk, Verb.TAKE_UP)
    if before := written_before(actor, pk, said.key, Said.TAKEN_UP):
        return before
    move(action, Verb.TAKE_UP)
    return write(actor, action, Said.TAKEN_UP, "action.taken_up", key=said.key, words=said.words)[0]


@transaction.atomic
def tell(*, actor: Principal, pk: UUID, said: Update) -> Entry:
    """Say what happened so far. What was not started is started by it.

    Raises NotVisible, Refused; DomainError without words, or when the action has ended.
    """
    action = hold(actor, pk, Verb.ADD)
    if before := written_before(actor, pk, said.key, Said.EVIDENCE):
        return before
    insist_on_state(action, Verb.ADD)
    words = insist_on_words(said.words, "Write what happened so far.")
    if action.status == State.OPEN:
        move(action, Verb.TAKE_UP)
    return write(actor, action, Said.EVIDENCE, "action.told", key=said.key, words=words)[0]


@transaction.atomic
def claim(*, actor: Principal, pk: UUID, said: Update) -> Entry:
    """Say that it is done, and what difference it made for the child. Somebody else checks that.

    Raises NotVisible, Refused; DomainError without words, or when it is done or ended already.
    """
    action = hold(actor, pk, Verb.CLAIM)
    if before := written_before(actor, pk, said.key, Said.CLAIMED):
        return before
    insist_on_state(action, Verb.CLAIM)
    words = insist_on_words(said.words, "Write what difference it made for the child.")
    move(action, Verb.CLAIM)
    line, cause = write(actor, action, Said.CLAIMED, "action.claimed", key=said.key, words=words)
    tell_above(actor, action, Kind.ACTION_ASKS, cause)
    return line


@transaction.atomic
def give_up(*, actor: Principal, pk: UUID, said: Update, instead: str) -> Entry:
    """Say that it cannot be done, why, and what happens instead or why nothing can.

    Its owner says so, or whoever oversees the case; the other hears of it.
    Raises NotVisible, Refused; DomainError without words, or when it is done or ended already.
    """
    action = hold(actor, pk, Verb.NOT_POSSIBLE)
    if before := written_before(actor, pk, said.key, Said.NOT_POSSIBLE):
        return before
    insist_on_state(action, Verb.NOT_POSSIBLE)
    words = insist_on_words(said.words, "Say why it was not possible.")
    other = insist_on_words(instead, "Say what happens instead, or why nothing can.")
    move(action, Verb.NOT_POSSIBLE)
    line, cause = write(
        actor,
        action,
        Said.NOT_POSSIBLE,
        "action.not_possible",
        key=said.key,
        words=words,
        instead=other,
    )
    tell_owner(actor, action, Kind.ACTION_ANSWERED, cause)
    tell_above(actor, action, Kind.ACTION_ASKS, cause)
    return line


@transaction.atomic
def ask_time(*, actor: Principal, pk: UUID, said: Update, until: date) -> Entry:
    """Ask for more time, with a reason. It stays due as it was until somebody has answered.

    Raises NotVisible, Refused; DomainError without a reason, for a day that gives no more time, or
    when the action has ended.
    """
    action = hold(actor, pk, Verb.ASK_TIME)
    if before := written_before(actor, pk, said.key, Said.ASKED_TIME):
        return before
    insist_on_state(action, Verb.ASK_TIME)
    words = insist_on_words(said.words, "Write why you need more time.")
    if until <= max(action.due_at.astimezone(LONDON).date(), today()):
        raise DomainError(f"Ask for a day after {day(action.due_at)} that is still to come.")
    line, cause = write(
        actor, action, Said.ASKED_TIME, "action.time_asked", key=said.key, words=words, until=until
    )
    tell_above(actor, action, Kind.ACTION_ASKS, cause)
    return line


def asked_of(action: Action, kind: Said) -> Entry:
    """The last question of its kind about an action that waits. Raises DomainError."""
    found = Entry.objects.waiting(kind).filter(action=action).select_related("by", "to").first()
    if found is None:
        raise DomainError("This has been answered already. Nothing has changed.")
    return found


@transaction.atomic
def answer_time(*, actor: Principal, pk: UUID, gives: bool, words: str) -> Entry:
    """Answer whether an action gets more time; if so, whoever is told that it is late starts anew.

    Raises NotVisible, Refused; DomainError when nobody asks, when the day has passed meanwhile, or
    when a no has no words.
    """
    action = hold(actor, pk, Verb.ANSWER_TIME)
    insist_on_state(action, Verb.ANSWER_TIME)
    asked = asked_of(action, Said.ASKED_TIME)
    if not gives:
        insist_on_words(words, "Write why there is no more time.")
    else:
        if asked.until is None or asked.until < today():
            raise DomainError("The day that was asked for has passed. Ask the owner for another.")
        action.due_at = end_of_office(asked.until, action.case.partnership)
        action.climbed = 0
        action.save(update_fields=["due_at", "climbed"])
    kind = Said.GAVE_TIME if gives else Said.KEPT_TIME
    line, cause = write(actor, action, kind, "action.time_answered", words=words, answers=asked)
    tell_owner(actor, action, Kind.ACTION_ANSWERED, cause)
    return line


@transaction.atomic
def offer(*, actor: Principal, pk: UUID, to: UUID, words: str, key: UUID | None = None) -> Entry:
    """Ask somebody else to take an action on. It stays with its owner until they say yes.

    Its owner asks, the lead of the owner's agency, or whoever oversees the case. Who was asked
    before and has not answered is asked no longer. Raises NotVisible, Refused; DomainError without
    a note, for somebody who cannot have it, and when the action has ended.
    """
    action = hold(actor, pk, Verb.HAND_OVER)
    if before := written_before(actor, pk, key, Said.OFFERED):
        return before
    insist_on_state(action, Verb.HAND_OVER)
    note = insist_on_words(words, "Write a note for whoever takes it on.")
    chosen = policies.may_own(action.case).filter(pk=to).exclude(pk=action.owner_id).first()
    if chosen is None:
        raise DomainError("This person cannot take it on. Select somebody else.")
    line, cause = write(
        actor, action, Said.OFFERED, "action.offered", key=key, words=note, to=chosen
    )
    tell_them([chosen], Kind.ACTION_OFFERED, action.case, cause)
    return line


@transaction.atomic
def answer_offer(*, actor: Principal, pk: UUID, accepts: bool, words: str) -> Entry:
    """Take an action on, or say why not. With a yes it is the actor's, and their agency's.

    Raises NotVisible, Refused; DomainError when it has ended, or when a no has no words.
    """
    action = hold(actor, pk, Verb.ACCEPT)
    insist_on_state(action, Verb.ACCEPT)
    asked = asked_of(action, Said.OFFERED)
    if asked.to_id != actor.membership_id:
        raise NotVisible("action", str(pk))
    if not accepts:
        insist_on_words(words, "Write why you do not take it on.")
    held: Membership = action.owner
    if accepts:
        action.owner_id, action.agency_id = actor.membership_id, actor.agency_id
        action.climbed = 0
        action.save(update_fields=["owner", "agency", "climbed"])
    kind, act = (
        (Said.ACCEPTED, "action.accepted") if accepts else (Said.DECLINED, "action.declined")
    )
    line, cause = write(actor, action, kind, act, words=words, answers=asked)
    told = [held, *([asked.by] if asked.by else [])]
    tell_them(
        [each for each in told if each.pk != actor.membership_id],
        Kind.ACTION_ANSWERED,
        action.case,
        cause,
    )
    return line

"""Another person checks that an action is done; another agency says what it has changed."""

from uuid import UUID

from django.db import transaction

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals.actions import policies
from referrals.actions.models import Action, Entry, Review
from referrals.actions.services.doing import asked_of
from referrals.actions.services.lines import (
    hold,
    insist_on_state,
    insist_on_words,
    move,
    tell,
    tell_owner,
    write,
)
from referrals.actions.vocabulary import Effect, Said
from referrals.actions.workflow import Verb


@transaction.atomic
def verify(*, actor: Principal, pk: UUID, is_done: bool, words: str) -> Entry:
    """Check what its owner says is done: it is, or it goes back with what is missing.

    Never by its owner. Raises NotVisible, Refused; DomainError when nobody says that it is done,
    when somebody else was first, or when it goes back without words.
    """
    verb = Verb.VERIFY if is_done else Verb.SEND_BACK
    action = hold(actor, pk, verb)
    insist_on_state(action, verb)
    asked = asked_of(action, Said.CLAIMED)
    if not is_done:
        insist_on_words(words, "Write what is still missing.")
    kind, act = (
        (Said.VERIFIED, "action.verified") if is_done else (Said.SENT_BACK, "action.sent_back")
    )
    line, cause = write(actor, action, kind, act, words=words, answers=asked)
    move(action, verb)
    tell_owner(actor, action, Kind.ACTION_ANSWERED, cause)
    return line


@transaction.atomic
def judge(*, actor: Principal, pk: UUID, effect: Effect, words: str) -> Entry:
    """Say what an action that is done has changed for the child. Never the agency that did it,
    nor its owner under another hat.

    Whoever oversees the case says so, or whoever was asked. Raises NotVisible, Refused; DomainError
    without words, or when the action is not done.
    """
    action = hold(actor, pk, Verb.JUDGE)
    return judged(actor, action, effect, words)


def judged(
    actor: Principal, action: Action, effect: Effect, words: str, review: Review | None = None
) -> Entry:
    """Write what an action has changed; the caller holds it and has asked who may."""
    insist_on_state(action, Verb.JUDGE)
    if not policies.to_judge(action.case_id).filter(pk=action.pk).exists():
        raise DomainError("Somebody has said what this action changed. Nothing has changed.")
    said = insist_on_words(words, "Write what it has changed for the child.")
    asked = (
        Entry.objects.waiting(Said.ASKED_EFFECT)
        .filter(action=action, to_id=actor.membership_id)
        .first()
    )
    line, cause = write(
        actor,
        action,
        Said.JUDGED,
        "action.judged",
        words=said,
        effect=effect,
        answers=asked,
        review=review,
    )
    tell_owner(actor, action, Kind.ACTION_ANSWERED, cause)
    return line


@transaction.atomic
def ask_effect(*, actor: Principal, pk: UUID, to: UUID) -> Entry:
    """Ask somebody of another agency what an action has changed. They read what it was, no more.

    Raises NotVisible; Refused unless the actor oversees the case; DomainError for somebody of the
    agency that did it, for somebody who must not know of the case, or when it is not done.
    """
    action = hold(actor, pk, Verb.REMIND)
    return asked(actor, action, to)


def asked(actor: Principal, action: Action, to: UUID) -> Entry:
    """Ask somebody of another agency; the caller holds the action and oversees the case."""
    insist_on_state(action, Verb.JUDGE)
    if not policies.to_judge(action.case_id).filter(pk=action.pk).exists():
        raise DomainError("Somebody has said what this action changed. Nothing has changed.")
    others = policies.may_own(action.case).exclude(team__agency=action.agency_id)
    chosen = others.exclude(user=action.owner.user_id).filter(pk=to).first()
    if chosen is None:
        raise DomainError("Select somebody of another agency. Nothing has changed.")
    line, cause = write(actor, action, Said.ASKED_EFFECT, "action.effect_asked", to=chosen)
    tell([chosen], Kind.EFFECT_ASKED, action.case, cause)
    return line

"""A share that was given: stop it, renew it with a fresh reason, acknowledge it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, Grant, Statement
from referrals.services import end_grants, record_grants, teams_of
from referrals.vocabulary import Extent
from sharing.disclosures import policies
from sharing.disclosures.models import Acknowledgement, Disclosure
from sharing.disclosures.reading.plan import Plan, planned
from sharing.disclosures.services.held import held_disclosure
from sharing.disclosures.services.share import (
    by_law,
    insist_lawful,
    open_grants,
    record_decision,
    tell,
)
from sharing.disclosures.vocabulary import Result

Extents = dict[str, set[UUID]]
OVER = "This share has already ended. Nothing has changed."


@transaction.atomic
def stop(*, actor: Principal, disclosure: Disclosure, why: str) -> list[Grant]:
    """Stop a share now, and tell whoever received it. What was read or printed stays read.

    An answer to a question was opened to the front door in the same moment, by rule: it stops for
    those teams too. Whoever stops an answer, because it is about another child, means all of it.

    Raises NotVisible, Refused, or DomainError: no reason, or it has ended already.
    """
    disclosure = _held(actor, disclosure)
    case = disclosure.case
    if not why.strip():
        raise DomainError("Write why sharing stops. A sentence is enough.")
    opened = [*disclosure.grants.all(), *_beside(disclosure)]
    if not Grant.objects.live().filter(pk__in=[grant.pk for grant in opened]).exists():
        raise DomainError(OVER)
    ended = end_grants(actor, case, opened, why.strip())
    cause = record(
        actor,
        "share.stopped",
        case=case.pk,
        obj=("disclosure", disclosure.pk),
        subjects=[case.child_id],
        fields=disclosure.categories,
    )
    for team in teams_of([*disclosure.grants.all(), *ended]):
        tell(case, team, Kind.STOPPED, cause)
    return ended


def _beside(disclosure: Disclosure) -> list[Grant]:
    """What a rule gave of the same answer to teams that did not ask. It has no record of its own.

    The team that answered keeps sight of its own agency's words: that grant names none of them.
    """
    if disclosure.request_id is None or policies.is_question(disclosure):
        return []
    named = _as_corrected(disclosure.statements)
    by_rule = (
        Grant.objects.live()
        .filter(content_object=disclosure.case, holder=disclosure.holder, extent=Extent.PART)
        .exclude(granted_by_service="")
    )
    return [grant for grant in by_rule if named & _as_corrected(grant.statements)]


@transaction.atomic
def renew(*, actor: Principal, disclosure: Disclosure, said: Mapping[str, Any]) -> Disclosure:
    """Share the same again with a fresh reason, and end the old share in the same moment.

    `said` has necessity, proportionality and until. The law is asked again, about what the actor
    sees now: what it no longer allows is not renewed, and what has ended by itself is not opened
    again. Raises NotVisible, Refused, or DomainError.
    """
    old = _held(actor, disclosure)
    case = old.case
    if why_not := policies.why_not_renewed(old):
        raise DomainError(why_not)
    live = list(Grant.objects.live().filter(disclosures=old))
    if not live:
        raise DomainError(
            "This share has ended, so it cannot be renewed. Share again from the Sharing page."
        )
    if not said.get("necessity", "").strip() or not said.get("proportionality", "").strip():
        raise DomainError("Write what they will use it for, and why less would not do.")
    opened = _opened(live)
    if opened != _decided(old):
        raise DomainError(
            "Some of this share has ended by itself, so it cannot be renewed as it was. Nothing has"
            " changed: share what is needed from the Sharing page."
        )
    if set(opened) != set(old.categories):
        raise DomainError(
            "Some of this was corrected, and is another kind of information now. Nothing has"
            " changed: share what is needed from the Sharing page."
        )
    found = _plan_again(actor, case, old, opened, said)
    chosen = found.of(old.holder)
    if {str(each.offer.category): set(each.statements) for each in chosen} != opened:
        raise DomainError(
            "Some of this is no longer there, or no longer yours to share. Nothing has changed:"
            " share what is left from the Sharing page."
        )
    insist_lawful(found)
    if found.unfinished not in ("preview", ""):
        raise DomainError(
            "The law asks for more now than was said then. Nothing has changed: share what is"
            " needed from the Sharing page."
        )
    kept = {
        field.name: getattr(old, field.name)
        for field in old._meta.concrete_fields
        if field.name not in ("id", "created_at", "number", "preview", "corrects", "decider")
    }
    said_again = {
        name: found.answers["why"][name].strip() for name in ("necessity", "proportionality")
    }
    made = Disclosure(**{**kept, **by_law(found, old.holder), **said_again})
    made.save()
    end_grants(actor, case, live, f"Renewed as {made.number}.")
    grants = open_grants(made, found.grants())
    cause = record_decision(actor, made)
    record_grants(actor, case, grants)
    tell(case, old.recipient, Kind.SHARED, cause)
    return made


def _plan_again(
    actor: Principal, case: Case, old: Disclosure, opened: Extents, said: Mapping[str, Any]
) -> Plan:
    answers = {
        "who": {"team": old.recipient_id, "purpose": old.purpose},
        "what": {
            "whole": [f"{old.holder_id}:{code}" for code, named in opened.items() if not named],
            "part": [str(pk) for named in opened.values() for pk in named],
            "harm_suspected": old.harm_suspected,
        },
        "gateway": {"gateway": old.gateway},
        "why": {**_said_before(old), **said, "decision": str(Result.SHARED)},
    }
    found = planned(actor, case, answers, timezone.now(), advice=old.advice)
    mine = tuple(each for each in found.choices if each.offer.holder.pk == old.holder_id)
    return replace(found, choices=mine)


def _said_before(old: Disclosure) -> dict[str, str]:
    """What stands of the reasons for a share when it is renewed with a fresh one."""
    return {
        name: getattr(old, name)
        for name in (
            *("relevance", "consent_limb", "confidence_limb"),
            *("child_told", "parents_told", "not_told_why"),
        )
    }


def _opened(live: Iterable[Grant]) -> Extents:
    """What grants open: by category the pieces that they name, or none where it is all of it."""
    named = [pk for grant in live for pk in grant.statements]
    return _extents([code for grant in live for code in grant.categories], named)


def _decided(made: Disclosure) -> Extents:
    """The same, of what was decided."""
    return _extents(made.categories, made.statements)


def _extents(categories: Iterable[str], statements: Iterable[UUID]) -> Extents:
    found: Extents = {code: set() for code in categories}
    for row in Statement.objects.filter(pk__in=_as_corrected(statements)):
        # A correction can make it another kind, of which nothing was decided.
        found.setdefault(row.category, set()).add(row.pk)
    return found


def _as_corrected(statements: Iterable[UUID]) -> set[UUID]:
    """The pieces that stand now in place of these: each correction is what it corrects."""
    found = set(statements)
    while later := dict(
        Statement.objects.filter(corrects__in=found).values_list("corrects_id", "pk")
    ):
        found = (found - set(later)) | set(later.values())
    return found


@transaction.atomic
def acknowledge(*, actor: Principal, disclosure: Disclosure) -> Acknowledgement:
    """Say that the recipient has the share and has read what goes with it. Once for a team.

    Raises NotVisible unless it was shared with the actor's team; Refused when the share is over
    and only emergency access opens the case; DomainError the second time.
    """
    disclosure = held_disclosure(actor, disclosure.pk)
    if not policies.shared_with(actor, disclosure):
        raise NotVisible("disclosure", str(disclosure.pk))
    casework.require_more_than_emergency(actor, disclosure.case)
    policies.require_live(disclosure)
    try:
        with transaction.atomic():
            made = Acknowledgement.objects.create(disclosure=disclosure, by_id=actor.membership_id)
    except IntegrityError as twice:
        raise DomainError("Your team has acknowledged this already. Nothing is lost.") from twice
    record(
        actor,
        "share.acknowledged",
        case=disclosure.case_id,
        obj=("disclosure", disclosure.pk),
        subjects=[disclosure.case.child_id],
    )
    return made


def _held(actor: Principal, disclosure: Disclosure) -> Disclosure:
    found = held_disclosure(actor, disclosure.pk)
    policies.require_decides(actor, found)
    return found

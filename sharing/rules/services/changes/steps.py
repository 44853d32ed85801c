"""The steps of a change: drafted, submitted, approved, live on its day, rolled back."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.later import later
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from sharing.rules import models, policies
from sharing.rules.services import agreements
from sharing.rules.services.changes.proposal import (
    Proposal,
    as_drafted,
    broken_by,
    digest,
    insist,
    propose,
    said,
    undone,
)
from sharing.rules.services.examine import examine, examine_today, one_at_a_time
from sharing.rules.services.file import FileRefused
from sharing.rules.vocabulary import ChangeKind, Origin
from sharing.rules.workflow import TRANSITIONS, Action, Status


@transaction.atomic
def draft(
    *,
    actor: Principal,
    kind: ChangeKind,
    number: str,
    line: Mapping[str, Any] | None,
    reason: str,
    starts_on: date,
) -> models.Change:
    """Draft a change of one rule, and return it.

    `line` is the rule as a file of the law says it, without number, version and dates; None for
    an end. Raises Refused unless the actor is an information-governance lead, DomainError without
    a reason, and FileRefused with the loader's own sentences when the law would not hold together.
    """
    policies.require_ig_lead(actor)
    if kind == ChangeKind.ADD and models.Rule.objects.filter(number=number).exists():
        raise DomainError(f"There is a rule {number} already. Choose another number, or change it.")
    change = models.Change(
        kind=kind,
        number=number,
        from_version=None if kind == ChangeKind.ADD else policies.newest(number).version,
        line=as_drafted(line),
        reason=reason.strip(),
        starts_on=starts_on,
        author_id=actor.membership_id,
    )
    insist(change)
    change.save()
    record(actor, "rules.drafted", obj=("change", change.pk), why=f"rule:{number}")
    return change


@transaction.atomic
def revise(
    *,
    actor: Principal,
    pk: UUID,
    line: Mapping[str, Any] | None,
    reason: str,
    starts_on: date,
) -> models.Change:
    """Write a draft anew. Raises as `draft` does; DomainError once it has been submitted."""
    change = _locked(actor, pk)
    policies.require_step(actor, change, Action.SUBMIT)
    next_status(TRANSITIONS, Action.SUBMIT, change.status)
    change.line, change.reason, change.starts_on = as_drafted(line), reason.strip(), starts_on
    insist(change)
    change.save(update_fields=["line", "reason", "starts_on"])
    record(actor, "rules.drafted", obj=("change", change.pk), why=f"rule:{change.number}")
    return change


@transaction.atomic
def submit(*, actor: Principal, pk: UUID) -> models.Change:
    """Ask another person to approve a draft; who it touches is counted meanwhile.

    Each other information-governance lead of the partnership is told that it waits.

    Raises Refused unless the actor drafted it; DomainError when another change of the same rule
    waits, or it no longer fits the law.
    """
    change = _step(actor, pk, Action.SUBMIT)
    insist(change)
    try:
        with transaction.atomic():
            change.save(update_fields=["status"])
    except IntegrityError as error:
        raise DomainError(
            f"Another change of rule {change.number} waits already. Decide on that one first."
        ) from error
    cause = record(actor, "rules.submitted", obj=("change", change.pk), why=f"rule:{change.number}")
    for member in policies.second_persons(actor):
        owe(recipient=member, kind=Kind.CHANGE_WAITS, reference="", case=None, cause=cause)
    count(actor=actor, change=change)
    return change


@transaction.atomic
def count(*, actor: Principal, change: models.Change) -> models.Impact:
    """Have a worker count who gains and loses sight of what, by the change as it reads now.

    Asking again for the same text returns what was asked. Raises Refused.
    """
    policies.require_ig_lead(actor)
    return _counted(change)


def _counted(change: models.Change) -> models.Impact:
    impact, is_new = models.Impact.objects.get_or_create(change=change, of=digest(change))
    if is_new:
        later("disclosures.count_impact", impact.pk)
    return impact


@transaction.atomic
def approve(*, actor: Principal, pk: UUID, words: str = "") -> models.Change:
    """Approve what another person drafted; it goes live on its day, or at once if that is today.

    Raises Refused for its author, in whatever role; DomainError while its impact is not counted,
    and when statements that must hold would fail and `words` do not say why that is right.
    """
    change = _step(actor, pk, Action.APPROVE)
    impact = change.impacts.filter(of=digest(change)).first()
    if impact is None or not impact.is_done:
        raise DomainError(
            "Who this change touches is still being counted. Nothing is lost: look again soon."
        )
    insist(change)
    broken = broken_by(change)
    if broken and not words.strip():
        raise DomainError(
            "This change breaks a statement that must hold. Write why it is right all the same,"
            " or take the change no further."
        )
    change.approver_id = actor.membership_id
    change.approved_at = timezone.now()
    change.approved_why = words.strip()
    change.failing = [must.code for must in broken]
    change.save(update_fields=["status", "approver", "approved_at", "approved_why", "failing"])
    record(actor, "rules.approved", obj=("change", change.pk), why=f"rule:{change.number}")
    later("rules.go_live", change.pk)
    return change


@transaction.atomic
def reject(*, actor: Principal, pk: UUID, why: str) -> models.Change:
    """Take a change no further. It is kept, with why. Raises Refused or DomainError."""
    change = _step(actor, pk, Action.REJECT)
    _reject(actor, change, said(why, "Write why this change goes no further."))
    return change


@transaction.atomic
def go_live(*, pk: UUID) -> models.RuleSet | None:
    """Make an approved change law when its day has come; called twice, it happens once.

    None when it is not due, or somebody else is doing it. A change that no longer fits the law,
    because that was changed since, goes no further and says why; nor does one that would break a
    statement now which nobody accepted when it was approved.
    """
    today = timezone.localdate()
    due = models.Change.objects.due(today).select_for_update(skip_locked=True)
    change = due.filter(pk=pk).first()
    if change is None:
        return None
    one_at_a_time()
    try:
        proposal = propose(change, today)
        broken = [must for must in broken_by(change) if must.code not in change.failing]
    except FileRefused as error:
        _reject(None, change, f"The law has changed since it was approved. {error}")
        return None
    if broken:
        says = " ".join(must.says for must in broken)
        _reject(None, change, f"The law has changed since it was approved. Now it breaks: {says}")
        return None
    words = {ChangeKind.AMEND: "changed", ChangeKind.ADD: "added", ChangeKind.END: "ended"}
    title = f"Rule {change.number} {words[ChangeKind(change.kind)]}"
    change.live_in = _write(title, proposal, f"live:{change.pk}")
    change.status = next_status(TRANSITIONS, Action.GO_LIVE, change.status)
    change.save(update_fields=["status", "live_in"])
    record(None, "rules.live", obj=("change", change.pk), why=f"rule:{proposal.cited_as}")
    return change.live_in


@transaction.atomic
def roll_back(*, actor: Principal, pk: UUID, why: str) -> models.RuleSet:
    """Undo a live change at once: the rule says again what it said before, as its next version.

    Raises Refused; DomainError without a reason, when it is not live, when the rule has been
    changed again since, or when what it said before is no longer law.
    """
    change = _step(actor, pk, Action.ROLL_BACK)
    why = said(why, "Write why this change is rolled back.")
    one_at_a_time()
    try:
        proposal = undone(change, timezone.localdate())
    except FileRefused as error:
        raise DomainError(f"What this rule said before cannot be law today. {error}") from error
    change.rolled_back_in = _write(
        f"Rule {change.number} rolled back", proposal, f"undone:{change.pk}"
    )
    change.rolled_back_by_id = actor.membership_id
    change.rolled_back_why = why
    change.save(update_fields=["status", "rolled_back_in", "rolled_back_by", "rolled_back_why"])
    record(actor, "rules.rolled_back", obj=("change", change.pk), why=f"rule:{proposal.cited_as}")
    return change.rolled_back_in


def sweep() -> int:
    """Make every approved change live whose day has come, and look at what agreements leave behind.

    Whoever looks after an agreement is told that its review comes near. Live grants are examined
    on a day on which a line begins or ends that was written long before. What waits for a second
    person is counted anew when the law changed since. Returns how many changes became law.
    """
    due = models.Change.objects.due(timezone.localdate()).order_by("approved_at")
    live = sum(go_live(pk=pk) is not None for pk in due.values_list("pk", flat=True))
    agreements.sweep()
    agreements.remind()
    examine_today()
    for change in models.Change.objects.filter(status=Status.SUBMITTED):
        _counted(change)
    return live


def _write(title: str, proposal: Proposal, says: str) -> models.RuleSet:
    """Write a rule set from the portal, its new row and its end. The caller waited its turn."""
    last = models.RuleSet.objects.aggregate(last=Max("version"))["last"]
    rule_set = models.RuleSet.objects.create(
        version=last + 1,
        title=title,
        sha256=hashlib.sha256(f"{says}:{proposal.cited_as}".encode()).hexdigest(),
        origin=Origin.PORTAL,
    )
    if proposal.ends is not None:
        models.Rule.objects.filter(pk=proposal.ends.pk).update(
            effective_to=proposal.ends.effective_to, ended_in=rule_set
        )
    if proposal.adds is not None:
        proposal.adds.rule_set = rule_set
        proposal.adds.save()
    examine(rule_set=rule_set)
    return rule_set


def _reject(actor: Principal | None, change: models.Change, why: str) -> None:
    change.status = Status.REJECTED
    change.rejected_why = why
    change.save(update_fields=["status", "rejected_why"])
    record(actor, "rules.rejected", obj=("change", change.pk), why=f"rule:{change.number}")


def _step(actor: Principal, pk: UUID, action: Action) -> models.Change:
    """The locked change, with the status to which this step leads: not saved yet."""
    change = _locked(actor, pk)
    policies.require_step(actor, change, action)
    change.status = next_status(TRANSITIONS, action, change.status)
    return change


def _locked(actor: Principal, pk: UUID) -> models.Change:
    policies.change_for(actor, pk)
    return models.Change.objects.select_for_update(of=("self",)).get(pk=pk)

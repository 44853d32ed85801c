"""Changing the law: drafted by one person, approved by another, live on its day, rolled back.

A change becomes law as a file does: a rule set, the next version of the rule, and an end for the
version before it. No row is rewritten, so every past decision can be given again.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.later import later
from portal.common.workflow import next_status
from sharing.rules import decision, models, policies
from sharing.rules.services import agreements
from sharing.rules.services.examine import examine, one_at_a_time
from sharing.rules.services.file import FileRefused, line_of, read_line
from sharing.rules.services.musts import Must, failing
from sharing.rules.vocabulary import ChangeKind, Origin
from sharing.rules.workflow import TRANSITIONS, Action, Status

log = logging.getLogger(__name__)

UNREVIEWED: Final = "Not yet reviewed by a lawyer"
_DATED: Final = ("version", "effective_from", "effective_to", "verified_on", "verified_by")


@dataclass(frozen=True)
class Proposal:
    """What a change does to the rows of the law on its first day. Nothing of it is saved."""

    ends: models.Rule | None
    adds: models.Rule | None

    @property
    def cited_as(self) -> str:
        """The version that it adds, or the one that it ends."""
        row = self.adds or self.ends
        return f"{row.number}/{row.version}" if row else ""


def line_now(number: str) -> dict[str, Any]:
    """The rule as it is now, as a draft begins with it. Raises NotVisible."""
    return _without_dates(line_of(policies.newest(number)))


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
        line=_line(line),
        reason=reason.strip(),
        starts_on=starts_on,
        author_id=actor.membership_id,
    )
    _insist(change)
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
    change.line, change.reason, change.starts_on = _line(line), reason.strip(), starts_on
    _insist(change)
    change.save(update_fields=["line", "reason", "starts_on"])
    record(actor, "rules.drafted", obj=("change", change.pk), why=f"rule:{change.number}")
    return change


@transaction.atomic
def submit(*, actor: Principal, pk: UUID) -> models.Change:
    """Ask another person to approve a draft; who it touches is counted meanwhile.

    Raises Refused unless the actor drafted it; DomainError when another change of the same rule
    waits, or it no longer fits the law.
    """
    change = _step(actor, pk, Action.SUBMIT)
    _insist(change)
    try:
        with transaction.atomic():
            change.save(update_fields=["status"])
    except IntegrityError as error:
        raise DomainError(
            f"Another change of rule {change.number} waits already. Decide on that one first."
        ) from error
    record(actor, "rules.submitted", obj=("change", change.pk), why=f"rule:{change.number}")
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
    _insist(change)
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
    _reject(actor, change, _said(why, "Write why this change goes no further."))
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
    why = _said(why, "Write why this change is rolled back.")
    one_at_a_time()
    try:
        proposal = _undone(change, timezone.localdate())
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

    What waits for a second person is counted anew when the law changed since. Returns how many
    changes became law.
    """
    due = models.Change.objects.due(timezone.localdate()).order_by("approved_at")
    live = sum(go_live(pk=pk) is not None for pk in due.values_list("pk", flat=True))
    agreements.sweep()
    for change in models.Change.objects.filter(status=Status.SUBMITTED):
        _counted(change)
    return live


def propose(change: models.Change, day: date) -> Proposal:
    """What a change does to the law if it begins on `day`.

    The loader's reading and the loader's checks. Raises FileRefused.
    """
    before = policies.newest_or_none(change.number)
    if (before.version if before else None) != change.from_version:
        raise FileRefused([f"Rule {change.number} has been changed since this was drafted."])
    if before is not None and before.effective_to is not None:
        raise FileRefused([f"Rule {change.number} ends on {before.effective_to} already."])
    line = None
    if change.line is not None:
        line = {**change.line, "verified_on": None, "verified_by": UNREVIEWED}
    return _proposal(before, change.number, line, day)


def drafted(change: models.Change, day: date) -> tuple[decision.Rule, ...]:
    """The law as it would be known if this change began on `day`, for asking it. Raises
    FileRefused."""
    proposal = propose(change, day)
    rules = policies.known(policies.rule_set())
    if proposal.ends is not None:
        ends, end = proposal.ends, proposal.ends.effective_to
        rules = tuple(
            replace(rule, effective_to=end)
            if (rule.number, rule.version) == (ends.number, ends.version)
            else rule
            for rule in rules
        )
    return rules if proposal.adds is None else (*rules, proposal.adds.value())


def broken_by(change: models.Change) -> list[Must]:
    """The statements that hold today and would not, once this change is law. Raises FileRefused."""
    day = first_day(change)
    at = policies.noon(day)
    already = {must.code for must in failing(policies.known(policies.rule_set()), at)}
    return [must for must in failing(drafted(change, day), at) if must.code not in already]


def first_day(change: models.Change) -> date:
    """The day on which a change would begin: its own, or today if that has passed."""
    return max(change.starts_on, timezone.localdate())


def digest(change: models.Change) -> str:
    """The fingerprint of what a change says, and of the law that it would change."""
    says = [
        policies.rule_set(),
        change.kind,
        change.number,
        change.from_version,
        change.line,
        str(change.starts_on),
    ]
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def _insist(change: models.Change) -> None:
    _said(change.reason, "Write why the law should change.")
    propose(change, first_day(change))


def _undone(change: models.Change, day: date) -> Proposal:
    newest = policies.newest(change.number)
    if change.kind == ChangeKind.END:
        stands = newest.ended_in_id == change.live_in_id
    else:
        stands = newest.rule_set_id == change.live_in_id and newest.effective_to is None
    if not stands:
        raise DomainError(
            f"Rule {change.number} has been changed again since. Roll that change back first."
        )
    line = None
    if change.from_version is not None:
        rows = models.Rule.objects.select_related("gateway")
        former = rows.get(number=change.number, version=change.from_version)
        line = _without_dates(line_of(former)) | {
            "verified_on": former.verified_on,
            "verified_by": former.verified_by,
        }
    ends = newest if newest.effective_to is None else None
    return _proposal(ends, change.number, line, day, after=newest.version)


def _proposal(
    ends: models.Rule | None,
    number: str,
    line: Mapping[str, Any] | None,
    day: date,
    after: int | None = None,
) -> Proposal:
    """End one version the day before, and begin the next one; checked beside the whole law."""
    if ends is not None:
        if ends.effective_from > day:
            raise FileRefused([f"Rule {number} begins on {ends.effective_from}: not before that."])
        # A version that began today ends before it began: it is withdrawn.
        ends.effective_to = day - timedelta(days=1)
    if line is None:
        return Proposal(ends, None)
    others = [
        ends if ends is not None and row.pk == ends.pk else row
        for row in models.Rule.objects.select_related("gateway")
    ]
    last = after if after is not None else (ends.version if ends else 0)
    whole = {
        **line,
        "number": number,
        "version": last + 1,
        "effective_from": day,
        "effective_to": None,
    }
    return Proposal(ends, read_line(whole, others, models.Gateway.objects.all()))


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


def _line(line: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if line is None else _without_dates(line)


def _without_dates(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in line.items() if name not in (*_DATED, "number")}


def _said(words: str, otherwise: str) -> str:
    if not words.strip():
        raise DomainError(otherwise)
    return words.strip()

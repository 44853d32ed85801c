"""What a change would do to the law: read as a file is, checked beside the whole law, not saved."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from portal.common.errors import DomainError
from sharing.rules import decision, models, policies
from sharing.rules.services.file import FileRefused, line_of, read_line
from sharing.rules.services.musts import Must, failing
from sharing.rules.vocabulary import ChangeKind

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


def insist(change: models.Change) -> None:
    said(change.reason, "Write why the law should change.")
    propose(change, first_day(change))


def undone(change: models.Change, day: date) -> Proposal:
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


def as_drafted(line: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if line is None else _without_dates(line)


def _without_dates(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in line.items() if name not in (*_DATED, "number")}


def said(words: str, otherwise: str) -> str:
    if not words.strip():
        raise DomainError(otherwise)
    return words.strip()

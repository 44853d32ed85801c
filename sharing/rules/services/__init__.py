"""Loading the law from its reviewed file, and the record of who read it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from sharing.rules import decision, models, policies
from sharing.rules.services.examine import examine, one_at_a_time
from sharing.rules.services.export import written
from sharing.rules.services.file import (
    NOT_IN_THE_FILE,
    FileRefused,
    Law,
    fingerprint,
    read,
    refuse,
)

__all__ = ["FileRefused", "allow", "export", "listed", "load", "newest", "read"]

DATA: Final = Path(__file__).parent.parent / "data"


def newest() -> Path:
    """Return the file of the law with the highest number."""
    return max(DATA.glob("rules-*.yaml"), key=lambda path: int(path.stem.removeprefix("rules-")))


def allow(path: Path) -> models.AllowedFile:
    """Allow a file to become law; `load` takes no other. For the role that owns the tables.

    Out: its fingerprint, by which the database knows the file again. The ledger is closed to that
    role, so what is on the record is the load. Raises FileRefused when the file does not hold
    together, and ProgrammingError to any other role: the database refuses it.
    """
    read(path)
    allowed, _ = models.AllowedFile.objects.get_or_create(
        sha256=fingerprint(path), defaults={"name": path.name}
    )
    return allowed


@transaction.atomic
def load(path: Path, *, actor: Principal | None = None) -> models.RuleSet:
    """Load the law from a reviewed file, once; a file that is loaded already changes nothing.

    In: a YAML file as docs/sharing.md describes it, and who loads it (None: the system). Out: its
    rule set. Rows that are known stay as they are, except that they may be given an end date; new
    versions are added. Records "rules.loaded" with the file's SHA-256. Raises FileRefused, with a
    sentence for each reason, and then nothing has changed; also where the owner of the database
    has not allowed the file, which the database refuses too. Legal source: the file, row by row.
    """
    known = models.RuleSet.objects.filter(sha256=fingerprint(path)).first()
    if known is not None:
        return known
    one_at_a_time()
    is_first = not models.RuleSet.objects.exists()
    law = read(path)
    refuse(_against_the_past(law))
    if not models.AllowedFile.objects.filter(sha256=law.rule_set.sha256).exists():
        refuse(
            [
                "The owner of the database has not allowed this file. First run manage.py"
                " allow_rules as the role that owns the tables."
            ]
        )
    law.rule_set.save()
    for rows, end in (
        (law.gateways, "in_force_to"),
        (law.rules, "effective_to"),
        (law.bases, "effective_to"),
    ):
        _keep(law.rule_set, rows, end)
    record(actor, "rules.loaded", obj=("rule_set", law.rule_set.sha256))
    if not is_first:
        examine(rule_set=law.rule_set)
    return law.rule_set


@transaction.atomic
def export(*, actor: Principal | None = None) -> str:
    """Return the whole law, as it is kept, as a file with the next number, which `load` takes.

    What was changed in the portal is in it, so that the file in the repository can be brought up
    to date. Records "rules.exported". Raises DomainError before any law was loaded.
    """
    last = models.RuleSet.objects.order_by("-version").first()
    if last is None:
        raise DomainError("No rules have been loaded, so there is nothing to write down.")
    record(actor, "rules.exported", obj=("rule_set", last.pk))
    return written(last.version + 1, f"The law as it stood after rule set {last.version}")


@transaction.atomic
def listed(*, actor: Principal, at: datetime) -> tuple[decision.Rule, ...]:
    """Return the rules in force at `at` (aware) for `actor` to read; records "rules.listed"."""
    rules = policies.in_force(at)
    record(actor, "rules.listed", obj=("rules", "in_force"))
    return rules


def _against_the_past(law: Law) -> list[str]:
    wrong = []
    last = models.RuleSet.objects.order_by("-version").first()
    if last is not None and law.rule_set.version <= last.version:
        wrong.append(
            f"Version {last.version} is loaded already. A file that says something else needs a "
            f"higher number than {last.version}."
        )
    gateways = models.Gateway.objects.all()
    rules = models.Rule.objects.select_related("gateway")
    wrong += _changed(gateways, law.gateways, "in_force_to")
    wrong += _changed(rules, law.rules, "effective_to")
    wrong += _changed(models.Basis.objects.all(), law.bases, "effective_to")
    return wrong


def _changed(before: Iterable[models.Line], now: Sequence[models.Line], end: str) -> list[str]:
    """The sentences about rows of the past that the file leaves out, rewrites or reopens."""
    found = {str(row): row for row in now}
    wrong = []
    for row in before:
        name = str(row)
        if name not in found:
            wrong.append(
                f"{name} was loaded before and is missing. It ends by {end}, not by leaving."
            )
            continue
        mine, theirs = _content(found[name]), _content(row)
        differs = sorted(each for each in theirs if each != end and mine[each] != theirs[each])
        if differs:
            wrong.append(
                f"{name} was loaded before with another {', '.join(differs)}. Leave it as it was, "
                f"give it an end, and write the next version."
            )
        if mine[end] != theirs[end]:
            wrong += _badly_ended(name, mine[end], theirs[end])
    return wrong


def _badly_ended(name: str, now: date | None, before: date | None) -> list[str]:
    """Decisions of past days stand: an end is given once, and no earlier than yesterday."""
    if before is not None:
        return [f"{name} ended on {before}: that day cannot be moved."]
    if now is not None and now < timezone.localdate() - timedelta(days=1):
        return [f"{name} cannot end on {now}: people have relied on it since."]
    return []


def _content(row: models.Line) -> dict[str, Any]:
    """What a row says, by field; a provision as it is cited."""
    names = {field.name for field in row._meta.concrete_fields} - NOT_IN_THE_FILE
    said = {name: getattr(row, name) for name in names}
    return {
        name: value.cited_as if isinstance(value, models.Gateway) else value
        for name, value in said.items()
    }


def _keep(rule_set: models.RuleSet, rows: Sequence[models.Line], end: str) -> None:
    """Add the rows that are new; end those that are given an end, in the name of the rule set.

    A new row that had been withdrawn where the file was written was so before this rule set.
    """
    if not rows:
        return
    model = type(rows[0])
    known = {str(row): row for row in model._default_manager.all()}
    for row in rows:
        row.rule_set_id = rule_set.pk
        old = known.get(str(row))
        if old is not None and getattr(old, end) != getattr(row, end):
            model._default_manager.filter(pk=old.pk).update(
                **{end: getattr(row, end), "ended_in": rule_set}
            )
    new = [row for row in rows if str(row) not in known]
    for row in new:
        if isinstance(row, models.Rule) and row.is_withdrawn:
            row.ended_in = rule_set
    model._default_manager.bulk_create(map(_with_kept_gateway, new))


def _with_kept_gateway(row: models.Line) -> models.Line:
    """The row, resting on the provision as it is kept: one that was known has a row already."""
    if isinstance(row, models.Rule):
        row.gateway = models.Gateway.objects.get(code=row.gateway.code, version=row.gateway.version)
    return row

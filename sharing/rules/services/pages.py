"""What the pages about the law show, on the record."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.moments import day, london
from sharing.rules import models, policies
from sharing.rules.services import changes, musts
from sharing.rules.services.file import FileRefused
from sharing.rules.vocabulary import Category, ChangeKind, Purpose, Standing
from sharing.rules.workflow import Action, Status

TONES: Final = {
    Status.DRAFT: "grey",
    Status.SUBMITTED: "yellow",
    Status.APPROVED: "blue",
    Status.LIVE: "green",
    Status.ROLLED_BACK: "grey",
    Status.REJECTED: "grey",
}
STANDING_TONES: Final = {
    Standing.IN_FORCE: "green",
    Standing.TO_COME: "grey",
    Standing.REVIEW_DUE: "yellow",
    Standing.EXPIRED: "red",
    Standing.ENDED: "grey",
}


@dataclass(frozen=True)
class Version:
    """One version of a rule, as its history shows it."""

    number: int
    sentence: str
    days: str
    came_from: str
    why: str


@dataclass(frozen=True)
class ChangeRow:
    """One change, as a list shows it."""

    pk: UUID
    title: str
    status: Status
    tone: str
    author: str
    starts_on: object


@dataclass(frozen=True)
class ChangePage:
    """A change of the law: what it says, what it breaks, how far it is, and what may be done."""

    row: ChangeRow
    reason: str
    before: str
    after: str
    wrong: tuple[str, ...]
    broken: tuple[str, ...]
    accepted: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    is_counted: bool
    examinations: tuple[models.Examination, ...]
    steps: tuple[Action, ...]
    may_edit: bool


@dataclass(frozen=True)
class AgreementRow:
    """An agreement, as pages show it."""

    pk: UUID
    title: str
    standing: Standing
    tone: str
    facts: tuple[tuple[str, object], ...]
    is_open: bool


@transaction.atomic
def history(*, actor: Principal, number: str) -> list[Version]:
    """Every version of a rule, the newest first, for anybody with a role. Raises NotVisible."""
    rows = policies.history(number)
    made = {
        change.live_in_id: change
        for change in models.Change.objects.filter(number=number, live_in__isnull=False)
    }
    undone = {change.rolled_back_in_id: change for change in made.values()}
    record(actor, "rules.listed", obj=("rule", number))
    found = []
    for row in rows:
        made_by, undone_by = made.get(row.rule_set_id), undone.get(row.rule_set_id)
        why = made_by.reason if made_by else undone_by.rolled_back_why if undone_by else ""
        found.append(
            Version(
                number=row.version,
                sentence=policies.sentence(row.value()),
                days=_days(row),
                came_from=f"Rule set {row.rule_set.version}: {row.rule_set.title}",
                why=why,
            )
        )
    return found


@transaction.atomic
def list_changes(*, actor: Principal) -> list[ChangeRow]:
    """The newest hundred changes. Raises Refused unless the actor is an IG lead."""
    policies.require_ig_lead(actor)
    record(actor, "rules.listed", obj=("rules", "changes"))
    rows = models.Change.objects.select_related("author__user").order_by("-created_at")
    return [_row(change) for change in rows[:100]]


@transaction.atomic
def open_change(*, actor: Principal, pk: UUID) -> ChangePage:
    """One change, with all that a second person needs to decide. Raises Refused or NotVisible."""
    change = policies.change_for(actor, pk)
    record(actor, "rules.listed", obj=("change", change.pk))
    before, after = _sentences(change)
    wrong: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    waits = change.status in (Status.DRAFT, Status.SUBMITTED, Status.APPROVED)
    if waits:
        try:
            broken = tuple(must.says for must in changes.broken_by(change))
        except FileRefused as error:
            wrong = error.sentences
    sets = [each for each in (change.live_in, change.rolled_back_in) if each]
    steps = policies.steps(actor, change)
    counted = change.impacts.filter(of=changes.digest(change)).first()
    return ChangePage(
        row=_row(change),
        reason=change.reason,
        before=before,
        after=after,
        wrong=wrong,
        broken=broken,
        accepted=tuple(musts.called(change.failing)),
        facts=tuple(_facts(change)),
        is_counted=bool(counted and counted.is_done),
        examinations=tuple(models.Examination.objects.filter(rule_set__in=sets)),
        steps=tuple(steps),
        may_edit=Action.SUBMIT in steps,
    )


@transaction.atomic
def list_agreements(*, actor: Principal) -> list[AgreementRow]:
    """The register, what is in force first. Raises Refused unless the actor is an IG lead."""
    policies.require_ig_lead(actor)
    record(actor, "rules.listed", obj=("rules", "agreements"))
    rows = models.Agreement.objects.prefetch_related("parties").order_by("-ends_on", "title")
    order = list(STANDING_TONES)
    found = [_agreement(row) for row in rows]
    return sorted(found, key=lambda row: order.index(row.standing))


@transaction.atomic
def open_agreement(*, actor: Principal, pk: UUID) -> AgreementRow:
    """One agreement. Raises Refused or NotVisible."""
    row = policies.agreement_for(actor, pk)
    record(actor, "rules.listed", obj=("agreement", row.pk))
    return _agreement(row)


def _days(row: models.Rule) -> str:
    if row.is_withdrawn:
        return f"In force on no day: it was replaced on its first, {day(row.effective_from)}."
    until = f" to {day(row.effective_to)}" if row.effective_to else ""
    return f"From {day(row.effective_from)}{until}."


def _row(change: models.Change) -> ChangeRow:
    words = {ChangeKind.AMEND: "Change", ChangeKind.ADD: "Add", ChangeKind.END: "End"}
    return ChangeRow(
        pk=change.pk,
        title=f"{words[ChangeKind(change.kind)]} rule {change.number}",
        status=Status(change.status),
        tone=TONES[Status(change.status)],
        author=change.author.user.name,
        starts_on=change.starts_on,
    )


def _sentences(change: models.Change) -> tuple[str, str]:
    before = ""
    if change.from_version is not None:
        before = policies.sentence(policies.rule(change.number, change.from_version))
    made = models.Rule.objects.select_related("gateway").filter(
        number=change.number, rule_set=change.live_in_id
    )
    if change.live_in_id is not None:
        row = made.first()
        return before, policies.sentence(row.value()) if row else ""
    try:
        row = changes.propose(change, changes.first_day(change)).adds
    except FileRefused:
        return before, ""
    return before, policies.sentence(row.value()) if row else ""


def _facts(change: models.Change) -> list[tuple[str, str]]:
    found = [
        ("Drafted by", change.author.user.name),
        ("Drafted on", london(change.created_at)),
        ("First day", day(change.starts_on)),
    ]
    if change.approver is not None:
        found += [
            ("Approved by", change.approver.user.name),
            ("Approved on", london(change.approved_at)),
        ]
        if change.approved_why:
            found.append(("Why, all the same", change.approved_why))
    if change.live_in is not None:
        found.append(("Live since", london(change.live_in.created_at)))
    if change.rejected_why:
        found.append(("Why it goes no further", change.rejected_why))
    if change.rolled_back_in is not None and change.rolled_back_by is not None:
        found += [
            ("Rolled back on", london(change.rolled_back_in.created_at)),
            ("Rolled back by", change.rolled_back_by.user.name),
            ("Why it was rolled back", change.rolled_back_why),
        ]
    return found


def _agreement(row: models.Agreement) -> AgreementRow:
    standing = row.standing(timezone.localdate())
    purposes = "Every purpose"
    if len(row.purposes) < len(Purpose):
        purposes = "; ".join(Purpose(code).label for code in row.purposes)
    categories = "Every kind of information"
    if len(row.categories) < len(Category):
        categories = "; ".join(Category(code).label for code in row.categories)
    facts: list[tuple[str, object]] = [
        ("Between", ", ".join(sorted(agency.name for agency in row.parties.all()))),
        ("For", purposes),
        ("About", categories),
        ("Signed on", day(row.signed_on)),
        ("Review on", day(row.review_on)),
        ("Last day", day(row.ends_on)),
    ]
    if row.ended_why:
        facts.append(("Ended because", row.ended_why))
    return AgreementRow(
        pk=row.pk,
        title=row.title,
        standing=standing,
        tone=STANDING_TONES[standing],
        facts=tuple(facts),
        is_open=row.ended_at is None,
    )

"""Writing, sending, reading and linking information reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import LONDON
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.information import policies
from referrals.information.models import Draft, Link, Receipt, Report, Thing
from referrals.information.reading import Proposal, Reading, Row, resolve, rows
from referrals.information.vocabulary import (
    A_CHILD,
    ASKED,
    CATEGORIES,
    KINDS,
    SOURCES,
    TOLD,
    Verdict,
)
from referrals.services.items import MOST, Item, ItemKind, insist
from referrals.vocabulary import Certainty, Known, KnownHow

MOST_OWN: Final = 200
_SENT: Final = "This has been sent, so it can no longer be changed here."


@dataclass(frozen=True, repr=False)
class Information:
    """What somebody tells, whole."""

    what: str
    known_how: KnownHow
    sure: Certainty
    name_withheld: bool
    told_by: str = ""
    from_day: date | None = None
    to_day: date | None = None
    things: tuple[Item, ...] = ()


# --- To write one ---------------------------------------------------------------------------------


@transaction.atomic
def start(*, actor: Principal) -> Draft:
    """Begin a draft of the actor's own. Raises Refused for a role that does not refer."""
    casework.require_may_refer(actor)
    draft = Draft.objects.create(author_id=actor.membership_id)
    record(actor, "draft.created", obj=("information_draft", draft.pk))
    return draft


@transaction.atomic
def save(*, actor: Principal, draft: Draft, typed: Mapping[str, str]) -> Draft:
    """Keep the page of words as it was typed, finished or not.

    Raises NotVisible if the draft is not the actor's, DomainError if it has been sent.
    """
    draft = _writable(actor, draft)
    return _keep(actor, draft, {**draft.answers, "what": dict(typed)}, "what")


@transaction.atomic
def keep_thing(
    *, actor: Principal, draft: Draft, kind: ItemKind, item: str, typed: Mapping[str, str]
) -> Draft:
    """Keep one that is named, as it was typed: a new one, or that of this number.

    Raises NotVisible; DomainError if the draft has been sent, or names as many as it may.
    """
    draft = _writable(actor, draft)
    kept = things_of(draft)
    entry = {**typed, "item": item, "kind": str(kind)}
    places = [n for n, each in enumerate(kept) if each["item"] == item]
    if places:
        kept[places[0]] = entry
    elif len(kept) >= MOST:
        raise DomainError(f"{MOST} is the most that one report can name. Send a second one.")
    else:
        kept.append(entry)
    return _keep(actor, draft, {**draft.answers, "things": kept}, str(kind))


@transaction.atomic
def drop_thing(*, actor: Principal, draft: Draft, item: str) -> Draft:
    """Take one out of a draft; taking it out again changes nothing. Raises as `save` does."""
    draft = _writable(actor, draft)
    kept = [each for each in things_of(draft) if each["item"] != item]
    return _keep(actor, draft, {**draft.answers, "things": kept}, "things")


@transaction.atomic
def discard(*, actor: Principal, draft: Draft) -> None:
    """Delete an unsent draft of the actor's own. Raises as `save` does."""
    draft = _writable(actor, draft)
    pk = draft.pk
    draft.delete()
    record(actor, "draft.deleted", obj=("information_draft", pk))


@transaction.atomic
def expire() -> int:
    """Delete the drafts that nobody has touched for 30 days, and return how many."""
    gone = [draft.pk for draft in Draft.objects.forgotten().select_for_update(skip_locked=True)]
    Draft.objects.filter(pk__in=gone).delete()
    for pk in gone:
        record(None, "draft.deleted", obj=("information_draft", pk))
    return len(gone)


def things_of(draft: Draft) -> list[dict[str, str]]:
    """What a draft names, as it was typed."""
    return list(draft.answers.get("things", []))


def _writable(actor: Principal, draft: Draft) -> Draft:
    found = policies.drafts(actor).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise NotVisible("draft", str(draft.pk))
    if found.sent_at is not None:
        raise DomainError(_SENT)
    return found


def _keep(actor: Principal, draft: Draft, answers: dict[str, object], page: str) -> Draft:
    draft.answers, draft.saved_at = answers, timezone.now()
    draft.save(update_fields=["answers", "saved_at"])
    record(actor, "draft.saved", obj=("information_draft", draft.pk), fields=[page])
    return draft


class ChangedElsewhere(DomainError):
    """Other words are saved than those that were looked at. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("This was changed in another window. Check it again before you send it.")


# --- To send it -----------------------------------------------------------------------------------


@transaction.atomic
def send(*, actor: Principal, draft: Draft, told: Information, seen: str | None = None) -> str:
    """Send what a draft says, tell police leads and coordinators, and return its reference.

    Sent twice, it answers the same. `told` is what the door read from `draft`, and `seen` the
    version of it that the actor has looked at: if other words are saved now, ChangedElsewhere, and
    nothing is sent. Raises NotVisible, Refused for a role that does not refer, or DomainError for
    what is no report, or when nobody would read it.
    Legal source: Crime and Disorder Act 1998 s.115.
    """
    casework.require_may_refer(actor)
    found = policies.drafts(actor).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise NotVisible("draft", str(draft.pk))
    if found.sent_at is not None:
        return found.reference
    if found.whole != draft.whole or seen not in {None, found.whole}:
        raise ChangedElsewhere
    report = _sent(actor, told, found.pk)
    found.answers, found.sent_at, found.reference = {}, report.sent_at, report.reference
    found.save(update_fields=["answers", "sent_at", "reference"])
    return report.reference


def _sent(actor: Principal, told: Information, key: UUID) -> Report:
    _insist(told)
    (partnership,) = actor.partnership_ids
    teams = policies.reading_teams(partnership, actor.agency_kind, actor.agency_id)
    readers = people.live_memberships(team for team in teams if policies.told_first(team))
    if not readers:
        raise DomainError(
            "This cannot be sent from here now: nobody would read it. Nothing is lost. Ring 101,"
            " or 999 if somebody is in danger."
        )
    report = Report.objects.create(
        partnership_id=partnership,
        agency_id=actor.agency_id,
        author_id=actor.membership_id,
        what=told.what.strip(),
        known_how=told.known_how,
        told_by=told.told_by.strip(),
        sure=told.sure,
        from_day=told.from_day,
        to_day=told.to_day,
        name_withheld=told.name_withheld,
        sent_at=timezone.now(),
        key=key,
    )
    Thing.objects.bulk_create(_things(report, told.things))
    cause = record(
        actor,
        "information.sent",
        obj=("information", report.pk),
        fields=[str(category) for category in CATEGORIES],
    )
    for member in readers:
        owe(recipient=member, kind=Kind.INFORMATION, reference="", case=None, cause=cause)
    return report


def _insist(told: Information) -> None:
    if not told.what.strip():
        raise DomainError("Tell us what you know. A short note is enough.")
    today = timezone.now().astimezone(LONDON).date()
    days = [each for each in (told.from_day, told.to_day) if each]
    if any(each > today for each in days):
        raise DomainError("The day must be today or in the past.")
    if told.to_day and (told.from_day is None or told.from_day > told.to_day):
        raise DomainError("The first day must be given, and come before the last day.")
    sources = [told.known_how, *(item.known_how for item in told.things)]
    if any(source not in SOURCES for source in sources):
        raise DomainError("Say of each if you saw it, were told it, or have it from a record.")
    if len(told.things) > MOST or any(item.kind not in KINDS for item in told.things):
        raise DomainError(f"A report names people, places and means, and at most {MOST} of them.")
    insist(told.things)
    if any(set(item.fields) - set(ASKED[item.kind]) for item in told.things):
        raise DomainError("This is not asked here.")


def _things(report: Report, items: Iterable[Item]) -> Iterable[Thing]:
    for place, item in enumerate(items, start=1):
        child = item.fields.get("may_be_child") == Known.YES
        yield Thing(
            report=report,
            place=place,
            kind=item.kind,
            category=A_CHILD if child else TOLD,
            known_how=item.known_how,
            details={name: value.strip() for name, value in item.fields.items() if value.strip()},
        )


# --- To read it -----------------------------------------------------------------------------------


@transaction.atomic
def list_reports(*, actor: Principal, page: Iterable[Report]) -> list[Row]:
    """Resolve one page of the list, and write down which reports were on it. Raises Refused."""
    purpose = policies.require_reader(actor)
    found = rows(page)
    record(actor, "information.listed", purpose=purpose, ids=[row.pk for row in found])
    return found


@transaction.atomic
def read_report(*, actor: Principal, reference: str) -> Reading:
    """Open a report on the record. Raises NotVisible to whom it is not for."""
    report = policies.report_for(actor, reference)
    found = resolve(actor, report)
    record(
        actor,
        "information.read",
        obj=("information", report.pk),
        purpose=policies.reads_for(actor) or "",
        why=found.why,
        basis=found.basis,
        fields=found.fields,
        # Comparing opens the cases that are proposed.
        ids=sorted({proposal.case for proposal in found.proposals}),
        withheld=found.withheld,
    )
    return found


@transaction.atomic
def mark_read(*, actor: Principal, reference: str) -> Receipt:
    """Say that a report has been read, once; its author is told that, and nothing more.

    Raises NotVisible, or Refused to the author, in whatever role: somebody else reads it.
    """
    pk = policies.report_for(actor, reference).pk
    Report.objects.select_for_update().get(pk=pk)
    report = policies.report_for(actor, reference)
    if report.author.user_id == actor.user_id:
        raise Refused(
            "You sent this. Somebody else says that they have read it",
            kind="information",
            pk=str(report.pk),
            action="mark as read",
        )
    before = Receipt.objects.filter(report=report).first()
    if before is not None:
        return before
    made = Receipt.objects.create(report=report, reader_id=actor.membership_id)
    cause = record(actor, "information.acknowledged", obj=("information", report.pk))
    owe(
        recipient=Membership.objects.get(pk=report.author_id),
        kind=Kind.INFORMATION_READ,
        reference="",
        case=None,
        cause=cause,
    )
    return made


@transaction.atomic
def list_own(*, actor: Principal) -> list[Row]:
    """What the actor has sent and how far it has got, the latest first, on the record."""
    found = rows(policies.sent(actor).for_rows()[:MOST_OWN])
    record(actor, "information.followed", ids=[row.pk for row in found])
    return found


@transaction.atomic
def follow(*, actor: Principal, reference: str) -> Row:
    """How far a report has got, for the person who sent it: received, read, and nothing more.

    Raises NotVisible to anybody else.
    """
    report = policies.sent_for(actor, reference)
    record(actor, "information.followed", obj=("information", report.pk))
    (row,) = rows([report])
    return row


@transaction.atomic
def open_proposal(*, actor: Principal, reference: str, thing: UUID, statement: UUID) -> Proposal:
    """One link that is proposed to the actor, on the record. Raises NotVisible for any other."""
    found = _proposal(actor, policies.report_for(actor, reference), thing, statement)
    record(
        actor,
        "information.read",
        obj=("information_thing", thing),
        purpose=policies.reads_for(actor) or "",
        ids=[found.case],
    )
    return found


def _proposal(actor: Principal, report: Report, thing: UUID, statement: UUID) -> Proposal:
    for proposal in resolve(actor, report).proposals:
        if (proposal.thing, proposal.statement) == (thing, statement):
            return proposal
    raise NotVisible("information", report.reference)


@transaction.atomic
def decide_link(
    *,
    actor: Principal,
    reference: str,
    thing: UUID,
    statement: UUID,
    verdict: Verdict,
    reason: str,
) -> Link:
    """Say whether one that is named in a report and on a case is the same, and why.

    It opens neither the case nor the report to anybody. The same from the same person again
    changes nothing. Raises NotVisible unless it is proposed to the actor, or was decided on a case
    of theirs; Refused to somebody who reads the case in an emergency only; DomainError without a
    reason, or when it was decided otherwise.
    """
    report = policies.report_for(actor, reference)
    Report.objects.select_for_update().get(pk=report.pk)
    before = (
        policies.links(actor).filter(thing=thing, thing__report=report, statement=statement).first()
    )
    if before is not None:
        return _decided_before(actor, before, verdict, reason)
    proposal = _proposal(actor, report, thing, statement)
    case = casework.visible(actor).get(pk=proposal.case)
    casework.require_more_than_emergency(actor, case)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    made = Link.objects.create(
        thing_id=thing,
        statement_id=statement,
        case=case,
        verdict=verdict,
        reason=reason.strip(),
        by_id=actor.membership_id,
    )
    confirmed = verdict is Verdict.CONFIRMED
    # Not in the case's own trail: its readers may not know of the report.
    record(
        actor,
        "information.linked" if confirmed else "information.not_linked",
        obj=("information_link", made.pk),
        subjects=[case.child_id],
        ids=[report.pk, case.pk],
    )
    return made


def _decided_before(actor: Principal, before: Link, verdict: Verdict, reason: str) -> Link:
    mine = before.by_id == actor.membership_id
    if mine and (before.verdict, before.reason) == (verdict, reason.strip()):
        return before
    who = "You have" if mine else "Somebody has"
    raise DomainError(
        f"{who} decided this already. Nothing is lost: that stands as it was, and this was not"
        " recorded. Read it on the page of the report."
    )

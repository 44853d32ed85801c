"""Sending an information report, once and whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import LONDON
from portal.common.errors import DomainError, NotVisible
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.information import policies
from referrals.information.models import Draft, Report, Thing
from referrals.information.vocabulary import (
    A_CHILD,
    ASKED,
    CATEGORIES,
    KINDS,
    SOURCES,
    TOLD,
)
from referrals.services.items import MOST, Item, insist
from referrals.vocabulary import Certainty, Known, KnownHow


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


class ChangedElsewhere(DomainError):
    """Other words are saved than those that were looked at. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("This was changed in another window. Check it again before you send it.")


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

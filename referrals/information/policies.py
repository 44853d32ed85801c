"""Who may know of an information report, and what of it they may read: the law, asked each time.

A report is about nobody's case, so no grant opens it and no wall stands before it. It is for the
police and for the front door; for what each part is, the law must say yes to each of them, at
the moment of reading. Legal source: Crime and Disorder Act 1998 s.115, for the police (rule 16);
Children Act 2004 s.11, Education Act 2002 s.175 and s.115, for the front door (rules 6a to 6d).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals import policies as casework
from referrals.information.models import Draft, DraftQuerySet, Link, Report, ReportQuerySet
from referrals.information.vocabulary import CATEGORIES, READS_FOR, SOURCE, TOLD
from sharing.rules import policies as law
from sharing.rules.decision import Decision, Facts, Recipient, decide
from sharing.rules.vocabulary import Category, Purpose

_NO_AGENCY: Final = UUID(int=0)


def reads_for(reader: Recipient) -> Purpose | None:
    """What somebody reads reports for; None where reports are not for them."""
    return READS_FOR.get((reader.agency_kind, reader.role))


def require_reader(principal: Principal) -> Purpose:
    """Insist that reports are for this role at all. Raises Refused."""
    purpose = reads_for(principal)
    if purpose is None:
        raise Refused(
            "Information reports are for the police and the front door",
            kind="information",
            action="list",
        )
    return purpose


def opened(
    reader: Recipient,
    holders: Iterable[tuple[AgencyKind, UUID]],
    at: datetime,
    categories: Iterable[Category] = CATEGORIES,
) -> dict[tuple[AgencyKind, UUID], Mapping[Category, Decision]]:
    """What the law opens to a reader of each holder's reports at `at`: each yes, by category."""
    purpose = reads_for(reader)
    if purpose is None:
        return {}
    rules, agreed = law.in_force(at), law.agreed(reader.agency_id, purpose, at)
    found: dict[tuple[AgencyKind, UUID], Mapping[Category, Decision]] = {}
    for kind, agency in holders:
        facts = Facts(rules=rules, holder_kind=kind, holder_agency=agency)
        answers = {
            each: decide(reader, replace(facts, agreement=each in agreed), each, purpose, at)
            for each in categories
        }
        found[kind, agency] = {
            each: ruling
            for each, ruling in answers.items()
            if casework.says_yes(ruling, each, agreed)
        }
    return found


def opens(principal: Principal, report: Report) -> Mapping[Category, Decision]:
    """What the law opens to the principal of this report, now."""
    holder = (AgencyKind(report.agency.kind), report.agency_id)
    return opened(principal, [holder], timezone.now()).get(holder, {})


def visible(principal: Principal) -> ReportQuerySet:
    """The reports that the principal may read, now. Every reader's lookup starts here.

    Those of the principal's partnerships, from the kinds of agency of which the law lets this
    reader see what they told.
    """
    own = (principal.agency_kind, principal.agency_id)
    holders = [own, *((kind, _NO_AGENCY) for kind in AgencyKind)]
    yes = [
        who for who, found in opened(principal, holders, timezone.now(), [TOLD]).items() if found
    ]
    return Report.objects.filter(
        Q(agency__kind__in=[kind for kind, agency in yes if agency == _NO_AGENCY])
        | Q(agency__in=[agency for _, agency in yes]),
        partnership_id__in=principal.partnership_ids,
    )


def report_for(principal: Principal, reference: str) -> Report:
    """Return the report with this reference. Raises NotVisible: hidden and missing are the same."""
    found = (
        visible(principal)
        .select_related("agency", "author__user", "author__team", "receipt")
        .filter(reference=_tidy(reference))
        .first()
    )
    if found is None:
        raise NotVisible("information", reference)
    return found


def sent(principal: Principal) -> ReportQuerySet:
    """The reports that the principal has sent, in this membership."""
    return Report.objects.filter(author_id=principal.membership_id)


def sent_for(principal: Principal, reference: str) -> Report:
    """Return a report that the principal sent, to follow it. Raises NotVisible."""
    found = sent(principal).select_related("receipt").filter(reference=_tidy(reference)).first()
    if found is None:
        raise NotVisible("information", reference)
    return found


def links(principal: Principal) -> QuerySet[Link]:
    """What was found about links to the cases that the principal may know of."""
    return Link.objects.filter(case__in=casework.visible(principal))


def drafts(principal: Principal) -> DraftQuerySet:
    """The drafts that the principal writes, in this membership, and no one else's."""
    return Draft.objects.filter(author_id=principal.membership_id)


def draft_for(principal: Principal, pk: UUID) -> Draft:
    """Return the principal's draft, sent or not. Raises NotVisible."""
    found = drafts(principal).filter(pk=pk).first()
    if found is None:
        raise NotVisible("draft", str(pk))
    return found


def reading_teams(partnership: UUID, holder: AgencyKind, agency: UUID) -> list[Team]:
    """The teams to which the law opens what an agency tells in this partnership, now."""
    roles = {role for _, role in READS_FOR}
    now = timezone.now()
    return [
        team
        for team in people.teams_in(partnership, *sorted(roles))
        if opened(law.recipient(team), [(holder, agency)], now, [TOLD]).get((holder, agency))
    ]


def told_first(team: Team) -> bool:
    """Tell whether this team's members are told that there is a new report."""
    return Role(team.role) in (Role.AGENCY_LEAD, Role.COORDINATOR)


def who_will_read(principal: Principal) -> list[tuple[str, str]]:
    """Who will be able to read a report if the principal sends it now: the law's real answer.

    Pairs of (team in words, whether they read a name that is withheld).
    """
    if len(principal.partnership_ids) != 1:
        return []
    holder, now = (principal.agency_kind, principal.agency_id), timezone.now()
    found = []
    for team in reading_teams(principal.partnership_ids[0], *holder):
        yes = opened(law.recipient(team), [holder], now)[holder]
        name = "Yes" if SOURCE in yes else "No"
        found.append((f"{Role(team.role).label}, {team.agency.name}", name))
    return found


def _tidy(typed: str) -> str:
    return typed.strip().upper()

"""Reading the record of sharing, itself on the record."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import MOST_IDS
from portal.audit.services import record as write
from portal.common.errors import NotVisible
from referrals import policies as casework
from referrals.models import Case, Grant
from referrals.reading import Reading
from referrals.services import read_opened
from sharing.disclosures import policies
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.chronology import Chronology, chronology
from sharing.disclosures.reading.preview import as_team, viewed_by
from sharing.disclosures.reading.records import (
    Entry,
    Record,
    Sharing,
    decisions,
    entries,
    record_of,
    sharing,
)
from sharing.disclosures.reading.requests import Asked, requests_on
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.vocabulary import Result
from sharing.rules.vocabulary import Purpose


@dataclass(frozen=True, repr=False)
class Prepared:
    """A share being prepared: whether it waits for advice, or has it."""

    pk: UUID
    recipient: str
    purpose: str
    state: str


@dataclass(frozen=True, repr=False)
class SharingPage:
    """What the Sharing page of a case says to one person."""

    reference: str
    teams: tuple[Sharing, ...]
    drafts: tuple[Prepared, ...]
    requests: tuple[Asked, ...]
    reads_all: bool
    shares_now: bool
    oversees: bool


@transaction.atomic
def read_sharing(*, actor: Principal, reference: str) -> SharingPage:
    """Who holds what of a case, who was asked for more, and what the actor is preparing.

    Raises NotVisible or Refused.
    """
    case = casework.case_for(actor, reference)
    may_share = policies.may_share(actor, case)
    found = SharingPage(
        reference=case.reference,
        teams=sharing(actor, case, may_share=may_share),
        drafts=tuple(_prepared(actor, case)),
        requests=tuple(requests_on(case, actor)),
        reads_all=policies.reads_holders(actor),
        shares_now=may_share and not casework.standing(actor, case).emergency,
        oversees=may_share and policies.shares_whatever_they_see(actor),
    )
    write(actor, "share.listed", case=case.pk, subjects=[case.child_id])
    return found


@transaction.atomic
def read_chronology(
    *, actor: Principal, reference: str, strand: str = "", oldest_first: bool = False
) -> Chronology:
    """Read a case in order of time, on the record as any reading of it. Raises NotVisible, Refused.

    `strand` is one of `Strand`, or "" for all of it.
    """
    case = casework.case_for(actor, reference)
    return chronology(
        actor,
        case,
        read_opened(actor=actor, case=case),
        may_share=policies.may_share(actor, case),
        strand=strand,
        oldest_first=oldest_first,
    )


def _prepared(actor: Principal, case: Case) -> list[Prepared]:
    mine = list(policies.drafts(actor, case).filter(disclosed_at__isnull=True).order_by("saved_at"))
    teams = Team.objects.select_related("agency").in_bulk(
        {draft.answers["who"]["team"] for draft in mine if draft.answers.get("who")}
    )
    rows = []
    for draft in mine:
        who = draft.answers.get("who", {})
        team = teams.get(who.get("team", 0))
        waits = "Waits for advice" if draft.asked_at else "Begun"
        rows.append(
            Prepared(
                pk=draft.pk,
                recipient=team_words(team) if team else "Not chosen yet",
                purpose=Purpose(who["purpose"]).label if who else "",
                state="There is advice" if draft.advised_at else waits,
            )
        )
    return rows


@transaction.atomic
def read_record(*, actor: Principal, pk: UUID) -> Record:
    """One decision in plain words, with what the law answered. Raises NotVisible."""
    found = policies.disclosure_for(actor, pk)
    write(
        actor,
        "share.read",
        case=found.case_id,
        obj=("disclosure", found.pk),
        subjects=[found.case.child_id],
    )
    return record_of(actor, found)


@transaction.atomic
def read_done(*, actor: Principal, draft: ShareDraft) -> list[Record]:
    """The decisions that the actor's draft became. Raises NotVisible."""
    draft = policies.draft_for(actor, draft.pk)
    made = [policies.disclosure_for(actor, each.pk) for each in decisions(draft)]
    write(
        actor,
        "share.read",
        case=draft.case_id,
        obj=("share", draft.pk),
        subjects=[draft.case.child_id],
        ids=[each.pk for each in made],
    )
    return [record_of(actor, each) for each in made]


@dataclass(frozen=True, repr=False)
class SeenAs:
    """A case as a team reads it, and the teams to choose from."""

    reference: str
    teams: tuple[tuple[int, str], ...]
    team: str
    reading: Reading | None


@transaction.atomic
def view_as(*, actor: Principal, reference: str, team: str) -> SeenAs:
    """Read the case as a team with a share of it reads it. Raises NotVisible or Refused.

    For whoever coordinates or manages the case: to see what a colleague sees before ringing them.
    Of what the actor may not read they learn that the team reads it, and no word of it.
    """
    case = casework.case_for(actor, reference)
    casework.require_oversees(actor, case)
    held = Grant.objects.live().of_teams().filter(content_object=case).values("group")
    teams = {
        each.pk: each
        for each in Team.objects.filter(pk__in=held)
        .select_related("agency")
        .order_by("agency__name", "role")
    }
    chosen = teams.get(int(team)) if team.isdecimal() and len(team) < 10 else None
    if team and chosen is None:
        raise NotVisible("team", team)
    reading = viewed_by(actor, case, as_team(chosen, case)) if chosen else None
    read = (item for item in reading.items if item.value is not None) if reading else ()
    write(
        actor,
        "case.viewed_as" if chosen else "share.listed",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=sorted({str(item.category) for item in read}),
        withheld=reading.withheld if reading else 0,
    )
    return SeenAs(
        reference=case.reference,
        teams=tuple((pk, team_words(each)) for pk, each in teams.items()),
        team=team_words(chosen) if chosen else "",
        reading=reading,
    )


@dataclass(frozen=True, repr=False)
class Register:
    """One page of the register: its decisions in words, and how many there are of each sort."""

    entries: tuple[Entry, ...]
    totals: tuple[tuple[str, ...], ...]
    page: Page[Entry]


@transaction.atomic
def read_register(*, actor: Principal, page: str = "") -> Register:
    """One page of the register, the newest decisions first, and the totals by purpose.

    Which decisions were on it is on the record. Raises Refused.
    """
    rows: Page[Any] = Paginator(policies.register(actor), 25).get_page(page or 1)
    shown = entries(actor, rows.object_list)
    write(actor, "register.read", ids=[row.pk for row in rows.object_list])
    # Whoever shows the page gets words, and no row of the register.
    rows.object_list = shown
    return Register(entries=tuple(shown), totals=tuple(_totals(actor)), page=rows)


@transaction.atomic
def export_register(*, actor: Principal) -> list[Entry]:
    """Take the register out, at most the newest 5,000 decisions. Raises Refused."""
    rows = list(policies.register(actor)[:5000])
    write(
        actor,
        "register.exported",
        recipient=("user", actor.user_id),
        ids=[row.pk for row in rows[:MOST_IDS]],
    )
    return entries(actor, rows)


def _totals(actor: Principal) -> list[tuple[str, ...]]:
    """How many decisions, by purpose and by what was decided. One query."""
    counted: Counter[tuple[str, str]] = Counter()
    rows = policies.register(actor).order_by().select_related(None)
    for purpose, result, count in rows.values_list("purpose", "result").annotate(n=Count("pk")):
        counted[purpose, result] += count
    return [
        (purpose.label, *(str(counted[purpose, result]) for result in Result))
        for purpose in Purpose
        if any(counted[purpose, result] for result in Result)
    ]

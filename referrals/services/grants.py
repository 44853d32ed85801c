"""Grants: given where the law says yes, ended with a reason, always on the record."""

from collections.abc import Collection, Iterable
from copy import copy
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Team
from portal.accounts.vocabulary import AgencyKind, Principal
from portal.audit.services import record
from referrals import policies
from referrals.models import Case, Grant, Statement
from referrals.vocabulary import Fate
from sharing.rules import policies as law
from sharing.rules.decision import Decision as Ruling
from sharing.rules.vocabulary import Category, Obligation, Purpose

AGAIN: Final = "held against the law again"
"""Completes "the portal, by rule, when the referral was ..."."""


def share_by_rule(
    *,
    case: Case,
    team: Team,
    holder: Agency,
    purpose: Purpose,
    at: datetime,
    service: str,
    by: UUID | None = None,
    until: datetime | None = None,
    only: Membership | None = None,
    categories: Collection[Category] = tuple(Category),
) -> list[Grant]:
    """Ask the law about each category of what `holder` holds; remember every yes as a grant.

    A yes that is only for agencies that have signed an agreement is no yes to an agency that has
    none in force, and it ends with the agreement, to the second.

    One grant for each rule that said yes, naming its version, gateway and reason; no grant where
    the law says ask, redact or deny. `service` completes "the portal, by rule, when the referral
    was ..."; `by` is the membership whose decision let the rule speak, if it was somebody's; `only`
    is the one member of the team to whom it opens, `until` some moment, where it is not all of it.
    `categories` are those that are asked about, where it is not every one.
    """
    answers = policies.rulings(team, AgencyKind(holder.kind), holder.pk, purpose, at)
    answers = {code: ruling for code, ruling in answers.items() if code in categories}
    blank = Grant(
        content_object=case,
        group=team,
        permission=view_case(),
        holder=holder,
        purpose=purpose,
        granted_by_id=by,
        granted_by_service=service,
        from_at=at,
        until_at=until,
        only=only,
    )
    return _given(blank, answers, law.agreed(team.agency_id, purpose, at))


def _given(
    blank: Grant, answers: dict[Category, Ruling], agreed: dict[Category, datetime]
) -> list[Grant]:
    """Remember every yes as a grant like `blank`; one that rests on an agreement ends with it."""
    purpose = Purpose(blank.purpose)
    allowed: dict[tuple[str, int, datetime | None], tuple[Ruling, list[Category]]] = {}
    for category, ruling in answers.items():
        if not policies.says_yes(ruling, category, agreed):
            continue
        until = blank.until_at
        if Obligation.SIGNED_AGREEMENT in ruling.obligations:
            until = min(until, agreed[category]) if until else agreed[category]
        rule = (ruling.rule, ruling.version, until)
        allowed.setdefault(rule, (ruling, []))[1].append(category)
    made = []
    whom = "person" if blank.only_id else "team"
    for (_, _, until), (ruling, categories) in allowed.items():
        # What a narrower grant names is of the kinds that it still opens.
        named = _of_kinds(blank.statements, categories)
        if blank.statements and not named:
            continue
        grant = Grant.objects.create(
            content_object_id=blank.content_object_id,
            group=blank.group,
            permission_id=blank.permission_id,
            holder_id=blank.holder_id,
            categories=categories,
            extent=blank.extent,
            statements=named,
            purpose=purpose,
            gateway=ruling.gateway,
            rule=ruling.rule,
            rule_version=ruling.version,
            reason=ruling.reason,
            necessity=f"To {purpose.label[:1].lower()}{purpose.label[1:]}: {ruling.reason}",
            proportionality=(
                f"Only what {law.name(ruling.rule)} opens: {len(categories)} of {len(Category)} "
                f"kinds of information, of one holder, for one {whom}."
            ),
            obligations=[str(obligation) for obligation in ruling.obligations],
            granted_by_id=blank.granted_by_id,
            granted_by_service=blank.granted_by_service,
            from_at=blank.from_at,
            until_at=until,
            only=blank.only,
        )
        made.append(grant)
    return made


def _of_kinds(statements: list[UUID], categories: list[Category]) -> list[UUID]:
    if not statements:
        return []
    found = Statement.objects.filter(pk__in=statements, category__in=categories)
    return list(found.order_by("stated_at", "pk").values_list("pk", flat=True))


def examine(*, grant: Grant, why: str, at: datetime) -> tuple[Fate, list[Grant]]:
    """Hold a live grant against the law of `at`; say what became of it, and what was given again.

    It is kept where its own rule and version still answer yes to all of it, or where a person
    gave it and not a rule. Otherwise it ends, with `why`, and is given again, by the rule that
    answers now, for those of its categories that are still open: never for more than it opened,
    or for longer. What a person gave stays theirs: the caller puts it on the record that holds
    the old one. The caller has the lock, and a transaction. UK GDPR article 5(1)(b), (c).
    """
    rule = policies.rule_behind(grant)
    if rule is None:
        return Fate.KEPT, []
    team = Team.objects.select_related("agency").get(pk=grant.group_id)
    purpose = Purpose(grant.purpose)
    facts = policies.facts_of(grant, rule, law.in_force(at))
    answers = policies.asked_again(team, facts, map(Category, grant.categories), purpose, at)
    agreed = law.agreed(team.agency_id, purpose, at)
    found = policies.fate(grant, answers, agreed)
    if found is Fate.KEPT:
        return found, []
    case = grant.content_object
    _end(grant, why)
    record(None, "grant.ended", case=case.pk, obj=("grant", grant.pk), subjects=[case.child_id])
    blank = copy(grant)
    blank.from_at = at
    if grant.granted_by_service:
        blank.granted_by_id, blank.granted_by_service = None, AGAIN
    again = _given(blank, answers, agreed)
    record_grants(None, case, again)
    return found, again


def view_case() -> Permission:
    """What a grant permits: to see the case, as far as the grant says."""
    return Permission.objects.get(content_type__app_label="referrals", codename="view_case")


def teams_of(grants: Iterable[Grant]) -> list[Team]:
    """Return the teams that these grants name, each once."""
    return list(Team.objects.filter(pk__in={grant.group_id for grant in grants}))


def record_grants(actor: Principal | None, case: Case, grants: Iterable[Grant]) -> None:
    """Write a disclosure to the ledger for each grant: to which team, what, why, by which rule."""
    for grant in grants:
        record(
            actor,
            "grant.given",
            case=case.pk,
            obj=("grant", grant.pk),
            subjects=[case.child_id],
            recipient=("user", grant.only.user_id) if grant.only else ("team", grant.group.name),
            purpose=grant.purpose,
            basis=grant.gateway,
            why=f"rule:{grant.rule}/{grant.rule_version}",
            fields=[str(category) for category in grant.categories],
        )


def end_panel_grants(actor: Principal, case: Case, why: str) -> None:
    """End what the panel was given, because its work on the case is over. The caller has the lock.

    The front door keeps its own sight of the case: it answers for the record.
    """
    live = Grant.objects.live().filter(content_object=case, purpose=Purpose.PANEL)
    for grant in live.select_for_update().order_by("pk"):
        _end(grant, why)
        record(
            actor, "grant.ended", case=case.pk, obj=("grant", grant.pk), subjects=[case.child_id]
        )


def end_grants(actor: Principal, case: Case, grants: Iterable[Grant], why: str) -> list[Grant]:
    """End those of these grants that are live, and return them.

    The caller holds the case's lock and has asked who may.
    """
    live = Grant.objects.live().filter(content_object=case, pk__in=[grant.pk for grant in grants])
    ended = list(live.select_for_update().order_by("pk"))
    for grant in ended:
        _end(grant, why)
        record(
            actor, "grant.ended", case=case.pk, obj=("grant", grant.pk), subjects=[case.child_id]
        )
    return ended


def _end(grant: Grant, why: str) -> None:
    grant.ended_at = timezone.now()
    grant.ended_why = why
    grant.save(update_fields=["ended_at", "ended_why"])


def sweep_sights() -> int:
    """Clear away the rows of `Sight` that ended long ago, and return how many they were.

    They open nothing: a sight ends inside the query, by the database's clock. They only lie in
    the way of lists.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT referrals_sight_sweep()")
        return int(cursor.fetchone()[0])

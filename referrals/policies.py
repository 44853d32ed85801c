"""Who may see which case, how they stand to it, and what they may do with it now."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals.models import (
    Case,
    CaseQuerySet,
    EmergencyAccess,
    Grant,
    GrantQuerySet,
    Referral,
    Statement,
    Wall,
    tidy_reference,
)
from referrals.vocabulary import ASKED, Extent, Priority, Protect
from referrals.workflow import TRANSITIONS, Action, Relation
from sharing.rules import policies as law
from sharing.rules.decision import Decision, Facts, TeamRecipient, decide_all
from sharing.rules.vocabulary import Category, Purpose
from sharing.rules.vocabulary import Outcome as Ruled

BOARD_SEES_TOTALS = "Board roles see totals, not children's records"

# How a grant to a team of this role makes its members stand to the case.
_STANDING = {
    Role.COORDINATOR: Relation.COORDINATOR,
    Role.MANAGER: Relation.MANAGER,
    Role.PANEL_CHAIR: Relation.PANEL_CHAIR,
    Role.PANEL_MEMBER: Relation.PANEL_MEMBER,
    Role.AGENCY_LEAD: Relation.AGENCY_LEAD,
}

_REFERS = frozenset({Role.PRACTITIONER, Role.AGENCY_LEAD, Role.COORDINATOR, Role.MANAGER})


def grants(principal: Principal) -> GrantQuerySet:
    """The live grants that name the principal's team. Nothing else opens a case to a team."""
    return Grant.objects.live().filter(group_id=principal.team_id)


def authored(principal: Principal) -> Exists:
    """The one other way in: an author sees what they sent, in the membership they sent it from."""
    return Exists(Referral.objects.filter(case=OuterRef("pk"), author_id=principal.membership_id))


def emergencies(principal: Principal) -> QuerySet[EmergencyAccess]:
    """The emergency accesses that open a case to the principal, in this membership, now."""
    now = Now()
    return EmergencyAccess.objects.filter(
        membership_id=principal.membership_id,
        from_at__lte=now,
        until_at__gt=now,
        ended_at__isnull=True,
    )


def walls(principal: Principal) -> QuerySet[Wall]:
    """The conflicts of interest that stand against this person, whatever role they act in."""
    return Wall.objects.filter(user_id=principal.user_id, lifted_at__isnull=True)


def visible(principal: Principal) -> CaseQuerySet:
    """The cases that the principal may know of, at this moment. Every lookup starts here."""
    opened = Exists(grants(principal).filter(content_object=OuterRef("pk")))
    emergency = Exists(emergencies(principal).filter(case=OuterRef("pk")))
    walled = Exists(walls(principal).filter(case=OuterRef("pk")))
    return Case.objects.filter(
        opened | authored(principal) | emergency,
        ~walled,
        partnership_id__in=principal.partnership_ids,
    )


def case_for(principal: Principal, reference: str) -> Case:
    """Return the visible case with this reference.

    Raises NotVisible when there is none or the principal may not know of it: the same answer.
    Raises Refused for a board chair, whatever the reference, before anything is looked up.
    """
    if principal.role is Role.BOARD_CHAIR:
        raise Refused(BOARD_SEES_TOTALS, kind="case", pk=reference, action="read")
    found = (
        visible(principal)
        .select_related("child", "partnership", "coordinator__user", "coordinator__team__agency")
        .filter(reference=tidy_reference(reference))
        .first()
    )
    if found is None:
        raise NotVisible("case", reference)
    return found


def require_case_list(principal: Principal) -> None:
    """Insist that the principal's role works with cases at all. Raises Refused."""
    if principal.role is Role.BOARD_CHAIR:
        raise Refused(BOARD_SEES_TOTALS, kind="case", action="list")


def may_refer(principal: Principal) -> bool:
    """Tell whether this membership may report a concern here."""
    return principal.role in _REFERS and len(principal.partnership_ids) == 1


def require_may_refer(principal: Principal) -> None:
    """Insist on it. Raises Refused, with the way to report a concern all the same."""
    if not may_refer(principal):
        raise Refused(
            "This role does not send referrals here. If you are worried about a child, call the"
            " front door: the number is at the foot of the page",
            kind="referral",
            action="submit",
        )


def relations(principal: Principal, case: Case) -> frozenset[Relation]:
    """How the principal stands to this case now. Empty when it is not visible."""
    found: set[Relation] = set()
    if walls(principal).filter(case=case).exists():
        return frozenset()
    if emergencies(principal).filter(case=case).exists():
        found.add(Relation.READER)
    if Referral.objects.filter(case=case, author_id=principal.membership_id).exists():
        found.add(Relation.REFERRER)
    if grants(principal).filter(content_object=case).exists():
        found.add(_STANDING.get(principal.role, Relation.READER))
    return frozenset(found)


def require_may_take_copy(principal: Principal, case: Case) -> None:
    """Insist that the principal may take the case out of the portal as a file.

    Whoever reads it may, but for emergency access: that is to read, here, for an hour.
    Raises Refused; the case is visible to the principal.
    """
    if not may_take_copy(principal, case):
        raise Refused(
            "Emergency access lets you read this case here. It lets nobody take a copy",
            kind="case",
            pk=str(case.pk),
            action="export",
        )


def may_take_copy(principal: Principal, case: Case) -> bool:
    """Tell whether the principal may take the case, which is visible to them, out as a file."""
    return not emergencies(principal).filter(case=case).exists()


def whose_child_is_known(principal: Principal) -> CaseQuerySet:
    """The visible cases in whose row of a list the principal reads who the child is.

    So it is where the principal sent the first referral, or a live grant of their team opens the
    identity (IC1) that its sender holds: the same as in `reading.summaries`.
    """
    first = Referral.objects.filter(case=OuterRef("pk")).order_by("sent_at", "pk")
    opened = grants(principal).filter(
        content_object=OuterRef("pk"),
        holder=OuterRef("first_agency"),
        extent=Extent.WHOLE,
        categories__contains=[Category.IC1],
    )
    return (
        visible(principal)
        .alias(
            first_agency=Subquery(first.values("agency")[:1]),
            first_author=Subquery(first.values("author")[:1]),
        )
        .filter(Exists(opened) | Q(first_author=principal.membership_id))
    )


def oversees(principal: Principal, case: Case) -> bool:
    """Tell whether the principal coordinates or manages the case now."""
    return bool({Relation.COORDINATOR, Relation.MANAGER} & relations(principal, case))


def sent_by(principal: Principal, case: Case) -> bool:
    """Tell whether the principal sent a referral of this case."""
    return Relation.REFERRER in relations(principal, case)


def require_oversees(principal: Principal, case: Case) -> None:
    """Insist that the principal coordinates or manages the case.

    Raises NotVisible if the case is not theirs to know of, Refused if it is.
    """
    stands = relations(principal, case)
    if not stands or case.partnership_id not in principal.partnership_ids:
        raise NotVisible("case", case.reference)
    if not {Relation.COORDINATOR, Relation.MANAGER} & stands:
        raise Refused(
            "Only the coordinators and managers of a case can do this",
            kind="case",
            pk=str(case.pk),
            action="oversee",
        )


def require_triage(principal: Principal) -> None:
    """Insist that the principal works at the front door. Raises Refused."""
    if not triages(principal):
        raise Refused(
            "The triage board is for MASE coordinators and front door managers",
            kind="board",
            action="triage",
        )


def triages(principal: Principal) -> bool:
    """Tell whether the principal works at the front door."""
    return principal.role in (Role.COORDINATOR, Role.MANAGER)


def purpose_of(principal: Principal) -> Purpose:
    """What a principal of this role reads cases for."""
    panel = principal.role in (Role.PANEL_CHAIR, Role.PANEL_MEMBER)
    return Purpose.PANEL if panel else Purpose.SCREEN


def needs_second_person(principal: Principal, case: Case) -> bool:
    """Tell whether ending the partnership's work here takes a manager, not this principal alone.

    So it is while a child may be in danger: no further action for a child with a harm sign is
    never one screener's decision.
    """
    return case.priority != Priority.STANDARD and principal.role is not Role.MANAGER


def checking_teams(partnership: UUID, holder: UUID) -> list[Team]:
    """The teams to ask the law about when a referral is sent: front door, and the sender's lead."""
    return [
        *people.teams_in(partnership, Role.COORDINATOR, Role.MANAGER),
        *Team.objects.filter(agency=holder, role=Role.AGENCY_LEAD).select_related("agency"),
    ]


def rulings(
    team: Team, holder_kind: AgencyKind, holder: UUID, purpose: Purpose, at: datetime
) -> dict[Category, Decision]:
    """Ask the law, category by category, what of this holder's information this team may see."""
    recipient = TeamRecipient(
        agency_id=team.agency_id, agency_kind=AgencyKind(team.agency.kind), role=Role(team.role)
    )
    facts = Facts(rules=law.in_force(at), holder_kind=holder_kind, holder_agency=holder)
    return decide_all(recipient, facts, Category, purpose, at)


def who_will_see(principal: Principal) -> list[tuple[str, str]]:
    """Who will be able to read a referral if the principal sends it now: the law's real answer.

    Pairs of (team in words, categories in words), before anything is shared.
    """
    if len(principal.partnership_ids) != 1:
        return []
    found = []
    for team in checking_teams(principal.partnership_ids[0], principal.agency_id):
        answers = rulings(
            team, principal.agency_kind, principal.agency_id, Purpose.SCREEN, timezone.now()
        )
        allowed = [
            category.label
            for category, ruling in answers.items()
            if ruling.outcome is Ruled.ALLOW and category in ASKED
        ]
        if allowed:
            found.append((f"{Role(team.role).label}, {team.agency.name}", "; ".join(allowed)))
    return found


def allows(stands: Iterable[Relation], action: Action) -> bool:
    """Tell whether the table lets someone who stands like this use `action` at all."""
    return bool(TRANSITIONS[action].by.intersection(stands))


def actions(principal: Principal, case: Case) -> list[Action]:
    """The verbs that the principal may use on the case now: by relation and by status."""
    stands = relations(principal, case)
    return [
        action
        for action, step in TRANSITIONS.items()
        if case.status in step.sources and allows(stands, action)
    ]


def require(principal: Principal, action: Action, case: Case) -> None:
    """Insist that the principal may use `action` on the case.

    Raises NotVisible if the case is not theirs to know of, Refused if it is and the verb is not.
    """
    stands = relations(principal, case)
    if not stands or case.partnership_id not in principal.partnership_ids:
        raise NotVisible("case", case.reference)
    if not allows(stands, action):
        who = " or ".join(sorted(TRANSITIONS[action].by))
        raise Refused(
            f"Only the {who} can do this", kind="case", pk=str(case.pk), action=action.value
        )


def require_answers_for(principal: Principal, statement: Statement) -> None:
    """Insist that the principal wrote the statement, or leads the agency that holds it.

    Raises Refused; the case is visible to the principal. Raises NotVisible for a concealed answer
    that somebody else wrote: nobody but its author may know of it.
    """
    wrote = principal.membership_id == statement.author_id
    if statement.protect == Protect.EXISTENCE and not wrote:
        raise NotVisible("statement", str(statement.pk))
    leads = principal.role is Role.AGENCY_LEAD and principal.agency_id == statement.agency_id
    if not leads and not wrote:
        raise Refused(
            "Only the person who wrote this, or the lead of their agency, can remove it",
            kind="statement",
            pk=str(statement.pk),
            action="remove",
        )

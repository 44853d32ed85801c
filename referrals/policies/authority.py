"""How somebody stands to a case, and what they may do with it now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef

from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals.models import Case, Grant, Referral
from referrals.policies.visibility import emergencies, grants, walls
from referrals.vocabulary import Extent, Outcome, Priority
from referrals.workflow import CONSIDERED, TRANSITIONS, Action, Relation
from sharing.rules.vocabulary import Purpose

# How a grant to a team of this role makes its members stand to the case.
_STANDING = {
    Role.COORDINATOR: Relation.COORDINATOR,
    Role.MANAGER: Relation.MANAGER,
    Role.PANEL_CHAIR: Relation.PANEL_CHAIR,
    Role.PANEL_MEMBER: Relation.PANEL_MEMBER,
    Role.AGENCY_LEAD: Relation.AGENCY_LEAD,
}

# How what is open to one person alone makes them stand: to the panel, and else to read.
_ALONE = frozenset({Relation.PANEL_CHAIR, Relation.PANEL_MEMBER})

# Verbs and outcomes that end the partnership's own work on the child.
_ENDS = frozenset(
    {
        Outcome.ADVICE,
        Outcome.EARLY_HELP,
        Outcome.NFA,
        Outcome.OPEN_CASE,
        Outcome.WITHDRAWN,
        Action.CLOSE,
        Action.WITHDRAW,
    }
)

_NOMINATES = frozenset(
    {Role.COORDINATOR, Role.MANAGER, Role.PANEL_MEMBER, Role.PANEL_CHAIR, Role.AGENCY_LEAD}
)

_REFERS = frozenset({Role.PRACTITIONER, Role.AGENCY_LEAD, Role.COORDINATOR, Role.MANAGER})


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


@dataclass(frozen=True, repr=False)
class Standing:
    """How somebody stands to a case now, and so what they may do with it.

    A page that offers several things asks for it once. `relations` is empty when the case is not
    visible. `emergency`: emergency access opens it. `opened`: a live grant does, and not only to
    answer a question. `referred`: the principal's agency sent one of its referrals.
    """

    role: Role
    status: str
    relations: frozenset[Relation] = frozenset()
    emergency: bool = False
    opened: bool = False
    referred: bool = False

    @property
    def actions(self) -> list[Action]:
        """The verbs that they may use on the case now: by relation and by status."""
        return [
            action
            for action, step in TRANSITIONS.items()
            if self.status in step.sources and allows(self.relations, action)
        ]

    @property
    def oversees(self) -> bool:
        """Whether they coordinate or manage the case."""
        return bool({Relation.COORDINATOR, Relation.MANAGER} & self.relations)

    @property
    def chairs(self) -> bool:
        """Whether they chair the panel to which the case is open."""
        return Relation.PANEL_CHAIR in self.relations

    @property
    def only_reads(self) -> bool:
        """Whether nothing but emergency access opens the case to them."""
        more = self.opened or Relation.REFERRER in self.relations
        return self.emergency and not more

    @property
    def may_share(self) -> bool:
        """Whether they may decide to share something of the case.

        Its coordinators and managers share what they themselves see; an agency's lead what their
        own agency holds; nobody else shares.
        """
        leads = self.role is Role.AGENCY_LEAD and self.relations - {Relation.READER}
        return self.oversees or bool(leads)

    @property
    def may_ask(self) -> bool:
        """Whether they may ask agencies about the case, which is visible to them.

        Its coordinators and managers, and the lead of an agency that referred the child.
        """
        if self.role is Role.AGENCY_LEAD:
            return self.referred
        return self.role in (Role.COORDINATOR, Role.MANAGER) and self.oversees

    @property
    def may_nominate(self) -> bool:
        """Whether they may put the case, which is visible to them, to a panel now."""
        works = self.role in _NOMINATES and self.opened and not self.emergency
        return works and self.status in CONSIDERED

    @property
    def may_take_copy(self) -> bool:
        """Whether they may take the case, which is visible to them, out as a file."""
        return not self.emergency


def standing(principal: Principal, case: Case) -> Standing:
    """How the principal stands to this case now. One query."""
    nowhere = Standing(role=principal.role, status=case.status)
    if case.partnership_id not in principal.partnership_ids:
        return nowhere
    this = {"case_id": OuterRef("pk")}
    sent = Referral.objects.filter(**this)
    given = grants(principal).filter(content_object_id=OuterRef("pk"))
    walled, emergency, wrote, opened, to_team, referred = Case.objects.values_list(
        Exists(walls(principal).filter(**this)),
        Exists(emergencies(principal).filter(**this)),
        Exists(sent.filter(author_id=principal.membership_id)),
        Exists(given.exclude(extent=Extent.ANSWER)),
        Exists(given.of_teams().exclude(extent=Extent.ANSWER)),
        Exists(sent.filter(agency_id=principal.agency_id)),
    ).get(pk=case.pk)
    if walled:
        return nowhere
    stands = _STANDING.get(principal.role, Relation.READER)
    if not to_team and stands not in _ALONE:
        # What a panel opens to one person makes nobody the coordinator or lead of the case.
        stands = Relation.READER
    ways = ((Relation.READER, emergency), (Relation.REFERRER, wrote), (stands, opened))
    return replace(
        nowhere,
        relations=frozenset(relation for relation, is_so in ways if is_so),
        emergency=emergency,
        opened=opened,
        referred=referred,
    )


def relations(principal: Principal, case: Case) -> frozenset[Relation]:
    """How the principal stands to this case now. Empty when it is not visible. One query."""
    return standing(principal, case).relations


def oversees(principal: Principal, case: Case) -> bool:
    """Tell whether the principal coordinates or manages the case now."""
    return standing(principal, case).oversees


def oversees_by(principal: Principal, live: Iterable[Grant]) -> bool:
    """Tell whether these grants, live or yet to be given, make the principal one who oversees.

    The same as `oversees`, for a reading, which may be of what is not given yet.
    """
    stands = _STANDING.get(principal.role)
    opened = any(grant.extent != Extent.ANSWER and grant.only_id is None for grant in live)
    return opened and stands in (Relation.COORDINATOR, Relation.MANAGER)


def require_oversees(principal: Principal, case: Case) -> None:
    """Insist that the principal coordinates or manages the case.

    Raises NotVisible if the case is not theirs to know of, Refused if it is.
    """
    stands = relations(principal, case)
    if not stands:
        raise NotVisible("case", case.reference)
    if not {Relation.COORDINATOR, Relation.MANAGER} & stands:
        raise Refused(
            "Only the coordinators and managers of a case can do this",
            kind="case",
            pk=str(case.pk),
            action="oversee",
        )


def require_manages(principal: Principal, case: Case) -> None:
    """Insist that the principal manages the case. Raises NotVisible or Refused."""
    require_oversees(principal, case)
    if principal.role is not Role.MANAGER:
        raise Refused(
            "Only a front door manager can do this", kind="case", pk=str(case.pk), action="manage"
        )


def sent_by(principal: Principal, case: Case) -> bool:
    """Tell whether the principal sent a referral of this case."""
    return Relation.REFERRER in relations(principal, case)


def require_more_than_emergency(principal: Principal, case: Case) -> None:
    """Insist that the case is open to the principal for more than reading it in an emergency.

    Whatever changes a case, shares it or asks about it insists on this. Raises Refused.
    """
    if standing(principal, case).only_reads:
        raise Refused(
            "Emergency access is to read this case, and nothing else",
            kind="case",
            pk=str(case.pk),
            action="emergency",
        )


def may_ask(principal: Principal, case: Case) -> bool:
    """Whether the principal may ask agencies about this case, which is visible to them."""
    return standing(principal, case).may_ask


def require_may_take_copy(principal: Principal, case: Case) -> None:
    """Insist that the principal may take the case out of the portal as a file.

    Whoever reads it may, but for emergency access: that is to read, here, for an hour.
    Raises Refused; the case is visible to the principal.
    """
    if not standing(principal, case).may_take_copy:
        raise Refused(
            "Emergency access lets you read this case here. It lets nobody take a copy",
            kind="case",
            pk=str(case.pk),
            action="export",
        )


def allows(stands: Iterable[Relation], action: Action) -> bool:
    """Tell whether the table lets someone who stands like this use `action` at all."""
    return bool(TRANSITIONS[action].by.intersection(stands))


def actions(principal: Principal, case: Case) -> list[Action]:
    """The verbs that the principal may use on the case now: by relation and by status."""
    return standing(principal, case).actions


def require(principal: Principal, action: Action, case: Case) -> None:
    """Insist that the principal may use `action` on the case.

    Raises NotVisible if the case is not theirs to know of, Refused if it is and the verb is not.
    """
    stands = relations(principal, case)
    if not stands:
        raise NotVisible("case", case.reference)
    if not allows(stands, action):
        who = " or ".join(sorted(TRANSITIONS[action].by))
        raise Refused(
            f"Only the {who} can do this", kind="case", pk=str(case.pk), action=action.value
        )


def triages(principal: Principal) -> bool:
    """Tell whether the principal works at the front door."""
    return principal.role in (Role.COORDINATOR, Role.MANAGER)


def require_triage(principal: Principal) -> None:
    """Insist that the principal works at the front door. Raises Refused."""
    if not triages(principal):
        raise Refused(
            "The triage board is for MASE coordinators and front door managers",
            kind="board",
            action="triage",
        )


def may_be_harmed(case: Case) -> bool:
    """Tell whether the child may be in danger, or may be harmed already.

    So it is when whoever referred said so, and when they told of a sign of harm. It stays so when
    somebody makes the case less pressing: else one manager could do that first, and end it alone.
    """
    if case.harm_sign or case.priority != Priority.STANDARD:
        return True
    return any(change.was != Priority.STANDARD for change in case.priority_changes.all())


def takes_another(case: Case, step: Action | Outcome) -> bool:
    """Tell whether this verb or outcome takes more than one person here, whoever takes it.

    So it is with whatever ends the partnership's own work while the child may be harmed.
    """
    return step in _ENDS and may_be_harmed(case)


def takes_a_manager(principal: Principal, case: Case, step: Action | Outcome) -> bool:
    """Tell whether this verb or outcome takes a manager here, not this principal alone.

    No further action for a child with a harm sign is never one screener's decision.
    """
    return takes_another(case, step) and principal.role is not Role.MANAGER


def may(principal: Principal, action: Action, case: Case) -> bool:
    """Tell whether the principal may use the verb on the case now, without anybody else.

    The service that takes the step asks the same, under lock.
    """
    return action in actions(principal, case) and not takes_a_manager(principal, case, action)


def purpose_of(principal: Principal) -> Purpose:
    """What a principal of this role reads cases for."""
    panel = principal.role in (Role.PANEL_CHAIR, Role.PANEL_MEMBER)
    return Purpose.PANEL if panel else Purpose.SCREEN

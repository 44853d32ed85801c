"""Who may see which case, how they stand to it, and what they may do with it now."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals.models import (
    Case,
    CaseQuerySet,
    EmergencyAccess,
    Grant,
    GrantQuerySet,
    Referral,
    Sight,
    SightQuerySet,
    Statement,
    Wall,
    tidy_reference,
)
from referrals.vocabulary import ASKED, Extent, Fate, Priority, Protect
from referrals.workflow import TRANSITIONS, Action, Relation
from sharing.rules import policies as law
from sharing.rules.decision import DEFAULT, Decision, Facts, Rule, decide
from sharing.rules.vocabulary import Category, Circumstance, Obligation, Purpose, Step
from sharing.rules.vocabulary import Outcome as Ruled
from sharing.rules.vocabulary import Relation as Stands

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


def sights(principal: Principal) -> SightQuerySet:
    """What the principal may know of, at this moment, as rows to count, order and cut to pages.

    One row for each case: a live grant to the team, or for this person alone what they sent in
    this membership or opened in an emergency. No wall stands in the way. The database's own clock
    decides.
    """
    now = Now()
    return Sight.objects.filter(
        Q(only__isnull=True) | Q(only_id=principal.membership_id),
        group_id=principal.team_id,
        partnership_id__in=principal.partnership_ids,
        from_at__lte=now,
        until_at__gt=now,
    ).exclude(case_id__in=walls(principal).values("case_id"))


def visible(principal: Principal) -> CaseQuerySet:
    """The cases that the principal may know of, at this moment. Every lookup starts here.

    A list that anybody may page through starts at `sights`, which knows the same cases.
    """
    return Case.objects.filter(Exists(sights(principal).filter(case=OuterRef("pk"))))


def sent(principal: Principal) -> SightQuerySet:
    """Of what the principal may know of, what they sent in this membership."""
    mine = Referral.objects.filter(author_id=principal.membership_id)
    return sights(principal).filter(case_id__in=mine.values("case_id"))


def sent_from_agency(principal: Principal) -> CaseQuerySet:
    """The cases of which the principal's own agency sent a referral here, read or not.

    For the one question that is asked before sending: has my agency told you of this child? It
    opens nothing, and no case that a conflict of interest keeps from the principal is in it.
    """
    sent = Referral.objects.filter(case=OuterRef("pk"), agency=principal.agency_id)
    walled = walls(principal).filter(case=OuterRef("pk"))
    return Case.objects.filter(
        Exists(sent), ~Exists(walled), partnership__in=principal.partnership_ids
    )


def may_be_told(*, user: str, case: str) -> Q:
    """The condition under which a notice may reach its reader: no wall stands between them.

    `user` and `case` say where a row of notices holds the two; settings name this function, so
    that the floor below asks it without knowing of cases.
    """
    standing = Wall.objects.filter(user=OuterRef(user), case=OuterRef(case), lifted_at__isnull=True)
    return Q(~Exists(standing))


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


@dataclass(frozen=True)
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
    walled, emergency, wrote, opened, referred = Case.objects.values_list(
        Exists(walls(principal).filter(**this)),
        Exists(emergencies(principal).filter(**this)),
        Exists(sent.filter(author_id=principal.membership_id)),
        Exists(given.exclude(extent=Extent.ANSWER)),
        Exists(sent.filter(agency_id=principal.agency_id)),
    ).get(pk=case.pk)
    if walled:
        return nowhere
    stands = _STANDING.get(principal.role, Relation.READER)
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
    return standing(principal, case).may_take_copy


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
    return standing(principal, case).oversees


def only_reads(principal: Principal, case: Case) -> bool:
    """Tell whether nothing but emergency access opens the case to the principal now."""
    return standing(principal, case).only_reads


def require_more_than_emergency(principal: Principal, case: Case) -> None:
    """Insist that the case is open to the principal for more than reading it in an emergency.

    Whatever changes a case, shares it or asks about it insists on this. Raises Refused.
    """
    if only_reads(principal, case):
        raise Refused(
            "Emergency access is to read this case, and nothing else",
            kind="case",
            pk=str(case.pk),
            action="emergency",
        )


def sent_by(principal: Principal, case: Case) -> bool:
    """Tell whether the principal sent a referral of this case."""
    return Relation.REFERRER in relations(principal, case)


def may_ask(principal: Principal, case: Case) -> bool:
    """Whether the principal may ask agencies about this case, which is visible to them."""
    return standing(principal, case).may_ask


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
    """Ask the law, category by category, what of this holder's information this team may see.

    Whether the team's agency has an agreement in force is looked up for each category.
    """
    facts = Facts(rules=law.in_force(at), holder_kind=holder_kind, holder_agency=holder)
    return asked_again(team, facts, Category, purpose, at)


def asked_again(
    team: Team, facts: Facts, categories: Iterable[Category], purpose: Purpose, at: datetime
) -> dict[Category, Decision]:
    """Ask the law about these categories, with these facts and the agreements of that moment."""
    agreed = law.agreed(team.agency_id, purpose, at)
    recipient = law.recipient(team)
    return {
        category: decide(
            recipient, replace(facts, agreement=category in agreed), category, purpose, at
        )
        for category in categories
    }


def says_yes(ruling: Decision, category: Category, agreed: Container[Category]) -> bool:
    """Tell whether an answer opens a category to an agency with these agreements."""
    bound = Obligation.SIGNED_AGREEMENT in ruling.obligations
    return ruling.outcome is Ruled.ALLOW and (category in agreed or not bound)


def rule_behind(grant: Grant) -> Rule | None:
    """The rule on whose yes a grant stands or falls; None where it rests on a person's decision.

    Somebody may give what the law says to ask for, or shows in part, and answers for it: a change
    of the law does not end that. The end of an agreement that it rests on does.
    """
    bound = Obligation.SIGNED_AGREEMENT in grant.obligations
    if grant.rule == DEFAULT or not (grant.granted_by_service or bound):
        return None
    rule = law.rule(grant.rule, grant.rule_version)
    return rule if rule.outcome is Ruled.ALLOW else None


def facts_of(grant: Grant, rule: Rule, rules: tuple[Rule, ...]) -> Facts:
    """What was true when this rule gave the grant, for asking these rules again.

    The rule spoke, so what it needs to speak was so.
    """
    return Facts(
        rules=rules,
        holder_kind=AgencyKind(grant.holder.kind),
        holder_agency=grant.holder_id,
        recipient_is_referrer=rule.relation == Stands.REFERRER,
        recipient_is_author=rule.relation == Stands.AUTHOR,
        danger=rule.step == Step.DANGER,
        significant_harm=rule.when == Circumstance.SIGNIFICANT_HARM,
    )


def fate(grant: Grant, answers: Mapping[Category, Decision], agreed: Container[Category]) -> Fate:
    """What becomes of a grant that a rule gave, by what the law answers now for its categories."""
    its_own = (grant.rule, grant.rule_version)
    open_now = {each for each, ruling in answers.items() if says_yes(ruling, each, agreed)}
    if not open_now:
        return Fate.ENDED
    same = all((answers[each].rule, answers[each].version) == its_own for each in open_now)
    return Fate.KEPT if same and len(open_now) == len(answers) else Fate.NARROWED


@dataclass(frozen=True)
class Audience:
    """A team that is asked about when a referral is sent, and what the law answers.

    `sees` and `asks` are the labels of the categories that open at once, and of those that do not.
    """

    team: str
    sees: tuple[str, ...]
    asks: tuple[str, ...]


def who_will_see(principal: Principal, held: Container[Category] = ASKED) -> list[Audience]:
    """Who will be able to read a referral if the principal sends it now: the law's real answer.

    `held` are the categories of which it says something. Nothing is shared by asking.
    """
    if len(principal.partnership_ids) != 1:
        return []
    found = []
    for team in checking_teams(principal.partnership_ids[0], principal.agency_id):
        answers = rulings(
            team, principal.agency_kind, principal.agency_id, Purpose.SCREEN, timezone.now()
        )
        opens = [each for each, ruling in answers.items() if ruling.outcome is Ruled.ALLOW]
        sees = tuple(each.label for each in opens if each in ASKED and each in held)
        asks = tuple(
            each.label for each in answers if each in ASKED and each in held and each not in opens
        )
        if sees:
            found.append(Audience(f"{Role(team.role).label}, {team.agency.name}", sees, asks))
    return found


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


def answers_for(principal: Principal, statement: Statement) -> bool:
    """Whether the principal wrote the statement, or leads the agency that holds it.

    For a concealed answer only its author does: nobody else may know of it.
    """
    if principal.membership_id == statement.author_id:
        return True
    leads = principal.role is Role.AGENCY_LEAD and principal.agency_id == statement.agency_id
    return leads and statement.protect != Protect.EXISTENCE


def require_answers_for(principal: Principal, statement: Statement, *, to: str = "remove") -> None:
    """Insist on it. `to` is the verb: remove, protect or correct.

    Raises Refused; the case is visible to the principal. Raises NotVisible for a concealed answer
    that somebody else wrote: nobody but its author may know of it.
    """
    wrote = principal.membership_id == statement.author_id
    if statement.protect == Protect.EXISTENCE and not wrote:
        raise NotVisible("statement", str(statement.pk))
    if not answers_for(principal, statement):
        raise Refused(
            f"Only the person who wrote this, or the lead of their agency, can {to} it",
            kind="statement",
            pk=str(statement.pk),
            action=to,
        )


def statement_for(principal: Principal, reference: str, pk: UUID, *, to: str) -> Statement:
    """Return a statement of a visible case that the principal answers for.

    Raises NotVisible, or Refused when they only read it, as in an emergency. `to` is as in
    `require_answers_for`.
    """
    case = case_for(principal, reference)
    # Before it is looked up: a concealed answer is refused as a missing one is.
    require_more_than_emergency(principal, case)
    found = Statement.objects.select_related("case", "agency").filter(case=case, pk=pk).first()
    if found is None:
        raise NotVisible("statement", str(pk))
    require_answers_for(principal, found, to=to)
    return found


def had(case: Case, statement: Statement) -> list[Membership]:
    """Who may have read this answer since it was given, and is there now: one membership a person.

    Its author, the teams with a share, live or past, that opened it at some time since, and who
    opened the case in an emergency since. Nobody with a conflict of interest, and nobody whose
    role has ended.
    """
    chain: list[UUID] = []
    row: Statement | None = statement
    while row is not None:
        # With the line that stood in its place while it was concealed.
        alike = Statement.objects.filter(
            case=case, question=row.question, author=row.author_id, stated_at=row.stated_at
        )
        chain += alike.values_list("pk", flat=True)
        row = row.corrects
    since = statement.stated_at
    opened = Grant.objects.filter(
        Q(extent=Extent.WHOLE, categories__contains=[statement.category])
        | Q(statements__overlap=chain),
        Q(ended_at__isnull=True) | Q(ended_at__gt=since),
        Q(until_at__isnull=True) | Q(until_at__gt=since),
        content_object=case,
        holder_id=statement.agency_id,
        from_at__lte=timezone.now(),
    )
    teams = Team.objects.filter(pk__in=opened.values("group"))
    walled = Wall.objects.filter(case=case, lifted_at__isnull=True).values_list("user_id")
    author = Membership.objects.live().filter(pk=statement.author_id).select_related("team__agency")
    used = EmergencyAccess.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=since), case=case, until_at__gt=since
    )
    rushed = Membership.objects.live().filter(pk__in=used.values("membership"))
    everyone = (
        *rushed.select_related("team__agency"),
        *author,
        *people.live_memberships(teams),
    )
    people_with_it = {member.user_id: member for member in everyone}
    for (user_id,) in walled:
        people_with_it.pop(user_id, None)
    return list(people_with_it.values())

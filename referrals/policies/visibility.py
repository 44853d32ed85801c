"""Which cases a principal may know of. Every lookup starts here."""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from portal.accounts.models import MembershipQuerySet
from portal.accounts.vocabulary import Principal, Role
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
    Wall,
    tidy_reference,
)
from referrals.vocabulary import Extent
from sharing.rules.vocabulary import Category

_BOARD_SEES_TOTALS = "Board roles see totals, not children's records"


def grants(principal: Principal) -> GrantQuerySet:
    """The live grants that name the principal's team, or the principal alone.

    Nothing else opens a case to a team.
    """
    mine = Q(only__isnull=True) | Q(only_id=principal.membership_id)
    return Grant.objects.live().filter(mine, group_id=principal.team_id)


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
    """The conflicts of interest that stand against this person, whatever role they act in, or
    against the agency that they act for.
    """
    return Wall.objects.filter(
        Q(user_id=principal.user_id) | Q(agency_id=principal.agency_id), lifted_at__isnull=True
    )


def walled(case: Case | UUID) -> Q:
    """The condition on memberships under which a conflict of interest keeps one from the case."""
    standing = Wall.objects.filter(case=case, lifted_at__isnull=True)
    people = standing.filter(user__isnull=False).values("user")
    agencies = standing.filter(agency__isnull=False).values("agency")
    return Q(user__in=people) | Q(team__agency__in=agencies)


def sights(principal: Principal) -> SightQuerySet:
    """What the principal may know of, at this moment, as rows to count, order and cut to pages.

    One row for each case: a live grant to the team, or for this person alone what they sent in
    this membership, opened in an emergency or was opened to them alone. No wall stands in the way.
    The database's own clock decides.
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


def sent(principal: Principal, *, agency: bool = False) -> SightQuerySet:
    """Of what the principal may know of, what they sent in this membership, or their agency."""
    mine = Referral.objects.filter(author_id=principal.membership_id)
    if agency:
        mine = Referral.objects.filter(agency_id=principal.agency_id)
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


def may_be_told(*, user: UUID | F, agency: UUID | F, case: F) -> Q:
    """The condition under which a notice may reach its reader: no wall stands between them.

    `user`, `agency` and `case` are themselves, or where a row of notices holds them (OuterRef);
    settings name this function, so that the floor below asks it without knowing of cases.
    """
    standing = Wall.objects.filter(
        Q(user=user) | Q(agency=agency), case=case, lifted_at__isnull=True
    )
    return Q(~Exists(standing))


def who_may_know(case: UUID, members: MembershipQuerySet) -> MembershipQuerySet:
    """Of these members, those who may know of the case at this moment; of no case, nobody.

    Settings name this function too: whoever is told because others did not act learns of nothing
    that is not open to them.
    """
    now = Now()
    seen = Sight.objects.filter(case=case, from_at__lte=now, until_at__gt=now)
    whole = seen.filter(only__isnull=True).values("group_id")
    alone = seen.filter(only__isnull=False).values("only_id")
    return members.filter(Q(team__in=whole) | Q(pk__in=alone)).exclude(walled(case))


def case_for(principal: Principal, reference: str) -> Case:
    """Return the visible case with this reference.

    Raises NotVisible when there is none or the principal may not know of it: the same answer.
    Raises Refused for a board chair, whatever the reference, before anything is looked up.
    """
    if principal.role is Role.BOARD_CHAIR:
        raise Refused(_BOARD_SEES_TOTALS, kind="case", pk=reference, action="read")
    found = (
        visible(principal)
        .select_related("child", "partnership")
        .filter(reference=tidy_reference(reference))
        .first()
    )
    if found is None:
        raise NotVisible("case", reference)
    return found


def require_case_list(principal: Principal) -> None:
    """Insist that the principal's role works with cases at all. Raises Refused."""
    if principal.role is Role.BOARD_CHAIR:
        raise Refused(_BOARD_SEES_TOTALS, kind="case", action="list")


def whose_child_is_known(principal: Principal) -> CaseQuerySet:
    """The visible cases in whose row of a list the principal reads who the child is."""
    return _shown_in_row(visible(principal), principal, Category.IC1)


def shown_in_row(principal: Principal, category: Category) -> CaseQuerySet:
    """The cases in whose row of a list this category is shown, as in `reading.summaries`.

    It opens nothing: hold it against what is visible.
    """
    return _shown_in_row(Case.objects.all(), principal, category)


def _shown_in_row(cases: CaseQuerySet, principal: Principal, category: Category) -> CaseQuerySet:
    """Where the principal sent the first referral, or a live grant of their team opens the
    category that its sender holds.
    """
    first = Referral.objects.filter(case=OuterRef("pk")).order_by("sent_at", "pk")
    opened = grants(principal).filter(
        content_object=OuterRef("pk"),
        holder=OuterRef("first_agency"),
        extent=Extent.WHOLE,
        categories__contains=[category],
    )
    return cases.alias(
        first_agency=Subquery(first.values("agency")[:1]),
        first_author=Subquery(first.values("author")[:1]),
    ).filter(Exists(opened) | Q(first_author=principal.membership_id))

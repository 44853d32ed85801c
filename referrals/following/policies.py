"""Who follows a referral, who may write to whom about a case, and who may answer for a decision."""

from django.db.models import Q
from django.db.models.functions import Now

from portal.accounts.models import Membership, MembershipQuerySet, Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals import policies
from referrals.models import Case, Decision, Grant, Referral, Sight
from referrals.policies import Standing
from referrals.vocabulary import Extent
from referrals.workflow import Relation

FRONT_DOOR = frozenset({Role.COORDINATOR, Role.MANAGER})


def follows(stands: Standing) -> bool:
    """Tell whether somebody who stands like this sent a referral of the case, or leads the agency
    that did.
    """
    leads = Relation.AGENCY_LEAD in stands.relations and stands.referred
    return Relation.REFERRER in stands.relations or leads


def require_follows(principal: Principal, case: Case) -> None:
    """Insist on it. Raises NotVisible if the case is not theirs to know of, Refused if it is."""
    stands = policies.standing(principal, case)
    if not stands.relations:
        raise NotVisible("case", case.reference)
    if not follows(stands):
        raise Refused(
            "Only the person who sent this referral, or the lead of their agency, can do this",
            kind="case",
            pk=str(case.pk),
            action="follow",
        )


def require_reads_challenges(principal: Principal, case: Case) -> None:
    """Insist that the principal follows the referral, or coordinates or manages the case.

    Raises NotVisible or Refused.
    """
    if not policies.standing(principal, case).oversees:
        require_follows(principal, case)


def answers_challenges(principal: Principal, case: Case) -> bool:
    """Tell whether the principal may answer a disagreement on this case: a manager of it."""
    stands = policies.standing(principal, case)
    return Relation.MANAGER in stands.relations


def require_answers_challenges(principal: Principal, case: Case, *, stage: int) -> None:
    """Insist on it. At the first stage nobody answers a disagreement with their own decision;
    later ones are answered by people above them, and a manager writes down what they said.

    Raises NotVisible or Refused.
    """
    if not policies.relations(principal, case):
        raise NotVisible("case", case.reference)
    why = ""
    if not answers_challenges(principal, case):
        why = "Only a front door manager answers a disagreement"
    elif stage == 1 and _decided(principal, case):
        why = "You made this decision, so somebody else answers the disagreement with it"
    if why:
        raise Refused(why, kind="case", pk=str(case.pk), action="answer")


def _decided(principal: Principal, case: Case) -> bool:
    made = Decision.objects.filter(case=case, superseded_at__isnull=True)
    return made.filter(decided_by__user_id=principal.user_id).exists()


def sent_by_agency(principal: Principal, case: Case) -> Referral:
    """The referral of this case that the principal sent, or else the first of their agency.

    Raises NotVisible or Refused unless the principal follows it.
    """
    require_follows(principal, case)
    ours = Referral.objects.filter(case=case, agency_id=principal.agency_id)
    ours = ours.order_by("sent_at", "pk").select_related("agency")
    mine = ours.filter(author_id=principal.membership_id).first()
    return mine or ours[0]


def opened_teams(case: Case) -> list[Team]:
    """The teams to which a live share opens the case, by agency and role."""
    live = Grant.objects.live().filter(content_object=case).exclude(extent=Extent.ANSWER)
    found = Team.objects.filter(pk__in=live.values("group_id")).select_related("agency")
    return list(found.order_by("agency__name", "role"))


def front_teams(case: Case) -> list[Team]:
    """Of these, the teams of the front door."""
    return [team for team in opened_teams(case) if Role(team.role) in FRONT_DOOR]


def may_write_to(principal: Principal, case: Case) -> list[list[Team]]:
    """Whom the principal may write to about the case: each choice is the teams that read it.

    The front door writes to one team at a time: who sent a referral, or a team with a share.
    Everybody else writes to the front door, all of it.
    """
    opened = opened_teams(case)
    front = [team for team in opened if Role(team.role) in FRONT_DOOR]
    if not policies.oversees(principal, case):
        return [front] if front else []
    senders = Team.objects.filter(memberships__referrals__case=case).select_related("agency")
    found = {team.pk: team for team in (*senders.order_by("agency__name", "role"), *opened)}
    found.pop(principal.team_id, None)
    return [[team] for team in found.values()]


def people_of(case: Case, teams: list[Team]) -> MembershipQuerySet:
    """The people of these teams who may know of the case at this moment."""
    now = Now()
    seen = Sight.objects.filter(
        case=case, group__in=[team.pk for team in teams], from_at__lte=now, until_at__gt=now
    )
    whole = seen.filter(only__isnull=True).values("group_id")
    alone = seen.filter(only__isnull=False).values("only_id")
    return (
        Membership.objects.live()
        .filter(Q(team__in=whole) | Q(pk__in=alone))
        .exclude(policies.walled(case))
        .order_by("user__name", "pk")
    )


def on_duty(case: Case) -> list[Membership]:
    """Who looks after the case: its coordinator, if they still may; else all of the front door."""
    front = list(people_of(case, front_teams(case)))
    return [each for each in front if each.pk == case.coordinator_id] or front

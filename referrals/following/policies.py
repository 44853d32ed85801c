"""Who follows a referral, who may write to whom about a case, and who may answer for a decision."""

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals import policies
from referrals.models import Case, Decision, Referral
from referrals.policies import Standing
from referrals.workflow import Relation


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
    """Insist on it. Nobody answers a disagreement with their own decision at the first stage, nor
    at a later one while another manager can write down what the people above them said.

    Raises NotVisible or Refused.
    """
    if not policies.relations(principal, case):
        raise NotVisible("case", case.reference)
    why = ""
    if not answers_challenges(principal, case):
        why = "Only a front door manager answers a disagreement"
    elif _decided(principal, case) and (stage == 1 or _another_manager(principal, case)):
        why = "You made this decision, so somebody else answers the disagreement with it"
    if why:
        raise Refused(why, kind="case", pk=str(case.pk), action="answer")


def _decided(principal: Principal, case: Case) -> bool:
    made = Decision.objects.filter(case=case, superseded_at__isnull=True)
    return made.filter(decided_by__user_id=principal.user_id).exists()


def _another_manager(principal: Principal, case: Case) -> bool:
    teams = [team for team in policies.opened_teams(case) if team.role == Role.MANAGER]
    return policies.people_of(case, teams).exclude(user_id=principal.user_id).exists()


def sent_by_agency(principal: Principal, case: Case) -> Referral:
    """The referral of this case that the principal sent, or else the first of their agency.

    Raises NotVisible or Refused unless the principal follows it.
    """
    require_follows(principal, case)
    ours = Referral.objects.filter(case=case, agency_id=principal.agency_id)
    ours = ours.order_by("sent_at", "pk").select_related("agency")
    mine = ours.filter(author_id=principal.membership_id).first()
    return mine or ours[0]


def may_write_to(principal: Principal, case: Case) -> list[list[Team]]:
    """Whom the principal may write to about the case: each choice is the teams that read it.

    The front door writes to one team at a time: who sent a referral, or a team with a share.
    Everybody else writes to the front door, all of it.
    """
    opened = policies.opened_teams(case)
    front = [team for team in opened if Role(team.role) in policies.FRONT_DOOR]
    if not policies.oversees(principal, case):
        return [front] if front else []
    senders = Team.objects.filter(memberships__referrals__case=case).select_related("agency")
    found = {team.pk: team for team in (*senders.order_by("agency__name", "role"), *opened)}
    found.pop(principal.team_id, None)
    return [[team] for team in found.values()]

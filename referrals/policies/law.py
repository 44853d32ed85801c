"""The law, asked about a case: what a team may see, and what becomes of what it was given."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Agency, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals.models import Case, Grant
from referrals.policies.duty import opened_teams
from referrals.vocabulary import ASKED, Extent, Fate
from sharing.rules import policies as law
from sharing.rules.decision import DEFAULT, Decision, Facts, Rule, decide
from sharing.rules.vocabulary import Category, Circumstance, Obligation, Purpose, Step
from sharing.rules.vocabulary import Outcome as Ruled
from sharing.rules.vocabulary import Relation as Stands


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


def about_own(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Of these rules those that need no grant, and those that stop everything.

    A rule about one's own record or one's own referral speaks by itself; every other yes speaks
    only through the grant that remembers it.
    """
    return tuple(
        rule for rule in rules if rule.relation != Stands.ANYONE or rule.step == Step.HARD_STOP
    )


def readers(case: Case, category: Category, holder: Agency) -> list[Team]:
    """The teams of a case that would read this kind of what this agency holds, written now.

    By a live share of all of it, or because it is their own agency's record. As in a reading.
    """
    at = timezone.now()
    facts = Facts(about_own(law.in_force(at)), AgencyKind(holder.kind), holder.pk)
    given = set(
        Grant.objects.live()
        .of_teams()
        .filter(
            content_object=case,
            holder=holder,
            extent=Extent.WHOLE,
            categories__contains=[category],
        )
        .values_list("group_id", flat=True)
    )
    return [
        team
        for team in opened_teams(case)
        if team.pk in given
        or decide(law.recipient(team), facts, category, Purpose.SCREEN, at).outcome is Ruled.ALLOW
    ]


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


@dataclass(frozen=True, repr=False)
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

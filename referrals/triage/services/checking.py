"""What a decision would do, before anybody confirms it: nothing is written here."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Agency, Membership, Partnership
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from referrals import policies as casework
from referrals.models import Case, Grant
from referrals.triage import policies
from referrals.triage.services.decisions import holders
from referrals.triage.services.sides import owner_of
from referrals.vocabulary import (
    LOOKED_AT_AGAIN,
    QUESTIONS,
    SIDE_DAYS,
    Answer,
    Asks,
    Extent,
    Outcome,
    Protect,
    Side,
)
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category, Purpose


@dataclass(frozen=True, repr=False)
class Check:
    """What a decision would do: whose yes it waits for, who is told, and what each newly sees.

    `told` and `sees` are pairs of who and what, in words. `owners`, `areas` and `agencies` are the
    choices of the page, as (key, words).
    """

    outcome: Outcome
    partnership: UUID
    sides: tuple[Side, ...]
    asks: str
    told: tuple[tuple[str, str], ...]
    sees: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, int], ...]
    next_on: date
    owners: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    agencies: list[tuple[str, str]]


def check(*, actor: Principal, case: Case, outcome: Outcome, sides: tuple[Side, ...]) -> Check:
    """Say what this decision would do. Raises DomainError where the actor may not decide it so."""
    asks = policies.asks(actor, case, outcome)
    door = casework.at_front_door(case)
    own = [each for each in door if each.pk == actor.membership_id]
    others = [each for each in door if each.pk != actor.membership_id]
    sees = _panel(actor, case) if outcome is Outcome.PANEL else ()
    told = [("Whoever sent the referral", "That there is a decision, and your words for them")]
    if asks is Asks.SECOND:
        told = [("A second person at the front door", "That this waits for their yes")]
    elif asks is not None:
        told = [(Asks(asks).label, "That they are asked to take the child on")]
    told += [(who, "That information has been shared with their team") for who, _ in sees]
    if Side.LADO in sides:
        told.append(_of_lado(actor, case))
    running = set(case.sides.filter(done_at__isnull=True).values_list("side", flat=True))
    today = timezone.now().astimezone(LONDON).date()
    return Check(
        outcome=outcome,
        partnership=case.partnership_id,
        sides=sides,
        asks=Asks(asks).label if asks else "",
        told=tuple(told),
        sees=sees,
        steps=tuple(
            (side.label, SIDE_DAYS[side])
            for side in sides
            if side is Side.LADO or side not in running
        ),
        next_on=today + timedelta(days=LOOKED_AT_AGAIN[outcome]),
        owners=[(str(each.pk), _named(each)) for each in [*own, *others]],
        areas=[
            (str(area.pk), area.name)
            for area in Partnership.objects.exclude(pk=case.partnership_id).order_by("name")
        ],
        agencies=[(str(agency.pk), agency.name) for agency in people.partner_agencies(actor)],
    )


def _of_lado(actor: Principal, case: Case) -> tuple[str, str]:
    """Who hears that there is a step for the LADO, as it would be."""
    owner = owner_of(actor, case, Side.LADO)
    if owner is None:
        return ("Nobody", f"No {Role.LADO.label} works in here. It is your step to ring them")
    if case.sides.filter(side=Side.LADO, done_at__isnull=True).exists():
        return (_named(owner), "Of a step for them, if it is about another agency than before")
    return (_named(owner), "That there is a step for them")


def _named(member: Membership) -> str:
    return f"{member.user.name}, {Role(member.team.role).label}"


def _panel(actor: Principal, case: Case) -> tuple[tuple[str, str], ...]:
    """What each of the panel's teams would newly see: the law's real answer, of what each holds.

    What is concealed is left out: that it is there is for nobody to read off this page.
    """
    now = timezone.now()
    told = case.statements.filter(removed_at__isnull=True).exclude(answer=Answer.NOT_PROVIDED)
    held = set(told.exclude(protect=Protect.EXISTENCE).values_list("agency_id", "category"))
    # Who the child is comes from whoever sent it first; the decision from whoever makes it.
    held.add((case.referrals.earliest("sent_at", "pk").agency_id, Category.IC1))
    held |= {(actor.agency_id, QUESTIONS[key].category) for key in ("outcome", "reason")}
    live = Grant.objects.live().of_teams().filter(content_object=case, extent=Extent.WHOLE)
    given = live.values_list("group_id", "holder_id", "categories")
    seen = {(team, holder, each) for team, holder, several in given for each in several}
    found = []
    for team in people.teams_in(case.partnership_id, Role.PANEL_CHAIR, Role.PANEL_MEMBER):
        agreed = law.agreed(team.agency_id, Purpose.PANEL, now)
        labels: dict[str, None] = {}
        for holder in holders(case, Agency.objects.get(pk=actor.agency_id)):
            kind = AgencyKind(holder.kind)
            answers = casework.rulings(team, kind, holder.pk, Purpose.PANEL, now)
            labels.update(
                (category.label, None)
                for category, ruling in answers.items()
                if casework.says_yes(ruling, category, agreed)
                and (holder.pk, category) in held
                and (team.pk, holder.pk, category) not in seen
            )
        if labels:
            words = "; ".join(labels)
            found.append((f"{Role(team.role).label}, {team.agency.name}", words))
    return tuple(found)


def area_by(slug: str) -> UUID:
    """The other area that is called so in addresses. Raises DomainError."""
    found = Partnership.objects.filter(slug=slug).first()
    if found is None:
        raise DomainError("There is no such area. Name it in `to_words`. Nothing is recorded yet.")
    return found.pk


def agency_by(name: str, partnership: UUID) -> UUID:
    """The agency of this partnership that has this name. Raises DomainError."""
    found = Agency.objects.filter(name=name.strip(), partnerships=partnership).first()
    if found is None:
        raise DomainError("No agency of this partnership has this name. Nothing is recorded yet.")
    return found.pk


def worker_by(email: str, partnership: UUID) -> UUID:
    """The membership of a worker of this partnership, by work email. Raises DomainError."""
    found = Membership.objects.live().filter(
        user__email=email.strip().lower(), team__agency__partnerships=partnership
    )
    member = found.order_by("team__role", "pk").first()
    if member is None:
        raise DomainError(
            "Nobody in this partnership has this work email address. Check it, or leave it empty"
            " and name them below. Nothing is recorded yet."
        )
    return member.pk

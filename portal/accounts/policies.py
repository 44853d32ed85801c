"""Who may act, as whom, and who is in a team at this moment."""

import logging
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.models import (
    Agency,
    Kept,
    Membership,
    MembershipQuerySet,
    Partnership,
    Team,
    User,
)
from portal.accounts.vocabulary import AgencyKind, Area, Post, Principal, Role, acting
from portal.common.errors import Refused
from portal.common.language import Entry, Prompt, prompts, read

# Where a membership has what a `Post` and an `Area` are made of.
_OF_A_POST: Final = (
    *("user_id", "pk", "team_id", "team__role", "team__sends_only"),
    *("team__agency_id", "team__agency__kind", "team__agency__name"),
)
_OF_AN_AREA: Final = tuple(f"team__agency__partnerships__{name}" for name in Area._fields)

log = logging.getLogger(__name__)


def _joined() -> MembershipQuerySet:
    """Live memberships with all that a principal is made of, in two queries for any number."""
    return (
        Membership.objects.live()
        .select_related("user", "team__agency")
        .prefetch_related("team__agency__partnerships")
    )


def principal_for(user: User, membership_pk: UUID) -> Principal | None:
    """The principal that this person is in this membership, now; None when it is not live.

    Asked on every request: in one query, a row for each partnership of the agency.
    """
    held = Membership.objects.live().filter(user=user, pk=membership_pk)
    rows = list(held.values_list(*_OF_A_POST, *_OF_AN_AREA))
    if not rows:
        return None
    areas = [Area(*row[len(_OF_A_POST) :]) for row in rows]
    # An agency without a partnership has one row, in which there is none.
    return acting(user.name, Post(*rows[0][: len(_OF_A_POST)]), [a for a in areas if a.pk])


def memberships(user: User) -> MembershipQuerySet:
    """The memberships in which this person may act now, in the order in which we list them."""
    return _joined().filter(user=user).order_by("team__agency__name", "team__role")


def live_memberships(teams: Iterable[Team]) -> MembershipQuerySet:
    """The memberships that are live now in any of these teams."""
    return _joined().filter(team__in=[team.pk for team in teams]).order_by("user__name", "pk")


def team_members(team: Team) -> MembershipQuerySet:
    """The memberships that are live now in this team."""
    return live_memberships([team])


def teams_in(partnership: Partnership | UUID, *roles: Role) -> QuerySet[Team]:
    """The teams with one of these roles, in the agencies that serve this partnership.

    Not those who only send: nothing is given to them, asked of them, or told them of others.
    """
    pk = partnership.pk if isinstance(partnership, Partnership) else partnership
    return (
        Team.objects.filter(agency__partnerships=pk, role__in=roles, sends_only=False)
        .select_related("agency")
        .order_by("agency__name", "role")
    )


_BELOW_MANAGERS: Final = frozenset({Role.COORDINATOR, Role.IG_LEAD, Role.AGENCY_LEAD})


def next_in_line(membership: Membership, *, past_leads: bool = False) -> MembershipQuerySet:
    """Who is told when this member does not answer.

    The leads of their agency; for those leads, for the front door and for an agency without a
    lead, the managers of the front door; for a manager, nobody. `past_leads`: the managers, where
    no lead may know of it.
    """
    role, agency = Role(membership.team.role), membership.team.agency_id
    if role is Role.MANAGER:
        return Membership.objects.none()
    others = _joined().exclude(user=membership.user_id).order_by("user__name", "pk")
    leads = others.filter(team__agency=agency, team__role=Role.AGENCY_LEAD)
    if not past_leads and role not in _BELOW_MANAGERS and leads.exists():
        return leads
    beside = Agency.objects.filter(partnerships__agencies=agency)
    return others.filter(team__agency__in=beside, team__role=Role.MANAGER)


# Which kinds of agency a role belongs to; a role that is not named belongs to any but a board.
_BELONGS: Final = {
    Role.COORDINATOR: frozenset({AgencyKind.COUNCIL}),
    Role.MANAGER: frozenset({AgencyKind.COUNCIL}),
    Role.LADO: frozenset({AgencyKind.COUNCIL}),
    Role.BOARD_CHAIR: frozenset({AgencyKind.BOARD}),
    Role.AUDITOR: frozenset(AgencyKind),
    Role.IG_LEAD: frozenset(AgencyKind),
    Role.AGENCY_ADMIN: frozenset(AgencyKind),
    Role.PLATFORM_ADMIN: frozenset(AgencyKind),
}
# What an agency's own administrator may give; the rest is given for the partnership.
_GIVEN_BY_AGENCY: Final = frozenset(
    {Role.PRACTITIONER, Role.AGENCY_LEAD, Role.PANEL_MEMBER, Role.AGENCY_ADMIN}
)


def belongs(role: Role, kind: AgencyKind) -> bool:
    """Whether an agency of this kind has such a role at all."""
    return kind in _BELONGS.get(role, frozenset(AgencyKind) - {AgencyKind.BOARD})


def administers(actor: Principal, agency: Agency, role: Role) -> bool:
    """Whether this principal may say who works for this agency in this role."""
    if actor.role is Role.PLATFORM_ADMIN:
        return True
    own = actor.role is Role.AGENCY_ADMIN and actor.agency_id == agency.pk
    return own and role in _GIVEN_BY_AGENCY


def every_agency() -> QuerySet[Agency]:
    """Every agency of the installation, by name."""
    return Agency.objects.order_by("name")


def only_partnership() -> Partnership | None:
    """The partnership, where this installation serves exactly one; its hours fit every visitor."""
    found = Partnership.objects.order_by("pk")[:2]
    return found[0] if len(found) == 1 else None


def partner_agencies(principal: Principal) -> QuerySet[Agency]:
    """The agencies of the principal's partnerships, by name, each with whom to ring there."""
    return (
        Agency.objects.filter(partnerships__in=principal.partnership_ids)
        .select_related("contact")
        .distinct()
        .order_by("name")
    )


def keeps_contacts(principal: Principal) -> bool:
    """Whether the principal says whom to ring at their own agency."""
    return principal.role in (Role.AGENCY_LEAD, Role.AGENCY_ADMIN)


def require_keeps_contacts(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not keeps_contacts(principal):
        raise Refused(
            "Only an agency's lead or its administrator can change its contacts",
            kind="agency",
            pk=str(principal.agency_id),
            action="contacts",
        )


def settles(actor: Principal) -> QuerySet[Partnership]:
    """The partnerships whose settings this principal may change: the front door manager's own."""
    own = Partnership.objects.filter(pk__in=actor.partnership_ids).order_by("name")
    return own if actor.role is Role.MANAGER else own.none()


def prompts_for(principal: Principal, answers: Iterable[tuple[str, str, str]]) -> list[Prompt]:
    """What this principal may want to say in another way, by their partnerships' lists.

    `answers` as `portal.common.language.prompts` takes them. One query, none without an answer.
    """
    said = [each for each in answers if each[2].strip()]
    return prompts(said, _phrases(principal)) if said else []


def _phrases(principal: Principal) -> list[Entry]:
    lists = Partnership.objects.filter(pk__in=principal.partnership_ids).order_by("name")
    found: list[Entry] = []
    for pk, text in lists.values_list("pk", "language"):
        try:
            found += read(text)
        except ValueError:
            # A prompt never stands in anybody's way. The message may repeat the list.
            log.error("The phrases of partnership %s cannot be read", pk)  # noqa: TRY400
    return list(dict.fromkeys(found))


def neutral_site(principal: Principal) -> str:
    """Where "Hide this page" leads, where a partnership has chosen; otherwise nothing."""
    own = Partnership.objects.filter(pk__in=principal.partnership_ids).exclude(neutral_site="")
    return own.order_by("name").values_list("neutral_site", flat=True).first() or ""


def kept_for(user: User, pk: UUID) -> Kept | None:
    """What was kept for this person and may still be given back; None for everybody else."""
    return Kept.objects.lasting().filter(user=user, pk=pk).first()


def may_hide(principal: Principal) -> bool:
    """Whether this principal's pages can be hidden at once: all but those that show totals."""
    return principal.role is not Role.BOARD_CHAIR


def wants_telling(user: User) -> bool:
    """Whether this person is still to be told how to hide a page."""
    if user.hiding_told_at is not None:
        return False
    return any(may_hide(membership.principal()) for membership in memberships(user))

"""Who people are: roles, kinds of agency, and the principal who acts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import TextChoices

IDLE_MINUTES: Final = 20
"""How long a session lasts without a press, unless the partnership says otherwise."""
LONGEST_IDLE_MINUTES: Final = 60


class Role(TextChoices):
    """What a membership lets a person be. One list for the whole product."""

    PRACTITIONER = "practitioner", "Practitioner"
    AGENCY_LEAD = "agency_lead", "Agency lead"
    COORDINATOR = "coordinator", "MASE coordinator"
    MANAGER = "manager", "Front door manager"
    PANEL_MEMBER = "panel_member", "Panel member"
    PANEL_CHAIR = "panel_chair", "Panel chair"
    LADO = "lado", "Local authority designated officer"
    BOARD_CHAIR = "board_chair", "Board chair"
    AUDITOR = "auditor", "Auditor"
    IG_LEAD = "ig_lead", "Information-governance lead"
    AGENCY_ADMIN = "agency_admin", "Agency administrator"
    PLATFORM_ADMIN = "platform_admin", "Platform administrator"
    SYSTEM = "system", "System"


class AgencyKind(TextChoices):
    """The kinds of agency around a child in England."""

    COUNCIL = "council", "Children's social care"
    POLICE = "police", "Police"
    HEALTH = "health", "Health"
    SCHOOL = "school", "School or college"
    YOUTH_JUSTICE = "youth_justice", "Youth justice"
    PROBATION = "probation", "Probation"
    HOUSING = "housing", "Housing"
    CHARITY = "charity", "Charity"
    DISTRICT = "district", "District council"
    BOARD = "board", "Safeguarding board"


FIRST_RESPONDERS: Final = frozenset({AgencyKind.COUNCIL, AgencyKind.POLICE, AgencyKind.DISTRICT})
"""The kinds of agency that refer to the National Referral Mechanism, unless an agency differs.

They are public authorities with a duty to notify (Modern Slavery Act 2015 s.52(5)): chief officers
of police, and councils of counties, districts and boroughs. Schools, health bodies and youth
justice are not among them, and ask the local authority to. Some charities are first responders
by appointment of the Home Office: an agency's own row says whether it is one (docs/law-review.md
says which there are).
"""


class PartnerUnder(TextChoices):
    """Which section of the Children Act 2004 makes an agency a partner, or that it is invited."""

    S10 = "s10", "Children Act 2004 s.10 (co-operation)"
    S11 = "s11", "Children Act 2004 s.11 (safeguarding)"
    S16E = "s16E", "Children Act 2004 s.16E (local arrangements)"
    INVITED = "invited", "Invited by the partnership"


class Phones(NamedTuple):
    """Whom to ring about a child in a partnership; None where nobody is in one."""

    front_door: str | None = None
    out_of_hours: str | None = None


NO_PHONES: Final = Phones()


@dataclass(frozen=True)
class Principal:
    """A person acting in one membership: one agency, one role, for these partnerships.

    Plain values only, so that policies and the law can be asked without a database. `team_id` is
    the Django group (agency x role) that grants name. Two hats never add up: a person with two
    memberships is two principals, one at a time. Whoever `sends_only` sends referrals and follows
    their own, and is given nothing else by anybody. `phones` are those of the first of the
    partnerships by name.
    """

    user_id: UUID
    membership_id: UUID
    team_id: int
    agency_id: UUID
    agency_kind: AgencyKind
    role: Role
    partnership_ids: tuple[UUID, ...]
    name: str = field(repr=False)
    agency_name: str
    idle_minutes: int = IDLE_MINUTES
    sends_only: bool = False
    phones: Phones = NO_PHONES

    @property
    def working_as(self) -> str:
        """What the header says: the role, then the agency."""
        return f"{self.role.label}, {self.agency_name}"


class Post(NamedTuple):
    """What a principal takes from a membership, its team and its agency, in their own words."""

    user_id: UUID
    membership_id: UUID
    team_id: int
    role: str
    sends_only: bool
    agency_id: UUID
    agency_kind: str
    agency_name: str


class Area(NamedTuple):
    """What a principal takes from a partnership of their agency: the names of its own fields."""

    pk: UUID
    name: str
    idle_minutes: int
    front_door_phone: str
    out_of_hours_phone: str


def acting(name: str, post: Post, areas: Iterable[Area]) -> Principal:
    """The person of this name as they act in this post, for these partnerships."""
    ordered = sorted(areas, key=lambda each: each.name)
    return Principal(
        user_id=post.user_id,
        membership_id=post.membership_id,
        team_id=post.team_id,
        agency_id=post.agency_id,
        agency_kind=AgencyKind(post.agency_kind),
        role=Role(post.role),
        partnership_ids=tuple(sorted(each.pk for each in ordered)),
        name=name,
        agency_name=post.agency_name,
        sends_only=post.sends_only,
        idle_minutes=min((each.idle_minutes for each in ordered), default=IDLE_MINUTES),
        phones=Phones(*ordered[0][-2:]) if ordered else NO_PHONES,
    )

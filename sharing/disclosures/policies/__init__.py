"""Who may share, stop, advise and read the record of sharing; who may read which explanation."""

from collections.abc import Iterable
from typing import Final, NoReturn
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from portal.accounts import policies as people
from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies as casework
from referrals.models import Case, Grant
from sharing.disclosures.models import Disclosure, ShareDraft
from sharing.disclosures.vocabulary import OPENS
from sharing.rules.vocabulary import Purpose

_READS_HOLDERS: Final = frozenset({Role.COORDINATOR, Role.MANAGER, Role.AGENCY_LEAD, Role.IG_LEAD})
_READS_REGISTER: Final = frozenset({Role.COORDINATOR, Role.MANAGER, Role.IG_LEAD})
# Roles that work with children. Nothing of a case is ever shared with the others.
_RECEIVES: Final = (
    Role.PRACTITIONER,
    Role.AGENCY_LEAD,
    Role.COORDINATOR,
    Role.MANAGER,
    Role.PANEL_MEMBER,
    Role.PANEL_CHAIR,
    Role.LADO,
)
# Rule 5: whom danger opens a case to before anybody has approved it.
_IN_DANGER: Final = Q(agency__kind=AgencyKind.POLICE) | Q(
    agency__kind=AgencyKind.COUNCIL, role__in=[Role.COORDINATOR, Role.MANAGER]
)


def reads_holders(principal: Principal) -> bool:
    """Whether the principal reads, team by team, who else can open a case they can open.

    Anybody else reads how many teams can.
    """
    return principal.role in _READS_HOLDERS


def shares_whatever_they_see(principal: Principal) -> bool:
    """Whether somebody who may share is no agency's lead, who shares their own agency's only."""
    return principal.role is not Role.AGENCY_LEAD


def may_share(principal: Principal, case: Case) -> bool:
    """Whether the principal may decide to share something of the case."""
    return casework.standing(principal, case).may_share


def require_may_share(principal: Principal, case: Case) -> None:
    """Insist on it. Raises NotVisible if the case is not theirs to know of, else Refused."""
    stands = casework.standing(principal, case)
    if not stands.relations:
        raise NotVisible("case", case.reference)
    if not stands.may_share:
        raise Refused(
            "The coordinators and managers of a case share it, and an agency's lead shares what"
            " their agency holds. Ask one of them",
            kind="case",
            pk=str(case.pk),
            action="share",
        )
    if stands.emergency:
        refuse_emergency(case)


def require_no_emergency(principal: Principal, case: Case) -> None:
    """Insist that no emergency access of theirs is open to the case. Raises Refused.

    What somebody reads for an hour in an emergency is not theirs to give away.
    """
    if casework.standing(principal, case).emergency:
        refuse_emergency(case)


def refuse_emergency(case: Case) -> NoReturn:
    """Say that what is read in an emergency is not shared. Raises Refused."""
    raise Refused(
        "Emergency access is to read this case. End it first, then share what your role sees",
        kind="case",
        pk=str(case.pk),
        action="share",
    )


def recipients(case: Case, principal: Principal, *, danger: bool = False) -> QuerySet[Team]:
    """The teams with whom something of the case may be shared, each with its number of `people`.

    Teams of the partnership in which somebody works now, but the principal's own.
    """
    now = Now()
    live = Q(memberships__from_at__lte=now, memberships__user__is_active=True) & (
        Q(memberships__until_at__isnull=True) | Q(memberships__until_at__gt=now)
    )
    found = people.teams_in(case.partnership_id, *_RECEIVES).exclude(pk=principal.team_id)
    if danger:
        found = found.filter(_IN_DANGER)
    return found.annotate(people=Count("memberships", filter=live, distinct=True)).filter(
        people__gt=0
    )


def told_of(case: Case, teams: Iterable[Team]) -> list[Membership]:
    """The people in these teams who may be told of the case: nobody with a conflict of interest."""
    return list(people.live_memberships(teams).exclude(casework.walled(case)))


def drafts(principal: Principal, case: Case | None = None) -> QuerySet[ShareDraft]:
    """The principal's own drafts of shares, in cases that they can still see."""
    found = ShareDraft.objects.filter(
        author_id=principal.membership_id, case__in=casework.visible(principal)
    ).select_related("case__child", "case__partnership", "advised_by__user")
    return found.filter(case=case) if case else found


def draft_for(principal: Principal, pk: UUID) -> ShareDraft:
    """The principal's own draft. Raises NotVisible."""
    found = drafts(principal).filter(pk=pk).first()
    if found is None:
        raise NotVisible("share", str(pk))
    return found


def asked_for_advice(principal: Principal) -> QuerySet[ShareDraft]:
    """The drafts on which an information-governance lead of the partnership is asked for advice.

    Never on their own, in whatever role they wrote it. Raises Refused to anybody else. A case
    with which they have a conflict of interest is not there.
    """
    if principal.role is not Role.IG_LEAD:
        raise Refused(
            "Information-governance leads advise on sharing", kind="advice", action="advise"
        )
    walled = casework.walls(principal).filter(case=OuterRef("case"))
    return (
        ShareDraft.objects.open()
        .filter(
            ~Exists(walled),
            ~Q(author__user=principal.user_id),
            case__partnership__in=principal.partnership_ids,
            asked_at__isnull=False,
            advised_at__isnull=True,
        )
        .select_related("case", "author__user", "author__team__agency")
        .order_by("asked_at", "pk")
    )


def shared_with(principal: Principal, disclosure: Disclosure) -> bool:
    """Whether the decision shared something with the principal's own team."""
    return disclosure.recipient_id == principal.team_id and disclosure.result in OPENS


def require_live(disclosure: Disclosure) -> None:
    """Insist that something of what the decision opened is still open. Raises DomainError."""
    if not Grant.objects.live().filter(disclosures=disclosure).exists():
        raise DomainError("This share has ended, so there is nothing to acknowledge.")


def decides(principal: Principal, disclosure: Disclosure) -> bool:
    """Whether the principal reads the whole record, and may stop or renew what it opened.

    Whoever oversees the case, and whoever leads the agency whose information it is.
    """
    leads = principal.agency_id == disclosure.holder_id
    return (leads or shares_whatever_they_see(principal)) and may_share(principal, disclosure.case)


def is_question(disclosure: Disclosure) -> bool:
    """Whether it told an agency who the child is so that it could answer a question."""
    asked = disclosure.request
    return asked is not None and asked.team_id == disclosure.recipient_id


def why_not_renewed(disclosure: Disclosure) -> str:
    """Why a share of this sort is never renewed, and what to do instead; "" where it can be.

    A question opens its own page until its own day. Danger is a fact of one moment: it is stated
    again, or it is over.
    """
    if is_question(disclosure):
        return (
            "This was told to answer a question, and ends by itself. Nothing has changed. Ask"
            " again, or share from the Sharing page."
        )
    if disclosure.purpose == Purpose.DANGER:
        return (
            "This was shared because of danger then. Nothing has changed. If the child is in"
            " danger now, share at once from the Sharing page."
        )
    return ""


def disclosure_for(principal: Principal, pk: UUID) -> Disclosure:
    """The record of a decision that the principal may read: they decide on it, or received it.

    Raises NotVisible: for a case that is not theirs to know of, and for somebody else's share.
    """
    found = (
        Disclosure.objects.filter(pk=pk, case__in=casework.visible(principal))
        .select_related(
            "case__child",
            "case__partnership",
            "request",
            "holder",
            "recipient__agency",
            "decider__user",
            "decider__team__agency",
            "acknowledgement__by__user",
        )
        .first()
    )
    if found is None or not (decides(principal, found) or shared_with(principal, found)):
        raise NotVisible("disclosure", str(pk))
    return found


def require_decides(principal: Principal, disclosure: Disclosure) -> None:
    """Insist that the principal may stop or renew it. Raises Refused; they can see it."""
    if not decides(principal, disclosure):
        raise Refused(
            "Whoever coordinates or manages the case, or leads the agency that shared, decides"
            " about this share",
            kind="disclosure",
            pk=str(disclosure.pk),
            action="decide",
        )


def register(principal: Principal) -> QuerySet[Disclosure]:
    """The decisions of the principal's partnerships, newest first. Raises Refused.

    A case with which they have a conflict of interest is not there.
    """
    if principal.role not in _READS_REGISTER:
        raise Refused(
            "The register of disclosures is for coordinators, front door managers and"
            " information-governance leads",
            kind="register",
            action="read",
        )
    walled = casework.walls(principal).filter(case=OuterRef("case"))
    return (
        Disclosure.objects.filter(~Exists(walled), case__partnership__in=principal.partnership_ids)
        .select_related("case", "holder", "recipient__agency", "decider__team__agency")
        .order_by("-decided_at", "pk")
    )

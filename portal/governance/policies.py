"""Who may make an audit trail, and who may see which."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from portal.governance.models import AuditTrail
from referrals import policies as casework
from referrals.models import Case


def visible(principal: Principal) -> QuerySet[AuditTrail]:
    """Trails that the principal asked for; for a board chair, those published to their board.

    None is of a case that a conflict of interest keeps from them.
    """
    walled = Exists(casework.walls(principal).filter(case=OuterRef("case")))
    mine = Q(requested_by_id=principal.membership_id)
    found = (
        AuditTrail.objects.filter(~walled)
        .select_related("document", "case")
        .defer("document__content")
    )
    if principal.role is Role.BOARD_CHAIR:
        published = Q(published_at__isnull=False, partnership_id__in=principal.partnership_ids)
        return found.filter(published)
    return found.filter(mine)


def trail_for(principal: Principal, pk: UUID) -> AuditTrail:
    """Return the visible trail. Raises NotVisible."""
    found = visible(principal).filter(pk=pk).first()
    if found is None:
        raise NotVisible("trail", str(pk))
    return found


def require_may_make_trail(principal: Principal, case: Case) -> None:
    """Insist on it. Raises Refused; the case is visible to the principal."""
    casework.require_oversees(principal, case)


def require_board(principal: Principal) -> None:
    """Insist that the principal chairs a board. Raises Refused."""
    if principal.role is not Role.BOARD_CHAIR:
        raise Refused("Published audit reports are read by the board's chair", kind="board")

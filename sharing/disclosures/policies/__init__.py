"""Who may read which explanation of the sharing."""

from typing import Final

from portal.accounts.vocabulary import Principal, Role

_READS_HOLDERS: Final = frozenset({Role.COORDINATOR, Role.MANAGER, Role.AGENCY_LEAD, Role.IG_LEAD})


def reads_holders(principal: Principal) -> bool:
    """Whether the principal reads, team by team, who else can open a case they can open.

    Anybody else reads how many teams can.
    """
    return principal.role in _READS_HOLDERS

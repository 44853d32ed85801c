"""The navigation that each role's pages begin with."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.accounts.vocabulary import Role

_HOME: Final = ("Home", "home:home")
_HELP: Final = ("Help", "home:help")
_ACTIONS: Final = ("Actions", "actions:actions")
_REVIEWS: Final = ("Reviews", "actions:reviews")
_REFERRER: Final = (_HOME, ("My referrals", "following:mine"), _HELP)
_MEETINGS: Final = ("Meetings", "meetings:meetings")
_REQUESTS: Final = ("Requests", "disclosures:requests")
_FRONT_DOOR: Final = (
    _HOME,
    ("Triage", "triage:board"),
    ("Cases", "referrals:cases"),
    _MEETINGS,
    _REQUESTS,
    _ACTIONS,
    _REVIEWS,
    _HELP,
)
_GOVERNS: Final = (
    ("Conflicts", "disclosures:walls"),
    ("Emergency access", "disclosures:emergencies"),
)
_PANEL: Final = (_HOME, ("Cases", "referrals:cases"), _MEETINGS, _ACTIONS, _HELP)

NAVIGATION: Final[Mapping[Role, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        **dict.fromkeys(Role, (_HOME, _HELP)),
        Role.PRACTITIONER: _REFERRER,
        Role.AGENCY_LEAD: (
            *_REFERRER[:-1],
            ("Cases", "referrals:cases"),
            _MEETINGS,
            _REQUESTS,
            _ACTIONS,
            _HELP,
        ),
        Role.COORDINATOR: _FRONT_DOOR,
        Role.MANAGER: (
            *_FRONT_DOOR[:-1],
            *_GOVERNS,
            ("Settings", "accounts:partnership"),
            _HELP,
        ),
        Role.PANEL_MEMBER: _PANEL,
        Role.PANEL_CHAIR: (*_PANEL[:-1], _REVIEWS, _HELP),
        Role.AGENCY_ADMIN: (_HOME, ("Contacts", "accounts:contacts"), _HELP),
        Role.PLATFORM_ADMIN: (_HOME, ("Outgoing mail", "notifications:mail"), _HELP),
        Role.LADO: (_HOME, ("Steps", "triage:tasks"), _HELP),
        Role.BOARD_CHAIR: (_HOME, ("Audit reports", "governance:reports"), _HELP),
        Role.IG_LEAD: (
            _HOME,
            ("Rules", "rules:rules"),
            ("Register", "disclosures:register"),
            ("Advice", "disclosures:advice"),
            *_GOVERNS,
            _HELP,
        ),
    }
)
"""What stands at the head of each page: (label, URL name), in the same order everywhere."""

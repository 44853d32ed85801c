"""The words of notices, and the navigation that each role's pages begin with.

The floor may not import what stands on it, so pages above are named here as addresses are: by the
string that Django resolves.
"""

from portal.notifications.vocabulary.kinds import NEXT, Class, Kind, Meaning, Status, When
from portal.notifications.vocabulary.meanings import MEANINGS
from portal.notifications.vocabulary.navigation import NAVIGATION

__all__ = [
    "MEANINGS",
    "NAVIGATION",
    "NEXT",
    "Class",
    "Kind",
    "Meaning",
    "Status",
    "When",
]

"""The words of the MASE panel: what an item is about, what became of a nomination, who came."""

from typing import Final

from django.db.models import TextChoices

from portal.accounts.vocabulary import Role


class ItemKind(TextChoices):
    """What the panel looks at: victims, offenders, locations and themes, in that order."""

    CHILD = "child", "Child"
    PERSON = "person", "Person who may pose a risk"
    PLACE = "place", "Place"
    THEME = "theme", "Theme"


HEADINGS: Final = {
    ItemKind.CHILD: "Children",
    ItemKind.PERSON: "People who may pose a risk",
    ItemKind.PLACE: "Places",
    ItemKind.THEME: "Themes",
}
"""What stands above the items of a kind on an agenda."""

ORDER: Final = tuple(str(kind) for kind in ItemKind)


def default_order() -> list[str]:
    """Victims, offenders, locations, themes."""
    return list(ORDER)


class Origin(TextChoices):
    """Where a nomination came from."""

    TRIAGE = "triage", "From triage"
    REVIEW = "review", "From a review"
    PARTNER = "partner", "From an agency of the panel"


class Came(TextChoices):
    """Whether somebody who was invited came."""

    WAITED = "", "Not known yet"
    PRESENT = "present", "Here"
    APOLOGIES = "apologies", "Apologies"
    SENT = "sent", "Sent somebody"


CHAIRS: Final = frozenset({Role.COORDINATOR, Role.MANAGER, Role.PANEL_CHAIR})
"""The roles that may chair: those that may record what a panel decides, and give its actions."""

CONFIDENTIALITY: Final = (
    "What is said here is about children and their families. Use it only to keep children safe."
    " Keep it out of your own notes, and tell nobody who does not need it for that."
)
"""What everybody accepts before a meeting, until a partnership writes its own."""

MOST_ITEMS: Final = 40
LONGEST_WHY: Final = 2000


class Said(TextChoices):
    """What a line of the minutes is: what an agency said, or why it disagrees."""

    DISCUSSION = "discussion", "Discussion"
    DISSENT = "dissent", "Disagrees"


class Agreed(TextChoices):
    """What the panel decides about an item."""

    KEEP = "keep", "The panel stays involved"
    STEP_DOWN = "step_down", "The panel proposes to step down"
    DEFERRED = "deferred", "Put off to another meeting"


class Says(TextChoices):
    """What an agency says of its own lines in a draft of minutes."""

    RIGHT = "right", "Yes, they are right"
    CHANGE = "change", "No, something should change"

"""The words of an information report."""

from typing import Final

from django.db.models import TextChoices

from portal.accounts.vocabulary import AgencyKind, Role
from referrals.services.items import FIELDS, Field, ItemKind
from referrals.vocabulary import KnownHow
from sharing.rules.vocabulary import Category, Purpose


class Verdict(TextChoices):
    """What a person found about a link that the portal proposed."""

    CONFIRMED = "confirmed", "It is the same one"
    REJECTED = "rejected", "It is not the same one"


SOURCES: Final = (KnownHow.SAW, KnownHow.TOLD, KnownHow.RECORD)
"""How what a report tells may be known."""

KINDS: Final = (ItemKind.PEOPLE, ItemKind.PLACES, ItemKind.ONLINE)
"""What a report names one by one, as a referral does."""

ONE: Final = {
    ItemKind.PEOPLE: "person",
    ItemKind.PLACES: "place",
    ItemKind.ONLINE: "account, phone or vehicle",
}
"""What one of each kind is called."""

_ABOUT_ONE_CHILD: Final = {"relation", "times"}

ASKED: Final[dict[ItemKind, dict[str, Field]]] = {
    kind: {name: one for name, one in FIELDS[kind].items() if name not in _ABOUT_ONE_CHILD}
    for kind in KINDS
}
"""The fields of a referral's lists, but for those that ask how something stands to the child."""

TOLD: Final = Category.IC4
"""What a report says. It is not police intelligence (IC9) before the police have graded it."""

A_CHILD: Final = Category.IC11
"""A person who may be a child: a child first, and kept as a referral keeps them."""

SOURCE: Final = Category.IC15
"""Who told us."""

CATEGORIES: Final = (TOLD, A_CHILD, SOURCE)

READS_FOR: Final = {
    (AgencyKind.POLICE, Role.PRACTITIONER): Purpose.DISRUPT,
    (AgencyKind.POLICE, Role.AGENCY_LEAD): Purpose.DISRUPT,
    (AgencyKind.COUNCIL, Role.COORDINATOR): Purpose.SCREEN,
    (AgencyKind.COUNCIL, Role.MANAGER): Purpose.SCREEN,
}
"""Whom a report is for, and for what they read it. The law is asked about each of them."""

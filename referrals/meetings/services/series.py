"""A panel's settings, kept by whoever runs it."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from portal.accounts.models import Membership
from portal.accounts.vocabulary import AgencyKind, Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from referrals.meetings import policies
from referrals.meetings.models import Series
from referrals.meetings.vocabulary import ItemKind

_TWICE = "There is a panel of this name already. Nothing is lost: give this one another name."


@dataclass(frozen=True, repr=False)
class Setup:
    """How a panel is called and run, as somebody types it. People are named by membership."""

    name: str
    remit: str
    order: tuple[ItemKind, ...]
    quorum_agencies: int
    quorum_kinds: tuple[AgencyKind, ...]
    papers_out_days: int
    confidentiality: str
    chair: UUID | None
    members: tuple[UUID, ...]


@transaction.atomic
def keep_series(*, actor: Principal, setup: Setup, pk: UUID | None = None) -> Series:
    """Found a panel in the actor's partnership, or change how one is run; on the record.

    Meetings that are planned already keep what they were given.
    Raises Refused unless the actor runs panels, NotVisible; DomainError when the name is taken, an
    order leaves a kind out, or somebody named does not work here.
    """
    policies.require_runs(actor)
    if sorted(setup.order) != sorted(ItemKind):
        raise DomainError("Give each kind a place of its own in the order of the agenda.")
    if pk is None:
        series = Series(partnership_id=actor.partnership_ids[0])
        series.version = 0
    else:
        series = Series.objects.select_for_update().get(pk=policies.series_for(actor, pk).pk)
    people = _people(series, setup)
    for name in ("name", "remit", "quorum_agencies", "papers_out_days", "confidentiality"):
        value = getattr(setup, name)
        setattr(series, name, value.strip() if isinstance(value, str) else value)
    series.order = [str(kind) for kind in setup.order]
    series.quorum_kinds = [str(kind) for kind in setup.quorum_kinds]
    series.chair_id = setup.chair
    series.version += 1
    try:
        with transaction.atomic():
            series.save()
    except IntegrityError as error:
        if "series_named_once" in str(error):
            raise DomainError(_TWICE) from None
        raise
    series.members.set(people)
    record(actor, "meeting.series_kept", obj=("series", series.pk))
    return series


def _people(series: Series, setup: Setup) -> list[Membership]:
    wanted = {*setup.members, *((setup.chair,) if setup.chair else ())}
    found = policies.who_may_come(series.partnership_id).filter(pk__in=wanted)
    people = {member.pk: member for member in found}
    if wanted - people.keys():
        raise DomainError("Somebody whom you named does not work here now. Choose again.")
    chairs = policies.may_chair(series.partnership_id)
    if setup.chair and not chairs.filter(pk=setup.chair).exists():
        raise DomainError("Select a chair who may record what the panel decides.")
    return [people[pk] for pk in dict.fromkeys(setup.members)]

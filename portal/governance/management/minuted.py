"""The demo's panel in session: draft minutes that wait for comment, and a meeting being held."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals import policies as casework
from referrals.assessments.vocabulary import Level
from referrals.meetings import policies, services
from referrals.meetings.models import AgendaItem, Series
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import concluding, minutes, writing
from referrals.meetings.vocabulary import Agreed, Came
from referrals.meetings.workflow import OPEN_NOMINATION, Sifting
from referrals.models import Case
from referrals.workflow import CONSIDERED

_SAID: Final = {
    AgencyKind.COUNCIL: "Two visits this month. The child asked to be seen alone.",
    AgencyKind.HEALTH: "Kept both appointments, and slept better in the second week.",
    AgencyKind.POLICE: "Two officers saw the silver car. Its keeper is being looked for.",
    AgencyKind.SCHOOL: "On time each day since the change of form. Leaves by the main gate now.",
    AgencyKind.CHARITY: "Comes to the drop-in each week, and likes the worker there.",
}
_OTHERS: Final = "Nothing new since the last time."
_WHY: Final = "The plan was made before we knew about the silver car."


def minute(cast: Mapping[str, Principal]) -> None:
    """Hold one meeting to its end and draft its minutes; begin another, an item on its screen.

    The panel is there already. Everybody acts through the services of the portal.
    """
    people = list(cast.values())
    runs = next(each for each in people if each.role is Role.COORDINATOR)
    sifts = next(each for each in people if each.role is Role.MANAGER)
    [panel, *_] = policies.series_of(runs)
    cases = _free(runs)
    if len(cases) < 2:
        return
    for item in _begun(panel, runs, sifts, cases[:1], hours=1):
        _decide(runs, item)
        meeting = item.meeting
    services.end(actor=runs, pk=meeting.pk)
    minutes.draft(actor=runs, meeting=meeting)
    for item in _begun(panel, runs, sifts, cases[1:2], hours=3):
        writing.take_pen(actor=runs, meeting=item.meeting)
        writing.present(actor=runs, item=item)
        _say(runs, item)


def _free(runs: Principal) -> list[Case]:
    """Cases that a panel may look at, and that are put to none."""
    found = casework.visible(runs).filter(status__in=CONSIDERED)
    found = found.exclude(nominations__status__in=OPEN_NOMINATION).order_by("-received_at", "pk")
    return [case for case in found[:10] if policies.may_nominate(runs, case)]


def _begun(
    panel: Series, runs: Principal, sifts: Principal, cases: Sequence[Case], *, hours: int
) -> list[AgendaItem]:
    """The items of a meeting about these cases that has just begun."""
    starts = timezone.now() + timedelta(hours=hours)
    meeting = services.plan(
        actor=runs,
        series=panel.pk,
        plan=services.Plan(
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            chair=panel.chair_id or runs.membership_id,
            invited=tuple(panel.members.values_list("pk", flat=True)),
            confidentiality="",
            place="Meeting room 2, Orchard House",
        ),
        key=uuid4(),
    )
    put = services.Put(series=panel.pk, why=_WHY)
    made = [
        services.nominate(actor=runs, reference=case.reference, put=put, key=uuid4())
        for case in cases
    ]
    for nomination in made:
        services.sift(actor=sifts, pk=nomination.pk, step=Sifting.ACCEPT)
    services.add(actor=runs, meeting=meeting.pk, nominations=[each.pk for each in made])
    services.publish(actor=runs, pk=meeting.pk)
    came = dict.fromkeys(meeting.invitations.values_list("pk", flat=True), Came.PRESENT)
    services.note_who_came(actor=runs, pk=meeting.pk, came=came, accepted=True)
    services.hold(actor=runs, pk=meeting.pk)
    found = AgendaItem.objects.on_agenda().filter(meeting=meeting)
    return list(found.select_related("meeting", "nomination__case"))


def _say(runs: Principal, item: AgendaItem) -> None:
    kinds = dict(Agency.objects.values_list("pk", "kind"))
    said = {
        box.agency: (_SAID.get(AgencyKind(kinds[box.agency]), _OTHERS), box.version)
        for box in boxes(item)
    }
    writing.write_all(actor=runs, item=item, said=said)


def _decide(runs: Principal, item: AgendaItem) -> None:
    writing.take_pen(actor=runs, meeting=item.meeting)
    writing.present(actor=runs, item=item)
    _say(runs, item)
    on = timezone.localdate() + timedelta(days=28)
    owner = next(each for each in policies.may_write(item.meeting) if each.pk != runs.membership_id)
    found = concluding.Concluded(
        what=Agreed.KEEP,
        words="A joint visit this week, and the car is looked for.",
        reasons="Two agencies named the same car, and it waits there after school.",
        level=Level.MODERATE,
        next_on=on,
        key=uuid4(),
        actions=(
            concluding.Wanted(
                "Agree with the school who stands at the gate.",
                owner.pk,
                on,
                "Nobody waits there who should not.",
            ),
        ),
    )
    concluding.conclude(actor=runs, item=item, found=found, seen=concluding.version(None))
    writing.clear_screen(actor=runs, meeting=item.meeting)

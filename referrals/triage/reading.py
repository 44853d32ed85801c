"""What a reader may know of the board: its rows, narrowed by what those rows show them.

A filter on what a row does not show leaves the row out, whatever is there: so no choice of filters
tells more than the rows do.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from portal.accounts.vocabulary import Principal
from portal.common.clock import LONDON, end_of
from referrals import policies
from referrals.matching.reading import referred_again
from referrals.models import Case, CaseQuerySet, Pause, Referral, SightQuerySet, Statement
from referrals.vocabulary import HARM_WORDS, AgeBand, Answer, Extent, Flag
from sharing.rules.vocabulary import Category


def narrowed(
    principal: Principal, chosen: Mapping[str, str], at: datetime, replied: Collection[UUID]
) -> SightQuerySet:
    """What waits on the board for this principal and answers every code that was chosen.

    `replied` are the cases on which an answer came that the principal has not seen.
    """
    found = policies.sights(principal).waiting()
    if due := chosen.get("due"):
        found = found.due(due, at, end_of(at.astimezone(LONDON).date()))
    if has := chosen.get("has"):
        found = _of(principal, found, has)
    for name in ("priority", "status"):
        if code := chosen.get(name):
            found = found.filter(**{f"case__{name}": code})
    if area := chosen.get("area"):
        found = found.filter(partnership__slug=area)
    if chosen.get("replies"):
        found = found.filter(case_id__in=replied)
    for cases in _shown(principal, chosen, at):
        found = found.filter(Exists(cases.filter(pk=OuterRef("case_id"))))
    return found


def _of(principal: Principal, found: SightQuerySet, has: str) -> SightQuerySet:
    if has == "me":
        return found.filter(case__coordinator=principal.membership_id)
    return found.unassigned() if has == "nobody" else found.assigned()


def _shown(principal: Principal, chosen: Mapping[str, str], at: datetime) -> Iterable[CaseQuerySet]:
    """For each code about what a row may or may not show: the cases in whose row it is shown."""
    if kind := chosen.get("kind"):
        sent = Referral.objects.filter(case=OuterRef("pk"), agency__kind=kind)
        yield policies.shown_in_row(principal, Category.IC15).filter(Exists(sent))
    if band := chosen.get("age"):
        known = policies.shown_in_row(principal, Category.IC1)
        yield known.filter(aged(AgeBand(band), at.astimezone(LONDON).date()))
    flag = chosen.get("flag")
    if flag == Flag.HARM:
        yield tell_of_harm(principal)
    elif flag == Flag.AGAIN:
        yield referred_again(principal)
    elif flag == Flag.STILL:
        still = Pause.objects.filter(until_at__isnull=True, clock__stopped_at__isnull=True)
        yield Case.objects.filter(Exists(still.filter(clock__case=OuterRef("pk"))))


def tell_of_harm(principal: Principal) -> CaseQuerySet:
    """The cases in which the principal reads a sign of harm that somebody told openly.

    It opens nothing: hold it against what is visible.
    """
    opened = policies.grants(principal).filter(
        content_object=OuterRef("case"),
        holder=OuterRef("agency"),
        extent=Extent.WHOLE,
        categories__contains=[Category.IC4],
    )
    words = Q()
    for said in HARM_WORDS:
        words |= Q(text__contains=said)
    told = Statement.objects.filter(
        words,
        Exists(opened) | Q(author=principal.membership_id),
        case=OuterRef("pk"),
        question="signs",
        answer=Answer.GIVEN,
        protect="",
        removed_at__isnull=True,
        corrected_by__isnull=True,
    )
    return Case.objects.filter(Exists(told), harm_sign=True)


def aged(band: AgeBand, on: date) -> Q:
    """The condition on cases under which the child is of this age on that day."""
    if band.years is None:
        return Q(child__date_of_birth__isnull=True, child__age_estimate__isnull=True)
    least, most = band.years
    born = Q(
        child__date_of_birth__lte=_years_before(on, least),
        child__date_of_birth__gt=_years_before(on, most + 1),
    )
    return born | Q(child__date_of_birth__isnull=True, child__age_estimate__range=(least, most))


def _years_before(day: date, years: int) -> date:
    """The last day of birth on which somebody is so many years old on this day."""
    if (day.month, day.day) == (2, 29):
        day = day - timedelta(days=1) if (day.year - years) % 4 else day
    return day.replace(year=day.year - years)

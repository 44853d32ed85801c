"""The board narrowed by what its rows show, and by nothing that they do not show."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Partnership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.common.errors import DomainError, Refused
from referrals.models import Case, Child, Grant, KeptView, Referral, Statement
from referrals.services import Told, chosen, clocks, correct, end_grants, protect
from referrals.triage.forms import FilterForm
from referrals.triage.reading import aged, narrowed
from referrals.triage.services import keep_view, look
from referrals.vocabulary import HARM_SIGNS, AgeBand, Flag, KnownHow, Protect, Sign
from tests.cast import SAW, Cast, events, send, signed_in
from tests.matching.test_judge import wall
from tests.referrals.test_board import rows

HARM = {"saw": Told(SAW), "signs": chosen("signs", [Sign.THREATS])}
MILD = {"saw": Told(SAW), "signs": chosen("signs", [Sign.ABSENCE])}
EVERY = [
    *({"kind": kind} for kind in ("school", "police", "charity")),
    *({"age": band} for band in ("0-9", "13-15", "not-known")),
    *({"flag": flag.value} for flag in Flag),
]


def only(cast: Cast, case: Case, *codes: str) -> None:
    """The coordinators go on to read these kinds of information of the case, and no other."""
    live = Grant.objects.live().filter(content_object=case, group_id=cast.coordinator.team_id)
    grant = live.filter(categories__contains=["IC1"]).get()
    end_grants(cast.manager, case, live, "Too much.")
    grant.pk, grant.categories, grant._state.adding = uuid4(), list(codes), True
    grant.save(force_insert=True)


def said(client, **codes: str) -> list[str]:
    """What stands in the row of each referral on the board, but its box."""
    page = html.fromstring(client.get("/triage/", codes).content.decode())
    return [row.text_content() for row in page.xpath("//table[@id='waiting']/tbody/tr")]


def test_each_filter_shows_those_whose_row_says_so(cast: Cast):
    girl = send(cast.teacher, answers=HARM, date_of_birth=timezone.localdate())
    worker = send(cast.charity_worker, date_of_birth=None, age_estimate=16)
    unknown = send(cast.teacher, date_of_birth=None)
    clocks.pause(actor=cast.manager, case=worker, reason="The sender is away.")
    client = signed_in(cast.coordinator)

    assert set(rows(client, kind="school")) == {girl.reference, unknown.reference}
    assert rows(client, kind="charity") == [worker.reference]
    assert rows(client, kind="police") == []
    assert rows(client, age="0-9") == [girl.reference]
    assert rows(client, age="16-17") == [worker.reference]
    assert rows(client, age="not-known") == [unknown.reference]
    assert rows(client, flag="harm") == [girl.reference]
    assert rows(client, flag="still") == [worker.reference]
    assert rows(client, kind="school", age="0-9", flag="harm") == [girl.reference]
    assert rows(client, kind="charity", age="0-9") == []
    (row,) = said(client, flag="harm")
    assert Flag.HARM.label in row
    assert not any(Flag.HARM.label in row for row in said(client, kind="charity"))


@pytest.mark.parametrize("on", [date(2027, 2, 28), date(2028, 2, 29), date(2028, 3, 1)])
def test_a_band_holds_who_the_row_says_is_so_old(cast: Cast, on: date):
    """Every birth date around the edges of every band, a leap day among them."""
    days = (on - timedelta(days=366), on, on + timedelta(days=1), date(2012, 2, 29))
    born = {
        day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)
        for day in days
        for years in (0, 9, 10, 12, 13, 15, 16, 17, 18, 19)
        if day.year - years <= on.year
    } | {date(2012, 2, 29), date(2016, 2, 29)}
    Child.objects.bulk_create(
        Child(partnership=cast.partnership, given_name="Ann", date_of_birth=day) for day in born
    )
    now = timezone.now()
    Case.objects.bulk_create(
        Case(
            partnership=cast.partnership,
            child=child,
            reference=f"R-{number:08}",
            received_at=now,
            decision_due_at=now + timedelta(days=1),
            priority="standard",
        )
        for number, child in enumerate(Child.objects.all())
    )
    for band in AgeBand:
        if band.years is None:
            continue
        least, most = band.years
        found = Case.objects.filter(aged(band, on)).values_list("child__date_of_birth", flat=True)
        assert set(found) == {
            day
            for day in born
            if least <= on.year - day.year - ((on.month, on.day) < (day.month, day.day)) <= most
        }, band


def another_kind(cast: Cast, case: Case) -> None:
    Agency.objects.filter(pk=Referral.objects.get(case=case).agency_id).update(kind="police")


def another_age(cast: Cast, case: Case) -> None:
    Child.objects.filter(cases=case).update(date_of_birth=date(2024, 1, 1))


def no_age(cast: Cast, case: Case) -> None:
    Child.objects.filter(cases=case).update(date_of_birth=None, age_estimate=None)


def harm(cast: Cast, case: Case) -> None:
    """Whoever told of it ticked the wrong box: it was a sign of harm."""
    correct(
        actor=cast.teacher,
        statement=Statement.objects.get(case=case, question="signs"),
        text=Sign.THREATS.label,
        known_how=KnownHow.SAW,
        why="The wrong box",
    )
    assert Case.objects.get(pk=case.pk).harm_sign


def everything_else(cast: Cast, case: Case) -> None:
    for change in (another_kind, no_age, harm):
        change(cast, case)


@pytest.mark.parametrize(
    ("sees", "changes"),
    [
        (("IC1", "IC4"), another_kind),
        (("IC4", "IC15"), another_age),
        (("IC1", "IC15"), harm),
        ((), everything_else),
    ],
)
def test_what_a_row_hides_changes_no_row_no_count_and_no_query_by_any_filter(
    cast: Cast, sees: tuple[str, ...], changes: Callable[[Cast, Case], None]
):
    hidden = send(cast.teacher, answers=MILD)
    send(cast.charity_worker)
    only(cast, hidden, "IC0", *sees)
    now = timezone.now()

    def seen() -> list[object]:
        found: list[object] = []
        for codes in ({}, *EVERY):
            with CaptureQueriesContext(connection) as queries:
                board = look(actor=cast.coordinator, chosen=codes, number=None, at=now)
            count = board.page.paginator.count
            found.append((codes, board.rows, board.counts, count, len(queries)))
        return found

    before = seen()
    changes(cast, hidden)

    assert seen() == before
    assert hidden.reference in rows(signed_in(cast.coordinator))


def test_a_case_behind_a_wall_is_in_no_filter(cast: Cast):
    case = send(cast.teacher, answers=HARM)
    wall(cast, case)

    now = timezone.now()
    for who, found in ((cast.coordinator, False), (cast.manager, True)):
        shown = [bool(narrowed(who, codes, now, ())) for codes in EVERY]
        assert any(shown) is found


@pytest.mark.parametrize("as_", [Protect.EXISTENCE, Protect.POLICE])
def test_a_sign_that_is_protected_is_no_flag(cast: Cast, as_: Protect):
    case = send(cast.teacher, answers=HARM)
    client = signed_in(cast.coordinator)
    assert rows(client, flag="harm") == [case.reference]

    statement = Statement.objects.get(case=case, question="signs")
    protect(actor=cast.teacher, statement=statement, protect=as_)

    assert rows(client, flag="harm") == []
    assert Flag.HARM.label not in " ".join(said(client))


def test_every_sign_of_harm_is_a_flag_and_no_other_sign_is(cast: Cast):
    harm = send(cast.teacher, answers=HARM | {"signs": chosen("signs", HARM_SIGNS)})
    others = set(Sign) - HARM_SIGNS
    send(cast.teacher, answers=HARM | {"signs": chosen("signs", others)})

    assert rows(signed_in(cast.coordinator), flag="harm") == [harm.reference]


def kept(client) -> dict[str, str]:
    """The views that stand above the board as somebody's own: words and address."""
    page = html.fromstring(client.get("/triage/").content.decode())
    links = page.xpath("//nav[@aria-label='Your views']//a")
    return {link.text_content(): link.get("href") for link in links}


def test_a_view_is_kept_for_oneself_and_removed_again(cast: Cast):
    case, _ = send(cast.teacher), send(cast.charity_worker)
    client = signed_in(cast.coordinator)
    codes = {"kind": "school", "age": "13-15"}
    assert "Keep this view" not in client.get("/triage/").text
    assert "Keep this view" not in client.get("/triage/?due=overdue").text
    page = html.fromstring(client.get("/triage/", codes).content.decode())
    form = page.xpath("//form[@action='/triage/views/keep/']")[0]
    carried = {box.get("name"): box.get("value") for box in form.xpath(".//input")}

    for _ in range(2):
        answer = client.post("/triage/views/keep/", carried)

    assert answer.url == "/triage/?kind=school&age=13-15"
    (words, address), *none = kept(client).items()
    assert (words, none) == ("Sent by: School or college, Age of the child: 13 to 15", [])
    assert address == "?kind=school&age=13-15"
    assert rows(client, **codes) == [case.reference]
    assert kept(signed_in(cast.second_coordinator)) == {}
    (kept_event,) = events("board.view_kept")
    assert kept_event["fields"] == ["age", "kind"]
    page = html.fromstring(client.get("/triage/", codes).content.decode())
    form = page.xpath("//form[@action='/triage/views/forget/']")[0]
    carried = {box.get("name"): box.get("value") for box in form.xpath(".//input")}
    theirs = signed_in(cast.second_coordinator)
    for nothing in (carried, {}, {"view": "Wrenna"}):
        theirs.post("/triage/views/forget/", nothing)
    assert kept(client) != {}
    client.post("/triage/views/forget/", carried)
    assert kept(client) == {}
    (forgotten,) = events("board.view_forgotten")
    assert forgotten["fields"] == ["age", "kind"]


@pytest.mark.parametrize("codes", ["kind=guild", "age=13-15&kind=guild"])
def test_a_view_of_which_a_code_is_known_no_more_is_removed_too(cast: Cast, codes: str):
    KeptView.objects.create(membership_id=cast.coordinator.membership_id, codes=codes)
    client = signed_in(cast.coordinator)
    page = html.fromstring(client.get(f"/triage/?{codes}").content.decode())
    form = page.xpath("//form[@action='/triage/views/forget/']")[0]

    client.post(
        "/triage/views/forget/",
        {box.get("name"): box.get("value") for box in form.xpath(".//input")},
    )

    assert not KeptView.objects.exists()


def test_a_view_holds_codes_that_are_known_and_no_words(cast: Cast):
    client = signed_in(cast.coordinator)

    client.post("/triage/views/keep/", {"kind": "Wrenna", "age": "13-15", "q": "Wrenna"})
    client.post("/triage/views/keep/", {"kind": "Wrenna"})

    assert list(kept(client).values()) == ["?age=13-15"]
    assert "nothing to keep yet" in client.post("/triage/views/keep/", follow=True).text
    with pytest.raises(DatabaseError, match="kept_view_holds_codes"):
        KeptView.objects.update(codes="q=Wrenna Sparrowhawk")


def test_ten_views_are_enough_and_nobody_else_keeps_any(cast: Cast):
    for due in ("overdue", "today"):
        for band in list(AgeBand)[:5]:
            keep_view(actor=cast.coordinator, codes={"due": due, "age": band.value})

    with pytest.raises(DomainError, match="10 views already"):
        keep_view(actor=cast.coordinator, codes={"flag": "harm"})
    with pytest.raises(Refused):
        keep_view(actor=cast.teacher, codes={"flag": "harm"})
    assert signed_in(cast.teacher).post("/triage/views/keep/", {"has": "me"}).status_code == 403
    assert KeptView.objects.count() == 10


def test_areas_are_asked_for_where_there_are_several(cast: Cast):
    here = send(cast.teacher)
    client = signed_in(cast.coordinator)
    assert "Area" not in {box.label for box in FilterForm({}, areas=[])}
    assert 'name="area"' not in client.get("/triage/").text
    Partnership.objects.filter(pk=cast.other_area.pk).update(slug="North-Downs")
    cast.other_area.refresh_from_db()
    # The code of another area is no filter for whoever works in one.
    assert rows(client, area=cast.other_area.slug) == [here.reference]

    both = accounts.join_agency(
        name="Shared Council",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership, cast.other_area],
    )
    shared = accounts.enrol(
        email="s@council.example.org", name="Shay Red", agency=both, role=Role.COORDINATOR
    ).principal()
    newer = send(cast.teacher)
    client = signed_in(shared)

    assert rows(client, area=cast.partnership.slug) == [newer.reference]
    assert rows(client, area=cast.other_area.slug) == []
    assert 'name="area"' in client.get("/triage/").text
    assert client.post("/triage/views/keep/", {"area": "North-Downs"}).status_code == 302
    assert list(kept(client).values()) == ["?area=North-Downs"]


def test_what_is_chosen_stays_chosen_on_the_next_page_and_in_the_form(cast: Cast, monkeypatch):
    monkeypatch.setattr("referrals.triage.services.queue.MOST_AT_ONCE", 1)
    for _ in range(2):
        send(cast.teacher)

    page = signed_in(cast.coordinator).get("/triage/", {"kind": "school", "flag": ""}).text

    assert "?kind=school&amp;page=2" in page
    assert html.fromstring(page).xpath("//select[@name='kind']/option[@selected]/@value") == [
        "school"
    ]

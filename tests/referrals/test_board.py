"""The board: in order of time left, narrowed by codes, given out, taken one by one."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Grant
from referrals.services import end_grants, read_case
from referrals.triage import services
from referrals.vocabulary import Conflict, Danger, Outcome
from referrals.workflow import Action
from sharing.disclosures.services import walls
from tests.cast import Cast, at_once, events, put_off, send, signed_in


def rows(client, **codes) -> list[str]:
    """The references on the board, from the top."""
    page = html.fromstring(client.get(f"/triage/?{urlencode(codes)}").content.decode())
    return page.xpath("//table[@id='waiting']//input[@name='case']/@value")


def views(client) -> dict[str, int]:
    """The counts that stand above the board."""
    page = html.fromstring(client.get("/triage/").content.decode())
    said = [
        item.text_content().split(": ") for item in page.xpath("//nav[@aria-label='Views']//li")
    ]
    return {label: int(count) for label, count in said}


def due(cast: Cast, case: Case, ahead: timedelta) -> Case:
    at = timezone.now() + ahead
    if at > case.decision_due_at:
        put_off(case, cast.manager, at)
    Case.objects.filter(pk=case.pk).update(
        received_at=timezone.now() - timedelta(days=9), decision_due_at=at
    )
    return case


def assign(who, cases, to, had=""):
    return services.assign(
        actor=who, seen={case.reference: had for case in cases}, to=to.membership_id
    )


def test_least_time_left_is_at_the_top_and_immediate_danger_above_all(cast: Cast):
    late, soon = send(cast.teacher), send(cast.teacher)
    danger = send(cast.teacher, danger=Danger.YES)
    due(cast, late, timedelta(hours=-5))
    due(cast, soon, timedelta(days=3))
    due(cast, danger, timedelta(days=5))

    assert rows(signed_in(cast.coordinator)) == [
        danger.reference,
        late.reference,
        soon.reference,
    ]


def test_each_view_is_a_link_that_counts_what_it_shows(cast: Cast):
    late, mine, danger = (
        send(cast.teacher),
        send(cast.teacher),
        send(cast.teacher, danger=Danger.YES),
    )
    back = send(cast.teacher)
    due(cast, late, timedelta(hours=-5))
    for case in (mine, danger, back):
        due(cast, case, timedelta(days=3))
    services.acknowledge(actor=cast.coordinator, case=mine)
    services.move(actor=cast.teacher, case=back, action=Action.WITHDRAW, reason="Mistake.")
    client = signed_in(cast.coordinator)

    assert views(client) == {
        "All": 4,
        "Mine": 1,
        "Not assigned": 3,
        "Overdue": 1,
        "Due today": 0,
        "Immediate": 1,
        "Replies in": 0,
        "Withdrawn": 1,
    }
    assert rows(client, has="me") == [mine.reference]
    assert rows(client, has="somebody") == [mine.reference]
    assert rows(client, due="overdue") == [late.reference]
    assert rows(client, priority="immediate") == [danger.reference]
    assert rows(client, status="withdrawn") == [back.reference]
    assert set(rows(client, has="nobody", due="later")) == {danger.reference, back.reference}


def test_a_code_that_nobody_knows_is_passed_over(cast: Cast, sent):
    client = signed_in(cast.coordinator)

    assert rows(client, due="x' OR 1", status="decided", has="%00") == [sent.reference]


def test_an_empty_board_says_so_in_its_own_words(cast: Cast):
    client = signed_in(cast.coordinator)
    assert "No referrals are waiting." in client.get("/triage/").text
    case = send(cast.teacher)
    assert "No referrals match." in client.get("/triage/?due=overdue").text
    services.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )
    assert "The last one was decided on" in client.get("/triage/").text


def test_ten_referrals_are_given_out_on_one_screen_and_one_confirm(cast: Cast):
    cases = [send(cast.teacher) for _ in range(10)]
    client = signed_in(cast.coordinator)
    chosen = rows(client)

    confirm = client.post("/triage/assign/", {"case": chosen})
    assert confirm.status_code == 200
    assert not Case.objects.exclude(coordinator=None).exists()
    page = html.fromstring(confirm.content.decode())
    form = page.xpath("//main//form")[0]
    assert not form.xpath(".//input[@checked]")
    typed = {"case": chosen, "to": ["", str(cast.second_coordinator.membership_id)]}
    answer = client.post("/triage/assign/", typed)

    assert answer.url == "/triage/"
    assert "10 assigned." in client.get("/triage/").text
    theirs = Case.objects.filter(coordinator=cast.second_coordinator.membership_id)
    assert theirs.count() == len(cases)
    assert len(events("referral.assigned")) == 10
    assert Notice.objects.filter(kind=Kind.ASSIGNED).count() == 10


def test_nothing_selected_nobody_chosen_and_too_many_are_told_beside_the_list(cast: Cast, sent):
    client = signed_in(cast.coordinator)

    nothing = client.post("/triage/assign/", {})
    assert (nothing.status_code, "Select at least one referral" in nothing.text) == (422, True)
    nobody = client.post("/triage/assign/", {"case": sent.reference, "to": ""})
    assert (nobody.status_code, "Select who checks them" in nobody.text) == (422, True)
    with pytest.raises(DomainError, match="at most 25"):
        services.assign(
            actor=cast.coordinator,
            seen={f"R-{n}": "" for n in range(26)},
            to=cast.coordinator.membership_id,
        )


def test_what_somebody_took_meanwhile_stays_theirs_and_the_rest_is_given(cast: Cast):
    taken, decided, free = (send(cast.teacher) for _ in range(3))
    services.acknowledge(actor=cast.manager, case=taken)
    services.decide(
        actor=cast.manager,
        case=decided,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )

    given = assign(cast.coordinator, [taken, decided, free], cast.second_coordinator)

    assert given.done == (free.reference,)
    assert given.words.startswith("1 assigned. ")
    assert f"{taken.reference} was taken by Manny Ager while you were choosing." in given.words
    assert f"{decided.reference} was decided while you were choosing." in given.words
    assert Case.objects.get(pk=taken.pk).coordinator_id == cast.manager.membership_id


def test_nobody_is_given_what_a_conflict_keeps_from_them_or_what_is_not_visible(cast: Cast, sent):
    walls.declare(actor=cast.second_coordinator, reference=sent.reference, why=Conflict.RELATIVE)
    other = send(cast.teacher)

    given = assign(cast.coordinator, [sent, other], cast.second_coordinator)

    assert given.done == (other.reference,)
    assert "cannot be given to this person" in given.words
    with pytest.raises(Refused):
        assign(cast.teacher, [sent], cast.coordinator)
    with pytest.raises(DomainError):
        assign(cast.other_coordinator, [sent], cast.other_coordinator)
    with pytest.raises(DomainError):
        assign(cast.coordinator, [sent], cast.teacher)


def test_whoever_a_conflict_keeps_from_all_that_was_selected_is_not_offered(cast: Cast, sent):
    other = send(cast.teacher)
    walls.declare(actor=cast.second_coordinator, reference=sent.reference, why=Conflict.RELATIVE)

    def offered(*cases):
        return {who.user.name for who in services.candidates(cast.coordinator, cases)}

    assert offered(sent) == {"Coral Dinator", "Manny Ager"}
    assert offered(other, sent) == {"Coral Dinator", "Second Dinator", "Manny Ager"}
    page = signed_in(cast.coordinator).post("/triage/assign/", {"case": sent.reference})
    assert "Second Dinator" not in page.text


def test_possible_matches_are_a_link_only_where_the_page_behind_opens(cast: Cast):
    case = send(cast.coordinator)
    for _ in range(2):
        send(cast.teacher)
    client = signed_in(cast.coordinator)

    def matches() -> tuple[str, int]:
        page = html.fromstring(client.get("/triage/").content.decode())
        box = f"//tr[.//input[@value='{case.reference}']]/td[@data-label='Possible matches']"
        (cell,) = page.xpath(box)
        return cell.text_content()[:1], len(cell.xpath(".//a"))

    assert matches() == ("2", 1)
    live = Grant.objects.live().filter(content_object=case, group_id=cast.coordinator.team_id)
    end_grants(cast.manager, case, live, "Nothing to do with it.")

    said, links = matches()
    assert (said in ("2", "N"), links) == (True, 0)
    assert client.get(f"/triage/{case.reference}/matches/").status_code == 403


def test_the_next_one_is_the_most_urgent_that_nobody_has(cast: Cast):
    first, second = send(cast.teacher), send(cast.teacher)
    due(cast, first, timedelta(hours=1))
    due(cast, second, timedelta(hours=2))
    client = signed_in(cast.coordinator)

    assert client.post("/triage/next/").url == reverse("triage:workspace", args=[first.reference])
    assert services.take_next(actor=cast.second_coordinator) == second
    client.post("/triage/next/")
    assert "No referral waits to be taken." in client.get("/triage/").text
    with pytest.raises(Refused):
        services.take_next(actor=cast.teacher)


def test_a_hundred_times_two_coordinators_at_once_and_each_time_one_has_it(committed, cast: Cast):
    """Take, take: two different ones, or one and a refusal. Then acknowledge and decide by two."""
    words = {"reason": "Why.", "told_referrer": "What."}

    def both(act):
        pair = (cast.coordinator, cast.second_coordinator)
        found = at_once(*(lambda who=who: act(who) for who in pair))
        won = [each for each in found if not isinstance(each, Exception)]
        lost = [each for each in found if isinstance(each, DomainError)]
        assert len(won) == 1, found
        assert len(lost) == 1, found

    for _ in range(34):
        case = send(cast.teacher)
        both(lambda who: services.take_next(actor=who))
        both(lambda who, case=case: services.acknowledge(actor=who, case=case))
        both(
            lambda who, case=case: services.decide(
                actor=who, case=case, outcome=Outcome.STRATEGY, **words
            )
        )

    assert len(events("referral.assigned")) == 34
    assert len(events("referral.acknowledged")) == 34
    assert len(events("referral.decided")) == 34


def test_two_who_give_out_the_same_in_another_order_do_not_wait_for_each_other(
    committed, cast: Cast
):
    cases = [send(cast.teacher) for _ in range(4)]

    found = at_once(
        lambda: assign(cast.coordinator, cases, cast.coordinator),
        lambda: assign(cast.second_coordinator, cases[::-1], cast.second_coordinator),
    )

    assert sorted(len(each.done) for each in found) == [0, 4], found


def test_who_else_opened_it_lately_is_said_and_nothing_is_locked(cast: Cast, sent):
    read_case(actor=cast.second_coordinator, reference=sent.reference)
    read_case(actor=cast.teacher, reference=sent.reference)
    client = signed_in(cast.coordinator)

    assert "Opened by Second Dinator" in client.get("/triage/").text
    workspace = client.get(reverse("triage:workspace", args=[sent.reference])).text
    assert "Opened by Second Dinator" in workspace
    assert "Opened by" not in signed_in(cast.second_coordinator).get("/triage/").text.replace(
        "Opened by Coral Dinator", ""
    )


def test_the_board_says_what_the_partnership_calls_its_bands(cast: Cast):
    cast.partnership.immediate_name = "Red"
    cast.partnership.save()
    send(cast.teacher, danger=Danger.YES)

    assert "Red" in signed_in(cast.coordinator).get("/triage/").text

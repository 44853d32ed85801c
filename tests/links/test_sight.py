"""A link is shown where both of its ends are: whatever closes one end, it was never there.

Each way to close an end is done in two worlds: in one of them the other case names the same van and
somebody who may has linked the two. What the coordinator gets must be the same bytes.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
from referrals import policies, services
from referrals.links.models import Mention
from referrals.links.reading import Card, people_and_places
from referrals.models import Case, EmergencyAccess, Grant, Statement, Wall
from referrals.reading import Item, is_whole, pieces, read
from referrals.reading.statements import Reach
from referrals.services import Item as Listed
from referrals.services import ItemKind, submit
from referrals.vocabulary import Conflict, Emergency, Extent, Protect, State
from sharing.rules.vocabulary import Category
from tests.architecture.asking import Asked, plain
from tests.cast import Cast, concern, membership, send, signed_in
from tests.links.conftest import answer, judged, recorded
from tests.links.test_links import compare


def a_wall(cast: Cast, case: Case) -> None:
    Wall.objects.create(
        case=case,
        user_id=cast.coordinator.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )


def no_share(cast: Cast, case: Case) -> None:
    live = Grant.objects.live().filter(content_object=case, group_id=cast.coordinator.team_id)
    services.end_grants(cast.manager, case, list(live), "It is over.")


def another_kind_only(cast: Cast, case: Case) -> None:
    """The coordinators keep the case and who the child is, and lose the concern (IC4)."""
    live = list(Grant.objects.live().filter(content_object=case, group_id=cast.coordinator.team_id))
    services.end_grants(cast.manager, case, live, "Less is needed.")
    for grant in live:
        left = sorted(set(grant.categories) - {Category.IC4})
        if left:
            grant.pk, grant._state.adding, grant.categories = None, True, left
            grant.from_at, grant.ended_at, grant.ended_why = timezone.now(), None, ""
            grant.pk = uuid4()
            grant.save()


def only_an_emergency(cast: Cast, case: Case) -> None:
    no_share(cast, case)
    now = timezone.now()
    EmergencyAccess.objects.create(
        case=case,
        membership=membership(cast.coordinator),
        why=Emergency.MISSING,
        next_step="I go there now and stay with the child.",
        from_at=now,
        until_at=now + timedelta(hours=1),
        review_due_at=now + timedelta(days=2),
    )


def _marked(protect: Protect) -> Callable[[Cast, Case], None]:
    def mark(cast: Cast, case: Case) -> None:
        row = answer(case)
        services.protect(actor=_author(cast, row), statement=row, protect=protect)

    return mark


def a_part_protected(cast: Cast, case: Case) -> None:
    Statement.objects.filter(pk=answer(case).pk).update(
        protect=Protect.SOURCE, protect_spans=[[0, 3]]
    )


def removed(cast: Cast, case: Case) -> None:
    row = answer(case)
    services.remove(actor=_author(cast, row), statement=row, why="duplicate")


def _author(cast: Cast, row: Statement) -> Principal:
    return next(who for who in cast.everyone().values() if who.membership_id == row.author_id)


protected, concealed = _marked(Protect.OTHER_PERSON), _marked(Protect.EXISTENCE)
CLOSES = {
    "a wall": a_wall,
    "no share": no_share,
    "another kind only": another_kind_only,
    "only an emergency": only_an_emergency,
    "protected": protected,
    "concealed": concealed,
    "a part protected": a_part_protected,
    "removed": removed,
}


def cards(actor: Principal, case: Case) -> tuple[Card, ...]:
    """What is shown, without a line in the trail of the case."""
    return people_and_places(actor, case).cards


def also_in(actor: Principal, case: Case) -> list[str]:
    return [reference for card in cards(actor, case) for reference in card.cases]


def proposed(actor: Principal, case: Case) -> list[str]:
    return [each.named.reference for card in cards(actor, case) for each in card.proposed]


def seen(client: Client, *addresses: str) -> list[tuple[int, str, str]]:
    """What somebody gets there, but for the minute that it is and the seconds that are left."""
    answers = (plain(Asked.of(client.get(address))) for address in addresses)
    return [(status, _MINUTE.sub("", page), headers) for status, page, headers in answers]


_MINUTE = re.compile(r'\d{1,2}:\d\d[ap]m|\d+\xa0minutes?|data-seconds="\d+"')


def undone(act: Callable[[], object]) -> object:
    with transaction.atomic():
        found = act()
        transaction.set_rollback(True)
    return found


def look_alike(one: Callable[[], object], other: Callable[[], object]) -> bool:
    """Whether two worlds are the same to see. A clock may move on: what differs is seen again."""
    return any(undone(one) == undone(other) for _ in range(2))


@pytest.mark.parametrize("how", CLOSES)
def test_who_lacks_the_right_at_the_other_end_sees_the_same_bytes(
    cast: Cast, sent: Case, other: Case, van: Mention, how
):
    client = signed_in(cast.coordinator)
    names = ("links:index", "referrals:case", "triage:workspace", "governance:trail")
    addresses = [reverse(name, args=[sent.reference]) for name in names]
    client.get(addresses[0])

    def world(*, is_named: bool, is_linked: bool) -> object:
        if is_named:
            theirs = recorded(cast.manager, other)
            assert proposed(cast.coordinator, sent) == [other.reference]
        if is_linked:
            judged(cast.manager, van, theirs)
            assert also_in(cast.coordinator, sent) == [other.reference]
        CLOSES[how](cast, other)
        if is_named:
            pair = [
                reverse("links:compare", args=[sent.reference, van.pk, pk])
                for pk in (theirs.pk, UUID(int=0))
            ]
            hidden, missing = seen(client, *pair)
            assert hidden[0] == 404
            assert hidden == missing
        return seen(client, *addresses)

    def nothing() -> object:
        return world(is_named=False, is_linked=False)

    assert look_alike(nothing, lambda: world(is_named=True, is_linked=False))
    assert look_alike(nothing, lambda: world(is_named=True, is_linked=True))


@pytest.mark.parametrize("how", ["another kind only", "protected", "concealed", "removed"])
def test_who_lacks_the_right_at_this_end_sees_the_same_bytes_too(
    cast: Cast, van: Mention, same_van: Mention, how
):
    """Both cases are theirs to work on; of what one of them says they may not read the words."""
    sent, other = van.statement.case, same_van.statement.case
    client = signed_in(cast.coordinator)
    addresses = [
        reverse(name, args=[case.reference])
        for case in (sent, other)
        for name in ("links:index", "governance:trail")
    ]
    client.get(addresses[0])

    def world(*, is_linked: bool) -> object:
        if is_linked:
            judged(cast.manager, van, same_van)
        CLOSES[how](cast, sent)
        return seen(client, *addresses)

    assert look_alike(lambda: world(is_linked=True), lambda: world(is_linked=False))


def test_who_still_sees_both_ends_still_sees_the_link(
    cast: Cast, sent: Case, other: Case, van: Mention, same_van: Mention
):
    judged(cast.coordinator, van, same_van)
    a_wall(cast, other)

    assert also_in(cast.manager, sent) == [other.reference]
    assert also_in(cast.second_coordinator, sent) == [other.reference]
    assert also_in(cast.coordinator, sent) == []


def test_only_the_other_cases_that_the_reader_sees_are_counted(
    cast: Cast, sent: Case, other: Case, van: Mention, same_van: Mention
):
    third = send(cast.outsider_lead, given_name="Merle", family_name="Crane")
    judged(cast.manager, van, same_van)
    judged(cast.manager, van, recorded(cast.manager, third))
    assert [card.count_words for card in cards(cast.coordinator, sent)] == ["Also in 2 other cases"]

    a_wall(cast, third)

    assert [card.count_words for card in cards(cast.coordinator, sent)] == ["Also in 1 other case"]


def test_nobody_decides_about_what_they_do_not_see(
    cast: Cast, sent: Case, other: Case, van: Mention, same_van: Mention
):
    a_wall(cast, other)

    with pytest.raises(NotVisible):
        judged(cast.coordinator, van, same_van)
    with pytest.raises(NotVisible):
        compare(cast.coordinator, van, same_van)
    protected(cast, sent)
    with pytest.raises(NotVisible):
        judged(cast.manager, van, same_van)
    with pytest.raises(NotVisible):
        recorded(cast.manager, sent)


def test_a_concealed_answer_is_nothing_to_record_from_for_its_author_either(cast: Cast):
    case = send(cast.coordinator)
    concealed(cast, case)

    with pytest.raises(NotVisible):
        recorded(cast.coordinator, case)


# --- Pieces of several cases ---------------------------------------------------------------------


def test_pieces_are_those_of_each_reading_for_everybody(cast: Cast):
    """Of every statement there is, the same items as the readings of all cases show whole."""
    named = (
        Listed(ItemKind.PEOPLE, {"name": "Zzadult", "may_be_child": "yes"}),
        Listed(ItemKind.PLACES, {"name": "Zzplace"}),
    )
    cases = [send(cast.teacher, items=named), send(cast.lead), send(cast.coordinator)]
    for how, case in ((protected, cases[0]), (a_part_protected, cases[1]), (concealed, cases[2])):
        how(cast, case)
    place = Statement.objects.get(case=cases[0], question="place", item__isnull=False)
    young = Statement.objects.get(case=cases[0], question="young_person", item__isnull=False)
    services.correct(
        actor=cast.teacher,
        statement=young,
        text=young.text.replace("May be a child: Yes", "May be a child: No"),
        known_how=young.known_how,
        why="They are 40.",
    )
    another_kind_only(cast, cases[1])
    only_an_emergency(cast, cases[2])
    _part(cast, cases[0], [place.pk, young.pk], cast.charity_worker)
    everything = list(Statement.objects.values_list("pk", flat=True))

    for who in cast.everyone().values():
        if who in (cast.chair, cast.other_chair):
            continue
        expected: dict[UUID, Item] = {}
        for case in policies.visible(who):
            for item in read(who, case, policies.purpose_of(who)).items:
                if item.statement and item.state is State.SHOWN and not item.concealed:
                    expected[item.statement] = item
                    assert is_whole(item)
        found = pieces(who, everything)
        assert found.keys() == expected.keys()
        for pk, item in found.items():
            assert (item.text, item.source, item.category) == (
                expected[pk].text,
                expected[pk].source,
                expected[pk].category,
            )
    assert pieces(cast.charity_worker, everything).keys() == {place.pk}


def _part(cast: Cast, case: Case, statements: list[UUID], who: Principal) -> None:
    """A share of some pieces, like one that a rule gave of the whole."""
    like = Grant.objects.filter(content_object=case, group_id=cast.coordinator.team_id).first()
    assert like is not None
    like.pk, like._state.adding, like.group_id = uuid4(), True, who.team_id
    like.extent, like.statements, like.categories = Extent.PART, statements, [Category.IC4]
    like.holder_id = cast.school.pk
    like.save()


def test_of_a_case_only_the_words_asked_for_are_loaded(cast: Cast, monkeypatch):
    """And those by which they are opened: what a correction corrects, not its neighbours."""
    places = tuple(Listed(ItemKind.PLACES, {"name": f"Zzplace{n}"}) for n in range(3))
    case = send(cast.teacher, items=places)
    first = Statement.objects.filter(case=case, question="place", item__isnull=False).first()
    assert first is not None
    right = services.correct(
        actor=cast.teacher, statement=first, text="Zzother", known_how=first.known_how, why="No."
    )
    followed: list[UUID] = []
    monkeypatch.setattr(Reach, "follow", lambda _, rows: followed.extend(row.pk for row in rows))

    pieces(cast.coordinator, [right.pk])

    assert set(followed) == {first.pk, right.pk}


def test_pieces_and_pages_cost_the_same_however_many_cases_there_are(
    cast: Cast, sent: Case, van: Mention
):
    client, address = signed_in(cast.coordinator), reverse("links:index", args=[sent.reference])
    cost = []
    for count in (1, 6):
        for _ in range(count):
            case = submit(actor=cast.outsider_lead, concern=concern(), key=uuid4())
            made = recorded(cast.coordinator, case)
        judged(cast.coordinator, van, made)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(address)
        cost.append(len(queries))
    assert shown.content.decode().count("Compare with") == 5
    assert cost[0] == cost[1] <= 25

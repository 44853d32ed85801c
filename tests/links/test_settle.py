"""What was recorded and went with its words is asked about until somebody has settled each."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError, NotVisible, Refused
from referrals.links import services
from referrals.links.models import Mention, Settling
from referrals.links.reading import Lost, people_and_places
from referrals.links.vocabulary import Kind
from referrals.models import Case, Statement
from referrals.services import Item, ItemKind, remove
from referrals.services import protect as protect_answer
from referrals.vocabulary import Protect
from tests.cast import Cast, at_once, carried, events, send, signed_in
from tests.links.conftest import answer, recorded
from tests.links.test_again import put_right
from tests.links.test_links import refusal
from tests.links.test_sight import CLOSES, a_wall, look_alike, seen


def lost(actor: Principal, case: Case) -> tuple[Lost, ...]:
    """What is asked about, without a line in the trail of the case."""
    return people_and_places(actor, case).lost


def settle(actor: Principal, mention: Mention, right: Statement | None = None) -> Settling:
    """As whoever looked at this right answer, or was told that there is none."""
    return services.settle(
        actor=actor,
        reference=mention.statement.case.reference,
        mention=mention.pk,
        right=right and right.pk,
    )


def test_each_that_rested_on_a_corrected_answer_is_asked_about_until_it_is_settled(
    cast: Cast, sent: Case, van: Mention
):
    """One that is recorded again hides no other one."""
    phone = recorded(cast.coordinator, sent, "01632 960001", Kind.PHONE)
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    assert {each.pk for each in lost(cast.coordinator, sent)} == {van.pk, phone.pk}

    again = recorded(cast.coordinator, sent, "AB12 CDF", on=right, instead=van.pk)

    assert [each.pk for each in lost(cast.coordinator, sent)] == [phone.pk]
    made = Settling.objects.get(mention=van)
    assert (made.again, made.by_id) == (again, cast.coordinator.membership_id)

    settle(cast.manager, phone, right)

    assert lost(cast.coordinator, sent) == ()
    made = Settling.objects.get(mention=phone)
    assert (made.again, made.by_id) == (None, cast.manager.membership_id)


def test_what_is_recorded_beside_it_settles_nothing(cast: Cast, sent: Case, van: Mention):
    right = put_right(cast, van.statement, "The van was AB12 CDF.")

    recorded(cast.coordinator, sent, "01632 960001", Kind.PHONE, on=right)

    assert [each.pk for each in lost(cast.coordinator, sent)] == [van.pk]


def test_what_went_with_a_removed_answer_is_told_without_its_words(
    cast: Cast, sent: Case, van: Mention
):
    remove(actor=cast.teacher, statement=van.statement, why="duplicate")

    (one,) = lost(cast.coordinator, sent)

    assert (one.pk, one.right, one.by) == (van.pk, None, "Coral Dinator")
    client = signed_in(cast.coordinator)
    for name in ("links:index", "triage:workspace"):
        page = client.get(reverse(name, args=[sent.reference])).text
        assert ("was removed." in page) == (name == "links:index")
        assert ("An answer was corrected or removed" in page) == (name == "triage:workspace")
        assert "AB12 CDE" not in page
        assert "Vehicle" not in page


def test_what_was_put_right_and_then_removed_is_told_as_removed(
    cast: Cast, sent: Case, van: Mention
):
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    remove(actor=cast.teacher, statement=right, why="duplicate")

    assert [(each.pk, each.right) for each in lost(cast.coordinator, sent)] == [(van.pk, None)]


def test_the_whole_way_by_the_page(cast: Cast, sent: Case, van: Mention):
    phone = recorded(cast.coordinator, sent, "01632 960001", Kind.PHONE)
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    client, index = signed_in(cast.coordinator), reverse("links:index", args=[sent.reference])
    page = client.get(index).text
    record = reverse("links:record", args=[sent.reference, right.pk])
    assert page.count("The right answer does not name it") == 2
    assert f"{record}?instead={phone.pk}" in page

    again = f"{record}?instead={van.pk}"
    sent_along = carried(client, again)
    assert sent_along["instead"] == str(van.pk)
    typed = sent_along | {"kind": Kind.VEHICLE.value, "called": "AB12 CDF"}
    assert client.post(again, typed).status_code == 302
    address = reverse("links:settle", args=[sent.reference, phone.pk])
    assert f'name="right" value="{right.pk}"' in client.get(index).text
    pressed = client.post(address, {"right": str(right.pk)}, follow=True)

    assert "You are not asked about it again." in pressed.text
    assert "To look at again" not in pressed.text
    assert Settling.objects.get(mention=van).again.called == "AB12 CDF"


def test_it_is_one_event_that_says_who_and_none_of_the_words(cast: Cast, sent: Case, van: Mention):
    remove(actor=cast.teacher, statement=van.statement, why="duplicate")

    first = settle(cast.coordinator, van)
    assert settle(cast.manager, van) == first

    [event] = events("mention.settled", stream=f"case:{sent.pk}")
    assert event["obj"] == {"kind": "mention", "id": str(van.pk)}
    assert (event["subj"], event["fields"]) == ([str(sent.child_id)], ["IC4"])
    assert "AB12" not in str(event)


def test_what_was_recorded_in_its_place_is_named_by_the_event(cast: Cast, sent: Case, van: Mention):
    right = put_right(cast, van.statement, "The van was AB12 CDF.")

    recorded(cast.coordinator, sent, "AB12 CDF", on=right, instead=van.pk)

    assert events("mention.recorded", stream=f"case:{sent.pk}")[-1]["ids"] == [str(van.pk)]
    assert events("mention.settled") == []


def test_what_is_settled_already_stays_so_and_the_new_one_is_kept(
    cast: Cast, sent: Case, van: Mention
):
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    first = settle(cast.manager, van, right)

    made = recorded(cast.coordinator, sent, "AB12 CDF", on=right, instead=van.pk)

    assert Settling.objects.get() == first
    assert [card.named.pk for card in people_and_places(cast.manager, sent).cards] == [made.pk]


def test_words_that_nobody_looked_at_are_not_settled(cast: Cast, sent: Case, van: Mention):
    """It was put right once more, or removed, between the look and the press."""
    looked_at = put_right(cast, van.statement, "It was no van.")
    client, address = signed_in(cast.coordinator), reverse("links:index", args=[sent.reference])
    pressed = {"right": str(looked_at.pk)}
    again = put_right(cast, looked_at, "The van was AB12 CDF.")

    where = reverse("links:settle", args=[sent.reference, van.pk])
    for said in (pressed, {"right": ""}, {"right": "x"}, {}):
        refused = client.post(where, said)
        assert refused.status_code == 409
        assert "corrected or removed again" in refused.text
    remove(actor=cast.teacher, statement=again, why="duplicate")
    assert client.post(where, {"right": str(again.pk)}).status_code == 409

    assert not Settling.objects.exists()
    assert "This answer was removed." in client.get(address).text


def test_an_answer_of_a_list_that_does_not_name_it_is_not_asked_about_again(cast: Cast):
    item = Item(ItemKind.ONLINE, {"name": "zz_account"})
    case = send(cast.teacher, items=(item,))
    row = Statement.objects.get(case=case, question="online", answer="given")
    account = recorded(cast.coordinator, case, "zz_account", Kind.ACCOUNT, on=row)
    right = put_right(cast, row, row.text.replace("zz_account", "zz_other"))

    settle(cast.coordinator, account, right)

    found = people_and_places(cast.coordinator, case)
    assert (found.lost, found.open) == ((), ())


def test_what_stands_or_was_taken_off_is_not_settled(cast: Cast, sent: Case, van: Mention):
    with pytest.raises(DomainError, match="stands"):
        settle(cast.coordinator, van)
    services.take_off(
        actor=cast.coordinator, reference=sent.reference, mention=van.pk, why="A slip."
    )
    remove(actor=cast.teacher, statement=van.statement, why="duplicate")

    assert lost(cast.coordinator, sent) == ()
    with pytest.raises(NotVisible):
        settle(cast.coordinator, van)


def test_only_whoever_oversees_the_case_settles(cast: Cast, sent: Case, other: Case, van: Mention):
    remove(actor=cast.teacher, statement=van.statement, why="duplicate")

    with pytest.raises(Refused):
        settle(cast.teacher, van)
    with pytest.raises(NotVisible):
        settle(cast.other_coordinator, van)
    with pytest.raises(NotVisible):
        services.settle(
            actor=cast.coordinator, reference=other.reference, mention=van.pk, right=None
        )
    with pytest.raises(NotVisible):
        services.settle(
            actor=cast.coordinator, reference=sent.reference, mention=uuid4(), right=None
        )


@pytest.mark.parametrize("wrong", ["of another answer", "nobody's", "that stands"])
def test_nothing_is_recorded_instead_of_what_did_not_go_with_this_answer(
    cast: Cast, sent: Case, van: Mention, wrong
):
    phone = recorded(cast.coordinator, sent, "01632 960001", Kind.PHONE, on=answer(sent, "told"))
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    if wrong == "of another answer":
        put_right(cast, phone.statement, "The number was another one.")
    count = Mention.objects.count()

    with pytest.raises(NotVisible):
        recorded(
            cast.coordinator,
            sent,
            "AB12 CDF",
            on=right,
            instead=uuid4() if wrong == "nobody's" else phone.pk,
        )
    assert Mention.objects.count() == count


def test_two_at_once_and_exactly_one_settles(committed, cast: Cast):
    van = recorded(cast.coordinator, send(cast.teacher))
    remove(actor=cast.teacher, statement=van.statement, why="duplicate")

    found = at_once(lambda: settle(cast.coordinator, van), lambda: settle(cast.manager, van))

    assert not [each for each in found if isinstance(each, Exception)], found
    assert len(events("mention.settled")) == Settling.objects.count() == 1


# --- Nothing is seen through it ------------------------------------------------------------------


def corrected(cast: Cast, van: Mention) -> None:
    put_right(cast, van.statement, "The van was AB12 CDF.")


def removed(cast: Cast, van: Mention) -> None:
    remove(actor=cast.teacher, statement=van.statement, why="duplicate")


@pytest.mark.parametrize("goes", [corrected, removed])
@pytest.mark.parametrize(
    "how", ["a wall", "no share", "another kind only", "protected", "concealed", "a part protected"]
)
def test_whom_the_answer_is_withheld_from_reads_nothing_of_what_went_with_it(
    cast: Cast, sent: Case, goes, how
):
    """Withheld before it was put right or removed: as if nothing had been recorded from it."""
    client = signed_in(cast.coordinator)
    names = ("links:index", "referrals:case", "triage:workspace")
    addresses = [reverse(name, args=[sent.reference]) for name in names]
    client.get(addresses[0])

    def world(*, is_recorded: bool) -> object:
        van = Mention(pk=UUID(int=0), statement=answer(sent))
        if is_recorded:
            van = recorded(cast.manager, sent)
        CLOSES[how](cast, sent)
        van.statement.refresh_from_db()
        goes(cast, van)
        for pk in (van.pk, UUID(int=0)):
            pressed = client.post(reverse("links:settle", args=[sent.reference, pk]))
            assert pressed.status_code == 404
        return seen(client, *addresses)

    assert look_alike(lambda: world(is_recorded=True), lambda: world(is_recorded=False))


@pytest.mark.parametrize("protect", [Protect.OTHER_PERSON, Protect.EXISTENCE])
def test_whom_the_right_answer_is_withheld_from_reads_nothing_either(
    cast: Cast, sent: Case, van: Mention, protect
):
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    protect_answer(actor=cast.teacher, statement=right, protect=protect)

    assert lost(cast.coordinator, sent) == ()
    with pytest.raises(NotVisible):
        settle(cast.coordinator, van)


def test_who_never_read_the_first_words_reads_nothing_when_the_right_ones_are_opened(
    cast: Cast, sent: Case, van: Mention
):
    protect_answer(actor=cast.teacher, statement=van.statement, protect=Protect.OTHER_PERSON)
    van.statement.refresh_from_db()
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    protect_answer(actor=cast.teacher, statement=right, protect=Protect.NONE)

    assert lost(cast.coordinator, sent) == ()


def test_who_keeps_the_right_is_asked_while_another_is_kept_from_it(
    cast: Cast, sent: Case, van: Mention
):
    removed(cast, van)
    a_wall(cast, sent)

    assert [each.pk for each in lost(cast.manager, sent)] == [van.pk]
    assert lost(cast.coordinator, sent) == ()


def test_it_costs_the_same_however_many_went(cast: Cast, sent: Case, van: Mention):
    client, address = signed_in(cast.coordinator), reverse("links:index", args=[sent.reference])
    first = put_right(cast, van.statement, "The van was AB12 CDF.")
    for number in range(4):
        recorded(cast.coordinator, sent, f"0163296000{number}", Kind.PHONE, on=first)

    def look() -> tuple[int, int]:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        return page.text.count("The right answer does not name it"), len(queries)

    one, cost_of_one = look()
    put_right(cast, first, "The van was AB12 CDG.")
    five, cost_of_five = look()

    assert (one, five) == (1, 5)
    assert cost_of_five <= cost_of_one <= 25


# --- What the database refuses -------------------------------------------------------------------


def row(cast: Cast, mention: Mention, **changes: object) -> Settling:
    given = {"mention": mention, "by_id": cast.coordinator.membership_id}
    return Settling.objects.create(**given | changes)


def test_nothing_is_settled_that_stands_or_was_taken_off(cast: Cast, sent: Case, van: Mention):
    with refusal("corrected or removed"):
        row(cast, van)
    services.take_off(
        actor=cast.coordinator, reference=sent.reference, mention=van.pk, why="A slip."
    )
    removed(cast, van)
    with refusal("corrected or removed"):
        row(cast, van)


def test_what_is_recorded_again_stands_on_the_same_case(
    cast: Cast, sent: Case, van: Mention, same_van: Mention
):
    phone = recorded(cast.coordinator, sent, "01632 960001", Kind.PHONE)
    removed(cast, van)

    for wrong in (same_van, phone, van):
        with refusal("rests on words of the case that stand"):
            row(cast, van, again=wrong)


def test_what_was_settled_is_settled_once_and_never_rewritten(cast: Cast, sent: Case, van: Mention):
    removed(cast, van)
    row(cast, van)

    with refusal("links_settling_mention_id_key"):
        row(cast, van)
    for column in ("mention_id", "again_id", "by_id", "settled_at"):
        value = "now()" if column == "settled_at" else "gen_random_uuid()"
        with refusal("immutable"), connection.cursor() as cursor:
            cursor.execute(f'UPDATE links_settling SET "{column}" = {value}')  # noqa: S608
    for way in ("DELETE FROM links_settling", "TRUNCATE links_settling CASCADE"):
        with refusal(r"never deleted|permission denied"), connection.cursor() as cursor:
            cursor.execute(way)

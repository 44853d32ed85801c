"""An answer from which something was recorded is put right: its coordinators hear of it."""

from uuid import UUID

import pytest
from django.urls import reverse

from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind as Notices
from referrals.links.models import Mention
from referrals.links.reading import Page, people_and_places
from referrals.links.vocabulary import Kind
from referrals.models import Statement
from referrals.services import Item, ItemKind, correct
from referrals.services import protect as protect_answer
from referrals.vocabulary import KnownHow, Protect
from tests.cast import Cast, send, signed_in
from tests.links.conftest import judged, recorded


def put_right(cast: Cast, row: Statement, text: str) -> Statement:
    return correct(
        actor=cast.teacher, statement=row, text=text, known_how=KnownHow.SAW, why="A typing slip"
    )


def test_who_looks_after_the_case_hears_that_it_is_to_be_recorded_again(
    cast: Cast, van: Mention, same_van: Mention
):
    judged(cast.coordinator, van, same_van)
    case = van.statement.case
    client = signed_in(cast.coordinator)
    pages = [reverse(name, args=[case.reference]) for name in ("links:index", "triage:workspace")]
    assert not any("corrected or removed" in client.get(page).text for page in pages)
    assert not any("To look at again" in client.get(page).text for page in pages)
    Notice.objects.all().delete()

    first = put_right(cast, van.statement, "The van was AB12 CDF.")
    right = put_right(cast, first, "The van was AB12 CDG.")

    told = Notice.objects.filter(kind=Notices.CORRECTED, reference=case.reference)
    assert told.filter(recipient_id=cast.coordinator.membership_id).exists()
    found = people_and_places(cast.coordinator, case)
    assert (found.cards, rights(found)) == ((), [right.pk])
    index, workspace = (client.get(page).text for page in pages)
    assert reverse("links:record", args=[case.reference, right.pk]) in index
    assert "AB12 CDE" not in index
    assert "An answer was corrected or removed from which somebody or some" in workspace

    again = recorded(cast.coordinator, case, "AB12 CDG", on=right, instead=van.pk)

    found = people_and_places(cast.coordinator, case)
    assert [card.named.pk for card in found.cards] == [again.pk]
    assert found.lost == ()


def rights(found: Page) -> list[UUID | None]:
    """The answers from which something is to be recorded again."""
    return [each.right.statement for each in found.lost if each.right]


def test_an_answer_of_a_list_that_was_put_right_stands_once(cast: Cast):
    item = Item(ItemKind.ONLINE, {"name": "zz_account"})
    case = send(cast.teacher, items=(item,))
    row = Statement.objects.get(case=case, question="online", answer="given")
    recorded(cast.coordinator, case, "zz_account", Kind.ACCOUNT, on=row)

    right = put_right(cast, row, row.text.replace("zz_account", "zz_other"))

    found = people_and_places(cast.coordinator, case)
    assert (rights(found), found.open) == ([right.pk], ())


@pytest.mark.parametrize("protect", [Protect.OTHER_PERSON, Protect.EXISTENCE])
def test_who_may_not_read_the_right_words_hears_nothing_of_them(cast: Cast, van: Mention, protect):
    case = van.statement.case
    right = put_right(cast, van.statement, "The van was AB12 CDF.")
    protect_answer(actor=cast.teacher, statement=right, protect=protect)

    assert people_and_places(cast.coordinator, case).lost == ()
    workspace = signed_in(cast.coordinator).get(reverse("triage:workspace", args=[case.reference]))
    assert "was corrected or removed" not in workspace.text

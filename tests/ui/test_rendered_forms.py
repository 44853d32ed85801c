"""Every form as it is shown: a shared desk remembers nothing, and no word leaves to be spelt."""

import pytest
from lxml import html

from tests.architecture.asking import answered, expected, left_as_it_was
from tests.architecture.doors import OPEN, ROWS, WATCH, Row
from tests.cast import signed_in

# What a person tells about themselves; the browser may offer it.
OWN = {"login", "password", "password1", "password2", "email", "phone"}
TYPED = (
    "//main//textarea | //main//input[not(@type) or @type='text' or @type='search' or @type='tel']"
)
PAGES = [
    row
    for row in ROWS
    if row.method == "GET" and not row.name.startswith("api-") and row.kind is not WATCH
]


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_form_offers_nothing_of_the_workers_own_and_sends_no_word_out(world, row: Row):
    person = next(
        person for person in world.people if person.principal and expected(row, person) == OPEN
    )
    client = signed_in(person.principal)
    with left_as_it_was(client):
        answer = answered(client, row, world.things)

    assert answer.headers["Cache-Control"] == "no-store"
    if "html" not in answer.headers["Content-Type"] or not answer.content:
        return
    for box in html.fromstring(answer.content.decode()).xpath(TYPED):
        name = box.get("name") or ""
        if name not in OWN:
            assert box.get("autocomplete") == "off", name
        assert box.get("spellcheck") == "false", name

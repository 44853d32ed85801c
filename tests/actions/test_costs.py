"""Lists of actions and reviews cost the same however long they are."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.actions.conftest import given
from tests.architecture.test_queries import MOST
from tests.cast import Cast, signed_in

PAGES = (
    ("lead", "actions:actions", ""),
    ("coordinator", "actions:actions", "?show=all"),
    ("coordinator", "actions:actions", "?show=check"),
    ("coordinator", "actions:of-case", ""),
    ("lead", "home:home", ""),
    ("coordinator", "home:home", ""),
)


def test_forty_actions_cost_what_three_do(cast: Cast, case):
    def costs() -> list[int]:
        found = []
        for who, name, query in PAGES:
            client = signed_in(getattr(cast, who))
            at = [case.reference] if name == "actions:of-case" else []
            address = reverse(name, args=at) + query
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    for _ in range(6):
        given(cast.coordinator, case, cast.lead)
    few = costs()
    for _ in range(34):
        given(cast.coordinator, case, cast.lead)
    assert costs() == few
    assert max(few) <= MOST, few

"""From the case page to Done, as a person does it."""

from tests.disclosures.steps import Sharing, body_of, newest
from tests.cast import signed_in
from django.urls import reverse
import hashlib


def test_a_coordinator_shares_in_eight_presses_at_most(cast, sent, others):
    person = Sharing(cast.coordinator, sent)

    done = person.all(others.team(others.officer), "DISRUPT", "CDA98_S115/2", "IC4")

    assert done.status_code == 200
    made = newest()
    assert made.number in done.content.decode()
    assert made.result == "shared"
    assert person.presses <= 8
    page = signed_in(others.officer).get(reverse("referrals:case", args=[sent.reference]))
    assert page.status_code == 200
    body = body_of(page.content)
    assert hashlib.sha256(body).hexdigest() == made.preview

"""An agency's lead reads what their agency sent, but for what its author protects."""

import pytest
from django.urls import reverse

from referrals import policies
from referrals.reading import read
from referrals.services import Told
from referrals.vocabulary import Protect, State
from sharing.rules.vocabulary import Purpose
from tests.cast import FAMILY, SAW, TOLD, Cast, send, signed_in


def test_a_lead_knows_of_all_that_their_agency_sent_and_of_nothing_else(cast: Cast):
    ours = {send(cast.teacher).pk, send(cast.colleague).pk}
    send(cast.charity_worker)

    assert set(policies.visible(cast.lead).values_list("pk", flat=True)) == ours
    assert not policies.visible(cast.outsider_lead).exists()


def test_a_lead_reads_who_the_child_is_and_what_was_seen(cast: Cast):
    case = send(cast.colleague)

    seen = {item.value for item in read(cast.lead, case, Purpose.SCREEN).items}
    assert {SAW, TOLD} <= seen
    listed = signed_in(cast.lead).get(reverse("referrals:cases")).content.decode()
    assert case.reference in listed
    assert reverse("referrals:cases") in listed.partition("<main")[0]
    assert (
        FAMILY
        in signed_in(cast.lead)
        .get(reverse("referrals:case", args=[case.reference]))
        .content.decode()
    )


@pytest.mark.parametrize("why", [each for each in Protect if each])
def test_a_lead_does_not_read_what_its_author_protects(cast: Cast, why: Protect):
    case = send(cast.teacher, answers={"saw": Told(SAW), "told": Told(TOLD, protect=why)})

    (item,) = [each for each in read(cast.lead, case, Purpose.SCREEN).items if each.key == "told"]
    if why is Protect.EXISTENCE:
        assert (item.state, item.value, item.reason) == (State.NOT_PROVIDED, None, "")
    else:
        assert (item.state, item.value) == (State.WITHHELD, None)
    page = reverse("referrals:case", args=[case.reference])
    assert TOLD not in signed_in(cast.lead).get(page).content.decode()
    assert TOLD in signed_in(cast.teacher).get(page).content.decode()

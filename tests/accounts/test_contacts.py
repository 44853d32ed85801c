"""Whom to ring at each agency: everybody reads it, the agency's own lead keeps it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.accounts import services
from portal.accounts.models import Agency, Contact
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, Refused
from tests.cast import cast, events, signed_in

__all__ = ["cast"]

SAID = {"name": "Dess Lead", "phone": "01632 960001", "hours": "Monday to Friday, 9am to 5pm"}
DEPUTY = {"deputy_name": "Cole League", "deputy_phone": "01632 960002"}


def page(who) -> str:
    return signed_in(who).get(reverse("accounts:contacts")).content.decode()


def test_everybody_who_signs_in_reads_the_contacts_of_their_area(cast):
    services.keep_contact(actor=cast.lead, **SAID, **DEPUTY)

    here = {name: who for name, who in cast.everyone().items() if not name.startswith("other_")}
    for who in here.values():
        assert all(words in page(who) for words in ("Dess Lead", "01632 960002", "Cole League"))
    away = [who for name, who in cast.everyone().items() if name not in here]
    assert away
    for who in away:
        assert "Dess Lead" not in page(who)
        assert "Example High School" not in page(who)


def test_nobody_reads_them_without_signing_in(client, db):
    assert client.get(reverse("accounts:contacts")).status_code == 302


def test_an_agency_that_has_no_contact_is_warned_of(cast):
    agencies = Agency.objects.filter(partnerships=cast.partnership).count()
    before = page(cast.lead)
    services.keep_contact(actor=cast.lead, **SAID)
    after = page(cast.lead)

    assert "Your agency has no contact" in before
    assert "Your agency has no contact" not in after
    assert before.count("govuk-warning-text__icon") == 1
    assert after.count("govuk-warning-text__icon") == 0
    for shown in (before, after):
        assert shown.count("This agency has not said whom to ring") == agencies - 1


def test_the_lead_and_the_administrator_keep_their_own_agencys_and_nobody_else_any(cast):
    administrator = services.enrol(
        email="ada@school.example.org", name="Ada", agency=cast.school, role=Role.AGENCY_ADMIN
    ).principal()
    services.keep_contact(actor=cast.lead, **SAID)
    seen = services.contact_mark(Contact.objects.get())
    services.keep_contact(actor=administrator, **{**SAID, "name": "Ada"}, seen=seen)
    services.keep_contact(actor=cast.outsider_lead, **{**SAID, "name": "Olive"})

    assert Contact.objects.get(agency=cast.school).name == "Ada"
    assert Contact.objects.count() == 2
    others = [who for who in cast.everyone().values() if who.role is not Role.AGENCY_LEAD]
    for who in others:
        with pytest.raises(Refused):
            services.keep_contact(actor=who, **SAID)


def test_what_is_kept_is_recorded_without_a_name_or_a_number(cast):
    services.keep_contact(actor=cast.lead, **SAID, **DEPUTY)

    (event,) = events("admin.contact_kept")
    assert event["obj"] == {"kind": "agency", "id": str(cast.school.pk)}
    assert event["actor"]["member"] == str(cast.lead.membership_id)
    assert "Dess" not in str(event)
    assert "01632 9" not in str(event)


def test_the_page_saves_and_says_when_the_deputy_covers(cast):
    today = timezone.localdate()
    days = {
        f"cover_{end}-{part}": getattr(day, part)
        for end, day in (("from", today), ("until", today + timedelta(days=3)))
        for part in ("day", "month", "year")
    }
    browser = signed_in(cast.lead)
    answer = browser.post(reverse("accounts:contact"), {**SAID, **DEPUTY, **days})

    assert answer.status_code == 302
    assert "Ring the deputy today" in page(cast.teacher)
    assert "Dess Lead" in browser.get(reverse("accounts:contact")).content.decode()
    Contact.objects.update(
        cover_from=today - timedelta(days=2), cover_until=today - timedelta(days=1)
    )
    assert "Ring the deputy today" not in page(cast.teacher)
    assert "Deputy covers" not in page(cast.teacher)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Enter the name of your single point of contact"),
        ({"phone": "ring me"}, "Enter a phone number, like 01632 960 001"),
        ({"hours": " "}, "Enter when they answer the phone"),
        ({"deputy_name": "Cole"}, "Enter the work phone of the deputy"),
        ({"deputy_phone": "01632 960002"}, "Enter the name of the deputy"),
        (
            {**DEPUTY, "cover_from-day": "1", "cover_from-month": "2", "cover_from-year": "2027"},
            "Enter the last day on which the deputy covers",
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_saved(cast, typed, says):
    answer = signed_in(cast.lead).post(reverse("accounts:contact"), {**SAID, **typed})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Contact.objects.exists()


def test_the_service_insists_where_the_form_was_not_asked(cast):
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    for wrong in (
        {"phone": " "},
        {"deputy_name": "Cole"},
        {"cover_from": today, **DEPUTY},
        {"cover_from": tomorrow, "cover_until": today, **DEPUTY},
        {"cover_from": today, "cover_until": tomorrow},
    ):
        with pytest.raises(DomainError):
            services.keep_contact(actor=cast.lead, **{**SAID, **wrong})


def test_the_database_refuses_a_contact_that_nobody_can_reach(cast):
    services.keep_contact(actor=cast.lead, **SAID)
    today = timezone.localdate()
    for wrong in (
        {"phone": ""},
        {"deputy_name": "Cole"},
        {"cover_from": today, "cover_until": today},
        {"cover_from": today, **DEPUTY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.update(**wrong)


def test_the_second_of_two_who_open_the_page_together_overwrites_nothing_unasked(cast):
    address, client = reverse("accounts:contact"), signed_in(cast.lead)
    client.post(address, {**SAID, "seen": ""})

    told = client.post(address, {**SAID, "name": "Cole League", "seen": ""})

    assert told.status_code == 409
    assert "Somebody else has changed these contacts" in told.text
    assert "Cole League" in told.text
    assert Contact.objects.get().name == "Dess Lead"
    seen = html.fromstring(told.text).xpath("//input[@name='seen']/@value")[0]
    assert client.post(address, {**SAID, "name": "Cole League", "seen": seen}).status_code == 302
    assert Contact.objects.get().name == "Cole League"

"""A draft that its author asks a colleague to finish and send on their behalf."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts import services as accounts
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.intake import policies, services
from referrals.intake.models import Draft
from referrals.models import Case, Referral, Statement
from tests.cast import SAW, Cast, concern, events, membership, signed_in

COLLEAGUE = "cole.league@school.example.org"


@pytest.fixture
def draft(cast: Cast) -> Draft:
    found = services.start(actor=cast.teacher)
    return services.save(actor=cast.teacher, draft=found, page="concern", typed={"saw": SAW})


@pytest.fixture
def given(cast: Cast, draft: Draft) -> Draft:
    return services.delegate(actor=cast.teacher, draft=draft, email=COLLEAGUE)


def sent_by(who: Principal, draft: Draft) -> Case:
    draft.refresh_from_db()
    reference = services.send(actor=who, draft=draft, concern=concern())
    return Case.objects.get(reference=reference)


def status(browser: Client, name: str, *args: object) -> int:
    return browser.get(reverse(name, args=args)).status_code


def test_only_the_author_and_whom_they_asked_see_a_draft(cast, given):
    seen = {
        name
        for name, who in cast.everyone().items()
        if policies.visible(who).filter(pk=given.pk).exists()
    }

    assert seen == {"teacher", "colleague"}


def test_a_lead_sees_a_draft_of_their_agency_only_when_its_author_asks_them(cast, draft):
    with pytest.raises(NotVisible):
        services.delegate(actor=cast.lead, draft=draft, email="dess.lead@school.example.org")
    with pytest.raises(NotVisible):
        policies.draft_for(cast.lead, draft.pk)

    services.delegate(actor=cast.teacher, draft=draft, email="dess.lead@school.example.org")

    assert sent_by(cast.lead, draft).referrals.get().author_id == cast.teacher.membership_id


def test_a_colleague_writes_in_it_and_reading_it_is_recorded(cast, given):
    browser = signed_in(cast.colleague)
    page = browser.get(reverse("intake:page", args=[given.pk, "concern"]))
    services.save(
        actor=cast.colleague, draft=given, page="concern", typed={"saw": "What Cole added."}
    )

    assert SAW in page.content.decode()
    assert [each["actor"]["member"] for each in events("draft.read")] == [
        str(cast.colleague.membership_id)
    ]
    signed_in(cast.teacher).get(reverse("intake:page", args=[given.pk, "concern"]))
    assert len(events("draft.read")) == 1
    given.refresh_from_db()
    assert given.answers["concern"] == {"saw": "What Cole added."}


def test_what_they_send_is_the_authors_and_says_who_sent_it(cast, given):
    case = sent_by(cast.colleague, given)

    referral = Referral.objects.get(case=case)
    assert referral.author_id == cast.teacher.membership_id
    sender = Statement.objects.get(case=case, question="sender")
    assert sender.text == "Cole League, practitioner, on behalf of Tess Eacher, practitioner"
    (event,) = events("referral.submitted")
    assert event["actor"]["member"] == str(cast.colleague.membership_id)
    assert (event["why"], event["ids"]) == ("on_behalf", [str(cast.teacher.membership_id)])


def test_the_author_follows_it_and_whoever_sent_it_does_not(cast, given):
    case = sent_by(cast.colleague, given)

    assert casework.visible(cast.teacher).filter(pk=case.pk).exists()
    assert casework.sent(cast.teacher).filter(case=case).exists()
    assert not casework.visible(cast.colleague).filter(pk=case.pk).exists()
    told = Notice.objects.filter(kind=Kind.RECEIVED).values_list("recipient", flat=True)
    assert list(told) == [cast.teacher.membership_id]


def test_whoever_sent_it_gets_a_confirmation_that_shows_nothing_of_the_case(cast, given):
    sent_by(cast.colleague, given)
    given.refresh_from_db()
    assert sent_by(cast.colleague, given).reference == given.reference

    browser = signed_in(cast.colleague)
    hub = reverse("intake:draft", args=[given.pk])
    check = reverse("intake:page", args=[given.pk, "check"])
    for page in (browser.get(hub, follow=True), browser.post(check, follow=True)):
        assert page.status_code == 200
        assert given.reference in page.content.decode()
        assert "You sent it for Tess Eacher" in page.content.decode()
        assert "Wrenna" not in page.content.decode()
    assert Case.objects.count() == 1
    assert status(browser, "referrals:case", given.reference) == 404
    assert status(signed_in(cast.charity_worker), "intake:sent", given.reference) == 404
    assert status(signed_in(cast.teacher), "intake:sent", given.reference) == 200


def test_whom_the_author_asked_is_told_when_the_author_sent_it(cast, given):
    case = sent_by(cast.teacher, given)

    page = signed_in(cast.colleague).get(reverse("intake:sent", args=[case.reference]))

    assert "Tess Eacher has sent it." in page.content.decode()
    assert "You sent it" not in page.content.decode()


def test_the_database_names_nobody_as_sender_of_what_is_not_sent(cast, given):
    refused = pytest.raises(IntegrityError, match="draft_unsent_has_no_sender")
    with refused, transaction.atomic():
        Draft.objects.filter(pk=given.pk).update(sent_by=cast.teacher.membership_id)


def test_an_author_sends_their_own_as_before(cast, given):
    case = sent_by(cast.teacher, given)

    assert Statement.objects.get(case=case, question="sender").text == "Tess Eacher, practitioner"
    (event,) = events("referral.submitted")
    assert (event["why"], event["ids"]) == ("", [])


def test_taken_back_it_is_the_authors_alone(cast, given):
    services.take_back(actor=cast.teacher, draft=given)
    services.take_back(actor=cast.teacher, draft=given)

    for act in (
        lambda: policies.draft_for(cast.colleague, given.pk),
        lambda: services.save(actor=cast.colleague, draft=given, page="child", typed={}),
        lambda: sent_by(cast.colleague, given),
    ):
        with pytest.raises(NotVisible):
            act()
    assert len(events("draft.taken_back")) == 1


def test_a_delegate_may_not_delete_it_nor_pass_it_on_nor_end_it(cast, given):
    for act in (
        lambda: services.discard(actor=cast.colleague, draft=given),
        lambda: services.delegate(
            actor=cast.colleague, draft=given, email="dess.lead@school.example.org"
        ),
        lambda: services.take_back(actor=cast.colleague, draft=given),
    ):
        with pytest.raises(Refused):
            act()
    assert Draft.objects.get(pk=given.pk).delegate_id == cast.colleague.membership_id


@pytest.mark.parametrize(
    "email",
    [
        "tess.eacher@school.example.org",
        "nobody@school.example.org",
        "coral.dinator@council.example.org",
        "olive.utsider@school.example.org",
        "ada@school.example.org",
    ],
)
def test_only_a_colleague_of_the_agency_who_sends_referrals_can_be_asked(cast, draft, email):
    accounts.enrol(
        email="ada@school.example.org", name="Ada", agency=cast.school, role=Role.AGENCY_ADMIN
    )
    with pytest.raises(DomainError):
        services.delegate(actor=cast.teacher, draft=draft, email=email)
    answer = signed_in(cast.teacher).post(
        reverse("intake:delegate", args=[draft.pk]), {"email": email}
    )
    assert answer.status_code == 422
    assert email in answer.content.decode()


def test_a_colleague_is_told_once_that_they_are_asked(cast, draft):
    for _ in range(2):
        services.delegate(actor=cast.teacher, draft=draft, email=f" {COLLEAGUE.upper()} ")

    notice = Notice.objects.get(kind=Kind.DELEGATED)
    assert notice.recipient_id == cast.colleague.membership_id
    (event,) = events("draft.delegated")
    assert event["ids"] == [str(cast.colleague.membership_id)]
    home = signed_in(cast.colleague).get(reverse("home:home")).content.decode()
    assert "that you send for Tess Eacher" in home
    assert (
        "that you send for"
        not in signed_in(cast.teacher).get(reverse("home:home")).content.decode()
    )


def test_nothing_is_sent_for_somebody_who_no_longer_works_there(cast, given):
    accounts.end_membership(membership=membership(cast.teacher))

    with pytest.raises(Refused):
        sent_by(cast.colleague, given)
    assert not Case.objects.exists()


def test_what_was_sent_is_not_given_to_anybody(cast, draft):
    sent_by(cast.teacher, draft)

    with pytest.raises(DomainError):
        services.delegate(actor=cast.teacher, draft=draft, email=COLLEAGUE)


def test_the_database_lets_nobody_be_their_own_delegate(cast, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(delegate=cast.teacher.membership_id)

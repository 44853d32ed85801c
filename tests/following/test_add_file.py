"""A file that is added to a referral which was sent: checked, dated, read by those who may."""

from copy import deepcopy
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.common.errors import DomainError, NotVisible, Refused
from portal.documents.models import Upload
from portal.documents.services import uploads
from portal.documents.services.uploads import FileRefused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.following import services
from referrals.following.vocabulary import ADDED_PROTECT
from referrals.models import Statement
from referrals.reading import read
from referrals.services import files
from referrals.triage import services as triage
from referrals.vocabulary import OpenedFor, Protect
from referrals.workflow import Action
from sharing.disclosures.services import walls
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import Cast, at_once, carried, events, send, signed_in
from tests.documents import corpus
from tests.documents import scanner as stand_in
from tests.documents.corpus import EICAR

SAID = b"She was away on three days."
LABEL = "Attendance this term"
FORM = {
    "key": "6f0d2c1e-0c55-4e0f-9b8e-9a1f5d3c7b10",
    "label": LABEL,
    "category": "IC4",
    "protect": "none",
}


@pytest.fixture(autouse=True)
def scanner(settings):
    with stand_in.running() as found:
        settings.CLAMD_ADDRESS = found.address
        yield found


def put(actor, case, given: bytes = SAID, *, form: UUID | None = None, **changes) -> UUID:
    said = {"label": LABEL, "category": Category.IC4, "protect": Protect.NONE, **changes}
    return services.add_file(actor=actor, case=case, given=given, form=form or uuid4(), **said)


def chosen(given: bytes = SAID, name: str = "a.txt", **changes) -> dict[str, object]:
    return {**FORM, **changes, "file": SimpleUploadedFile(name, given)}


def page(case) -> str:
    return reverse("following:add_file", args=[case.reference])


def labels(reader, case) -> list[str]:
    return [item.text for item in read(reader, case, Purpose.SCREEN).files]


def test_it_is_part_of_the_case_when_it_is_clean_with_its_own_date(cast: Cast, sent):
    pk = put(cast.teacher, sent)
    assert labels(cast.coordinator, sent) == labels(cast.teacher, sent) == []

    files.check(pk=pk)

    statement = Statement.objects.get(upload=pk)
    assert (statement.agency, statement.author_id) == (cast.school, cast.teacher.membership_id)
    assert statement.stated_at == Upload.objects.get(pk=pk).added_at
    for reader in (cast.teacher, cast.lead, cast.coordinator):
        assert labels(reader, sent) == [LABEL]
    opened = files.open_file(
        actor=cast.coordinator,
        reference=sent.reference,
        pk=statement.pk,
        opened_for=OpenedFor.WORK,
    )
    assert opened.content == SAID


def test_it_stays_as_it_was_added(cast: Cast, sent):
    files.check(pk=put(cast.teacher, sent))

    with pytest.raises(DatabaseError), transaction.atomic():
        Statement.objects.filter(upload__isnull=False).update(text="Something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        Upload.objects.update(label="Something else")


def test_who_looks_after_the_case_is_told_once_it_is_clean(cast: Cast, sent):
    def told() -> set[UUID]:
        found = Notice.objects.filter(kind=Kind.CHANGED, case=sent.pk)
        return set(found.values_list("recipient_id", flat=True))

    pk = put(cast.teacher, sent)
    assert told() == set()
    files.check(pk=pk)
    assert cast.coordinator.membership_id in told()
    assert {event["act"] for event in events("file.added", "file.joined")} == {
        "file.added",
        "file.joined",
    }
    assert LABEL not in str(events("file.added", "file.joined"))


def test_what_the_lead_adds_is_theirs(cast: Cast, sent):
    pk = put(cast.lead, sent)
    (coming,) = files.read_files(actor=cast.lead, reference=sent.reference).coming
    assert coming.pk == pk
    assert not files.read_files(actor=cast.teacher, reference=sent.reference).coming

    files.check(pk=pk)

    assert Statement.objects.get(upload=pk).author_id == cast.lead.membership_id
    assert labels(cast.lead, sent) == labels(cast.coordinator, sent) == [LABEL]


def test_what_others_are_to_read_is_not_concealed_from_all_of_them(cast: Cast, sent):
    with pytest.raises(DomainError, match="cannot be concealed"):
        put(cast.teacher, sent, protect=Protect.EXISTENCE)

    offered = signed_in(cast.teacher).get(page(sent)).content.decode()
    assert f'value="{Protect.EXISTENCE}"' not in offered
    assert f'value="{ADDED_PROTECT[0]}"' in offered
    assert not Upload.objects.exists()


@pytest.mark.parametrize("gone", ["left", "walled"])
def test_a_coordinator_who_is_gone_leaves_nobody_untold(cast: Cast, sent, gone):
    triage.acknowledge(actor=cast.coordinator, case=sent)
    pk = put(cast.teacher, sent)
    if gone == "left":
        Membership.objects.filter(pk=cast.coordinator.membership_id).update(until_at=timezone.now())
    else:
        walls.declare(actor=cast.coordinator, reference=sent.reference, why="relative")
    Notice.objects.all().delete()

    files.check(pk=pk)

    found = Notice.objects.filter(kind=Kind.CHANGED).exclude(status="suppressed")
    told = set(found.values_list("recipient_id", flat=True))
    assert cast.coordinator.membership_id not in told
    assert {cast.second_coordinator.membership_id, cast.manager.membership_id} <= told


def test_a_virus_is_told_to_whoever_added_it(cast: Cast, sent):
    files.check(pk=put(cast.lead, sent, EICAR))

    told = Notice.objects.filter(kind=Kind.FILE_REFUSED)
    assert [notice.recipient_id for notice in told] == [cast.lead.membership_id]
    assert labels(cast.lead, sent) == []


@pytest.mark.parametrize("who", ["coordinator", "manager", "auditor"])
def test_whoever_else_knows_of_the_case_adds_none(cast: Cast, sent, who):
    actor = getattr(cast, who)

    with pytest.raises((Refused, NotVisible)):
        put(actor, sent)
    assert signed_in(actor).get(page(sent)).status_code in (403, 404)
    assert signed_in(actor).post(page(sent), chosen()).status_code in (403, 404)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("who", ["colleague", "charity_worker", "other_coordinator"])
def test_who_may_not_know_of_the_case_learns_nothing(cast: Cast, sent, who):
    with pytest.raises(NotVisible):
        put(getattr(cast, who), sent)
    assert signed_in(getattr(cast, who)).get(page(sent)).status_code == 404


def test_a_right_that_ends_while_the_file_is_looked_into_keeps_none(cast: Cast, sent, monkeypatch):
    examine = uploads.examine

    def meanwhile(*given):
        walls.declare(actor=cast.teacher, reference=sent.reference, why="relative")
        return examine(*given)

    monkeypatch.setattr(uploads, "examine", meanwhile)

    with pytest.raises(NotVisible):
        put(cast.teacher, sent)
    assert not Upload.objects.exists()


def test_a_referral_that_was_withdrawn_takes_none(cast: Cast, sent):
    triage.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="Sent in error.")
    sent.refresh_from_db()

    with pytest.raises(DomainError, match="withdrawn"):
        put(cast.teacher, sent)


def test_the_limit_of_a_referral_counts_what_was_sent_with_it(cast: Cast):
    cast.partnership.files_per_referral = 1
    cast.partnership.save()
    key = uuid4()
    said = {"label": LABEL, "category": Category.IC4}
    files.add(actor=cast.teacher, key=key, given=SAID, insist=lambda: None, **said)
    case = send(cast.teacher, key=key)

    with pytest.raises(FileRefused):
        put(cast.teacher, case)


def test_the_page_warns_first_adds_one_and_shows_that_it_waits(cast: Cast, sent):
    client = signed_in(cast.teacher)
    link = client.get(reverse("referrals:case", args=[sent.reference])).content.decode()
    assert page(sent) in link
    empty = client.get(page(sent)).content.decode()
    assert empty.index("sexual image") < empty.index('type="file"')

    after = client.post(page(sent), chosen(name="../<b>.exe"), follow=True)

    assert after.redirect_chain[-1][0] == reverse("referrals:documents", args=[sent.reference])
    text = after.content.decode()
    assert LABEL in text
    assert "Being checked for viruses" in text
    assert ".exe" not in str(Upload.objects.values().get())


@pytest.mark.parametrize(
    ("given", "says"),
    [(b"<svg onload=alert(1)>", "This kind of file cannot be added"), (b"", "is empty")],
)
def test_what_is_no_file_for_us_gets_its_sentence_and_is_not_kept(cast: Cast, sent, given, says):
    answer = signed_in(cast.teacher).post(page(sent), chosen(given))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Upload.objects.exists()


def test_the_same_form_pressed_twice_adds_one_file_and_leads_to_the_same_place(cast: Cast, sent):
    client = signed_in(cast.teacher)
    key = carried(client, page(sent))["key"]
    assert carried(client, page(sent))["key"] != key, "each form has a number of its own"

    pressed = [client.post(page(sent), chosen(key=key)) for _ in range(2)]

    documents = reverse("referrals:documents", args=[sent.reference])
    assert [(each.status_code, each.url) for each in pressed] == [(302, documents)] * 2
    assert Upload.objects.count() == len(events("file.added")) == 1

    # Back, once it is part of the case, and the same again.
    files.check(pk=Upload.objects.get().pk)
    assert client.post(page(sent), chosen(key=key)).url == documents
    assert Upload.objects.count() == Statement.objects.filter(upload__isnull=False).count() == 1
    assert client.post(page(sent), chosen(b"She was away again.", key=key)).url == documents
    assert Upload.objects.count() == 2, "another file is no second press"


@pytest.mark.parametrize(
    "other", [{"protect": ADDED_PROTECT[0]}, {"label": "Something else"}, {"category": "IC7"}]
)
def test_the_same_form_with_other_answers_is_never_told_that_it_was_added(cast: Cast, sent, other):
    client = signed_in(cast.teacher)
    client.post(page(sent), chosen())

    again = client.post(page(sent), chosen(**other))

    assert again.status_code == 409
    assert "this was not added" in again.text
    (kept,) = Upload.objects.all()
    assert (kept.label, kept.parameters) == (LABEL, {"category": "IC4", "protect": ""})


def test_two_presses_at_once_add_it_once(committed, cast: Cast, sent, settings):
    settings.CLAMD_ADDRESS = ""
    form = uuid4()

    def press() -> UUID:
        return put(cast.teacher, sent, form=form)

    assert set(at_once(press, press)) == {Upload.objects.get().pk}
    assert len(events("file.added")) == 1


def test_the_number_of_a_form_is_nobody_elses(cast: Cast, sent):
    form = uuid4()

    assert put(cast.teacher, sent, form=form) != put(cast.lead, sent, form=form)
    assert Upload.objects.count() == 2


def test_the_rules_are_those_of_the_area_that_has_the_case(cast: Cast, sent):
    """The school serves another area since, the first by its number, which takes other files."""
    other = deepcopy(cast.other_area)
    other.pk, other.slug = UUID(int=1), "nextshire"
    other.save(force_insert=True)
    other.agencies.add(cast.school)
    teacher = Membership.objects.get(pk=cast.teacher.membership_id).principal()
    assert teacher.partnership_ids == (other.pk, cast.partnership.pk)

    for ours in (True, False):
        Partnership.objects.filter(pk=cast.partnership.pk).update(takes_pictures=ours)
        Partnership.objects.filter(pk=other.pk).update(takes_pictures=not ours)
        sent.refresh_from_db()
        offered = signed_in(cast.teacher).get(page(sent)).text
        assert ("a picture (JPEG or PNG)" in offered) is ours
        if ours:
            assert put(teacher, sent, corpus.picture())
        else:
            with pytest.raises(FileRefused, match="Pictures cannot be added"):
                put(teacher, sent, corpus.picture())

"""Files of a referral: unknown until clean, then held to the same law as an answer; opened on the
record; and what becomes of them when the scanner or the referral goes away.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core import checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Membership
from portal.audit.services import LedgerRefused
from portal.common.errors import DomainError, NotVisible, Refused
from portal.documents.models import Upload
from portal.documents.services import sealing, uploads
from portal.documents.services.uploads import FileRefused
from portal.documents.vocabulary import Checked
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.http import GONE
from referrals.intake import services as intake
from referrals.intake.models import Draft
from referrals.models import Case, Handover, Statement
from referrals.reading import read
from referrals.services import correct, export_csv, files, protect, remove
from referrals.services.files import opening
from referrals.vocabulary import Emergency, KnownHow, OpenedFor, Protect, State
from sharing.disclosures.services import emergency, walls
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import Cast, concern, events, send, signed_in
from tests.documents import corpus
from tests.documents import scanner as stand_in
from tests.documents.corpus import EICAR

SAID = b"She was away on three days."
LABEL = "Attendance this term"


@pytest.fixture(autouse=True)
def scanner(settings):
    with stand_in.running() as found:
        settings.CLAMD_ADDRESS = found.address
        yield found


@pytest.fixture
def draft(cast: Cast) -> Draft:
    return intake.start(actor=cast.teacher)


def added(actor, key: UUID, given: bytes = SAID, **changes) -> UUID:
    said = {"label": LABEL, "category": Category.IC4, "protect": Protect.NONE}
    changes = {"insist": lambda: None} | changes
    return files.add(actor=actor, key=key, given=given, **{**said, **changes})


def sent_with(cast: Cast, given: bytes = SAID, **changes) -> tuple[Case, Statement]:
    """A referral of the teacher's with one clean file."""
    key = uuid4()
    pk = added(cast.teacher, key, given, **changes)
    files.check(pk=pk)
    case = send(cast.teacher, key=key)
    return case, Statement.objects.get(case=case, upload=pk)


def on_case(reader, case):
    """What this reader reads of the files of a case."""
    found = read(reader, case, Purpose.SCREEN).files
    return [(item.state, item.text, item.file is not None) for item in found]


def take(actor, case: Case, pk: UUID, opened_for: OpenedFor = OpenedFor.WORK) -> files.Opened:
    return files.open_file(actor=actor, reference=case.reference, pk=pk, opened_for=opened_for)


# --- Before it is sent ----------------------------------------------------------------------------


def test_a_file_is_its_authors_alone_until_it_is_sent(cast: Cast, draft):
    pk = added(cast.teacher, draft.pk)

    (mine,) = files.added_to(key=draft.pk)
    assert (mine.pk, mine.label, mine.state) == (pk, LABEL, Checked.CHECKING)
    page = reverse("intake:files", args=[draft.pk])
    out = reverse("intake:remove_file", args=[draft.pk, pk])
    for other in (cast.colleague, cast.lead, cast.coordinator):
        assert signed_in(other).get(page).status_code == 404
        assert signed_in(other).post(out).status_code == 404
        with pytest.raises(NotVisible):
            intake.remove_file(actor=other, draft=draft, pk=pk)
    assert Upload.objects.filter(pk=pk).exists()


def test_adding_and_removing_are_in_the_ledger_without_a_word(cast: Cast, draft):
    pk = added(cast.teacher, draft.pk)
    files.remove(actor=cast.teacher, key=draft.pk, pk=pk)

    kept = events("file.added", "file.removed")
    assert [body["act"] for body in kept] == ["file.added", "file.removed"]
    assert LABEL not in str(kept)
    assert not Upload.objects.exists()


def test_what_is_refused_is_not_kept_and_the_ledger_says_why(cast: Cast, draft):
    with pytest.raises(FileRefused):
        added(cast.teacher, draft.pk, b"<svg onload=alert(1)>")

    assert not Upload.objects.exists()
    (kept,) = events("file.refused")
    assert (kept["why"], kept["out"]) == ("kind", "denied")


def test_a_role_that_does_not_refer_adds_none(cast: Cast):
    with pytest.raises(Refused):
        added(cast.panel_nurse, uuid4())


def test_pictures_are_a_setting_of_the_partnership(cast: Cast, draft):
    with pytest.raises(FileRefused, match="Pictures cannot be added here"):
        added(cast.teacher, draft.pk, corpus.picture(gps=True))

    cast.partnership.takes_pictures = True
    cast.partnership.save()
    assert added(cast.teacher, draft.pk, corpus.picture(gps=True))


def test_a_draft_that_is_deleted_or_forgotten_takes_its_files_along(cast: Cast, draft):
    added(cast.teacher, draft.pk)
    intake.discard(actor=cast.teacher, draft=draft)
    assert not Upload.objects.exists()

    old = intake.start(actor=cast.teacher)
    added(cast.teacher, old.pk)
    Draft.objects.filter(pk=old.pk).update(saved_at=old.saved_at - timedelta(days=old.kept_days))
    intake.expire()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("gone", ["discarded", "expired", "sent"])
def test_a_draft_that_goes_while_a_file_is_looked_into_gets_none(cast, draft, monkeypatch, gone):
    examine = uploads.examine

    def meanwhile(*given):
        found = examine(*given)
        if gone == "discarded":
            intake.discard(actor=cast.teacher, draft=draft)
        elif gone == "expired":
            Draft.objects.filter(pk=draft.pk).delete()
        else:
            intake.send(actor=cast.teacher, draft=draft, concern=concern())
        return found

    monkeypatch.setattr(uploads, "examine", meanwhile)

    with pytest.raises(DomainError if gone == "sent" else NotVisible):
        intake.add_file(
            actor=cast.teacher,
            draft=draft,
            given=SAID,
            label=LABEL,
            category=Category.IC4,
            protect=Protect.NONE,
        )

    assert not Upload.objects.exists()
    assert not events("file.added")


def put(actor, draft: Draft, given: bytes = SAID, protect: Protect = Protect.NONE) -> UUID:
    said = {"label": LABEL, "category": Category.IC4, "protect": protect}
    return intake.add_file(actor=actor, draft=draft, given=given, **said)


def test_a_delegate_adds_and_removes_files_of_the_draft_they_write_in(cast: Cast, draft):
    theirs = put(cast.teacher, draft)
    intake.delegate(actor=cast.teacher, draft=draft, email="cole.league@school.example.org")
    page = reverse("intake:files", args=[draft.pk])

    assert LABEL in signed_in(cast.colleague).get(page).content.decode()
    assert events("draft.read")
    choose(signed_in(cast.colleague), draft.pk, SAID)
    (mine,) = Upload.objects.exclude(pk=theirs)
    assert LABEL in signed_in(cast.teacher).get(page).content.decode()

    intake.remove_file(actor=cast.colleague, draft=draft, pk=theirs)
    assert list(Upload.objects.all()) == [mine]


def test_what_a_delegate_added_is_the_authors_once_it_is_sent(cast: Cast, draft):
    intake.delegate(actor=cast.teacher, draft=draft, email="cole.league@school.example.org")
    files.check(pk=put(cast.colleague, draft, protect=Protect.EXISTENCE))
    late = put(cast.colleague, draft)
    reference = intake.send(actor=cast.colleague, draft=draft, concern=concern())

    (coming,) = files.read_files(actor=cast.teacher, reference=reference).coming
    assert coming.pk == late
    files.check(pk=late)

    case = Case.objects.get(reference=reference)
    found = Statement.objects.filter(case=case, upload__isnull=False)
    assert {one.author_id for one in found} == {cast.teacher.membership_id}
    assert len(on_case(cast.teacher, case)) == 2
    assert len(on_case(cast.coordinator, case)) == 1
    with pytest.raises(NotVisible):
        files.read_files(actor=cast.colleague, reference=reference)


def test_a_delegate_from_whom_the_draft_was_taken_back_adds_and_removes_none(cast: Cast, draft):
    intake.delegate(actor=cast.teacher, draft=draft, email="cole.league@school.example.org")
    kept = put(cast.colleague, draft)
    intake.take_back(actor=cast.teacher, draft=draft)

    with pytest.raises(NotVisible):
        put(cast.colleague, draft)
    with pytest.raises(NotVisible):
        intake.remove_file(actor=cast.colleague, draft=draft, pk=kept)
    assert [file.pk for file in files.added_to(key=draft.pk)] == [kept]


def test_a_file_of_no_draft_and_no_referral_goes_after_a_day(cast: Cast, draft):
    lost, kept = added(cast.teacher, uuid4()), added(cast.teacher, draft.pk)
    _, statement = sent_with(cast)

    intake.expire()
    assert Upload.objects.count() == 3

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        intake.expire()
    assert set(Upload.objects.values_list("pk", flat=True)) == {kept, statement.upload_id}
    removed = [body["obj"]["id"] for body in events("file.removed")]
    assert removed == [str(lost)]


# --- Part of the case -----------------------------------------------------------------------------


def test_a_clean_file_is_part_of_the_case_when_it_is_sent(cast: Cast):
    case, statement = sent_with(cast)

    assert (statement.category, statement.agency, statement.known_how) == (
        Category.IC4,
        cast.school,
        KnownHow.RECORD,
    )
    for reader in (cast.teacher, cast.coordinator, cast.lead):
        assert on_case(reader, case) == [(State.SHOWN, LABEL, True)]
        assert take(reader, case, statement.pk).content == SAID


def test_until_it_is_clean_nobody_but_its_author_knows_of_it(cast: Cast, settings):
    settings.CLAMD_ADDRESS = ""
    key = uuid4()
    pk = added(cast.teacher, key)
    assert not files.check(pk=pk)
    case = send(cast.teacher, key=key)

    assert on_case(cast.coordinator, case) == on_case(cast.teacher, case) == []
    assert not Statement.objects.filter(upload=pk).exists()
    (coming,) = files.read_files(actor=cast.teacher, reference=case.reference).coming
    assert (coming.pk, coming.state) == (pk, Checked.HELD)
    for other in (cast.coordinator, cast.lead):
        assert files.read_files(actor=other, reference=case.reference).coming == ()
        with pytest.raises(NotVisible):
            take(other, case, pk)
    with pytest.raises(NotVisible):
        take(cast.teacher, case, pk)


def test_when_the_scanner_is_back_what_was_held_joins_the_case(cast: Cast, settings, scanner):
    settings.CLAMD_ADDRESS = ""
    key = uuid4()
    for _ in range(2):
        added(cast.teacher, key)
    assert files.sweep() == 2
    assert {upload.state for upload in Upload.objects.all()} == {Checked.HELD}
    case = send(cast.teacher, key=key)
    assert files.sweep() == 2

    settings.CLAMD_ADDRESS = scanner.address
    assert files.sweep() == 2

    assert on_case(cast.coordinator, case) == [(State.SHOWN, LABEL, True)] * 2
    assert {s.stated_at for s in Statement.objects.filter(case=case)} == {
        case.referrals.get().sent_at
    }
    assert len(events("file.joined")) == 2
    assert files.sweep() == 0
    assert Statement.objects.filter(upload__isnull=False).count() == 2


def test_a_scanner_that_is_not_there_is_asked_once_in_a_sweep(cast: Cast, settings, monkeypatch):
    settings.CLAMD_ADDRESS = ""
    for _ in range(3):
        added(cast.teacher, uuid4())
    asked = []
    ask = uploads.ask_scanner
    monkeypatch.setattr(uploads, "ask_scanner", lambda *, pk: asked.append(pk) or ask(pk=pk))

    files.sweep()

    assert len(asked) == 1
    assert {upload.state for upload in Upload.objects.all()} == {Checked.HELD}


def test_a_file_that_gets_no_verdict_holds_up_no_other(cast: Cast, scanner):
    odd = added(cast.teacher, uuid4(), stand_in.NO_VERDICT)
    good = added(cast.teacher, uuid4())

    files.sweep()

    states = dict(Upload.objects.values_list("pk", "state"))
    assert states == {odd: Checked.HELD, good: Checked.READY}
    later = added(cast.teacher, uuid4())
    assert uploads.unchecked() == [later, odd]


def test_a_file_over_which_the_scanner_hangs_costs_one_wait_and_holds_up_no_other(
    cast: Cast, scanner, settings
):
    settings.CLAMD_SECONDS = 0.3
    hangs = added(cast.teacher, uuid4(), stand_in.HANGS)
    good = added(cast.teacher, uuid4())

    files.sweep()
    later = added(cast.teacher, uuid4())

    states = dict(Upload.objects.values_list("pk", "state"))
    assert states == {hangs: Checked.HELD, good: Checked.READY, later: Checked.CHECKING}
    assert uploads.unchecked() == [later, hangs]


def test_a_scanner_that_hangs_is_given_up_for_this_sweep_and_each_has_its_turn(
    cast: Cast, scanner, settings
):
    settings.CLAMD_SECONDS = 0.3
    given = [added(cast.teacher, uuid4(), stand_in.HANGS) for _ in range(3)]
    given.append(added(cast.teacher, uuid4()))

    files.sweep()

    assert scanner.asked == 2
    assert set(Upload.objects.values_list("state", flat=True)) == {Checked.HELD}
    # What was not asked about comes first, so that the last of all is not left for ever.
    assert uploads.unchecked() == [*given[2:], *given[:2]]
    files.sweep()
    assert Upload.objects.get(pk=given[3]).state == Checked.READY


def test_a_file_whose_bytes_do_not_open_holds_up_no_other(cast: Cast, settings, caplog):
    settings.FILE_KEYS = ["gone"]
    lost = added(cast.teacher, uuid4())
    settings.FILE_KEYS = ["now"]
    key = uuid4()
    good = added(cast.teacher, key)
    case = send(cast.teacher, key=uuid4())
    missed = added_late(cast.teacher, case.referrals.get().key)

    with pytest.raises(sealing.Broken):
        files.sweep()

    assert Upload.objects.get(pk=lost).state == Checked.HELD
    assert Upload.objects.get(pk=good).state == Checked.READY
    assert Statement.objects.filter(upload=missed).exists()
    assert f"Upload {lost} could not be checked (Broken)" in caplog.text


def test_a_clean_file_that_was_missed_when_it_was_sent_is_found_by_the_sweep(cast: Cast):
    key = uuid4()
    case = send(cast.teacher, key=key)
    pk = added_late(cast.teacher, key)

    files.sweep()

    assert Statement.objects.get(upload=pk).case == case


def added_late(actor, key: UUID) -> UUID:
    """A clean file whose verdict came in the same moment as the sending."""
    pk = added(actor, uuid4())
    files.check(pk=pk)
    upload = Upload.objects.get(pk=pk)
    upload.pk, upload.key = uuid4(), key
    upload.content = b"sealed"
    upload.save(force_insert=True)
    return upload.pk


def test_a_virus_found_after_the_sending_is_told_to_its_author_alone(cast: Cast, settings, scanner):
    settings.CLAMD_ADDRESS = ""
    key = uuid4()
    pk = added(cast.teacher, key, b"see: " + EICAR)
    case = send(cast.teacher, key=key)
    settings.CLAMD_ADDRESS = scanner.address

    files.sweep()

    assert Upload.objects.get(pk=pk).content is None
    assert on_case(cast.coordinator, case) == []
    told = Notice.objects.filter(kind=Kind.FILE_REFUSED)
    assert [notice.recipient_id for notice in told] == [cast.teacher.membership_id]
    (coming,) = files.read_files(actor=cast.teacher, reference=case.reference).coming
    assert coming.words == "A virus was found in this file. We have not kept it"


def test_nothing_is_added_to_a_draft_or_taken_out_once_it_is_sent(cast: Cast, draft):
    files.check(pk=put(cast.teacher, draft))
    intake.send(actor=cast.teacher, draft=draft, concern=concern())
    statement = Statement.objects.get(upload__isnull=False)

    with pytest.raises(DomainError):
        put(cast.teacher, draft)
    with pytest.raises(DomainError):
        intake.remove_file(actor=cast.teacher, draft=draft, pk=statement.upload_id)
    assert Upload.objects.get() == statement.upload


def test_the_database_lets_a_file_join_once(cast: Cast):
    _, statement = sent_with(cast)
    statement.pk = uuid4()

    with pytest.raises(IntegrityError, match="statement_joins_a_file_once"), transaction.atomic():
        statement.save(force_insert=True)


def test_another_agencys_file_under_the_same_key_does_not_come_along(cast: Cast):
    key = uuid4()
    files.check(pk=added(cast.charity_worker, key))

    case = send(cast.teacher, key=key)
    files.sweep()

    assert on_case(cast.coordinator, case) == []


# --- The same law as for an answer ----------------------------------------------------------------


def test_whoever_does_not_see_its_category_does_not_open_it(cast: Cast):
    case, statement = sent_with(cast, category=Category.IC6)
    seen = on_case(cast.coordinator, case)
    assert seen != [(State.SHOWN, LABEL, True)]
    assert not seen[0][2]

    with pytest.raises(NotVisible):
        take(cast.coordinator, case, statement.pk)
    assert LABEL not in str(read(cast.coordinator, case, Purpose.SCREEN))


@pytest.mark.parametrize("why", [Protect.POLICE, Protect.SOURCE, Protect.HEALTH])
def test_a_protected_file_is_withheld_with_its_name(cast: Cast, why):
    case, statement = sent_with(cast, protect=why)

    assert on_case(cast.coordinator, case) == [(State.WITHHELD, f"Withheld: {why.label}", False)]
    with pytest.raises(NotVisible):
        take(cast.coordinator, case, statement.pk)
    assert take(cast.teacher, case, statement.pk).content == SAID


def test_a_concealed_file_leaves_no_trace_for_anybody_else(cast: Cast):
    plain = send(cast.teacher)
    case, statement = sent_with(cast, protect=Protect.EXISTENCE)

    for other in (cast.coordinator, cast.lead):
        assert on_case(other, case) == on_case(other, plain) == []
        page = files.read_files(actor=other, reference=case.reference)
        assert not page.items
        assert not page.coming
        with pytest.raises(NotVisible):
            take(other, case, statement.pk)
    assert take(cast.teacher, case, statement.pk).content == SAID
    opened = events("file.opened")[-1]
    assert str(case.pk) not in str(opened)


def test_a_file_can_be_concealed_afterwards_and_leaves_no_gap(cast: Cast):
    case, statement = sent_with(cast)

    protect(actor=cast.teacher, statement=statement, protect=Protect.EXISTENCE)

    assert on_case(cast.coordinator, case) == []


def test_a_part_of_its_label_that_is_protected_closes_the_file(cast: Cast):
    case, statement = sent_with(cast)

    protect(actor=cast.teacher, statement=statement, protect=Protect.SOURCE, spans=[(0, 10)])

    ((state, _, opens),) = on_case(cast.coordinator, case)
    assert (state, opens) == (State.PARTLY_WITHHELD, False)
    with pytest.raises(NotVisible):
        take(cast.coordinator, case, statement.pk)


def test_a_removed_file_opens_for_nobody(cast: Cast):
    case, statement = sent_with(cast)

    remove(actor=cast.teacher, statement=statement, why="wrong child")

    for reader in (cast.teacher, cast.coordinator):
        with pytest.raises(NotVisible):
            take(reader, case, statement.pk)


def test_a_label_put_right_keeps_its_file(cast: Cast):
    case, statement = sent_with(cast)

    right = correct(
        actor=cast.teacher,
        statement=statement,
        text="Attendance last term",
        known_how=KnownHow.RECORD,
        why="wrong term",
    )

    assert take(cast.coordinator, case, right.pk).content == SAID
    with pytest.raises(NotVisible):
        take(cast.coordinator, case, statement.pk)


def test_a_conflict_of_interest_closes_it(cast: Cast):
    case, statement = sent_with(cast)
    walls.declare(actor=cast.coordinator, reference=case.reference, why="relative")

    with pytest.raises(NotVisible):
        take(cast.coordinator, case, statement.pk)


def test_emergency_access_lists_it_and_opens_it_not(cast: Cast):
    case, statement = sent_with(cast)
    emergency.open_in_emergency(
        actor=cast.charity_worker,
        reference=case.reference,
        why=Emergency.LIFE,
        next_step="I go there now and stay with the child.",
    )

    page = files.read_files(actor=cast.charity_worker, reference=case.reference)
    assert not page.may_open
    with pytest.raises(Refused):
        take(cast.charity_worker, case, statement.pk)


@pytest.mark.parametrize("who", ["charity_worker", "outsider_lead", "other_coordinator"])
def test_who_may_not_know_of_the_case_may_not_know_of_its_files(cast: Cast, who):
    case, statement = sent_with(cast)

    for act in (
        lambda: files.read_files(actor=getattr(cast, who), reference=case.reference),
        lambda: take(getattr(cast, who), case, statement.pk),
    ):
        with pytest.raises(NotVisible):
            act()


def test_a_file_of_another_case_is_not_found_in_this_one(cast: Cast):
    (one, _), (_, other) = sent_with(cast), sent_with(cast)

    with pytest.raises(NotVisible):
        take(cast.teacher, one, other.pk)


def test_in_a_spreadsheet_of_the_case_it_is_its_label(cast: Cast):
    case, _ = sent_with(cast, label="=HYPERLINK(1)")

    written = export_csv(actor=cast.teacher, reference=case.reference).decode()

    assert "'=HYPERLINK(1)" in written
    assert SAID.decode() not in written


# --- On the record --------------------------------------------------------------------------------


def test_each_opening_says_who_which_and_what_for(cast: Cast):
    case, statement = sent_with(cast)

    take(cast.coordinator, case, statement.pk, OpenedFor.COURT)

    (kept,) = events("file.opened")
    assert kept["why"] == "court"
    assert kept["rcpt"] == {"kind": "user", "id": str(cast.coordinator.user_id)}
    assert kept["obj"] == {"kind": "statement", "id": str(statement.pk)}
    assert kept["fields"] == ["IC4"]
    assert LABEL not in str(kept)


def test_no_byte_leaves_when_the_ledger_refuses(cast: Cast, monkeypatch):
    case, statement = sent_with(cast)

    def refuse(*_args, **_more):
        raise LedgerRefused("no")

    monkeypatch.setattr(opening, "record", refuse)
    with pytest.raises(LedgerRefused):
        take(cast.teacher, case, statement.pk)
    with pytest.raises(LedgerRefused):
        ticket_for(cast.teacher, case, statement)
    assert not Handover.objects.exists()


# --- By the files' own host -----------------------------------------------------------------------


def ticket_for(actor, case: Case, statement: Statement) -> str:
    return files.hand_over(
        actor=actor, reference=case.reference, pk=statement.pk, opened_for=OpenedFor.WORK
    )


@pytest.fixture
def own_host(settings):
    settings.FILES_URL = "http://files.example.org"
    settings.ALLOWED_HOSTS = ["testserver", "files.example.org"]


def fetch(path: str, method: str = "get", client: Client | None = None):
    return getattr(client or Client(), method)(path, headers={"host": "files.example.org"})


def nothing(answer) -> bool:
    """Whether these are the words with which that host answers all that is no ticket."""
    assert answer.status_code == 404
    assert not answer.cookies
    assert "Set-Cookie" not in answer.headers
    return answer.content == GONE.encode()


def test_opening_leads_to_the_files_own_host_with_a_ticket_for_once(cast: Cast, own_host):
    case, statement = sent_with(cast, corpus.pdf())
    portal = signed_in(cast.coordinator)
    address = reverse("referrals:document", args=[case.reference, statement.pk])

    led = portal.post(address, {"opened_for": "meeting"})

    assert (led.status_code, led.content) == (302, b"")
    host, _, ticket = led["Location"].rpartition("/")
    assert host == "http://files.example.org"
    assert case.reference not in ticket
    (kept,) = events("file.opened")
    assert (kept["why"], kept["rcpt"]["id"]) == ("meeting", str(cast.coordinator.user_id))
    row = Handover.objects.values().get()
    assert ticket not in str(row)

    # What a browser would never send is not looked at either.
    got = fetch(f"/{ticket}", client=portal)

    assert got.content.startswith(b"%PDF-")
    assert not got.cookies
    assert got["Content-Type"] == "application/pdf"
    assert got["Content-Disposition"].startswith('attachment; filename="R-')
    assert got["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Cache-Control"] == "no-store"
    assert got["Referrer-Policy"] == "no-referrer"
    assert "Cookie" not in got.get("Vary", "")
    assert len(events("file.opened")) == 1

    assert nothing(fetch(f"/{ticket}"))
    assert not Handover.objects.exists()


def test_a_ticket_is_good_for_a_minute(cast: Cast, own_host):
    case, statement = sent_with(cast)
    late, soon = (ticket_for(cast.coordinator, case, statement) for _ in range(2))

    with time_machine.travel(timezone.now() + timedelta(seconds=50), tick=False):
        assert fetch(f"/{soon}").content == SAID
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert nothing(fetch(f"/{late}"))
        files.sweep()
    assert not Handover.objects.exists()


def test_a_ticket_opens_nothing_once_the_right_to_the_file_has_ended(cast: Cast, own_host):
    case, statement = sent_with(cast)
    one, other = (ticket_for(cast.coordinator, case, statement) for _ in range(2))
    protect(actor=cast.teacher, statement=statement, protect=Protect.POLICE)
    assert nothing(fetch(f"/{one}"))

    walls.declare(actor=cast.coordinator, reference=case.reference, why="relative")
    assert nothing(fetch(f"/{other}"))

    refused = events("access.refused")
    assert [body["why"] for body in refused] == ["handover"] * 2
    assert refused[0]["obj"] == {"kind": "statement", "id": str(statement.pk)}
    assert not Handover.objects.exists()


def test_a_ticket_opens_nothing_once_its_owner_has_left(cast: Cast, own_host):
    case, statement = sent_with(cast)
    ticket = ticket_for(cast.coordinator, case, statement)
    accounts.end_membership(membership=Membership.objects.get(pk=cast.coordinator.membership_id))

    assert nothing(fetch(f"/{ticket}"))


@pytest.mark.parametrize("who", ["charity_worker", "outsider_lead"])
def test_who_may_not_know_of_the_case_gets_no_ticket(cast: Cast, own_host, who):
    case, statement = sent_with(cast)
    address = reverse("referrals:document", args=[case.reference, statement.pk])

    answer = signed_in(getattr(cast, who)).post(address, {"opened_for": "work"})

    assert answer.status_code == 404
    assert not Handover.objects.exists()


def test_the_files_own_host_answers_nothing_else(cast: Cast, own_host):
    case, statement = sent_with(cast)
    ticket = ticket_for(cast.teacher, case, statement)
    signed = signed_in(cast.teacher)
    pages = ["/", "/home/", "/healthz/", "/static/css/portal.css", "/account/sign-in/"]
    pages += [f"/referrals/{case.reference}/documents/{statement.pk}/", "/api/v1/cases/"]
    hostile = [f"/{ticket}/", f"//{ticket}", f"/{ticket}%0a", f"/{ticket}x", f"/x?{ticket}"]
    hostile += [f"/..%2f{ticket}", f"/{'A' * 43}", "/%00", f"/{chr(0x661) * 43}"]

    assert all(nothing(fetch(path, client=signed)) for path in pages + hostile)
    for method in ("post", "put", "delete", "options"):
        assert nothing(fetch(f"/{ticket}", method))
    assert fetch(f"/{ticket}", "head").status_code == 404
    assert fetch(f"/{ticket}").content == SAID


def test_tickets_are_nothing_to_the_portal_and_pages_stay_there(cast: Cast, own_host):
    case, statement = sent_with(cast)
    ticket = ticket_for(cast.teacher, case, statement)

    assert signed_in(cast.teacher).get(f"/{ticket}").status_code == 404
    assert Handover.objects.count() == 1


def test_a_host_that_is_the_sites_own_hands_nothing_over(cast: Cast, settings):
    settings.SITE_URL, settings.FILES_URL = "http://testserver", "http://testserver:8000"
    case, statement = sent_with(cast)
    address = reverse("referrals:document", args=[case.reference, statement.pk])

    got = signed_in(cast.coordinator).post(address, {"opened_for": "work"})

    assert got.content == SAID


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest", "the ticket itself"),
        ("until", timezone.now() + timedelta(hours=1)),
    ],
)
def test_the_database_keeps_a_hash_for_a_minute_at_most(cast: Cast, field, value):
    case, statement = sent_with(cast)
    ticket_for(cast.teacher, case, statement)
    name = {"digest": "handover_keeps_a_hash", "until": "handover_lasts_a_minute"}[field]

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Handover.objects.update(**{field: value})


@pytest.mark.parametrize(
    ("files_url", "warned"),
    [
        ("", True),
        ("https://portal.example.org", True),
        ("https://portal.example.org:8443", True),
        ("http://files.example.org", True),
        ("https://files.example.org/files", True),
        ("https://files.example.org", False),
    ],
)
def test_a_release_is_warned_of_files_without_a_host_of_their_own(settings, files_url, warned):
    settings.SITE_URL, settings.FILES_URL = "https://portal.example.org", files_url
    settings.HTTPS_ONLY = True

    found = checks.run_checks(include_deployment_checks=True, tags=[checks.Tags.security])

    assert ("documents.W001" in [each.id for each in found]) is warned


# --- Through the doors ----------------------------------------------------------------------------

# The corpus whole is in tests/documents/test_examine.py; these are what the promises name.
PROMISED = (
    *("GIF and JavaScript", "PDF and zip", "JPEG and PHAR", "a layered bomb", "a bomb"),
    *("50,000 x 50,000 pixels", "EICAR in a zip", "a part that leads out", "nothing"),
    *("a name turned around", "a Word document with macros", "a spreadsheet with macros"),
    *("a locked PDF", "a picture called a PDF", "SVG", "a web page"),
)
FORM = {"label": LABEL, "category": "IC4", "protect": "none"}


def choose(client: Client, pk: UUID, given: bytes, name: str = "a.pdf", **changes):
    file = SimpleUploadedFile(name, given, "text/html")
    # The file's own name is cut by the browser's library; ours is put there as it stands.
    file._name = name
    return client.post(
        reverse("intake:files", args=[pk]), {**FORM, **changes, "file": file}, follow=True
    )


def test_the_page_warns_first_and_adds_one_file(cast: Cast, draft):
    client = signed_in(cast.teacher)
    page = client.get(reverse("intake:files", args=[draft.pk])).content.decode()
    assert page.index("sexual image") < page.index('type="file"')
    assert "Pictures cannot be added" in page

    added_page = choose(client, draft.pk, corpus.pdf())

    assert LABEL in added_page.content.decode()
    assert "Being checked for viruses" in added_page.content.decode()
    assert Upload.objects.get().kind == "pdf"


@pytest.mark.parametrize("name", PROMISED)
def test_each_hostile_file_gets_its_sentence_at_the_page_and_nothing_is_kept(
    cast: Cast, draft, name
):
    given, _ = corpus.ALWAYS[name]

    page = choose(signed_in(cast.teacher), draft.pk, given)

    assert page.status_code == 422
    text = page.content.decode()
    assert "govuk-error-summary" in text
    assert LABEL in text
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "exe.\u202efdp.txt", "a" * 300 + ".pdf", "<script>.pdf", "CON"],
)
def test_the_name_it_had_is_nowhere(cast: Cast, draft, name):
    page = choose(signed_in(cast.teacher), draft.pk, SAID, name)

    assert page.status_code == 200
    row = Upload.objects.values().get()
    assert name not in str(row)
    assert row["kind"] == "txt"


def test_a_label_cannot_hide_or_turn_its_words_around(cast: Cast, draft):
    choose(signed_in(cast.teacher), draft.pk, SAID, label="a \u202efdp\u202c\u200b b")

    assert Upload.objects.get().label == "a fdp b"


def test_eicar_is_added_found_and_gone(cast: Cast, draft):
    client = signed_in(cast.teacher)
    choose(client, draft.pk, EICAR)
    pk = Upload.objects.get().pk

    files.check(pk=pk)

    page = client.get(reverse("intake:files", args=[draft.pk])).content.decode()
    assert "A virus was found in this file. We have not kept it" in page
    assert Upload.objects.get().content is None


def test_a_file_above_the_limit_is_told_the_limit_and_never_held_whole(cast: Cast, draft):
    client = signed_in(cast.teacher)

    page = choose(client, draft.pk, b"a" * (10 * 1024 * 1024 + 1))
    assert "must be smaller than 10MB" in page.content.decode()

    page = choose(client, draft.pk, b"a" * (25 * 1024 * 1024))
    assert "must be smaller than 10MB" in page.content.decode()


def test_nothing_chosen_says_what_to_do(cast: Cast, draft):
    page = signed_in(cast.teacher).post(reverse("intake:files", args=[draft.pk]), {})

    assert page.status_code == 422
    for words in ("Choose a file", "Say in a few words", "Select what it is mostly about"):
        assert words in page.content.decode()


def test_a_file_that_was_chosen_is_asked_for_again_when_something_else_is_wrong(cast, draft):
    page = choose(signed_in(cast.teacher), draft.pk, SAID, label="")

    assert "Choose the file again. It was not kept" in page.content.decode()
    assert not Upload.objects.exists()


def test_it_comes_as_an_attachment_that_no_page_can_be_made_of(cast: Cast):
    case, statement = sent_with(cast, corpus.pdf())
    client = signed_in(cast.coordinator)
    address = reverse("referrals:document", args=[case.reference, statement.pk])
    assert LABEL in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    assert not events("file.opened")

    got = client.post(address, {"opened_for": "meeting"})

    assert got.content.startswith(b"%PDF-")
    assert got["Content-Type"] == "application/pdf"
    assert got["Content-Disposition"].startswith('attachment; filename="R-')
    assert got["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Cache-Control"] == "no-store"
    assert got["Cross-Origin-Resource-Policy"] == "same-origin"
    assert len(events("file.opened")) == 1


def test_the_page_of_documents_says_what_there_is(cast: Cast):
    case, _ = sent_with(cast)
    address = reverse("referrals:documents", args=[case.reference])

    page = signed_in(cast.coordinator).get(address).content.decode()

    assert LABEL in page
    assert "Text, 1 KB" in page
    assert "Passed" in page
    empty = reverse("referrals:documents", args=[send(cast.teacher).reference])
    assert (
        "There is no document here that you can see"
        in signed_in(cast.teacher).get(empty).content.decode()
    )

"""An uploaded file is sealed for its row, checked once, and gone when it has a virus."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.documents import policies
from portal.documents.models import Upload
from portal.documents.services import sealing, uploads
from portal.documents.services.clamd import ScannerDown
from portal.documents.services.uploads import FileRefused, Rules
from portal.documents.vocabulary import Checked, Refusal
from tests.documents import scanner as stand_in
from tests.documents.corpus import EICAR

SAID = b"She was away on three days."


@pytest.fixture
def scanner(settings):
    with stand_in.running() as found:
        settings.CLAMD_ADDRESS = found.address
        yield found


def kept(owner, given=SAID, *, key=None, rules=None) -> Upload:
    rules = rules or Rules()
    return uploads.keep(
        owner=owner.principal(),
        pk=uuid4(),
        key=key or uuid4(),
        label="Attendance",
        found=uploads.examine(given, rules),
        rules=rules,
        parameters={"category": "IC4"},
    )


def stored(upload: Upload) -> Upload:
    return Upload.objects.get(pk=upload.pk)


def refused(act) -> Refusal:
    with pytest.raises(FileRefused) as found:
        act()
    return found.value.refusal


# --- Sealed ---------------------------------------------------------------------------------------


def test_its_bytes_are_sealed_and_open_again(chair):
    upload = kept(chair)

    assert SAID not in bytes(stored(upload).content)
    assert uploads.opened(stored(upload)) == SAID
    assert bytes(stored(kept(chair)).content) != bytes(stored(upload).content)


def test_what_is_sealed_opens_in_its_own_row_and_column_alone(chair):
    row, other = uuid4(), uuid4()
    sealed = sealing.seal(SAID, column="a", row=row)

    assert sealing.unseal(sealed, column="a", row=row) == SAID
    for column, at in (("b", row), ("a", other)):
        with pytest.raises(sealing.Broken):
            sealing.unseal(sealed, column=column, row=at)


@pytest.mark.parametrize("place", [0, 1, 12, 20, -1])
def test_a_changed_byte_is_noticed(place):
    row = uuid4()
    sealed = bytearray(sealing.seal(SAID, column="a", row=row))
    sealed[place] ^= 1

    with pytest.raises(sealing.Broken):
        sealing.unseal(bytes(sealed), column="a", row=row)


def test_a_new_key_is_put_before_the_old_one(settings):
    row = uuid4()
    settings.FILE_KEYS = ["old"]
    sealed = sealing.seal(SAID, column="a", row=row)

    settings.FILE_KEYS = ["new", "old"]
    assert sealing.unseal(sealed, column="a", row=row) == SAID
    anew = sealing.seal(SAID, column="a", row=row)
    settings.FILE_KEYS = ["new"]
    assert sealing.unseal(anew, column="a", row=row) == SAID
    with pytest.raises(sealing.Broken):
        sealing.unseal(sealed, column="a", row=row)


# --- Checked --------------------------------------------------------------------------------------


def test_a_clean_file_becomes_ready_and_one_with_a_virus_leaves_no_byte(chair, scanner):
    clean, infected = kept(chair), kept(chair, b"read this: " + EICAR)

    for upload in (clean, infected):
        uploads.settle(pk=upload.pk, clean=uploads.ask_scanner(pk=upload.pk))

    assert stored(clean).state == Checked.READY
    gone = stored(infected)
    assert (gone.state, gone.refusal, gone.content) == (Checked.REFUSED, Refusal.VIRUS, None)


def test_without_a_scanner_it_is_held_and_asked_about_again(chair, settings):
    upload = kept(chair)

    with pytest.raises(ScannerDown):
        uploads.ask_scanner(pk=upload.pk)
    uploads.hold(pks=[upload.pk], asked=True)

    assert stored(upload).state == Checked.HELD
    assert uploads.unchecked() == [upload.pk]


def test_a_verdict_is_written_once(chair, scanner):
    upload = kept(chair)

    assert uploads.settle(pk=upload.pk, clean=True)

    assert uploads.settle(pk=upload.pk, clean=False) is None
    assert uploads.ask_scanner(pk=upload.pk) is None
    uploads.hold(pks=[upload.pk], asked=True)
    assert stored(upload).state == Checked.READY


@pytest.mark.parametrize(
    "change",
    [
        {"content": b"another"},
        {"label": "another"},
        {"key": uuid4()},
        {"sha256": "0" * 64},
        {"parameters": {"category": "IC1"}},
        {"state": Checked.REFUSED},
        {"state": Checked.READY},
        {"state": Checked.REFUSED, "refusal": Refusal.VIRUS, "checked_at": timezone.now()},
        {"content": None},
    ],
)
def test_the_database_keeps_it_as_it_was(chair, change):
    upload = kept(chair)

    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(**change)


def test_the_database_keeps_a_verdict(chair):
    upload = kept(chair)
    uploads.settle(pk=upload.pk, clean=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(state=Checked.CHECKING)


def test_nothing_is_kept_that_the_scanner_would_not_take(monkeypatch):
    rules = Rules(megabytes=1)
    assert uploads.examine(b"a" * 1000, rules)

    monkeypatch.setattr(uploads, "MOST", 999)
    assert refused(lambda: uploads.examine(b"a" * 1000, rules)) == Refusal.TOO_BIG


# --- Whose, and how many --------------------------------------------------------------------------


def test_what_was_added_is_found_by_what_it_was_added_to_alone(people):
    mine, other = (kept(each) for each in people)

    assert list(policies.added_to([mine.key])) == [mine]
    assert list(policies.added_to([mine.key, other.key])) == [mine, other]
    assert not policies.added_to([uuid4()])


def test_those_not_asked_about_have_their_turn_before_those_that_were(chair):
    one, two, three = (kept(chair) for _ in range(3))
    uploads.hold(pks=[one.pk], asked=True)
    uploads.hold(pks=[two.pk, three.pk], asked=False)

    assert uploads.unchecked() == [two.pk, three.pk, one.pk]


def test_one_referral_holds_so_many_files(chair):
    key, rules = uuid4(), Rules(files=2)
    kept(chair, key=key, rules=rules), kept(chair, key=key, rules=rules)

    assert refused(lambda: kept(chair, key=key, rules=rules)) == Refusal.TOO_MANY
    assert kept(chair, rules=rules)


def test_one_person_adds_so_much_in_a_day(people, settings):
    mine, other = people
    settings.UPLOAD_MEGABYTES_A_DAY = 1
    kept(mine, b"a" * 700_000)

    assert refused(lambda: kept(mine, b"a" * 700_000)) == Refusal.TODAY
    assert kept(other, b"a" * 700_000)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert kept(mine, b"a" * 700_000)


def test_files_at_once_are_counted_one_after_the_other(committed, people):
    key, rules = uuid4(), Rules(files=1)
    found = uploads.examine(SAID, rules)
    outcomes, start = [], threading.Barrier(4)

    def add():
        start.wait(timeout=30)
        try:
            uploads.keep(
                owner=people[0].principal(),
                pk=uuid4(),
                key=key,
                label="a",
                found=found,
                rules=rules,
                parameters={},
            )
            outcomes.append("kept")
        except FileRefused as error:
            outcomes.append(str(error.refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(outcomes) == ["kept", *["too_many"] * 3]

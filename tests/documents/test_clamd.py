"""A verdict is "OK" or "FOUND" and nothing else: with every other answer the file is held."""

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from portal.documents.services.clamd import NoVerdict, ScannerDown, ScannerSlow, is_clean
from tests.documents import scanner as stand_in
from tests.documents.corpus import EICAR, docx, word_with, zipped
from tests.documents.scanner import REPLIES

# How clamd's own databases write it: any file, anywhere in it.
SIGNATURE = f"Test.Eicar:0:*:{EICAR.hex()}\n"


@pytest.fixture
def scanner(settings):
    with stand_in.running() as found:
        settings.CLAMD_ADDRESS = found.address
        yield found


def test_what_is_clean_is_told_from_what_is_not(scanner):
    assert is_clean(b"a" * 200_000)
    assert not is_clean(b"a" * 200_000 + EICAR)


@pytest.mark.parametrize("how", REPLIES)
def test_an_answer_that_is_no_verdict_is_none(scanner, how):
    scanner.reply = REPLIES[how] or b"\0"

    with pytest.raises(NoVerdict) as found:
        is_clean(b"a")
    assert found.type is NoVerdict, "there is a scanner: the next file may have a verdict"


@pytest.mark.parametrize(
    "address", ["", "nowhere", "127.0.0.1:1", "unix:/nowhere/clamd.sock", "unix:relative"]
)
def test_no_scanner_is_no_verdict(settings, address):
    settings.CLAMD_ADDRESS = address

    with pytest.raises(ScannerDown):
        is_clean(b"a")


def test_a_scanner_that_takes_too_long_gives_no_verdict_on_this_one(scanner, settings):
    settings.CLAMD_SECONDS = 0.2

    with pytest.raises(ScannerSlow):
        is_clean(stand_in.HANGS)
    assert is_clean(b"a")


def test_a_scanner_that_takes_nothing_in_is_given_up_too(settings):
    settings.CLAMD_SECONDS = 0.2
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{deaf.getsockname()[1]}"

        with pytest.raises(ScannerSlow):
            is_clean(b"a" * 20_000_000)


def test_a_scanner_that_hangs_up_gives_no_verdict(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{server.getsockname()[1]}"
        hang_up = threading.Thread(target=lambda: server.accept()[0].close())  # noqa: PLW0108
        hang_up.start()
        with pytest.raises(NoVerdict):
            is_clean(b"a" * 5_000_000)
        hang_up.join()


@pytest.fixture
def real_scanner(tmp_path_factory, settings):
    """The real clamd, which knows the test virus alone and needs no download."""
    program = shutil.which("clamd") or "/usr/sbin/clamd"
    if not Path(program).exists():
        pytest.skip("clamd is not installed")
    # A path to a socket has to be short, and clamd may step down from root.
    folder = tmp_path_factory.mktemp("c")
    folder.chmod(0o755)
    database, listens, settings_of = (folder / name for name in ("db", "s", "conf"))
    database.mkdir()
    (database / "test.ndb").write_text(SIGNATURE)
    settings_of.write_text(
        f"LocalSocket {listens}\nDatabaseDirectory {database}\nForeground yes\nTemporaryDirectory"
        f" {folder}\n"
    )
    with subprocess.Popen(
        [program, "-c", str(settings_of)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            deadline = time.monotonic() + 30
            while not listens.exists():
                assert running.poll() is None, "clamd ended"
                assert time.monotonic() < deadline, "clamd does not answer"
                time.sleep(0.05)
            settings.CLAMD_ADDRESS = f"unix:{listens}"
            yield running
        finally:
            running.terminate()


def test_the_real_scanner_understands_us(real_scanner):
    assert is_clean(b"She was away on three days.")
    assert is_clean(os.urandom(3_000_000))
    assert is_clean(docx())
    assert not is_clean(EICAR)
    assert not is_clean(zipped({"eicar.com": EICAR}))
    assert not is_clean(word_with("word/media/a.xml", EICAR))

"""The running portal that browser tests and drills are given."""

import smtplib
import time
import urllib.request

import pytest

pytestmark = pytest.mark.drill


def is_healthy(site) -> bool:
    with urllib.request.urlopen(f"{site.base_url}/healthz/", timeout=10) as answer:  # noqa: S310
        return bool(answer.status == 200)


def test_the_site_answers_with_its_broker_stopped_and_started_again(site):
    site.broker.kill()
    assert is_healthy(site)

    site.start_broker()

    assert site.broker.alive
    assert is_healthy(site)


def test_a_killed_worker_can_be_started_again(site):
    worker = site.processes["worker"]
    worker.kill()
    assert not worker.alive

    worker.start()

    assert worker.alive


def test_mail_is_caught_whole(site):
    before = set(site.mail.glob("*.eml"))
    port = int(site.stage.environment["EMAIL_URL"].rpartition(":")[2])
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.sendmail("from@example.org", ["to@example.org"], "Subject: Hello\r\n\r\nA line.\r\n")

    deadline = time.monotonic() + 5
    while not (caught := set(site.mail.glob("*.eml")) - before):
        assert time.monotonic() < deadline
    text = caught.pop().read_text()
    assert "Subject: Hello" in text
    assert "X-Delivered-To: to@example.org" in text

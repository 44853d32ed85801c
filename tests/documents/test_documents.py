"""The row is the promise: taken up, finished once, taken up again when a worker dies."""

import hashlib
import threading
from datetime import timedelta
from uuid import uuid4

import pikepdf
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.documents import policies, services
from portal.documents.models import Document
from portal.documents.vocabulary import Failure, Status


@pytest.fixture
def pdf(tmp_path) -> bytes:
    """A PDF of two empty pages."""
    blank = pikepdf.new()
    blank.add_blank_page()
    blank.add_blank_page()
    blank.save(tmp_path / "blank.pdf")
    return (tmp_path / "blank.pdf").read_bytes()


@pytest.fixture
def asked(chair) -> Document:
    return services.request(
        owner=chair.principal(),
        kind="trail",
        title="Audit trail, Case 7",
        parameters={"case": str(uuid4()), "version": "board"},
    )


def stored(document) -> Document:
    return Document.objects.get(pk=document.pk)


def lease_has_lapsed():
    return time_machine.travel(timezone.now() + services.LEASE, tick=False)


def test_a_document_is_asked_for_made_and_ready(asked, pdf):
    assert services.due() == services.due("trail") == [asked.pk]
    assert services.due("minutes") == []

    taken = services.begin(pk=asked.pk)
    assert (taken.status, taken.attempts) == (Status.MAKING, 1)
    assert services.due() == []

    assert services.finish(document=taken, pdf=pdf)
    ready = stored(asked)
    assert ready.status == Status.READY
    assert bytes(ready.content) == pdf
    assert ready.sha256 == hashlib.sha256(pdf).hexdigest()
    assert (ready.pages, ready.bytes) == (2, len(pdf))
    assert services.begin(pk=asked.pk) is None


def test_a_document_in_hand_is_not_taken_up_twice(asked):
    assert services.begin(pk=asked.pk)

    assert services.begin(pk=asked.pk) is None


def test_nothing_is_nothing_to_do(db):
    assert services.begin(pk=uuid4()) is None


def test_a_worker_that_died_is_followed_by_another(asked, pdf):
    services.begin(pk=asked.pk)

    with lease_has_lapsed():
        assert services.due() == [asked.pk]
        second = services.begin(pk=asked.pk)
        assert second.attempts == 2
        assert services.finish(document=second, pdf=pdf)

    assert stored(asked).status == Status.READY


def test_who_comes_back_late_changes_nothing(asked, pdf):
    frozen = services.begin(pk=asked.pk)

    with lease_has_lapsed():
        second = services.begin(pk=asked.pk)
        assert not services.finish(document=frozen, pdf=pdf)
        assert not services.fail(document=frozen, reason=Failure.CRASHED)
        assert stored(asked).status == Status.MAKING
        assert services.finish(document=second, pdf=pdf)
        assert not services.finish(document=frozen, pdf=pdf)


def test_what_four_workers_began_and_none_finished_has_failed(asked):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for attempt in range(1, 5):
            assert services.begin(pk=asked.pk).attempts == attempt
            clock.shift(services.LEASE)
        given_up = services.begin(pk=asked.pk)

        assert (given_up.status, given_up.failure) == (Status.FAILED, Failure.GAVE_UP)
        assert services.begin(pk=asked.pk) is None
    assert (stored(asked).status, stored(asked).failure) == (Status.FAILED, Failure.GAVE_UP)
    assert services.due() == []


def test_a_document_that_failed_says_why_and_is_not_tried_again(asked):
    taken = services.begin(pk=asked.pk)

    assert services.fail(document=taken, reason=Failure.TOO_SLOW)

    assert stored(asked).get_failure_display() == "It took too long to make."
    assert services.begin(pk=asked.pk) is None


def test_two_workers_at_once_one_takes_it(committed, asked):
    start, taken = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        taken.append(services.begin(pk=asked.pk))
        connection.close()

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert [document is None for document in sorted(taken, key=bool)] == [True, False]


@pytest.mark.parametrize("words", ["Casey Qanarie", "met him\nat night", "x" * 65, "é"])
def test_parameters_are_codes_and_never_words(chair, words):
    with pytest.raises(ValueError, match="identifiers and codes") as refused:
        services.request(
            owner=chair.principal(), kind="trail", title="Audit trail", parameters={"why": words}
        )

    assert words not in str(refused.value)


def test_only_the_owner_sees_a_document_and_its_bytes_are_not_fetched(people, asked):
    chair, other = (member.principal() for member in people)

    assert policies.visible(chair).get() == asked
    assert "content" in policies.visible(chair).get().get_deferred_fields()
    assert not policies.visible(other).exists()


def test_a_document_that_expired_is_not_shown(chair):
    document = services.request(
        owner=chair.principal(),
        kind="trail",
        title="Audit trail",
        parameters={},
        expires_at=timezone.now() + timedelta(days=1),
    )

    assert policies.visible(chair.principal()).get() == document
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1), tick=False):
        assert not policies.visible(chair.principal()).exists()


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("document_status_known", {"status": "lost"}),
        ("document_ready_has_content", {"status": Status.READY}),
        ("document_only_ready_has_content", {"content": b"%PDF-"}),
        ("document_making_has_lease", {"status": Status.MAKING}),
        ("document_making_has_lease", {"lease": uuid4()}),
        ("document_failed_says_why", {"status": Status.FAILED}),
        ("document_failed_says_why", {"failure": Failure.CRASHED}),
        ("document_expires_after_asked", {"expires_at": timezone.now() - timedelta(days=1)}),
    ],
)
def test_the_database_refuses_what_cannot_be(asked, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Document.objects.filter(pk=asked.pk).update(**changes)


def test_a_document_shows_nothing_of_itself(asked):
    assert "Case 7" not in repr(asked)

"""A notice is owed with what causes it: exactly once, or not at all."""

from uuid import uuid4

import pytest
from django.core import mail as django_mail
from django.db import IntegrityError, connection, transaction

from portal.notifications import services
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind, Status
from tests.notifications.owing import REFERENCE, owe


def test_a_notice_is_in_the_portal_before_any_mail(coordinator):
    notice = owe(coordinator)

    assert Notice.objects.get() == notice
    assert notice.status == Status.PENDING
    assert not django_mail.outbox


def test_what_was_owed_is_found_by_its_cause_without_reading_them_all(db):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Notice._meta.db_table)

    assert ["cause"] in [each["columns"] for each in found.values() if each["index"]]


def test_owing_the_same_again_changes_nothing(coordinator, django_capture_on_commit_callbacks):
    case, cause = uuid4(), uuid4()

    with django_capture_on_commit_callbacks() as rung:
        first = owe(coordinator, case=case, cause=cause)
        second = owe(coordinator, case=case, cause=cause)

    assert first == second
    assert Notice.objects.count() == 1
    assert len(rung) == 1


def test_another_cause_another_kind_and_another_person_are_other_notices(coordinator, teacher):
    case, cause = uuid4(), uuid4()

    owe(coordinator, case=case, cause=cause)
    owe(coordinator, case=case, cause=uuid4())
    owe(coordinator, case=case, cause=cause, kind=Kind.SHARED)
    owe(teacher, case=case, cause=cause)

    assert Notice.objects.count() == 4


def test_what_rolls_back_owes_nothing(committed, coordinator, mail):
    with transaction.atomic():
        owe(coordinator)
        transaction.set_rollback(True)

    assert not Notice.objects.exists()
    assert services.sweep() == 0
    assert not mail.received


def test_a_promise_apart_from_its_cause_is_refused(committed, coordinator):
    with pytest.raises(RuntimeError, match="in the transaction"):
        services.owe(
            recipient=coordinator,
            kind=Kind.TO_TRIAGE,
            reference=REFERENCE,
            case=uuid4(),
            cause=uuid4(),
        )


def test_without_a_broker_nothing_is_lost_and_the_sweep_delivers(
    committed, coordinator, no_broker, mail, caplog
):
    notice = owe(coordinator)

    assert "the sweep will do it" in caplog.text
    assert "redis://" not in caplog.text
    assert services.sweep() == 1
    notice.refresh_from_db()
    assert notice.status == Status.SENT
    assert len(mail.received) == 1


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("notice_status_known", {"status": "lost"}),
        ("notice_kind_known", {"kind": "gossip"}),
        ("notice_sent_has_message_id", {"status": Status.SENT}),
        ("notice_leased_has_lease", {"status": Status.LEASED}),
        ("notice_leased_has_lease", {"lease": uuid4()}),
    ],
)
def test_the_database_refuses_what_cannot_be(coordinator, constraint, changes):
    notice = owe(coordinator)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**changes)


def test_the_database_refuses_the_same_notice_twice(coordinator):
    notice = owe(coordinator)

    with pytest.raises(IntegrityError, match="notice_once_per_cause"), transaction.atomic():
        Notice.objects.create(
            recipient=coordinator,
            kind=Kind.TO_TRIAGE,
            reference=REFERENCE,
            case=uuid4(),
            cause=uuid4(),
            dedupe_key=notice.dedupe_key,
        )


def test_a_notice_shows_nothing_of_itself(coordinator):
    assert REFERENCE not in repr(owe(coordinator))

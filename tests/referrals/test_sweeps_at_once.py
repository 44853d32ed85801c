"""Work by the clock is "do everything due": two beats at once do it once, and a third nothing."""

import threading
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.accounts.models import Kept
from portal.audit.models import Event
from portal.documents.models import Document
from portal.governance.services import request_trail
from portal.governance.vocabulary import Audience
from portal.notifications.models import Notice
from referrals.intake import services as intake
from referrals.intake.models import Draft
from referrals.models import EmergencyAccess
from referrals.services import request_copy
from referrals.vocabulary import Emergency
from tests.cast import events, gathered, send

# What the system does by the clock, each for one thing: the ledger names the thing.
BY_THE_CLOCK = (
    *("draft.deleted", "draft.reminded", "copy.made", "trail.made", "notice.escalated"),
    *("emergency.reminded", "file.removed"),
)


def make_due(cast) -> None:
    """Something for each sweep that has something to do in an ordinary week."""
    now = timezone.now()
    case = send(cast.teacher)
    request_copy(actor=cast.coordinator, reference=case.reference)
    request_trail(actor=cast.coordinator, reference=case.reference, audience=Audience.CASEWORK)
    old, danger, going = (intake.start(actor=cast.teacher) for _ in range(3))
    intake.save(actor=cast.teacher, draft=danger, page="danger", typed={"danger": "unsure"})
    for draft, days in ((old, 31), (danger, 1), (going, 29.5)):
        Draft.objects.filter(pk=draft.pk).update(saved_at=now - timedelta(days=days))
    Kept.objects.create(
        user_id=cast.teacher.user_id,
        page="/",
        action="/",
        words=b"sealed",
        kept_at=now - timedelta(hours=2),
        until_at=now - timedelta(hours=1.6),
    )
    EmergencyAccess.objects.create(
        case=case,
        membership_id=cast.charity_worker.membership_id,
        why=Emergency.LIFE,
        next_step="I ring her mother now, and then the front door.",
        from_at=now - timedelta(days=3),
        until_at=now - timedelta(days=3) + timedelta(hours=1),
        review_due_at=now - timedelta(hours=1),
    )
    Notice.objects.exclude(escalate_at=None).update(escalate_at=now)
    Notice.objects.filter(status="digest").update(next_at=now)


def at_the_same_moment(name: str) -> list[Exception]:
    """Run a sweep in two threads at once, and return what went wrong."""
    start, wrong = threading.Barrier(2), []

    def run() -> None:
        try:
            start.wait(timeout=30)
            import_string(name)()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            wrong.append(error)
        finally:
            connection.close()

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    return wrong


def standing() -> tuple[object, ...]:
    """What would be different if anything were done again."""
    return (
        Event.objects.count(),
        Notice.objects.count(),
        sorted(Notice.objects.values_list("status", flat=True)),
        sorted(Document.objects.values_list("status", "attempts")),
        Draft.objects.count(),
        Kept.objects.count(),
    )


def test_two_of_each_sweep_at_once_do_everything_once(committed, mailoutbox):
    make_due(gathered())

    for name in settings.SWEEPS:
        assert not at_the_same_moment(name), name

    done = Counter((body["act"], body["obj"]["id"]) for body in events(*BY_THE_CLOCK))
    acts = {act for act, _ in done}
    assert {"draft.deleted", "draft.reminded", "copy.made", "trail.made"} <= acts
    assert "notice.escalated" in acts
    # A draft is reminded of for danger and again before it goes: twice at most, never for one.
    reminded = Counter((b["obj"]["id"], b["why"]) for b in events("draft.reminded"))
    assert set(reminded.values()) == {1}
    assert {n for (act, _), n in done.items() if act != "draft.reminded"} == {1}
    assert not Kept.objects.exists()
    assert set(Document.objects.values_list("status", flat=True)) == {"ready"}
    assert all(len(message.to) == 1 for message in mailoutbox)
    ids = [message.extra_headers["Message-ID"] for message in mailoutbox]
    assert len(ids) == len(set(ids))
    overdue = Notice.objects.filter(kind="emergency").values_list("recipient", "cause")
    assert overdue
    assert len(overdue) == len(set(overdue))

    before = standing()
    # What was owed by one sweep after the sweep of notices went by is sent by the next.
    import_string("portal.notifications.services.sweep")()
    settled = standing()
    assert settled[0] == before[0]
    for name in settings.SWEEPS:
        import_string(name)()
    assert standing() == settled

"""What changes while somebody waits for their turn at a case counts when their turn comes."""

import threading
import time
from collections.abc import Callable

from django.db import connection, transaction

from portal.common.errors import NotVisible
from referrals.models import Case, EmergencyAccess, Wall
from referrals.vocabulary import Conflict, Emergency, Reviewed
from sharing.disclosures import services
from sharing.disclosures.models import Acknowledgement, Request, ShareDraft
from sharing.disclosures.services import emergency, walls
from sharing.disclosures.services.replies import Part, reply_to
from sharing.disclosures.vocabulary import Reply
from tests.cast import Cast, at_once, membership
from tests.disclosures.conftest import SAID, ask
from tests.disclosures.steps import prepared, share
from tests.disclosures.test_requests import told


def overtaken(case: Case, first: Callable[[], object], act: Callable[[], object]) -> object:
    """What `act` answers, or raises, when it waits for the case until `first` has been done."""
    locked = threading.Event()

    def ahead() -> None:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            locked.set()
            for _ in range(600):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if cursor.fetchone()[0]:
                        break
                time.sleep(0.05)
            first()

    def behind() -> object:
        assert locked.wait(timeout=30)
        return act()

    return at_once(ahead, behind)[1]


def wall_against(cast: Cast, case: Case, user_id: object) -> Callable[[], object]:
    return lambda: Wall.objects.create(
        case=case, user_id=user_id, why=Conflict.RELATIVE, raised_by=membership(cast.coordinator)
    )


def test_who_is_walled_off_meanwhile_asks_nobody(committed, cast, sent, nurse_lead):
    answer = overtaken(
        sent,
        wall_against(cast, sent, cast.coordinator.user_id),
        lambda: ask(cast.coordinator, sent, nurse_lead),
    )

    assert isinstance(answer, NotVisible)
    assert not Request.objects.exists()


def test_who_is_walled_off_meanwhile_answers_nothing(committed, cast, sent, nurse_lead, asked):
    parts: list[Part] = [told()]

    answer = overtaken(
        sent,
        wall_against(cast, sent, nurse_lead.user_id),
        lambda: reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=parts, said=SAID),
    )

    assert isinstance(answer, NotVisible)
    assert Request.objects.get().reply == ""


def test_who_is_walled_off_meanwhile_prepares_no_share(committed, cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    answer = overtaken(
        sent,
        wall_against(cast, sent, cast.coordinator.user_id),
        lambda: services.save(actor=cast.coordinator, draft=draft, what={"whole": []}),
    )

    assert isinstance(answer, NotVisible)
    assert ShareDraft.objects.get().answers["what"]["whole"] != []


def test_a_share_that_is_stopped_meanwhile_is_not_acknowledged(committed, cast, sent, others):
    made = share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    answer = overtaken(
        sent,
        lambda: services.stop(actor=cast.coordinator, disclosure=made, why="It is over."),
        lambda: services.acknowledge(actor=others.officer, disclosure=made),
    )

    assert isinstance(answer, NotVisible)
    assert not Acknowledgement.objects.exists()


def test_who_is_walled_off_meanwhile_records_no_conflict_of_another(committed, cast, sent):
    answer = overtaken(
        sent,
        wall_against(cast, sent, cast.manager.user_id),
        lambda: walls.raise_wall(
            actor=cast.manager,
            reference=sent.reference,
            email=membership(cast.second_coordinator).user.email,
            why=Conflict.RELATIVE,
        ),
    )

    assert isinstance(answer, NotVisible)
    assert Wall.objects.count() == 1


def test_who_is_walled_off_meanwhile_ends_no_conflict_of_another(committed, cast, sent):
    standing = wall_against(cast, sent, cast.second_coordinator.user_id)()

    answer = overtaken(
        sent,
        wall_against(cast, sent, cast.manager.user_id),
        lambda: walls.lift(actor=cast.manager, pk=standing.pk, why="They have moved away."),
    )

    assert isinstance(answer, NotVisible)
    assert not Wall.objects.filter(lifted_at__isnull=False).exists()


def test_who_is_walled_off_meanwhile_gives_no_advice(committed, cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")
    services.ask_advice(actor=cast.coordinator, draft=draft, question="May health have this?")

    answer = overtaken(
        sent,
        wall_against(cast, sent, others.ig_lead.user_id),
        lambda: services.advise(actor=others.ig_lead, pk=draft.pk, advice="Yes."),
    )

    assert isinstance(answer, NotVisible)
    assert ShareDraft.objects.get().advice == ""


def test_who_is_walled_off_meanwhile_reviews_no_emergency_access(committed, cast, sent):
    opened = emergency.open_in_emergency(
        actor=cast.charity_worker,
        reference=sent.reference,
        why=Emergency.LIFE,
        next_step="I ring her now and fetch her from the station.",
    )
    emergency.end_emergency(actor=cast.charity_worker, reference=sent.reference)

    answer = overtaken(
        sent,
        wall_against(cast, sent, cast.manager.user_id),
        lambda: emergency.review(
            actor=cast.manager, pk=opened.pk, found=next(iter(Reviewed)), words="It was right."
        ),
    )

    assert isinstance(answer, NotVisible)
    assert EmergencyAccess.objects.get().reviewed_at is None

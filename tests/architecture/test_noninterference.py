"""Two worlds that differ in one concealed thing look the same to everybody who may not know of it.

Each door of the table is opened by each person when everything has happened that they may not know
of, and again in the world as it is; the bytes and the headers must be equal, but for the nonce and
the form token. Lists, counts, search, notices and files are doors like any other. Of the doors that
hide what they lead to each page that hides it is looked at in both worlds: see `_doubtful`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.documents.models import Document, Upload
from portal.documents.vocabulary import Checked
from referrals import services as casework
from referrals.actions import services as actions
from referrals.assessments.models import Assessment
from referrals.links import services as links
from referrals.links.vocabulary import Verdict
from referrals.meetings.models import AgendaItem
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import writing
from referrals.models import EmergencyAccess, Grant, Statement
from referrals.services import files
from referrals.triage import services as triage
from referrals.vocabulary import Answer, Emergency, KnownHow, Protect
from sharing.rules.vocabulary import Category
from tests.architecture import doors
from tests.architecture.asking import (
    Asked,
    answered,
    expected,
    kind_of,
    left_as_it_was,
    plain,
)
from tests.architecture.doors import HIDDEN, ROWS, Row
from tests.architecture.world import Person, World
from tests.assessments.conftest import answer_all
from tests.cast import membership, send, signed_in

# Whatever shows something. The PDF has the words of the page: tests/referrals/test_renderers.py.
LOOKS = [
    row
    for row in ROWS
    if (row.method == "GET" or row.name in {"matching:search", "referrals:csv"})
    and row.kind is not doors.PUBLIC
    # How many e-mails wait is for whoever runs the service, who learns of no case by it.
    and row.name != "notifications:mail"
]
# The lists again, as somebody asks for them who looks for a child, or wants another order.
QUERY = {"q": "Zzdidentity", "page": "2", "sort": "due", "order": "desc", "status": "received"}
LISTS = {
    *("home:home", "triage:board", "referrals:cases", "following:mine", "information:reports"),
    *("disclosures:register", "disclosures:requests", "notifications:list", "api-cases"),
}
BOARD = ({"flag": "harm"}, {"flag": "again"}, {"kind": "school", "age": "13-15"})
LOOKS += [
    replace(row, query=codes) for row in LOOKS if row.name == "triage:board" for codes in BOARD
]
LOOKS += [replace(row, query=QUERY) for row in LOOKS if row.method == "GET" and row.name in LISTS]

# Where somebody who may know of a thing would first see it.
SEE = [
    row
    for row in LOOKS
    if row.name
    in {
        *("referrals:case", "referrals:cases", "disclosures:why", "governance:trail"),
        *("disclosures:emergencies", "referrals:documents", "links:index"),
        "assessments:score",
        "actions:actions",
        "meetings:discussion",
    }
]


def conceal_an_answer(world: World) -> None:
    """The nurse conceals an answer on each case. Only she may know."""
    author = membership(world.cast.panel_nurse)
    for case in world.cases.values():
        Statement.objects.create(
            case=case,
            question="answer_IC5",
            category=Category.IC5,
            answer=Answer.GIVEN,
            text="Nobody may know of this.",
            known_how=KnownHow.RECORD,
            agency=author.team.agency,
            author=author,
            stated_at=timezone.now(),
            protect=Protect.EXISTENCE,
        )


def remove_a_concealed_answer(world: World) -> None:
    """The nurse takes an answer that she had concealed out of sight."""
    concealed = Statement.objects.filter(
        case=world.cases["decided"],
        author_id=world.cast.panel_nurse.membership_id,
        protect=Protect.EXISTENCE,
    )
    for row in concealed:
        casework.remove(actor=world.cast.panel_nurse, statement=row, why="no longer needed")


def conceal_what_was_added(world: World) -> None:
    """The teacher conceals what she had added to her referral later."""
    referral = world.cases["waiting"].referrals.get()
    added = Statement.objects.create(
        case=referral.case,
        referral=referral,
        question="added",
        category=Category.IC4,
        answer=Answer.GIVEN,
        text="Nobody may know of this.",
        known_how=KnownHow.SAW,
        agency_id=world.cast.teacher.agency_id,
        author_id=world.cast.teacher.membership_id,
        stated_at=timezone.now(),
    )
    casework.protect(actor=world.cast.teacher, statement=added, protect=Protect.EXISTENCE)


def another_childs_case(world: World) -> None:
    """Somebody at the other school sends a referral, of a child with the same name."""
    send(world.cast.outsider_lead, given_name="Zzdidentity", family_name="Zzfamily")


def a_case_elsewhere(world: World) -> None:
    """A referral is sent in the partnership next door."""
    send(world.cast.other_coordinator, given_name="Zzdidentity", family_name="Zzfamily")


def a_step_behind_a_wall(world: World) -> None:
    """The front door takes a step in a case in which a coordinator has a conflict of interest."""
    triage.acknowledge(actor=world.cast.coordinator, case=world.cases["waiting"])


def a_share_with_others(world: World) -> None:
    """A team gets a share of a case: who else can read it is told to those who read it already."""
    case = world.cases["waiting"]
    like = Grant.objects.filter(content_object=case, ended_at__isnull=True, until_at=None).first()
    assert like is not None
    like.pk = None
    like._state.adding = True
    like.group_id = world.cast.charity_worker.team_id
    like.save()


def an_emergency_of_another(world: World) -> None:
    """Somebody uses emergency access: the front door and governance hear of it elsewhere."""
    now = timezone.now()
    EmergencyAccess.objects.create(
        case=world.cases["waiting"],
        membership=membership(world.cast.charity_worker),
        why=Emergency.MISSING,
        next_step="I go there now and stay with the child.",
        from_at=now,
        until_at=now + timedelta(hours=1),
        review_due_at=now + timedelta(days=2),
    )


def a_copy_of_anothers(world: World) -> None:
    """A coordinator asks for a PDF; the trail of the case says so to the front door."""
    casework.request_copy(actor=world.cast.coordinator, reference=world.cases["decided"].reference)
    assert Document.objects.exists()


def a_file_that_waits(world: World) -> None:
    """A file of a referral that was sent has not been through the virus check."""
    _come_late(world, Protect.NONE)


def a_concealed_file(world: World) -> None:
    """A clean file joins a case late, and its author conceals it."""
    _come_late(world, Protect.EXISTENCE, state=Checked.READY, checked_at=timezone.now())
    assert files.add_clean_files(world.cases["waiting"].referrals.get(), late=True) == 1


def _come_late(world: World, protect: Protect, **changes: object) -> None:
    """A file like those that were added before the sending, and are looked at after it."""
    added = files.add(
        actor=world.cast.teacher,
        key=uuid4(),
        given=b"She was away.",
        label="A file",
        category=Category.IC4,
        protect=protect,
        insist=lambda: None,
    )
    (values,) = Upload.objects.filter(pk=added).values()
    Upload.objects.filter(pk=added).delete()
    values["key"] = world.cases["waiting"].referrals.get().key
    Upload.objects.create(**values | changes)


def an_agency_writes(world: World) -> None:
    """The police save what they know in a joint risk assessment."""
    assessment = Assessment.objects.get(pk=world.things["assessment"])
    answer_all(world.cast.panel_officer, assessment, default="confirmed")


def an_action_and_a_review(world: World) -> None:
    """The lead of the school gets an action, and the day of the next review is changed."""
    case, on = world.cases["decided"], timezone.localdate() + timedelta(days=2)
    actions.give(
        actor=world.cast.coordinator,
        case=case,
        owner=membership(world.cast.lead),
        what="Do it.",
        effect="It helps.",
        due=on,
    )
    actions.plan_review(actor=world.cast.coordinator, case=case, on=on, why="Sooner.")


def a_link_of_two_vans(world: World) -> None:
    """A coordinator decides that the van of one case is that of another."""
    links.judge(
        actor=world.cast.coordinator,
        reference=world.cases["decided"].reference,
        mine=UUID(world.things["mention"]),
        other=UUID(world.things["mention elsewhere"]),
        verdict=Verdict.SAME,
        reason="The same driver.",
    )


def words_of_an_agency_in_a_meeting(world: World) -> None:
    """What the police said of the child in a meeting of the panel is written down."""
    item = AgendaItem.objects.select_related("meeting", "nomination__case").get(
        pk=world.things["session item"]
    )
    police = world.cast.panel_officer.agency_id
    [box] = [each for each in boxes(item) if each.agency == police]
    said = {police: ("Nobody else may know of this.", box.version)}
    writing.write_all(actor=world.cast.coordinator, item=item, said=said)


READERS = {
    *("teacher", "lead", "coordinator", "manager", "panel_officer", "panel_nurse", "panel_chair"),
    *("housing", "justice", "social_worker", "ward-nurse", "health_lead"),
}
# What happens, and who may know of it.
SECRETS: dict[Callable[[World], None], set[str]] = {
    conceal_an_answer: {"panel_nurse"},
    an_agency_writes: {"panel_officer"},
    remove_a_concealed_answer: {"panel_nurse"},
    conceal_what_was_added: {"teacher"},
    a_file_that_waits: {"teacher"},
    a_concealed_file: {"teacher"},
    another_childs_case: {"outsider_lead", "coordinator", "second_coordinator", "manager"},
    a_case_elsewhere: {"other_coordinator"},
    a_step_behind_a_wall: READERS,
    a_share_with_others: {"charity_worker", *READERS},
    an_emergency_of_another: {
        *("charity_worker", "manager", "ig_lead"),
        *("lead", "health_lead", "police_lead"),
    },
    a_copy_of_anothers: {"coordinator", "manager"},
    an_action_and_a_review: {"coordinator", "manager", "panel_chair", "lead"},
    a_link_of_two_vans: {"coordinator", "manager"},
    # Health's member reads that something is withheld, and who chairs and runs the panel all of it.
    words_of_an_agency_in_a_meeting: {
        *("coordinator", "manager", "panel_chair", "panel_officer", "panel_nurse"),
    },
}


# Everybody in the world who signs in, each of whom is a test that the processes share.
PEOPLE = (
    *("other_coordinator", "other_panel_officer", "other_ig_lead", "outsider_lead"),
    *("charity_worker", "auditor", "lado", "ig_lead", "platform admin", "colleague"),
    *("agency admin", "sender", "teacher", "lead", "coordinator", "manager", "panel_officer"),
    *("panel_nurse", "panel_chair", "housing", "justice", "social_worker", "probation"),
    *("district", "second_coordinator", "ward-nurse", "health_lead", "constable"),
    *("police_lead", "chair", "other_chair"),
)


def test_everybody_is_tried(world: World):
    assert sorted(PEOPLE) == sorted(person.key for person in world.people if person.principal)


@pytest.mark.parametrize("key", PEOPLE)
def test_nobody_else_can_tell(world: World, key: str):
    """What tells is named, with the one thing that it tells of."""
    tells = _tells(world, world.person(key))

    assert not tells, "\n".join(tells)


def _tells(world: World, person: Person) -> list[str]:
    assert person.principal is not None
    client = signed_in(person.principal)
    client.get(reverse("accounts:session"))  # the role is found once, not at every door
    hidden = [secret for secret, knows in SECRETS.items() if person.key not in knows]
    # The clock on a page moves on by a minute now and then: what differs is looked at once more.
    rows = _different(world, client, _doubtful(world, client, person, hidden), hidden)
    return [
        f"{person.key} at {row}: {secret.__name__}"
        for row in rows
        for secret in hidden
        if _different(world, client, [row], [secret])
    ]


def _doubtful(
    world: World, client: Client, person: Person, secrets: list[Callable[[World], None]]
) -> list[Row]:
    """The doors at which what has happened made a difference, or something else did.

    A door that hides what it leads to is opened without the secrets only where it answers with
    bytes that no other such door gave: that it hides it without them too, and in the same bytes as
    if nothing were there, test_door_matrix proves in this world. What refuses says why, and what
    has a question in its address is not in that table: these are opened in both worlds.
    """
    with happened(world, secrets):
        said = [(row, _answer(world, client, row)) for row in LOOKS]
    asked, hidden = [], set()
    for row, answer in said:
        page = plain(answer)
        hides = expected(row, person) == kind_of(answer) == HIDDEN and not row.query
        if not (hides and page in hidden):
            asked.append((row, page))
        if hides:
            hidden.add(page)
    return [row for row, page in asked if plain(_answer(world, client, row)) != page]


def _answer(world: World, client: Client, row: Row) -> Asked:
    with left_as_it_was(client):
        return Asked.of(answered(client, row, world.things))


@contextmanager
def happened(world: World, secrets: list[Callable[[World], None]]) -> Iterator[None]:
    """The world in which these things have happened, while the block lasts."""
    with transaction.atomic():
        for secret in secrets:
            secret(world)
        yield
        transaction.set_rollback(True)


def _different(
    world: World, client: Client, rows: list[Row], secrets: list[Callable[[World], None]]
) -> list[Row]:
    """The doors at which this person could tell that these things have happened."""
    if not rows:
        return []
    without = [plain(_answer(world, client, row)) for row in rows]
    with happened(world, secrets):
        with_them = [plain(_answer(world, client, row)) for row in rows]
    both = zip(rows, without, with_them, strict=True)
    return [row for row, one, other in both if one != other]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.__name__)
def test_somebody_who_may_know_can_tell_so_the_test_above_can_fail(world: World, secret):
    assert any(
        _different(world, signed_in(world.person(key).principal), SEE, [secret])
        for key in sorted(SECRETS[secret])
    )

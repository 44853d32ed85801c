"""The demo: everybody is there, every state shows, the words are kind, and the ledger holds."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Partnership, User
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from portal.audit import reports as ledger
from portal.common.clock import add_working_days
from portal.documents.models import Upload
from portal.documents.vocabulary import Checked
from portal.documents.vocabulary import Status as Made
from portal.governance import policies as governance
from portal.governance.management.demo import Decision, Demo, Story, load
from portal.governance.models import AuditTrail
from referrals import policies as casework
from referrals.following.models import Challenge
from referrals.information.models import Report
from referrals.intake.models import Draft
from referrals.models import Case, EmergencyAccess, Grant, Statement, Wall
from referrals.reading import read
from referrals.services import files
from referrals.vocabulary import Answer, Protect, State
from referrals.workflow import WAITING, Status
from sharing.disclosures.models import Disclosure, Request
from sharing.disclosures.policies import requests as asking
from sharing.disclosures.vocabulary import Result
from sharing.rules.vocabulary import Purpose
from tests.conftest import _connected_to
from tests.documents import scanner as stand_in
from tools import databases

# What the guide to language rejects (The Children's Society and NAPAC), as patterns.
AVOID = (
    r"\bengag(e|ed|es|ing|ement) (in|with)|won't engage|not engaging|non-?engagement",
    r"put(s|ting)? (themsel\w+|himself|herself) at risk|risky|risk[- ]taking",
    r"promiscuous|sexually active|prostitut|sex work|sell(s|ing) sex|exchange of sex|\bin exchange",
    r"boyfriend|girlfriend|older friend|\brelationship",
    r"(associat|hang)\w* (with|around)|older (men|man|women|woman)",
    r"(sent|sending|sends) (explicit|indecent)|selfie|porn",
    r"contacting (an )?adult|hard to reach|did not attend|refus(es|ed|ing) to",
    r"lifestyle|street ?wise|mature for|beyond (her|his|their) years",
    r"abscond|ran (off|away)|run(s|ning)? away|runaway",
    r"disclos|alleg|retract|claim(s|ed|ing)\b|admit(s|ted)?\b|in denial|self-denied",
    r"attention[- ]seeking|aggressive|manipulative|difficult child|troubled",
    r"drug runner|drug dealer|\bmules?\b|perpetrator|offender|abuser",
    r"\bvictim|vulnerable|young woman|young man|\bminors?\b|\byouths?\b",
    r"low risk|consent(s|ed)?\b|willing|complicit",
    # Nothing graphic: what was done is not told.
    r"\brap(e|ed|ist)\b|assault|penetrat|genital|naked|nude|intercourse|semen|blood|injur",
)


def said_about(demo: Demo) -> Iterator[str]:
    """Every sentence of the demo that a person might read about a child."""
    for story in demo.stories:
        yield story.concern.description
        yield from (told.text for told in story.concern.answers.values())
        for step in story.steps:
            yield step.late
            if isinstance(step.value, Decision):
                yield from (step.value.reason, step.value.told)
            else:
                yield from step.value.values() if isinstance(step.value, dict) else [step.value]
    yield from said_between_agencies(demo)
    for _, pages in demo.drafts:
        for typed in pages.values():
            yield from typed.values()


def said_between_agencies(demo: Demo) -> Iterator[str]:
    for shared in demo.shares:
        yield from shared.why.values()
    for asked in demo.requests:
        yield from (asked.question, asked.why, asked.proportionality)
        yield from (asked.answer, asked.answer_proportionality)
    for reported in demo.information:
        yield reported.what
    for opened in demo.emergencies:
        yield from (opened.next_step, opened.found_words)


# --- The file, without a database ---------------------------------------------------------------


@pytest.mark.parametrize("pattern", AVOID)
def test_no_word_of_it_blames_a_child_or_says_too_much(pattern):
    demo = load(timezone.now())

    found = [said for said in said_about(demo) if re.search(pattern, said, re.IGNORECASE)]

    assert found == []


def test_the_words_are_the_same_at_every_seeding():
    now = timezone.now()
    before = datetime(2026, 4, 2, 18, 0, tzinfo=UTC)

    assert load(now) == load(now)
    assert [(s.key, s.child, s.concern.answers) for s in load(now).stories] == [
        (s.key, s.child, s.concern.answers) for s in load(before).stories
    ]


def due_at(story: Story) -> datetime:
    hours = Partnership(name="as by default")
    return add_working_days(
        story.received_at,
        hours.decision_working_days,
        hours.office_opens,
        hours.office_closes,
    )


@pytest.mark.parametrize(
    "now",
    [
        # A Wednesday noon, a Sunday night, the Tuesday after Easter, the clocks going back.
        datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
        datetime(2026, 4, 7, 7, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
)
def test_at_every_hour_some_are_overdue_and_only_late_decisions_say_why(now):
    stories = load(now).stories

    assert any(due_at(story) < now for story in stories if not story.steps)
    assert all(story.received_at <= now for story in stories)
    for story in stories:
        for step in story.steps:
            if step.verb == "decide":
                assert bool(step.late) == (due_at(story) < now), story.child


def test_on_a_working_morning_some_are_due_today():
    now = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)

    due = [due_at(story) for story in load(now).stories]

    assert sum(now < at and at.date() == now.date() for at in due) >= 3


@pytest.mark.parametrize("month", range(1, 13))
def test_everybody_whom_it_is_about_is_a_child_all_year(month):
    now = datetime(2027, month, 28, 12, 0, tzinfo=UTC)

    for story in load(now).stories:
        born, age = story.concern.date_of_birth, story.concern.age_estimate
        if born is not None:
            age = now.year - born.year - ((now.month, now.day) < (born.month, born.day))
        assert age is not None
        assert 0 <= age < 18


def test_it_protects_part_of_an_answer_where_the_file_says_so():
    story = next(s for s in load(timezone.now()).stories if s.child == "Sana Applecart")
    told = story.concern.answers["told"]

    assert told.protect is Protect.SOURCE
    assert [told.text[start:end] for start, end in told.spans] == ["in the year above"]
    assert "[[" not in told.text


# --- Seeded, once for the tests below -----------------------------------------------------------


@pytest.fixture(scope="module")
def seeded(template, worker_id, django_db_setup, django_db_blocker) -> Iterator[Demo]:
    """The demo in a database of its own: seeding takes seconds, and these tests only look."""
    name, admin = f"{template}_{worker_id}_demo", os.environ["ADMIN_DATABASE_URL"]
    with databases.cloned(admin, template, name), django_db_blocker.unblock(), _connected_to(name):
        call_command("seed_demo", verbosity=0)
        yield load(timezone.now())


def everybody() -> list[Principal]:
    return [membership.principal() for membership in Membership.objects.live()]


def somebody(role: Role) -> Principal:
    return next(who for who in everybody() if who.role is role)


def test_there_are_agencies_of_many_kinds_and_each_says_what_makes_it_a_partner(seeded):
    kinds = {agency.kind for agency in Agency.objects.all()}
    sections = {agency.kind: set(agency.partner_under) for agency in Agency.objects.order_by("pk")}

    assert Agency.objects.count() >= 12
    assert kinds == set(AgencyKind.values)
    assert sections[AgencyKind.COUNCIL] == {PartnerUnder.S10, PartnerUnder.S11, PartnerUnder.S16E}
    assert sections[AgencyKind.POLICE] == {PartnerUnder.S10, PartnerUnder.S11, PartnerUnder.S16E}
    assert sections[AgencyKind.SCHOOL] == {PartnerUnder.S10}
    assert sections[AgencyKind.CHARITY] == {PartnerUnder.INVITED}


def test_every_role_of_a_person_is_held_and_one_person_holds_two(seeded):
    people = everybody()
    hats = [Membership.objects.filter(user=user).count() for user in User.objects.all()]

    assert {who.role for who in people} == set(Role) - {Role.SYSTEM}
    assert User.objects.count() == 31
    assert sorted(hats) == [1] * 30 + [2]


def test_everybody_signs_in_with_the_one_password(seeded):
    assert len(seeded.password) >= 14
    assert all(user.check_password(seeded.password) for user in User.objects.all())


def test_there_are_forty_cases_in_every_status(seeded):
    assert Case.objects.count() == 40
    assert {case.status for case in Case.objects.all()} == set(Status.values)
    assert Case.objects.filter(status__in=WAITING, decision_due_at__lt=timezone.now()).exists()
    assert Case.objects.exclude(decisions__late_reason="").exists()


def test_every_state_of_an_answer_shows_to_somebody(seeded):
    states, concealed = set(), set()
    hidden = set(Statement.objects.filter(protect=Protect.EXISTENCE).values_list("case", "text"))
    for who in everybody():
        for case in casework.visible(who):
            shown = read(who, case, Purpose.SCREEN)
            states |= {item.state for item in shown.items}
            words = " ".join(item.text for item in shown.items)
            concealed |= {text for pk, text in hidden if pk == case.pk and text not in words}

    assert states == set(State)
    assert concealed == {text for _, text in hidden}
    assert concealed
    assert {Answer.NOT_KNOWN, Answer.NOT_ASKED, Answer.DECLINED} <= set(
        Statement.objects.values_list("answer", flat=True)
    )


def test_the_chair_has_a_report_to_sign_for_and_no_case(seeded):
    chair = somebody(Role.BOARD_CHAIR)

    published = governance.visible(chair).get()

    assert published.document.status == Made.READY
    assert published.reviewed_at is None
    assert AuditTrail.objects.filter(published_at=None, content__isnull=False).count() == 1
    assert not casework.visible(chair).exists()


def test_something_is_shared_and_acknowledged_and_something_is_not(seeded):
    given = Disclosure.objects.get(result=Result.SHARED, purpose=Purpose.DISRUPT)
    refused = Disclosure.objects.get(result=Result.REFUSED)

    assert given.acknowledgement.by.user.name == "Devon Saltmarrow"
    assert Grant.objects.live().filter(disclosures=given).exists()
    assert refused.detriment
    assert not refused.grants.exists()


def test_one_agency_has_answered_and_one_is_asked(seeded):
    answered = Request.objects.exclude(reply="").get()
    waiting = Request.objects.filter(reply="").get()

    assert answered.statements.filter(question="answer_IC2").exists()
    asked = Membership.objects.get(team=waiting.team).principal()
    assert asking.visible(asked).filter(pk=waiting.pk).exists()


def test_what_follows_a_referral_shows(seeded):
    followed = Case.objects.get(chases__isnull=False)
    texts = [message.text for message in followed.messages.order_by("sent_at")]

    assert len(texts) == 3
    assert followed.messages.unanswered().count() == 1
    assert followed.statements.filter(question="added").exists()
    assert Challenge.objects.get().steps.count() == 1


def test_two_told_the_police_something_and_one_report_is_read(seeded):
    assert sorted(hasattr(report, "receipt") for report in Report.objects.all()) == [False, True]


def test_a_case_is_kept_from_somebody_and_two_were_opened_in_an_emergency(seeded):
    wall = Wall.objects.get()
    member = Membership.objects.get(user=wall.user)
    opened = EmergencyAccess.objects.order_by("from_at")

    assert not casework.visible(member.principal()).filter(pk=wall.case_id).exists()
    assert [bool(each.reviewed_at) for each in opened] == [True, False]
    assert all(each.ended_at for each in opened)


def test_a_draft_waits_for_its_author(seeded):
    draft = Draft.objects.unsent().get()

    assert draft.author.user.email == "ada.fairlantern@wrenhollow.example.org"
    assert draft.answers["child"]["given_name"] == "Wilf"


def test_the_words_in_the_database_are_those_of_the_file(seeded):
    told = {
        answer.text
        for story in seeded.stories
        for answer in story.concern.answers.values()
        if answer.text
    }

    assert told <= set(Statement.objects.values_list("text", flat=True))


def test_the_ledger_is_complete_and_unaltered(seeded):
    checks = list(ledger.check_all())

    assert [check.sentence for check in checks if not check.ok] == []
    assert len([check for check in checks if check.stream.startswith("case:")]) == 40


def test_it_is_seeded_into_an_empty_installation_only(seeded):
    with pytest.raises(CommandError, match="a partnership already"):
        call_command("seed_demo")


@override_settings(HTTPS_ONLY=True)
def test_it_is_never_seeded_into_real_use():
    # Refused before the database is touched: this test has none.
    with pytest.raises(CommandError, match="does not belong in real use"):
        call_command("seed_demo")


def test_one_file_waits_without_a_scanner_and_is_part_of_its_case_with_one(seeded, settings):
    """The last here: it changes what is there."""
    (waits,) = Upload.objects.all()
    assert (waits.state, waits.label) == (Checked.HELD, "Attendance this month")
    assert not Statement.objects.filter(upload__isnull=False).exists()

    with stand_in.running() as scanner:
        settings.CLAMD_ADDRESS = scanner.address
        files.sweep()

    case = Statement.objects.get(upload=waits).case
    assert [item.text for item in read(somebody(Role.COORDINATOR), case, Purpose.SCREEN).files] == [
        "Attendance this month"
    ]

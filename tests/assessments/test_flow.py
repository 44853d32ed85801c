"""From the start to the agreed level: begun, answered unseen, opened at once, compared, agreed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import services as casework
from referrals.assessments import policies, services
from referrals.assessments.models import Answer, Assessment, Confirmation, Invitation
from referrals.assessments.services import Agreeing
from referrals.assessments.vocabulary import Capacity, Level, Takes, View
from referrals.assessments.workflow import Status
from referrals.models import Case, Grant, Statement, Wall
from referrals.vocabulary import Conflict, Protect, State
from tests.assessments.conftest import (
    CHILD,
    JUDGEMENT,
    WORDS,
    agency,
    agree,
    answer,
    answer_all,
    given,
    judge,
    start,
)
from tests.cast import Cast, events, membership, signed_in


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def compared(actor, assessment):
    return services.compare(actor=actor, reference=assessment.case.reference, pk=assessment.pk)


def cells(found, code):
    (line,) = (line for part in found.parts for line in part.lines if line.code == code)
    return {cell.agency: cell for cell in line.cells}


# --- Begin --------------------------------------------------------------------------------------


def test_each_agency_is_asked_and_told_and_the_ledger_says_so(cast: Cast, asked):
    who = {cast.panel_officer, cast.panel_nurse, cast.teacher, cast.lead}
    assert told(Kind.RISK_ASKED) == {each.membership_id for each in who}
    (event,) = events("risk.opened")
    assert sorted(event["ids"]) == sorted(str(i.agency_id) for i in asked.invitations.all())
    assert asked.invitations.count() == 3


def test_one_agency_alone_is_no_joint_assessment(cast: Cast, case):
    with pytest.raises(DomainError, match="at least two agencies"):
        start(cast.coordinator, case, agency(cast.panel_officer))


def test_an_agency_that_may_not_know_of_the_case_cannot_be_asked(cast: Cast, case):
    both = (agency(cast.panel_officer), agency(cast.charity_worker))
    with pytest.raises(DomainError, match="cannot be asked"):
        start(cast.coordinator, case, *both)
    assert not Assessment.objects.exists()


def test_nor_one_whose_people_a_wall_keeps_out(cast: Cast, case):
    names = services.look_before_starting(actor=cast.coordinator, reference=case.reference).agencies
    assert str(cast.panel_nurse.agency_id) in {pk for pk, _ in names}
    Wall.objects.create(
        case=case,
        user_id=cast.panel_nurse.user_id,
        why=next(iter(Conflict)),
        raised_by_id=cast.manager.membership_id,
    )
    names = services.look_before_starting(actor=cast.coordinator, reference=case.reference).agencies
    assert str(cast.panel_nurse.agency_id) not in {pk for pk, _ in names}


def test_a_double_press_begins_one(cast: Cast, case, tool):
    asking = services.Asking(
        tool.pk,
        [cast.panel_officer.agency_id, cast.panel_nurse.agency_id],
        timezone.localdate() + timedelta(days=5),
        "Look.",
    )
    key = uuid4()
    both = [
        services.start(actor=cast.coordinator, case=case, asking=asking, key=key) for _ in range(2)
    ]

    assert both[0] == both[1]
    with pytest.raises(DomainError, match="under way already"):
        services.start(actor=cast.manager, case=case, asking=asking, key=uuid4())


def test_only_those_who_oversee_the_case_begin_one(cast: Cast, case):
    three = (agency(cast.panel_officer), agency(cast.panel_nurse))
    for who in (cast.panel_officer, cast.teacher, cast.panel_chair):
        with pytest.raises(Refused):
            start(who, case, *three)
    with pytest.raises(NotVisible):
        start(cast.outsider_lead, case, *three)


def test_a_tool_that_no_body_approved_is_not_used(cast: Cast, case):
    draft = services.load_tool(services.DATA / "weighted-signs-1.0.0.yaml")
    with pytest.raises(DomainError, match="approved"):
        start(
            cast.coordinator,
            case,
            agency(cast.panel_officer),
            agency(cast.panel_nurse),
            tool=draft.pk,
        )


def approved(name):
    """A tool of the files, approved."""
    made = services.load_tool(services.DATA / name)
    return services.approve_tool(
        code=made.code,
        version=made.version,
        body="Exampleshire Partnership",
        minute="2026/8",
        on=timezone.localdate() - timedelta(days=1),
    )


def test_a_tool_for_screening_agrees_no_level(cast: Cast, case):
    screening = approved("weighted-signs-1.0.0.yaml")
    before = services.look_before_starting(actor=cast.coordinator, reference=case.reference)
    assert str(screening.pk) not in {pk for pk, _ in before.tools}
    two = (agency(cast.panel_officer), agency(cast.panel_nurse))
    with pytest.raises(DomainError, match="Select a risk tool"):
        start(cast.coordinator, case, *two, tool=screening.pk)


# --- Answer -------------------------------------------------------------------------------------


def test_answers_are_sent_only_when_whole_and_never_changed_after(cast: Cast, asked):
    who, place = cast.panel_officer, {"reference": asked.case.reference, "pk": asked.pk}
    answer_all(who, asked, H1={"answer": "confirmed"})
    with pytest.raises(DomainError, match="1 answer is missing"):
        services.submit(actor=who, **place)

    answer(who, asked, H1=given("confirmed"))
    assert services.submit(actor=who, **place).submitted_at
    with pytest.raises(DomainError, match="sealed until"):
        services.save_page(actor=who, **place, page="harm", typed={"H1": given("no")}, seen=None)
    assert len(events("risk.answered")) == 1


def test_a_colleague_does_not_read_what_another_writes_but_the_lead_may_take_over(
    cast: Cast, asked
):
    place = {"reference": asked.case.reference, "pk": asked.pk}
    answer_all(cast.teacher, asked, H1=given("suspected"))

    found = services.open_own(actor=cast.lead, **place)

    assert found.writes
    assert WORDS in str(found.words)
    answer_all(cast.lead, asked)
    with pytest.raises(Refused, match="colleague writes"):
        services.save_page(actor=cast.teacher, **place, page="harm", typed={}, seen=None)
    mine = services.open_own(actor=cast.teacher, **place)
    assert (mine.words, mine.writer) == ((), "Dess Lead")


def test_who_is_not_asked_does_not_answer(cast: Cast, asked):
    place = {"reference": asked.case.reference, "pk": asked.pk}
    for who in (cast.coordinator, cast.panel_chair):
        with pytest.raises(Refused):
            services.save_page(actor=who, **place, page="harm", typed={}, seen=None)
    with pytest.raises(NotVisible):
        services.submit(actor=cast.charity_worker, **place)


# --- Open ---------------------------------------------------------------------------------------


def test_nothing_is_opened_while_an_agency_has_time(cast: Cast, asked):
    answer(cast.panel_officer, asked)
    with pytest.raises(DomainError, match="still has time"):
        services.reveal(actor=cast.coordinator, assessment=asked)
    with pytest.raises(DomainError, match="sealed until"):
        compared(cast.coordinator, asked)
    with pytest.raises(Refused):
        services.reveal(actor=cast.panel_officer, assessment=asked)


def test_when_the_time_is_over_those_who_answered_are_opened_and_the_others_named(
    cast: Cast, asked, monkeypatch
):
    answer(cast.panel_officer, asked, H4=given("confirmed"))
    answer_all(cast.panel_nurse, asked, H4=given("no"))
    later = asked.due_at + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)

    services.reveal(actor=cast.coordinator, assessment=asked)

    found = compared(cast.coordinator, asked)
    assert found.agencies == ("Exampleshire Police",)
    assert found.silent == ("Example High School", "Exampleshire Health")
    with pytest.raises(DomainError, match="were opened"):
        services.submit(actor=cast.panel_nurse, reference=asked.case.reference, pk=asked.pk)
    assert all(each.sealed == {} for each in Invitation.objects.all())


def test_a_second_opening_is_too_late(cast: Cast, opened):
    with pytest.raises(DomainError, match="open already"):
        services.reveal(actor=cast.coordinator, assessment=opened)


def test_opening_makes_statements_of_each_agency_and_the_law_says_who_reads_them(
    cast: Cast, opened
):
    words = Statement.objects.filter(question="note_risk_seen")
    assert {each.agency_id for each in words} == {cast.panel_officer.agency_id}
    assert {each.author_id for each in words} == {cast.panel_officer.membership_id}
    shared = Grant.objects.filter(granted_by_service="assessed together")
    assert {code for each in shared for code in each.categories} <= {"IC4", "IC10"}
    assert shared.exists()
    seen = cells(compared(cast.panel_nurse, opened), "H4")
    assert seen["Exampleshire Police"].says.startswith("Yes, confirmed")
    assert seen["Exampleshire Police"].words.text == WORDS
    # The teacher has no share of what the police hold, and sees of her own what she wrote.
    hers = cells(compared(cast.teacher, opened), "H4")
    assert hers["Exampleshire Police"].says == "Not shared with School or college"
    assert hers["Example High School"].says == "No"


def test_differences_are_said_in_words_and_never_averaged(cast: Cast, opened):
    found = compared(cast.coordinator, opened)
    (line,) = (line for part in found.parts for line in part.lines if line.code == "P1")
    assert line.differs
    assert "Exampleshire Police: suspected." in line.sentence
    assert "Exampleshire Health: not known." in line.sentence
    only = found.only_differences()
    assert [line.code for part in only.parts for line in part.lines] == ["H4", "P1"]


def test_of_differences_that_are_not_shared_nothing_is_told(cast: Cast, opened):
    found = compared(cast.teacher, opened)
    assert found.differing == 0
    assert found.score is None
    assert found.withheld == 62


def test_words_that_their_author_protects_are_withheld_in_the_comparison(cast: Cast, opened):
    words = Answer.objects.get(item="H4", words__isnull=False).words
    casework.protect(actor=cast.panel_officer, statement=words, protect=Protect.POLICE)

    cell = cells(compared(cast.coordinator, opened), "H4")["Exampleshire Police"]

    assert cell.words.state is State.WITHHELD
    place = [opened.case.reference, opened.pk]
    shown = signed_in(cast.coordinator).get(reverse("assessments:compare", args=place))
    # What the police wrote of another question stays.
    assert shown.content.decode().count(WORDS) == 1


def test_words_that_are_kept_from_others_are_withheld_from_the_opening_on(cast: Cast, asked):
    answer(cast.panel_officer, asked, H4=given("confirmed", keep="police"))
    answer(cast.panel_nurse, asked)
    answer(cast.teacher, asked)
    services.reveal(actor=cast.coordinator, assessment=asked)

    cell = cells(compared(cast.coordinator, asked), "H4")["Exampleshire Police"]

    assert cell.says.startswith("Yes, confirmed")
    assert cell.words.text == "Withheld: police-sensitive"
    own = cells(compared(cast.panel_officer, asked), "H4")["Exampleshire Police"]
    assert own.words.text == WORDS


def test_the_score_is_hidden_until_the_judgement_is_written(cast: Cast, opened):
    assert compared(cast.coordinator, opened).score is None
    judge(cast.coordinator, opened)
    assert compared(cast.coordinator, opened).score.total == 135
    assert compared(cast.teacher, opened).score is None


# --- Agree --------------------------------------------------------------------------------------


def test_no_level_without_words(cast: Cast, opened):
    with pytest.raises(DomainError, match="score alone is not enough"):
        services.agree(
            actor=cast.coordinator,
            assessment=opened,
            judgement=uuid4(),
            agreeing=Agreeing(Level.SIGNIFICANT, timezone.localdate() + timedelta(days=9), "Why."),
        )
    with pytest.raises(DomainError, match="score alone is not enough"):
        judge(cast.coordinator, opened, words="  ")
    with pytest.raises(DomainError, match="what the child says"):
        judge(cast.coordinator, opened, child="")


def test_the_advised_level_holds_at_once_and_the_case_says_so(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")

    opened.refresh_from_db()
    opened.case.refresh_from_db()
    assert (made.takes, opened.status) == (Takes.NOTHING, Status.AGREED)
    assert opened.case.level == Level.SIGNIFICANT
    page = casework.read_case(actor=cast.panel_officer, reference=opened.case.reference)
    assert ("Level of concern", "Significant concern") in page.facts
    hers = casework.read_case(actor=cast.teacher, reference=opened.case.reference)
    (item,) = (item for item in hers.items if item.key == "level")
    assert item.state is State.NOT_SHARED


def test_up_takes_a_reason_and_nothing_else(cast: Cast, asked):
    for who in (cast.panel_officer, cast.panel_nurse, cast.teacher):
        answer(who, asked)
    services.reveal(actor=cast.coordinator, assessment=asked)
    with pytest.raises(DomainError, match="Write why"):
        agree(cast.coordinator, asked, Level.MODERATE, differs="")

    made = agree(cast.coordinator, asked, Level.MODERATE)

    assert made.takes == Takes.REASON
    assert made.in_force_at


def test_below_a_floor_takes_the_chair_and_a_second_agency(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.MODERATE)
    opened.refresh_from_db()
    assert (made.takes, opened.status) == (Takes.CHAIR_AND_SECOND_AGENCY, Status.WAITING)
    assert made.in_force_at is None
    assert told(Kind.RISK_SIGN) == {
        cast.panel_chair.membership_id,
        cast.panel_officer.membership_id,
        cast.panel_nurse.membership_id,
        cast.teacher.membership_id,
        cast.lead.membership_id,
    }
    for who in (cast.coordinator, cast.manager, cast.second_coordinator):
        with pytest.raises(Refused):
            services.sign(actor=who, agreement=made, signs=True)

    first = services.sign(actor=cast.panel_officer, agreement=made, signs=True)
    assert first.capacity == Capacity.AGENCY
    made.refresh_from_db()
    assert made.in_force_at is None
    with pytest.raises(Refused):
        services.sign(actor=cast.panel_nurse, agreement=made, signs=True)
    services.sign(actor=cast.panel_chair, agreement=made, signs=True)

    made.refresh_from_db()
    opened.case.refresh_from_db()
    assert made.in_force_at
    assert opened.case.level == Level.MODERATE


def test_one_level_down_takes_another_person(cast: Cast, asked):
    answer(cast.panel_officer, asked, P1=given("confirmed"), M2=given("confirmed"))
    answer(cast.panel_nurse, asked)
    answer(cast.teacher, asked)
    services.reveal(actor=cast.coordinator, assessment=asked)
    made = agree(cast.coordinator, asked, Level.NONE_INDICATED)
    assert made.takes == Takes.COUNTERSIGN
    with pytest.raises(Refused):
        services.sign(actor=cast.panel_officer, agreement=made, signs=True)

    services.sign(actor=cast.second_coordinator, agreement=made, signs=True)

    made.refresh_from_db()
    assert made.in_force_at


def test_a_first_level_on_what_nobody_knows_takes_another_person(cast: Cast, asked):
    for who in (cast.panel_officer, cast.panel_nurse, cast.teacher):
        answer(who, asked, default="not_known")
    services.reveal(actor=cast.coordinator, assessment=asked)

    made = agree(cast.coordinator, asked, Level.NONE_INDICATED)

    assert (made.takes, made.in_force_at) == (Takes.COUNTERSIGN, None)


def test_a_second_judgement_lifts_no_floor_that_the_first_one_set(cast: Cast, asked):
    for who in (cast.panel_officer, cast.panel_nurse, cast.teacher):
        answer(who, asked)
    services.reveal(actor=cast.coordinator, assessment=asked)
    judge(cast.coordinator, asked, unsafe_home=True, missing=4)
    assert compared(cast.coordinator, asked).score.floor is Level.SIGNIFICANT

    made = agree(cast.coordinator, asked, Level.NONE_INDICATED, unsafe_home=False, missing=0)

    assert (made.takes, made.floor) == (Takes.CHAIR_AND_SECOND_AGENCY, Level.SIGNIFICANT)


def test_a_tool_that_counts_nothing_does_not_say_that_enough_is_known(cast: Cast, asked):
    answer(cast.panel_officer, asked, default="not_known", H4=given("suspected"))
    for who in (cast.panel_nurse, cast.teacher):
        answer(who, asked, default="not_known")
    services.reveal(actor=cast.coordinator, assessment=asked)
    agree(cast.coordinator, asked, Level.SIGNIFICANT)
    words_only = approved("three-categories-1.0.0.yaml")
    two = (agency(cast.panel_officer), agency(cast.panel_nurse))
    later = start(cast.coordinator, asked.case, *two, tool=words_only.pk)
    for who in (cast.panel_officer, cast.panel_nurse):
        answer(who, later)
    services.reveal(actor=cast.coordinator, assessment=later)

    made = agree(cast.coordinator, later, Level.SIGNIFICANT)

    assert made.in_force_at
    assert (made.insufficient, made.floor) == (True, Level.MODERATE)


def test_who_does_not_sign_says_why_and_the_level_before_stays(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.MODERATE)
    with pytest.raises(DomainError, match="why you do not sign"):
        services.sign(actor=cast.panel_chair, agreement=made, signs=False)

    services.sign(
        actor=cast.panel_chair, agreement=made, signs=False, words="The harm is too near."
    )

    opened.refresh_from_db()
    opened.case.refresh_from_db()
    assert (opened.status, opened.case.level) == (Status.OPENED, "")
    assert told(Kind.RISK_SIGNED) == {cast.coordinator.membership_id}
    again = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    assert again.in_force_at
    with pytest.raises(DomainError, match="did not sign this level"):
        services.sign(actor=cast.panel_officer, agreement=made, signs=True)


def test_a_dissent_is_kept_with_its_agency(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    services.confirm(actor=cast.panel_officer, agreement=made, view=View.AGREES)
    said = {"agreement": made, "view": View.DISSENTS, "words": "We see no debt."}
    services.confirm(actor=cast.panel_nurse, **said)
    assert services.confirm(actor=cast.panel_nurse, **said)
    with pytest.raises(DomainError, match="said already"):
        services.confirm(actor=cast.panel_nurse, agreement=made, view=View.AGREES)

    page = services.look(actor=cast.panel_officer, reference=opened.case.reference)

    (dissent,) = (voice for voice in page.now.voices if voice.is_dissent)
    assert (dissent.agency, dissent.words.text) == ("Exampleshire Health", "We see no debt.")
    assert page.now.unheard == ("Example High School",)
    assert Confirmation.objects.count() == 2


def test_nobody_answers_for_a_judgement_that_they_cannot_read(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    with pytest.raises(DomainError, match="not shared with your team"):
        services.confirm(actor=cast.teacher, agreement=made, view=View.AGREES)
    page = services.look(actor=cast.teacher, reference=opened.case.reference)
    assert page.now.level == "Not shared with School or college"
    assert page.picture is None
    assert (page.now.judgement is None) or page.now.judgement.state is State.NOT_SHARED
    shown = signed_in(cast.teacher).get(reverse("assessments:risk", args=[opened.case.reference]))
    assert JUDGEMENT not in shown.content.decode()


def test_the_chair_is_not_a_second_agency_for_their_own(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.MODERATE)
    first = services.sign(actor=cast.panel_chair, agreement=made, signs=True)
    assert first.capacity == Capacity.CHAIR


@pytest.mark.parametrize("days", [0, 91])
def test_the_next_look_is_within_ninety_days(cast: Cast, opened, days):
    with pytest.raises(DomainError, match="within 90 days"):
        agree(
            cast.coordinator,
            opened,
            Level.SIGNIFICANT,
            review_on=timezone.localdate() + timedelta(days=days),
        )


def test_a_later_level_takes_the_place_and_the_history_keeps_both(cast: Cast, opened):
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    two = (agency(cast.panel_officer), agency(cast.panel_nurse))
    later = start(cast.coordinator, opened.case, *two)
    answer(cast.panel_officer, later, P1=given("confirmed"))
    answer(cast.panel_nurse, later)
    services.reveal(actor=cast.coordinator, assessment=later)
    found = cells(compared(cast.coordinator, later), "H4")
    assert found["Exampleshire Police"].was == "Yes, confirmed"

    made = agree(cast.coordinator, later, Level.MODERATE)

    assert made.before == Level.SIGNIFICANT
    opened.refresh_from_db()
    # The harm that the police confirmed is not undone by agencies that know nothing of it.
    assert (made.takes, made.floor) == (Takes.CHAIR_AND_SECOND_AGENCY, Level.SIGNIFICANT)
    assert opened.status == Status.AGREED
    services.sign(actor=cast.panel_officer, agreement=made, signs=True)
    services.sign(actor=cast.panel_chair, agreement=made, signs=True)
    opened.refresh_from_db()
    assert opened.status == Status.SUPERSEDED
    page = services.look(actor=cast.coordinator, reference=opened.case.reference)
    assert [each.level for each in page.past] == ["Moderate concern", "Significant concern"]
    assert page.picture.describes.count("concern.") == 2


def test_it_can_be_called_off_and_what_was_sent_stays_sealed(cast: Cast, asked):
    answer(cast.panel_officer, asked, H4=given("confirmed"))
    with pytest.raises(DomainError, match="Write why"):
        services.call_off(actor=cast.coordinator, assessment=asked, why=" ")

    services.call_off(actor=cast.manager, assessment=asked, why="She has moved.")

    with pytest.raises(DomainError, match="sealed"):
        compared(cast.coordinator, asked)
    assert not Statement.objects.filter(question__startswith="note_risk").exists()
    page = services.look(actor=cast.coordinator, reference=asked.case.reference)
    assert page.under_way is None
    assert page.may_start


def test_what_the_child_says_is_the_childs(cast: Cast, opened):
    said = Statement.objects.filter(question="note_risk_child")
    assert {each.text for each in said} == {CHILD}
    assert {each.category for each in said} == {"IC10"}
    assert membership(cast.panel_officer) in {each.author for each in said}


def test_nobody_goes_on_with_the_risk_of_a_child_whose_referral_was_withdrawn(cast: Cast, asked):
    assert policies.to_answer(cast.teacher).exists()
    Case.objects.filter(pk=asked.case_id).update(status="withdrawn")
    with pytest.raises(DomainError, match="is over"):
        answer(cast.teacher, asked)
    with pytest.raises(DomainError, match="is over"):
        services.reveal(actor=cast.coordinator, assessment=asked)
    assert not policies.to_answer(cast.teacher).exists()

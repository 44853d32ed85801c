"""The question flow: where it branches and stops, what it keeps, and who reads it afterwards."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.intake import services as intake
from referrals.intake.forms import ORDER, PAGES, form_of, pages, read_concern, unfinished
from referrals.intake.forms.about import nhs_number, pupil_number
from referrals.intake.models import Draft
from referrals.models import Case, Statement, Wall
from referrals.reading import read
from referrals.services import Told, submit
from referrals.vocabulary import (
    CHOSEN,
    FREE_ANSWERS,
    NO_ANSWER,
    QUESTIONS,
    SEVERAL,
    Answer,
    Danger,
    Priority,
    Protect,
    State,
)
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import Cast, at_once, concern, events, membership, send, signed_in
from tests.referrals.test_submit import BODY, draft_of, post_json, send_by_button

MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""In office hours."""


def at(draft: Draft, page: str) -> str:
    return reverse("intake:page", args=[draft.pk, page])


def sent_from(actor, **changed) -> Case:
    """Send a draft by the button; `changed` replaces pages, by name with "_" for "-"."""
    draft = draft_of(actor, **changed)
    answer = send_by_button(signed_in(actor), draft)
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(reference=answer.url.split("/")[2])


def answers_of(case: Case) -> dict[str, tuple[str, str]]:
    rows = Statement.objects.filter(case=case).values_list("question", "answer", "text")
    return {question: (answer, text) for question, answer, text in rows}


# --- Every question -----------------------------------------------------------------------------

EVERYTHING: dict[str, dict[str, Any]] = {
    "danger": {"danger": "no"},
    "child": {
        "given_name": "Wrenna",
        "family_name": "Sparrowhawk",
        "sex": "female",
        "describes": "A girl who draws.",
        "nhs_number": "9434765919",
        "upn": "H801200001001",
        "other_number": "C-12 at the council",
    },
    "where": {
        "child_now": "At school, with me.",
        "address": "1 Fictional Row",
        "postcode": "ab12cd",
        "confidential": "no",
        "lives_with": "Her aunt.",
        "school": "Wrenhollow School",
        "school_life": "Away on Fridays.",
        "gp": "The health centre.",
        "safe_contact": "At school before noon.",
        "avoid_words": "Do not ring the house.",
    },
    "needs": {
        "language": "Welsh",
        "interpreter": "yes",
        "interpreter_which": "Welsh",
        "communication": "In pictures.",
        "disability": "Hears little on the left.",
        "learning": "A plan since 2024.",
        "health": "Asthma.",
        "sensitive": "A counsellor.",
        "ethnicity": "Welsh.",
        "ethnic_group": "A1",
        "religion": "None.",
        "immigration": "British.",
        "care_status": ["in_need", "youth_justice"],
    },
    "concern": {"saw": "A car.", "child_said": "I am tired.", "told": "A friend saw it."},
    "when-and-signs": {
        "happened": "still",
        "happened_when": "Most Fridays.",
        "changed": "A new phone.",
        "before": "In the spring.",
        "signs_away": ["away_driven"],
        "signs_things": ["things_gifts", "things_debt"],
    },
    "also": {"also": ["people", "places"]},
    "child-view": {
        "child_told": "yes",
        "child_why": "I did.",
        "child_wants": "To be left alone.",
        "child_sharing": "Not her uncle.",
        "trusted": "Her aunt.",
    },
    "parents": {
        "parents_told": "agree",
        "parents_why": "They asked.",
        "contact_parents": "yes",
        "carers": "Her aunt, Ms Fictional.",
        "siblings": "A brother.",
        "protective": "They drive her.",
        "parents_language": "No.",
        "service_agreed": ["child", "parent"],
    },
    "you": {
        "job": "Form tutor",
        "phone": "01632 960123",
        "best_time": "After 2pm",
        "knows_child": "I teach her.",
        "lead_told": "yes",
        "manager": "The head.",
        "phoned_who": "101",
        "phoned_when": "yesterday",
        "phoned_reference": "77",
        "workers": "A youth worker.",
        "on_behalf": "A colleague.",
    },
}
# What somebody says only on another page, or that another answer stands for.
NOT_ON_THESE = {"protected_address", "keep_quiet", "not_named", "protected_why"}


def test_every_question_is_asked_on_a_page_and_kept_with_its_category(cast: Cast):
    case = sent_from(cast.teacher, **{page.replace("-", "_"): t for page, t in EVERYTHING.items()})

    found = answers_of(case)
    given = {key for key, (answer, _) in found.items() if answer == Answer.GIVEN}
    assert set(FREE_ANSWERS) - given == NOT_ON_THESE
    assert set(FREE_ANSWERS) - set(found) == {"protected_address"}
    assert found["address"] == ("given", "1 Fictional Row\nAB1 2CD")
    assert found["nhs_number"] == ("given", "943 476 5919")
    assert found["phoned"] == ("given", "101, yesterday, reference 77")
    assert found["care_status"][1] == "A child in need plan; Working with youth justice"
    for row in Statement.objects.filter(case=case):
        assert row.category == QUESTIONS[row.question].category


PROMPTED = {
    "child": ("sex", "describes", "nhs_number", "upn", "other_number"),
    "where": ("child_now", "address", "lives_with", "school", "school_life", "gp", "safe_contact",
              "avoid_words"),
    "needs": ("language", "interpreter", "interpreter_which", "communication", "disability",
              "learning", "health", "sensitive", "ethnicity", "ethnic_group", "religion",
              "immigration", "care_status"),
    "when-and-signs": ("happened", "happened_when", "changed", "before"),
    "child-view": ("child_why", "child_sharing", "trusted"),
    "parents": ("contact_parents", "carers", "siblings", "protective", "parents_language",
                "service_agreed"),
    "you": ("job", "best_time", "knows_child", "lead_told", "manager", "workers", "on_behalf"),
}  # fmt: skip


@pytest.mark.parametrize("why", NO_ANSWER)
def test_each_prompted_question_may_be_said_to_have_no_answer_and_it_is_kept_so(cast: Cast, why):
    typed = {page: {**EVERYTHING[page]} for page in PROMPTED}
    for page, keys in PROMPTED.items():
        for key in keys:
            box = {} if key in CHOSEN else {f"{key}-none": why.value}
            chosen = [why.value] if key in SEVERAL else why.value
            typed[page] |= box or {key: chosen}
            if key not in CHOSEN:
                typed[page][key] = ""
    typed["where"]["postcode"] = ""

    case = sent_from(cast.teacher, **{page.replace("-", "_"): t for page, t in typed.items()})

    found = answers_of(case)
    said = {key: found[key] for keys in PROMPTED.values() for key in keys}
    assert said == dict.fromkeys(said, (why.value, ""))


def test_the_api_takes_every_question_and_stores_what_the_pages_store(cast: Cast):
    case = sent_from(cast.teacher, **{page.replace("-", "_"): t for page, t in EVERYTHING.items()})
    typed = {key: told for page in EVERYTHING.values() for key, told in page.items()}
    body = {key: typed[key] for key in FREE_ANSWERS if key in typed} | {
        "key": str(uuid4()),
        **{key: typed[key] for key in ("danger", "given_name", "family_name")},
        **{key: typed[key] for key in ("child_told", "parents_told")},
        "address": "1 Fictional Row\nAB1 2CD",
        "nhs_number": "943 476 5919",
        "interpreter": "yes",
        "phoned": "101, yesterday, reference 77",
        "signs": ["away_driven", "things_gifts", "things_debt"],
    }

    answer = post_json(signed_in(cast.teacher), "/api/v1/referrals/", body)

    assert answer.status_code == 201, answer.content
    mine, theirs = answers_of(case), answers_of(Case.objects.exclude(pk=case.pk).get())
    assert mine == theirs


def test_the_api_says_why_there_is_no_answer_and_what_is_protected(cast: Cast):
    body = BODY | {
        "key": str(uuid4()),
        "no_answer": {"religion": "not_asked"},
        "protect": {"saw": "source"},
    }

    answer = post_json(signed_in(cast.teacher), "/api/v1/referrals/", body)
    wrong = post_json(
        signed_in(cast.teacher), "/api/v1/referrals/", body | {"protect": {"saw": "existence"}}
    )

    found = Statement.objects.filter(case=Case.objects.get())
    assert answer.status_code == 201
    assert found.get(question="religion").answer == Answer.NOT_ASKED
    assert found.get(question="saw").protect == Protect.SOURCE
    assert wrong.status_code == 400


@pytest.mark.parametrize("page", [page for page in ORDER if page != "check"])
def test_nothing_is_chosen_for_anybody(cast: Cast, page):
    draft = intake.start(actor=cast.teacher)

    shown = signed_in(cast.teacher).get(at(draft, page)).content.decode()

    assert " checked" not in shown
    assert " selected" not in shown.replace('value="" selected', "")


def test_six_answers_must_be_given_and_no_others(cast: Cast):
    draft = intake.start(actor=cast.teacher)

    assert unfinished(draft) == ["danger", "child", "concern", "child-view", "parents", "you"]


def test_what_was_typed_comes_back_with_what_is_wrong(cast: Cast):
    draft = intake.start(actor=cast.teacher)
    wrong = {
        "child": ({"nhs_number": "9434765918", "given_name": "W"}, "Check the NHS number"),
        "where": ({"postcode": "nowhere", "gp": "The centre."}, "Enter a postcode, like AB1 2CD"),
        "needs": ({"interpreter": "yes", "religion": "Quaker"}, "Tell us which language"),
        "when-and-signs": (
            {"signs_away": ["away_driven"], "no_signs": "none", "changed": "New."},
            "not both",
        ),
        "also": ({"also": ["people", "none"]}, "Select “None that I know of”"),
        "protect": ({"kinds": ["source", "nothing"]}, "Select “No”"),
    }
    client = signed_in(cast.teacher)
    for page, (typed, says) in wrong.items():
        answer = client.post(at(draft, page), typed)

        shown = answer.content.decode()
        assert answer.status_code == 422, page
        assert says in shown, page
        for words in typed.values():
            assert isinstance(words, list) or words in shown


@pytest.mark.parametrize("number", ["943 476 5919", "9434765919", "401 023 2137"])
def test_an_nhs_number_is_checked_by_its_last_digit(number):
    assert nhs_number(number).replace(" ", "") == number.replace(" ", "")
    with pytest.raises(ValueError, match="0"):
        nhs_number(number[:-1] + "0")


def test_a_pupil_number_is_checked_by_its_letter():
    assert pupil_number("h801200001001") == "H801200001001"
    for wrong in ("A801200001001", "H801200001002", "H80120000100", "I801200001001"):
        with pytest.raises(ValueError, match=wrong[:3]):
            pupil_number(wrong)


# --- Danger -------------------------------------------------------------------------------------


def test_danger_stops_the_flow_and_the_time_of_the_call_is_kept(cast: Cast):
    draft = intake.start(actor=cast.teacher)
    with time_machine.travel(MONDAY, tick=False):
        client = signed_in(cast.teacher)
        stopped = client.post(at(draft, "danger"), {"danger": "yes"})
        page = client.get(stopped.url).content.decode()
        on = client.post(stopped.url)
        client.post(stopped.url)

    assert stopped.url.endswith("/danger/now/")
    assert "Call 999 now" in page
    assert on.url == at(draft, "child")
    draft.refresh_from_db()
    assert draft.called_at == MONDAY
    assert len(events("draft.danger_acknowledged")) == 2
    case = submit(
        actor=cast.teacher,
        concern=concern(danger=Danger.YES, called_at=draft.called_at),
        key=uuid4(),
    )
    assert case.priority == Priority.IMMEDIATE
    assert answers_of(case)["called_999"] == ("given", "Yes, said on 23 November 2026 at 11am")


@pytest.mark.parametrize(
    ("now", "says"),
    [(MONDAY, "020 7946 0000"), (MONDAY.replace(hour=22), "020 7946 0011")],
)
def test_who_is_not_sure_is_given_the_number_that_somebody_answers_now(cast: Cast, now, says):
    draft = intake.start(actor=cast.teacher)
    intake.save(actor=cast.teacher, draft=draft, page="danger", typed={"danger": "unsure"})
    client = signed_in(cast.teacher)

    with time_machine.travel(now, tick=False):
        client.force_login(membership(cast.teacher).user)
        for name in ("intake:danger_now", "intake:other_ways"):
            main = client.get(reverse(name, args=[draft.pk])).content.decode()
            assert says in main.partition("<main")[2].partition("</main>")[0]


def test_a_danger_draft_that_lies_still_for_an_hour_is_told_to_its_author_and_lead_once(cast: Cast):
    with time_machine.travel(MONDAY, tick=False):
        draft = intake.start(actor=cast.teacher)
        intake.save(actor=cast.teacher, draft=draft, page="danger", typed={"danger": "unsure"})
        calm = intake.start(actor=cast.colleague)
        intake.save(actor=cast.colleague, draft=calm, page="danger", typed={"danger": "no"})
    with time_machine.travel(MONDAY + timedelta(minutes=59), tick=False):
        assert intake.remind() == 0
    with time_machine.travel(MONDAY + timedelta(minutes=61), tick=False):
        assert intake.remind() == 1
        assert intake.remind() == 0
        home = signed_in(cast.lead).get(reverse("home:home")).content.decode()
        other = signed_in(cast.outsider_lead).get(reverse("home:home")).content.decode()

    told = {(each.kind, each.recipient_id) for each in Notice.objects.all()}
    people = (cast.teacher, cast.lead)
    assert told == {(Kind.DRAFT_DANGER, each.membership_id) for each in people}
    assert len(events("draft.reminded")) == 1
    assert "Tess Eacher" in home
    assert "Tess Eacher" not in other


def test_a_danger_draft_is_told_to_whom_its_author_asked_to_send_it(cast: Cast):
    with time_machine.travel(MONDAY, tick=False):
        draft = intake.start(actor=cast.teacher)
        intake.save(actor=cast.teacher, draft=draft, page="danger", typed={"danger": "yes"})
        intake.delegate(actor=cast.teacher, draft=draft, email="cole.league@school.example.org")
    with time_machine.travel(MONDAY + timedelta(minutes=61), tick=False):
        assert intake.remind() == 1

    told = Notice.objects.filter(kind=Kind.DRAFT_DANGER).values_list("recipient", flat=True)
    people = (cast.teacher, cast.colleague, cast.lead)
    assert set(told) == {each.membership_id for each in people}


def test_two_reminders_at_once_speak_of_a_draft_once(committed, cast: Cast, monkeypatch):
    draft = intake.start(actor=cast.teacher)
    intake.save(actor=cast.teacher, draft=draft, page="danger", typed={"danger": "yes"})
    Draft.objects.filter(pk=draft.pk).update(saved_at=draft.saved_at - timedelta(minutes=61))
    write = intake.record

    def slowly(*said, **more):
        time.sleep(0.5)
        return write(*said, **more)

    monkeypatch.setattr(intake, "record", slowly)

    assert set(at_once(intake.remind, intake.remind)) == {0, 1}
    assert len(events("draft.reminded")) == 1


def test_the_reminder_reads_no_draft_of_which_nothing_is_to_be_said(cast: Cast, monkeypatch):
    draft = intake.start(actor=cast.teacher)
    read = []
    load = Draft.from_db.__func__

    def counted(cls, using, names, values):
        read.append(list(names))
        return load(cls, using, names, values)

    monkeypatch.setattr(Draft, "from_db", classmethod(counted))

    assert intake.remind() == 0
    assert read == []
    with time_machine.travel(draft.deleted_on - timedelta(hours=3), tick=False):
        assert intake.remind() == 1
    assert read
    assert not any("answers" in names for names in read)


@pytest.mark.parametrize(("minutes", "words"), [(60, "an hour"), (45, "45 minutes")])
def test_the_pages_say_how_long_a_danger_draft_may_lie_still_here(cast: Cast, minutes, words):
    Partnership.objects.filter(pk=cast.partnership.pk).update(danger_draft_minutes=minutes)
    draft = intake.start(actor=cast.teacher)
    intake.save(actor=cast.teacher, draft=draft, page="danger", typed={"danger": "yes"})
    client = signed_in(cast.teacher)

    pages = {
        name: client.get(reverse(name, args=[draft.pk])).content.decode()
        for name in ("intake:draft", "intake:danger_now")
    }

    assert f"If it lies still for {words}, we remind you" in pages["intake:draft"]
    assert f"do not send this within {words}, we remind you" in pages["intake:danger_now"]


def test_a_draft_that_will_go_is_announced_a_week_and_a_day_before(cast: Cast):
    Partnership.objects.filter(pk=cast.partnership.pk).update(draft_days=20)
    with time_machine.travel(MONDAY, tick=False):
        draft = intake.start(actor=cast.teacher)
    Partnership.objects.filter(pk=cast.partnership.pk).update(draft_days=30)
    found = []
    for day in range(10, 21):
        with time_machine.travel(MONDAY + timedelta(days=day), tick=False):
            found.append((day, intake.remind()))
            intake.expire()

    assert [day for day, told in found if told] == [13, 19]
    assert {each.kind for each in Notice.objects.all()} == {Kind.DRAFT_GOES}
    assert not Draft.objects.filter(pk=draft.pk).exists()


# --- The child ----------------------------------------------------------------------------------


def test_a_person_of_eighteen_or_more_is_asked_about_and_never_blocked(cast: Cast):
    draft = intake.start(actor=cast.teacher)
    client = signed_in(cast.teacher)

    stopped = client.post(at(draft, "child"), {"given_name": "Wrenna", "age_estimate": "23"})
    page = client.get(stopped.url).content.decode()
    on = client.get(reverse("intake:seen_before", args=[draft.pk]))

    assert stopped.url == reverse("intake:over_18", args=[draft.pk])
    assert "You said that this person is 23" in page
    assert on.url == at(draft, "where")


@pytest.mark.parametrize("age", ["9", "17"])
def test_a_child_of_any_age_is_not_asked_about(cast: Cast, age):
    draft = intake.start(actor=cast.teacher)

    on = signed_in(cast.teacher).post(
        at(draft, "child"), {"description": "A green rucksack.", "age_estimate": age}
    )

    assert on.url == at(draft, "where")


ALIKE = {"given_name": "WRENNA", "family_name": " sparrowhawk"}


def test_what_ones_own_agency_sent_is_shown_and_never_what_another_did(cast: Cast):
    mine, colleagues = send(cast.teacher), send(cast.colleague)
    others = send(cast.charity_worker)
    draft = intake.start(actor=cast.teacher)
    client = signed_in(cast.teacher)

    stopped = client.post(at(draft, "child"), ALIKE)
    page = client.get(stopped.url).content.decode()

    assert stopped.url == reverse("intake:seen_before", args=[draft.pk])
    assert mine.reference in page
    assert colleagues.reference in page
    assert "Cole League" in page
    assert others.reference not in page
    assert f"add {colleagues.reference}" not in page, "what a colleague sent is not open"
    assert [set(each["ids"]) for each in events("match.shown")] == [
        {str(mine.pk), str(colleagues.pk)}
    ]


def test_another_agencys_referral_changes_nothing_for_who_refers_the_same_child(cast: Cast):
    send(cast.charity_worker)
    draft = intake.start(actor=cast.teacher)

    on = signed_in(cast.teacher).post(at(draft, "child"), ALIKE)

    assert on.url == at(draft, "where")
    assert not events("match.shown")


def test_who_has_a_conflict_of_interest_is_told_of_nothing(cast: Cast):
    case = send(cast.colleague)
    Wall.objects.create(
        case=case,
        user_id=cast.teacher.user_id,
        why="relative",
        raised_by=membership(cast.manager),
    )
    draft = intake.start(actor=cast.teacher)

    on = signed_in(cast.teacher).post(at(draft, "child"), ALIKE)

    assert on.url == at(draft, "where")


def test_ones_own_draft_about_the_child_is_shown_and_a_colleagues_is_not(cast: Cast):
    begun = draft_of(cast.teacher)
    draft_of(cast.colleague)
    draft = intake.start(actor=cast.teacher)
    client = signed_in(cast.teacher)
    stopped = client.post(at(draft, "child"), ALIKE)

    page = client.get(stopped.url).content.decode()
    back = client.post(stopped.url, {"same": f"draft {begun.pk}"})

    assert page.count("not sent</li>") == 1
    assert back.url == reverse("intake:draft", args=[begun.pk])


def test_the_same_child_with_a_new_concern_is_linked_and_a_reference_of_others_is_refused(
    cast: Cast,
):
    first = send(cast.colleague)
    draft = draft_of(cast.teacher)
    client = signed_in(cast.teacher)
    page = reverse("intake:seen_before", args=[draft.pk])

    on = client.post(page, {"same": f"new {first.reference}"})
    answer = send_by_button(client, draft)

    assert on.url == at(draft, "where")
    case = Case.objects.get(reference=answer.url.split("/")[2])
    assert answers_of(case)["earlier"][1] == f"The same child as in {first.reference}"
    theirs = send(cast.charity_worker)
    body = BODY | {"key": str(uuid4()), "earlier": theirs.reference}
    missing = body | {"earlier": "R-0000-000"}
    refused = [post_json(client, "/api/v1/referrals/", each) for each in (body, missing)]
    assert {each.status_code for each in refused} == {409}
    assert refused[0].content == refused[1].content


# --- Where, and by when -------------------------------------------------------------------------


def test_a_time_today_makes_it_urgent_and_moves_the_clock_before_it(cast: Cast):
    where = {"needed_time": "3:15pm", "needed_day": "2026-11-23", "time_matters": "She goes home."}
    with time_machine.travel(MONDAY, tick=False):
        case = sent_from(cast.teacher, where=where)

    assert case.priority == Priority.URGENT
    assert case.decision_due_at == MONDAY.replace(hour=14, minute=45)
    assert answers_of(case)["time_matters"][1] == "23 November 2026 at 3:15pm: She goes home."


def test_a_time_that_passes_while_somebody_writes_stops_nothing(cast: Cast):
    where = {"needed_time": "15.15", "needed_day": "2026-11-23"}
    with time_machine.travel(MONDAY, tick=False):
        draft = draft_of(cast.teacher, where=where)
    with time_machine.travel(MONDAY + timedelta(hours=5), tick=False):
        assert unfinished(draft) == []
        case = submit(actor=cast.teacher, concern=read_concern(draft), key=uuid4())
        late = signed_in(cast.teacher).post(at(draft, "where"), where)

    assert case.decision_due_at == MONDAY + timedelta(hours=5, minutes=15)
    assert late.status_code == 422
    assert "Time must be today or later" in late.content.decode()


def test_a_time_after_the_clock_moves_nothing(cast: Cast):
    with time_machine.travel(MONDAY, tick=False):
        case = send(cast.teacher, needed_by=MONDAY + timedelta(days=5))

    assert case.priority == Priority.STANDARD
    assert case.decision_due_at == MONDAY + timedelta(days=1)


def test_a_secret_address_is_another_category_and_the_law_keeps_it_back(cast: Cast):
    open_, secret = (
        sent_from(cast.teacher, where={"address": "9 Hidden Row", "confidential": confidential})
        for confidential in ("no", "yes")
    )

    assert "9 Hidden Row" in {item.text for item in read(cast.coordinator, open_, SCREEN).items}
    for reader in (cast.coordinator, cast.manager, cast.lead):
        found = {item.key: item for item in read(reader, secret, SCREEN).items}
        assert found["address"].state is State.NOT_PROVIDED
        assert found["protected_address"].value is None
        assert found["protected_address"].category == Category.IC12
    mine = {item.key: item for item in read(cast.teacher, secret, SCREEN).items}
    assert mine["protected_address"].value == "9 Hidden Row"


SCREEN = Purpose.SCREEN


# --- What is protected --------------------------------------------------------------------------


def test_what_the_author_protects_is_withheld_from_everybody_else(cast: Cast):
    case = sent_from(
        cast.teacher,
        concern={"saw": "A car.", "told": "Her cousin told me."},
        protect={"kinds": ["source", "quiet"]},
        protect_what={
            "which_source": ["told", "phone"],
            "why_source": "The cousin would be in danger.",
            "why_quiet": "Her uncle reads the post.",
        },
    )

    found = {item.key: item for item in read(cast.coordinator, case, SCREEN).items}
    assert found["told"].text == "Withheld: identifies a source"
    assert found["protected_why"].state is State.WITHHELD
    assert found["keep_quiet"].text == "Her uncle reads the post."
    assert found["saw"].state is State.SHOWN
    mine = {item.key: item for item in read(cast.teacher, case, SCREEN).items}
    assert mine["told"].text == "Her cousin told me."


def test_who_wants_to_protect_something_must_say_what_before_it_is_sent(cast: Cast):
    draft = draft_of(cast.teacher, protect={"kinds": ["police"]})
    client = signed_in(cast.teacher)

    on = client.post(at(draft, "protect"), {"kinds": ["police"]})
    refused = send_by_button(client, draft)
    wrong = client.post(at(draft, "protect-what"), {"why_police": "It is theirs."})

    assert on.url == at(draft, "protect-what")
    assert refused.status_code == 422
    assert "Select which answers to protect" in wrong.content.decode()
    assert not Case.objects.exists()


def test_nobody_comes_to_the_page_of_what_to_protect_who_protects_nothing(cast: Cast):
    draft = draft_of(cast.teacher)

    led = signed_in(cast.teacher).get(at(draft, "protect-what"))

    assert led.url == at(draft, "protect")


def test_reasons_for_a_page_that_another_window_took_away_come_back(cast: Cast):
    draft = draft_of(cast.teacher, protect={"kinds": ["police"]})
    client, why = signed_in(cast.teacher), {"why_police": "Her uncle is an officer."}
    assert client.get(at(draft, "protect-what")).status_code == 200
    client.post(at(draft, "protect"), {"kinds": ["none"]})

    late = client.post(at(draft, "protect-what"), why)

    assert late.status_code == 409
    assert "no longer asked" in late.text
    assert "Her uncle is an officer." in late.text

    Draft.objects.filter(pk=draft.pk).update(
        answers={}, sent_at=timezone.now(), reference="R-4KD7-92Q"
    )
    sent = client.post(at(draft, "protect-what"), why)
    assert (sent.status_code, "was sent as R-4KD7-92Q" in sent.text) == (409, True)
    assert "Her uncle is an officer." in sent.text


# --- The way ------------------------------------------------------------------------------------


def test_the_last_page_says_what_the_law_says_of_what_this_draft_holds(cast: Cast):
    draft = draft_of(
        cast.teacher,
        where={"address": "9 Hidden Row", "confidential": "yes"},
        needs={"sensitive": "A counsellor."},
    )

    main = signed_in(cast.teacher).get(at(draft, "check")).content.decode()
    table = main.partition("Who will see this when you send it")[2].partition("</table>")[0]

    for each in (Category.IC12, Category.IC3, Category.IC4):
        assert each.label in table
    assert Category.IC13.label not in table, "nothing was said of it"


def test_change_leads_back_to_the_check(cast: Cast):
    draft = draft_of(cast.teacher)
    client = signed_in(cast.teacher)

    for page in ("where", "concern", "parents", "also"):
        on = client.post(at(draft, page) + "?back=check", {**EVERYTHING[page]})
        assert on.url == at(draft, "check")


def test_the_draft_lists_six_tasks_and_how_far_each_is(cast: Cast):
    draft = intake.start(actor=cast.teacher)
    draft = intake.save(actor=cast.teacher, draft=draft, page="danger", typed={"danger": "no"})
    intake.save(actor=cast.teacher, draft=draft, page="concern", typed={"saw": "A car."})

    tasks = signed_in(cast.teacher).get(reverse("intake:draft", args=[draft.pk])).context["tasks"]

    assert len(tasks) == 6
    states = {task["title"]: task["status"] for task in tasks}
    assert states["Immediate danger"] == "Completed"
    assert states["The concern"] == "In progress"
    assert states["The child"] == "Not started"


def test_lists_that_are_ticked_are_asked_one_after_another(cast: Cast):
    draft = intake.start(actor=cast.teacher)
    client = signed_in(cast.teacher)

    on = client.post(at(draft, "also"), {"also": ["people", "missing"]})
    then = client.post(on.url, {"more": "no"})
    last = client.post(then.url, {"more": "no"})

    assert [on.url, then.url, last.url] == [
        at(draft, "also") + "people/",
        at(draft, "also") + "missing/",
        at(draft, "child-view"),
    ]


def test_what_was_ticked_is_ticked_when_one_comes_back(cast: Cast):
    draft = intake.start(actor=cast.teacher)
    client = signed_in(cast.teacher)
    client.post(at(draft, "needs"), {"care_status": ["in_need", "s20"], "gp-none": "not_asked"})
    client.post(at(draft, "where"), {"gp-none": "not_asked"})

    needs, where = (client.get(at(draft, page)).content.decode() for page in ("needs", "where"))

    assert needs.count(" checked") == 2
    assert where.count(" checked") == 1


def test_each_page_of_a_full_draft_is_valid_when_it_is_read_again(cast: Cast):
    draft = draft_of(
        cast.teacher, **{page.replace("-", "_"): typed for page, typed in EVERYTHING.items()}
    )

    assert [page for page, form in pages(draft).items() if not form.is_valid()] == []
    assert all(form_of(page, draft) for page in PAGES)
    assert timezone.now() - draft.saved_at < timedelta(minutes=5)
    assert read_concern(draft).answers["saw"] == Told("A car.")

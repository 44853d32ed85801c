"""The settings of a partnership: who changes them, what is refused, what the ledger learns."""

import json
from datetime import time

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from lxml import html

from portal.accounts import policies, services
from portal.accounts.forms import SettingsForm
from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import (
    SECTIONS,
    SETTINGS,
    AgencyKind,
    PartnerUnder,
    Role,
    default_decided,
    default_escalation,
    default_questions,
    read_decided,
)
from portal.audit.models import Event
from portal.common.errors import DomainError, Refused
from referrals.vocabulary import CHOSEN_OUTCOMES
from tests.cast import Cast, send, signed_in

PAGE = "accounts:partnership"


def typed(cast: Cast, **changed: str) -> dict[str, str]:
    """The page as it is filled in when somebody opens it, with these boxes changed."""
    form = SettingsForm(partnership=Partnership.objects.get(pk=cast.partnership.pk))
    boxes = {box.name: "" if box.value() is None else str(box.value()) for box in form}
    return boxes | changed


def last() -> dict:
    return json.loads(bytes(Event.objects.order_by("-at", "-seq").first().body))


def acts() -> int:
    return Event.objects.filter(body__contains=b"admin.settings_changed").count()


def now(cast: Cast) -> Partnership:
    return Partnership.objects.get(pk=cast.partnership.pk)


def test_the_manager_changes_settings_and_the_ledger_learns_which_and_not_to_what(cast: Cast):
    services.settle(
        actor=cast.manager,
        partnership=cast.partnership,
        changes={
            "office_closes": time(18),
            "front_door_phone": "01632 960 777",
            "suppress_below": 5,
        },
    )

    assert (now(cast).office_closes, now(cast).front_door_phone) == (time(18), "01632 960 777")
    said = last()
    assert said["act"] == "admin.settings_changed"
    assert said["fields"] == ["front_door_phone", "office_closes"]
    assert said["obj"] == {"kind": "partnership", "id": str(cast.partnership.pk)}
    assert said["actor"]["id"] == str(cast.manager.user_id)
    assert "01632 9" not in json.dumps(said)


def test_nothing_is_written_when_nothing_is_different(cast: Cast):
    services.settle(actor=cast.manager, partnership=cast.partnership, changes={"suppress_below": 5})

    assert acts() == 0


def test_nobody_else_changes_them_and_a_manager_only_their_own(cast: Cast):
    for who in cast.everyone().values():
        partnership = cast.other_area if who == cast.manager else cast.partnership
        with pytest.raises(Refused):
            services.settle(actor=who, partnership=partnership, changes={"suppress_below": 9})

    assert not Partnership.objects.filter(suppress_below=9).exists()


def test_a_list_of_phrases_that_cannot_be_read_is_not_kept(cast: Cast):
    before = now(cast).language

    with pytest.raises(DomainError, match="Line 1 must have a phrase, a reason"):
        services.settle(
            actor=cast.manager, partnership=cast.partnership, changes={"language": "a phrase"}
        )

    assert now(cast).language == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("| Education", "Line 1 must have a question"),
        ("Why?\n" + "x" * 201, "Line 2 must have a question"),
        ("Why? | Education\nWhy?", "stands there twice"),
        ("\n".join(f"Why {n}?" for n in range(31)), "at most 30 questions"),
    ],
)
def test_questions_that_cannot_be_read_are_refused_whole(cast: Cast, words, says):
    with pytest.raises(DomainError, match=says):
        services.settle(
            actor=cast.manager,
            partnership=cast.partnership,
            changes={"ready_questions": words, "suppress_below": 9},
        )

    assert now(cast).suppress_below == 5
    assert now(cast).ready_questions == default_questions()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("| We act.", "Line 1 must have a decision"),
        ("Early help | We act.\nEarly help alone", "Line 2 must have a decision"),
        ("Early help | " + "x" * 601, "Line 1 must have a decision"),
        ("Early help | We act.\nearly  help | We do.", "stands there twice"),
        ("\n".join(f"Step {n} | We act." for n in range(21)), "at most 20 decisions"),
    ],
)
def test_words_of_decisions_that_cannot_be_read_are_refused_whole(cast: Cast, words, says):
    with pytest.raises(DomainError, match=says):
        services.settle(
            actor=cast.manager,
            partnership=cast.partnership,
            changes={"decided_words": words, "suppress_below": 9},
        )

    assert now(cast).suppress_below == 5
    assert now(cast).decided_words == default_decided()


def test_the_words_that_a_partnership_begins_with_are_of_decisions_that_there_are():
    labels = {each.label.casefold() for each in CHOSEN_OUTCOMES}

    assert read_decided(default_decided()).keys() <= labels


def test_a_column_that_is_no_setting_is_not_changed(cast: Cast):
    with pytest.raises(KeyError):
        services.settle(
            actor=cast.manager, partnership=cast.partnership, changes={"name": "Elsewhere"}
        )


def test_what_does_not_fit_together_is_refused_whole(cast: Cast):
    with pytest.raises(DomainError, match="none was changed"):
        services.settle(
            actor=cast.manager,
            partnership=cast.partnership,
            changes={"suppress_below": 9, "office_closes": time(8)},
        )

    assert (now(cast).suppress_below, acts()) == (5, 0)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("partnership_clocks_within_reason", {"decision_working_days": 11}),
        ("partnership_clocks_within_reason", {"request_working_days": 21}),
        ("partnership_clocks_within_reason", {"request_immediate_hours": 25}),
        ("partnership_clocks_within_reason", {"panel_access_days": 0}),
        ("partnership_names_levels_and_looks_again", {"moderate_name": ""}),
        ("partnership_names_levels_and_looks_again", {"reassess_days": 91}),
        ("partnership_names_levels_and_looks_again", {"assess_working_days": 0}),
        ("partnership_reviews_by_level", {"review_days_high": 43}),
        ("partnership_reviews_by_level", {"review_days_high": 0}),
        ("partnership_reviews_by_level", {"review_days_medium": 85}),
        ("partnership_reviews_by_level", {"review_days_emerging": 366}),
        ("partnership_late_actions_climb", {"action_lead_days": 0}),
        ("partnership_late_actions_climb", {"action_coordinator_days": 6}),
        ("partnership_late_actions_climb", {"action_chair_days": 41}),
        ("partnership_prepares_for_eighteen", {"transition_months": 25}),
        ("partnership_suppresses_small_numbers", {"suppress_below": 2}),
        ("partnership_phones_can_be_called", {"front_door_phone": "ring us"}),
        ("partnership_phones_can_be_called", {"out_of_hours_phone": ""}),
        ("partnership_neutral_site_is_safe", {"neutral_site": "javascript:alert(1)"}),
        ("partnership_neutral_site_is_safe", {"neutral_site": "http://example.org"}),
        ("partnership_says_something", {"first_words": ""}),
        ("partnership_says_something", {"support_words": ""}),
    ],
)
def test_the_database_refuses_a_setting_that_must_never_be(cast: Cast, constraint, change):
    rows = Partnership.objects.filter(pk=cast.partnership.pk)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        rows.update(**change)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_stands_on_the_page_with_what_it_changes(cast: Cast, name):
    form = SettingsForm(partnership=cast.partnership)

    assert form[name].label == SETTINGS[name].label
    assert SETTINGS[name].says.endswith(".")


def test_every_setting_stands_under_one_heading_of_the_page(cast: Cast):
    assert sorted(name for _, names in SECTIONS for name in names) == sorted(SETTINGS)
    shown = signed_in(cast.manager).get(reverse(PAGE)).content.decode()
    places = [shown.index(f">{heading}</h2>") for heading, _ in SECTIONS]
    assert places == sorted(places)
    for name in SETTINGS:
        is_yes_or_no = name in ("takes_pictures", "join_takes_two")
        assert shown.count(f'name="{name}"') == (2 if is_yes_or_no else 1)


def test_the_page_as_it_was_opened_changes_nothing(cast: Cast):
    answer = signed_in(cast.manager).post(reverse(PAGE), typed(cast))

    assert answer.status_code == 302
    assert acts() == 0


def test_a_change_holds_from_the_next_request_on(cast: Cast):
    client = signed_in(cast.manager)

    answer = client.post(
        reverse(PAGE),
        typed(
            cast,
            office_opens="8.30am",
            office_closes="17:45",
            front_door_phone=" 01632  960 777 ",
            decision_working_days="3",
        ),
        follow=True,
    )

    assert "The settings are saved" in answer.content.decode()
    settled = now(cast)
    assert (settled.office_opens, settled.office_closes) == (time(8, 30), time(17, 45))
    assert (settled.front_door_phone, settled.decision_working_days) == ("01632 960 777", 3)
    page = client.get(reverse("home:home")).content.decode()
    assert "01632 960 777" in page
    case = send(cast.teacher)
    assert (case.decision_due_at - case.received_at).days >= 3


def test_the_second_of_two_who_change_the_same_setting_is_told_and_presses_again(cast: Cast):
    client, page = signed_in(cast.manager), reverse(PAGE)
    mine = typed(cast, front_door_phone="01632 960 777")
    signed_in(cast.manager).post(page, typed(cast, front_door_phone="01632 960 888"))

    told = client.post(page, mine)

    assert told.status_code == 409
    assert "Somebody else has changed this" in told.text
    assert "01632 960 777" in told.text
    assert now(cast).front_door_phone == "01632 960 888"
    seen = html.fromstring(told.text).xpath("//input[@name='seen']/@value")[0]
    assert client.post(page, mine | {"seen": seen}).status_code == 302
    assert now(cast).front_door_phone == "01632 960 777"


def test_two_people_who_change_different_settings_both_keep_theirs(cast: Cast):
    client = signed_in(cast.manager)
    earlier = typed(cast, panel_access_days="40")
    client.post(reverse(PAGE), typed(cast, suppress_below="7"))

    client.post(reverse(PAGE), earlier)

    assert (now(cast).suppress_below, now(cast).panel_access_days) == (7, 40)


@pytest.mark.parametrize(
    ("box", "words", "says"),
    [
        ("office_opens", "early", "must be a time, like 9am"),
        ("office_closes", "8am", "The office must close after it opens"),
        ("decision_working_days", "soon", "must be a number from 1 to 10"),
        ("decision_working_days", "0", "must be a number from 1 to 10"),
        ("suppress_below", "2", "must be a number from 3 to 50"),
        ("front_door_phone", "ask Sam", "Enter a phone number in digits"),
        ("front_door_phone", "", "this cannot be empty"),
        ("neutral_site", "http://example.org", "begins with https://"),
        ("language", "a phrase alone", "line 1 must have a phrase, a reason"),
        ("ready_questions", "What? | Education | more", "line 1 must have a question in"),
        ("decided_words", "Early help, perhaps", "line 1 must have a decision"),
    ],
)
def test_what_cannot_be_is_said_beside_the_box_and_the_words_come_back(cast, box, words, says):
    answer = signed_in(cast.manager).post(reverse(PAGE), typed(cast, **{box: words}))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert not words or words in page
    assert acts() == 0


def test_whoever_does_not_manage_the_front_door_is_told_so(cast: Cast):
    for who in (cast.teacher, cast.coordinator, cast.chair, cast.panel_chair):
        assert signed_in(who).get(reverse(PAGE)).status_code == 403
        assert signed_in(who).post(reverse(PAGE), typed(cast)).status_code == 403


def test_a_manager_of_two_partnerships_settles_each(cast: Cast):
    cast.council.partnerships.add(cast.other_area)
    client = signed_in(policies.principal_for(*_manager(cast)))

    first = client.get(reverse(PAGE)).content.decode()
    assert "Settings of Exampleshire" in first
    client.post(f"{reverse(PAGE)}?of=exampleshire", typed(cast, suppress_below="8"))

    assert now(cast).suppress_below == 8
    assert Partnership.objects.get(pk=cast.other_area.pk).suppress_below == 5


def _manager(cast: Cast):
    membership = Membership.objects.get(pk=cast.manager.membership_id)
    return membership.user, membership.pk


def test_the_neutral_site_is_the_partnerships_choice(cast: Cast):
    client = signed_in(cast.teacher)
    assert policies.neutral_site(cast.teacher) == ""

    services.settle(
        actor=cast.manager,
        partnership=cast.partnership,
        changes={"neutral_site": "https://weather.example.org/"},
    )

    answer = client.post(reverse("away:hide"))
    assert answer.headers["Refresh"] == "0; url=https://weather.example.org/"
    assert b"https://weather.example.org/" in answer.content


def test_a_partnership_says_in_its_own_words_what_those_who_refer_read(cast: Cast):
    said = {
        "start_words": "For bullying, ring the school nurse.",
        "first_words": "Hello. We decide [when].",
        "support_words": "The wellbeing line is open to you.",
    }
    services.settle(actor=cast.manager, partnership=cast.partnership, changes=said)
    case = send(cast.teacher)

    teacher, coordinator = signed_in(cast.teacher), signed_in(cast.coordinator)
    sent = reverse("intake:sent", args=[case.reference])
    workspace = coordinator.get(reverse("triage:workspace", args=[case.reference]))

    assert said["start_words"] in teacher.get(reverse("intake:new")).text
    assert said["support_words"] in teacher.get(sent).text
    assert "Hello. We decide by" in workspace.text
    assert "[when]" not in workspace.text


def test_a_partnership_has_its_own_list_of_phrases(cast: Cast):
    said = [("/here", "What you saw", "A frog was promiscuous.")]
    assert [each.phrase for each in policies.prompts_for(cast.teacher, said)] == ["promiscuous"]

    services.settle(
        actor=cast.manager,
        partnership=cast.partnership,
        changes={"language": "frog | It is green | toad"},
    )

    assert [each.phrase for each in policies.prompts_for(cast.teacher, said)] == ["frog"]
    there = policies.prompts_for(cast.other_coordinator, said)
    assert [each.phrase for each in there] == ["promiscuous"]


def test_an_agency_of_two_partnerships_is_asked_by_both_lists_once(cast: Cast):
    school = services.join_agency(
        name="Between High School",
        kind=AgencyKind.SCHOOL,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership, cast.other_area],
    )
    teacher = services.enrol(
        email="b@example.org", name="Bea Tween", agency=school, role=Role.PRACTITIONER
    ).principal()

    found = policies.prompts_for(teacher, [("/", "What you saw", "A promiscuous frog.")])

    assert len(found) == 1


def test_the_steps_of_a_disagreement_are_lines_of_who_and_how_long(cast: Cast):
    lines = "Both managers | 2 |\n\n The directors|5| 8 "

    answer = signed_in(cast.manager).post(reverse(PAGE), typed(cast, escalation=lines))

    assert answer.status_code == 302
    told = ["manager", "agency_lead"]
    assert now(cast).escalation == [
        {"who": "Both managers", "roles": told, "working_days": 2, "immediate_hours": None},
        {"who": "The directors", "roles": told, "working_days": 5, "immediate_hours": 8},
    ]
    assert last()["fields"] == ["escalation"]
    assert typed(cast)["escalation"] == "Both managers | 2 |\nThe directors | 5 | 8"


def test_a_step_whose_words_stay_keeps_the_roles_that_were_put_behind_it_by_hand(cast: Cast):
    by_hand = [{**step, "roles": ["manager"]} for step in default_escalation()]
    Partnership.objects.filter(pk=cast.partnership.pk).update(escalation=by_hand)
    lines = typed(cast)["escalation"].splitlines()

    answer = signed_in(cast.manager).post(
        reverse(PAGE), typed(cast, escalation="\n".join(["The directors | 5 |", *lines]))
    )

    assert answer.status_code == 302
    first, *rest = now(cast).escalation
    assert first["roles"] == ["manager", "agency_lead"]
    assert rest == by_hand


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("", "this cannot be empty"),
        ("Both managers | 1\n| 2 | 3", "line 2 must say who hears it"),
        ("Both managers", "line 1 must have from 1 to 20 working days"),
        ("Both managers | soon", "line 1 must have from 1 to 20 working days"),
        ("Both managers | 1 | 0", "line 1 must have from 1 to 72 hours, or none"),
        ("Both managers | 1 | 2 | 3", "line 1 must say who hears it"),
        ("\n".join(["Both managers | 1"] * 11), "there must be from 1 to 10 steps"),
    ],
)
def test_steps_that_nobody_could_take_are_refused_with_the_line_to_mend(cast: Cast, lines, says):
    answer = signed_in(cast.manager).post(reverse(PAGE), typed(cast, escalation=lines))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert now(cast).escalation == default_escalation()


def test_steps_without_a_clock_are_refused_by_the_service_too(cast: Cast):
    steps = [{"who": "Both managers", "roles": ["manager"], "working_days": 0}]

    with pytest.raises(DomainError, match="Line 1 must have from 1 to 20 working days"):
        services.settle(
            actor=cast.manager, partnership=cast.partnership, changes={"escalation": steps}
        )

    assert now(cast).escalation == default_escalation()

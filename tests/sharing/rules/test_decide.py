"""The newest rules, question by question; then the order in which rules are asked."""

import ast
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import decision
from sharing.rules.decision import Facts, decide, decide_all
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    Category,
    Commencement,
    Obligation,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
    Step,
    Won,
)
from tests.sharing.rules.law import HERE, NOW, STATUTE, WIDE, held_by, newest_rules, somebody

COUNCIL, POLICE, HEALTH = AgencyKind.COUNCIL, AgencyKind.POLICE, AgencyKind.HEALTH
SCHOOL, CHARITY, HOUSING = AgencyKind.SCHOOL, AgencyKind.CHARITY, AgencyKind.HOUSING
ALLOW, REDACT, ASK, DENY = Outcome.ALLOW, Outcome.REDACT, Outcome.ASK, Outcome.DENY
SCREEN, PANEL, DANGER = Purpose.SCREEN, Purpose.PANEL, Purpose.DANGER
ENQUIRY, PLAN, DISRUPT = Purpose.ENQUIRY, Purpose.PLAN, Purpose.DISRUPT
FRONT_DOOR = somebody(COUNCIL, Role.COORDINATOR)
MANAGER = somebody(COUNCIL, Role.MANAGER)
AUDITOR = somebody(COUNCIL, Role.AUDITOR)
SOCIAL_WORKER = somebody(COUNCIL, Role.PRACTITIONER)
YOUTH_WORKER = somebody(CHARITY, Role.PRACTITIONER)
HOUSING_OFFICER = somebody(HOUSING, Role.PRACTITIONER)
CHAIR = somebody(AgencyKind.BOARD, Role.BOARD_CHAIR)
NURSE_ON_PANEL = somebody(HEALTH, Role.PANEL_MEMBER)
WORKER_ON_PANEL = somebody(CHARITY, Role.PANEL_MEMBER)
OFFICER = somebody(POLICE, Role.PRACTITIONER)
TEACHER = somebody(SCHOOL, Role.PRACTITIONER, HERE)
MARTIAN: Any = "martian"
OTHER_TEACHER = somebody(SCHOOL, Role.PRACTITIONER, HERE)
SCHOOL_LEAD = somebody(SCHOOL, Role.AGENCY_LEAD, HERE)

# holder, recipient, category, purpose, facts, outcome, rule, gateway
QUESTIONS = [
    # Rule 6: any agency to the front door, each by its own gateway.
    (SCHOOL, FRONT_DOOR, "IC4", SCREEN, {}, ALLOW, "6b", "EA02_175_157"),
    (SCHOOL, MANAGER, "IC10", SCREEN, {}, ALLOW, "6b", "EA02_175_157"),
    (HEALTH, FRONT_DOOR, "IC1", SCREEN, {}, ALLOW, "6a", "CA04_S11"),
    (POLICE, FRONT_DOOR, "IC11", SCREEN, {}, ALLOW, "6a", "CA04_S11"),
    (CHARITY, FRONT_DOOR, "IC5", SCREEN, {}, ALLOW, "6c", "CDA98_S115"),
    (HOUSING, FRONT_DOOR, "IC2", SCREEN, {}, ALLOW, "6c", "CDA98_S115"),
    (SCHOOL, FRONT_DOOR, "IC15", SCREEN, {}, ALLOW, "6d", "WT_FEEDBACK"),
    (COUNCIL, MANAGER, "OUTCOME", SCREEN, {}, ALLOW, "6d", "WT_FEEDBACK"),
    (HEALTH, FRONT_DOOR, "IC3", SCREEN, {}, ASK, "10a", "CONF/2"),
    (HEALTH, FRONT_DOOR, "IC6", SCREEN, {}, ASK, "default", ""),
    (POLICE, FRONT_DOOR, "IC9", SCREEN, {}, ASK, "default", ""),
    (SCHOOL, somebody(COUNCIL, Role.PRACTITIONER), "IC4", SCREEN, {}, ASK, "default", ""),
    (SCHOOL, somebody(CHARITY, Role.COORDINATOR), "IC4", SCREEN, {}, ASK, "default", ""),
    (SCHOOL, FRONT_DOOR, "IC4", Purpose.REPORT, {}, DENY, "default", ""),
    # Rule 12: the panel, and nothing beyond its categories.
    (SCHOOL, NURSE_ON_PANEL, "IC4", PANEL, {}, ALLOW, "12", "CA04_S10"),
    (COUNCIL, WORKER_ON_PANEL, "IC7", PANEL, {}, ALLOW, "12", "CA04_S10"),
    (COUNCIL, somebody(POLICE, Role.PANEL_CHAIR), "IC10", PANEL, {}, ALLOW, "12", "CA04_S10"),
    (HEALTH, NURSE_ON_PANEL, "IC3", PANEL, {}, REDACT, "11", "CONF/2"),
    (SCHOOL, NURSE_ON_PANEL, "IC11", PANEL, {}, ASK, "default", ""),
    (SCHOOL, NURSE_ON_PANEL, "IC15", PANEL, {}, ASK, "default", ""),
    (SCHOOL, NURSE_ON_PANEL, "IC4", SCREEN, {}, ASK, "default", ""),
    (POLICE, WORKER_ON_PANEL, "IC9", Purpose.PLAN, {}, DENY, "19", "POLICING"),
    (SCHOOL, somebody(SCHOOL, Role.PRACTITIONER), "IC4", PANEL, {}, ASK, "default", ""),
    # Rule 5: danger goes before every specific rule, to police and council alone.
    (HEALTH, OFFICER, "IC3", DANGER, {"danger": True}, ALLOW, "5", "CONF"),
    (HEALTH, FRONT_DOOR, "IC12", DANGER, {"danger": True}, ALLOW, "5", "CONF"),
    (HEALTH, OFFICER, "IC3", DANGER, {}, ASK, "default", ""),
    (HEALTH, OFFICER, "IC3", SCREEN, {"danger": True}, ASK, "default", ""),
    (HEALTH, WORKER_ON_PANEL, "IC4", DANGER, {"danger": True}, ASK, "default", ""),
    (HEALTH, CHAIR, "IC4", DANGER, {"danger": True}, ASK, "default", ""),
    # Rule 24: the referrer hears the outcome, and nothing that another agency wrote.
    (
        COUNCIL,
        TEACHER,
        "OUTCOME",
        SCREEN,
        {"recipient_is_referrer": True},
        ALLOW,
        "24",
        "WT_FEEDBACK",
    ),
    (COUNCIL, TEACHER, "IC7", SCREEN, {"recipient_is_referrer": True}, ASK, "default", ""),
    (POLICE, TEACHER, "IC4", SCREEN, {"recipient_is_referrer": True}, ASK, "default", ""),
    (COUNCIL, OFFICER, "OUTCOME", SCREEN, {}, ASK, "default", ""),
    # Rule 0: an agency's own record, for its author, its lead, and the council's front door.
    (SCHOOL, TEACHER, "IC4", SCREEN, {"recipient_is_author": True}, ALLOW, "0b", "OWN_RECORD"),
    (SCHOOL, OTHER_TEACHER, "IC4", SCREEN, {}, ASK, "default", ""),
    (SCHOOL, OFFICER, "IC4", SCREEN, {"recipient_is_author": True}, ASK, "default", ""),
    (SCHOOL, SCHOOL_LEAD, "IC6", SCREEN, {}, ALLOW, "0a", "OWN_RECORD"),
    (SCHOOL, somebody(SCHOOL, Role.AGENCY_LEAD), "IC4", SCREEN, {}, ASK, "default", ""),
    (COUNCIL, somebody(COUNCIL, Role.MANAGER, HERE), "IC7", SCREEN, {}, ALLOW, "0c", "OWN_RECORD"),
    (COUNCIL, MANAGER, "IC7", SCREEN, {}, ASK, "default", ""),
    (SCHOOL, TEACHER, "IC4", Purpose.REPORT, {"recipient_is_author": True}, DENY, "default", ""),
    # Rules 4 and 28: the board sees figures, never a child.
    (COUNCIL, CHAIR, "IC4", Purpose.REPORT, {}, DENY, "4", "GDPR_5_1_C"),
    (COUNCIL, CHAIR, "IC0", Purpose.REPORT, {}, ALLOW, "28", "GDPR_6_1_E"),
    (COUNCIL, CHAIR, "IC0", Purpose.TRAINING, {}, ALLOW, "28", "GDPR_6_1_E"),
    (COUNCIL, CHAIR, "IC4", PANEL, {}, ASK, "default", ""),
    (COUNCIL, AUDITOR, "IC4", Purpose.QA_AUDIT, {}, ASK, "25", "CA04_16E_16H/2"),
    (COUNCIL, AUDITOR, "IC16", Purpose.QA_AUDIT, {}, DENY, "default", ""),
    # Rules 1 to 3: hard stops, before danger and for everybody.
    (POLICE, OFFICER, "IC4", DANGER, {"danger": True, "walled": True}, DENY, "1", "CONFLICT"),
    (
        SCHOOL,
        TEACHER,
        "IC4",
        SCREEN,
        {"recipient_is_author": True, "walled": True},
        DENY,
        "1",
        "CONFLICT",
    ),
    (COUNCIL, CHAIR, "IC4", Purpose.REPORT, {"walled": True}, DENY, "1", "CONFLICT"),
    (COUNCIL, OutsideParty.PARENT, "IC4", PLAN, {"walled": True}, DENY, "1", "CONFLICT"),
    (CHARITY, FRONT_DOOR, "IC12", SCREEN, {}, DENY, "2", "HRA8"),
    (SCHOOL, SCHOOL_LEAD, "IC12", SCREEN, {}, DENY, "2", "HRA8"),
    (SCHOOL, TEACHER, "IC12", SCREEN, {"recipient_is_author": True}, ALLOW, "0b", "OWN_RECORD"),
    (CHARITY, FRONT_DOOR, "IC12", ENQUIRY, {}, ASK, "default", ""),
    (POLICE, OutsideParty.IMMIGRATION, "IC13", PLAN, {}, DENY, "3", "MSA15_S52/2"),
    (POLICE, OutsideParty.IMMIGRATION, "IC1", PLAN, {}, ASK, "default", ""),
    (POLICE, OutsideParty.IMMIGRATION, "IC1", Purpose.REPORT, {}, DENY, "default", ""),
    # Rules 7 to 10: enquiries, offending, sensitive services.
    (SCHOOL, OFFICER, "IC7", ENQUIRY, {}, ALLOW, "7b", "CDA98_S115/2"),
    (COUNCIL, OFFICER, "IC7", ENQUIRY, {}, ALLOW, "7a", "CA89_S47/2"),
    (CHARITY, OFFICER, "IC7", ENQUIRY, {}, ASK, "default", ""),
    (POLICE, FRONT_DOOR, "IC8", SCREEN, {}, ALLOW, "8a", "POLICING"),
    (POLICE, SOCIAL_WORKER, "IC8", PLAN, {}, ALLOW, "8b", "POLICING"),
    (POLICE, SOCIAL_WORKER, "IC8", SCREEN, {}, ASK, "default", ""),
    (HEALTH, SOCIAL_WORKER, "IC6", ENQUIRY, {}, ALLOW, "9a", "CA89_S47/2"),
    (HEALTH, OFFICER, "IC3", ENQUIRY, {}, ALLOW, "9b", "CA89_S47/2"),
    (HEALTH, SOCIAL_WORKER, "IC3", PLAN, {}, ASK, "10a", "CONF/2"),
    (HEALTH, SOCIAL_WORKER, "IC3", PLAN, {"significant_harm": True}, ALLOW, "10b", "CONF/2"),
    # Rules 11 to 15: the panel.
    (HEALTH, WORKER_ON_PANEL, "IC6", PANEL, {}, REDACT, "11", "CONF/2"),
    (SCHOOL, NURSE_ON_PANEL, "IC4", PANEL, {"agreement": True}, ALLOW, "12", "CA04_S10"),
    (SCHOOL, NURSE_ON_PANEL, "IC4", PANEL, {"agreement": False}, ASK, "12b", "CA04_S10/2"),
    (POLICE, somebody(COUNCIL, Role.PANEL_CHAIR), "IC8", DISRUPT, {}, ALLOW, "13a", "CDA98_S115/2"),
    (POLICE, NURSE_ON_PANEL, "IC8", PANEL, {}, REDACT, "13b", "CDA98_S115/2"),
    (POLICE, WORKER_ON_PANEL, "IC8", DISRUPT, {}, REDACT, "13c", "CA04_S10/2"),
    (POLICE, somebody(COUNCIL, Role.PANEL_CHAIR), "IC8", PANEL, {}, REDACT, "13d", "CDA98_S115/2"),
    (POLICE, NURSE_ON_PANEL, "IC9", PANEL, {}, ASK, "14", "POLICING"),
    (COUNCIL, NURSE_ON_PANEL, "IC16", PANEL, {}, REDACT, "15", "CA04_16E_16H/2"),
    # Rules 16 to 22: one agency to another.
    (HOUSING, OFFICER, "IC9", DISRUPT, {}, ALLOW, "16", "CDA98_S115/2"),
    (COUNCIL, somebody(SCHOOL, Role.AGENCY_LEAD), "IC7", PLAN, {}, REDACT, "17", "CA04_S11/2"),
    (COUNCIL, TEACHER, "IC7", PLAN, {}, ASK, "default", ""),
    (COUNCIL, YOUTH_WORKER, "IC10", PLAN, {}, REDACT, "18", "CA04_S11/2"),
    (POLICE, YOUTH_WORKER, "IC8", Purpose.EARLY_HELP, {}, DENY, "19", "POLICING"),
    (CHARITY, SOCIAL_WORKER, "IC10", PLAN, {}, ALLOW, "20a", "CDA98_S115/2"),
    (CHARITY, OFFICER, "IC1", DISRUPT, {}, ALLOW, "20b", "CDA98_S115/2"),
    (COUNCIL, HOUSING_OFFICER, "IC4", PLAN, {}, REDACT, "21a", "CA89_S27/2"),
    (HEALTH, HOUSING_OFFICER, "IC4", PLAN, {}, REDACT, "21b", "CA04_S11/2"),
    (SCHOOL, HOUSING_OFFICER, "IC1", PLAN, {}, REDACT, "21c", "EA02_175_157/2"),
    (CHARITY, HOUSING_OFFICER, "IC1", PLAN, {}, ASK, "default", ""),
    (
        SCHOOL,
        somebody(AgencyKind.PROBATION, Role.PRACTITIONER),
        "IC4",
        DISRUPT,
        {},
        ASK,
        "22",
        "CDA98_S115/2",
    ),
    (POLICE, OutsideParty.PRISON, "IC8", ENQUIRY, {}, ASK, "22", "CDA98_S115/2"),
    # Rules 23, 26, 27 and 28a: outside the agencies.
    (COUNCIL, OutsideParty.PARENT, "IC7", PLAN, {}, ASK, "23a", "HRA8"),
    (POLICE, OutsideParty.PARENT, "IC9", PLAN, {}, DENY, "23b", "HRA8"),
    (SCHOOL, OutsideParty.PARENT, "IC15", SCREEN, {}, DENY, "23b", "HRA8"),
    (HEALTH, OutsideParty.DEFENCE, "IC6", Purpose.PROSECUTE, {}, ASK, "26", "CPIA96"),
    (POLICE, OutsideParty.PROSECUTION, "IC14", Purpose.PROSECUTE, {}, ASK, "26", "CPIA96"),
    (SCHOOL, OutsideParty.PROSECUTION, "IC4", Purpose.PROSECUTE, {}, DENY, "default", ""),
    (SCHOOL, OutsideParty.DATA_SUBJECT, "IC4", Purpose.RIGHTS, {}, ASK, "27", "GDPR_15"),
    (SCHOOL, OutsideParty.PARENT, "IC15", Purpose.RIGHTS, {}, ASK, "27", "GDPR_15"),
    (COUNCIL, OutsideParty.TRAINER, "IC0", Purpose.TRAINING, {}, ALLOW, "28a", "GDPR_6_1_E"),
    (COUNCIL, OutsideParty.COMMISSIONER, "IC4", Purpose.COMMISSION, {}, DENY, "default", ""),
]


def test_each_rule_of_the_newest_file_answers_a_question_here():
    assert {question[-2] for question in QUESTIONS} - {"default"} == {
        rule.number for rule in newest_rules()
    }


@pytest.mark.parametrize(
    "question", [pytest.param(each, id=f"rule-{each[-2]}-{each[2]}") for each in QUESTIONS]
)
def test_the_newest_rules_answer(question):
    holder, recipient, category, purpose, facts, *expected = question

    answer = decide(recipient, held_by(holder, **facts), Category(category), purpose, NOW)

    assert [answer.outcome, answer.rule, answer.gateway] == expected


@pytest.mark.parametrize("category", sorted(ABOUT_A_CHILD))
def test_the_board_chair_is_refused_everything_about_a_child(category):
    facts = held_by(
        AgencyKind.BOARD, danger=True, recipient_is_referrer=True, recipient_is_author=True
    )
    own_record = somebody(AgencyKind.BOARD, Role.BOARD_CHAIR, HERE)

    answer = decide(own_record, facts, category, Purpose.REPORT, NOW)

    assert answer.outcome is DENY
    assert answer.rule == "4"
    assert "figures that name nobody" in answer.reason


def test_a_concern_is_shared_before_parents_are_told_and_the_reason_is_owed():
    answer = decide(FRONT_DOOR, held_by(SCHOOL), Category.IC4, SCREEN, NOW)

    assert answer.outcome is ALLOW
    assert Obligation.SAY_WHETHER_TOLD in answer.obligations


def test_danger_needs_no_approval_and_is_recorded_in_a_day():
    answer = decide(OFFICER, held_by(HEALTH, danger=True), Category.IC6, DANGER, NOW)

    assert answer.obligations == (Obligation.RECORD_IN_ONE_WORKING_DAY,)


@pytest.mark.parametrize("purpose", Purpose)
def test_with_no_rule_a_child_is_never_silently_refused(purpose):
    facts = Facts((), SCHOOL, HERE)

    answer = decide(FRONT_DOOR, facts, Category.IC4, purpose, NOW)

    assert answer.outcome is (ASK if purpose.protects_a_child else DENY)
    assert answer.rule == decision.DEFAULT
    assert answer.obligations == (Obligation.RECORD_THE_ANSWER,)
    if answer.outcome is DENY:
        assert answer.reason.endswith(decision.INSTEAD[purpose])
    else:
        assert "ask the lead of the agency that holds it" in answer.reason


def test_each_purpose_that_may_be_refused_has_a_lawful_way():
    assert set(decision.INSTEAD) == {each for each in Purpose if not each.protects_a_child}


def test_an_agency_of_an_unknown_kind_is_asked_about():
    """Nothing in the first rules covers what they do not name."""
    unknown_holder = held_by(MARTIAN)
    unknown_recipient = somebody(MARTIAN, Role.COORDINATOR)

    for purpose in (Purpose.ENQUIRY, SCREEN, PANEL):
        assert decide(FRONT_DOOR, unknown_holder, Category.IC4, purpose, NOW).outcome is ASK
        answer = decide(unknown_recipient, held_by(SCHOOL), Category.IC4, purpose, NOW)
        assert answer.outcome is ASK


def test_one_question_may_have_a_mixture_of_answers():
    answers = decide_all(NURSE_ON_PANEL, held_by(SCHOOL), Category, PANEL, NOW)

    assert {category for category, each in answers.items() if each.outcome is ALLOW} == {
        Category.IC1,
        Category.IC2,
        Category.IC4,
        Category.IC5,
        Category.IC7,
        Category.IC10,
        Category.OUTCOME,
    }


# --- The six cases under the partnership's table --------------------------------------------------


def test_case_a_a_sexual_health_nurse_tells_the_panel_that_health_is_engaged():
    answer = decide(WORKER_ON_PANEL, held_by(HEALTH), Category.IC3, PANEL, NOW)

    assert (answer.outcome, answer.rule, answer.remains) == (REDACT, "11", "Health is engaged.")


def test_case_b_the_same_nurse_tells_the_police_in_danger_and_records_it():
    answer = decide(OFFICER, held_by(HEALTH, danger=True), Category.IC3, DANGER, NOW)

    assert (answer.outcome, answer.rule) == (ALLOW, "5")
    assert answer.obligations == (Obligation.RECORD_IN_ONE_WORKING_DAY,)


def test_case_c_the_police_refuse_a_charity_intelligence_and_name_a_way():
    answer = decide(YOUTH_WORKER, held_by(POLICE), Category.IC9, PLAN, NOW)

    assert (answer.outcome, answer.rule) == (DENY, "19")
    assert "Ask the police for the least that keeps your staff and the child safe." in answer.reason


def test_case_d_a_panel_member_who_is_the_childs_uncle_is_refused_even_in_danger_and_in_silence():
    uncle = somebody(POLICE, Role.PANEL_MEMBER)

    answer = decide(uncle, held_by(SCHOOL, walled=True, danger=True), Category.IC4, DANGER, NOW)

    assert (answer.outcome, answer.rule, answer.silent) == (DENY, "1", True)
    assert Obligation.ALERT_A_CLEAN_MANAGER in answer.obligations


def test_case_e_a_school_reports_with_no_parent_informed_and_owes_the_reason():
    answer = decide(FRONT_DOOR, held_by(SCHOOL), Category.IC4, SCREEN, NOW)

    assert (answer.outcome, answer.rule) == (ALLOW, "6b")
    assert Obligation.SAY_WHETHER_TOLD in answer.obligations


def test_case_f_an_agency_of_an_unknown_kind_is_asked_about_for_an_enquiry():
    answer = decide(
        somebody(MARTIAN, Role.PRACTITIONER), held_by(SCHOOL), Category.IC4, ENQUIRY, NOW
    )

    assert (answer.outcome, answer.rule) == (ASK, decision.DEFAULT)


def test_where_part_is_shown_it_says_what_remains():
    for rule in newest_rules():
        assert bool(rule.remains) or rule.outcome is not REDACT


def test_the_wall_does_not_say_that_anything_is_there():
    """What a rule that is not silent says would be the leak, so the silent one goes first."""
    stop = replace(STOP, categories=frozenset({Category.IC4}))
    wall = replace(STOP, number="99", obligations=(Obligation.SILENT,))

    answer = decide(OFFICER, Facts((stop, wall), SCHOOL, HERE), Category.IC4, PLAN, NOW)

    assert (answer.rule, answer.silent, answer.trace[-1].why) == ("99", True, Won.SILENT)


# --- Why ----------------------------------------------------------------------------------------


def test_a_decision_carries_the_steps_that_were_asked_and_why_one_rule_answered():
    answer = decide(NURSE_ON_PANEL, held_by(SCHOOL, agreement=False), Category.IC4, PANEL, NOW)

    assert [(each.step, [rule.number for rule in each.spoke]) for each in answer.trace] == [
        (Step.HARD_STOP, []),
        (Step.DANGER, []),
        (Step.SPECIFIC, ["12", "12b"]),
    ]
    assert answer.trace[-1].won is not None
    assert answer.trace[-1].won.cited_as == "12b/1"
    assert answer.trace[-1].why is Won.MOST_SPECIFIC


def test_a_hard_stop_ends_the_trace():
    answer = decide(FRONT_DOOR, held_by(SCHOOL), Category.IC12, SCREEN, NOW)

    assert [(each.step, each.why) for each in answer.trace] == [(Step.HARD_STOP, Won.ALONE)]


def test_where_no_rule_speaks_the_trace_ends_with_the_defaults():
    answer = decide(TEACHER, held_by(COUNCIL), Category.IC7, PLAN, NOW)

    assert [each.step for each in answer.trace] == [*Step, None]
    assert not any(each.spoke for each in answer.trace)


def test_why_a_rule_wins_is_one_of_a_few_reasons():
    def why(*rules):
        facts = Facts(rules, SCHOOL, HERE)
        return decide(OFFICER, facts, Category.IC4, PANEL, NOW).trace[-1].why

    assert why(WIDE) is Won.ALONE
    assert why(WIDE, replace(WIDE, number="2", categories=frozenset({Category.IC4}))) is (
        Won.MOST_SPECIFIC
    )
    assert why(WIDE, PARTS) is Won.NARROWEST
    assert why(WIDE, replace(WIDE, number="2")) is Won.FIRST


# --- The order in which rules are asked ---------------------------------------------------------

STOP = replace(WIDE, number="9", step=Step.HARD_STOP, outcome=DENY, instead="Ask a manager.")
IN_DANGER = replace(WIDE, number="8", step=Step.DANGER, purposes=frozenset({DANGER}))
ASKS = replace(WIDE, number="7", outcome=ASK, instead="Ask.")
PARTS = replace(WIDE, number="6", outcome=REDACT, instead="Part of it.")
DENIES = replace(WIDE, number="5", outcome=DENY, instead="Another way.")


def answer_of(*rules, purpose=DANGER, at=NOW, **facts):
    known = replace(Facts(rules, SCHOOL, HERE, danger=True), **facts)
    return decide(OFFICER, known, Category.IC4, purpose, at).rule


def test_hard_stops_come_before_danger_and_danger_before_specific_rules():
    """An uncle who sits on the panel is refused even when the child is in danger."""
    assert answer_of(DENIES, IN_DANGER, STOP) == "9"
    assert answer_of(DENIES, IN_DANGER) == "8"
    assert answer_of(DENIES) == "5"
    assert answer_of() == decision.DEFAULT


def test_danger_is_asked_only_when_somebody_has_said_so():
    assert answer_of(IN_DANGER, ASKS, danger=False) == "7"


def test_the_most_specific_rule_wins_whether_it_is_wider_or_narrower():
    one = frozenset({Category.IC4})

    assert answer_of(DENIES, replace(WIDE, number="2", categories=one)) == "2"
    assert answer_of(WIDE, replace(DENIES, number="2", categories=one)) == "2"


def test_a_rule_about_a_relation_is_more_specific_than_one_about_anyone():
    lead = replace(WIDE, number="2", relation=Relation.REFERRER)

    assert answer_of(DENIES, lead, recipient_is_referrer=True) == "2"
    assert answer_of(DENIES, lead) == "5"


def test_on_a_tie_the_narrowest_answer_wins():
    assert answer_of(WIDE, PARTS, ASKS, DENIES) == "5"
    assert answer_of(WIDE, PARTS, ASKS) == "7"
    assert answer_of(WIDE, PARTS) == "6"


def test_rules_that_are_narrower_in_different_ways_are_a_tie():
    by_category = replace(WIDE, number="2", categories=frozenset({Category.IC4}))
    by_holder = replace(DENIES, number="3", holders=frozenset({SCHOOL}))

    assert answer_of(by_category, by_holder) == "3"


# --- Dates --------------------------------------------------------------------------------------

DATED = replace(WIDE, effective_from=date(2026, 7, 1), effective_to=date(2026, 7, 31))
# In July, London is an hour ahead of UTC.
BEFORE = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
FIRST = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
LAST = datetime(2026, 7, 31, 22, 59, tzinfo=UTC)
AFTER = datetime(2026, 7, 31, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "speaks"), [(BEFORE, False), (FIRST, True), (LAST, True), (AFTER, False)]
)
def test_a_rule_is_in_force_from_midnight_in_england_to_the_end_of_its_last_day(at, speaks):
    assert answer_of(DATED, at=at) == ("1" if speaks else decision.DEFAULT)


@pytest.mark.parametrize(
    ("at", "speaks"), [(BEFORE, False), (FIRST, True), (LAST, True), (AFTER, False)]
)
def test_a_rule_lives_no_longer_than_its_provision(at, speaks):
    statute = replace(STATUTE, in_force_from=date(2026, 7, 1), in_force_to=date(2026, 7, 31))

    assert answer_of(replace(WIDE, gateway=statute), at=at) == ("1" if speaks else decision.DEFAULT)


@pytest.mark.parametrize("status", [each for each in Commencement if each != Commencement.IN_FORCE])
def test_a_provision_that_is_not_law_permits_nothing(status):
    rule = replace(WIDE, gateway=replace(STATUTE, commencement=status))

    assert answer_of(rule) == decision.DEFAULT


def test_a_decision_cites_the_version_of_the_provision():
    second = replace(WIDE, version=3, gateway=replace(STATUTE, version=2))

    answer = decide(OFFICER, Facts((second,), SCHOOL, HERE), Category.IC4, PANEL, NOW)

    assert (answer.rule, answer.version, answer.gateway) == ("1", 3, "ACT/2")


def test_a_time_without_a_zone_is_not_answered():
    with pytest.raises(ValueError, match="zone"):
        decide(OFFICER, Facts((), SCHOOL, HERE), Category.IC4, PANEL, datetime(2026, 7, 1))  # noqa: DTZ001


def test_the_newest_rules_were_not_in_force_before_they_began():
    facts = Facts(newest_rules(), SCHOOL, HERE)
    new_year = datetime(2024, 12, 31, 23, 59, tzinfo=UTC)

    assert decide(FRONT_DOOR, facts, Category.IC4, SCREEN, new_year).outcome is ASK


def test_the_function_is_pure():
    """It imports words, dates and shapes: nothing that could ask or tell the world."""
    modules = Path(decision.__file__).parent.glob("*.py")
    nodes = [node for each in modules for node in ast.walk(ast.parse(each.read_text()))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}

    assert not [node for node in nodes if isinstance(node, ast.Import)]
    assert {each for each in imported if not each.startswith("sharing.rules.decision.")} == {
        "collections.abc",
        "dataclasses",
        "datetime",
        "typing",
        "uuid",
        "portal.accounts.vocabulary",
        "portal.common.clock",
        "sharing.rules.vocabulary",
    }

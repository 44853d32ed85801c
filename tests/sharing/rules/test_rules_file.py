"""The file of the law: what the newest says, and the sentence for each thing that is wrong."""

import re
from string import ascii_lowercase

import pytest

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import services
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    Category,
    Commencement,
    Obligation,
    Outcome,
    OutsideParty,
    Purpose,
    Step,
)
from tests.sharing.rules.conftest import FIRST, NEWEST

LAW = services.read(NEWEST)
GATEWAYS = {row.cited_as: row for row in LAW.gateways}
NEWEST_OF = {row.code: row for row in sorted(LAW.gateways, key=lambda row: row.version)}
RULES = {row.number: row for row in LAW.rules}
SECTION_4_1 = {
    "CA89_S17",
    "CA89_S27",
    "CA89_S46",
    "CA89_S47",
    "CA04_S10",
    "CA04_S11",
    "CA04_S12",
    "CA04_16E_16H",
    "CA04_16LA",
    "CA04_16LC",
    "CDA98_S115",
    "CONF",
    "CPB_REPORT",
    "CALD",
    "EA02_175_157",
    "HRA8",
    "MSA15_S52",
    "PCSC22_S16",
}


def test_every_gateway_of_the_partnership_is_there():
    assert set(NEWEST_OF) >= SECTION_4_1
    for code in SECTION_4_1:
        row = NEWEST_OF[code]
        assert row.provision
        assert row.binds
        assert row.must_record
        assert row.leads_from or not row.selectable


def test_every_row_of_the_partnerships_table_is_there():
    assert {int(number.rstrip(ascii_lowercase)) for number in RULES} == set(range(29))


def test_each_row_of_the_first_file_is_in_the_newest_as_it_was():
    first = services.read(FIRST)

    assert {each.value() for each in first.gateways} <= {each.value() for each in LAW.gateways}
    assert {each.value() for each in first.rules} <= {each.value() for each in LAW.rules}


@pytest.mark.parametrize("rule", LAW.rules, ids=lambda rule: rule.number)
def test_a_rule_that_shares_stays_where_its_provision_leads(rule):
    if rule.outcome in (Outcome.ALLOW, Outcome.REDACT) and rule.gateway.leads_from:
        assert set(rule.holders) <= set(rule.gateway.leads_from)
        assert set(rule.recipient_kinds) <= set(rule.gateway.leads_to)
        assert set(rule.outside) <= set(rule.gateway.leads_outside)


@pytest.mark.parametrize("rule", LAW.rules, ids=lambda rule: rule.number)
def test_what_is_held_back_is_said_and_a_no_names_a_way(rule):
    if rule.outcome == Outcome.REDACT:
        assert rule.remains.endswith(".")
    if rule.outcome != Outcome.ALLOW:
        assert rule.instead.endswith(".")


def test_only_the_wall_is_silent():
    silent = [rule.number for rule in LAW.rules if Obligation.SILENT in rule.obligations]

    assert silent == ["1"]


@pytest.mark.parametrize("rule", LAW.rules, ids=lambda rule: rule.number)
def test_each_rule_cites_a_provision_that_is_law_on_the_day_it_begins(rule):
    for cited in [rule.gateway, *(GATEWAYS[code] for code in rule.also)]:
        assert cited.commencement == Commencement.IN_FORCE
        assert cited.in_force_from is None or cited.in_force_from <= rule.effective_from
    assert rule.gateway.value().in_force(rule.effective_from)


def test_a_closed_database_is_no_gateway():
    historic = NEWEST_OF["CA04_S12"]

    assert historic.commencement == Commencement.HISTORIC
    assert not historic.selectable


@pytest.mark.parametrize("code", ["CA04_16LA", "CA04_16LC", "CPB_REPORT"])
def test_what_is_not_yet_law_is_held_ready_and_switched_off(code):
    coming = NEWEST_OF[code]

    assert coming.commencement in (Commencement.AWAITING, Commencement.BILL)
    assert coming.in_force_from is None
    assert not coming.selectable


def test_no_row_claims_a_review_that_has_not_happened():
    reviews = [(row.verified_on, row.verified_by) for row in LAW.gateways]
    reviews += [(row.verified_on, row.verified_by) for row in [*LAW.rules, *LAW.bases]]

    assert set(reviews) == {(None, "Not yet reviewed by a lawyer")}


def test_the_lists_leave_nobody_out_by_accident():
    """A new kind of agency or category must be considered, then written into the file."""
    everywhere = RULES["28"]

    assert set(everywhere.holders) == set(AgencyKind)
    assert set(everywhere.recipient_kinds) == set(AgencyKind)
    assert set(RULES["12"].holders) == set(AgencyKind) - {AgencyKind.BOARD}
    assert set(RULES["4"].categories) == set(ABOUT_A_CHILD)
    wall = RULES["1"]
    assert set(wall.recipient_roles) == set(Role)
    assert set(wall.outside) == set(OutsideParty)
    assert set(wall.categories) == set(Category)
    assert set(wall.purposes) == set(Purpose)


def test_who_may_never_see_a_child_is_in_no_rule_that_shows_one():
    barred = {
        Role.BOARD_CHAIR,
        Role.AUDITOR,
        Role.IG_LEAD,
        Role.AGENCY_ADMIN,
        Role.PLATFORM_ADMIN,
        Role.SYSTEM,
    }
    showing = [rule for rule in LAW.rules if rule.outcome in (Outcome.ALLOW, Outcome.REDACT)]

    for rule in showing:
        if ABOUT_A_CHILD.intersection(rule.categories):
            assert barred.isdisjoint(rule.recipient_roles), rule.number


def test_hard_stops_stop_and_danger_is_about_danger():
    assert {rule.outcome for rule in LAW.rules if rule.step == Step.HARD_STOP} == {Outcome.DENY}
    assert [rule.purposes for rule in LAW.rules if rule.step == Step.DANGER] == [[Purpose.DANGER]]


def test_the_newest_file_is_the_one_with_the_highest_number(tmp_path, monkeypatch):
    for number in (1, 2, 10):
        (tmp_path / f"rules-{number}.yaml").touch()
    monkeypatch.setattr(services, "DATA", tmp_path)

    assert services.newest().name == "rules-10.yaml"


RULE_4 = 'number: "4"\n    version: 1'
WRONG = {
    "The file does not say its title.": ("title: First rules, for one concern", "# title"),
    "Rule 4 has a line “colour”, which means nothing here.": (RULE_4, f"{RULE_4}\n    colour: red"),
    "Rule 4: outcome must be one of deny, ask, redact, allow, not “perhaps”.": (
        "outcome: deny",
        "outcome: perhaps",
    ),
    "Rule 4: categories must be a list, or the name of one, of IC0, .* not “everything”.": (
        "categories: anything_about_a_child\n    purposes: [REPORT]",
        "categories: everything\n    purposes: [REPORT]",
    ),
    "Rule 4: purposes must be .* not “\\['IDLE CURIOSITY'\\]”.": (
        "purposes: [REPORT]",
        "purposes: [IDLE CURIOSITY]",
    ),
    "Rule 4, recipients: roles must be .* not “board_chair”.": (
        "roles: [board_chair]",
        "roles: board_chair",
    ),
    "Rule 4, recipients does not say its relation.": (
        "roles: [board_chair]\n      relation: anyone",
        "roles: [board_chair]",
    ),
    "Rule 4: number must be words .* not “4”.": (RULE_4, RULE_4.replace('"', "")),
    "Rule 4: version must be a whole number from 1, not “True”.": (
        RULE_4,
        RULE_4.replace("version: 1", "version: yes"),
    ),
    "Rule 4: effective_to must be a day .* not “soon”.": (
        "obligations: [record_the_answer]\n    effective_from: 2025-01-01\n    effective_to: null",
        "obligations: [record_the_answer]\n    effective_from: 2025-01-01\n    effective_to: soon",
    ),
    "Rule 4: effective_from must be the day from which it is effective, not “None”.": (
        "obligations: [record_the_answer]\n    effective_from: 2025-01-01",
        "obligations: [record_the_answer]\n    effective_from: null",
    ),
    "Rule 4 cites MAGNA_CARTA, which is not a provision in this file.": (
        "gateway: GDPR_5_1_C",
        "gateway: MAGNA_CARTA",
    ),
    "Rule 4 version 1 rests on CA04_S12, which is not in force, so it would never apply.": (
        "gateway: GDPR_5_1_C",
        "gateway: CA04_S12",
    ),
    "Rule 5 version 1 shares on the strength of HRA8, which cannot be selected.": (
        "gateway: CONF",
        "gateway: HRA8",
    ),
    "Rule 4 version 1 also cites a provision that is not in this file, or not in force.": (
        "also: [HRA8]",
        "also: [CA04_16LA]",
    ),
    "Rule 4 version 1 is a hard stop, so its outcome must be deny.": (
        "outcome: deny",
        "outcome: ask",
    ),
    "Rule 5 version 1 is a danger rule, so its one purpose must be DANGER.": (
        "purposes: [DANGER]",
        "purposes: [DANGER, SCREEN]",
    ),
    "Rule 24 version 1 is not a plain yes, so “instead” must say what can be done lawfully.": (
        "    categories: [OUTCOME]\n    purposes: [SCREEN]\n    outcome: allow",
        "    categories: [OUTCOME]\n    purposes: [SCREEN]\n    outcome: redact",
    ),
    "Rule 4 version 1 ends “because” with a full stop: it stands inside a sentence.": (
        "anything about one child",
        "anything about one child.",
    ),
    "Rule 4 version 1 leaves a list empty, so it would never apply.": (
        "purposes: [REPORT]",
        "purposes: []",
    ),
    "Rule four version 1 has a number that is not digits and at most one letter.": (
        RULE_4,
        RULE_4.replace('"4"', '"four"'),
    ),
    "Rule 0a version 1 is given twice.": ('number: "0b"', 'number: "0a"'),
    "Rule 0a version 1 and version 2 are in force together.": (
        'number: "0b"\n    version: 1',
        'number: "0a"\n    version: 2',
    ),
    "Rule 6d version 1 starts before WT_FEEDBACK came into force.": (
        "in_force_from: 2023-12-15",
        "in_force_from: 2025-12-15",
    ),
    "The provision CA89_S17: kind must be one of .* not “hope”.": ("kind: power", "kind: hope"),
    "The provision CA04_S12 cannot be selectable: its status is “Historic: not used”.": (
        "commencement: historic\n    selectable: false",
        "commencement: historic\n    selectable: true",
    ),
    "The provision CA04_16LA has a day on which it came into force, but its status is .*": (
        "in_force_from: null\n    in_force_to: null\n    commencement: awaiting",
        "in_force_from: 2026-09-01\n    in_force_to: null\n    commencement: awaiting",
    ),
    "The provision CA89_S17 ends before it starts.": (
        "in_force_from: 1991-10-14\n    in_force_to: null",
        "in_force_from: 1991-10-14\n    in_force_to: 1989-11-16",
    ),
    "The provision CA89_S17 is given twice.": ("code: CA89_S27", "code: CA89_S17"),
    "The file: version must be a whole number from 1, not “first”.": (
        "version: 1",
        "version: first",
    ),
    "The file: rules must be a list of entries, not “none”.": (
        "rules:\n",
        "rules: none\nlists_of_old:\n",
    ),
    ".*“title” is given twice.*": (RULE_4, f"{RULE_4}\n    title: Another"),
    ".* is not well-formed YAML.*": ("version: 1", "version: [1"),
}


@pytest.mark.parametrize("says", WRONG)
def test_a_wrong_file_is_refused_with_a_sentence(says, short):
    with pytest.raises(services.FileRefused) as refused:
        services.read(short(WRONG[says]))

    assert [each for each in refused.value.sentences if re.fullmatch(says, each, re.DOTALL)]


WRONG_SINCE = {
    "Rule 11 version 1 shows a part, so “remains” must say what is shown.": (
        "    remains: Health is engaged.\n",
        "",
    ),
    "Rule 18 version 1 shares on the strength of CDA98_S115/2, which does not lead that way.": (
        "    gateway: CA04_S11/2\n    also: [CA04_S10/2]\n    because: the worker",
        "    gateway: CDA98_S115/2\n    also: [CA04_S10/2]\n    because: the worker",
    ),
    "Rule 13a version 1 shows something because of a relation that only narrows.": (
        "relation: anyone\n    categories: [IC8]\n    purposes: [DISRUPT]",
        "relation: other_agency\n    categories: [IC8]\n    purposes: [DISRUPT]",
    ),
    "Rule 23a version 1 names somebody outside the agencies with a relation that only .* have.": (
        "relation: anyone\n    categories: [IC4, IC7]\n    purposes: [PLAN]\n    outcome: ask",
        "relation: author\n    categories: [IC4, IC7]\n    purposes: [PLAN]\n    outcome: ask",
    ),
    "Rule 3 version 1 leaves a list empty, so it would never apply.": (
        "outside: [immigration]",
        "outside: []",
    ),
    "Rule 10b: when must be one of always, significant_harm, not “full_moon”.": (
        "when: significant_harm",
        "when: full_moon",
    ),
    "The provision CA89_S17, leads: to must be .* not “martians”.": (
        "from: [council]\n      to: agencies_around_a_child",
        "from: [council]\n      to: martians",
    ),
    "The provision CA89_S17, leads does not say its from.": (
        "    leads:\n      from: [council]\n",
        "    leads:\n",
    ),
    "The basis PUBLIC_BODY: condition must be one of .* not “hope”.": (
        "condition: safeguarding",
        "condition: hope",
    ),
    "The basis NOT_PUBLIC version 1 and The basis NOT_PUBLIC version 2 cover the same question.": (
        "effective_to: 2026-02-04",
        "effective_to: 2026-02-05",
    ),
    "The basis NOT_PUBLIC version 1 ends before it starts.": (
        "effective_to: 2026-02-04",
        "effective_to: 2024-02-04",
    ),
    "The basis NOT_PUBLIC version 1 is given twice.": (
        "code: NOT_PUBLIC\n    version: 2",
        "code: NOT_PUBLIC\n    version: 1",
    ),
}


@pytest.mark.parametrize("says", WRONG_SINCE)
def test_a_wrong_line_of_the_newer_kind_is_refused_with_a_sentence(says, written):
    with pytest.raises(services.FileRefused) as refused:
        services.read(written(WRONG_SINCE[says]))

    assert [each for each in refused.value.sentences if re.fullmatch(says, each, re.DOTALL)]


def test_all_that_is_wrong_is_said_at_once(short):
    path = short(("outcome: deny", "outcome: no"), ("kind: power", "kind: hope"))

    with pytest.raises(services.FileRefused) as refused:
        services.read(path)

    assert len(refused.value.sentences) == 2


def test_a_file_that_is_no_law_at_all_is_refused(tmp_path):
    path = tmp_path / "rules-3.yaml"
    path.write_text("just words")

    with pytest.raises(services.FileRefused, match="does not say its rules"):
        services.read(path)


def test_each_obligation_is_a_sentence():
    for obligation in Obligation:
        assert obligation.label.endswith(".")

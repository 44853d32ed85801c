"""A past decision is given again, as it was, whatever the law has become since."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import models, policies, services
from sharing.rules.decision import Facts, Inputs, decide
from sharing.rules.vocabulary import Category, Outcome, OutsideParty, Purpose
from tests.sharing.rules.conftest import NEWEST, NEXT, load
from tests.sharing.rules.law import HERE, somebody

TODAY = timezone.localdate()
YESTERDAY = TODAY - timedelta(days=1)
NURSE = somebody(AgencyKind.HEALTH, Role.PANEL_MEMBER)
LAST = NEWEST.read_text().split("\n\n")[-1]
HIGHER = (f"version: {NEXT - 1}\ntitle: The whole", f"version: {NEXT}\ntitle: Another")


def recorded(recipient, category, purpose):
    """Decide something today, under the rules as they are known, and keep what a record keeps."""
    number = policies.rule_set()
    facts = Facts(policies.known(number), AgencyKind.SCHOOL, HERE)
    at = timezone.now()
    answer = decide(recipient, facts, category, purpose, at)
    inputs = Inputs.of(recipient, facts, category, purpose, at, rule_set=number)
    return answer, json.dumps(inputs.as_json())


def replayed(kept):
    return policies.replay(Inputs.from_json(json.loads(kept)))


def passage(starts, ends):
    text = NEWEST.read_text()
    start = text.index(starts)
    return text[start : text.index(ends, start)]


def test_a_rule_that_was_changed_since_answers_as_it_did(law, written):
    before, kept = recorded(NURSE, Category.IC4, Purpose.PANEL)
    old = passage('  - number: "12"\n', '  - number: "12b"')
    ended = old.replace("effective_to: null", f"effective_to: {YESTERDAY}")
    new = (
        old.replace("version: 1", "version: 2")
        .replace("outcome: allow", "outcome: deny")
        .replace('instead: ""', "instead: Ask.")
        .replace("effective_from: 2025-01-01", f"effective_from: {TODAY}")
    )
    load(written(HIGHER, (old, ended + new)))

    now, _ = recorded(NURSE, Category.IC4, Purpose.PANEL)

    assert (before.outcome, before.rule, before.version) == (Outcome.ALLOW, "12", 1)
    assert (now.outcome, now.rule, now.version) == (Outcome.DENY, "12", 2)
    assert replayed(kept) == before


def test_a_provision_that_was_repealed_since_still_carries_the_old_decision(law, written):
    before, kept = recorded(NURSE, Category.IC4, Purpose.PANEL)
    old = passage("code: CA04_S10\n    version: 1", "commencement")
    ended = old.replace("in_force_to: null", f"in_force_to: {YESTERDAY}")
    load(written(HIGHER, (old, ended)))

    now, _ = recorded(NURSE, Category.IC4, Purpose.PANEL)

    assert before.outcome is Outcome.ALLOW
    assert (now.outcome, now.rule) == (Outcome.ASK, "default")
    assert replayed(kept) == before


def test_a_rule_that_was_added_since_does_not_answer_for_the_past(law, written):
    before, kept = recorded(OutsideParty.TRAINER, Category.IC0, Purpose.QA_AUDIT)
    old = LAST
    new = old.replace('number: "28a"', 'number: "28b"').replace(
        "purposes: [REPORT, COMMISSION, TRAINING]", "purposes: [QA_AUDIT]"
    )
    load(written(HIGHER, (old, f"{old}\n{new}")))

    now, _ = recorded(OutsideParty.TRAINER, Category.IC0, Purpose.QA_AUDIT)

    assert (before.rule, now.rule) == ("default", "28b")
    assert replayed(kept) == before


def test_the_record_holds_no_name_and_no_rule(law):
    _, kept = recorded(NURSE, Category.IC4, Purpose.PANEL)

    assert set(json.loads(kept)) == {
        "rule_set",
        "recipient",
        "holder",
        "facts",
        "category",
        "purpose",
        "at",
    }


def test_a_fact_that_nobody_had_thought_of_then_changes_nothing(law):
    before, kept = recorded(NURSE, Category.IC4, Purpose.PANEL)
    older = json.loads(kept)
    del older["facts"]["significant_harm"]
    del older["facts"]["walled"]

    assert policies.replay(Inputs.from_json(older)) == before


def test_what_a_rule_set_knew_takes_one_query_once_it_was_read(law, django_assert_num_queries):
    policies.known(law.version)

    with django_assert_num_queries(1):
        policies.known(law.version)


def test_there_is_no_replay_of_a_rule_set_that_never_was(law):
    _, kept = recorded(NURSE, Category.IC4, Purpose.PANEL)

    with pytest.raises(models.RuleSet.DoesNotExist):
        replayed(json.dumps(json.loads(kept) | {"rule_set": 999}))


# --- A duty that is passed and waits ------------------------------------------------------------

NURSE_TO_SCHOOL = (somebody(AgencyKind.SCHOOL, Role.AGENCY_LEAD), Category.IC6, Purpose.PLAN)


def health_shares(at):
    recipient, category, purpose = NURSE_TO_SCHOOL
    facts = Facts(policies.in_force(at), AgencyKind.HEALTH, HERE)
    return decide(recipient, facts, category, purpose, at).rule


def test_a_duty_that_waits_for_its_regulations_starts_on_the_day_that_a_row_gives(law, written):
    """Section 16LA: a new version with its first day, and a rule that rests on it."""
    starts = TODAY + timedelta(days=30)
    waits = passage("  - code: CA04_16LA\n    version: 2", "\n\n")
    commenced = (
        waits.replace("version: 2", "version: 3")
        .replace("in_force_from: null", f"in_force_from: {starts}")
        .replace("commencement: awaiting", "commencement: in_force")
        .replace("selectable: false", "selectable: true")
    )
    duty = (
        passage('  - number: "9a"', "\n\n")
        .replace('number: "9a"', 'number: "9c"')
        .replace("kinds: [council]", "kinds: [school]")
        .replace("roles: council_workers", "roles: [agency_lead]")
        .replace("purposes: [ENQUIRY]", "purposes: [PLAN]")
        .replace("gateway: CA89_S47/2", "gateway: CA04_16LA/3")
        .replace("effective_from: 2025-01-01", f"effective_from: {starts}")
    )
    before = timezone.now()
    the_day = before + timedelta(days=30)
    held = AgencyKind.HEALTH
    to = NURSE_TO_SCHOOL[0]
    assert "CA04_16LA" not in {row.code for row in policies.selectable(held, to, the_day)}

    load(written(HIGHER, (waits, f"{waits}\n\n{commenced}"), (LAST, f"{LAST}\n{duty}\n")))

    assert health_shares(the_day - timedelta(days=1)) == "default"
    assert health_shares(the_day) == "9c"
    assert "CA04_16LA" not in {row.code for row in policies.selectable(held, to, before)}
    assert "CA04_16LA" in {row.code for row in policies.selectable(held, to, the_day)}


def test_a_rule_may_not_rest_on_a_duty_that_waits(written):
    rests = "gateway: {}\n    also: [CONF/2"
    path = written((rests.format("CA89_S47/2"), rests.format("CA04_16LA/2")))

    with pytest.raises(services.FileRefused, match="CA04_16LA/2, which is not in force"):
        services.read(path)


def test_a_person_may_rely_on_what_is_law_and_leads_that_way(law):
    charity = somebody(AgencyKind.CHARITY, Role.PRACTITIONER)
    social_worker = somebody(AgencyKind.COUNCIL, Role.PRACTITIONER)
    now = timezone.now()

    def codes(holder, recipient):
        return {row.code for row in policies.selectable(holder, recipient, now)}

    assert "CDA98_S115" in codes(AgencyKind.CHARITY, social_worker)
    assert "CDA98_S115" not in codes(AgencyKind.POLICE, charity)
    assert "PCSC22_S16" not in codes(AgencyKind.HEALTH, social_worker)
    assert "PCSC22_S16" in codes(AgencyKind.POLICE, social_worker)
    assert codes(AgencyKind.COUNCIL, OutsideParty.PARENT) == {"CA89_S17", "CONF", "GDPR_15"}
    for holder in AgencyKind:
        assert not {"CA04_S12", "CA04_16LA", "CPB_REPORT", "HRA8", "CALD"} & codes(
            holder, social_worker
        )

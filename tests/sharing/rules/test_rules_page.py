"""A rule as one sentence, and the page of all rules."""

from dataclasses import replace

import pytest

from portal.accounts import services as accounts
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.audit.models import Event
from sharing.rules import decision, models, policies
from sharing.rules.decision import decide
from sharing.rules.vocabulary import Category, Outcome, Purpose, Relation
from tests.sharing.rules.law import NOW, WIDE, held_by, newest_rules, somebody

SENTENCES = {rule.number: policies.sentence(rule) for rule in newest_rules()}


def test_a_rule_is_one_plain_sentence():
    assert SENTENCES["6b"] == (
        "MASE coordinator or front door manager at children's social care sees who the child is "
        "and how to reach them; which services are working with the child; the concern and its "
        "signs; education; the child's own words and other adults in the family, held by school or "
        "college, to check a new concern and decide what happens, because the council must "
        "consider each concern about a child's welfare, and the school has a duty to safeguard "
        "its pupils (Education Act 2002, sections 175 and 157)."
    )


def test_a_refusal_is_said_as_one():
    assert SENTENCES["4"].startswith(
        "Board chair at any agency does not see anything about a child"
    )


@pytest.mark.parametrize(
    ("number", "starts"),
    [
        ("0a", "Agency lead whose own agency holds it sees anything about a child, in any work to"),
        ("0b", "The person who wrote it sees anything about a child, in any work to help or"),
        ("24", "The person who made the referral or leads the agency that did sees what was"),
    ],
)
def test_a_relation_is_said_in_words(number, starts):
    assert SENTENCES[number].startswith(starts)


@pytest.mark.parametrize(
    ("number", "starts"),
    [
        ("1", "Anybody who has a conflict of interest in the case does not see anything at all, "),
        ("2", "Anybody who did not write it does not see a protected place, held by any agency, "),
        ("3", "Immigration enforcement does not see immigration and modern slavery referral, "),
        ("11", "MASE coordinator, panel member or panel chair at any agency that works with "),
        ("19", "Anybody at charity does not see suspected or proven offending and police "),
        ("22", "Practitioner or agency lead at probation, whose own agency does not hold it, or "),
    ],
)
def test_who_is_named_in_words(number, starts):
    assert SENTENCES[number].startswith(starts)


def test_what_it_is_for_is_said_in_words():
    assert "for any purpose, because" in SENTENCES["1"]
    assert (
        "for any purpose but to keep a child safe from danger now or to enquire" in SENTENCES["2"]
    )
    assert "when there is reason to suspect significant harm, because" in SENTENCES["10b"]


def test_a_trace_is_said_a_step_a_sentence():
    reader = somebody(AgencyKind.HEALTH, Role.PANEL_MEMBER)
    lapsed = held_by(AgencyKind.SCHOOL, agreement=False)

    stopped = decide(reader, held_by(AgencyKind.SCHOOL), Category.IC12, Purpose.PANEL, NOW)
    asked = decide(reader, lapsed, Category.IC4, Purpose.PANEL, NOW)
    unanswered = decide(reader, lapsed, Category.IC11, Purpose.PANEL, NOW)

    assert policies.told(stopped) == (
        "Hard stop: Rule 2, version 1, applies, and no other rule does.",
    )
    assert policies.told(asked) == (
        "Hard stop: no rule applies.",
        "Danger: no rule applies.",
        "Specific rule: Rule 12 and Rule 12b apply. Rule 12b, version 1, answers, because it "
        "is the most specific.",
    )
    assert policies.told(unanswered)[-1] == (
        "No rule applies, so the purpose decides: ask where a child may need it, else no."
    )


def test_where_a_provision_leads_is_said_in_words(law):
    assert policies.direction(policies.gateway("CDA98_S115")) == (
        "From any agency to children's social care, police, health, probation or district council."
    )
    assert policies.direction(policies.gateway("GDPR_15")) == (
        "From any agency to parent or carer or person who asks for their own information."
    )
    assert policies.direction(policies.gateway("MSA15_S52")).endswith(
        "to nobody whom this service serves."
    )
    assert policies.direction(policies.gateway("CALD")) == ""


def test_every_rule_that_could_be_written_has_a_sentence():
    for outcome in Outcome:
        for relation in Relation:
            rule = replace(
                WIDE,
                outcome=outcome,
                relation=relation,
                categories=frozenset({Category.IC9}),
                purposes=frozenset({Purpose.DISRUPT}),
                holders=frozenset({AgencyKind.POLICE}),
            )
            sentence = policies.sentence(rule)
            assert f" {outcome.label} police intelligence" in sentence
            assert sentence.endswith(
                "to stop people who may be harming children, because the test "
                "says so (An Act, section 1)."
            )


def test_a_decision_is_cited_in_words(law):
    assert policies.name("6a") == "Rule 6a"
    assert policies.name(decision.DEFAULT) == "No rule"
    assert policies.gateway_words("CA04_S11") == "Children Act 2004, section 11"
    with pytest.raises(models.Gateway.DoesNotExist):
        policies.gateway_words("CA04_S11/7")


@pytest.fixture
def teacher(db):
    partnership = accounts.found_partnership(
        name="Exampleshire",
        slug="exampleshire",
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )
    school = accounts.join_agency(
        name="Example School",
        kind=AgencyKind.SCHOOL,
        partner_under=[PartnerUnder.S10],
        partnerships=[partnership],
    )
    return accounts.enrol(
        email="teacher@example.org", name="Tess Eacher", agency=school, role=Role.PRACTITIONER
    )


def test_anybody_with_a_role_may_read_the_rules_and_the_reading_is_recorded(client, law, teacher):
    client.force_login(teacher.user)

    page = client.get("/rules/")

    text = page.content.decode()
    assert page.status_code == 200
    for rule in newest_rules():
        assert f"Rule {rule.number}: " in text
    assert "Not yet reviewed by a lawyer" in text
    assert "ContactPoint" in text
    event = Event.objects.filter(stream=f"agency:{teacher.team.agency_id}").latest("seq")
    assert b'"act":"rules.listed"' in bytes(event.body)


def test_a_stranger_is_turned_away(client, db):
    assert client.get("/rules/").status_code == 302

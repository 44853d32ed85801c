"""Loading the law, reading what is in force, and what the database will not have done to it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection
from django.db.transaction import atomic
from django.utils import timezone

from portal.accounts.models import Agency, Team
from portal.accounts.vocabulary import AgencyKind, Role
from portal.audit.models import Event
from sharing.rules import models, policies, services
from sharing.rules.decision import Facts, decide
from sharing.rules.vocabulary import Category, Origin, Outcome, Purpose
from tests.sharing.rules.conftest import NEWEST, NEXT, load
from tests.sharing.rules.law import NOW, newest_rules

YESTERDAY = timezone.localdate() - timedelta(days=1)
TODAY = timezone.localdate()
TITLE_1 = f"version: {NEXT - 1}\ntitle: The whole"
TITLE_2 = f"version: {NEXT}\ntitle: Another"
ENDS = "[signed_agreement, ends_after_panel]\n    effective_from: 2025-01-01\n    effective_to: "


def rule_12_ends(day: date) -> tuple[str, str]:
    return f"{ENDS}null", f"{ENDS}{day}"


def refused(*sentences):
    return pytest.raises(services.FileRefused, match="\n".join(sentences))


# --- Loading ------------------------------------------------------------------------------------


def test_the_law_is_loaded_as_it_is_written(law):
    assert set(policies.in_force(NOW)) == set(newest_rules())
    assert law.sha256 == hashlib.sha256(NEWEST.read_bytes()).hexdigest()
    assert law.gateways.count() == len(services.read(NEWEST).gateways)


def test_loading_again_changes_nothing_and_records_nothing(law):
    events, rows = Event.objects.count(), models.Rule.objects.count()

    assert services.load(NEWEST) == law

    assert (Event.objects.count(), models.Rule.objects.count()) == (events, rows)


def test_a_new_file_is_recorded_with_its_hash(law, written):
    rule_set = load(written((TITLE_1, TITLE_2)))

    event = Event.objects.filter(stream="system").latest("seq")
    assert b'"act":"rules.loaded"' in bytes(event.body)
    assert rule_set.sha256.encode() in bytes(event.body)


def test_a_rule_is_changed_by_ending_it_and_writing_its_next_version(law, written):
    first = NEWEST.read_text()
    start = first.index('  - number: "12"')
    old = first[start : first.index('  - number: "12b"')]
    new = (
        old.replace("version: 1", "version: 2")
        .replace("categories: [IC1, IC2, IC4, IC5, IC7, IC10, OUTCOME]", "categories: [IC1, IC4]")
        .replace("effective_from: 2025-01-01", f"effective_from: {TODAY}")
    )
    path = written((TITLE_1, TITLE_2), (old, old.replace(*rule_12_ends(YESTERDAY)) + new))
    before = datetime.combine(YESTERDAY, NOW.timetz())
    now = before + timedelta(days=1)

    rule_set = load(path)

    assert {(rule.number, rule.version) for rule in rule_set.rules.all()} == {("12", 2)}
    assert not rule_set.gateways.exists()
    versions = [
        {rule.version for rule in policies.in_force(at) if rule.number == "12"}
        for at in (before, now)
    ]
    assert versions == [{1}, {2}]
    assert policies.rule("12", 1).categories > policies.rule("12", 2).categories


def test_the_past_is_not_rewritten_by_a_file(law, written):
    with refused(
        "Rule 4 version 1 was loaded before with another title. Leave it as it was, give it an "
        "end, and write the next version."
    ):
        load(written((TITLE_1, TITLE_2), ("name no child", "name nobody")))


def test_a_provision_is_not_rewritten_by_a_file(law, written):
    with refused("The provision CA89_S46 version 2 was loaded before with another plain"):
        load(written((TITLE_1, TITLE_2), ("up to 72 hours", "up to 73 hours")))


def test_a_rule_does_not_vanish_from_the_file(law, written):
    with refused("Rule 28 version 1 was loaded before and is missing"):
        load(written((TITLE_1, TITLE_2), ('number: "28"', 'number: "29"')))


def test_other_words_need_a_higher_number(law, written):
    last = NEXT - 1
    with refused(
        f"Version {last} is loaded already. A file that says something else needs a higher"
    ):
        load(written(("The whole", "Another")))


def test_a_rule_does_not_end_in_the_past(law, written):
    with refused("Rule 12 version 1 cannot end on 2025-06-01: people have relied on it since."):
        load(written((TITLE_1, TITLE_2), rule_12_ends(date(2025, 6, 1))))


def test_a_provision_that_is_repealed_takes_its_rules_with_it(law, written):
    text = NEWEST.read_text()
    start = text.index("code: WT_FEEDBACK\n    version: 1")
    old = text[start : text.index("commencement", start)]
    before = {rule.number for rule in policies.in_force(timezone.now())}

    ended = old.replace("in_force_to: null", f"in_force_to: {YESTERDAY}")
    load(written((TITLE_1, TITLE_2), (old, ended)))

    assert before - {rule.number for rule in policies.in_force(timezone.now())} == {"6d", "24"}


def test_an_end_is_given_once(law, written):
    load(written((TITLE_1, TITLE_2), rule_12_ends(TODAY)))
    third = (TITLE_1, TITLE_2.replace(f"{NEXT}", f"{NEXT + 1}"))

    with refused(f"Rule 12 version 1 ended on {TODAY}: that day cannot be moved."):
        load(written(third, rule_12_ends(TODAY + timedelta(days=1))))


def test_a_refused_file_leaves_nothing_behind(law, written):
    sets = models.RuleSet.objects.count()

    with pytest.raises(services.FileRefused):
        load(written((TITLE_1, TITLE_2), ("name no child", "name nobody")))

    assert models.RuleSet.objects.count() == sets


def test_a_file_that_the_owner_has_not_allowed_is_not_loaded(law, written):
    path = written((TITLE_1, f"{TITLE_2} {uuid4()}"))

    with refused("The owner of the database has not allowed this file."):
        services.load(path)
    with pytest.raises(CommandError, match="Only the role that owns the tables"), atomic():
        call_command("allow_rules", str(path))

    assert load(path).origin == Origin.FILE


def test_the_site_makes_no_rule_set_that_says_it_is_a_file(law):
    with pytest.raises(IntegrityError, match="owner of the database has allowed"), atomic():
        models.RuleSet.objects.create(version=9, title="Mine", sha256="0" * 64, origin=Origin.FILE)


def test_the_site_allows_no_file(law):
    with pytest.raises(ProgrammingError, match="permission denied"), atomic():
        models.AllowedFile.objects.create(sha256="0" * 64, name="mine.yaml")


@atomic
def at_its_end(do: Callable[[], object]) -> None:
    """Do something in a transaction, and ask what the database asks at the end of one."""
    do()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("model", [models.Gateway, models.Rule, models.Basis])
def test_no_line_is_slipped_into_a_rule_set_that_was_loaded_before(law, model):
    row = another(model.objects.latest("created_at"), version=99)
    if model is models.Rule:
        row.number = "99"

    with pytest.raises(IntegrityError, match="with its own rule set"):
        at_its_end(row.save)


def test_no_line_is_ended_in_the_name_of_a_rule_set_that_was_loaded_before(law):
    rows = models.Rule.objects.filter(number="12", effective_to=None)

    with pytest.raises(IntegrityError, match="with its own rule set"):
        at_its_end(lambda: rows.update(effective_to=TODAY, ended_in=law))


def test_a_whole_file_stands_at_the_end_of_its_transaction(law, written):
    at_its_end(lambda: load(written((TITLE_1, TITLE_2), rule_12_ends(TODAY))))

    ended = models.Rule.objects.get(number="12", ended_in__version=NEXT)
    assert ended.effective_to == TODAY


def test_the_command_loads_the_newest_file(db):
    out = StringIO()

    call_command("load_rules", stdout=out)

    assert f"rule set {models.RuleSet.objects.latest('version').version}" in out.getvalue()
    assert policies.in_force(NOW)


def test_the_command_says_what_is_wrong_and_fails(db, written):
    with pytest.raises(CommandError, match="Rule 1: outcome must be one of"):
        call_command("load_rules", str(written(("outcome: deny", "outcome: no"))))


# --- What is in force ---------------------------------------------------------------------------


def test_the_law_in_force_takes_one_query_once_it_was_read(law, django_assert_num_queries):
    policies.in_force(NOW)

    with django_assert_num_queries(1):
        rules = policies.in_force(NOW)

    numbers = [rule.number for rule in rules]
    assert numbers[:8] == ["1", "2", "3", "4", "5", "0a", "0b", "0c"]
    assert numbers[-3:] == ["27", "28", "28a"]


def test_the_law_in_force_is_the_law_of_the_day(law):
    assert policies.in_force(datetime(2024, 12, 31, 23, 59, tzinfo=UTC)) == ()
    assert policies.in_force(datetime(2025, 1, 1, 0, 0, tzinfo=UTC)) != ()


def test_what_the_database_calls_in_force_the_function_does_too(law):
    for at in (NOW, datetime(2023, 1, 1, tzinfo=UTC)):
        every = models.Rule.objects.select_related("gateway")
        assert {row.value() for row in every if row.value().in_force(at)} == set(
            policies.in_force(at)
        )


def test_a_team_is_a_recipient_before_anybody_acts_in_it(law):
    council = Agency(name="Example Council", kind=AgencyKind.COUNCIL)
    coordinators = Team(agency=council, role=Role.COORDINATOR)
    facts = Facts(policies.in_force(NOW), AgencyKind.SCHOOL, uuid4())

    answer = decide(policies.recipient(coordinators), facts, Category.IC4, Purpose.SCREEN, NOW)

    assert answer.outcome is Outcome.ALLOW


def test_the_newest_version_of_a_provision_answers_for_its_code(law):
    assert policies.gateway("CONF").title == "Confidence may be lifted"
    assert len(policies.gateways()) == models.Gateway.objects.values("code").distinct().count()


# --- What the database will not have done to it --------------------------------------------------


@pytest.mark.parametrize("model", [models.RuleSet, models.Gateway, models.Rule, models.Basis])
def test_the_law_is_never_deleted(law, model):
    with pytest.raises(IntegrityError, match="never deleted"), atomic():
        model.objects.all()._raw_delete(using="default")  # no cascade: straight to the table


@pytest.mark.parametrize("model", [models.RuleSet, models.Gateway, models.Rule, models.Basis])
def test_the_law_is_never_rewritten(law, model):
    with pytest.raises(IntegrityError, match="never rewritten"), atomic():
        model.objects.update(title="Something else")


@pytest.mark.parametrize("model", [models.RuleSet, models.Gateway, models.Rule, models.Basis])
def test_the_law_is_never_emptied(law, model):
    with pytest.raises((IntegrityError, ProgrammingError)), atomic():
        connection.cursor().execute(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_a_rule_is_ended_once_by_a_rule_set_and_not_before_yesterday(law, written):
    law = load(written((TITLE_1, TITLE_2)))
    rule = models.Rule.objects.filter(number="12", effective_to=None)

    with pytest.raises(IntegrityError, match="before yesterday"), atomic():
        rule.update(effective_to=TODAY - timedelta(days=3), ended_in=law)
    with pytest.raises(IntegrityError, match="never rewritten"), atomic():
        rule.update(effective_to=TODAY, ended_in=law, title="Something else")
    with pytest.raises(IntegrityError, match="say which"), atomic():
        rule.update(effective_to=TODAY)
    with pytest.raises(IntegrityError, match="never rewritten"), atomic():
        rule.update(ended_in=law)
    assert rule.update(effective_to=TODAY, ended_in=law) == 1
    ended = models.Rule.objects.filter(number="12")
    for later in (None, TODAY + timedelta(days=1)):
        with pytest.raises(IntegrityError, match="never rewritten"), atomic():
            ended.update(effective_to=later)


def another(row, **changes):
    """A copy of a row as a new one; a number or code of its own unless the test gives it one."""
    row.pk = uuid4()
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    return row


RULES_REFUSED: dict[str, dict[str, Any]] = {
    "rule_version_once": {
        "number": "28",
        "effective_from": date(2020, 1, 1),
        "effective_to": date(2020, 1, 2),
    },
    "rule_versions_never_meet": {"number": "28", "version": 2, "effective_from": date(2030, 1, 1)},
    "rule_number_is_one": {"number": "x"},
    "rule_ends_after_it_starts": {"effective_to": date(2024, 12, 31)},
    "rule_hard_stop_denies": {"step": "hard_stop"},
    "rule_danger_is_for_danger": {"step": "danger"},
    "rule_that_narrows_offers_a_way": {"outcome": "ask"},
    "rule_obligations_known": {"obligations": ["be_nice"]},
    "rule_step_known": {"step": "whim"},
    "rule_relation_known": {"relation": "friend"},
    "rule_outcome_known": {"outcome": "perhaps", "instead": "Ask."},
    "rule_holders_known": {"holders": []},
    "rule_recipient_kinds_known": {"recipient_kinds": ["martian"]},
    "rule_recipient_roles_known": {"recipient_roles": ["martian"]},
    "rule_outside_known": {"outside": ["martian"]},
    "rule_names_its_recipients": {"recipient_roles": []},
    "rule_when_known": {"when": "full_moon"},
    "rule_in_part_says_what_remains": {"outcome": "redact", "instead": "Ask."},
    "rule_shows_nothing_by_a_narrowing_relation": {"relation": "other_agency"},
    "rule_categories_known": {"categories": ["IC99"]},
    "rule_purposes_known": {"purposes": []},
    "rule_says_its_title": {"title": ""},
    "rule_says_its_because": {"because": ""},
    "rule_says_its_verified_by": {"verified_by": ""},
}


@pytest.mark.parametrize("name", RULES_REFUSED)
def test_the_database_refuses_a_rule_that_cannot_be(law, name):
    rule = models.Rule.objects.get(number="28", version=1)

    with pytest.raises(IntegrityError, match=name), atomic():
        another(rule, **({"number": "99"} | RULES_REFUSED[name])).save()


BASES_REFUSED: dict[str, dict[str, Any]] = {
    "basis_version_once": {"code": "PUBLIC_BODY"},
    "basis_ends_after_it_starts": {"effective_to": date(2024, 12, 31)},
    "basis_condition_known": {"condition": "hope"},
    "basis_holders_known": {"holders": []},
    "basis_purposes_known": {"purposes": ["IDLE CURIOSITY"]},
    "basis_article_6_known": {"article_6": []},
    "basis_article_9_known": {"article_9": ["9(2)(z)"]},
    "basis_article_10_known": {"article_10": ["hope"]},
    "basis_says_its_title": {"title": ""},
}


@pytest.mark.parametrize("name", BASES_REFUSED)
def test_the_database_refuses_a_basis_that_cannot_be(law, name):
    basis = models.Basis.objects.get(code="PUBLIC_BODY", version=1)

    with pytest.raises(IntegrityError, match=name), atomic():
        another(basis, **({"code": "NEW"} | BASES_REFUSED[name])).save()


GATEWAYS_REFUSED: dict[str, dict[str, Any]] = {
    "gateway_version_once": {"code": "CONF"},
    "gateway_kind_known": {"kind": "hope"},
    "gateway_commencement_known": {"commencement": "soon", "selectable": False},
    "gateway_ends_after_it_starts": {
        "in_force_from": date(2020, 1, 2),
        "in_force_to": date(2020, 1, 1),
    },
    "gateway_selectable_is_in_force": {"commencement": "historic"},
    "gateway_not_law_has_no_start": {
        "commencement": "bill",
        "selectable": False,
        "in_force_from": date(2020, 1, 1),
    },
    "gateway_leads_from_known": {"leads_from": ["martian"]},
    "gateway_leads_to_known": {"leads_to": ["martian"]},
    "gateway_leads_outside_known": {"leads_outside": ["martian"]},
    "gateway_says_its_provision": {"provision": ""},
    "gateway_says_its_must_record": {"must_record": ""},
}


@pytest.mark.parametrize("name", GATEWAYS_REFUSED)
def test_the_database_refuses_a_provision_that_cannot_be(law, name):
    gateway = models.Gateway.objects.get(code="CONF", version=1)

    with pytest.raises(IntegrityError, match=name), atomic():
        another(gateway, **({"code": "NEW"} | GATEWAYS_REFUSED[name])).save()

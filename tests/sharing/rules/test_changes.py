"""Changing the law: by two people, live once and on its day, undone without rewriting anything."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import yaml
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.policies import visible
from portal.notifications.services import deliver
from portal.notifications.vocabulary import Kind
from sharing.disclosures.services import review
from sharing.rules import decision, models, policies, services
from sharing.rules.decision import Facts, Inputs, decide
from sharing.rules.services import changes
from sharing.rules.services.file import FileRefused
from sharing.rules.services.musts import failing, musts
from sharing.rules.vocabulary import Category, ChangeKind, Origin, Outcome, Purpose
from sharing.rules.workflow import TRANSITIONS, Action, Status
from tests.cast import Cast, at_once, events, membership
from tests.sharing.rules.conftest import load
from tests.sharing.rules.law import HERE, WIDE, somebody
from tests.sharing.rules.people import approved, asking, drafted, leads_of, live, submitted

TODAY = timezone.localdate()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
REPORTING = "case-e-a-school-may-always-report"
OFFICER = somebody(AgencyKind.POLICE, Role.PRACTITIONER)


@pytest.fixture
def leads(cast: Cast) -> tuple[Principal, Principal]:
    return leads_of(cast)


def answer(category: Category = Category.IC7) -> decision.Decision:
    """May the police see the council's history of a child for an enquiry?"""
    now = timezone.now()
    facts = Facts(policies.in_force(now), AgencyKind.COUNCIL, HERE)
    return decide(OFFICER, facts, category, Purpose.ENQUIRY, now)


# --- Who ----------------------------------------------------------------------------------------


def test_nobody_but_an_information_governance_lead_changes_the_law(law, cast: Cast):
    for who in cast.everyone().values():
        with pytest.raises(Refused):
            drafted(who)


def test_its_author_cannot_approve_it(leads):
    author, _ = leads
    change = submitted(author)

    with pytest.raises(Refused, match="Nobody approves their own change"):
        changes.approve(actor=author, pk=change.pk)


def test_the_same_person_in_another_agency_cannot_approve_it(leads, cast: Cast):
    author, _ = leads
    change = submitted(author)
    other_hat = accounts.enrol(
        email="ida@council.example.org", name="ida", agency=cast.school, role=Role.IG_LEAD
    ).principal()

    with pytest.raises(Refused, match="Nobody approves their own change"):
        changes.approve(actor=other_hat, pk=change.pk)


@pytest.mark.parametrize("who", ["its author", "its author in another role", "a teacher"])
def test_sql_cannot_approve_it_for(leads, cast: Cast, who):
    author, _ = leads
    change = submitted(author)
    other_hat = accounts.enrol(
        email="ida@council.example.org", name="ida", agency=cast.school, role=Role.IG_LEAD
    )
    by = {
        "its author": author.membership_id,
        "its author in another role": other_hat.pk,
        "a teacher": cast.teacher.membership_id,
    }[who]

    with pytest.raises(DatabaseError), transaction.atomic():
        models.Change.objects.filter(pk=change.pk).update(
            status=Status.APPROVED, approver=by, approved_at=timezone.now()
        )


def test_sql_cannot_make_it_live_without_an_approval(leads, law):
    change = submitted(leads[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        models.Change.objects.filter(pk=change.pk).update(status=Status.LIVE, live_in=law)
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Change.objects.filter(pk=change.pk).update(
            status=Status.APPROVED, approved_at=timezone.now()
        )


@pytest.mark.parametrize(
    "rewrites",
    [
        {"reason": "Another."},
        {"line": None},
        {"starts_on": TOMORROW},
        {"number": "8a"},
        {"status": Status.DRAFT},
        {"approved_why": "Later."},
        {"failing": ["x"]},
    ],
    ids=str,
)
def test_sql_cannot_rewrite_what_was_approved(leads, rewrites):
    change = approved(leads)

    with pytest.raises(DatabaseError), transaction.atomic():
        models.Change.objects.filter(pk=change.pk).update(**rewrites)


def test_a_change_is_never_deleted_and_is_born_a_draft(leads):
    change = drafted(leads[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        change.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Change.objects.create(
            kind=ChangeKind.END,
            number="7a",
            from_version=1,
            reason="Why.",
            starts_on=TODAY,
            author=membership(leads[0]),
            status=Status.SUBMITTED,
        )


def test_the_trigger_knows_the_steps_of_the_table_and_no_others(db):
    steps = {
        (str(source), str(step.target)) for step in TRANSITIONS.values() for source in step.sources
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'rules_change_keeps_its_life'")
        [source] = cursor.fetchone()
    listed = source.partition("NOT IN (")[2].partition("THEN")[0]

    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", listed)) == steps


# --- What ---------------------------------------------------------------------------------------


def test_a_line_is_read_as_the_loader_reads_it(leads):
    line = asking("7a") | {"gateway": "NO_SUCH_ACT", "purposes": ["GOSSIP"], "loud": True}

    with pytest.raises(FileRefused) as refused:
        drafted(leads[0], line=line)

    told = "\n".join(refused.value.sentences)
    assert "cites NO_SUCH_ACT" in told
    assert "purposes must be" in told
    assert "“loud”, which means nothing here" in told


def test_a_rule_cannot_stretch_its_provision(leads):
    line = changes.line_now("7b")
    line["recipients"] = line["recipients"] | {"kinds": ["charity"]}

    with pytest.raises(FileRefused, match="does not lead that way"):
        drafted(leads[0], number="7b", line=line)


def test_a_change_needs_a_reason_in_words(leads):
    with pytest.raises(DomainError, match="Write why"):
        drafted(leads[0], reason="  ")
    change = drafted(leads[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Change.objects.filter(pk=change.pk).update(reason="")


def test_a_draft_is_written_anew_until_it_is_submitted_and_by_its_author_only(leads):
    author, second = leads
    change = drafted(author)
    again = {
        "line": asking("7a") | {"title": "Another"},
        "reason": "Better.",
        "starts_on": TOMORROW,
    }

    changes.revise(actor=author, pk=change.pk, **again)
    with pytest.raises(Refused):
        changes.revise(actor=second, pk=change.pk, **again)
    changes.submit(actor=author, pk=change.pk)
    with pytest.raises(DomainError, match="submitted already"):
        changes.revise(actor=author, pk=change.pk, **again)

    change.refresh_from_db()
    assert (change.line["title"], change.reason) == ("Another", "Better.")


def test_two_changes_of_one_rule_do_not_wait_together(leads):
    submitted(leads[0])

    with pytest.raises(DomainError, match="waits already"):
        submitted(leads[1])


def test_nobody_approves_before_the_impact_is_counted(leads):
    change = changes.submit(actor=leads[0], pk=drafted(leads[0]).pk)

    with pytest.raises(DomainError, match="still being counted"):
        changes.approve(actor=leads[1], pk=change.pk)


def test_a_change_that_breaks_what_must_hold_needs_words(leads):
    line = changes.line_now("6b") | {"outcome": "ask", "instead": "Ask the school."}
    change = submitted(leads[0], number="6b", line=line)

    assert [must.code for must in changes.broken_by(change)] == [
        "case-e-a-school-may-always-report"
    ]
    with pytest.raises(DomainError, match="breaks a statement"):
        changes.approve(actor=leads[1], pk=change.pk)
    done = changes.approve(actor=leads[1], pk=change.pk, words="The board decided it on Monday.")

    assert done.failing == [REPORTING]
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Change.objects.filter(pk=done.pk).update(approved_why="")


def test_what_must_hold_holds_today(law):
    assert failing(policies.known(policies.rule_set()), timezone.now()) == []


@pytest.mark.parametrize("must", musts(), ids=lambda must: must.code)
def test_each_statement_that_must_hold_can_fail(law, must):
    """With every rule turned to say the same, one way or another, it no longer holds."""
    rules = policies.known(policies.rule_set())
    turned = [
        tuple(replace(rule, outcome=outcome, obligations=()) for rule in rules)
        for outcome in Outcome
    ]
    silence = (replace(WIDE, outcome=Outcome.DENY, instead="Nothing."),)

    assert not all(must.holds(each, timezone.now()) for each in [*turned, silence, ()])


def test_a_count_made_before_the_law_changed_carries_no_approval(leads):
    change = submitted(leads[0], number="7b", line=asking("7b"))
    live(leads)

    with pytest.raises(DomainError, match="still being counted"):
        changes.approve(actor=leads[1], pk=change.pk)
    for impact in change.impacts.all():
        review.count_impact(pk=impact.pk)
    assert changes.approve(actor=leads[1], pk=change.pk).status == Status.APPROVED


def test_what_must_hold_is_asked_again_on_the_day(leads, time_machine):
    """While another change breaks the statement, this one cannot be said to break it."""
    line = changes.line_now("6b") | {"outcome": "ask", "instead": "Ask the school."}
    other = live(leads, words="Why.", number="6b", line=line)
    asks_first = {"kind": ChangeKind.ADD, "number": "5z", "line": line}
    change = approved(leads, **asks_first, starts_on=TOMORROW)
    assert change.failing == []
    changes.roll_back(actor=leads[0], pk=other.pk, why="Why.")

    time_machine.move_to(timezone.now() + timedelta(days=1))
    changes.sweep()

    change.refresh_from_db()
    assert change.status == Status.REJECTED
    assert "Now it breaks" in change.rejected_why


# --- Live ---------------------------------------------------------------------------------------


def test_an_approved_change_is_law_at_once_when_its_day_is_today(leads):
    assert answer().outcome is Outcome.ALLOW

    change = live(leads)

    now = answer()
    assert (now.outcome, now.rule, now.version) == (Outcome.ASK, "7a", 2)
    assert change.live_in.origin == Origin.PORTAL
    old = models.Rule.objects.get(number="7a", version=1)
    assert (old.effective_to, old.ended_in) == (YESTERDAY, change.live_in)
    assert [event["why"] for event in events("rules.live")] == ["rule:7a/2"]


def test_a_change_waits_for_its_day(leads):
    change = approved(leads, starts_on=TOMORROW)

    assert changes.sweep() == 0
    assert changes.go_live(pk=change.pk) is None
    assert answer().outcome is Outcome.ALLOW


def test_a_rule_that_is_added_and_one_that_is_ended_become_law(leads):
    added = changes.line_now("7a") | {"title": "Housing too"}
    added["recipients"] = added["recipients"] | {"kinds": ["housing"]}
    live(leads, kind=ChangeKind.ADD, number="99", line=added)
    live(leads, kind=ChangeKind.END, number="7a", line=None)

    assert models.Rule.objects.get(number="99").version == 1
    assert answer().rule == decision.DEFAULT
    with pytest.raises(DomainError, match="There is a rule 99 already"):
        drafted(leads[0], kind=ChangeKind.ADD, number="99", line=added)
    with pytest.raises(FileRefused, match="already"):
        drafted(leads[0])


def test_two_sweeps_at_once_make_it_law_once(committed, leads):
    change = approved(leads)
    before = models.RuleSet.objects.count()

    done = at_once(changes.sweep, changes.sweep, lambda: changes.go_live(pk=change.pk))

    assert not [each for each in done if isinstance(each, Exception)], done
    change.refresh_from_db()
    assert change.status == Status.LIVE, change.rejected_why
    assert models.RuleSet.objects.count() == before + 1
    assert models.Rule.objects.filter(number="7a").count() == 2
    assert len(events("rules.live")) == 1


def test_two_changes_approved_at_once_become_two_rule_sets(committed, leads):
    one, other = approved(leads), approved(leads, number="8a", line=changes.line_now("8a"))

    at_once(lambda: changes.go_live(pk=one.pk), lambda: changes.go_live(pk=other.pk))
    changes.sweep()

    numbers = models.RuleSet.objects.order_by("version").values_list("version", flat=True)
    assert list(numbers) == [2, 3, 4]


def test_a_change_whose_rule_a_file_has_changed_since_goes_no_further(leads, tmp_path):
    change = submitted(leads[0])
    law = yaml.safe_load(services.export())
    rule = next(rule for rule in law["rules"] if rule["number"] == "7a")
    law["rules"].append(rule | {"version": 2, "effective_from": TODAY})
    rule["effective_to"] = YESTERDAY
    path = tmp_path / "rules-3.yaml"
    path.write_text(yaml.safe_dump(law))
    load(path)
    # As if it had been approved the moment before.
    models.Change.objects.filter(pk=change.pk).update(
        status=Status.APPROVED, approver=leads[1].membership_id, approved_at=timezone.now()
    )

    assert changes.sweep() == 0

    change.refresh_from_db()
    assert change.status == Status.REJECTED
    assert "The law has changed since it was approved." in change.rejected_why
    assert models.Rule.objects.filter(number="7a").count() == 2


# --- Undone, and the past -------------------------------------------------------------------------


def test_a_roll_back_restores_what_the_rule_said_at_once_even_on_the_same_day(leads):
    before = answer()
    change = live(leads)

    rule_set = changes.roll_back(actor=leads[0], pk=change.pk, why="It stopped an enquiry.")

    now = answer()
    assert (now.outcome, now.rule, now.version) == (before.outcome, "7a", 3)
    assert (now.reason, now.gateway) == (before.reason, before.gateway)
    withdrawn = models.Rule.objects.get(number="7a", version=2)
    assert withdrawn.is_withdrawn
    assert withdrawn.ended_in == rule_set
    change.refresh_from_db()
    assert (change.status, change.rolled_back_why) == (
        Status.ROLLED_BACK,
        "It stopped an enquiry.",
    )
    with pytest.raises(DomainError, match="not live"):
        changes.roll_back(actor=leads[0], pk=change.pk, why="Again.")


def test_an_added_rule_rolled_back_is_gone_and_an_ended_one_is_back(leads):
    added = live(leads, kind=ChangeKind.ADD, number="99", line=changes.line_now("7a"))
    ended = live(leads, kind=ChangeKind.END, number="8a", line=None)

    changes.roll_back(actor=leads[1], pk=added.pk, why="Not needed.")
    changes.roll_back(actor=leads[1], pk=ended.pk, why="Needed.")

    in_force = {rule.cited_as for rule in policies.in_force(timezone.now())}
    assert not [cited for cited in in_force if cited.startswith("99/")]
    assert "8a/2" in in_force


def test_only_the_latest_change_of_a_rule_is_rolled_back(leads):
    first = live(leads)
    live(leads, line=asking("7a") | {"title": "Again"})

    with pytest.raises(DomainError, match="changed again since"):
        changes.roll_back(actor=leads[0], pk=first.pk, why="Why.")


def test_past_decisions_replay_the_same_after_a_change_and_after_its_roll_back(leads):
    kept = []

    def keep() -> None:
        now, number = timezone.now(), policies.rule_set()
        facts = Facts(policies.known(number), AgencyKind.COUNCIL, HERE)
        question = (OFFICER, facts, Category.IC7, Purpose.ENQUIRY, now)
        kept.append((Inputs.of(*question, rule_set=number).as_json(), decide(*question)))

    keep()
    change = live(leads)
    keep()
    changes.roll_back(actor=leads[0], pk=change.pk, why="Why.")
    keep()

    assert [answer.outcome for _, answer in kept] == [Outcome.ALLOW, Outcome.ASK, Outcome.ALLOW]
    for recorded, given in kept:
        assert policies.replay(Inputs.from_json(recorded)) == given


# --- Files and the portal -------------------------------------------------------------------------


def test_sql_cannot_make_a_rule_set_of_the_portal_without_its_change(law):
    with pytest.raises(DatabaseError, match="one change that was approved"):
        _a_rule_set_alone()


@transaction.atomic
def _a_rule_set_alone() -> None:
    said = {"version": 9, "title": "Mine", "sha256": "0" * 64}
    models.RuleSet.objects.create(**said, origin=Origin.PORTAL)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_rule_set_of_the_portal_names_its_change(leads):
    change = live(leads)
    changes.roll_back(actor=leads[0], pk=change.pk, why="Why.")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert models.RuleSet.objects.filter(origin=Origin.PORTAL).count() == 2


def test_the_law_is_written_down_and_loads_again_unchanged(leads, tmp_path, capsys):
    change = live(leads)
    changes.roll_back(actor=leads[0], pk=change.pk, why="Why.")
    before = _rows()

    call_command("export_rules")
    path = tmp_path / "rules-5.yaml"
    path.write_text(capsys.readouterr().out)
    rule_set = load(path)

    assert (rule_set.version, rule_set.origin) == (5, Origin.FILE)
    assert _rows() == before


def _rows():
    return {
        model: set(model.objects.values_list("pk", "verified_by", end))
        for model, end in (
            (models.Rule, "effective_to"),
            (models.Gateway, "in_force_to"),
            (models.Basis, "effective_to"),
        )
    }


def test_the_written_law_founds_another_installation(leads, tmp_path):
    change = live(leads)
    changes.roll_back(actor=leads[0], pk=change.pk, why="Why.")
    path = tmp_path / "rules-5.yaml"
    path.write_text(services.export())
    law = services.read(path)

    assert {str(row) for row in law.rules} == {str(row) for row in models.Rule.objects.all()}
    assert [str(row) for row in law.rules if row.is_withdrawn] == ["Rule 7a version 2"]


def test_a_file_must_hold_what_the_portal_made(leads, written):
    live(leads)

    with pytest.raises(FileRefused) as refused:
        load(written(("version: 2\n", "version: 9\n")))

    told = "\n".join(refused.value.sentences)
    assert "Rule 7a version 2 was loaded before and is missing" in told
    assert "Rule 7a version 1 ended on" in told


def test_a_file_needs_a_higher_number_than_the_portals_sets(leads, written):
    live(leads)

    with pytest.raises(FileRefused, match="needs a higher number than 3"):
        load(written(("version: 2\n", "version: 3\n")))


# --- Who is told ---------------------------------------------------------------------------------


def test_the_other_leads_of_the_partnership_are_told_that_a_change_waits(cast: Cast, leads):
    there = Agency.objects.get(pk=cast.other_coordinator.agency_id)
    accounts.enrol(email="far@example.org", name="far", agency=there, role=Role.IG_LEAD)

    change = changes.submit(actor=leads[0], pk=drafted(leads[0]).pk)

    [notice] = Notice.objects.filter(kind=Kind.CHANGE_WAITS)
    assert notice.recipient_id == leads[1].membership_id
    assert (notice.case, notice.reference) == (None, "")
    [submitted] = [event for event in events() if event["act"] == "rules.submitted"]
    assert submitted["obj"]["id"] == str(change.pk)
    deliver(pk=notice.pk)
    assert notice in visible(leads[1])


# --- The record -----------------------------------------------------------------------------------


def test_each_step_is_on_the_record_once(leads):
    change = live(leads)
    changes.roll_back(actor=leads[0], pk=change.pk, why="Why.")

    acts = [event["act"] for event in events() if (event["obj"] or {}).get("id") == str(change.pk)]
    assert acts == [
        "rules.drafted",
        "rules.submitted",
        "rules.approved",
        "rules.live",
        "rules.rolled_back",
    ]


def test_a_change_that_goes_no_further_is_kept_with_why(leads):
    change = approved(leads, starts_on=TOMORROW)

    with pytest.raises(DomainError, match="Write why"):
        changes.reject(actor=leads[0], pk=change.pk, why=" ")
    changes.reject(actor=leads[0], pk=change.pk, why="The board changed its mind.")

    assert models.Change.objects.due(TOMORROW).count() == 0
    with pytest.raises(NotVisible):
        changes.reject(actor=leads[0], pk=uuid4(), why="Why.")


def test_a_rejected_change_does_not_stand_in_the_way_of_the_next(leads):
    change = submitted(leads[0])
    changes.reject(actor=leads[1], pk=change.pk, why="Not like this.")

    assert submitted(leads[1]).status == Status.SUBMITTED
    assert Action.APPROVE in policies.steps(leads[0], models.Change.objects.latest("created_at"))

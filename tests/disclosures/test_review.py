"""What a change of the law means for live grants: counted before, carried out, never widened."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Grant
from referrals.reading import read
from referrals.triage.services import decide
from referrals.vocabulary import Conflict, Outcome, Protect
from sharing.disclosures import services
from sharing.disclosures.models import Disclosure
from sharing.disclosures.services import review, stop, walls
from sharing.rules import policies as law
from sharing.rules.decision import Facts, TeamRecipient
from sharing.rules.models import Agreement, Change, Examination, Impact, RuleSet
from sharing.rules.services import agreements, changes
from sharing.rules.services.examine import examine
from sharing.rules.vocabulary import Category, Purpose, WorkStatus
from tests.cast import CHILD_SAID, SAW, Cast, agreed, events, send
from tests.disclosures.steps import prepared
from tests.sharing.rules.conftest import NEWEST, NEXT, copies_of, load
from tests.sharing.rules.people import asking, drafted, leads_of, live, submitted

WORDS = "The board decided this."


@pytest.fixture
def leads(cast: Cast) -> tuple[Principal, Principal]:
    return leads_of(cast)


def without(number: str, *categories: str) -> dict:
    """The rule as it is, but for some categories fewer."""
    line = changes.line_now(number)
    return line | {"categories": [each for each in line["categories"] if each not in categories]}


def given(principal: Principal, case) -> list[Grant]:
    """The live grants of this person's team on a case, of what the school holds; but for those
    that say who told us (rule 6d), which no test here changes."""
    found = casework.grants(principal).filter(content_object=case, holder__kind="school")
    return list(found.exclude(rule="6d").order_by("rule"))


def examined() -> Examination:
    """The newest examination, done by the sweep."""
    review.sweep()
    found = Examination.objects.latest("created_at")
    assert found.is_done
    return found


# --- Live grants --------------------------------------------------------------------------------


def test_a_grant_ends_when_its_rule_no_longer_says_yes(cast: Cast, leads, sent):
    [before] = given(cast.coordinator, sent)

    live(leads, WORDS, number="6b", line=asking("6b"))
    done = examined()

    assert given(cast.coordinator, sent) == []
    before.refresh_from_db()
    assert before.ended_why.startswith("The rules changed")
    assert done.ended >= 1
    assert (done.narrowed, done.done) == (0, done.total)
    assert done.kept + done.ended == done.total
    live(leads, number="6d", line=asking("6d"))
    examined()
    assert sent not in casework.visible(cast.coordinator)


def test_a_grant_is_narrowed_to_what_the_rule_still_opens(cast: Cast, leads, sent):
    [before] = given(cast.coordinator, sent)
    shown = {item.text for item in read(cast.coordinator, sent, Purpose.SCREEN).items}
    assert {SAW, CHILD_SAID} <= shown

    live(leads, WORDS, number="6b", line=without("6b", "IC10"))
    done = examined()

    [after] = given(cast.coordinator, sent)
    assert (after.rule, after.rule_version) == ("6b", 2)
    assert set(after.categories) == set(before.categories) - {"IC10"}
    assert (after.purpose, after.until_at) == (before.purpose, before.until_at)
    assert after.granted_by_service
    shown = {item.text for item in read(cast.coordinator, sent, Purpose.SCREEN).items}
    assert SAW in shown
    assert CHILD_SAID not in shown
    assert (done.narrowed, done.ended) == (2, 0)


def to_the_panel(cast: Cast, case, left_out=()) -> Disclosure:
    """The coordinator shares the concern and the child's words with health, by the agreement."""
    draft = prepared(
        *(cast.coordinator, case, cast.panel_nurse, "PANEL", "IC4", "IC10"),
        what={"left_out": [str(row.pk) for row in left_out]},
    )
    draft.answers["why"]["until"] = (timezone.localdate() + timedelta(days=30)).isoformat()
    draft.save()
    return services.share(actor=cast.coordinator, draft=draft)[0]


def test_a_persons_share_stays_theirs_and_on_its_record(cast: Cast, leads, sent):
    made = to_the_panel(cast, sent)
    [before] = made.grants.all()

    live(leads, number="12", line=without("12", "IC10"))
    examined()

    [after] = given(cast.panel_nurse, sent)
    assert after.pk != before.pk
    assert after.granted_by_id == cast.coordinator.membership_id
    assert after.granted_by_service == ""
    assert after.disclosures.get() == made
    stop(actor=cast.coordinator, disclosure=made, why="It was wrong.")
    assert given(cast.panel_nurse, sent) == []


def test_a_named_piece_of_a_kind_that_is_no_longer_open_is_withdrawn(cast: Cast, leads, sent):
    kept = sent.statements.filter(question__in=["saw", "child_said"])
    made = to_the_panel(cast, sent, sent.statements.exclude(pk__in=kept))
    [before] = made.grants.all()
    assert set(before.statements) == {row.pk for row in kept}

    live(leads, number="12", line=without("12", "IC10"))
    examined()

    [after] = given(cast.panel_nurse, sent)
    assert after.statements == [sent.statements.get(question="saw").pk]
    shown = {item.text for item in read(cast.panel_nurse, sent, Purpose.PANEL).items}
    assert SAW in shown
    assert CHILD_SAID not in shown


def test_a_piece_is_open_only_while_its_grant_opens_its_kind(cast: Cast, sent):
    said = sent.statements.get(question="child_said")
    blank = replace_team(given(cast.coordinator, sent)[0], cast.panel_nurse)
    blank.extent, blank.categories, blank.statements = "part", ["IC4"], [said.pk]

    shown = {item.text for item in read(cast.panel_nurse, sent, Purpose.PANEL, also=[blank]).items}

    assert CHILD_SAID not in shown


@pytest.fixture
def from_wednesday(tmp_path, time_machine) -> Callable[[], None]:
    """Load a file by which rule 6b asks in two days; return what makes it that day."""
    now, today = timezone.now(), timezone.localdate()
    text = NEWEST.read_text()
    start = text.index('  - number: "6b"')
    old = text[start : text.index("  - number:", start + 9)]
    new = (
        old.replace("version: 1", "version: 2", 1)
        .replace("outcome: allow", "outcome: ask")
        .replace('instead: ""', "instead: Ask the school.")
        .replace("effective_from: 2025-01-01", f"effective_from: {today + timedelta(days=2)}")
    )
    ended = old.replace("effective_to: null", f"effective_to: {today + timedelta(days=1)}")
    write = copies_of(NEWEST, tmp_path / f"rules-{NEXT}.yaml")
    load(write((f"version: {NEXT - 1}\n", f"version: {NEXT}\n"), (old, ended + new)))
    return lambda: time_machine.move_to(now + timedelta(days=2))


def test_a_line_that_begins_on_a_later_day_is_examined_on_that_day_once(
    cast: Cast, sent, from_wednesday
):
    changes.sweep()
    examined()
    assert given(cast.coordinator, sent), "it is not law yet"
    count = Examination.objects.count()

    from_wednesday()
    changes.sweep()
    changes.sweep()
    done = examined()

    assert given(cast.coordinator, sent) == []
    assert done.day == timezone.localdate()
    assert Examination.objects.count() == count + 1
    ended = Grant.objects.filter(group_id=cast.coordinator.team_id, rule="6b")
    assert {grant.ended_why for grant in ended} == {
        "A line of the law began or ended, and this no longer stood as it was."
    }


def test_two_beats_that_look_at_once_ask_for_one_examination(cast: Cast, from_wednesday):
    from_wednesday()
    rule_set = RuleSet.objects.latest("version")
    day = timezone.localdate()

    one, other = (examine(rule_set=rule_set, day=day) for _ in range(2))

    assert one == other


def test_an_agreement_that_begins_on_a_later_day_is_examined_too(cast: Cast, time_machine):
    now = timezone.now()
    agreed(
        *(cast.school, cast.council),
        signed_on=timezone.localdate() + timedelta(days=3),
        review_on=timezone.localdate() + timedelta(days=90),
        ends_on=timezone.localdate() + timedelta(days=99),
    )
    changes.sweep()
    count = Examination.objects.count()

    time_machine.move_to(now + timedelta(days=2))
    changes.sweep()
    assert Examination.objects.count() == count
    time_machine.move_to(now + timedelta(days=5))  # nobody swept on the day itself
    changes.sweep()

    assert Examination.objects.count() == count + 1
    assert Examination.objects.latest("created_at").day == timezone.localdate() - timedelta(days=2)


def test_what_another_rule_decides_is_kept_untouched(cast: Cast, leads, sent):
    before = set(Grant.objects.live().values_list("pk", flat=True))

    live(leads)
    done = examined()

    assert set(Grant.objects.live().values_list("pk", flat=True)) == before
    assert (done.kept, done.narrowed, done.ended) == (len(before), 0, 0)


def test_a_wider_rule_gives_nobody_more_of_what_was_shared(cast: Cast, leads, sent):
    live(leads, WORDS, number="6b", line=without("6b", "IC10"))
    examined()

    change = Change.objects.get()
    changes.roll_back(actor=leads[1], pk=change.pk, why="Too narrow.")
    done = examined()

    [after] = given(cast.coordinator, sent)
    assert (after.rule, after.rule_version) == ("6b", 3)
    assert "IC10" not in after.categories
    assert done.narrowed == 2


def test_nothing_is_given_for_longer_than_it_was(cast: Cast, leads, sent):
    decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    before = {grant.until_at for grant in given(cast.panel_officer, sent)}

    live(leads, number="12", line=without("12", "IC10"))
    examined()

    after = given(cast.panel_officer, sent)
    assert after
    assert {grant.until_at for grant in after} == before


def told(kind: Kind, case) -> set:
    """Whom a notice of this kind about the case has reached."""
    found = Notice.objects.filter(kind=kind, case=case.pk).exclude(status="suppressed")
    return set(found.values_list("recipient_id", flat=True))


def test_a_team_that_loses_a_share_and_who_manages_the_case_hear_of_it(cast: Cast, leads, sent):
    assert sent.coordinator is None

    live(leads, WORDS, number="6b", line=asking("6b"))
    examined()

    people = (cast.coordinator, cast.second_coordinator, cast.manager)
    front_door = {each.membership_id for each in people}
    assert told(Kind.STOPPED, sent) == front_door
    assert told(Kind.CHANGED, sent) == {cast.manager.membership_id}


def test_who_coordinates_a_case_hears_of_it_and_no_manager(cast: Cast, leads, sent):
    sent.coordinator_id = cast.coordinator.membership_id
    sent.save()

    live(leads, WORDS, number="6b", line=asking("6b"))
    examined()

    assert told(Kind.CHANGED, sent) == {cast.coordinator.membership_id}


def test_nobody_with_a_conflict_hears_that_a_share_has_ended(cast: Cast, leads, sent):
    walls.declare(actor=cast.coordinator, reference=sent.reference, why=Conflict.RELATIVE)

    live(leads, WORDS, number="6b", line=asking("6b"))
    examined()

    assert cast.coordinator.membership_id not in told(Kind.STOPPED, sent)


def test_what_was_kept_or_narrowed_is_no_share_that_stopped(cast: Cast, leads, sent):
    live(leads, WORDS, number="6b", line=without("6b", "IC10"))
    examined()

    assert told(Kind.STOPPED, sent) == set()


def test_an_ended_agreement_ends_what_rested_on_it_and_nothing_else(cast: Cast, leads, sent):
    decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    assert sent in casework.visible(cast.panel_nurse)
    front_door = given(cast.coordinator, sent)

    agreement = Agreement.objects.get(parties=cast.school)
    agreements.end(actor=leads[0], pk=agreement.pk, why="A party left.")
    done = examined()

    assert done.agreement == agreement
    assert given(cast.panel_nurse, sent) == []
    assert sent not in casework.visible(cast.panel_nurse)
    assert given(cast.coordinator, sent) == front_door
    ended = Grant.objects.filter(group_id=cast.panel_nurse.team_id, rule="12")
    assert {grant.ended_why for grant in ended} == {
        "The agreement between agencies that this rested on has ended."
    }


def test_what_another_agreement_still_covers_is_kept(cast: Cast, leads, sent):
    decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    before = given(cast.panel_nurse, sent)
    first = Agreement.objects.get(parties=cast.school)
    agreed(*cast.partnership.agencies.all())

    agreements.end(actor=leads[0], pk=first.pk, why="Replaced.")
    examined()

    assert given(cast.panel_nurse, sent) == before


def test_every_end_and_every_new_grant_is_on_the_record(cast: Cast, leads, sent):
    count = len(events("grant.given"))

    live(leads, WORDS, number="6b", line=without("6b", "IC10"))
    done = examined()

    assert len(events("grant.ended")) == done.narrowed + done.ended
    assert len(events("grant.given")) == count + done.narrowed
    [reviewed] = events("rules.reviewed")
    assert reviewed["obj"] == {"kind": "examination", "id": str(done.pk)}


def test_a_worker_that_dies_between_batches_loses_nothing(cast: Cast, leads, sent, monkeypatch):
    send(cast.teacher)
    send(cast.colleague)
    live(leads, WORDS, number="6b", line=asking("6b"))
    monkeypatch.setattr(review, "BATCH", 2)
    asked = Examination.objects.get()
    work = review._begin(Examination.objects.due(timezone.now()), asked.pk)
    assert review._examine_batch(work)
    first = Examination.objects.get()
    assert (first.done, first.status) == (2, WorkStatus.DOING)

    review.sweep()
    assert Examination.objects.get().done == 2, "its lease runs: somebody may be at work"
    Examination.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    review.sweep()

    done = Examination.objects.get()
    assert done.is_done
    assert done.done == done.total == done.kept + done.ended
    assert not given(cast.coordinator, sent)
    assert len(events("grant.ended")) == done.ended
    assert not review._examine_batch(work), "the worker that comes back changes nothing"


# --- Impact -------------------------------------------------------------------------------------


def counted(change: Change) -> dict:
    impact = change.impacts.get()
    assert impact.is_done
    return impact.result or {}


def test_the_impact_on_a_small_known_world(cast: Cast, leads, sent):
    """Two cases; two coordinators and one manager read them by rule 6b, and the school's lead
    by rule 0a. The change takes the child's own words from the front door."""
    send(cast.colleague)

    found = counted(submitted(leads[0], number="6b", line=without("6b", "IC10")))

    assert (found["cases"], found["of"]) == (2, 2)
    assert found["sight"] == [["lose", "IC10", 3, 2]]
    assert found["grants"]["narrowed"] == 4
    assert found["grants"]["ended"] == 0
    assert {each["case"] for each in found["sample"]} <= {
        str(pk) for pk in Grant.objects.values_list("content_object", flat=True)
    }


def test_who_would_gain_is_counted_too(cast: Cast, leads, sent):
    live(leads, WORDS, number="6b", line=without("6b", "IC10"))
    examined()
    wider = changes.line_now("6b")
    wider |= {"categories": [*wider["categories"], "IC10"]}

    change = submitted(leads[1], number="6b", line=wider)

    assert counted(change)["sight"] == [["gain", "IC10", 3, 1]]


def test_what_is_concealed_is_not_counted(cast: Cast, leads, sent):
    sent.statements.filter(category="IC10").update(protect=Protect.EXISTENCE)

    found = counted(submitted(leads[0], number="6b", line=without("6b", "IC10")))

    assert found["sight"] == []


def test_no_more_cases_are_counted_than_it_says(cast: Cast, leads, sent, monkeypatch):
    send(cast.colleague)
    monkeypatch.setattr(review, "MOST_CASES", 1)

    found = counted(submitted(leads[0], number="6b", line=asking("6b")))

    assert (found["cases"], found["of"]) == (1, 2)


def test_a_count_whose_worker_died_is_done_by_the_sweep_once(cast: Cast, leads, sent):
    change = changes.submit(actor=leads[0], pk=drafted(leads[0]).pk)
    impact = change.impacts.get()
    assert review._begin(Impact.objects.due(timezone.now()), impact.pk) is not None
    assert review.sweep() == 0
    Impact.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert review.sweep() == 1
    assert review.sweep() == 0
    impact.refresh_from_db()
    assert (impact.is_done, impact.done) == (True, impact.total)


def test_a_count_of_what_no_longer_fits_the_law_ends_empty(cast: Cast, leads, sent):
    change = changes.submit(actor=leads[0], pk=drafted(leads[0]).pk)
    Change.objects.filter(pk=change.pk).update(status="rejected", rejected_why="Not now.")
    live(leads)  # another change of the same rule

    review.sweep()

    impact = change.impacts.get()
    assert (impact.is_done, impact.result["cases"], impact.result["sight"]) == (True, 0, [])


def test_work_that_fails_stops_no_other(cast: Cast, leads, sent, monkeypatch):
    bad, good = (
        changes.count(actor=leads[0], change=drafted(leads[0], number=number, line=asking(number)))
        for number in ("7a", "7b")
    )
    count = review.laws_of

    def fails(change: Change):
        if change.pk == bad.change_id:
            raise RuntimeError
        return count(change)

    monkeypatch.setattr(review, "laws_of", fails)
    with pytest.raises(RuntimeError):  # whoever calls knows that something failed
        review.sweep()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.is_done, bad.is_done) == (True, False)


def test_work_whose_time_is_up_ends_the_sweep_at_once(cast: Cast, leads, sent, monkeypatch):
    first, second = (
        changes.count(actor=leads[0], change=drafted(leads[0], number=number, line=asking(number)))
        for number in ("7a", "7b")
    )

    def times_out(_change: Change):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(review, "laws_of", times_out)
    with pytest.raises(SoftTimeLimitExceeded):
        review.sweep()

    # The worker has seconds left: whatever it has not begun is left to the next sweep.
    statuses = [Impact.objects.get(pk=each.pk).status for each in (first, second)]
    assert sorted(statuses) == ["asked", "doing"]


def test_a_draft_that_is_written_anew_is_counted_anew(cast: Cast, leads, sent):
    change = drafted(leads[0])
    one = changes.count(actor=leads[0], change=change)
    changes.revise(
        actor=leads[0],
        pk=change.pk,
        line=asking("7a") | {"title": "Another"},
        reason="Why.",
        starts_on=timezone.localdate(),
    )
    change.refresh_from_db()

    assert changes.count(actor=leads[0], change=change) != one
    assert changes.count(actor=leads[0], change=change).pk != one.pk


# --- Simulation ---------------------------------------------------------------------------------

OFFICER = TeamRecipient(uuid4(), AgencyKind.POLICE, Role.PRACTITIONER)
QUESTION = review.Question(OFFICER, Facts((), AgencyKind.COUNCIL, uuid4()), Purpose.ENQUIRY)


def test_a_change_is_tried_category_by_category_with_the_trace(cast: Cast, leads):
    change = drafted(leads[0])

    rows = review.simulate(actor=leads[1], pk=change.pk, question=QUESTION)

    assert [row.category for row in rows] == list(Category)
    changed = {row.category for row in rows if row.differs}
    assert changed == set(map(Category, changes.line_now("7a")["categories"]))
    history = next(row for row in rows if row.category is Category.IC7)
    assert (history.live.outcome.label, history.draft.outcome.label) == ("sees", "must ask for")
    assert "Rule 7a, version 2, applies" in history.draft.told[-1]
    assert len(events("rules.simulated")) == 1


def test_a_real_case_is_tried_only_by_who_may_see_it(cast: Cast, leads, sent):
    change = drafted(leads[0])

    with pytest.raises(NotVisible):
        review.simulate(actor=leads[0], pk=change.pk, question=QUESTION, reference=sent.reference)
    with pytest.raises(Refused):
        review.simulate(
            actor=cast.coordinator, pk=change.pk, question=QUESTION, reference=sent.reference
        )


def test_a_real_case_is_tried_about_what_it_holds(cast: Cast, leads, sent):
    change = drafted(leads[0], number="6b", line=without("6b", "IC10"))
    [grant] = given(cast.coordinator, sent)
    Grant.objects.bulk_create([replace_team(grant, leads[0])])

    rows = review.simulate(
        actor=leads[0],
        pk=change.pk,
        question=replace(
            QUESTION,
            recipient=law.recipient(grant.group.team),
            purpose=Purpose.SCREEN,
        ),
        reference=sent.reference,
    )

    assert {row.category for row in rows if row.differs} == {Category.IC10}
    assert {row.holder for row in rows} == {AgencyKind.SCHOOL}
    assert len(rows) < len(Category)


def replace_team(grant: Grant, principal: Principal) -> Grant:
    fields = {
        field.attname: getattr(grant, field.attname)
        for field in Grant._meta.concrete_fields
        if field.name != "id"
    }
    return Grant(**fields | {"group_id": principal.team_id})

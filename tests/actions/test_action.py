"""An action has one owner: given, updated, handed over, given more time, done and checked."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.actions import policies, services
from referrals.actions.models import Action, Entry
from referrals.actions.services import Update
from referrals.actions.vocabulary import Effect, Said
from referrals.actions.workflow import State, Verb
from referrals.models import Wall
from referrals.vocabulary import Conflict
from tests.actions.conftest import DIFFERENCE, EFFECT, WHAT, done, given, soon
from tests.cast import Cast, at_once, events, membership, send, signed_in
from tests.closing import open_case


def told(kind: Kind) -> list[str]:
    found = Notice.objects.filter(kind=kind).exclude(status="suppressed")
    return sorted(found.values_list("recipient__user__name", flat=True))


def kinds(action: Action) -> list[str]:
    return list(action.entries.order_by("at").values_list("kind", flat=True))


def day(on, name: str = "due") -> dict[str, str]:
    return {
        f"{name}-day": str(on.day),
        f"{name}-month": str(on.month),
        f"{name}-year": str(on.year),
    }


def wall(cast: Cast, case, who) -> Wall:
    return Wall.objects.create(
        case=case,
        user_id=who.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
        raised_at=timezone.now(),
    )


# --- Given ----------------------------------------------------------------------------------------


def test_an_action_is_given_to_one_person_who_is_told(cast: Cast, case):
    page = reverse("actions:give", args=[case.reference])
    client = signed_in(cast.coordinator)
    assert client.get(page).status_code == 200
    typed = {"what": WHAT, "effect": EFFECT, "who": str(cast.lead.membership_id), "key": uuid4()}
    assert client.post(page, {**typed, "who": ""}).status_code == 422

    assert client.post(page, {**typed, **day(soon())}).status_code == 302
    assert client.post(page, {**typed, **day(soon())}).status_code == 302

    made = Action.objects.get()
    assert (made.owner_id, made.status) == (cast.lead.membership_id, State.OPEN)
    assert made.due_at.astimezone().date() == soon()
    assert told(Kind.ACTION_GIVEN) == ["Dess Lead"]
    assert len(events("action.given")) == 1


@pytest.mark.parametrize("name", ["teacher", "panel_officer", "lead"])
def test_only_who_oversees_the_case_gives_one(cast: Cast, case, name):
    who = getattr(cast, name)
    with pytest.raises((Refused, NotVisible)):
        given(who, case, cast.lead)


def test_it_is_not_given_for_a_day_that_is_over_or_before_a_decision_or_without_words(cast, case):
    for wrong in ({"due": soon(-1)}, {"what": " "}, {"effect": "\n"}):
        with pytest.raises(DomainError):
            given(cast.coordinator, case, cast.lead, **wrong)
    fresh = send(cast.teacher)
    with pytest.raises(DomainError, match="no decision"):
        given(cast.coordinator, fresh, cast.lead)


def test_nobody_gets_one_who_must_not_know_of_the_case_or_works_elsewhere(cast: Cast, case):
    wall(cast, case, cast.lead)
    for who in (cast.lead, cast.other_coordinator, cast.auditor, cast.chair):
        with pytest.raises(DomainError, match="Select somebody else"):
            given(cast.coordinator, case, who)
    names = [label for _, label in services.people(cast.coordinator, case)]
    assert not any("Dess Lead" in name for name in names)
    assert any("Tess Eacher" in name for name in names)


# --- Who sees it ----------------------------------------------------------------------------------


def test_its_owner_reads_it_with_the_reference_and_cannot_open_the_case(cast: Cast, case):
    action = given(cast.coordinator, case, cast.charity_worker)
    client = signed_in(cast.charity_worker)

    page = client.get(reverse("actions:action", args=[action.pk])).text

    assert WHAT in page
    assert case.reference in page
    assert reverse("referrals:case", args=[case.reference]) not in page
    assert client.get(reverse("referrals:case", args=[case.reference])).status_code == 404


def test_nobody_else_knows_of_it(cast: Cast, case, action):
    knows = {name for name, who in cast.everyone().items() if policies.visible(who).exists()}
    assert knows == {"lead", "coordinator", "second_coordinator", "manager"}
    for name in ("teacher", "panel_officer", "outsider_lead", "other_coordinator"):
        client = signed_in(getattr(cast, name))
        assert client.get(reverse("actions:action", args=[action.pk])).status_code == 404
        assert WHAT not in client.get(reverse("actions:actions")).text
    assert signed_in(cast.chair).get(reverse("actions:actions")).status_code == 403


def test_a_conflict_of_interest_leaves_no_trace_of_it(cast: Cast, case, action):
    own = given(cast.coordinator, case, cast.second_coordinator)
    pages = ("actions:actions", "actions:reviews", "home:home", "actions:departures")
    client = signed_in(cast.second_coordinator)
    services.plan_review(actor=cast.coordinator, case=case, on=soon(3), why="Soon.")
    case.refresh_from_db()
    wall(cast, case, cast.second_coordinator)

    for name in pages:
        for show in ("mine", "all", "check", "agency", "finished", "no-effect"):
            text = client.get(reverse(name), {"show": show}).text
            assert case.reference not in text
            assert "1 action" not in text
            assert "1 review" not in text
            assert "1 to come" not in text
    assert client.get(reverse("actions:action", args=[own.pk])).status_code == 404
    assert told(Kind.ACTION_GIVEN) == ["Dess Lead", "Second Dinator"]
    # Nobody can do it now: whoever oversees the case reads so, and asks somebody else.
    listed = signed_in(cast.coordinator).get(reverse("actions:actions"), {"show": "check"}).text
    assert "needs another owner" in listed


def test_a_new_owner_does_not_read_what_another_agency_wrote(cast: Cast, case, action):
    services.tell(actor=cast.lead, pk=action.pk, said=Update("The gate has a camera."))
    services.offer(
        actor=cast.coordinator, pk=action.pk, to=cast.charity_worker.membership_id, words="Yours?"
    )
    client = signed_in(cast.charity_worker)
    before = client.get(reverse("actions:action", args=[action.pk])).text
    assert WHAT in before
    assert "Yours?" in before
    assert "camera" not in before

    services.answer_offer(actor=cast.charity_worker, pk=action.pk, accepts=True, words="")

    after = client.get(reverse("actions:action", args=[action.pk])).text
    assert "camera" not in after
    assert (
        "camera"
        in signed_in(cast.coordinator).get(reverse("actions:action", args=[action.pk])).text
    )
    assert not policies.visible(cast.lead).exists()


# --- Updated --------------------------------------------------------------------------------------


def test_an_update_takes_three_presses_from_home(cast: Cast, action):
    client = signed_in(cast.lead)
    link = reverse("actions:action", args=[action.pk])
    assert link in client.get(reverse("home:home")).text  # press 1: the action
    page = client.get(link).text
    assert "How does it stand?" in page  # press 2: the answer; press 3: save

    answer = client.post(link, {"verb": "take-up", "key": uuid4()})

    assert answer.status_code == 302
    action.refresh_from_db()
    assert action.status == State.IN_PROGRESS


def test_each_update_says_what_it_needs(cast: Cast, action):
    client = signed_in(cast.lead)
    link = reverse("actions:action", args=[action.pk])
    for verb, says in (
        ("", "Select how it stands"),
        ("add", "Write what has happened so far"),
        ("claim", "Write what difference it made for the child"),
        ("ask-time", "Write why you need more time"),
        ("not-possible", "Say why it was not possible"),
    ):
        answer = client.post(link, {"verb": verb, "words": " "})
        assert answer.status_code == 422
        assert says in answer.text
    assert not Entry.objects.exists()


def test_a_double_press_writes_one_line(cast: Cast, action):
    client = signed_in(cast.lead)
    link = reverse("actions:action", args=[action.pk])
    typed = {"verb": "add", "words": "We spoke with her.", "key": uuid4()}
    assert client.post(link, typed).status_code == 302
    assert client.post(link, typed).status_code == 302
    typed = {"verb": "claim", "words": DIFFERENCE, "key": uuid4()}
    assert client.post(link, typed).status_code == 302
    assert client.post(link, typed).status_code == 302
    assert kinds(action) == [Said.EVIDENCE, Said.CLAIMED]


def test_hostile_words_come_out_as_words(cast: Cast, case, action):
    bad = '<script>alert("x")</script>{{ 7 }}\x00'
    client = signed_in(cast.lead)
    link = reverse("actions:action", args=[action.pk])
    assert client.post(link, {"verb": "add", "words": bad}).status_code == 302
    page = client.get(link).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 }}" in page


# --- Done -----------------------------------------------------------------------------------------


def test_done_is_claimed_by_the_owner_and_checked_by_another(cast: Cast, case):
    action = given(cast.manager, case, cast.coordinator)
    client = signed_in(cast.coordinator)
    link = reverse("actions:action", args=[action.pk])
    client.post(link, {"verb": "claim", "words": DIFFERENCE})
    action.refresh_from_db()
    assert action.status == State.DONE_CLAIMED
    assert client.get(reverse("actions:check", args=[action.pk])).status_code == 403
    with pytest.raises(Refused, match="Another person"):
        services.verify(actor=cast.coordinator, pk=action.pk, is_done=True, words="")

    other = signed_in(cast.second_coordinator)
    check = reverse("actions:check", args=[action.pk])
    assert DIFFERENCE in other.get(check).text
    assert other.post(check, {"yes": "no"}).status_code == 422
    assert other.post(check, {"yes": "yes"}).status_code == 302

    action.refresh_from_db()
    assert action.status == State.VERIFIED
    assert told(Kind.ACTION_ANSWERED) == ["Coral Dinator"]


def test_what_is_not_done_yet_goes_back(cast: Cast, action):
    services.claim(actor=cast.lead, pk=action.pk, said=Update(DIFFERENCE))
    assert told(Kind.ACTION_ASKS) == ["Coral Dinator"]
    services.verify(actor=cast.manager, pk=action.pk, is_done=False, words="And on Fridays?")
    action.refresh_from_db()
    assert action.status == State.IN_PROGRESS
    done(cast, action, cast.lead)
    assert action.status == State.VERIFIED
    for act in (
        lambda: services.claim(actor=cast.lead, pk=action.pk, said=Update("Again.")),
        lambda: services.tell(actor=cast.lead, pk=action.pk, said=Update("More.")),
        lambda: services.verify(actor=cast.manager, pk=action.pk, is_done=True, words=""),
    ):
        with pytest.raises(DomainError):
            act()


def test_two_who_check_at_once_check_it_once(committed, cast: Cast):
    action = given(cast.coordinator, open_case(cast), cast.lead)
    services.claim(actor=cast.lead, pk=action.pk, said=Update(DIFFERENCE))
    who = (cast.coordinator, cast.manager, cast.second_coordinator)

    answers = at_once(
        *(
            lambda each=each: services.verify(actor=each, pk=action.pk, is_done=True, words="")
            for each in who
        )
    )

    assert sum(isinstance(each, Entry) for each in answers) == 1
    assert sum(isinstance(each, DomainError) for each in answers) == 2
    assert Entry.objects.filter(kind=Said.VERIFIED).count() == 1


def test_what_cannot_be_done_says_why_and_what_instead(cast: Cast, action):
    client = signed_in(cast.lead)
    link = reverse("actions:action", args=[action.pk])
    typed = {"verb": "not-possible", "words": "She has moved school."}
    assert client.post(link, typed).status_code == 422
    assert client.post(link, {**typed, "instead": "The new school does it."}).status_code == 302
    action.refresh_from_db()
    assert action.status == State.NOT_POSSIBLE
    assert told(Kind.ACTION_ASKS) == ["Coral Dinator"]


# --- More time, another owner ---------------------------------------------------------------------


def test_more_time_is_asked_for_with_a_reason_and_answered(cast: Cast, action):
    due = action.due_at
    client = signed_in(cast.lead)
    link = reverse("actions:action", args=[action.pk])
    typed = {"verb": "ask-time", "words": "She is ill."}
    assert client.post(link, typed).status_code == 422
    assert client.post(link, {**typed, **day(soon(3), "until")}).status_code == 409
    assert client.post(link, {**typed, **day(soon(20), "until")}).status_code == 302
    action.refresh_from_db()
    assert action.due_at == due

    above = signed_in(cast.coordinator)
    assert "asks for more time" in above.get(reverse("actions:actions"), {"show": "check"}).text
    assert above.post(reverse("actions:time", args=[action.pk]), {"yes": "yes"}).status_code == 302

    action.refresh_from_db()
    assert timezone.localdate(action.due_at) == soon(20)
    with pytest.raises(DomainError, match="answered already"):
        services.answer_time(actor=cast.manager, pk=action.pk, gives=True, words="")


def test_it_changes_hands_only_when_the_new_owner_says_yes(cast: Cast, case, action):
    client = signed_in(cast.lead)
    page = reverse("actions:hand-over", args=[action.pk])
    assert client.get(page).status_code == 200
    typed = {"who": str(cast.colleague.membership_id), "words": "I am away."}
    assert client.post(page, typed).status_code == 302
    action.refresh_from_db()
    assert action.owner_id == cast.lead.membership_id
    new = signed_in(cast.colleague)
    assert reverse("actions:action", args=[action.pk]) in new.get(reverse("actions:actions")).text
    take = reverse("actions:take-on", args=[action.pk])
    assert new.post(take, {"yes": "no"}).status_code == 422

    assert new.post(take, {"yes": "yes"}).status_code == 302

    action.refresh_from_db()
    assert action.owner_id == cast.colleague.membership_id
    assert new.post(take, {"yes": "yes"}).status_code == 403
    assert told(Kind.ACTION_OFFERED) == ["Cole League"]
    assert told(Kind.ACTION_ANSWERED) == ["Dess Lead"]


def test_who_declines_sees_it_no_longer_and_it_stays(cast: Cast, action):
    to = cast.charity_worker
    services.offer(actor=cast.lead, pk=action.pk, to=to.membership_id, words="Yours?")
    services.answer_offer(actor=to, pk=action.pk, accepts=False, words="We do not work there.")
    action.refresh_from_db()
    assert action.owner_id == cast.lead.membership_id
    assert not policies.visible(to).exists()


# --- The effect -----------------------------------------------------------------------------------


def test_another_agency_judges_the_effect_and_never_its_own(cast: Cast, case):
    action = given(cast.manager, case, cast.second_coordinator)
    done(cast, action, cast.second_coordinator)
    with pytest.raises(Refused, match="Another agency"):
        services.judge(
            actor=cast.coordinator, pk=action.pk, effect=Effect.WORKED, words="She is safe."
        )
    with pytest.raises(DomainError, match="another agency"):
        services.ask_effect(actor=cast.manager, pk=action.pk, to=cast.manager.membership_id)
    services.ask_effect(actor=cast.manager, pk=action.pk, to=cast.lead.membership_id)

    client = signed_in(cast.lead)
    link = reverse("actions:effect", args=[action.pk])
    assert WHAT in client.get(link).text
    typed = {"effect": "none", "words": "The car still waits."}
    assert client.post(link, {"effect": "none"}).status_code == 422
    assert client.post(link, typed).status_code == 302

    assert Entry.objects.get(kind=Said.JUDGED).effect == Effect.NONE
    listed = signed_in(cast.manager).get(reverse("actions:actions"), {"show": "no-effect"}).text
    assert WHAT in listed


def hat(who, agency=None, role=Role.COORDINATOR):
    """Another membership of the same person."""
    kept = membership(who)
    return accounts.enrol(
        email=kept.user.email,
        name=kept.user.name,
        agency=agency or kept.team.agency,
        role=role,
    ).principal()


def test_nobody_gives_their_own_action_more_time(cast: Cast, case):
    action = given(cast.manager, case, cast.coordinator)
    asked = services.ask_time(
        actor=cast.coordinator, pk=action.pk, said=Update("I am ill."), until=soon(20)
    )
    shown = services.read_action(actor=cast.coordinator, pk=action.pk)
    assert Verb.ANSWER_TIME not in shown.verbs
    assert not shown.row.for_me
    assert not policies.waits_for(cast.coordinator).exists()
    assert policies.waits_for(cast.second_coordinator).exists()
    with pytest.raises(Refused, match="Another person"):
        services.answer_time(actor=cast.coordinator, pk=action.pk, gives=True, words="")
    refused(
        "time_from_another_person",
        lambda: Entry.objects.create(
            action=action,
            kind=Said.GAVE_TIME,
            by_id=cast.coordinator.membership_id,
            answers=asked,
        ),
    )
    # Handed over meanwhile: still not whoever asked.
    to = cast.lead
    services.offer(actor=cast.coordinator, pk=action.pk, to=to.membership_id, words="Yours?")
    services.answer_offer(actor=to, pk=action.pk, accepts=True, words="")
    assert not policies.waits_for(cast.coordinator).exists()
    with pytest.raises(Refused, match="Another person"):
        services.answer_time(actor=cast.coordinator, pk=action.pk, gives=True, words="")
    services.answer_time(actor=cast.second_coordinator, pk=action.pk, gives=True, words="")


def test_nobody_judges_their_own_action_under_another_hat(cast: Cast, case):
    action = given(cast.coordinator, case, cast.lead)
    done(cast, action, cast.lead)
    council = membership(cast.coordinator).team.agency
    same = hat(cast.lead, council)
    assert policies.visible(same).filter(pk=action.pk).exists()
    assert Verb.JUDGE not in services.read_action(actor=same, pk=action.pk).verbs
    with pytest.raises(Refused, match="Another agency"):
        services.judge(actor=same, pk=action.pk, effect=Effect.WORKED, words="She is safe.")
    with pytest.raises(DomainError, match="another agency"):
        services.ask_effect(actor=cast.coordinator, pk=action.pk, to=same.membership_id)
    refused(
        "judged_by_another_person",
        lambda: Entry.objects.create(
            action=action,
            kind=Said.JUDGED,
            by_id=same.membership_id,
            effect=Effect.WORKED,
            words="It did.",
        ),
    )
    # At a review they ask somebody else, as they do of what their agency did.
    review = services.plan_review(actor=same, case=case, on=soon(3), why="Soon.")
    shown = services.read_review(actor=same, pk=review.pk)
    assert [(each.judges, each.asks) for each in shown.actions] == [(False, True)]


def test_who_was_asked_what_it_changed_is_done_when_somebody_has_said_so(cast: Cast, case):
    action = given(cast.coordinator, case, cast.lead)
    done(cast, action, cast.lead)
    to = cast.charity_worker
    services.ask_effect(actor=cast.coordinator, pk=action.pk, to=to.membership_id)
    say = {"actor": cast.coordinator, "pk": action.pk, "words": "We saw it."}
    services.judge(effect=Effect.EARLY, **say)
    assert policies.for_me(to).exists()
    services.judge(effect=Effect.WORKED, **say)
    assert not policies.for_me(to).exists()
    assert not services.read_action(actor=to, pk=action.pk).row.for_me


# --- Reminders, lateness --------------------------------------------------------------------------


def test_owners_are_reminded_together_once_a_day_after_a_page_that_asks(cast: Cast, case, action):
    other = given(cast.coordinator, case, cast.teacher)
    client, page = signed_in(cast.coordinator), reverse("actions:remind")
    listed = client.get(reverse("actions:actions"), {"show": "all"}).text
    assert str(action.pk) in listed
    assert str(other.pk) in listed
    assert client.post(page, {"show": "all"}).status_code == 422
    pks = {"action": [str(action.pk), str(other.pk)]}
    assert "2 actions" in client.post(page, pks).text
    assert not told(Kind.ACTION_REMINDED)

    assert client.post(page, {**pks, "confirmed": "yes"}).status_code == 302
    assert client.post(page, {**pks, "confirmed": "yes"}).status_code == 302

    assert told(Kind.ACTION_REMINDED) == ["Dess Lead", "Tess Eacher"]
    assert signed_in(cast.lead).post(page, {"action": str(action.pk)}).status_code == 403
    assert signed_in(cast.teacher).post(page, {"action": str(action.pk)}).status_code == 404


def test_owner_who_has_left_is_a_matter_for_the_coordinator_at_once(cast: Cast, action):
    Membership.objects.filter(pk=action.owner_id).update(until_at=timezone.now())
    assert services.climb() == 3
    assert services.climb() == 0
    assert told(Kind.ACTION_LATE) == ["Coral Dinator"]


# --- The database ---------------------------------------------------------------------------------


def refused(match: str, act) -> None:
    def at_once_() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            act()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match=match):
        at_once_()


def sql(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(words)


def test_the_database_keeps_what_was_written(cast: Cast, case, action):
    line = services.tell(actor=cast.lead, pk=action.pk, said=Update("We spoke with her."))
    lines, rows = Entry.objects.filter(pk=line.pk), Action.objects.filter(pk=action.pk)
    refused("immutable", lambda: lines.update(words="Nothing."))
    refused("immutable", lambda: rows.update(what="Nothing."))
    refused("denied|never deleted", lambda: sql("DELETE FROM actions_action"))
    refused("denied|never deleted", lambda: sql("DELETE FROM actions_entry"))
    with connection.cursor() as cursor:
        for table in ("actions_action", "actions_entry", "actions_review"):
            cursor.execute("SELECT has_table_privilege('portal_app', %s, 'DELETE')", [table])
            assert cursor.fetchone() == (False,)


def test_the_database_ends_an_action_by_two_people_only(cast: Cast, case, action):
    rows = Action.objects.filter(pk=action.pk)
    refused("done_by_two_people", lambda: rows.update(status=State.VERIFIED))
    refused("claimed_has_its_line", lambda: rows.update(status=State.DONE_CLAIMED))
    refused("not_possible_says_why", lambda: rows.update(status=State.NOT_POSSIBLE))
    said = services.claim(actor=cast.lead, pk=action.pk, said=Update(DIFFERENCE))
    refused(
        "checked_by_another_person",
        lambda: Entry.objects.create(
            action=action, kind=Said.VERIFIED, by_id=cast.lead.membership_id, answers=said
        ),
    )
    services.verify(actor=cast.coordinator, pk=action.pk, is_done=True, words="")
    refused("ended_and_stays_so", lambda: rows.update(status=State.OPEN))
    refused(
        "judged_by_another_agency",
        lambda: Entry.objects.create(
            action=action,
            kind=Said.JUDGED,
            by_id=cast.teacher.membership_id,
            effect=Effect.WORKED,
            words="It did.",
        ),
    )


def test_the_database_holds_owner_agency_and_day(cast: Cast, case, action):
    rows = Action.objects.filter(pk=action.pk)
    police = membership(cast.panel_officer)
    refused("owner_is_of_its_agency", lambda: rows.update(owner=police))
    refused(
        "owner_has_taken_it_on",
        lambda: rows.update(owner=police, agency=police.team.agency),
    )
    refused("day_was_asked_for", lambda: rows.update(due_at=action.due_at + timedelta(days=2)))
    refused("action_due_after_given", lambda: rows.update(due_at=action.given_at))

"""What two cases name: recorded, proposed, decided by people, and taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies
from referrals.links import services
from referrals.links.models import Link, Mention
from referrals.links.reading import Comparison, Page, Words, finding
from referrals.links.vocabulary import Kind, Verdict, alike, keys, lacks
from referrals.matching.models import Judgement
from referrals.models import Case, Statement
from referrals.services import Item, ItemKind, Told, correct, remove
from referrals.vocabulary import KnownHow, Protect
from tests.cast import Cast, at_once, carried, events, send, signed_in
from tests.links.conftest import MARK, WHY, answer, judged, recorded
from tests.matching.test_alike import alike as same_child
from tests.payloads import PAYLOADS
from tests.referrals.hostile import bare, raw, said_on


def page(actor, case: Case) -> Page:
    return services.look(actor=actor, reference=case.reference)


def compare(actor, mine: Mention, other: Mention) -> Comparison:
    return services.compare(
        actor=actor,
        reference=mine.statement.case.reference,
        mine=mine.pk,
        other=other.pk,
    )


def proposed(actor, case: Case) -> list[str]:
    return [each.named.reference for card in page(actor, case).cards for each in card.proposed]


def also_in(actor, case: Case) -> list[str]:
    return [reference for card in page(actor, case).cards for reference in card.cases]


def test_what_is_alike_is_proposed_with_a_reason_and_never_linked_by_itself(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    (card,) = page(cast.coordinator, sent).cards
    (may_be,) = card.proposed

    assert (may_be.named.reference, may_be.why) == (
        other.reference,
        "The same registration mark.",
    )
    assert card.also_in == ()
    assert Link.objects.count() == 0


def test_a_link_is_told_on_both_cases_by_reference_alone(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    judged(cast.coordinator, van, same_van)

    for mine, theirs in ((sent, other), (other, sent)):
        assert also_in(cast.manager, mine) == [theirs.reference]
        assert proposed(cast.manager, mine) == []
    words = signed_in(cast.coordinator).get(reverse("links:index", args=[sent.reference]))
    shown = " ".join(html.fromstring(words.content.decode()).text_content().split())
    assert "Also in 1 other case" in shown
    assert WHY in shown
    assert "Robyn" not in shown
    assert "Heron" not in shown


def test_the_workspace_says_so_too_and_its_event_names_the_case(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    client, address = (
        signed_in(cast.coordinator),
        reverse("triage:workspace", args=[sent.reference]),
    )
    assert f"May be the same one as in {other.reference}." in client.get(address).content.decode()

    judged(cast.coordinator, van, same_van)

    assert f"Also in 1 other case: {other.reference}." in client.get(address).content.decode()
    event = events("case.read", stream=f"case:{sent.pk}")[-1]
    assert event["ids"] == [str(other.pk)]
    assert "Vehicle: AB12 CDE" not in signed_in(cast.teacher).get(address).content.decode()


def test_a_link_opens_nothing_and_makes_nobody_the_same_child(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    def known() -> dict[str, set[object]]:
        return {
            name: set(policies.visible(who).values_list("pk", flat=True))
            for name, who in cast.everyone().items()
        }

    before = known(), same_child(cast.coordinator, sent)
    judged(cast.coordinator, van, same_van)

    assert (known(), same_child(cast.coordinator, sent)) == before
    assert Judgement.objects.count() == 0


def test_what_is_not_the_same_is_remembered_from_either_side(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    judged(cast.coordinator, same_van, van, Verdict.NOT_SAME)

    for case in (sent, other):
        assert proposed(cast.second_coordinator, case) == also_in(cast.manager, case) == []
    assert compare(cast.coordinator, van, same_van).decided.reason == WHY


def test_it_is_taken_back_by_anybody_who_sees_both_and_stays_on_record(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    made = judged(cast.coordinator, van, same_van)
    back = {"reference": other.reference, "mine": same_van.pk, "other": van.pk}

    with pytest.raises(DomainError, match="Write why"):
        services.take_back(actor=cast.manager, **back, why=" ")
    services.take_back(actor=cast.manager, **back, why="Two vans.")

    assert proposed(cast.coordinator, sent) == [other.reference]
    made.refresh_from_db()
    assert (made.ended_by_id, made.ended_why) == (cast.manager.membership_id, "Two vans.")
    with pytest.raises(DomainError, match="Nothing is decided"):
        services.take_back(actor=cast.manager, **back, why="Again.")
    judged(cast.coordinator, van, same_van, Verdict.NOT_SAME)
    assert Link.objects.count() == 2


def test_who_comes_second_is_told_who_decided(cast: Cast, van, same_van):
    judged(cast.coordinator, van, same_van)

    with pytest.raises(DomainError, match=r"Coral Dinator decided this .*: the same one"):
        judged(cast.manager, same_van, van, Verdict.NOT_SAME)
    with pytest.raises(DomainError, match="Write why"):
        services.judge(
            actor=cast.manager,
            reference=van.statement.case.reference,
            mine=van.pk,
            other=same_van.pk,
            verdict=Verdict.SAME,
            reason="\n",
        )


def test_two_at_once_from_either_side_and_exactly_one_decides(committed, cast: Cast):
    one, other = send(cast.teacher), send(cast.outsider_lead)
    van, same_van = recorded(cast.coordinator, one), recorded(cast.coordinator, other)

    done = at_once(
        lambda: judged(cast.coordinator, van, same_van),
        lambda: judged(cast.manager, same_van, van, Verdict.NOT_SAME),
    )

    assert sorted(type(each).__name__ for each in done) == ["DomainError", "Link"]
    assert Link.objects.count() == 1


def test_the_ledger_names_both_children_in_no_trail_of_a_case(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    judged(cast.coordinator, van, same_van)
    services.take_back(
        actor=cast.coordinator,
        reference=sent.reference,
        mine=van.pk,
        other=same_van.pk,
        why="A slip.",
    )
    judged(cast.coordinator, van, same_van, Verdict.NOT_SAME)

    acts = events("link.made", "link.undone", "link.rejected")
    assert [each["act"] for each in acts] == ["link.made", "link.undone", "link.rejected"]
    for each in acts:
        assert each["subj"] == sorted(map(str, (sent.child_id, other.child_id)))
        assert each["ids"] == sorted(map(str, (sent.pk, other.pk)))
    for case in (sent, other):
        acts = events(stream=f"case:{case.pk}")
        assert not [each for each in acts if each["act"].startswith("link.")]
    assert not [word for word in (MARK, WHY, "A slip") if word in str(events())]


def test_one_page_is_one_event_that_names_the_cases_shown(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    before = len(events())
    page(cast.coordinator, sent)

    (event,) = events()[before:]
    assert (event["act"], event["ids"]) == ("mention.read", [str(other.pk)])
    assert event["fields"] == ["IC4"]
    compare(cast.coordinator, van, same_van)
    read = events("mention.read", stream=f"case:{other.pk}")[-1]
    assert read["ids"] == []


def test_a_double_press_records_once(cast: Cast, sent: Case):
    words, key = Words(Kind.VEHICLE, MARK), uuid4()
    given = {
        "actor": cast.coordinator,
        "reference": sent.reference,
        "statement": answer(sent).pk,
        "key": key,
    }

    assert services.mention(words=words, **given) == services.mention(words=words, **given)

    with pytest.raises(DomainError, match="recorded before, with other words"):
        services.mention(words=Words(Kind.VEHICLE, "XY34 ZZZ"), **given)
    assert len(events("mention.recorded")) == 1


def test_only_whoever_oversees_the_case_looks_records_and_decides(
    cast: Cast, sent: Case, van, same_van
):
    for who, refusal in (
        (cast.teacher, Refused),
        (cast.lead, Refused),
        (cast.chair, Refused),
        (cast.colleague, NotVisible),
        (cast.other_coordinator, NotVisible),
    ):
        for act in (
            lambda who=who: page(who, sent),
            lambda who=who: services.answers(actor=who, reference=sent.reference),
            lambda who=who: recorded(who, sent),
            lambda who=who: compare(who, van, same_van),
            lambda who=who: judged(who, van, same_van),
        ):
            with pytest.raises(refusal):
                act()


def test_what_was_recorded_by_mistake_goes_with_what_was_decided_of_it(
    cast: Cast, sent: Case, other: Case, van, same_van
):
    judged(cast.coordinator, van, same_van)

    services.take_off(
        actor=cast.manager, reference=other.reference, mention=same_van.pk, why="A misprint."
    )

    assert also_in(cast.coordinator, sent) == []
    assert page(cast.coordinator, other).cards == ()
    with pytest.raises(NotVisible):
        compare(cast.coordinator, van, same_van)
    assert Mention.objects.get(pk=same_van.pk).ended_why == "A misprint."


@pytest.mark.parametrize("goes", ["corrected", "removed"])
def test_it_goes_with_the_words_that_it_rests_on(cast: Cast, sent: Case, van, same_van, goes):
    judged(cast.coordinator, van, same_van)
    words = answer(same_van.statement.case)
    if goes == "removed":
        remove(actor=cast.outsider_lead, statement=words, why="duplicate")
    else:
        correct(
            actor=cast.outsider_lead,
            statement=words,
            text="It was another car.",
            known_how=KnownHow.SAW,
            why="I was wrong.",
        )

    assert also_in(cast.coordinator, sent) == []
    assert page(cast.coordinator, same_van.statement.case).cards == ()


def test_what_a_sender_named_is_offered_to_record_and_stands_in_the_form(cast: Cast):
    car = Item(ItemKind.ONLINE, {"means": "vehicle", "name": MARK, "description": "Red"})
    child = Item(ItemKind.CHILDREN, {"name": "Zzother"})
    case = send(cast.teacher, items=(car, child))
    (offered,) = page(cast.coordinator, case).open

    basis = services.look_at_answer(
        actor=cast.coordinator, reference=case.reference, statement=offered.statement
    )
    assert basis.words == Words(Kind.VEHICLE, MARK, description="Red")

    services.mention(
        actor=cast.coordinator,
        reference=case.reference,
        statement=offered.statement,
        words=basis.words,
        key=uuid4(),
    )
    assert page(cast.coordinator, case).open == ()


def test_nothing_is_recorded_from_who_sent_it_or_from_a_choice(cast: Cast, sent: Case):
    _, items = services.answers(actor=cast.coordinator, reference=sent.reference)
    offered = {item.question for item in items}

    assert {"saw", "told", "child_said"} <= offered
    assert offered.isdisjoint({"phone", "sender", "danger", "parents_told", "name"})
    with pytest.raises(NotVisible):
        recorded(cast.coordinator, sent, "01632 960123", Kind.PHONE, on=answer(sent, "phone"))


def test_another_child_never_becomes_a_person_who_may_pose_a_risk(cast: Cast):
    case = send(cast.teacher, items=(Item(ItemKind.CHILDREN, {"name": "Zzother"}),))
    named = Statement.objects.get(case=case, question="other_child", item__isnull=False)

    with pytest.raises(DomainError, match="is not recorded as a person who may pose a risk"):
        recorded(cast.coordinator, case, "Zzother", Kind.PERSON, on=named)
    with refusal("no person who may pose a risk"):
        row(cast, named, kind=Kind.PERSON)


def test_brothers_and_sisters_and_where_the_child_is_reached_are_not_recorded(cast: Cast):
    answers = {
        "saw": Told("A car."),
        "siblings": Told("Zzbrother, 9."),
        "address": Told("1 High Street"),
        "safe_contact": Told("01632 960 001"),
        "protected_address": Told("2 High Street"),
    }
    case = send(cast.teacher, answers=answers)
    _, items = services.answers(actor=cast.coordinator, reference=case.reference)

    offered = {item.question for item in items}
    assert "saw" in offered
    for question in answers.keys() - {"saw"}:
        assert question not in offered
        with pytest.raises(NotVisible):
            recorded(cast.coordinator, case, on=answer(case, question))
    with refusal("no person who may pose a risk"):
        row(cast, answer(case, "siblings"), kind=Kind.PERSON)


def test_a_person_who_may_be_a_child_is_called_so_wherever_they_are_named(cast: Cast, other: Case):
    young = Item(ItemKind.PEOPLE, {"name": "Zz Young", "may_be_child": "yes"})
    case = send(cast.teacher, items=(young,))
    on = Statement.objects.get(case=case, question="young_person", item__isnull=False)
    mine = recorded(cast.coordinator, case, "Zz Young", Kind.PERSON, on=on)
    theirs = recorded(cast.coordinator, other, "Zz Young", Kind.PERSON)

    (card,) = page(cast.coordinator, case).cards
    assert card.named.kind == "Person who may pose a risk, and may be a child"
    said = compare(cast.coordinator, mine, theirs).rows[0]
    assert said == ("What it is", card.named.kind, "Person who may pose a risk")


def test_of_what_is_only_alike_the_latest_are_looked_at_and_of_what_is_linked_all(
    cast: Cast, sent: Case, other: Case, *, van, same_van, monkeypatch
):
    monkeypatch.setattr(finding, "MOST_NEAR", 1)
    judged(cast.coordinator, van, same_van)
    later = [recorded(cast.coordinator, send(cast.outsider_lead)) for _ in range(2)]

    assert also_in(cast.coordinator, sent) == [other.reference]
    assert proposed(cast.coordinator, sent) == [later[-1].statement.case.reference]


def test_who_comes_second_gets_their_words_back(cast: Cast, sent: Case, van, same_van):
    """The other one pressed first: what was typed here is on the page, with why it was not kept."""
    client = signed_in(cast.coordinator)
    ends = [sent.reference, van.pk, same_van.pk]
    beside, back = reverse("links:compare", args=ends), reverse("links:take-back", args=ends)
    judged(cast.manager, van, same_van)

    late = client.post(beside, {"verdict": "not_same", "reason": "Zztwo vans."})
    assert (late.status_code, "Zztwo vans." in late.text) == (409, True)
    assert "Record your decision" not in late.text

    empty = client.post(back, {"why": ""})
    assert empty.status_code == 422
    assert "<title>Error: " in empty.text
    assert "govuk-error-summary" in empty.text

    services.take_back(
        actor=cast.manager, reference=sent.reference, mine=van.pk, other=same_van.pk, why="No."
    )
    late = client.post(back, {"why": "Zzwrong car."})
    assert (late.status_code, "Zzwrong car." in late.text) == (409, True)
    assert "Nothing is decided of these two now" in late.text


def test_the_whole_way_by_the_pages(cast: Cast, sent: Case, other: Case, same_van):
    """Without a script: choose an answer, record, compare, decide, take back."""
    client = signed_in(cast.coordinator)
    answers = client.get(reverse("links:answers", args=[sent.reference])).content.decode()
    record = reverse("links:record", args=[sent.reference, answer(sent).pk])
    assert record in answers
    typed = {"kind": "vehicle", "called": " ", "also": "Somebody", "description": ""}
    wrong = client.post(record, {**typed, **carried(client, record)})
    assert wrong.status_code == 422
    assert "Other names are for a person only" in wrong.content.decode()
    typed |= {"called": "AB12 CDE", "also": ""}
    told = client.post(record, {**typed, **carried(client, record)}, follow=True)
    assert "Recorded. Nobody sees more than before." in told.content.decode()

    mine = Mention.objects.latest("created_at").pk
    beside = reverse("links:compare", args=[sent.reference, mine, same_van.pk])
    assert beside in told.content.decode()
    assert client.post(beside, {"verdict": "same"}).status_code == 422
    told = client.post(beside, {"verdict": "same", "reason": WHY}, follow=True)
    assert "Also in 1 other case" in told.content.decode()
    again = client.post(beside, {"verdict": "same", "reason": WHY})
    assert again.status_code == 409
    told = client.post(f"{beside}take-back/", {"why": "Two vans."}, follow=True)
    assert "Taken back" in told.content.decode()
    off = beside.replace(f"{same_van.pk}/", "take-off/")
    assert client.get(off).status_code == 200
    told = client.post(off, {"why": "A misprint."}, follow=True)
    assert "No people or places have been recorded." in told.content.decode()


# --- What is alike -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "one", "two", "why"),
    [
        (Kind.VEHICLE, {"called": "AB12 CDE"}, {"called": "ab-i2cde"}, "The same registration"),
        (Kind.PHONE, {"called": "01632 960 001"}, {"called": "+44 1632 960001"}, "The same num"),
        (Kind.ACCOUNT, {"called": "@Some.Body"}, {"called": "some.body "}, "The same account"),
        (Kind.PERSON, {"called": "Bill Kestrel"}, {"called": "Kestral, William"}, "Names that"),
        (Kind.PERSON, {"called": "Dazza"}, {"called": "X", "also": "Jay; DAZZA"}, "The same sing"),
        (Kind.PLACE, {"where": "1 Low St, AB1 2CD"}, {"called": "A flat at AB12CD"}, "The same po"),
        (Kind.PLACE, {"called": "The Old Mill"}, {"called": "Old Mill"}, "The same name of"),
    ],
)
def test_what_is_written_in_two_ways_is_found(kind, one, two, why):
    assert alike(_keys(kind, **one), _keys(kind, **two)).startswith(why)


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        (Kind.VEHICLE, {"called": "AB12 CDE"}, {"called": "AB12 CDF"}),
        (Kind.PHONE, {"called": "01632 960001"}, {"called": "01632 960002"}),
        (Kind.PERSON, {"called": "Dave"}, {"called": "Dave Kestrel"}),
        (Kind.PERSON, {"called": ""}, {"called": ""}),
        (Kind.PLACE, {"called": "A flat"}, {"called": "A park"}),
    ],
)
def test_what_is_another_one_is_not(kind, one, two):
    assert alike(_keys(kind, **one), _keys(kind, **two)) == ""


def _keys(kind: Kind, called: str = "", also: str = "", where: str = "") -> list[str]:
    return keys(kind, called, also, where)


@pytest.mark.parametrize(
    ("kind", "called"),
    [(Kind.VEHICLE, "!"), (Kind.PHONE, "12"), (Kind.ACCOUNT, " @ "), (Kind.PERSON, " ")],
)
def test_what_tells_nothing_apart_is_asked_for_again(cast: Cast, sent: Case, kind, called):
    assert lacks(kind, called, "")
    with pytest.raises(DomainError):
        recorded(cast.coordinator, sent, called, kind)


# --- What the database refuses -------------------------------------------------------------------


@contextmanager
def refusal(match: str) -> Iterator[None]:
    """The database refuses what is done in here, for this reason."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        yield


def row(cast: Cast, on: Statement, **changes: object) -> Mention:
    given = {
        "statement": on,
        "kind": Kind.VEHICLE,
        "called": MARK,
        "by_id": cast.coordinator.membership_id,
    }
    return Mention.objects.create(**given | changes)


BAD_MENTIONS = {
    "mention_kind_known": {"kind": "child"},
    "mention_is_called_or_described": {"called": " "},
    "mention_other_names_are_of_a_person": {"also": "Somebody"},
    "mention_where_is_of_a_place": {"where": "Somewhere"},
    "mention_ended_says_by_whom_and_why": {"ended_at": timezone.now()},
}


@pytest.mark.parametrize("name", BAD_MENTIONS)
def test_no_mention_without_sense(cast: Cast, sent: Case, name):
    with refusal(name):
        row(cast, answer(sent), **BAD_MENTIONS[name])


@pytest.mark.parametrize("why", ["not given", "removed", "concealed"])
def test_a_mention_rests_on_words_that_stand(cast: Cast, sent: Case, why):
    words = answer(sent)
    if why == "not given":
        words = Statement.objects.filter(case=sent, answer="not_provided").first()
    elif why == "removed":
        Statement.objects.filter(pk=words.pk).update(
            removed_at=timezone.now(), removed_why="retention"
        )
    else:
        Statement.objects.filter(pk=words.pk).update(protect=Protect.EXISTENCE)

    with refusal("rests on words that stand"):
        row(cast, words)


BAD_LINKS = {
    "link_of_two_in_order": {"swapped": True},
    "link_verdict_known": {"verdict": "perhaps"},
    "link_has_reason": {"reason": " \n"},
    "link_ended_says_by_whom_and_why": {"ended_why": "Because."},
}


def tied(cast: Cast, one: Mention, two: Mention, *, swapped: bool = False, **changes) -> Link:
    first, second = sorted((one, two), key=lambda each: each.pk, reverse=swapped)
    given = {
        "first": first,
        "second": second,
        "verdict": Verdict.SAME,
        "reason": WHY,
        "by_id": cast.coordinator.membership_id,
    }
    return Link.objects.create(**given | changes)


@pytest.mark.parametrize("name", BAD_LINKS)
def test_no_link_without_sense(cast: Cast, van, same_van, name):
    with refusal(name):
        tied(cast, van, same_van, **BAD_LINKS[name])


def test_no_link_twice_while_one_holds(cast: Cast, van, same_van):
    tied(cast, van, same_van)

    with refusal("link_one_current_per_pair"):
        tied(cast, van, same_van, verdict=Verdict.NOT_SAME)


def test_no_link_within_a_case_across_areas_of_two_kinds_or_of_what_was_taken_off(
    cast: Cast, sent: Case, van, same_van
):
    far = send(cast.other_coordinator)
    there = row(cast, answer(far))
    place = row(cast, answer(same_van.statement.case), kind=Kind.PLACE)
    gone = row(
        cast,
        answer(same_van.statement.case),
        ended_at=timezone.now(),
        ended_by_id=cast.manager.membership_id,
        ended_why="A slip.",
    )
    for two in (row(cast, answer(sent), called="Another"), there, place, gone):
        with refusal("of two that stand, of one kind, on two cases of one partnership"):
            tied(cast, van, two)


def test_nothing_recorded_or_decided_is_rewritten_or_deleted(cast: Cast, van, same_van):
    link = tied(cast, van, same_van)
    kept = {
        Mention: ("statement_id", "kind", "called", "keys", "by_id", "recorded_at"),
        Link: ("first_id", "second_id", "verdict", "reason", "by_id", "judged_at"),
    }
    other = {"kind": "'place'", "keys": "'{x}'", "verdict": "'not_same'"}
    other |= {"recorded_at": "now()", "judged_at": "now()", "called": "'x'", "reason": "'x'"}
    for model, columns in kept.items():
        table = model._meta.db_table
        for column in columns:
            value = other.get(column, "gen_random_uuid()")
            with refusal("immutable"), connection.cursor() as cursor:
                cursor.execute(f'UPDATE {table} SET "{column}" = {value}')  # noqa: S608
        for way in ("DELETE FROM", "TRUNCATE"):
            with refusal(r"never deleted|permission denied"), connection.cursor() as cursor:
                cursor.execute(f"{way} {table} CASCADE" if way == "TRUNCATE" else f"{way} {table}")
    services._end(cast.manager, link, "A slip.")
    for column, value in (("ended_why", "'x'"), ("ended_by_id", "by_id"), ("ended_at", "now()")):
        with refusal("immutable|stays so"), connection.cursor() as cursor:
            cursor.execute(f"UPDATE links_link SET {column} = {value}")  # noqa: S608


def test_whatever_is_typed_comes_back_as_words(cast: Cast, sent: Case, other: Case):
    """In a name, a description and a reason, on each page that shows them."""
    typed = [each.replace("\0", "") for each in PAYLOADS]
    rows = [
        row(cast, answer(sent), kind=Kind.PERSON, called=each[:200], description=each)
        for each in typed
    ]
    theirs = recorded(cast.coordinator, other, "x", Kind.PERSON, description=typed[0])
    for each, mine in zip(typed, rows, strict=True):
        tied(cast, mine, theirs, reason=each)
    client = signed_in(cast.coordinator)
    beside = reverse("links:compare", args=[sent.reference, rows[0].pk, theirs.pk])

    for address in (reverse("links:index", args=[sent.reference]), beside):
        shown = client.get(address).content.decode()
        assert raw(shown) == []
        wanted = typed if address != beside else typed[:1]
        assert [each for each in wanted if bare(each) not in said_on(shown)] == []

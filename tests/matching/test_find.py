"""Finding a case: by reference, or by what is known of the child, and what nobody is told of."""

import json
import logging
import re
from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from portal.accounts.vocabulary import Role
from portal.audit.services import asked_for
from referrals import services as casework
from referrals.matching.reading import MOST_FOUND, finding
from referrals.matching.vocabulary import SoughtFor
from referrals.models import Case, Grant, Wall, new_reference
from referrals.vocabulary import Conflict, Protect
from tests.cast import FAMILY, GIVEN, Cast, events, send, signed_in
from tests.matching.test_alike import ADDRESS, told

NONE = "No case that you can see matches."
STRANGERS = ("colleague", "outsider_lead", "charity_worker", "auditor", "other_coordinator")
PHONE = "01632 960 777"
REFERENCE = new_reference()
BORN = {"born-day": "27", "born-month": "3", "born-year": "2012"}
KNOWN = {
    "reference": {"words": REFERENCE},
    "name": {"words": f"{GIVEN} {FAMILY}"},
    "birth date": BORN,
    "phone": {"phone": PHONE},
    "postcode": {"place": "EX1 2AB"},
    "street": {"place": "12 Example Road"},
}


def there(cast: Cast, **changes: object) -> Case:
    """A case of which a phone and an address are known."""
    answers = told(address=ADDRESS, safe_contact=f"Ring {PHONE} after six.")
    return send(cast.teacher, answers=answers, **changes)


def search(who, *, why: str = "work", **typed: str):
    return signed_in(who).post(reverse("matching:search"), {**typed, "why": why})


def found_by(who, *, why: str = "work", **typed: str) -> set[str]:
    """The references that the search answers with, as a page or as the way to the case."""
    answer = search(who, why=why, **typed)
    if answer.status_code == 302:
        return {answer.url.split("/")[2]}
    return {match.row.reference for match in answer.context["found"].matches}


def why_found(who, **typed: str) -> str:
    """Why the one case that is found was found."""
    (match,) = search(who, **typed).context["found"].matches
    return str(match.why)


# --- By reference ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "bare"])
def test_a_reference_leads_straight_to_its_case_without_a_purpose(cast: Cast, sent: Case, typed):
    whole = sent.reference
    words = {"lower": whole.lower(), "bare": whole[2:].replace("-", "")}.get(
        typed, typed.format(whole)
    )

    answer = search(cast.coordinator, words=words, why="")

    assert answer.url == reverse("referrals:case", args=[whole])


def test_a_case_is_found_by_reference_in_two_presses(cast: Cast, sent: Case):
    """J11: Cases in the navigation, then the box on that page."""
    client = signed_in(cast.coordinator)

    listed = client.get(reverse("referrals:cases"))
    assert f'action="{reverse("matching:search")}"' in listed.text
    found = client.post(reverse("matching:search"), {"words": sent.reference}, follow=True)

    assert found.redirect_chain == [(reverse("referrals:case", args=[sent.reference]), 302)]
    assert f"Case {sent.reference}" in found.text


# --- By what is known of the child ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["coordinator", "manager", "teacher", "lead"])
def test_a_name_finds_the_child_where_the_list_says_who_it_is(cast: Cast, sent: Case, name):
    who = cast.everyone()[name]
    for words in (GIVEN, FAMILY.lower(), f"{FAMILY} {GIVEN}", GIVEN[:4], FAMILY[:4]):
        assert found_by(who, words=words) == {sent.reference}, words


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"words": GIVEN}, "Same first name."),
        ({"words": "Rena Sparowhawk"}, "First names sound alike, last names sound alike."),
        ({"words": "Sparrowhank"}, "Last names look alike."),
        ({"words": "Ottie"}, "Other names sound alike."),
        (BORN, "Same birth date."),
        (
            {"words": FAMILY, "born-day": "3", "born-month": "4", "born-year": "2012"},
            "Same last name, birth dates with day and month the other way round.",
        ),
        (
            {"born-day": "3", "born-month": "4", "born-year": "2012"},
            "Birth dates with day and month the other way round.",
        ),
        ({"phone": "+44 1632 960777"}, "Same phone number."),
        ({"place": "ex12ab"}, "Same postcode."),
        ({"place": "12, Example Rd"}, "Same house number and street."),
        ({"words": GIVEN, "phone": "01632 960 111"}, "Same first name."),
    ],
)
def test_why_it_was_found_is_said_in_words(cast: Cast, typed, why):
    born = date(2012, 4, 3) if "born-month" in typed and typed["born-month"] == "4" else None
    there(cast, known_as="Otty", date_of_birth=date(2012, 3, 4) if born else date(2012, 3, 27))

    assert why_found(cast.coordinator, **typed) == why


@pytest.mark.parametrize(
    "typed",
    [
        {"words": f"{GIVEN} Otter"},
        {"words": f"{GIVEN} {FAMILY}", "born-day": "9", "born-month": "11", "born-year": "2009"},
        {"words": "silver"},
        {"words": "W.S."},
    ],
)
def test_what_does_not_fit_is_not_found(cast: Cast, typed):
    there(cast)

    answer = search(cast.coordinator, **typed)

    assert answer.status_code == 200
    assert NONE in answer.text


def test_the_best_is_first(cast: Cast):
    sound = send(cast.teacher, given_name="Rena", family_name="Sparowhawk")
    same = send(cast.teacher)
    also = send(cast.teacher, given_name="Rena", family_name="Sparowhawk")

    answer = search(cast.coordinator, words=f"{GIVEN} {FAMILY}")

    listed = [match.row.reference for match in answer.context["found"].matches]
    assert listed == [same.reference, also.reference, sound.reference]


def test_at_most_25_are_shown(cast: Cast):
    for _ in range(MOST_FOUND + 1):
        send(cast.teacher)

    answer = search(cast.teacher, words=FAMILY)

    rows = [match.row for match in answer.context["found"].matches]
    assert len(rows) == MOST_FOUND
    assert "Only the best 25" in answer.text
    assert all(a.received_at >= b.received_at for a, b in pairwise(rows))


def test_what_is_known_beside_a_name_is_not_lost_among_later_namesakes(cast, monkeypatch):
    monkeypatch.setattr(finding, "MOST_HELD", 2)
    wanted = send(cast.teacher)
    later = [send(cast.teacher, date_of_birth=None, age_estimate=9) for _ in range(3)]

    found = search(cast.coordinator, words=f"{GIVEN} {FAMILY}", **BORN)
    by_name = search(cast.coordinator, words=f"{GIVEN} {FAMILY}")
    by_birth = search(cast.coordinator, **BORN)

    assert found.context["found"].matches[0].row.reference == wanted.reference
    assert [match.row.reference for match in by_name.context["found"].matches] == [
        case.reference for case in reversed(later[1:])
    ]
    assert "did not look at all of them" in found.text
    assert "did not look at all of them" in by_name.text
    assert "did not look at all of them" not in by_birth.text


def test_what_is_hidden_is_not_among_those_that_were_too_many(cast: Cast, monkeypatch):
    monkeypatch.setattr(finding, "MOST_HELD", 1)
    hidden = send(cast.teacher)
    send(cast.teacher)
    assert "did not look at all" in search(cast.coordinator, words=FAMILY).text

    wall(cast, hidden)

    assert "did not look at all" not in search(cast.coordinator, words=FAMILY).text


# --- For what -------------------------------------------------------------------------------------


def test_without_a_purpose_only_ones_own_work_is_looked_through(cast: Cast, sent: Case):
    assert found_by(cast.coordinator, words=FAMILY, why="") == set()
    assert found_by(cast.coordinator, words=FAMILY, why="work") == {sent.reference}
    assert found_by(cast.teacher, words=FAMILY, why="") == {sent.reference}

    Case.objects.filter(pk=sent.pk).update(coordinator=cast.coordinator.membership_id)

    assert found_by(cast.coordinator, words=FAMILY, why="") == {sent.reference}
    assert found_by(cast.second_coordinator, words=FAMILY, why="") == set()


def test_a_purpose_is_one_of_four_and_none_is_chosen_beforehand(cast: Cast):
    page = signed_in(cast.coordinator).get(reverse("matching:search")).text

    assert len(SoughtFor) == page.count('name="why"') == 4
    assert "checked" not in page
    assert search(cast.coordinator, words=FAMILY, why="curious").status_code == 422


def test_own_work_that_one_may_not_see_any_more_is_not_found(cast: Cast, sent: Case):
    Case.objects.filter(pk=sent.pk).update(coordinator=cast.coordinator.membership_id)
    wall(cast, sent)

    assert found_by(cast.coordinator, words=FAMILY, why="") == set()


# --- What nobody is told --------------------------------------------------------------------------


def wall(cast: Cast, case: Case) -> None:
    Wall.objects.create(
        case=case,
        user_id=cast.coordinator.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )


def test_a_walled_person_finds_nothing_by_anything(cast: Cast):
    case = there(cast)
    wall(cast, case)

    for typed in (*KNOWN.values(), {"words": case.reference}):
        assert found_by(cast.coordinator, **typed) == set(), typed
    assert found_by(cast.second_coordinator, **KNOWN["phone"]) == {case.reference}


@pytest.mark.parametrize("name", STRANGERS)
def test_what_is_hidden_is_found_by_nobody(cast: Cast, name):
    case = there(cast)
    who = cast.everyone()[name]

    for typed in (*KNOWN.values(), {"words": case.reference}):
        assert found_by(who, **typed) == set(), typed


@pytest.mark.parametrize("term", KNOWN)
@pytest.mark.parametrize("why", ["", "concern"])
def test_hidden_and_none_are_answered_in_the_same_bytes(cast: Cast, term, why):
    who = cast.outsider_lead
    typed = KNOWN[term]

    def answered() -> tuple[int, str, dict[str, str]]:
        answer = search(who, why=why, **typed)
        headers = {k: v for k, v in answer.headers.items() if k != "Content-Security-Policy"}
        return answer.status_code, _without_tokens(answer.text), headers

    none = answered()
    case = there(cast)
    Case.objects.filter(pk=case.pk).update(reference=REFERENCE)

    assert none == answered()
    assert NONE in none[1]
    assert found_by(cast.coordinator, **typed)


def _without_tokens(text: str) -> str:
    text = re.sub(r'name="(?:csrfmiddlewaretoken|author)" value="[^"]*"', "", text)
    return re.sub(r'nonce="[^"]*"', "", text)


def instead(cast: Cast, who, changes) -> None:
    """End each of this team's grants, and give another in its place that differs in `changes`."""
    for grant in Grant.objects.live().filter(group_id=who.team_id):
        casework.end_grants(
            cast.coordinator, grant.content_object, [grant], "Another takes its place."
        )
        grant.pk = uuid4()
        changed = {**changes(grant), "ended_at": None, "ended_why": "", "from_at": timezone.now()}
        for name, value in changed.items():
            setattr(grant, name, value)
        if grant.categories:
            grant.save(force_insert=True)


def test_a_child_who_is_withheld_is_not_found_though_the_case_is_there(cast: Cast):
    """To be found by a name that one may not read would tell the name."""
    case = there(cast)
    who = cast.manager
    instead(cast, who, lambda grant: {"categories": [c for c in grant.categories if c != "IC1"]})

    for term in ("name", "birth date", "phone", "postcode", "street"):
        assert found_by(who, **KNOWN[term]) == set(), term
    assert found_by(who, words=case.reference) == {case.reference}


def test_an_identity_that_another_agency_holds_does_not_open_the_senders(cast: Cast):
    """A grant opens what its holder holds: the child's name is held by whoever reported it."""
    there(cast)
    who = cast.manager
    instead(cast, who, lambda _: {"holder": cast.council})

    assert found_by(who, **KNOWN["name"]) == set()


def test_an_address_that_is_protected_is_not_found(cast: Cast):
    case = there(cast)
    statement = case.statements.get(question="address")
    assert found_by(cast.coordinator, **KNOWN["postcode"]) == {case.reference}

    casework.protect(actor=cast.teacher, statement=statement, protect=Protect.ADDRESS)

    assert found_by(cast.coordinator, **KNOWN["postcode"]) == set()
    assert found_by(cast.coordinator, **KNOWN["street"]) == set()


def test_search_finds_no_more_than_the_list_shows(cast: Cast, sent: Case):
    """Every person of the cast: a case that is found is on their list and says there who it is."""
    for who in cast.everyone().values():
        if who.role is Role.BOARD_CHAIR:
            continue
        rows = signed_in(who).get(reverse("referrals:cases")).context["rows"]
        known = {row.reference for row in rows if "IC1" in row.shown}
        assert found_by(who, words=GIVEN) == known, who.name


def test_a_board_chair_finds_nothing(cast: Cast, sent: Case):
    assert signed_in(cast.chair).get(reverse("matching:search")).status_code == 403
    assert search(cast.chair, words=sent.reference).status_code == 403


# --- On the record, and nowhere else --------------------------------------------------------------


def test_a_search_is_on_the_record_without_its_words(cast: Cast):
    case = there(cast)

    search(cast.coordinator, words=f"{FAMILY} {GIVEN}", why="contact", **BORN)
    search(cast.coordinator, words="Nobody At All", why="")

    one, other = events("case.searched")
    assert (one["ids"], other["ids"]) == ([str(case.pk)], [])
    assert one["why"].split(", ") == [
        "contact",
        f"name:{asked_for(f'{FAMILY} {GIVEN}'.lower())}",
        f"born:{asked_for('2012-03-27')}",
    ]
    assert other["why"] == f"name:{asked_for('all at nobody')}"
    kept = json.dumps([one, other]).lower()
    assert not [word for word in (FAMILY, GIVEN, "2012-03", "nobody") if word.lower() in kept]


def test_all_that_was_typed_as_a_name_is_kept_as_a_code(cast: Cast):
    words = "van Otter Anna Bella Clara Dora Emma"

    search(cast.coordinator, words=words)

    (kept,) = events("case.searched")
    whole = " ".join(sorted(words.lower().split()))
    assert kept["why"] == f"work, name:{asked_for(whole)}"


def test_what_is_typed_is_in_no_address_no_title_and_no_log(cast: Cast, caplog):
    caplog.set_level(logging.DEBUG)
    there(cast)
    client = signed_in(cast.coordinator)

    asked = client.get(f"{reverse('matching:search')}?words={FAMILY}&why=work")
    answer = search(cast.coordinator, words=FAMILY, phone=PHONE, place="EX1 2AB", **BORN)

    assert "found" not in asked.context
    assert FAMILY not in answer.text.partition("</title>")[0]
    assert not re.search(rf'(?:href|action)="[^"]*(?:{FAMILY}|EX1)', answer.text)
    # The statements of the database are written at this level in tests, and never on a site.
    said = [r.getMessage() for r in caplog.records if not r.name.startswith("django.db")]
    assert not [line for line in said if FAMILY in line or "960 777" in line or "EX1" in line]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "Enter a reference, a name, a birth date, a phone number or an address"),
        (
            {"words": "  "},
            "Enter a reference, a name, a birth date, a phone number or an address",
        ),
        *(
            ({"words": words}, "Enter a reference, a name, a birth date, a phone number")
            for words in ("2012", "%", "_")
        ),
        ({"words": "2012", **BORN}, "Enter a reference, a name, a birth date, a phone number"),
        ({"words": "x" * 101}, "What you look for must be 100 characters or less"),
        ({"phone": "777"}, "Enter a whole phone number, like 01632 960 001"),
        ({"place": "by the park"}, "Enter a postcode, like AB1 2CD, or a house number and street"),
        ({"born-day": "3"}, "Date of birth must include a month and a year"),
    ],
)
def test_what_nobody_could_be_found_by_is_said(cast: Cast, typed, says):
    answer = search(cast.coordinator, **typed)

    assert answer.status_code == 422
    assert answer.text.count(says) == 2
    assert not events("case.searched")


def test_somebody_who_looks_for_too_many_waits(cast: Cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {"search": "2/m/user"}
    cache.clear()

    answers = [search(cast.coordinator, words="Otter").status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert search(cast.manager, words="Otter").status_code == 200
    assert len(events("case.searched")) == 3

"""A page costs the same number of queries at ten cases and at a thousand, and not many."""

from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from referrals.models import (
    Case,
    Child,
    Grant,
    Particulars,
    Referral,
    Statement,
    new_reference,
)
from referrals.services.particulars import sweep
from referrals.vocabulary.likeness import VERSION
from tests.cast import Cast, membership, send, signed_in

MOST = 25
# To begin, to go back to and to end a piece of work asks the database for nothing.
NO_QUERY = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "COMMIT")
PAGES = {
    "board": ("coordinator", "triage:board"),
    "board, by every filter": ("coordinator", "triage:board"),
    "cases": ("coordinator", "referrals:cases"),
    "cases of a manager": ("manager", "referrals:cases"),
    "cases of a lead": ("lead", "referrals:cases"),
    "my agency's cases": ("manager", "referrals:cases"),
    "chronology": ("coordinator", "disclosures:chronology"),
    "note": ("coordinator", "referrals:note"),
    "risk": ("coordinator", "assessments:risk"),
    "start of an assessment": ("coordinator", "assessments:start"),
    "joint risk assessments": ("coordinator", "assessments:asked"),
    "mine": ("teacher", "following:mine"),
    "mine, of a lead": ("lead", "following:mine"),
    "add": ("teacher", "following:add"),
    "messages": ("coordinator", "following:messages"),
    "disagree": ("teacher", "following:disagree"),
    "home of a teacher": ("teacher", "home:home"),
    "home of a coordinator": ("coordinator", "home:home"),
    "home of a manager": ("manager", "home:home"),
    "actions": ("coordinator", "actions:actions"),
    "all actions": ("coordinator", "actions:actions"),
    "actions of a lead": ("lead", "actions:actions"),
    "actions of a case": ("coordinator", "actions:of-case"),
    "reviews": ("manager", "actions:reviews"),
    "who left the list": ("manager", "actions:departures"),
    "steps that are mine": ("coordinator", "triage:tasks"),
    "what waits for my answer": ("manager", "triage:handovers"),
    "the API's list": ("coordinator", "api-cases"),
    "the case": ("coordinator", "referrals:case"),
    "the case, for its author": ("teacher", "referrals:case"),
    "documents": ("coordinator", "referrals:documents"),
    "the workspace": ("coordinator", "triage:workspace"),
    "hand over": ("coordinator", "triage:hand-over"),
    "closed cases to look at": ("coordinator", "triage:look-backs"),
    "work of people who have left": ("manager", "triage:left"),
    "possible matches": ("coordinator", "matching:matches"),
    "people and places": ("coordinator", "links:index"),
    "answers that name them": ("coordinator", "links:answers"),
    "why": ("coordinator", "disclosures:why"),
    "ask": ("coordinator", "disclosures:ask"),
    "requests": ("coordinator", "disclosures:requests"),
    "requests of a lead": ("lead", "disclosures:requests"),
    "search": ("coordinator", "matching:search"),
    "the API's case": ("coordinator", "api-case"),
    "sharing": ("coordinator", "disclosures:sharing"),
    "share": ("coordinator", "disclosures:share"),
    "share in danger": ("coordinator", "disclosures:danger"),
    "view as": ("coordinator", "disclosures:view-as"),
    "information reports": ("coordinator", "information:reports"),
    "my information reports": ("teacher", "information:mine"),
    "meetings": ("coordinator", "meetings:meetings"),
    "nominations": ("coordinator", "meetings:sift"),
    "contacts": ("lead", "accounts:contacts"),
    "register": ("coordinator", "disclosures:register"),
    "settings": ("manager", "accounts:partnership"),
    "how emails come": ("coordinator", "notifications:preferences"),
}

TAKES_A_CASE = {
    "referrals:case",
    "following:add",
    "following:messages",
    "following:disagree",
    "referrals:documents",
    "disclosures:chronology",
    "referrals:note",
    "assessments:risk",
    "assessments:start",
    "actions:of-case",
    "triage:workspace",
    "matching:matches",
    "links:index",
    "links:answers",
    "disclosures:why",
    "disclosures:ask",
    "disclosures:sharing",
    "disclosures:share",
    "disclosures:danger",
    "disclosures:view-as",
    "api-case",
}


# What stands in the address of some.
ASKED = {
    "all actions": {"show": "all"},
    "my agency's cases": {"whose": "agency", "due": "owed"},
    "board, by every filter": {"kind": "school", "age": "not-known", "flag": "again"},
}


def asked_of(queries: CaptureQueriesContext) -> int:
    """How many queries there were, without what only begins or ends a transaction."""
    return sum(not each["sql"].startswith(NO_QUERY) for each in queries.captured_queries)


def cost(cast: Cast, case: Case, page: str) -> int:
    who, name = PAGES[page]
    takes = name in TAKES_A_CASE
    client = signed_in(cast.everyone()[who])
    address = reverse(name, args=[case.reference] if takes else [])
    client.get(address)  # the session and what is remembered for the life of the process
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, ASKED.get(page))
    assert answer.status_code == 200
    return asked_of(queries)


def many(like: Case, count: int) -> None:
    """Make more cases like this one, sent by its author, open to whom it is open."""
    now = timezone.now()
    referral = Referral.objects.get(case=like)
    children = Child.objects.bulk_create(
        Child(partnership=like.partnership, given_name="Ann", family_name="Other")
        for _ in range(count)
    )
    cases = Case.objects.bulk_create(
        Case(
            partnership=like.partnership,
            child=child,
            reference=new_reference(),
            priority=like.priority,
            received_at=now,
            decision_due_at=now + timedelta(hours=place + 1),
        )
        for place, child in enumerate(children)
    )
    sent = Referral.objects.bulk_create(
        Referral(
            case=case,
            agency=referral.agency,
            author=referral.author,
            danger=referral.danger,
            sent_at=now,
            key=uuid4(),
        )
        for case in cases
    )
    # Each is looked for on the board, and nobody is found.
    Particulars.objects.bulk_create(
        Particulars(
            case=case,
            partnership=like.partnership,
            holder=referral.agency,
            version=VERSION,
            keys=[place],
            given=["ann"],
            family=["other"],
        )
        for place, case in enumerate(cases)
    )
    statements = list(like.statements.all())
    Statement.objects.bulk_create(
        _like(row, case=each.case, referral=each) for each in sent for row in statements
    )
    grants = list(like.grants.all())
    Grant.objects.bulk_create(
        _like(grant, content_object=case) for case in cases for grant in grants
    )


def _like(row, **changes):
    fields = [field.name for field in row._meta.concrete_fields if field.name != "id"]
    return type(row)(**{**{name: getattr(row, name) for name in fields}, **changes})


def test_no_page_costs_many_queries_and_a_thousand_cases_cost_no_more_than_ten(cast: Cast):
    case = send(cast.teacher)
    many(case, 9)
    at_ten = {page: cost(cast, case, page) for page in PAGES}
    many(case, 990)
    at_a_thousand = {page: cost(cast, case, page) for page in PAGES}

    assert Case.objects.count() == 1000
    assert at_a_thousand == at_ten
    assert {page: count for page, count in at_a_thousand.items() if count > MOST} == {}


def test_a_search_costs_the_same_however_many_it_looks_at(cast: Cast, settings):
    # What counts the searches of a person is allauth's: the same each time.
    settings.ACCOUNT_RATE_LIMITS = {}
    client, sought = signed_in(cast.coordinator), {"words": "Ann Other", "why": "work"}
    costs = []
    for count in (9, 90):
        many(send(cast.teacher), count)
        Particulars.objects.all().delete()
        sweep()
        client.get(reverse("matching:search"))
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(reverse("matching:search"), sought)
        assert answer.context["found"].matches
        costs.append(asked_of(queries))

    assert costs[0] == costs[1] <= MOST


def test_a_case_with_a_hundred_answers_costs_what_one_with_few_does(cast: Cast):
    few, long = send(cast.teacher), send(cast.teacher)
    row = Statement.objects.filter(case=long, question="saw").get()
    Statement.objects.bulk_create(_like(row) for _ in range(100))
    other = membership(cast.panel_officer)
    Statement.objects.bulk_create(
        _like(row, author=other, agency=other.team.agency) for _ in range(20)
    )

    for page in ("the case", "the workspace", "why", "the API's case", "the case, for its author"):
        assert cost(cast, long, page) == cost(cast, few, page), page


def test_five_possible_matches_cost_what_one_does_and_not_many(cast: Cast):
    pages = ("the workspace", "possible matches")
    case, _ = send(cast.teacher), send(cast.teacher)
    one = {page: cost(cast, case, page) for page in pages}
    for _ in range(4):
        send(cast.teacher)

    assert {page: cost(cast, case, page) for page in pages} == one
    assert max(one.values()) <= MOST, one

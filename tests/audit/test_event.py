"""What may stand in an event, and what may not."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import rfc8785
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.vocabulary import Principal
from portal.audit.models import Event
from portal.audit.services import RequestContext, append, record, request_context
from portal.audit.vocabulary import ACTS, PROCESSING, Category

CHILD = UUID("11111111-1111-4111-8111-111111111111")
ROOT = Path(__file__).resolve().parents[2]


def body_of(event: UUID) -> dict[str, object]:
    stored: dict[str, object] = json.loads(bytes(Event.objects.get(pk=event).body))
    return stored


def test_an_event_holds_codes_and_identifiers_and_nothing_else(coordinator: Principal) -> None:
    case, other = uuid4(), uuid4()

    event = record(
        coordinator,
        "grant.given",
        case=case,
        obj=("grant", other),
        subjects=[CHILD],
        recipient=("team", f"{coordinator.agency_id}:panel_member"),
        why="12/1, default",
        purpose="PANEL",
        basis="CA04_S11",
        fields=["IC4", "IC1", "IC4"],
        ids=[other],
        withheld=2,
    )

    assert body_of(event) == {
        "v": "1",
        "id": str(event),
        "cat": "disclosure",
        "act": "grant.given",
        "out": "allowed",
        "why": "12/1, default",
        "actor": {
            "kind": "user",
            "id": str(coordinator.user_id),
            "agency": str(coordinator.agency_id),
            "role": "coordinator",
            "member": str(coordinator.membership_id),
            "sess": None,
        },
        "obj": {"kind": "grant", "id": str(other)},
        "subj": [str(CHILD)],
        "rcpt": {"kind": "team", "id": f"{coordinator.agency_id}:panel_member"},
        "purp": "PANEL",
        "basis": "CA04_S11",
        "fields": ["IC1", "IC4"],
        "n": 1,
        "ids": [str(other)],
        "withheld": 2,
        "det": None,
        "cause": None,
        "req": None,
        "rel": {"git": "", "schema": "1"},
    }


def test_the_stored_bytes_are_canonical_and_ascii(coordinator: Principal) -> None:
    event = record(coordinator, "case.read", case=uuid4(), subjects=[CHILD])

    stored = bytes(Event.objects.get(pk=event).body)

    assert stored.isascii()
    assert stored == rfc8785.dumps(json.loads(stored))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=9), inner, max_size=3)
        ),
        max_leaves=9,
    )
)
def test_a_verifier_needs_no_library_for_the_canonical_form(value: object) -> None:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert rfc8785.dumps(value) == plain.encode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("actor", "act", "case", "stream"),
    [
        (True, "case.read", True, "case"),
        (True, "case.listed", False, "agency"),
        (False, "rules.loaded", False, "system"),
        (False, "auth.failed", False, "auth"),
        (True, "auth.role_chosen", False, "auth"),
    ],
)
def test_the_case_the_agency_or_the_system_is_the_stream(
    coordinator: Principal,
    actor: bool,  # noqa: FBT001
    act: str,
    case: bool,  # noqa: FBT001
    stream: str,
) -> None:
    where = uuid4()

    event = record(
        coordinator if actor else None,
        act,
        case=where if case else None,
        subjects=[CHILD] if case else [],
    )

    owner = {"case": f":{where}", "agency": f":{coordinator.agency_id}"}.get(stream, "")
    assert Event.objects.get(pk=event).stream == stream + owner


def test_the_request_is_known_by_its_route_and_not_by_its_address(coordinator: Principal) -> None:
    context = RequestContext(id=uuid4(), route="referrals:read", method="GET", session="ab12")
    token = request_context.set(context)
    try:
        event = record(coordinator, "case.read", case=uuid4(), subjects=[CHILD])
    finally:
        request_context.reset(token)

    body = body_of(event)
    assert body["req"] == {"id": str(context.id), "route": "referrals:read", "method": "GET"}
    assert body["actor"]["sess"] == "ab12"  # type: ignore[index]


def test_an_act_that_is_not_in_the_registry_cannot_be_recorded(coordinator: Principal) -> None:
    with pytest.raises(KeyError):
        record(coordinator, "case.glanced", case=uuid4(), subjects=[CHILD])


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "grant.given"},
        {"recipient": ("agency", CHILD)},
        {"subjects": []},
        {"subjects": ["Asha"]},
        {"subjects": [uuid4() for _ in range(21)]},
        {"ids": [uuid4() for _ in range(201)]},
        {"fields": [f"f{n}" for n in range(61)]},
        {"fields": ["what she said"]},
        {"why": "The mother rang and said so"},
        {"why": ", ".join("x" * 21)},
        {"why": "x" * 81},
        {"why": "Zoë"},
        {"basis": "https://example.org"},
        {"purpose": "a\nb"},
        {"obj": ("case", "R-4KD7 92Q")},
        {"obj": ("", CHILD)},
        {"withheld": -1},
        {"outcome": "perhaps"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_outside_the_schema_is_refused(
    coordinator: Principal, wrong: dict[str, object]
) -> None:
    right: dict[str, object] = {"act": "case.read", "case": uuid4(), "subjects": [CHILD]}

    with pytest.raises(ValueError, match=r".+"):
        record(coordinator, **(right | wrong))  # type: ignore[arg-type]

    assert not Event.objects.filter(stream=f"case:{right['case']}").exists()


def test_the_longest_event_fits(coordinator: Principal) -> None:
    event = record(
        coordinator,
        "grant.given",
        case=uuid4(),
        subjects=[uuid4() for _ in range(20)],
        recipient=("team", f"{coordinator.agency_id}:coordinator"),
        ids=[uuid4() for _ in range(200)],
    )

    assert body_of(event)["n"] == 200


@pytest.mark.parametrize(
    ("constraint", "stream", "change"),
    [
        ("event_body_holds_id", "system", {"id": str(CHILD)}),
        ("event_body_holds_id", "system", {"id": None}),
        ("event_act_named", "system", {"act": "whatever"}),
        ("event_category_known", "system", {"cat": "gossip"}),
        ("event_category_known", "system", {"cat": None}),
        ("event_outcome_known", "system", {"out": "maybe"}),
        ("event_recipient_iff_disclosure", "system", {"cat": "disclosure"}),
        ("event_recipient_iff_disclosure", "system", {"rcpt": {"kind": "agency"}}),
        ("event_on_case_has_subject", f"case:{CHILD}", {"cat": "consultation"}),
        ("event_on_case_has_subject", f"case:{CHILD}", {"cat": "consultation", "subj": None}),
        ("event_stream_named", "case: Asha", {}),
        ("event_stream_named", "", {}),
        ("event_body_small", "system", {"pad": "x" * 12_288}),
    ],
)
def test_the_database_refuses_it_too(
    db: None, constraint: str, stream: str, change: dict[str, object]
) -> None:
    event = uuid4()
    body: dict[str, object] = {"id": str(event), "act": "rules.loaded", "cat": "admin"}
    body |= {"out": "allowed", "rcpt": None, "subj": []}

    with (
        pytest.raises(DatabaseError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT audit.append(%s, %s, %s)", [event, stream, json.dumps(body | change).encode()]
        )


def test_every_act_is_in_the_book() -> None:
    book = (ROOT / "docs" / "audit.md").read_text()

    written = [line for line in book.splitlines() if line.startswith("| `") and "." in line[:30]]
    assert written == [
        f"| `{name}` | {act.category.label} | {act.sentence} |" for name, act in ACTS.items()
    ]


def test_the_six_categories_of_section_62_are_those_that_need_a_subject() -> None:
    assert set(Category) - PROCESSING == {Category.SECURITY, Category.ADMIN, Category.SYSTEM}
    assert len(PROCESSING) == 6


def test_the_same_event_sent_twice_is_one_event(db: None) -> None:
    event = uuid4()
    body = rfc8785.dumps(
        {"id": str(event), "act": "rules.loaded", "cat": "admin", "out": "allowed", "rcpt": None}
    )

    first = append(event, "system", body)
    again = append(event, "system", body)

    assert again == first
    assert Event.objects.filter(pk=event).count() == 1

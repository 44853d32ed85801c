"""Who may read an information report, what of it, and what becomes of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.information import policies, reading, services
from referrals.information.models import Draft, Link, Receipt, Report, Thing
from referrals.information.vocabulary import Verdict
from referrals.models import Statement, Wall
from referrals.vocabulary import Conflict, KnownHow
from sharing.rules.models import Rule
from tests.cast import Cast, carried, events, membership, send, signed_in
from tests.information.conftest import PLATE, WHAT, car, person, report_of, told

LINKED = {"verdict": Verdict.CONFIRMED, "reason": "The same driver."}


def readers(cast: Cast, police) -> dict[str, object]:
    return {
        "officer": police.officer,
        "police lead": police.lead,
        "coordinator": cast.coordinator,
        "second coordinator": cast.second_coordinator,
        "manager": cast.manager,
    }


def test_the_police_and_the_front_door_read_it_and_nobody_else_knows_of_it(cast, police, report):
    here = readers(cast, police)
    for who in here.values():
        assert services.read_report(actor=who, reference=report.reference).told[0][1] == WHAT
    others = {**cast.everyone(), "elsewhere": police.elsewhere}
    for name, who in others.items():
        if name.replace("_", " ") in here:
            continue
        with pytest.raises(NotVisible):
            services.read_report(actor=who, reference=report.reference)
        assert report not in policies.visible(who), name


def test_the_page_shows_what_was_given_and_names_how_much_was_not(cast, report):
    page = signed_in(cast.coordinator).get(reverse("information:report", args=[report.reference]))

    (named,) = services.read_report(actor=cast.coordinator, reference=report.reference).things
    assert len(named.empty) > 1
    assert f"{len(named.empty)} questions not answered" in page.text
    assert "Not provided" not in page.text
    assert all(words for _, words in named.rows)


def test_hidden_is_the_same_bytes_as_missing(cast, report):
    for who in (cast.lead, cast.panel_officer, cast.colleague):
        client = signed_in(who)
        hidden = client.get(reverse("information:report", args=[report.reference]))
        missing = client.get(reverse("information:report", args=["P-0000-000"]))
        assert hidden.status_code == missing.status_code == 404
        assert WHAT not in hidden.content.decode()


def test_without_the_rule_the_police_read_nothing(cast, police, report, monkeypatch):
    rules = policies.law.in_force(timezone.now())
    monkeypatch.setattr(
        policies.law, "in_force", lambda _at: tuple(r for r in rules if r.number != "16")
    )

    assert report not in policies.visible(police.officer)
    assert report in policies.visible(cast.coordinator)


def test_a_name_that_is_withheld_is_for_those_alone_whom_a_rule_names(cast, police):
    hidden = report_of(cast.teacher, name_withheld=True)
    open_ = report_of(cast.teacher)

    def said(who, report):
        return dict(services.read_report(actor=who, reference=report.reference).told)

    assert "Tess Eacher" in said(cast.coordinator, hidden)["Who told us"]
    assert "Tess" not in str(said(police.officer, hidden))
    assert "Example High School" not in str(said(police.officer, hidden))
    assert "Tess Eacher" in said(police.officer, open_)["Who told us"]
    # Nobody asked the neighbour.
    assert "neighbour" not in str(said(police.officer, open_))
    assert "neighbour" in str(said(cast.coordinator, open_))
    page = signed_in(police.officer).get(reverse("information:reports")).content.decode()
    assert page.count("Not shown here") == 1


def test_somebody_who_may_be_a_child_is_for_the_front_door(cast, police):
    report = report_of(cast.teacher, things=(person(may_be_child="yes"), car()))

    front = services.read_report(actor=cast.coordinator, reference=report.reference)
    officer = services.read_report(actor=police.officer, reference=report.reference)

    assert (len(front.things), front.withheld) == (2, 0)
    assert (len(officer.things), officer.withheld) == (1, 1)


def test_every_view_is_recorded_with_the_rule_and_no_word(cast, police, report):
    services.read_report(actor=police.officer, reference=report.reference)
    services.list_reports(actor=police.officer, page=policies.visible(police.officer).for_rows())

    read, listed = events("information.read", "information.listed")
    assert read["obj"] == {"kind": "information", "id": str(report.pk)}
    assert (read["why"], read["basis"], read["purp"]) == ("rule:16/1", "CDA98_S115/2", "DISRUPT")
    assert listed["ids"] == [str(report.pk)]
    assert PLATE not in str([read, listed])


def test_police_leads_and_coordinators_are_told_and_nobody_else(cast, police, report):
    told_ = Notice.objects.filter(kind=Kind.INFORMATION).values_list("recipient_id", flat=True)
    expected = (police.lead, cast.coordinator, cast.second_coordinator)
    assert set(told_) == {who.membership_id for who in expected}
    assert not Notice.objects.filter(kind=Kind.INFORMATION).exclude(reference="", case=None)


def test_the_author_follows_received_and_read_and_nothing_more(cast, police, report):
    client = signed_in(cast.teacher)
    address = reverse("information:sent", args=[report.reference])
    before = client.get(address).content.decode()
    services.mark_read(actor=police.officer, reference=report.reference)
    services.mark_read(actor=cast.coordinator, reference=report.reference)
    after = client.get(address).content.decode()

    assert "Nobody has marked it as read" in before
    assert "It was read on" in after
    for hidden in (WHAT, PLATE, "Con", "Police, ", "Coral"):
        assert hidden not in after.replace("Content", "")
    assert Receipt.objects.get().reader_id == police.officer.membership_id
    notice = Notice.objects.get(kind=Kind.INFORMATION_READ)
    assert notice.recipient_id == cast.teacher.membership_id
    for who in (cast.colleague, cast.lead, cast.coordinator):
        with pytest.raises(NotVisible):
            services.follow(actor=who, reference=report.reference)


def test_nobody_marks_their_own_as_read(cast, police):
    own = report_of(police.officer)
    with pytest.raises(Refused):
        services.mark_read(actor=police.officer, reference=own.reference)
    assert not Receipt.objects.exists()


def test_nobody_marks_their_own_as_read_in_another_role(cast, police):
    own = report_of(police.officer)
    user = membership(police.officer).user
    agency = Agency.objects.get(pk=police.officer.agency_id)
    lead = accounts.enrol(email=user.email, name=user.name, agency=agency, role=Role.AGENCY_LEAD)

    assert services.read_report(actor=lead.principal(), reference=own.reference).is_mine
    with pytest.raises(Refused):
        services.mark_read(actor=lead.principal(), reference=own.reference)
    refused = pytest.raises(DatabaseError, match="information_receipt_is_another_persons")
    with refused, transaction.atomic():
        Receipt.objects.create(report=own, reader=lead)
    assert services.mark_read(actor=police.lead, reference=own.reference)


def test_sent_twice_is_one_report(cast, police):
    draft = services.start(actor=cast.teacher)
    one = services.send(actor=cast.teacher, draft=draft, told=told())
    two = services.send(actor=cast.teacher, draft=draft, told=told())

    assert one == two == Report.objects.get().reference
    draft.refresh_from_db()
    assert draft.answers == {}
    with pytest.raises(DomainError):
        services.save(actor=cast.teacher, draft=draft, typed={"what": "More."})


def test_words_changed_in_another_window_are_not_sent(cast, police):
    draft = services.start(actor=cast.teacher)
    services.save(actor=cast.teacher, draft=draft, typed={"what": "More."})
    with pytest.raises(DomainError, match="another window"):
        services.send(actor=cast.teacher, draft=draft, told=told())


def test_words_that_the_author_has_not_looked_at_are_not_sent(cast, police):
    draft = services.start(actor=cast.teacher)
    whole = {"what": WHAT, "known_how": "saw", "sure": "sure", "name": "no"}
    services.save(actor=cast.teacher, draft=draft, typed=whole)
    client, address = signed_in(cast.teacher), reverse("information:check", args=[draft.pk])
    looked_at = carried(client, address)
    services.save(actor=cast.teacher, draft=draft, typed={**whole, "what": "Something else."})

    answer = client.post(address, looked_at)

    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    assert "Something else." in answer.text
    assert not Report.objects.exists()
    assert client.post(address, carried(client, address)).status_code == 302


def test_a_report_that_nobody_would_read_is_not_taken(cast, police):
    readers_ = (police.lead, cast.coordinator, cast.second_coordinator)
    Membership.objects.filter(pk__in=[who.membership_id for who in readers_]).update(
        until_at=timezone.now()
    )
    draft = services.start(actor=cast.teacher)
    with pytest.raises(DomainError, match="nobody would read it"):
        services.send(actor=cast.teacher, draft=draft, told=told())
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "  "},
        {"from_day": timezone.now().date() + timedelta(days=2)},
        {"known_how": KnownHow.OPINION},
        {"things": (person(relation="A coach"),)},
    ],
    ids=["nothing", "tomorrow", "an opinion", "about one child"],
)
def test_what_is_no_report_is_refused(cast, police, wrong):
    draft = services.start(actor=cast.teacher)
    with pytest.raises(DomainError):
        services.send(actor=cast.teacher, draft=draft, told=told(**wrong))


def test_a_role_that_does_not_refer_does_not_report(cast):
    with pytest.raises(Refused):
        services.start(actor=cast.chair)


def test_a_draft_is_its_authors_alone_and_goes_after_thirty_days(cast):
    draft = services.start(actor=cast.teacher)
    with pytest.raises(NotVisible):
        services.save(actor=cast.colleague, draft=draft, typed={})
    Draft.objects.update(saved_at=timezone.now() - timedelta(days=31))
    assert services.expire() == 1
    assert not Draft.objects.exists()


# --- Links ---------------------------------------------------------------------------------------


@pytest.fixture
def case(cast):
    return send(cast.teacher, items=(car("ab12xyz"),))


def proposed(who, report):
    return services.read_report(actor=who, reference=report.reference).proposals


def test_the_same_registration_on_a_case_that_one_may_read_is_proposed(cast, police, report, case):
    (proposal,) = proposed(cast.coordinator, report)
    assert proposal.reference == case.reference
    # The police may read the report and not the case.
    assert proposed(police.officer, report) == ()


def test_another_registration_is_not_proposed(cast, report):
    send(cast.teacher, items=(car("AB12 XY"),))
    assert proposed(cast.coordinator, report) == ()


def test_what_was_decided_or_is_not_shown_takes_nobodys_place(cast, report, monkeypatch):
    monkeypatch.setattr(reading, "MOST_PROPOSED", 2)
    cases = [send(cast.teacher, items=(car(),)) for _ in range(5)]
    Statement.objects.filter(case=cases[4], item__isnull=False).update(protect="existence")

    for newest in (cases[3], cases[2], cases[1], cases[0]):
        first, *more = proposed(cast.coordinator, report)
        assert len(more) <= 1
        assert first.case == newest.pk
        services.decide_link(
            actor=cast.coordinator,
            reference=report.reference,
            thing=first.thing,
            statement=first.statement,
            **LINKED,
        )
    assert proposed(cast.coordinator, report) == ()


def test_what_is_protected_or_walled_is_not_proposed(cast, report, case):
    Wall.objects.create(
        case=case,
        user_id=cast.second_coordinator.user_id,
        why=Conflict.NAMED,
        raised_by=membership(cast.manager),
    )
    assert proposed(cast.second_coordinator, report) == ()
    # A wall is about a case: the report itself stays open.
    assert report in policies.visible(cast.second_coordinator)
    Statement.objects.filter(case=case, item__isnull=False).update(protect="existence")
    assert proposed(cast.coordinator, report) == ()


def test_a_person_confirms_a_link_and_it_opens_nothing(cast, police, report, case):
    (proposal,) = proposed(cast.coordinator, report)
    pair = {"thing": proposal.thing, "statement": proposal.statement}

    services.decide_link(actor=cast.coordinator, reference=report.reference, **pair, **LINKED)

    after = services.read_report(actor=cast.coordinator, reference=report.reference)
    assert after.proposals == ()
    assert [each.reference for each in after.found] == [case.reference]
    for_police = services.read_report(actor=police.officer, reference=report.reference)
    assert for_police.found == ()
    assert case not in casework.visible(police.officer)
    assert report not in policies.visible(cast.lead)
    (event,) = events("information.linked")
    assert event["ids"] == [str(report.pk), str(case.pk)]
    assert case.reference not in str(events("information.linked", stream=f"case:{case.pk}"))


def test_only_what_is_proposed_to_oneself_can_be_linked_and_with_a_reason(
    cast, police, report, case
):
    (proposal,) = proposed(cast.coordinator, report)
    pair = {"thing": proposal.thing, "statement": proposal.statement}
    asked = {"reference": report.reference, **pair, "verdict": Verdict.REJECTED}

    with pytest.raises(NotVisible):
        services.decide_link(actor=police.officer, **asked, reason="Why.")
    with pytest.raises(NotVisible):
        services.decide_link(
            actor=cast.coordinator, **{**asked, "statement": uuid4()}, reason="Why."
        )
    with pytest.raises(DomainError):
        services.decide_link(actor=cast.coordinator, **asked, reason=" ")
    services.decide_link(actor=cast.coordinator, **asked, reason="Another car.")
    assert Link.objects.get().verdict == Verdict.REJECTED
    assert proposed(cast.coordinator, report) == ()


# --- The database --------------------------------------------------------------------------------


@pytest.fixture
def full(cast, police, report, case):
    (proposal,) = proposed(cast.coordinator, report)
    services.decide_link(
        actor=cast.coordinator,
        reference=report.reference,
        thing=proposal.thing,
        statement=proposal.statement,
        **LINKED,
    )
    services.mark_read(actor=police.officer, reference=report.reference)
    return report


@pytest.mark.parametrize("table", [Report, Thing, Receipt, Link], ids=lambda t: t.__name__)
def test_what_was_sent_is_never_changed_or_deleted(full, table):
    name = table._meta.db_table
    for field in table._meta.concrete_fields:
        other = OTHER.get(field.get_internal_type(), "'x'").format(field.column)
        _refused(f"UPDATE {name} SET {field.column} = {other}", "immutable once written")  # noqa: S608
    for statement in (f"DELETE FROM {name}", f"TRUNCATE {name} CASCADE"):  # noqa: S608
        _refused(statement, "is never deleted|permission denied")


OTHER = {
    "DateTimeField": "now() + interval '1 hour'",
    "DateField": "'1999-01-01'",
    "UUIDField": "gen_random_uuid()",
    "ForeignKey": "gen_random_uuid()",
    "OneToOneField": "gen_random_uuid()",
    "BooleanField": "NOT {}",
    "PositiveSmallIntegerField": "77",
    "JSONField": """'{{"name": "x"}}'""",
}


def _refused(statement: str, why: str) -> None:
    refused = pytest.raises(DatabaseError, match=why)
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("table", "changes", "name"),
    [
        (Report, {"what": ""}, "information_says_something"),
        (Report, {"known_how": "opinion"}, "information_has_a_source"),
        (Report, {"sure": "very"}, "information_is_more_or_less_sure"),
        (Report, {"to_day": "1999-01-01"}, "information_days_in_order"),
        (Thing, {"place": 1}, "information_thing_has_its_place"),
        (Thing, {"kind": "children"}, "information_thing_is_of_a_kind"),
        (Thing, {"category": "IC11"}, "information_thing_is_told_or_a_child"),
        (Thing, {"known_how": "opinion"}, "information_thing_has_a_source"),
        (Thing, {"details": {}}, "information_thing_is_described"),
        (Link, {"reason": ""}, "information_link_says_why"),
        (Link, {"verdict": "perhaps"}, "information_link_has_a_verdict"),
        (Link, {}, "information_link_decided_once"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_database_refuses(full, table, changes, name):
    row = table.objects.first()
    row.pk, row._state.adding = uuid4(), True
    if table is Report:
        row.key, row.reference = uuid4(), "P-0000-000"
    if table is Thing:
        row.place = 2
    for field, value in changes.items():
        setattr(row, field, value)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save()


# --- The pages -----------------------------------------------------------------------------------


def test_a_report_is_written_and_sent_page_by_page(cast, police):
    client = signed_in(cast.teacher)
    draft = client.post(reverse("information:new"))["Location"].split("/")[3]

    def at(page, *more):
        return reverse(f"information:{page}", args=[draft, *more])

    assert client.post(at("what"), {"what": "Half of it"}).status_code == 422
    assert b"Half of it" in client.get(at("what")).content
    whole = {"what": WHAT, "known_how": "saw", "sure": "sure", "name": "no"}
    assert client.post(at("what"), whole)["Location"] == at("things")
    assert client.post(at("things"), {}).status_code == 422
    assert client.post(at("things"), {"more": "online"})["Location"] == at("thing", "online", 1)
    assert client.post(at("thing", "online", 1), {"name": PLATE}).status_code == 422
    # What is not finished is not sent, and not lost.
    assert client.get(at("check"))["Location"] == at("things")
    assert PLATE in client.get(at("things")).content.decode()
    kept = Draft.objects.get(pk=draft).answers["things"][0]["item"]
    finished = {"name": PLATE, "known_how": "saw", "sure": "sure", "item": kept}
    assert client.post(at("thing", "online", 1), finished)["Location"] == at("things")
    client.post(at("thing", "people", 2), {"name": "Zed", "known_how": "saw", "sure": "sure"})
    gone = Draft.objects.get(pk=draft).answers["things"][1]["item"]
    client.post(at("remove"), {"item": gone})
    page = client.get(at("check")).content.decode()
    assert PLATE in page
    assert "MASE coordinator, Exampleshire Council" in page
    assert "Practitioner, Exampleshire Police" in page
    assert client.post(at("check")).status_code == 409, "it was not looked at"
    looked_at = carried(client, at("check"))
    sent = client.post(at("check"), looked_at)["Location"]
    assert client.post(at("check"), looked_at)["Location"] == sent

    report = Report.objects.get()
    assert sent == reverse("information:sent", args=[report.reference])
    assert report.name_withheld
    assert [thing.details["name"] for thing in report.things.all()] == [PLATE]


@pytest.mark.parametrize("page", ["what", "thing"])
def test_what_another_window_saved_is_never_lost_in_silence(cast, page):
    client, draft = signed_in(cast.teacher), services.start(actor=cast.teacher)
    more, box = ((), "what") if page == "what" else (("people", 1), "name")
    address = reverse(f"information:{page}", args=[draft.pk, *more])
    opened = hidden(client.get(address))
    whole = {"known_how": "saw", "sure": "sure", "name": "no", **opened}
    assert client.post(address, {**whole, box: "A man at the gate."}).status_code == 302
    first, second = ({**whole, **hidden(client.get(address))} for _ in "12")
    assert client.post(address, {**first, box: "The first window."}).status_code == 302

    late = client.post(address, {**second, box: "The second window."})

    assert late.status_code == 409
    for words in ("saved in another window", "The first window.", "The second window."):
        assert words in late.text
    draft.refresh_from_db()
    assert "The first window." in str(draft.answers)
    assert "The second window." not in str(draft.answers)

    # Pressed twice is the same; who has seen both chooses.
    assert client.post(address, {**first, box: "The first window."}).status_code == 302
    chosen = {**second, **hidden(late), box: "The second window."}
    assert client.post(address, chosen).status_code == 302
    draft.refresh_from_db()
    assert "The second window." in str(draft.answers)


def hidden(answer) -> dict[str, str]:
    """What the page carries along: which one it is, and which words of it are saved."""
    boxes = html.fromstring(answer.text).xpath("//main//form//input[@type='hidden']")
    return {each.name: each.value for each in boxes if each.name != "csrfmiddlewaretoken"}


def test_a_link_is_decided_on_its_page(cast, report, case):
    client = signed_in(cast.coordinator)
    page = client.get(reverse("information:report", args=[report.reference])).content.decode()
    (proposal,) = proposed(cast.coordinator, report)
    address = reverse(
        "information:link", args=[report.reference, proposal.thing, proposal.statement]
    )
    assert address in page
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 422
    said = {"verdict": "rejected", "reason": "Another."}
    # Pressed twice it is recorded once.
    assert [client.post(address, said).status_code for _ in "12"] == [302, 302]
    assert len(events("information.not_linked")) == 1
    for who in (cast.coordinator, cast.second_coordinator):
        late = signed_in(who).post(address, {**said, "reason": "The very same car."})
        assert late.status_code == 409
        assert "decided this already" in late.content.decode()
        assert "The very same car." in late.content.decode()
    assert signed_in(cast.lead).post(address, said).status_code == 404
    assert signed_in(cast.lead).get(address).status_code == 404


def test_the_rules_that_reports_rest_on_are_in_the_law(db):
    found = set(Rule.objects.values_list("number", flat=True))
    assert {"6a", "6b", "6c", "6d", "16"} <= found


def test_home_leads_those_for_whom_reports_are_to_their_list_and_nobody_else(cast: Cast, police):
    link = f'href="{reverse("information:reports")}"'
    readers_ = readers(cast, police).values()
    for who in (*cast.everyone().values(), *readers_):
        home = signed_in(who).get(reverse("home:home")).text
        assert (link in home) is (policies.reads_for(who) is not None), who.role
    assert all(policies.reads_for(who) for who in readers_)

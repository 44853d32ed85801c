"""What became of a share: its record, its end, its renewal, the register, and who may look."""

import csv
import io
from dataclasses import fields, is_dataclass

import pytest
from django import forms
from django.core.paginator import Page
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible
from portal.notifications.models import Notice
from referrals import policies as casework
from referrals.models import Grant, Wall
from referrals.services import Item, ItemKind, correct, end_grants
from referrals.triage import services as triage
from referrals.vocabulary import Conflict, KnownHow, Outcome
from sharing.disclosures import services
from sharing.disclosures.models import Disclosure, ShareDraft
from sharing.disclosures.services.advice import NOBODY
from sharing.disclosures.vocabulary import PAGES
from sharing.rules.services import changes
from tests.cast import FAMILY, GIVEN, events, send, signed_in
from tests.disclosures.steps import Sharing, add, prepared, share
from tests.sharing.rules.people import leads_of, live

FRESH = {"necessity": "The car is still there.", "proportionality": "Less is useless.", "until": ""}


@pytest.fixture
def made(cast, sent, others) -> Disclosure:
    """A share with the police."""
    return share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")


def page(who, name, *args):
    return signed_in(who).get(reverse(f"disclosures:{name}", args=args))


def case_status(who, case) -> int:
    return signed_in(who).get(reverse("referrals:case", args=[case.reference])).status_code


def test_to_stop_is_immediate_and_the_recipients_are_told(cast, sent, others, made):
    assert case_status(others.officer, sent) == 200
    client = signed_in(cast.manager)
    address = reverse("disclosures:stop", args=[made.pk])

    assert "already read or printed" in client.get(address).content.decode()
    assert client.post(address, {"why": ""}).status_code == 422
    assert client.post(address, {"why": "The car was found."}).status_code == 302

    assert case_status(others.officer, sent) == 404
    assert Notice.objects.filter(kind="stopped").count() == 2
    assert [body["act"] for body in events("share.stopped", "grant.ended")] == [
        "grant.ended",
        "share.stopped",
    ]
    assert client.post(address, {"why": "Again."}).status_code == 409
    assert "The car was found." in page(cast.coordinator, "shared", made.pk).content.decode()


def test_to_renew_makes_a_new_record_and_ends_the_old_share(cast, sent, others, made):
    again = services.renew(actor=cast.coordinator, disclosure=made, said=FRESH)

    assert again.number != made.number
    assert again.necessity == FRESH["necessity"]
    assert not Grant.objects.live().filter(disclosures=made).exists()
    assert Grant.objects.live().filter(disclosures=again).count() == 1
    assert case_status(others.officer, sent) == 200
    with pytest.raises(DomainError):
        services.renew(actor=cast.coordinator, disclosure=made, said=FRESH)


def test_a_share_of_a_part_is_renewed_as_that_part(cast, sent, others):
    row = sent.statements.get(question="saw")
    draft = prepared(
        cast.coordinator,
        sent,
        others.officer,
        "DISRUPT",
        "IC4",
        what={"left_out": [str(s.pk) for s in sent.statements.exclude(pk=row.pk)]},
    )
    part = services.share(actor=cast.coordinator, draft=draft)[0]

    again = services.renew(actor=cast.coordinator, disclosure=part, said=FRESH)

    assert again.statements == part.statements == [row.pk]
    assert again.grants.get().statements == [row.pk]


def test_what_was_told_to_answer_a_question_is_never_renewed(cast, sent, asked, nurse_lead):
    told = asked.disclosures.get()

    with pytest.raises(DomainError, match="to answer a question"):
        services.renew(actor=cast.coordinator, disclosure=told, said=FRESH)

    assert [grant.extent for grant in casework.grants(nurse_lead)] == ["answer"]
    assert not casework.visible(nurse_lead).exists()
    for said in (
        page(cast.coordinator, "sharing", sent.reference).content.decode(),
        page(cast.coordinator, "shared", told.pk).content.decode(),
    ):
        assert "To answer a question" in said
        assert reverse("disclosures:stop", args=[told.pk]) in said
        assert reverse("disclosures:renew", args=[told.pk]) not in said
    services.stop(actor=cast.coordinator, disclosure=told, why="It is answered.")


def test_a_share_because_of_danger_is_stated_again_and_never_renewed(cast, sent, others):
    made = share(cast.coordinator, sent, others.officer, "DANGER", "IC4")

    with pytest.raises(DomainError, match="danger"):
        services.renew(actor=cast.coordinator, disclosure=made, said=FRESH)

    said = page(cast.coordinator, "sharing", sent.reference).content.decode()
    assert reverse("disclosures:stop", args=[made.pk]) in said
    assert reverse("disclosures:renew", args=[made.pk]) not in said


def one_answer(cast, case, others, purpose, *categories) -> Disclosure:
    """A share of what was seen, and of all of the other kinds."""
    rest = case.statements.filter(category="IC4").exclude(question="saw")
    left_out = [str(row.pk) for row in rest]
    draft = prepared(
        cast.coordinator, case, others.officer, purpose, *categories, what={"left_out": left_out}
    )
    return services.share(actor=cast.coordinator, draft=draft)[0]


def test_a_part_that_has_ended_by_itself_is_not_renewed_as_the_whole(cast, sent, others):
    made = one_answer(cast, sent, others, "ENQUIRY", "IC1", "IC4")
    assert {grant.extent for grant in made.grants.all()} == {"whole", "part"}
    end_grants(cast.coordinator, sent, made.grants.filter(extent="part"), "Its day came.")

    with pytest.raises(DomainError, match="ended by itself"):
        services.renew(actor=cast.coordinator, disclosure=made, said=FRESH)

    assert [grant.categories for grant in casework.grants(others.officer)] == [["IC1"]]


def test_a_corrected_part_is_renewed_as_it_was_corrected(cast, sent, others):
    row = sent.statements.get(question="saw")
    part = one_answer(cast, sent, others, "DISRUPT", "IC4")
    right = correct(
        actor=cast.teacher,
        statement=row,
        text="A grey car.",
        known_how=KnownHow.SAW,
        why="It was grey.",
    )

    again = services.renew(actor=cast.coordinator, disclosure=part, said=FRESH)

    assert again.statements == [right.pk]
    assert again.grants.get().statements == [right.pk]
    assert again.accuracy == {str(right.known_how): 1}


def test_a_part_that_was_corrected_into_another_kind_is_not_renewed_as_all_of_the_old(cast, others):
    # A person is of the concern; a person who may be a child is of the family (IC11), and rule 7b
    # opens both kinds to an enquiry: nothing but the renewal itself stands between.
    case = send(cast.teacher, items=[Item(ItemKind.PEOPLE, {"name": "Zzperson"})])
    person = case.statements.get(text__contains="Zzperson")
    rest = case.statements.filter(category="IC4").exclude(pk=person.pk)
    what = {"left_out": [str(row.pk) for row in rest]}
    draft = prepared(cast.coordinator, case, others.officer, "ENQUIRY", "IC4", what=what)
    (part,) = services.share(actor=cast.coordinator, draft=draft)
    assert part.statements == [person.pk]
    correct(
        actor=cast.teacher,
        statement=person,
        text="Name: Zzperson\nMay be a child: Yes",
        known_how=KnownHow.TOLD,
        why="they are 17",
    )

    with pytest.raises(DomainError, match="another kind"):
        services.renew(actor=cast.coordinator, disclosure=part, said=FRESH)

    assert Disclosure.objects.get() == part
    assert [grant.extent for grant in Grant.objects.live().filter(disclosures=part)] == ["part"]


def test_a_renewed_share_cites_the_law_of_its_own_day(cast, sent, others, made):
    words = "The board decided this."
    live(leads_of(cast), words, number="16", line=changes.line_now("16"))

    again = services.renew(actor=cast.coordinator, disclosure=made, said=FRESH)

    assert (made.rule, made.rule_version) == ("16", 1)
    assert (again.rule, again.rule_version) == ("16", 2)
    assert again.rulings["IC4"]["version"] == again.grants.get().rule_version == 2


def test_to_renew_needs_a_fresh_reason(cast, made):
    client = signed_in(cast.coordinator)

    answer = client.post(reverse("disclosures:renew", args=[made.pk]), {"necessity": "Kept words."})

    assert answer.status_code == 422
    assert "Kept words." in answer.content.decode()
    assert Disclosure.objects.count() == 1


def test_a_recipient_acknowledges_once_for_the_team(cast, sent, others, made):
    client = signed_in(others.officer)
    address = reverse("disclosures:acknowledge", args=[made.pk])
    assert "Acknowledge this share" in page(others.officer, "shared", made.pk).content.decode()

    assert client.post(address).status_code == 302
    assert signed_in(others.second_officer).post(address).status_code == 409

    assert "Otto Fficer" in page(cast.coordinator, "shared", made.pk).content.decode()
    assert signed_in(cast.coordinator).post(address).status_code == 404
    assert len(events("share.acknowledged")) == 1


def test_the_record_says_everything_and_the_law_answers_the_same(cast, made):
    said = page(cast.coordinator, "shared", made.pk).content.decode()

    for words in (
        made.number,
        made.necessity,
        made.proportionality,
        "Crime and Disorder Act 1998",
        "Schedule 1, paragraph 18",
        "Asking for consent would prejudice the protection",
        "Rule 16",
        "The answer is the same as on the day.",
        made.preview,
    ):
        assert words in said
    assert "not the same" not in said


def test_a_recipient_does_not_read_whom_it_protects_or_what_was_advised(cast, sent, others):
    draft = prepared(
        cast.coordinator,
        sent,
        others.officer,
        "DISRUPT",
        "IC4",
    )
    draft.answers["preview"]["protects"] = "Her friend."
    draft.save()
    made = services.share(actor=cast.coordinator, draft=draft)[0]

    theirs = page(others.officer, "shared", made.pk).content.decode()

    assert "Her friend." in page(cast.coordinator, "shared", made.pk).content.decode()
    assert "Her friend." not in theirs
    assert made.not_told_why not in theirs
    assert made.necessity in theirs


@pytest.mark.parametrize(
    "who", ["teacher", "colleague", "panel_officer", "other_coordinator", "chair"]
)
def test_somebody_elses_record_is_not_there(cast, made, who):
    for name in ("shared", "stop", "renew"):
        assert page(getattr(cast, who), name, made.pk).status_code == 404


def test_a_recipient_cannot_stop_or_renew(cast, others, made):
    for name in ("stop", "renew"):
        assert page(others.officer, name, made.pk).status_code == 403
    assert Grant.objects.live().filter(disclosures=made).exists()


def test_the_lead_of_the_holding_agency_can_stop_it_and_another_lead_cannot(
    cast, sent, others, made
):
    share(cast.coordinator, sent, others.police_lead, "ENQUIRY", "IC4")

    with pytest.raises(NotVisible):
        services.stop(actor=others.police_lead, disclosure=made, why="No.")
    services.stop(actor=cast.lead, disclosure=made, why="It was wrong.")

    assert case_status(others.officer, sent) == 404


def test_the_sharing_page_says_who_holds_what(cast, sent, others, made):
    row = sent.statements.get(question="saw")
    services.stop(actor=cast.coordinator, disclosure=made, why="The car was found.")
    refusal = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    refusal.answers["why"] |= {"decision": "refused", "detriment": "He would hear."}
    refusal.save()
    services.share(actor=cast.coordinator, draft=refusal)

    said = page(cast.coordinator, "sharing", sent.reference).content.decode()

    assert "Practitioner, Exampleshire Police" in said
    for words in ("Full", "Ended", "Not shared", made.number, "The car was found."):
        assert words in said
    assert "Who told us" in said  # the front door's own grants, by rule
    assert row.text not in said


def test_a_refusal_is_read_by_whoever_decides_and_by_nobody_else(cast, sent, others):
    share(cast.coordinator, sent, others.police_lead, "ENQUIRY", "IC4")
    refusal = prepared(cast.coordinator, sent, others.police_lead, "DISRUPT", "IC4")
    refusal.answers["why"] |= {"decision": "refused", "detriment": "He would hear."}
    refusal.save()
    services.share(actor=cast.coordinator, draft=refusal)

    for who, reads in (
        (cast.coordinator, True),
        (cast.manager, True),
        (cast.lead, True),
        (others.police_lead, False),
    ):
        answer = page(who, "sharing", sent.reference)
        assert answer.status_code == 200
        assert ("Not shared" in answer.content.decode()) is reads


def test_whoever_received_a_share_does_not_read_why_it_was_stopped(cast, sent, others, made):
    share(cast.coordinator, sent, others.officer, "ENQUIRY", "IC1")
    services.stop(actor=cast.coordinator, disclosure=made, why="An officer knows the man.")

    for who, reads in ((cast.coordinator, True), (others.officer, False)):
        for name, of in (("sharing", sent.reference), ("shared", made.pk)):
            said = page(who, name, of).content.decode()
            assert "Ended" in said
            assert ("An officer knows the man." in said) is reads


def test_before_anything_is_shared_the_page_says_so(cast, sent):
    Grant.objects.filter(content_object=sent)

    said = page(cast.teacher, "sharing", sent.reference)

    assert said.status_code == 200
    # Nor does the page say that nothing was shared with others: a teacher does not read that.
    assert "Nothing has been shared with your team." in said.content.decode()
    assert "beyond triage" not in said.content.decode()


def test_the_why_page_names_the_record_the_person_and_the_end(cast, sent, others, made):
    said = page(others.officer, "why", sent.reference).content.decode()

    assert f"Record {made.number}" in said
    assert reverse("disclosures:shared", args=[made.pk]) in said
    assert "Coral Dinator" in said
    assert "No end date" in said


def test_why_can_be_asked_of_one_answer(cast, sent, others, made):
    seen = page(others.officer, "why-item", sent.reference, "saw").content.decode()
    held = page(others.officer, "why-item", sent.reference, "name").content.decode()

    assert made.number in seen
    assert "Rule 16" in seen
    assert made.number not in held
    assert "Nothing that was shared with your role opens it." in held
    assert page(others.officer, "why-item", sent.reference, "nonsense").status_code == 404


def test_a_concealed_answer_has_no_page(cast, sent, others, made):
    add(sent, cast.lead, "answer_IC7", "Only I know.", protect="existence")

    assert page(others.officer, "why-item", sent.reference, "answer_IC7").status_code == 404
    assert page(cast.coordinator, "why-item", sent.reference, "answer_IC7").status_code == 404
    assert page(cast.lead, "why-item", sent.reference, "answer_IC7").status_code == 200


def test_view_as_shows_the_case_as_the_team_reads_it(cast, sent, others, made):
    from tests.disclosures.steps import body_of

    client = signed_in(cast.coordinator)
    address = reverse("disclosures:view-as", args=[sent.reference])
    assert "Practitioner, Exampleshire Police" in client.get(address).content.decode()

    seen = client.get(address, {"team": others.officer.team_id})

    theirs = signed_in(others.officer).get(reverse("referrals:case", args=[sent.reference]))
    assert body_of(seen.content) == body_of(theirs.content)
    assert len(events("case.viewed_as")) == 1
    assert client.get(address, {"team": cast.charity_worker.team_id}).status_code == 404
    assert client.get(address, {"team": "x"}).status_code == 404
    assert signed_in(others.officer).get(address).status_code == 403
    assert signed_in(cast.lead).get(address).status_code == 403


def test_view_as_keeps_closed_what_the_law_keeps_from_the_front_door(cast, sent, others):
    share(cast.lead, sent, others.health_lead, "PLAN", "IC4")
    add(sent, others.health_lead, "answer_IC3", "A clinic sees her on Mondays.")
    own = signed_in(cast.coordinator).get(reverse("referrals:case", args=[sent.reference]))
    assert "clinic" not in own.content.decode()
    address = reverse("disclosures:view-as", args=[sent.reference])

    seen = signed_in(cast.coordinator).get(address, {"team": others.health_lead.team_id})

    words = seen.content.decode()
    assert "clinic" not in words
    assert "Shown to them. You do not see it." in words
    assert "car at the gate" in words
    assert "IC3" not in events("case.viewed_as")[-1]["fields"]


@pytest.mark.parametrize("team", ["²", "٣²", "1" * 12, "x"])
def test_view_as_of_what_is_no_team_is_not_there(cast, sent, made, team):
    address = reverse("disclosures:view-as", args=[sent.reference])

    assert signed_in(cast.coordinator).get(address, {"team": team}).status_code == 404


# --- The register -----------------------------------------------------------------------------
def register(who):
    return signed_in(who).get(reverse("disclosures:register"))


def test_the_register_shows_refusals_and_names_a_case_only_where_it_is_open(
    cast, sent, others, made
):
    refusal = prepared(cast.coordinator, sent, others.officer, "ENQUIRY", "IC4")
    refusal.answers["why"] |= {"decision": "refused", "detriment": "He would hear."}
    refusal.save()
    kept = services.share(actor=cast.coordinator, draft=refusal)[0]

    for who, sees in ((cast.coordinator, True), (cast.manager, True), (others.ig_lead, False)):
        said = register(who).content.decode()
        assert made.number in said
        assert kept.number in said
        assert "Not shared" in said
        assert (sent.reference in said) is sees
        assert GIVEN not in said
        assert FAMILY not in said
        assert made.necessity not in said


def test_the_register_is_of_ones_own_partnership_and_hides_a_walled_case(cast, sent, others, made):
    assert made.number not in register(cast.other_coordinator).content.decode()
    assert made.number not in register(others.other_ig_lead).content.decode()
    Wall.objects.create(
        case=sent,
        user_id=others.ig_lead.user_id,
        why=Conflict.OTHER,
        words="Related.",
        raised_by_id=cast.manager.membership_id,
    )
    assert made.number not in register(others.ig_lead).content.decode()


@pytest.mark.parametrize("who", ["teacher", "lead", "panel_officer", "chair", "auditor"])
def test_the_register_is_not_for(cast, who):
    assert register(getattr(cast, who)).status_code == 403
    client = signed_in(getattr(cast, who))
    assert client.post(reverse("disclosures:register-file")).status_code == 403


def test_a_record_costs_the_same_for_one_kind_and_for_many(cast, sent, others):
    costs = []
    for kinds in (("IC1",), ("IC1", "IC4", "IC10")):
        made = share(cast.coordinator, sent, others.officer, "ENQUIRY", *kinds)
        services.read_record(actor=cast.coordinator, pk=made.pk)
        with CaptureQueriesContext(connection) as asked:
            services.read_record(actor=cast.coordinator, pk=made.pk)
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_no_row_of_the_record_reaches_a_page(cast, sent, others, made):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    client = signed_in(cast.coordinator)

    for address in (
        *(reverse("disclosures:step", args=[draft.pk, page]) for page in PAGES),
        reverse("disclosures:register"),
        reverse("disclosures:sharing", args=[sent.reference]),
        reverse("disclosures:shared", args=[made.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert rows_in(answer.context_data) == []


def rows_in(value, depth=5) -> list[object]:
    """The rows of tables of cases and sharing that can be reached from what a template gets."""
    if isinstance(value, models.Model):
        return [value] if value._meta.app_label in ("referrals", "disclosures") else []
    if depth == 0 or isinstance(value, (str, bytes, forms.BaseForm)):
        return []
    if isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, (list, tuple, Page)):
        parts = list(value)
    elif is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    else:
        return []
    return [row for part in parts for row in rows_in(part, depth - 1)]


def test_done_is_one_event_and_offers_to_stop_only_what_is_open(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "ENQUIRY", "IC1", "IC4")
    [made] = services.share(actor=cast.coordinator, draft=draft)
    before = len(events("share.read"))
    stop = reverse("disclosures:stop", args=[made.pk])

    assert stop in page(cast.coordinator, "done", draft.pk).content.decode()
    assert len(events("share.read")) == before + 1

    services.stop(actor=cast.coordinator, disclosure=made, why="The car was found.")
    assert stop not in page(cast.coordinator, "done", draft.pk).content.decode()


def test_a_share_of_two_agencies_information_is_one_event_when_it_is_done(cast, sent, others):
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.ASSESSMENT,
        reason="Three signs in one week.",
        told_referrer="Somebody will call.",
    )
    draft = prepared(cast.coordinator, sent, others.officer, "ENQUIRY", "IC4", "IC7")
    made = services.share(actor=cast.coordinator, draft=draft)
    assert len(made) == 2

    page(cast.coordinator, "done", draft.pk)

    [event] = events("share.read")
    assert set(event["ids"]) == {str(each.pk) for each in made}


def test_a_draft_is_read_and_previewed_by_its_author_alone(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    for service in (services.read_draft, services.look):
        with pytest.raises(NotVisible):
            service(actor=cast.second_coordinator, draft=draft)


def test_there_is_no_preview_before_the_pages_ahead_of_it_are_answered(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    services.save(actor=cast.coordinator, draft=draft, why={})
    before = len(events("share.previewed"))

    answer = page(cast.coordinator, "step", draft.pk, "preview")

    assert answer.url == reverse("disclosures:step", args=[draft.pk, "why"])
    assert len(events("share.previewed")) == before


def test_the_register_costs_the_same_for_one_decision_and_for_many(cast, sent, others, made):
    def cost() -> int:
        client = signed_in(cast.coordinator)
        client.get(reverse("disclosures:register"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("disclosures:register"))
        return len(queries)

    at_one = cost()
    for _ in range(6):
        other = send(cast.teacher)
        share(cast.coordinator, other, others.officer, "DISRUPT", "IC4")

    assert cost() == at_one <= 25


def test_the_register_as_a_file_holds_no_formula(cast, sent, others, made):
    cast.school.name = "=HYPERLINK(0)"
    cast.school.save()

    client, address = signed_in(cast.coordinator), reverse("disclosures:register-file")
    assert client.get(address).status_code == 405
    assert not events("register.exported")
    answer = client.post(address)

    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[1][0] == made.number
    assert "'=HYPERLINK(0)" in rows[1]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert len(events("register.exported")) == 1


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", " =", "\u200b=", "\uff1d", "\u2212"]
)
def test_a_cell_of_the_register_is_never_a_formula(cast, sent, others, made, start):
    cast.school.name = f"{start}1"
    cast.school.save()

    answer = signed_in(cast.coordinator).post(reverse("disclosures:register-file"))

    rows = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
    assert f"'{start}1" in rows[1]


# --- Advice -----------------------------------------------------------------------------------
def test_a_question_that_nobody_can_be_asked_comes_back(cast, sent, others):
    Membership.objects.filter(pk=others.ig_lead.membership_id).update(until_at=timezone.now())
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.health_lead), "PLAN")
    person.send(kinds=person.kinds("IC4"))

    refused = person.send(gateway="advice", question="May health have the signs?")

    assert refused.status_code == 409
    assert "May health have the signs?" in refused.content.decode()
    assert NOBODY in refused.content.decode()


def test_not_sure_keeps_the_draft_and_the_answer_comes_back(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.health_lead), "PLAN")
    person.send(kinds=person.kinds("IC4"))
    assert person.send(gateway="advice").status_code == 422
    person.send(gateway="advice", question="May health have the signs?")
    assert person.at.endswith("/sharing/")
    assert Notice.objects.get(kind="advice_asked").recipient_id == others.ig_lead.membership_id

    client = signed_in(others.ig_lead)
    listed = client.get(reverse("disclosures:advice")).content.decode()
    assert "May health have the signs?" in listed
    assert "Agency lead, Exampleshire Health" in listed
    assert "The concern and its signs" in listed
    draft = cast_draft(cast)
    answer = reverse("disclosures:advise", args=[draft.pk])
    shown = client.get(answer).content.decode()
    for words in (sent.reference, GIVEN, "silver car"):
        assert words not in listed
        assert words not in shown
    assert client.post(answer, {"advice": ""}).status_code == 422
    client.post(answer, {"advice": "Yes: section 10."})

    assert Notice.objects.get(kind="advised").recipient_id == cast.coordinator.membership_id
    gateway = person.press(reverse("disclosures:step", args=[draft.pk, "gateway"]))
    assert "Yes: section 10." in gateway.content.decode()
    assert client.get(answer).status_code == 404


def cast_draft(cast):
    return ShareDraft.objects.get(author_id=cast.coordinator.membership_id)


@pytest.mark.parametrize("who", ["coordinator", "manager", "lead", "teacher", "chair"])
def test_only_a_governance_lead_advises(cast, sent, others, who):
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")
    services.ask_advice(actor=cast.coordinator, draft=draft, question="May they?")
    client = signed_in(getattr(cast, who))

    assert client.get(reverse("disclosures:advice")).status_code == 403
    for address in (reverse("disclosures:advise", args=[draft.pk]),):
        assert client.get(address).status_code == 403
        assert client.post(address, {"advice": "Yes."}).status_code == 403


def test_a_governance_lead_elsewhere_or_with_a_conflict_is_not_asked(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")
    services.ask_advice(actor=cast.coordinator, draft=draft, question="May they?")
    with pytest.raises(NotVisible):
        services.advise(actor=others.other_ig_lead, pk=draft.pk, advice="Yes.")

    Wall.objects.create(
        case=sent,
        user_id=others.ig_lead.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )
    assert services.list_advice(actor=others.ig_lead) == []
    with pytest.raises(NotVisible):
        services.advise(actor=others.ig_lead, pk=draft.pk, advice="Yes.")
    with pytest.raises(DomainError, match="Nobody works"):
        services.ask_advice(actor=cast.coordinator, draft=draft, question="May they?")


def test_nobody_advises_themselves_in_another_role(cast, sent, others):
    both = also_governs(cast)
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")

    services.ask_advice(actor=cast.coordinator, draft=draft, question="May they?")

    assert not Notice.objects.filter(kind="advice_asked", recipient=both.membership_id).exists()
    assert Notice.objects.filter(kind="advice_asked").count() == 1
    assert services.list_advice(actor=both) == []
    for ask in (
        lambda: services.read_question(actor=both, pk=draft.pk),
        lambda: services.advise(actor=both, pk=draft.pk, advice="Yes."),
    ):
        with pytest.raises(NotVisible):
            ask()
    with pytest.raises(IntegrityError, match="advised_by_another"), transaction.atomic():
        ShareDraft.objects.filter(pk=draft.pk).update(
            advised_at=timezone.now(), advised_by=both.membership_id, advice="Yes."
        )


def test_with_no_governance_lead_but_oneself_nobody_can_be_asked(cast, sent):
    also_governs(cast)
    draft = prepared(cast.coordinator, sent, cast.panel_nurse, "PLAN", "IC4")

    with pytest.raises(DomainError, match="Nobody works"):
        services.ask_advice(actor=cast.coordinator, draft=draft, question="May they?")


def also_governs(cast):
    """The coordinator, who is an information-governance lead as well."""
    team, _ = Team.objects.get_or_create(agency=cast.council, role=Role.IG_LEAD)
    made = Membership.objects.create(user_id=cast.coordinator.user_id, team=team)
    return made.principal()


def test_a_team_does_not_acknowledge_a_share_that_is_over(cast, sent, others):
    first = share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    share(cast.coordinator, sent, others.officer, "ENQUIRY", "IC10")
    services.stop(actor=cast.coordinator, disclosure=first, why="It was wrong.")
    address = reverse("disclosures:acknowledge", args=[first.pk])

    assert signed_in(others.officer).post(address).status_code == 409
    assert not events("share.acknowledged")


def test_a_draft_that_was_deleted_meanwhile_is_not_there(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    gone = ShareDraft.objects.get(pk=draft.pk)
    services.discard(actor=cast.coordinator, draft=gone)

    with pytest.raises(NotVisible):
        services.share(actor=cast.coordinator, draft=draft)
    with pytest.raises(NotVisible):
        services.save(actor=cast.coordinator, draft=draft, why={})

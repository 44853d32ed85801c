"""What the law lets a person share: yes, a part, a person's own decision, and no."""

import hashlib
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from referrals.models import EmergencyAccess, Grant, Wall
from referrals.services import protect, view_case
from referrals.triage import services as triage
from referrals.vocabulary import Conflict, Protect
from referrals.vocabulary import Outcome as Decided
from sharing.disclosures import services
from sharing.disclosures.models import Disclosure, ShareDraft
from sharing.disclosures.reading.plan import plan
from sharing.disclosures.services.share import insist_lawful
from sharing.rules import policies as law
from sharing.rules.decision import Inputs
from sharing.rules.models import Agreement
from sharing.rules.vocabulary import Category, Outcome
from tests.cast import events, signed_in
from tests.disclosures.steps import (
    WHY,
    Sharing,
    add,
    body_of,
    fingerprint,
    newest,
    prepared,
    share,
)

S115 = "CDA98_S115/2"


@pytest.fixture
def with_health(cast, sent, others):
    """The health lead has a share of the case, and has written what health holds."""
    share(cast.lead, sent, others.health_lead, "PLAN", "IC4")
    return add(sent, others.health_lead, "answer_IC3", "A clinic sees her on Mondays.")


def reads(who, case) -> str:
    return signed_in(who).get(reverse("referrals:case", args=[case.reference])).content.decode()


def test_a_yes_is_shared_and_each_ruling_can_be_given_again(cast, sent, others):
    made = share(cast.coordinator, sent, others.officer, "ENQUIRY", "IC1", "IC4", "IC10")

    assert (made.rule, made.rule_version, made.result) == ("7b", 1, "shared")
    assert set(made.rulings) == {"IC1", "IC4", "IC10"}
    for kept in made.rulings.values():
        again = law.replay(Inputs.from_json(kept["inputs"]))
        assert kept["outcome"] == str(again.outcome) == "allow"
        assert (kept["rule"], kept["version"]) == (again.rule, again.version)
        assert kept["gateway"] == again.gateway
    assert made.grants.get().necessity == made.necessity
    assert made.accuracy


def test_the_ledger_names_the_recipient_and_no_words(cast, sent, others):
    share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    given = events("share.given")[0]
    assert given["cat"] == "disclosure"
    assert given["rcpt"] == {"kind": "team", "id": others.team(others.officer).name}
    assert given["basis"] == S115
    assert [body["rcpt"] for body in events("grant.given")][-1] == given["rcpt"]
    assert "car" not in str(events())


def test_each_agency_whose_information_it_is_has_its_own_record(cast, sent, others):
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Decided.ASSESSMENT,
        reason="Three signs in one week.",
        told_referrer="Somebody will call.",
    )
    draft = prepared(cast.coordinator, sent, others.officer, "ENQUIRY", "IC4", "IC7")

    made = services.share(actor=cast.coordinator, draft=draft)

    assert {(each.holder_id, tuple(each.categories), each.rule) for each in made} == {
        (cast.school.pk, ("IC4",), "7b"),
        (cast.council.pk, ("IC7",), "7a"),
    }
    assert all(each.grants.get().holder_id == each.holder_id for each in made)
    assert len({each.preview for each in made}) == 1
    assert Notice.objects.filter(kind="shared").count() == 2
    assert "Three signs in one week." in reads(others.officer, sent)


def test_a_share_ends_by_itself_at_the_end_of_its_last_day(cast, sent, others):
    tomorrow = timezone.now().astimezone(LONDON).date() + timedelta(days=1)
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    why = {**draft.answers["why"], "until": tomorrow.isoformat()}
    draft = services.save(actor=cast.coordinator, draft=draft, why=why)
    _, seen = services.look(actor=cast.coordinator, draft=draft)
    looked = {"sha256": seen.sha256, "protects": ""}
    draft = services.save(actor=cast.coordinator, draft=draft, preview=looked)

    made = services.share(actor=cast.coordinator, draft=draft)[0]

    assert made.review_on == tomorrow
    assert made.until_at == datetime.combine(tomorrow + timedelta(days=1), time(), LONDON)
    assert made.grants.get().until_at == made.until_at


def test_a_day_that_is_over_is_refused(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    draft.answers["why"]["until"] = "2020-01-01"
    draft.save()

    with pytest.raises(DomainError, match="today or later"):
        services.share(actor=cast.coordinator, draft=draft)


def test_a_lead_decides_alone_what_the_law_leaves_to_a_person(cast, sent, others):
    made = share(cast.lead, sent, others.health_lead, "PLAN", "IC4")

    assert (made.rule, made.result) == ("default", "shared")
    assert made.rulings["IC4"]["outcome"] == Outcome.ASK
    assert made.advice == ""
    assert "car at the gate" in reads(others.health_lead, sent)


def test_a_coordinator_does_not_decide_that_without_advice(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")

    with pytest.raises(DomainError, match=r"missing|person"):
        services.share(actor=cast.coordinator, draft=draft)

    assert not Disclosure.objects.exists()
    assert signed_in(others.health_lead).get(f"/referrals/{sent.reference}/").status_code == 404


def test_with_written_advice_a_coordinator_decides_it_and_the_advice_is_kept(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")
    services.ask_advice(actor=cast.coordinator, draft=draft, question="May health have this?")
    services.advise(actor=others.ig_lead, pk=draft.pk, advice="Yes, by section 10.")
    draft.refresh_from_db()

    made = services.share(actor=cast.coordinator, draft=draft)[0]

    assert made.advice == "Yes, by section 10."
    assert made.advice_from.startswith("Iggy Lead")
    assert made.rulings["IC4"]["outcome"] == Outcome.ASK


def test_advice_is_void_when_something_else_is_shared(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.health_lead, "PLAN", "IC4")
    services.ask_advice(actor=cast.coordinator, draft=draft, question="May health have this?")
    services.advise(actor=others.ig_lead, pk=draft.pk, advice="Yes.")
    draft.refresh_from_db()
    more = [offer.code for offer in plan(cast.coordinator, draft, timezone.now()).offers]

    draft = services.save(
        actor=cast.coordinator, draft=draft, what={**draft.answers["what"], "whole": more}
    )

    assert draft.advice == ""
    with pytest.raises(DomainError):
        services.share(actor=cast.coordinator, draft=draft)


def test_a_rule_that_says_part_lets_only_chosen_answers_go(cast, sent, others, with_health):
    other = add(sent, others.health_lead, "answer_IC3", "She was given a leaflet.")
    person = Sharing(others.health_lead, sent)
    person.begin(others.team(cast.panel_officer), "PANEL")
    assert not person.kinds("IC3")
    person.send(part=[str(other.pk)])
    person.send(gateway="CONF/2")
    until = {"until-day": "1", "until-month": "12", "until-year": "2027"}
    assert person.send(**{**_why(), "until-day": ""}).status_code == 422
    person.send(**_why(), **until)
    preview = person.look().decode()
    person.right()
    person.send()

    made = newest()
    assert (made.rule, made.result, made.statements) == ("11", "part", [other.pk])
    assert made.rulings["IC3"]["outcome"] == Outcome.REDACT
    assert made.until_at is not None
    page = body_of(reads(cast.panel_officer, sent).encode()).decode()
    assert hashlib.sha256(page.encode()).hexdigest() == made.preview
    assert "leaflet" in preview
    assert "leaflet" in page
    assert "clinic" not in page
    assert "Health is engaged." in page


def _why():
    from tests.disclosures.steps import WHY

    return dict(WHY)


def test_a_rule_that_says_part_refuses_the_whole(cast, sent, others, with_health):
    draft = prepared(others.health_lead, sent, cast.panel_officer, "PANEL", "IC3")

    with pytest.raises(DomainError):
        services.share(actor=others.health_lead, draft=draft)

    assert Disclosure.objects.count() == 1


def test_suspected_significant_harm_turns_a_question_into_a_yes(cast, sent, others, with_health):
    asked = prepared(others.health_lead, sent, others.social_worker, "PLAN", "IC3")
    words = {**asked.answers["what"], "harm_suspected": "Bruises, twice."}
    harm = prepared(others.health_lead, sent, others.social_worker, "PLAN", "IC3", what=words)

    first = services.share(actor=others.health_lead, draft=asked)[0]
    second = services.share(actor=others.health_lead, draft=harm)[0]

    assert (first.rule, first.rulings["IC3"]["outcome"]) == ("10a", "ask")
    assert (second.rule, second.rulings["IC3"]["outcome"]) == ("10b", "allow")
    assert second.harm_suspected == "Bruises, twice."
    assert second.rulings["IC3"]["inputs"]["facts"]["significant_harm"] is True


@pytest.mark.parametrize("lacks", ["confidence_limb", "consent_limb", "until"])
def test_what_is_chosen_later_is_not_shared_without_what_its_rule_asks(
    cast, sent, others, with_health, lacks
):
    add(sent, others.health_lead, "answer_IC3", "She was given a leaflet.")
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    said = {**_why(), "detriment": "", "until": until, lacks: ""}
    chosen = {"part": [str(with_health.pk)]}
    draft = prepared(
        *(others.health_lead, sent, cast.panel_officer, "PANEL"), what=chosen, why=said
    )
    before = Disclosure.objects.count()

    with pytest.raises(DomainError, match="Why is it right to share"):
        services.share(actor=others.health_lead, draft=draft)

    assert Disclosure.objects.count() == before
    page = reverse("disclosures:step", args=[draft.pk, "check"])
    answer = signed_in(others.health_lead).get(page)
    assert answer.url == reverse("disclosures:step", args=[draft.pk, "why"])
    said[lacks] = {**_why(), "until": until}[lacks]
    services.save(actor=others.health_lead, draft=draft, why=said)
    found = plan(others.health_lead, ShareDraft.objects.get(pk=draft.pk), timezone.now())
    assert found.unfinished == "preview"


def test_the_law_of_data_protection_is_read_once_for_all_kinds(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "ENQUIRY", "IC1", "IC4", "IC10")
    found = plan(cast.coordinator, draft, timezone.now())

    with CaptureQueriesContext(connection) as asked:
        assert found.consent_limb
        assert [found.pair(holder) for holder in found.holders]

    assert sum("rules_basis" in each["sql"] for each in asked) == 1


def test_a_no_is_shown_with_why_and_the_way_that_remains(cast, sent, others):
    share(cast.coordinator, sent, others.police_lead, "ENQUIRY", "IC4")
    add(sent, others.police_lead, "answer_IC8", "A man is suspected.")
    add(sent, others.police_lead, "answer_IC2", "The police know her.")
    person = Sharing(others.police_lead, sent)

    person.begin(others.team(cast.charity_worker), "PLAN")

    page = person.page.content.decode()
    offers = {each.category: each for each in _offers(others.police_lead, sent)}
    assert offers["IC8"].ruling.rule == "19"
    assert not person.kinds("IC8")
    assert person.kinds("IC2")
    assert "What you cannot share with them" in page
    assert offers["IC8"].why_not == offers["IC8"].ruling.reason
    assert offers["IC8"].why_not.replace("'", "&#x27;") in page


REFUSED = {"decision": "refused", "detriment": "He would learn that he is suspected."}


@pytest.fixture
def denied(cast, sent, others) -> Sharing:
    """The page that asks what: rule 19 keeps from a charity who the police suspect."""
    share(cast.coordinator, sent, others.police_lead, "ENQUIRY", "IC4")
    add(sent, others.police_lead, "answer_IC8", "A man is suspected.")
    person = Sharing(others.police_lead, sent)
    person.begin(others.team(cast.charity_worker), "PLAN")
    return person


def test_a_no_of_the_law_is_recorded_as_any_other_decision_is(cast, sent, others, denied):
    [code] = denied.codes("refuse")
    count = Grant.objects.count()

    denied.send(refuse=[code])
    asks = denied.page.content.decode()
    assert "Record this decision" not in asks
    # Nobody is asked why it is right to share what the law keeps closed.
    assert "Why is it not shared?" in asks
    assert "right to share" not in asks
    denied.send(**{**WHY, "decision": "shared"})
    assert denied.page.status_code == 422
    denied.send(**{**WHY, **REFUSED})
    denied.send()

    made = newest()
    assert (made.result, made.categories, made.rule) == ("refused", ["IC8"], "19")
    assert made.rulings["IC8"]["outcome"] == "deny"
    again = law.replay(Inputs.from_json(made.rulings["IC8"]["inputs"]))
    assert again.outcome is Outcome.DENY
    assert made.gateway == again.gateway
    assert made.detriment == REFUSED["detriment"]
    assert Grant.objects.count() == count
    assert events("share.refused")[-1]["obj"]["id"] == str(made.pk)


def test_what_the_law_denies_is_never_shared_with_what_it_allows(cast, sent, others, denied):
    add(sent, others.police_lead, "answer_IC2", "The police know her.")
    [code] = denied.codes("refuse")

    denied.send(refuse=[code], kinds=[code.replace("IC8", "IC2")])

    assert denied.page.status_code == 422
    assert "each is a decision of its own" in denied.page.content.decode()


def test_a_draft_that_would_share_what_the_law_denies_opens_nothing(cast, sent, others, denied):
    [code] = denied.codes("refuse")
    what = {"whole": [], "refuse": [code]}
    draft = prepared(others.police_lead, sent, cast.charity_worker, "PLAN", what=what)
    count = Disclosure.objects.count()

    assert plan(others.police_lead, draft, timezone.now()).grants() == []
    with pytest.raises(DomainError, match="Nothing has been shared"):
        services.share(actor=others.police_lead, draft=draft)

    assert Disclosure.objects.count() == count


def _offers(who, case):
    from sharing.disclosures.models import ShareDraft

    return plan(who, ShareDraft.objects.latest("created_at"), timezone.now()).offers


def test_a_no_of_the_law_is_never_shared_whatever_is_sent(cast, sent, others):
    share(cast.coordinator, sent, others.police_lead, "ENQUIRY", "IC4")
    row = add(sent, others.police_lead, "answer_IC8", "A man is suspected.")
    draft = prepared(
        others.police_lead,
        sent,
        cast.charity_worker,
        "PLAN",
        what={"whole": [f"{others.police_lead.agency_id}:IC8"], "part": [str(row.pk)]},
    )

    with pytest.raises(DomainError):
        services.share(actor=others.police_lead, draft=draft)

    assert Disclosure.objects.count() == 1


def test_an_agency_lead_is_offered_what_their_own_agency_holds(cast, sent, others, with_health):
    draft = prepared(others.health_lead, sent, others.social_worker, "PLAN", "IC3")

    found = plan(others.health_lead, draft, timezone.now()).offers

    assert {offer.holder.pk for offer in found} == {others.health_lead.agency_id}
    draft = services.save(
        actor=others.health_lead,
        draft=draft,
        what={**draft.answers["what"], "whole": [f"{cast.school.pk}:IC4"]},
    )
    with pytest.raises(DomainError):
        services.share(actor=others.health_lead, draft=draft)


def test_a_concealed_answer_is_in_no_offer_not_even_its_authors(cast, sent, others):
    hidden = add(sent, cast.lead, "answer_IC7", "Only I know.", protect=Protect.EXISTENCE)
    draft = prepared(cast.lead, sent, others.health_lead, "PLAN", "IC4")

    found = plan(cast.lead, draft, timezone.now()).offers

    assert "IC7" not in {str(offer.category) for offer in found}
    assert hidden.pk not in {piece.statement for offer in found for piece in offer.pieces}
    draft = services.save(
        actor=cast.lead,
        draft=draft,
        what={**draft.answers["what"], "whole": [], "part": [str(hidden.pk)]},
    )
    with pytest.raises(DomainError):
        services.share(actor=cast.lead, draft=draft)


def test_protected_words_stay_protected_in_what_is_shared(cast, sent, others):
    sent.statements.filter(question="saw").update(protect=Protect.POLICE, protect_spans=[[0, 3]])
    share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    page = reads(others.officer, sent)

    assert "1 word withheld: police-sensitive" in page
    assert "She got into" not in page


@pytest.mark.parametrize(
    ("who", "status"), [("teacher", 403), ("panel_officer", 404), ("auditor", 404), ("chair", 403)]
)
def test_nobody_else_shares(cast, sent, others, who, status):
    client = signed_in(getattr(cast, who))

    for name in ("share", "danger"):
        address = reverse(f"disclosures:{name}", args=[sent.reference])
        assert client.get(address).status_code == status
        assert client.post(address, {"team": 1, "purpose": "PLAN"}).status_code == status
    assert not Disclosure.objects.exists()


def test_a_recipient_of_a_share_does_not_share_it_on(cast, sent, others):
    share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    with pytest.raises(Refused):
        services.begin(actor=others.officer, reference=sent.reference, answers={})


def test_a_draft_of_another_person_cannot_be_decided(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    with pytest.raises(NotVisible):
        services.save(actor=cast.second_coordinator, draft=draft, who={})
    with pytest.raises(NotVisible):
        services.share(actor=cast.second_coordinator, draft=draft)


def test_somebody_with_a_conflict_of_interest_is_told_nothing(cast, sent, others):
    Wall.objects.create(
        case=sent,
        user_id=others.second_officer.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )

    share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    told = set(Notice.objects.filter(kind="shared").values_list("recipient", flat=True))
    assert told == {others.officer.membership_id}
    assert signed_in(others.second_officer).get(f"/referrals/{sent.reference}/").status_code == 404


def test_an_agency_whose_agreement_has_ended_is_asked_about(cast, sent, others):
    Agreement.objects.update(ended_at=timezone.now(), ended_why="It was not renewed.")
    draft = prepared(cast.coordinator, sent, cast.panel_nurse, "PANEL", "IC4")

    offer = plan(cast.coordinator, draft, timezone.now()).choices[0].offer

    assert (offer.ruling.rule, offer.ruling.outcome) == ("12b", Outcome.ASK)
    with pytest.raises(DomainError):
        services.share(actor=cast.coordinator, draft=draft)


def _save_now(grant):
    grant.save()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


# --- The database -----------------------------------------------------------------------------
def test_the_database_refuses_a_persons_share_without_its_record(cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    grant = plan(cast.coordinator, draft, timezone.now()).grants()[0]
    grant.permission = view_case()

    with pytest.raises(DatabaseError, match="needs the record"), transaction.atomic():
        _save_now(grant)

    assert not Grant.objects.filter(pk=grant.pk).exists()


@pytest.mark.parametrize("column", ["purpose", "gateway", "necessity", "proportionality", "rule"])
def test_the_database_refuses_a_record_without_its(cast, sent, others, column):
    made = share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    made.pk, made.number = None, "S-0000-000"
    fresh = Disclosure(
        **{
            field.name: getattr(made, field.name)
            for field in made._meta.concrete_fields
            if field.name != "id"
        }
    )
    setattr(fresh, column, "")

    with pytest.raises(IntegrityError), transaction.atomic():
        fresh.save(force_insert=True)


def test_a_commit_without_the_record_leaves_nothing(committed, cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    grant = plan(cast.coordinator, draft, timezone.now()).grants()[0]
    grant.permission = view_case()

    with pytest.raises(DatabaseError):
        grant.save()

    assert not Grant.objects.filter(pk=grant.pk).exists()


def test_the_record_is_never_rewritten(cast, sent, others):
    made = share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.filter(pk=made.pk).update(necessity="Another reason.")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_a_ruling_that_was_changed_would_be_noticed(cast, sent, others):
    made = share(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")
    inputs = Inputs.from_json(made.rulings["IC4"]["inputs"])

    other = law.replay(replace(inputs, purpose=inputs.purpose.__class__.PLAN))

    assert str(other.outcome) != made.rulings["IC4"]["outcome"]


# --- What the sharer may read of the recipient's page ---------------------------------------
def test_a_preview_shows_its_sharer_nothing_that_is_not_theirs_to_read(cast, sent, others):
    share(cast.lead, sent, others.health_lead, "PLAN", "IC4")
    held = add(sent, others.health_lead, "answer_IC3", "A clinic sees her on Mondays.")
    assert "clinic" not in reads(cast.lead, sent)
    assert "clinic" in reads(others.health_lead, sent)
    draft = prepared(cast.lead, sent, others.health_lead, "PLAN", "IC10")

    _, seen = services.look(actor=cast.lead, draft=draft)
    page = signed_in(cast.lead).get(reverse("disclosures:step", args=[draft.pk, "preview"]))

    words = page.content.decode()
    assert "clinic" not in words
    assert "Something that you do not see" in words
    assert "car at the gate" in words
    unseen = next(item for item in seen.reading.items if item.statement == held.pk)
    assert (unseen.value, unseen.source, unseen.by, unseen.at) == (None, "", "", None)
    assert Category.IC3.label not in [change[0] for change in seen.changes]
    assert "IC3" not in events("share.previewed")[-1].get("fields", [])

    services.share(actor=cast.lead, draft=draft)
    whole = body_of(reads(others.health_lead, sent).encode())
    assert hashlib.sha256(whole).hexdigest() == newest().preview == seen.sha256


def test_a_preview_looks_the_same_whether_or_not_the_recipient_reads_the_rest(cast, sent, others):
    share(cast.lead, sent, others.health_lead, "PLAN", "IC4")
    add(sent, others.health_lead, "answer_IC3", "A clinic sees her on Mondays.")
    shown = []
    for to in (others.health_lead, others.police_lead):
        draft = prepared(cast.lead, sent, to, "PLAN", "IC10")
        _, seen = services.look(actor=cast.lead, draft=draft)
        shown.append([item.text for item in seen.reading.items if item.category == "IC3"])
    assert shown[0] == shown[1] != []


def test_what_an_emergency_opens_is_not_theirs_to_share(cast, sent, others):
    draft = prepared(cast.lead, sent, others.health_lead, "PLAN", "IC4")
    now = timezone.now()
    EmergencyAccess.objects.create(
        case=sent,
        membership_id=cast.lead.membership_id,
        why="life",
        next_step="I will go to the house with an officer.",
        from_at=now,
        until_at=now + timedelta(minutes=30),
        review_due_at=now + timedelta(days=3),
    )

    for ask in (
        lambda: services.begin(actor=cast.lead, reference=sent.reference, answers={}),
        lambda: services.read_draft(actor=cast.lead, draft=draft),
        lambda: services.read_danger(actor=cast.lead, reference=sent.reference, team=""),
        lambda: services.look(actor=cast.lead, draft=draft),
        lambda: services.share(actor=cast.lead, draft=draft),
        lambda: plan(cast.lead, draft, timezone.now()),
    ):
        with pytest.raises(Refused, match="Emergency access"):
            ask()
    assert not Disclosure.objects.exists()


def test_a_rule_that_says_part_never_lets_all_of_it_go(cast, sent, others, with_health):
    other = add(sent, others.health_lead, "answer_IC3", "She was given a leaflet.")
    every = [str(with_health.pk), str(other.pk)]
    draft = prepared_part(others.health_lead, sent, cast.panel_officer, every)

    with pytest.raises(DomainError, match="every answer"):
        services.share(actor=others.health_lead, draft=draft)

    protect(actor=others.health_lead, statement=other, protect=Protect.OTHER_PERSON, spans=[(0, 3)])
    draft = prepared_part(others.health_lead, sent, cast.panel_officer, every)
    assert services.share(actor=others.health_lead, draft=draft)[0].result == "part"


def test_one_answer_that_is_not_protected_in_part_is_no_part(cast, sent, others, with_health):
    draft = prepared_part(others.health_lead, sent, cast.panel_officer, [str(with_health.pk)])
    offer = next(
        each
        for each in plan(others.health_lead, draft, timezone.now()).offers
        if each.category is Category.IC3
    )

    assert offer.splits == ()
    assert "cannot be divided" in offer.why_not
    with pytest.raises(DomainError):
        services.share(actor=others.health_lead, draft=draft)


def test_which_part_may_go_is_left_to_the_holders_lead_or_to_advice(
    cast, sent, others, with_health
):
    add(sent, others.health_lead, "answer_IC3", "She was given a leaflet.")
    draft = prepared_part(others.health_lead, sent, cast.panel_officer, [str(with_health.pk)])
    found = plan(others.health_lead, draft, timezone.now())
    assert [each.offer.ruling.outcome for each in found.choices] == [Outcome.REDACT]
    assert not found.needs_advice

    somebody_elses = [replace(each, offer=replace(each.offer, own=False)) for each in found.choices]
    not_theirs = replace(found, choices=tuple(somebody_elses))

    assert not_theirs.needs_advice
    with pytest.raises(DomainError, match="leaves this to a person"):
        insist_lawful(not_theirs)


def prepared_part(who, case, to, pieces):
    draft = prepared(who, case, to, "PANEL", what={"part": pieces}, gateway={"gateway": "CONF/2"})
    why = {**draft.answers["why"], "until": "2027-12-01"}
    draft = services.save(actor=who, draft=draft, why=why)
    looked = {"sha256": fingerprint(who, draft), "protects": ""}
    return services.save(actor=who, draft=draft, preview=looked)

"""Sharing as a person does it, from the case page to Done: with Back, a no, a change of mind."""

import hashlib
import re

import pytest
from django.urls import reverse
from lxml import html

from portal.notifications.models import Notice
from referrals import services as casework
from referrals.models import Grant
from referrals.services.copies import as_pdf
from sharing.disclosures import services
from sharing.disclosures.models import Disclosure, ShareDraft
from tests.cast import at_once, events, send, signed_in
from tests.disclosures.steps import WHY, Sharing, body_of, newest, prepared
from tests.pdf import text_of

# To the minute: the one thing in which two copies of the same reading may differ.
MADE_ON = re.compile(r"Madeon\d.*?\.")
S115 = "CDA98_S115/2"


def case_page(who, case):
    return signed_in(who).get(reverse("referrals:case", args=[case.reference]))


def test_a_coordinator_shares_in_eight_presses_at_most(cast, sent, others):
    person = Sharing(cast.coordinator, sent)

    done = person.all(others.team(others.officer), "DISRUPT", S115, "IC4")

    made = newest()
    assert done.status_code == 200
    assert made.number in done.content.decode()
    assert made.result == "shared"
    assert person.presses <= 8


def test_the_danger_form_takes_three_presses(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.press(reverse("disclosures:danger", args=[sent.reference]))
    why = ("necessity", "proportionality", "child_told", "parents_told", "not_told_why")

    person.send(
        team=others.officer.team_id,
        kinds=person.kinds("IC1", "IC4"),
        consent_limb="cannot_be_given",
        **{name: WHY[name] for name in why},
    )
    done = person.right()

    made = newest()
    assert made.number in done.content.decode()
    assert person.presses == 3
    assert (made.purpose, made.rule) == ("DANGER", "5")
    assert made.rulings["IC4"]["inputs"]["facts"]["danger"] is True
    assert case_page(others.officer, sent).status_code == 200


def test_danger_opens_nothing_to_an_agency_that_is_not_police_or_front_door(cast, sent, others):
    person = Sharing(cast.coordinator, sent)

    page = person.press(reverse("disclosures:danger", args=[sent.reference])).content.decode()

    assert f'value="{others.officer.team_id}"' in page
    assert f'value="{cast.manager.team_id}"' in page
    for who in (others.social_worker, others.health_lead, others.housing_worker):
        assert f'name="team" value="{who.team_id}"' not in page
        refused = person.client.post(person.at, {"team": who.team_id})
        assert refused.status_code == 422


def test_the_danger_form_offers_no_teams_kinds_before_it_is_chosen(cast, sent, others):
    teams = [others.officer, cast.manager]

    def offers(**typed):
        _, found, _ = services.read_danger(
            actor=cast.coordinator, reference=sent.reference, team=str(typed.get("team", ""))
        )
        return {offer.code for offer in found}

    of_each = [offers(team=who.team_id) for who in teams]
    assert offers() >= of_each[0] | of_each[1] > set()
    assert all(of_one <= offers() for of_one in of_each)


def test_teams_stand_under_their_agency_and_are_read_out_whole(cast, sent, others):
    page = signed_in(cast.coordinator).get(reverse("disclosures:share", args=[sent.reference]))

    tree = html.fromstring(page.content)
    value = others.officer.team_id
    control = tree.xpath(f"//input[@name='team'][@value='{value}']/@id")[0]
    label = tree.xpath(f"//label[@for='{control}']")[0].text_content()
    agency = label.partition(", ")[2]
    before = tree.xpath(f"//input[@id='{control}']/preceding::p[1]")[0].text_content()
    assert label.startswith("Practitioner, ")
    assert before == agency


# Who receives, what for, the reason in law and the kinds: every role that can receive a share.
DELIVERED = {
    "a practitioner of the police": ("officer", "DISRUPT", S115, ("IC4",)),
    "the lead of the police": ("police_lead", "ENQUIRY", S115, ("IC1", "IC4", "IC10")),
    "a coordinator": ("coordinator", "SCREEN", "EA02_175_157/2", ("IC1", "IC4", "IC11")),
    "a manager": ("manager", "SCREEN", "EA02_175_157/2", ("IC1", "IC10")),
    "a panel member": ("panel_nurse", "PANEL", "CA04_S10/2", ("IC1", "IC4", "IC10")),
    "the chair of the panel": ("panel_chair", "PANEL", "CA04_S10/2", ("IC1",)),
}


@pytest.mark.parametrize("who", DELIVERED)
def test_what_was_previewed_is_what_is_delivered(cast, sent, others, who):
    name, purpose, gateway, kinds = DELIVERED[who]
    recipient = getattr(others, name, None) or getattr(cast, name)
    sharer = cast.manager if recipient is cast.coordinator else cast.coordinator
    person = Sharing(sharer, sent)
    until = {"until-day": "1", "until-month": "12", "until-year": "2027"}

    person.to_preview(others.team(recipient), purpose, gateway, *kinds, **until)
    preview = person.look()
    person.right()
    person.send()

    delivered = body_of(case_page(recipient, sent).content)
    assert delivered == preview
    assert hashlib.sha256(delivered).hexdigest() == newest().preview


@pytest.mark.parametrize("who", DELIVERED)
def test_what_was_previewed_is_what_they_print(cast, sent, others, who):
    name, purpose, gateway, kinds = DELIVERED[who]
    recipient = getattr(others, name, None) or getattr(cast, name)
    sharer = cast.manager if recipient is cast.coordinator else cast.coordinator
    person = Sharing(sharer, sent)
    until = {"until-day": "1", "until-month": "12", "until-year": "2027"}
    person.to_preview(others.team(recipient), purpose, gateway, *kinds, **until)
    _, seen = services.look(actor=sharer, draft=ShareDraft.objects.get())

    preview = text_of(as_pdf(seen.reading, made_for=recipient.working_as))
    person.right()
    person.send()
    client = signed_in(recipient)
    asked = client.post(reverse("referrals:pdf", args=[sent.reference])).url
    casework.sweep()
    printed = client.post(f"{asked}download/")

    assert printed["Content-Type"] == "application/pdf"
    delivered = text_of(printed.content)
    assert sent.reference in delivered
    assert MADE_ON.subn("", delivered) == MADE_ON.subn("", preview)
    assert MADE_ON.search(preview)


def test_the_preview_says_to_whom_how_many_and_what_changes(cast, sent, others):
    person = Sharing(cast.coordinator, sent)

    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")

    page = person.page.content.decode()
    assert "Practitioner, Exampleshire Police" in page
    assert "2 people have this role" in page
    assert "Nothing has been shared yet" in page
    assert "Information on a case has been shared with your team" in page
    assert not Disclosure.objects.exists()
    assert case_page(others.officer, sent).status_code == 404


def test_a_change_after_the_preview_is_refused_and_nothing_is_shared(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")
    person.right()
    row = sent.statements.get(question="saw")
    type(row).objects.filter(pk=row.pk).update(protect="police")

    refused = person.send()

    assert refused.status_code == 409
    assert "Something has changed since you looked" in refused.content.decode()
    assert not Disclosure.objects.exists()
    assert case_page(others.officer, sent).status_code == 404
    # Nothing is lost: looked at again, it can be shared.
    person.at = person.at.replace("check", "preview")
    person.right()
    assert person.send().status_code == 200
    assert (
        newest().preview
        == hashlib.sha256(body_of(case_page(others.officer, sent).content)).hexdigest()
    )


def test_a_fingerprint_that_was_made_up_shares_nothing(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")

    person.send(seen="0" * 64, names="no", right="right")

    assert person.send().status_code == 409
    assert not Disclosure.objects.exists()


def test_pressed_twice_it_is_shared_once(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")
    person.right()
    check = person.at

    person.send()
    again = person.press(check, {})

    assert again.status_code == 200
    assert Disclosure.objects.count() == 1
    assert Grant.objects.filter(group_id=others.officer.team_id).count() == 1
    assert Notice.objects.filter(kind="shared").count() == 2


def test_pressed_twice_at_once_it_is_shared_once(committed, cast, sent, others):
    draft = prepared(cast.coordinator, sent, others.officer, "DISRUPT", "IC4")

    def press():
        return services.share(actor=cast.coordinator, draft=draft)

    first, second = at_once(press, press)

    assert [each.pk for each in first] == [each.pk for each in second]
    assert Disclosure.objects.count() == 1
    assert len(events("share.given")) == 1


def test_back_after_done_shows_the_decision_and_changes_nothing(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")
    preview = person.at
    person.right()
    person.send()

    back = person.press(preview)
    what = person.client.post(preview.replace("preview", "what"), {"kinds": []})

    assert newest().number in back.content.decode()
    assert what.status_code == 409
    assert Disclosure.objects.count() == 1


def test_a_draft_can_be_left_and_taken_up_from_the_sharing_page(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.officer), "DISRUPT")
    person.send(kinds=person.kinds("IC4"))
    draft = ShareDraft.objects.get()

    page = signed_in(cast.coordinator).get(reverse("disclosures:sharing", args=[sent.reference]))
    address = reverse("disclosures:step", args=[draft.pk, "check"])
    assert address in page.content.decode()
    person.press(address)

    assert person.at.endswith("/gateway/")
    other = signed_in(cast.second_coordinator)
    assert other.get(address).status_code == 404
    assert address not in other.get(page.request["PATH_INFO"]).content.decode()


MISSING = {
    "necessity": "Say what they will use it for",
    "proportionality": "Say why a smaller amount would not do",
    "child_told": "Select whether the child has been told",
    "not_told_why": "Write why somebody has not been told",
    "consent_limb": "Select why you do not rely on consent",
    "ends": "Select how long they should see it",
    "decision": "Select what you decide",
}


@pytest.mark.parametrize("name", MISSING)
def test_without_its_reason_there_is_no_share_and_the_words_are_kept(cast, sent, others, name):
    person = Sharing(cast.coordinator, sent)
    words = {**WHY, name: ""}
    person.begin(others.team(others.officer), "ENQUIRY")
    person.send(kinds=person.kinds("IC4"))
    person.send(gateway=S115)

    answer = person.send(**words)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert MISSING[name] in page
    assert all(words[box] in page for box in ("necessity", "proportionality"))
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("lacks", ["team", "purpose"])
def test_without_whom_and_what_for_there_is_no_draft(cast, sent, others, lacks):
    person = Sharing(cast.coordinator, sent)
    said = {"team": others.officer.team_id, "purpose": "DISRUPT"}

    answer = person.press(reverse("disclosures:share", args=[sent.reference]), {**said, lacks: ""})

    assert answer.status_code == 422
    assert not ShareDraft.objects.exists()


def test_without_what_or_a_reason_in_law_it_does_not_go_on(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.officer), "DISRUPT")

    assert person.send().status_code == 422
    person.send(kinds=person.kinds("IC4"))
    assert person.send().status_code == 422
    assert person.send(gateway="CA89_S17/2").status_code == 422


def test_nothing_is_ticked_for_anybody(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.press(reverse("disclosures:share", args=[sent.reference]))
    assert b" checked" not in person.page.content
    person.begin(others.team(others.officer), "DISRUPT")
    assert b" checked" not in person.page.content
    person.send(kinds=person.kinds("IC4"))
    assert b" checked" not in person.page.content
    person.send(gateway=S115)
    assert b" checked" not in person.page.content
    person.press(reverse("disclosures:danger", args=[sent.reference]))
    assert b" checked" not in person.page.content


@pytest.mark.parametrize(
    ("decision", "word"), [("refused", "Not shared"), ("delayed", "Not shared yet")]
)
def test_a_no_leaves_the_same_record_and_opens_nothing(cast, sent, others, decision, word):
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.officer), "DISRUPT")
    person.send(kinds=person.kinds("IC4"))
    person.send(gateway=S115)

    without = person.send(**{**WHY, "decision": decision})
    assert without.status_code == 422
    person.send(**{**WHY, "decision": decision, "detriment": "He would hear of it."})
    assert person.at.endswith("/check/")
    done = person.send()

    made = newest()
    assert word in done.content.decode()
    assert (made.result, made.detriment) == (decision, "He would hear of it.")
    assert not made.grants.exists()
    assert case_page(others.officer, sent).status_code == 404
    assert [body["act"] for body in events("share.refused", "share.given")] == ["share.refused"]
    assert not Notice.objects.filter(kind="shared").exists()


def test_an_answer_left_out_stays_with_the_agency_that_holds_it(cast, sent, others):
    saw, told = (sent.statements.get(question=key) for key in ("saw", "told"))
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.officer), "DISRUPT")
    person.send(kinds=person.kinds("IC4"), leave_out=[str(told.pk)])
    person.send(gateway=S115)
    person.send(**WHY)
    person.right()
    person.send()

    made, page = newest(), case_page(others.officer, sent).content.decode()
    assert made.result == "part"
    assert saw.pk in made.statements
    assert told.pk not in made.statements
    assert saw.text in page
    assert told.text not in page


def test_words_that_name_somebody_need_their_own_reason(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")

    refused = person.send(seen=person.seen(), names="yes", right="right")
    person.send(seen=person.seen(), names="yes", right="right", protects="A friend; needed.")
    person.send()

    assert refused.status_code == 422
    assert newest().protects == "A friend; needed."


def test_a_change_of_mind_leads_back_to_what(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.to_preview(others.team(others.officer), "DISRUPT", S115, "IC4")

    person.send(seen=person.seen(), names="no", right="change")

    assert person.at.endswith("/what/")
    assert " checked" in person.page.content.decode()


def test_a_draft_that_is_deleted_shares_nothing(cast, sent, others):
    person = Sharing(cast.coordinator, sent)
    person.begin(others.team(others.officer), "DISRUPT")
    draft = ShareDraft.objects.get()

    person.press(reverse("disclosures:discard", args=[draft.pk]), {})

    assert not ShareDraft.objects.exists()
    assert [body["act"] for body in events("draft.deleted")] == ["draft.deleted"]


def test_a_share_is_of_one_case_only(cast, sent, others):
    other = send(cast.teacher)
    Sharing(cast.coordinator, sent).all(others.team(others.officer), "DISRUPT", S115, "IC4")

    assert case_page(others.officer, other).status_code == 404

"""Language prompts where people write: shown, explained, and never in the way."""

import pytest
from django.urls import reverse
from lxml import html

from portal.accounts import services as accounts
from portal.accounts.models import Partnership
from portal.audit.models import Event
from referrals.intake.models import Draft
from referrals.models import Case, Statement
from tests.cast import Cast, send, signed_in
from tests.referrals.test_submit import draft_of, send_by_button

SHOWN = "Words you may want to look at again"


def concern(**boxes: str) -> dict[str, str]:
    return {"saw": "", "child_said": "", "told": "", **boxes}


def check_page(cast: Cast, draft: Draft) -> str:
    answer = signed_in(cast.teacher).get(reverse("intake:page", args=[draft.pk, "check"]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_check_page_shows_phrase_place_reason_another_way_and_a_link(cast: Cast):
    draft = draft_of(cast.teacher, concern=concern(saw="She absconded again."))

    page = html.fromstring(check_page(cast, draft))

    section = page.xpath("//section[@aria-labelledby='prompts']")[0]
    said = " ".join(section.text_content().split())
    assert (
        "absconded \u2013 in “What you saw or heard yourself”. It sounds like an offence." in said
    )
    assert "Another way to say it: was missing, or went missing." in said
    href = section.xpath(".//a/@href")[0]
    assert href.startswith(reverse("intake:page", args=[draft.pk, "concern"]))
    target = signed_in(cast.teacher).get(href.partition("#")[0]).content
    assert html.fromstring(target).xpath(f"//*[@id='{href.partition('#')[2]}']")


@pytest.mark.parametrize(
    "boxes",
    [
        {"child_said": "He is my boyfriend and I ran off."},
        {"saw": "She told me “he is my boyfriend” at the gate."},
        {"saw": "She was quiet."},
    ],
)
def test_the_childs_own_words_and_plain_words_are_left_alone(cast: Cast, boxes):
    assert SHOWN not in check_page(cast, draft_of(cast.teacher, concern=concern(**boxes)))


def test_a_prompt_blocks_nothing_rewrites_nothing_and_counts_nobody(cast: Cast):
    words = "She absconded and is promiscuous."
    draft = draft_of(cast.teacher, concern=concern(saw=words))
    client, address = signed_in(cast.teacher), reverse("intake:page", args=[draft.pk, "check"])
    before = Event.objects.count()
    assert SHOWN in client.get(address).content.decode()
    assert Event.objects.count() == before

    answer = send_by_button(client, draft)

    assert answer.status_code == 302
    case = Case.objects.get(reference=answer.url.split("/")[2])
    assert Statement.objects.filter(case=case, text=words).exists()
    bodies = b"".join(bytes(event.body) for event in Event.objects.order_by("-at")[:9])
    assert b"promiscuous" not in bodies
    assert b"prompt" not in bodies


def test_a_hostile_phrase_comes_out_as_text(cast: Cast):
    accounts.settle(
        actor=cast.manager,
        partnership=cast.partnership,
        changes={"language": "silver car | <script>alert(1)</script> | <b>x</b>"},
    )
    page = check_page(cast, draft_of(cast.teacher, concern=concern(saw="A silver car.")))

    assert SHOWN in page
    assert "<script>alert(1)" not in page
    assert "<b>x</b>" not in page


def test_a_decision_that_comes_back_shows_its_prompts(cast: Cast):
    case = send(cast.teacher)
    answer = signed_in(cast.coordinator).post(
        reverse("triage:decide", args=[case.reference]),
        {"reason": "The child is hard to reach.", "told_referrer": ""},
    )

    page = html.fromstring(answer.content)
    assert answer.status_code == 422
    section = page.xpath("//section[@aria-labelledby='prompts']")[0]
    assert "hard to reach" in section.text_content()
    assert section.xpath(".//a/@href") == ["#id_reason"]
    assert page.xpath("//*[@id='id_reason']")


def test_a_list_that_cannot_be_read_stands_in_nobodys_way(cast: Cast, caplog):
    Partnership.objects.filter(pk=cast.partnership.pk).update(language="a phrase alone")
    draft = draft_of(cast.teacher, concern=concern(saw="She absconded."))

    assert SHOWN not in check_page(cast, draft)
    assert f"The phrases of partnership {cast.partnership.pk} cannot be read" in caplog.text
    assert "a phrase alone" not in caplog.text

"""One assessment through the pages, by seven people: asked, answered, opened, agreed, signed."""

import re
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from referrals.assessments.models import Assessment, ToolVersion
from referrals.assessments.vocabulary import ABOUT, Level
from referrals.models import Case
from tests.assessments.conftest import CHILD, JUDGEMENT, WORDS
from tests.cast import Cast, carried, events, signed_in

DISSENT = "We see no debt, and would wait."


def typed_day(name: str, days: int) -> dict[str, str]:
    on = timezone.localdate() + timedelta(days=days)
    return {
        f"{name}-day": str(on.day),
        f"{name}-month": str(on.month),
        f"{name}-year": str(on.year),
    }


def answers_by_page(who: Principal, assessment: Assessment, signs: dict[str, str]) -> None:
    """Answer page by page as a person does, then send."""
    client = signed_in(who)
    reference, pk = assessment.case.reference, assessment.pk
    tool = assessment.tool.tool
    for domain in tool.domains:
        page = reverse("assessments:part", args=[reference, pk, domain.code])
        typed = carried(client, page)
        for item in (item for item in tool.items if item.domain == domain.code):
            typed[f"{item.code}_answer"] = signs.get(item.code, "no")
            if item.code in signs:
                more = {"when": "last_3_months", "how": "saw", "words": WORDS, "times": "3"}
                typed |= {f"{item.code}_{name}": value for name, value in more.items()}
        answered = client.post(page, typed)
        assert answered.status_code == 302, answered.context["form"].errors
    page = reverse("assessments:part", args=[reference, pk, ABOUT])
    about: dict[str, Any] = {
        **carried(client, page),
        "child": CHILD,
        "strengths": ["ST1", "ST5"],
        "safe": "An aunt.",
    }
    assert client.post(page, about).status_code == 302
    hub = reverse("assessments:score", args=[reference, pk])
    assert "cannot change them" in client.get(hub).content.decode()
    assert client.post(hub).status_code == 302
    assert "sealed" in client.get(hub).content.decode()


def test_start_answer_open_compare_agree_dissent_and_sign(cast: Cast, case, tool):
    made = asked_by_page(cast, case, tool)
    answered_and_opened_by_page(cast, made)
    compared_and_agreed_by_page(cast, made)
    said_and_signed_by_page(cast, made)
    acts = [event["act"] for event in events() if event["act"].startswith("risk.")]
    for act in ("opened", "answered", "revealed", "compared", "judged", "proposed", "confirmed"):
        assert f"risk.{act}" in acts
    assert acts.count("risk.signed") == 2
    assert acts.count("risk.confirmed") == 2


def asked_by_page(cast: Cast, case: Case, tool: ToolVersion) -> Assessment:
    """A coordinator asks police, health and school; one alone is refused, and twice is once."""
    lead, reference = signed_in(cast.coordinator), case.reference
    start = reverse("assessments:start", args=[reference])
    asks: dict[str, Any] = {
        **carried(lead, start),
        "tool": str(tool.pk),
        "agencies": [
            str(who.agency_id) for who in (cast.panel_officer, cast.panel_nurse, cast.teacher)
        ],
        "look_at": "Look at the silver car.",
        **typed_day("due_on", 7),
    }
    few = lead.post(start, {**asks, "agencies": asks["agencies"][:1]})
    assert few.status_code == 422
    assert "Select at least two agencies" in few.content.decode()
    assert lead.post(start, asks).status_code == 302
    # A second press begins no second one.
    assert lead.post(start, asks).status_code == 302
    made = Assessment.objects.get()
    risk = reverse("assessments:risk", args=[reference])
    officer = signed_in(cast.panel_officer)
    assert "Look at the silver car." in officer.get(risk).content.decode()
    assert "1 joint risk assessment" in officer.get(reverse("home:home")).content.decode()
    return made


def answered_and_opened_by_page(cast: Cast, made: Assessment) -> None:
    """Three agencies answer, each unseen; then all is opened."""
    lead, risk = (
        signed_in(cast.coordinator),
        reverse("assessments:risk", args=[made.case.reference]),
    )

    answers_by_page(cast.panel_officer, made, {"H6": "suspected", "M1": "confirmed"})
    answers_by_page(cast.panel_nurse, made, {"W1": "confirmed"})
    page = lead.get(risk).content.decode()
    assert "Exampleshire Police has answered" in page
    assert "Open all answers" not in page
    answers_by_page(cast.teacher, made, {})
    assert "Open all answers" in lead.get(risk).content.decode()
    args = [made.case.reference, made.pk]
    opened = lead.post(reverse("assessments:reveal", args=args))
    assert opened["Location"] == reverse("assessments:compare", args=args)


def compared_and_agreed_by_page(cast: Cast, made: Assessment) -> None:
    """The coordinator compares, writes the judgement, and only then sees the score."""
    lead, reference = signed_in(cast.coordinator), made.case.reference
    compare = reverse("assessments:compare", args=[reference, made.pk])

    page = lead.get(compare).content.decode()
    assert "Differs" in page
    assert "Exampleshire Police: suspected." in page
    assert WORDS in page
    assert "It is shown once somebody has written the judgement" in page
    assert "points" not in re.sub(r"<[^>]+>", "", page)
    only = lead.get(compare, {"only": "differences"}).content.decode()
    assert only.count('data-label="Question"') == 3

    agree = reverse("assessments:agree", args=[reference, made.pk])
    no_words = lead.post(agree, {**carried(lead, agree), "words": "", "home": "yes", "child": "C"})
    assert no_words.status_code == 422
    assert "the score alone is not enough" in no_words.content.decode()
    judging = {**carried(lead, agree), "words": JUDGEMENT, "child": CHILD, "home": "not_known"}
    assert lead.post(agree, {**judging, "missing": "3"}).status_code == 302
    page = lead.get(agree).content.decode()
    assert "The score does not decide." in page
    assert "checked" not in page
    level = {
        **carried(lead, agree),
        "level": str(Level.EMERGING),
        "differs": "The nurse knows the family well.",
        **typed_day("review_on", 20),
    }
    assert lead.post(agree, level).status_code == 302


def said_and_signed_by_page(cast: Cast, made: Assessment) -> None:
    """One agency agrees, one does not; the chair and a second agency sign."""
    reference = made.case.reference
    risk = reverse("assessments:risk", args=[reference])
    lead, officer, nurse = map(signed_in, (cast.coordinator, cast.panel_officer, cast.panel_nurse))
    made.refresh_from_db()
    assert made.status == "waiting"
    agreement = made.agreements.get()
    confirm = reverse("assessments:confirm", args=[reference, agreement.pk])
    assert nurse.post(confirm, {"view": "dissents", "words": ""}).status_code == 422
    assert nurse.post(confirm, {"view": "dissents", "words": DISSENT}).status_code == 302
    assert nurse.post(confirm, {"view": "dissents", "words": DISSENT}).status_code == 302
    assert officer.post(confirm, {"view": "agrees"}).status_code == 302

    sign = reverse("assessments:sign", args=[reference, agreement.pk])
    assert lead.post(sign, {"signs": "yes"}).status_code == 403
    chair = signed_in(cast.panel_chair)
    assert "Your signature" in chair.get(risk).content.decode()
    assert chair.post(sign, {"signs": "yes"}).status_code == 302
    assert officer.post(sign, {"signs": "yes"}).status_code == 302

    page = officer.get(risk).content.decode()
    assert "Emerging concern" in page
    assert DISSENT in page
    assert "We do not agree" in page
    assert "<title id=" in page
    picture = page[page.index("<svg") : page.index("</svg>")]
    assert len(picture.encode()) < 10_000
    assert "Emerging concern" in picture
    assert (
        "Emerging concern"
        in lead.get(reverse("triage:workspace", args=[reference])).content.decode()
    )
    hers = signed_in(cast.teacher).get(risk).content.decode()
    assert JUDGEMENT not in hers
    assert DISSENT not in hers


def test_hostile_words_stay_words(cast: Cast, opened):
    client, reference = signed_in(cast.coordinator), opened.case.reference
    bad = "<script>alert(1)</script> {{ 7*7 }} '; DROP TABLE x; --\x00 \u202e"
    agree = reverse("assessments:agree", args=[reference, opened.pk])
    judging = {**carried(client, agree), "words": bad, "child": bad, "home": "yes"}

    assert client.post(agree, judging).status_code == 302

    page = client.get(agree).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page


def test_a_page_of_nobodys_part_is_not_there(cast: Cast, asked):
    client = signed_in(cast.panel_officer)
    page = reverse("assessments:part", args=[asked.case.reference, asked.pk, "nonsense"])
    assert client.get(page).status_code == 404

"""Sharing as a person does it in a browser: which button leads where, and how many presses."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from referrals.models import Case, Statement
from referrals.vocabulary import QUESTIONS, Answer, KnownHow
from sharing.disclosures import services
from sharing.disclosures.models import Disclosure, ShareDraft
from sharing.disclosures.reading.plan import plan
from sharing.disclosures.reading.preview import preview
from tests.cast import signed_in

WHY = {
    "decision": "shared",
    "necessity": "They trace the car tonight.",
    "proportionality": "Without the signs they cannot tell which car.",
    "relevance": "Joint enquiry 7, and the nurse who chose it.",
    "child_told": "yes",
    "parents_told": "unsafe",
    "not_told_why": "It could warn the man with the car.",
    "consent_limb": "would_prejudice",
    "confidence_limb": "public_interest",
    "ends": "closed",
}
BODY = re.compile(rb'<section class="portal-case".*?</section>', re.S)


def body_of(page: bytes) -> bytes:
    """The case's body on a page: cut out, byte for byte."""
    found = BODY.findall(page)
    assert len(found) == 1, re.findall(rb"error-(?:message|summary).*", page)
    return found[0]


class Sharing:
    """One person who shares, page by page; `presses` counts the buttons."""

    def __init__(self, who: Principal, case: Case) -> None:
        self.client: Client = signed_in(who)
        self.case, self.presses, self.at = case, 0, ""
        self.page: Any = None

    def press(self, address: str, data: dict[str, Any] | None = None) -> Any:
        """Follow a link, or send a form, and land where it leads."""
        self.presses += 1
        answer = self.client.get(address) if data is None else self.client.post(address, data)
        self.at = address
        while answer.status_code == 302:
            self.at = answer.url
            answer = self.client.get(self.at)
        self.page = answer
        return answer

    def begin(self, team: Team, purpose: str) -> None:
        """From the case page to the page that asks what."""
        address = reverse("disclosures:share", args=[self.case.reference])
        self.press(address)
        self.press(address, {"team": team.pk, "purpose": purpose})

    def send(self, **data: Any) -> Any:
        """Send the form of the page that is open."""
        return self.press(self.at, data)

    def kinds(self, *categories: str) -> list[str]:
        """The values of these kinds of information on the page that asks what."""
        return [code for code in self.codes("kinds") if code.split(":")[1] in categories]

    def codes(self, name: str) -> list[str]:
        """The values of the boxes of this name that stand for a kind of information."""
        boxes = re.findall(r"<input[^>]*>", self.page.content.decode())
        mine = "".join(box for box in boxes if f'name="{name}"' in box)
        return re.findall(r'value="([0-9a-f-]{36}:\w+)"', mine)

    def look(self) -> bytes:
        """The body of the preview that is open."""
        return body_of(self.page.content)

    def seen(self) -> str:
        """The fingerprint that the preview carries."""
        found = re.search(r'name="seen" value="([0-9a-f]{64})"', self.page.content.decode())
        assert found, self.page.content.decode()
        return found[1]

    def right(self) -> Any:
        """Say that the preview is right."""
        return self.send(seen=self.seen(), names="no", right="right")

    def to_preview(
        self, team: Team, purpose: str, gateway: str, *categories: str, **why: Any
    ) -> None:
        """As far as the preview."""
        self.begin(team, purpose)
        self.send(kinds=self.kinds(*categories))
        self.send(gateway=gateway)
        self.send(**{**WHY, **why})

    def all(self, team: Team, purpose: str, gateway: str, *categories: str, **why: Any) -> Any:
        """All the way, to the end."""
        self.to_preview(team, purpose, gateway, *categories, **why)
        self.right()
        return self.send()


def newest() -> Disclosure:
    """The latest decision."""
    return Disclosure.objects.latest("decided_at")


def add(case: Case, author: Principal, question: str, text: str, **more: Any) -> Statement:
    """Put one more answer on the case, held by the author's agency."""
    given = {
        "question": question,
        "category": QUESTIONS[question].category,
        "answer": Answer.GIVEN,
        "text": text,
        "known_how": KnownHow.RECORD,
        "stated_at": timezone.now(),
    }
    return Statement.objects.create(
        case=case,
        agency_id=author.agency_id,
        author_id=author.membership_id,
        **{**given, **more},
    )


def share(who: Principal, case: Case, to: Principal, purpose: str, *categories: str) -> Disclosure:
    """Share whole kinds of information, by the service, for the first reason in law."""
    found = prepared(who, case, to, purpose, *categories)
    return services.share(actor=who, draft=found)[0]


def prepared(
    who: Principal, case: Case, to: Principal, purpose: str, *categories: str, **answers: Any
) -> ShareDraft:
    """A draft that is ready to become a decision; `answers` change its pages."""
    said = {"team": to.team_id, "purpose": purpose}
    draft = services.begin(actor=who, reference=case.reference, answers={"who": said})
    offers = plan(who, draft, timezone.now()).offers
    what = {
        "whole": [offer.code for offer in offers if offer.category in categories],
        "left_out": [],
        "part": [],
        "part_of": [],
        "harm_suspected": "",
        **answers.pop("what", {}),
    }
    draft = services.save(actor=who, draft=draft, what=what)
    gateways = plan(who, draft, timezone.now()).gateways
    why = {name: words for name, words in WHY.items() if name != "ends"}
    pages = {
        "gateway": {"gateway": gateways[0].cited_as if gateways else ""},
        "why": {**why, "detriment": "", "until": ""},
        **answers,
    }
    draft = services.save(actor=who, draft=draft, **pages)
    looked = {"sha256": fingerprint(who, draft), "protects": ""}
    return services.save(actor=who, draft=draft, preview=looked)


def fingerprint(who: Principal, draft: ShareDraft) -> str:
    """That of what the recipient would read, whether or not the draft has got that far."""
    found = plan(who, draft, timezone.now())
    return preview(who, found.team, draft.case, found.grants()).sha256

"""How many pages, presses and answers the journeys of the office and of the panel take.

Each walk sends what the page itself offers, button by button, as a browser without a script does.
"""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from portal.accounts.vocabulary import Principal, default_decided, read_decided
from referrals.actions.workflow import State
from referrals.meetings import services as meetings
from referrals.meetings.models import AgreedAction
from referrals.meetings.services import writing
from referrals.models import Case, Decision
from referrals.vocabulary import Outcome
from sharing.disclosures.models import Request
from sharing.disclosures.vocabulary import Reply
from tests.actions.conftest import given, soon
from tests.cast import Cast, send, signed_in
from tests.closing import open_case
from tests.disclosures.conftest import ask, lead_of
from tests.meetings.conftest import decided, setup
from tests.meetings.session import begun


@dataclass
class Walk:
    """Somebody who goes from page to page: what they pressed, saw and answered since `begin`."""

    client: Client
    at: str = ""
    loads: int = 0
    presses: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def begin(self, address: str) -> "Walk":
        """Open the page at which the counting begins."""
        self._shown(self.client.get(address, follow=True), address)
        self.loads = 0
        return self

    def follow(self, words: str) -> "Walk":
        """Press the link that begins with this."""
        [link] = [each for each in self.main.iter("a") if _text(each).startswith(words)]
        self.presses.append(words)
        self._shown(self.client.get(urljoin(self.at, link.get("href")), follow=True), self.at)
        return self

    def press(self, button: str, **typed: str | list[str]) -> "Walk":
        """Answer these boxes, which the page has, and press the button that says this."""
        [form] = [
            each
            for each in self.main.iter("form")
            if button in {_text(found) for found in each.iter("button")}
        ]
        boxes = {box.get("name") for box in form.iter("input", "textarea", "select", "button")}
        assert set(typed) <= boxes, set(typed) - boxes
        sent: dict[str, list[str]] = {}
        for name, value in form.form_values():
            sent.setdefault(name, []).append(value)
        self.answered |= set(typed)
        self.presses.append(button)
        to = urljoin(self.at, form.get("action") or "")
        self._shown(self.client.post(to, {**sent, **typed}, follow=True), to)
        return self

    def _shown(self, answer, address: str) -> None:
        assert answer.status_code == 200, (address, answer.status_code)
        page = html.fromstring(answer.content.decode())
        assert not page.xpath("//*[contains(@class, 'govuk-error-summary')]"), self.presses
        self.main = page.find(".//main")
        self.at = answer.request["PATH_INFO"]
        self.loads += 1


def _text(element) -> str:
    return " ".join(str(element.text_content()).split())


@pytest.fixture
def board(cast: Cast, sent: Case) -> Walk:
    return Walk(signed_in(cast.coordinator)).begin(reverse("triage:board"))


def test_from_the_board_to_a_decision_are_three_pages_and_three_presses(board: Walk, sent: Case):
    """J3. What happens next and why; who referred reads the usual words, which are shown."""
    board.follow(sent.reference)
    board.press("Check decision", outcome=str(Outcome.STRATEGY), reason="She may be hurt tonight.")
    usual = read_decided(default_decided())[Outcome.STRATEGY.label.casefold()]
    assert usual in _text(board.main)
    board.press("Confirm decision")

    made = Decision.objects.get(case=sent)
    assert (made.outcome, made.told_referrer) == (Outcome.STRATEGY, usual)
    assert board.at == reverse("triage:board")
    assert board.loads <= 3
    assert len(board.presses) <= 4
    assert board.answered == {"outcome", "reason"}


def test_to_acknowledge_on_the_way_is_one_press_and_no_answer(board: Walk, sent: Case):
    """J3 with its fourth press: the sentence is written, and may be changed."""
    board.follow(sent.reference)
    board.press("Acknowledge")

    sent.refresh_from_db()
    assert sent.acknowledged_at is not None
    assert (len(board.presses), board.answered) == (2, set())
    assert board.at == reverse("triage:workspace", args=[sent.reference])


def test_ten_referrals_are_assigned_on_one_page_and_one_that_confirms(cast: Cast, board: Walk):
    """J4."""
    cases = [send(cast.teacher) for _ in range(10)]
    board.begin(reverse("triage:board"))

    board.press("Assign the selected referrals", case=[case.reference for case in cases])
    assert board.at == reverse("triage:assign")
    person = str(cast.second_coordinator.membership_id)
    board.press("Assign them", to=person)

    mine = Case.objects.filter(coordinator=cast.second_coordinator.membership_id)
    assert mine.count() == 10
    assert (len(board.presses), board.loads) == (2, 2)
    assert board.at == reverse("triage:board")


@pytest.fixture
def health(cast: Cast) -> Principal:
    return lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")


@pytest.fixture
def asked(cast: Cast, sent: Case, health: Principal) -> Request:
    return ask(cast.coordinator, sent, health)


def test_a_question_is_answered_on_four_pages(health: Principal, asked: Request):
    """J6: the question, the words, what each will read, and what was sent."""
    walk = Walk(signed_in(health)).begin(reverse("disclosures:requests"))
    walk.follow(asked.case.reference)
    walk.press("Continue", reply=str(Reply.SHARE))
    walk.press(
        "Check your answer",
        text_IC2="She is seen every month.",
        how_IC2="record",
        protect_IC2="none",
        proportionality="They cannot keep her safe without it.",
        child_told="yes",
        parents_told="yes",
        consent_limb="not_reasonable",
    )
    walk.press("Send answer", send="send")

    asked.refresh_from_db()
    assert asked.reply == Reply.SHARE
    assert walk.at == reverse("disclosures:request", args=[asked.pk])
    assert walk.loads <= 4


def test_a_case_is_found_by_its_reference_in_two_presses(cast: Cast, sent: Case):
    """J11, from any page: its link, and the button."""
    walk = Walk(signed_in(cast.coordinator)).begin(reverse("triage:board"))
    walk.press("Find a case", words=sent.reference.lower())

    assert walk.at == reverse("referrals:case", args=[sent.reference])
    assert len(walk.presses) <= 2
    assert walk.answered == {"words"}


def test_an_action_is_updated_in_three_presses_from_home(cast: Cast):
    """J10: the action, how it stands, and the button."""
    action = given(cast.coordinator, open_case(cast), cast.lead)
    walk = Walk(signed_in(cast.lead)).begin(reverse("home:home"))
    walk.follow(f"Action on {action.case.reference}")
    walk.press("Save update", verb="take-up")

    action.refresh_from_db()
    assert action.status == State.IN_PROGRESS
    assert len(walk.presses) + len(walk.answered) == 3


def test_a_decision_with_three_actions_takes_three_pages(cast: Cast):
    """J9: from the item in the room, its decision, and the item again."""
    series = meetings.keep_series(actor=cast.manager, setup=setup(cast))
    session = begun(cast, series, decided(cast))
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    walk = Walk(signed_in(cast.coordinator))
    walk.begin(reverse("meetings:discussion", args=[session.meeting.pk, session.item.pk]))
    typed = _on("next_on", soon(28))
    for place in (1, 2, 3):
        typed |= _on(f"due-{place}", soon(28)) | {
            f"what-{place}": f"Step {place}.",
            f"owner-{place}": str(cast.panel_officer.membership_id),
            f"effect-{place}": "Nobody waits there.",
        }
    walk.follow("Record decision")
    walk.press(
        "Record decision",
        what="keep",
        words="A joint visit this week.",
        reasons="Two agencies named the same car.",
        **typed,
    )

    assert AgreedAction.objects.filter(conclusion__item=session.item).count() == 3
    assert walk.loads <= 3


def _on(name: str, day: date) -> dict[str, str]:
    """The three boxes of a day."""
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}

"""The budget of the shortest referral: pages, presses, answers and minutes, on the real pages."""

from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from referrals.models import Case
from tests.benchmarks import klm
from tests.cast import Cast, carried, signed_in

BUTTONS = {"Start now", "Save and continue", "Send referral"}
ANSWERS = {
    "danger": {"danger": "no"},
    "child": {"given_name": "Wrenna", "family_name": "Sparrowhawk", "age_estimate": "14"},
    "concern": {"saw": klm.CONCERN},
    "child-view": {"child_told": "not_yet"},
    "parents": {"parents_told": "not_yet"},
    "you": {"phone": "01632 960123"},
}
CHOSEN = {"danger", "child_told", "parents_told"}


@dataclass
class Walk:
    """Somebody who presses the main button of each page until there is none."""

    client: Client
    pages: list[klm.Page] = field(default_factory=list)
    presses: list[str] = field(default_factory=list)
    reached: str = ""

    def from_(self, address: str) -> "Walk":
        """Begin here, and go on to the page without a button."""
        self.reached = address
        while (button := self._look()) is not None:
            self._press(button)
        return self

    def _look(self) -> str | None:
        page = self.client.get(self.reached)
        assert page.status_code == 200, self.reached
        self.shown = page.content.decode()
        main = html.fromstring(self.shown).find(".//main")
        assert main is not None
        found = [str(each.text_content()).strip() for each in main.iter("button")]
        button = next((each for each in found if each in BUTTONS), None)
        if button is None:
            self.pages.append(klm.Page(self.shown, {}))
        return button

    def _press(self, button: str) -> None:
        answers = ANSWERS.get(self.reached.rstrip("/").rpartition("/")[2], {})
        typed = {box: words for box, words in answers.items() if box not in CHOSEN}
        self.pages.append(klm.Page(self.shown, typed, len(answers) - len(typed)))
        self.presses.append(button)
        looked_at = carried(self.client, self.reached)
        answer = self.client.post(self.reached, looked_at | answers)
        assert answer.status_code == 302, (self.reached, answer.content.decode())
        self.reached = answer.headers["Location"]


@pytest.fixture
def walk(cast: Cast) -> Walk:
    return Walk(signed_in(cast.teacher)).from_(reverse("intake:new"))


def test_the_shortest_way_is_fourteen_pages_and_thirteen_presses(walk: Walk):
    assert walk.reached == reverse("intake:sent", args=[Case.objects.get().reference])
    assert (len(walk.pages), len(walk.presses)) == (14, 13)
    assert walk.presses[0] == "Start now"
    assert walk.presses[-1] == "Send referral"


def test_six_questions_take_an_answer_on_it_and_the_rest_are_gone_past(walk: Walk):
    assert len([page for page in walk.pages if page.typed or page.chosen]) == 6


def test_it_takes_twelve_minutes_with_a_concern_of_nine_hundred_characters(walk: Walk, capsys):
    took = klm.minutes(walk.pages)

    with capsys.disabled():
        words = [page.words for page in walk.pages]
        print(f" [model: {took:.1f} minutes; words to take in, page by page: {words}] ")
    assert 850 <= len(klm.CONCERN) <= 950
    assert took <= 12


def test_danger_is_stopped_for_on_the_next_page_within_a_minute(cast: Cast):
    """The numbers to ring are there on the first page, one press after Home."""
    client = signed_in(cast.teacher)
    new = client.get(reverse("intake:new")).content.decode()
    begun = client.post(reverse("intake:new"))
    question = client.get(begun.headers["Location"]).content.decode()
    stopped = client.post(begun.headers["Location"], {"danger": "yes"})
    stop = client.get(stopped.headers["Location"]).content.decode()

    assert "999" in new.partition("<main")[2].partition("</main>")[0]
    assert "Call 999 now" in stop
    # Nobody reads the first page to its end, or thinks for long, when a child is in danger.
    hurried = 2 * klm.PAGE + klm.CHOICE + klm.Page(question, {}).words / klm.SKIMMED
    assert hurried + klm.PAGE + klm.Page(stop, {}).words / klm.SKIMMED <= 60

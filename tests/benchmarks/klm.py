"""How long the shortest referral takes a practised writer, computed from the real pages.

The keystroke-level model (Card, Moran and Newell, 1980) as the design's measures use it: 0.28 s for
a typed character, 2.5 s to find and make a choice, 3.7 s for each page to point, press and wait.
On top of it a page is either thought about for 15 s or skimmed word by word, whichever is longer;
the answers that may be left out are skimmed past and not filled in. It is a model of active time,
not a measurement of people.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import html

CHARACTER: Final = 0.28
CHOICE: Final = 2.5
PAGE: Final = 3.7
THINKING: Final = 15.0
SKIMMED: Final = 450 / 60
"""Words a second: about twice the pace of careful reading."""

CONCERN: Final = (
    "On Monday 16 November at about 3:20pm I was on gate duty. A man of about 25 waited in a "
    "silver car with the engine running. When she came out he called her by a name that is not "
    "hers, and she went to the car at once without looking at her friends. I have seen the same "
    "car on three Mondays. Since half term she has had a new phone, which she keeps face down, "
    "and trainers that her aunt did not buy. She was away on two Fridays, and came back very "
    "tired each time. Today she asked me whether somebody can be made to pay back a present. I "
    "asked if she was worried about anybody. She said that she must not talk about it, and "
    "cried. Two friends told our learning mentor that he drives her to a flat in the next town "
    "where there are other men and girls from another school. They are frightened for her. I "
    "have told our safeguarding lead, who agreed that I send this now."
)
"""What a teacher writes: about 900 characters, invented."""


_NOT_READ: Final = " | ".join(
    (
        ".//noscript",
        ".//details/*[not(self::summary)]",
        ".//*[contains(@class, 'govuk-visually-hidden')]",
        ".//option",
        ".//*[contains(@class, 'portal-no-answer')]",
    )
)


@dataclass(frozen=True)
class Page:
    """One page of a walk: what it shows, and what was done on it before the button was pressed."""

    shown: str
    typed: Mapping[str, str]
    chosen: int = 0

    @property
    def words(self) -> int:
        """How many words there are to take in, in its main part.

        Left out are closed passages, hidden words, what only a browser without script says, the
        choices of a closed list, and the three that stand under every question in the same words
        ("Not known" and so on): nobody reads them again.
        """
        main = html.fromstring(self.shown).find(".//main")
        if main is None:
            return 0
        for each in main.xpath(_NOT_READ):
            if each.getparent() is not None:
                each.drop_tree()
        return len(re.findall(r"\w+", main.text_content()))

    @property
    def seconds(self) -> float:
        """What it takes: to take it in, to answer, to go on."""
        characters = sum(len(words) for words in self.typed.values())
        taken_in = max(THINKING, self.words / SKIMMED)
        return PAGE + taken_in + characters * CHARACTER + self.chosen * CHOICE


def minutes(pages: Iterable[Page]) -> float:
    """The active time of a walk."""
    return sum(page.seconds for page in pages) / 60

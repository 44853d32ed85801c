"""What somebody sees who goes through a page with the Tab key."""

from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Page

MOST_STOPS: Final = 400
# What has focus, as somebody sees it. A radio button is drawn by its label.
LOOK: Final = """() => {
  const at = document.activeElement;
  const drawn = at.matches('[type=radio], [type=checkbox]') ? at.labels[0] : at;
  const whole = at.getClientRects()[0] ?? at.getBoundingClientRect();
  // Of a large box the browser shows the line in which one writes.
  const box = at.matches('textarea')
    ? new DOMRect(whole.left, whole.top, whole.width, 30) : whole;
  const styles = [getComputedStyle(at), getComputedStyle(drawn, '::before')];
  const legend = at.closest('fieldset')?.querySelector('legend');
  const middle = [box.left + box.width / 2, box.top + box.height / 2];
  const over = document.elementFromPoint(...middle);
  return {
    name: (at.labels?.[0] ?? at).innerText.trim().replace(/\\s+/g, ' '),
    question: legend ? legend.innerText.trim() : '',
    kind: at.type || at.localName,
    checked: at.checked === true,
    shown: styles.some((style) => [style.outlineColor, style.boxShadow, style.backgroundColor]
      .some((colour) => colour.includes('rgb(255, 221, 0)'))),
    inside: box.width > 0 && box.left >= -1 && box.right <= innerWidth + 1
      && box.top >= -1 && box.bottom <= innerHeight + 1,
    covered: !(drawn.contains(over) || at.contains(over) || over?.contains(drawn)),
    top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left,
  };
}"""


@dataclass(frozen=True)
class Stop:
    """Where the focus stands: what it is called, how it is drawn, and its place on the page."""

    name: str
    question: str
    kind: str
    checked: bool
    shown: bool
    inside: bool
    covered: bool
    top: float
    bottom: float
    left: float

    def comes_after(self, other: "Stop") -> bool:
        """Whether somebody who reads down the page, and along its lines, meets it later."""
        return self.top >= other.bottom or (self.bottom > other.top and self.left >= other.left)

    @property
    def faults(self) -> list[str]:
        """Why somebody could not see that the focus is here."""
        found = {
            "no sign of focus": not self.shown,
            "outside the window": not self.inside,
            "hidden behind something": self.covered,
        }
        return [f"{words}: {self.kind} “{self.name}”" for words, is_so in found.items() if is_so]


def focused(page: Page) -> Stop:
    """What has focus; the body, if nothing has."""
    found: dict[str, Any] = page.evaluate(LOOK)
    return Stop(**found)


def lost_stops(page: Page) -> list[str]:
    """Go through the whole page, and tell where the focus could not be seen or was caught."""
    lost: list[str] = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop.kind == "body":
            return lost
        lost += stop.faults
    return [*lost, f"still on the page after {MOST_STOPS} stops"]

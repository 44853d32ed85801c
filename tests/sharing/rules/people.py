"""Two information-governance leads, and changes of the law that they make."""

from typing import Any

from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.vocabulary import Principal, Role
from sharing.disclosures.services import review
from sharing.rules import models
from sharing.rules.services import changes
from sharing.rules.vocabulary import ChangeKind
from tests.cast import Cast


def leads_of(cast: Cast) -> tuple[Principal, Principal]:
    """Two information-governance leads of the council, who are two people."""
    one, other = (
        accounts.enrol(
            email=f"{name}@council.example.org", name=name, agency=cast.council, role=Role.IG_LEAD
        ).principal()
        for name in ("ida", "ivo")
    )
    return one, other


def drafted(by: Principal, **said: Any) -> models.Change:
    """A draft: rule 7a asks instead of showing, from today. `said` replaces its parts."""
    given = {
        "kind": ChangeKind.AMEND,
        "number": "7a",
        "line": asking("7a"),
        "reason": "The joint enquiry protocol was reviewed.",
        "starts_on": timezone.localdate(),
    }
    return changes.draft(actor=by, **{**given, **said})


def asking(number: str) -> dict[str, Any]:
    """A rule as it is, but asked for instead of shown."""
    return changes.line_now(number) | {
        "outcome": "ask",
        "instead": "Ask the front door for what is needed.",
    }


def submitted(by: Principal, **said: Any) -> models.Change:
    """A change that waits for a second person, its impact counted."""
    change = changes.submit(actor=by, pk=drafted(by, **said).pk)
    review.count_impact(pk=change.impacts.get().pk)
    return change


def approved(leads: tuple[Principal, Principal], words: str = "", **said: Any) -> models.Change:
    """A change that a second person has approved."""
    author, second = leads
    return changes.approve(actor=second, pk=submitted(author, **said).pk, words=words)


def live(leads: tuple[Principal, Principal], words: str = "", **said: Any) -> models.Change:
    """A change that is law."""
    change = approved(leads, words, **said)
    changes.sweep()
    change.refresh_from_db()
    assert change.live_in is not None, change.rejected_why
    return change

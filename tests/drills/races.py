"""Two people at once on one referral: one of them wins, and the other is told. Run by hand.

    python -m tests.drills.races --each 300 [--write]

Three races, each so many times, through the real services, in threads and connections of their
own, on a database of its own below var/races: two coordinators who decide; a second person who
says yes to a decision while the sender withdraws; a join against a decision. `--write` puts the
figures into docs/reliability.md. tests/drills/test_races.py holds a few of each.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.machine import VAR

if TYPE_CHECKING:
    from tests.cast import Cast

FOLDER: Final = VAR / "races"
NAME: Final = "races"
STEP: Final = 0.002
WORDS: Final = {"reason": "Why.", "told_referrer": "What we can tell you."}
DEADLOCKS: Final = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass
class Race:
    """What came of a race: how often each side won."""

    name: str
    sides: tuple[str, str]
    won: list[int] = field(default_factory=lambda: [0, 0])
    lead: float = 0.0
    """Seconds by which the first side starts before the second: whoever wins starts a little later
    next time. One verb asks more than another before it locks, and so would never win."""

    def ran(self, answers: list[object], told: tuple[str, str]) -> int:
        """Insist that one won, and that the other was told what `told` says of the winner.

        Returns which of the two it was.
        """
        from portal.common.errors import DomainError

        lost = [place for place, each in enumerate(answers) if isinstance(each, DomainError)]
        odd = [each for each in answers if isinstance(each, Exception)]
        assert len(lost) == len(odd) == 1, (self.name, answers)
        winner = 1 - lost[0]
        assert told[winner] in str(odd[0]), (self.name, str(odd[0]))
        self.won[winner] += 1
        self.lead += STEP if winner else -STEP
        return winner

    def start(self, sides: list[Callable[[], object]], turn: int) -> list[object]:
        """Both at once, but for the lead; by turns the one or the other thread is made first."""
        from tests.cast import at_once

        waits = (max(-self.lead, 0.0), max(self.lead, 0.0))
        late = [_after(wait, side) for wait, side in zip(waits, sides, strict=True)]
        return at_once(*late[::-1])[::-1] if turn % 2 else at_once(*late)

    def row(self) -> str:
        """The figures, as a row of a table."""
        first, second = (f"{side}: {won}" for side, won in zip(self.sides, self.won, strict=True))
        return f"| {self.name} | {sum(self.won)} | {first} | {second} |"


def two_decide(cast: "Cast", times: int) -> Race:
    """Two coordinators decide on one referral."""
    from referrals.models import Decision
    from referrals.triage import services
    from referrals.vocabulary import Outcome
    from tests.cast import send

    race = Race("Two coordinators decide", ("the first", "the second"))
    outcomes = (Outcome.ASSESSMENT, Outcome.EARLY_HELP)
    actors = (cast.coordinator, cast.second_coordinator)
    told = tuple(f"{who.name}, MASE coordinator, decided this on" for who in actors)
    for turn in range(times):
        case = send(cast.teacher)
        sides = [
            lambda who=who, outcome=outcome, case=case: services.decide(
                actor=who, case=case, outcome=outcome, **WORDS
            )
            for who, outcome in zip(actors, outcomes, strict=True)
        ]
        winner = race.ran(race.start(sides, turn), (told[0], told[1]))
        assert Decision.objects.get(case=case).outcome == outcomes[winner]
    return race


def yes_against_withdrawal(cast: "Cast", times: int) -> Race:
    """A second person says yes to a decision, and the sender withdraws."""
    from referrals.models import Case, Decision, Proposal
    from referrals.triage import services
    from referrals.vocabulary import Outcome
    from referrals.workflow import Action, Status
    from tests.cast import send

    race = Race("A yes against a withdrawal", ("the yes", "the withdrawal"))
    told = ("this referral is already being checked", "The person who sent this withdrew it on")
    for turn in range(times):
        case = send(cast.teacher)
        made = services.decide(actor=cast.coordinator, case=case, outcome=Outcome.NFA, **WORDS)
        assert isinstance(made, Proposal)
        sides: list[Callable[[], object]] = [
            lambda pk=made.pk: services.answer(actor=cast.second_coordinator, pk=pk, accepts=True),
            lambda case=case: services.move(
                actor=cast.teacher, case=case, action=Action.WITHDRAW, reason="A mistake."
            ),
        ]
        winner = race.ran(race.start(sides, turn), told)
        status = Case.objects.get(pk=case.pk).status
        assert status == (Status.DECIDED, Status.WITHDRAWN)[winner]
        assert Decision.objects.filter(case=case).exists() == (winner == 0)
    return race


def join_against_decision(cast: "Cast", times: int) -> Race:
    """A coordinator joins a referral to a case, and another one decides on it."""
    from referrals.matching.models import Join
    from referrals.models import Decision
    from referrals.triage import services
    from referrals.vocabulary import Outcome
    from tests.cast import send

    race = Race("A join against a decision", ("the join", "the decision"))
    actors = (cast.coordinator, cast.second_coordinator)
    told = tuple(f"{who.name}, MASE coordinator, decided this on" for who in actors)
    leading = send(cast.teacher)
    for turn in range(times):
        case = send(cast.teacher)
        sides: list[Callable[[], object]] = [
            lambda case=case: services.join(
                actor=actors[0], reference=case.reference, other=leading.reference, **WORDS
            ),
            lambda case=case: services.decide(
                actor=actors[1], case=case, outcome=Outcome.ASSESSMENT, **WORDS
            ),
        ]
        winner = race.ran(race.start(sides, turn), (told[0], told[1]))
        assert Join.objects.filter(joined=case).exists() == (winner == 0)
        outcome = Decision.objects.get(case=case).outcome
        assert outcome == (Outcome.JOINED, Outcome.ASSESSMENT)[winner]
    return race


def _after(wait: float, side: Callable[[], object]) -> Callable[[], object]:
    def ran() -> object:
        time.sleep(wait)
        return side()

    return ran


def run(cast: "Cast", each: int) -> str:
    """Run all three, insist that nothing waited for ever, and tell what came of it."""
    from django.db import connection

    from portal.audit.reports import check_all

    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        ((before,),) = cursor.fetchall()
    races = [way(cast, each) for way in (two_decide, yes_against_withdrawal, join_against_decision)]
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        ((after,),) = cursor.fetchall()
    assert after == before, f"{after - before} deadlocks"
    checks = list(check_all())
    assert all(check.ok for check in checks)
    return "\n".join(
        [
            "| Race | Times | Won by | Won by |",
            "|---|---:|---|---|",
            *(race.row() for race in races),
            "",
            f"Deadlocks: {after - before}. The ledger is complete and unaltered:"
            f" {sum(check.count for check in checks)} events in {len(checks)} streams.",
        ]
    )


def main() -> None:
    """Run them on a database of its own, and print the figures."""
    from tools import databases, stage
    from tools.stage import Stage

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--each", type=int, default=300)
    asked.add_argument("--write", action="store_true", help="put the figures into the document")
    options = asked.parse_args()
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL"):
        os.environ.pop(name, None)
    with stage.servers(FOLDER) as admin:
        found = stage.addresses(admin, NAME)
        env = stage.environment(FOLDER, found, "redis://127.0.0.1:1/0", 1, 8000)
        databases.drop(admin, NAME)
        stage.prepare(Stage(FOLDER, found, env), afresh=True)
        os.environ.update(env | {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"})
        import django

        django.setup()
        from tests.cast import gathered

        said = run(gathered(), options.each)
    print(said)
    if options.write:
        from tests.drills import chaos

        chaos.write("races", said)


if __name__ == "__main__":
    main()

"""What was measured, as Markdown."""

import statistics
from dataclasses import dataclass, field

from tests.benchmarks.bench_load.users import BUDGET, ELSE


@dataclass
class Measure:
    """One kind of page in one phase, over all its rounds."""

    seconds: list[float] = field(default_factory=list)
    took: float = 0.0
    sent: int = 0
    gzipped: int = 0
    wrong: list[str] = field(default_factory=list)

    def within(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        found = sorted(self.seconds)
        return 1e3 * found[min(len(found) - 1, int(share * len(found)))] if found else 0.0

    @property
    def a_second(self) -> float:
        """How many came in a second."""
        return len(self.seconds) / self.took if self.took else 0.0


Phase = dict[str, Measure]

HEAD = (
    "| Page | Answers | Half within, ms | 95 % within, ms | 99 % within, ms | KB | KB gzipped"
    " | Queries, {few} and {many} cases | Budget, ms | Held |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def table(phase: Phase, few: dict[str, int], many: dict[str, int]) -> list[str]:
    """The pages of a phase, against their budgets."""
    return [
        f"| {name} | {len(each.seconds):,} | {each.within(0.5):.0f} | {each.within(0.95):.0f}"
        f" | {each.within(0.99):.0f} | {each.sent / 1e3:.0f} | {each.gzipped / 1e3:.0f}"
        f" | {few.get(name, 0)}, {many.get(name, 0)} | {budget(name)}"
        f" | {'yes' if holds(name, each) else '**no**'} |"
        for name, each in sorted(phase.items())
    ]


def budget(name: str) -> int:
    """The milliseconds within which 95 of 100 answers are to come."""
    return BUDGET.get(name, ELSE)


def holds(name: str, each: Measure) -> bool:
    """Whether they came, all of them as they should be."""
    return bool(each.seconds) and not each.wrong and each.within(0.95) < budget(name)


def throughput(phase: Phase) -> float:
    """Pages of every kind in a second."""
    return sum(each.a_second for each in phase.values())


@dataclass
class Work:
    """Seconds of a processor in one phase: of the users themselves, the web server, the database.

    The latter two over every visit, those of the warm-up too.
    """

    users: float = 0.0
    web: float = 0.0
    database: float = 0.0
    visits: int = 0
    took: float = 0.0

    def cells(self) -> str:
        """As the last cells of a row: milliseconds a page, and the users' share of one core."""
        of_one = 1e3 / max(1, self.visits)
        share = self.users / self.took if self.took else 0.0
        return f" {self.web * of_one:.0f} | {self.database * of_one:.0f} | {share:.0%} |"


def line(name: str, phase: Phase) -> str:
    """A phase in a line: what came in a second, and how late."""
    whole = Measure(
        seconds=[second for each in phase.values() for second in each.seconds],
        sent=statistics.fmean([each.sent for each in phase.values()] or [0]),
        gzipped=statistics.fmean([each.gzipped for each in phase.values()] or [0]),
    )
    return (
        f"| {name} | {throughput(phase):.1f} | {whole.within(0.5):.0f} | {whole.within(0.95):.0f}"
        f" | {whole.within(0.99):.0f} | {whole.sent / 1e3:.0f} | {whole.gzipped / 1e3:.0f} |"
    )

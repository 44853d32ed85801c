"""What the papers of a meeting of ten children take for twelve people. Run by hand.

    python -m tests.benchmarks.bench_pack [--children 10] [--people 12] [--again] [--profile]

It makes a database on a cluster of its own below var/, and in it a panel by the real services: each
child's referral is whole, and five agencies brought their words to each item. The panel has no
meeting before this one, so no table of what was agreed there is made. Then the papers are sent out,
and two processes make every PDF that is owed, as a worker does.

It prints processor seconds beside those of the clock, because another machine, or the same one when
others use it, has other seconds. `one page` is the processor time of a PDF of one page in the same
run: the ratio to it is what may be compared. `--again` takes the database as it is.
"""

import argparse
import cProfile
import multiprocessing
import os
import pstats
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django

from tools import databases, stage
from tools.machine import VAR
from tools.stage import Stage

FOLDER = VAR / "bench"
NAME = "bench_pack"
WORKERS = 2
BUDGET = 30.0
"""Within how many seconds the papers of ten children are to be ready for twelve people."""

BROUGHT = (
    "She was seen twice this month with an adult whom nobody knows, and came home after midnight."
    " We rang her mother, who had thought that she was at a friend's. She has a new phone and does"
    " not say who gave it to her. She is in school on three days of five."
)


@contextmanager
def spent(found: dict[str, float], what: str) -> Iterator[None]:
    """Add up what happens meanwhile: seconds, and processor seconds of this process and below."""
    began, at = time.perf_counter(), _processor()
    yield
    found[what] = time.perf_counter() - began
    found[f"{what}, processor"] = _processor() - at


def _processor() -> float:
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def panel(children: int, people: int) -> None:
    """A meeting whose papers are ready to go out: `people` of six agencies are invited."""
    from uuid import uuid4

    from portal.accounts import services as accounts
    from portal.accounts.models import Agency
    from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
    from referrals.meetings import services
    from sharing.rules.vocabulary import Category
    from tests.cast import agreed, gathered
    from tests.meetings.conftest import accepted, decided, listed, planned, setup

    cast = gathered()
    more = [
        accounts.join_agency(
            name=f"Exampleshire {kind.label}",
            kind=kind,
            partner_under=[PartnerUnder.S11],
            partnerships=[cast.partnership],
        )
        for kind in (AgencyKind.YOUTH_JUSTICE, AgencyKind.HOUSING)
    ]
    agreed(*more, *Agency.objects.filter(partnerships=cast.partnership))
    agencies = [cast.school, *more, *(_agency_of(who) for who in (cast.panel_nurse,))]
    invited = [
        accounts.enrol(
            email=f"member{n}@example.org",
            name=f"Member {n}",
            agency=agencies[n % len(agencies)],
            role=Role.PANEL_MEMBER,
        ).principal()
        for n in range(people - 4)
    ]
    series = services.keep_series(actor=cast.manager, setup=setup(cast))
    meeting = planned(cast, series, invited)
    cases = [decided(cast, given_name=f"Child{n}") for n in range(children)]
    items = listed(cast, meeting, *(accepted(cast, series, case) for case in cases))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    for item in items:
        for who in (cast.panel_officer, cast.panel_nurse, *invited[:4]):
            services.contribute(
                actor=who,
                pk=meeting.pk,
                item=item.pk,
                words=BROUGHT,
                about=Category.IC5,
                key=uuid4(),
            )


def _agency_of(who):
    from portal.accounts.models import Agency

    return Agency.objects.get(pk=who.agency_id)


def measure(asked: argparse.Namespace) -> dict[str, float]:
    """Send the papers out anew, and make them: what it took."""
    from django.db import connections

    from portal.documents import services as documents
    from portal.documents.models import Document
    from referrals.meetings.models import Meeting
    from referrals.meetings.services import papers

    found: dict[str, float] = {}
    meeting = Meeting.objects.get()
    made_for = {"made_for": "Nobody", "reference": "A page", "meeting": meeting, "papers": []}
    with spent(found, "one page"):
        documents.render_pdf(template="pdf/pack.html", context=made_for, title="A page")
    owners = [each.membership for each in meeting.invitations.standing()]
    actors = [owner.principal() for owner in owners]
    readings = []
    with spent(found, "readings"):
        for actor in actors:
            readings.append(papers.papers(actor, meeting))
    assert all(len(each.items) == asked.children for each in readings)
    if asked.profile:
        profiled = cProfile.Profile()
        profiled.runcall(papers.papers, actors[-1], meeting)
        pstats.Stats(profiled).sort_stats("cumulative").print_stats(25)
    Document.objects.all().delete()
    papers.ask_for_all(meeting, meeting.invitations.standing())
    with spent(found, "all"):
        # As a worker's processes: Django is loaded, and each has a connection of its own.
        connections.close_all()
        fork = multiprocessing.get_context("fork")
        making = [fork.Process(target=papers.sweep) for _ in range(WORKERS)]
        for each in making:
            each.start()
        for each in making:
            each.join()
        assert all(each.exitcode == 0 for each in making)
    made = list(Document.objects.filter(status="ready").values_list("pages", flat=True))
    assert len(made) == len(actors), made
    found["pages"] = sum(made)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=10)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL"):
        os.environ.pop(name, None)
    with stage.servers(FOLDER, forgetful=True) as admin:
        addresses = stage.addresses(admin, NAME)
        env = stage.environment(FOLDER, addresses, "redis://127.0.0.1:1/0", 1, 8000)
        if not asked.again:
            databases.drop(admin, NAME)
            stage.prepare(Stage(FOLDER, addresses, env), afresh=True)
        os.environ.update(env | {"DJANGO_SETTINGS_MODULE": "tests.settings"})
        django.setup()
        if not asked.again:
            panel(asked.children, asked.people)
        report(asked, measure(asked))


def report(asked: argparse.Namespace, found: dict[str, float]) -> None:
    """Print what was measured."""
    page = found["one page, processor"]
    print(f"\n{asked.children} children, {asked.people} people, {found['pages']:.0f} pages")
    print(f"{'what':22}{'seconds':>10}{'processor s':>13}{'x one page':>12}")
    for what in ("one page", "readings", "all"):
        used = found[f"{what}, processor"]
        print(f"{what:22}{found[what]:10.1f}{used:13.1f}{used / page:12.1f}")
    held = "within" if found["all"] <= BUDGET else "NOT within"
    print(f"All ready {held} {BUDGET:.0f} s, by {WORKERS} processes on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()

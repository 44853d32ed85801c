"""The portal as it runs, for the tests that drive a browser or break a part on purpose."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import commands, servers, stage
from tools.machine import VAR
from tools.stage import Addresses, Stage
from tools.supervise import Process, stop_leftovers

# A folder for each process that runs tests: two sites stand side by side.
FOLDER = VAR / "test" / f"site-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
# Where "Hide this page" leads in tests; the browser is answered in its place.
NEUTRAL = "https://example.org/"
# beat and sweep are there to be started by the test that is about them.
FROM_THE_START = ("mail", "scanner", "web", "worker")


@dataclass(frozen=True)
class Site:
    """A running portal: where it answers, where its mail goes, and its parts to stop or kill."""

    base_url: str
    stage: Stage
    broker: Process
    processes: dict[str, Process]

    @property
    def database_url(self) -> str:
        """The address of its database, as the site's own role."""
        return self.stage.addresses.app

    @property
    def files_url(self) -> str:
        """The files' own host: the same server under another name."""
        return self.stage.environment["FILES_URL"]

    @property
    def mail(self) -> Path:
        """The folder in which each message that it sends becomes an .eml file."""
        return self.stage.mail

    def manage(self, *arguments: str) -> None:
        """Run a management command on the site; raise when it fails."""
        self.stage.manage(*arguments, doing=" ".join(arguments))

    def start_broker(self) -> None:
        """Start the broker after a test has stopped or killed it."""
        self.broker.start()
        servers.wait_for_port(servers.kept_port(FOLDER, "valkey"), self.broker.log)


@contextmanager
def running_site(app: str, owner: str, admin: str) -> Iterator[Site]:
    """Seed a database, run the portal on it, and stop all of it at the end.

    The three are the database's addresses for the site, its owner and its administrator.
    """
    stop_leftovers(FOLDER)
    for message in (FOLDER / "mail").glob("*.eml"):
        message.unlink()
    web_port, mail_port = servers.port(FOLDER, "web"), servers.port(FOLDER, "mail")
    # The test may kill it, so it is never the broker that REDIS_URL names.
    command, redis = servers.valkey(FOLDER)
    found = Addresses(admin, owner, app)
    scanner_port = servers.port(FOLDER, "scanner")
    env = {
        **stage.environment(FOLDER, found, redis, mail_port, web_port),
        "CLAMD_ADDRESS": f"127.0.0.1:{scanner_port}",
        "NEUTRAL_URL": NEUTRAL,
        # Beside the logs, where a test looks for what may lie nowhere.
        "TMPDIR": str(FOLDER / "tmp"),
    }
    (FOLDER / "tmp").mkdir(parents=True, exist_ok=True)
    scanner = [stage.PYTHON, "-m", "tests.documents.scanner", str(scanner_port)]
    here = Stage(FOLDER, found, env)
    site = Site(
        base_url=f"http://localhost:{web_port}",
        stage=here,
        broker=Process("valkey", command, dict(os.environ), FOLDER),
        processes={
            **stage.processes(here, web_port, mail_port),
            "scanner": Process("scanner", scanner, env, FOLDER),
        },
    )
    try:
        here.manage("seed_demo", doing="Seeding the demo data")
        site.start_broker()
        for name in FROM_THE_START:
            site.processes[name].start()
        servers.wait_for_port(mail_port, site.processes["mail"].log)
        servers.wait_for_port(scanner_port, site.processes["scanner"].log)
        commands.wait_for_site(site.base_url, site.processes["web"])
        yield site
    finally:
        for process in (*reversed(site.processes.values()), site.broker):
            process.stop()

"""What `make demo`, `make test`, `make check`, `make stop` and `make manage` do inside .venv."""

import fcntl
import os
import shlex
import signal
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

from tools import checks, play, servers, stage
from tools.machine import ROOT, VAR, check_port
from tools.progress import Failure, step, told
from tools.stage import PYTHON, Stage
from tools.supervise import Process, Supervisor, is_ours

TESTS = VAR / "test"
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


# --- One at a time ----------------------------------------------------------------------------
@contextmanager
def _alone(folder: Path, what: str) -> Iterator[None]:
    """Hold the folder: two demos on one cluster would stop each other's servers."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Failure(
                f"{what} is running already, as process {lock.read().strip()}.", "make stop"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


# --- make demo --------------------------------------------------------------------------------
def demo() -> int:
    """Set up, start everything, play the journey, and serve until Ctrl-C."""
    web_port = int(os.environ.get("PORT") or 8000)
    with _alone(VAR, "The demo"):
        stage.clear(VAR)
        check_port(web_port)
        with stage.servers(VAR) as admin:
            return _serve(admin, web_port)


def _serve(admin: str, web_port: int) -> int:
    found = stage.addresses(admin, "portal")
    mail_port = servers.port(VAR, "mail")
    valkey, redis = stage.broker(VAR, dict(os.environ))
    here = Stage(VAR, found, stage.environment(VAR, found, redis, mail_port, web_port))
    stage.prepare(here)
    stage.collect_static(here)
    if stage.is_empty(found):
        with step("Demo data"):
            here.manage("seed_demo", doing="Seeding the demo data")
    parts = list(stage.processes(here, web_port, mail_port).values())
    supervisor = Supervisor([valkey, *parts] if valkey else parts)
    base_url = f"http://localhost:{web_port}"
    try:
        with step("Web server, worker, beat, sweep and mail catcher"):
            supervisor.start()
            wait_for_site(base_url, next(part for part in parts if part.name == "web"))
        began = float(os.environ.get("BEGAN") or time.time())
        print(f"\nThe first page is ready after {time.time() - began:.0f} s.\n", flush=True)
        held = play.play(base_url, here)
        if os.environ.get("ONCE"):
            return 0 if held else 1
        print(f"\nOpen {base_url}", *play.sign_ins(), *_no_scanner(), sep="\n")
        print("\nCtrl-C stops everything.", flush=True)
        _until_asked_to_stop()
    finally:
        _finish_in_peace()
        print()
        with step("Everything is stopped"):
            supervisor.stop()
    return 0


def _no_scanner() -> list[str]:
    if os.environ.get("CLAMD_ADDRESS"):
        return []
    return [
        "\nThere is no virus scanner here (CLAMD_ADDRESS names one): a file that you add to a"
        " referral waits, and only you know of it."
    ]


def _until_asked_to_stop() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        return


def _finish_in_peace() -> None:
    """A second Ctrl-C must not leave half of the site running."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def wait_for_site(base_url: str, web: Process, seconds: float = 60) -> None:
    """Return when the site answers; raise Failure when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base_url}/healthz/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise Failure(
                f"The site answers with an error ({error.code}).", f"tail -n 40 {web.log}"
            ) from error
        except OSError:
            time.sleep(0.1)
    raise Failure("The site did not start.", f"tail -n 40 {web.log}")


# --- make test, make check --------------------------------------------------------------------
def test() -> int:
    """Run every check and test, or the ones that ONLY names."""
    names = checks.known(os.environ.get("ONLY", ""))
    if not names:
        every = ",".join(check.name for check in checks.CHECKS)
        raise Failure("ONLY names no check.", f"make test ONLY={every}")
    with _alone(TESTS, "A test run"):
        stage.clear(TESTS)
        with stage.servers(TESTS, forgetful=True) as admin:
            return _test_on(admin, names)


def _test_on(admin: str, names: set[str]) -> int:
    found = stage.addresses(admin, "portal").of("portal_test")
    valkey, redis = stage.broker(TESTS, dict(os.environ))
    env = stage.environment(TESTS, found, redis, 1, 8000)
    here = Stage(TESTS, found, env)
    if not found.admin:
        raise Failure(
            "The tests make databases of their own, and the role given may not.",
            "set ADMIN_DATABASE_URL, or unset DATABASE_URL for the embedded server",
        )
    stage.prepare(here, afresh=True)
    stage.collect_static(here)
    for_tests = {
        **env,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ADMIN_DATABASE_URL": found.admin,
        "OWNER_DATABASE_URL": found.owner,
    }
    supervisor = Supervisor([valkey] if valkey else [])
    try:
        supervisor.start()
        return checks.run(names, for_tests)
    finally:
        _finish_in_peace()
        supervisor.stop()


def check() -> int:
    """Run the checks without the tests."""
    os.environ["ONLY"] = ",".join(c.name for c in checks.CHECKS if c.name not in checks.TESTS)
    return test()


# --- make stop, make manage -------------------------------------------------------------------
def stop() -> int:
    """Stop the demo, and whatever an earlier run that was ended by force left behind."""
    for folder in (VAR, TESTS):
        lock = folder / "lock"
        pid = int((lock.read_text() if lock.exists() else "") or 0)
        if is_ours(pid):
            os.kill(pid, signal.SIGTERM)
            while is_ours(pid):
                time.sleep(0.1)
        stage.clear(folder)
    print("Nothing of the portal is running.")
    return 0


def manage() -> int:
    """Run a management command (ARGS) on the demo's database."""
    arguments = shlex.split(os.environ.get("ARGS", "help"))
    with stage.servers(VAR) as admin:
        found = stage.addresses(admin, "portal")
        redis = os.environ.get("REDIS_URL") or servers.valkey_url(VAR)
        mail_port = servers.kept_port(VAR, "mail")
        env = stage.environment(VAR, found, redis, mail_port, int(os.environ.get("PORT") or 8000))
        return subprocess.run([PYTHON, "manage.py", *arguments], env=env, check=False).returncode


COMMANDS = {"demo": demo, "test": test, "check": check, "stop": stop, "manage": manage}


def _ask_to_stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(name: str) -> int:
    """Run one command; whatever goes wrong is said in a sentence."""
    os.chdir(ROOT)
    for number in STOPS:
        signal.signal(number, _ask_to_stop)
    log = VAR / "log" / "setup.log"
    try:
        return told(COMMANDS[name], log)
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 - the last resort: the log has the traceback, the person a sentence
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            traceback.print_exc(file=out)
        mistake = Failure("Something unexpected went wrong.", f"tail -n 40 {log}")
        return told(partial(_raise, mistake), log)


def _raise(error: Exception) -> int:
    raise error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "demo"))

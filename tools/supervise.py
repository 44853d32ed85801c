"""Processes: start, stop, and a supervisor that restarts what dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tools.machine import ROOT

PATIENCE = 10.0


class Process:
    """One program of ours, in its own process group, with its own log and pid file."""

    def __init__(
        self, name: str, argv: Sequence[object], env: dict[str, str], folder: Path
    ) -> None:
        self.name = name
        self.argv = list(map(str, argv))
        self.env = env
        self.log = folder / "log" / f"{name}.log"
        self.pid_file = folder / "run" / f"{name}.pid"
        self._running: subprocess.Popen[bytes] | None = None
        self._asked = False

    @property
    def alive(self) -> bool:
        """Whether the program runs now."""
        return self._running is not None and self._running.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the program's main process."""
        assert self._running is not None, f"{self.name} has not been started"  # noqa: S101
        return self._running.pid

    def start(self) -> None:
        """Start the program; its output is added to its log."""
        for folder in (self.log.parent, self.pid_file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._running = subprocess.Popen(
                self.argv,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._asked = False
        self.pid_file.write_text(str(self._running.pid))

    def ask_to_stop(self) -> None:
        """Ask the program to finish what it is doing."""
        if self._running is not None and self.alive and not self._asked:
            # Once: a second time means "at once" to a Celery worker.
            self._asked = True
            self._running.terminate()

    def stop(self) -> None:
        """Ask the program to finish, and end it when it takes too long."""
        if self._running is None:
            return
        if self.alive:
            self.ask_to_stop()
            with suppress(subprocess.TimeoutExpired):
                self._running.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End the program and its children at once, as a power cut would."""
        if self._running is None:
            return
        _end_group(self._running.pid)
        self._running.wait(PATIENCE)
        self._running = None
        self.pid_file.unlink(missing_ok=True)


def _end_group(pid: int) -> None:
    # Both say that nothing of the group is left, the second on macOS.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def stop_leftovers(folder: Path) -> int:
    """End what an earlier run, itself ended by force, left running. Return how many there were."""
    found = 0
    for pid_file in sorted((folder / "run").glob("*.pid")):
        pid = int(pid_file.read_text() or 0)
        if pid != os.getpid() and is_ours(pid):
            found += 1
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while is_ours(pid) and time.monotonic() < deadline:
                time.sleep(0.1)
            _end_group(pid)
        pid_file.unlink(missing_ok=True)
    return found


def is_ours(pid: int) -> bool:
    """Tell whether `pid` is a living process of this checkout, not another with its number."""
    if pid <= 0:
        return False
    if sys.platform == "linux":
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            command = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return False
        return state != "Z" and f"{ROOT}/" in command
    told = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return f"{ROOT}/" in told.stdout


class Supervisor:
    """Starts processes in order, restarts what dies, stops everything."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self.processes = processes
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._restart_what_dies, daemon=True)

    def start(self) -> None:
        """Start every process and begin to watch."""
        for process in self.processes:
            process.start()
        self._watch.start()

    def stop(self) -> None:
        """Stop every process at once, but the first, on which the others stand, last."""
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join()
        for process in self.processes[1:]:
            process.ask_to_stop()
        for process in reversed(self.processes):
            process.stop()

    def _restart_what_dies(self) -> None:
        pause = 0.5
        while not self._stopping.wait(pause):
            dead = [process for process in self.processes if not process.alive]
            for process in dead:
                print(f"  {process.name} ended; started again (see {process.log})", flush=True)
                process.start()
            # What dies at every start is tried ever more slowly, and recovers by itself.
            pause = min(pause * 2, 15) if dead else 0.5

"""What a person sees: one line per step, and one plain sentence when something is wrong."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

NO_NETWORK = (
    "Temporary failure resolving",
    "Could not resolve",
    "Failed to fetch",
    "Failed to establish a new connection",
    "error sending request",
    "dns error",
    "Could not connect",
    "Network is unreachable",
    "Connection timed out",
    # Of a version that the lock file names: no package index was reached.
    "No matching distribution found",
)


class Failure(Exception):
    """Something that the person at the keyboard can mend: a sentence and the command."""

    def __init__(self, sentence: str, mend: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.mend = mend


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show one step while it goes on, and the seconds that it took when it is done."""
    start = ""
    if sys.stdout.isatty():
        start = "\r"
        print(f"     ...  {title}", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(f"{start} stopped  {title}", flush=True)
        raise
    print(f"{start}{time.monotonic() - began:6.1f} s  {title}", flush=True)


def run(
    argv: Sequence[object], log: Path, doing: str, env: Mapping[str, str] | None = None
) -> None:
    """Run a command quietly; its output is added to `log`. Words and paths make the command.

    Raises Failure, with the cause in words where it is known, when the command fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        began = out.tell()
        done = subprocess.run(
            list(map(str, argv)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            check=False,
        )
    if done.returncode:
        said = log.read_bytes()[began:].decode(errors="replace")
        raise why(said, doing, log)


def why(said: str, doing: str, log: Path) -> Failure:
    """Turn what a failed command said into a sentence and the command that mends it."""
    if os.strerror(errno.ENOSPC) in said:
        return full_disk(log)
    if any(sign in said for sign in NO_NETWORK):
        return Failure(
            f"{doing} failed because the network did not answer.",
            f"check the connection (details: tail {log}), then run the same command again",
        )
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")
    return Failure(
        f"{doing} failed: {last[:300].rstrip('.') or 'it said nothing'}.", f"tail -n 40 {log}"
    )


def full_disk(path: Path) -> Failure:
    """Say that the disk is full."""
    return Failure(
        "The disk is full.",
        f"make room (see: df -h {path.parent}), then run the same command again",
    )


def told(command: Callable[[], int], log: Path) -> int:
    """Run `command` and return its exit status; a failure becomes a sentence, never a traceback."""
    try:
        return command()
    except Failure as failure:
        found = failure
    except PermissionError as error:
        found = Failure(
            f"This account may not use {error.filename}.",
            "run it as the account that ran it first, or begin again: sudo rm -rf var .venv",
        )
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        found = full_disk(log)
    print(f"\n{found.sentence}\n  To mend it: {found.mend}", file=sys.stderr, flush=True)
    return 1

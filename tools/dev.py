"""The entry behind `make`: gets the machine ready, then goes on inside the virtual environment.

Standard library only; `tools.commands` holds what runs inside.
"""

import os
import sys
import time
from functools import partial

from tools import machine, progress


def enter(arguments: list[str]) -> int:
    """Prepare the machine and replace this process by `tools.commands` inside .venv."""
    command = arguments[0] if arguments else ""
    began = time.time()
    # As root, PostgreSQL runs as nobody and has to reach what we make; secrets are closed apart.
    os.umask(0o022)
    if command == "demo" and not machine.VENV.exists():
        # Better said now than after a minute of set-up; `demo` looks again.
        machine.check_port(int(os.environ.get("PORT") or 8000))
    variables = machine.prepare(browser=command == "test")
    python = str(machine.VENV / "bin" / "python")
    os.chdir(machine.ROOT)
    os.execve(  # noqa: S606 - our own interpreter, our own module
        python,
        [python, "-m", "tools.commands", *arguments],
        {**os.environ, **variables, "BEGAN": str(began)},
    )


if __name__ == "__main__":
    try:
        sys.exit(progress.told(partial(enter, sys.argv[1:]), machine.LOG))
    except KeyboardInterrupt:
        sys.exit("\nStopped. Nothing is running.")

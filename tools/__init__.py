"""The tools behind `make demo` and `make test`.

`tools.dev` and what it imports (`progress`, `machine`) need Python's standard library only: they
make the virtual environment in which the rest runs.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said in words to whoever has an older Python
    sys.exit(
        "Python 3.11 or later is needed, and this is Python "
        + ".".join(map(str, sys.version_info[:2]))
        + ".\n  To mend it: sudo apt-get install python3.11 python3.11-venv"
        + "  (macOS: brew install python@3.11)\n  Then: make PYTHON=python3.11 demo"
    )

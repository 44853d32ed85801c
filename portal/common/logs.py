"""Log lines that say where something went wrong and never what was in it."""

import logging
import traceback
from collections.abc import Mapping
from copy import copy
from types import TracebackType
from typing import Any, Final

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_SAID: Final = "exc"
"""Under this name Celery hands its logger the words of an error that a task has ended with."""


class QuietFormatter(logging.Formatter):
    """Writes an exception as its classes and its frames, without its words.

    The words of a database error repeat the row that it refused, and those of a validation error
    what somebody typed: a child's story would leave by the side door.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. An exception that its message speaks of is named by its class."""
        quiet = copy(record)
        quiet.args = _without_words(record)
        # What another handler has made of the exception before holds its words.
        quiet.exc_text = None
        return super().format(quiet)

    def formatException(self, ei: Failure) -> str:  # noqa: N802 - logging's own name
        """Return the chain of exceptions, innermost first: class, file, line and function."""
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            where = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
            lines = [f"{type(error).__module__}.{type(error).__qualname__}", *where, *lines]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def _without_words(record: logging.LogRecord) -> Any:
    given = record.args
    if isinstance(given, Mapping):
        said = {name: _named(value) for name, value in given.items()}
        if _SAID in said:
            said[_SAID] = type(record.exc_info[1]).__name__ if record.exc_info else "an exception"
        return said
    return tuple(map(_named, given)) if given else given


def _named(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value

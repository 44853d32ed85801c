"""Log lines that say where something went wrong and never what was in it."""

import logging
import traceback
from types import TracebackType

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """Writes an exception as its classes and its frames, without its words.

    The words of a database error repeat the row that it refused, and those of a validation error
    what somebody typed: a child's story would leave by the side door.
    """

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

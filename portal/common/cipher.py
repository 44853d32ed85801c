"""Words that rest in the database unreadable: AES-256-GCM, with a key for each purpose.

The keys are derived from SECRET_KEY, so a new one makes everything that rests here unreadable;
use this for what may be lost with it.
"""

import os
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE: Final = 12


def encrypt(words: bytes, *, purpose: str, about: str) -> bytes:
    """Encrypt under the key of this purpose. `about` names the one place where it may be read."""
    nonce = os.urandom(_NONCE)
    return nonce + _of(settings.SECRET_KEY, purpose).encrypt(nonce, words, about.encode())


def decrypt(sealed: bytes, *, purpose: str, about: str) -> bytes | None:
    """The words; None when a byte was changed, or when it was moved from another place."""
    try:
        cipher = _of(settings.SECRET_KEY, purpose)
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, ValueError):
        return None


@cache
def _of(secret: str, purpose: str) -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return AESGCM(key.derive(secret.encode()))

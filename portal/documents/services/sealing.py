"""Sealing bytes for one row: AES-256-GCM, whose additional data is the row's own name.

What is sealed for one row or column does not open in another, so nobody who can write to the
database puts one file in another's place.
"""

import secrets
from functools import lru_cache
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION: Final = b"\x01"
NONCE: Final = 12


class Broken(Exception):
    """The bytes were changed, belong to another row, or were sealed under a key that is gone."""


def seal(plain: bytes, *, column: str, row: UUID) -> bytes:
    """Return `plain` sealed for this row and column under the first of settings.FILE_KEYS."""
    nonce = secrets.token_bytes(NONCE)
    sealed = _keys()[0].encrypt(nonce, plain, _named(column, row))
    return VERSION + nonce + sealed


def unseal(sealed: bytes, *, column: str, row: UUID) -> bytes:
    """Return what was sealed for this row and column. Raises Broken.

    Every key in settings.FILE_KEYS is tried, so that a new one can be put before an old one.
    """
    if sealed[:1] != VERSION:
        raise Broken("Sealed in a way that is not known")
    nonce, body = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    for key in _keys():
        try:
            return key.decrypt(nonce, body, _named(column, row))
        except InvalidTag:
            continue
    raise Broken("Changed, moved, or sealed under another key")


def _named(column: str, row: UUID) -> bytes:
    return f"{column}:{row}".encode()


def _keys() -> list[AESGCM]:
    return [_derived(secret) for secret in settings.FILE_KEYS or [settings.SECRET_KEY]]


@lru_cache(maxsize=16)
def _derived(secret: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal.documents.sealing")
    return AESGCM(derive.derive(secret.encode()))

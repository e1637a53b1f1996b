"""Text that only this installation can read: sealed with a key that comes from its secret key. Pure."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seal(text: str, secret_key: str) -> str:
    """AES-128 in CBC mode with an HMAC (Fernet), under a key of its own by HKDF (RFC 5869)."""
    return _box(secret_key).encrypt(text.encode()).decode()


def unseal(sealed: str, secret_key: str) -> str | None:
    """The text; None where it was sealed with another key, or touched.

    >>> unseal(seal("postgresql://ada:secret@db/shop", "key"), "key")
    'postgresql://ada:secret@db/shop'
    >>> unseal(seal("x", "key"), "another") is None
    True
    """
    try:
        return _box(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"floe: addresses of databases")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))

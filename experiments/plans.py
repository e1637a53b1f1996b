"""Sealing: the canonical form of a plan (or of an analysis' inputs) and its fingerprint. Pure."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """The one spelling of a JSON value: sorted keys, no spaces, plain UTF-8, no NaN.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def fingerprint_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hex: the same value gives the same 64 characters."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()

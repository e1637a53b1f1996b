"""Plans: how many units were planned, the canonical form of a plan (or of an analysis' inputs) and its fingerprint. Pure."""

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


def planned_units(plan: dict[str, Any]) -> int:
    """Over all arms; a plan sealed before arms could differ in size says them for one arm.

    >>> planned_units({"planned_units": 300, "planned_units_per_arm": 100, "variants": [1, 2]})
    300
    >>> planned_units({"planned_units_per_arm": 100, "variants": [1, 2]}), planned_units({})
    (200, 0)
    """
    per_arm = plan.get("planned_units_per_arm") or 0
    return plan.get("planned_units") or per_arm * len(plan.get("variants", []))

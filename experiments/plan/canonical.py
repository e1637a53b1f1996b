"""The canonical form of a plan (or of an analysis' inputs), its fingerprint, its place in the chain
of seals, and two versions of a plan side by side. Pure."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
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


def chain_of(
    *, number: int, kind: str, key: str, fingerprint: str, previous: str, by_name: str,
    at: dt.datetime,
) -> str:  # fmt: skip
    """The hash of one link of the chain of seals, which takes the link before into it."""
    return fingerprint_of(
        {
            "number": number,
            "kind": kind,
            "key": key,
            "fingerprint": fingerprint,
            "previous": previous,
            "by": by_name,
            "at": at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        }
    )


def plan_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """What differs between two versions of a plan, in words: `what`, `before`, `after`.

    >>> plan_changes({"units_per_week": 5, "title": "A"}, {"units_per_week": 1200, "title": "A"})
    [{'what': 'units per week', 'before': '5', 'after': '1,200'}]
    """
    old, new = dict(_lines(before)), dict(_lines(after))
    return [
        {"what": what, "before": old.get(what, "–"), "after": new.get(what, "–")}
        for what in dict.fromkeys([*old, *new])
        if old.get(what, "–") != new.get(what, "–")
    ]


def _lines(plan: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Each leaf of a plan with its name in words; rows of a list go by their own name."""
    for name, value in plan.items():
        what = f"{above}{WORDS.get(name, name.replace('_', ' '))}"
        if isinstance(value, Mapping):
            yield from _lines(value, f"{what}: ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for row in value:
                own = str(row.get("name") or row.get("text") or "")
                rest = {key: each for key, each in row.items() if key not in ("name", "text")}
                yield f"{above}{ROWS.get(name, name)} “{own}”", "present"
                yield from _lines(rest, f"“{own}”: ")
        else:
            yield what, _said(name, value)


WORDS = {"ends_on": "last day", "starts_on": "first day", "excluded": "must not receive"}
ROWS = {"variants": "arm", "metrics": "metric", "rules": "rule"}


def _said(name: str, value: Any) -> str:
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    if name in ("starts_on", "ends_on"):
        day = dt.date.fromisoformat(value) - dt.timedelta(days=name == "ends_on")
        return f"{day:%-d %b %Y}"
    return f"{value:,.10g}" if isinstance(value, (int, float)) else str(value)

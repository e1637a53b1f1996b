"""The version somebody read before their change: a mark for each field, and a three-way comparison.

A page sends the marks along in its form, the API in `ETag` and `If-Match`. No old values are stored
for this: changes are found by comparing what was read, what is stored now, and what is to be
written.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

LONGEST = 16_000


def mark_of(value: Any) -> str:
    """Ten hexadecimal digits that stand for a value: text, number, list, mapping or None."""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)
    return blake2b(text.encode(), digest_size=5).hexdigest()


@dataclass(frozen=True)
class Version:
    """A mark for each field of an object, as somebody read it."""

    marks: Mapping[str, str]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Version":
        return cls({name: mark_of(value) for name, value in values.items()})

    @classmethod
    def parse(cls, text: str) -> "Version":
        """The version that `str()` wrote. Unreadable text gives an empty version."""
        pairs = (part.split("~") for part in text[:LONGEST].split("."))
        return cls({pair[0]: pair[1] for pair in pairs if len(pair) == 2})

    def __str__(self) -> str:
        return ".".join(f"{name}~{mark}" for name, mark in self.marks.items())

    def says(self, name: str, value: Any) -> bool:
        """Whether the field held this value when it was read."""
        return self.marks.get(name) == mark_of(value)


@dataclass(frozen=True)
class Comparison:
    """Fields that only others changed, whose value stays, and fields that both changed."""

    theirs: tuple[str, ...]
    conflicts: tuple[str, ...]


def compare(read: Version, mine: Mapping[str, Any], now: Mapping[str, Any]) -> Comparison:
    """Hold what is to be written (`mine`) against what was `read` and what is there `now`.

    >>> read = Version.of({"title": "A", "owner": 1, "lever": "x"})
    >>> compare(read, {"title": "B", "owner": 1, "lever": "y"}, {"title": "A", "owner": 2, "lever": "z"})
    Comparison(theirs=('owner',), conflicts=('lever',))
    """
    differing = [name for name in mine if name in now and mark_of(mine[name]) != mark_of(now[name])]
    theirs = tuple(name for name in differing if read.says(name, mine[name]))
    kept: Iterable[str] = (name for name in differing if name not in theirs)
    return Comparison(theirs, tuple(name for name in kept if not read.says(name, now[name])))

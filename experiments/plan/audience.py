"""Audiences as numbers: what is left after each rule, and lists of ids against lists. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backlog.file_kinds import Unreadable

MOST_IDS: Final = 500_000
# A first line that names the column and is not an id.
HEADERS = {"id", "ids", "user", "userid", "customer", "customerid", "email", "emailaddress", "unit",
           "unitid", "externalid", "recipient", "recipientid", "subscriber", "subscriberid",
           "subscriberkey", "contactid", "memberid", "profileid", "kundennummer", "kundenid"}  # fmt: skip


def left_after(size: int | None, costs: Sequence[int | None]) -> list[int | None]:
    """What is left after each rule; unknown from where the size or a cost is unknown on.

    >>> left_after(41_200, [3_900, 240]), left_after(100, [None, 5]), left_after(10, [30])
    ([37300, 37060], [None, None], [0])
    """
    left: list[int | None] = []
    for cost in costs:
        size = None if size is None or cost is None else max(0, size - cost)
        left.append(size)
    return left


@dataclass(frozen=True)
class DryRun:
    """Counts only: ids that came, each once; those that a rule forbids, by rule and at all."""

    ids: int
    repeated: int
    by_rule: Mapping[str, int]
    violators: int

    @property
    def clean(self) -> int:
        return self.ids - self.violators


def ids_in(text: str) -> list[str]:
    """The ids of a pasted list or a CSV: the first cell of each line, without a heading.

    Raises Unreadable: too many lines, or a quotation mark that swallows the ids below it.

    >>> ids_in("email;name\\nA@x.org;Ann\\n\\n b@x.org;Bob")
    ['a@x.org', 'b@x.org']
    """
    if text.count("\n") > MOST_IDS:
        raise Unreadable(f"A list can have at most {MOST_IDS:,} lines. Try it in parts.")
    first = next((line for line in text.lstrip("\ufeff").splitlines() if line.strip()), "")
    marks = [mark for mark in ";\t,|" if mark in first]
    lines = io.StringIO(text.lstrip("\ufeff"), newline=None)
    rows = csv.reader(lines, delimiter=marks[0] if marks else ",", strict=True)
    try:
        ids = [row[0].strip().casefold() for row in rows if row and row[0].strip()]
    except csv.Error as error:
        raise Unreadable(
            f"Line {rows.line_num:,} of the list can’t be split into cells ({error}). Look above it for a "
            "quotation mark that is not closed."
        ) from error
    if swallowed := next((one for one in ids if "\n" in one), ""):
        raise Unreadable(
            f"The quotation mark before “{swallowed.splitlines()[0]}” is not closed in its line, so that "
            "it swallows the ids below. Close or remove it, and send the list again."
        )
    return ids[1:] if ids and re.sub(r"[^a-z0-9]", "", ids[0]) in HEADERS else ids


def dry_run(ids: Iterable[str], forbidden: Mapping[str, Iterable[str]]) -> DryRun:
    """Hold a list of ids against the lists of those who must not receive, by rule.

    >>> dry_run(["a", "b", "a"], {"Opted out": ["b", "z"], "Ticket": ["b"]})
    DryRun(ids=2, repeated=1, by_rule={'Opted out': 1, 'Ticket': 1}, violators=1)
    """
    rows = list(ids)
    units = set(rows)
    hits = {rule: units & set(listed) for rule, listed in forbidden.items()}
    everybody = set().union(*hits.values()) if hits else set()
    by_rule = {rule: len(matches) for rule, matches in hits.items()}
    return DryRun(len(units), len(rows) - len(units), by_rule, len(everybody))

"""Totals of three arms or more side by side, `users_a, users_b, users_c`, put into a row for each arm."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Answers
from pathlib import Path
from typing import Final, NamedTuple

from backlog.tables.layout import Layout, laid_out, rows_below

from .shapes import MAX_ROWS
from .words import COUNT_WORDS, UNIT_WORDS, VARIANT_WORDS, letters_of

_MOST_ROWS: Final = 5_000  # totals of some years by day; more rows are people
_MOST_BYTES: Final = 5 * 1024 * 1024  # a row's other cells are written once an arm
_MOST_ARMS: Final = 50
_LONGEST: Final = 200
_BETWEEN = re.compile(r"[\s_.:/|–-]+")


class Side(NamedTuple):
    """What stands for each arm: the name that its columns share, and where they are by label."""

    measure: str
    places: dict[str, int]


def stack(
    path: str | Path,
    target: str | Path,
    *,
    answers: Answers[str, str] | None = None,
    max_rows: int = MAX_ROWS,
) -> str:
    """Write the table in `path` to `target` with a row for each arm, where arms are side by side.

    That is so where a number of units and something else stand there for the same three labels or
    more, and no column names an arm or a person. Returns a note for the reader, "" where it is not
    so and `target` was not written.

    Raises:
        FileProblem: as `sniff`.
    """
    path = Path(path)
    if path.stat().st_size > _MOST_BYTES:
        return ""
    with laid_out(path, answers=answers, max_rows=max_rows) as (text, layout):
        if text.lines > _MOST_ROWS:
            return ""
        sides = sides_in(layout.names)
        if not sides:
            return ""
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=layout.delimiter)
            writer.writerows(_stacked(text.path, layout, sides))
    return f"{len(sides[0].places)} arms side by side, rearranged as rows"


def sides_in(names: Sequence[str]) -> list[Side]:
    """What stands there for every arm, the number of units first; nothing where no arms do.

    >>> names = ["day", "n_A", "n_B", "n_C", "paid_A", "paid_B", "paid_C"]
    >>> [(side.measure, list(side.places)) for side in sides_in(names)]
    [('n', ['A', 'B', 'C']), ('paid', ['A', 'B', 'C'])]
    >>> [side.measure for side in sides_in(["A users", "B users", "A paid", "B paid"])]
    []
    """
    best: list[Side] = []
    for is_label_first in (False, True):
        measures: dict[str, dict[str, tuple[str, int]]] = {}
        for place, name in enumerate(names):
            for first, last in _halves(name):
                measure, label = (last, first) if is_label_first else (first, last)
                measures.setdefault(measure.lower(), {})[label.lower()] = (name, place)
        for counted, by_label in measures.items():
            if letters_of(counted) in COUNT_WORDS and 2 < len(by_label) <= _MOST_ARMS:
                sides = _sides_of(measures, counted, names, is_label_first=is_label_first)
                best = max(best, sides, key=len)
    taken = {place for side in best for place in side.places.values()}
    others = {letters_of(name) for place, name in enumerate(names) if place not in taken}
    return best if len(best) > 1 and others.isdisjoint((*VARIANT_WORDS, *UNIT_WORDS)) else []


def _sides_of(
    measures: dict[str, dict[str, tuple[str, int]]],
    counted: str,
    names: Sequence[str],
    *,
    is_label_first: bool,
) -> list[Side]:
    """Every measure that has the labels of the one that counts; each column once."""
    labels = measures[counted]
    sides, taken = [], set[int]()
    for measure in (counted, *(name for name in measures if name != counted)):
        places = {
            label: measures[measure][label][1] for label in labels if label in measures[measure]
        }
        if len(places) == len(labels) and taken.isdisjoint(places.values()):
            taken |= set(places.values())
            sides.append((measure, places))
    spelt = {
        half.lower(): half for name in names for pair in _halves(name) for half in pair
    }  # as the file writes it
    return [
        Side(spelt[measure], {spelt[label]: place for label, place in places.items()})
        for measure, places in sides
    ]


def _halves(name: str) -> Iterator[tuple[str, str]]:
    """Every way in which a name may consist of two; one as long as a text names no arm."""
    if len(name) > _LONGEST:
        return
    if halves := _in_brackets(name):
        yield halves
        return
    for match in _BETWEEN.finditer(name):
        if match.start() > 0 and match.end() < len(name):
            yield name[: match.start()], name[match.end() :]


def _in_brackets(name: str) -> tuple[str, str] | None:
    """The halves of “Users (A)” and “Users [A]”, at the first bracket.

    >>> _in_brackets("Users [A]"), _in_brackets("Users"), _in_brackets("(A)")
    (('Users', 'A'), None, None)
    """
    opens = [at for sign in "([" if (at := name.find(sign, 1)) > 0]
    if not opens or name[-1] not in ")]" or min(opens) >= len(name) - 2:
        return None
    return name[: min(opens)].rstrip(), name[min(opens) + 1 : -1]


def _stacked(path: Path, layout: Layout, sides: list[Side]) -> Iterator[list[str]]:
    taken = {place for side in sides for place in side.places.values()}
    others = [place for place in range(len(layout.names)) if place not in taken]
    kept = [layout.names[place] for place in others]
    measures = [side.measure for side in sides]
    yield [*kept, "arm", *measures]
    for _, row in rows_below(path, layout):
        cells = [*row, *[""] * (len(layout.names) - len(row))]
        for label in sides[0].places:
            values = [cells[side.places[label]] for side in sides]
            if any(cell.strip() for cell in values):
                yield [*(cells[place] for place in others), label, *values]

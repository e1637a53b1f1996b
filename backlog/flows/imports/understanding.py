"""Read the rows of an import as ideas, and store what the page shows."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.rows import ADD, ASK, OUT, ImportRow, Reader, clash_in, plain
from backlog.flows.resembling import nearest
from backlog.flows.transitions import move_rows
from backlog.models import Idea, Import, Objective, Pod
from backlog.refusals import Refused

SHOWN = 200
COMPARED = 300  # rows that are compared letter by letter with the backlog,
AT_MOST = 5.0  # for so many seconds,
COMPARED_FOR = 1.0  # and further ones for so many; the rest are compared by their whole title


def rows_of(import_: Import) -> Iterator[ImportRow]:
    """Every row as it would be added, or not, given the answers so far."""
    kept = kept_rows(import_)
    reader = reader_for(import_)
    known, seen = titles_in_play(import_), dict[str, int]()
    answers = import_.choices.get("rows", {})
    for number, cells in zip(lines_in(kept), kept["rows"], strict=True):
        row = reader.read(number, cells)
        if row.fate != OUT:
            find_same(row, known, seen)
            answer_row(row, answers.get(str(number), ""), import_.choices.get("same", OUT))
        yield row


def kept_rows(import_: Import) -> dict[str, Any]:
    """The rows of the table as they were kept, with their numbers. Raises Refused: they are gone."""
    try:
        with import_.file.open("rb") as file:
            kept: dict[str, Any] = json.load(file)
    except OSError as gone:
        raise Refused("The rows are no longer on the server. Import them again.") from gone
    return kept


def lines_in(kept: dict[str, Any]) -> Iterable[int]:
    """The number of each row in its sheet; an import of an earlier version counted from the first."""
    lines: Iterable[int] = kept.get("lines") or count(kept.get("first", 1))
    return lines if "lines" in kept else islice(lines, len(kept["rows"]))


def reader_for(import_: Import, mapping: dict[int, str] | None = None) -> Reader:
    """Reads its rows as ideas, by the columns that are mapped or by those given. Raises Refused."""
    by = import_.by
    pods = list(Pod.objects.worked_in_by(by).distinct())
    if import_.pod not in pods:
        raise Refused(f"You are no longer a member of {import_.pod}. Nothing was added.")
    return Reader(
        by=by,
        pod=import_.pod,
        mapping=mapping_in(import_) if mapping is None else mapping,
        names=dict(enumerate(import_.columns)),
        pods=pods,
        objectives=Objective.objects.visible_to(by).distinct(),
        answers=import_.choices.get("rows", {}),
    )


def mapping_in(import_: Import) -> dict[int, str]:
    """Column → field, without the columns that are left out."""
    return {int(place): what for place, what in import_.mapping.items() if what}


def titles_in_play(import_: Import) -> dict[str, str]:
    """Title → key of what is in play in the pods that this person sees."""
    ideas = Idea.objects.visible_to(import_.by).in_play().order_by("-pk")
    return {plain(title): key for title, key in ideas.values_list("title", "key")}


def find_same(row: ImportRow, known: dict[str, str], seen: dict[str, int]) -> None:
    """Name what has the same title: one that is known, or an earlier row, which `seen` collects."""
    title = plain(row.values["title"])
    if title in known:
        row.same_as = f"Same as {known[title]}"
    elif title in seen:
        row.same_as = f"Same as row {seen[title]}"
    else:
        seen[title] = row.number


def answer_row(row: ImportRow, answer: str, otherwise: str) -> None:
    """What somebody decided about this row, or about all of its kind."""
    if row.same_as and (answer or otherwise) != ADD:
        row.fate = ASK
    if answer == OUT:
        row.fate = ASK
        row.notes.append("left out by you")


def understand(import_: Import) -> None:
    """Keep the counts and the rows to show; nothing is added yet."""
    counts = Counter(dict.fromkeys(("compared", "scored", "no title", "noted"), 0))
    asking: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    begun = time.monotonic()
    for row in rows_of(import_):
        counts[row.fate] += 1
        if row.fate == ADD:
            seconds = AT_MOST if counts["compared"] < COMPARED else COMPARED_FOR
            if not row.same_as and time.monotonic() < begun + seconds:
                _find_close(row, import_)
                counts["compared"] += 1
            counts["scored"] += row.scores is not None
            counts["noted"] += bool(row.notes)
        elif row.fate == OUT:
            counts["no title"] += 1
        place = asking if row.fate != ADD or row.same_as or row.notes else others
        if len(place) < SHOWN:
            place.append(_shown(row))
    problem = clash_in(mapping_in(import_), import_.columns)
    if problem:
        counts[ADD] = 0
    shown = shown_of(asking, others)
    move_rows(
        Import.objects.filter(pk=import_.pk),
        IMPORT_MOVES["understand"],
        understood={"counts": dict(counts), "rows": shown},
        problem=problem,
    )


def shown_of(asking: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that a page shows: first those with a question, then some of the others."""
    rows = asking[:SHOWN] + others[: max(SHOWN - len(asking), 20)]
    return sorted(rows, key=lambda row: row["number"])


def _find_close(row: ImportRow, import_: Import) -> None:
    """Name an idea that is nearly the same. The row is still added unless it is left out."""
    idea = nearest(row.values["title"], user=import_.by)
    if idea:
        row.notes.append(f"Similar to {idea.key}, “{idea.title[:60]}”")


def _shown(row: ImportRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "cells": [cell[:120] for cell in row.cells],
        "fate": row.fate,
        "notes": row.notes,
        "same_as": row.same_as,
        "has_pod": row.pod is not None,
    }


__all__ = ["ADD", "ASK", "OUT", "rows_of", "understand"]

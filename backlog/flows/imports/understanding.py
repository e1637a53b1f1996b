"""Read the rows of an import as ideas, and store what the page shows."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from backlog.flows.imports.comparing import CANT, CHANGE, SAME, Comparer
from backlog.flows.imports.known import Known, plain
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.own import own_columns_of, own_in
from backlog.flows.imports.rows import ADD, ASK, OUT, ImportRow, Reader, clash_in
from backlog.flows.imports.showing import shown_change
from backlog.flows.moves import IDEA_MOVES
from backlog.flows.resembling import nearest
from backlog.flows.transitions import move_rows
from backlog.models import Idea, Import, Objective, OwnField, Pod
from backlog.refusals import Refused
from backlog.tables import Question
from backlog.tables.date_questions import question_about_dates
from backlog.tables.dates import DateStyle, style_of_dates
from backlog.tables.questions import plain_question

SHOWN = 200
AT_ONCE = 1_000  # rows whose ideas are in memory
MOST_CHANGED = 1_000
COMPARED = 300  # rows that are compared letter by letter with the backlog,
AT_MOST = 5.0  # for so many seconds,
COMPARED_FOR = 1.0  # and further ones for so many; the rest are compared by their whole title


def rows_of(
    import_: Import, reader: Reader | None = None, kept: dict[str, Any] | None = None
) -> Iterator[ImportRow]:
    """Every row as it would be added, change an idea, or neither, given the answers so far."""
    kept = kept or kept_rows(import_)
    reader = reader or reader_for(import_, kept=kept)
    known, seen = titles_in_play(import_), dict[str, int]()
    answers, same = import_.choices.get("rows", {}), import_.choices.get("same", OUT)
    comparer = Comparer(import_.by, reader) if "key" in reader.fields else None
    if comparer:
        comparer.look_over(kept["rows"])
    gone = import_.choices.get("gone", "")
    rows = zip(lines_in(kept), kept["rows"], strict=True)
    while batch := list(islice(rows, AT_ONCE)):
        if comparer:
            comparer.load([cells for _, cells in batch])
        for number, cells in batch:
            answer = answers.get(str(number), "")
            row = comparer.read(number, cells, answer or gone) if comparer else None
            if row is None:
                row = reader.read(number, cells)
                if row.fate != OUT:
                    find_same(row, known, seen)
            answer_row(row, answer, same)
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


def reader_for(
    import_: Import, mapping: dict[int, str] | None = None, kept: dict[str, Any] | None = None
) -> Reader:
    """Reads its rows as ideas, by the columns that are mapped or by those given. Raises Refused.

    `kept` are the rows, which say how days and own fields are written.
    """
    by = import_.by
    pods = list(Pod.objects.worked_in_by(by).distinct())
    if import_.pod not in pods:
        raise Refused(f"You are no longer a member of {import_.pod}. Nothing was added.")
    mapping = mapping_in(import_) if mapping is None else mapping
    own = own_in(mapping)
    rows = kept["rows"] if kept else []
    dates, questions = _dates_of(import_, mapping, own, rows)
    answers = import_.choices.get("answers", {})
    columns, about_numbers = own_columns_of(own, mapping, rows, dates, answers)
    return Reader(
        pod=import_.pod,
        mapping=mapping,
        names=dict(enumerate(import_.columns)),
        known=Known(
            pods=pods,
            objectives=Objective.objects.visible_to(by).select_related("quarter").distinct(),
            chosen=import_.choices.get("names", {}),
        ),
        dates=dates,
        questions=[*questions, *about_numbers],
        own=columns,
        answers=import_.choices.get("rows", {}),
        may_move={
            (name, one.pk)
            for name in ("snooze", "reject")
            for one in pods
            if by.has_perm(IDEA_MOVES[name].permission, one)
        },
    )


def _dates_of(
    import_: Import,
    mapping: Mapping[int, str],
    own: Mapping[str, OwnField],
    rows: Sequence[Sequence[str]],
) -> tuple[DateStyle, list[Question]]:
    """How the days of the sheet are written, with the question where they can be read in two ways."""
    days = {slug for slug, field in own.items() if field.kind == OwnField.Kind.DATE}
    places = [at for at, what in mapping.items() if what in {"submitted", "snoozed_until", *days}]
    if not places or import_.kind != Import.Kind.IDEAS:
        return DateStyle(), []
    cells = [row[at] for row in rows for at in places if at < len(row) and row[at]]
    style = style_of_dates(cells)
    if not style.is_unsure:
        return style, []
    question = question_about_dates([import_.columns[at] for at in places], cells, style)
    question = question.answered(import_.choices.get("answers", {}))
    return style_of_dates(cells, answer=question.reading), [question]


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
    if answer == OUT and row.fate != OUT:
        row.fate = ASK
        row.notes.append("left out by you")


def understand(import_: Import) -> None:
    """Keep the counts and the rows to show; nothing is added yet."""
    begun, kept = time.monotonic(), kept_rows(import_)
    reader, tally = reader_for(import_, kept=kept), _Tally()
    for row in rows_of(import_, reader, kept):
        if row.fate == ADD and not row.same_as:
            enough = AT_MOST if tally.counts["compared"] < COMPARED else COMPARED_FOR
            if time.monotonic() < begun + enough:
                _find_close(row, import_)
                tally.counts["compared"] += 1
            tally.counts["alike"] += 1
        tally.take(row)
    labels = {slug: column.field.name for slug, column in reader.own.items()}
    problem = clash_in(mapping_in(import_), import_.columns, labels=labels) or too_many_changes(
        tally.counts
    )
    move_rows(
        Import.objects.filter(pk=import_.pk),
        IMPORT_MOVES["understand"],
        understood={
            **tally.kept(is_blocked=bool(problem)),
            "header": kept.get("header"),
            "names": reader.known.listed(),
            "questions": [plain_question(one) for one in reader.questions],
        },
        problem=problem,
    )


def too_many_changes(counts: Mapping[str, int]) -> str:
    """Each change is checked like one of the edit page, while all others who write wait."""
    if counts[CHANGE] <= MOST_CHANGED:
        return ""
    return (
        f"{counts[CHANGE]:,} ideas would change, and one import can change at most "
        f"{MOST_CHANGED:,}. Leave out the rows that stay as they are, or send one part at a time. "
        "Nothing is changed until then."
    )


class _Tally:
    """Counts the rows, and keeps those that the page shows."""

    def __init__(self) -> None:
        names = (
            ADD, "compared", "alike", "scored", "no title", "noted", "gone", CHANGE, SAME, CANT,
            "theirs",
        )  # fmt: skip
        self.counts = Counter(dict.fromkeys(names, 0))
        self.asking: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.keyed: list[dict[str, Any]] = []
        self.kept_back: list[dict[str, Any]] = []
        self.plan: dict[str, str] = {}

    def take(self, row: ImportRow) -> None:
        self.counts[row.fate] += 1
        if row.key:
            self._take_keyed(row)
            return
        self.counts["scored"] += row.fate == ADD and row.scores is not None
        self.counts["noted"] += row.fate == ADD and bool(row.notes)
        self.counts["no title"] += row.fate == OUT
        place = self.asking if row.fate != ADD or row.same_as or row.notes else self.others
        if len(place) < SHOWN:
            place.append(_shown(row))

    def _take_keyed(self, row: ImportRow) -> None:
        cells = row.edit.cells if row.edit else []
        self.counts["theirs"] += any(cell.is_theirs for cell in cells)
        self.counts["gone"] += row.can_be_added
        self.counts["noted"] += bool(row.notes) and row.fate == SAME
        if row.edit and row.fate == CHANGE and len(self.plan) <= MOST_CHANGED:
            self.plan[row.key] = row.edit.mark
        place = self.kept_back if row.notes else self.keyed
        if (row.fate != SAME or row.notes) and len(place) < SHOWN:
            place.append(shown_change(row))

    def kept(self, *, is_blocked: bool) -> dict[str, Any]:
        if is_blocked:
            self.counts[ADD] = self.counts[CHANGE] = 0
        return {
            "counts": dict(self.counts), "rows": shown_of(self.asking, self.others),
            "changes": shown_of(self.kept_back, self.keyed), "plan": self.plan,
        }  # fmt: skip


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
        "can_be_added": row.can_be_added,
    }

"""Read the rows of an import as past experiments, and store what the page shows."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from backlog.flows.imports.known import plain
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.rows import ADD, OUT, clash_in
from backlog.flows.imports.understanding import (
    answer_row,
    find_same,
    kept_rows,
    lines_in,
    mapping_in,
    reader_for,
    shown_of,
    titles_in_play,
)
from backlog.flows.transitions import move_rows
from backlog.models import Import
from backlog.tables.questions import plain_question
from experiments.flows.past.columns import columns_of
from experiments.flows.past.names import KINDS, Names, names_for, read_names
from experiments.flows.past.past_row import PastRow, shown
from experiments.flows.past.rows import PastReader
from experiments.learning.evidence import Backing
from experiments.learning.sentences import GRADES, lift_text
from experiments.models import Decision, Experiment
from experiments.past.headings import ARMS, HEADERS, OF_IDEAS, arm_names_in

BACKINGS = {
    Backing.COUNTS: "from counts",
    Backing.INTERVAL: "from a lift with its interval",
    Backing.WORDS: "from words only",
}


@dataclass(frozen=True)
class Reading:
    """The rows, with what is open about them: unknown names, and questions."""

    rows: list[PastRow]
    names: Names
    unknown: list[dict[str, Any]]
    questions: list[dict[str, Any]]


def read_past(import_: Import) -> Reading:
    """Every row as it would be added, or not, given the answers so far."""
    kept, mapping, choices = kept_rows(import_), mapping_in(import_), import_.choices
    cells: list[list[str]] = kept["rows"]
    answers = choices.get("answers", {})
    columns = columns_of(mapping, import_.columns, cells, answers)
    ideas = reader_for(import_, {at: what for at, what in mapping.items() if what in OF_IDEAS})
    names = names_for(import_.by, filter(None, ideas.known.pods.values()), choices.get("names", {}))
    names.known["pod"] |= {plain(pod.prefix): pod.name for pod in ideas.known.pods.values() if pod}
    texts = {kind: _cell(columns, kind) for kind in (*KINDS, "outcome")}
    unknown = read_names(names, texts, cells, answers)
    reader = PastReader(
        ideas=ideas, columns=columns, names=names,
        arm_names=arm_names_in(import_.columns, mapping), answers=choices.get("rows", {}),
        default_day=_day(choices.get("day", "")),
    )  # fmt: skip
    rows = [reader.read(at, row) for at, row in zip(lines_in(kept), cells, strict=True)]
    _compare(import_, rows)
    questions = [*columns.questions, *names.questions]
    return Reading(rows, names, unknown, [plain_question(one) for one in questions])


def _cell(columns: Any, kind: str) -> Any:
    return lambda row: columns.text(row, kind)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= timezone.localdate() else None


def _compare(import_: Import, rows: list[PastRow]) -> None:
    """What is there already under the same title is left out, unless somebody says otherwise."""
    tests = Experiment.objects.visible_to(import_.by).exclude(state=Experiment.State.CANCELLED)
    known = {
        plain(title): f"EXP-{number:03d}"
        for title, number in tests.order_by("number").values_list("title", "number")
    }
    seen: dict[str, int] = {}
    answers = import_.choices.get("rows", {})
    ideas = titles_in_play(import_)
    for row in rows:
        if row.idea.fate != OUT:
            find_same(row.idea, known, seen)
            key = ideas.get(plain(row.idea.values["title"]))
            if key and not row.idea.same_as:
                row.idea.notes.append(f"{key} has the same title, and stays as it is")
            answer = answers.get(str(row.idea.number), "")
            answer_row(row.idea, answer, import_.choices.get("same", OUT))


def understand(import_: Import) -> None:
    """Keep the counts and the rows to show; nothing is added yet."""
    reading = read_past(import_)
    counts: Counter[str] = Counter(dict.fromkeys((*Backing, "scored", "learnings", "no title"), 0))
    asking: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for row in reading.rows:
        counts[row.idea.fate] += 1
        if row.idea.fate == OUT:
            counts["no title"] += 1
        elif row.idea.fate == ADD:
            counts[row.backing] += 1
            counts["scored"] += row.idea.scores is not None
            counts["learnings"] += bool(row.learning)
        is_plain = row.idea.fate == ADD and not (row.idea.same_as or row.idea.notes)
        place = others if is_plain else asking
        place.append({**shown(row), "made": made_sentence(row)})
    problem = clash_in(mapping_in(import_), import_.columns, "experiment")
    if problem:
        counts[ADD] = 0
    move_rows(
        Import.objects.filter(pk=import_.pk),
        IMPORT_MOVES["understand"],
        understood={
            "counts": {str(name): count for name, count in counts.items()},
            "rows": shown_of(asking, others),
            "names": reading.unknown,
            "questions": reading.questions,
        },
        problem=problem,
    )


def made_sentence(row: PastRow) -> str:
    """What is made of a row, such as “Won, +20 % (6.9 to 34.7), from counts”; "" without an outcome."""
    if not row.outcome:
        return ""
    parts = [Decision.Outcome(row.outcome).label]
    if row.measured and row.backing != Backing.WORDS:
        lift = row.measured
        of_arm = f" of {row.arm}" if len(row.arms) > 2 else ""
        parts.append(lift_text(lift.lift, lift.low, lift.high) + of_arm)
    parts.append(BACKINGS[row.backing])
    made = ", ".join(parts)
    graded = GRADES[row.grade.code][0]
    return f"{made}. Learning: {graded}" if row.learning else f"{made}. Evidence: {graded}"


def columns_offered() -> list[tuple[str, str]]:
    """What a column can mean, with its label."""
    labels = {
        "ended": "Last day", "started": "First day", "decided": "Decided on", "outcome": "How it ended",
        "change": "Hypothesis", "observation": "What was seen", "low": "Lift, low end",
        "high": "Lift, high end", "interval": "Interval of the lift",
        "days_planned": "Expected people-days", "days_taken": "People-days taken",
    }  # fmt: skip
    every = [(name, labels.get(name, name.replace("_", " ").capitalize())) for name in HEADERS]
    for place, arm in enumerate(ARMS):
        every.append((f"units_{place}", f"{arm}: units"))
        every.append((f"conversions_{place}", f"{arm}: conversions"))
    return every

"""Outcomes that somebody pastes as a table: a column with units, a column with values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backlog.tables import FileProblem, Question, Table, read_table
from backlog.tables.folding import folded
from backlog.tables.number_questions import question_about_numbers
from backlog.tables.numbers import MISSING, style_of
from experiments.models import ProcessExperiment, ProcessExperimentUnit

UNIT_WORDS = frozenset({"unit", "week", "pod", "idea", "name", "einheit", "woche"})
VALUE_WORDS = frozenset({"value", "outcome", "result", "wert", "ergebnis"})
MOST_ROWS = 500


@dataclass(frozen=True)
class Pasted:
    """`values` by the ids of units, as text that has one reading. `problems` are rows that were not
    understood, each in a sentence. `question`: numbers that can be read in two ways."""

    values: dict[int, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    question: Question | None = None


def read_outcomes(
    experiment: ProcessExperiment,
    text: str,
    *,
    units: Sequence[ProcessExperimentUnit],
    answers: Mapping[str, str],
) -> Pasted:
    """What a pasted table says about these units. Nothing is written. Raises Unreadable."""
    table = read_table(
        text, {**answers, "header": "0"}, is_header=lambda cells: _is_header(cells, experiment),
        most_rows=MOST_ROWS, most_columns=20,
    )  # fmt: skip
    at_unit, at_value = _columns(table, experiment)
    cells = [row.cells[at_value] for row in table.rows if len(row.cells) > at_value]
    style, question = style_of(cells), None
    if style.unsure:
        name = table.names[at_value]
        question = question_about_numbers("numbers", name, cells, style).answered(answers)
        style = style_of(cells, answer=question.reading)
    known = _by_name(units)
    values: dict[int, str] = {}
    problems = []
    for row in table.rows:
        name = row.cells[at_unit] if len(row.cells) > at_unit else ""
        typed = row.cells[at_value] if len(row.cells) > at_value else ""
        unit, value = known.get(folded(name)), style.plain(typed)
        if unit is None:
            problems.append(f"Row {row.line}: “{name[:60]}” is not a unit of this experiment.")
        elif unit in values:
            problems.append(
                f"Row {row.line}: “{name[:60]}” is there twice. Only the first row counts."
            )
        elif typed.casefold() in MISSING:
            continue
        elif value is None:
            problems.append(f"Row {row.line}: “{typed[:60]}” is not a number.")
        else:
            values[unit] = f"{float(value):.15g}"
    return Pasted(values, tuple(problems), question)


def _is_header(cells: Sequence[str], experiment: ProcessExperiment) -> bool:
    names = {folded(cell) for cell in cells}
    return not names.isdisjoint(UNIT_WORDS) and len(names) > 1


def _columns(table: Table, experiment: ProcessExperiment) -> tuple[int, int]:
    """Where the units and the values are: by their names, else the first two columns."""
    if len(table.names) < 2:
        raise FileProblem(
            "Paste two columns: the unit, and what was measured on it. Only one column is here."
        )
    names = [folded(name) for name in table.names]
    wanted = VALUE_WORDS | {folded(experiment.measure)}
    at_unit = next((at for at, name in enumerate(names) if name in UNIT_WORDS), 0)
    others = [at for at in range(len(names)) if at != at_unit]
    return at_unit, next((at for at in others if names[at] in wanted), others[0])


def _by_name(units: Sequence[ProcessExperimentUnit]) -> dict[str, int]:
    """Units by their names; ideas also by their keys, weeks also by their first day."""
    known: dict[str, int] = {}
    for unit in units:
        known.setdefault(folded(unit.name), unit.pk)
        known.setdefault(folded(unit.short_name), unit.pk)
    days = [unit.starts_on for unit in units]
    for unit in units:
        if unit.starts_on and days.count(unit.starts_on) == 1:
            known.setdefault(folded(unit.starts_on.isoformat()), unit.pk)
            known.setdefault(folded(f"{unit.starts_on:%-d %b %Y}"), unit.pk)
    return known

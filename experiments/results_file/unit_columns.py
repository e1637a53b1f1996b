# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""What the mapped columns of a file of units hold, and the questions that they leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from backlog.tables.numbers import mixture, taken_apart
from backlog.tables.questions import Choice, Question, QuestionCode

from .database import quoted, table_of, trimmed
from .days import Days
from .figures import figure, ranged
from .mixtures import check_mixture
from .problems import FileProblem, listed
from .shapes import MetricColumns
from .styles import Column, amount, decide, joined, keep_shapes, look_at, yes_or_no
from .unit_samples import UnitsFile

_BLANK_MATTERS: Final = 20  # one empty cell in so many moves a mean
_FEW_WORDS: Final = 6
MORE_IS: Final = {".": "point", ",": "comma"}


@dataclass
class UnitColumns:
    """The columns with values by their place, and how the days are read."""

    file: UnitsFile
    by_place: dict[int, Column]
    questions: list[Question] = field(default_factory=list)
    reader: Days = field(default_factory=Days)
    day_texts: list[str] = field(default_factory=list)

    def of(self, name: str) -> Column:
        return self.by_place[self.file.layout.place(name)]

    def all(self) -> Iterable[Column]:
        return self.by_place.values()

    @property
    def has_slow(self) -> bool:
        return any(not column.is_plain for column in self.all())


def arm_of(file: UnitsFile) -> str:
    """The number of the arm that a row is of; NULL where its label means none."""
    variant = trimmed(file.layout.place(file.mapping.variant))
    arms = [
        f"WHEN {quoted(label)} THEN {file.variants.index(name)}"
        for label, name in file.labels.items()
    ]
    return f"CASE {variant} {' '.join(arms)} END"


def counted_arm(file: UnitsFile) -> str:
    """The arm of a row that is of this experiment, as far as its columns say so."""
    mapping = file.mapping
    if not mapping.only_column:
        return arm_of(file)
    column = trimmed(file.layout.place(mapping.only_column))
    return f"CASE WHEN {column} = {quoted(mapping.only_value)} THEN {arm_of(file)} END"


def look_at_units(file: UnitsFile) -> UnitColumns:
    """Every mapped column of values, decided by all of its cells and by the answers.

    Raises:
        FileProblem: a column of formulas that were never computed.
    """
    wanted: dict[int, bool] = {}
    amounts: set[int] = set()
    for metric in file.mapping.metrics:
        for name in (metric.column, metric.denominator, metric.covariate):
            if name:
                is_yes = metric.kind == "proportion" and name == metric.column
                place = file.layout.place(name)
                wanted[place] = wanted.get(place, False) or is_yes
                amounts |= set() if is_yes else {place}
    columns = UnitColumns(file, look_at(file, counted_arm(file), wanted) if wanted else {})
    for place, column in columns.by_place.items():
        _check_formulas(column, file.layout.names[place])
        answer = file.mapping.answers.get(f"numbers:{file.layout.names[place]}", "")
        decide(column, answer=answer)
        if place in amounts:
            _check_mixture(column, file.layout.names[place])
        column.is_plain = column.is_plain or place not in amounts
        if not column.is_plain:
            keep_shapes(file, column)
    for question in _questions(columns):
        given = question.answered(file.mapping.answers)
        columns.questions.append(given)
        _follow(columns, given)
    return columns


def _check_formulas(column: Column, name: str) -> None:
    if column.formulas and column.formulas * 2 >= column.total:
        formulas = [text for text in column.examples if text.startswith("=")]
        raise FileProblem(
            f"“{name}” holds formulas that were never computed, such as {listed(formulas, 1)}. Open "
            "the file in Excel, save it, and send it again."
        )


def _check_mixture(column: Column, name: str) -> None:
    check_mixture(name, mixture(column.examples, has_plain=column.has_plain))


def _questions(columns: UnitColumns) -> Iterator[Question]:
    seen: set[str] = set()
    for metric in columns.file.mapping.metrics:
        for name in (metric.column, metric.denominator, metric.covariate):
            if not name:
                continue
            column = columns.of(name)
            for question in _of_column(columns, metric, column, name):
                if question.key not in seen:
                    seen.add(question.key)
                    yield question


def _of_column(
    columns: UnitColumns, metric: MetricColumns, column: Column, name: str
) -> Iterator[Question]:
    is_yes = metric.kind == "proportion" and name == metric.column
    if column.style.unsure and not is_yes:
        yield _about_thousands(columns, column, name)
    if is_yes and (unknown := [word for word in column.words if word not in column.meant]):
        yield from _about_words(columns, column, name, unknown)
    if name != metric.covariate and _blank_matters(column, is_yes=is_yes):
        yield _about_blanks(columns, column, name, is_yes=is_yes)


def _about_thousands(columns: UnitColumns, column: Column, name: str) -> Question:
    mark = column.style.unsure
    example = next(
        text for text in column.examples if (cell := taken_apart(text)) and cell.kind == f"{mark}3"
    )
    file, choices = columns.file, []
    for key, letter in (("thousands", "t"), ("decimals", "d")):
        other = Column(column.place, is_plain=False, shapes=column.shapes)
        decide(other, answer=key)
        table = f"{column.table}{letter}"
        keep_shapes(file, other, name=table)
        effect = _effect(columns, amount(other, table=table), [other], more=[table])
        value = other.style.value(example) or 0.0
        choices.append(Choice(key, f"{example} is {figure(value)}", effect))
    values = " or ".join(choice.label.rpartition(" is ")[2] for choice in choices)
    return Question(
        f"numbers:{name}", QuestionCode.NUMBERS, name, f"Is {example} in “{name}” {values}?",
        f"Every {MORE_IS[mark]} in the column is followed by three digits.", tuple(choices),
    )  # fmt: skip


def _effect(
    columns: UnitColumns,
    value: str,
    used: list[Column],
    *,
    more: Iterable[str] = (),
    share: bool = False,
) -> str:
    """The mean of an expression over all arms together, with its range."""
    file = columns.file
    source = joined(table_of(file.path, file.layout, keeps_rejects=False), used, list(more))
    rows = file.all(
        f"SELECT favg(value), min(value), max(value), count(value) FROM "
        f"(SELECT {value} AS value, {counted_arm(file)} AS arm FROM {source}) WHERE arm IS NOT NULL"
    )
    mean, low, high, count = rows[0]
    return ranged(mean, low, high, count, len(file.variants), is_share=share)


def _blank_matters(column: Column, *, is_yes: bool) -> bool:
    """Whether an empty cell may well mean no, or zero: where neither is written anywhere."""
    present = sum(column.present.values())
    if not column.blank or not present or column.zeros or column.blank_means_zero:
        return False
    if is_yes:
        return column.is_yes_or_no or set(column.meant.values()) == {True}
    if not column.has_numbers and not any(map(taken_apart, column.examples)):
        return False
    is_large = column.blank * _BLANK_MATTERS >= column.blank + present
    return is_large and len(column.present) > 1 and all(column.present.values())


def _about_blanks(columns: UnitColumns, column: Column, name: str, *, is_yes: bool) -> Question:
    value = yes_or_no if is_yes else amount
    missing = _effect(columns, value(column), [column], share=is_yes)
    column.blank_means_zero = True
    zero = _effect(columns, value(column), [column], share=is_yes)
    column.blank_means_zero = False
    rows = column.blank + sum(column.present.values())
    word = "no" if is_yes else "0"
    also = f" or say “{column.blank_word}”" if column.blank_word else ""
    choices = [
        Choice("no" if is_yes else "zero", f"Empty means {word}", zero),
        Choice("missing", "Empty means not known", missing),
    ]
    return Question(
        f"empty:{name}", QuestionCode.EMPTY, name, f"Does an empty “{name}” mean {word}?",
        f"{column.blank:,} of {rows:,} are empty{also}, and no cell says {word}.",
        tuple(choices if is_yes else reversed(choices)),
    )  # fmt: skip


def _about_words(
    columns: UnitColumns, column: Column, name: str, unknown: list[str]
) -> Iterator[Question]:
    """One unknown word beside a known one is likely its opposite; of two unknown words one is yes."""
    words = list(column.words)
    is_arm = column.place == columns.file.layout.place(columns.file.mapping.variant)
    if (
        is_arm
        or len(words) > 2
        or any(word.startswith("=") or taken_apart(word) for word in unknown)
    ):
        return
    if len(words) == 1 and column.blank:
        yield _about_the_only_word(columns, column, name, words[0])
    elif len(unknown) == 1 and len(words) == 2:
        known = not column.meant[next(word for word in words if word not in unknown)]
        meant = "yes" if known else "no"
        choices = (
            Choice(
                meant,
                f"“{unknown[0]}” means {meant}",
                _words_effect(columns, column, {unknown[0]: known}),
            ),
            Choice("unknown", f"“{unknown[0]}” means neither", _words_effect(columns, column, {})),
        )
        text = f"Does “{unknown[0]}” in “{name}” mean {meant}?"
        yield Question(f"words:{name}", QuestionCode.WORDS, name, text, f"“{unknown[0]}” is not a word that Floe knows.", choices)  # fmt: skip
    elif len(unknown) == 2:
        both = tuple(
            Choice(word, f"“{word}” means yes", _words_effect(columns, column, {one: one == word for one in unknown}))
            for word in sorted(unknown)
        )  # fmt: skip
        yield Question(f"words:{name}", QuestionCode.WORDS, name, f"Which word in “{name}” means yes?", f"The column holds {listed(sorted(unknown))}.", both)  # fmt: skip


def _about_the_only_word(columns: UnitColumns, column: Column, name: str, word: str) -> Question:
    """One word that Floe does not know, where all other cells are empty."""
    column.blank_means_zero = True
    meant = _words_effect(columns, column, {word: True})
    column.blank_means_zero = False
    blank = f"“{column.blank_word}”" if column.blank_word else "empty"
    choices = (
        Choice("yes", f"“{word}” means yes, {blank} means no", meant),
        Choice("unknown", f"“{word}” means neither", _words_effect(columns, column, {})),
    )
    return Question(
        f"words:{name}", QuestionCode.WORDS, name, f"Does “{word}” in “{name}” mean yes?",
        f"It is the only word, and {column.blank:,} cells are empty.", choices,
    )  # fmt: skip


def _words_effect(columns: UnitColumns, column: Column, more: dict[str, bool]) -> str:
    other = replace(column, is_yes_or_no=False, meant=column.meant | more)
    return _effect(columns, yes_or_no(other), [], share=True)


def _follow(columns: UnitColumns, question: Question) -> None:
    """Read by the answer, or provisionally by the first choice."""
    column, reading = columns.of(question.column), question.reading
    if question.code == QuestionCode.EMPTY:
        column.blank_means_zero = reading in ("no", "zero")
    if question.code == QuestionCode.WORDS:
        unknown = [word for word in column.words if word not in column.meant]
        column.blank_means_zero = len(column.words) == 1 and reading == "yes"
        if len(unknown) == 1 and reading in ("yes", "no"):
            column.meant[unknown[0]] = reading == "yes"
        elif len(unknown) == 2:
            column.meant |= {word: word == reading for word in unknown}

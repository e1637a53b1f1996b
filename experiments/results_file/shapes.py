"""What goes into reading a results file, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backlog.tables.questions import Question
from experiments.stats import Sample

MAX_ROWS = 2_000_000

Progress = Callable[[str, float], None]
"""Hears which step a reading has come to, and which share of the work is behind it."""


def say_nothing(step: str, share: float) -> None:
    """Where nobody waits."""


@dataclass(frozen=True)
class FileColumn:
    """One column as it looks: `kind` is "text", "number", "boolean" or "date"; `distinct` counts
    the values near the top of the file, None where there are more than 1,000."""

    name: str
    kind: str
    examples: tuple[str, ...]
    distinct: int | None


@dataclass(frozen=True)
class Sniffed:
    """What a file looks like. `decimal` is "." or ","; `preview` the first 8 rows as text;
    `shape` a guess: "units" (a row for each unit) or "totals" (a row for each variant). `questions`
    are those that come before the mapping: which sheet, which row names the columns. `notes` say what was passed over."""

    delimiter: str
    encoding: str
    decimal: str
    columns: tuple[FileColumn, ...]
    rows: int
    preview: tuple[tuple[str, ...], ...]
    shape: str
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MetricColumns:
    """Where a metric stands. `kind` is "proportion", "mean" or "ratio".

    `column`: in a file of units the value (of a ratio the numerator); in totals the successes of
    a proportion or the mean. `denominator`: of a ratio. `spread`: in totals, the column with the
    spread of a mean. `other_column`, `other_spread`: of the treatment, where it stands beside the
    control. `label`: what the column that names the metric says for it. In a file of units a mean
    may have a `covariate`, what was known of the unit before the experiment (CUPED), and be cut
    down to a percentile over all arms: `winsorise` 0.999. `cap` asks for that as a second result.
    In totals `is_total` says that the column holds the sum over the arm, not the mean, and `most` is
    the most that one unit can come to: it bounds a spread that the file does not give.
    A lifetime value has a `horizon` of days from the entry and a yearly `discount`; in a file of units
    `value_day` is the column with the day of the amount, and amounts are known up to `known_until`.
    """

    name: str
    kind: str
    column: str = ""
    denominator: str = ""
    spread: str = ""
    covariate: str = ""
    winsorise: float | None = None
    label: str = ""
    other_column: str = ""
    other_spread: str = ""
    cap: float | None = None
    is_total: bool = False
    most: float | None = None
    horizon: int | None = None
    discount: float = 0.0
    value_day: str = ""
    known_until: str = ""


@dataclass(frozen=True)
class Mapping:
    """What the columns mean.

    `shape`: "units" (a row for each unit), "totals" (a row for each arm) or "pairs" (the control
    and a treatment side by side; `variant` may be empty, and names the treatment otherwise).
    `unit`: who is counted; empty where each row is a unit of its own. `count`: in totals, the
    column with the number of units, `other_count` that of the treatment.
    `second`: another column that names the arm, to check the first. `ignored`: labels that belong
    to something else. Only rows whose `only_column` says `only_value` are of this experiment.
    `day`, `day_order` ("", "dmy", "mdy"), `starts_on` (of the experiment, for days counted from
    it) and `accumulation` ("total", "daily", "cumulative") say what is known of time.
    `metric`: the column that names the metric of a row. `spread_kind`: "sd", "variance" or "se".
    `stratum` and `segments`: columns known before the experiment, to compare within.
    `answers`: for questions about the file, the key of the choice by the key of the question.
    """

    shape: str
    variant: str = ""
    unit: str = ""
    count: str = ""
    metrics: tuple[MetricColumns, ...] = ()
    other_count: str = ""
    second: str = ""
    ignored: tuple[str, ...] = ()
    only_column: str = ""
    only_value: str = ""
    day: str = ""
    day_order: str = ""
    starts_on: str = ""
    accumulation: str = "total"
    metric: str = ""
    spread_kind: str = "sd"
    stratum: str = ""
    segments: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RejectedRow:
    """A row that does not count: `row` is its line in the file as an editor numbers it."""

    row: int
    reason: str
    line: str


@dataclass(frozen=True)
class Reading:
    """What a file says. `rows` counts its rows of data, the rejected ones among them, not those of
    other experiments (`left_out`); `units` and `samples` what counts. `rejected` holds the first
    1,000 of `rejected_count`. `by_day`, `by_stratum`, `capped`: observations as plain values with a
    day, a stratum, or winsorised; days, segments and histograms of a metric with a cap are cut. `questions` holds the answered ones with their answer; while one
    is open, the figures are provisional: read by its first choice. `problems` forbid confirming as
    if all were well. `caps`: the value to which a winsorised metric is cut; `filled_in`: the units
    without a value from before, for whom the mean of all arms stands; `horizons`: how lifetime values
    were read."""

    rows: int
    units: dict[str, int]
    samples: dict[str, dict[str, Sample]]
    rejected_count: int = 0
    rejected: tuple[RejectedRow, ...] = ()
    units_in_two_variants: int = 0
    repeated_units: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    left_out: int = 0
    by_day: tuple[dict[str, Any], ...] = ()
    by_stratum: tuple[dict[str, Any], ...] = ()
    capped: tuple[dict[str, Any], ...] = ()
    histograms: dict[str, Any] = field(default_factory=dict)
    segments: tuple[dict[str, Any], ...] = ()
    empty_tail: dict[str, int] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    problems: tuple[str, ...] = ()
    caps: dict[str, float] = field(default_factory=dict)
    filled_in: dict[str, int] = field(default_factory=dict)
    horizons: dict[str, Any] = field(default_factory=dict)

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_open)

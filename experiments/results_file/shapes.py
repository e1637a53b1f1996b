"""What goes into reading a results file, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiments.stats import Sample

MAX_ROWS = 2_000_000


@dataclass(frozen=True)
class Column:
    """One column as it looks: `kind` is "text", "number", "boolean" or "date"; `distinct` counts
    the values near the top of the file, None where there are more than 1,000."""

    name: str
    kind: str
    examples: tuple[str, ...]
    distinct: int | None


@dataclass(frozen=True)
class Sniffed:
    """What a file looks like. `decimal` is "." or ","; `preview` the first 8 rows as text;
    `shape` a guess: "units" (a row for each unit) or "totals" (a row for each variant)."""

    delimiter: str
    encoding: str
    decimal: str
    columns: tuple[Column, ...]
    rows: int
    preview: tuple[tuple[str, ...], ...]
    shape: str


@dataclass(frozen=True)
class MetricColumns:
    """Where a metric stands. `kind` is "proportion", "mean" or "ratio".

    `column`: in a file of units the value (of a ratio the numerator); in totals the successes of
    a proportion or the mean. `denominator`: of a ratio. `spread`: in totals, the column with the
    standard deviation of a mean. In a file of units a mean may have a `covariate`, what was known
    of the unit before the experiment (CUPED), and be cut down to a percentile over all arms:
    `winsorise` 0.999.
    """

    name: str
    kind: str
    column: str = ""
    denominator: str = ""
    spread: str = ""
    covariate: str = ""
    winsorise: float | None = None


@dataclass(frozen=True)
class Mapping:
    """What the columns mean. `unit`: who is counted; empty where each row is a unit of its own.
    `count`: in totals, the column with the number of units."""

    shape: str
    variant: str
    unit: str = ""
    count: str = ""
    metrics: tuple[MetricColumns, ...] = ()


@dataclass(frozen=True)
class RejectedRow:
    """A row that does not count: `row` is its line in the file as an editor numbers it."""

    row: int
    reason: str
    line: str


@dataclass(frozen=True)
class Reading:
    """What a file says. `rows` counts its rows of data, the rejected ones among them; `units` and
    `samples` what counts. `rejected` holds the first 1,000 of `rejected_count`."""

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

"""Where the marks of the plots stand: across in per cent of the width, down in pixels."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experiments.learning.records import DecidedExperiment
from experiments.learning.reliability import ReliabilityPoint
from experiments.learning.throughput import Percentiles

LEFT, RIGHT, TOP, BOTTOM = 10.0, 97.0, 8.0, 214.0
MOST_POINTS = 400


@dataclass(frozen=True)
class Column:
    """A month: its column and its count."""

    x: float
    middle: float
    y: float
    height: float
    count: int
    label: str
    is_now: bool


@dataclass(frozen=True)
class StageRow:
    """A stage: the band is the middle half, the dot the median, the dashed line the quarter before."""

    label: str
    y: int
    low: float
    width: float
    middle: float
    before: float | None
    text_x: float
    words: str


@dataclass(frozen=True)
class Mark:
    """A point, with its interval from `top` to `bottom` where it has one."""

    x: float
    y: float
    top: float | None = None
    bottom: float | None = None
    r: float = 3.0
    is_won: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the grid with its number."""

    at: float
    label: str


@dataclass(frozen=True)
class Plot:
    """Points over a grid; `path` is what joins them and `band` what could be, in a box of 100 × 100."""

    marks: tuple[Mark, ...]
    across: tuple[Line, ...]
    down: tuple[Line, ...]
    path: str = ""
    band: str = ""
    zero: float | None = None
    ideal: tuple[float, float, float, float] = (LEFT, BOTTOM, RIGHT, TOP)


def columns(counts: Sequence[int], labels: Sequence[str], is_now: Sequence[bool]) -> list[Column]:
    """Six months or so; the highest is 140 px."""
    top, step = max([*counts, 1]), 100 / max(1, len(counts))
    return [
        Column(
            round(step * n + step * 0.2, 1), round(step * (n + 0.5), 1),
            round(172 - 140 * count / top, 1), round(140 * count / top, 1), count, label, now,
        )
        for n, (count, label, now) in enumerate(zip(counts, labels, is_now, strict=True))
    ]  # fmt: skip


def stage_rows(
    stages: Sequence[tuple[str, Percentiles, Percentiles | None]],
) -> list[StageRow]:
    """On a common scale, on which twice as long is as far wherever it is (logarithm of days + 1)."""
    most = max([*(row.high or 0 for _, row, _ in stages), 1.0])

    def at(days: float) -> float:
        return round(44 + 46 * math.log1p(days) / math.log1p(most), 2)

    rows = []
    for n, (label, now, before) in enumerate(stages):
        if now.median is None or now.low is None or now.high is None:
            continue
        low, high = at(now.low), at(now.high)
        was = at(min(before.median, most)) if before and before.median is not None else None
        words = f"{now.median:.0f} d"
        rows.append(
            StageRow(
                label,
                20 + 39 * n,
                low,
                max(0.6, high - low),
                at(now.median),
                was,
                max(high, was or 0.0) + 1.5,
                words,
            )
        )
    return rows


def reliability(points: Sequence[ReliabilityPoint]) -> Plot:
    """Claimed chance across, share that won up; a dot is as large as its number of experiments."""
    marks = tuple(
        Mark(_x(point.forecast), _y(point.rate), r=round(2.5 + math.sqrt(point.n), 1), is_won=True)
        for point in points
    )
    ticks = [0, 0.25, 0.5, 0.75, 1]
    up = [f"{_x(p.forecast)} {_box(_y(p.high))}" for p in points]
    back = [f"{_x(p.forecast)} {_box(_y(p.low))}" for p in reversed(points)]
    return Plot(
        marks,
        tuple(Line(_x(tick), f"{tick * 100:.0f} %") for tick in ticks),
        tuple(Line(_y(tick), f"{tick * 100:.0f}") for tick in ticks),
        path="M" + "L".join(f"{mark.x} {_box(mark.y)}" for mark in marks) if marks else "",
        band="M" + "L".join([*up, *back]) + "z" if points else "",
    )


def impact(rows: Iterable[DecidedExperiment]) -> Plot:
    """Claimed lift across, measured lift with its interval up."""
    points = [
        (row.claim, row.lift, 1.96 * math.sqrt(row.variance), bool(row.won))
        for row in rows
        if row.claim is not None and row.lift is not None and row.variance
    ][-MOST_POINTS:]
    if not points:
        return Plot((), (), ())
    right = _nice(max(claim for claim, *_ in points))
    top = _nice(max(right, *(abs(lift) + half for _, lift, half, _ in points)))

    def y(lift: float) -> float:
        return round(TOP + (BOTTOM - TOP) * (top - max(-top, min(top, lift))) / (2 * top), 1)

    def x(claim: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * max(0.0, claim) / right, 2)

    marks = tuple(
        Mark(x(claim), y(lift), y(lift + half), y(lift - half), is_won=won)
        for claim, lift, half, won in points
    )
    ends = (0.0, right / 3, 2 * right / 3, right)
    return Plot(
        marks,
        tuple(Line(x(tick), f"+{tick * 100:.2g} %" if tick else "0") for tick in ends),
        tuple(Line(y(tick), f"{tick * 100:+.2g}".replace("-", "−") if tick else "0")
              for tick in (-top, -top / 2, 0.0, top / 2, top)),
        zero=y(0),
        ideal=(LEFT, y(0), RIGHT, y(right)),
    )  # fmt: skip


def days(rows: Iterable[DecidedExperiment]) -> Plot:
    """Days forecast across, days taken up, both on a scale of logarithms from 1 day."""
    points = [
        (row.days_forecast, row.days_taken, bool(row.won))
        for row in rows
        if row.days_forecast and row.days_taken
    ][-MOST_POINTS:]
    if not points:
        return Plot((), (), ())
    most = max(max(a, b) for a, b, _ in points)
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if tick <= most * 2.5]
    whole = math.log(ticks[-1])

    def share(number: float) -> float:
        return max(0.0, min(1.0, math.log(max(number, 1.0)) / whole)) if whole else 0.0

    return Plot(
        tuple(Mark(_x(share(a)), _y(share(b)), r=3.5, is_won=won) for a, b, won in points),
        tuple(Line(_x(share(tick)), str(tick)) for tick in ticks),
        tuple(Line(_y(share(tick)), str(tick)) for tick in ticks),
    )


def _x(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * share, 2)


def _y(share: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _box(y: float) -> float:
    """The same height in a box of 100 that is drawn from `TOP` to `BOTTOM`."""
    return round((y - TOP) / (BOTTOM - TOP) * 100, 2)


def _nice(most: float) -> float:
    """The next number of 1, 2, 3, 5 or 8 times a power of ten; at least half a per cent."""
    most = max(most, 0.005)
    power = math.pow(10, math.floor(math.log10(most)))
    return next((step * power for step in (1, 2, 3, 5, 8) if step * power >= most), 10 * power)

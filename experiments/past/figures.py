"""The lift of a past experiment: worked out from its counts, or as the sheet gives it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from experiments.learning.grading import Direction, clear_direction
from experiments.learning.measured import Measured
from experiments.stats import Proportion, compare
from experiments.stats.multiplicity import adjusted_levels
from experiments.stats.tails import CONFIDENCE

MOST_UNITS: Final = 10**12
_BETWEEN: Final = re.compile(
    r" ?(?:–|—|;|\.\.\.?|…|\b(?:to|bis|hasta|a|à|and|und|y|et)\b) ?|, |(?<=%),", re.IGNORECASE
)
_HYPHEN: Final = re.compile(r"(?<=[\d%]) ?- ?(?=[-−+]?[\d.])")
_BEFORE: Final = re.compile(
    r"(?:from|between|von|zwischen|de|desde|entre|du|da) +(?=[-−+]?[\d.])", re.IGNORECASE
)
_MARGIN: Final = re.compile(r" ?(?:±|\+ ?/ ?[-−]|\+[-−]) ?")
_POINTED: Final = re.compile(r"[-−+]? ?\d*\.\d+ ?%?")
_OPENERS: Final = "[]()"


@dataclass(frozen=True)
class ArmCounts:
    """One arm: its `name`, how many units it had, and how many of them converted."""

    name: str
    units: int
    conversions: int


def problem_of(arms: Sequence[ArmCounts]) -> str:
    """Why counts can't be used, as a sentence; "" where they can."""
    if len(arms) < 2:
        return "Only one arm has counts, so they can’t be compared"
    for arm in arms:
        if not 0 < arm.units <= MOST_UNITS:
            return f"“{arm.name}” has {arm.units:,} units, so the counts can’t be used"
        if not 0 <= arm.conversions <= arm.units:
            return (
                f"“{arm.name}” has {arm.conversions:,} conversions of {arm.units:,} units, so the "
                "counts can’t be used"
            )
    return ""


def lift_of_counts(
    arms: Sequence[ArmCounts], *, metric: str, is_increase_good: bool = True
) -> tuple[Measured | None, str]:
    """The lift of one arm against the first, and the name of that arm.

    With several arms the intervals are adjusted by Holm, as in Floe's own analyses. The lift is that of
    the best arm that is clearly better, else of the worst that is clearly worse, else of the first.

    Args:
        arms: the control first; counts that `problem_of` has no objection to.
        metric, is_increase_good: what was counted, and whether more of it is better.

    Returns:
        None for the lift where it can't be worked out, such as with a control that never converted.

    Raises:
        Nothing.

    Source: `compare` (Katz et al. 1978 for the lift) and `adjusted_levels` (Holm 1979).

    >>> arms = [ArmCounts("A", 10000, 500), ArmCounts("B", 10000, 600)]
    >>> measured, arm = lift_of_counts(arms, metric="Bought")
    >>> round(measured.lift, 3), round(measured.low, 3), round(measured.high, 3), arm
    (0.2, 0.069, 0.347, 'B')
    """
    control = Proportion(arms[0].units, arms[0].conversions)
    samples = [Proportion(arm.units, arm.conversions) for arm in arms[1:]]
    if len(samples) == 1:
        row = _measured(control, samples[0], CONFIDENCE, metric, is_increase_good)
        return (row, arms[1].name) if row.has_lift else (None, "")
    levels = adjusted_levels([compare(control, sample).p_value for sample in samples])
    rows: list[tuple[bool, float, str, Measured]] = []
    for arm, sample, level, is_clear in zip(
        arms[1:], samples, levels.confidence.tolist(), levels.is_rejected.tolist(), strict=True
    ):
        confidence = CONFIDENCE if math.isnan(level) else level
        row = _measured(control, sample, confidence, metric, is_increase_good)
        if row.has_lift and row.lift is not None:
            rows.append((is_clear, row.lift if is_increase_good else -row.lift, arm.name, row))
    if not rows:
        return None, ""
    clear = [row for row in rows if row[0]]
    better = [row for row in clear if row[1] > 0]
    chosen = max(better, key=_gain) if better else min(clear, key=_gain) if clear else rows[0]
    return chosen[3], chosen[2]


def _measured(
    control: Proportion, sample: Proportion, confidence: float, metric: str, is_increase_good: bool
) -> Measured:
    effect = compare(control, sample, confidence=confidence)
    return Measured(
        metric, is_increase_good, effect.lift, effect.lift_low, effect.lift_high, confidence
    )


def _gain(row: tuple[bool, float, str, Measured]) -> float:
    return row[1]


def outcome_of(measured: Measured) -> str:
    """How an experiment ended by its interval alone: "won", "lost" or "flat"."""
    direction = clear_direction(measured.low, measured.high, measured.is_increase_good, None)
    return (
        {Direction.BETTER: "won", Direction.WORSE: "lost"}.get(direction, "flat")
        if direction
        else "flat"
    )


def ends_in(text: str) -> tuple[str, str] | None:
    """The two ends of an interval in one cell, as text; None where there are not two.

    >>> ends_in("[1,2 %; 9 %]"), ends_in("from 1% to 9%"), ends_in("-2 – 4 %"), ends_in("5%")
    (('1,2 %', '9 %'), ('1%', '9%'), ('-2 %', '4 %'), None)
    >>> ends_in("-4% - -2%"), ends_in("[0.5,3.2]"), ends_in("[0.5%,3%]"), ends_in("0,5")
    (('-4%', '-2%'), ('0.5', '3.2'), ('0.5%', '3%'), None)
    """
    inner = _BEFORE.sub("", _inner(text), count=1)
    parts = _BETWEEN.split(inner)
    if len(parts) != 2:
        parts = _HYPHEN.split(inner)
    if len(parts) != 2:
        parts = _split_at_comma(inner)
    return _with_one_sign(parts)


def middle_and_margin_in(text: str) -> tuple[str, str] | None:
    """The middle of an interval and how far it reaches to both sides, as text.

    >>> middle_and_margin_in("5 ± 2 %"), middle_and_margin_in("5.1 +/- 2"), middle_and_margin_in("±2")
    (('5 %', '2 %'), ('5.1', '2'), None)
    """
    parts = _MARGIN.split(_inner(text))
    return _with_one_sign(parts) if parts[0] else None


def _inner(text: str) -> str:
    return text.strip()[:60].strip(_OPENERS).strip()


def _split_at_comma(text: str) -> list[str]:
    """A bare comma parts two numbers only where neither of them can be half of one.

    >>> _split_at_comma("0.5,3.2"), _split_at_comma("1.234,5 %"), _split_at_comma("1,234,567")
    (['0.5', '3.2'], ['1.234,5 %'], ['1,234,567'])
    """
    parts = text.split(",")
    if len(parts) != 2:
        return [text]
    low, high = (part.strip() for part in parts)
    is_sure = _POINTED.fullmatch(low) and _POINTED.fullmatch(high)
    return [low, high] if is_sure else [text]


def _with_one_sign(parts: list[str]) -> tuple[str, str] | None:
    """A % sign behind the second number is that of both."""
    if len(parts) != 2:
        return None
    low, high = (part.strip() for part in parts)
    if high.endswith("%") and not low.endswith("%"):
        low = f"{low} %"
    return low, high

"""The one lift that an experiment gives to the evidence, read from its deciding analysis. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from experiments.learning.evidence import TrialOutcome
from experiments.learning.grading import Direction, clear_direction
from experiments.stats.tails import CONFIDENCE

OUTCOMES: Final = {"won": TrialOutcome.WON, "lost": TrialOutcome.LOST}
"""What a decision’s outcome is called here; any other is inconclusive."""


class Measured(NamedTuple):
    """The lift of the primary metric with its interval; None where there is none."""

    metric: str
    is_increase_good: bool = True
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = CONFIDENCE

    @property
    def has_lift(self) -> bool:
        return self.lift is not None and (self.low, self.high) != (None, None)


def measured_in(result: Mapping[str, Any]) -> Measured | None:
    """The lift of the arm that the verdict is about, or of the first arm.

    Args:
        result: of an analysis by any engine.

    Returns:
        None if it has no primary metric.

    Raises:
        Nothing.

    Source: none.

    >>> row = {"variant": "B", "lift": 0.1, "lift_low": 0.02, "lift_high": 0.2, "level": 0.95}
    >>> metric = {"name": "Opened", "role": "primary", "direction": "increase", "comparisons": [row]}
    >>> measured_in({"metrics": [metric], "verdict": {"variant": "B"}})
    Measured(metric='Opened', is_increase_good=True, lift=0.1, low=0.02, high=0.2, confidence=0.95)
    """
    metric = next((one for one in result["metrics"] if one["role"] == "primary"), None)
    if metric is None:
        return None
    name, is_good = metric["name"], metric.get("direction") != "decrease"
    rows = metric["comparisons"]
    arm = result["verdict"].get("variant")
    row = next((row for row in rows if row["variant"] == arm), rows[0] if rows else None)
    if row is None:
        return Measured(name, is_good)
    lift, low, high = (_finite(row.get(part)) for part in ("lift", "lift_low", "lift_high"))
    return Measured(name, is_good, lift, low, high, _finite(row.get("level")) or CONFIDENCE)


def trial_outcome(outcome: str, measured: Measured | None) -> TrialOutcome:
    """How a decided experiment ended, for the evidence.

    Args:
        outcome: of its decision.
        measured: its lift, if it has one.

    Returns:
        `HARMED` if it lost although its primary metric did not get worse: a guardrail stopped it.

    Raises:
        Nothing.

    Source: none.

    >>> str(trial_outcome("lost", Measured("Opened", True, 0.1, 0.02, 0.2)))
    'harmed'
    >>> str(trial_outcome("flat", None))
    'inconclusive'
    """
    ended = OUTCOMES.get(outcome, TrialOutcome.INCONCLUSIVE)
    if ended == TrialOutcome.LOST and measured and measured.has_lift:
        ends = measured.low, measured.high
        if clear_direction(*ends, measured.is_increase_good, None) != Direction.WORSE:
            return TrialOutcome.HARMED
    return ended


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None

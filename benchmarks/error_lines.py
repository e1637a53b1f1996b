"""A line of `error_rates.py`: how often something happened, and how often it was promised to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Line:
    """`low` and `high`: the promised limits of the rate; None if there is no promise."""

    name: str
    rate: float
    runs: int
    low: float | None = None
    high: float | None = None

    @property
    def error(self) -> float:
        return 2 * float(np.sqrt(max(self.rate * (1 - self.rate), 1e-9) / self.runs))

    @property
    def is_kept(self) -> bool:
        low = -1.0 if self.low is None else self.low
        high = 2.0 if self.high is None else self.high
        return low - self.error <= self.rate <= high + self.error


def alarms(effect: Any) -> np.ndarray:
    return np.nan_to_num(effect.p_value, nan=1.0) <= 0.05


def covers(effect: Any, truth: float) -> np.ndarray:
    known = np.isfinite(effect.low)
    return ((effect.low <= truth) & (truth <= effect.high))[known]


def about(name: str, hits: np.ndarray, target: float, slack: float = 0.005) -> Line:
    return Line(name, float(hits.mean()), hits.size, target - slack, target + slack)


def at_most(name: str, hits: np.ndarray, limit: float = 0.05) -> Line:
    return Line(name, float(hits.mean()), hits.size, None, limit)


def for_the_record(name: str, hits: np.ndarray) -> Line:
    return Line(name, float(hits.mean()), hits.size)

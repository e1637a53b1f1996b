"""The samples that count, where data holds more than one reading of itself, and the other readings. Pure.

What counts is what was planned or is sharper: capped where the plan fixes a cap, with what was known
before (CUPED), within strata. What the same data says without that is always told beside it.
"""

from typing import Any, NamedTuple

from experiments.engine.batching import Request
from experiments.engine.days import Samples, sample_of
from experiments.stats import CovariateMean, Effect, Sample, Without

_SHOWN = ("difference", "low", "high", "lift", "lift_low", "lift_high", "p_value", "method")


class Evidence(NamedTuple):
    """Samples by metric and variant; `plain` as they were given; `strata` by metric and stratum."""

    samples: Samples
    plain: Samples
    strata: dict[str, Samples]

    def pairs(self, metric: str, control: str, variant: str) -> list[tuple[Sample, Sample]]:
        """Control and treatment in each stratum that has both."""
        return [
            (arms[control], arms[variant])
            for arms in self.strata.get(metric, {}).values()
            if control in arms and variant in arms
        ]


def evidence_in(observations: list[dict[str, Any]]) -> Evidence:
    """What the rows of an analysis' inputs hold, days apart.

    >>> rows = [{"metric": "Paid", "variant": "A", "n": 10, "successes": 1}]
    >>> evidence_in(rows).samples
    {'Paid': {'A': Proportion(n=10, successes=1)}}
    """
    plain: Samples = {}
    capped: Samples = {}
    strata: dict[str, Samples] = {}
    for row in observations:
        metric, variant = row["metric"], row["variant"]
        if row.get("day"):
            continue
        if row.get("stratum"):
            by_arm = strata.setdefault(metric, {}).setdefault(row["stratum"], {})
        else:
            by_arm = (capped if row.get("is_capped") else plain).setdefault(metric, {})
        by_arm[variant] = sample_of(row)
    kept = {metric: by_stratum for metric, by_stratum in strata.items() if metric not in capped}
    return Evidence(plain | capped, plain, kept)


class Other(NamedTuple):
    """The same comparison in another reading of the data."""

    variant: str
    without: tuple[Without, ...]
    request: Request

    def row(self, effect: Effect) -> dict[str, Any]:
        shown = {name: getattr(effect, name) for name in _SHOWN}
        return {"variant": self.variant, "without": list(self.without), **shown}


def other_readings(
    evidence: Evidence, metric: str, control: str, variants: list[str], confidence: float
) -> list[Other]:
    """The same comparisons without cap, stratum and covariate, where one of them was used."""
    given = evidence.plain.get(metric, {})
    if control not in given:
        return []
    without = tuple(
        part
        for part, is_so in (
            (Without.CAP, evidence.samples[metric] != given),
            (Without.STRATA, metric in evidence.strata),
            (Without.COVARIATE, isinstance(given[control], CovariateMean)),
        )
        if is_so
    )
    if not without:
        return []
    plain = {arm: getattr(sample, "plain", sample) for arm, sample in given.items()}
    return [
        Other(arm, without, Request(plain[control], plain[arm], confidence))
        for arm in variants
        if arm in plain
    ]

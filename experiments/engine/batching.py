"""Comparisons that are asked for first and made many at a time, each as if it were alone. Pure.

What is computed for a pair depends on its own numbers only, so that an answer has the same bits
whatever else was asked along with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from experiments.stats import (
    Effect,
    Effects,
    chance_to_win,
    compare,
    compare_many,
    confidence_sequence,
    poststratify,
    superseded,
)
from experiments.stats.samples import Sample
from experiments.stats.tails import Alternative


class Request(NamedTuple):
    """One comparison: within strata where there are any, by a confidence sequence where the number
    of units is given that it is tuned to, else at a fixed horizon."""

    control: Sample
    treatment: Sample
    confidence: float
    alternative: Alternative = "two-sided"
    margin: float = 0.0
    planned_n: float | None = None
    strata: tuple[tuple[Sample, Sample], ...] = ()

    @property
    def options(self) -> dict[str, Any]:
        return {
            "confidence": self.confidence,
            "alternative": self.alternative,
            "margin": self.margin,
        }


class Arithmetic(NamedTuple):
    """The methods that have changed from one engine to another."""

    sequence: Callable[..., Any]
    poststratify: Callable[..., Effect]


TODAY = Arithmetic(confidence_sequence, poststratify)
BEFORE = Arithmetic(superseded.confidence_sequence, superseded.poststratify)  # engines 1 to 4


def effects_of(requests: Sequence[Request], arithmetic: Arithmetic = TODAY) -> list[Effect]:
    """The effects, in the order of the requests.

    >>> from experiments.stats import Proportion
    >>> pair = Proportion(5000, 500), Proportion(5000, 600)
    >>> once, any_time = effects_of([Request(*pair, 0.95), Request(*pair, 0.95, planned_n=10_000)])
    >>> once.method, any_time.method
    ('pooled-z', 'confidence-sequence')
    """
    alike: dict[Any, list[int]] = {}
    effects: dict[int, Effect] = {}
    for place, one in enumerate(requests):
        if one.strata:
            effects[place] = arithmetic.poststratify(one.strata, **one.options)
        else:
            kinds = type(one.control), type(one.treatment), one.planned_n is None
            alike.setdefault((kinds, *one.options.values()), []).append(place)
    for places in alike.values():
        batch = _compared([requests[place] for place in places], arithmetic)
        effects.update(zip(places, batch, strict=True))
    return [effects[place] for place in range(len(requests))]


def chances_of(pairs: Sequence[tuple[Sample, Sample]]) -> list[float | None]:
    """For each control and treatment the chance that the treatment’s value is the higher one, without
    a prior; None where it can’t be had.

    >>> from experiments.stats import Proportion
    >>> [round(chance, 5) for chance in chances_of([(Proportion(1000, 100), Proportion(1000, 120))])]
    [0.92318]
    """
    alike: dict[Any, list[int]] = {}
    for place, (control, treatment) in enumerate(pairs):
        alike.setdefault((type(control), type(treatment)), []).append(place)
    chances: dict[int, float | None] = {}
    for places in alike.values():
        arms = (_stacked([pairs[place][arm] for place in places]) for arm in (0, 1))
        wins = np.asarray(chance_to_win(*arms), dtype=float)
        chances |= {
            place: float(chance) if np.isfinite(chance) else None
            for place, chance in zip(places, wins, strict=True)
        }
    return [chances[place] for place in range(len(pairs))]


def effects_one_by_one(
    requests: Sequence[Request], arithmetic: Arithmetic = BEFORE
) -> list[Effect]:
    """The same, as the engines before the third made them: alone, which may differ in a last bit."""
    return [
        effects_of([one], arithmetic)[0]
        if one.strata
        else compare(one.control, one.treatment, **one.options)
        if one.planned_n is None
        else arithmetic.sequence(one.control, one.treatment, planned_n=one.planned_n, **one.options)
        for one in requests
    ]


def _compared(requests: list[Request], arithmetic: Arithmetic) -> list[Effect]:
    """Requests that differ in their samples and in what a sequence is tuned to."""
    control = _stacked([one.control for one in requests])
    treatment = _stacked([one.treatment for one in requests])
    options = requests[0].options
    if requests[0].planned_n is None:
        return compare_many(control, treatment, **options).apart()
    planned_n = np.array([one.planned_n for one in requests], dtype=float)
    batch: Effects = arithmetic.sequence(control, treatment, planned_n=planned_n, **options)
    return batch.apart()


def _stacked(samples: Sequence[Sample]) -> Sample:
    """One sample whose fields are arrays."""
    names = [field.name for field in fields(samples[0])]
    return type(samples[0])(
        *(np.array([getattr(sample, name) for sample in samples], dtype=float) for name in names)
    )

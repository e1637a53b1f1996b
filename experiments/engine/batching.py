"""Comparisons that are asked for first and made many at a time, each as if it were alone. Pure.

What is computed for a pair depends on its own numbers only, so that an answer has the same bits
whatever else was asked along with it.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from experiments.stats import Effect, compare, compare_many, confidence_sequence, poststratify
from experiments.stats.tails import Alternative


class Asked(NamedTuple):
    """One comparison: within strata where there are any, by a confidence sequence where the number
    of units is given that it is tuned to, else at a fixed horizon."""

    control: Any
    treatment: Any
    confidence: float
    alternative: Alternative = "two-sided"
    margin: float = 0.0
    planned_n: float | None = None
    strata: tuple[tuple[Any, Any], ...] = ()

    @property
    def options(self) -> dict[str, Any]:
        return {
            "confidence": self.confidence,
            "alternative": self.alternative,
            "margin": self.margin,
        }


def answers_to(asked: Sequence[Asked]) -> list[Effect]:
    """The effects, in the order of the questions.

    >>> from experiments.stats import Proportion
    >>> pair = Proportion(5000, 500), Proportion(5000, 600)
    >>> once, any_time = answers_to([Asked(*pair, 0.95), Asked(*pair, 0.95, planned_n=10_000)])
    >>> once.method, any_time.method
    ('pooled-z', 'confidence-sequence')
    """
    alike: dict[Any, list[int]] = {}
    found: dict[int, Effect] = {}
    for place, one in enumerate(asked):
        if one.strata:
            found[place] = poststratify(one.strata, **one.options)
        else:
            kinds = type(one.control), type(one.treatment), one.planned_n is None
            alike.setdefault((kinds, *one.options.values()), []).append(place)
    for places in alike.values():
        effects = _compared([asked[place] for place in places])
        found.update(zip(places, effects, strict=True))
    return [found[place] for place in range(len(asked))]


def answers_one_by_one(asked: Sequence[Asked]) -> list[Effect]:
    """The same, as the engines before the third made them: alone, which may differ in a last bit."""
    return [
        answers_to([one])[0]
        if one.strata
        else compare(one.control, one.treatment, **one.options)
        if one.planned_n is None
        else confidence_sequence(one.control, one.treatment, planned_n=one.planned_n, **one.options)
        for one in asked
    ]


def _compared(asked: list[Asked]) -> list[Effect]:
    """Questions that differ in their samples and in what a sequence is tuned to."""
    control = _stacked([one.control for one in asked])
    treatment = _stacked([one.treatment for one in asked])
    options = asked[0].options
    if asked[0].planned_n is None:
        return compare_many(control, treatment, **options).apart()
    planned_n = np.array([one.planned_n for one in asked], dtype=float)
    return confidence_sequence(control, treatment, planned_n=planned_n, **options).apart()


def _stacked(samples: list[Any]) -> Any:
    """One sample whose fields are arrays."""
    names = [field.name for field in fields(samples[0])]
    return type(samples[0])(
        *(np.array([getattr(sample, name) for sample in samples], dtype=float) for name in names)
    )

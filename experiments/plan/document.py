"""A plan as a document: frozen, and the one way from its JSON and back.

A seal is the fingerprint of the JSON as it was written, so what is stored is never rewritten.
Plans of every age are read: what an older one lacks has the default that it was read by then.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter


@dataclass(frozen=True, kw_only=True)
class Arm:
    """`weight`: its share relative to the other arms'; `differs`: codes of what is changed in it."""

    name: str
    description: str = ""
    differs: tuple[str, ...] = ()
    weight: float = 1.0
    is_control: bool = False


@dataclass(frozen=True, kw_only=True)
class PlannedMetric:
    """A metric with its part in a plan, as the catalogue described it then.

    `baseline`, `baseline_sd` and `margin` are in the metric's own unit (shares from 0 to 1),
    `smallest_effect` is a lift: 0.1 for 10 %. Of a lifetime value `window_days` is the horizon, and
    `discount_rate` is yearly.
    """

    name: str
    kind: str = "proportion"
    direction: str = "increase"
    unit: str = ""
    did: str = ""
    definition: str = ""
    numerator: str = ""
    denominator: str = ""
    window_days: int | None = None
    cap_percentile: float | None = None
    is_lifetime_value: bool = False
    discount_rate: float | None = None
    role: str = "secondary"
    baseline: float | None = None
    baseline_sd: float | None = None
    smallest_effect: float | None = None
    margin: float | None = None

    @property
    def is_increase_good(self) -> bool:
        return self.direction == "increase"

    @property
    def smallest_difference(self) -> float | None:
        """The smallest effect in the metric's own unit; None where one of its parts is missing."""
        if self.smallest_effect is None or self.baseline is None:
            return None
        return abs(self.smallest_effect * self.baseline)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who must not receive it, or who else has to hold; `cost`: how many people it takes off."""

    text: str
    kind: str = "exclude"
    reason: str = ""
    cost: int | None = None


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """How the data are read. `confidence` and `power` lie between 0 and 1."""

    method: str = "fixed-horizon"
    confidence: float = 0.95
    power: float = 0.8
    alternative: str = "two-sided"
    primary: str = "holm"
    secondary: str = "benjamini-hochberg"
    guardrails: str = "watched"
    looks: int | None = None
    spending: str | None = None

    @property
    def alpha(self) -> float:
        """The error that the plan allows its primary metrics."""
        return self.alpha_of("primary")

    def confidence_of(self, role: str) -> float:
        """The confidence for metrics of this role, 0 to 1: intervals, words and verdicts go by it."""
        return self.confidence

    def alpha_of(self, role: str) -> float:
        """The error that it allows, without what binary fractions add to it."""
        return round(1 - self.confidence_of(role), 12)


@dataclass(frozen=True, kw_only=True)
class Holdout:
    salt: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """How units get their arms (docs/assignment.md)."""

    method: str = ""
    salt: str = ""
    namespace: str | None = None
    ranges: tuple[tuple[int, ...], ...] = ()
    holdout: Holdout | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a launch seals. `ends_on` is the day after the last one; `value_per_unit` is what one more
    of the primary metric is worth, in `currency`; `began_before` is how many days before its launch the
    first day was."""

    experiment: str = ""
    title: str = ""
    hypothesis: str = ""
    objective: str | None = None
    arms: tuple[Arm, ...] = ()
    metrics: tuple[PlannedMetric, ...] = ()
    audience: str = ""
    segment: str | None = None
    audience_size: int | None = None
    channel: str = ""
    frequency_cap: str = ""
    default_variant: str = ""
    excluded: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    units_per_week: int | None = None
    value_per_unit: float | None = None
    currency: str = ""
    people: dict[str, str | None] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    risks: dict[str, Any] = field(default_factory=dict)
    starts_on: dt.date | None = None
    began_before: int = 0
    ends_on: dt.date | None = None
    planned_units_per_arm: int | None = None
    planned_units: int | None = None
    assignment: Assignment | None = None
    statistics: Statistics = Statistics()
    decision_rule: str = ""
    decision_table: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read a plan of any age. Raises KeyError, TypeError, ValueError if it is not a plan.

        >>> Plan.from_json({"variants": [{"name": "A", "is_control": True}]}).control
        'A'
        """
        return _CONVERTER.structure(value, cls)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `Plan.from_json` makes an equal plan of them."""
        return dict(_CONVERTER.unstructure(self))

    @property
    def units(self) -> int:
        """Planned over all arms; plans of before arms could differ in size hold it for one arm.

        >>> Plan(planned_units=300, planned_units_per_arm=100).units
        300
        >>> Plan(planned_units_per_arm=100, arms=(Arm(name="A"), Arm(name="B"))).units
        200
        """
        return self.planned_units or (self.planned_units_per_arm or 0) * len(self.arms)

    @property
    def control(self) -> str:
        """The name of the control arm. Raises ValueError where a plan has none."""
        names = [arm.name for arm in self.arms if arm.is_control]
        if not names:
            raise ValueError("This plan has no control arm.")
        return names[0]

    @property
    def treatments(self) -> list[str]:
        return [arm.name for arm in self.arms if not arm.is_control]

    @property
    def primary(self) -> PlannedMetric | None:
        return next((metric for metric in self.metrics if metric.role == "primary"), None)

    @property
    def tolerated_loss(self) -> float:
        """The share of units that, all lost from one arm, could not move the primary metric by a tenth
        of its smallest effect; 0 where the plan does not say enough.

        A share s that is lost moves a proportion p by at most s·max(p, 1 − p), and any mean by at most
        sd·√(s/(1 − s)) (Cauchy–Schwarz).

        >>> paid = PlannedMetric(name="Paid", role="primary", baseline=0.02, smallest_effect=0.1)
        >>> round(Plan(metrics=(paid,)).tolerated_loss, 6)
        0.000204
        """
        metric = self.primary
        moved = metric.smallest_difference if metric else None
        if metric is None or metric.baseline is None or not moved:
            return 0.0
        share, least = metric.baseline, moved / 10
        is_share = metric.kind == "proportion" and 0 < share < 1
        sd = math.sqrt(share * (1 - share)) if is_share else metric.baseline_sd
        by_spread = least**2 / (least**2 + sd**2) if sd else 0.0
        return max(by_spread, least / max(share, 1 - share) if is_share else 0.0)

    def waiting_on(self, day: dt.date) -> list[tuple[PlannedMetric, dt.date]]:
        """The metrics that decide whose window is still open for the last units on this day, with the
        day on which it is over: the outcomes of a 30-day metric are complete 30 days after the last
        entry.

        >>> late = PlannedMetric(name="Paid", role="primary", window_days=30)
        >>> plan = Plan(metrics=(late,), ends_on=dt.date(2026, 11, 30))
        >>> [str(opens_on) for _, opens_on in plan.waiting_on(dt.date(2026, 12, 29))]
        ['2026-12-30']
        >>> plan.waiting_on(dt.date(2026, 12, 30))
        []
        """
        if self.ends_on is None:
            return []
        over = [
            (metric, self.ends_on + dt.timedelta(days=metric.window_days or 0))
            for metric in self.metrics
            if metric.role in ("primary", "guardrail") and metric.window_days
        ]
        return [(metric, opens_on) for metric, opens_on in over if day < opens_on]

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


def _text(value: Any, _: type) -> str:
    return "" if value is None else str(value)


def _whole(value: Any, _: type) -> int:
    if int(value) != value:
        raise ValueError(f"{value!r} is not a whole number.")
    return int(value)


_CONVERTER = make_converter(detailed_validation=False)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(int, _whole)
_LEFT_OUT = override(omit_if_default=True)
_CONVERTER.register_unstructure_hook(
    Statistics,
    make_dict_unstructure_fn(Statistics, _CONVERTER, looks=_LEFT_OUT, spending=_LEFT_OUT),
)
# Plans that were sealed before there were lifetime values stay as they are.
_CONVERTER.register_unstructure_hook(
    PlannedMetric,
    make_dict_unstructure_fn(
        PlannedMetric, _CONVERTER, is_lifetime_value=_LEFT_OUT, discount_rate=_LEFT_OUT
    ),
)
# In the JSON the arms have been "variants" from the first seal on.
_ARMS = override(rename="variants")
_CONVERTER.register_structure_hook(Plan, make_dict_structure_fn(Plan, _CONVERTER, arms=_ARMS))
_CONVERTER.register_unstructure_hook(
    Plan,
    make_dict_unstructure_fn(
        Plan, _CONVERTER, arms=_ARMS, value_per_unit=_LEFT_OUT, currency=_LEFT_OUT,
        began_before=_LEFT_OUT,
    ),
)  # fmt: skip

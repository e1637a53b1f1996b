"""The calculator beside a plan: units, weeks, the curve, and one plain sentence."""

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from backlog.templatetags.figures import number, percent, signed_percent
from experiments.forms.plan import PlanForms
from experiments.models import Experiment
from experiments.plan.document import Statistics
from experiments.plan.sizing import Sizing, decimals_of, monitoring_of, size_of, unequal
from experiments.stats import Design, PlannedLooks, detectable_at_looks
from experiments.views.wording import number_text

STANDARD = Statistics()
"""What is planned for where no plan says it yet."""
NOTHING_YET = (
    "Enter the baseline of the primary metric and the smallest effect that matters. "
    "Floe then shows how many units it takes."
)


class SizingInput(NamedTuple):
    """What the size depends on, from a form that may be half filled or from a saved plan."""

    kind: str
    baseline: float | None
    baseline_sd: float | None
    smallest_effect: float | None
    arms: int
    weights: tuple[float, ...] | None  # the control first; None where all arms are of one size
    units_per_week: int | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    reading: str = "fixed-horizon"
    looks: int | None = None
    correlation: float = 0.0
    confidence: float = STANDARD.confidence
    power: float = STANDARD.power
    audience_size: int | None = None

    @property
    def weeks_planned(self) -> int | None:
        """Whole weeks between the two dates, where both are known."""
        if not self.starts_on or not self.ends_on:
            return None
        return (self.ends_on - self.starts_on).days // 7


def sizing_of_form(plan: PlanForms) -> SizingInput:
    """From whatever can be read already of a form that was posted."""
    plan.is_valid()
    primary: dict[str, Any] = next(
        (row for row in plan.metrics.rows() if row.get("role") == "primary"), {}
    )
    values: dict[str, Any] = getattr(plan.form, "cleaned_data", {})
    arms = plan.arms.rows()
    all_weighed = all((row.get("weight") or 0) > 0 for row in arms)
    return SizingInput(
        primary.get("kind", ""), primary.get("baseline"), primary.get("baseline_sd"),
        primary.get("smallest_effect"), max(2, len(arms)),
        unequal([row.get("weight") or 0 for row in arms]) if all_weighed else None,
        values.get("units_per_week"),
        values.get("starts_on"), values.get("ends_on"),
        values.get("reading") or "fixed-horizon", values.get("looks"),
        audience_size=values.get("audience_size"),
        confidence=values.get("confidence") or STANDARD.confidence,
    )  # fmt: skip


def sizing_of_plan(experiment: Experiment) -> SizingInput:
    row = experiment.primary
    return SizingInput(
        row.metric.kind if row else "", row.baseline if row else None,
        row.baseline_sd if row else None, row.smallest_effect if row else None,
        max(2, len(experiment.arms)), unequal([arm.weight for arm in experiment.arms]),
        experiment.units_per_week, experiment.starts_on,
        experiment.ends_on, experiment.reading, experiment.looks,
        confidence=experiment.confidence, power=experiment.power,
        audience_size=experiment.audience_size,
    )  # fmt: skip


def calculator(question: SizingInput) -> dict[str, Any]:
    """What the part shows: `sentence` always, the figures and the curve where a size exists."""
    sizing = _sizing(question)
    if sizing is None or question.baseline is None or not question.smallest_effect:
        return {"sentence": _why_not(question), "power": f"power {_short(question.power)}"}
    smallest = abs(question.smallest_effect)
    chosen = question.weeks_planned or sizing.weeks
    lifts = {point.weeks: point.lift for point in sizing.curve}
    at_chosen = lifts.get(chosen or 0)
    return {
        "sizing": sizing,
        "power": f"power {_short(question.power)}",
        "often": often(question.power),
        "smallest": _short(smallest),
        "from_to": _from_to(question),
        "points": [(point.weeks, point.lift * 100) for point in sizing.curve],
        "rows": [(point.weeks, percent(point.lift)) for point in sizing.curve],
        "limit": smallest * 100,
        "limit_label": f"{_short(smallest)} matters",
        "chosen": chosen,
        "chosen_label": f"{_weeks(chosen)}: {percent(at_chosen)}" if chosen and at_chosen else "",
        "label": "Smallest lift that could be detected, by weeks: "
        + ", ".join(f"{weeks} {percent(lift)}" for weeks, lift in lifts.items()),
        "sentence": _sentence(question, sizing, at_chosen),
        "looks": list(_looks(question, sizing)),
        "too_many": _too_many(question, sizing),
        "shorter": _shorter(question, sizing, lifts),
        "savings": list(_savings(question, sizing)),
        "is_short": bool(question.weeks_planned is not None and sizing.weeks
                         and question.weeks_planned < sizing.weeks),
    }  # fmt: skip


def _sizing(question: SizingInput) -> Sizing | None:
    if not question.kind or question.baseline is None or not question.smallest_effect:
        return None
    try:
        return size_of(
            kind=question.kind,
            baseline=question.baseline,
            baseline_sd=question.baseline_sd,
            smallest_effect=question.smallest_effect,
            units_per_week=question.units_per_week,
            design=Design(
                arms=question.arms,
                weights=question.weights,
                correlation=question.correlation,
                power=question.power,
                alpha=round(1 - question.confidence, 12),
                monitoring=monitoring_of(question.reading, question.looks),
            ),
        )
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


# What a figure from before the test is often worth, where nobody knows it yet.
USUAL_CORRELATION = 0.5


def _shorter(question: SizingInput, sizing: Sizing, lifts: dict[int, float]) -> str:
    """What fewer weeks would still find; empty if dates are chosen or it can’t be shorter."""
    if question.weeks_planned is not None or not sizing.weeks or sizing.weeks < 2:
        return ""
    fewer = max(1, round(sizing.weeks * 0.6))
    lift = lifts.get(fewer)
    if lift is None or fewer >= sizing.weeks:
        return ""
    return f"In {_weeks(fewer)} you would see only effects above {percent(lift)}."


def _looks(question: SizingInput, sizing: Sizing) -> Iterator[str]:
    """What each planned look would find by itself."""
    monitoring = monitoring_of(question.reading, question.looks)
    if not isinstance(monitoring, PlannedLooks) or question.baseline is None:
        return
    is_share = question.kind == "proportion"
    try:
        shown = detectable_at_looks(
            question.baseline, units_per_arm=sizing.units_per_arm, monitoring=monitoring,
            variance=None if is_share or not question.baseline_sd else question.baseline_sd**2,
            weights=question.weights, power=question.power,
            alpha=round(1 - question.confidence, 12), arms=question.arms,
        )  # fmt: skip
    except (ValueError, OverflowError):
        return
    for place, (fraction, lift) in enumerate(shown, start=1):
        at = f"Look {place}, at {number(math.ceil(sizing.units * fraction))} units"
        yield f"{at}: finds lifts from {percent(abs(lift))}." if lift else f"{at}: finds none."


def _too_many(question: SizingInput, sizing: Sizing) -> str:
    """That the audience has fewer people than the plan needs; empty where it has enough."""
    size = question.audience_size
    if not size or sizing.units <= size:
        return ""
    return (
        f"It takes {number(sizing.units)} units, and the audience has {number(size)}. Look for a larger "
        "effect, widen the audience, or use fewer arms."
    )


def _savings(question: SizingInput, sizing: Sizing) -> Iterator[str]:
    """What would make it smaller: figures from before the test, fewer arms."""
    if not question.correlation:
        known = _sizing(question._replace(correlation=USUAL_CORRELATION))
        if known and known.units < sizing.units:
            yield (
                f"Use a figure of each unit from before the experiment (CUPED, correlation "
                f"{USUAL_CORRELATION:g}): {_instead(known, sizing)}"
            )
    if question.arms > 2:
        two = _sizing(question._replace(arms=2, weights=None))
        if two and two.units < sizing.units:
            yield f"Two arms instead of {question.arms}: {_instead(two, sizing)}"


def _instead(less: Sizing, more: Sizing) -> str:
    weeks = f", {_weeks(less.weeks)} instead of {number(more.weeks)}" \
        if less.weeks and more.weeks and less.weeks < more.weeks else ""  # fmt: skip
    return f"{number(less.units)} units in all instead of {number(more.units)}{weeks}."


def _why_not(question: SizingInput) -> str:
    if question.baseline is None or not question.smallest_effect:
        return NOTHING_YET
    if question.baseline == 0:
        return "A lift from 0 can’t be computed. Choose a metric that is above 0 today."
    if question.kind == "proportion":
        return (
            f"A lift of {signed_percent(question.smallest_effect)} on {percent(question.baseline)} goes "
            "beyond 0 to 100 %. Enter a smaller one."
        )
    if not question.baseline_sd:
        return "Enter the standard deviation of the primary metric. The sample size depends on it."
    return "No sample size fits these figures. Check them."


def _from_to(question: SizingInput) -> str:
    before, lift = question.baseline or 0.0, question.smallest_effect or 0.0
    after = before * (1 + lift)
    if question.kind == "proportion":
        places = decimals_of((after - before) * 100)
        return f"from {percent(before, places)} to {percent(after, places)}"
    return f"from {number_text(before)} to {number_text(after)}"


def _short(share: float | None) -> str:
    """Per cent as people type it: 25 %, 2.5 %."""
    return f"{abs(share or 0.0) * 100:.3g}\N{NO-BREAK SPACE}%"


def often(power: float) -> str:
    """A power as a natural frequency.

    >>> often(0.8), often(0.9), often(0.875)
    ('4 times in 5', '9 times in 10', '875 times in 1000')
    """
    base = next((n for n in (5, 10, 20, 100) if math.isclose(power * n, round(power * n))), 1000)
    return f"{power * base:.0f} times in {base}"


def _weeks(count: int) -> str:
    return f"{number(count)} week{'' if count == 1 else 's'}"


def _sentence(question: SizingInput, sizing: Sizing, at_chosen: float | None) -> str:
    """Enough or not, and what that means, for somebody who knows no statistics."""
    smallest = _short(question.smallest_effect)
    if sizing.weeks is None:
        return (
            f"With {number(sizing.units)} units over all arms, a lift of {smallest} would be found "
            f"{often(question.power)}. Enter the units a week to see how long that takes."
        )
    planned = question.weeks_planned
    if planned is None:
        return f"In {_weeks(sizing.weeks)}, a lift of {smallest} is found {often(question.power)}."
    if planned >= sizing.weeks:
        finds = (
            f" A lift of {percent(at_chosen)} is then found {often(question.power)}."
            if at_chosen
            else ""
        )
        return f"Long enough: you planned {_weeks(planned)}, and {number(sizing.weeks)} would do.{finds}"
    if planned < 1:
        return f"Too short: you planned less than a week, and it takes {_weeks(sizing.weeks)}."
    sees = f" It would only find lifts from {percent(at_chosen)} up." if at_chosen else ""
    return (
        f"Too short: you planned {_weeks(planned)}, and a lift of {smallest} takes "
        f"{number(sizing.weeks)}.{sees}"
    )

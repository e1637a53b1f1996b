"""At a planned look that decided nothing: how likely the end still would, in words."""

from typing import Any

from experiments.flows.veil import Seen
from experiments.plan.document import Plan
from experiments.stats import conditional_power, spending_bounds
from experiments.stats.tails import normal_quantile

FUTILE = 0.2  # under which going on is said to be of little use


def outlook_of(seen: Seen) -> str:
    """One sentence; empty where no look is open, or it has decided."""
    result = seen.in_codes
    look = (result.get("reading") or {}).get("look")
    if (
        not seen.inputs
        or not look
        or look["is_final"]
        or result["verdict"]["outcome"] != "keep-running"
    ):
        return ""
    row = next((row for metric in result["metrics"] if metric["role"] == "primary"
                for row in metric["comparisons"] if row["statistic"] is not None), None)  # fmt: skip
    fraction = look["fractions"][-1]
    if row is None or not 0 < fraction < 1:
        return ""
    return _sentence(Plan.from_json(seen.inputs["plan"]), row, look["fractions"], result["metrics"])


def _sentence(
    plan: Plan, row: dict[str, Any], fractions: list[float], metrics: list[dict[str, Any]]
) -> str:
    statistics = plan.statistics
    bound = float(spending_bounds([*fractions, 1.0], alpha=statistics.alpha)[-1])
    direction = next(m["direction"] for m in metrics if m["role"] == "primary")
    z = row["statistic"] if direction == "increase" else -row["statistic"]
    planned = normal_quantile(statistics.confidence_of("primary")) + normal_quantile(
        2 * statistics.power - 1
    )
    hoped = conditional_power(z, fractions[-1], bound=bound, drift=planned)
    trend = conditional_power(z, fractions[-1], bound=bound)
    advice = " Going on is of little use." if max(hoped, trend) < FUTILE else ""
    return (
        f"If “{row['variant']}” has the smallest effect that matters, the end would be clear in "
        f"{hoped * 100:.0f} of 100 cases; if it goes on as so far, in {trend * 100:.0f}.{advice}"
    )

"""What a result is worth in words: a year’s value, and the lift that one should expect again."""

from typing import Any

from experiments.engine.yearly import shrunk_lift, yearly_of
from experiments.flows.veil import Seen
from experiments.plan.document import Plan
from experiments.stats import State
from experiments.stats.sizes import ranged


def worth_of(seen: Seen) -> list[str]:
    """Sentences about the arm that the verdict names on the primary metric; none where it names none."""
    row = _named_row(seen)
    if row is None or not seen.inputs:
        return []
    plan = Plan.from_json(seen.inputs["plan"])
    return [sentence for sentence in (_yearly(plan, row), _expected(plan, row)) if sentence]


def _named_row(seen: Seen) -> dict[str, Any] | None:
    result = seen.in_codes
    variant = result["verdict"].get("variant")
    for metric in result["metrics"]:
        if metric["role"] == "primary":
            return next((r for r in metric["comparisons"] if r["variant"] == variant), None)
    return None


def _yearly(plan: Plan, row: dict[str, Any]) -> str:
    yearly = yearly_of(plan, row)
    if yearly is None or yearly.low is None or yearly.high is None:
        return ""
    ends = (yearly.value, yearly.low, yearly.high)
    value, low, high = (money(one, yearly.currency) for one in ends)
    sentence = (
        f"Over a year, at {plan.units_per_week or 0:,} units a week: {value} ({low} to {high})"
    )
    if yearly.shrunk is not None and row["state"] == State.BETTER:
        nearer = money(yearly.shrunk, yearly.currency)
        return f"{sentence}, if it stays as measured. After a win, expect nearer {nearer}."
    return f"{sentence}, if it stays as measured."


def _expected(plan: Plan, row: dict[str, Any]) -> str:
    """Winners look better than they are."""
    if row["state"] != State.BETTER:
        return ""
    kept = shrunk_lift(row, plan.statistics.confidence_of("primary"))
    if kept is None or row["lift"] is None:
        return ""
    measured, expected = (
        ranged(lift, None, None, scale=100, unit="percent") for lift in (row["lift"], kept)
    )
    if measured == expected:
        return ""
    return f"Winners look better than they are: expect a lift of about {expected}, not {measured}."


def money(value: float, currency: str) -> str:
    """An amount with three significant digits and its currency, a sign before and a word behind.

    >>> money(12437.0, "€"), money(-1234567.0, "EUR"), money(0.0, "")
    ('€12,400', '−1,230,000\\xa0EUR', '0')
    """
    size = abs(value)
    digits = max(len(str(int(size))) - 3, 0)
    text = f"{round(size, -digits):,.0f}"
    sign = "−" if value < 0 and text != "0" else ""
    if not currency:
        return sign + text
    return (
        f"{sign}{text}\N{NO-BREAK SPACE}{currency}"
        if currency.isalpha()
        else f"{sign}{currency}{text}"
    )

"""The scorecard: one row for each metric and arm, with its place in the forest plot and its word."""

from typing import Any

from django.db.models import TextChoices

from backlog.templatetags.figures import percent
from experiments.stats import WHY_NOT, State
from experiments.stats.sentences import word_of
from experiments.stats.sizes import ranged, size

# The mark of a comparison in a forest plot.
KINDS = {
    State.BETTER: "won",
    State.WORSE: "lost",
    State.TOO_SMALL: "flat",
    State.CANNOT_TELL: "flat",
    State.WITHIN: "ok",
    State.IN_DOUBT: "warn",
    State.BEYOND: "lost",
    State.NOT_MEASURED: "warn",
}


class Order(TextChoices):
    """How the rows of the scorecard are ordered."""

    PLAN = "plan", "as in the plan"
    LIFT = "lift", "by lift"
    CERTAINTY = "certainty", "by certainty"


def forest_groups(result: dict[str, Any], order: str = Order.PLAN) -> list[dict[str, Any]]:
    """Groups for `{% forest %}`: lifts share one scale, guardrails stand in points (or units).

    Every metric of the plan has a row for each arm, those without data too.
    """
    listed = (arm["variant"] for metric in result["metrics"] for arm in metric["arms"])
    # A stored object has no order of its own, so the lists of the metrics come first: the plan's.
    arms = [arm for arm in dict.fromkeys([*listed, *result["units"]]) if arm != result["control"]]
    groups = [_group(metric, arms, order) for metric in result["metrics"]]
    if order == Order.PLAN:
        return groups
    return sorted(groups, key=lambda group: group["rows"][0]["rank"] if group["rows"] else (1, 0))


def _group(metric: dict[str, Any], arms: list[str], order: str) -> dict[str, Any]:
    compared = {row["variant"]: row for row in metric["comparisons"]}
    in_points = metric["role"] == "guardrail" or any(
        row["lift_low"] is None for row in compared.values()
    )
    rows = [
        _row(metric, name, compared.get(name), order, in_points=in_points)
        for name in dict.fromkeys([*arms, *compared])
    ]
    if order != Order.PLAN:
        rows.sort(key=lambda row: row["rank"])
    return {
        "name": metric["name"],
        "role": metric["role"],
        "note": note_of(metric),
        "unit": "points" if in_points else "lift",
        "unit_label": _unit_label(metric, in_points=in_points),
        "margin": metric.get("margin"),
        "margin_label": _margin_label(metric),
        "band": _band_of(metric, in_points=in_points),
        "band_label": _band_label(metric, in_points=in_points),
        "fewer_is_better": metric["direction"] == "decrease",
        "rows": rows,
    }


def _row(
    metric: dict[str, Any], name: str, row: dict[str, Any] | None, order: str, *, in_points: bool
) -> dict[str, Any]:
    """One arm on one metric: what is drawn, what stands beside it, and where it comes in the order."""
    if row is None:
        state = State.NOT_MEASURED
        return {"name": name, "value": None, "low": None, "high": None, "text": "no data",
                "word": word_of(state), "kind": KINDS[state], "rank": (1, 0.0)}  # fmt: skip
    keys = ("difference", "low", "high") if in_points else ("lift", "lift_low", "lift_high")
    value, low, high = (row[key] for key in keys)
    band = _band_of(metric, in_points=in_points)
    if row["state"] == State.TOO_SMALL and band and None not in (low, high):
        low, high = max(low, -band), min(high, band)  # the same range, told on another scale
    is_bounded = row["state"] in (State.WITHIN, State.IN_DOUBT) and bool(metric.get("margin"))
    bound = row.get("bound") if is_bounded else None
    if bound is not None:
        low, high = (None, bound) if metric["direction"] == "decrease" else (bound, None)
    scale = 100 if metric["kind"] == "proportion" or not in_points else 1
    unit = "" if in_points else "percent"
    text = _why_not(row) if value is None else ranged(value, low, high, scale=scale, unit=unit)
    text = text.replace(" %", "\N{NO-BREAK SPACE}%")
    return {"name": name, "value": value, "low": low, "high": high, "bound": bound, "text": text,
            "word": word_of(row["state"]), "kind": KINDS[row["state"]],
            "chance": chance_text(row.get("chance_to_win")),
            "rank": _rank(metric, row, order)}  # fmt: skip


def _rank(metric: dict[str, Any], row: dict[str, Any], order: str) -> tuple[int, float]:
    """Smaller comes first; what can’t be ranked comes last."""
    side = 1 if metric["direction"] == "increase" else -1
    value = row["lift"] if order == Order.LIFT else row.get("chance_to_win")
    if value is None:
        return 1, 0.0
    return 0, -side * value if order == Order.LIFT else -abs(value - 0.5)


def chance_text(chance: float | None) -> str:
    """How likely the arm is the better one, in words; the rule does not go by it.

    >>> chance_text(0.9996), chance_text(0.92318), chance_text(0.3), chance_text(None)
    ('over 99\xa0% likely better', '92\xa0% likely better', '70\xa0% likely worse', '')
    """
    if chance is None:
        return ""
    likely, side = max(chance, 1 - chance), "better" if chance >= 0.5 else "worse"
    share = "over 99" if likely > 0.99 else f"{likely * 100:.0f}"
    return f"{share}\N{NO-BREAK SPACE}% likely {side}"


def _band_of(metric: dict[str, Any], *, in_points: bool) -> float | None:
    """The smallest effect that matters, on the scale that is drawn: effects under it are too small."""
    smallest = _smallest_difference(metric)
    if smallest is None or in_points:
        return smallest
    values = {arm["variant"]: arm["value"] for arm in metric["arms"]}
    control = next((v for name, v in values.items()
                    if name not in {row["variant"] for row in metric["comparisons"]}), None)  # fmt: skip
    return smallest / abs(control) if control else None


def _smallest_difference(metric: dict[str, Any]) -> float | None:
    baseline, smallest = metric.get("baseline"), metric.get("smallest_effect")
    if metric["role"] != "primary" or not baseline or not smallest:
        return None
    return abs(float(baseline) * float(smallest))


def _band_label(metric: dict[str, Any], *, in_points: bool) -> str:
    """On the scale that is drawn, as the band: per cent of the control, or points."""
    band = _band_of(metric, in_points=in_points)
    if not band:
        return ""
    shown = size(band, metric["kind"]) if in_points else percent(band, 1)
    return f"under {shown}: too small to matter"


def _margin_label(metric: dict[str, Any]) -> str:
    margin = metric.get("margin")
    if metric["role"] != "guardrail" or not margin:
        return ""
    sign = "+" if metric["direction"] == "decrease" else "−"
    return f"{sign}{size(margin, metric['kind'])} margin".replace(" points", "")


def _unit_label(metric: dict[str, Any], *, in_points: bool) -> str:
    if not in_points:
        return "lift"
    return "difference in points" if metric["kind"] == "proportion" else "difference"


def _why_not(row: dict[str, Any]) -> str:
    """What could not be computed, in words; empty where all was."""
    return WHY_NOT[row["why_not"]] if row["why_not"] else ""


def note_of(metric: dict[str, Any]) -> str:
    counted = metric.get("unit") or "units"
    what = {
        "proportion": f"share of {counted}"
        + (f" that {metric['did']}" if metric.get("did") else ""),
        "mean": f"mean over {counted}",
        "ratio": f"ratio over {counted}",
    }[metric["kind"]]
    fewer = ", fewer is better" if metric["direction"] == "decrease" else ""
    return f"{metric['role']}, {what}{fewer}"

"""A reading closer up: over time, how units are spread, within segments, by every method."""

from typing import Any

from backlog.templatetags.figures import number, percent
from experiments.engine.drilldown import Way, by_every_method, day_by_day, within_segments
from experiments.flows.veil import Seen
from experiments.plan.document import Plan
from experiments.stats.numbers import say_p
from experiments.views.figures import P_DIGITS, range_text, three_digits
from experiments.views.wording import number_text

WIDTH, HEIGHT = 96.0, 96.0
WAYS = {
    Way.FIXED: "Fixed horizon, lift by auto",
    Way.FIXED_LOG: "Fixed horizon, lift by log scale",
    Way.FIXED_FIELLER: "Fixed horizon, lift by Fieller",
    Way.FIXED_DELTA: "Fixed horizon, lift by delta",
    Way.WITHOUT_COVARIATE: "Without the covariate, Welch",
    Way.FISHER: "Exact, Fisher",
    Way.ANY_TIME: "Any time, confidence sequence",
    Way.BETA: "Bayes, beta (1, 1)",
    Way.FLAT_PRIOR: "Bayes, flat prior on the lift",
}


def trend_of(seen: Seen) -> dict[str, Any] | None:
    """The arm that the verdict names, or the first one, on the primary metric, by day."""
    inputs, result = seen.inputs, seen.result
    primary = next((m for m in result["metrics"] if m["role"] == "primary"), None)
    if not inputs or primary is None or not primary["comparisons"]:
        return None
    named = result["verdict"].get("variant")
    arms = [row["variant"] for row in primary["comparisons"]]
    variant = named if named in arms else arms[0]
    days = day_by_day(inputs, primary["name"], variant)
    if len(days) < 2:
        return None
    per = 100 if primary["kind"] == "proportion" else 1
    first = days[0]["day"]
    points = [
        (
            (row["day"] - first).days + 1,
            *(row[name] * per for name in ("low", "difference", "high")),
        )
        for row in days
    ]
    last = points[-1]
    return {
        "variant": variant,
        "metric": primary["name"],
        "unit": "points" if per == 100 else "difference",
        "points": points,
        "rows": [(row["day"], *(three_digits(v) for v in point[1:]))
                 for row, point in zip(days, points, strict=True)],
        "label": f"Difference day by day with the range that may be read on any day. On day {last[0]} "
                 f"{three_digits(last[2])}, {three_digits(last[1])} to {three_digits(last[3])}.",
    }  # fmt: skip


def spread_of(seen: Seen) -> list[dict[str, Any]]:
    """Histograms of unit-level metrics, arm under arm on one scale, the last bar open upwards."""
    groups = []
    kept: dict[str, Any] = seen.analysis.intake.understood.get("histograms") or {}
    if seen.is_veiled:
        return []
    for metric, by_arm in kept.items():
        shares = {arm: _shares(one["counts"]) for arm, one in by_arm.items()}
        most = max((share for row in shares.values() for share in row), default=0) or 1.0
        rows: list[dict[str, Any]] = [
            {"arm": seen.letters.get(arm, arm), "bars": _bars(shares[arm], one["edges"], most)}
            for arm, one in by_arm.items()
        ]
        if seen.letters:
            rows.sort(key=lambda row: str(row["arm"]))
        edges = next(iter(by_arm.values()))["edges"]
        ends = {"low": number_text(edges[0]), "high": number_text(edges[-1])}
        groups.append({"metric": metric, "rows": rows, **ends})
    return groups


def _shares(counts: list[int]) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]


def _bars(shares: list[float], edges: list[float], most: float) -> list[dict[str, Any]]:
    step = WIDTH / len(shares)
    return [
        {
            "x": round(2 + place * step, 2),
            "width": round(step * 0.86, 2),
            "y": round(HEIGHT * (1 - share / most), 1),
            "height": round(HEIGHT * share / most, 1),
            "text": f"{number_text(edges[place])} to {number_text(edges[place + 1])}: {percent(share)}",
        }
        for place, share in enumerate(shares)
    ]


def segments_of(seen: Seen) -> list[dict[str, Any]]:
    """The primary metric within each segment, for the forest and the table."""
    kept = seen.analysis.intake.understood.get("segments") or []
    if not kept or not seen.inputs:
        return []
    plan = Plan.from_json(seen.inputs["plan"])
    rows = within_segments(kept, plan, seen.letters)
    is_share = plan.primary is not None and plan.primary.kind == "proportion"
    return [
        {
            **row,
            "n": number(row["n"]),
            "difference": range_text(row["difference"], None, share=is_share, single=True),
            "interval": range_text(row["low"], row["high"], share=is_share),
            "p": say_p(row["p_value"], digits=P_DIGITS),
            "adjusted": say_p(row["adjusted_p"], digits=P_DIGITS),
        }
        for row in rows
    ]


def methods_of(seen: Seen) -> list[dict[str, Any]]:
    """Every comparison by every method, as text."""
    if not seen.inputs:
        return []
    return [
        {**group, "rows": [_as_text(row, share=group["kind"] == "proportion")
                           for row in group["rows"]]}
        for group in by_every_method(seen.inputs)
    ]  # fmt: skip


def _as_text(row: dict[str, Any], *, share: bool) -> dict[str, Any]:
    chance, loss = row.get("chance"), row.get("loss")
    return {
        "name": WAYS[row["way"]],
        "difference": range_text(row["difference"], None, share=share, single=True),
        "interval": range_text(row["low"], row["high"], share=share),
        "lift": range_text(row["lift"], None, share=True, single=True),
        "lift_interval": range_text(row["lift_low"], row["lift_high"], share=True),
        "p": say_p(row["p_value"], digits=P_DIGITS),
        "chance": percent(chance, 1) if chance is not None else "–",
        "loss": number_text(loss * (100 if share else 1)) if loss is not None else "–",
    }

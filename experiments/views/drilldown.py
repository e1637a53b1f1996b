"""A reading closer up: over time, how units are spread, within segments, by every method."""

import datetime as dt
from typing import Any

from backlog.templatetags.figures import number, percent
from experiments.engine.drilldown import (
    Way,
    arms_day_by_day,
    by_every_method,
    day_by_day,
    units_off_by_day,
    units_off_by_segment,
    within_segments,
)
from experiments.engine.masking import masked_inputs
from experiments.flows.veil import Seen
from experiments.plan.document import Plan
from experiments.stats.numbers import say_p
from experiments.stats.sentences import without_words
from experiments.views.figures import P_DIGITS, range_text, three_digits
from experiments.views.wording import number_text, value_text

WIDTH, HEIGHT = 96.0, 96.0
OFF_P = 0.001  # as for the sample ratio of the whole
OFF_SHOWN = 8
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
        "notes": _notes_of_days(primary),
        "unit": "points" if per == 100 else "difference",
        "points": points,
        "rows": [(row["day"], *(three_digits(v) for v in point[1:]))
                 for row, point in zip(days, points, strict=True)],
        "label": f"Difference day by day with the range that may be read on any day. On day {last[0]} "
                 f"{three_digits(last[2])}, {three_digits(last[1])} to {three_digits(last[3])}.",
    }  # fmt: skip


def _notes_of_days(metric: dict[str, Any]) -> list[str]:
    """Why the last day may say another thing than the scorecard."""
    notes = []
    parts = dict.fromkeys(part for row in metric.get("also", []) for part in row["without"])
    if parts:
        words = ", ".join(without_words(part) for part in parts)
        notes.append(f"By day, the data are as they came in: {words}.")
    if len(metric["comparisons"]) > 1:
        notes.append("It is for this arm alone, while the scorecard judges all arms together.")
    return notes


def lines_of(seen: Seen) -> dict[str, Any] | None:
    """The value of each arm on the primary metric at the end of each day, as lines."""
    inputs = seen.inputs
    plan = Plan.from_json(inputs["plan"]) if inputs else None
    if inputs is None or plan is None or plan.primary is None:
        return None
    metric = plan.primary
    lines = arms_day_by_day(inputs, metric.name)
    if not lines or min(len(line) for line in lines.values()) < 2:
        return None
    per = 100 if metric.kind == "proportion" else 1
    first = min(line[0]["day"] for line in lines.values())
    by_day = [{row["day"]: row["value"] for row in line} for line in lines.values()]
    return {
        "metric": metric.name,
        "unit": "per cent" if per == 100 else (metric.unit or "value"),
        "lines": [
            {"name": arm, "is_control": arm == plan.control,
             "points": [((row["day"] - first).days + 1, row["value"] * per) for row in line]}
            for arm, line in lines.items()
        ],
        "rows": [
            (day, [value_text(values[day], metric.kind) if day in values else "–"
                   for values in by_day])
            for day in sorted({day for values in by_day for day in values})
        ],
    }  # fmt: skip


def off_of(seen: Seen) -> list[dict[str, Any]]:
    """Where the arms are furthest from their planned shares: days, then segments; no outcome is told."""
    inputs = seen.analysis.inputs
    if seen.letters:
        inputs = masked_inputs(inputs)
    plan = Plan.from_json(inputs["plan"])
    kept = seen.analysis.intake.understood.get("segments") or []
    tables = (
        ("By day", units_off_by_day(inputs)),
        ("By segment", units_off_by_segment(kept, plan, seen.letters)),
    )
    return [
        {"title": title, "arms": [arm.name for arm in plan.arms],
         "is_in_few": 0 < sum(row["adjusted_p"] < OFF_P for row in rows) < len(rows),
         "rows": [_off_row(row, plan) for row in rows[:OFF_SHOWN]]}
        for title, rows in tables if len(rows) > 1
    ]  # fmt: skip


def _off_row(row: dict[str, Any], plan: Plan) -> dict[str, Any]:
    day = "" if row["column"] else f"{dt.date.fromisoformat(row['value']):%-d %b}"
    total = sum(row["units"].values()) or 1
    return {
        "where": day or f"{row['column']}: {row['value']}",
        "arms": [
            (number(units), percent(units / total, 1))
            for units in (row["units"].get(arm.name, 0) for arm in plan.arms)
        ],
        "is_off": row["adjusted_p"] < OFF_P,
    }


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


def segments_of(seen: Seen, wanted: str = "") -> dict[str, Any] | None:
    """One metric within each segment: the `wanted` one, else the primary; and the metrics to choose from."""
    kept = seen.analysis.intake.understood.get("segments") or []
    if not kept or not seen.inputs:
        return None
    plan = Plan.from_json(seen.inputs["plan"])
    names = [metric.name for metric in plan.metrics]
    if not names:
        return None
    chosen = wanted if wanted in names else (plan.primary.name if plan.primary else names[0])
    rows = _segment_rows(kept, plan, seen, chosen)
    return {
        "metric": chosen,
        "metrics": names,
        "rows": rows,
        "apart": _apart_words(rows, plan.statistics.alpha),
    }


def _apart_words(rows: list[dict[str, Any]], alpha: float) -> list[str]:
    """Whether the effect of an arm differs between the segments of a column, for each of them."""
    sentences = {}
    for row in rows:
        p = row["interaction_p"]
        if p is not None:
            differs = (
                "the effect differs between segments by more than chance explains"
                if p <= alpha
                else "nothing says that the effect differs between segments"
            )
            place = row["column"], row["variant"]
            sentences[place] = f"{row['column']}, “{row['variant']}”: {differs} (p {say_p(p)})."
    return list(sentences.values())


def _segment_rows(
    kept: list[dict[str, Any]], plan: Plan, seen: Seen, metric: str
) -> list[dict[str, Any]]:
    rows = within_segments(kept, plan, seen.letters, metric)
    is_share = any(one.name == metric and one.kind == "proportion" for one in plan.metrics)
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

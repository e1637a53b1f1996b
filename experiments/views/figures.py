"""An analysis made ready for the eye: forest plot, analyst's table, how it was read."""

from typing import Any

from backlog.templatetags.figures import number, percent, points, signed_percent, with_minus
from experiments.plan.document import Statistics
from experiments.stats import WHY_NOT, Code, Method, State, Verdict
from experiments.stats.numbers import say_p
from experiments.stats.sentences import without_words, word_of
from experiments.views.wording import number_text

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
# The icon before a reason of the verdict: good news, bad news; of all others it cannot be told.
ICONS = {
    Code.BETTER: "check",
    Code.WITHIN_MARGIN: "check",
    Code.NOT_CLEARLY_WORSE: "check",
    Code.WORSE: "triangle-alert",
    Code.WORSE_THAN_ALLOWED: "triangle-alert",
    Code.MAY_BE_WORSE_THAN_ALLOWED: "triangle-alert",
    Code.NOT_MEASURED: "triangle-alert",
    Code.WINDOW_OPEN: "clock",
}
METHODS = {
    Method.POOLED_Z: "z, pooled",
    Method.SCORE_Z: "z, score interval",
    Method.WELCH_T: "t, Welch",
    Method.FISHER: "exact, Fisher",
    Method.BOSCHLOO: "exact, Boschloo",
    Method.CUPED_WELCH_T: "t, Welch, CUPED",
    Method.POST_STRATIFIED_T: "t, within strata",
    Method.CONFIDENCE_SEQUENCE: "confidence sequence",
    Method.QUANTILE: "quantiles",
    Method.POST_STRATIFIED_Z: "z, within strata",
    Method.SKEW_CORRECTED_T: "t, skewness-corrected",
    Method.E_PROCESS: "e-process",
}
ROLES = ("primary", "secondary", "guardrail")
P_DIGITS = 5  # of a p in an analyst’s table


def reasons_of(verdict: Verdict) -> list[tuple[str, str]]:
    """Each reason of the verdict, after its icon."""
    icons = (ICONS.get(fact.code, "o-flat") for fact in verdict.facts)
    return list(zip(icons, verdict.reasons, strict=True))


def interval_label(statistics: Statistics) -> str:
    """What stands above a column of intervals.

    >>> interval_label(Statistics(confidence=0.9)).replace("\N{NO-BREAK SPACE}", " ")
    '90 % interval'
    """
    levels = {role: share_text(statistics.confidence_of(role)) for role in ROLES}
    label = f"{levels['primary']} interval"
    others = [f"{role} {level}" for role, level in levels.items() if level != levels["primary"]]
    return f"{label} ({', '.join(others)})" if others else label


def share_text(share: float) -> str:
    """A level as it is spoken of: 95 %, 99.9 %."""
    return f"{share * 100:.4g}\N{NO-BREAK SPACE}%"


def how_read(result: dict[str, Any], statistics: Statistics) -> str:
    """By which method these figures may be read, and when, in an analyst's words."""
    level, error = share_text(statistics.confidence_of("primary")), share_text(statistics.alpha)
    reading = result.get("reading") or {"method": "fixed-horizon", "look": None}
    look = reading["look"]
    if reading["method"] == "any-time":
        return (
            f"Any-time reading: intervals are {level} asymptotic confidence sequences "
            "tuned to the planned units (Waudby-Smith and others, eq. 9), so looking early costs "
            "nothing."
        )
    if look:
        share = f"{look['fractions'][-1] * 100:.0f}\N{NO-BREAK SPACE}%"
        return (
            f"Look {look['number']} of {look['of']}, at {share} of the planned "
            "units: group-sequential, error spent after O’Brien and Fleming (Lan and DeMets), "
            f"{error} over all looks; repeated intervals."
        )
    if reading["method"] == "planned-looks":
        return "Between two planned looks: nothing is decided on these figures."
    return f"Two-sided tests at {error}, {level} intervals, read once at the planned end."


def forest_groups(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Groups for `{% forest %}`: lifts share one scale, guardrails stand in points (or units)."""
    return [_group(metric) for metric in result["metrics"] if metric["comparisons"]]


def _group(metric: dict[str, Any]) -> dict[str, Any]:
    in_points = metric["role"] == "guardrail" or any(
        row["lift_low"] is None for row in metric["comparisons"]
    )
    keys = ("difference", "low", "high") if in_points else ("lift", "lift_low", "lift_high")
    return {
        "name": metric["name"],
        "role": metric["role"],
        "note": note_of(metric),
        "unit": "points" if in_points else "lift",
        "margin": metric["margin"],
        "fewer_is_better": metric["direction"] == "decrease",
        "rows": [
            {
                "name": row["variant"],
                "value": row[keys[0]],
                "low": row[keys[1]],
                "high": row[keys[2]],
                "word": word_of(row["state"]),
                "kind": KINDS[row["state"]],
                **(
                    {} if metric["kind"] == "proportion" or not in_points else {"text": _plain(row)}
                ),
            }
            for row in metric["comparisons"]
        ],
    }


def _plain(row: dict[str, Any]) -> str:
    """A difference in the metric's own unit."""
    if row["difference"] is None:
        return _why_not(row)
    ends = [three_digits(row[name]) for name in ("difference", "low", "high")]
    return f"{ends[0]} ({ends[1]} to {ends[2]})"


def three_digits(value: float | None) -> str:
    """A difference with its sign; a dash where it has none."""
    return "–" if value is None else with_minus(f"{value:+.3g}")


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


def analyst_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Every arm of every metric, with full terms; the control row says that it is compared with."""
    rows = []
    for metric in result["metrics"]:
        compared = {row["variant"]: row for row in metric["comparisons"]}
        for arm in metric["arms"]:
            share = metric["kind"] == "proportion"
            rows.append(
                {
                    "metric": metric["name"],
                    "role": metric["role"],
                    "variant": arm["variant"],
                    "n": number(arm["n"]),
                    "value": percent(arm["value"], 2) if share else _figure(arm["value"]),
                    "is_control": arm["variant"] == result["control"],
                    **_cells(compared.get(arm["variant"]), share=share),
                }
            )
        rows += [_also_row(metric, row) for row in metric.get("also", [])]
    return rows


def _also_row(metric: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The same comparison without cap, strata or covariate: told, not judged."""
    whole = {"log10_p": None, "adjusted_p": None, "why_not": "", **row}
    cells = _cells(whole, share=metric["kind"] == "proportion")
    without = ", ".join(without_words(part) for part in row["without"])
    name = f"{row['variant']}, {without}"
    return {"metric": metric["name"], "role": metric["role"], "variant": name, "n": "",
            "value": "", "is_control": False, **cells}  # fmt: skip


def _figure(value: float | None) -> str:
    return "–" if value is None else number_text(value)


def _cells(row: dict[str, Any] | None, *, share: bool) -> dict[str, Any]:
    if row is None:
        return {"row": None}
    return {
        "row": row,
        "difference": points(row["difference"], 2) if share else _figure(row["difference"]),
        "interval": _range(row["low"], row["high"], share=share),
        "lift": signed_percent(row["lift"], 2),
        "lift_interval": _range(row["lift_low"], row["lift_high"], share=True),
        "p": say_p(row["p_value"], row["log10_p"], digits=P_DIGITS),
        "adjusted": say_p(row["adjusted_p"], digits=P_DIGITS),
        "method": METHODS[row["method"]],
        "why_not": _why_not(row),
    }


def _why_not(row: dict[str, Any]) -> str:
    """What could not be computed, in words; empty where all was."""
    return WHY_NOT[row["why_not"]] if row["why_not"] else ""


def _range(low: float | None, high: float | None, *, share: bool) -> str:
    """Both ends without their unit, which stands in the cell before."""
    if low is None and high is None:
        return "–"
    ends = [number(end * 100, 2) if share and end is not None else _figure(end)
            for end in (low, high)]  # fmt: skip
    return f"{ends[0]} to {ends[1]}"


def range_text(low: float | None, high: float | None, *, share: bool, single: bool = False) -> str:
    """Two ends, or one figure with its sign, in points or per cent where it is of a share."""
    if not single:
        return _range(low, high, share=share)
    if low is None:
        return "–"
    return with_minus(f"{low * 100:+.3f}") if share else number_text(low, is_signed=True)

"""An analysis made ready for the eye: forest plot, analyst's table, how it was read."""

from typing import Any

from backlog.templatetags.figures import number, percent, points, signed_percent
from experiments.views.wording import number_text

KINDS = {
    "better": "won",
    "worse": "lost",
    "cannot tell": "flat",
    "within the margin": "ok",
    "margin not ruled out": "warn",
    "worse than its margin": "lost",
}
METHODS = {
    "pooled-z": "z, pooled",
    "score-z": "z, score interval",
    "welch-t": "t, Welch",
    "fisher-exact": "exact, Fisher",
    "boschloo-exact": "exact, Boschloo",
    "cuped-welch-t": "t, Welch, CUPED",
    "post-stratified-t": "t, within strata",
    "confidence-sequence": "confidence sequence",
}
ROLES = {"primary": "primary", "secondary": "secondary", "guardrail": "guardrail"}


def reasons_of(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Each reason of the verdict with its shape: good news, bad news, or cannot tell."""
    return [(_shape_of(text), text) for text in result["verdict"]["reasons"]]


def _shape_of(reason: str) -> str:
    if "” is worse" in reason or "” may be worse" in reason:
        return "triangle-alert"
    is_good = any(f"” {word}" in reason for word in ("is better", "stays within", "is not clearly"))
    return "check" if is_good else "o-flat"


def how_read(result: dict[str, Any]) -> str:
    """By which method these figures may be read, and when, in an analyst's words."""
    reading = result.get("reading") or {"method": "fixed-horizon", "look": None}
    look = reading["look"]
    if reading["method"] == "any-time":
        return (
            "Any-time reading: intervals are 95\N{NO-BREAK SPACE}% asymptotic confidence sequences "
            "tuned to the planned units (Waudby-Smith and others, eq. 9), so looking early costs "
            "nothing."
        )
    if look:
        return (
            f"Look {look['number']} of {look['of']}, at {look['fractions'][-1]:.0%} of the planned "
            "units: group-sequential, error spent after O’Brien and Fleming (Lan and DeMets), "
            "5\N{NO-BREAK SPACE}% over all looks; repeated intervals."
        ).replace("% of", "\N{NO-BREAK SPACE}% of")
    if reading["method"] == "planned-looks":
        return "Between two planned looks: nothing is decided on these figures."
    return "Two-sided tests at 5\N{NO-BREAK SPACE}%, 95\N{NO-BREAK SPACE}% intervals, read once at the planned end."


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
                "word": row["word"],
                "kind": KINDS[row["word"]],
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
        return str(row["explanation"])
    ends = [f"{value:+.3g}".replace("-", "−") if value is not None else "–"
            for value in (row["difference"], row["low"], row["high"])]  # fmt: skip
    return f"{ends[0]} ({ends[1]} to {ends[2]})"


def note_of(metric: dict[str, Any]) -> str:
    counted = metric.get("unit") or "units"
    what = {
        "proportion": f"share of {counted}"
        + (f" that {metric['did']}" if metric.get("did") else ""),
        "mean": f"mean over {counted}",
        "ratio": f"ratio over {counted}",
    }[metric["kind"]]
    fewer = ", fewer is better" if metric["direction"] == "decrease" else ""
    return f"{ROLES[metric['role']]}, {what}{fewer}"


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
    name = f"{row['variant']}, {row['what']}"
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
        "p": p_text(row["p_value"], row["log10_p"]),
        "adjusted": p_text(row["adjusted_p"], None),
        "method": METHODS.get(row["method"], row["method"]),
        "why_not": row["explanation"] if row["why_not"] else "",
    }


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
    return f"{low * 100:+.3f}".replace("-", "−") if share else number_text(low, is_signed=True)


def p_text(p_value: float | None, log10_p: float | None) -> str:
    """Five significant digits; a tail that a double can't hold as a power of ten."""
    if p_value is None:
        return "–"
    if log10_p is not None and log10_p < -300:
        return "< 1e-300"
    return f"{p_value:.5g}"

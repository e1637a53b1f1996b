"""The analyst’s table: every arm of every metric with full terms, each p with its kind."""

from typing import Any

from backlog.templatetags.figures import number, percent, points, signed_percent
from experiments.stats import WHY_NOT, Caution, Method
from experiments.stats.language import ENGLISH
from experiments.stats.numbers import say_p
from experiments.stats.sentences import without_words
from experiments.views.figures import P_DIGITS, figure_text, range_text, share_text

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
ADJUSTED = {"primary": "adjusted, Holm", "secondary": "adjusted, false discoveries"}


def analyst_groups(result: dict[str, Any]) -> list[dict[str, Any]]:
    """A group for each metric of the plan, those without data too; the control row says that it is
    compared with."""
    return [_group(metric, result) for metric in result["metrics"]]


def _group(metric: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    compared = {row["variant"]: row for row in metric["comparisons"]}
    share = metric["kind"] == "proportion"
    kind = p_kind(metric, result.get("reading") or {})
    rows = [
        {
            "variant": arm["variant"],
            "n": number(arm["n"]),
            "value": percent(arm["value"], 2) if share else figure_text(arm["value"]),
            "is_control": arm["variant"] == result["control"],
            **_cells(compared.get(arm["variant"]), metric["role"], kind, share=share),
        }
        for arm in metric["arms"]
    ]
    rows += [_also_row(row, share=share) for row in metric.get("also", [])]
    return {"metric": metric["name"], "role": metric["role"], "rows": rows}


def p_kind(metric: dict[str, Any], reading: dict[str, Any]) -> str:
    """What the p of a metric’s rows is a p of, where nothing is adjusted."""
    if metric["role"] == "guardrail" and metric.get("margin"):
        return "against the margin"
    if reading.get("method") == "any-time":
        return "at any time"
    return "at this look" if reading.get("look") else "alone"


def _also_row(row: dict[str, Any], *, share: bool) -> dict[str, Any]:
    """The same comparison without cap, strata or covariate: told, not judged."""
    whole = {"log10_p": None, "adjusted_p": None, "why_not": "", **row}
    without = ", ".join(without_words(part) for part in row["without"])
    return {"variant": f"{row['variant']}, {without}", "n": "", "value": "", "is_control": False,
            **_cells(whole, "", "alone", share=share)}  # fmt: skip


def _cells(row: dict[str, Any] | None, role: str, kind: str, *, share: bool) -> dict[str, Any]:
    if row is None:
        return {"row": None}
    alone, level = row.get("alone") or {}, row.get("level")
    ends = range_text(row["low"], row["high"], share=share)
    by_itself = range_text(alone.get("low"), alone.get("high"), share=share) if alone else ""
    return {
        "row": row,
        "difference": points(row["difference"], 2) if share else figure_text(row["difference"]),
        "interval": ends,
        "alone": by_itself if by_itself != ends else "",
        "level": share_text(level) if level else "",
        "lift": signed_percent(row["lift"], 2),
        "lift_interval": range_text(row["lift_low"], row["lift_high"], share=True),
        "p": _p_values(row, role, kind),
        "chance": _chance(row.get("chance_to_win")),
        "method": METHODS[row["method"]],
        "note": WHY_NOT[row["why_not"]] if row["why_not"] else _caution(row.get("caution")),
    }


def _chance(value: float | None) -> str:
    if value is None or 0.001 <= value <= 0.999:
        return percent(value, 1)
    return f"{'>' if value > 0.5 else '<'} {percent(0.999 if value > 0.5 else 0.001, 1)}"


def _p_values(row: dict[str, Any], role: str, kind: str) -> list[tuple[str, str]]:
    """Each p with its kind, the one that decides first."""
    own = (say_p(row["p_value"], row["log10_p"], digits=P_DIGITS), kind)
    if role not in ADJUSTED or row["adjusted_p"] in (None, row["p_value"]):
        return [own]
    return [(say_p(row["adjusted_p"], digits=P_DIGITS), ADJUSTED[role]), own]


def cautions_of(result: dict[str, Any]) -> list[str]:
    """What to keep in mind about the metrics that decide most, for everybody who reads the verdict."""
    sentences = []
    for metric in result["metrics"]:
        if metric["role"] == "primary":
            codes = dict.fromkeys(row.get("caution") for row in metric["comparisons"])
            sentences += [f"“{metric['name']}”: {_caution(code)}" for code in codes if code]
    return sentences


def _caution(code: str | None) -> str:
    return ENGLISH.cautions[Caution(code)] if code else ""

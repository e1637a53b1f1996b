"""Results as earlier engines wrote them, those of 1 to 3 with sentences in place of codes. Pure.

`as_written` makes them again, to the byte, from what is computed today. `in_codes` reads them; it is
the one place where a sentence is recognised, because in those results it is all that was kept.
"""

from collections.abc import Mapping
from typing import Any, Final

from experiments.stats import Balance, Code, Verdict, Watch
from experiments.stats.language import RECORDED
from experiments.stats.sentences import (
    explanation_of,
    head_of,
    reasons_of,
    sample_ratio_of,
    sentence_of,
)

WITH_SENTENCES: Final = ("1", "2", "3")
ENGINES: Final = (*WITH_SENTENCES, "4")
ALPHA: Final = 0.05
"""What a word beside a comparison was decided by, whatever the plan said."""

_WATCHED: Final = {
    Watch.BEYOND: "worse",
    Watch.NOT_BEYOND: "not worse",
    Watch.NOT_KNOWN: "not known",
}
_STATES: Final = {word: state for state, word in RECORDED.states.items()}
_WATCHES: Final = {word: watch for watch, word in _WATCHED.items()}
_WITHOUT: Final = {words: without for without, words in RECORDED.without.items()}

REASONS: Final = (
    ("“{metric}” is better", Code.BETTER),
    ("“{metric}” is worse than allowed", Code.WORSE_THAN_ALLOWED),
    ("“{metric}” is worse", Code.WORSE),
    ("“{metric}” stays within its margin", Code.WITHIN_MARGIN),
    ("“{metric}” is not clearly worse", Code.NOT_CLEARLY_WORSE),
    ("“{metric}” may be worse than allowed", Code.MAY_BE_WORSE_THAN_ALLOWED),
    ("“{metric}” differs by less than ", Code.TOO_SMALL_TO_MATTER),
    ("“{metric}” of “", Code.NOT_CLEAR),
    ("“{metric}” in “", Code.NOT_COMPUTED),
    ("“{metric}”: ", Code.NOT_COMPUTED),
    ("Fewer units came than planned: ", Code.FEWER_UNITS_THAN_PLANNED),
    ("The arm furthest from the plan is ", Code.OFF_THE_PLAN),
    ("An arm that was to get no units has some.", Code.OFF_THE_PLAN),
)
"""How each reason began, for the names of the result's metrics; the first that fits is meant."""


def as_written(
    result: Mapping[str, Any], verdict: Verdict, drawn_by: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    """A result of today as the engine that it names wrote it.

    `drawn_by`: by metric and arm the method of what is drawn; those engines explained that one and
    not the method of the test, which is another against a margin.
    """
    before = {
        **result,
        "metrics": [_metric(metric, drawn_by) for metric in result["metrics"]],
        "sample_ratio": _sample_ratio(result["sample_ratio"]),
        "verdict": {
            "outcome": verdict.outcome,
            "head": head_of(verdict, language=RECORDED),
            "sentence": sentence_of(verdict, language=RECORDED),
            "reasons": list(reasons_of(verdict, language=RECORDED)),
            "variant": verdict.variant,
        },
        "sample_ratio_sequential": _sample_ratio(result["sample_ratio_sequential"]),
        "watched": [{**row, "state": _WATCHED[row["state"]]} for row in result["watched"]],
    }
    if result["engine"] == "1":
        for name in ("sample_ratio_sequential", "reading", "watched"):
            del before[name]
    return before


def _metric(metric: Mapping[str, Any], drawn_by: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    rows = []
    for row in metric["comparisons"]:
        kept = {name: value for name, value in row.items() if name not in ("lift_method", "state")}
        method = drawn_by[metric["name"], row["variant"]]
        kept["explanation"] = explanation_of(
            method, row["lift_method"], row["why_not"], language=RECORDED
        )
        rows.append(kept | {"word": RECORDED.states[row["state"]]})
    before = {**metric, "comparisons": rows}
    if "also" in metric:
        before["also"] = [_also(row) for row in metric["also"]]
    return before


def _also(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name != "without"}
    return kept | {"what": ", ".join(RECORDED.without[without] for without in row["without"])}


def _sample_ratio(balance: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in balance.items() if name != "code"}
    sentence = sample_ratio_of(balance["code"], balance["max_deviation"], language=RECORDED)
    return kept | {"explanation": sentence}


# --- Read as codes --------------------------------------------------------------------------------


def in_codes(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result of any engine as the newest one would hold it; sentences of old ones stay as text.

    >>> in_codes({"engine": "4", "units": {}})
    {'engine': '4', 'units': {}}
    """
    if result["engine"] not in WITH_SENTENCES:
        return dict(result)
    metrics = [_metric_in_codes(metric) for metric in result["metrics"]]
    read = {
        **result,
        "metrics": metrics,
        "sample_ratio": _balance_in_codes(result["sample_ratio"]),
        "verdict": _verdict_in_codes(result["verdict"], [metric["name"] for metric in metrics]),
    }
    if "sample_ratio_sequential" in result:
        read["sample_ratio_sequential"] = _balance_in_codes(result["sample_ratio_sequential"])
    if "watched" in result:
        read["watched"] = [{**row, "state": _WATCHES[row["state"]]} for row in result["watched"]]
    return read


def _metric_in_codes(metric: Mapping[str, Any]) -> dict[str, Any]:
    rows = [{**row, "state": _STATES[row["word"]]} for row in metric["comparisons"]]
    also = [{**row, "without": [_WITHOUT[words] for words in row["what"].split(", ")]}
            for row in metric.get("also", ())]  # fmt: skip
    return {**metric, "comparisons": rows, "also": also}


def _balance_in_codes(balance: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in balance.items() if name != "explanation"}
    return known | {"code": Balance(**known).code}


def _verdict_in_codes(verdict: Mapping[str, Any], metrics: list[str]) -> dict[str, Any]:
    """The sentence as the text of what the verdict is about, each reason as that of its fact."""
    return {
        "outcome": verdict["outcome"],
        "variant": verdict.get("variant"),
        "subject": {"code": Code.RECORDED, "text": verdict["sentence"]},
        "facts": [
            {"code": _code_of(reason, metrics), "text": reason} for reason in verdict["reasons"]
        ],
    }


def _code_of(reason: str, metrics: list[str]) -> Code:
    """
    >>> _code_of("“Time “B” is worse”” is better: +2.", ["Time", "Time “B” is worse”"])
    'better'
    """
    longest_first = sorted(metrics, key=len, reverse=True)
    return next(
        (code for metric in longest_first for start, code in REASONS
         if reason.startswith(start.replace("{metric}", metric))),
        Code.RECORDED,
    )  # fmt: skip

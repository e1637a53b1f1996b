"""The strip above a result, which no veil hides: is the data sound, fresh, enough?"""

import datetime as dt
from typing import Any

from django.utils import timezone

from backlog.templatetags.figures import number
from experiments.engine.results import balance_in, sample_ratio_says
from experiments.flows.alarming import late_of
from experiments.flows.veil import Seen
from experiments.models import Experiment
from experiments.stats import SampleRatio, State, Watch

WORDS_OF_RATIO = {
    SampleRatio.MISMATCH: ("warn", "not as planned"),
    SampleRatio.UNPLANNED_ARM: ("warn", "not as planned"),
    SampleRatio.TOO_SMALL_TO_MATTER: ("wait", "off, too little to matter"),
}
# What is wrong with a guardrail, the worst first.
GUARDRAIL_CHECKS = (
    (State.BEYOND, "Guardrail broken", "is worse than allowed", "are worse than allowed"),
    (State.NOT_MEASURED, "Guardrail not measured", "is not in the data", "are not in the data"),
    (State.IN_DOUBT, "Guardrail: margin not ruled out", "may be worse than allowed",
     "may be worse than allowed"),
)  # fmt: skip


def health_of(seen: Seen, experiment: Experiment) -> list[dict[str, str]]:
    """State ("ok", "warn", "wait"), title, evidence; what is wrong with arms and guardrails last."""
    result = seen.in_codes
    checks = [_balance(result), _freshness(seen, experiment), _enough(result),
              _duplicates(seen, result)]  # fmt: skip
    return [*checks, *_empty_arms(result), *_guardrails(result, is_masked=bool(seen.letters))]


def _check(state: str, title: str, evidence: str) -> dict[str, str]:
    return {"state": state, "title": title, "evidence": evidence}


def _balance(result: dict[str, Any]) -> dict[str, str]:
    ratio = balance_in(result)
    if ratio["p_value"] is None:
        return _check("wait", "Sample ratio: not known yet", sample_ratio_says(ratio))
    seen = " · ".join(number(int(count)) for count in ratio["observed"])
    state, word = WORDS_OF_RATIO.get(ratio["code"], ("ok", "as planned"))
    if state == "ok":
        return _check(state, f"Sample ratio: {word}", seen)
    return _check(state, f"Sample ratio: {word}", f"{seen}. {sample_ratio_says(ratio)}")


def _freshness(seen: Seen, experiment: Experiment) -> dict[str, str]:
    intake = seen.analysis.intake
    came = f"came in on {timezone.localtime(intake.received_at):%-d %b, %H:%M}"
    newest = max(intake.understood.get("days") or [], default=None)
    if newest is None:
        evidence = f"no days in the data, which {came}"
    else:
        evidence = f"newest day {dt.date.fromisoformat(newest):%-d %b}; {came}"
    if late := late_of(experiment):
        due = f"{timezone.localtime(late):%-d %b}"
        return _check("warn", "Freshness: data is late", f"{evidence}; more was due by {due}")
    missing = _days_missing(experiment, newest)
    if missing:
        days = "1 day is" if missing == 1 else f"{missing} days are"
        end = f"the experiment ran to {experiment.last_day:%-d %b}"
        return _check("warn", f"Freshness: {days} missing at the end", f"{evidence}; {end}")
    title = "Freshness: data is in" if newest else "Freshness: days not known"
    return _check("ok" if newest else "wait", title, evidence)


def _days_missing(experiment: Experiment, newest: str | None) -> int:
    """Days between the newest of the data and the last of an experiment that is over."""
    if newest is None or not experiment.is_over or experiment.last_day is None:
        return 0
    return max((experiment.last_day - dt.date.fromisoformat(newest)).days, 0)


def _enough(result: dict[str, Any]) -> dict[str, str]:
    units, planned = sum(result["units"].values()), result["planned_units"]
    if not planned:
        return _check("wait", "Enough data: no plan", f"{number(units)} units")
    is_enough = units >= planned
    share = 100 if is_enough else min(round(100 * units / planned), 99)
    title = f"Enough data: {share} %"
    evidence = f"{number(units)} of {number(planned)} units planned"
    return _check("ok" if is_enough else "wait", title, evidence)


def _duplicates(seen: Seen, result: dict[str, Any]) -> dict[str, str]:
    columns = (seen.analysis.intake.mapping or {}).get("columns") or {}
    if columns.get("shape") != "units" or not columns.get("unit"):
        why = (
            "the data are totals"
            if columns.get("shape") != "units"
            else "no column names the person"
        )
        return _check("wait", "Duplicates: can’t be known", f"{why}, so nobody can be told apart")
    twice, repeated = result["duplicates"]["in_two_variants"], result["duplicates"]["repeated"]
    if twice:
        return _check("warn", f"In two arms: {number(twice)}", "left out of both arms")
    evidence = f"{number(repeated)} came twice, counted once" if repeated else (
        "each unit counts once")  # fmt: skip
    return _check("ok", "Duplicates: none", evidence)


def _empty_arms(result: dict[str, Any]) -> list[dict[str, str]]:
    empty = [arm for arm, units in result["units"].items() if not units]
    if not empty:
        return []
    names = ", ".join(f"“{arm}”" for arm in empty)
    return [_check("warn", "Arms without data", f"nobody is in {names}")]


def _guardrails(result: dict[str, Any], *, is_masked: bool) -> list[dict[str, str]]:
    """As they are judged where the results are open, else as they are watched from the first day by
    a sequence; which arm is not said, for some read letters."""
    states = _states_of_guardrails(result, is_masked=is_masked)
    if not states:
        return []
    for state, title, one, several in GUARDRAIL_CHECKS:
        named = [f"“{name}”" for name, of_arms in states.items() if state in of_arms]
        if named:
            verb = one if len(named) == 1 else several
            return [_check("warn", title, f"{', '.join(named)} {verb}")]
    so_far = "" if any(metric["comparisons"] for metric in result["metrics"]) else " so far"
    evidence = "each within its margin" if not so_far else "watched with every reading"
    return [_check("ok", f"Guardrails: none broken{so_far}", evidence)]


def _states_of_guardrails(result: dict[str, Any], *, is_masked: bool) -> dict[str, set[State]]:
    """For each guardrail the states of its arms. Who reads letters compares with Arm A, whichever that
    is, so their page goes by the watch, which knows the control."""
    watched: dict[str, set[State]] = {}
    for row in result.get("watched", ()):
        state = State.BEYOND if row["state"] == Watch.BEYOND else State.WITHIN
        watched.setdefault(row["metric"], set()).add(state)
    states = {}
    for metric in result["metrics"]:
        if metric["role"] == "guardrail":
            rows = () if is_masked else metric["comparisons"]
            judged = {State(row["state"]) for row in rows}
            states[metric["name"]] = judged or watched.get(metric["name"]) or {State.NOT_MEASURED}
    return states

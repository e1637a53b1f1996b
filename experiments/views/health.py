"""The strip above a result, which no veil hides: is the data sound, fresh, enough?"""

from typing import Any

from django.utils import timezone

from backlog.templatetags.figures import number
from experiments.engine.results import guardrails_beyond, sample_ratio_says
from experiments.flows.alarming import late_of
from experiments.flows.veil import Seen
from experiments.models import Experiment
from experiments.stats.numbers import say_p

LEAST_P = 0.001  # a smaller one says no more to people who are not analysts


def health_of(seen: Seen, experiment: Experiment) -> list[dict[str, str]]:
    """State ("ok", "warn", "wait"), title, evidence; what is wrong with arms and guardrails last."""
    result = seen.in_codes
    checks = [_balance(result), _freshness(seen, experiment), _enough(result), _duplicates(result)]
    return [*checks, *_empty_arms(result), *_guardrails(result)]


def _check(state: str, title: str, evidence: str) -> dict[str, str]:
    return {"state": state, "title": title, "evidence": evidence}


def _balance(result: dict[str, Any]) -> dict[str, str]:
    ratio = result["sample_ratio"]
    if ratio["p_value"] is None:
        return _check("wait", "Sample ratio: not known yet", sample_ratio_says(ratio))
    seen = " · ".join(number(int(count)) for count in ratio["observed"])
    state, word = ("warn", "not as planned") if ratio["is_mismatch"] else ("ok", "as planned")
    evidence = f"{seen}. p {say_p(ratio['p_value'], least=LEAST_P)} read once"
    if sequential := result.get("sample_ratio_sequential"):
        evidence += f", {say_p(sequential['p_value'], least=LEAST_P)} at any time"
    evidence += f". {sample_ratio_says(ratio)}" if ratio["is_mismatch"] else "."
    return _check(state, f"Sample ratio: {word}", evidence)


def _freshness(seen: Seen, experiment: Experiment) -> dict[str, str]:
    last = timezone.localtime(seen.analysis.intake.received_at)
    evidence = f"newest data {last:%-d %b, %H:%M}"
    if experiment.state != Experiment.State.RUNNING or experiment.is_over:
        return _check("ok", "Freshness: data is in", evidence)
    late = late_of(experiment)
    if late:
        due = f"{timezone.localtime(late):%-d %b}"
        return _check("warn", "Freshness: data is late", f"{evidence}; more was due by {due}")
    return _check("ok", "Freshness: data is in", evidence)


def _enough(result: dict[str, Any]) -> dict[str, str]:
    units, planned = sum(result["units"].values()), result["planned_units"]
    if not planned:
        return _check("wait", "Enough data: no plan", f"{number(units)} units")
    share = units / planned
    title = f"Enough data: {min(share, 1):.0%}".replace("%", " %")
    evidence = f"{number(units)} of {number(planned)} units planned"
    return _check("ok" if share >= 1 else "wait", title, evidence)


def _duplicates(result: dict[str, Any]) -> dict[str, str]:
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


def _guardrails(result: dict[str, Any]) -> list[dict[str, str]]:
    """Watched from the first day by a sequence; which arm is not said, for some read letters."""
    if not result.get("watched"):
        return []
    if beyond := guardrails_beyond(result):
        names = ", ".join(f"“{name}”" for name in beyond)
        return [_check("warn", "Guardrail broken", f"{names} is worse than allowed")]
    return [_check("ok", "Guardrails: none broken", "watched with every reading")]

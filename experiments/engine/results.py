"""A result's codes as objects again, whichever engine wrote it. Pure."""

from collections.abc import Mapping
from typing import Any

from experiments.engine.before import in_codes
from experiments.stats import Fact, SampleRatio, Verdict, Watch
from experiments.stats.sentences import sample_ratio_of


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it stands in a result; the control stands beside it there."""
    return {
        "outcome": verdict.outcome,
        "variant": verdict.variant,
        "subject": verdict.subject.as_json() if verdict.subject else None,
        "facts": [fact.as_json() for fact in verdict.facts],
    }


def sample_ratio_says(balance: Mapping[str, Any]) -> str:
    """The sentence of a result's sample ratio."""
    return sample_ratio_of(SampleRatio(balance["code"]), balance["max_deviation"])


def balance_in(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one judgement of the sample ratio: that which allows for looking again, where data came
    more than once. Engines before the fifth judged each data by itself."""
    sequential: Mapping[str, Any] = result.get("sample_ratio_sequential") or {}
    balance: Mapping[str, Any] = result["sample_ratio"]
    return sequential if result.get("is_read_again") and sequential else balance


def guardrails_beyond(result: Mapping[str, Any]) -> list[str]:
    """Guardrails whose sequence lies beyond their margin in some arm, by name, each once."""
    rows = result.get("watched", ())
    return list(dict.fromkeys(row["metric"] for row in rows if row["state"] == Watch.BEYOND))


def verdict_of(result: Mapping[str, Any]) -> Verdict:
    """The verdict of a result; of old engines with the sentences that they wrote."""
    read = in_codes(result)
    verdict = read["verdict"]
    subject = verdict["subject"]
    return Verdict(
        verdict["outcome"],
        control=read["control"],
        variant=verdict["variant"],
        subject=Fact.from_json(subject) if subject else None,
        facts=tuple(Fact.from_json(fact) for fact in verdict["facts"]),
    )

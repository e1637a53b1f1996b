"""Evidence as rows of a forest plot: by lever, and each experiment with the pooled lift."""

from collections.abc import Sequence
from typing import Any

from experiments.flows.evidence import Known, PastExperiment, known_of
from experiments.learning.evidence import EvidenceState, TrialOutcome
from experiments.learning.scopes import Scope, fold
from experiments.learning.sentences import lift_text

SHOWN = 40
LEVERS_SHOWN = 12
# The mark and the word of an outcome.
OUTCOMES = {
    TrialOutcome.WON: ("won", "won"),
    TrialOutcome.LOST: ("lost", "lost"),
    TrialOutcome.INCONCLUSIVE: ("flat", "no clear difference"),
    TrialOutcome.HARMED: ("lost", "harmed a guardrail"),
}


def by_lever(every: Sequence[PastExperiment]) -> list[Known]:
    """The evidence for each lever, those with the most experiments first."""
    grouped: dict[str, list[PastExperiment]] = {}
    for past in every:
        if past.scope.lever:
            grouped.setdefault(fold(past.scope.lever), []).append(past)
    largest = sorted(grouped.values(), key=lambda group: (-len(group), group[0].scope.lever))
    return [known_of(group, Scope(group[0].scope.lever)) for group in largest[:LEVERS_SHOWN]]


def lever_forest(levers: Sequence[Known]) -> list[dict[str, Any]]:
    """One row for each lever with a lift: pooled, or the only one. Levers whose metric should fall
    stand apart, on a scale that is turned."""
    groups = []
    for is_turned, name in ((False, "More is better"), (True, "Fewer is better")):
        rows = [_lever_row(known) for known in levers if _is_turned(known) == is_turned]
        if rows:
            groups.append({"name": name, "rows": rows, "fewer_is_better": is_turned})
    if len(groups) == 1:
        groups[0]["name"] = ""
    return groups


def _is_turned(known: Known) -> bool | None:
    """None where there is no lift."""
    if known.measured.lift is None:
        return None
    return not known.measured.rows[0].trial.is_increase_good


def _lever_row(known: Known) -> dict[str, Any]:
    return {
        **_ends(known.measured),
        "name": known.scope.lever,
        "kind": "pooled" if known.measured.state == EvidenceState.POOLED else "flat",
        "word": f"{known.scope.metric}, {len(known.measured.rows)} of {known.evidence.trials}",
    }


def forest_of(known: Known) -> list[dict[str, Any]]:
    """The measured lifts, oldest first, and the pooled one below them."""
    measured = known.measured
    shown = measured.rows[-SHOWN:]
    if not shown:
        return []
    rows: list[dict[str, Any]] = []
    for row in shown:
        kind, word = OUTCOMES[row.trial.outcome]
        rows.append({**_ends(row), "name": row.trial.key, "kind": kind, "word": word})
    if measured.state == EvidenceState.POOLED:
        rows.append({**_ends(measured), "name": "Pooled", "kind": "pooled", "word": ""})
    is_turned = not shown[0].trial.is_increase_good
    note = f"{len(measured.rows)} experiment{'s' if len(measured.rows) > 1 else ''}"
    return [{"name": known.scope.metric, "note": note, "rows": rows, "fewer_is_better": is_turned}]


def _ends(row: Any) -> dict[str, Any]:
    text = lift_text(row.lift, row.low, row.high)
    return {"value": row.lift, "low": row.low, "high": row.high, "text": text}

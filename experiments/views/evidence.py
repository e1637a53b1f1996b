"""The evidence for a lever: what past experiments say together, and each of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlog.templatetags.figures import percent, signed_percent
from backlog.views.asking import SignedIn
from experiments.flows.evidence import Known, PastExperiment, known_of, past_experiments
from experiments.learning.evidence import EvidenceState, TrialOutcome
from experiments.learning.scopes import Scope, fold
from experiments.learning.sentences import lift_text
from experiments.models import EvidenceRow
from experiments.views.library import parameter

SHOWN = 40
LEVERS_SHOWN = 12
PARTS = ("lever", "channel", "segment", "metric")
# The mark and the word of an outcome.
OUTCOMES = {
    TrialOutcome.WON: ("won", "won"),
    TrialOutcome.LOST: ("lost", "lost"),
    TrialOutcome.INCONCLUSIVE: ("flat", "no clear difference"),
    TrialOutcome.HARMED: ("lost", "harmed a guardrail"),
}


@require_safe
def evidence(request: SignedIn) -> HttpResponse:
    """What the reader may see of a scope; without a lever, every lever in one plot."""
    scope = Scope(**{part: parameter(request, part)[:80] for part in PARTS})
    rows = EvidenceRow.objects.visible_to(request.user)
    every = past_experiments(rows, user=request.user)
    covered = replace(scope, metric="")
    known = known_of([past for past in every if covered.covers(past.scope)], scope)
    context = {
        "scope": scope,
        "known": known,
        "choices": [
            (part, name, names_of(every, part), getattr(scope, part))
            for part, name in zip(PARTS, ("Lever", "Channel", "Segment", "Metric"), strict=True)
        ],
        "lever_forest": [] if scope.lever else lever_forest(by_lever(every)),
        "forest": forest_of(known) if scope.lever else [],
        "rows": rows_of(known)[:SHOWN],
        "left_out": max(len(known.every) - SHOWN, 0),
        **words_of(known),
    }
    return render(request, "experiments/evidence.html", context)


def names_of(every: Sequence[PastExperiment], part: str) -> list[str]:
    """The values of one part of the scopes, each spelled one way."""
    named = {fold(name): name for past in every if (name := getattr(past.scope, part))}
    return [named[key] for key in sorted(named)]


def by_lever(every: Sequence[PastExperiment]) -> list[Known]:
    """The evidence for each lever, those with the most experiments first."""
    grouped: dict[str, list[PastExperiment]] = {}
    for past in every:
        if past.scope.lever:
            grouped.setdefault(fold(past.scope.lever), []).append(past)
    largest = sorted(grouped.values(), key=lambda group: (-len(group), group[0].scope.lever))
    return [known_of(group, Scope(group[0].scope.lever)) for group in largest[:LEVERS_SHOWN]]


def lever_forest(levers: Sequence[Known]) -> list[dict[str, Any]]:
    """One row for each lever with a lift: pooled, or the only one."""
    rows = [
        {
            **_ends(known.measured),
            "name": known.scope.lever,
            "kind": "pooled" if known.measured.state == EvidenceState.POOLED else "flat",
            "word": f"{known.scope.metric}, {len(known.measured.rows)} of {known.evidence.trials}",
        }
        for known in levers
        if known.measured.lift is not None
    ]
    return [{"name": "", "rows": rows}] if rows else []


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


def rows_of(known: Known) -> list[dict[str, Any]]:
    """Every experiment in the scope, newest first, with its lift raw and shrunk."""
    lifts = {row.trial.key: row for row in known.measured.rows}
    rows = []
    for past in known.every:
        row = lifts.get(past.key)
        kind, word = OUTCOMES[past.trial.outcome]
        rows.append({
            "past": past, "kind": kind, "word": word,
            "raw": lift_text(past.trial.lift, past.trial.low, past.trial.high),
            "shrunk": lift_text(row.shrunk, None, None) if row else "–",
            "weight": percent(row.weight, 0) if row else "–",
        })  # fmt: skip
    return rows


def words_of(known: Known) -> dict[str, str]:
    """The figures beside the plot."""
    all_of_them, measured = known.evidence, known.measured
    won = "–"
    if all_of_them.share_won is not None:
        low, high = percent(all_of_them.share_low, 0), percent(all_of_them.share_high, 0)
        won = f"{percent(all_of_them.share_won, 0)} ({low} to {high})"
    predicted = "–"
    if measured.prediction_low is not None and measured.prediction_high is not None:
        ends = signed_percent(measured.prediction_low), signed_percent(measured.prediction_high)
        predicted = " to ".join(ends)
    return {
        "won": won,
        "predicted": predicted,
        "pooled": lift_text(measured.lift, measured.low, measured.high),
        "i2": "–" if measured.i2 is None else percent(measured.i2, 0),
    }

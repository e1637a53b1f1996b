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
from experiments.learning.scopes import Scope, fold
from experiments.learning.sentences import lift_text
from experiments.models import EvidenceRow
from experiments.views.evidence_plots import OUTCOMES, SHOWN, by_lever, forest_of, lever_forest
from experiments.views.library import parameter

PARTS = ("lever", "channel", "segment", "metric")


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

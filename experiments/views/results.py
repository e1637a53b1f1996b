"""The result: health first, then one sentence, the forest plot, the analyst's table."""

import json
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlog.htmx import wants_part
from backlog.models import User
from backlog.permissions import get_for
from experiments.flows.counting import TAKES_DATA
from experiments.models import Analysis, Experiment
from experiments.views.figures import (
    analyst_rows,
    forest_groups,
    health_of,
    how_read,
    reasons_of,
)
from experiments.views.standing import JOINED, tab_page

# The shape and the tone of each verdict.
LOOKS = {
    "fix-data": ("triangle-alert", "warn"),
    "no-data": ("clock", ""),
    "keep-running": ("clock", ""),
    "ship": ("o-won", "won"),
    "roll-back": ("o-lost", "lost"),
    "no-difference": ("o-flat", ""),
    "cannot-tell": ("o-flat", ""),
}


@require_safe
def experiment_results(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest reading; while one is being made the part `reading` asks again every second."""
    user = cast(User, request.user)
    experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
    analysis: Analysis | None = experiment.latest_analysis
    intakes = list(experiment.intakes.filter(state__in=("counted", "analysed", "failed"))[:9])
    waiting = next((row for row in intakes if row.state == "counted"), None)
    if waiting and wants_part(request):
        return HttpResponse(status=204)  # still the same: nothing on the page moves
    context: dict[str, Any] = {
        "analysis": analysis,
        "waiting": waiting,
        "failed": intakes[0] if intakes and intakes[0].state == "failed" else None,
        "takes_data": experiment.state in TAKES_DATA,
        "rule": (experiment.sealed_plan or {}).get("decision_rule", ""),
    }
    if analysis:
        context |= {
            "result": analysis.result,
            "verdict": analysis.result["verdict"],
            "health": health_of(analysis),
            "forest": forest_groups(analysis.result),
            "table": analyst_rows(analysis.result),
            "look": LOOKS[analysis.outcome],
            "reasons": reasons_of(analysis),
            "how_read": how_read(analysis.result),
        }
    template = "experiments/experiment_results.html"
    return tab_page(request, template, experiment, "results", context, partials={"reading"})


@require_safe
def analysis_download(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One reading with its exact inputs, as JSON: whoever doubts it can compute it again."""
    user = cast(User, request.user)
    analysis = get_for(
        user, "experiments.view_experiment", Analysis, experiment_id=pk, number=number
    )
    body = {
        "experiment": analysis.experiment.key,
        "analysis": analysis.number,
        "computed_at": analysis.computed_at.isoformat(),
        "engine_version": analysis.engine_version,
        "inputs_fingerprint": analysis.inputs_fingerprint,
        "inputs": analysis.inputs,
        "result": analysis.result,
    }
    response = HttpResponse(
        json.dumps(body, indent=1, ensure_ascii=False), content_type="application/json"
    )
    name = f"{analysis.experiment.key}-analysis-{number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""The result: health first, then one sentence, the forest plot, the analyst's table; or the veil."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from backlog.htmx import wants_part
from backlog.models import User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.engine.looks import error_of_readings
from experiments.flows.amending import PRICE
from experiments.flows.counting import TAKES_DATA
from experiments.flows.veil import Seen, error_of, note_look, readable, see, unveil
from experiments.forms.unveiling import UnveilForm
from experiments.models import Alarm, Analysis, Experiment, Look
from experiments.views.analyst import analyst_groups, cautions_of
from experiments.views.drilldown import (
    lines_of,
    methods_of,
    off_of,
    segments_of,
    spread_of,
    trend_of,
)
from experiments.views.figures import (
    how_read,
    interval_label,
    reasons_of,
    share_text,
)
from experiments.views.health import health_of
from experiments.views.outlook import outlook_of
from experiments.views.scorecard import Order, forest_groups
from experiments.views.status import JOINED, tab_page
from experiments.views.veil import arrivals_of, ledger_of, veil_of
from experiments.views.worth import worth_of

MOST_DIGITS = 6  # of the number of a reading
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
def experiment_results(request: SignedIn, pk: int) -> HttpResponse:
    """The latest reading; while one is being made the part `reading` asks again every second."""
    user = request.user
    experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
    intakes = list(experiment.intakes.filter(state__in=("counted", "analysed", "failed"))[:9])
    if intakes and wants_part(request) and any(row.state == "counted" for row in intakes):
        return HttpResponse(status=204)  # still the same: nothing on the page moves
    return _results_page(request, experiment, user, intakes)


def _results_page(
    request: SignedIn, experiment: Experiment, user: User, intakes: list[Any],
    form: UnveilForm | None = None,
) -> HttpResponse:  # fmt: skip
    latest: Analysis | None = experiment.latest_analysis
    shown = _chosen(request, experiment) or readable(experiment)
    context: dict[str, Any] = {
        "analysis": latest,
        "waiting": next((row for row in intakes if row.state == "counted"), None),
        "failed": intakes[0] if intakes and intakes[0].state == "failed" else None,
        "takes_data": experiment.state in TAKES_DATA,
        "ruling": experiment.ruling_analysis,
        **_price(experiment, latest),
        "moved_ends": _moved_ends(experiment),
        "newer": bool(
            latest and experiment.ruling_analysis and latest != experiment.ruling_analysis
        ),
        "alarms": list(
            Alarm.objects.open().filter(experiment=experiment).select_related("muted_by")
        ),
        "rule": experiment.plan_at_launch.decision_rule,
        "form": form or UnveilForm(),
    }
    seen = see(shown or latest, user) if latest else None
    if latest and seen:
        context["health"] = health_of(seen, experiment)
        if seen.in_codes["verdict"]["outcome"] == "fix-data":
            context["off"] = off_of(seen)
        if latest.is_veiled and not experiment.ruling_analysis:
            context |= {"veil": veil_of(experiment, latest), "arrivals": arrivals_of(latest)}
    if shown and seen:
        note_look(seen, user)
        context |= _reading(request, seen)
    if latest:
        looks = ledger_of(experiment)
        context |= {"ledger": looks, **_error(experiment, looks)}
    template = "experiments/experiment_results.html"
    status = 422 if form else 200
    return tab_page(request, template, experiment, "results", context, partials={"reading"},
                    status=status)  # fmt: skip


def _chosen(request: SignedIn, experiment: Experiment) -> Analysis | None:
    """The reading whose number the address names, where its outcomes may be seen."""
    number = request.GET.get("reading", "")
    if not number.isdecimal() or len(number) > MOST_DIGITS:
        return None
    chosen: Analysis | None = (
        experiment.analyses.select_related("intake").filter(number=int(number)).first()
    )
    if chosen is None:
        return None
    chosen.experiment = experiment
    return None if chosen.is_veiled else chosen


def _price(experiment: Experiment, latest: Analysis | None) -> dict[str, Any]:
    """What it would cost to hold a fixed plan's rule against all its readings from its end on."""
    ruling = experiment.ruling_analysis
    if not latest or not ruling or latest == ruling:
        return {}
    if experiment.sealed_reading != Experiment.Reading.FIXED:
        return {}
    rows = experiment.analyses.filter(number__gte=ruling.number).defer("inputs")
    units = sorted({row.units for row in rows} - {0})
    alpha = experiment.plan_at_launch.statistics.alpha
    return {"price": error_of_readings(units, alpha), "readings_at_end": len(units)}


def _moved_ends(experiment: Experiment) -> list[dict[str, Any]]:
    """Amendments that moved the end of a fixed plan after a look, with what that costs."""
    moved: list[dict[str, Any]] = []
    if experiment.ends_on == experiment.plan_at_launch.ends_on:
        return moved
    for amendment in experiment.amendments.select_related("by"):
        prices = [row for row in amendment.changes if row["what"] == PRICE]
        if prices:
            moved.append({"amendment": amendment, "error": prices[0]["after"],
                          "planned": prices[0]["before"]})  # fmt: skip
    return moved


def _error(experiment: Experiment, looks: list[Look]) -> dict[str, Any]:
    """The error that looking early has spent, where it is more than what was planned."""
    spent, planned = error_of(experiment, looks), experiment.plan_at_launch.statistics.alpha
    is_more = spent is not None and spent > planned + 1e-4
    return {"error": spent if is_more else None, "planned_error": share_text(planned)}


def _reading(request: SignedIn, seen: Seen) -> dict[str, Any]:
    order = request.GET.get("order", "")
    order = order if order in Order.values else Order.PLAN
    by_arm = request.GET.get("trend") == "arms"
    result, statistics = seen.in_codes, seen.statistics
    return {
        "shown": seen.analysis,
        "result": result,
        "is_masked": bool(seen.letters),
        "verdict": seen.verdict,
        "forest": forest_groups(result, order),
        "orders": [(value, label, value == order) for value, label in Order.choices],
        "table": analyst_groups(result),
        "cautions": cautions_of(result),
        "look": LOOKS[seen.analysis.outcome],
        "reasons": reasons_of(seen.verdict),
        "worth": [*worth_of(seen), *filter(None, [outlook_of(seen)])],
        "how_read": how_read(result, statistics),
        "interval": interval_label(statistics),
        "one_in": round(1 / statistics.alpha),
        "trend": trend_of(seen),
        "lines": lines_of(seen) if by_arm else None,
        "spread": spread_of(seen),
        "segments": segments_of(seen, request.GET.get("slice", "")),
    }


@require_safe
def analysis_methods(request: SignedIn, pk: int, number: int) -> HttpResponse:
    """Every comparison of one reading by every method, for whoever doubts the one that was sealed."""
    user = request.user
    experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
    analysis = get_for(
        user, "experiments.view_experiment", Analysis, join=("intake",), experiment_id=pk,
        number=number,
    )  # fmt: skip
    analysis.experiment = experiment
    seen = see(analysis, user)
    note_look(seen, user)
    context = {"analysis": analysis, "groups": methods_of(seen), "is_veiled": seen.is_veiled,
               "interval": interval_label(seen.statistics)}  # fmt: skip
    return tab_page(request, "experiments/analysis_methods.html", experiment, "results", context)


@require_POST
def experiment_unveil(request: SignedIn, pk: int) -> HttpResponse:
    """Open the results before their planned end, with a reason."""
    user = request.user
    experiment = get_for(user, "experiments.unveil_experiment", Experiment, join=JOINED, pk=pk)
    form = UnveilForm(request.POST)
    if not form.is_valid():
        return _results_page(request, experiment, user, [], form)
    unveil(experiment, by=user, reason=form.cleaned_data["reason"])
    messages.success(
        request, "The results are open. Floe records that you opened them, and who looks."
    )
    return redirect("experiments:experiment_results", pk=pk)


@require_safe
def analysis_download(request: SignedIn, pk: int, number: int) -> HttpResponse:
    """One reading with its exact inputs, as JSON: whoever doubts it can compute it again.

    Behind the veil it holds the health only.
    """
    user = request.user
    analysis = get_for(
        user, "experiments.view_experiment", Analysis, join=("experiment",), experiment_id=pk,
        number=number,
    )  # fmt: skip
    seen = see(analysis, user)
    note_look(seen, user)
    body = {
        "experiment": analysis.experiment.key,
        "analysis": analysis.number,
        "computed_at": analysis.computed_at.isoformat(),
        "engine_version": analysis.engine_version,
        "is_veiled": seen.is_veiled,
        "is_masked": bool(seen.letters),
    }
    if not seen.is_veiled:
        fingerprint = None if seen.letters else analysis.inputs_fingerprint
        body |= {"inputs_fingerprint": fingerprint, "inputs": seen.inputs}
    response = HttpResponse(
        json.dumps({**body, "result": seen.result}, indent=1, ensure_ascii=False),
        content_type="application/json",
    )
    name = f"{analysis.experiment.key}-analysis-{number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

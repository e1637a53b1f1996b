"""Who gets which arm: the namespace, the ramp, lists that are split and checked, the API."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.forms.refusing import refusals_in, status_of
from backlog.permissions import get_for
from backlog.room import writing
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.saving import saving
from experiments.flows import assigning, splitting
from experiments.flows.naming import names_of
from experiments.forms.assignment import CheckForm, NamespaceForm, RampForm, SplitForm
from experiments.models import Experiment
from experiments.units.assignment import RAMP_STEPS
from experiments.units.id_lists import on_disk
from experiments.views.status import JOINED, tab_page
from experiments.views.wording import by_arm

SPLITS_SHOWN = 20
NEEDED = {
    "namespace": "change_experiment", "ramp": "launch_experiment", "check": "assign_units",
}  # fmt: skip


@takes_files("RESULTS_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def experiment_assignment(request: SignedIn, pk: int) -> HttpResponse:
    """The page; a POST says what it does: `namespace`, `ramp` or `check`."""
    do = request.POST.get("do", "check") if request.method == "POST" else ""
    perm = f"experiments.{NEEDED.get(do, 'assign_units') if do else 'view_experiment'}"
    experiment = get_for(request.user, perm, Experiment, join=JOINED, pk=pk)
    if experiment.is_imported:
        return redirect(experiment)
    if do == "namespace":
        return _keep(request, experiment, "namespace_form")
    if do == "ramp":
        return _keep(request, experiment, "ramp_form")
    return _checked(request, experiment) if do else _page(request, experiment)


def _keep(request: SignedIn, experiment: Experiment, name: str) -> HttpResponse:
    """Reserve part of a namespace or raise the ramp."""
    by = request.user
    is_ramp = name == "ramp_form"
    form: Any = (RampForm if is_ramp else NamespaceForm)(request.POST, experiment=experiment)
    if form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as held:
            flow: Any = assigning.go_up_the_ramp if is_ramp else assigning.book_buckets
            flow(held, by=by, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("experiments:experiment_assignment", pk=experiment.pk)
    return _page(request, experiment, **{name: form})


def _checked(request: SignedIn, experiment: Experiment) -> HttpResponse:
    """Compare a list with arms against the hash."""
    form = CheckForm(request.POST, request.FILES)
    check = None
    if form.is_valid():
        unit, arm = form.cleaned_data["unit"], form.cleaned_data["arm"]
        with list_of(form) as file, refusals_in(form):
            check = splitting.check(experiment, file.name, by=request.user, unit=unit, arm=arm)
    return _page(request, experiment, check_form=form, check=check)


@takes_files("RESULTS_FILE_MAX_BYTES")
@require_POST
def experiment_split(request: SignedIn, pk: int) -> HttpResponseBase:
    """The list back with an arm for each unit; with `look` only how large the arms would be."""
    experiment = get_for(request.user, "experiments.assign_units", Experiment, join=JOINED, pk=pk)
    form = SplitForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, experiment, split_form=form)
    chosen, file = form.cleaned_data, list_of(form)
    columns = {"unit": chosen["unit"], "strata": chosen["strata"]}
    with refusals_in(form):
        divided = splitting.divide(experiment, file.name, by=request.user, **columns)
        if "look" in request.POST:
            return _page(request, experiment, split_form=form, divided=_in_words(divided))
        splitting.give_out(experiment, divided, by=request.user, strata=chosen["strata"])
        return as_csv(splitting.rows_with_arms(file.name, divided), file, f"{experiment.key}-arms")
    return _page(request, experiment, split_form=form)


def list_of(form: Any) -> Any:
    """The list that was sent as a file with a `name`, gone as soon as it is closed or forgotten."""
    chunks = form.cleaned_data["file"].chunks()
    with writing("this list"):
        return on_disk(chunks, folder=settings.FILE_UPLOAD_TEMP_DIR)


def as_csv(rows: Any, file: Any, name: str) -> StreamingHttpResponse:
    """A CSV that is written while it is read; the upload is gone when it has been."""
    response = StreamingHttpResponse(
        (row.encode() for row in _then_closed(rows, file)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _then_closed(rows: Any, file: Any) -> Any:
    with file:
        yield from rows


def _in_words(divided: splitting.Divided) -> dict[str, Any]:
    total = len(divided.ids.units)
    counts = [(name, count, count / total) for name, count in divided.counts.items()]
    return {
        "total": total,
        "counts": counts,
        "p_value": divided.p_value,
        "repeated": divided.repeated,
    }


def _page(request: SignedIn, experiment: Experiment, **more: Any) -> HttpResponse:
    forms = {
        "namespace_form": NamespaceForm(experiment=experiment),
        "ramp_form": RampForm(experiment=experiment),
        "split_form": SplitForm(),
        "check_form": CheckForm(),
    } | more
    plan = experiment.plan_at_launch
    context = {
        **forms,
        "splits": [
            (split, by_arm(split.counts, [arm.name for arm in experiment.arms]))
            for split in experiment.splits.select_related("by")[:SPLITS_SHOWN]
        ],
        "names": names_of(experiment),
        "sealed": plan.assignment,
        "is_open": experiment.state in assigning.NOT_SEALED,
        "is_running": experiment.state == Experiment.State.RUNNING,
        "has_steps_left": experiment.ramp < RAMP_STEPS[-1],
        "example": _example(request, experiment),
    }
    statuses = [status_of(form) for form in more.values() if getattr(form, "errors", None)]
    template = "experiments/experiment_assignment.html"
    status = max(statuses, default=200)
    return tab_page(request, template, experiment, "plan", context, status=status)


def _example(request: SignedIn, experiment: Experiment) -> str:
    body = json.dumps({"units": ["reader-1", "reader-2"]})
    site = request.build_absolute_uri("/")
    return (
        f'curl -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}' \\\n  {site}api/v1/experiments/{experiment.pk}/assignments/"
    )

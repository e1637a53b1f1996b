"""Data in: what came in so far, the place to drop a file, and the rows that could not be read."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from backlog.csv_guard import csv_lines
from backlog.forms.refusing import form_error, status_of
from backlog.htmx import render
from backlog.models import User
from backlog.permissions import get_for
from backlog.refusals import Refused
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from experiments.flows.attaching import attach
from experiments.flows.counting import TAKES_DATA
from experiments.flows.earlier_uploads import may_remove
from experiments.flows.intake import rejected_rows
from experiments.flows.receiving import receive_file
from experiments.forms.file_sent import FileForm
from experiments.models import Experiment, Intake
from experiments.views.intake_summary import rejected_for
from experiments.views.snippets import python_call, shell_call
from experiments.views.status import JOINED, JOINED_OF, tab_page

SHOWN = 50


@takes_files("RESULTS_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def experiment_data(request: SignedIn, pk: int) -> HttpResponse:
    """What came in so far, and the place to drop a file."""
    user = request.user
    needed = "add_observation" if request.method == "POST" else "view_experiment"
    experiment = get_for(user, f"experiments.{needed}", Experiment, join=JOINED, pk=pk)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        try:
            taken = receive_file(experiment, form.cleaned_data["file"], by=user)
            return redirect("experiments:intake_map", pk=pk, intake=taken.pk)
        except Refused as no:
            form.add_error("file", form_error(no))
    context = {
        "form": form,
        "takes_data": experiment.state in TAKES_DATA,
        "intakes": list(_listed(experiment, user)),
        "curl": shell_call(experiment, request.build_absolute_uri("/")),
        "python": python_call(experiment, request.build_absolute_uri("/")),
    }  # fmt: skip
    template = "experiments/experiment_data.html"
    status = status_of(form) if form.is_bound else 200
    return tab_page(request, template, experiment, "data", context, status=status)


def _listed(experiment: Experiment, user: User) -> Iterator[dict[str, Any]]:
    """What came in, the newest first, and what this person may do with it."""
    for row in experiment.intakes.select_related("by")[:SHOWN]:
        row.experiment = experiment
        units = sum(row.understood.get("units", {}).values())
        yield {"intake": row, "units": units, "may_remove": may_remove(row, user)}


@takes_files("RESULTS_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def data_drop(request: SignedIn) -> HttpResponse:
    """A file of whichever experiment: the names of its arms say of which."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        try:
            taken = attach(form.cleaned_data["file"], by=request.user)
            return redirect("experiments:intake_map", pk=taken.experiment_id, intake=taken.pk)
        except Refused as no:
            form.add_error("file", form_error(no))
    status = status_of(form) if form.is_bound else 200
    return render(request, "experiments/data_drop.html", {"form": form}, status=status)


@require_safe
def intake_rejected(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """The rejected rows with their reasons, as a file that is safe to open in a spreadsheet."""
    user = request.user
    taken = get_for(
        user,
        "experiments.view_experiment",
        Intake,
        join=(*JOINED_OF, "by"),
        pk=intake,
        experiment_id=pk,
    )
    rows = csv_lines(rejected_rows(rejected_for(taken, user)))
    response = HttpResponse("".join(rows), content_type="text/csv; charset=utf-8")
    name = f"{taken.experiment.key}-rejected.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

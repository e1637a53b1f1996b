"""Data in: a file is sent, mapped, shown as it was understood, and counts once confirmed."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from backlog.csv_guard import csv_lines
from backlog.forms.refusing import form_error, refusals_in, status_of
from backlog.htmx import render
from backlog.models import User
from backlog.permissions import get_for
from backlog.refusals import NotNow, Refused, SomebodyWasQuicker
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from experiments.flows import intake as flow
from experiments.flows.attaching import attach
from experiments.flows.confirming import Review
from experiments.flows.counting import TAKES_DATA
from experiments.forms.intake import FileForm, MappingForm
from experiments.models import Experiment, Intake
from experiments.views.intake_page import UnderstoodPage
from experiments.views.intake_summary import rejected_for
from experiments.views.snippets import python_call, shell_call
from experiments.views.status import JOINED, JOINED_OF, tab_page

SHOWN = 50
RARE = ("only_column", "second", "metric", "stratum", "segments")


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
            taken = flow.receive_file(experiment, form.cleaned_data["file"], by=user)
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
    is_lead = user.has_perm("experiments.remove_intake", experiment)
    is_member = user.has_perm("experiments.add_observation", experiment)
    for row in experiment.intakes.select_related("by")[:SHOWN]:
        units = sum(row.understood.get("units", {}).values())
        is_own = is_member and row.by_id == user.pk
        can_go = row.state not in (Intake.State.REMOVED, Intake.State.READING)
        yield {
            "intake": row, "units": units, "has_figures": units > 0,
            "may_remove": can_go and bool(row.file or row.sniffed or row.filename)
            and (is_lead or is_own),
        }  # fmt: skip


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


def _intake(request: SignedIn, pk: int, intake: int) -> Intake:
    user = request.user
    return get_for(
        user,
        "experiments.add_observation",
        Intake,
        join=(*JOINED_OF, "by"),
        pk=intake,
        experiment_id=pk,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def intake_map(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """Columns and labels, guessed; `labels` alone is re-read when another column names the arm."""
    taken = _intake(request, pk, intake)
    if taken.state not in (Intake.State.RECEIVED, Intake.State.UNDERSTOOD):
        return _where_it_is(taken)
    form = _mapping_form(request, taken)
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        with refusals_in(form):
            flow.understand(
                taken, by=request.user, mapping=form.mapping(), labels=form.meaning(),
                typed=form.typed(),
            )  # fmt: skip
            return _where_it_is(taken)
    is_wrong = request.method == "POST" and "look" not in request.POST
    return tab_page(
        request,
        "experiments/intake_map.html",
        taken.experiment,
        "data",
        {
            "intake": taken,
            "form": form,
            "is_look": "look" in request.POST,
            "next_step": None,
            "opens_more": any(form[name].value() for name in RARE),
        },
        partials={"labels"},
        status=status_of(form) if is_wrong else 200,
    )


def _mapping_form(request: SignedIn, taken: Intake) -> MappingForm:
    """The form with the labels of the chosen column; labels of another column are guessed again."""
    posted = request.POST.copy() if request.method == "POST" else None
    column = posted.get("variant", "") if posted else MappingForm(intake=taken).initial["variant"]
    try:
        labels = flow.labels_in(taken, column) if column else ()
    except NotNow:
        raise
    except Refused:
        labels = ()
    if posted is not None and posted.get("labels_of") != column:
        for name in [name for name in posted if name.startswith("label_")]:
            del posted[name]
        guessed = MappingForm(intake=taken, labels=labels).initial
        for number in range(len(labels)):
            posted[f"label_{number}"] = guessed[f"label_{number}"]
    return MappingForm(posted, intake=taken, labels=labels)


def _where_it_is(taken: Intake) -> HttpResponse:
    """The page that a file waits on."""
    pages = {"received": "intake_map", "reading": "intake_reading", "understood": "intake_confirm"}
    if taken.state in pages:
        return redirect(f"experiments:{pages[taken.state]}", taken.experiment_id, taken.pk)
    return redirect("experiments:experiment_data", pk=taken.experiment_id)


@require_safe
def intake_reading(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """How far the worker is; the page asks every second and goes on by itself."""
    taken = _intake(request, pk, intake)
    if taken.state != Intake.State.READING:
        return _where_it_is(taken)
    progress: dict[str, Any] = taken.understood
    context = {
        "intake": taken,
        "next_step": None,
        "step": progress.get("step", "waiting for a worker"),
        "share": round(progress.get("share", 0.02) * 100),
    }
    template = "experiments/intake_reading.html"
    return tab_page(request, template, taken.experiment, "data", context, partials={"reading"})


@require_http_methods(["GET", "HEAD", "POST"])
def intake_confirm(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """What was understood, and what is open; nothing counts before the POST that says so."""
    taken = _intake(request, pk, intake)
    refusal = None
    if request.method == "POST":
        refusal = _answered(request, taken)
        if refusal is None:
            return _after(request, taken)
    if taken.state != Intake.State.UNDERSTOOD:
        return _where_it_is(taken)
    ticks = frozenset(taken.mapping.get("acknowledged", ()))
    context = {
        "intake": taken,
        "next_step": None,
        "page": UnderstoodPage(taken, request.user, ticks),
        "refusal": refusal,
        "reason": request.POST.get("reason", ""),
    }
    template = "experiments/intake_confirm.html"
    return tab_page(
        request, template, taken.experiment, "data", context, partials={"understood"},
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def _answered(request: SignedIn, taken: Intake) -> Refused | None:
    """Keep the answers and ticks of the page, read again where an answer changed, else count."""
    posted, user = request.POST, request.user
    if taken.state != Intake.State.UNDERSTOOD:
        flow.count(taken, by=user)
        return None
    questions = Review(taken).questions
    given = {q["key"]: posted.get(f"answer:{q['key']}", q.get("answer", "")) for q in questions}
    changed = {q["key"] for q in questions if given[q["key"]] != q.get("answer", "")}
    ticks = posted.getlist("acknowledged")
    try:
        flow.acknowledge(taken, by=user, codes=ticks)
        if changed:
            flow.answer(taken, by=user, answers=given)
        elif posted.get("do") != "look":
            flow.count(taken, by=user, acknowledged=ticks, reason=posted.get("reason", ""))
    except (NotNow, SomebodyWasQuicker):
        raise
    except Refused as no:
        return no
    if changed and posted.get("do") != "look":
        messages.info(
            request, "Floe read the file again with your answers. Check the figures, then confirm."
        )
    return None


def _after(request: SignedIn, taken: Intake) -> HttpResponse:
    if taken.state in (Intake.State.COUNTED, Intake.State.ANALYSED):
        return redirect("experiments:experiment_results", pk=taken.experiment_id)
    return _where_it_is(taken)


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
    rows = csv_lines(flow.rejected_rows(rejected_for(taken, user)))
    response = HttpResponse("".join(rows), content_type="text/csv; charset=utf-8")
    name = f"{taken.experiment.key}-rejected.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

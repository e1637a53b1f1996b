"""Process experiments: the list, a draft with its units, what was measured, what follows."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.file_kinds import Unreadable
from backlog.forms.refusing import refusals_in, sentences_in, status_of
from backlog.htmx import render
from backlog.models import Pod
from backlog.permissions import get_for, require
from backlog.refusals import Refused
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows.process import moves, writing
from experiments.flows.process.outcomes import record_outcomes, require_running
from experiments.flows.process.pasting import Pasted, read_outcomes
from experiments.forms.process import (
    CancelForm,
    OutcomesForm,
    ProcessDecisionForm,
    ProcessExperimentForm,
    ProcessNoteForm,
    ProcessUnitsForm,
)
from experiments.learning.process_words import fewest_clusters
from experiments.models import ProcessExperiment
from experiments.views.process.experiment_page import experiment_page, list_rows

LIST_SHOWN = 200
VIEW, CHANGE, RUN = (
    f"experiments.{verb}_process_experiment" for verb in ("view", "change", "run")
)  # fmt: skip


def _seen(request: SignedIn, pk: int, perm: str = VIEW) -> ProcessExperiment:
    join = ("pod", "by", "decided_by", "started_by")
    return get_for(request.user, perm, ProcessExperiment, join=join, pk=pk)


@require_safe
def process_experiment_list(request: SignedIn) -> HttpResponse:
    rows = ProcessExperiment.objects.visible_to(request.user).select_related("pod")
    if pod_id := chosen_pod_id(request):
        rows = rows.open_to(Pod(pk=pod_id))
    context = {
        "rows": list_rows(rows[:LIST_SHOWN]),
        "can_add": Pod.objects.worked_in_by(request.user).exists(),
    }
    return render(request, "experiments/process_experiment_list.html", context)


@require_safe
def process_experiment_detail(request: SignedIn, pk: int) -> HttpResponse:
    page = experiment_page(_seen(request, pk), request.user)
    context = {"page": page, "experiment": page.experiment, "note_form": ProcessNoteForm(),
               "cancel_form": CancelForm()}  # fmt: skip
    return render(request, "experiments/process_experiment_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def process_experiment_new(request: SignedIn) -> HttpResponse:
    if not Pod.objects.worked_in_by(request.user).exists():
        require(request.user, CHANGE)
    first = {"pod": chosen_pod_id(request)}
    instance = ProcessExperiment()
    form = ProcessExperimentForm(
        request.POST or None, by=request.user, instance=instance, initial=first
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = writing.save_process_experiment(instance, by=request.user, **form.values())
            return redirect("experiments:process_experiment_units", pk=made.pk)
    return _edit_page(request, form, None)


def _edit_page(request: SignedIn, form: Any, experiment: ProcessExperiment | None) -> HttpResponse:
    status = status_of(form) if request.method == "POST" else 200
    context = {"form": form, "experiment": experiment}
    return render(request, "experiments/process_experiment_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def process_experiment_edit(request: SignedIn, pk: int) -> HttpResponse:
    experiment = _seen(request, pk, CHANGE)
    writing.require_draft(experiment)
    form = ProcessExperimentForm(request.POST or None, by=request.user, instance=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as fresh:
            writing.save_process_experiment(fresh, by=request.user, **form.values())
            messages.success(request, "The draft is saved.")
            return redirect(fresh)
    return _edit_page(request, form, ProcessExperiment.objects.get(pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
def process_experiment_units(request: SignedIn, pk: int) -> HttpResponse:
    experiment = _seen(request, pk, CHANGE)
    writing.require_draft(experiment)
    form = ProcessUnitsForm(request.POST or None, by=request.user, experiment=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as fresh:
            writing.choose_units(fresh, by=request.user, **form.values())
            messages.success(request, "The units are saved.")
            return redirect(fresh)
    status = status_of(form) if request.method == "POST" else 200
    context = {"form": form, "experiment": experiment, "fewest": fewest_clusters()}
    return render(request, "experiments/process_experiment_units.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def process_experiment_outcomes(request: SignedIn, pk: int) -> HttpResponse:
    """A value for each unit; the result follows once all are in."""
    experiment = _seen(request, pk, CHANGE)
    require_running(experiment)
    form = OutcomesForm(request.POST or None, by=request.user, experiment=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as fresh:
            record_outcomes(fresh, by=request.user, outcomes=form.outcomes())
            messages.success(request, "The outcomes are saved.")
            return redirect(fresh)
    return _outcomes_page(request, experiment, form)


def _outcomes_page(
    request: SignedIn, experiment: ProcessExperiment, form: Any, **more: Any
) -> HttpResponse:
    status = status_of(form) if request.method == "POST" else 200
    context = {"form": form, "experiment": experiment, **more}
    return render(request, "experiments/process_experiment_outcomes.html", context, status=status)


@require_POST
def process_experiment_paste(request: SignedIn, pk: int) -> HttpResponse:
    """Read a pasted table into the form of the outcomes; nothing is saved by it."""
    experiment = _seen(request, pk, CHANGE)
    require_running(experiment)
    text, problem, pasted = request.POST.get("table", "")[:100_000], "", Pasted()
    form = OutcomesForm(by=request.user, experiment=experiment)
    answers = {"numbers": request.POST.get("answer:numbers", "")}
    try:
        if not text.strip():
            raise Unreadable(
                "There is nothing here yet. Copy two columns in your sheet, then paste them."
            )
        pasted = read_outcomes(experiment, text, units=form.units, answers=answers)
    except Unreadable as error:
        problem = str(error)
    is_open = bool(pasted.question and pasted.question.is_open)
    if not is_open and pasted.values:
        form = form.filled(pasted.values)
    return _outcomes_page(
        request, experiment, form, pasted=pasted, is_open=is_open, table=text, problem=problem
    )


@require_POST
@counts_once
def process_experiment_move(request: SignedIn, pk: int, transition: str) -> HttpResponse:
    """Start it, or cancel it."""
    experiment, seen = _seen(request, pk, RUN), request.POST.get("seen", "")
    if transition == "start":
        moves.start_process_experiment(experiment, by=request.user, seen=seen)
        messages.success(request, "The units are assigned at random, and the experiment is sealed.")
    elif transition == "cancel":
        form = CancelForm(request.POST)
        if not form.is_valid():
            raise Refused(sentences_in(form))
        moves.cancel_process_experiment(experiment, by=request.user, seen=seen, **form.cleaned_data)
        messages.success(request, "It is cancelled.")
    else:
        raise Http404
    return redirect(experiment)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def process_experiment_decide(request: SignedIn, pk: int) -> HttpResponse:
    experiment = _seen(request, pk, RUN)
    form = ProcessDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            moves.decide_process_experiment(
                experiment, by=request.user, seen=request.POST.get("seen", ""), **form.cleaned_data
            )
            messages.success(request, "It is decided.")
            return redirect(experiment)
    status = status_of(form) if request.method == "POST" else 200
    context = {"form": form, "page": experiment_page(experiment, request.user)}
    return render(request, "experiments/process_experiment_decide.html", context, status=status)


@require_POST
@counts_once
def process_experiment_note(request: SignedIn, pk: int) -> HttpResponse:
    experiment = _seen(request, pk, CHANGE)
    form = ProcessNoteForm(request.POST)
    if not form.is_valid():
        raise Refused(sentences_in(form))
    writing.note_on_process(experiment, by=request.user, **form.cleaned_data)
    messages.success(request, "The note is added.")
    return redirect(experiment)

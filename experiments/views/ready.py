"""Before the launch: what is checked by itself and by people, the nine questions, waivers, steps."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in, sentences_in
from backlog.htmx import render
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import agreeing, milestones
from experiments.flows.guards import (
    Check,
    lines_of,
    risk_to_approve,
    standing_approval,
)
from experiments.flows.promotion import EDITABLE_STATES
from experiments.forms.ready import (
    MilestonesForm,
    ReadyForm,
    WaiverForm,
)
from experiments.models import Approval, Experiment, Milestone, Waiver
from experiments.views.status import JOINED, tab_page

WAIVERS_SHOWN = 200


def place_of(experiment: Experiment, check: Check) -> str:
    """Where a check is answered."""
    return f"{reverse(f'experiments:experiment_{check.place}', args=[experiment.pk])}#{check.part}"


def to_do(experiment: Experiment, missing: Iterable[tuple[Check, str]]) -> list[tuple[str, str]]:
    return [(place_of(experiment, check), sentence) for check, sentence in missing]


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_ready(request: SignedIn, pk: int) -> HttpResponse:
    """The page; a POST keeps answers and ticks together, so that no button loses what the other has."""
    perm = (
        "experiments.change_experiment"
        if request.method == "POST"
        else "experiments.view_experiment"
    )
    experiment = get_for(request.user, perm, Experiment, join=JOINED, pk=pk)
    form = ReadyForm(request.POST if request.method == "POST" else None, experiment=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as held:
            agreeing.prepare(held, by=request.user, **form.values())
            messages.success(request, "Answers and checklist are saved.")
            return redirect("experiments:experiment_ready", pk=pk)
    return _page(request, experiment, form, status=422 if form.errors else 200)


def _page(
    request: SignedIn,
    experiment: Experiment,
    form: ReadyForm,
    *,
    status: int = 200,
) -> HttpResponse:
    lines = lines_of(experiment, request.user)
    context = {
        "form": form,
        "lines": [(line, place_of(experiment, line.check)) for line in lines],
        "done": sum(line.state != "open" for line in lines),
        "is_open": experiment.state in EDITABLE_STATES,
        "checklist": [(field, experiment.ticked.get(line)) for field, line in form.checks()],
        "risks_yes": risk_to_approve(experiment),
        "approvals": _approvals(experiment),
        "waivers": experiment.waivers_given,
        "waiver_form": WaiverForm(),
        "milestones": _milestones(experiment),
    }
    template = "experiments/experiment_ready.html"
    return tab_page(request, template, experiment, "ready", context, status=status)


def _approvals(experiment: Experiment) -> list[dict[str, Any]]:
    """Each kind with what stands, and what was of an earlier plan."""
    rows = []
    for kind in Approval.Kind:
        given = [row for row in experiment.vouched if row.kind == kind]
        stands = standing_approval(experiment, kind)
        earlier = given[0] if given and stands is None else None
        rows.append({"kind": kind, "stands": stands, "earlier": earlier})
    return rows


def _milestones(experiment: Experiment) -> list[Milestone]:
    rows = list(experiment.milestones.select_related("done_by"))
    for row in rows:
        row.experiment = experiment
    return rows


@require_POST
@counts_once
def experiment_approve(request: SignedIn, pk: int, kind: str) -> HttpResponse:
    """QA of the plan as it stands, or a programme owner's approval of its risk."""
    if kind not in Approval.Kind.values:
        raise Http404
    experiment = get_for(
        request.user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk
    )
    note = request.POST.get("note", "")[:500]
    agreeing.approve(experiment, by=request.user, kind=kind, note=note)
    messages.success(request, "Recorded. It holds until the plan changes.")
    return _back(experiment, "approvals")


@require_POST
def experiment_waive(request: SignedIn, pk: int) -> HttpResponse:
    """Waive a standard with a reason, or take that back."""
    experiment = get_for(request.user, "experiments.waive_standard", Experiment, pk=pk)
    withdrawn = request.POST.get("withdraw", "")
    if withdrawn in Waiver.Standard.values:
        agreeing.withdraw_waiver(experiment, by=request.user, standard=withdrawn)
        return _back(experiment, "waivers")
    form = WaiverForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_in(form):
            agreeing.waive(
                experiment, by=request.user, standards=[values["standard"]], reason=values["reason"]
            )
    if form.errors:
        messages.error(request, sentences_in(form))
    return _back(experiment, "waivers")


def _back(experiment: Experiment, part: str) -> HttpResponse:
    return redirect(f"{reverse('experiments:experiment_ready', args=[experiment.pk])}#{part}")


@require_POST
def milestone_reach(request: SignedIn, pk: int, milestone: int) -> HttpResponse:
    experiment = get_for(request.user, "experiments.change_experiment", Experiment, pk=pk)
    row = experiment.milestones.filter(pk=milestone).first()
    if row is None:
        raise Http404
    milestones.reach_milestone(row, by=request.user, is_done=request.POST.get("done") != "no")
    return _back(experiment, "milestones")


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Name, role and date of the steps that are not reached yet."""
    experiment = get_for(request.user, "experiments.change_experiment", Experiment, pk=pk)
    form = MilestonesForm(request.POST or None, experiment=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as held:
            rows: Any = form.lists["steps"]
            milestones.change_milestones(held, by=request.user, rows=rows.rows())
            return _back(experiment, "milestones")
    context = {"experiment": experiment, "form": form, "rows": form.lists["steps"]}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/milestone_edit.html", context, status=status)


@require_safe
def waiver_list(request: SignedIn) -> HttpResponse:
    """How often which standard was waived, by pod: where they pile up, the standard may be wrong."""
    seen = Waiver.objects.visible_to(request.user)
    counts = seen.values("experiment__pod__name", "standard").annotate(times=Count("pk"))
    labels = dict(Waiver.Standard.choices)
    context = {
        "counts": [
            {"pod": row["experiment__pod__name"], "standard": labels[row["standard"]],
             "times": row["times"]}
            for row in counts.order_by("-times", "experiment__pod__name")
        ],
        "waivers": seen.select_related("experiment__pod", "by")[:WAIVERS_SHOWN],
    }  # fmt: skip
    return render(request, "experiments/waiver_list.html", context)

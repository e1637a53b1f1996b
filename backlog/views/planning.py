"""Quarters and their objectives."""

from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from backlog.flows.planning import open_quarter, remove_objective, save_objective
from backlog.forms.planning import ObjectiveForm, QuarterForm
from backlog.forms.refusing import refusals_in
from backlog.models import Objective, Pod, Quarter
from backlog.permissions import get_for, require
from backlog.refusals import Refused
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving


@require_safe
def quarter_list(request: SignedIn) -> HttpResponse:
    """Newest first, each with the objectives that this person may see."""
    seen = Objective.objects.visible_to(request.user).distinct().select_related("pod")
    objectives = Prefetch("objectives", seen.annotate(idea_count=Count("ideas", distinct=True)))
    context = {
        "quarters": Quarter.objects.select_related("closed_by").prefetch_related(objectives),
        "can_add": request.user.has_perm("backlog.change_quarter")
        or Pod.objects.led_by(request.user).exists(),
    }
    return render(request, "backlog/quarter_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def quarter_new(request: SignedIn) -> HttpResponse:
    require(request.user, "backlog.change_quarter")
    form = QuarterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            open_quarter(by=request.user, day=form.cleaned_data["starts_on"])
            return redirect("backlog:quarter_list")
    context = {"form": form}
    return render(request, "backlog/quarter_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def objective_new(request: SignedIn) -> HttpResponse:
    """For a pod that one leads; programme owners for every pod too."""
    led = Pod.objects.led_by(request.user)
    if not led.exists():
        require(request.user, "backlog.change_quarter")
    if not Quarter.objects.filter(ends_on__gt=timezone.localdate()).exists():
        raise Refused("There is no quarter yet. Ask a programme owner to open one.")
    initial = {"quarter": request.GET.get("quarter"), "pod": chosen_pod_id(request)}
    form = ObjectiveForm(request.POST or None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            save_objective(Objective(), by=request.user, **form.cleaned_data)
            return redirect("backlog:quarter_list")
    context = {"form": form}
    return render(
        request, "backlog/objective_new.html", context, status=422 if form.errors else 200
    )


def _objective_for(request: SignedIn, pk: int) -> Objective:
    """The objective, if this person may change it: its pod's leads, or programme owners."""
    objective = get_for(request.user, "backlog.view_objective", Objective, pk=pk)
    if objective.pod is None:
        require(request.user, "backlog.change_quarter")
    else:
        require(request.user, "backlog.change_objective", objective)
    return objective


@require_http_methods(["GET", "HEAD", "POST"])
def objective_edit(request: SignedIn, pk: int) -> HttpResponse:
    objective = _objective_for(request, pk)
    form = ObjectiveForm(request.POST or None, by=request.user, instance=objective)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, objective) as held:
            save_objective(held, by=request.user, **form.cleaned_data)
            return redirect("backlog:quarter_list")
    context = {"form": form, "objective": objective}
    return render(
        request, "backlog/objective_edit.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def objective_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Asks first: the ideas that point at it lose it."""
    objective = _objective_for(request, pk)
    if request.method == "POST":
        remove_objective(objective, by=request.user)
        return redirect("backlog:quarter_list")
    context = {"objective": objective, "ideas": objective.ideas.count()}
    return render(request, "backlog/objective_remove.html", context)

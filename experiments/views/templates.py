"""Templates of plans, and cloning an experiment."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.models import User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import templating
from experiments.forms.templates import CloneForm, TemplateForm
from experiments.models import Experiment, PlanTemplate


@require_safe
def template_list(request: SignedIn) -> HttpResponse:
    """What a plan can begin with; a template is kept from an experiment that worked."""
    seen = PlanTemplate.objects.visible_to(request.user).select_related("pod")
    context = {"rows": [(template, _may_change(request.user, template)) for template in seen]}
    return render(request, "experiments/template_list.html", context)


def _may_change(user: User, template: PlanTemplate) -> bool:
    try:
        templating.require_for(user, template)
    except PermissionDenied:
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def template_keep(request: SignedIn, pk: int) -> HttpResponse:
    """Keep the plan of an experiment as a template."""
    user = request.user
    experiment = get_for(user, "experiments.clone_experiment", Experiment, join=("pod",), pk=pk)
    weeks = None
    if experiment.starts_on and experiment.ends_on:
        weeks = max(1, (experiment.ends_on - experiment.starts_on).days // 7)
    first = {"name": experiment.title[:80], "pod": experiment.pod_id, "weeks": weeks,
             "most_metrics": len(experiment.measured),
             "decision_table": experiment.decision_table,
             "checklist": "\n".join(experiment.checklist)}  # fmt: skip
    form = TemplateForm(request.POST or None, by=user, instance=PlanTemplate(), initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = templating.keep_template(experiment, by=user, **form.values())
            messages.success(request, f"“{made}” is now offered on every promote page of its pod.")
            return redirect(made)
    context = {"form": form, "experiment": experiment}
    status = 422 if form.errors else 200
    return render(request, "experiments/template_keep.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: SignedIn, pk: int) -> HttpResponse:
    user = request.user
    template = get_for(user, "experiments.view_template", PlanTemplate, join=("pod",), pk=pk)
    templating.require_for(user, template)
    form = TemplateForm(request.POST or None, by=user, instance=template)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, template) as fresh:
            templating.change_template(fresh, by=user, **form.values())
            messages.success(request, "The template is saved.")
            return redirect(fresh)
    context = {"form": form, "template": PlanTemplate.objects.get(pk=pk)}
    status = 422 if form.errors else 200
    return render(request, "experiments/template_edit.html", context, status=status)


@require_POST
def template_remove(request: SignedIn, pk: int) -> HttpResponse:
    template = get_for(request.user, "experiments.view_template", PlanTemplate, pk=pk)
    templating.remove_template(template, by=request.user)
    messages.success(request, f"“{template}” is removed. Experiments keep what they took from it.")
    return redirect("experiments:template_list")


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def experiment_clone(request: SignedIn, pk: int) -> HttpResponse:
    """The same plan once more; asks for a title."""
    experiment = get_for(
        request.user, "experiments.clone_experiment", Experiment, join=("pod", "idea"), pk=pk
    )
    first = {"title": f"{experiment.title[:190]}, again"}
    form = CloneForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = templating.clone(experiment, by=request.user, **form.cleaned_data)
            messages.success(request, f"{made.key} is a draft now, cloned from {experiment.key}.")
            return redirect("experiments:experiment_edit", pk=made.pk)
    context = {"form": form, "experiment": experiment}
    status = 422 if form.errors else 200
    return render(request, "experiments/experiment_clone.html", context, status=status)

"""The catalogue of metrics: what each means, where it stands, where it is used."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Event, Pod, User
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import cataloguing
from experiments.flows.baselines import learnt_baselines
from experiments.forms.metrics import CatalogueForm
from experiments.models import Experiment, Metric
from experiments.views.wording import value_text

USES_SHOWN = 20


@require_safe
def metric_list(request: SignedIn) -> HttpResponse:
    """What one's pods can measure, with where it stands by the tests that were decided."""
    metrics = list(Metric.objects.visible_to(request.user).select_related("pod", "owner"))
    learnt = learnt_baselines(metrics, seen_by=request.user)
    rows = [
        (metric, value_text(learnt[metric.pk].mean, metric.kind) if metric.pk in learnt else "")
        for metric in metrics
    ]
    return render(
        request,
        "experiments/metric_list.html",
        {"rows": rows, "can_add": Pod.objects.led_by(request.user).exists()},
    )


@require_safe
def metric_detail(request: SignedIn, pk: int) -> HttpResponse:
    """Definition, certificate, baseline with its source, uses, history."""
    metric = get_for(
        request.user,
        "experiments.view_metric",
        Metric,
        join=("pod", "owner", "certified_by"),
        pk=pk,
    )
    learnt = learnt_baselines([metric], seen_by=request.user).get(metric.pk)
    uses = Experiment.objects.visible_to(request.user).filter(metrics__metric=metric)
    context = {
        "metric": metric,
        "learnt": learnt,
        "mean": value_text(learnt.mean, metric.kind) if learnt else "",
        "margin": value_text(metric.usual_margin, metric.kind),
        "uses": uses.for_list()[:USES_SHOWN],
        "events": Event.objects.about(metric)[:USES_SHOWN],
        "can_edit": may_change(request.user, metric),
        "can_certify": request.user.has_perm("experiments.certify_metric"),
    }
    return render(request, "experiments/metric_detail.html", context)


def may_change(user: User, metric: Metric) -> bool:
    try:
        cataloguing.require_for(user, metric)
    except PermissionDenied:
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def metric_new(request: SignedIn) -> HttpResponse:
    """For a pod that one leads; programme owners for every pod too."""
    if not Pod.objects.led_by(request.user).exists():
        require(request.user, "experiments.change_metric_of_all")
    first = {"pod": chosen_pod_id(request), "name": request.GET.get("name", "")[:80]}
    form = CatalogueForm(request.POST or None, by=request.user, instance=Metric(), initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            metric = cataloguing.add_metric(by=request.user, **form.values())
            messages.success(request, f"“{metric}” is in the catalogue now.")
            return redirect(metric)
    status = 422 if form.errors else 200
    return render(request, "experiments/metric_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def metric_edit(request: SignedIn, pk: int) -> HttpResponse:
    metric = get_for(request.user, "experiments.view_metric", Metric, join=("pod",), pk=pk)
    cataloguing.require_for(request.user, metric)
    form = CatalogueForm(request.POST or None, by=request.user, instance=metric)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, metric) as fresh:
            cataloguing.change_metric(fresh, by=request.user, **form.values())
            messages.success(request, "The metric is saved.")
            return redirect(fresh)
    context = {"form": form, "metric": Metric.objects.get(pk=pk)}
    status = 422 if form.errors else 200
    return render(request, "experiments/metric_edit.html", context, status=status)


@require_POST
def metric_certify(request: SignedIn, pk: int) -> HttpResponse:
    """A programme owner vouches for it, or takes that back."""
    metric = get_for(request.user, "experiments.certify_metric", Metric, pk=pk)
    is_certified = request.POST.get("certified") != "no"
    cataloguing.certify_metric(metric, by=request.user, is_certified=is_certified)
    messages.success(request, f"“{metric}” is {'' if is_certified else 'no longer '}certified.")
    return redirect(metric)

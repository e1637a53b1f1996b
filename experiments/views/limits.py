"""What a quarter and a pod can take."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backlog.forms.refusing import refusals_in
from backlog.models import Pod, Quarter
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.saving import saving
from experiments.flows.limiting import change_pod_limits, change_quarter_limits
from experiments.forms.limits import PodLimitsForm, QuarterLimitsForm


@require_http_methods(["GET", "HEAD", "POST"])
def quarter_limits(request: SignedIn, pk: int) -> HttpResponse:
    """How much may run at once in a quarter; for programme owners."""
    require(request.user, "backlog.change_quarter")
    quarter = get_for(request.user, "backlog.change_quarter", Quarter, pk=pk)
    form = QuarterLimitsForm(request.POST or None, quarter=quarter)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, quarter) as held:
            change_quarter_limits(held, by=request.user, **form.cleaned_data)
            messages.success(request, f"The limits of {quarter} are saved.")
            return redirect("backlog:quarter_list")
    context = {"form": form, "quarter": quarter}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/quarter_limits.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def pod_limits(request: SignedIn, pk: int) -> HttpResponse:
    """What a pod can take on in a week; for its leads."""
    pod = get_for(request.user, "experiments.change_pod_limits", Pod, pk=pk)
    form = PodLimitsForm(request.POST or None, pod=pod)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, pod) as held:
            change_pod_limits(held, by=request.user, **form.values())
            messages.success(request, f"The limits of {pod} are saved.")
            return redirect("backlog:pod_detail", pk=pk)
    context = {"form": form, "pod": pod, "rows": form.weeks}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/pod_limits.html", context, status=status)

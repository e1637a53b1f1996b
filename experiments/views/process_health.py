"""The page Health, and muting one of its signs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backlog.models import Pod
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows.health.signs import mute_sign
from experiments.flows.health.valuing import use_expected_value
from experiments.models import WarningSign
from experiments.views.process.page import health_page


@require_safe
def health(request: SignedIn) -> HttpResponse:
    """Of all pods, of one (`pod`), or how well one’s own scores foretold results (`own`)."""
    pods = list(Pod.objects.visible_to(request.user).select_related("limits"))
    chosen = request.GET.get("pod", "")
    pod = next((one for one in pods if str(one.pk) == chosen), None)
    page = health_page(request.user, pods, pod, is_own="own" in request.GET)
    return render(request, "experiments/health.html", {"page": page})


@require_POST
@counts_once
def expected_value(request: SignedIn) -> HttpResponse:
    """Turn expected value beside ICE on (`use`), or off."""
    require(request.user, "experiments.use_expected_value")
    is_used = "use" in request.POST
    use_expected_value(by=request.user, is_used=is_used)
    words = (
        "The backlog gets a column Expected value" if is_used else "Ideas are ranked by ICE alone"
    )
    messages.success(request, f"{words}. It takes a moment until all ideas have followed.")
    return redirect("experiments:health")


@require_POST
@counts_once
def sign_mute(request: SignedIn, pk: int) -> HttpResponse:
    """Leave a sign out for four weeks, with a reason."""
    sign = get_for(request.user, "experiments.mute_sign", WarningSign, pk=pk)
    mute_sign(sign, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, f"It is left out until {sign.muted_until:%-d %b}.")
    address = reverse("experiments:health")
    return redirect(f"{address}?pod={sign.pod_id}" if "of" in request.POST else address)

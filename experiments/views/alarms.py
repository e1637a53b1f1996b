"""Mute an alarm, with a reason."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backlog.permissions import get_for
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows.alarming import mute
from experiments.forms.alarms import MuteForm
from experiments.models import Alarm


@require_POST
@counts_once
def alarm_mute(request: SignedIn, pk: int, alarm: int) -> HttpResponse:
    """Mute it for some days, for everybody."""
    user = request.user
    raised = get_for(
        user, "experiments.mute_alarm", Alarm, join=("experiment__pod",), pk=alarm, experiment_id=pk
    )
    form = MuteForm(request.POST)
    if not form.is_valid():
        raise Refused(str(next(iter(form.errors.values()))[0]))
    mute(raised, by=user, **form.cleaned_data)
    messages.success(request, f"Muted until {raised.muted_until:%-d %b}.")
    return redirect("experiments:experiment_results", pk=pk)

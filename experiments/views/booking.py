"""What one test takes from its quarter."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backlog.forms.refusing import refusals_in
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.saving import saving
from experiments.flows.quarter.booking import change_booking
from experiments.forms.booking import BookingForm
from experiments.models import Booking


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_booking(request: SignedIn, pk: int) -> HttpResponse:
    """Forecasts that the calendar counts with, and the days that it took."""
    user = request.user
    booking = get_for(
        user, "experiments.change_experiment", Booking, experiment=pk,
        join=("experiment__pod", "experiment__idea", "experiment__segment"),
    )  # fmt: skip
    form = BookingForm(request.POST or None, by=user, instance=booking)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, booking) as held:
            values = {name: form.cleaned_data[name] for name in form.Meta.fields}
            change_booking(held, by=user, **values)
            messages.success(request, "Saved. The calendar counts with it from now on.")
            return redirect("experiments:experiment_detail", pk=pk)
    context = {"experiment": booking.experiment, "form": form}
    status = 422 if form.errors else 200
    return render(request, "experiments/experiment_booking.html", context, status=status)

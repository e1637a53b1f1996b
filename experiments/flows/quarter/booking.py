"""What a test takes: corrected by hand where Floe's own figure is wrong, and the days that it took."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet

from backlog.models import Event, User
from backlog.permissions import require
from experiments.models import Booking, Experiment
from experiments.quarter.dependencies import circle_in


@transaction.atomic
def change_booking(
    booking: Booking, *, by: User, after: Iterable[Experiment] | None = None, **fields: Any
) -> Booking:
    """Write forecasts and days taken; `after` are the tests that must be over before it starts.

    Those that `by` can't see stay: whoever does not see them can't mean to remove them.

    Raises PermissionDenied, ValidationError.
    """
    experiment = booking.experiment
    require(by, "experiments.change_experiment", experiment)
    for name, value in fields.items():
        setattr(booking, name, value)
    booking.full_clean()
    booking.save()
    Booking.objects.filter(pk=booking.pk).update(version=F("version") + 1)
    if after is not None:
        seen = Experiment.objects.visible_to(by)
        chosen = [*after, *booking.after.exclude(pk__in=seen.values("pk"))]
        _refuse_circles(experiment, chosen, named=seen)
        booking.after.set(chosen)
    Event.record(experiment, "booking", f"{by} changed what it takes.", by=by)
    return booking


def _refuse_circles(
    experiment: Experiment, chosen: list[Experiment], *, named: QuerySet[Experiment]
) -> None:
    """Those in `named` have their titles in the sentence."""
    waits: dict[int, list[int]] = {}
    links = Booking.after.through.objects.exclude(booking__experiment=experiment)
    for later, earlier in links.values_list("booking__experiment", "experiment"):
        waits.setdefault(later, []).append(earlier)
    waits[experiment.pk] = [other.pk for other in chosen]
    if circle := circle_in(waits):
        titles = dict(named.filter(pk__in=circle).values_list("pk", "title"))
        words = [f"“{titles[key]}”" if key in titles else "another experiment" for key in circle]
        raise ValidationError(
            {"after": f"They would wait for each other: {' after '.join([*words, words[0]])}."}
        )

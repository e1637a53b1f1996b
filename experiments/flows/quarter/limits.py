"""What limits everything on the calendar: overlaps, capacities and their corrections, caps, the holdout."""

import datetime as dt
from collections.abc import Iterable, Mapping

from backlog.models import Quarter
from experiments.flows.agreements.terms import strictest_rule, terms_in_force
from experiments.flows.quarter.bars import Bands, people_days_of
from experiments.models import Agreement, Booking, Holdout, PodLimits, PodWeek, SegmentOverlap
from experiments.quarter.bars import Overlaps
from experiments.quarter.capacity import Correction, PodCapacity, correction


def overlaps_now() -> Overlaps:
    """What segments share, both ways."""
    shares: dict[tuple[int, int], float] = {}
    for row in SegmentOverlap.objects.all():
        shares[row.first_id, row.second_id] = row.share_of_first
        shares[row.second_id, row.first_id] = row.share_of_second
    return Overlaps(shares)


def capacities_of(corrections: Mapping[int, Correction]) -> tuple[PodCapacity, ...]:
    """Of every pod: people-days a week with its exceptions, tests at once, its own correction."""
    limits = {row.pod_id: row for row in PodLimits.objects.all()}
    weeks: dict[int, dict[dt.date, float]] = {}
    for week in PodWeek.objects.all():
        weeks.setdefault(week.pod_id, {})[week.starts_on] = week.people_days
    rows = []
    for pk in sorted({*limits, *weeks, *corrections}):
        own, factor = limits.get(pk), corrections.get(pk, Correction(0)).factor
        rows.append(
            PodCapacity(
                pk,
                own.people_days if own else None,
                weeks.get(pk, {}),
                own.tests_at_once if own else None,
                factor or 1.0,
            )
        )
    return tuple(rows)


def corrections_of(pods: Iterable[int], ease: Bands | None) -> dict[int, Correction]:
    """Days taken over days forecast of each pod, from its tests for which both are known.

    The forecast is what somebody entered, else what the Ease of the idea claims by the bands `ease`.
    """
    past: dict[int, list[tuple[float, float]]] = {pod: [] for pod in pods}
    rows = Booking.objects.filter(experiment__pod__in=list(past), days_taken__isnull=False)
    for booking in rows.select_related("experiment__idea").order_by("pk"):
        forecast = people_days_of(booking.experiment, booking, ease)
        past[booking.experiment.pod_id].append((forecast, booking.days_taken or 0.0))
    return {pod: correction(pairs) for pod, pairs in past.items()}


def caps_for(channels: Iterable[str]) -> dict[str, float]:
    """The most messages a week per person on these channels, as the contact rules agree."""
    terms = list(terms_in_force(Agreement.Kind.CONTACT))
    rules = {channel: strictest_rule(terms, channel) for channel in sorted(channels)}
    return {channel: rule.most for channel, rule in rules.items() if rule}


def held_out_share(quarter: Quarter | None) -> float:
    holdout: Holdout | None = getattr(quarter, "holdout", None) if quarter else None
    return holdout.share / 100 if holdout else 0.0

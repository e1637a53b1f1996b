"""One test as the rules of the calendar see it: its bar, and what its detectable effect depends on."""

import datetime as dt
import math
from typing import Any

from backlog.claims import claim_at
from backlog.models import Rubric, RubricBand
from experiments.flows.agreements.terms import booking_of, share_taken
from experiments.flows.sealing import sizing_by
from experiments.models import Booking, Experiment, ExperimentMetric
from experiments.plan.sizing import unequal
from experiments.quarter.bars import Bar
from experiments.quarter.effects import EffectFacts

USUAL_WEEKS = 4
EVERYBODY = 1.0  # the share of a test that does not know how many it needs, or of how many
NOWHERE = dt.date(2000, 1, 1)
Bands = list[tuple[float, float]]


def primary_of(test: Experiment) -> ExperimentMetric | None:
    """The row of the primary metric, as `calendar_facts` has read it, else by a query."""
    rows = getattr(test, "primaries", None)
    if rows is None:
        return test.primary
    return rows[0] if rows else None


def units_of(test: Experiment) -> int | None:
    """Units that it needs in all arms together: of a sealed plan as it was sealed."""
    if test.sealed_plan:
        units = test.sealed_plan.get("planned_units")
        return int(units) if units else None
    sizing = sizing_by(test, primary_of(test))
    return sizing.units if sizing else None


def days_of(test: Experiment, units: int | None) -> int:
    """Of its run: as placed, else as many weeks as its size needs, else the usual four."""
    if test.starts_on and test.ends_on:
        return (test.ends_on - test.starts_on).days
    if units and test.units_per_week:
        return 7 * max(1, math.ceil(units / test.units_per_week))
    return 7 * USUAL_WEEKS


def bar_of(
    test: Experiment,
    *,
    ease: Bands | None,
    booking: Booking | None = None,
    after: frozenset[int] | None = None,
) -> Bar:
    """One test as the rules see it; a test without dates stands at `NOWHERE`.

    `ease` are the rubric's bands; an unsaved `booking` stands in for the test's own. `after` are the
    tests that it waits for, for a caller who has read them already.
    """
    booking, units = booking or booking_of(test), units_of(test)
    starts_on = test.starts_on or NOWHERE
    people_days = people_days_of(test, booking, ease)
    build_days = booking.build_days if booking and booking.build_days is not None else None
    share = share_taken(test, booking, units)
    readout = booking.readout_days if booking and booking.readout_days is not None else 1
    return Bar(
        key=test.pk,
        name=test.title,
        pod=test.pod_id or 0,
        segment=test.segment_id,
        channel=test.channel,
        surface=booking.surface if booking else "",
        namespace=test.namespace_id,
        starts_on=starts_on,
        ends_on=starts_on + dt.timedelta(days=days_of(test, units)),
        build_days=math.ceil(people_days) if build_days is None else build_days,
        readout_days=readout,
        share=EVERYBODY if share is None else share,
        people_days=people_days,
        units=units,
        units_per_week=test.units_per_week,
        messages_per_week=booking.messages_per_week if booking else None,
        objective=test.objective_id,
        value=value_of(test),
        after=_after(booking) if after is None else after,
        is_fixed=test.state not in (Experiment.State.DRAFT, Experiment.State.PLANNED),
    )


def _after(booking: Booking | None) -> frozenset[int]:
    if booking is None or booking.pk is None:
        return frozenset()
    return frozenset(other.pk for other in booking.after.all())


def value_of(test: Experiment) -> float:
    """Its ICE; 0 while the idea is blind or without a score."""
    return 0.0 if test.idea.is_blind else test.idea.ice or 0.0


def people_days_of(test: Experiment, booking: Booking | None, ease: Any) -> float:
    """As somebody entered it, else what the Ease of its idea claims, else 0."""
    if booking and booking.people_days is not None:
        return booking.people_days
    if ease is None or test.idea.is_blind or test.idea.ease is None:
        return 0.0
    return claim_at("ease", test.idea.ease, ease)


def claims_now() -> dict[str, Bands]:
    """What the newest rubric's bands claim, by dimension, lowest score first; empty without a rubric."""
    newest = Rubric.objects.order_by("-version").values("pk")[:1]
    claims: dict[str, Bands] = {}
    for band in RubricBand.objects.filter(rubric__in=newest).order_by("band"):
        claims.setdefault(band.dimension, []).append((band.low, band.high))
    return claims


def effect_facts(test: Experiment) -> EffectFacts | None:
    """What its detectable effect depends on; None while the plan does not say it."""
    primary = primary_of(test)
    if primary is None or primary.baseline is None or not test.units_per_week:
        return None
    return EffectFacts(
        baseline=primary.baseline,
        units_per_week=float(test.units_per_week),
        kind=primary.metric.kind,
        sd=primary.baseline_sd,
        arms=max(2, len(test.arms)),
        weights=unequal([arm.weight for arm in test.arms]),
        alpha=round(1 - test.confidence, 12),
        power=test.power,
        reading=test.reading,
        looks=test.looks,
        matters=primary.smallest_effect,
    )

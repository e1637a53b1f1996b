"""What the rules of the calendar need to know, read for all tests of some days at once.

Tests of every pod count, also of those that the reader does not see: an audience is sold once. Whoever
shows a name asks `visible_to` first.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone

from backlog.claims import claim_at
from backlog.models import Quarter, Rubric, RubricBand, Workspace
from experiments.flows.agreements.terms import (
    booking_of,
    share_taken,
    strictest_rule,
    terms_in_force,
)
from experiments.flows.sealing import sizing_by
from experiments.models import (
    Agreement,
    Blackout,
    Booking,
    Experiment,
    ExperimentMetric,
    Holdout,
    PodLimits,
    PodWeek,
    Segment,
    SegmentOverlap,
)
from experiments.plan.sizing import unequal
from experiments.quarter.bars import Bar, Overlaps, SegmentFacts
from experiments.quarter.bars import Blackout as BlackoutBar
from experiments.quarter.capacity import Correction, PodCapacity, correction
from experiments.quarter.consequences import Facts
from experiments.quarter.effects import EffectFacts
from experiments.quarter.ledger import Booking as Booked
from experiments.quarter.ledger import ledger
from experiments.quarter.timeline import weeks_of
from experiments.units.assignment import BUCKETS

# A test counts for as long as it may meet people; one that is decided or closed has met its own.
OPEN_STATES = (
    Experiment.State.DRAFT, Experiment.State.PLANNED,
    Experiment.State.RUNNING, Experiment.State.ANALYSING,
)  # fmt: skip
ALONG = ("idea", "booking", "unveiling", "decision__analysis")
SHARED = ("pod", "segment", "objective", "owner")  # a few rows that many tests point at
UNUSED = ("hypothesis", "answers", "risks", "checklist", "decision_table",
          "idea__description", "idea__observation", "idea__change", "idea__audience",
          "idea__outcome", "idea__reason")  # fmt: skip
USUAL_WEEKS = 4
EVERYBODY = 1.0  # the share of a test that does not know how many it needs, or of how many
NOWHERE = dt.date(2000, 1, 1)
A_YEAR = dt.timedelta(days=366)
Bands = list[tuple[float, float]]


@dataclass(frozen=True)
class CalendarFacts:
    """All placed tests of some days with the rules' view of them.

    `tests` are by key; `bars` have the placed ones, `free` those without dates; `facts` are the rest.
    """

    tests: Mapping[int, Experiment]
    bars: tuple[Bar, ...]
    free: tuple[Bar, ...]
    facts: Facts
    corrections: Mapping[int, Correction]
    blackouts: tuple[Blackout, ...]
    segments: tuple[Segment, ...]
    chances: Bands | None

    @cached_property
    def by_key(self) -> dict[int, Bar]:
        return {bar.key: bar for bar in (*self.bars, *self.free)}

    @cached_property
    def booked(self) -> tuple[Booked, ...]:
        """How much of each segment is taken, week by week."""
        facts = self.facts
        return ledger(self.bars, facts.weeks, facts.overlaps, holdout=facts.holdout)


def facts_of_quarter(quarter: Quarter) -> CalendarFacts:
    """What the rules know of a quarter, with the tests that have no dates yet."""
    return calendar_facts(quarter.starts_on, quarter.ends_on, quarter=quarter, with_free=True)


def calendar_facts(
    starts_on: dt.date,
    ends_on: dt.date,
    *,
    quarter: Quarter | None,
    with_free: bool = False,
    besides: Iterable[int] = (),
    first_weekday: int | None = None,
) -> CalendarFacts:
    """Read the tests that touch these days (and those `besides`), and everything that limits them.

    `with_free` reads the tests without dates as well. `quarter` sets the limits; None sets none.
    """
    if first_weekday is None:
        first_weekday = Workspace.current().first_weekday
    touching = Q(starts_on__lt=ends_on, ends_on__gt=starts_on)
    wanted = touching | Q(pk__in=list(besides))
    if with_free:
        wanted |= Q(starts_on=None, state__in=OPEN_STATES)
    rows = Experiment.objects.exclude(state=Experiment.State.CANCELLED).filter(wanted)
    primaries = ExperimentMetric.objects.filter(role="primary").select_related("metric")
    rows = rows.defer(*UNUSED).select_related(*ALONG).prefetch_related(
        *SHARED, "variants", "booking__after", Prefetch("metrics", primaries, to_attr="primaries")
    )  # fmt: skip
    tests = list(rows.order_by("starts_on", "number"))
    bands = claims_now()
    ease = bands.get("ease")
    bars = [bar_of(test, ease=ease) for test in tests]
    placed = tuple(bar for bar in bars if bar.starts_on != NOWHERE)
    effects = {test.pk: known for test in tests if (known := effect_facts(test))}
    corrections = corrections_of({test.pod_id for test in tests})
    blackouts = tuple(Blackout.objects.touching(starts_on, ends_on + A_YEAR).select_related("pod"))
    segments = tuple(Segment.objects.order_by("pk"))
    facts = Facts(
        starts_on=starts_on,
        ends_on=ends_on,
        weeks=weeks_of(starts_on, ends_on, first_weekday=first_weekday),
        blackouts=tuple(
            BlackoutBar(row.name, row.starts_on, row.ends_on, row.pod_id, row.channel, row.is_hard)
            for row in blackouts
        ),
        overlaps=overlaps_now(),
        segments=tuple(SegmentFacts(one.pk, one.name, one.size) for one in segments),
        capacities=capacities_of(corrections),
        at_once=quarter.tests_at_once if quarter else None,
        booked_limit=quarter.share_limit if quarter else None,
        holdout=held_out_share(quarter),
        caps=caps_for({test.channel.strip() for test in tests} - {""}),
        effects=effects,
        done=frozenset(test.pk for test in tests if test.state in ("decided", "closed"))
        | frozenset(_over_before(starts_on, tests)),
        today=timezone.localdate(),
    )
    free = tuple(bar for bar in bars if bar.starts_on == NOWHERE)
    by_key = {test.pk: test for test in tests}
    return CalendarFacts(
        by_key, placed, free, facts, corrections, blackouts, segments, bands.get("confidence")
    )


def _over_before(starts_on: dt.date, tests: list[Experiment]) -> Iterable[int]:
    """Tests that somebody waits for and that ended before these days."""
    waited_for = {
        other.pk for test in tests if (booking := booking_of(test)) for other in booking.after.all()
    }
    if not waited_for:
        return ()
    return Experiment.objects.filter(
        Q(ends_on__lte=starts_on) | Q(state__in=("decided", "closed", "cancelled")),
        pk__in=waited_for,
    ).values_list("pk", flat=True)


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


def bar_of(test: Experiment, *, ease: Bands | None, booking: Booking | None = None) -> Bar:
    """One test as the rules see it; a test without dates stands at `NOWHERE`.

    `ease` are the rubric's bands; an unsaved `booking` stands in for the test's own.
    """
    booking, units = booking or booking_of(test), units_of(test)
    starts_on = test.starts_on or NOWHERE
    people_days = people_days_of(test, booking, ease)
    build_days = booking.build_days if booking and booking.build_days is not None else None
    share = share_taken(test, booking, units)
    if share is None and test.namespace_id is not None:
        share = sum(end - start for start, end in test.buckets) / BUCKETS
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
        after=_after(booking),
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


def corrections_of(pods: Iterable[int]) -> dict[int, Correction]:
    """Days taken over days forecast of each pod, from its tests for which both are known."""
    past: dict[int, list[tuple[float, float]]] = {pod: [] for pod in pods}
    rows = Booking.objects.filter(
        experiment__pod__in=list(past), days_taken__isnull=False, people_days__isnull=False
    ).order_by("pk")
    for pod, forecast, days in rows.values_list("experiment__pod", "people_days", "days_taken"):
        past[pod].append((forecast or 0.0, days or 0.0))
    return {pod: correction(pairs) for pod, pairs in past.items()}


def caps_for(channels: Iterable[str]) -> dict[str, float]:
    """The most messages a week per person on these channels, as the contact rules agree."""
    terms = list(terms_in_force(Agreement.Kind.CONTACT))
    rules = {channel: strictest_rule(terms, channel) for channel in sorted(channels)}
    return {channel: rule.most for channel, rule in rules.items() if rule}


def held_out_share(quarter: Quarter | None) -> float:
    holdout: Holdout | None = getattr(quarter, "holdout", None) if quarter else None
    return holdout.share / 100 if holdout else 0.0

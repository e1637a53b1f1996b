"""What the rules of the calendar need to know, read for all tests of some days at once.

Tests of every pod count, also of those that the reader does not see: an audience is sold once. Whoever
shows a name asks `visible_to` first.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch, Q
from django.utils import timezone

from backlog.models import Quarter, Workspace
from experiments.flows.quarter.bars import NOWHERE, Bands, bar_of, claims_now, effect_facts
from experiments.flows.quarter.limits import (
    capacities_of,
    caps_for,
    corrections_of,
    held_out_share,
    overlaps_now,
)
from experiments.models import (
    Blackout,
    Booking,
    Experiment,
    ExperimentMetric,
    Segment,
    Variant,
)
from experiments.quarter.bars import Bar, SegmentFacts
from experiments.quarter.bars import Blackout as BlackoutBar
from experiments.quarter.capacity import Correction
from experiments.quarter.consequences import Facts
from experiments.quarter.ledger import Booking as Booked
from experiments.quarter.ledger import ledger
from experiments.quarter.timeline import weeks_of

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
NOBODY = frozenset[int]()
A_YEAR = dt.timedelta(days=366)


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
    rows = Experiment.objects.run_here().exclude(state=Experiment.State.CANCELLED).filter(wanted)
    primaries = ExperimentMetric.objects.filter(role="primary").select_related("metric")
    rows = rows.defer(*UNUSED).select_related(*ALONG).prefetch_related(
        *SHARED, Prefetch("metrics", primaries, to_attr="primaries")
    )  # fmt: skip
    tests = list(rows.order_by("starts_on", "number"))
    _read_arms(tests)
    earlier = _waits_of(tests)
    bands = claims_now()
    ease = bands.get("ease")
    bars = [bar_of(test, ease=ease, after=earlier.get(test.pk, NOBODY)) for test in tests]
    placed = tuple(bar for bar in bars if bar.starts_on != NOWHERE)
    effects = {test.pk: known for test in tests if (known := effect_facts(test))}
    corrections = corrections_of({test.pod_id for test in tests}, ease)
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
        | frozenset(_over_before(starts_on, earlier.values())),
        today=timezone.localdate(),
    )
    free = tuple(bar for bar in bars if bar.starts_on == NOWHERE)
    by_key = {test.pk: test for test in tests}
    return CalendarFacts(
        by_key, placed, free, facts, corrections, blackouts, segments, bands.get("confidence")
    )


def _read_arms(tests: Sequence[Experiment]) -> None:
    """All at once: a prefetch makes a query set for every test, which takes longer than the arms."""
    arms: dict[int, list[Variant]] = {test.pk: [] for test in tests}
    for arm in Variant.objects.filter(experiment__in=list(arms)).order_by(
        "-is_control", "position"
    ):
        arms[arm.experiment_id].append(arm)
    for test in tests:
        test.arms = arms[test.pk]


def _waits_of(tests: Sequence[Experiment]) -> dict[int, frozenset[int]]:
    """The tests that each one waits for."""
    links = Booking.after.through.objects.filter(booking__experiment__in=[one.pk for one in tests])
    earlier: dict[int, set[int]] = {}
    for pk, other in links.values_list("booking__experiment", "experiment"):
        earlier.setdefault(pk, set()).add(other)
    return {pk: frozenset(others) for pk, others in earlier.items()}


def _over_before(starts_on: dt.date, earlier: Iterable[frozenset[int]]) -> Iterable[int]:
    """Tests that somebody waits for and that ended before these days."""
    waited_for = {other for others in earlier for other in others}
    if not waited_for:
        return ()
    return Experiment.objects.filter(
        Q(ends_on__lte=starts_on) | Q(state__in=("decided", "closed", "cancelled")),
        pk__in=waited_for,
    ).values_list("pk", flat=True)

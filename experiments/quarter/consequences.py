"""What follows from a placement, as codes and numbers; sentences are made where they are shown. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from experiments.quarter.bars import Bar, Blackout, Overlaps, Placement, SegmentFacts
from experiments.quarter.capacity import PodCapacity
from experiments.quarter.effects import EffectFacts

ENDS_BEFORE_START: Final = "ends-before-start"
SEALED_START: Final = "sealed-start"
OUTSIDE_RANGE: Final = "outside-range"
BLACKOUT: Final = "blackout"
AFTER: Final = "after"
COLLISION: Final = "collision"
CAPACITY: Final = "capacity"
AT_ONCE: Final = "tests-at-once"
AUDIENCE: Final = "audience"
PRESSURE: Final = "pressure"
SHARED_OUT: Final = "namespace"
TOO_SHORT: Final = "too-short"
EFFECT: Final = "effect"
DEADLINE: Final = "deadline-missed"


@dataclass(frozen=True)
class Deadline:
    """Something that is due so many days after the start, before it if negative: a milestone, or the
    final day for edits. `key`: of the bar that it is for, or None for every bar."""

    name: str
    offset_days: int
    key: int | None = None

    def falls_on(self, starts_on: dt.date) -> dt.date:
        return starts_on + dt.timedelta(days=self.offset_days)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules know besides the bars.

    Args:
        starts_on, ends_on: of the quarter (or whatever is planned), half-open.
        weeks: first days of the weeks that are shown.
        blackouts, overlaps, segments, capacities: of the quarter.
        at_once: most experiments at once in the whole workspace; None for no limit.
        booked_limit: most of a segment that may be booked or held out in a week, 0 to 1; None for none.
        holdout: share of everybody, 0 to 1.
        caps: channel → most messages per person and week.
        effects: key of a bar → what its detectable effect depends on.
        deadlines: in working order.
        done: keys of experiments that are over, for bars that come after them.
        shared_limit: a collision counts from this share of people in common on.
        today: None leaves deadlines out.
    """

    starts_on: dt.date
    ends_on: dt.date
    weeks: tuple[dt.date, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    overlaps: Overlaps = field(default_factory=Overlaps)
    segments: tuple[SegmentFacts, ...] = ()
    capacities: tuple[PodCapacity, ...] = ()
    at_once: int | None = None
    booked_limit: float | None = None
    holdout: float = 0.0
    caps: Mapping[str, float] = field(default_factory=dict)
    effects: Mapping[int, EffectFacts] = field(default_factory=dict)
    deadlines: tuple[Deadline, ...] = ()
    done: frozenset[int] = frozenset()
    shared_limit: float = 0.0
    today: dt.date | None = None


@dataclass(frozen=True)
class Consequence:
    """One thing that follows from a placement. Which parts it has depends on the code:

    | code | parts |
    |---|---|
    | ends-before-start | hard |
    | sealed-start | hard |
    | outside-range | `amount`: days outside |
    | blackout | `name`, `starts_on`, `ends_on`, `amount`: run days in it; hard if the blackout is |
    | after | `keys`: of the one that must wait and the one that it waits for; hard |
    | collision | `keys`: the partner; `amount`: share of this bar's people who are in it too (None if unknown); `units`: people in both; `starts_on`, `ends_on`: shared days |
    | capacity | `pod`, `weeks`, `amount`: most people-days, `limit` in that week |
    | tests-at-once | `pod` (None: all pods), `weeks`, `amount`, `limit` |
    | audience | `segment`, `weeks`, `amount`: most that is booked or held out, `limit` |
    | pressure | `name`: the channel, `segment`, `weeks`, `amount`: most messages per person, `limit` |
    | namespace | `weeks`, `amount`: most that the experiments of its namespace take together, `limit`: 1 |
    | too-short | `amount`: weeks of the run, `limit`: weeks that its size needs |
    | effect | `keys`: whose; `amount`: detectable lift before, `limit`: after (None: none); `points`: both in the metric's unit; `could_miss` |
    | deadline-missed | `name`, `starts_on`: when it was due |
    """

    code: str
    is_hard: bool = False
    keys: tuple[int, ...] = ()
    name: str = ""
    pod: int | None = None
    segment: int | None = None
    weeks: tuple[dt.date, ...] = ()
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    amount: float | None = None
    limit: float | None = None
    units: float | None = None
    points: tuple[float | None, float | None] = (None, None)
    could_miss: bool = False


def about_dates(bar: Bar, at: Placement, facts: Facts) -> list[Consequence]:
    """End before start, a sealed start, days outside the range, blackouts, deadlines, too few weeks."""
    rows = []
    if at.ends_on <= at.starts_on:
        rows.append(Consequence(ENDS_BEFORE_START, is_hard=True))
    if bar.is_fixed and at.starts_on != bar.starts_on:
        rows.append(Consequence(SEALED_START, is_hard=True, starts_on=bar.starts_on))
    before = min((facts.starts_on - at.starts_on).days, at.days)
    behind = min((at.ends_on - facts.ends_on).days, at.days)
    if (outside := max(0, before) + max(0, behind)) > 0:
        rows.append(Consequence(OUTSIDE_RANGE, amount=outside))
    for blackout in facts.blackouts:
        if blackout.binds(bar) and (days := blackout.days_in(at)):
            rows.append(
                Consequence(
                    BLACKOUT, is_hard=blackout.is_hard, name=blackout.name, amount=days,
                    starts_on=blackout.starts_on, ends_on=blackout.ends_on,
                )
            )  # fmt: skip
    needed = bar.weeks_needed
    if needed is not None and at.days > 0 and needed > at.days / 7 + 1e-9:
        rows.append(Consequence(TOO_SHORT, amount=at.days / 7, limit=needed))
    return rows + _deadlines(bar, at, facts)


def _deadlines(bar: Bar, at: Placement, facts: Facts) -> list[Consequence]:
    if facts.today is None or bar.is_fixed:
        return []
    return [
        Consequence(DEADLINE, name=deadline.name, starts_on=due)
        for deadline in facts.deadlines
        if deadline.key in (None, bar.key)
        and (due := deadline.falls_on(at.starts_on)) < facts.today
    ]


def about_order(moved: Bar, others: Mapping[int, Bar], facts: Facts) -> list[Consequence]:
    """What it must wait for, and what must wait for it. Waiting ends with the run, not the read-out."""
    rows = []
    for key in sorted(moved.after - facts.done):
        earlier = others.get(key)
        if earlier is None or not earlier.days or earlier.ends_on > moved.starts_on:
            rows.append(Consequence(AFTER, is_hard=True, keys=(moved.key, key)))
    for later in sorted(others.values(), key=lambda bar: bar.key):
        if moved.key in later.after and later.days and later.starts_on < moved.ends_on:
            rows.append(Consequence(AFTER, is_hard=True, keys=(later.key, moved.key)))
    return rows

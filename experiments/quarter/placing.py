"""Everything that follows from putting one bar somewhere, and the next place without a warning. Pure.

Hard consequences forbid the place: an end before the start, a sealed start, a hard blackout, a broken
order. All others are warnings that a reason can waive.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable
from typing import Any

from experiments.quarter.bars import Bar, Placement, in_order
from experiments.quarter.capacity import Load, PodCapacity, at_once, loads
from experiments.quarter.collisions import Collision, Room, are_shared_out, collides, collisions
from experiments.quarter.consequences import (
    AT_ONCE,
    AUDIENCE,
    CAPACITY,
    COLLISION,
    EFFECT,
    PRESSURE,
    SHARED_OUT,
    Consequence,
    Facts,
    about_dates,
    about_order,
)
from experiments.quarter.effects import EffectChange, effect_change, loss_of
from experiments.quarter.ledger import EVERYBODY, ledger, pressure, sharings
from experiments.quarter.neighbours import Neighbours
from experiments.quarter.timeline import WEEK


def consequences(
    bar: Bar, at: Placement, others: Iterable[Bar], facts: Facts
) -> tuple[Consequence, ...]:
    """All that follows from putting `bar` at `at`, hard ones first.

    Args:
        bar: as it is now. If it has no place yet, its run days may be any.
        at: where it would be.
        others: bars on the calendar; one with the same key is left out.
        facts: what else the rules know.

    >>> monday = dt.date(2027, 1, 4)
    >>> bar = Bar(key=1, starts_on=monday, ends_on=monday + 2 * WEEK, units=9000, units_per_week=3000)
    >>> facts = Facts(starts_on=monday, ends_on=monday + 13 * WEEK)
    >>> [(one.code, one.amount, one.limit) for one in consequences(bar, bar.placement, [], facts)]
    [('too-short', 2.0, 3.0)]
    """
    return _consequences(bar, at, Neighbours(bar, others), facts)


def effect_of(bar: Bar, at: Placement, others: Iterable[Bar], facts: Facts) -> EffectChange | None:
    """What the bar could detect with all its people and weeks, and what it could detect there.

    Args:
        bar, at, others, facts: as for `consequences`.

    Returns:
        None where `facts.effects` does not know the bar.

    >>> from experiments.quarter.effects import EffectFacts
    >>> monday = dt.date(2027, 1, 4)
    >>> bar = Bar(key=1, starts_on=monday, ends_on=monday + 4 * WEEK)
    >>> facts = Facts(starts_on=monday, ends_on=monday + 13 * WEEK,
    ...     effects={1: EffectFacts(baseline=0.1, units_per_week=6000)})
    >>> change = effect_of(bar, Placement(monday, monday + 2 * WEEK), [], facts)
    >>> round(change.before_points, 4), round(change.after_points, 4)
    (0.0111, 0.0159)
    """
    moved = bar.at(at.starts_on, at.ends_on)
    return _effect(moved, bar.days, Neighbours(bar, others).beside(bar, facts.overlaps), facts)


def next_clear_start(
    bar: Bar,
    others: Iterable[Bar],
    facts: Facts,
    *,
    not_before: dt.date | None = None,
    days: int | None = None,
) -> dt.date | None:
    """The first week of the range in which the bar could start without any consequence.

    Args:
        bar, others, facts: as for `consequences`; the weeks are `facts.weeks`.
        not_before: weeks that start earlier are left out.
        days: of the run; None takes the bar's own, or as many whole weeks as its size needs.

    Returns:
        The first day of that week; None where no week is clear, and for a bar whose start is fixed.

    >>> monday = dt.date(2027, 1, 4)
    >>> weeks = tuple(monday + n * WEEK for n in range(13))
    >>> facts = Facts(starts_on=monday, ends_on=monday + 13 * WEEK, weeks=weeks)
    >>> one = Bar(key=1, segment=5, channel="email", starts_on=monday, ends_on=monday + 4 * WEEK)
    >>> two = Bar(key=2, segment=5, channel="email", starts_on=monday, ends_on=monday + 4 * WEEK)
    >>> next_clear_start(two, [one], facts).isoformat()
    '2027-02-01'
    """
    if bar.is_fixed:
        return None
    listed = Neighbours(bar, others)
    run = dt.timedelta(days=days or length_of(bar))
    for week in facts.weeks:
        if (not_before is None or week >= not_before) and week >= facts.starts_on:
            at = Placement(week, week + run)
            if not about_dates(bar, at, facts) and not _consequences(bar, at, listed, facts):
                return week
    return None


def _consequences(
    bar: Bar, at: Placement, others: Neighbours, facts: Facts
) -> tuple[Consequence, ...]:
    moved = bar.at(at.starts_on, at.ends_on)
    rows = about_dates(bar, at, facts) + about_order(moved, others.by_key, facts)
    if at.days:
        pairs = _collisions(moved, others.beside(moved, facts.overlaps), facts)
        rows += [_about_collision(pair, bar.key) for pair in pairs]
        rows += _about_load(moved, others, facts)
        rows += _about_people(moved, others, facts)
        rows += _about_namespace(moved, others, facts)
        rows += _about_effects(moved, bar.days, pairs, others, facts)
    return tuple(sorted(rows, key=lambda row: not row.is_hard))


def length_of(bar: Bar) -> int:
    """Days of the run: the bar's own, but at least as many whole weeks as its size needs."""
    return max(bar.days, _days_needed(bar), 1)


def _days_needed(bar: Bar) -> int:
    """Of as many whole weeks as its size needs; 0 where that is not known."""
    needed = bar.weeks_needed
    return 0 if needed is None else 7 * math.ceil(needed - 1e-9)


def _collisions(moved: Bar, others: Iterable[Bar], facts: Facts) -> list[Collision]:
    near = [other for other in others if collides(moved, other, facts.overlaps)]
    room = Room(segments=facts.segments, starts_on=facts.starts_on, ends_on=facts.ends_on)
    pairs = [
        pair
        for other in in_order(near)
        for pair in collisions([moved, other], facts.overlaps, room)
    ]
    return [pair for pair in pairs if _counts(pair, facts.shared_limit)]


def _counts(pair: Collision, limit: float) -> bool:
    shares = (pair.first_share, pair.second_share)
    return None in shares or max(share or 0.0 for share in shares) > limit


def _about_collision(pair: Collision, key: int) -> Consequence:
    return Consequence(
        COLLISION,
        keys=(pair.other(key),),
        amount=pair.share_of(key),
        units=pair.units,
        starts_on=pair.starts_on,
        ends_on=pair.ends_on,
    )


def _about_load(moved: Bar, others: Neighbours, facts: Facts) -> list[Consequence]:
    """Only weeks to which this bar adds work, or in which it runs."""
    mine = [one for one in facts.capacities if one.pod == moved.pod] or [PodCapacity(moved.pod)]
    listed = loads([*others.in_pod, moved], facts.weeks, mine)
    rows = [load for load in listed if load.pod is not None]
    busy = [row for row in rows if any(part.key == moved.key for part in row.parts)]
    running = [row for row in rows if _runs(moved, row.week)]
    return [
        *_worst(CAPACITY, [row for row in busy if row.is_over_days], _days, pod=moved.pod),
        *_worst(AT_ONCE, [row for row in running if row.is_over_limit], _number, pod=moved.pod),
        *_about_everybody(moved, others, facts),
    ]


def _about_everybody(moved: Bar, others: Neighbours, facts: Facts) -> list[Consequence]:
    """How many run at once in all pods together."""
    if facts.at_once is None:
        return []
    weeks = [week for week in facts.weeks if _runs(moved, week)]
    numbers = zip(weeks, at_once([*others.by_key.values(), moved], weeks), strict=True)
    over = [(week, most) for week, most in numbers if most > facts.at_once]
    if not over:
        return []
    most = max(number for _, number in over)
    weeks = [week for week, _ in over]
    return [Consequence(AT_ONCE, weeks=tuple(weeks), amount=most, limit=facts.at_once)]


def _about_people(moved: Bar, others: Neighbours, facts: Facts) -> list[Consequence]:
    """Only segments and weeks in which this bar has people."""
    weeks = [week for week in facts.weeks if _runs(moved, week)]
    bars, rows = [*others.booking_with(moved, facts.overlaps), moved], []
    if facts.booked_limit is not None:
        limit = facts.booked_limit
        full = [
            booking
            for booking in ledger(bars, weeks, facts.overlaps, holdout=facts.holdout)
            if booking.total > limit + 1e-9 and any(part.key == moved.key for part in booking.parts)
        ]
        for segment in sorted({booking.segment for booking in full}):
            here = [booking for booking in full if booking.segment == segment]
            rows += _worst(AUDIENCE, here, lambda one: (one.total, limit), segment=segment)
    sent = pressure(bars, weeks, facts.overlaps, caps=facts.caps) if facts.caps else ()
    loud = [one for one in sent if one.is_over and any(part.key == moved.key for part in one.parts)]
    for channel, segment in sorted({(one.channel, one.segment) for one in loud}):
        here_too = [one for one in loud if (one.channel, one.segment) == (channel, segment)]
        rows += _worst(
            PRESSURE, here_too, lambda one: (one.messages, one.cap), segment=segment, name=channel
        )
    return rows


def _about_namespace(moved: Bar, others: Neighbours, facts: Facts) -> list[Consequence]:
    """Only days on which this bar runs."""
    mates = [
        bar.at(max(bar.starts_on, moved.starts_on), min(bar.ends_on, moved.ends_on))
        for bar in others.by_key.values()
        if are_shared_out(bar, moved)
    ]
    over = [one for one in sharings([*mates, moved], facts.weeks) if mates and one.is_over]
    return _worst(SHARED_OUT, over, lambda one: (one.share, EVERYBODY))


def _about_effects(
    moved: Bar, days: int, pairs: list[Collision], others: Neighbours, facts: Facts
) -> list[Consequence]:
    """Of this bar, which ran `days` before, and of those that start later and lose people to it."""
    rows = []
    keys = [moved.key, *(pair.second for pair in pairs if pair.second != moved.key)]
    for key in dict.fromkeys(keys):
        bar = moved if key == moved.key else others.by_key[key]
        near = [*others.beside(bar, facts.overlaps), moved]
        change = _effect(bar, days if key == moved.key else bar.days, near, facts)
        if change is not None and change.is_worse:
            rows.append(
                Consequence(
                    EFFECT,
                    keys=(key,),
                    amount=change.before,
                    limit=change.after,
                    points=(change.before_points, change.after_points),
                    could_miss=change.could_miss,
                )
            )
    return rows


def _effect(bar: Bar, days: int, bars: list[Bar], facts: Facts) -> EffectChange | None:
    """Before: the weeks that its size needs, else `days`. After: its run days, without people it loses."""
    known = facts.effects.get(bar.key)
    if known is None:
        return None
    near = [other for other in bars if other.key != bar.key]
    losses = [
        pair.second_loss or 0.0 for pair in _collisions(bar, near, facts) if pair.second == bar.key
    ]
    return effect_change(
        known,
        days_before=_days_needed(bar) or days or bar.days,
        days_after=bar.days,
        loss=loss_of(losses),
    )


def _runs(bar: Bar, week: dt.date) -> bool:
    return bar.starts_on < week + WEEK and bar.ends_on > week


def _days(load: Load) -> tuple[float, float | None]:
    return load.days, load.capacity


def _number(load: Load) -> tuple[float, float | None]:
    return load.at_once, load.limit


def _worst(
    code: str, rows: list[Any], figures: Callable[[Any], tuple[float, float | None]], **parts: Any
) -> list[Consequence]:
    """One consequence for all weeks in which a limit is broken, with the figures of the worst."""
    if not rows:
        return []
    most, limit = max(
        (figures(row) for row in rows), key=lambda pair: (pair[0] - (pair[1] or 0), pair[0])
    )
    weeks = tuple(sorted(row.week for row in rows))
    return [Consequence(code, weeks=weeks, amount=most, limit=limit, **parts)]

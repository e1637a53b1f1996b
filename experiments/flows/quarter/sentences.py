"""What follows from a placement, in the words that people read: on the page, in a refusal, over the API."""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from backlog.models import Objective, Pod, User
from experiments.flows.quarter.facts import CalendarFacts
from experiments.models import Experiment, Segment
from experiments.quarter import consequences as codes
from experiments.quarter.consequences import Consequence

# These are worth knowing and ask for no reason: a test may run over the end of a quarter, and what it
# could detect follows from what is warned of already.
SPACE = "\N{NO-BREAK SPACE}"  # before %
NOTES = frozenset({codes.OUTSIDE_RANGE, codes.EFFECT})
HIDDEN = "an experiment of another pod"


@dataclass(frozen=True)
class Names:
    """What this reader may be told: titles of the tests that they see; pods and segments by key."""

    tests: Mapping[int, str]
    pods: Mapping[int, str]
    segments: Mapping[int, str]
    objectives: Mapping[int, str] = field(default_factory=dict)

    def test(self, key: int) -> str:
        title = self.tests.get(key)
        return f"“{title}”" if title else HIDDEN

    def pod(self, key: int | None) -> str:
        return self.pods.get(key or 0, "another pod")

    def segment(self, key: int | None) -> str:
        name = self.segments.get(key or 0)
        return f"“{name}”" if name else "a segment of another pod"

    def objective(self, key: int | None) -> str:
        title = self.objectives.get(key or 0)
        return f"“{title}”" if title else "an objective of another pod"


def names_for(user: User, keys: Iterable[int]) -> Names:
    """The names that `user` may read among these tests, and those of pods and segments."""
    tests = Experiment.objects.visible_to(user).filter(pk__in=list(keys))
    return Names(
        dict(tests.values_list("pk", "title")),
        dict(Pod.objects.visible_to(user).values_list("pk", "name")),
        dict(Segment.objects.visible_to(user).values_list("pk", "name")),
    )


def names_in(
    known: CalendarFacts, user: User, pods: Iterable[Pod], objectives: Iterable[Objective] = ()
) -> Names:
    """What `user` may be told, from what is read already; `pods` and `objectives` are those they see."""
    return Names(
        {key: test.title for key, test in known.tests.items() if may_see(user, test.pod_id)},
        {pod.pk: pod.name for pod in pods},
        {one.pk: one.name for one in known.segments if may_see(user, one.pod_id)},
        {one.pk: one.title for one in objectives},
    )


def may_see(user: User, pod: int | None) -> bool:
    return user.stands_above_pods or pod is None or pod in user.pod_roles


def sentence_of(one: Consequence, names: Names) -> str:
    """One sentence.

    Raises KeyError for a code that has no words yet; a test walks through all of them.
    """
    return WORDS[one.code](one, names)


def needs_reason(one: Consequence) -> bool:
    """Whether it may be placed there only with a reason."""
    return not one.is_hard and one.code not in NOTES


def day_words(day: dt.date) -> str:
    return f"{day:%-d %b}"


def days_words(starts_on: dt.date | None, ends_on: dt.date | None) -> str:
    """“2 Nov to 6 Dec”, of a half-open range."""
    if not starts_on or not ends_on:
        return ""
    last = ends_on - dt.timedelta(days=1)
    return day_words(last) if last <= starts_on else f"{day_words(starts_on)} to {day_words(last)}"


def weeks_words(weeks: tuple[dt.date, ...]) -> str:
    """“in the week of 2 Nov”, “in 3 weeks from 2 Nov”."""
    if len(weeks) == 1:
        return f"in the week of {day_words(weeks[0])}"
    return f"in {len(weeks)} weeks from {day_words(weeks[0])}" if weeks else ""


def share_words(share: float) -> str:
    """A share in per cent, rounded so that none is shown as 0 % or as 100 % that is not.

    >>> [share_words(one).replace(SPACE, " ") for one in (0.3149, 0.002, 0.998, 1)]
    ['31 %', 'under 1 %', 'over 99 %', '100 %']
    """
    percent = share * 100
    if 0 < percent < 1:
        return f"under 1{SPACE}%"
    return f"over 99{SPACE}%" if 99 < percent < 100 else f"{percent:.0f}{SPACE}%"


def number_words(value: float) -> str:
    """
    >>> number_words(3.0), number_words(2.54), number_words(1234.6)
    ('3', '2.5', '1,235')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}".removesuffix(".0")


def _count(value: float, noun: str) -> str:
    return f"{number_words(value)} {noun}{'' if value == 1 else 's'}"


def _after(one: Consequence, names: Names) -> str:
    later, earlier = one.keys
    return (
        f"{_start(names.test(later))} waits for {names.test(earlier)}, which is not over by then."
    )


def _blackout(one: Consequence, names: Names) -> str:
    what = "No experiment runs then" if one.is_hard else "It takes days of the run"
    return f"“{one.name}” covers {days_words(one.starts_on, one.ends_on)}. {what}."


def _collision(one: Consequence, names: Names) -> str:
    other = names.test(one.keys[0])
    days = days_words(one.starts_on, one.ends_on)
    if one.amount is None:
        return f"People of {other} are in it too from {days}, nobody knows how many."
    people = f" (about {one.units:,.0f} people)" if one.units else ""
    return f"{share_words(one.amount)} of its people{people} are also in {other}, {days}."


def _capacity(one: Consequence, names: Names) -> str:
    return (
        f"{names.pod(one.pod)} would need {_count(one.amount or 0, 'people-day')} "
        f"{weeks_words(one.weeks)} and has {number_words(one.limit or 0)}."
    )


def _at_once(one: Consequence, names: Names) -> str:
    who = "All pods together" if one.pod is None else names.pod(one.pod)
    return (
        f"{who} would run {_count(one.amount or 0, 'experiment')} at once {weeks_words(one.weeks)}. "
        f"The limit is {number_words(one.limit or 0)}."
    )


def _audience(one: Consequence, names: Names) -> str:
    return (
        f"{share_words(one.amount or 0)} of {names.segment(one.segment)} would be booked "
        f"{weeks_words(one.weeks)}. The limit is {share_words(one.limit or 0)}."
    )


def _pressure(one: Consequence, names: Names) -> str:
    return (
        f"People of {names.segment(one.segment)} would get {_count(one.amount or 0, 'message')} a week on "
        f"{one.name} {weeks_words(one.weeks)}. The limit is {number_words(one.limit or 0)}."
    )


def _namespace(one: Consequence, names: Names) -> str:
    share = math.ceil((one.amount or 0) * 100 - 1e-6)
    return (
        f"The experiments of its namespace would take {share}{SPACE}% of the people "
        f"{weeks_words(one.weeks)}, but nobody can be in two of them."
    )


def _too_short(one: Consequence, names: Names) -> str:
    needed, run = math.ceil((one.limit or 0) - 1e-9), one.amount or 0
    return f"Its size takes {_count(needed, 'week')}. Here it has {number_words(run)}."


def _effect(one: Consequence, names: Names) -> str:
    whose = "It" if not one.keys else _start(names.test(one.keys[0]))
    if one.limit is None:
        return f"{whose} could detect no effect any more."
    return (
        f"{whose} could detect a change of {(one.amount or 0) * 100:.1f} %, then one of "
        f"{one.limit * 100:.1f} %."
    )


def _outside(one: Consequence, names: Names) -> str:
    days = int(one.amount or 0)
    return f"{days} day{'' if days == 1 else 's'} of it lie outside the quarter."


def _sealed(one: Consequence, names: Names) -> str:
    return "It has started, so you can only move its end."


def _deadline(one: Consequence, names: Names) -> str:
    when = f" on {day_words(one.starts_on)}" if one.starts_on else ""
    return f"“{one.name}” would have been due{when}."


def _backwards(one: Consequence, names: Names) -> str:
    return "The last day is before the first. Choose a later one."


def _start(words: str) -> str:
    return words[:1].upper() + words[1:]


WORDS: dict[str, Callable[[Consequence, Names], str]] = {
    codes.ENDS_BEFORE_START: _backwards,
    codes.SEALED_START: _sealed,
    codes.OUTSIDE_RANGE: _outside,
    codes.BLACKOUT: _blackout,
    codes.AFTER: _after,
    codes.COLLISION: _collision,
    codes.CAPACITY: _capacity,
    codes.AT_ONCE: _at_once,
    codes.AUDIENCE: _audience,
    codes.PRESSURE: _pressure,
    codes.SHARED_OUT: _namespace,
    codes.TOO_SHORT: _too_short,
    codes.EFFECT: _effect,
    codes.DEADLINE: _deadline,
}

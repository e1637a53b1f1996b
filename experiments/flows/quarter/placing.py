"""Where a test may be put: what follows from a place, and the next place without a warning."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils import timezone

from backlog.models import Quarter, User
from backlog.refusals import Refused
from experiments.flows.quarter.bars import bar_of, claims_now
from experiments.flows.quarter.facts import CalendarFacts, calendar_facts
from experiments.flows.quarter.sentences import Names, names_for, needs_reason, sentence_of
from experiments.models import Experiment
from experiments.quarter.bars import Bar, Placement
from experiments.quarter.consequences import OUTSIDE_RANGE, Consequence, Facts
from experiments.quarter.effects import EffectChange
from experiments.quarter.placing import consequences, effect_of, next_clear_start

A_DAY, FURTHER = dt.timedelta(days=1), dt.timedelta(days=91)


class NeedsReason(Refused):
    """It may be placed there, with a reason."""


@dataclass(frozen=True)
class Place:
    """A place for one test, with everything that follows from it.

    `clear_start` is the first week without a warning, where this one has any.
    """

    test: Experiment
    bar: Bar
    at: Placement
    follows: tuple[Consequence, ...]
    names: Names
    effect: EffectChange | None = None
    clear_start: dt.date | None = None
    clear_effect: EffectChange | None = None

    @property
    def hard(self) -> list[str]:
        """Why it can't be placed there."""
        return [sentence_of(one, self.names) for one in self.follows if one.is_hard]

    @property
    def warnings(self) -> list[str]:
        """Why it can be placed there only with a reason."""
        return [sentence_of(one, self.names) for one in self.follows if needs_reason(one)]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing besides; what it could detect is told apart."""
        rest = (one for one in self.follows if not one.is_hard and one.code == OUTSIDE_RANGE)
        past = not self.test.is_sealed and self.at.starts_on < timezone.localdate()
        words = ["Its first day has passed already."] if past else []
        return [*words, *(sentence_of(one, self.names) for one in rest)]

    @property
    def codes(self) -> list[str]:
        return sorted({one.code for one in self.follows if needs_reason(one)})


def quarter_of(day: dt.date) -> Quarter | None:
    return Quarter.objects.around(day).first()


def place_for(
    test: Experiment,
    *,
    by: User,
    starts_on: dt.date,
    ends_on: dt.date,
    with_advice: bool = False,
) -> Place:
    """What follows from putting the test there; `with_advice` looks for a better week as well."""
    quarter = quarter_of(starts_on)
    after = quarter.ends_on if quarter else max(ends_on, starts_on + A_DAY)
    booking = getattr(test, "booking", None)
    besides = booking.after.values_list("pk", flat=True) if booking else ()
    known = calendar_facts(
        quarter.starts_on if quarter else starts_on,
        max(after, ends_on) + (FURTHER if with_advice else A_DAY),
        quarter=quarter,
        besides=[test.pk, *besides],
    )
    here = replace(known.facts, ends_on=after)
    return _place(test, known, here, Placement(starts_on, ends_on), by, with_advice)


def _place(
    test: Experiment,
    known: CalendarFacts,
    here: Facts,
    at: Placement,
    by: User,
    with_advice: bool,
) -> Place:
    bar = known.by_key.get(test.pk) or bar_of(test, ease=claims_now().get("ease"))
    others = [other for other in known.bars if other.key != bar.key]
    follows = consequences(bar, at, others, here)
    names = names_for(by, _keys_in(follows))
    if not with_advice:
        return Place(test, bar, at, follows, names)
    effect, start, better = effect_of(bar, at, others, here), None, None
    if any(one.is_hard or needs_reason(one) for one in follows):
        start = next_clear_start(
            bar, others, known.facts, not_before=known.facts.today, days=max(at.days, 1)
        )
    if start:
        clear = Placement(start, start + (at.ends_on - at.starts_on))
        better = effect_of(bar, clear, others, known.facts)
    return Place(test, bar, at, follows, names, effect, start, better)


def _keys_in(follows: Iterable[Consequence]) -> set[int]:
    return {key for one in follows for key in one.keys}


def refuse_or_warn(place: Place, *, reason: str) -> None:
    """Raises Refused for what can't be, and NeedsReason for what needs a reason and has none."""
    if place.hard:
        raise Refused(" ".join(place.hard))
    if place.warnings and not reason.strip():
        raise NeedsReason(
            f"{' '.join(place.warnings)} Give a reason to place it here all the same."
        )

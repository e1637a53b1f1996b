"""What stands below the lanes while a test is being placed: what follows, and what one can do."""

import datetime as dt
import math
from dataclasses import dataclass

from backlog.models import User
from experiments.flows.amending import price_of_a_new_end
from experiments.flows.quarter.placing import Place, place_for
from experiments.flows.quarter.sentences import day_words, days_words
from experiments.forms.amendment import price_words
from experiments.forms.placing import days_seen
from experiments.models import Experiment
from experiments.quarter.effects import EffectChange
from experiments.views.quarter.detectable import size_words, unit_of


@dataclass(frozen=True)
class Better:
    """The first week without a warning."""

    starts_on: dt.date
    last_day: dt.date
    words: str


@dataclass(frozen=True)
class Dock:
    """All that the dock shows. `is_free` means that it can be placed without a reason."""

    test: Experiment
    starts_on: dt.date
    last_day: dt.date
    days: str
    length: str
    hard: list[str]
    warnings: list[str]
    notes: list[str]
    effect: tuple[str, str, str] | None
    better: Better | None
    seen: str
    overtaken: str = ""
    refusal: str = ""

    @property
    def is_free(self) -> bool:
        return not (self.hard or self.warnings or self.overtaken or self.refusal)

    @property
    def tag(self) -> str:
        """The few words beside the bar while it is held."""
        if self.hard:
            return "can’t be placed here"
        words = [f"{len(self.warnings)} warning{'' if len(self.warnings) == 1 else 's'}"]
        words = words if self.warnings else []
        if self.effect and self.effect[0] != self.effect[1]:
            words.append(f"{self.effect[0]} → {self.effect[1]}")
        return " · ".join(words)

    @property
    def needs_reason(self) -> bool:
        """It is sealed, or something warns of this place."""
        return self.test.is_sealed or bool(self.warnings)


def dock_for(
    test: Experiment,
    starts_on: dt.date,
    ends_on: dt.date,
    *,
    by: User,
    overtaken: str = "",
    refusal: str = "",
) -> Dock:
    place = place_for(test, by=by, starts_on=starts_on, ends_on=ends_on, with_advice=True)
    price = price_of_a_new_end(test) if test.is_sealed and ends_on != test.ends_on else None
    return Dock(
        test=test,
        starts_on=starts_on,
        last_day=ends_on - dt.timedelta(days=1),
        days=days_words(starts_on, ends_on),
        length=_length(place),
        hard=place.hard,
        warnings=place.warnings,
        notes=[*place.notes, *([price_words(test, price)] if price else [])],
        effect=_effect(place.effect, test),
        better=_better(place, test),
        seen=days_seen(test),
        overtaken=overtaken,
        refusal=refusal,
    )


def overtaken_words(test: Experiment) -> str:
    """Who moved it meanwhile, and to where."""
    move = test.calendar_moves.select_related("by").first()
    who = str(move.by) if move and move.by else "Somebody"
    if test.starts_on is None:
        return f"{who} took it off the calendar while you were holding it."
    return (
        f"{who} moved it to {days_words(test.starts_on, test.ends_on)} while you were holding it."
    )


def _length(place: Place) -> str:
    """“3 weeks, and it needs 4”, “10 days, and it needs 3 weeks”."""
    weeks, days = divmod(place.at.days, 7)
    length = _count(days + 7 * weeks, "day") if days else _count(weeks, "week")
    needed = place.bar.weeks_needed
    if needed is None:
        return f"{length}, and its size is not known yet"
    whole = max(1, math.ceil(needed - 1e-9))
    return f"{length}, and it needs {_count(whole, 'week') if days else whole}"


def _count(number_of: int, unit: str) -> str:
    return f"{number_of} {unit}{'' if number_of == 1 else 's'}"


def _effect(change: EffectChange | None, test: Experiment) -> tuple[str, str, str] | None:
    """Before, after, and what that means for what matters."""
    if change is None or change.before is None:
        return None
    kind = unit_of(test)
    before = size_words(change.before_points, change.before, kind)
    after = size_words(change.after_points, change.after, kind)
    if change.matters is None:
        return before, after, ""
    scale = change.before_points / change.before if change.before_points and change.before else 0
    matters = size_words(abs(change.matters) * scale, abs(change.matters), kind)
    word = "so it could miss it" if change.could_miss else "so it would see it"
    return before, after, f"{matters} matter here, {word}"


def _better(place: Place, test: Experiment) -> Better | None:
    if place.clear_start is None:
        return None
    last = place.clear_start + dt.timedelta(days=place.at.days - 1)
    size = ""
    if place.clear_effect and place.clear_effect.after is not None:
        change = place.clear_effect
        size = f": {size_words(change.after_points, change.after, unit_of(test))}"
    return Better(place.clear_start, last, f"Place on {day_words(place.clear_start)}{size}")

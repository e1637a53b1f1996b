"""How one test is drawn: its place in the weeks, its phases, its shape, its word, what became of it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from backlog.templatetags.figures import signed_percent
from backlog.templatetags.states import EXPERIMENTS
from experiments.flows.quarter.sentences import day_words, days_words
from experiments.forms.placing import days_seen
from experiments.models import Experiment
from experiments.quarter.bars import Bar
from experiments.quarter.timeline import Span, Timeline

SHORT = 15
A_DAY = dt.timedelta(days=1)
EDGES = {"draft": "planned", "planned": "ready", "analysing": "decide", "decided": "stopped",
         "closed": "stopped"}  # fmt: skip
LEGEND = (
    ("planned", "e-draft", "planned"), ("ready", "e-ready", "ready"),
    ("running", "e-running", "running"), ("veiled", "e-veiled", "running, veiled"),
    ("decide", "e-due", "decide"), ("won", "o-won", "won"), ("lost", "o-lost", "lost"),
    ("flat", "o-flat", "no clear difference"), ("stopped", "e-stopped", "stopped"),
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    shape: str
    word: str
    edge: str


class Day(NamedTuple):
    """A day by which something of a test is due."""

    day: dt.date
    words: str
    is_late: bool = False


@dataclass(frozen=True)
class Tick:
    """What is due on a day, in its column of the bar."""

    column: int
    words: str
    is_late: bool


@dataclass(frozen=True)
class DrawnBar:
    """A bar with everything that belongs to it, in columns of the timeline.

    `whole` holds all parts; the columns of `run`, `build`, `readout` and `was` count from its start.
    """

    test: Experiment
    look: Look
    tail: str
    days: str
    whole: Span
    run: Span
    build: Span | None
    readout: Span | None
    was: Span | None
    was_words: str
    is_movable: bool
    is_end_movable: bool
    is_shared: bool
    ticks: tuple[Tick, ...] = ()

    @property
    def run_column(self) -> int:
        """The column of the run where nothing else of the bar is drawn."""
        return self.whole.column + self.run.column - 1

    @property
    def length(self) -> int:
        """Days of the whole run, also of what lies outside the timeline."""
        first, after = self.test.starts_on, self.test.ends_on
        return (after - first).days if first and after else 0

    @property
    def seen(self) -> str:
        return days_seen(self.test)

    @property
    def shown_tail(self) -> str:
        return self.tail if self.run.days >= SHORT else ""


def look_of(test: Experiment) -> Look:
    """Shape, word and edge; drafts are drawn as planned ones, planned ones as ready."""
    status = test.status
    if status == "running" and test.keeps_a_veil:
        status = "veiled"
    look = EXPERIMENTS[status]
    words = {"draft": "Planned", "planned": "Ready"}
    return Look(look.shape, words.get(status, look.word), EDGES.get(status, status))


def tail_of(test: Experiment) -> str:
    """The few words at the end of a bar: a lift, a day count, or what to do."""
    if test.status == "analysing":
        return "decide"
    if test.status in ("won", "lost", "flat"):
        analysis = test.decision.analysis
        headline = analysis.headline if analysis else None
        return signed_percent(headline["lift"]) if headline and headline["lift"] else ""
    if test.state == "running" and test.is_over:
        return f"results open {test.outcomes_open_on:%-d %b}"
    if test.state == "running" and test.keeps_a_veil and test.ends_on:
        return f"veiled to {test.ends_on:%-d %b}"
    if test.state == "running" and test.starts_on and test.ends_on:
        day = (timezone.localdate() - test.starts_on).days + 1
        length = (test.ends_on - test.starts_on).days
        return f"day {day} of {length}" if day > 0 else "starts soon"
    return look_of(test).word.lower()


def drawn(
    test: Experiment,
    bar: Bar,
    line: Timeline,
    *,
    was: tuple[dt.date, dt.date] | None,
    may_move: bool,
    is_shared: bool,
    due: Iterable[Day] = (),
) -> DrawnBar | None:
    """The bar in this timeline; None where no day of its run is seen."""
    run = line.span(bar.starts_on, bar.ends_on)
    if run is None:
        return None
    if was == (bar.starts_on, bar.ends_on):
        was = None
    parts = [
        line.span(bar.build_starts_on, bar.starts_on) if bar.build_days else None,
        line.span(bar.ends_on, bar.readout_ends_on) if bar.readout_days else None,
        line.span(*was) if was else None,
    ]
    days = [(one, line.span(one.day, one.day + A_DAY)) for one in due]
    seen = [run, *(part for part in parts if part), *(span for _, span in days if span)]
    first = min(span.column for span in seen)
    after = max(span.column + span.days for span in seen)
    build, readout, before = (_from(first, part) for part in parts)
    return DrawnBar(
        test,
        look_of(test),
        tail_of(test),
        days_words(bar.starts_on, bar.ends_on),
        Span(first, after - first, run.starts_before, run.ends_after),
        Span(run.column - first + 1, run.days, run.starts_before, run.ends_after),
        build,
        readout,
        before,
        days_words(*was) if was else "",
        may_move and test.state in (Experiment.State.DRAFT, Experiment.State.PLANNED),
        may_move and test.is_undecided,
        is_shared,
        tuple(
            Tick(span.column - first + 1, f"{day_words(one.day)}: {one.words}", one.is_late)
            for one, span in days
            if span
        ),
    )


def _from(first: int, span: Span | None) -> Span | None:
    if span is None:
        return None
    return Span(span.column - first + 1, span.days, span.starts_before, span.ends_after)

"""Lanes of the calendar: by pod, objective, channel, segment or owner, with their closed days."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from django.utils.safestring import SafeString

from backlog.models import Pod, User
from experiments.flows.quarter.facts import CalendarFacts
from experiments.models import Blackout, Experiment
from experiments.quarter.bars import same_word
from experiments.quarter.timeline import WEEK, Span, Timeline
from experiments.views.quarter.bars import DrawnBar
from experiments.views.quarter.markup import bar_html
from experiments.views.quarter.window import Window


@dataclass(frozen=True)
class Closed:
    """Days on which no test runs, as a note in a lane or as a band over all of them.

    `room` is how many days its name takes up in a lane, so that no bar is put over it.
    """

    blackout: Blackout
    span: Span
    room: int


class Count(NamedTuple):
    """How many experiments of a lane run in a week."""

    running: int
    column: int


@dataclass
class Lane:
    """`opens` is the address that shows the bars of a folded lane, `folds` the one that hides them."""

    key: str
    label: str
    note: str = ""
    pod: Pod | None = None
    bars: list[DrawnBar] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    opens: str = ""
    folds: str = ""
    counts: tuple[Count, ...] = ()

    @property
    def is_folded(self) -> bool:
        return bool(self.opens)

    @property
    def markup(self) -> list[SafeString]:
        return [bar_html(bar) for bar in self.bars]


LETTER, WIDTH = 6.5, 900  # pixels of a letter of a note, and of the lanes in a window of 1,440
MOST_DRAWN = 400  # bars of all lanes together, as many as a page holds without lag
LaneOf = TypeVar("LaneOf", bound=Lane)
NONE = {
    "objective": "No objective",
    "channel": "No channel",
    "segment": "No segment",
    "owner": "No owner",
}


def lanes_of(
    by: str, bars: Iterable[DrawnBar], known: CalendarFacts, pods: Iterable[Pod]
) -> list[Lane]:
    """Every pod has a lane; of the others those with a test. What names none comes last."""
    lanes = {lane.key: lane for lane in pod_lanes(pods, known, Lane)} if by == "pod" else {}
    for bar in bars:
        key, label = _lane_of(by, bar.test)
        lane = lanes.setdefault(key, Lane(key, label or NONE.get(by, "")))
        lane.bars.append(bar)
    if by == "pod":
        return list(lanes.values())
    for lane in lanes.values():
        count = len(lane.bars)
        lane.note = f"{count} experiment{'' if count == 1 else 's'}"
    return sorted(
        lanes.values(), key=lambda lane: (lane.key.endswith("-none"), lane.label.casefold())
    )


def pod_lanes(pods: Iterable[Pod], known: CalendarFacts, kind: type[LaneOf]) -> list[LaneOf]:
    """An empty lane for each pod, with how many of its tests may run at once."""
    limits = {capacity.pod: capacity.at_once for capacity in known.facts.capacities}
    most = {pod: f"{limit} at once" for pod, limit in limits.items() if limit is not None}
    return [kind(f"pod-{pod.pk}", str(pod), most.get(pod.pk, ""), pod) for pod in pods]


def fold(lanes: Sequence[Lane], window: Window, *, pods: Collection[int]) -> None:
    """Where there are more bars than a page holds, some lanes only say how many run in each week.

    Those that the reader has opened show theirs; then, while there is room, those of the reader's own
    pods, and then the others in their order.
    """
    left = MOST_DRAWN
    if sum(len(lane.bars) for lane in lanes) <= left:
        return

    def rank(lane: Lane) -> tuple[bool, bool]:
        return lane.key not in window.opened, lane.pod is None or lane.pod.pk not in pods

    for lane in sorted(lanes, key=rank):
        if lane.key in window.opened:
            lane.folds = window.without_lane(lane.key)
        elif len(lane.bars) > max(left, 0):
            lane.opens = window.with_lane(lane.key)
            lane.counts = _counts(lane.bars, window.line)
            continue
        left -= len(lane.bars)


def _counts(bars: Iterable[DrawnBar], line: Timeline) -> tuple[Count, ...]:
    """How many run in each week."""
    runs = [(one.test.starts_on, one.test.ends_on) for one in bars]
    days = [(first, after) for first, after in runs if first and after]
    return tuple(
        Count(
            sum(first < week.starts_on + WEEK and after > week.starts_on for first, after in days),
            week.column,
        )
        for week in line.weeks
    )


def _lane_of(by: str, test: Experiment) -> tuple[str, str]:
    if by == "channel":
        word = test.channel.strip()
        return (f"channel-{word.casefold()}", word) if word else ("channel-none", "")
    thing: Any = getattr(test, by)
    return (f"{by}-{thing.pk}", str(thing)) if thing else (f"{by}-none", "")


def close_days(
    lanes: Sequence[Lane], blackouts: Iterable[Blackout], line: Timeline, by: str
) -> list[Closed]:
    """Put each blackout into the lanes that it closes; those of everybody are returned as bands."""
    bands = []
    for blackout in blackouts:
        span = line.span(blackout.starts_on, blackout.ends_on)
        if span is None:
            continue
        closed = Closed(blackout, span, _room(blackout.name, span, line))
        if blackout.pod_id is None and not blackout.channel:
            bands.append(closed)
            continue
        for lane in lanes:
            if _closes(blackout, lane, by):
                lane.closed.append(closed)
    return bands


def _room(name: str, span: Span, line: Timeline) -> int:
    """Days for the name at the usual width of the lanes, at least those of the blackout."""
    needed = math.ceil((len(name) * LETTER + 12) * line.days / WIDTH)
    return max(span.days, min(needed, line.days - span.column + 1))


def _closes(blackout: Blackout, lane: Lane, by: str) -> bool:
    if by == "pod":
        mine = lane.pod is not None and blackout.pod_id in (None, lane.pod.pk)
        return mine and (
            not blackout.channel
            or any(same_word(blackout.channel, bar.test.channel) for bar in lane.bars)
        )
    if by == "channel":
        return same_word(blackout.channel, lane.label)
    return False


def may_move_in(user: User, pods: Iterable[Pod]) -> Mapping[int, bool]:
    """In which of the pods that they see this person may move tests; a missing one means no."""
    if user.stands_above_pods:
        return dict.fromkeys((pod.pk for pod in pods), True)
    return {pod: role != "viewer" for pod, role in user.pod_roles.items()}

"""Lanes of the calendar: by pod, objective, channel, segment or owner, with their closed days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.safestring import SafeString

from backlog.models import Pod, User
from experiments.flows.quarter.facts import CalendarFacts
from experiments.models import Blackout, Experiment
from experiments.quarter.bars import same_word
from experiments.quarter.timeline import Span, Timeline
from experiments.views.quarter.bars import DrawnBar
from experiments.views.quarter.markup import bar_html


@dataclass(frozen=True)
class Closed:
    """Days on which no test runs, as a note in a lane or as a band over all of them."""

    blackout: Blackout
    span: Span


@dataclass
class Lane:
    key: str
    label: str
    note: str = ""
    pod: Pod | None = None
    bars: list[DrawnBar] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)

    @property
    def markup(self) -> list[SafeString]:
        return [bar_html(bar) for bar in self.bars]


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
        closed = Closed(blackout, span)
        if blackout.pod_id is None and not blackout.channel:
            bands.append(closed)
            continue
        for lane in lanes:
            if _closes(blackout, lane, by):
                lane.closed.append(closed)
    return bands


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

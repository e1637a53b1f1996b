"""Lanes of the calendar: by pod, objective, channel, segment or owner, with their closed days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    limits = {capacity.pod: capacity.at_once for capacity in known.facts.capacities}
    lanes: dict[str, Lane] = {}
    if by == "pod":
        for pod in pods:
            most = limits.get(pod.pk)
            note = f"{most} at once" if most is not None else ""
            lanes[f"pod-{pod.pk}"] = Lane(f"pod-{pod.pk}", str(pod), note, pod)
    for bar in bars:
        key, label = _lane_of(by, bar.test)
        lane = lanes.setdefault(key, Lane(key, label or NONE.get(by, "")))
        lane.bars.append(bar)
    if by == "pod":
        return list(lanes.values())
    for lane in lanes.values():
        count = len(lane.bars)
        lane.note = f"{count} test{'' if count == 1 else 's'}"
    return sorted(
        lanes.values(), key=lambda lane: (lane.key.endswith("-none"), lane.label.casefold())
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


def may_move_in(user: User) -> Mapping[int, bool]:
    """Pods whose tests this person may move; a missing one means no."""
    if user.stands_above_pods:
        return dict.fromkeys(Pod.objects.values_list("pk", flat=True), True)
    return {pod: role != "viewer" for pod, role in user.pod_roles.items()}

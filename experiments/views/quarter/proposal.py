"""A proposal over the calendar: what it places and why, what it leaves out and what stopped that."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from backlog.models import Objective, Pod, User
from backlog.templatetags.figures import number, signed_percent
from experiments.flows.quarter.facts import CalendarFacts, facts_of_quarter
from experiments.flows.quarter.proposing import EXPECTED, goals_of
from experiments.flows.quarter.reasons import reason_words
from experiments.flows.quarter.sentences import Names, days_words, may_see, names_in, share_words
from experiments.models import Scenario, ScenarioRow
from experiments.quarter.bars import Bar
from experiments.quarter.collisions import collisions
from experiments.quarter.timeline import Span, Timeline, timeline_of
from experiments.views.quarter.bars import drawn
from experiments.views.quarter.lanes import Closed, Lane, close_days, pod_lanes
from experiments.views.quarter.strips import Strip, strips_of


@dataclass(frozen=True)
class Ghost:
    """A proposed bar."""

    row: ScenarioRow
    span: Span
    days: str
    is_chosen: bool

    @property
    def worth(self) -> str:
        if not self.row.value or self.row.experiment.idea.is_blind:
            return ""
        if self.row.scenario.limits.get("worth") == EXPECTED:
            return signed_percent(self.row.value / 100, 2)
        return number(self.row.value, 1)


@dataclass
class ProposalLane(Lane):
    ghosts: list[Ghost] = field(default_factory=list)


@dataclass(frozen=True)
class Figures:
    """What a proposal comes to, for its page and for the comparison of two."""

    placed: int
    accepted: int
    value: str
    value_range: str
    worth: str
    gap: str
    booked: str
    booked_limit: str
    collisions: int
    objectives: int
    objectives_in_all: int
    seconds: float
    ideas: int


@dataclass(frozen=True)
class ProposalPage:
    scenario: Scenario
    line: Timeline
    lanes: list[ProposalLane]
    bands: list[Closed]
    strips: list[Strip]
    figures: Figures
    chosen: ScenarioRow | None
    chosen_days: str
    chosen_last: dt.date | None
    chosen_why: list[tuple[str, str]]
    left_out: list[tuple[ScenarioRow, list[tuple[str, str]]]]
    conflicts: list[str]
    open_rows: int


def proposal_page(scenario: Scenario, user: User, chosen: str = "") -> ProposalPage:
    """The page of a solved proposal; `chosen` is the id of the row that is explained."""
    quarter = scenario.quarter
    known = facts_of_quarter(quarter)
    line = timeline_of(
        quarter.starts_on, quarter.ends_on, today=timezone.localdate(),
        first_weekday=known.facts.weeks[0].weekday(),
    )  # fmt: skip
    pods = list(Pod.objects.visible_to(user))
    objectives = list(quarter.objectives.visible_to(user))
    names = names_in(known, user, pods, objectives)
    seen = rows_seen(scenario, user)
    placed = [row for row in seen if row.is_placed]
    row = next((one for one in placed if str(one.pk) == chosen), None) or next(
        (one for one in placed if one.answer == ScenarioRow.Answer.OPEN), None
    )
    proposed = with_proposals(known, placed)
    lanes = _lanes(known, line, names, pods, placed, row)
    blackouts = [one for one in known.blackouts if may_see(user, one.pod_id)]
    bands = close_days(lanes, blackouts, line, "pod")
    return ProposalPage(
        scenario=scenario,
        line=line,
        lanes=lanes,
        bands=bands,
        strips=strips_of(proposed, line, names),
        figures=figures_of(scenario, seen, proposed, objectives),
        chosen=row,
        chosen_days=days_words(row.starts_on, row.ends_on) if row else "",
        chosen_last=row.ends_on - dt.timedelta(days=1) if row and row.ends_on else None,
        chosen_why=reason_words(row.why, names) if row else [],
        left_out=[
            (one, reason_words(one.why, names) or [("info", "Left out by hand.")])
            for one in seen
            if one not in placed
        ],
        conflicts=[
            words for one in scenario.result.get("conflicts", ()) for _, words in reason_words([one], names)
        ],
        open_rows=sum(one.answer == ScenarioRow.Answer.OPEN for one in placed),
    )  # fmt: skip


def rows_seen(scenario: Scenario, user: User) -> list[ScenarioRow]:
    """The rows of the tests that this person sees: a lead may have left the pod since."""
    rows = scenario.rows.select_related("experiment__pod", "experiment__idea", "scenario")
    return [row for row in rows if may_see(user, row.experiment.pod_id)]


def with_proposals(known: CalendarFacts, placed: Iterable[ScenarioRow]) -> CalendarFacts:
    """The calendar as it would be."""
    where = {row.experiment_id: row for row in placed}
    bars: list[Bar] = [bar for bar in known.bars if bar.key not in where]
    for key, row in where.items():
        bar = known.by_key.get(key)
        if bar and row.starts_on and row.ends_on:
            bars.append(bar.at(row.starts_on, row.ends_on))
    return replace(known, bars=tuple(bars))


def _lanes(
    known: CalendarFacts,
    line: Timeline,
    names: Names,
    pods: Iterable[Pod],
    placed: Iterable[ScenarioRow],
    chosen: ScenarioRow | None,
) -> list[ProposalLane]:
    lanes = {lane.pod.pk: lane for lane in pod_lanes(pods, known, ProposalLane) if lane.pod}
    moving = {row.experiment_id for row in placed if row.answer == ScenarioRow.Answer.OPEN}
    for bar in known.bars:
        if bar.key not in names.tests or bar.key in moving or bar.pod not in lanes:
            continue
        test = known.tests[bar.key]
        row = drawn(test, bar, line, was=None, may_move=False, is_shared=False)
        if row:
            lanes[bar.pod].bars.append(row)
    for one in placed:
        lane = lanes.get(one.experiment.pod_id)
        span = line.span(one.starts_on, one.ends_on) if one.starts_on and one.ends_on else None
        if lane and span and one.experiment_id in moving:
            lane.ghosts.append(
                Ghost(one, span, days_words(one.starts_on, one.ends_on), one == chosen)
            )
    return list(lanes.values())


def figures_of(
    scenario: Scenario,
    rows: list[ScenarioRow],
    proposed: CalendarFacts,
    objectives: list[Objective],
) -> Figures:
    """Sums of what is placed; the range of a sum adds the squares of half the ranges, since scores of
    different ideas err by themselves."""
    placed = [row for row in rows if row.is_placed]
    ideas = [row.experiment.idea for row in placed if not row.experiment.idea.is_blind]
    is_expected = scenario.limits.get("worth") == EXPECTED
    total = sum(idea.ice or 0 for idea in ideas)
    halves = [
        (idea.ice_high - idea.ice_low) / 2
        for idea in ideas
        if idea.ice_high is not None and idea.ice_low is not None
    ]
    reach = math.sqrt(sum(half * half for half in halves))
    facts = proposed.facts
    most = max((one.total for one in proposed.booked), default=0.0)
    limit = scenario.limits.get("booked_limit") or facts.booked_limit
    goals = goals_of(objectives, proposed)
    served = {goals[bar.key] for bar in proposed.bars if bar.key in goals}
    keys = {row.experiment_id for row in placed}
    pairs = collisions(proposed.bars, facts.overlaps)
    return Figures(
        placed=len(placed),
        accepted=sum(row.answer == ScenarioRow.Answer.ACCEPTED for row in placed),
        value=_expected(placed) if is_expected else number(total, 1),
        value_range="" if is_expected or not reach
        else f"could be {number(total - reach, 0)} to {number(total + reach, 0)}",
        worth="expected lift" if is_expected else "ICE",
        gap=gap_words(scenario.result),
        booked=share_words(most),
        booked_limit=share_words(limit) if limit else "",
        collisions=sum(pair.first in keys or pair.second in keys for pair in pairs),
        objectives=len(served),
        objectives_in_all=len(objectives),
        seconds=scenario.result.get("seconds", 0.0),
        ideas=len(rows),
    )  # fmt: skip


def _expected(placed: Iterable[ScenarioRow]) -> str:
    seen = (row.value for row in placed if not row.experiment.idea.is_blind)
    return signed_percent(sum(seen) / 100, 2)


def gap_words(result: Mapping[str, Any]) -> str:
    """“at most 3 % more value is possible”, rounded up so that it is never less than what is known.

    >>> gap_words({"gap": 0.0213}), gap_words({"is_optimal": True, "gap": 0.0})
    ('at most 3 % more value is possible', 'none better under these limits')
    """
    gap = result.get("gap")
    if result.get("is_optimal"):
        return "none better under these limits"
    if gap is None:
        return "how much more is possible is not known"
    return f"at most {max(1, math.ceil(gap * 100 - 1e-9))} % more value is possible"

"""What the page Health is made of, frozen."""

from dataclasses import dataclass

from backlog.models import Pod
from experiments.flows.health.work import Period
from experiments.learning.quiz import QuizResult
from experiments.learning.records import Estimate
from experiments.learning.throughput import Percentiles
from experiments.models import Experiment, WarningSign
from experiments.views.process import plots, words


@dataclass(frozen=True)
class Panel:
    """A panel of the calibration: a headline and a plot, or why there is none."""

    headline: words.Headline | None
    plot: plots.Plot
    note: str
    missing: words.Missing | None


@dataclass(frozen=True)
class Decisions:
    """Experiments decided a month, in this quarter (with how many of them were imported) and before."""

    columns: list[plots.Column]
    now: int
    before: int
    inconclusive: Estimate
    imported: int = 0


@dataclass(frozen=True)
class StageDays:
    """A stage in figures: days of what left it in this quarter and in the one before, and what is in
    it now with its median age."""

    label: str
    now: Percentiles
    before: Percentiles
    here: int
    age: float | None


@dataclass(frozen=True)
class Days:
    """Days from idea to post-mortem, by stage."""

    rows: list[plots.StageRow]
    table: list[StageDays]
    median: float | None
    before: float | None


@dataclass(frozen=True)
class PodLoad:
    """What runs in a pod at once, against its limit; widths in per cent."""

    pod: Pod
    running: int
    limit: int | None
    y: int
    width: float
    tick: float | None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.running > self.limit


@dataclass(frozen=True)
class SignRow:
    """A sign with its sentence and what the reader may open of its evidence."""

    sign: WarningSign
    sentence: str
    evidence: list[Experiment]
    may_mute: bool


@dataclass(frozen=True)
class LearningRate:
    """Learnings per decided experiment; `expiring` are due to be looked at within three months."""

    rate: float | None
    before: float | None
    share: Estimate
    lost: int
    lost_with_learning: int
    expiring: int


@dataclass(frozen=True)
class ValueSwitch:
    """Whether expected value stands beside ICE, and whether the reader may change that now."""

    is_used: bool
    may_change: bool


@dataclass(frozen=True)
class HealthPage:
    now: Period
    before: Period
    pods: list[Pod]
    pod: Pod | None
    is_own: bool
    decisions: Decisions
    days: Days
    signs: list[SignRow]
    muted: list[SignRow]
    confidence: Panel
    impact: Panel
    ease: Panel
    n: int
    n_scored: int  # without those of the quiz, which claim a chance and nothing else
    ranks: list[words.RankRow]
    suggestions: list[str]
    value: ValueSwitch
    loads: list[PodLoad]
    learning: LearningRate
    quiz: QuizResult | None = None

    @property
    def n_words(self) -> str:
        return _experiments(self.n)

    @property
    def scored_words(self) -> str:
        return _experiments(self.n_scored)

    @property
    def loads_height(self) -> int:
        return 27 * len(self.loads) + 6


def _experiments(number: int) -> str:
    return f"{number} decided experiment{'' if number == 1 else 's'}"

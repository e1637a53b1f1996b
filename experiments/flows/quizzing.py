"""The quiz of a quarter: three past experiments to predict, once per person and quarter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Exists, Q

from backlog.models import Score, User
from backlog.models.rubrics import DIMENSIONS
from backlog.refusals import Refused
from experiments.flows.health.decided import OVER, Decided
from experiments.flows.health.work import Period, periods
from experiments.learning.quiz import Guess, QuizResult, choose, mark
from experiments.learning.records import DecidedExperiment
from experiments.models import EvidenceRow, Experiment, QuizAnswer
from experiments.models.evidence_rows import EvidenceRowQuerySet

QUESTIONS = 3
SEE = "experiments.view_experiment"
_BANDS = QuizAnswer.Band
LIFTS = {
    _BANDS.MUCH_WORSE: -0.1,
    _BANDS.WORSE: -0.03,
    _BANDS.SAME: 0.0,
    _BANDS.BETTER: 0.03,
    _BANDS.MUCH_BETTER: 0.1,
    _BANDS.FAR_BETTER: 0.3,
}
"""The lift that a band stands for when it is held against the measured interval."""


@dataclass(frozen=True)
class Answered:
    """An answer with what was measured; `is_near`: the reader may open all of the experiment."""

    answer: QuizAnswer
    row: EvidenceRow
    is_near: bool

    @property
    def measured(self) -> tuple[float, float, float]:
        """Lift and interval in the direction that the metric wants."""
        lift, low, high = self.row.lift or 0.0, self.row.low or 0.0, self.row.high or 0.0
        return (lift, low, high) if self.row.is_increase_good else (-lift, -high, -low)

    @property
    def guess(self) -> Guess:
        _, low, high = self.measured
        won = self.row.outcome == EvidenceRow.Outcome.WON
        lift = LIFTS[QuizAnswer.Band(self.answer.band)]
        return Guess(self.answer.chance / 100, won, lift, low, high)

    @property
    def is_held(self) -> bool:
        """Whether the guessed lift lies within the measured interval."""
        _, low, high = self.measured
        return low <= LIFTS[QuizAnswer.Band(self.answer.band)] <= high


@dataclass(frozen=True)
class Answers:
    """Answers with the share that won among all past experiments that the person may see."""

    rows: list[Answered]
    base_rate: float

    @property
    def result(self) -> QuizResult:
        return mark([one.guess for one in self.rows], base_rate=self.base_rate)


def _measured(user: User) -> EvidenceRowQuerySet:
    """Experiments that are over, with a measured interval, that this person may see."""
    rows = EvidenceRow.objects.visible_to(user)
    return rows.filter(
        experiment__state__in=OVER, lift__isnull=False, low__isnull=False, high__isnull=False
    ).exclude(experiment__decision__outcome="stopped")


def _suitable(user: User) -> EvidenceRowQuerySet:
    """Those that the person had no part in and was not asked about."""
    scored = Score.objects.filter(scorer=user).values("round_idea__idea")
    part = Q(experiment__idea__author=user) | Q(experiment__decision__by=user)
    part |= Q(experiment__post_mortem__author=user)
    for name in ("author", *Experiment.PARTS):
        part |= Q(**{f"experiment__{name}": user})
    answered = QuizAnswer.objects.filter(user=user).values("experiment")
    rows = _measured(user).exclude(part).exclude(experiment__idea__in=scored)
    return rows.exclude(experiment__in=answered)


def questions_for(user: User, period: Period) -> list[Experiment]:
    """The experiments to predict in this quarter; none where there are too few."""
    pks = _suitable(user).values_list("experiment", flat=True)
    chosen = choose(map(str, pks), person=str(user.pk), quarter=str(period.starts_on))
    if len(chosen) < QUESTIONS:
        return []
    rows = (
        Experiment.objects.select_related("pod")
        .prefetch_related("metrics__metric")
        .in_bulk([int(pk) for pk in chosen])
    )
    return [rows[int(pk)] for pk in chosen]


def is_quiz_open(user: User, period: Period) -> bool:
    """Whether there are enough experiments to predict and this quarter’s were not predicted yet."""
    own = QuizAnswer.objects.visible_to(user).filter(quarter_from=period.starts_on)
    return _suitable(user).filter(~Exists(own)).count() >= QUESTIONS


def answers_of(user: User, period: Period | None = None) -> Answers:
    """One's own answers with what was measured, as far as one may see it now."""
    given = QuizAnswer.objects.visible_to(user).select_related("experiment__pod")
    if period:
        given = given.filter(quarter_from=period.starts_on)
    listed = list(given)
    known = {row.experiment_id: row for row in _measured(user)} if listed else {}
    won = sum(row.outcome == EvidenceRow.Outcome.WON for row in known.values())
    rows = [
        Answered(one, known[one.experiment_id], user.has_perm(SEE, one.experiment))
        for one in listed
        if one.experiment_id in known
    ]
    return Answers(rows, won / len(known) if known else 0.0)


@transaction.atomic
def answer_quiz(user: User, answers: Mapping[int, tuple[str, int]]) -> None:
    """Keep the answers, by experiment: a band and the percentage that it won.

    A quiz that was answered in this quarter stays as it is. Raises Refused, ValidationError.
    """
    User.objects.select_for_update().get(pk=user.pk)
    period, _ = periods()
    if QuizAnswer.objects.filter(user=user, quarter_from=period.starts_on).exists():
        return
    suitable = set(
        _suitable(user).filter(experiment__in=list(answers)).values_list("experiment", flat=True)
    )
    if len(answers) != QUESTIONS or suitable != set(answers):
        raise Refused("One of these experiments is not available any more. Load the page again.")
    for pk, (band, chance) in answers.items():
        row = QuizAnswer(user=user, experiment_id=pk, quarter_from=period.starts_on)
        row.band, row.chance = band, chance
        row.full_clean()
        row.save()


def with_quiz_answers(
    own: list[DecidedExperiment], decided: Iterable[Decided], answered: Iterable[Answered]
) -> list[DecidedExperiment]:
    """One's own rows and those of the quiz, which claim a chance of winning and nothing else."""
    chances = {one.answer.experiment_id: one.guess.chance for one in answered}
    known = {row.key for row in own}
    nothing: dict[str, Any] = dict.fromkeys(
        ("ice", *DIMENSIONS, "claim_low", "claim_high", "days_forecast")
    )
    return own + [
        replace(one.row, **nothing, chance=chances[one.experiment.pk])
        for one in decided
        if one.experiment.pk in chances and one.row.key not in known
    ]


def is_of_quiz(row: DecidedExperiment) -> bool:
    """Whether it is one of `with_quiz_answers`: a chance, and no score."""
    return all(getattr(row, name) is None for name in DIMENSIONS)

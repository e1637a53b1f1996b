"""Decided experiments with what their scores claimed, for calibration and reports."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from backlog.claims import Band, claim_at
from backlog.models import RoundIdea, RubricBand, Score, User
from experiments.flows.quarter.bars import people_days_of
from experiments.learning.records import DecidedExperiment
from experiments.models import Decision, EvidenceRow, Experiment
from experiments.stats.tails import normal_quantile

Bands = Mapping[str, list[Band]]
DIMENSIONS = ("impact", "confidence", "ease")
OVER = (Experiment.State.DECIDED, Experiment.State.CLOSED)


@dataclass(frozen=True)
class Decided:
    """A row for the arithmetic, with what a page needs to name it."""

    row: DecidedExperiment
    experiment: Experiment
    bands: Bands
    decided_on: dt.date
    outcome: str
    metric: str
    interval: tuple[float, float] | None


def decided_experiments() -> list[Decided]:
    """Of every pod, in the order of their decisions: figures of the workspace rest on all of them.

    Whoever names one asks first whether the reader may see it. The claims are read off the rubric with
    which the idea was scored last; an idea that is blind again claims nothing.
    """
    decisions = list(
        Decision.objects.filter(experiment__state__in=OVER)
        .select_related("experiment__idea", "experiment__pod", "experiment__booking")
        .select_related("experiment__evidence")
        .order_by("decided_at", "pk")
    )
    ideas = {one.experiment.idea_id for one in decisions}
    scorers, bands = _scored(ideas)
    rows = []
    for one in decisions:
        idea = one.experiment.idea_id
        row = _row(one, scorers[idea], bands[idea])
        name, ends = _interval(_evidence_of(one))
        day = timezone.localtime(one.decided_at).date()
        rows.append(Decided(row, one.experiment, bands[idea], day, one.outcome, name, ends))
    return rows


def with_own_scores(decided: Iterable[Decided], user: User) -> list[DecidedExperiment]:
    """The same experiments as this person alone had scored them; those that they did not are left out."""
    listed = list(decided)
    ideas = {one.experiment.idea_id for one in listed}
    own = {
        score.round_idea.idea_id: score
        for score in Score.objects.filter(
            scorer=user, is_skipped=False, round_idea__idea__in=ideas,
            round_idea__round__is_imported=False,
        ).select_related("round_idea").order_by("scored_at", "pk")
    }  # fmt: skip
    rows = []
    for one in listed:
        score = own.get(one.experiment.idea_id)
        if score is None or one.experiment.idea.is_blind:
            continue
        scores = {name: getattr(score, name) for name in DIMENSIONS}
        claims = claims_of(scores, one.bands)
        rows.append(replace(one.row, ice=None, **scores, **claims))
    return rows


def _row(decision: Decision, scorers: frozenset[str], bands: Bands) -> DecidedExperiment:
    test = decision.experiment
    idea, booking = test.idea, getattr(test, "booking", None)
    scores = {name: None if idea.is_blind else getattr(idea, name) for name in DIMENSIONS}
    lift, variance = _measured(_evidence_of(decision))
    return DecidedExperiment(
        key=test.key,
        pod=str(test.pod_id or ""),
        scorers=scorers,
        ice=None if idea.is_blind else idea.ice,
        **scores,
        **claims_of(scores, bands),
        won=None if decision.outcome == "stopped" else decision.outcome == "won",
        lift=lift,
        variance=variance,
        days_forecast=people_days_of(test, booking, bands.get("ease")) or None,
        days_taken=booking.days_taken if booking else None,
    )


def claims_of(scores: Mapping[str, float | None], bands: Bands) -> dict[str, Any]:
    """A band of Impact covers two scores, so the claim of a mean score reaches one up and one down."""
    impact, confidence = scores["impact"], scores["confidence"]
    claims: dict[str, Any] = {"claim_low": None, "claim_high": None, "chance": None}
    if impact is not None and (of_impact := bands.get("impact")):
        claims["claim_low"] = claim_at("impact", impact - 1, of_impact)
        claims["claim_high"] = claim_at("impact", impact + 1, of_impact)
    if confidence is not None and (of_confidence := bands.get("confidence")):
        claims["chance"] = claim_at("confidence", confidence, of_confidence)
    return claims


def _evidence_of(decision: Decision) -> EvidenceRow | None:
    row: EvidenceRow | None = getattr(decision.experiment, "evidence", None)
    return row


def _measured(row: EvidenceRow | None) -> tuple[float | None, float | None]:
    """Lift and its variance in the direction that the metric wants, off the interval as it was decided."""
    if row is None or row.lift is None or row.low is None or row.high is None:
        return None, None
    error = (row.high - row.low) / 2 / float(normal_quantile(row.confidence))
    return (row.lift if row.is_increase_good else -row.lift), error**2


def _interval(row: EvidenceRow | None) -> tuple[str, tuple[float, float] | None]:
    """The name of the metric, and the lift’s interval in the direction that it wants."""
    if row is None:
        return "", None
    if row.low is None or row.high is None:
        return row.metric, None
    return row.metric, (row.low, row.high) if row.is_increase_good else (-row.high, -row.low)


def _scored(ideas: Collection[int]) -> tuple[dict[int, frozenset[str]], dict[int, Bands]]:
    """Who scored each idea in Floe, and the bands of the rubric of its last round that was revealed.

    An idea without such a round, such as an imported one, has those of the newest rubric.
    """
    rows = (
        RoundIdea.objects.filter(idea__in=ideas, revealed_at__isnull=False)
        .order_by("revealed_at", "pk")
        .values_list(
            "idea", "round__rubric", "scores__scorer", "scores__is_skipped", "round__is_imported"
        )
    )
    rubric_of: dict[int, int] = {}
    people: dict[int, set[str]] = {idea: set() for idea in ideas}
    for idea, rubric, person, is_skipped, is_imported in rows:
        rubric_of[idea] = rubric
        if person is not None and not is_skipped and not is_imported:
            people[idea].add(str(person))
    bands: dict[int, dict[str, list[Band]]] = {}
    for band in RubricBand.objects.order_by("rubric", "band"):
        of_rubric = bands.setdefault(band.rubric_id, {})
        of_rubric.setdefault(band.dimension, []).append((band.low, band.high))
    newest = max(bands, default=0)
    return (
        {idea: frozenset(names) for idea, names in people.items()},
        {idea: bands.get(rubric_of.get(idea, newest), {}) for idea in ideas},
    )

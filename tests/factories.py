"""Things to test with, made by the flows that people use; plain functions."""

import datetime as dt
from typing import Any

from django.utils import timezone

from backlog.flows import scoring
from backlog.flows.ideas import add_idea
from backlog.models import Idea, Objective, OwnField, Pod, Round, RoundIdea, User
from experiments.flows import agreeing, moves, promotion
from experiments.flows import totals as totals_flow
from experiments.flows.analysing import analyse_now
from experiments.flows.deciding import decide
from experiments.models import Analysis, Experiment

HYPOTHESIS = {
    "observation": "that half of the lapsed readers finished a series",
    "change": "naming the series in the subject line",
    "audience": "readers lapsed 30 to 90 days",
    "outcome": "reactivation within 30 days",
    "expected_effect": "+0.6 points",
}


def make_idea(by: User, pod: Pod, title: str = "Name the series", **fields: Any) -> Idea:
    return add_idea(by=by, pod=pod, title=title, **fields)


def make_own_fields(markets: tuple[str, ...] = ("North", "South")) -> dict[str, OwnField]:
    """A field of each kind, by its name."""
    fields = (
        OwnField(name="Market", kind="choice", choices=list(markets), place=0),
        OwnField(name="Effort", kind="number", place=1),
        OwnField(name="Due", kind="date", place=2),
        OwnField(name="Note", kind="text", place=3),
    )
    for field in fields:
        field.save()
    return {field.name: field for field in fields}


def make_round(
    by: User, pod: Pod, *ideas: Idea, title: str = "Grooming", kind: str = "own"
) -> Round:
    return scoring.open_round(by=by, pod=pod, title=title, ideas=ideas, kind=kind)


def item_of(round_: Round, idea: Idea) -> RoundIdea:
    return round_.round_ideas.select_related("idea", "round").get(idea=idea)


def score(item: RoundIdea, by: User, impact: int = 7, confidence: int = 6, ease: int = 8) -> None:
    scoring.submit_score(item, by=by, impact=impact, confidence=confidence, ease=ease)


def make_scored_idea(
    lead: User, pod: Pod, scores: dict[User, tuple[int, int, int]], **fields: Any
) -> Idea:
    """An idea of the lead's, scored and revealed; `scores` is by person."""
    idea = make_idea(lead, pod, **fields)
    round_ = make_round(lead, pod, idea)
    item = item_of(round_, idea)
    for person, (impact, confidence, ease) in scores.items():
        score(item, person, impact, confidence, ease)
    scoring.reveal(item, by=lead)
    scoring.close_round(round_, by=lead)
    idea.refresh_from_db()
    return idea


ARMS = (
    {"name": "As it is", "is_control": True, "weight": 1},
    {"name": "Series named", "description": "The series in the subject line", "weight": 1},
)
METRICS = (
    {"role": "primary", "name": "Reactivated", "kind": "proportion", "direction": "increase",
     "unit": "readers", "did": "came back", "baseline": 0.10, "smallest_effect": 0.10},
    {"role": "secondary", "name": "Opened", "kind": "proportion", "direction": "increase"},
    {"role": "guardrail", "name": "Unsubscribed", "kind": "proportion", "direction": "decrease",
     "baseline": 0.01, "margin": 0.005},
)  # fmt: skip


RISKS = {"price": False, "personal": False, "harm": False, "reach": False}
WAIVED = ("launcher", "analyst", "qa", "questions", "checklist", "size")


def make_experiment(
    lead: User, pod: Pod, *, objective: Objective | None, analyst: User, **fields: Any
) -> Experiment:
    """A draft that lacks nothing for its launch; by `waived` the lead may make it alone."""
    idea = make_idea(lead, pod, fields.pop("idea_title", "Name the series"), objective=objective)
    today = timezone.localdate()
    plan: dict[str, Any] = {
        "title": "Series in the subject line", "objective": objective, "owner": lead,
        "analyst": analyst, "audience": "Readers lapsed 30 to 90 days", "units_per_week": 10_000,
        "starts_on": today - dt.timedelta(days=7), "ends_on": today + dt.timedelta(days=21),
        "arms": ARMS, "metrics": METRICS, "risks": RISKS,
    }  # fmt: skip
    waived = fields.pop("waived", WAIVED)
    made = promotion.promote(idea, by=lead, **{**plan, **fields})
    if waived:
        agreeing.waive(made, by=lead, standards=waived, reason="Made for a test")
    return made


def launched(experiment: Experiment, by: User) -> Experiment:
    moves.move_experiment(experiment, "plan", by=by)
    return moves.move_experiment(experiment, "launch", by=by)


def totals(n: int = 15_000, control: float = 0.10, treatment: float = 0.12) -> list[dict[str, Any]]:
    """One row for each arm and metric, as the API takes them."""
    return [
        {"variant": arm, "metric": metric, "n": n, "successes": round(n * rate)}
        for arm, primary in (("As it is", control), ("Series named", treatment))
        for metric, rate in (("Reactivated", primary), ("Opened", 0.3), ("Unsubscribed", 0.01))
    ]


def analysed(
    experiment: Experiment, by: User, rows: list[dict[str, Any]] | None = None
) -> Analysis:
    taken = totals_flow.receive_totals(experiment, by=by, observations=rows or totals())
    analyse_now(taken.pk)
    return experiment.analyses.order_by("-number").first()


def shipped(author: User, analyst: User, pod: Pod, objective: Objective) -> Experiment:
    """An experiment that the analyst has decided to ship, so its post-mortem is open."""
    made = launched(make_experiment(author, pod, objective=objective, analyst=analyst), author)
    analysed(made, analyst)
    decide(made, by=analyst, choice="ship")
    return made

"""What the expected value of an idea is made of, in words."""

from backlog.models import Idea, Workspace
from backlog.templatetags.figures import number, percent, signed_percent
from backlog.templatetags.states import score_text
from backlog.views.columns import value_per_day
from experiments.flows.health.valuing import stored_model
from experiments.learning.expected_value import Reading

NBSP = "\u00a0"


def value_words(idea: Idea) -> list[str]:
    """“ICE 7.4 → expected +0.6 % × 38 % chance / 11 days”, and what each of the three rests on."""
    if idea.ice is None or idea.expected_value is None:
        return []
    model, taken = stored_model(), idea.expected_days or 0.0
    days = number(taken, 1 if taken < 10 else 0)
    return [
        f"ICE {score_text(idea.ice, Workspace.current().ice_formula)} → expected {signed_percent(idea.expected_lift)} × "
        f"{percent(idea.expected_chance, 0)} chance / {days}{NBSP}days.",
        f"That is {value_per_day(idea.expected_value)} per working day.",
        _rests_on(model.reading(str(idea.pod_id)), is_of_pod=str(idea.pod_id) in model.pods),
    ]


def _rests_on(reading: Reading, *, is_of_pod: bool) -> str:
    """Which of the three were corrected, by how many experiments."""
    parts = [
        f"the {what} by {count:,} {noun}{'' if count == 1 else 's'}"
        for what, count, noun in (
            ("chance", reading.experiments, "decided experiment"),
            ("lift", reading.winners, "winner"),
            ("days", reading.timed, "finished experiment"),
        )
        if count
    ]
    if not parts:
        return (
            "Nothing was corrected, because too few experiments are decided. These are the values that "
            "the scores claim; for the lift, the middle of its band."
        )
    listed = " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]
    whose = "this pod’s own, beside those of all pods" if is_of_pod else "of all pods"
    return f"Its scores were corrected: {listed}, {whose}."

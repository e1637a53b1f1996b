"""Record what was decided, by somebody other than the author, on the latest analysis."""

from django.db import transaction

from backlog.flows.transitions import make_move
from backlog.models import User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.moves import EXPERIMENT_MOVES, forget_cached
from experiments.models import Analysis, Decision, Experiment

# What the verdict recommends, and the outcome it stands for in lists and on the calendar.
RECOMMENDS = {"ship": "ship", "roll-back": "roll-back", "no-difference": "stop"}
OUTCOMES = {
    "ship": Decision.Outcome.WON,
    "roll-back": Decision.Outcome.LOST,
    "no-difference": Decision.Outcome.FLAT,
    "cannot-tell": Decision.Outcome.FLAT,
}


def wrote_it(experiment: Experiment, user: User) -> bool:
    """Judge and author are kept apart: the idea's and the experiment's author do not decide."""
    return user.pk in (experiment.author_id, experiment.idea.author_id)


def outcome_of(analysis: Analysis) -> str:
    """Won, lost or flat is what was measured; where nothing was, the test was stopped."""
    return OUTCOMES.get(analysis.outcome, Decision.Outcome.STOPPED)


@transaction.atomic
def decide(
    experiment: Experiment,
    *,
    by: User,
    choice: str,
    reason: str = "",
    waiver: str = "",
    seen: str = "",
) -> Decision:
    """Decide on the latest analysis. An author needs a waiver, a departure from the rule a reason.

    Raises PermissionDenied, ValidationError, Refused, SomebodyWasQuicker.
    """
    require(by, "experiments.decide_experiment", experiment)
    analysis = experiment.analyses.order_by("-number").first()
    if analysis is None:
        raise Refused("Bring in the data first; there is no result to decide on.")
    if wrote_it(experiment, by) and not waiver.strip():
        raise Refused(
            "You wrote this, so somebody else decides. If nobody else can, say why; it goes on record."
        )
    recommended = RECOMMENDS.get(analysis.outcome, "")
    decision = Decision(
        experiment=experiment,
        analysis=analysis,
        choice=choice,
        recommended=recommended,
        outcome=outcome_of(analysis),
        reason=reason.strip(),
        waiver=waiver.strip() if wrote_it(experiment, by) else "",
        by=by,
    )
    decision.clean_fields()
    if decision.departs and not decision.reason:
        raise Refused(
            f"The sealed rule says “{Decision.Choice(recommended).label.lower()}”. "
            "Say why you depart from it."
        )
    make_move(
        experiment, EXPERIMENT_MOVES["decide"], by=by, seen=seen,
        sentence=f"{by} decided: {decision.get_choice_display().lower()}, on analysis {analysis.number}.",
    )  # fmt: skip
    decision.experiment = experiment
    decision.full_clean()
    decision.save()
    forget_cached(experiment)
    return decision

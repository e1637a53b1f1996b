"""What is decided, by somebody other than the author, on the reading that the sealed rule decides by.

A departure from the sealed rule is a proposal first: it takes effect when a second person confirms it.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.transitions import make_move, what_happened
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Mend, Refused, SomebodyWasQuicker
from experiments.flows.alarming import check_alarms
from experiments.flows.evidence import keep_evidence
from experiments.flows.moves import EXPERIMENT_MOVES, forget_cached
from experiments.flows.writing_up_opening import open_post_mortem
from experiments.models import Analysis, Decision, Experiment, Proposal, departs

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
) -> Decision | Proposal:
    """Decide on the reading that rules, or propose what departs from the sealed rule.

    An author needs a waiver, a departure a reason and somebody who confirms it.
    Raises PermissionDenied, ValidationError, Refused, SomebodyWasQuicker.
    """
    require(by, "experiments.decide_experiment", experiment)
    if not choice:  # only of an imported experiment nobody may know what was done
        raise ValidationError({"choice": "Choose a decision."})
    analysis: Analysis | None = experiment.deciding_analysis
    if analysis is None:
        raise Refused(
            "Bring in the data first. There is no result to decide on yet.",
            mend=Mend(
                "Bring in data", reverse("experiments:experiment_data", args=[experiment.pk])
            ),
        )
    if wrote_it(experiment, by) and not waiver.strip():
        raise Refused(
            "You are the author, so somebody else should decide. If nobody else can, say why. It goes on record."
        )
    recommended = RECOMMENDS.get(analysis.outcome, "")
    fields: dict[str, Any] = {
        "choice": choice,
        "recommended": recommended,
        "reason": reason.strip(),
        "waiver": waiver.strip() if wrote_it(experiment, by) else "",
        "by": by,
    }
    if departs(choice, recommended):
        return _propose(experiment, analysis, seen=seen, **fields)
    return _record(experiment, analysis, mover=by, seen=seen, **fields)


def _propose(
    experiment: Experiment, analysis: Analysis, *, by: User, seen: str, **fields: Any
) -> Proposal:
    proposal = Proposal(experiment=experiment, analysis=analysis, by=by, **fields)
    proposal.clean_fields(exclude=["reason"])
    if not proposal.reason:
        raise Refused(f"{_rule_says(proposal.recommended)} Say why you depart from it.")
    if (seen and seen != experiment.state) or not experiment.is_undecided:
        raise SomebodyWasQuicker(what_happened(experiment))
    Proposal.objects.filter(experiment=experiment).delete()
    proposal.save()
    Event.record(
        experiment, "propose", f"{by} proposed to {proposal.get_choice_display().lower()}, against the "
        f"sealed rule: {proposal.reason}", by=by,
    )  # fmt: skip
    return proposal


def _rule_says(recommended: str) -> str:
    if not recommended:
        return "The sealed rule does not recommend this."
    return f"The sealed rule recommends “{Decision.Choice(recommended).label.lower()}”."


def _record(
    experiment: Experiment, analysis: Analysis, *, mover: User, seen: str = "", **fields: Any
) -> Decision:
    decision = Decision(
        experiment=experiment, analysis=analysis, outcome=outcome_of(analysis), **fields
    )
    decision.clean_fields()
    label, confirmed = decision.get_choice_display().lower(), decision.confirmed_by
    sentence = f"{decision.by} decided: {label}, on analysis {analysis.number}."
    if confirmed:
        sentence += f" {confirmed} confirmed it."
    make_move(experiment, EXPERIMENT_MOVES["decide"], by=mover, seen=seen, sentence=sentence)
    decision.experiment = experiment
    decision.full_clean()
    decision.save()
    keep_evidence(decision)
    Proposal.objects.filter(experiment=experiment).delete()
    forget_cached(experiment)
    check_alarms(experiment)
    open_post_mortem(experiment)
    return decision


def may_confirm(proposal: Proposal, user: User) -> str | None:
    """Why this person can't confirm it, or None."""
    if user.pk == proposal.by_id:
        return "You proposed it, so somebody else has to confirm it."
    if wrote_it(proposal.experiment, user):
        return "You are the author, so somebody else has to confirm a departure from the rule."
    return None


@transaction.atomic
def confirm(experiment: Experiment, *, by: User) -> Decision:
    """Let a proposed departure take effect: a second person, on the same analysis.

    Raises PermissionDenied, Refused, SomebodyWasQuicker.
    """
    require(by, "experiments.decide_experiment", experiment)
    proposal = Proposal.objects.select_for_update().filter(experiment=experiment).first()
    if proposal is None:
        raise Refused(
            "There is nothing to confirm. The proposal was withdrawn or decided in the meantime."
        )
    if why_not := may_confirm(proposal, by):
        raise Refused(why_not)
    latest: Analysis | None = experiment.deciding_analysis
    if latest is None or latest.pk != proposal.analysis_id:
        raise Refused("Newer data has come in since the proposal. Look at it, then propose again.")
    fields = {name: getattr(proposal, name) for name in ("choice", "recommended", "reason", "waiver",
                                                       "by")}  # fmt: skip
    return _record(
        experiment, latest, mover=by, confirmed_by=by, decided_at=timezone.now(), **fields
    )


@transaction.atomic
def withdraw(experiment: Experiment, *, by: User) -> None:
    """Take a proposal back; whoever may decide may also say no to it."""
    require(by, "experiments.decide_experiment", experiment)
    gone, _ = Proposal.objects.filter(experiment=experiment).delete()
    if not gone:
        raise Refused("There is no proposal to withdraw any more.")
    Event.record(experiment, "withdraw", f"{by} withdrew the proposed decision.", by=by)

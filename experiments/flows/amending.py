"""Change a sealed plan in the open: dated, with a reason, marked before or after the first look."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.engine.looks import error_spent
from experiments.flows.guards import with_another_analyst
from experiments.flows.moves import forget_cached
from experiments.flows.quarter.history import record_move
from experiments.flows.sealing import add_seal
from experiments.models import Amendment, Experiment, Seal
from experiments.plan.canonical import fingerprint_of, plan_changes
from experiments.plan.document import Plan

AMENDABLE_STATES = (Experiment.State.RUNNING, Experiment.State.ANALYSING)
# docs/decisions/0021: what may be amended, and what only while nobody has seen a result.
AT_ANY_TIME = ("ends_on", "units_per_week", "owner", "analyst")
BEFORE_THE_FIRST_LOOK = ("margins",)
PRICE = "how often the rule errs without any effect"


def has_been_looked_at(experiment: Experiment) -> bool:
    """Somebody has seen what it measured, or opened it before its planned end."""
    return experiment.looks_taken.exists() or hasattr(experiment, "unveiling")


def price_of_a_new_end(experiment: Experiment) -> float | None:
    """How often the rule of a fixed plan errs once its end moves after somebody has looked; None where
    that costs nothing: nobody has looked yet, or the plan may be read on the way.

    Whoever has seen a result can choose the end by it, so each look counts as one reading, and what is
    known today as another.
    """
    plan = experiment.plan_at_launch
    if plan.statistics.method != Experiment.Reading.FIXED or not has_been_looked_at(experiment):
        return None
    latest = experiment.latest_analysis
    units = {look.units for look in experiment.looks_taken.all()}
    if latest:
        units.add(latest.units)
    whole = plan.units or max(units, default=0)
    shares = [min(seen / whole, 0.99) for seen in sorted(units) if seen] if whole else []
    return error_spent(shares or [0.5], plan.statistics.alpha)


@transaction.atomic
def amend(
    experiment: Experiment, *, by: User, reason: str, warnings: Sequence[str] = (), **changes: Any
) -> Amendment:
    """Change `ends_on`, `units_per_week`, `owner`, `analyst` or, before the first look, `margins`.

    `margins`: by the guardrail's name, in the metric's own unit. What stays the same is left out.
    `warnings`: what the calendar warned of where the end moves.
    Raises PermissionDenied, ValidationError, Refused, SomebodyWasQuicker.
    """
    require(by, "experiments.change_experiment", experiment)
    _check(experiment, reason, changes)
    margins = changes.pop("margins", None) or {}
    before = experiment.plan_in_force or Plan()
    after = _patched(before, changes, margins)
    differences = plan_changes(before.to_json(), after.to_json())
    if not differences:
        raise Refused("This changes nothing in the present plan.")
    if "ends_on" in changes and (price := price_of_a_new_end(experiment)):
        before_it, after_it = (f"{share * 100:.2g} %" for share in (before.statistics.alpha, price))
        differences.append({"what": PRICE, "before": before_it, "after": after_it})
    days = experiment.starts_on, experiment.ends_on
    _write(experiment, changes, margins)
    record_move(experiment, days, by=by, reason=reason, warnings=warnings)
    amendment = Amendment(
        experiment=experiment,
        number=experiment.amendments.count() + 1,
        reason=reason.strip(),
        is_after_first_look=has_been_looked_at(experiment),
        changes=differences,
        plan=after.to_json(),
        by=by,
    )
    amendment.fingerprint = fingerprint_of(amendment.content)
    amendment.full_clean(exclude=["by"])
    amendment.save()
    fingerprint, kind = amendment.fingerprint, Seal.Kind.AMENDMENT
    add_seal(experiment, by=by, fingerprint=fingerprint, at=amendment.at, kind=kind)
    _tell(amendment, by)
    return amendment


def _check(experiment: Experiment, reason: str, changes: Mapping[str, Any]) -> None:
    if experiment.state not in AMENDABLE_STATES or not experiment.is_sealed:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}. You can only amend a sealed "
            "plan that is not decided yet."
        )
    if not reason.strip():
        raise Refused("The plan is sealed. Give a reason for the change. It goes on record.")
    unknown = set(changes) - {*AT_ANY_TIME, *BEFORE_THE_FIRST_LOOK}
    if unknown:
        raise Refused(f"The sealed plan keeps its {min(unknown).replace('_', ' ')}.")
    if changes.get("margins") and has_been_looked_at(experiment):
        raise Refused("A result has been seen, so the guardrails keep their margins.")
    if changes.get("analyst") and (clash := analyst_clashes(experiment, changes["analyst"])):
        raise Refused(clash)
    for name in ("ends_on", "owner", "analyst"):
        if name in changes and changes[name] is None:
            raise ValidationError({name: "A running experiment needs it."})


def analyst_clashes(experiment: Experiment, analyst: User) -> str | None:
    """Why this person can't be the analyst of a launched test, or None; as at the launch."""
    if "analyst" in experiment.waived or analyst.pk == experiment.analyst_id:
        return None
    proposed = copy.copy(experiment)
    proposed.analyst = analyst
    return with_another_analyst(proposed, {})


def _patched(plan: Plan, changes: Mapping[str, Any], margins: Mapping[str, float]) -> Plan:
    """The plan in force with the changes; everything else stays as it was sealed."""
    guardrails = {metric.name for metric in plan.metrics if metric.role == "guardrail"}
    if unknown := margins.keys() - guardrails:
        raise ValidationError({"margins": f"“{min(unknown)}” is not a guardrail of this plan."})
    people: dict[str, str | None] = {
        name: str(changes[name]) for name in Experiment.PARTS if name in changes
    }
    return replace(
        plan,
        **{name: value for name, value in changes.items() if name not in people},
        people=plan.people | people,
        metrics=tuple(
            replace(metric, margin=margins.get(metric.name, metric.margin))
            for metric in plan.metrics
        ),
    )


def _write(
    experiment: Experiment, changes: Mapping[str, Any], margins: Mapping[str, float]
) -> None:
    for name, value in changes.items():
        setattr(experiment, name, value)
    experiment.full_clean()
    write_unless_changed(
        experiment,
        states=AMENDABLE_STATES,
        refusal="Somebody changed this experiment in the meantime. Reload the page and compare.",
        **changes,
    )
    for row in experiment.measured:
        if row.metric.name in margins:
            row.margin = margins[row.metric.name]
            row.full_clean()
            row.save(update_fields=["margin"])
    experiment.refresh_from_db()
    forget_cached(experiment)


def _tell(amendment: Amendment, by: User) -> None:
    what = "; ".join(
        f"{row['what']} from {row['before']} to {row['after']}" for row in amendment.changes
    )
    seen = "after" if amendment.is_after_first_look else "before"
    sentence = f"{by} amended the plan, {seen} the first look: {amendment.reason} ({what})"
    Event.record(
        amendment.experiment, "amend", sentence, by=by, reason=amendment.reason,
        amendment=amendment.number,
    )  # fmt: skip

"""What a person may see of a reading: behind the veil no outcome, for the analyst no arm's name.

Every channel asks here: pages, parts, API, downloads. Who sees outcomes of an undecided test stands
in the peek ledger from then on.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.engine.before import in_codes
from experiments.engine.looks import error_spent
from experiments.engine.masking import (
    letters_of,
    masked_inputs,
    masked_result,
    without_outcomes,
)
from experiments.engine.results import verdict_of
from experiments.models import Analysis, Experiment, Intake, Look, Unveiling
from experiments.plan.document import Plan, Statistics
from experiments.stats import Verdict

SHOWN_ALWAYS = ("intake", "variant", "metric", "day", "stratum", "is_capped", "n")


class Seen(NamedTuple):
    """A reading as one person may see it; `letters` are the names of arms where they are masked."""

    analysis: Analysis
    result: dict[str, Any]
    is_veiled: bool
    letters: dict[str, str]

    @property
    def in_codes(self) -> dict[str, Any]:
        """The result as the newest engine would hold it."""
        return in_codes(self.result)

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.result)

    @property
    def statistics(self) -> Statistics:
        """How the plan of that day says that it is read."""
        return Plan.from_json(self.analysis.inputs["plan"]).statistics

    @property
    def inputs(self) -> dict[str, Any] | None:
        """None behind the veil."""
        if self.is_veiled:
            return None
        whole: dict[str, Any] = self.analysis.inputs
        return masked_inputs(whole) if self.letters else whole


def is_masked_for(experiment: Experiment, user: User) -> bool:
    """The analyst of record reads letters until the rule has spoken."""
    is_theirs = user.pk == experiment.analyst_id and experiment.is_undecided
    return is_theirs and not experiment.has_spoken


def letters_for(experiment: Experiment, user: User) -> dict[str, str]:
    """Each arm's letter for whom they are masked, else nothing."""
    return letters_of(experiment.plan_at_launch) if is_masked_for(experiment, user) else {}


def see(analysis: Analysis, user: User) -> Seen:
    """The reading for this person's eyes."""
    letters = letters_for(analysis.experiment, user)
    result: dict[str, Any] = analysis.result
    if letters:
        result = masked_result(analysis.inputs, result)
    if analysis.is_veiled:
        result = without_outcomes(result)
    return Seen(analysis, result, analysis.is_veiled, letters)


def readable(experiment: Experiment) -> Analysis | None:
    """The reading that decides, else the newest whose outcomes may be seen: at planned looks it may
    not be the latest."""
    if experiment.ruling_analysis:
        ruling: Analysis = experiment.ruling_analysis
        return ruling
    latest: Analysis | None = experiment.latest_analysis
    if latest is None or not latest.is_veiled:
        return latest
    if experiment.sealed_reading != Experiment.Reading.PLANNED_LOOKS:
        return None
    return next((row for row in experiment.analyses.all() if not row.is_veiled), None)


def is_data_veiled(intake: Intake, user: User) -> bool:
    """While the experiment keeps a veil, only the sender of a file may see its outcomes."""
    experiment = intake.experiment
    if not experiment.keeps_a_veil or user.pk == intake.by_id:
        return False
    latest: Analysis | None = experiment.latest_analysis
    return latest is None or latest.is_veiled


def names_outcomes(experiment: Experiment, user: User) -> bool:
    """Whether a sentence about a file that does not count yet may say what an arm did."""
    is_open = experiment.is_over or not experiment.keeps_a_veil
    return is_open and not is_masked_for(experiment, user)


def row_for(row: dict[str, Any], experiment: Experiment, user: User) -> dict[str, Any]:
    """An observation for this person: units always, the rest when its reading may be seen."""
    latest: Analysis | None = experiment.latest_analysis
    if experiment.keeps_a_veil and (
        latest is None or latest.is_veiled or latest.intake_id != row["intake"]
    ):
        row = {name: value if name in SHOWN_ALWAYS else None for name, value in row.items()}
    letters = letters_for(experiment, user)
    return {**row, "variant": letters[row["variant"]]} if letters else row


# --- The ledger -----------------------------------------------------------------------------------


def note_look(seen: Seen, user: User) -> None:
    """Put it in the ledger that this person saw these outcomes today; one row per day and analysis."""
    experiment = seen.analysis.experiment
    if seen.is_veiled or not experiment.is_undecided:
        return
    row = {"experiment": experiment, "analysis": seen.analysis, "user": user,
           "day": timezone.localdate()}  # fmt: skip
    if not Look.objects.filter(**row).exists():
        seen_at = {"units": seen.analysis.units, "is_early": not seen.analysis.is_at_planned_end}
        Look.objects.bulk_create([Look(**row, **seen_at)], ignore_conflicts=True)


def error_of(experiment: Experiment, looks: Sequence[Look]) -> float | None:
    """The error that was really spent on a fixed plan by looking before its end; None for others."""
    if experiment.sealed_reading != Experiment.Reading.FIXED:
        return None
    plan = experiment.plan_at_launch
    units = sorted({look.units for look in looks if look.is_early})
    if plan.units:
        shares = [seen / plan.units for seen in units]
    else:
        shares = [place / (len(units) + 1) for place in range(1, len(units) + 1)]
    return error_spent(shares, plan.statistics.alpha)


@transaction.atomic
def unveil(experiment: Experiment, *, by: User, reason: str) -> Unveiling:
    """Open the results before their planned end. It can't be undone, so the reason goes on record.

    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.unveil_experiment", experiment)
    locked = Experiment.objects.select_for_update().get(pk=experiment.pk)
    analysis: Analysis | None = locked.latest_analysis
    if not locked.keeps_a_veil or (analysis and not analysis.is_veiled):
        raise Refused("Its results are not veiled: they are open already, or it is not running.")
    if not reason.strip():
        raise Refused("Say why this can’t wait for its planned end.")
    opened = Unveiling(experiment=locked, by=by, reason=reason.strip(),
                       units=analysis.units if analysis else 0)  # fmt: skip
    opened.full_clean()
    opened.save()
    Event.record(
        experiment, "unveil", f"{by} opened the results before their planned end: {opened.reason}",
        by=by,
    )  # fmt: skip
    return opened

"""Before a launch: answer questions, tick, check, approve, waive."""

from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.agreements import share_of
from experiments.flows.guards import approved_fingerprint, checklist_of, risk_to_approve
from experiments.flows.launch_notices import tell_the_launcher
from experiments.flows.moves import forget_cached
from experiments.flows.promotion import EDITABLE_STATES, change_plan
from experiments.flows.questions import NINE, RISKS
from experiments.models import Approval, Experiment, Tick, Waiver

LONGEST_ANSWER = 1000


def _require_open(experiment: Experiment) -> None:
    if experiment.state not in EDITABLE_STATES:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}, so this can’t be changed any more."
        )


def answer(
    experiment: Experiment,
    *,
    by: User,
    answers: Mapping[str, str],
    risks: Mapping[str, bool | None],
) -> Experiment:
    """Keep answers to the nine questions and to those about risk; they are part of the plan."""
    nine, risky = {name for name, _ in NINE}, {name for name, _ in RISKS}
    if unknown := (set(answers) - nine) | (set(risks) - risky):
        raise ValidationError(f"There is no question “{min(unknown)}”.")
    if any(len(text) > LONGEST_ANSWER for text in answers.values()):
        raise ValidationError(f"Shorten the answer to at most {LONGEST_ANSWER:,} characters.")
    texts = {name: text.strip() for name, text in {**experiment.answers, **answers}.items()}
    yes_or_no = {**experiment.risks, **risks}
    return change_plan(
        experiment,
        by=by,
        answers={name: text for name, text in texts.items() if text},
        risks={name: value for name, value in yes_or_no.items() if value is not None},
    )


@transaction.atomic
def prepare(
    experiment: Experiment,
    *,
    by: User,
    answers: Mapping[str, str],
    risks: Mapping[str, bool | None],
    items: Collection[str],
) -> None:
    """Answers and ticks in one step: all of it is kept, or nothing."""
    answer(experiment, by=by, answers=answers, risks=risks)
    tick(experiment, by=by, items=items)


@transaction.atomic
def approve(experiment: Experiment, *, by: User, kind: str, note: str = "") -> Approval:
    """Vouch for the plan as it stands: QA by a member, a risk by a programme owner."""
    is_risk = kind == Approval.Kind.RISK
    require(
        by, "experiments.approve_risk" if is_risk else "experiments.change_experiment", experiment
    )
    _require_open(experiment)
    if is_risk and not risk_to_approve(experiment):
        raise Refused(
            "No question about risk was answered with yes, so there is nothing to approve."
        )
    approval = Approval(
        experiment=experiment, kind=kind, by=by, note=note.strip(),
        fingerprint=approved_fingerprint(experiment),
        share=share_of(experiment) if is_risk else None,
    )  # fmt: skip
    approval.full_clean()
    approval.save()
    what = "approved the risk" if is_risk else "checked it"
    tail = f": {approval.note}" if approval.note else "."
    Event.record(experiment, "approve", f"{by} {what}{tail}", by=by, kind=kind)
    forget_cached(experiment)
    tell_the_launcher(experiment, approval)
    return approval


@transaction.atomic
def waive(experiment: Experiment, *, by: User, standards: Collection[str], reason: str) -> None:
    """Depart from standards, with a reason that stands on the experiment and is counted."""
    require(by, "experiments.waive_standard", experiment)
    _require_open(experiment)
    if not reason.strip():
        raise Refused("A waiver needs a reason. Say why.")
    for standard in standards:
        waiver = Waiver(experiment=experiment, standard=standard, reason=reason.strip(), by=by)
        waiver.full_clean()
        waiver.save()
        what = waiver.get_standard_display()
        Event.record(experiment, "waive", f"{by} waived “{what}”: {waiver.reason}", by=by)
    forget_cached(experiment)


@transaction.atomic
def withdraw_waiver(experiment: Experiment, *, by: User, standard: str) -> None:
    require(by, "experiments.waive_standard", experiment)
    _require_open(experiment)
    if experiment.waivers.filter(standard=standard).delete()[0]:
        what = Waiver.Standard(standard).label
        Event.record(experiment, "waive", f"{by} withdrew the waiver of “{what}”.", by=by)
    forget_cached(experiment)


@transaction.atomic
def tick(experiment: Experiment, *, by: User, items: Collection[str]) -> None:
    """Set the ticks of the checklist to these lines; a tick that stands keeps who made it."""
    require(by, "experiments.change_experiment", experiment)
    _require_open(experiment)
    lines = checklist_of(experiment)
    ticked = set(experiment.ticks.values_list("item", flat=True))
    wanted = {item for item in items if item in lines}
    if wanted == ticked:
        return
    experiment.ticks.exclude(item__in=wanted).delete()
    new = [item for item in lines if item in wanted - ticked]
    Experiment.objects.filter(pk=experiment.pk).update(version=F("version") + 1)
    Tick.objects.bulk_create(
        [Tick(experiment=experiment, item=item, by=by) for item in new], ignore_conflicts=True
    )
    sentence = f"{by} ticked {len(wanted)} of {len(lines)} lines of the checklist."
    Event.record(experiment, "tick", sentence, by=by)
    forget_cached(experiment)

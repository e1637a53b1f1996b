"""What must hold before a plan is planned and launched: a guard returns None or the sentence."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from backlog.flows.transitions import Guard
from backlog.models import User
from experiments.flows.agreements.guards import (
    over_the_share_limit,
    with_an_escalation_contact,
    within_contact_rules,
    within_final_edits,
    within_risk_limits,
)
from experiments.flows.questions import are_risks_answered, open_questions, risks_said_yes
from experiments.flows.sealing import plan_of, sizing_of
from experiments.models import Approval, Experiment, Waiver
from experiments.plan.canonical import fingerprint_of

# Ticked by hand, where neither the experiment nor its template brings a list of its own.
CHECKLIST = (
    "Seen on a phone and on a large screen, as people will receive it",
    "Every link and field tried, empty fields too",
    "It is clear who stops it and who gets a call if something breaks",
    "Everybody involved knows the last date for edits",
)


def with_arms(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    if len(experiment.arms) < 2:
        return "Name at least two arms: the control and what you try against it."
    return None if experiment.control else "Say which arm is the control."


def with_a_primary_metric(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.primary else "Name the primary metric. It decides the experiment."


def with_expectations(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    primary = experiment.primary
    if primary is None or primary.baseline is None:
        return "Enter the baseline of the primary metric."
    if not primary.smallest_effect:
        return "Enter the smallest effect on the primary metric that matters."
    if primary.metric.kind != "proportion" and not primary.baseline_sd:
        return "Enter the standard deviation of the primary metric. The sample size depends on it."
    return None


def with_margins(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    open_ended = [row.metric.name for row in experiment.measured
                  if row.role == "guardrail" and row.margin is None]  # fmt: skip
    return f"Enter how much worse “{open_ended[0]}” may get." if open_ended else None


def with_dates(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    placed = experiment.starts_on and experiment.ends_on
    return None if placed else "Place it on the calendar: choose its first and last day."


def with_an_objective(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.objective_id else "Choose the objective that it serves."


def with_people(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    if not experiment.owner_id:
        return "Name one owner."
    return None if experiment.analyst_id else "Name the analyst."


def with_an_audience(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.audience else "Say who gets it."


def with_time_enough(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    sizing = sizing_of(experiment)
    if sizing is None or sizing.weeks is None or not experiment.starts_on or not experiment.ends_on:
        return None
    weeks = (experiment.ends_on - experiment.starts_on).days / 7
    if weeks >= sizing.weeks or weeks * (experiment.units_per_week or 0) >= sizing.units:
        return None
    return (
        f"The run is too short: {sizing.units:,} units take {sizing.weeks} weeks. "
        "Run longer, or look for a larger effect."
    )


def with_people_enough(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    sizing, size = sizing_of(experiment), experiment.audience_size
    if sizing is None or not size or sizing.units <= size:
        return None
    return (
        f"The plan takes {sizing.units:,} units, and its audience has {size:,}. Look for a larger "
        "effect, or widen the audience."
    )


def with_answers(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    unanswered = open_questions(experiment)
    if not unanswered:
        return None
    return (
        f"Answer: {unanswered[0]}"
        if len(unanswered) == 1
        else f"Answer {len(unanswered)} of nine questions."
    )


def with_risks_answered(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if are_risks_answered(experiment) else "Answer the questions about risk."


def with_risk_approved(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    if not risks_said_yes(experiment) or standing_approval(experiment, Approval.Kind.RISK):
        return None
    return "A programme owner has to approve the risk of this plan."


def with_checklist(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    left = [item for item in checklist_of(experiment) if item not in experiment.ticked]
    return f"Tick the checklist: {len(left)} left." if left else None


def with_qa(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    qa = standing_approval(experiment, Approval.Kind.QA)
    if qa is None:
        return "Somebody other than the author has to check it."
    if qa.by_id == experiment.author_id:
        return f"{qa.by} both wrote and checked it. Ask somebody else to check it too."
    return None


def with_another_launcher(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    launcher: User | None = changes.get("by") or experiment.launcher
    if launcher is None or launcher.pk != experiment.author_id:
        return None
    return f"{launcher} is the author. Somebody else has to launch it."


def with_another_analyst(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    if not experiment.analyst_id:
        return None
    launcher: User | None = changes.get("by") or experiment.launcher
    if experiment.analyst_id == experiment.author_id:
        return "The author is also the analyst. Name another analyst."
    if launcher and experiment.analyst_id == launcher.pk:
        return "The launcher is also the analyst. Name another analyst."
    return None


def with_one_difference(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    mixed = [arm.name for arm in experiment.arms if len(arm.differs) > 1]
    return f"In “{mixed[0]}” more than one thing differs. Change one at a time." if mixed else None


def with_few_metrics(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    template = experiment.template
    most = template.most_metrics if template else None
    if not most or len(experiment.measured) <= most:
        return None
    return f"“{template}” allows {most} metrics; this plan has {len(experiment.measured)}."


def risk_to_approve(experiment: Experiment) -> bool:
    """Whether there is a risk that a programme owner can approve."""
    if risks_said_yes(experiment):
        return True
    return not experiment.is_sealed and over_the_share_limit(experiment) is not None


def checklist_of(experiment: Experiment) -> list[str]:
    return list(experiment.checklist or CHECKLIST)


def standing_approval(experiment: Experiment, kind: str) -> Approval | None:
    """The newest approval of the plan as it stands now (or as it was sealed)."""
    rows = [row for row in experiment.vouched if row.kind == kind]
    if not rows:
        return None
    now = approved_fingerprint(experiment)
    return next((row for row in rows if row.fingerprint == now), None)


def approved_fingerprint(experiment: Experiment) -> str:
    """Of the whole plan but who launches it and how late: both are known only at the launch."""
    plan = experiment.sealed_plan or plan_of(experiment).to_json()
    people = {role: name for role, name in plan.get("people", {}).items() if role != "launcher"}
    kept = {name: value for name, value in plan.items() if name != "began_before"}
    return fingerprint_of({**kept, "people": people})


def waivable(standard: str, guard: Guard) -> Guard:
    """The guard, silent where the standard is waived for this experiment."""

    def unless_waived(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
        return None if standard in experiment.waived else guard(experiment, changes)

    return unless_waived


class Check(NamedTuple):
    """One line of what a launch asks: where it is answered, its guard, the standard to waive."""

    label: str
    part: str
    guard: Guard
    standard: str = ""

    @property
    def place(self) -> str:
        """The page that answers it."""
        return "ready" if self.part in ON_THE_READY_PAGE else "edit"


ON_THE_READY_PAGE = ("questions", "risks", "checklist", "approvals", "waivers")


def _standard(label: str, part: str, standard: Waiver.Standard, guard: Guard) -> Check:
    return Check(label, part, waivable(standard.value, guard), standard.value)


LAUNCH_CHECKS = (
    Check("Arms, one of them the control", "arms", with_arms),
    Check("A primary metric", "metrics", with_a_primary_metric),
    Check("Baseline and smallest effect", "metrics", with_expectations),
    Check("A margin for each guardrail", "metrics", with_margins),
    Check("An objective", "goal", with_an_objective),
    Check("An audience", "audience", with_an_audience),
    Check("Owner and analyst", "people", with_people),
    Check("A place on the calendar", "dates", with_dates),
    _standard(
        "Long enough for the planned sample", "dates", Waiver.Standard.SIZE, with_time_enough
    ),
    _standard(
        "Enough people for the planned sample", "audience", Waiver.Standard.SIZE, with_people_enough
    ),
    _standard("Only one thing differs", "arms", Waiver.Standard.ONE_THING, with_one_difference),
    _standard(
        "No more metrics than the template allows",
        "metrics",
        Waiver.Standard.METRICS,
        with_few_metrics,
    ),
    _standard("The nine questions", "questions", Waiver.Standard.QUESTIONS, with_answers),
    Check("The questions about risk", "risks", with_risks_answered),
    Check("Approval of the risk", "approvals", with_risk_approved),
    _standard("Checklist", "checklist", Waiver.Standard.CHECKLIST, with_checklist),
    _standard("Within the contact rules", "waivers", Waiver.Standard.CONTACT, within_contact_rules),
    _standard(
        "Within the risk limits", "approvals", Waiver.Standard.RISK_LIMIT, within_risk_limits
    ),
    _standard(
        "Not changed after the last day for edits",
        "waivers",
        Waiver.Standard.FINAL_EDIT,
        within_final_edits,
    ),
    _standard(
        "Somebody to call", "waivers", Waiver.Standard.ESCALATION, with_an_escalation_contact
    ),
    _standard("QA by somebody other than the author", "approvals", Waiver.Standard.QA, with_qa),
    _standard("Analyst is somebody else", "people", Waiver.Standard.ANALYST, with_another_analyst),
    _standard(
        "Launcher is somebody else", "waivers", Waiver.Standard.LAUNCHER, with_another_launcher
    ),
)


class Requirement(NamedTuple):
    """How one check stands: `state` is done, waived or open, with what is to be done."""

    label: str
    state: str
    sentence: str
    check: Check


def lines_of(experiment: Experiment, by: User) -> list[Requirement]:
    """All that a launch by this person asks: by whoever launched a launched one, and by the launcher
    who is named where this person is the author."""
    named = experiment.launcher
    is_author = by.pk == experiment.author_id
    launcher = named if named and (experiment.is_sealed or is_author) else by
    lines = []
    for check in LAUNCH_CHECKS:
        sentence = check.guard(experiment, {"by": launcher}) or ""
        is_waived = bool(check.standard) and check.standard in experiment.waived
        state = "open" if sentence else ("waived" if is_waived else "done")
        lines.append(Requirement(check.label, state, sentence, check))
    return lines

"""What has to be answered, acknowledged or given a reason before an understood file counts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from backlog.refusals import Refused
from experiments.engine.days import sample_of
from experiments.engine.exchange import turned_arms
from experiments.flows.analysing import observations_of
from experiments.models import ExperimentMetric, Intake
from experiments.stats import Sample

NOT_JUDGED = {
    "primary": "the plan’s rule can’t give a verdict",
    "secondary": "it will have no result",
    "guardrail": "the guardrail can’t be judged",
}


@dataclass(frozen=True)
class Doubt:
    """Something that could be a mistake, and that a person has to see before the file counts.

    `code` names it together with what it is about, so that a tick never counts for another doubt.
    """

    code: str
    title: str
    sentence: str
    tick: str


def questions_of(intake: Intake) -> list[dict[str, Any]]:
    """The questions of the reader about this file, answered ones too."""
    questions: list[dict[str, Any]] = intake.understood.get("questions", [])
    return questions


def open_questions(intake: Intake) -> list[dict[str, Any]]:
    return [question for question in questions_of(intake) if not question.get("answer")]


def problems_of(intake: Intake) -> list[str]:
    """Why the file must not be counted as if all were well."""
    problems: list[str] = intake.understood.get("problems", [])
    return problems


def doubts_about(intake: Intake, *, names_arms: bool) -> list[Doubt]:
    """What is to be acknowledged before this file counts, held against the data that counts now.

    `names_arms`: whether a sentence may say which arm it is about and what its metric did. It may
    not where outcomes are veiled or arms are masked.
    """
    before = intake.experiment.intakes.counting().exclude(pk=intake.pk).first()
    return [
        *_lacking(intake, before),
        *(_relabelled(intake, before) if before else ()),
        *(_exchanged(intake, before, names_arms=names_arms) if before else ()),
    ]


def _lacking(intake: Intake, before: Intake | None) -> Iterator[Doubt]:
    counted = set(_samples(before)) if before else set[str]()
    present = {
        name
        for name, by_arm in intake.understood["samples"].items()
        if any(sample["n"] for sample in by_arm.values())
    }
    for part in intake.experiment.measured:
        name = part.metric.name
        if name not in present:
            was = " The data that counts now has it." if name in counted else ""
            yield Doubt(
                code=f"lacks:{name}",
                title=f"This file has no “{name}”",
                sentence=f"It is a {_role(part)} of the plan: {NOT_JUDGED[part.role]}.{was}",
                tick=f"Count the file without “{name}”",
            )


def _role(part: ExperimentMetric) -> str:
    role = part.get_role_display().lower()
    return role if part.role == "guardrail" else f"{role} metric"


def _relabelled(intake: Intake, before: Intake) -> Iterator[Doubt]:
    was: dict[str, str] = before.mapping.get("labels", {})
    for label, arm in intake.mapping.get("labels", {}).items():
        if label in was and was[label] != arm:
            yield Doubt(
                code=f"relabelled:{label}:{arm}",
                title=f"“{label}” has another arm than in the last file",
                sentence=f"It was “{was[label]}” there and is “{arm}” here.",
                tick=f"“{label}” is “{arm}” now",
            )


def _exchanged(intake: Intake, before: Intake, *, names_arms: bool) -> Iterator[Doubt]:
    experiment = intake.experiment
    primary, control = experiment.primary, experiment.control
    if primary is None or control is None:
        return
    name = primary.metric.name
    earlier, now = _samples(before).get(name, {}), _samples_in(intake).get(name, {})
    turned = turned_arms(earlier, now, control.name)
    if not turned:
        return
    what = (
        f"“{name}” in {_listed(turned)} was on the other side of the control in the last upload."
        if names_arms
        else "Floe compared the two uploads and shows no outcome here."
    )
    yield Doubt(
        code=f"exchanged:{before.pk}",
        title="The arms look exchanged against the last upload",
        sentence=f"{what} Check which label means which arm, and whether the export changed.",
        tick="The arms are right as they are here",
    )


def _listed(names: list[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)


def _samples_in(intake: Intake) -> dict[str, dict[str, Sample]]:
    return {
        metric: {arm: sample_of(columns) for arm, columns in by_arm.items()}
        for metric, by_arm in intake.understood["samples"].items()
    }


def _samples(before: Intake) -> dict[str, dict[str, Sample]]:
    """The totals that count now."""
    totals: dict[str, dict[str, Sample]] = {}
    for row in observations_of([before])[before.pk]:
        if not (row.get("day") or row.get("stratum") or row.get("is_capped")) and row["n"]:
            totals.setdefault(row["metric"], {})[row["variant"]] = sample_of(row)
    return totals


def require_confirmable(intake: Intake, *, acknowledged: Collection[str], reason: str) -> None:
    """Raises Refused while a question is open, a doubt is not acknowledged, or a problem has no
    reason beside it."""
    if waiting := open_questions(intake):
        raise Refused(f"{count_open(len(waiting))}: {waiting[0]['text']} Answer first.")
    left = [
        each for each in doubts_about(intake, names_arms=False) if each.code not in acknowledged
    ]
    if left:
        raise Refused(f"{left[0].title}. Confirm that this is right, or send a corrected file.")
    if problems_of(intake) and not reason.strip():
        raise Refused(
            f"{problems_of(intake)[0]} Send a corrected file, or say why it counts all the same."
        )


def count_open(number: int) -> str:
    return "1 question is open" if number == 1 else f"{number} questions are open"

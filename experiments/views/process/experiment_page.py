"""What the page of a process experiment shows, in one object."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from backlog.models import Event, User
from experiments.flows.process.moves import is_as_sealed
from experiments.flows.process.words import noun_of, result_of, sentences_of
from experiments.flows.writing_up_processes import may_write, subject_of
from experiments.learning.process_words import before_the_start, difference_text
from experiments.models import PostMortem, ProcessExperiment, ProcessExperimentUnit

EVENTS_SHOWN = 60


class UnitRow(NamedTuple):
    """A unit; `outcome` stays hidden until all are in, so that nobody reads a result early."""

    unit: ProcessExperimentUnit
    arm: str
    outcome: str


@dataclass(frozen=True)
class ExperimentPage:
    """One process experiment as this person sees it."""

    experiment: ProcessExperiment
    rows: list[UnitRow]
    unseen: int
    clusters: int
    noun: str
    before: str
    verdict: str
    worth: str
    done: int
    count: int
    is_intact: bool
    events: list[Event]
    may_change: bool
    may_run: bool
    post_mortem: PostMortem | None
    may_write_up: bool


class ListRow(NamedTuple):
    experiment: ProcessExperiment
    words: str


def experiment_page(experiment: ProcessExperiment, user: User) -> ExperimentPage:
    every = list(experiment.units.select_related("pod", "idea"))
    seen = set(
        ProcessExperimentUnit.objects.visible_to(user)
        .filter(experiment=experiment)
        .values_list("pk", flat=True)
    )
    noun, clusters = noun_of(experiment), len({unit.cluster for unit in every})
    verdict, worth = sentences_of(experiment)
    has_lot = bool(experiment.sealed)
    return ExperimentPage(
        experiment=experiment,
        rows=[_row(unit, experiment) for unit in every if unit.pk in seen],
        unseen=len(every) - len(seen),
        clusters=clusters,
        noun=noun,
        before=before_the_start(clusters, noun) if experiment.is_draft else "",
        verdict=verdict,
        worth=worth,
        done=sum(unit.is_in for unit in every),
        count=len(every),
        is_intact=is_as_sealed(experiment) if has_lot else True,
        events=_events(experiment) if len(seen) == len(every) else [],
        may_change=user.has_perm("experiments.change_process_experiment", experiment),
        may_run=user.has_perm("experiments.run_process_experiment", experiment),
        post_mortem=PostMortem.objects.visible_to(user).filter(process_experiment=experiment).first(),
        may_write_up=_may_write_up(experiment, user),
    )  # fmt: skip


def _may_write_up(experiment: ProcessExperiment, user: User) -> bool:
    subject = subject_of(process_experiment=experiment)
    return not subject.why_not and may_write(subject, user)


def _events(experiment: ProcessExperiment) -> list[Event]:
    """The history. It names units, so it is for people who see all of them."""
    return list(Event.objects.about(experiment)[:EVENTS_SHOWN])


def _row(unit: ProcessExperimentUnit, experiment: ProcessExperiment) -> UnitRow:
    arm = {None: "", False: "As it is now", True: "The other way"}[unit.is_treated]
    if not unit.is_in:
        return UnitRow(unit, arm, "")
    if not experiment.reading:
        return UnitRow(unit, arm, "is in")
    if unit.value is None:
        return UnitRow(unit, arm, f"none: {unit.why_missing}")
    return UnitRow(unit, arm, f"{unit.value:,.6g}".replace("-", "−"))


def list_rows(experiments: Iterable[ProcessExperiment]) -> list[ListRow]:
    return [ListRow(one, _in_short(one)) for one in experiments]


def _in_short(experiment: ProcessExperiment) -> str:
    """What it came to, in the list."""
    result = result_of(experiment)
    if result is None:
        return ""
    words = difference_text(result, experiment.measure_unit)
    return f"{words}, p = {result.p_value:.2g}" if result.p_value is not None else words

"""Plan my quarter: ask for a proposal, let a worker solve it, accept it bar by bar."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from celery import shared_task
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from backlog.flows.leases import NO_LEASE, end_leases_of_the_gone, lease
from backlog.flows.queueing import queue_on_commit
from backlog.flows.transitions import make_move, move_rows
from backlog.models import Event, Pod, Quarter, User, Workspace
from backlog.permissions import require
from backlog.refusals import Mend, Refused
from backlog.ways_in import coming_by
from experiments.flows.quarter.moves import SCENARIO_MOVES
from experiments.flows.quarter.proposing import EXPECTED, plain, problem_for, reasons_of
from experiments.flows.scheduling import FREE, change_dates
from experiments.models import Experiment, Scenario, ScenarioRow
from experiments.quarter.solver.milp import solve
from experiments.quarter.solver.problem import Progress, QuarterProblem, QuarterSolution

LEASE = dt.timedelta(minutes=5)
LONGEST, USUAL = 120, 20  # seconds that a search may take
FILLED_LATER = ("progress", "result", "queued_at", "leased_until")
FAILED = "The proposal could not be worked out. Try again, and tell an admin if it fails again."
LIMITS: Mapping[str, Any] = {
    "seconds": USUAL, "tests_per_objective": 0, "booked_limit": None, "at_once": None,
    "moves_planned": False, "worth": "ice",
}  # fmt: skip


@transaction.atomic
def start_scenario(
    *, by: User, quarter: Quarter, pod: Pod | None, name: str, limits: Mapping[str, Any]
) -> Scenario:
    """Ask for a proposal: leads for their pod, programme owners for every pod (`pod` None).

    `limits`: the keys of LIMITS. Raises PermissionDenied, ValidationError, Refused.
    """
    scenario = Scenario(quarter=quarter, pod=pod, name=name.strip(), by=by)
    _require(by, scenario)
    unknown = set(limits) - set(LIMITS)
    if unknown:
        raise ValidationError({min(unknown): "There is no such limit."})
    worth = {"worth": EXPECTED} if Workspace.current().uses_expected_value else {}
    scenario.limits = {**LIMITS, **limits, **worth}
    scenario.full_clean(exclude=FILLED_LATER)
    if not problem_for(scenario).candidates:
        raise Refused(
            "Nothing is left to place. Promote an idea first.",
            mend=Mend("Choose an idea", f"{reverse('backlog:idea_list')}?status=scored"),
        )
    scenario.queued_at = timezone.now()
    scenario.save()
    Event.record(scenario, "plan", f"{by} asked for the proposal “{scenario}”.", by=by)
    queue_on_commit(solve_scenario, scenario.pk)
    return scenario


def _require(by: User, scenario: Scenario) -> None:
    if scenario.pod is None:
        require(by, "experiments.plan_every_pod")
    else:
        require(by, "experiments.plan_quarter", scenario)


@shared_task(bind=True, max_retries=2)  # type: ignore[untyped-decorator]
def solve_scenario(self: Any, scenario_id: int) -> None:
    """Work a proposal out. Safe to run twice: a lease lets one worker through."""
    with coming_by("task"):
        try:
            solve_now(scenario_id)
        except Exception as error:
            rows = Scenario.objects.filter(pk=scenario_id, state=Scenario.State.SOLVING)
            rows.update(**NO_LEASE)
            if self.request.retries >= self.max_retries:
                move_rows(rows, SCENARIO_MOVES["fail"], problem=FAILED)
                raise
            raise self.retry(exc=error, countdown=2**self.request.retries) from error


def solve_now(scenario_id: int) -> bool:
    """The work of the task; whether there was any."""
    mine = Scenario.objects.filter(pk=scenario_id, state=Scenario.State.SOLVING)
    end_leases_of_the_gone(mine)
    free = mine.filter(Q(leased_until=None) | Q(leased_until__lt=timezone.now()))
    if not free.update(**lease(LEASE), tries=F("tries") + 1):
        return False
    scenario = Scenario.objects.select_related("quarter", "pod", "by").get(pk=scenario_id)
    problem = problem_for(scenario)

    def report(progress: Progress) -> bool:
        mine.update(progress=asdict(progress))
        return mine.filter(is_to_stop=False).exists()

    solution = solve(problem, seconds=scenario.limits["seconds"], on_round=report)
    write_solution(scenario, problem, solution)
    return True


@transaction.atomic
def write_solution(scenario: Scenario, problem: QuarterProblem, solution: QuarterSolution) -> None:
    """Keep the plan with its reasons, and open it to be looked at."""
    places = {start.key: start for start in solution.placements}
    reasons = reasons_of(problem, solution)
    scenario.rows.all().delete()
    ScenarioRow.objects.bulk_create(
        ScenarioRow(
            scenario=scenario,
            experiment_id=one.key,
            starts_on=places[one.key].starts_on if one.key in places else None,
            ends_on=places[one.key].ends_on if one.key in places else None,
            value=one.bar.value,
            why=reasons.get(one.key, []),
        )
        for one in problem.candidates
    )
    result = {
        "value": solution.value, "bound": solution.bound, "gap": solution.gap,
        "is_optimal": solution.is_optimal, "rounds": solution.rounds,
        "ended_by": solution.ended_by, "seconds": round(solution.seconds, 1),
        "conflicts": [plain(conflict) for conflict in solution.conflicts],
    }  # fmt: skip
    solving = Scenario.objects.filter(pk=scenario.pk)
    move_rows(solving, SCENARIO_MOVES["finish"], result=result, problem="", **NO_LEASE)


@shared_task  # type: ignore[untyped-decorator]
def solve_left_behind() -> int:
    """Queue again what no worker solves; run by the clock."""
    end_leases_of_the_gone(Scenario.objects.filter(state=Scenario.State.SOLVING))
    late = timezone.now() - dt.timedelta(minutes=1)
    left = Scenario.objects.left_behind().filter(queued_at__lt=late)
    given_up = left.filter(tries__gte=Scenario.MOST_TRIES)
    move_rows(given_up, SCENARIO_MOVES["fail"], problem=FAILED, **NO_LEASE)
    pks = list(left.values_list("pk", flat=True))
    for pk in pks:
        queue_on_commit(solve_scenario, pk)
    return len(pks)


def stop_scenario(scenario: Scenario, *, by: User) -> None:
    """End the search with the best so far. Raises Refused where it has ended."""
    _require(by, scenario)
    solving = Scenario.objects.filter(pk=scenario.pk, state=Scenario.State.SOLVING)
    if not solving.update(is_to_stop=True):
        raise Refused("It is ready already.")


@transaction.atomic
def accept(
    scenario: Scenario, *, by: User, tests: Collection[int] | None = None
) -> tuple[list[Experiment], list[str]]:
    """Place tests as proposed: those named by id, else all that are open.

    Returns what was placed, and a sentence for each that could not be: the calendar changes while
    people look at a proposal. Raises PermissionDenied, Refused.
    """
    _require(by, scenario)
    if scenario.state != Scenario.State.SOLVED:
        raise Refused("The proposal is not ready.")
    rows = scenario.rows.filter(answer=ScenarioRow.Answer.OPEN).exclude(starts_on=None)
    if tests is not None:
        rows = rows.filter(experiment__in=list(tests))
    placed, refused = [], []
    for row in rows.select_related("experiment__pod", "experiment__idea").order_by(
        "starts_on", "pk"
    ):
        try:
            with transaction.atomic():
                _place(row, by)
        except Refused as no:
            refused.append(f"{row.experiment.key}: {no}")
        else:
            placed.append(row.experiment)
    return placed, refused


def _place(row: ScenarioRow, by: User) -> None:
    test = row.experiment
    if test.state not in FREE:
        raise Refused("it has started meanwhile.")
    if row.starts_on is None or row.ends_on is None:
        raise Refused("it has no place in this proposal.")
    reason = f"As proposed in “{row.scenario}”."
    change_dates(test, by=by, starts_on=row.starts_on, ends_on=row.ends_on, reason=reason)
    ScenarioRow.objects.filter(pk=row.pk).update(answer=ScenarioRow.Answer.ACCEPTED)


@transaction.atomic
def leave_out(row: ScenarioRow, *, by: User, is_out: bool = True) -> None:
    """Leave one test out by hand, or take it in again. Raises Refused once it is accepted."""
    _require(by, row.scenario)
    answers = ScenarioRow.Answer
    rows = ScenarioRow.objects.filter(pk=row.pk).exclude(answer=answers.ACCEPTED)
    if not rows.update(answer=answers.LEFT_OUT if is_out else answers.OPEN):
        raise Refused("It is accepted already. Move it on the calendar instead.")


@transaction.atomic
def discard(scenario: Scenario, *, by: User) -> None:
    """Put a proposal away; what was accepted of it stays on the calendar."""
    _require(by, scenario)
    sentence = f"{by} discarded the proposal “{scenario}”."
    make_move(scenario, SCENARIO_MOVES["discard"], by=by, sentence=sentence, is_to_stop=True)

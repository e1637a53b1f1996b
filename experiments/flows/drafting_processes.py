"""What Floe can say by itself about the subject of a process post-mortem. No names."""

import datetime as dt
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from backlog.models import Pod, Quarter, Round, RoundIdea, Score, User
from backlog.models.rubrics import DIMENSIONS
from backlog.ranking import agreement_of
from experiments.flows.drafting import bullets, cut, day_in_words
from experiments.flows.health.report import quarter_report
from experiments.flows.health.report_sentences import headline, slip_words, slips_in
from experiments.flows.process.words import sentences_of
from experiments.flows.signing_off import days_in_words
from experiments.flows.turning import departures_of
from experiments.models import (
    CalendarMove,
    Experiment,
    Milestone,
    PostMortem,
    ProcessExperiment,
    Slip,
    Waiver,
)
from experiments.models.writing import LONGEST

SHOWN = (RoundIdea.Stage.REVEALED, RoundIdea.Stage.SETTLED)
NEAR = dt.timedelta(days=120)  # a milestone stands at most so far from the days of its experiment


def draft_process_summary(written: PostMortem, reader: User) -> str:
    """Markdown: what is known about the subject, as far as this person may see it."""
    if written.slip:
        parts = _of_slip(written.slip)
    elif written.round:
        parts = _of_session(written.round)
    elif written.process_experiment:
        parts = _of_process_experiment(written.process_experiment)
    elif written.quarter:
        parts = _of_quarter(written.quarter, written.of_pod, reader)
    else:
        parts = []
    return cut("\n\n".join(part for part in parts if part), LONGEST)


def _of_quarter(quarter: Quarter, pod: Pod | None, reader: User) -> list[str]:
    """The headline of its report, what slipped and why, waivers, missed milestones."""
    report = quarter_report(quarter, pod, reader=reader)
    tests = Experiment.objects.visible_to(reader).run_here()
    tests = tests.filter(pod=pod) if pod else tests
    figures = (
        f"{report.planned} planned, {report.started} of them started, {len(report.rows)} decided, "
        f"{report.learning_count} learning{'' if report.learning_count == 1 else 's'}."
    )
    return [
        headline(report),
        figures,
        bullets("What slipped", [slip_words(one, report) for one in slips_in(report)]),
        bullets("Waived", _waived(quarter, tests)),
        bullets("Missed milestones", _missed(quarter, tests)),
    ]


def _waived(quarter: Quarter, tests: QuerySet[Experiment]) -> list[str]:
    rows = Waiver.objects.filter(
        experiment__in=tests, at__date__gte=quarter.starts_on, at__date__lt=quarter.ends_on
    )
    return [
        f"{row.experiment.key}, {row.get_standard_display().lower()}. {row.reason}"
        for row in rows.select_related("experiment").order_by("at", "pk")
    ]


def _missed(quarter: Quarter, tests: QuerySet[Experiment]) -> list[str]:
    """Milestones due in the quarter that were reached late, or not at all."""
    today, lines = timezone.localdate(), []
    rows = Milestone.objects.filter(experiment__in=tests).exclude(experiment__state="cancelled")
    placed = rows.filter(
        experiment__starts_on__lt=quarter.ends_on + NEAR,
        experiment__ends_on__gte=quarter.starts_on - NEAR,
    )
    for row in placed.select_related("experiment").order_by("experiment__number", "pk"):
        due = row.due_on
        if due is None or not quarter.starts_on <= due < min(quarter.ends_on, today):
            continue
        done = timezone.localdate(row.done_at) if row.done_at else None
        if done is None:
            lines.append(f"{row.experiment.key}, {row}: due {day_in_words(due)}, not reached.")
        elif done > due:
            late = (done - due).days
            lines.append(f"{row.experiment.key}, {row}: {late} day{'s' * (late > 1)} late.")
    return lines


def _of_slip(slip: Slip) -> list[str]:
    """Its dates then and now, every move of the calendar with its reason, the cause."""
    test, quarter = slip.experiment, slip.quarter
    how = next((one.sentence for one in departures_of(quarter) if one.experiment.pk == test.pk), "")
    note = f": {slip.note.rstrip('.')}." if slip.note else "."
    now = days_in_words(test.starts_on, test.ends_on)
    moves = CalendarMove.objects.filter(experiment=test).order_by("at", "pk")
    return [
        f"{test.key} {test.title} did not go as {quarter} planned it. {how}".strip(),
        f"Its days are now {now}." if test.ends_on else "Now it has no days on the calendar.",
        f"The cause that was named: {slip.get_cause_display().lower()}{note}",
        bullets("Moves on the calendar", [_move(one) for one in moves]),
    ]


def _move(move: CalendarMove) -> str:
    before = days_in_words(move.from_starts_on, move.from_ends_on)
    after = days_in_words(move.starts_on, move.ends_on)
    what = f"from {before} to {after}"
    if move.from_starts_on is None:
        what = f"placed on {after}"
    elif move.starts_on is None:
        what = f"taken off {before}"
    day = day_in_words(timezone.localdate(move.at))
    return f"{day}: {what}. {move.reason}".strip()


def _of_session(session: Round) -> list[str]:
    """Numbers only, and only of what was revealed: never a person's scores, and nothing while blind."""
    items = list(session.round_ideas.select_related("idea"))
    shown = [one.pk for one in items if one.stage in SHOWN and not one.idea.is_blind]
    left, again = len(items) - len(shown), sum(one.votes > 1 for one in items if one.pk in shown)
    first = Score.objects.filter(round_idea__in=shown, vote=1, is_skipped=False)
    people, splits = first.order_by().values("scorer").distinct().count(), _splits(first)
    lines = [
        f"People who were asked: {session.seats.count()}, and {people} of them scored.",
        f"Ideas on the agenda: {len(items)}, and {len(shown)} of them were scored and revealed.",
        f"Left: {left}.",
        f"Ideas whose first scores were five or more points apart: {splits}.",
        f"Scored again: {again}.",
    ]
    if session.minutes:
        lines.append(f"Minutes it took: {session.minutes}.")
    day = day_in_words(timezone.localdate(session.opened_at))
    return [f"{session.get_kind_display()}, opened on {day}.", bullets("In numbers", lines)]


def _of_process_experiment(tested: ProcessExperiment) -> list[str]:
    """What was expected and compared, what came out and what it is worth, what was decided."""
    verdict, worth = sentences_of(tested)
    decision = tested.get_choice_display()
    began = timezone.localdate(tested.started_at) if tested.started_at else None
    return [
        f"Expected: {tested.hypothesis}",
        f"As it is now: {tested.as_now}  \nThe other way: {tested.other_way}",
        f"{tested.measure}, {tested.get_unit_display().lower()}, {tested.get_clusters_display().lower()}"
        f"; assigned at random on {day_in_words(began)}.",
        f"{verdict} {worth}".strip(),
        f"Decision: {decision.lower()}. {tested.conclusion}" if decision else "It was cancelled.",
    ]


def _splits(scores: QuerySet[Score]) -> int:
    """How many ideas have a dimension whose lowest and highest score are split."""
    ends = {f"{end.name}_{name}": end(name) for end in (Max, Min) for name in DIMENSIONS}
    rows: Any = scores.order_by().values("round_idea").annotate(**ends)
    return sum(
        any(
            agreement_of(row[f"Max_{name}"] - row[f"Min_{name}"]) == "split"
            for name in DIMENSIONS
            if row[f"Max_{name}"] is not None
        )
        for row in rows
    )

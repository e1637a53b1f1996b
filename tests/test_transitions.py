"""Every state changes by a row of a table, from the state that was seen."""

import ast
import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from backlog.flows.bulk import change_many, undo_change
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.moves import IDEA_MOVES, move_idea, wake_snoozed
from backlog.flows.scoring.moves import ITEM_MOVES, ROUND_MOVES
from backlog.flows.transitions import make_move, move_rows
from backlog.models import Event, Idea, Import, Round, RoundIdea
from backlog.refusals import SomebodyWasQuicker
from experiments.flows import intake as intake_flow
from experiments.flows.credit.counting import CREDIT_MOVES
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.flows.moves import EXPERIMENT_MOVES, POST_MORTEM_MOVES
from experiments.flows.process.moves import PROCESS_MOVES
from experiments.flows.quarter.moves import SCENARIO_MOVES
from experiments.models import (
    CreditImport,
    Experiment,
    Intake,
    PostMortem,
    ProcessExperiment,
    Scenario,
)
from tests.factories import launched, make_experiment, make_idea

TABLES = {
    Idea: IDEA_MOVES, Round: ROUND_MOVES, RoundIdea: ITEM_MOVES, Import: IMPORT_MOVES,
    Experiment: EXPERIMENT_MOVES, Intake: INTAKE_MOVES, PostMortem: POST_MORTEM_MOVES,
    Scenario: SCENARIO_MOVES, ProcessExperiment: PROCESS_MOVES, CreditImport: CREDIT_MOVES,
}  # fmt: skip
STATE_FIELDS = ("state", "stage")
# Where a state is written all the same, and why.
WRITTEN = {"backlog/flows/transitions.py": "the one place"}


def _writes_a_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
        return any(keyword.arg in STATE_FIELDS for keyword in node.keywords)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [each for one in targets for each in getattr(one, "elts", [one])]
        return any(isinstance(one, ast.Attribute) and one.attr in STATE_FIELDS for one in flat)
    return False


def test_no_state_is_written_but_by_the_function_that_moves():
    places = set()
    for package in ("backlog", "experiments"):
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            if "migrations" not in path.parts and any(
                _writes_a_state(node) for node in ast.walk(ast.parse(path.read_text()))
            ):
                places.add(str(Path(path).relative_to(settings.BASE_DIR)))
    assert places <= set(WRITTEN)


@pytest.mark.parametrize(("model", "table"), TABLES.items(), ids=lambda one: getattr(one, "__name__", ""))  # fmt: skip
def test_every_state_of_a_table_is_one_of_its_model_and_can_be_reached(model, table):
    fields = {row.field for row in table.values()}
    assert len(fields) == 1
    field = model._meta.get_field(fields.pop())
    known = {value for value, _ in field.choices}
    named = {state for row in table.values() for state in (*row.sources, row.target)}
    assert named <= known
    reached = {row.target for row in table.values()} | {field.default}
    assert known - reached - {RoundIdea.Stage.BLIND} == set()


def test_a_stale_tab_takes_no_counted_file_back(alice, bob, pod, objective, monkeypatch):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    file = Intake.objects.create(experiment=running, by=bob, filename="a.csv", sniffed={"rows": 2})
    stale = Intake.objects.get(pk=file.pk)

    def counted_meanwhile(intake):
        Intake.objects.filter(pk=intake.pk).update(state=Intake.State.COUNTED)
        return {"units": {}}

    monkeypatch.setattr(intake_flow, "summary_for", counted_meanwhile)
    with pytest.raises(SomebodyWasQuicker, match="already counted"):
        intake_flow.understand(stale, by=bob, mapping={"variant": "arm"}, labels={})
    file.refresh_from_db()
    assert file.state == Intake.State.COUNTED
    assert file.mapping == {}


def test_the_clock_wakes_no_idea_that_somebody_rejected_in_that_moment(alice, pod, monkeypatch):
    idea = make_idea(alice, pod)
    move_idea(idea, "snooze", by=alice, snoozed_until=timezone.localdate() + dt.timedelta(days=1))

    def rejected_meanwhile(obj, move, **kwargs):
        if move.name == "wake":
            other = Idea.objects.get(pk=obj.pk)
            make_move(other, IDEA_MOVES["reject"], by=alice, reason="No")
        return make_move(obj, move, **kwargs)

    monkeypatch.setattr("backlog.flows.moves.make_move", rejected_meanwhile)
    assert wake_snoozed(timezone.localdate() + dt.timedelta(days=2)) == 0
    idea.refresh_from_db()
    assert idea.state == Idea.State.REJECTED
    assert Event.objects.about(idea).first().verb == "reject"


def test_an_undo_leaves_what_somebody_moves_in_that_moment(alice, pod, monkeypatch):
    idea = make_idea(alice, pod)
    done = change_many([idea], "reject", by=alice, reason="No")

    now, calls = timezone.now(), []

    def reopened_as_it_is_written():
        calls.append(now)
        if len(calls) == 2:  # the first is the moment of the undo, the second that of the idea
            Idea.objects.filter(pk=idea.pk).update(state=Idea.State.OPEN, reason="", version=9)
        return now

    monkeypatch.setattr("backlog.flows.bulk.timezone.now", reopened_as_it_is_written)
    assert undo_change(done.change, by=alice) == [idea.key]
    assert len(calls) >= 2
    idea.refresh_from_db()
    assert (idea.state, idea.version) == (Idea.State.OPEN, 9)


def test_rows_that_are_past_it_are_left(alice, pod):
    open_, rejected = make_idea(alice, pod, "One"), make_idea(alice, pod, "Two")
    move_idea(rejected, "reject", by=alice, reason="No")
    assert move_rows(Idea.objects.all(), IDEA_MOVES["mark_duplicate"]) == 1
    assert move_rows(Idea.objects.all(), IDEA_MOVES["promote"]) == 0
    open_.refresh_from_db()
    assert open_.state == Idea.State.DUPLICATE

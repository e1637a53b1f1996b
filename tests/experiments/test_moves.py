"""Every transition of an experiment and every refusal, from the one table."""

import itertools

import pytest
from django.core.exceptions import PermissionDenied

from backlog.models import Event
from backlog.refusals import Refused, SomebodyWasQuicker
from experiments.flows import promotion
from experiments.flows.moves import EXPERIMENT_MOVES, MOVES_BY_HAND, move_experiment
from experiments.models import Experiment
from experiments.plan.canonical import fingerprint_of
from tests.factories import analysed, launched, make_experiment

STATES = Experiment.State.values


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (state, name)
        for state, name in itertools.product(STATES, MOVES_BY_HAND)
        if state not in EXPERIMENT_MOVES[name].sources
    ],
)
def test_it_refuses_a_move_from_a_state_that_the_table_does_not_name(draft, alice, state, name):
    Experiment.objects.filter(pk=draft.pk).update(state=state)
    draft.refresh_from_db()
    with pytest.raises(Refused, match="only works while it is"):
        move_experiment(draft, name, by=alice)
    draft.refresh_from_db()
    assert draft.state == state


@pytest.mark.parametrize(
    ("state", "name"),
    [(s, n) for n in MOVES_BY_HAND for s in EXPERIMENT_MOVES[n].sources],
)
def test_it_makes_every_move_of_the_table(draft, alice, bob, state, name):
    if name == "conclude":
        launched(draft, alice)
        analysed(draft, bob)
    Experiment.objects.filter(pk=draft.pk).update(state=state)
    draft.refresh_from_db()
    move_experiment(draft, name, by=alice)
    assert Experiment.objects.get(pk=draft.pk).state == EXPERIMENT_MOVES[name].target
    assert Event.objects.about(draft).first().verb == name


@pytest.mark.parametrize("name", MOVES_BY_HAND)
def test_a_viewer_may_make_no_move(draft, vera, name):
    with pytest.raises(PermissionDenied):
        move_experiment(draft, name, by=vera)


def test_a_member_may_not_launch(draft, alice, bob):
    move_experiment(draft, "plan", by=alice)
    with pytest.raises(PermissionDenied, match="leads"):
        move_experiment(draft, "launch", by=bob)


def _without(**plan):
    return lambda draft, by: promotion.change_plan(draft, by=by, **plan)


ARM = {"name": "As it is", "is_control": True, "weight": 1}
PRIMARY = {"role": "primary", "name": "Reactivated", "baseline": 0.1, "smallest_effect": 0.1}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"arms": [ARM]}, "two arms"),
        ({"arms": [{**ARM, "is_control": False}, {"name": "B", "weight": 1}]}, "the control"),
        ({"metrics": [{"role": "secondary", "name": "Opened"}]}, "primary metric"),
        ({"metrics": [{**PRIMARY, "baseline": None}]}, "Enter the baseline"),
        ({"metrics": [{**PRIMARY, "smallest_effect": None}]}, "smallest effect"),
        ({"metrics": [PRIMARY, {"role": "guardrail", "name": "Left"}]}, "how much worse"),
        (
            {"metrics": [{**PRIMARY, "name": "Basket", "kind": "mean"}]},
            "standard deviation",
        ),
        ({"objective": None}, "objective"),
        ({"audience": ""}, "who gets it"),
        ({"owner": None}, "owner"),
        ({"analyst": None}, "analyst"),
        ({"starts_on": None, "ends_on": None}, "calendar"),
    ],
)
def test_it_refuses_to_launch_while_something_is_missing(draft, alice, change, sentence):
    promotion.change_plan(draft, by=alice, **change)
    Experiment.objects.filter(pk=draft.pk).update(state="planned")
    draft.refresh_from_db()
    with pytest.raises(Refused, match=f"(?i){sentence}"):
        move_experiment(draft, "launch", by=alice)
    assert Experiment.objects.get(pk=draft.pk).fingerprint == ""


def test_launch_seals_the_plan_and_its_fingerprint_is_that_of_the_stored_plan(draft, alice):
    launched(draft, alice)
    draft.refresh_from_db()
    assert draft.sealed_plan["metrics"][0]["name"] == "Reactivated"
    assert draft.fingerprint == fingerprint_of(draft.sealed_plan)
    assert draft.sealed_plan["planned_units_per_arm"] == 14_751
    assert draft.sealed_by == alice


def test_a_sealed_plan_can_not_be_changed(draft, alice):
    launched(draft, alice)
    with pytest.raises(Refused, match="sealed"):
        promotion.change_plan(draft, by=alice, title="Another")


def test_the_second_of_two_people_is_told_what_happened(draft, alice, olive):
    same = Experiment.objects.get(pk=draft.pk)
    move_experiment(draft, "plan", by=alice, seen="draft")
    with pytest.raises(SomebodyWasQuicker, match=r"planned now.*Alice marked it as planned"):
        move_experiment(same, "cancel", by=olive, seen="draft")
    assert same.state == "draft"  # it was read before the other wrote …
    with pytest.raises(SomebodyWasQuicker, match="Your change was not made"):
        move_experiment(same, "cancel", by=olive)  # … and named no state that it saw


def test_cancelling_frees_the_idea_for_another_experiment(draft, alice):
    move_experiment(draft, "cancel", by=alice, reason="Legal said no.")
    draft.idea.refresh_from_db()
    assert draft.idea.state == "open"
    again = promotion.promote(draft.idea, by=alice)
    assert again.number == draft.number + 1


def test_concluding_needs_a_result(draft, alice):
    launched(draft, alice)
    with pytest.raises(Refused, match="Bring in the data"):
        move_experiment(draft, "conclude", by=alice)


def test_a_plan_with_unequal_arms_counts_the_units_of_each(alice, pod, objective, carol):
    arms = [{"name": "As it is", "is_control": True, "weight": 80},
            {"name": "Series named", "weight": 20}]  # fmt: skip
    draft = make_experiment(alice, pod, objective=objective, analyst=carol, arms=arms)
    plan = launched(draft, alice).sealed_plan
    assert plan["planned_units"] == pytest.approx(plan["planned_units_per_arm"] * 100 / 80, abs=1)
    assert plan["planned_units"] > 2 * 14_751  # what equal arms would have taken

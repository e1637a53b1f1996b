"""What is of a pod points at its own and at everybody's: owners, segments, objectives, duplicates."""

import datetime as dt

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from backlog.flows.bulk import change_many, undo_change
from backlog.flows.ideas import move_to_pod
from backlog.flows.imports.known import Known
from backlog.flows.imports.rows import Reader
from backlog.flows.moves import move_idea
from backlog.flows.talking import comment_on
from backlog.models import Event, Idea, Objective, Quarter, User
from backlog.models.belonging import OfAPod
from backlog.refusals import Refused
from backlog.tables.dates import DateStyle
from experiments.flows.amending import amend
from experiments.flows.moves import move_experiment
from experiments.flows.promotion import change_plan, promote
from experiments.flows.templating import clone
from experiments.models import CreditImport, Experiment, Metric, PlanTemplate, RoadmapItem, Segment
from tests.browsing import form_on
from tests.factories import (
    ARMS,
    METRICS,
    WAIVED,
    launched,
    make_experiment,
    make_idea,
    make_round,
)


def leaves(person):
    person.memberships.all().delete()


def is_shut_out(person):
    User.objects.filter(pk=person.pk).update(is_active=False)


# Fields that point at a person or at something of a pod and are no choice of anybody's.
NO_CHOICE = {
    "Idea.author": "whoever wrote it down",
    "Experiment.author": "whoever promoted it",
    "Experiment.idea": "what it was promoted from, in the pod of the idea",
}


def _of_pods() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in ("backlog", "experiments")
        and any(field.name == "pod" and field.editable for field in model._meta.concrete_fields)
    ]


# Models of a pod in which nobody chooses people or things: access, history, mail, what is uploaded.
NOTHING_CHOSEN = {
    "Membership", "Invitation", "Event", "SavedView", "Import", "Notification", "Round",
    "PodLimits", "PodWeek", "CalendarFeed", "Scenario", "WarningSign", "Collection",
}  # fmt: skip


def test_every_model_of_a_pod_keeps_the_rule_or_says_why_not():
    rule = {model.__name__ for model in _of_pods() if issubclass(model, OfAPod)}
    assert {model.__name__ for model in _of_pods()} == rule | NOTHING_CHOSEN
    assert not rule & NOTHING_CHOSEN


def _choices() -> list[tuple[type[OfAPod], str]]:
    return [
        (model, field.name)
        for model in OfAPod.__subclasses__()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.editable
        and (field.related_model is User or field in model.things())
        and f"{model.__name__}.{field.name}" not in NO_CHOICE
        and field.name != "by"
    ]


def test_there_are_choices_to_try():
    names = {f"{model.__name__}.{name}" for model, name in _choices()}
    assert names >= {"Idea.owner", "Idea.objective", "Experiment.segment", "Metric.owner"}


@pytest.mark.parametrize(("model", "name"), _choices(), ids=lambda value: getattr(value, "__name__", value))  # fmt: skip
def test_nothing_of_another_pod_is_taken_and_what_stands_there_stays(
    model, name, alice, bob, charlie, pod, other_pod, quarter, objective
):
    theirs = {
        User: charlie,
        Objective: Objective.objects.create(quarter=quarter, pod=other_pod, title="Theirs"),
        Segment: Segment.objects.create(pod=other_pod, name="Theirs"),
        PlanTemplate: PlanTemplate.objects.create(pod=other_pod, name="Theirs", by=charlie),
        Idea: make_idea(charlie, other_pod),
        Metric: Metric.objects.create(pod=other_pod, name="Theirs"),
    }
    theirs[Experiment] = make_experiment(charlie, other_pod, objective=None, analyst=charlie)
    made = {
        "Idea": lambda: make_idea(alice, pod),
        "Experiment": lambda: make_experiment(alice, pod, objective=objective, analyst=bob),
        "Metric": lambda: Metric.objects.create(pod=pod, name="Ours"),
        "RoadmapItem": lambda: RoadmapItem.objects.create(pod=pod, title="Ours", quarter=quarter),
        "CreditImport": lambda: CreditImport.objects.create(
            pod=pod, metric=Metric.objects.create(pod=pod, name="Ours")
        ),
    }[model.__name__]()
    setattr(made, name, theirs[model._meta.get_field(name).related_model])
    with pytest.raises(ValidationError) as refused:
        made.full_clean()
    assert set(refused.value.message_dict) == {name}
    assert "another pod" in str(refused.value) or "is not in" in str(refused.value)
    model.objects.filter(pk=made.pk).update(**{name: getattr(made, name)})  # since before the rule
    model.objects.get(pk=made.pk).full_clean()


def test_the_same_is_refused_by_the_api_whoever_asks(
    api_of, alice, bob, charlie, olive, pod, other_pod, quarter, objective
):
    """A programme owner sees every pod, and still puts nothing of one into another."""
    plan = make_experiment(alice, pod, objective=objective, analyst=bob)
    idea = make_idea(alice, pod)
    segment = Segment.objects.create(pod=other_pod, name="Theirs")
    template = PlanTemplate.objects.create(pod=other_pod, name="Theirs", by=charlie)
    api = api_of(olive)
    tries = [
        (f"/api/v1/experiments/{plan.pk}/", plan, {"segment": segment.pk}),
        (f"/api/v1/experiments/{plan.pk}/", plan, {"template": template.pk}),
        (f"/api/v1/ideas/{idea.pk}/", idea, {"owner": charlie.pk}),
    ] + [
        (f"/api/v1/experiments/{plan.pk}/", plan, {part: charlie.pk})
        for part in ("owner", "launcher", "analyst")
    ]
    for url, thing, change in tries:
        answer = api.patch(url, {**change, "version": thing.version}, format="json")
        assert answer.status_code == 409, (change, answer.content)
        assert next(iter(change)) in answer.content.decode()


def test_an_amendment_gives_a_running_test_to_nobody_of_another_pod(
    api_of, alice, bob, charlie, olive, pod, objective
):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    answer = api_of(olive).post(
        f"/api/v1/experiments/{running.pk}/amendments/",
        {"reason": "Holiday", "analyst": charlie.pk, "version": running.version},
        format="json",
    )
    assert answer.status_code == 409, answer.content
    running.refresh_from_db()
    assert running.analyst == bob


@pytest.mark.parametrize("step", [leaves, is_shut_out])
def test_a_form_that_is_saved_as_it_stands_loses_nobody_and_nothing(
    client_of, alice, adam, carol, olive, pod, objective, step
):
    """Whoever stands in a field stays there, though no form offers them any more."""
    plan = make_experiment(alice, pod, objective=objective, analyst=carol, owner=carol)
    change_plan(plan, by=alice, launcher=carol)
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=carol, owner=carol,
                        idea_title="Another"), alice)  # fmt: skip
    idea = make_idea(alice, pod, "Owned", owner=carol, objective=objective)
    metric = Metric.objects.get(name="Reactivated")
    Metric.objects.filter(pk=metric.pk).update(owner=carol)
    metric.refresh_from_db()
    Quarter.objects.update(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 4, 1))
    step(carol)
    for thing, route, more in (
        (plan, "experiments:experiment_edit", {}),
        (idea, "backlog:idea_edit", {}),
        (metric, "experiments:metric_edit", {}),
        (objective, "backlog:objective_edit", {}),
        (running, "experiments:experiment_amend", {"reason": "More", "units_per_week": "12000"}),
    ):
        before = _points_at(thing)
        assert any(before.values()), route
        url = reverse(route, args=[thing.pk])
        client = client_of(olive)
        answer = client.post(url, form_on(client, url).data() | more)
        assert answer.status_code == 302, (route, answer.content.decode()[:3000])
        assert _points_at(type(thing).objects.get(pk=thing.pk)) == before, route


def _points_at(thing):
    return {
        field.name: getattr(thing, field.attname)
        for field in thing._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.editable
    }


def test_what_other_pods_use_stays_everybodys(alice, bob, olive, pod, other_pod, objective):
    plan = make_experiment(alice, pod, objective=objective, analyst=bob)
    shared = Segment.objects.create(pod=None, name="Everybody's")
    change_plan(plan, by=alice, segment=shared)
    metric = Metric.objects.get(name="Reactivated")
    for thing in (shared, metric):
        thing.pod = other_pod
        with pytest.raises(ValidationError) as refused:
            thing.full_clean()
        assert "Other pods use" in refused.value.message_dict["pod"][0]
        thing.pod = pod  # the only pod that uses it
        thing.full_clean()


def test_an_idea_that_moves_leaves_an_owner_behind_who_does_not_come_along(
    alice, bob, charlie, olive, pod, other_pod
):
    idea = make_idea(alice, pod, owner=bob)
    move_to_pod(idea, by=olive, pod=other_pod)
    assert idea.owner is None
    assert "Bob is not in that pod" in Event.objects.about(idea).first().sentence


def test_a_clone_and_a_promotion_carry_nobody_along_who_left(alice, bob, carol, pod, objective):
    plan = make_experiment(alice, pod, objective=objective, analyst=bob, owner=carol)
    carol.memberships.all().delete()
    made = clone(plan, by=alice, title="Once more")
    assert (made.owner, made.analyst) == (None, bob)


def test_an_import_gives_no_idea_to_somebody_of_another_pod(alice, charlie, pod):
    known = Known(pods=[pod], objectives=[], chosen={})
    mapping = {0: "title", 1: "owner", 2: "author"}
    reader = Reader(pod=pod, mapping=mapping, names={}, known=known, dates=DateStyle(), answers={})
    row = reader.read(1, ["A title", "Charlie", "Charlie"])
    assert (row.values["owner_id"], row.values["author_id"]) == (None, None)
    assert row.notes == ["Kept in words: owner “Charlie”, author “Charlie”"]


@pytest.fixture
def moved(alice, bob, olive, charlie, pod, other_pod):
    """An idea of Bob's that the programme owner moved to the other pod, and the change to undo."""
    idea = make_idea(alice, pod, owner=bob)
    done = change_many([idea], "move", by=olive, pod=other_pod)
    return Idea.objects.get(pk=idea.pk), done.change


def test_an_undo_brings_an_idea_back_with_its_key_and_its_owner(moved, olive, bob, pod):
    idea, change = moved
    assert undo_change(change, by=olive) == []
    idea.refresh_from_db()
    assert (idea.pod, idea.key, idea.owner) == (pod, "LIF-1", bob)


@pytest.mark.parametrize("meanwhile", ["round", "test", "owner left", "promoted and cancelled"])
def test_an_undo_takes_nothing_of_the_other_pod_along(
    moved, alice, bob, olive, charlie, adam, pod, other_pod, meanwhile
):
    idea, change = moved
    other_pod.memberships.filter(user=charlie).update(role="lead")
    lead = User.objects.get(pk=charlie.pk)
    if meanwhile == "round":
        make_round(lead, other_pod, idea)
    elif meanwhile == "owner left":
        bob.memberships.all().delete()
    else:
        made = promote(idea, by=lead, arms=ARMS, metrics=METRICS)
        if meanwhile == "promoted and cancelled":
            move_experiment(made, "cancel", by=lead)
    now = Idea.objects.get(pk=idea.pk)
    assert undo_change(change, by=olive) == [now.key]
    left = Idea.objects.get(pk=idea.pk)
    assert (left.pod, left.owner, left.state) == (other_pod, None, now.state)


def test_an_undo_asks_for_the_right_that_the_step_asks_for_now(alice, olive, pod, other_pod):
    other_pod.memberships.create(user=alice, role="lead")
    idea = make_idea(alice, pod)
    change = change_many([idea], "move", by=User.objects.get(pk=alice.pk), pod=other_pod).change
    alice.memberships.filter(pod=pod).delete()
    assert undo_change(change, by=User.objects.get(pk=alice.pk)) == ["PAY-1"]
    assert Idea.objects.get(pk=idea.pk).pod == other_pod


def test_a_duplicate_is_one_of_its_own_pod(alice, olive, charlie, bob, pod, other_pod, client_of):
    ours, theirs = make_idea(alice, pod, "Ours"), make_idea(charlie, other_pod, "Theirs")
    comment_on(ours, by=bob, text="Between us")
    with pytest.raises(Refused, match="another pod"):
        move_idea(ours, "mark_duplicate", by=olive, duplicate_of=theirs)
    assert not theirs.comments.exists()
    Idea.objects.filter(pk=ours.pk).update(state="duplicate", duplicate_of=theirs)  # of before
    page = client_of(bob).get(ours.get_absolute_url()).content.decode()
    assert "Theirs" not in page
    assert "an idea of another pod" in page


@pytest.mark.parametrize("transition", ["snooze", "reject", "reopen"])
def test_no_other_move_takes_an_original_along(
    api_of, alice, charlie, olive, pod, other_pod, transition
):
    """What a move does not take it refuses: else its guard would be asked by no move at all."""
    idea, theirs = make_idea(alice, pod), make_idea(charlie, other_pod, "Theirs")
    if transition == "reopen":
        move_idea(idea, "reject", by=alice, reason="No")
    own = {"snooze": {"snoozed_until": "2099-01-31"}, "reject": {"reason": "No"}, "reopen": {}}
    values = {"transition": transition, "duplicate_of": theirs.pk, **own[transition]}
    answer = api_of(olive).post(f"/api/v1/ideas/{idea.pk}/moves/", values, format="json")
    assert answer.status_code == 409, answer.content
    assert "does not take this value" in answer.content.decode()
    before = idea.state if transition != "reopen" else "rejected"
    idea.refresh_from_db()
    assert (idea.duplicate_of, idea.state) == (None, before)


def test_an_idea_stays_in_the_pod_of_its_test(alice, bob, olive, pod, other_pod, objective):
    test = make_experiment(alice, pod, objective=objective, analyst=bob)
    move_experiment(test, "cancel", by=alice)
    with pytest.raises(Refused, match="so it stays here"):
        move_to_pod(Idea.objects.get(pk=test.idea_id), by=olive, pod=other_pod)


def test_the_api_takes_whoever_stands_there_though_they_left(api_of, alice, bob, carol, olive, pod):
    idea = make_idea(alice, pod, owner=carol)
    carol.memberships.all().delete()
    change = {"title": "Better", "owner": carol.pk, "version": idea.version}
    answer = api_of(alice).patch(f"/api/v1/ideas/{idea.pk}/", change, format="json")
    assert answer.status_code == 200, answer.content
    idea.refresh_from_db()
    assert (idea.title, idea.owner) == ("Better", carol)


def test_the_author_of_a_launched_test_becomes_its_analyst_only_by_a_waiver(
    alice, bob, carol, pod, objective
):
    waived = tuple(standard for standard in WAIVED if standard != "analyst")
    test = make_experiment(alice, pod, objective=objective, analyst=bob, waived=waived)
    lead = _lead(carol, pod)
    launched(test, lead)
    with pytest.raises(Refused, match="The author is also the analyst"):
        amend(test, by=lead, reason="Holiday", analyst=alice)


def _lead(person, pod):
    pod.memberships.filter(user=person).update(role="lead")
    return User.objects.get(pk=person.pk)

"""A post-mortem opens by itself, drafted, with a day, and reminds once."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.workspace import change_workspace
from backlog.models import Notification
from experiments.flows import moves
from experiments.flows.agreements.writing import save_agreement
from experiments.flows.deciding import decide
from experiments.flows.writing_up import start_post_mortem
from experiments.flows.writing_up_opening import due_day, remind_of_post_mortems
from experiments.hooks.today import waiting_for
from experiments.models import Agreement, Alarm, Look, PostMortem
from tests.factories import analysed, launched, make_experiment


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


@pytest.fixture
def decided(running, bob):
    analysed(running, bob)
    decide(running, by=bob, choice="ship")
    running.refresh_from_db()
    return running


def is_due():
    PostMortem.objects.update(due_on=timezone.localdate())


def notices():
    return list(Notification.objects.filter(kind="writing").values_list("to__email", "sentence"))


def test_it_opens_when_the_experiment_is_decided(client_of, bob, decided):
    made = PostMortem.objects.get()
    assert (made.author, made.has_begun) == (None, False)
    assert made.due_on == timezone.localdate() + dt.timedelta(days=10)
    page = client_of(bob).get(reverse("experiments:postmortem_detail", args=[decided.pk]))
    assert f"It is due on {made.due_on:%-d %b %Y}." in page.content.decode()
    assert start_post_mortem(decided, by=bob).author == bob


def test_it_opens_when_what_ran_is_cancelled_and_not_for_a_plan(alice, bob, pod, running):
    plan = make_experiment(alice, pod, objective=None, analyst=bob, idea_title="Another")
    for experiment in (running, plan):
        moves.move_experiment(experiment, "cancel", by=alice, reason="The list was wrong.")
    made = PostMortem.objects.get()
    assert made.experiment == running
    assert "cancelled it: The list was wrong." in made.summary
    assert start_post_mortem(running, by=bob).author == bob


def test_the_day_follows_the_workspace_and_the_turnaround_time_that_was_agreed(adam, olive):
    monday = dt.date(2026, 11, 2)
    change_workspace(by=adam, write_up_days=6)
    assert due_day(monday) == monday + dt.timedelta(days=6)
    terms = [{"name": "Legal review", "number": 1.0}, {"name": "Post-mortem", "number": 3.0}]
    save_agreement(Agreement(kind="turnaround"), by=olive, terms=terms)
    assert due_day(monday) == dt.date(2026, 11, 5)


def test_the_owner_is_nudged_until_somebody_begins_then_the_author(alice, bob, decided):
    titles = {who: [item.title for item in waiting_for(who)] for who in (alice, bob)}
    assert f"Write up: {decided.title}" in titles[alice]
    start_post_mortem(decided, by=bob)
    assert f"Write up: {decided.title}" not in [item.title for item in waiting_for(alice)]
    item = next(item for item in waiting_for(bob) if item.title.startswith("Finish"))
    assert item.due_on == PostMortem.objects.get().due_on


def test_it_reminds_once_and_only_when_it_is_due(alice, bob, decided):
    assert remind_of_post_mortems() == 0
    is_due()
    assert remind_of_post_mortems() == 1
    assert notices() == [(alice.email, f"The post-mortem of {decided.key} {decided.title} is due.")]
    PostMortem.objects.update(due_on=timezone.localdate() - dt.timedelta(days=3))
    assert remind_of_post_mortems() == 0


def test_the_draft_says_what_was_not_as_planned(alice, bob, running):
    Alarm.objects.create(experiment=running, kind="stale", sentence="New data was due by 3 Nov.")
    analysis = analysed(running, bob)
    Look.objects.create(experiment=running, analysis=analysis, user=bob, is_early=True,
                        day=timezone.localdate())  # fmt: skip
    decide(running, by=bob, choice="ship")
    text = PostMortem.objects.get().summary
    assert "Waived: " in text
    assert "Made for a test" in text
    assert "Data is late" in text
    assert "Looked at before the planned end on 1 days, by 1 person." not in text
    assert "Looked at before the planned end on 1 day, by 1 person." in text
    assert "**Timeline**" in text
    assert "launched it and sealed the plan" in text


def test_the_draft_holds_what_the_scores_claimed_beside_what_was_measured(alice, bob, running):
    idea = running.idea
    type(idea).objects.filter(pk=idea.pk).update(impact=5.8, confidence=6.2, ease=7.0)
    running.refresh_from_db()
    analysed(running, bob)
    decide(running, by=bob, choice="ship")
    text = PostMortem.objects.get().summary
    assert "Impact 5.8, about +" in text
    assert "; measured +20" in text
    assert "outcome: won" in text


def test_a_name_beside_a_word_of_blame_gets_a_hint(client_of, bob, decided):
    start_post_mortem(decided, by=bob)
    url = reverse("experiments:postmortem_section", args=[decided.pk, "went_badly"])
    data = {"uuid": "8c6f0f0e-0f5e-4b7e-9d63-0d2a3d1f0a01", "text": "Alice forgot the list."}
    assert client_of(bob).post(url, data).json()["hint"].startswith("This names Alice.")
    data = {
        "uuid": "8c6f0f0e-0f5e-4b7e-9d63-0d2a3d1f0a02",
        "bases": data["uuid"],
        "text": "Nobody checked the list.",
    }
    assert client_of(bob).post(url, data).json()["hint"] == ""

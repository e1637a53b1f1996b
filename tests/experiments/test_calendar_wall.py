"""The wall: what it says of this week, what is late, and when it is sent again."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from experiments.flows.moves import move_experiment
from experiments.flows.quarter.booking import change_booking
from experiments.models import Experiment, Milestone
from tests.factories import launched, make_experiment

URL = reverse("experiments:calendar_wall")
PART = {"HX-Request": "true", "HX-Target": "wall"}
DAY = dt.timedelta(days=1)


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Runs",
                        title="Runs"), alice)  # fmt: skip


def lists(answer) -> dict[str, list[tuple[str, str]]]:
    return {one.title: [(line.title, line.words) for line in one.lines]
            for one in answer.context["wall"].lists}  # fmt: skip


def placed(experiment: Experiment, starts_on: dt.date, ends_on: dt.date) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(starts_on=starts_on, ends_on=ends_on)


@pytest.fixture
def wednesday(quarter):
    """A Wednesday in the middle of the quarter."""
    middle = quarter.starts_on + 45 * DAY
    day = middle + ((2 - middle.weekday()) % 7) * DAY
    with time_machine.travel(dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)):
        yield day


def test_it_shows_the_weeks_and_has_no_controls(client_of, vera, running):
    page = client_of(vera).get(URL).content.decode()
    assert "Runs" in page
    assert 'class="rail"' not in page
    assert "<form" not in page
    assert "<button" not in page
    assert 'hx-trigger="every 10s"' in page


def test_its_bars_are_those_of_the_calendar_with_build_and_read_out(client_of, vera, bob, running):
    change_booking(running.booking, by=bob, build_days=5, readout_days=3)
    on_the_wall = client_of(vera).get(URL).content.decode()
    on_the_calendar = client_of(vera).get(reverse("experiments:calendar")).content.decode()
    (bar,) = re.findall(r'<div class="tbox".*?</div>', on_the_wall)
    assert bar in on_the_calendar
    assert 'class="phase build"' in bar
    assert 'class="phase readout"' in bar


def test_this_week_says_what_runs_what_starts_and_what_ends(
    client_of, vera, alice, bob, pod, objective, running, wednesday
):
    monday = wednesday - 2 * DAY
    starting = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Starts",
                               title="Starts")  # fmt: skip
    placed(running, monday - 14 * DAY, monday + 7 * DAY)
    placed(starting, wednesday + DAY, wednesday + 20 * DAY)
    shown = lists(client_of(vera).get(URL))
    assert [title for title, _ in shown["Runs now"]] == ["Runs"]
    assert shown["Starts this week"] == [("Starts", f"{wednesday + DAY:%a %-d %b}")]
    assert shown["Ends this week"] == [("Runs", f"{monday + 6 * DAY:%a %-d %b}")]


def test_late_are_decisions_launches_and_milestones(
    client_of, vera, alice, bob, pod, objective, running, wednesday
):
    waiting = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Waits",
                              title="Waits")  # fmt: skip
    Milestone.objects.exclude(experiment=waiting, name="Brief agreed").delete()
    placed(running, wednesday - 30 * DAY, wednesday - 3 * DAY)
    placed(waiting, wednesday - 2 * DAY, wednesday + 20 * DAY)
    shown = lists(client_of(vera).get(URL))["Late"]
    assert ("Waits", f"was to start {wednesday - 2 * DAY:%-d %b}") in shown
    assert (f"{waiting.key}: Brief agreed", f"due {wednesday - 16 * DAY:%-d %b}") in shown
    assert any(title == "Runs" for title, _ in shown) == running_is_overdue(running)


def running_is_overdue(experiment: Experiment) -> bool:
    experiment.refresh_from_db()
    return experiment.is_overdue


def test_a_long_list_says_how_many_more(client_of, vera, alice, bob, pod, objective, wednesday):
    for number in range(8):
        made = make_experiment(alice, pod, objective=objective, analyst=bob,
                               idea_title=f"N{number}", title=f"N{number}")  # fmt: skip
        placed(made, wednesday, wednesday + 14 * DAY)
    answer = client_of(vera).get(URL)
    assert "and 4 more" in answer.content.decode()
    assert answer.context["wall"].lists[1].count == 8


def test_an_outsider_sees_nothing_of_the_pod(client_of, charlie, running):
    assert not any(lists(client_of(charlie).get(URL)).values())


def test_it_is_sent_again_only_where_something_has_changed(client_of, vera, alice, bob, pod,
                                                           objective, running):  # fmt: skip
    client = client_of(vera)
    first = client.get(URL)
    seen = first.context["wall"].seen
    assert client.get(URL, {"seen": seen}, headers=PART).status_code == 204
    another = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="New")
    answer = client.get(URL, {"seen": seen}, headers=PART)
    assert answer.status_code == 200
    assert answer.content.lstrip().startswith(b'<div class="wall')
    again = client.get(URL, {"seen": seen}, headers=PART | {"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    move_experiment(another, "plan", by=alice)
    assert client.get(URL, {"seen": answer["ETag"]}, headers=PART).status_code == 200


def test_a_new_day_is_a_change(client_of, vera, running):
    client = client_of(vera)
    seen = client.get(URL).context["wall"].seen
    with time_machine.travel(timezone.now() + DAY):
        assert client_of(vera).get(URL, {"seen": seen}, headers=PART).status_code == 200


def test_without_a_quarter_it_leads_back(client_of, bob):
    page = client_of(bob).get(URL).content.decode()
    assert "No quarter yet" in page

"""The quarter on a timeline, and as a list for phones and readers."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from backlog.models import Event, Membership, Quarter, Workspace
from experiments.flows.agreements import save_agreement
from experiments.flows.closed_days import save_blackout
from experiments.flows.holding_out import open_holdout
from experiments.flows.limiting import change_pod_limits, change_quarter_limits
from experiments.flows.roadmap import save_roadmap_item
from experiments.models import Agreement, Blackout, Experiment, RoadmapItem
from tests.factories import launched, make_experiment

WEEK = dt.timedelta(days=7)


@pytest.fixture
def url():
    return reverse("experiments:calendar")


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def page_of(client, url):
    return client.get(url).content.decode()


def test_bars_stand_in_their_pods_lane_and_link_to_the_experiment(client_of, bob, running, url):
    page = page_of(client_of(bob), url)
    assert f'<a class="tbar veiled" href="{running.get_absolute_url()}"' in page
    assert 'data-d="28"' in page
    assert f"veiled to {running.ends_on:%-d %b}" in page


def test_the_same_stands_as_a_list(client_of, bob, running, url):
    page = page_of(client_of(bob), url)
    assert f'<a class="crow" href="{running.get_absolute_url()}">' in page


def test_what_has_no_dates_waits_beside_it(client_of, alice, vera, pod, quarter, url):
    made = make_experiment(alice, pod, objective=None, analyst=alice, starts_on=None, ends_on=None)
    dates = reverse("experiments:experiment_place", args=[made.pk])
    assert f'href="{dates}"' in page_of(client_of(alice), url)
    page = page_of(client_of(vera), url)
    assert made.title in page
    assert f'href="{dates}"' not in page


def test_other_quarters_are_a_click_away(client_of, bob, quarter, running, url):
    later = Quarter.objects.create(
        name="Later", starts_on=quarter.ends_on, ends_on=quarter.ends_on + dt.timedelta(days=91)
    )
    page = page_of(client_of(bob), url)
    assert "?quarter=Later" in page
    far = Quarter.objects.create(
        name="Far", starts_on=later.ends_on, ends_on=later.ends_on + dt.timedelta(days=91)
    )
    assert running.title not in page_of(client_of(bob), f"{url}?quarter={far.name}")
    assert client_of(bob).get(f"{url}?quarter=nonsense").status_code == 200


def test_another_pods_tests_are_never_shown(client_of, charlie, running, objective, url):
    page = page_of(client_of(charlie), url)
    assert running.title not in page
    assert str(objective) not in page


def test_an_objective_without_a_test_says_so(client_of, bob, objective, url):
    assert "no experiment serves it yet" in page_of(client_of(bob), url)


def test_without_a_quarter_it_says_who_opens_one(client_of, bob, olive, url):
    assert "A programme owner opens it." in page_of(client_of(bob), url)
    assert reverse("backlog:quarter_new") in page_of(client_of(olive), url)


QUERIES = 28  # decision 0060


def test_it_asks_the_database_little(client_of, bob, running, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(QUERIES):
        client.get(url)


def test_more_tests_ask_the_database_no_more(
    client_of, alice, bob, pod, objective, url, django_assert_max_num_queries
):
    for number in range(6):
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title=f"No. {number}")
    client = client_of(bob)
    with django_assert_max_num_queries(QUERIES):
        client.get(url)


@pytest.mark.parametrize("view", ["quarter", "half-year", "six-weeks", "nonsense"])
@pytest.mark.parametrize("by", ["pod", "objective", "channel", "segment", "owner", "nonsense"])
def test_every_view_has_every_kind_of_lane(client_of, bob, running, url, view, by):
    page = page_of(client_of(bob), f"{url}?view={view}&by={by}&from=2026-13-40")
    assert running.title in page


def test_lanes_of_what_a_test_does_not_name_come_last(client_of, alice, bob, pod, objective, url):
    for channel in ("Push", "", "E-mail"):
        make_experiment(alice, pod, objective=objective, analyst=bob, channel=channel,
                        idea_title=f"On {channel or 'nothing'}")  # fmt: skip
    page = page_of(client_of(bob), f"{url}?by=channel")
    places = [page.index(f"<b>{label}</b>") for label in ("E-mail", "Push", "No channel")]
    assert places == sorted(places)


def test_weeks_start_on_the_workspaces_first_day(client_of, bob, running, url):
    Workspace.objects.update_or_create(pk=1, defaults={"first_weekday": 6})
    line = client_of(bob).get(url).context["page"].line
    assert {week.starts_on.weekday() for week in line.weeks} == {6}


def test_a_blackout_of_everybody_is_a_band_and_one_of_a_pod_stands_in_its_lane(
    client_of, bob, charlie, pod, other_pod, running, quarter, url
):
    day = quarter.starts_on + dt.timedelta(days=40)
    week = {"starts_on": day, "ends_on": day + dt.timedelta(days=7)}
    Blackout.objects.create(name="Year-end freeze", **week)
    Blackout.objects.create(name="Pod away", pod=pod, **week)
    page = page_of(client_of(bob), url)
    assert '<i class="blk"' in page
    assert "Year-end freeze" in page
    assert "Pod away" in page
    assert "Pod away" not in page_of(client_of(charlie), url)


def test_where_it_was_planned_first_stays_visible_after_a_move(client_of, bob, running, url):
    Experiment.objects.update(ends_on=running.ends_on + dt.timedelta(days=7))
    page = page_of(client_of(bob), url)
    assert '<i class="was"' in page
    assert "was planned for" in page


def test_tests_without_an_objective_are_counted(client_of, alice, bob, pod, quarter, url):
    make_experiment(alice, pod, objective=None, analyst=bob)
    assert "1 experiment serves none" in page_of(client_of(bob), url)


def test_the_pulse_says_only_that_something_changed(client_of, bob, running, url):
    client, pulse = client_of(bob), reverse("experiments:calendar_pulse")
    seen = client.get(pulse).json()["seen"]
    assert client.get(f"{pulse}?seen={seen}").status_code == 204
    Event.record(running, "dates", "Moved.", by=bob)
    assert client.get(f"{pulse}?seen={seen}").json()["seen"] > seen


def test_the_pulse_of_another_pod_is_silent(client_of, charlie, running):
    client, pulse = client_of(charlie), reverse("experiments:calendar_pulse")
    seen = client.get(pulse).json()["seen"]
    Event.record(running, "dates", "Moved.", by=None)
    assert client.get(f"{pulse}?seen={seen}").status_code == 204


def test_six_weeks_show_the_milestones_that_are_not_reached(
    client_of, alice, bob, pod, objective, url
):
    test = make_experiment(alice, pod, objective=objective, analyst=bob)
    page = page_of(client_of(bob), f"{url}?view=six-weeks")
    step = next(one for one in test.milestones.all() if one.name == "Read and decide")
    assert f'title="{step.due_on:%-d %b}: Read and decide"' in page
    assert "Read and decide" not in page_of(client_of(bob), url)


def test_six_weeks_show_the_last_day_for_edits_of_each_experiment(
    client_of, alice, bob, olive, pod, objective, url
):
    agree(olive, {"number": 2})
    test = make_experiment(alice, pod, objective=objective, analyst=bob)
    page = page_of(client_of(bob), f"{url}?view=six-weeks&from={test.starts_on - WEEK}")
    assert re.search(r'class="ms[^"]*"[^>]*title="[^"]+: Last day for edits"', page)
    assert "Last day for edits" not in page_of(client_of(bob), url).partition('class="legend"')[0]


def test_a_half_year_has_the_agreed_days_of_its_second_quarter_and_a_quarter_has_not(
    client_of, olive, bob, running, quarter, url
):
    agree(olive, {"channel": "Push", "day": quarter.ends_on + 3 * WEEK})
    words = "Last day for edits: Push"
    assert words in page_of(client_of(bob), f"{url}?view=half-year")
    assert words not in page_of(client_of(bob), url)


def agree(by, term):
    save_agreement(Agreement(kind="final-edit"), by=by, terms=[term], owner=None)


def test_an_objective_counts_what_serves_it_and_waits_for_weeks(
    client_of, alice, bob, pod, objective, url
):
    page = client_of(bob).get
    make_experiment(
        alice, pod, objective=objective, analyst=bob, starts_on=None, ends_on=None,
        idea_title="Waits",
    )  # fmt: skip
    (goal,) = page(url).context["page"].goals
    assert goal.words == "1 experiment, not placed yet"
    make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Placed")
    (goal,) = page(url).context["page"].goals
    assert goal.words == "1 placed, 1 not yet"


def limits_of_a_pod(olive, pod, quarter):
    change_pod_limits(pod, by=olive, people_days=4, tests_at_once=2)


def limits_of_the_quarter(olive, pod, quarter):
    change_quarter_limits(
        quarter, by=olive, tests_at_once=3, share_limit=0.5, tests_per_objective=0
    )


def holdout(olive, pod, quarter):
    open_holdout(by=olive, quarter=quarter, share=5)


def agreement(olive, pod, quarter):
    agree(olive, {"day": quarter.starts_on})


def roadmap(olive, pod, quarter):
    save_roadmap_item(RoadmapItem(quarter=quarter, pod=pod), by=olive, title="Data", kind="data")


def closed_days(olive, pod, quarter):
    save_blackout(
        Blackout(), by=olive, name="Freeze", starts_on=quarter.starts_on,
        ends_on=quarter.starts_on + WEEK, pod=None, channel="", is_hard=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change", [limits_of_a_pod, limits_of_the_quarter, holdout, agreement, roadmap, closed_days]
)
def test_whatever_the_calendar_shows_moves_its_pulse(client_of, bob, olive, pod, quarter, change):
    client, pulse = client_of(bob), reverse("experiments:calendar_pulse")
    seen = client.get(pulse).json()["seen"]
    change(olive, pod, quarter)
    assert client.get(f"{pulse}?seen={seen}").status_code == 200


def test_where_there_are_too_many_bars_a_lane_counts_them_until_it_is_opened(
    client_of, alice, bob, olive, pod, other_pod, objective, url, monkeypatch
):
    monkeypatch.setattr("experiments.views.quarter.lanes.MOST_DRAWN", 2)
    Membership.objects.create(user=olive, pod=other_pod, role="lead")
    near = [make_experiment(olive, other_pod, objective=None, analyst=olive) for _ in range(2)]
    far = [make_experiment(alice, pod, objective=objective, analyst=bob) for _ in range(2)]
    client = client_of(olive)
    html = page_of(client, url)
    assert [html.count(f'data-bar="{one.pk}" data-starts') for one in (*near, *far)] == [1, 1, 0, 0]
    assert not any(f'class="crow" href="{one.get_absolute_url()}"' in html for one in far)
    assert "Show 2 experiments" in html
    (lane,) = client.get(url).context["page"].folded
    weeks = [one.running for one in lane.counts]
    assert max(weeks) == 2
    assert sum(weeks) in (8, 10), "both run for 28 days, in four or five weeks"
    opened = client.get(url + lane.opens)
    html = opened.content.decode()
    assert [html.count(f'data-bar="{one.pk}" data-starts') for one in far] == [1, 1]
    assert "Hide<span" in html
    window = opened.context["window"]
    assert "open=" in window.query(view="half-year")
    assert "open=" not in window.query(by="segment")


def test_the_list_begins_with_this_week_and_its_load(
    client_of, alice, bob, pod, objective, running, url
):
    today = dt.date.today()
    days = {"past": (-6, -3), "now": (-2, 2), "later": (3, 5)}
    made = {
        name: make_experiment(
            alice, pod, objective=objective, analyst=bob, idea_title=name, title=name,
            starts_on=today + first * WEEK, ends_on=today + after * WEEK,
        )
        for name, (first, after) in days.items()
    }  # fmt: skip
    around = {"starts_on": today - 10 * WEEK, "ends_on": today + 10 * WEEK}
    Quarter.objects.update(**around)
    groups = client_of(bob).get(url).context["page"].weeks
    listed = [(group.title, {bar.test.pk for bar in group.bars}) for group in groups]
    assert listed[0][0].startswith("This week, ")
    assert listed[0][1] == {running.pk, made["now"].pk}
    assert groups[0].load == "2 at once"
    assert listed[1] == (f"From {listed[1][0][5:]}", {made["later"].pk})
    assert listed[-1] == ("Before this week", {made["past"].pk})
    shown = [bar.test.pk for group in groups for bar in group.bars]
    assert sorted(shown) == sorted({running.pk, *(one.pk for one in made.values())})

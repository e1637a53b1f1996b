"""The live calculator: how many, how long, what could be found."""

import re

import pytest
from django.urls import reverse

from backlog.models import Idea
from tests.experiments.posting import METRIC_ROWS, plan_data
from tests.factories import make_idea

PART = {"HX-Request": "true", "HX-Target": "calculator"}


@pytest.fixture
def url(alice, pod):
    return reverse("experiments:plan_size", args=[make_idea(alice, pod).pk])


def ask(client, url, **changes):
    response = client.post(url, plan_data(**changes), headers=PART)
    assert response.status_code == 200
    return response.content.decode()


def test_it_gives_units_weeks_and_the_curve_with_a_table(client_of, alice, url):
    part = ask(client_of(alice), url)
    assert part.lstrip().startswith('<div id="calculator"')
    assert "14,751" in part
    assert "In 3 weeks, a lift of 10\xa0% is found 4 times in 5." in part
    assert 'role="img"' in part
    assert "The same as a table" in part


def test_without_units_a_week_it_says_what_is_missing(client_of, alice, url):
    part = ask(client_of(alice), url, units_per_week="")
    assert "Enter the units a week to see how long that takes." in part
    assert '<svg class="plot"' not in part


def test_dates_that_are_too_short_are_said(client_of, alice, url):
    part = ask(client_of(alice), url, starts_on="2026-12-01", last_day="2026-12-14")
    assert "Too short: you planned 2 weeks, and a lift of 10\xa0% takes 3." in part


def test_dates_that_are_enough_are_said(client_of, alice, url):
    part = ask(client_of(alice), url, starts_on="2026-12-01", last_day="2026-12-28")
    assert "Long enough: you planned 4 weeks, and 3 would do." in part


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"baseline": ""}, "Enter the baseline of the primary metric"),
        ({"smallest_effect": ""}, "Enter the baseline of the primary metric"),
        ({"smallest_effect": "0"}, "Enter the baseline of the primary metric"),
        ({"baseline": "0"}, "A lift from 0 can’t be computed."),
        ({"baseline": "80", "smallest_effect": "50"}, "goes beyond 0 to 100"),
        ({"kind": "mean"}, "Enter the standard deviation"),
        ({"baseline": "words"}, "Enter the baseline of the primary metric"),
    ],
)
def test_what_it_cannot_work_out_yet_is_a_sentence(client_of, alice, url, figures, sentence):
    assert sentence in ask(client_of(alice), url, metrics=[METRIC_ROWS[0] | figures])


@pytest.mark.parametrize(
    "figures",
    [
        {"baseline": "1e300", "smallest_effect": "1e300", "kind": "mean", "baseline_sd": "1e300"},
        {"baseline": "1e-300", "smallest_effect": "1e-9"},
        {"baseline": "10", "smallest_effect": "0.0000001"},
        {"baseline": "-5", "smallest_effect": "10", "kind": "mean", "baseline_sd": "3"},
    ],
)
def test_wild_figures_break_nothing(client_of, alice, url, figures):
    ask(client_of(alice), url, metrics=[METRIC_ROWS[0] | figures])


def test_an_empty_form_breaks_nothing(client_of, alice, url):
    assert client_of(alice).post(url, {}, headers=PART).status_code == 200


def test_without_javascript_it_is_a_page(client_of, alice, url):
    page = client_of(alice).post(url, plan_data()).content.decode()
    assert "<html" in page
    assert "14,751" in page


def test_it_is_for_people_of_the_pod_and_for_posts(client_of, vera, charlie, url):
    assert client_of(vera).post(url, plan_data()).status_code == 200
    assert client_of(charlie).post(url, plan_data()).status_code == 404
    assert client_of(vera).get(url).status_code == 405


def test_the_dates_offered_become_as_long_as_it_takes(client_of, alice, url):
    """Twice: they stayed at four weeks beside “6 weeks”, until a button was pressed."""
    part = ask(client_of(alice), url, units_per_week="5000")
    assert "In 6 weeks" in part
    offers = part.partition('id="dates-offered"')[2]
    assert 'hx-swap-oob="true"' in offers.partition(">")[0]
    assert re.findall(r'value="dates-\S+-(\d+)"', offers) == ["6", "6", "6"]


def test_a_plan_that_is_changed_is_offered_no_dates(client_of, alice, url, pod):
    Idea.objects.update(state=Idea.State.PROMOTED)
    assert "dates-offered" not in ask(client_of(alice), url)

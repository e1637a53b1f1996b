"""The quarter on a timeline, and as a list for phones and readers."""

import datetime as dt

import pytest
from django.urls import reverse

from backlog.models import Quarter
from tests.factories import launched, make_experiment


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
    assert f'<a class="tbar running" href="{running.get_absolute_url()}"' in page
    assert 'data-d="28"' in page
    assert "day 8 of 28" in page


def test_the_same_stands_as_a_list(client_of, bob, running, url):
    page = page_of(client_of(bob), url)
    assert f'<a class="crow" href="{running.get_absolute_url()}">' in page


def test_what_has_no_dates_waits_beside_it(client_of, alice, vera, pod, quarter, url):
    made = make_experiment(alice, pod, objective=None, analyst=alice, starts_on=None, ends_on=None)
    dates = reverse("experiments:experiment_dates", args=[made.pk])
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


def test_it_asks_the_database_little(client_of, bob, running, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)

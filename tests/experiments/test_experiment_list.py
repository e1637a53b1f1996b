"""What runs, what is planned, what was decided, what was cancelled."""

import pytest
from django.urls import reverse

from experiments.flows.moves import move_experiment
from tests.factories import launched, make_experiment


@pytest.fixture
def url():
    return reverse("experiments:experiment_list")


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


def shows(client, url, experiment):
    return experiment.title in client.get(url).content.decode()


def test_each_stands_under_its_tab(client_of, alice, bob, draft, url):
    client = client_of(bob)
    assert shows(client, f"{url}?show=planned", draft)
    assert not shows(client, url, draft)
    launched(draft, alice)
    assert shows(client, url, draft)
    move_experiment(draft, "cancel", by=alice)
    assert shows(client, f"{url}?show=cancelled", draft)
    assert not shows(client, f"{url}?show=decided", draft)


def test_an_unknown_tab_is_the_first(client_of, bob, url):
    assert client_of(bob).get(f"{url}?show=everything").status_code == 200


def test_another_pods_experiments_are_not_listed(client_of, charlie, draft, url):
    assert not shows(client_of(charlie), f"{url}?show=planned", draft)


def test_empty_it_teaches(client_of, bob, url):
    assert (
        "An experiment tests an idea against a control." in client_of(bob).get(url).content.decode()
    )


def test_it_asks_the_database_little(client_of, bob, draft, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(f"{url}?show=planned")


def test_the_metrics_of_ones_pods_are_listed(client_of, bob, charlie, draft):
    url = reverse("experiments:metric_list")
    assert "Reactivated" in client_of(bob).get(url).content.decode()
    assert "Reactivated" not in client_of(charlie).get(url).content.decode()


def test_a_pod_that_one_has_left_narrows_the_list_no_longer(client_of, bob, draft, other_pod, url):
    client = client_of(bob)
    session = client.session
    session["pod"] = other_pod.pk
    session.save()
    assert shows(client, f"{url}?show=planned", draft)

"""The recommendation beside the choices; judge and author are kept apart."""

import pytest
from django.urls import reverse

from experiments.models import Decision
from tests.factories import analysed, launched, make_experiment


@pytest.fixture
def read(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(made, bob)
    return made


@pytest.fixture
def url(read):
    return reverse("experiments:experiment_decide", args=[read.pk])


def test_somebody_else_decides_and_it_stands_as_text(client_of, bob, read, url):
    client = client_of(bob)
    page = client.get(url).content.decode()
    assert "the rule says so" in page
    assert 'name="waiver"' not in page
    response = client.post(url, {"choice": "ship", "seen": "running"})
    assert response.url == reverse("experiments:postmortem_detail", args=[read.pk])
    made = Decision.objects.get()
    assert (made.choice, made.outcome, made.by, made.waiver) == ("ship", "won", bob, "")
    page = client.get(url).content.decode()
    assert "Bob decided on" in page
    assert "It is what the sealed rule said." in page
    assert 'name="choice"' not in page


def test_the_author_is_refused_without_a_waiver_beside_the_field(client_of, alice, read, url):
    client = client_of(alice)
    response = client.post(url, {"choice": "ship", "seen": "running"})
    assert response.status_code == 422
    assert "You wrote this, so somebody else decides." in str(
        response.context["form"]["waiver"].errors
    )
    assert not Decision.objects.exists()
    client.post(url, {"choice": "ship", "seen": "running", "waiver": "Everybody else is ill"})
    assert Decision.objects.get().waiver == "Everybody else is ill"
    assert "The author decided: Everybody else is ill" in client.get(url).content.decode()


def test_a_departure_from_the_rule_needs_a_reason(client_of, bob, read, url):
    client = client_of(bob)
    response = client.post(url, {"choice": "stop", "seen": "running"})
    assert response.status_code == 422
    assert "The sealed rule says “ship”. Say why" in str(response.context["form"]["reason"].errors)
    assert not Decision.objects.exists()
    client.post(url, {"choice": "stop", "seen": "running", "reason": "Legal said no"})
    assert "It departs from the sealed rule, which said “ship”." in client.get(url).content.decode()


def test_choosing_nothing_is_said(client_of, bob, url):
    response = client_of(bob).post(url, {"seen": "running"})
    assert response.status_code == 422
    assert "Choose what you decide." in response.content.decode()


def test_the_second_to_decide_is_told(client_of, bob, carol, read, url):
    client_of(bob).post(url, {"choice": "ship", "seen": "running"})
    response = client_of(carol).post(url, {"choice": "ship", "seen": "running"})
    assert response.status_code == 422
    assert "Somebody was quicker: it is decided now." in response.content.decode()
    assert Decision.objects.get().by == bob


def test_without_a_result_there_is_nothing_to_decide(client_of, alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    url = reverse("experiments:experiment_decide", args=[made.pk])
    assert "Nothing to decide on yet" in client_of(bob).get(url).content.decode()
    response = client_of(bob).post(url, {"choice": "ship"})
    assert response.status_code == 422
    assert "Bring in the data first" in response.content.decode()


def test_viewers_see_no_form_and_outsiders_nothing(client_of, vera, charlie, url):
    assert 'name="choice"' not in client_of(vera).get(url).content.decode()
    assert client_of(vera).post(url, {"choice": "ship"}).status_code == 403
    assert client_of(charlie).post(url, {"choice": "ship"}).status_code == 404

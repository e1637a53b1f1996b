"""Moves by hand: a page that asks, a POST that makes them, and what the second person is told."""

import pytest
from django.urls import reverse

from backlog.models import Event
from tests.factories import analysed, launched, make_experiment


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


def url_of(experiment, name):
    return reverse("experiments:experiment_move", args=[experiment.pk, name])


def test_a_get_asks_and_changes_nothing(client_of, alice, draft):
    page = client_of(alice).get(url_of(draft, "cancel")).content.decode()
    assert "Its idea is open again and can be promoted again." in page
    assert 'name="seen" value="draft"' in page
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_planning_and_launching_seal_the_plan(client_of, alice, draft):
    client = client_of(alice)
    client.post(url_of(draft, "plan"), {"seen": "draft"})
    response = client.post(url_of(draft, "launch"), {"seen": "planned"})
    assert response.url == draft.get_absolute_url()
    draft.refresh_from_db()
    assert (draft.state, len(draft.fingerprint)) == ("running", 64)


def test_the_second_person_is_told_what_happened(client_of, alice, olive, draft):
    client_of(alice).post(url_of(draft, "plan"), {"seen": "draft"})
    response = client_of(olive).post(url_of(draft, "cancel"), {"seen": "draft"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Somebody was quicker: it is planned now." in page
    assert "Alice marked it as planned." in page
    draft.refresh_from_db()
    assert draft.state == "planned"


def test_launching_what_is_not_ready_lists_what_is_missing(client_of, alice, pod):
    bare = make_experiment(alice, pod, objective=None, analyst=alice)
    client = client_of(alice)
    client.post(url_of(bare, "plan"))
    page = client.get(url_of(bare, "launch")).content.decode()
    assert "Choose the objective that it serves." in page
    assert "Launch and seal the plan" not in page
    assert client.post(url_of(bare, "launch")).status_code == 409


def test_a_reason_for_cancelling_stands_in_the_activity(client_of, alice, draft):
    client = client_of(alice)
    client.post(url_of(draft, "cancel"), {"seen": "draft", "reason": "The app moved"})
    assert "Alice cancelled it: The app moved" in str(Event.objects.about(draft).first())
    activity = reverse("experiments:experiment_activity", args=[draft.pk])
    assert "The app moved" in client.get(activity).content.decode()
    draft.idea.refresh_from_db()
    assert draft.idea.state == "open"


def test_concluding_needs_data(client_of, alice, bob, draft):
    launched(draft, alice)
    client = client_of(bob)
    assert client.post(url_of(draft, "conclude")).status_code == 409
    analysed(draft, bob)
    assert client.post(url_of(draft, "conclude")).status_code == 302


@pytest.mark.parametrize("name", ["decide", "close", "explode"])
def test_moves_that_have_pages_of_their_own_are_not_made_here(client_of, alice, draft, name):
    assert client_of(alice).post(url_of(draft, name)).status_code == 404


def test_members_may_not_launch_viewers_not_plan_and_outsiders_find_nothing(
    client_of, bob, vera, charlie, draft
):
    for person, name, status in (
        (bob, "launch", 403), (bob, "cancel", 403), (vera, "plan", 403), (charlie, "plan", 404),
    ):  # fmt: skip
        assert client_of(person).get(url_of(draft, name)).status_code == status
        assert client_of(person).post(url_of(draft, name)).status_code == status

"""Put an idea away, and take it out again."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_idea


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod)


def url(idea, name):
    return reverse("backlog:idea_move", args=[idea.pk, name])


def test_a_lead_snoozes_rejects_and_reopens_it(client_of, alice, idea):
    client, later = client_of(alice), timezone.localdate() + dt.timedelta(days=9)
    for name, data, state in (
        ("snooze", {"snoozed_until": later.isoformat()}, "snoozed"),
        ("reopen", {}, "open"),
        ("reject", {"reason": "Tried twice."}, "rejected"),
    ):
        assert client.get(url(idea, name)).status_code == 200
        assert client.post(url(idea, name), data).url == idea.get_absolute_url()
        idea.refresh_from_db()
        assert idea.state == state
    assert "Rejected: Tried twice." in client.get(idea.get_absolute_url()).content.decode()


def test_a_duplicate_is_named_by_its_key(client_of, alice, idea, pod):
    other = make_idea(alice, pod, "The same in green")
    response = client_of(alice).post(
        url(other, "mark_duplicate"), {"duplicate_of": idea.key.lower()}
    )
    assert response.status_code == 302
    other.refresh_from_db()
    assert other.duplicate_of == idea


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("reject", {"reason": " "}, "Say why it is rejected. Its author will read this."),
        ("snooze", {"snoozed_until": ""}, "Choose the day on which it comes back."),
        ("snooze", {"snoozed_until": "2020-01-01"}, "Choose a day in the future."),
        ("mark_duplicate", {"duplicate_of": "LIF-99"}, "There is no idea LIF-99"),
        ("mark_duplicate", {"duplicate_of": "LIF-1"}, "be a duplicate of itself."),
        ("reopen", {}, "only works while it is"),
    ],
)
def test_what_a_rule_refuses_is_said_in_the_form(client_of, alice, idea, name, data, sentence):
    response = client_of(alice).post(url(idea, name), data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    idea.refresh_from_db()
    assert idea.state == "open"


def test_who_saw_an_older_state_is_told_who_was_quicker(client_of, alice, idea):
    client = client_of(alice)
    client.post(url(idea, "reject"), {"reason": "Tried twice.", "seen": "open"})
    later = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
    response = client.post(url(idea, "snooze"), {"snoozed_until": later, "seen": "open"})
    assert response.status_code == 422
    assert "Somebody was quicker: it is rejected now." in response.content.decode()


def test_members_may_not_and_moves_of_rounds_are_not_here(client_of, bob, charlie, alice, idea):
    for person, name, status in (
        (bob, "reject", 403),
        (charlie, "reject", 404),
        (alice, "promote", 404),
        (alice, "end_scoring", 404),
    ):
        assert client_of(person).post(url(idea, name), {"reason": "x"}).status_code == status


def test_it_asks_the_database_little(client_of, alice, idea, django_assert_max_num_queries):
    client = client_of(alice)
    with django_assert_max_num_queries(9):
        client.get(url(idea, "reject"))

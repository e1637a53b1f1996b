"""What a lead does with scores: reveal, ask once more, close."""

import pytest
from django.urls import reverse

from tests.factories import item_of, make_idea, make_round, score


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod)


@pytest.fixture
def item(alice, bob, carol, pod, idea):
    return item_of(make_round(alice, pod, idea), idea)


def step(name, item):
    return reverse(f"backlog:{name}", args=[item.round_id, item.pk])


def test_a_lead_reveals_asks_once_more_and_closes(client_of, alice, bob, item, idea):
    client = client_of(alice)
    for name, stage in (
        ("round_reveal", "revealed"), ("round_ask_again", "revote"), ("round_reveal", "settled"),
    ):  # fmt: skip
        if name == "round_reveal":
            item.refresh_from_db()
            score(item, bob)
        assert client.post(step(name, item)).url == step("round_score", item)
        item.refresh_from_db()
        assert item.stage == stage
    client.post(reverse("backlog:round_close", args=[item.round_id]))
    item.round.refresh_from_db()
    assert item.round.state == "closed"


def test_with_nothing_to_reveal_it_says_so(client_of, alice, item):
    response = client_of(alice).post(step("round_reveal", item))
    assert response.status_code == 409
    assert "there is nothing to reveal" in response.content.decode()


def test_a_round_with_hidden_scores_is_not_closed(client_of, alice, bob, item, idea):
    score(item, bob)
    response = client_of(alice).post(reverse("backlog:round_close", args=[item.round_id]))
    assert response.status_code == 409
    assert f"{idea.key} has scores that are not revealed" in response.content.decode()


@pytest.mark.parametrize("name", ["round_reveal", "round_ask_again"])
def test_others_may_not(client_of, bob, vera, charlie, item, name):
    score(item, bob)
    for person, status in ((bob, 403), (vera, 403), (charlie, 404)):
        assert client_of(person).post(step(name, item)).status_code == status
    item.refresh_from_db()
    assert item.stage == "blind"


def test_others_may_not_close(client_of, bob, charlie, item):
    url = reverse("backlog:round_close", args=[item.round_id])
    assert client_of(bob).post(url).status_code == 403
    assert client_of(charlie).post(url).status_code == 404


def test_a_link_alone_changes_nothing(client_of, alice, item):
    assert client_of(alice).get(step("round_reveal", item)).status_code == 405

"""The agenda of a round, as it comes along."""

import pytest
from django.urls import reverse

from tests.factories import item_of, make_idea, make_round, score

PART = {"HX-Request": "true", "HX-Target": "round-agenda"}


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod)


@pytest.fixture
def round_(alice, bob, carol, pod, idea):
    return make_round(alice, pod, idea)


def test_it_shows_how_many_have_scored_and_what_waits_for_me(client_of, bob, carol, round_, idea):
    url, item = round_.get_absolute_url(), item_of(round_, idea)
    score(item, bob, 9, 9, 9)
    mine, other = (client_of(person).get(url).content.decode() for person in (bob, carol))
    assert "1 of 2" in mine
    assert "1 of 2" in other
    assert "<b>to score</b>" in other
    assert "<b>to score</b>" not in mine
    assert "9.0" not in mine + other


def test_the_part_is_not_sent_again_while_nothing_changes(client_of, bob, carol, round_, idea):
    client, url = client_of(carol), round_.get_absolute_url()
    first = client.get(url, headers=PART)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(url, headers=PART | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    score(item_of(round_, idea), bob)
    assert (
        client.get(url, headers=PART | {"If-None-Match": first.headers["ETag"]}).status_code == 200
    )


def test_a_viewer_looks_on_and_an_outsider_finds_nothing(client_of, vera, charlie, round_):
    page = client_of(vera).get(round_.get_absolute_url())
    assert page.status_code == 200
    assert reverse("backlog:round_close", args=[round_.pk]) not in page.content.decode()
    assert client_of(charlie).get(round_.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("ideas", [1, 8])
def test_it_asks_the_database_the_same_however_many_ideas(
    client_of, alice, bob, pod, ideas, django_assert_max_num_queries
):
    made = [make_idea(alice, pod, f"Idea {number}") for number in range(ideas)]
    url = make_round(alice, pod, *made).get_absolute_url()
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)

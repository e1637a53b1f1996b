"""Go anywhere: ideas, experiments and learnings, and nothing of other pods."""

import pytest
from django.urls import reverse

from tests.factories import make_experiment, make_idea


@pytest.fixture
def url():
    return reverse("experiments:search")


@pytest.fixture
def findable(alice, pod):
    make_idea(alice, pod, "Quiz in the welcome mail")
    return make_experiment(alice, pod, objective=None, analyst=alice, title="Quiz at breakfast")


def page_of(client, url):
    return client.get(url).content.decode()


def test_it_finds_by_words_and_by_key(client_of, bob, findable, url):
    page = page_of(client_of(bob), f"{url}?q=quiz")
    assert "Quiz in the welcome mail" in page
    assert "Quiz at breakfast" in page
    assert "Quiz at breakfast" in page_of(client_of(bob), f"{url}?q=exp-001")
    assert "Quiz in the welcome mail" in page_of(client_of(bob), f"{url}?q=LIF-1")


def test_nothing_of_other_pods_is_found(client_of, charlie, findable, url):
    page = page_of(client_of(charlie), f"{url}?q=quiz")
    assert "Quiz at breakfast" not in page
    assert "Quiz in the welcome mail" not in page
    assert "Nothing found" in page


@pytest.mark.parametrize("words", ["", "   ", "'", "%", "EXP-", "EXP-99999999999999999999", "<b>"])
def test_odd_words_break_nothing(client_of, bob, findable, url, words):
    response = client_of(bob).get(url, {"q": words})
    assert response.status_code == 200
    assert "<b>" not in response.content.decode().split("</head>")[1].split("Search</h1>")[1][:80]


def test_it_asks_the_database_little(client_of, bob, findable, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(f"{url}?q=quiz")

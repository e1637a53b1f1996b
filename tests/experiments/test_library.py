"""What was learned: found by words, lever and outcome, readable by everybody once published."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.flows import writing_up, writing_up_after
from experiments.flows.deciding import decide
from tests.factories import analysed, launched, make_experiment


@pytest.fixture
def url():
    return reverse("experiments:library")


@pytest.fixture
def written(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    type(made.idea).objects.filter(pk=made.idea_id).update(lever="Subject line")
    analysed(made, bob)
    decide(made, by=bob, choice="ship")
    draft = writing_up.start_post_mortem(made, by=bob)
    writing_up.edit_post_mortem(draft, by=bob, surprises="It held.")
    writing_up.add_learning(
        draft, by=bob, claim="Names bring readers back", scope="Lapsed readers", grade=2,
        expires_on=timezone.localdate() + dt.timedelta(days=90),
    )  # fmt: skip
    return draft


@pytest.fixture
def published(written, alice, bob):
    writing_up_after.mark_read(written, by=alice)
    return writing_up.publish(written, by=bob)


def page_of(client, url):
    return client.get(url).content.decode()


def test_everybody_finds_a_published_learning(client_of, charlie, published, url):
    page = page_of(client_of(charlie), url)
    assert "Names bring readers back" in page
    assert published.get_absolute_url() in page


def test_a_draft_is_in_no_library(client_of, bob, written, url):
    assert "Names bring readers back" not in page_of(client_of(bob), url)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=names+readers", True), ("q=weather", False), ("lever=Subject+line", True),
        ("lever=Price", False), ("outcome=won", True), ("outcome=lost", False), ("q=%25", False),
    ],
)  # fmt: skip
def test_words_lever_and_outcome_narrow_it(client_of, charlie, published, url, query, is_found):
    page = page_of(client_of(charlie), f"{url}?{query}")
    assert ("Names bring readers back" in page) is is_found
    assert ("Clear" in page) is True


def test_empty_it_teaches(client_of, bob, url):
    page = page_of(client_of(bob), url)
    assert "A learning is one claim with its scope and expiry." in page


def test_it_asks_the_database_little(client_of, bob, published, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)

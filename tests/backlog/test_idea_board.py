"""The board by status and the map of Impact × Ease."""

import pytest
from django.urls import reverse

from backlog.idea_map import LABELLED, Dot, field_of, marks_of
from backlog.models import Idea
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score

BOARD, MAP = reverse("backlog:idea_board"), reverse("backlog:idea_map")


@pytest.fixture
def world(alice, bob, carol, pod):
    scores = {bob: (7, 6, 8), carol: (8, 6, 8)}
    shown = make_scored_idea(alice, pod, scores, title="Seen by all")
    hidden = make_scored_idea(alice, pod, scores, title="Scored again")
    score(item_of(make_round(alice, pod, hidden), hidden), bob, 2, 3, 4)
    make_idea(alice, pod, "Fresh")
    return {"shown": shown, "hidden": hidden}


def lane(page, name):
    return page.content.decode().partition(f'data-lane="{name}"')[2].partition("</section>")[0]


def test_each_idea_stands_in_the_column_of_its_status(client_of, vera, world):
    page = client_of(vera).get(BOARD)
    assert "Fresh" in lane(page, "new")
    assert "Seen by all" in lane(page, "scored")
    assert "1 of 2 have scored" in lane(page, "in_round")


def test_the_board_takes_the_filters_of_the_table(client_of, vera, world):
    page = client_of(vera).get(BOARD, {"q": "fresh"}).content.decode()
    assert "Fresh" in page
    assert "Seen by all" not in page


def test_the_map_draws_what_is_revealed_and_a_table_behind_it(client_of, vera, world):
    page = client_of(vera).get(MAP).content.decode()
    assert page.count('<circle class="bub') == 1 + 3  # the idea, and the three sizes of the key
    assert "Seen by all: Impact 7.5, Ease 8.0, Confidence 6.0" in page
    assert "Scored again" not in page


def test_a_click_on_a_dot_opens_it_beside_the_map(client_of, vera, world):
    page = client_of(vera).get(MAP, {"idea": world["shown"].pk}).content.decode()
    assert world["shown"].get_absolute_url() in page
    assert "bub sel" in page


def test_a_map_without_dots_says_what_would_stand_here(client_of, vera, pod):
    assert "Nothing to show yet" in client_of(vera).get(MAP).content.decode()


def test_they_ask_the_database_twelve_times_at_most(
    client_of, alice, bob, world, django_assert_max_num_queries
):
    client = client_of(alice)
    for address in (BOARD, MAP):
        with django_assert_max_num_queries(12):
            client.get(address)


def test_an_outsider_sees_none_of_it(client_of, charlie, world):
    for address in (BOARD, MAP):
        page = client_of(charlie).get(address, {"idea": world["shown"].pk}).content.decode()
        assert not any(idea.title in page for idea in Idea.objects.all())


def test_labels_never_lie_on_a_dot_or_on_each_other():
    dots = [Dot(n, f"Idea {n}", 4 + n % 7 * 0.9, 5, 4 + n % 5 * 1.2) for n in range(60)]
    marks = marks_of(dots, field_of(dots))
    assert len(marks) == 60
    labelled = [mark for mark in marks if mark.label]
    assert 0 < len(labelled) <= LABELLED
    places = {(mark.x, mark.y + mark.dy, mark.dx) for mark in labelled}
    assert len(places) == len(labelled)

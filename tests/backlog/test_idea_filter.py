"""The page with everything that the backlog can be narrowed by."""

import datetime as dt
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, Objective, Quarter
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score

URL = reverse("backlog:idea_filter")


def test_it_offers_the_words_of_ideas_that_i_can_see(client_of, alice, charlie, pod, other_pod):
    make_idea(alice, pod, lever="Timing", tags=["lapsed"])
    make_idea(charlie, other_pod, lever="Price", tags=["secret"])
    page = client_of(alice).get(URL, {"lever": "Timing"}).content.decode()
    assert "<option selected>Timing</option>" in page
    assert "lapsed" in page
    assert "Price" not in page
    assert "secret" not in page


def test_it_asks_the_database_little(client_of, alice, pod, django_assert_max_num_queries):
    make_idea(alice, pod)
    client = client_of(alice)
    with django_assert_max_num_queries(12):
        assert client.get(URL).status_code == 200


def titles(client, **query):
    page = client.get(reverse("backlog:idea_list"), query).content.decode()
    return {title for title in ("Old", "Young", "Split", "Blind") if f">{title}</a>" in page}


@pytest.fixture
def ideas(alice, bob, carol, dave, pod):
    old = make_idea(alice, pod, "Old")
    long_ago = timezone.now() - dt.timedelta(days=100)
    Idea.objects.filter(pk=old.pk).update(created_at=long_ago, updated_at=long_ago)
    make_idea(bob, pod, "Young")
    make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (1, 1, 1)}, title="Split")
    blind = make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (9, 9, 9)}, title="Blind")
    score(item_of(make_round(alice, pod, blind), blind), carol, 10, 10, 10)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"younger": 30}, {"Young", "Split", "Blind"}),
        ({"older": 30}, {"Old"}),
        ({"untouched": 90}, {"Old"}),
        ({"agreement": "split"}, {"Split"}),
        ({"ice_least": 4}, {"Split"}),  # what is blind has no score to be found by
        ({"scorers_most": 1}, {"Old", "Young", "Blind"}),
        ({"author": "bob"}, {"Young"}),
        ({"mine": "on"}, {"Blind"}),
        ({"younger": "soon"}, {"Old", "Young", "Split", "Blind"}),
        ({"younger": "-5"}, {"Old", "Young", "Split", "Blind"}),
        ({"older": "9" * 30}, {"Old", "Young", "Split", "Blind"}),
    ],
)
def test_it_narrows_by_age_agreement_scorers_author_and_what_waits_for_me(
    client_of, dave, bob, ideas, query, expected
):
    query = {name: bob.pk if value == "bob" else value for name, value in query.items()}
    assert titles(client_of(dave), **query) == expected


def test_namesakes_among_objectives_have_a_heading_each(client_of, alice, vera, pod, objective):
    later = Quarter.objects.create(
        name="The next one", starts_on=objective.quarter.ends_on,
        ends_on=objective.quarter.ends_on + dt.timedelta(days=90),
    )  # fmt: skip
    again = Objective.objects.create(quarter=later, title=objective.title)
    for goal in (objective, again, objective, again):
        make_idea(alice, pod, objective=goal)
    page = client_of(vera).get(reverse("backlog:idea_list"), {"group": "objective"})
    heads = re.findall(r'scope="rowgroup">([^<]+)<', page.content.decode())
    assert heads == [f"{goal} · {goal.quarter}" for goal in (objective, again)]


def test_ideas_are_grouped_and_the_next_page_does_not_repeat_the_heading(
    client_of, alice, charlie, olive, pod, other_pod
):
    for number in range(60):
        make_idea(alice, pod, f"Ours {number}", lever="timing" if number % 2 else "")
    make_idea(charlie, other_pod, "Theirs")
    client = client_of(olive)
    for group, heads in (("pod", ["Lifecycle"]), ("lever", ["Timing", "No lever"]),
                         ("objective", ["No objective"])):  # fmt: skip
        page = client.get(reverse("backlog:idea_list"), {"group": group}).content.decode()
        assert re.findall(r'scope="rowgroup">([^<]+)<', page) == heads
    more = re.search(r'hx-get="([^"]+)"[^>]+hx-target="#more-ideas"',
                     client.get(reverse("backlog:idea_list"), {"group": "pod"}).content.decode())  # fmt: skip
    part = {"HX-Request": "true", "HX-Target": "more-ideas"}
    rest = client.get(unescape(more[1]), headers=part).content.decode()
    assert re.findall(r'scope="rowgroup">([^<]+)<', rest) == ["Paywall"]
    assert rest.count("data-row-link") == 11
    assert "<table" not in rest

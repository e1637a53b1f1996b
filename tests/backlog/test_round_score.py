"""The scoring card: three scores, blind until the reveal."""

import re

import pytest
from django.urls import reverse

from backlog.flows import scoring
from backlog.models import Score
from backlog.views.progress import agenda_of
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score

PROGRESS = {"HX-Request": "true", "HX-Target": "round-progress"}
SCORES = {"impact": 7, "confidence": 4, "ease": 8}


@pytest.fixture
def ideas(alice, pod):
    return [make_idea(alice, pod, title) for title in ("First", "Second", "Third")]


@pytest.fixture
def round_(alice, bob, carol, pod, ideas):
    return make_round(alice, pod, *ideas)


@pytest.fixture
def item(round_, ideas):
    return item_of(round_, ideas[0])


def url(item):
    return reverse("backlog:round_score", args=[item.round_id, item.pk])


def test_the_rubric_stands_under_each_scale(client_of, bob, item):
    page = client_of(bob).get(url(item)).content.decode()
    for words in ("7–8 · Large", "+3 to +6 %", "3–4 · One sign", "9–10 · A setting"):
        assert words in page
    assert page.count('type="radio"') == 30


def test_saving_goes_on_to_the_next_idea_and_stays_after_the_last(
    client_of, bob, round_, ideas, item
):
    client = client_of(bob)
    items = [item_of(round_, idea) for idea in ideas]
    in_my_order = [row.item for row in agenda_of(round_, bob) if row.item in items]
    item, second, third = in_my_order
    assert client.post(url(second), SCORES).url == url(third)
    assert client.post(url(third), {"skip": "1"}).url == url(item)
    response = client.post(url(item), SCORES)
    assert response.url == url(item)
    page = client.get(response.url).content.decode()
    assert "You have scored everything." in page
    assert re.search(r'name="impact" value="7" checked', page)
    assert Score.objects.get(round_idea=third).is_skipped


def test_a_score_may_be_changed_until_the_reveal(client_of, bob, item):
    client = client_of(bob)
    client.post(url(item), SCORES)
    client.post(url(item), SCORES | {"impact": 2})
    assert Score.objects.get(round_idea=item).impact == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"impact": 7, "confidence": 4}, "Also score Ease from 1 to 10, or skip the idea."),
        ({}, "Also score Impact, Confidence and Ease"),
        (SCORES | {"ease": 11}, "Enter a whole number from 1 to 10, not “11”."),
    ],
)
def test_an_incomplete_score_is_refused_and_kept(client_of, bob, item, data, sentence):
    response = client_of(bob).post(url(item), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    if data:
        assert re.search(r'name="impact" value="7" checked', page)
    assert not Score.objects.exists()


def test_the_page_of_another_is_the_same_whatever_i_scored(client_of, bob, carol, item):
    client, pages = client_of(carol), []
    for points in (1, 10):
        score(item, bob, points, points, points)
        pages.append(_without_token(client.get(url(item)).content.decode()))
    assert pages[0] == pages[1]
    assert "1 of 2" in pages[0]


def _without_token(page: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value="|data-token=")\w+', "", page)


def test_the_progress_is_the_same_for_everybody_and_not_sent_twice(
    client_of, alice, bob, carol, vera, item
):
    score(item, bob)
    parts = [client_of(person).get(url(item), headers=PROGRESS) for person in (alice, carol, vera)]
    bodies = {re.sub(rb"data-ours=\w+", b"", part.content) for part in parts}
    assert len(bodies) == 1
    assert "1 of 2" in parts[0].content.decode()
    unchanged = PROGRESS | {"If-None-Match": parts[1].headers["ETag"]}
    assert client_of(carol).get(url(item), headers=unchanged).status_code == 304


def test_who_waits_for_the_reveal_gets_the_page_when_it_comes(client_of, alice, bob, carol, item):
    score(item, bob)
    scoring.reveal(item, by=alice)
    response = client_of(carol).get(url(item), headers=PROGRESS)
    assert response.headers["HX-Redirect"] == url(item)


def test_revealed_it_shows_dots_and_asks_both_ends_alphabetically(
    client_of, alice, bob, carol, dave, item
):
    score(item, carol, 2, 5, 5)
    score(item, bob, 9, 5, 6)
    scoring.reveal(item, by=alice)
    page = client_of(bob).get(url(item)).content.decode()
    assert "2 to 9: we differ" in page
    assert "The highest and lowest scorers may have seen something" in page
    assert "On Impact: <b>Bob</b>, then <b>Carol</b>." in page
    assert page.index("<b>Bob</b>, then <b>Carol</b>")
    assert "5 to 6: close" in page


def test_after_the_reveal_no_score_is_taken(client_of, alice, bob, carol, item):
    score(item, bob)
    scoring.reveal(item, by=alice)
    response = client_of(carol).post(url(item), SCORES)
    assert response.status_code == 422
    assert not Score.objects.filter(scorer=carol).exists()


def test_the_re_vote_is_blind_again(client_of, alice, bob, carol, item):
    score(item, bob, 9, 9, 9)
    score(item, carol, 2, 2, 2)
    scoring.ask_again(scoring.reveal(item, by=alice), by=alice)
    page = client_of(carol).get(url(item)).content.decode()
    assert "0 of 2" in page
    assert "we differ" not in page
    client_of(bob).post(url(item), SCORES)
    assert "1 of 2" in client_of(carol).get(url(item)).content.decode()


def test_earlier_scores_step_back_while_the_idea_is_scored_again(client_of, alice, bob, carol, pod):
    idea = make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (2, 2, 2)})
    earlier = idea.round_ideas.get()
    make_round(alice, pod, idea, title="Again")
    page = client_of(bob).get(url(earlier)).content.decode()
    assert "is being scored again" in page
    assert "we differ" not in page


def test_who_may_not_score_is_told_why(client_of, alice, vera, charlie, item):
    assert "you can’t score it" in client_of(alice).get(url(item)).content.decode()
    assert client_of(alice).post(url(item), SCORES).status_code == 422
    assert "its members score" in client_of(vera).get(url(item)).content.decode()
    assert client_of(vera).post(url(item), SCORES).status_code == 403
    assert client_of(charlie).get(url(item)).status_code == 404
    assert not Score.objects.exists()


def test_only_a_lead_is_offered_the_reveal(client_of, alice, bob, item):
    reveal = reverse("backlog:round_reveal", args=[item.round_id, item.pk])
    assert reveal in client_of(alice).get(url(item)).content.decode()
    assert reveal not in client_of(bob).get(url(item)).content.decode()


def test_it_asks_the_database_little(
    client_of, alice, bob, carol, dave, olive, round_, ideas, item, django_assert_max_num_queries
):
    for person in (bob, olive):
        client = client_of(person)
        with django_assert_max_num_queries(12):
            client.get(url(item))
        client = client_of(person)
        with django_assert_max_num_queries(8):
            client.get(url(item), headers=PROGRESS)
    for idea in ideas:
        for person, points in ((bob, 2), (carol, 9), (dave, 5)):
            score(item_of(round_, idea), person, points, points, points)
        scoring.reveal(item_of(round_, idea), by=alice)
    for person in (alice, bob, olive):
        client = client_of(person)
        with django_assert_max_num_queries(12):
            client.get(url(item))
    scoring.ask_again(item_of(round_, ideas[0]), by=alice)
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url(item))


def test_a_compressed_part_is_not_sent_again_either(client_of, bob, carol, item):
    client = client_of(carol)
    headers = PROGRESS | {"Accept-Encoding": "gzip"}
    first = client.get(url(item), headers=headers)
    unchanged = headers | {"If-None-Match": first.headers["ETag"]}
    assert client.get(url(item), headers=unchanged).status_code == 304
    score(item, bob)
    assert client.get(url(item), headers=unchanged).status_code == 200

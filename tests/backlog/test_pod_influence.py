"""The HiPPO meter: over at least four people, and never a name to others."""

import pytest
from django.urls import reverse

from backlog.flows import scoring
from backlog.influence import Move, pull, rests_on
from backlog.models import Membership
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score


@pytest.fixture
def url(pod):
    return reverse("backlog:pod_influence", args=[pod.pk])


def revoted(author, lead, pod, first, second, number):
    idea = make_idea(author, pod, f"Idea {number}")
    round_ = make_round(lead, pod, idea)
    item = item_of(round_, idea)
    for person, impact in first.items():
        score(item, person, impact, 5, 5)
    scoring.reveal(item, by=lead)
    item.refresh_from_db()
    scoring.ask_again(item, by=lead, dimensions=["impact"])
    item.refresh_from_db()
    for person, impact in second.items():
        scoring.submit_score(item, by=person, impact=impact)
    scoring.reveal(item, by=lead)
    scoring.close_round(round_, by=lead)


def test_it_says_how_far_re_votes_went_toward_the_lead(
    client_of, alice, bob, carol, dave, olive, adam, pod, url
):
    Membership.objects.create(pod=pod, user=olive, role="member")
    movers = (bob, carol, dave, olive)
    for number in range(3):
        first = {alice: 9, **dict.fromkeys(movers, 3)}
        revoted(adam, alice, pod, first, dict.fromkeys(movers, 9), number)
    page = " ".join(client_of(bob).get(url).content.decode().split())
    assert "<b>100 %</b> of the way toward the lead’s first score" in page
    assert "12 re-votes by 4 people" in page


def test_fewer_than_four_people_say_nothing(client_of, alice, bob, carol, pod, url):
    make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (2, 2, 2)})
    page = client_of(bob).get(url).content.decode()
    assert "Not enough people yet" in page
    assert "2 of 4" in page


def test_an_idea_that_rests_on_one_score_is_told_without_a_name(
    client_of, alice, bob, carol, dave, olive, pod, url
):
    for number in range(10):
        people = (bob, carol, dave)
        make_scored_idea(alice, pod, dict.fromkeys(people, (6, 6, 6)), title=f"Calm {number}")
    second = make_idea(bob, pod, "Loved by the lead")
    round_ = make_round(alice, pod, second)
    item = item_of(round_, second)
    for person, value in ((alice, 10), (carol, 5), (dave, 5)):
        score(item, person, value, value, value)
    scoring.reveal(item, by=alice)
    page = client_of(carol).get(url).content.decode()
    assert f"The rank of {second.key} rests on one person’s score" in page
    assert "Alice" not in page.split("<main")[1]
    assert "Only you see this" not in page
    assert "Only you see this" in client_of(alice).get(url).content.decode()


def test_imported_scores_say_nothing_about_influence(client_of, alice, bob, carol, dave, pod, url):
    make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (2, 2, 2)})
    other = make_scored_idea(alice, pod, {dave: (8, 8, 8)}, title="From a sheet")
    assert "3 of 4" in client_of(bob).get(url).content.decode()
    type(other).objects.filter(pk=other.pk).update(has_imported_score=True)
    assert "2 of 4" in client_of(bob).get(url).content.decode()


def test_a_pull_needs_eight_moves_of_four_people():
    moves = [Move(idea, who, 3, 6, 5, 9, None) for idea in range(2) for who in range(4)]
    assert pull(moves, "lead").share == 0.5
    assert pull(moves, "speaker") is None
    assert pull([m for m in moves if m.person < 3] * 2, "lead") is None


def test_an_idea_rests_on_whom_alone_scored_a_dimension():
    rows = [(1, 1, 9, 9, 9), (1, 2, 9, 9, None), (2, 2, 5, 5, 5), (2, 3, 5, 5, 5)]
    assert rests_on(rows, top=1) == {1: {1}}

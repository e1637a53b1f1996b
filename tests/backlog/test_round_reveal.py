"""What a lead does with scores: reveal, ask once more, close."""

import pytest
from django.urls import reverse

from backlog.flows import scoring
from backlog.models import Idea, Round, RoundIdea, Rubric, Score
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
        assert client.post(step(name, item), {"sure": "1"}).url == step("round_score", item)
        item.refresh_from_db()
        assert item.stage == stage
    client.post(reverse("backlog:round_close", args=[item.round_id]))
    item.round.refresh_from_db()
    assert item.round.state == "closed"


def test_with_nothing_to_reveal_it_says_so(client_of, alice, item):
    response = client_of(alice).post(step("round_reveal", item))
    assert response.status_code == 409
    assert "there is nothing to reveal" in response.content.decode()


@pytest.mark.grooming("D5")
def test_a_reveal_before_everybody_has_scored_asks_first(client_of, alice, bob, carol, item):
    score(item, bob)
    client = client_of(alice)
    asking = client.post(step("round_reveal", item)).url
    assert asking == f"{step('round_score', item)}?early={item.pk}"
    page = client.get(asking).content.decode()
    assert "Only 1 of 2 have scored, and a reveal can’t be taken back." in page
    assert 'name="sure"' in page
    item.refresh_from_db()
    assert item.stage == "blind"
    score(item, carol)
    assert 'name="sure"' not in client.get(asking).content.decode()
    assert client.post(step("round_reveal", item)).url == step("round_score", item)
    item.refresh_from_db()
    assert item.stage == "revealed"


def test_members_are_not_asked_whether_to_reveal(client_of, bob, item):
    score(item, bob)
    page = client_of(bob).get(f"{step('round_score', item)}?early={item.pk}").content.decode()
    assert 'name="sure"' not in page


def close(item):
    return reverse("backlog:round_close", args=[item.round_id])


@pytest.mark.grooming("C2")
def test_the_end_asks_what_becomes_of_hidden_scores(client_of, alice, bob, item, idea):
    score(item, bob)
    client = client_of(alice)
    page = client.get(close(item)).content.decode()
    assert "1 of 2 have scored" in page
    response = client.post(close(item))
    assert response.status_code == 422
    assert "Choose what becomes of the scores" in response.content.decode()
    item.round.refresh_from_db()
    assert item.round.state == "open"


@pytest.mark.grooming("C2")
def test_what_can_be_revealed_is_revealed_at_the_end(client_of, alice, bob, item, idea):
    score(item, bob)
    client_of(alice).post(close(item), {"hidden": "reveal"})
    item.refresh_from_db()
    idea.refresh_from_db()
    assert (item.stage, item.round.state, idea.ice) == ("settled", "closed", 7.0)


@pytest.mark.grooming("C2")
def test_what_is_kept_stays_hidden_and_the_next_round_takes_it_along(
    client_of, alice, bob, carol, item, idea
):
    score(item, bob)
    client = client_of(alice)
    client.post(close(item), {"hidden": "keep"})
    item.refresh_from_db()
    idea.refresh_from_db()
    assert (item.stage, idea.ice, idea.state) == ("left", None, "open")
    assert not Score.objects.visible_to(carol).exists()
    page = client_of(carol).get(step("round_score", item)).content.decode()
    assert "were kept. They stay hidden" in page
    client.post(reverse("backlog:round_again", args=[item.round_id]))
    taken = Score.objects.get()
    assert taken.round_idea.round.title == "Grooming, left over"
    assert (taken.scorer, taken.impact) == (bob, 7)
    assert list(RoundIdea.objects.waiting_for(bob)) == []
    assert [one.idea for one in RoundIdea.objects.waiting_for(carol)] == [idea]


def test_scores_by_another_rubric_are_not_taken_along(alice, bob, pod, item, idea):
    score(item, bob)
    scoring.close_round(item.round, by=alice, hidden=scoring.KEEP)
    following = make_round(alice, pod, Idea.objects.get(pk=idea.pk))
    old = Rubric.objects.create(version=99)
    Round.objects.filter(pk=item.round_id).update(rubric=old)
    before = Round.objects.get(pk=item.round_id)
    assert scoring.take_along(before, following) == 0


def test_scores_kept_before_another_round_scored_the_idea_are_not_taken_along(
    alice, bob, carol, pod, item, idea
):
    score(item, bob)
    scoring.close_round(item.round, by=alice, hidden=scoring.KEEP)
    between = make_round(alice, pod, Idea.objects.get(pk=idea.pk)).round_ideas.get()
    score(between, carol)
    scoring.reveal(between, by=alice)
    scoring.close_round(between.round, by=alice)
    following = make_round(alice, pod, Idea.objects.get(pk=idea.pk))
    assert scoring.take_along(Round.objects.get(pk=item.round_id), following) == 0


def test_a_second_vote_with_scores_is_revealed_at_the_end(alice, bob, item, idea):
    score(item, bob)
    scoring.reveal(item, by=alice)
    scoring.ask_again(item, by=alice)
    score(item, bob, 4, 4, 4)
    scoring.close_round(item.round, by=alice, hidden=scoring.KEEP)
    idea.refresh_from_db()
    assert idea.ice == 4.0


def test_a_round_that_has_ended_leads_to_its_summary(client_of, alice, item):
    client = client_of(alice)
    client.post(close(item))
    response = client.get(close(item))
    assert response.status_code == 409
    assert reverse("backlog:round_summary", args=[item.round_id]) in response.content.decode()


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

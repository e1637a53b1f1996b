"""One idea: what it says, what is missing, its scores as far as they may be seen."""

import pytest
from django.urls import reverse

from backlog.flows import scoring
from tests.factories import (
    HYPOTHESIS,
    item_of,
    make_experiment,
    make_idea,
    make_round,
    make_scored_idea,
    score,
)


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, description="**Bold** words", tags=["lapsed"])


def test_blanks_of_the_hypothesis_lead_to_their_field(client_of, bob, idea):
    page = client_of(bob).get(idea.get_absolute_url()).content.decode()
    edit = reverse("backlog:idea_edit", args=[idea.pk])
    assert f'<a class="blank" href="{edit}#id_expected_effect">by how much?</a>' in page
    assert "<strong>Bold</strong>" in page
    assert "Still missing before it can be promoted" in page
    assert f'href="{edit}#id_objective"' in page


def test_a_viewer_reads_but_is_offered_no_step(client_of, vera, idea):
    page = client_of(vera).get(idea.get_absolute_url()).content.decode()
    assert "by how much?" in page
    for step in ("/edit/", "/move/", "/promote/"):
        assert step not in page


def test_an_outsider_finds_nothing(client_of, charlie, idea):
    assert client_of(charlie).get(idea.get_absolute_url()).status_code == 404


def test_while_blind_it_says_how_many_have_scored_and_shows_me_only_mine(
    client_of, alice, bob, carol, vera, idea, pod
):
    score(item_of(make_round(alice, pod, idea), idea), bob, 9, 8, 7)
    mine = client_of(bob).get(idea.get_absolute_url()).content.decode()
    assert "Your score: 9 · 8 · 7." in mine
    for person in (alice, carol, vera):
        page = client_of(person).get(idea.get_absolute_url()).content.decode()
        assert "1 of 2 have scored" in page
        assert "9 · 8 · 7" not in page
        assert "8.0" not in page


def test_revealed_it_shows_dots_spread_and_formula(client_of, alice, bob, carol, vera, pod):
    idea = make_scored_idea(alice, pod, {bob: (3, 5, 6), carol: (9, 5, 7)})
    page = client_of(vera).get(idea.get_absolute_url()).content.decode()
    assert "3 to 9: we differ" in page
    assert "all 5: close" in page
    assert "(6.0 + 5.0 + 6.5) ÷ 3" in page
    assert 'title="Bob, 3"' in page


def test_a_lead_is_led_to_promote_it_and_a_member_is_not(client_of, alice, bob, idea):
    promote = reverse("experiments:idea_promote", args=[idea.pk])
    assert promote in client_of(alice).get(idea.get_absolute_url()).content.decode()
    assert promote not in client_of(bob).get(idea.get_absolute_url()).content.decode()


def test_it_lists_its_experiments(client_of, alice, bob, pod, objective):
    experiment = make_experiment(alice, pod, objective=objective, analyst=bob)
    page = client_of(bob).get(experiment.idea.get_absolute_url()).content.decode()
    assert experiment.key in page
    assert reverse("experiments:experiment_detail", args=[experiment.pk]) in page


def test_a_second_vote_is_blind_while_the_first_stays_in_view(
    client_of, alice, bob, carol, idea, pod
):
    item = item_of(make_round(alice, pod, idea), idea)
    score(item, bob, 3, 3, 3)
    score(item, carol, 9, 9, 9)
    scoring.ask_again(scoring.reveal(item, by=alice), by=alice)
    score(item_of(item.round, idea), bob, 5, 5, 5)
    page = client_of(carol).get(idea.get_absolute_url()).content.decode()
    assert "Being scored again: hidden until the reveal" in page
    assert "1 of 2 have scored" in page
    assert "3 to 9: we differ" in page
    assert 'title="Bob, 5"' not in page


def test_it_asks_the_database_little(
    client_of, alice, bob, carol, dave, olive, pod, objective, django_assert_max_num_queries
):
    scores = {bob: (3, 5, 6), carol: (9, 5, 7), dave: (1, 2, 3)}
    values = {"objective": objective, "tags": ["lapsed", "series"], **HYPOTHESIS}
    idea = make_scored_idea(alice, pod, scores, **values)
    in_round = make_idea(alice, pod, "In a round", **values)
    round_ = make_round(alice, pod, idea, in_round, title="Again")
    for person in (alice, bob, olive):
        for one in (idea, in_round):
            client = client_of(person)
            with django_assert_max_num_queries(12):
                client.get(one.get_absolute_url())
    item = item_of(round_, idea)
    for person in scores:
        score(item, person, 4, 4, 4)
    scoring.reveal(item, by=alice)
    for step in (lambda: None, lambda: scoring.ask_again(item_of(round_, idea), by=alice)):
        step()
        for person in (alice, bob, olive):
            client = client_of(person)
            with django_assert_max_num_queries(12):
                client.get(idea.get_absolute_url())


@pytest.mark.grooming("E11")
def test_an_effect_without_a_unit_asks_for_it(client_of, alice, pod):
    bare = make_idea(alice, pod, "Bare", **HYPOTHESIS | {"expected_effect": "0.03"})
    whole = make_idea(alice, pod, "Whole", **HYPOTHESIS)
    client = client_of(alice)
    page = " ".join(client.get(bare.get_absolute_url()).content.decode().split())
    assert "by <b>0.03</b> <a" in page
    assert "% or points?" in page
    assert "% or points?" not in client.get(whole.get_absolute_url()).content.decode()

"""Today: what needs me, by lateness; what my pods run; and a plain word when nothing does."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog import agenda
from backlog.agenda import AgendaItem, RunningItem
from backlog.flows import scoring
from backlog.models import Round
from tests.factories import HYPOTHESIS, item_of, make_idea, make_round, score

URL = reverse("backlog:today")


@pytest.fixture
def handed_in(monkeypatch):
    """What another app hands in, for this test only."""
    monkeypatch.setattr(agenda, "providers", [])
    monkeypatch.setattr(agenda, "running_providers", [])
    return agenda


def test_it_says_so_when_nothing_needs_me(client_of, bob, handed_in):
    page = client_of(bob).get(URL).content.decode()
    assert "Nothing needs you. You are done for today." in page


def test_it_counts_the_ideas_that_wait_for_my_score_and_leads_to_the_first(
    client_of, alice, bob, pod, handed_in
):
    ideas = [make_idea(alice, pod, title) for title in ("One", "Two")]
    round_ = make_round(alice, pod, *ideas)
    page = client_of(bob).get(URL).content.decode()
    firsts = [
        reverse("backlog:round_score", args=[round_.pk, item_of(round_, idea).pk]) for idea in ideas
    ]
    assert "Score 2 ideas in Grooming" in page
    assert any(f'href="{first}"' in page for first in firsts)


@pytest.mark.grooming("B6")
def test_score_begins_with_the_first_idea_of_one_s_own_order(
    client_of, alice, bob, carol, dave, pod
):
    ideas = [make_idea(alice, pod, f"Idea {number}") for number in range(8)]
    round_ = make_round(alice, pod, *ideas)
    begins = set()
    for person in (bob, carol, dave):
        client = client_of(person)
        page = client.get(URL).content.decode()
        first = re.search(rf'href="(/scoring/{round_.pk}/ideas/[0-9]+/)"', page)[1]
        detail = client.get(round_.get_absolute_url()).content.decode()
        assert f'href="{first}" data-key="s"' in detail
        begins.add(first)
    assert len(begins) > 1


@pytest.mark.grooming("D6")
def test_a_round_after_its_deadline_is_not_being_scored_now(client_of, alice, bob, pod, handed_in):
    round_ = make_round(alice, pod, make_idea(alice, pod))
    assert "Scoring now" in client_of(bob).get(URL).content.decode()
    Round.objects.update(closes_at=timezone.now() - dt.timedelta(hours=1))
    assert "Scoring now" not in client_of(bob).get(URL).content.decode()
    rounds = client_of(bob).get(reverse("backlog:round_list")).content.decode()
    assert "Scored, to discuss" in rounds
    assert "the deadline has passed" in rounds
    assert "the deadline was" in client_of(bob).get(round_.get_absolute_url()).content.decode()


@pytest.mark.grooming("D6")
def test_a_round_that_is_all_revealed_waits_to_be_discussed(client_of, alice, bob, pod, handed_in):
    idea = make_idea(alice, pod)
    item = item_of(make_round(alice, pod, idea), idea)
    score(item, bob)
    scoring.reveal(item, by=alice)
    assert "Scoring now" not in client_of(bob).get(URL).content.decode()
    assert (
        "Scored, to discuss" in client_of(bob).get(reverse("backlog:round_list")).content.decode()
    )


def test_it_does_not_ask_the_author_or_somebody_outside(
    client_of, alice, bob, charlie, pod, handed_in
):
    make_round(alice, pod, make_idea(alice, pod))
    for person in (alice, charlie):
        assert "Score 1 idea" not in client_of(person).get(URL).content.decode()


def test_the_lead_is_told_once_everybody_has_scored(client_of, alice, bob, carol, pod, handed_in):
    idea = make_idea(alice, pod)
    item = item_of(make_round(alice, pod, idea), idea)
    score(item, bob)
    assert "Reveal the scores" not in client_of(alice).get(URL).content.decode()
    score(item, carol)
    assert f"Reveal the scores of {idea.key}" in client_of(alice).get(URL).content.decode()
    assert "Reveal the scores" not in client_of(bob).get(URL).content.decode()


def test_it_lists_my_ideas_that_lack_something(client_of, alice, bob, pod, objective, handed_in):
    make_idea(bob, pod, "Half an idea")
    make_idea(bob, pod, "A whole idea", objective=objective, **HYPOTHESIS)
    page = client_of(bob).get(URL).content.decode()
    assert "Half an idea" in page
    assert "Choose an objective. 5 more missing." in page
    assert "Fill in LIF-2" not in page
    assert "Fill in LIF-1" not in client_of(alice).get(URL).content.decode()


def test_what_other_apps_hand_in_stands_in_order_of_lateness(client_of, bob, handed_in):
    day = timezone.localdate()
    handed_in.register(
        lambda user: [
            AgendaItem(day + dt.timedelta(days=3), "Launch it", "A sentence.", "/x/", "Launch"),
            AgendaItem(day - dt.timedelta(days=2), "Decide it", "A sentence.", "/y/", "Decide"),
        ]
    )
    page = client_of(bob).get(URL).content.decode()
    assert page.index("Decide it") < page.index("Launch it")
    assert "2 days late" in page


def test_it_shows_what_my_pods_run(client_of, bob, handed_in):
    handed_in.register_running(
        lambda user: [RunningItem("Win-back", "/e/1/", "Lifecycle", "running", 11, 28)]
    )
    page = client_of(bob).get(URL).content.decode()
    assert "day 11 of 28" in page


def test_it_asks_the_database_little(
    client_of, alice, bob, olive, pod, quarter, handed_in, django_assert_max_num_queries
):
    for number in range(3):
        idea = make_idea(alice, pod, f"Idea {number}")
        make_idea(bob, pod, f"Half an idea {number}")
        score(item_of(make_round(alice, pod, idea, title=f"Round {number}"), idea), bob)
    for person in (alice, bob, olive):
        client = client_of(person)
        with django_assert_max_num_queries(9):  # three more are asked by the experiments
            client.get(URL)


def test_somebody_signed_out_is_led_to_sign_in(client, alice):
    assert client.get(URL).url == f"{reverse('account_login')}?next=/"

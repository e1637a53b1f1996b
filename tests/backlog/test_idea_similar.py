"""What is like an idea comes up while it is typed: ideas one may see, tests one may learn from."""

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows import resembling as flow
from experiments.flows import deciding, writing_up
from tests.factories import analysed, launched, make_experiment, make_idea

PAGE = reverse("backlog:idea_similar")


def shown(client, title, **headers) -> str:
    return client.get(PAGE, {"title": title}, headers=headers).content.decode()


@pytest.mark.parametrize(
    "typed",
    ["Name the series in the win-back subject", "name the serie", "Name teh series in the winback",
     "NAME THE SÉRIES", "In the subject line of the win-back, name the series"],
)  # fmt: skip
def test_a_title_that_says_nearly_the_same_is_shown(client_of, bob, alice, pod, typed):
    make_idea(alice, pod, "Name the series in the win-back subject line")
    make_idea(alice, pod, "Postcards to first-time givers")
    page = shown(client_of(bob), typed)
    assert "Name the series in the win-back subject line" in page
    assert "Postcards" not in page


def test_what_the_hypothesis_says_counts_too(client_of, bob, alice, pod):
    make_idea(alice, pod, "Win-back, second step", change="sending a text message on day ten")
    assert "second step" in shown(client_of(bob), "Send a text message on day ten")


@pytest.mark.parametrize("typed", ["", "Na", '"*"', "😀" * 50, "a\0b", "x" * 5000, "حملة"])
def test_a_few_letters_and_odd_signs_find_nothing(client_of, bob, alice, pod, typed):
    make_idea(alice, pod, "Name the series")
    assert "Name the series" not in shown(client_of(bob), typed)


def test_another_pod_s_ideas_stay_its_own(client_of, bob, charlie, other_pod):
    make_idea(charlie, other_pod, "Name the series")
    assert "PAY-1" not in shown(client_of(bob), "Name the series")
    assert "PAY-1" in shown(client_of(charlie), "Name the series")


def test_beside_the_field_stands_one_line(client_of, bob, alice, pod):
    make_idea(alice, pod, "Name the series")
    htmx = {"HX-Request": "true", "HX-Target": "similar-ideas"}
    part = shown(client_of(bob), "Name the seri", **htmx)
    assert part.strip().startswith('<div id="similar-ideas"')
    assert "Name the series" in part
    assert "<html" not in part


def test_a_test_shows_its_verdict_and_a_published_one_to_everybody(
    client_of, alice, bob, charlie, pod, objective
):
    test = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(test, bob)
    title = "Name the series"
    assert test.key in shown(client_of(bob), title)
    assert test.key not in shown(client_of(charlie), title)
    deciding.decide(test, by=bob, choice="ship")
    written = writing_up.start_post_mortem(test, by=bob)
    assert test.key not in shown(client_of(charlie), title)
    type(written).objects.filter(pk=written.pk).update(
        state="published", published_at=timezone.now()
    )
    page = shown(client_of(charlie), title)
    assert test.key in page
    assert "Won" in page
    assert "LIF-1" not in page


def test_the_commonest_letters_are_passed_over(alice, pod, bob, monkeypatch):
    """Of many ideas only so many are compared: those that share what is rare."""
    monkeypatch.setattr(flow, "CANDIDATES", 5)
    flow.forget()
    make_idea(alice, pod, "Remind readers of the zebra crossing")
    for number in range(12):
        make_idea(alice, pod, f"Remind readers of the trial {number}")
    similar = flow.resembling("Remind readers of a zebra crossing", user=bob)
    assert similar.ideas[0].key == "LIF-1"


def test_the_dialog_of_any_page_gets_the_line_for_itself(client_of, alice, pod, bob):
    make_idea(alice, pod, "Name the series in the subject line")
    headers = {"hx-request": "true", "hx-target": "similar-in-dialog"}
    page = shown(client_of(bob), "Name the series", **headers)
    assert page.strip().startswith('<div id="similar-in-dialog"')
    assert "Name the series in the subject line" in page
    assert 'hx-target="#similar-in-dialog"' in client_of(bob).get("/").content.decode()

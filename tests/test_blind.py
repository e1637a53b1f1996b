"""The blind is an invariant: hidden scores leave no trace in anything that anybody can read.

Two worlds that differ only in hidden scores answer byte for byte alike, over pages, parts, API,
history, search and every sort order. Each channel that could leak is also tried with a planted leak.
"""

import random
import re

import pytest
from django.urls import reverse

from backlog.flows import scoring
from backlog.models import Event, Idea, Score
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score

MASKED = re.compile(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ?")[^"]+')
HEADERS = ("ETag", "Last-Modified", "Link")


@pytest.fixture
def world(alice, bob, carol, dave, vera, olive, pod, objective):
    """An open round of two ideas with some hidden scores, one in its re-vote, one ranked idea."""
    ranked = make_scored_idea(alice, pod, {bob: (5, 5, 5), carol: (6, 6, 6)}, title="Ranked")
    hidden = [make_idea(alice, pod, title) for title in ("Hidden one", "Hidden two")]
    again = make_idea(alice, pod, "Scored again")
    round_ = make_round(alice, pod, *hidden, again)
    for idea in hidden:
        score(item_of(round_, idea), carol, 2, 3, 4)
        score(item_of(round_, idea), dave, 4, 3, 2)
    revote = item_of(round_, again)
    score(revote, carol, 1, 1, 1)
    score(revote, dave, 9, 9, 9)
    scoring.reveal(revote, by=alice)
    scoring.ask_again(revote, by=alice)
    score(revote, dave, 5, 5, 5)
    return {"round": round_, "hidden": hidden, "again": again, "ranked": ranked, "revote": revote}


def addresses(world) -> list[str]:
    """Everything that shows ideas, rounds or what was done to them."""
    ideas = [*world["hidden"], world["again"], world["ranked"]]
    items = world["round"].round_ideas.all()
    pages = [
        reverse("backlog:today"),
        reverse("backlog:round_list"),
        reverse("experiments:calendar"),
    ]
    pages += [f"{reverse('backlog:idea_list')}?sort={sort}" for sort in
              ("", "ice", "-ice", "title", "-title", "age", "-age", "status", "-status", "pod")]  # fmt: skip
    pages += [f"{reverse('backlog:idea_list')}?q=hidden", "/search/?q=hidden"]
    pages += [f"{reverse('backlog:idea_similar')}?title=Hidden+on"]
    pages += [reverse("backlog:idea_triage"), reverse("backlog:idea_groom")]
    pages += [reverse("backlog:round_detail", args=[world["round"].pk])]
    pages += [reverse(f"backlog:{name}", args=[idea.pk]) for idea in ideas
              for name in ("idea_detail", "idea_edit")]  # fmt: skip
    pages += [reverse("backlog:round_score", args=[world["round"].pk, item.pk]) for item in items]
    api = ["ideas/", "rounds/", "round-ideas/", f"rounds/{world['round'].pk}/"]
    api += [f"ideas/{idea.pk}/" for idea in ideas] + [f"round-ideas/{i.pk}/" for i in items]
    return pages + [f"/api/v1/{path}" for path in api]


def answers(client, paths) -> dict[str, tuple]:
    """Status, telling headers and body of each address, without what is masked by chance."""
    found = {}
    for path in paths:
        answer = client.get(path)
        headers = tuple(answer.headers.get(name) for name in HEADERS)
        found[path] = (answer.status_code, headers, MASKED.sub(rb"\1", answer.content))
    return found


def hidden_scores(world):
    """Scores that nobody but their giver may see: blind ones, and second votes of the re-vote."""
    items = [item_of(world["round"], idea) for idea in world["hidden"]]
    blind = Score.objects.filter(round_idea__in=items)
    return list(blind | Score.objects.filter(round_idea=world["revote"], vote=2))


WORLDS = 3


def test_worlds_that_differ_in_hidden_scores_answer_alike(world, client_of, alice, bob, vera):
    dice = random.Random(4)
    paths, seen = addresses(world), []
    readers = [client_of(person) for person in (alice, bob, vera)]
    for _ in range(WORLDS):
        for given_score in hidden_scores(world):
            _set(given_score, [dice.randint(1, 10) for _ in range(3)])
        seen.append([answers(reader, paths) for reader in readers])
    for other in seen[1:]:
        assert other == seen[0]


def _set(given_score, triple):
    fields = zip(("impact", "confidence", "ease"), triple, strict=True)
    Score.objects.filter(pk=given_score.pk).update(**dict(fields))


def test_one_sees_one_s_own_score_and_nobody_else_s(world, client_of, carol, bob):
    item = item_of(world["round"], world["hidden"][0])
    mine = client_of(carol).get(f"/api/v1/round-ideas/{item.pk}/").json()
    assert [(row["scorer"], row["impact"]) for row in mine["scores"]] == [(carol.pk, 2)]
    theirs = client_of(bob).get(f"/api/v1/round-ideas/{item.pk}/").json()
    assert (theirs["scores"], theirs["scored"], theirs["asked"]) == ([], 2, 3)


def test_the_first_votes_show_during_the_re_vote_and_the_second_do_not(world, client_of, bob):
    shown = client_of(bob).get(f"/api/v1/round-ideas/{world['revote'].pk}/").json()
    assert {row["vote"] for row in shown["scores"]} == {1}


def test_history_holds_no_hidden_number(world):
    sentences = " ".join(event.sentence for event in Event.objects.all())
    assert "Carol" not in sentences.replace("Carol submitted", "")
    assert not any(event.verb == "score" for event in Event.objects.all())


def _leak_order(world):
    Idea.objects.filter(pk=world["hidden"][0].pk).update(ice_order=_leaked(world))


def _leak_value(world):
    Idea.objects.filter(pk=world["hidden"][0].pk).update(ice=_leaked(world), state="open")


def _leak_history(world):
    Event.record(world["hidden"][0], "score", f"Somebody gave {_leaked(world)}.", by=None)


def _leaked(world):
    return Score.objects.filter(round_idea__idea=world["hidden"][0]).first().impact


@pytest.mark.parametrize("leak", [_leak_order, _leak_value, _leak_history])
def test_a_planted_leak_is_caught(world, client_of, bob, leak):
    """The check above can fail: each of these makes it see a difference."""
    paths, reader = addresses(world), client_of(bob)
    found = []
    for value in (1, 10):
        for given_score in hidden_scores(world):
            _set(given_score, (value, value, value))
        Event.objects.filter(verb="score").delete()
        leak(world)
        found.append(answers(reader, paths))
    assert found[0] != found[1]

"""The blind is an invariant: hidden scores leave no trace in anything that anybody can read.

Worlds that differ only in hidden scores answer byte for byte alike, over every route of the
URLconf, parts, API, every sort order, and in every table but the one of the scores themselves, after
the tasks have run. A route that is new is walked by itself. Each channel that could leak is also
tried with a planted leak.
"""

import datetime as dt
import functools
import itertools
import math
import random
import re

import pytest
import time_machine
from django.apps import apps
from django.db.models import Q
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from backlog.api.nouns import NOUNS, RoundIdeaViewSet
from backlog.flows import imports, scoring
from backlog.flows.outbox import put_mail
from backlog.flows.ranking import rank_soon, rank_what_changed
from backlog.flows.scoring.deadlines import remind_before_deadlines
from backlog.models import Event, Idea, Mail, Round, RoundIdea, Score
from backlog.models.scoring import RoundIdeaQuerySet, ScoreQuerySet
from backlog.views import progress, today
from tests.factories import item_of, make_idea, make_scored_idea, score
from tests.test_permissions import PAGES, address
from tests.test_permissions import world as every_object  # noqa: F401  (a fixture)

WORLDS = 200
BLIND_AGAIN = Q(title__in=("Past", "Sheet one", "Sheet two"))
# New on each page: tokens, and the names that a browser gives to what it will send.
MASKED = re.compile(rb'(csrfmiddlewaretoken" value="|data-token="|name="\w+_uuid" value=")[^"]+')
HEADERS = ("ETag", "Last-Modified", "Link", "HX-Retarget", "HX-Redirect", "Location")
PARTS = {
    "round_detail": "round-agenda",
    "round_live": "round-pulse",
    "round_score": "round-progress",
}


@pytest.fixture
def now():
    """Nothing differs because time has passed."""
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as traveller:
        yield traveller


@pytest.fixture
def scored_world(alice, bob, carol, dave, vera, olive, pod, objective):
    """Hidden scores in a round on one's own, in a live session and in a re-vote; a ranked idea."""
    ranked = make_scored_idea(alice, pod, {bob: (5, 5, 5), carol: (6, 6, 6)}, title="Ranked")
    hidden = [make_idea(alice, pod, title) for title in ("Hidden one", "Hidden two", "Hidden live")]
    again = make_idea(alice, pod, "Scored again")
    round_ = scoring.open_round(
        by=alice, pod=pod, title="Grooming", ideas=[*hidden[:2], again],
        closes_at=timezone.now() + dt.timedelta(hours=9),
    )  # fmt: skip
    live = scoring.open_round(by=alice, pod=pod, title="Session", ideas=hidden[2:], kind="live")
    scoring.go_to(live, item_of(live, hidden[2]), by=alice)
    for idea, one in zip(hidden, (round_, round_, live), strict=True):
        score(item_of(one, idea), carol, 2, 3, 4)
        score(item_of(one, idea), dave, 4, 3, 2)
    _blind_again(alice, bob, carol, pod)
    revote = item_of(round_, again)
    score(revote, carol, 1, 1, 1)
    score(revote, dave, 9, 9, 9)
    scoring.reveal(revote, by=alice)
    scoring.ask_again(revote, by=alice)
    score(revote, dave, 5, 5, 5)
    return {
        "round": round_, "live": live, "hidden": hidden, "again": again, "ranked": ranked,
        "revote": revote, "pod": pod,
    }  # fmt: skip


@pytest.fixture
def world(scored_world, now):
    """That world, and time stands still after it was made."""
    return scored_world


def _blind_again(alice, bob, carol, pod):
    """Ideas whose earlier scores step back: of a past round, with a note, and of an import."""
    past = make_scored_idea(alice, pod, {bob: (3, 3, 3), carol: (8, 8, 8)}, title="Past")
    scoring.keep_note(past.round_ideas.get(), by=alice, note="Carol gave it an eight")
    sheet = "Title\tImpact\tConfidence\tEase\nSheet one\t4,5\t3\t2\nSheet two\t7\t\t\n"
    taken = imports.receive(by=carol, pod=pod, name="Old sheet", data=sheet.encode())
    imports.confirm(taken, by=carol)
    ideas = [past, *Idea.objects.filter(title__startswith="Sheet")]
    assert len(ideas) == 3
    scoring.open_round(by=alice, pod=pod, title="Once more", ideas=ideas)


def addresses(world) -> list[str]:
    """What shows ideas, rounds or what was done to them, of this world."""
    ideas = [*world["hidden"], world["again"], world["ranked"], *Idea.objects.filter(BLIND_AGAIN)]
    rounds = list(Round.objects.filter(ideas__in=ideas).distinct())
    items = RoundIdea.objects.filter(round__in=rounds)
    listed, today_ = reverse("backlog:idea_list"), reverse("backlog:today")
    pages = [today_, reverse("backlog:round_list")]
    pages += [f"{listed}?sort={sort}" for sort in
              ("", "ice", "-ice", "title", "-title", "age", "-age", "status", "-status", "pod")]  # fmt: skip
    pages += [f"{listed}?q=hidden", "/search/?q=hidden"]
    pages += [f"{reverse('backlog:idea_similar')}?title=Hidden+on"]
    pages += [reverse("backlog:idea_triage"), reverse("backlog:idea_groom")]
    pages += [reverse(f"backlog:{name}", args=[r.pk]) for r in rounds
              for name in ("round_detail", "round_live", "round_summary")]  # fmt: skip
    pages += [reverse(f"backlog:{name}", args=[idea.pk]) for idea in ideas
              for name in ("idea_detail", "idea_edit")]  # fmt: skip
    pages += [reverse("backlog:round_score", args=[item.round_id, item.pk]) for item in items]
    pages += [
        reverse(f"backlog:{n}", args=[world["pod"].pk]) for n in ("pod_detail", "pod_influence")
    ]
    api = [f"{noun}/" for noun in NOUNS] + [f"rounds/{r.pk}/" for r in rounds]
    api += [f"ideas/{idea.pk}/" for idea in ideas] + [f"round-ideas/{i.pk}/" for i in items]
    return pages + [f"/api/v1/{path}" for path in api]


def every_route(objects) -> list[str]:
    """An address of each route that answers a GET, of the URLconf as it is today."""
    routes = []
    for route, (get, _) in PAGES.items():
        try:
            if get is not None:
                routes.append(address(route, objects))
        except NoReverseMatch:
            continue
    return routes


def answer_of(client, path) -> list[tuple]:
    """Status, telling headers and body, as a page and as the part that is polled."""
    part = next((PARTS[n] for n in PARTS if client_name(path) == n), None)
    variants = [{}, {"HX-Request": "true", "HX-Target": part}] if part else [{}]
    answers = []
    for headers in variants:
        answer = client.get(path, headers=headers)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        shown = tuple(answer.headers.get(name) for name in HEADERS)
        answers.append((answer.status_code, shown, MASKED.sub(rb"\1", body)))
    return answers


def client_name(path: str) -> str:
    for name, pattern in (
        ("round_live", r"^/scoring/\d+/live/$"),
        ("round_score", r"^/scoring/\d+/ideas/\d+/$"),
        ("round_detail", r"^/scoring/\d+/$"),
    ):
        if re.match(pattern, path):
            return name
    return ""


def answers(client, paths) -> dict[str, list[tuple]]:
    return {path: answer_of(client, path) for path in paths}


def tables() -> dict[str, list]:
    """Every row that is stored, but for the scores themselves and what a visit leaves behind."""
    left_out = {"score", "session", "ranksdue", "presence", "look", "calendarfeed"}
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.model_name not in left_out
    }


def run_the_clock():
    rank_soon()
    rank_what_changed()
    remind_before_deadlines()


def hidden_scores() -> list[Score]:
    """Scores that nobody but their giver may see: of votes that are not revealed, and all of an
    idea that is blind now."""
    shown = Score.objects.revealed().exclude(round_idea__idea__state=Idea.State.SCORING)
    return list(Score.objects.exclude(pk__in=shown.values("pk")).order_by("pk"))


def give(scores, triples):
    """One world: the hidden scores, and what was written down from the scores of an earlier day."""
    triples = list(itertools.islice(triples, len(scores)))
    text = " ".join(str(triple) for triple in triples)
    Idea.objects.exclude(imported_scores=None).update(imported_scores=text[:200])
    blind = RoundIdea.objects.filter(idea__state=Idea.State.SCORING)
    of_past = blind.filter(stage=RoundIdea.Stage.SETTLED)
    of_past.update(note=f"They gave {text}"[:500], ice_first=triples[0][0])
    blind.update(ice_before=triples[0][0], rank_before=triples[0][1])
    for given_score, (impact, confidence, ease) in zip(scores, triples, strict=False):
        rows = Score.objects.filter(pk=given_score.pk)
        rows.update(impact=impact, confidence=confidence, ease=ease)


def generated_worlds(dice, count, size):
    """The two extremes first, then whatever the dice give."""
    yield [(1, 1, 1)] * size
    yield [(10, 10, 10)] * size
    for _ in range(count - 2):
        yield [tuple(dice.randint(1, 10) for _ in range(3)) for _ in range(size)]


@pytest.mark.grooming("A4", "A5")
def test_worlds_that_differ_in_hidden_scores_answer_alike(
    world,
    every_object,  # noqa: F811
    client_of,
    bob,
    vera,
    alice,
):
    """Every address is asked in at least two of the 200 worlds, by turns, as all of it each time
    would take minutes.

    Where two answers differ, both worlds are asked once more, one after the other: the first visit
    may mark things as read, which is not a leak.
    """
    shown = addresses(world)
    paths = list(dict.fromkeys([*shown, *every_route(every_object)]))
    readers = {person.pk: client_of(person) for person in (bob, vera, alice)}
    pairs = [(bob.pk, path) for path in paths] + [(alice.pk, path) for path in shown]
    pairs += [(vera.pk, path) for path in shown if "/scoring/" in path or "/api/" in path]
    scores = [one for one in hidden_scores() if one.scorer_id not in readers]
    assert len(scores) == 9
    a_world = math.ceil(2 * len(pairs) / WORLDS)
    base = [(2, 2, 2)] * len(scores)
    give(scores, base)
    run_the_clock()
    stored, seen, wrong, turns = tables(), {}, set(), itertools.cycle(pairs)
    worlds = generated_worlds(random.Random(4), WORLDS, len(scores))
    for number, triples in enumerate(worlds):
        give(scores, triples)
        if number % 20 == 0:
            run_the_clock()
        for reader, path in itertools.islice(turns, a_world):
            ask = functools.partial(answer_of, readers[reader], path)
            answer = ask()
            first_triples, first = seen.setdefault((reader, path), (triples, answer))
            if answer == first:
                continue
            give(scores, first_triples)
            first = ask()
            give(scores, triples)
            if ask() != first:
                wrong.add((reader, path, _difference(first, answer)))
    assert len(seen) == len(pairs)
    assert not wrong, "\n".join(map(str, wrong))
    give(scores, base)
    changed = [name for name, rows in tables().items() if rows != stored[name]]
    assert not changed


def _difference(one, other) -> str:
    """Where two answers part, to read in the report of a failure."""
    for (*head, body), (*told_later, later) in zip(one, other, strict=True):
        if head != told_later:
            return f"{head} … {told_later}"
        for line, line_later in zip(body.splitlines(), later.splitlines(), strict=False):
            if line != line_later:
                return f"{line!r} … {line_later!r}"
    return "lengths"


def test_the_walk_takes_in_every_route(every_object):  # noqa: F811
    walked = every_route(every_object)
    assert len(walked) >= sum(get is not None for get, _ in PAGES.values()) - 1


def test_one_sees_one_s_own_score_and_nobody_else_s(world, client_of, carol, bob):
    item = item_of(world["round"], world["hidden"][0])
    mine = client_of(carol).get(f"/api/v1/round-ideas/{item.pk}/").json()
    assert [(row["scorer"], row["impact"]) for row in mine["scores"]] == [(carol.pk, 2)]
    theirs = client_of(bob).get(f"/api/v1/round-ideas/{item.pk}/").json()
    assert (theirs["scores"], theirs["scored"], theirs["asked"]) == ([], 2, 3)


def test_the_first_votes_show_during_the_re_vote_and_the_second_do_not(world, client_of, bob):
    shown = client_of(bob).get(f"/api/v1/round-ideas/{world['revote'].pk}/").json()
    assert {row["vote"] for row in shown["scores"]} == {1}


@pytest.mark.grooming("A4", "A5")
def test_scores_of_past_and_imported_rounds_step_back_and_return(
    world, client_of, vera, alice, bob
):
    client = client_of(vera)
    past = RoundIdea.objects.get(idea__title="Past", stage="settled")
    sheet = RoundIdea.objects.get(idea__title="Sheet one", stage="settled")
    for item in (past, sheet):
        shown = client.get(f"/api/v1/round-ideas/{item.pk}/").json()
        assert (shown["scores"], shown["note"]) == ([], "")
        page = client.get(item.idea.get_absolute_url()).content.decode()
        assert "4,5" not in page
    again = RoundIdea.objects.get(idea__title="Past", stage="blind")
    score(again, bob, 6, 6, 6)
    scoring.reveal(again, by=alice)
    assert len(client.get(f"/api/v1/round-ideas/{past.pk}/").json()["scores"]) == 2
    assert "eight" in client.get(f"/api/v1/round-ideas/{past.pk}/").json()["note"]


def test_history_holds_no_hidden_number(world):
    sentences = " ".join(event.sentence for event in Event.objects.all())
    assert not re.search(r"Carol(?! (submitted|imported))", sentences)
    assert not any(event.verb == "score" for event in Event.objects.all())


def _hidden_sum() -> int:
    return sum(one.impact or 0 for one in hidden_scores())


def _leak_order(world, patch):
    Idea.objects.filter(pk=world["hidden"][0].pk).update(
        ice_order=_hidden_sum() / len(hidden_scores())
    )


def _leak_value(world, patch):
    Idea.objects.filter(pk=world["hidden"][0].pk).update(ice=_hidden_sum(), state="open")


def _leak_rank(world, patch):
    Idea.objects.filter(pk=world["ranked"].pk).update(rank=_hidden_sum())


def _leak_history(world, patch):
    Event.objects.filter(verb="leak").delete()
    Event.record(world["hidden"][0], "leak", f"Somebody gave {_hidden_sum()}.", by=None)


def _leak_mail(world, patch):
    Mail.objects.filter(key="leak").delete()
    to = world["round"].opened_by
    put_mail(key="leak", to=to, subject="Scores", text=f"So far {_hidden_sum()}.", pods=())


def _leak_count(world, patch):
    honest = RoundIdeaQuerySet.with_progress

    def counting(self):
        high = Score.objects.filter(round_idea=world["revote"].pk + 0, vote=2, impact__gt=5)
        return honest(self).annotate(
            scored_count=honest(self).query.annotations["scored_count"] + high.count()
        )

    patch.setattr(RoundIdeaQuerySet, "with_progress", counting)


def _leak_api(world, patch):
    serializer = RoundIdeaViewSet.serializer_class
    everything = lambda self, item: [s.impact for s in item.scores.all()]  # noqa: E731
    patch.setattr(serializer, "get_scores", everything)


def _leak_etag(world, patch):
    honest = HttpResponse.__init__

    def telling(self, *args, **kwargs):
        honest(self, *args, **kwargs)
        self["ETag"] = f'"{_hidden_sum()}"'

    patch.setattr(HttpResponse, "__init__", telling)


def _leak_agenda(world, patch):
    def by_score(round_, user, pk):
        item = RoundIdea.objects.select_related("idea").get(pk=pk)
        first = item.scores.filter(vote=item.votes).order_by("pk").first()
        score = first.impact if first and item.idea.title == "Hidden one" else 5
        return (-score, item.pk)

    patch.setattr(progress, "_turn", by_score)


def _leak_today(world, patch):
    honest = today._score_item
    patch.setattr(
        today, "_score_item", lambda row, day: honest({**row, "ideas": _hidden_sum()}, day)
    )


def _leak_reveal(world, patch):
    patch.setattr(ScoreQuerySet, "revealed", lambda self: self)


LEAKS = {  # where each shows
    _leak_order: "list", _leak_value: "api of an idea", _leak_rank: "ranked", _leak_history: "hidden",
    _leak_mail: "mail", _leak_count: "round", _leak_api: "api of scores", _leak_etag: "list",
    _leak_agenda: "scoring", _leak_today: "today", _leak_reveal: "revoted",
}  # fmt: skip


def places(world) -> dict[str, str]:
    item = item_of(world["round"], world["hidden"][0])
    return {
        "today": reverse("backlog:today"),
        "list": f"{reverse('backlog:idea_list')}?sort=ice",
        "hidden": world["hidden"][0].get_absolute_url(),
        "ranked": world["ranked"].get_absolute_url(),
        "revoted": world["again"].get_absolute_url(),
        "round": reverse("backlog:round_detail", args=[world["round"].pk]),
        "scoring": reverse("backlog:round_score", args=[item.round_id, item.pk]),
        "api of scores": "/api/v1/round-ideas/",
        "api of an idea": f"/api/v1/ideas/{world['hidden'][0].pk}/",
    }


def lowest_and_highest(world, reader, client, names, plant=lambda: None):
    """What stands in these places while everybody else gave a one, and while they gave a ten."""
    paths = [path for name, path in places(world).items() if name in names]
    scores = [one for one in hidden_scores() if one.scorer_id != reader.pk]
    answers(client, paths)  # the first visit may mark things as read
    for value in (1, 10):
        give(scores, itertools.repeat((value, value, value)))
        plant()
        yield answers(client, paths), tables()["backlog.Mail"]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__.removeprefix("_leak_"))
def test_a_planted_leak_is_caught(world, client_of, bob, leak, monkeypatch):
    """The check above can fail: each of these makes it see a difference."""
    with monkeypatch.context() as patch:

        def plant():
            patch.undo()
            leak(world, patch)

        low, high = lowest_and_highest(world, bob, client_of(bob), {LEAKS[leak]}, plant)
    assert low != high


def test_without_a_leak_these_places_are_alike(world, client_of, bob):
    low, high = lowest_and_highest(world, bob, client_of(bob), places(world))
    assert low == high

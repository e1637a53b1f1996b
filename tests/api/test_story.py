"""The whole main job over the API, as different people; each refusal has its sentence."""

import datetime as dt

import pytest
from django.utils import timezone

from backlog.models import Idea
from experiments.flows.guards import CHECKLIST
from tests.factories import (
    ARMS,
    HYPOTHESIS,
    METRICS,
    RISKS,
    launched,
    make_experiment,
    make_idea,
    totals,
)

V1 = "/api/v1"
# What one unit is and how it reads stand in the catalogue; a plan does not send them.
METRICS_SENT = [{name: row[name] for name in row if name not in ("unit", "did")} for row in METRICS]


@pytest.fixture
def post(api_of):
    def call(user, path, body=None, expect=None):
        answer = api_of(user).post(f"{V1}/{path}", body or {}, format="json")
        assert answer.status_code == (expect or answer.status_code), answer.content
        return answer.json()

    return call


@pytest.mark.django_db(transaction=True)
def test_from_an_idea_to_a_published_post_mortem(
    post, api_of, alice, bob, carol, dave, olive, pod, objective
):
    idea = post(
        alice,
        "ideas/",
        {"pod": pod.pk, "title": "Name the series", "objective": objective.pk, **HYPOTHESIS,
         "tags": ["Win-back", "win-back"]},
        201,
    )  # fmt: skip
    assert (idea["key"], idea["tags"], idea["missing"]) == (
        "LIF-1",
        ["win-back"],
        ["Get it scored"],
    )
    round_ = post(alice, "rounds/", {"pod": pod.pk, "title": "Now", "ideas": [idea["id"]]}, 201)
    item = api_of(bob).get(f"{V1}/round-ideas/").json()["results"][0]
    assert item["round"] == round_["id"]
    for person, value in ((bob, 6), (carol, 7), (dave, 8)):
        scores = dict.fromkeys(("impact", "confidence", "ease"), value)
        seen = post(person, f"round-ideas/{item['id']}/score/", scores, 200)
        assert [row["scorer"] for row in seen["scores"]] == [person.pk]
    assert (seen["asked"], seen["scored"]) == (3, 3)
    shown = post(alice, f"round-ideas/{item['id']}/reveal/", expect=200)
    assert len(shown["scores"]) == 3
    post(alice, f"rounds/{round_['id']}/close/", expect=200)
    idea = api_of(bob).get(f"{V1}/ideas/{idea['id']}/").json()
    assert (idea["ice"], idea["rank"], idea["agreement"]) == (7, 1, "close")

    today = timezone.localdate()
    plan = {
        "idea": idea["id"], "title": "Series named", "arms": ARMS, "metrics": METRICS_SENT,
        "objective": objective.pk, "owner": alice.pk, "analyst": bob.pk, "audience": "Lapsed",
        "units_per_week": 10_000,
    }  # fmt: skip
    test = post(alice, "experiments/", plan, 201)
    again = post(alice, "experiments/", plan, 409)
    assert again["detail"] == f"LIF-1 was already promoted. See {test['key']}."
    one = f"experiments/{test['id']}/"
    early = post(alice, f"{one}moves/", {"transition": "plan"}, 409)
    assert "calendar" in early["detail"]
    dates = {"starts_on": str(today), "ends_on": str(today + dt.timedelta(days=28))}
    test = post(alice, f"{one}dates/", {**dates, "version": test["version"]}, 200)
    test = post(alice, f"{one}moves/", {"transition": "plan"}, 200)
    texts = dict.fromkeys(("whole", "drawbacks", "able", "missing"), "Thought about it")
    texts |= {"need": "They forget us", "meets": "By naming what they read"}
    answers = {"answers": texts, "risks": RISKS, "version": test["version"]}
    post(alice, f"{one}answers/", answers, 200)
    version = api_of(bob).get(f"{V1}/{one}").json()["version"]
    lines = post(bob, f"{one}ticks/", {"items": list(CHECKLIST), "version": version}, 200)
    assert [row["sentence"] for row in lines if row["state"] == "open"] == [
        "Somebody other than the author has to check it.",
        "The launcher is also the analyst. Name another analyst.",
    ]
    post(bob, f"{one}approvals/", {"kind": "qa"}, 201)
    own = post(alice, f"{one}moves/", {"transition": "launch", "seen": "planned"}, 409)
    assert own["detail"] == "Alice is the author. Somebody else has to launch it."
    waiver = {"standard": "launcher", "reason": "Nobody else is in"}
    post(alice, f"{one}waivers/", waiver, 201)
    launched = post(alice, f"{one}moves/", {"transition": "launch", "seen": "planned"}, 200)
    assert len(launched["fingerprint"]) == 64

    taken = post(bob, f"{one}observations/", {"observations": totals()}, 201)
    assert taken["source"] == "api"
    reading = api_of(bob).get(f"{V1}/analyses/").json()["results"][0]
    assert (reading["outcome"], reading["head"]) == ("ship", "Ship “Series named”.")

    refused = post(alice, f"{one}decision/", {"choice": "ship"}, 409)
    assert "somebody else should decide" in refused["detail"]
    decided = post(bob, f"{one}decision/", {"choice": "ship"}, 200)
    assert (decided["state"], decided["status"]) == ("decided", "won")

    written = post(bob, f"{one}post-mortem/", expect=201)
    assert "Series named" in written["summary"]
    path = f"post-mortems/{written['id']}/"
    changed = api_of(bob).patch(
        f"{V1}/{path}", {"surprises": "None", "version": written["version"]}, format="json"
    )
    assert changed.status_code == 200
    assert "learning" in post(bob, f"{path}publish/", expect=409)["detail"]
    learning = {
        "post_mortem": written["id"], "claim": "Series sell", "scope": "Lapsed readers",
        "expires_on": str(today + dt.timedelta(days=200)),
    }  # fmt: skip
    post(bob, "learnings/", learning, 201)
    follow = post(bob, f"{path}follow-ups/", {"title": "Name the author too"}, 201)
    assert follow["key"] == "LIF-2"
    assert "other than the author" in post(bob, f"{path}publish/", expect=409)["detail"]
    post(alice, f"{path}read/", expect=200)
    post(bob, f"{path}publish/", expect=200)
    closed = api_of(olive).get(f"{V1}/{one}").json()
    assert closed["state"] == "closed"


def test_what_is_wrong_is_named_beside_its_field(post, alice, pod):
    answer = post(alice, "ideas/", {"pod": pod.pk, "title": "x" * 201}, 400)
    assert "200" in answer["title"][0]
    assert post(alice, "ideas/", {"pod": pod.pk}, 400)["title"]


def test_an_unknown_field_from_the_client_is_refused_by_name(post, alice, pod):
    body = {"pod": pod.pk, "title": "A", "ice": 10, "state": "promoted", "rank": 1}
    answer = post(alice, "ideas/", body, 400)
    assert set(answer) == {"ice", "state", "rank"}
    assert not Idea.objects.exists()


def test_another_pod_can_not_be_named_in_a_body(post, charlie, alice, pod, other_pod, objective):
    theirs = make_idea(alice, pod)
    assert post(charlie, "ideas/", {"pod": pod.pk, "title": "A"}, 409)["pod"]
    assert post(
        charlie, "ideas/", {"pod": other_pod.pk, "title": "A", "objective": objective.pk}, 409
    )["objective"]
    assert post(charlie, "rounds/", {"pod": other_pod.pk, "title": "R", "ideas": [theirs.pk]}, 409)[
        "ideas"
    ]
    assert post(charlie, "experiments/", {"idea": theirs.pk}, 409)["idea"]


def test_a_newer_version_is_not_overwritten(api_of, post, alice, bob, pod):
    idea = post(alice, "ideas/", {"pod": pod.pk, "title": "A"}, 201)
    first = api_of(alice).patch(
        f"{V1}/ideas/{idea['id']}/", {"title": "B", "version": idea["version"]}, format="json"
    )
    second = api_of(bob).patch(
        f"{V1}/ideas/{idea['id']}/", {"title": "C", "version": idea["version"]}, format="json"
    )
    assert (first.status_code, second.status_code) == (200, 409)
    assert api_of(bob).get(f"{V1}/ideas/{idea['id']}/").json()["title"] == "B"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"n": 10, "successes": 11}, "more conversions than units"),
        ({"n": 10}, "needs successes"),
        ({"metric": "Nothing", "n": 1, "successes": 1}, "not a metric"),
        ({"variant": "Nobody", "n": 1, "successes": 1}, "not an arm"),
    ],
)
def test_bad_observations_are_refused_with_their_row(
    post, alice, bob, pod, objective, row, sentence
):

    experiment = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    rows = [{"variant": "As it is", "metric": "Reactivated", **row}]
    answer = post(bob, f"experiments/{experiment.pk}/observations/", {"observations": rows}, 409)
    assert sentence in answer["detail"]
    assert "Row 1" in answer["detail"]
    assert not experiment.intakes.exists()


def test_a_negative_count_is_a_mistake_of_the_field(post, alice, bob, pod, objective):

    experiment = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    rows = [{"variant": "As it is", "metric": "Reactivated", "n": -1, "successes": 0}]
    answer = post(bob, f"experiments/{experiment.pk}/observations/", {"observations": rows}, 400)
    assert answer["observations"]["0"]["n"]

"""Ideas over the API: the filters of the page, and a write that counts once."""

import json

import pytest

from backlog.models import Idea, KeptAnswer
from tests.factories import make_idea


def post(client, body, key=""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        "/api/v1/ideas/", json.dumps(body), content_type="application/json", headers=headers
    )


def keys(client, **query):
    answer = client.get("/api/v1/ideas/", query)
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["results"]]


def test_the_list_takes_the_filters_of_the_page(client_of, alice, bob, pod):
    make_idea(alice, pod, "Name the series", lever="copy")
    make_idea(bob, pod, "Ask why", tags=["giving"])
    client = client_of(bob)
    assert keys(client) == ["LIF-2", "LIF-1"]
    assert keys(client, q="seri") == keys(client, lever="copy") == ["LIF-1"]
    assert keys(client, tag="giving") == keys(client, author=bob.pk) == ["LIF-2"]
    assert keys(client, status="snoozed") == []
    assert client.get("/api/v1/ideas/", {"status": "odd"}).status_code == 400


def test_the_same_write_with_the_same_key_counts_once(client_of, bob, pod):
    client, body = client_of(bob), {"pod": pod.pk, "title": "Name the series"}
    first, again = post(client, body, "k1"), post(client, body, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Idea.objects.count() == 1
    assert post(client, body, "k2").json()["key"] == "LIF-2"
    assert post(client, body).json()["key"] == "LIF-3"


def test_another_body_with_the_same_key_is_refused(client_of, bob, pod):
    client = client_of(bob)
    post(client, {"pod": pod.pk, "title": "One"}, "k")
    answer = post(client, {"pod": pod.pk, "title": "Two"}, "k")
    assert (answer.status_code, "another body" in answer.json()["detail"]) == (409, True)


def test_a_key_is_each_person_s_own_and_is_forgotten_after_a_day(client_of, alice, bob, pod):
    body = {"pod": pod.pk, "title": "One"}
    assert post(client_of(bob), body, "k").json()["key"] == "LIF-1"
    assert post(client_of(alice), body, "k").json()["key"] == "LIF-2"
    KeptAnswer.objects.update(kept_at="2020-01-01T00:00Z")
    assert post(client_of(bob), body, "k").json()["key"] == "LIF-3"


def test_a_refused_write_keeps_nothing(client_of, bob, pod):
    client = client_of(bob)
    assert post(client, {"pod": pod.pk, "title": ""}, "k").status_code == 400
    assert post(client, {"pod": pod.pk, "title": "One"}, "k").status_code == 201


@pytest.mark.parametrize("key", ["x" * 300, "a\x7fb"])
def test_an_odd_key_gets_a_sentence(client_of, bob, pod, key):
    assert post(client_of(bob), {"pod": pod.pk, "title": "One"}, key).status_code == 400

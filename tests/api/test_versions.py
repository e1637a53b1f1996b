"""No update is lost over the API: ETag, If-Match, version; on every change of every noun."""

import json

import pytest
from rest_framework.test import APIClient

from backlog.flows.ideas import edit_idea
from backlog.models import Idea, KeptAnswer
from tests.factories import make_idea, make_round, make_scored_idea

V1 = "/api/v1"


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Name the series", lever="copy")


@pytest.fixture
def path(idea):
    return f"{V1}/ideas/{idea.pk}/"


@pytest.fixture
def client(api_of, bob) -> APIClient:
    return api_of(bob)


def change(client, path, body, tag=""):
    headers = {"HTTP_IF_MATCH": tag} if tag else {}
    return client.patch(path, body, format="json", **headers)


def test_what_is_read_and_what_is_written_carries_a_tag(client, path):
    read = client.get(path)
    written = change(client, path, {"title": "Another"}, read["ETag"])
    assert written.status_code == 200
    assert read["ETag"] != written["ETag"] == client.get(path)["ETag"]


def test_changes_of_different_fields_stand_side_by_side(client, path, idea, alice):
    tag = client.get(path)["ETag"]
    edit_idea(idea, by=alice, lever="timing")
    assert change(client, path, {"title": "Mine"}, tag).status_code == 200
    idea.refresh_from_db()
    assert (idea.title, idea.lever) == ("Mine", "timing")


def test_a_change_of_the_same_field_shows_both_and_writes_nothing(client, path, idea, alice):
    tag = client.get(path)["ETag"]
    edit_idea(idea, by=alice, title="Theirs")
    answer = change(client, path, {"title": "Mine", "lever": "timing"}, tag)
    assert answer.status_code == 412
    assert answer.json()["fields"] == {"title": {"yours": "Mine", "now": "Theirs"}}
    idea.refresh_from_db()
    assert (idea.title, idea.lever) == ("Theirs", "copy")
    assert change(client, path, {"title": "Mine"}, client.get(path)["ETag"]).status_code == 200


@pytest.mark.parametrize("tag", ['""', '"x"', "W/", '"title~000"', "title", '"all~0"'])
def test_a_tag_that_says_nothing_overwrites_nothing(client, path, idea, tag):
    assert change(client, path, {"title": "Mine"}, tag).status_code == 412
    idea.refresh_from_db()
    assert idea.title == "Name the series"


def test_a_star_is_a_wish_to_overwrite(client, path, idea):
    assert change(client, path, {"title": "Mine"}, "*").status_code == 200


def test_the_number_of_the_version_will_do_and_an_old_one_will_not(client, path, idea):
    assert change(client, path, {"title": "Mine", "version": 0}).status_code == 409
    assert change(client, path, {"title": "Mine", "version": 1}).status_code == 200
    assert change(client, path, {"title": "Again", "version": 1}).status_code == 409
    assert Idea.objects.get(pk=idea.pk).title == "Mine"


def test_the_same_value_twice_is_no_conflict(client, path, idea, alice):
    tag = client.get(path)["ETag"]
    edit_idea(idea, by=alice, title="Same")
    assert change(client, path, {"title": "Same"}, tag).status_code == 200


def test_what_has_not_changed_is_not_sent_again(client, path, idea, alice):
    tag = client.get(path)["ETag"]
    same = client.get(path, HTTP_IF_NONE_MATCH=tag)
    assert (same.status_code, same.content) == (304, b"")
    edit_idea(idea, by=alice, title="New")
    assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_repeated_write_shows_the_idea_as_it_is_now_and_no_score_that_stepped_back(
    api_of, alice, bob, pod
):
    idea = make_scored_idea(alice, pod, {bob: (3, 9, 1)})
    api, url = api_of(bob), f"/api/v1/ideas/{idea.pk}/"
    send = {"format": "json", "HTTP_IDEMPOTENCY_KEY": "once"}
    change = {"lever": "Subject line", "version": idea.version}
    first = api.patch(url, change, **send)
    assert first.json()["ice"] is not None
    make_round(alice, pod, Idea.objects.get(pk=idea.pk), title="Once more")
    again = api.patch(url, change, **send)
    assert again.status_code == first.status_code
    assert again.json() == api.get(url).json()
    assert again.json()["ice"] is None
    kept = KeptAnswer.objects.get(user=bob, key="once")
    assert json.loads(kept.body) == {"id": idea.pk}

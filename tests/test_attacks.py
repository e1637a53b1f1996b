"""What somebody with bad intent, or bad luck, sends: each has an answer, and none is a 500."""

import doctest

import pytest

from backlog import csv_guard
from tests.factories import launched, make_experiment, make_idea

LONG = "9" * 30


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/ideas/{LONG}/", 404),
        (f"/experiments/{LONG}/postmortem/", 404),
        ("/experiments/9223372036854775808/postmortem/", 404),
        ("/ideas/?sort=age&after=1~0001-01-01T00:00:00%2B14:00", 200),
        (f"/ideas/?after={LONG}~1.0&sort=-ice", 200),
        ("/ideas/?q=%00&sort=nothing&pod=%00", 400),
        (f"/api/v1/ideas/{LONG}/", 404),
        ("/api/v1/schema/?version=%00", 400),
        ("/api/v1/ideas/?cursor=%00", 400),
        ("/library/?q=%00&lever=%00", 400),
        ("/search/?q=" + "a+" * 500, 200),
        ("/calendar/?quarter=%00", 400),
    ],
)
def test_an_odd_address_is_answered(client_of, alice, path, status):
    assert client_of(alice).get(path).status_code == status


@pytest.mark.parametrize(
    "body",
    ['{"title": 1e999, "pod": 1e999}', "[" * 20_000, "{", '"text"', "null", '{"title": NaN}'],
)
@pytest.mark.parametrize("noun", ["ideas", "rounds", "experiments", "learnings"])
def test_an_odd_body_is_a_mistake_of_the_caller(client_of, alice, noun, body):
    answer = client_of(alice).post(f"/api/v1/{noun}/", body, content_type="application/json")
    assert answer.status_code == 400


def test_a_quarter_far_from_now_is_refused(client_of, olive):
    for day in ("9999-12-31", "0001-01-01"):
        answer = client_of(olive).post(
            "/api/v1/quarters/", {"day": day}, content_type="application/json"
        )
        assert answer.json() == {"day": ["Choose a day between 2000 and 2200."]}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_an_experiment_far_from_now_is_refused_over_the_api(
    client_of, alice, bob, pod, objective, day
):
    experiment = make_experiment(alice, pod, objective=objective, analyst=bob)
    answer = client_of(alice).post(
        f"/api/v1/experiments/{experiment.pk}/dates/",
        {"starts_on": day, "ends_on": day},
        content_type="application/json",
    )
    sentence = ["Choose a day between 2000 and 2200."]
    assert answer.status_code == 400
    assert answer.json() == {"starts_on": sentence, "ends_on": sentence}


def test_absurd_numbers_are_refused_beside_their_field(client_of, alice, bob, pod, objective):
    experiment = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    row = {"variant": "As it is", "metric": "Reactivated", "n": 5, "mean": 1e308, "variance": 1e308}
    answer = client_of(bob).post(
        f"/api/v1/experiments/{experiment.pk}/observations/",
        {"observations": [row]},
        content_type="application/json",
    )
    assert answer.status_code == 400


def test_nobody_of_another_pod_can_be_made_owner(client_of, alice, charlie, pod):
    body = {"pod": pod.pk, "title": "A", "owner": charlie.pk}
    answer = client_of(alice).post("/api/v1/ideas/", body, content_type="application/json")
    assert answer.status_code == 409
    unknown = client_of(alice).post(
        "/api/v1/ideas/", {**body, "owner": 999_999}, content_type="application/json"
    )
    assert str(charlie.pk) in str(answer.json())
    assert list(answer.json()) == list(unknown.json()) == ["owner"]


def test_an_idea_serves_no_objective_of_another_pod(client_of, olive, other_pod, objective):
    body = {"pod": other_pod.pk, "title": "A", "objective": objective.pk}
    answer = client_of(olive).post("/api/v1/ideas/", body, content_type="application/json")
    assert "another pod" in answer.json()["objective"][0]


def test_pages_of_the_sign_in_library_that_are_not_ours_are_not_here(client_of, alice):
    for path in ("/account/email/", "/account/confirm-email/"):
        assert client_of(alice).get(path).status_code == 404
        assert client_of(alice).post(path, {"email": "a@b.cc"}).status_code == 404


@pytest.mark.parametrize("line", ["=1+1", "a;=1+1", "a,+1", "a\t@x", '"=1"', "x|-1"])
def test_no_cell_of_a_rejected_row_runs_as_a_formula(line):
    safe = csv_guard.formula_safe(line)
    for separator in ";,\t|":
        for cell in safe.split(separator):
            assert cell.lstrip('"')[:1] not in ("=", "+", "-", "@")


def test_the_example_of_the_guard_holds():
    assert doctest.testmod(csv_guard).failed == 0


def test_what_was_typed_into_an_idea_is_kept_as_a_draft(client_of, alice, pod):
    idea = make_idea(alice, pod)
    page = client_of(alice).get(f"/ideas/{idea.pk}/edit/").content.decode()
    assert f'data-draft="idea-{idea.pk}-description"' in page
    assert 'data-draft="idea-new-title"' in client_of(alice).get("/ideas/new/").content.decode()

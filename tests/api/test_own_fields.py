"""Values of own fields over the API: read and written by the name of the field."""

import datetime as dt

import pytest

from backlog.models import IdeaValue, OwnField
from tests.factories import make_idea, make_own_fields


@pytest.fixture
def fields(db):
    return make_own_fields()


FULL = {"Market": "South", "Effort": "2.5", "Due": "2026-12-01", "Note": "<script>"}


def test_an_idea_is_added_read_and_changed_with_its_values(api_of, alice, vera, pod, fields):
    client = api_of(alice)
    body = {"pod": pod.pk, "title": "One", "own": FULL}
    made = client.post("/api/v1/ideas/", body, format="json")
    assert made.status_code == 201, made.data
    assert made.data["own"] == FULL
    path = f"/api/v1/ideas/{made.data['id']}/"
    change = {"own": {"Effort": "3", "Due": None}, "version": made.data["version"]}
    changed = client.patch(path, change, format="json")
    assert changed.data["own"] == {"Market": "South", "Effort": "3", "Note": "<script>"}
    assert api_of(vera).get(path).data["own"] == changed.data["own"]
    assert api_of(vera).patch(path, change, format="json").status_code == 403


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"Weight": "1"}, "There is no own field “Weight”."),
        ({"Effort": "many"}, "Effort takes a number such as 2.5."),
        ({"Effort": "nan"}, "Enter a number between"), ({"Effort": "-inf"}, "Enter a number between"),
        ({"Due": "31.12.2026"}, "Due takes a day such as"), ({"Due": "0001-01-01"}, "2000 and 2200"),
        ({"Market": "East"}, "not one of the choices"), ({"Note": "x" * 10_000}, "At most 200"),
        ({"Note": 3}, "must be a text"), (["Note"], "must be an object"),
        ({str(n): "" for n in range(21)}, "At most 20 names"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_beside_own(api_of, alice, pod, fields, own, words):
    body = {"pod": pod.pk, "title": "One", "own": own}
    answer = api_of(alice).post("/api/v1/ideas/", body, format="json")
    assert answer.status_code in (400, 409)  # 409: what the workspace's fields do not allow
    assert words in str(answer.data["own"])
    assert not IdeaValue.objects.exists()


def test_a_change_of_what_somebody_else_changed_is_not_written(api_of, alice, bob, pod, fields):
    idea = make_idea(alice, pod, "One")
    path = f"/api/v1/ideas/{idea.pk}/"
    tag = api_of(alice).get(path)["ETag"]
    api_of(bob).patch(path, {"own": {"Note": "Theirs"}}, format="json", headers={"If-Match": tag})
    mine = {"own": {"Note": "Mine"}}
    answer = api_of(alice).patch(path, mine, format="json", headers={"If-Match": tag})
    assert answer.status_code == 412
    assert IdeaValue.objects.get().text == "Theirs"


@pytest.fixture
def three(alice, pod, fields):
    """One in the North, two in the South, a third without anything."""
    market, effort = OwnField.objects.get(name="Market"), OwnField.objects.get(name="Effort")
    due = OwnField.objects.get(name="Due")
    made = [make_idea(alice, pod, title) for title in ("One", "Two", "Three")]
    for idea, where, days, day in zip(made, ("North", "South"), (2.0, 5.0), (1, 9), strict=False):
        IdeaValue.of(idea.pk, market, where).save()
        IdeaValue.of(idea.pk, effort, days).save()
        IdeaValue.of(idea.pk, due, dt.date(2026, 12, day)).save()


@pytest.mark.parametrize(("own", "titles"), [
    (["Market=north"], {"One"}),
    (["Market=North", "Market=South"], {"One", "Two"}),
    (["Market="], {"Three"}),
    (["Market=South", "Market="], {"Two", "Three"}),
    (["Effort>=2.5"], {"Two"}),
    (["Effort>=2", "Effort<=4"], {"One"}),
    (["Due<=2026-12-05"], {"One"}),
    (["Due>=2026-12-01", "Market=South"], {"Two"}),
    (["Market=<script>"], set()),
])  # fmt: skip
def test_ideas_are_found_by_own_fields(api_of, vera, three, own, titles):
    answer = api_of(vera).get("/api/v1/ideas/", {"own": own})
    assert answer.status_code == 200, answer.data
    assert {idea["title"] for idea in answer.data["results"]} == titles


def test_what_an_own_field_says_can_be_left_out(api_of, vera, three):
    answer = api_of(vera).get("/api/v1/ideas/", {"own": "Market=North", "exclude": "Market"})
    assert {idea["title"] for idea in answer.data["results"]} == {"Two", "Three"}


@pytest.mark.parametrize(("own", "status", "words"), [
    (["Weight=1"], 409, "does not begin with the name of an own field"),
    (["Market>=North"], 409, "Market is compared with “=”."),
    (["Effort=2"], 409, "Effort is compared with “>=” and “<=”."),
    (["Effort>="], 409, "has no value"),
    (["Effort>=1", "Effort>=2"], 409, "is the second such end"),
    (["Effort>=many"], 409, "Enter a number."),
    (["Due>=soon"], 409, "Enter a valid date."),
    (["Market"], 400, "does not match the pattern"),
    (["Market=North"] * 60, 400, "at most"),
])  # fmt: skip
def test_what_is_no_filter_by_an_own_field_is_refused(api_of, vera, three, own, status, words):
    answer = api_of(vera).get("/api/v1/ideas/", {"own": own})
    assert answer.status_code == status
    assert words in str(answer.data["own"])


def test_the_longest_name_that_fits_is_the_field(api_of, alice, vera, pod, three):
    longer = OwnField.objects.create(name="Market=North", kind="text", place=9)
    IdeaValue.of(make_idea(alice, pod, "Four").pk, longer, "yes").save()
    answer = api_of(vera).get("/api/v1/ideas/", {"own": "Market=North=yes"})
    assert [idea["title"] for idea in answer.data["results"]] == ["Four"]

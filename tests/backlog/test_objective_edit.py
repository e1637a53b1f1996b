"""Set, change and remove objectives."""

import pytest
from django.urls import reverse

from backlog.models import Objective
from tests.factories import make_idea

NEW = reverse("backlog:objective_new")


def one(name, objective):
    return reverse(f"backlog:objective_{name}", args=[objective.pk])


@pytest.fixture
def for_all(quarter):
    return Objective.objects.create(quarter=quarter, title="For everybody")


def test_a_lead_sets_changes_and_removes_one_of_the_pod(tab_of, alice, pod, quarter):
    client = tab_of(alice)
    data = {"title": "First-week habit", "quarter": quarter.pk, "pod": pod.pk, "target": "3 visits"}
    assert client.post(NEW, data).status_code == 302
    objective = Objective.objects.get()
    assert (objective.pod, objective.target) == (pod, "3 visits")
    assert client.save(one("edit", objective), data | {"title": "Habit"}).status_code == 302
    objective.refresh_from_db()
    assert objective.title == "Habit"
    idea = make_idea(alice, pod, objective=objective)
    assert (
        "1 idea points to this objective." in client.get(one("remove", objective)).content.decode()
    )
    client.post(one("remove", objective))
    idea.refresh_from_db()
    assert idea.objective is None


def test_a_title_that_is_taken_is_refused_with_the_values_kept(
    client_of, alice, pod, quarter, objective
):
    data = {"title": "Win back readers", "quarter": quarter.pk, "pod": pod.pk, "target": "Kept"}
    response = client_of(alice).post(NEW, data)
    assert response.status_code == 422
    assert "This quarter already has an objective with this title." in response.content.decode()
    assert 'value="Kept"' in response.content.decode()


def test_a_lead_cannot_touch_one_of_every_pod_nor_make_one(
    client_of, alice, olive, for_all, quarter
):
    client = client_of(alice)
    for name in ("edit", "remove"):
        assert client.get(one(name, for_all)).status_code == 403
        assert client.post(one(name, for_all), {"title": "x"}).status_code == 403
    data = {"title": "Mine for all", "quarter": quarter.pk, "pod": ""}
    assert client.post(NEW, data).status_code == 422
    assert client_of(olive).post(NEW, data).status_code == 302


def test_members_may_not_and_outsiders_find_nothing(client_of, bob, charlie, objective, quarter):
    assert client_of(bob).get(NEW).status_code == 403
    assert client_of(bob).post(one("edit", objective), {"title": "x"}).status_code == 403
    assert client_of(charlie).get(one("edit", objective)).status_code == 404
    assert client_of(charlie).post(one("remove", objective)).status_code == 404


def test_without_a_quarter_it_says_whom_to_ask(client_of, alice):
    response = client_of(alice).get(NEW)
    assert response.status_code == 409
    assert "Ask a programme owner to open one." in response.content.decode()


@pytest.mark.parametrize("name", ["edit", "remove"])
def test_it_asks_the_database_little(
    client_of, alice, objective, name, django_assert_max_num_queries
):
    client = client_of(alice)
    with django_assert_max_num_queries(12):
        client.get(one(name, objective))
    with django_assert_max_num_queries(12):
        client.get(NEW)

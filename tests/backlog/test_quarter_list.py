"""Quarters with their objectives."""

from django.urls import reverse

from backlog.models import Objective, Quarter
from tests.factories import make_idea

URL = reverse("backlog:quarter_list")
NEW = reverse("backlog:quarter_new")


def test_it_shows_the_objectives_of_my_pods_and_of_every_pod(
    client_of, alice, other_pod, objective, quarter, pod
):
    Objective.objects.create(quarter=quarter, pod=other_pod, title="Not ours")
    Objective.objects.create(quarter=quarter, title="For everybody")
    make_idea(alice, pod, objective=objective)
    page = client_of(alice).get(URL).content.decode()
    assert "Win back readers" in page
    assert "For everybody" in page
    assert "1 idea" in page
    assert "Not ours" not in page


def test_an_owner_opens_the_next_quarter(client_of, olive, quarter):
    client = client_of(olive)
    page = client.get(NEW).content.decode()
    assert str(quarter) not in page
    response = client.post(NEW, {"starts_on": quarter.ends_on.isoformat()})
    assert response.url == URL
    assert Quarter.objects.filter(starts_on=quarter.ends_on).exists()


def test_a_quarter_that_is_there_is_not_opened_again(client_of, olive, quarter):
    response = client_of(olive).post(NEW, {"starts_on": quarter.starts_on.isoformat()})
    assert response.status_code == 422
    assert "This quarter already exists." in response.content.decode()


def test_a_lead_may_not_open_quarters(client_of, alice):
    assert client_of(alice).get(NEW).status_code == 403
    assert client_of(alice).post(NEW, {"starts_on": "2030-01-01"}).status_code == 403


def test_it_asks_the_database_little(
    client_of, alice, objective, quarter, pod, django_assert_max_num_queries
):
    for number in range(5):
        Objective.objects.create(quarter=quarter, pod=pod, title=f"Objective {number}")
    client = client_of(alice)
    with django_assert_max_num_queries(9):
        client.get(URL)

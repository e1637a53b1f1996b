"""Open a round."""

from django.urls import reverse

from backlog.models import Round
from tests.factories import make_idea, make_round

URL = reverse("backlog:round_new")


def test_a_lead_chooses_ideas_that_are_ready(client_of, alice, bob, pod):
    ready, busy = make_idea(alice, pod, "Ready one"), make_idea(alice, pod, "Busy one")
    make_round(alice, pod, busy)
    client = client_of(alice)
    page = client.get(URL).content.decode()
    assert "Ready one" in page
    assert "Busy one" not in page
    response = client.post(f"{URL}?pod=LIF", {"title": "Week 47", "ideas": [ready.pk]})
    round_ = Round.objects.get(title="Week 47")
    assert response.url == round_.get_absolute_url()
    assert bob in round_.scorers.all()


def test_without_an_idea_or_a_title_it_says_so_and_keeps_the_rest(client_of, alice, pod):
    idea = make_idea(alice, pod)
    client = client_of(alice)
    response = client.post(URL, {"title": "Week 47"})
    assert response.status_code == 422
    assert "Choose at least one idea to score." in response.content.decode()
    response = client.post(URL, {"title": "", "ideas": [idea.pk]})
    assert "Give the round a title." in response.content.decode()
    assert f'value="{idea.pk}" checked' in response.content.decode()
    assert not Round.objects.exists()


def test_an_idea_of_another_pod_cannot_be_put_in(client_of, alice, charlie, pod, other_pod):
    theirs = make_idea(charlie, other_pod)
    response = client_of(alice).post(URL, {"title": "Week 47", "ideas": [theirs.pk]})
    assert response.status_code in (200, 422)
    assert not Round.objects.exists()


def test_members_and_viewers_may_not(client_of, bob, vera, pod):
    for person in (bob, vera):
        assert client_of(person).get(URL).status_code == 403
        assert client_of(person).post(URL, {"title": "T"}).status_code == 403


def test_it_asks_the_database_little(client_of, alice, pod, django_assert_max_num_queries):
    for number in range(4):
        make_idea(alice, pod, f"Idea {number}")
    client = client_of(alice)
    with django_assert_max_num_queries(9):
        client.get(URL)

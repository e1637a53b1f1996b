"""Open a round."""

from django.urls import reverse

from backlog.models import Idea, Round
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
    assert "Enter a title." in response.content.decode()
    assert f'value="{idea.pk}" checked' in response.content.decode()
    assert not Round.objects.exists()


def test_an_idea_of_another_pod_cannot_be_put_in(client_of, alice, charlie, pod, other_pod):
    theirs = make_idea(charlie, other_pod)
    response = client_of(alice).post(URL, {"title": "Week 47", "ideas": [theirs.pk]})
    assert response.status_code == 422
    assert not Round.objects.exists()


def test_it_shows_unscored_ideas_then_the_best_and_finds_others_while_the_chosen_stay(
    client_of, alice, bob, pod, monkeypatch
):
    monkeypatch.setattr("backlog.forms.scoring.SHOWN", 2)
    made = [make_idea(alice, pod, f"Letter {name}") for name in ("one", "two", "three", "four")]
    for idea, points in zip(made, (3.0, None, 8.0, 1.0), strict=True):
        Idea.objects.filter(pk=idea.pk).update(
            ice=points, ice_order=-1 if points is None else points
        )
    client = client_of(alice)
    page = client.get(URL).content.decode()
    assert page.index("Letter two") < page.index("Letter three")
    assert "Letter one" not in page
    assert "Search for others" in page
    typed = {"look": "1", "q": "four", "title": "Week 47", "ideas": [made[1].pk]}
    answer = client.post(f"{URL}?pod=LIF", typed)
    page = client.get(answer.url).content.decode()
    assert f'value="{made[1].pk}" checked' in page
    assert 'value="Week 47"' in page
    assert "Letter four" in page
    assert "Letter three" not in page
    chosen = {"title": "Week 47", "ideas": [made[1].pk, made[3].pk], "q": "four"}
    client.post(f"{URL}?pod=LIF", chosen)
    assert Round.objects.get().ideas.count() == 2


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

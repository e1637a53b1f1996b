"""Change what an idea says; nobody overwrites anybody silently."""

import pytest
from django.urls import reverse

from backlog.flows.ideas import edit_idea
from backlog.models import Event
from tests.browsing import version_on
from tests.factories import make_idea


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Name the series", tags=["lapsed"])


@pytest.fixture
def url(idea):
    return reverse("backlog:idea_edit", args=[idea.pk])


def test_it_saves_and_writes_history(tab_of, bob, idea, url):
    data = {"title": "Name the last series", "tags": "lapsed, win-back"}
    assert tab_of(bob).save(url, data).url == idea.get_absolute_url()
    idea.refresh_from_db()
    assert (idea.title, idea.version) == ("Name the last series", 2)
    assert "Bob changed title, owner, tags." in str(Event.objects.about(idea).first())


def test_who_is_slower_sees_both_versions_and_loses_nothing(tab_of, alice, bob, idea, url):
    client = tab_of(bob)
    read = version_on(client, url)
    edit_idea(idea, by=alice, title="Alice's title")
    data = {"title": "Bob's title", "observation": "What Bob saw", "tags": ""}
    response = client.post(url, data | read)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody changed this while you were editing it." in page
    for words in ("Alice&#x27;s title", "Bob&#x27;s title", "What Bob saw"):
        assert words in page
    idea.refresh_from_db()
    assert idea.title == "Alice's title"
    assert client.save(url, data).status_code == 302
    idea.refresh_from_db()
    assert (idea.title, idea.observation) == ("Bob's title", "What Bob saw")


def test_a_title_too_long_is_refused_beside_it(tab_of, bob, idea, url):
    response = tab_of(bob).save(url, {"title": "x" * 201})
    assert response.status_code == 422
    assert "A title can have at most 200 characters. This one has 201." in response.content.decode()


def test_a_viewer_may_not_and_an_outsider_finds_nothing(client_of, vera, charlie, idea, url):
    for person, status in ((vera, 403), (charlie, 404)):
        assert client_of(person).get(url).status_code == status
        assert client_of(person).post(url, {"title": "T", "version": 1}).status_code == status
    idea.refresh_from_db()
    assert idea.version == 1


def test_it_asks_the_database_little(client_of, bob, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(13):
        client.get(url)

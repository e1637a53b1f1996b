"""The page with everything that the backlog can be narrowed by."""

from django.urls import reverse

from tests.factories import make_idea

URL = reverse("backlog:idea_filter")


def test_it_offers_the_words_of_ideas_that_i_can_see(client_of, alice, charlie, pod, other_pod):
    make_idea(alice, pod, lever="Timing", tags=["lapsed"])
    make_idea(charlie, other_pod, lever="Price", tags=["secret"])
    page = client_of(alice).get(URL, {"lever": "Timing"}).content.decode()
    assert "<option selected>Timing</option>" in page
    assert "lapsed" in page
    assert "Price" not in page
    assert "secret" not in page


def test_it_asks_the_database_little(client_of, alice, pod, django_assert_max_num_queries):
    make_idea(alice, pod)
    client = client_of(alice)
    with django_assert_max_num_queries(12):
        assert client.get(URL).status_code == 200

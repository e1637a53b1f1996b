"""Which rounds there are."""

from django.urls import reverse

from backlog.flows import scoring
from tests.factories import item_of, make_idea, make_round, score

URL = reverse("backlog:round_list")


def test_it_shows_open_and_closed_rounds_of_my_pods(client_of, alice, bob, charlie, pod):
    first, second = make_idea(alice, pod, "One"), make_idea(alice, pod, "Two")
    closed = make_round(alice, pod, first, title="Week 44")
    score(item_of(closed, first), bob)
    scoring.reveal(item_of(closed, first), by=alice)
    scoring.close_round(closed, by=alice)
    make_round(alice, pod, second, title="Week 45")
    page = client_of(bob).get(URL).content.decode()
    assert page.index("Week 45") < page.index("Week 44")
    assert "waiting for your scores" in page
    outside = client_of(charlie).get(URL).content.decode()
    assert "Week 4" not in outside


def test_only_a_lead_is_offered_a_new_round(client_of, alice, bob):
    new = reverse("backlog:round_new")
    assert new in client_of(alice).get(URL).content.decode()
    assert new not in client_of(bob).get(URL).content.decode()


def test_it_asks_the_database_little(client_of, alice, bob, pod, django_assert_max_num_queries):
    for number in range(4):
        make_round(alice, pod, make_idea(alice, pod, f"Idea {number}"))
    client = client_of(bob)
    with django_assert_max_num_queries(9):
        client.get(URL)

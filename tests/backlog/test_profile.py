"""One's own name and clock."""

from django.urls import reverse

URL = reverse("backlog:profile")


def test_it_saves_name_and_time_zone(tab_of, bob):
    response = tab_of(bob).save(URL, {"name": "Bob Berg", "time_zone": "Europe/Madrid"})
    assert response.url == URL
    bob.refresh_from_db()
    assert (bob.name, bob.time_zone) == ("Bob Berg", "Europe/Madrid")


def test_what_is_not_a_time_zone_is_refused_and_the_name_kept(client_of, bob):
    response = client_of(bob).post(URL, {"name": "Robert", "time_zone": "Mars/Base"})
    assert response.status_code == 422
    assert 'value="Robert"' in response.content.decode()
    bob.refresh_from_db()
    assert bob.name == "Bob"


def test_a_role_cannot_be_smuggled_in(tab_of, bob):
    tab_of(bob).save(URL, {"name": "Bob", "time_zone": "UTC", "role": "admin"})
    bob.refresh_from_db()
    assert bob.role == "member"


def test_it_asks_the_database_little(client_of, bob, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(6):
        client.get(URL)

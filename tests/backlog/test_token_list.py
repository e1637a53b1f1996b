"""Keys to the API: made, shown once, revoked."""

import re

from django.urls import reverse

from backlog.models import ApiToken

URL, NEW = reverse("backlog:token_list"), reverse("backlog:token_new")
WANTED = {"name": "nightly export", "scope": "read", "days": "30"}


def test_the_secret_is_shown_once(client_of, bob):
    client = client_of(bob)
    page = client.post(NEW, WANTED).content.decode()
    secret = re.search(r'value="(floe_[^"]+)"', page)[1]
    token = ApiToken.objects.get()
    assert token.user == bob
    assert secret.startswith(token.hint)
    after = client.get(URL).content.decode()
    assert "nightly export" in after
    assert secret not in after
    assert secret not in client.get(NEW).content.decode()


def test_a_name_that_is_taken_is_refused(client_of, bob):
    client = client_of(bob)
    client.post(NEW, WANTED)
    response = client.post(NEW, WANTED)
    assert response.status_code == 422
    assert "You already have a token with this name." in response.content.decode()
    assert ApiToken.objects.count() == 1


def test_i_revoke_mine_and_nobody_elses(client_of, bob, adam):
    client_of(bob).post(NEW, WANTED)
    token = ApiToken.objects.get()
    revoke = reverse("backlog:token_revoke", args=[token.pk])
    assert client_of(adam).post(revoke).status_code == 404
    client = client_of(bob)
    assert client.post(revoke).url == URL
    assert "No tokens" in client.get(URL).content.decode()
    assert client.post(revoke).status_code == 409


def test_it_asks_the_database_little(client_of, bob, django_assert_max_num_queries):
    client = client_of(bob)
    for address in (URL, NEW):
        with django_assert_max_num_queries(6):
            client.get(address)

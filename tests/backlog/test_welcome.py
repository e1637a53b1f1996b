"""The first admin of an empty installation, and everybody after."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from backlog.flows.founding import setup_token
from backlog.models import User, Workspace

URL = reverse("backlog:welcome")
WANTED = {"workspace": "Harbour Post", "name": "Ada Berg", "email": "Ada@Example.com",
          "password": "kestrel over water", "token": setup_token()}  # fmt: skip


@pytest.mark.django_db
def test_who_has_the_token_is_led_here_and_becomes_the_admin(client):
    assert client.get("/").url == f"{reverse('account_login')}?next=/"
    assert client.get(reverse("account_login")).url == URL
    assert "with the set-up token becomes the admin" in client.get(URL).content.decode()
    assert client.post(URL, WANTED).url == reverse("backlog:pod_new")
    ada = User.objects.get()
    assert (ada.email, ada.role) == ("ada@example.com", "admin")
    assert Workspace.current().name == "Harbour Post"
    assert client.get(reverse("backlog:pod_new")).status_code == 200


@pytest.mark.django_db
def test_a_weak_password_is_refused_and_the_rest_kept(client):
    response = client.post(URL, WANTED | {"password": "short"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "too short" in page
    assert 'value="Ada Berg"' in page
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "guessed", setup_token()[:-1], setup_token().upper()])
def test_without_the_token_nobody_becomes_the_admin(client, token, settings):
    settings.DEBUG = True
    response = client.post(URL, WANTED | {"token": token})
    assert response.status_code == 422
    assert "set-up token" in response.content.decode()
    assert 'value="Ada Berg"' in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_no_page_tells_the_token_and_the_printed_address_carries_it(client, capsys, settings):
    settings.SITE_URL = "https://floe.example"
    assert setup_token() not in client.get(URL).content.decode()
    assert setup_token() not in client.get(reverse("account_login"), follow=True).content.decode()
    call_command("setup_link")
    printed = capsys.readouterr().out.strip()
    assert printed.startswith("https://floe.example/welcome/?token=")
    page = client.get(printed.removeprefix("https://floe.example")).content.decode()
    assert f'value="{setup_token()}"' in page


@pytest.mark.django_db
def test_the_token_is_another_one_with_another_key(settings):
    before = setup_token()
    settings.SECRET_KEY = "another key"
    assert setup_token() != before


def test_where_somebody_is_no_address_is_printed(bob):
    with pytest.raises(CommandError, match="People have already joined"):
        call_command("setup_link")


def test_once_somebody_is_here_it_leads_to_sign_in(client, bob):
    assert client.get(URL).url == reverse("account_login")
    assert client.post(URL, WANTED).url == reverse("account_login")
    assert User.objects.count() == 1
    assert client.get(reverse("account_login")).status_code == 200


def test_nobody_signs_up_by_themselves(client, bob):
    data = {"email": "eve@example.com", "password1": "kestrel over water"}
    client.post(reverse("account_signup"), data)
    assert User.objects.count() == 1


def test_a_sign_in_leads_to_pages_of_this_floe_only(client, bob):
    data = {"login": bob.email, "password": "a long password"}
    url = reverse("account_login")
    assert client.post(f"{url}?next=/ideas/", data).url == "/ideas/"
    client.logout()
    answer = client.post(f"{url}?next=https://evil.example/", data)
    assert "evil" not in getattr(answer, "url", "")

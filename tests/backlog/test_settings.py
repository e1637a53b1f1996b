"""The workspace: its choices, its people, the sample and its end."""

import pytest
from django.urls import reverse

from backlog.flows.founding import setup_link
from backlog.models import Pod, User, Workspace
from tests.browsing import version_on

URL, PEOPLE = reverse("backlog:settings"), reverse("backlog:user_list")
REMOVE = reverse("backlog:sample_remove")
OWN = {"your_password": "a long password"}
WANTED = {"name": "Harbour Post", "ice_formula": "product", "quarter_start_month": 2,
          "first_weekday": 6, "write_up_days": 5}  # fmt: skip


def test_an_admin_changes_the_workspace(tab_of, client_of, alice, adam):
    client = tab_of(adam)
    assert client.save(URL, WANTED).url == URL
    assert Workspace.current().first_weekday == 6
    assert Workspace.current().ice_formula == "product"
    assert Workspace.current().write_up_days == 5
    assert "5 days after the decision" in client_of(alice).get(URL).content.decode()


def test_days_that_cannot_be_are_a_sentence(tab_of, adam):
    for days, sentence in ((0, "Allow at least 1 day."), (91, "Allow at most 90 days.")):
        refused = tab_of(adam).save(URL, WANTED | {"write_up_days": days})
        assert refused.status_code == 422
        assert sentence in refused.content.decode()


def test_who_is_slower_is_told_and_keeps_the_values(tab_of, adam):
    client = tab_of(adam)
    read = version_on(client, URL)
    client.save(URL, WANTED)
    response = client.post(URL, WANTED | {"name": "Another name", **read})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody changed this while you were editing it." in page
    assert 'value="Another name"' in page
    assert Workspace.current().name == "Harbour Post"


def test_others_read_but_do_not_change(client_of, alice, olive):
    for person in (alice, olive):
        client = client_of(person)
        assert "Only admins can change these." in client.get(URL).content.decode()
        assert client.post(URL, WANTED).status_code == 403
    assert Workspace.current().ice_formula == "mean"


def role_of(user):
    return reverse("backlog:user_role", args=[user.pk])


def test_an_admin_gives_roles(tab_of, adam, bob):
    client = tab_of(adam)
    assert "bob@example.com" in client.get(PEOPLE).content.decode()
    assert client.save(role_of(bob), {"role": "owner"} | OWN, page=PEOPLE).url == PEOPLE
    bob.refresh_from_db()
    assert bob.role == "owner"


def test_the_last_admin_stays_one(tab_of, adam):
    tab = tab_of(adam)
    response = tab.save(role_of(adam), {"role": "member"} | OWN, page=PEOPLE)
    assert response.status_code == 422
    assert "This is the only admin." in response.content.decode()
    assert tab.save(role_of(adam), {"role": "king"}, page=PEOPLE).status_code == 422


def test_others_neither_see_people_nor_give_roles(client_of, alice, olive, bob):
    for person in (alice, olive):
        assert client_of(person).get(PEOPLE).status_code == 403
        assert client_of(person).post(role_of(bob), {"role": "admin"}).status_code == 403


@pytest.fixture
def sample(pod):
    Pod.objects.filter(pk=pod.pk).update(is_sample=True)
    return pod


def test_an_admin_is_asked_and_then_the_sample_is_gone(client_of, adam, sample, other_pod):
    client = client_of(adam)
    assert "The pod Lifecycle with 0 ideas" in client.get(REMOVE).content.decode()
    assert Pod.objects.filter(is_sample=True).exists()
    assert client.post(REMOVE, OWN).url == reverse("backlog:today")
    assert list(Pod.objects.all()) == [other_pod]
    assert client.post(REMOVE).status_code == 409


def test_who_belongs_to_the_sample_is_signed_out_with_it(client_of, adam, sample, settings):
    settings.DEBUG = True
    User.objects.filter(pk=adam.pk).update(is_sample=True)
    client = client_of(adam)
    assert client.post(REMOVE, OWN).url == setup_link("")
    assert "_auth_user_id" not in client.session


def test_removing_the_sample_leaves_nobody_without_an_admin(client_of, adam, bob, sample, settings):
    settings.DEBUG = True
    User.objects.filter(pk=adam.pk).update(is_sample=True)
    client = client_of(adam)
    for left in ({"role": "owner"}, {"role": "admin", "is_active": False}):
        User.objects.filter(pk=bob.pk).update(**left)
        answer = client.post(REMOVE, OWN)
        assert answer.status_code == 422
        assert "Make somebody else an admin first." in answer.content.decode()
        assert Pod.objects.filter(is_sample=True).exists()
        assert User.objects.filter(pk=adam.pk).exists()
    User.objects.filter(pk=bob.pk).update(role="admin", is_active=True)
    assert client.post(REMOVE, OWN).url == reverse("account_login")
    assert list(User.objects.all()) == [bob]


def test_others_do_not_remove_it(client_of, olive, alice, sample):
    for person in (olive, alice):
        assert client_of(person).post(REMOVE).status_code == 403
    assert Pod.objects.filter(is_sample=True).exists()


def test_it_asks_the_database_little(client_of, adam, sample, django_assert_max_num_queries):
    client = client_of(adam)
    for address, budget in ((URL, 9), (PEOPLE, 9), (REMOVE, 9)):
        with django_assert_max_num_queries(budget):
            client.get(address)

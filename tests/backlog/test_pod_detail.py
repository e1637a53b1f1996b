"""Pods and who is in them."""

import pytest
from django.urls import reverse

from backlog.models import Membership, Pod

LIST, NEW = reverse("backlog:pod_list"), reverse("backlog:pod_new")


def url(pod):
    return reverse("backlog:pod_detail", args=[pod.pk])


def member_url(name, pod, user):
    membership = Membership.objects.get(pod=pod, user=user)
    return reverse(f"backlog:member_{name}", args=[pod.pk, membership.pk])


def test_an_owner_makes_a_pod_with_its_prefix_in_capitals(client_of, olive, other_pod):
    response = client_of(olive).post(NEW, {"name": "Giving", "prefix": "giv", "outcome": "Gifts"})
    pod = Pod.objects.get(name="Giving")
    assert (pod.prefix, response.url) == ("GIV", url(pod))


@pytest.mark.grooming("C3")
def test_who_makes_a_pod_leads_it(client_of, olive):
    response = client_of(olive).post(NEW, {"name": "Giving", "prefix": "giv", "outcome": "Gifts"})
    made = Membership.objects.get()
    assert (made.user, made.pod.name, made.role) == (olive, "Giving", "lead")
    assert response.url == reverse(
        "backlog:today"
    )  # the first pod: the other three things wait there


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "Lifecycle", "prefix": "XY"}, "There is already a pod with this name."),
        ({"name": "New", "prefix": "LIF"}, "Another pod already uses this prefix."),
        ({"name": "New", "prefix": "L1"}, "Enter two to six capital letters, such as LIF."),
        ({"name": "", "prefix": "XY"}, "Enter a name."),
    ],
)
def test_a_pod_that_cannot_be_is_refused_beside_the_field(client_of, olive, pod, data, sentence):
    response = client_of(olive).post(NEW, data)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_members_and_leads_make_no_pods(client_of, alice, bob):
    for person in (alice, bob):
        assert client_of(person).post(NEW, {"name": "X", "prefix": "XX"}).status_code == 403


def test_a_lead_adds_changes_and_removes_a_person(tab_of, alice, charlie, pod):
    client = tab_of(alice)
    add = reverse("backlog:member_new", args=[pod.pk])
    data = {"role": "member", "duty": "analysis", "department": "Data"}
    assert client.post(add, data | {"user": charlie.pk}).url == url(pod)
    page = client.get(url(pod)).content.decode()
    assert "Charlie" in page
    assert "Data" in page
    client.save(member_url("edit", pod, charlie), data | {"role": "viewer"})
    assert Membership.objects.get(pod=pod, user=charlie).role == "viewer"
    client.post(member_url("remove", pod, charlie))
    assert not Membership.objects.filter(pod=pod, user=charlie).exists()


def test_a_person_who_is_in_it_is_not_offered_again(client_of, alice, bob, pod):
    add = reverse("backlog:member_new", args=[pod.pk])
    data = {"user": bob.pk, "role": "lead", "duty": "analysis"}
    assert client_of(alice).post(add, data).status_code == 422
    assert Membership.objects.get(pod=pod, user=bob).role == "member"


def test_members_look_on_and_outsiders_find_nothing(client_of, alice, bob, charlie, pod):
    page = client_of(bob).get(url(pod)).content.decode()
    assert "Alice" in page
    assert "/edit/" not in page
    assert "Invite by link" not in page
    for name in ("edit", "remove"):
        assert client_of(bob).post(member_url(name, pod, alice), {}).status_code == 403
        assert client_of(charlie).post(member_url(name, pod, alice), {}).status_code == 404
    assert client_of(charlie).get(url(pod)).status_code == 404


def test_the_list_shows_my_pods_and_my_role(client_of, alice, olive, pod, other_pod):
    page = client_of(alice).get(LIST).content.decode()
    assert "Lifecycle" in page
    assert "Lead" in page
    assert "Paywall" not in page
    assert "Paywall" in client_of(olive).get(LIST).content.decode()


def test_the_switcher_leads_back_to_pages_of_this_floe_only(client_of, alice, pod, other_pod):
    client, switch = client_of(alice), reverse("backlog:pod_switch")
    assert client.post(switch, {"pod": "LIF", "next": "/ideas/?q=x"}).url == "/ideas/?q=x"
    assert client.session["pod"] == pod.pk
    for bad in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert client.post(switch, {"pod": "", "next": bad}).url == reverse("backlog:today")
    assert client.session["pod"] is None
    assert client.post(switch, {"pod": "PAY"}).status_code == 404


def test_it_asks_the_database_little(client_of, alice, bob, pod, django_assert_max_num_queries):
    client = client_of(alice)
    for address, budget in ((url(pod), 9), (LIST, 7), (member_url("edit", pod, bob), 9)):
        with django_assert_max_num_queries(budget):
            client.get(address)

"""The frame around every page: where you are."""

import re

from django.urls import reverse

from backlog.models import Membership
from tests.factories import make_idea


def switcher_of(client) -> str:
    page = client.get(reverse("backlog:idea_list")).content.decode()
    match = re.search(r'<button class="podswitch".*?<span class="lbl">([^<]+)</span>', page, re.S)
    return match[1]


def test_the_switcher_names_the_only_pod_there_is(client_of, bob, pod, other_pod):
    client = client_of(bob)
    assert switcher_of(client) == "Lifecycle"
    assert "All pods" not in client.get(reverse("backlog:idea_list")).content.decode()


def test_the_switcher_says_all_pods_until_one_is_chosen(client_of, alice, bob, pod, other_pod):
    Membership.objects.create(user=bob, pod=other_pod, role="member")
    make_idea(alice, pod)
    client = client_of(bob)
    assert switcher_of(client) == "All pods"
    client.post(reverse("backlog:pod_switch"), {"pod": "PAY"})
    assert switcher_of(client) == "Paywall"

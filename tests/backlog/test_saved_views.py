"""Views over the backlog: one's own, a pod's, everybody's."""

import pytest
from django.urls import reverse

from backlog.models import SavedView

LIST, NEW = reverse("backlog:idea_list"), reverse("backlog:view_new")


def save(client, name="Split ones", scope="private", pod="", query="agreement=split"):
    return client.post(NEW, {"name": name, "scope": scope, "pod": pod, "query": query})


def tabs(client, address=LIST):
    page = client.get(address).content.decode()
    return page.partition('aria-label="Views"')[2].partition("</nav>")[0]


def test_a_view_keeps_filters_order_groups_and_columns_but_not_the_place(client_of, bob, pod):
    client = client_of(bob)
    form = client.get(f"{NEW}?status=new&sort=title&group=pod&columns=key&after=x&show=99")
    assert "columns=key&amp;group=pod&amp;sort=title&amp;status=new" in form.content.decode()
    answer = save(client)
    assert answer.url == f"{LIST}?view={SavedView.objects.get().pk}&agreement=split"
    assert "Split ones" in tabs(client)


@pytest.mark.parametrize(
    ("actor", "scope", "sees"),
    [
        ("alice", "private", {"alice"}),
        ("alice", "pod", {"alice", "bob", "vera", "olive"}),
        ("olive", "workspace", {"alice", "bob", "vera", "olive", "charlie"}),
    ],
)
def test_it_is_seen_by_those_it_is_shared_with(
    client_of, request, alice, bob, vera, charlie, olive, pod, actor, scope, sees
):
    save(client_of(request.getfixturevalue(actor)), scope=scope, pod="LIF")
    people = {"alice": alice, "bob": bob, "vera": vera, "charlie": charlie, "olive": olive}
    assert {name for name, who in people.items() if "Split ones" in tabs(client_of(who))} == sees


def test_a_member_shares_with_nobody(client_of, bob, pod):
    assert save(client_of(bob), scope="pod", pod="LIF").status_code == 422
    assert save(client_of(bob), scope="workspace").status_code == 422
    assert not SavedView.objects.exists()


def test_a_lead_shares_with_their_own_pod_only(client_of, alice, other_pod):
    assert save(client_of(alice), scope="pod", pod="PAY").status_code == 422
    assert save(client_of(alice), scope="pod").status_code == 422


def test_a_changed_view_offers_to_save_or_undo(client_of, alice, bob, pod):
    save(client_of(alice), scope="pod", pod="LIF")
    view = SavedView.objects.get()
    changed = f"{LIST}?view={view.pk}&agreement=close"
    page = client_of(alice).get(changed).content.decode()
    assert "View changed:" in page
    assert reverse("backlog:view_edit", args=[view.pk]) in page
    assert (
        reverse("backlog:view_edit", args=[view.pk])
        not in client_of(bob).get(changed).content.decode()
    )
    client_of(alice).post(
        reverse("backlog:view_edit", args=[view.pk]),
        {"query": "agreement=close", "was": view.query},
    )
    view.refresh_from_db()
    assert view.query == "agreement=close"
    assert "View changed:" not in client_of(alice).get(changed).content.decode()


def test_only_who_may_share_it_changes_or_removes_it(client_of, alice, bob, charlie, pod):
    save(client_of(alice), scope="pod", pod="LIF")
    view = SavedView.objects.get()
    for name in ("view_edit", "view_remove"):
        path = reverse(f"backlog:{name}", args=[view.pk])
        assert client_of(bob).post(path, {"query": ""}).status_code == 403
        assert client_of(charlie).post(path, {"query": ""}).status_code == 404
    client_of(alice).post(reverse("backlog:view_remove", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_a_private_view_is_nobody_elses_to_open(client_of, alice, olive, pod):
    save(client_of(alice))
    path = reverse("backlog:view_edit", args=[SavedView.objects.get().pk])
    assert client_of(olive).get(path).status_code == 404


def test_a_name_too_long_or_missing_is_said(client_of, alice, pod):
    assert "Enter a name." in save(client_of(alice), name="").content.decode()
    assert "at most 40" in save(client_of(alice), name="x" * 41).content.decode()

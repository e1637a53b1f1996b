"""The inbox: new ideas are accepted, snoozed, rejected or merged; old ones come up; limits hold."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows import limits, scoring
from backlog.flows.moves import move_idea
from backlog.flows.notifying import follow, watchers_of
from backlog.models import Comment, Idea, Notification
from backlog.refusals import Refused
from experiments.flows import promotion
from experiments.models import Experiment
from tests.factories import HYPOTHESIS, item_of, make_idea, make_round, make_scored_idea, score

INBOX, GROOM = reverse("backlog:idea_triage"), reverse("backlog:idea_groom")


def act(client, idea, move, **data):
    address = reverse("backlog:idea_move", args=[idea.pk, move])
    answer = client.post(address, {"then": "idea_triage", **data}, follow=True)
    idea.refresh_from_db()
    return answer.content.decode()


def test_new_ideas_wait_until_a_lead_has_decided_on_them(client_of, alice, bob, pod):
    first, second = make_idea(bob, pod, "First one"), make_idea(bob, pod, "Second one")
    client = client_of(alice)
    page = client.get(INBOX).content.decode()
    assert page.index("First one") < page.index("Second one")
    page = act(client, first, "accept")
    assert "First one" not in page
    assert "accepted" in page
    assert (first.state, first.status) == ("open", "new")
    assert first.accepted_at
    page = act(client, first, "unaccept")
    assert "First one" in page
    for move, data in (
        ("snooze", {"snoozed_until": timezone.localdate() + dt.timedelta(days=9)}),
        ("reopen", {}),
        ("reject", {"reason": "We tried it twice."}),
    ):
        act(client, second, move, **data)
    assert "Second one" not in client.get(INBOX).content.decode()


def test_accepting_twice_is_a_sentence(client_of, alice, bob, pod):
    idea = make_idea(bob, pod)
    move_idea(idea, "accept", by=alice)
    with pytest.raises(Refused, match="already been accepted"):
        move_idea(idea, "accept", by=alice)


def test_the_inbox_is_for_leads_and_shows_their_pods_alone(
    client_of, alice, bob, charlie, pod, other_pod
):
    make_idea(bob, pod, "Ours")
    assert client_of(bob).get(INBOX).status_code == 403
    assert "Ours" not in client_of(charlie).get(INBOX).content.decode()


def test_the_author_of_a_rejected_idea_is_told_why(client_of, alice, bob, pod):
    idea = make_idea(bob, pod)
    act(client_of(alice), idea, "reject", reason="We tried it twice.")
    assert "We tried it twice." in Notification.objects.get(to=bob).sentence
    assert "We tried it twice." in client_of(bob).get(reverse("backlog:today")).content.decode()


def test_a_duplicate_hands_on_its_tags_comments_and_watchers(alice, bob, carol, pod):
    one, two = make_idea(alice, pod, "One", tags=["a"]), make_idea(bob, pod, "Two", tags=["b", "c"])
    comment = Comment.objects.create(idea=two, author=carol, text="Yes")
    follow(two, carol)
    move_idea(two, "mark_duplicate", by=alice, duplicate_of=one)
    assert {tag.name for tag in one.tags.all()} == {"a", "b", "c"}
    comment.refresh_from_db()
    assert comment.idea == one
    assert {user.name for user in watchers_of(one)} == {"Alice", "Bob", "Carol"}


def test_old_ideas_come_up_with_their_reason_until_somebody_keeps_them(client_of, alice, bob, pod):
    idea, fresh = make_idea(bob, pod, "Old one"), make_idea(bob, pod, "Fresh one")
    long_ago = timezone.now() - dt.timedelta(days=400)
    Idea.objects.filter(pk=idea.pk).update(created_at=long_ago, updated_at=long_ago)
    client = client_of(alice)
    page = client.get(GROOM).content.decode()
    assert "not changed for 400 days; 13 months old" in page
    assert fresh.title not in page
    act(client, idea, "keep")
    assert "Old one" not in client.get(GROOM).content.decode()


def test_old_scores_are_a_reason(client_of, alice, bob, carol, pod):
    idea = make_scored_idea(alice, pod, {bob: (5, 5, 5), carol: (6, 6, 6)}, title="Scored long ago")
    half = timezone.now() - dt.timedelta(days=200)
    idea.round_ideas.update(revealed_at=half)
    Idea.objects.filter(pk=idea.pk).update(updated_at=timezone.now() - dt.timedelta(days=40))
    page = client_of(alice).get(GROOM).content.decode()
    assert "its scores are older than two quarters" in page


def test_a_pod_s_limit_holds_ideas_back_until_one_is_done(
    tab_of, alice, bob, carol, pod, objective
):
    tab, page = tab_of(alice), reverse("backlog:pod_detail", args=[pod.pk])
    limit = reverse("backlog:pod_limit", args=[pod.pk])
    tab.save(limit, {"progress_limit": "1"}, page=page)
    one, two = make_idea(alice, pod, "One"), make_idea(alice, pod, "Two")
    round_ = make_round(alice, pod, one)
    with pytest.raises(Refused, match=r"1 idea in progress .* its limit is 1"):
        make_round(alice, pod, two)
    score(item_of(round_, one), bob)
    scoring.reveal(item_of(round_, one), by=alice)
    one.refresh_from_db()
    for part, words in HYPOTHESIS.items():
        setattr(one, part, words)
    promotion.promote(one, by=alice, objective=objective, analyst=bob)
    two.refresh_from_db()
    pod.refresh_from_db()
    assert limits.in_progress(pod) == 1
    with pytest.raises(Refused, match="its limit is 1"):
        make_round(alice, pod, two)
    Experiment.objects.update(state="cancelled")
    make_round(alice, pod, two)
    tab.save(limit, {"progress_limit": ""}, page=page)
    pod.refresh_from_db()
    assert pod.progress_limit is None


def test_the_inbox_asks_the_database_little(
    client_of, alice, bob, pod, django_assert_max_num_queries
):
    for number in range(8):
        make_idea(bob, pod, f"Idea {number}")
    client = client_of(alice)
    for page in (INBOX, GROOM):
        with django_assert_max_num_queries(12):
            client.get(page)

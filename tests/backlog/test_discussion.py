"""Talk about an idea: comments, mentions, following; nobody loses what they typed."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.moves import move_idea
from backlog.flows.talking import comment_on
from backlog.models import Comment, Idea, Notification
from tests.factories import make_idea


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Name the series")


def url(name, pk):
    return reverse(f"backlog:{name}", args=[pk])


def say(client, idea, text):
    return client.post(url("comment_new", idea.pk), {"text": text})


def page_of(client, idea):
    return client.get(idea.get_absolute_url()).content.decode()


def lines_of(person):
    return list(person.notifications.values_list("kind", flat=True))


def test_a_comment_stands_on_the_idea_as_markdown(client_of, bob, vera, idea):
    answer = say(client_of(bob), idea, "**Why** would it?\n\n<script>x</script>")
    assert answer.url == Comment.objects.get().get_absolute_url()
    page = page_of(client_of(vera), idea)
    assert "<strong>Why</strong>" in page
    assert "<script>x" not in page


def test_an_empty_or_endless_comment_keeps_what_was_typed(client_of, bob, idea):
    assert "Write something first." in say(client_of(bob), idea, "  ").content.decode()
    answer = say(client_of(bob), idea, "x" * 5001)
    assert answer.status_code == 422
    assert "x" * 5001 in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_mention_tells_the_person_and_marks_the_name(client_of, bob, carol, alice, idea):
    say(client_of(bob), idea, "What do you think, @Carol? And `@dave`, write to bob@carol.example")
    assert lines_of(carol) == ["mention"]
    assert lines_of(alice) == ["comment"]  # the author follows her idea
    assert '<b class="mention">@Carol</b>' in page_of(client_of(alice), idea)


def test_nobody_outside_the_pod_is_told_or_marked(client_of, bob, charlie, idea):
    say(client_of(bob), idea, "@Charlie, look")
    assert lines_of(charlie) == []
    assert "mention" not in page_of(client_of(bob), idea)


def test_who_spoke_hears_of_what_is_said_after_but_not_of_their_own(client_of, bob, dave, idea):
    say(client_of(bob), idea, "First")
    say(client_of(dave), idea, "Second")
    assert lines_of(bob) == ["comment"]
    assert lines_of(dave) == []


def test_one_can_follow_an_idea_and_stop(client_of, alice, vera, bob, idea):
    client = client_of(vera)
    client.post(url("idea_watch", idea.pk), {"follow": "yes"})
    assert "Stop following" in page_of(client, idea)
    client_of(alice).post(url("idea_watch", idea.pk), {"follow": "no"})
    say(client_of(bob), idea, "Hello")
    assert lines_of(vera) == ["comment"]
    assert lines_of(alice) == []


def test_the_author_is_told_why_it_was_rejected(alice, bob, olive, idea):
    Idea.objects.filter(pk=idea.pk).update(author=bob, owner=None)
    idea.refresh_from_db()
    move_idea(idea, "reject", by=olive, reason="We tried it twice.")
    assert "We tried it twice." in bob.notifications.get().sentence


def test_who_left_the_pod_is_told_nothing_more(alice, bob, carol, idea):
    Idea.objects.filter(pk=idea.pk).update(author=bob)
    bob.memberships.all().delete()
    idea.refresh_from_db()
    comment_on(idea, by=carol, text="A secret")
    assert not Notification.objects.filter(to=bob).exists()


def test_ten_minutes_to_change_it_and_only_for_oneself(client_of, alice, bob, dave, idea, tab_of):
    comment = comment_on(idea, by=bob, text="Frist")
    path = url("comment_edit", comment.pk)
    assert client_of(alice).post(path, {"text": "Hers"}).status_code == 403
    tab_of(bob).save(path, {"text": "First, @Dave"})
    comment.refresh_from_db()
    assert (comment.text, comment.edited_at is not None) == ("First, @Dave", True)
    assert lines_of(dave) == ["mention"]
    tab_of(bob).save(path, {"text": "First, @Dave!"})
    assert lines_of(dave) == ["mention"]  # once is enough
    Comment.objects.update(created_at=timezone.now() - dt.timedelta(minutes=11))
    answer = tab_of(bob).save(path, {"text": "Too late"})
    assert "ten minutes" in answer.content.decode()
    assert "Too late" in answer.content.decode()


def test_deleting_leaves_a_mark_and_no_words(client_of, alice, bob, carol, vera, idea):
    comment = comment_on(idea, by=bob, text="Regrettable words, @Carol")
    assert client_of(carol).post(url("comment_delete", comment.pk)).status_code == 403
    client_of(alice).post(url("comment_delete", comment.pk))
    page = page_of(client_of(vera), idea)
    assert "Alice deleted this comment." in page
    assert "Regrettable" not in page
    comment.refresh_from_db()
    assert comment.text == ""
    assert client_of(bob).post(url("comment_delete", comment.pk)).status_code == 409


def test_the_list_counts_comments(client_of, bob, vera, idea):
    comment_on(idea, by=bob, text="One")
    second = comment_on(idea, by=bob, text="Two")
    client_of(bob).post(url("comment_delete", second.pk))
    page = client_of(vera).get(reverse("backlog:idea_list")).content.decode()
    assert '1<span class="sr"> comments</span>' in page


def test_a_viewer_reads_and_an_outsider_finds_nothing(client_of, vera, charlie, bob, idea):
    comment = comment_on(idea, by=bob, text="One")
    assert "commentform" not in page_of(client_of(vera), idea)
    assert say(client_of(vera), idea, "x").status_code == 403
    for name in ("comment_edit", "comment_delete"):
        assert client_of(charlie).post(url(name, comment.pk), {"text": "x"}).status_code == 404


@pytest.mark.parametrize("comments", [1, 30])
def test_a_long_thread_costs_no_more_queries(
    client_of, alice, bob, idea, comments, django_assert_max_num_queries
):
    for number in range(comments):
        comment_on(idea, by=bob, text=f"Number {number}, @Alice")
    client = client_of(alice)
    with django_assert_max_num_queries(12):
        client.get(idea.get_absolute_url())

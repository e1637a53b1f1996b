"""Comments on the idea that a post-mortem points at: chosen while writing, shown to who may read them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.talking import comment_on, delete_comment
from experiments.flows import writing_up_highlights
from experiments.flows.writing_up import start_post_mortem
from experiments.models import DiscussionHighlight, PostMortem
from tests.factories import make_idea, shipped


@pytest.fixture
def decided(alice, bob, pod, objective):
    return shipped(alice, bob, pod, objective)


@pytest.fixture
def written(decided, bob):
    return start_post_mortem(decided, by=bob)


@pytest.fixture
def remark(decided, alice):
    return comment_on(decided.idea, by=alice, text="Is it <b>the season</b>? " + "And why? " * 60)


def to(name, experiment, *more):
    return reverse(f"experiments:{name}", args=[experiment.pk, *more])


def choose(client, decided, comment, on="yes"):
    return client.post(to("highlight_choose", decided, comment.pk), {"on": on})


def test_a_comment_is_chosen_shown_with_its_link_and_taken_out(
    client_of, bob, decided, written, remark
):
    client, page = client_of(bob), to("postmortem_highlights", decided)
    assert "Highlight" in client.get(page).content.decode()
    assert choose(client, decided, remark).url == f"{page}#comment-{remark.pk}"
    choose(client, decided, remark)  # a second click
    assert DiscussionHighlight.objects.count() == 1
    reading = client.get(to("postmortem_detail", decided)).content.decode()
    assert "Is it &lt;b&gt;the season&lt;/b&gt;?" in reading
    assert f'href="{remark.get_absolute_url()}"' in reading
    assert "Alice, " in reading
    assert "And why? " * 40 not in reading, "its beginning only"
    assert "Take out" in client.get(page).content.decode()
    choose(client, decided, remark, on="no")
    assert not DiscussionHighlight.objects.exists()
    assert (
        "From the discussion" not in client.get(to("postmortem_detail", decided)).content.decode()
    )


def test_only_who_may_open_the_idea_sees_it(
    client_of, vera, charlie, bob, decided, written, remark
):
    choose(client_of(bob), decided, remark)
    PostMortem.objects.update(state="published", published_at=timezone.now())
    for show in ("", "?present=1"):
        page = to("postmortem_detail", decided) + show
        assert "the season" in client_of(vera).get(page).content.decode()
        outside = client_of(charlie).get(page)
        assert outside.status_code == 200
        assert "the season" not in outside.content.decode()
        assert "discussion of the idea" not in outside.content.decode()


def test_one_that_is_deleted_is_gone(client_of, bob, alice, decided, written, remark):
    choose(client_of(bob), decided, remark)
    delete_comment(remark, by=alice)
    assert (
        "From the discussion"
        not in client_of(bob).get(to("postmortem_detail", decided)).content.decode()
    )
    assert choose(client_of(bob), decided, remark).status_code == 409


def test_a_comment_of_another_idea_or_pod_is_not_taken(
    client_of, bob, alice, charlie, pod, other_pod, decided, written
):
    elsewhere = comment_on(make_idea(alice, pod), by=alice, text="Elsewhere")
    theirs = comment_on(make_idea(charlie, other_pod), by=charlie, text="Theirs")
    for comment in (elsewhere, theirs):
        assert choose(client_of(bob), decided, comment).status_code == 404
    assert not DiscussionHighlight.objects.exists()


def test_viewers_may_not_choose_and_a_published_one_is_not_changed(
    client_of, vera, charlie, bob, decided, written, remark
):
    assert choose(client_of(vera), decided, remark).status_code == 403
    assert choose(client_of(charlie), decided, remark).status_code == 404
    PostMortem.objects.update(state="published", published_at=timezone.now())
    assert choose(client_of(bob), decided, remark).status_code == 409
    assert client_of(bob).get(to("postmortem_highlights", decided)).url == to(
        "postmortem_detail", decided
    )
    assert not DiscussionHighlight.objects.exists()


def test_there_are_at_most_so_many(client_of, alice, bob, decided, written, remark, monkeypatch):
    monkeypatch.setattr(writing_up_highlights, "MOST_HIGHLIGHTS", 1)
    choose(client_of(bob), decided, remark)
    another = comment_on(decided.idea, by=alice, text="Another")
    refused = choose(client_of(bob), decided, another)
    assert refused.status_code == 409
    assert "Take one out first." in refused.content.decode()


def test_without_comments_the_pages_say_so(client_of, bob, decided, written):
    assert (
        "Nobody has commented on LIF-1"
        in client_of(bob).get(to("postmortem_edit", decided)).content.decode()
    )
    assert (
        "No comments yet"
        in client_of(bob).get(to("postmortem_highlights", decided)).content.decode()
    )

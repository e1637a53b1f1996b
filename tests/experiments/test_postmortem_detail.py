"""Read it: the pod while it is written, everybody once it is published."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.flows import learnings, writing_up, writing_up_after
from tests.factories import shipped


@pytest.fixture
def decided(alice, bob, pod, objective):
    return shipped(alice, bob, pod, objective)


@pytest.fixture
def url(decided):
    return reverse("experiments:postmortem_detail", args=[decided.pk])


@pytest.fixture
def draft(decided, bob):
    written = writing_up.start_post_mortem(decided, by=bob)
    return writing_up.edit_post_mortem(written, by=bob, surprises="It **held**. <script>x</script>")


@pytest.fixture
def published(draft, alice, bob):
    learnings.add_learning(
        draft, by=bob, claim="Names bring readers back", scope="Lapsed readers",
        expires_on=timezone.localdate() + dt.timedelta(days=90),
    )  # fmt: skip
    writing_up.add_follow_up(draft, by=bob, title="Name the author too")
    writing_up_after.mark_read(draft, by=alice)
    return writing_up.publish(draft, by=bob)


def page_of(client, url):
    return client.get(url).content.decode()


def test_before_it_is_begun_a_member_may_begin_and_a_viewer_may_not(client_of, bob, vera, url):
    assert "Write the post-mortem" in page_of(client_of(bob), url)
    page = page_of(client_of(vera), url)
    assert "Nobody has begun the post-mortem" in page
    assert "/postmortem/start/" not in page


def test_a_draft_is_for_its_pod(client_of, bob, charlie, draft, url):
    assert "Go on writing" in page_of(client_of(bob), url)
    assert client_of(charlie).get(url).status_code == 404


def test_everybody_reads_what_is_published_without_links_they_cannot_open(
    client_of, charlie, decided, published, url
):
    page = page_of(client_of(charlie), url)
    assert "Names bring readers back" in page
    assert "Planned and actual" in page
    assert "<strong>held</strong>" in page
    assert "<script>x" not in page
    for address in (decided.get_absolute_url(), decided.idea.get_absolute_url(), "/edit/"):
        assert f'href="{address}"' not in page
    assert "Name the author too" not in page


def test_its_pod_sees_the_follow_up_ideas(client_of, vera, published, url):
    assert "Name the author too" in page_of(client_of(vera), url)


def test_it_asks_the_database_little(client_of, bob, published, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)

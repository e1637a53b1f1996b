"""The post-mortem for its discussion: sections with their minutes, comments for the pod only."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from experiments.flows.writing_up import start_post_mortem
from experiments.flows.writing_up_comments import comment_on_section, resolve_thread
from experiments.learning.discussion import minutes_each
from experiments.models import PostMortem
from tests.factories import shipped


@pytest.fixture
def written(alice, bob, pod, objective):
    written = start_post_mortem(shipped(alice, bob, pod, objective), by=bob)
    PostMortem.objects.update(surprises="It <i>held</i>.", went_badly="The link")
    return written


@pytest.fixture
def url(written):
    return reverse("experiments:postmortem_detail", args=[written.experiment_id]) + "?present=1"


def minutes_on(page):
    return [int(each) for each in re.findall(r'data-share="(\d+)"', page)]


def test_its_sections_share_thirty_minutes_and_blank_texts_take_none(client_of, bob, url):
    page = client_of(bob).get(url).content.decode()
    assert sum(minutes_on(page)) == 30
    assert re.findall(r'<h2 id="p-(\w+)"', page) == [
        "result", "compared", "summary", "surprises", "went_badly", "learnings", "actions",
    ]  # fmt: skip
    assert "It &lt;i&gt;held&lt;/i&gt;." in page
    assert minutes_on(page)[3] == max(minutes_on(page)), "what surprised us takes the longest"
    assert f"About {max(minutes_on(page))} of 30 minutes" in page
    assert page.count("data-minutes") == 1


def test_open_comments_stand_with_their_text_and_only_the_pod_sees_them(
    client_of, alice, bob, charlie, written, url
):
    comment_on_section(written, by=alice, section="lucky", text="And the weather?")
    gone = comment_on_section(written, by=alice, section="surprises", text="Settled long ago")
    resolve_thread(gone, by=bob)
    page = client_of(bob).get(url).content.decode()
    assert 'id="p-lucky"' in page, "a comment gives a blank text its minutes"
    assert "And the weather?" in page
    assert "Settled long ago" not in page
    assert client_of(charlie).get(url).status_code == 404
    PostMortem.objects.update(state="published", published_at=timezone.now())
    outside = client_of(charlie).get(url).content.decode()
    assert "It &lt;i&gt;held&lt;/i&gt;." in outside
    assert "And the weather?" not in outside


def test_nothing_is_presented_before_somebody_has_begun(client_of, bob, written, url):
    PostMortem.objects.update(author=None)
    assert "Nobody has begun the post-mortem" in client_of(bob).get(url).content.decode()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(30, 90))
def test_the_minutes_add_up_and_follow_the_weights(weights, total):
    minutes = minutes_each(weights, total)
    assert sum(minutes) == total
    assert min(minutes) >= 1
    for one, more in zip(weights, minutes, strict=True):
        for other, fewer in zip(weights, minutes, strict=True):
            assert more >= fewer - 1 or one < other


def test_more_parts_than_minutes_are_refused():
    with pytest.raises(ValueError, match="more parts than minutes"):
        minutes_each([1, 1], 1)

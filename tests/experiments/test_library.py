"""What was learned: found by words, lever and outcome, readable by everybody once published."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Notification
from experiments.flows import learnings, writing_up, writing_up_after
from experiments.flows.deciding import decide
from experiments.models import Learning, LeverFollow
from tests.factories import analysed, launched, make_experiment


@pytest.fixture
def url():
    return reverse("experiments:library")


@pytest.fixture
def written(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    type(made.idea).objects.filter(pk=made.idea_id).update(lever="Subject line")
    analysed(made, bob)
    decide(made, by=bob, choice="ship")
    draft = writing_up.start_post_mortem(made, by=bob)
    writing_up.edit_post_mortem(draft, by=bob, surprises="It held.")
    learnings.add_learning(
        draft, by=bob, claim="Names bring readers back", scope="Lapsed readers",
        expires_on=timezone.localdate() + dt.timedelta(days=90),
    )  # fmt: skip
    return draft


@pytest.fixture
def published(written, alice, bob):
    writing_up_after.mark_read(written, by=alice)
    return writing_up.publish(written, by=bob)


def page_of(client, url):
    return client.get(url).content.decode()


def test_everybody_finds_a_published_learning(client_of, charlie, published, url):
    page = page_of(client_of(charlie), url)
    assert "Names bring readers back" in page
    assert published.get_absolute_url() in page


def test_a_draft_is_in_no_library(client_of, bob, written, url):
    assert "Names bring readers back" not in page_of(client_of(bob), url)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("channel=Push", False), ("metric=reactivated", True), ("metric=Opened", False),
        ("age=holds", True), ("age=expired", False), ("age=soon", False), ("age=nonsense", True),
        ("segment=x%27y", False), ("page=99", True), ("page=x", True),
        ("q=names+readers", True), ("q=weather", False), ("lever=Subject+line", True),
        ("lever=Price", False), ("outcome=won", True), ("outcome=lost", False), ("q=%25", False),
    ],
)  # fmt: skip
def test_words_lever_and_outcome_narrow_it(client_of, charlie, published, url, query, is_found):
    page = page_of(client_of(charlie), f"{url}?{query}")
    assert ("Names bring readers back" in page) is is_found


def test_empty_it_teaches(client_of, bob, url):
    page = page_of(client_of(bob), url)
    assert "A learning is one claim with its scope and expiry." in page


def test_it_asks_the_database_little(client_of, bob, published, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)


def test_a_write_up_is_found_by_any_of_its_texts(client_of, charlie, published, url):
    client = client_of(charlie)
    assert published.experiment.title in page_of(client, f"{url}?q=held")
    assert published.get_absolute_url() not in page_of(client, f"{url}?q=weather")


def test_facets_name_only_what_is_published(client_of, bob, written, url):
    assert "<option>Subject line</option>" not in page_of(client_of(bob), url)


def test_who_follows_a_lever_hears_of_what_is_published(
    client_of, alice, bob, carol, charlie, written, url
):
    client, follow = client_of(charlie), reverse("experiments:library_follow")
    assert client.post(follow, {"lever": "subject LINE"}).status_code == 302
    assert client.post(follow, {"lever": "Subject line"}).status_code == 302
    assert LeverFollow.objects.get().lever == "subject line"
    writing_up_after.mark_read(written, by=alice)
    writing_up.publish(written, by=bob)
    (line,) = Notification.objects.filter(kind="library")
    assert (line.to, line.pod, line.url) == (charlie, None, written.get_absolute_url())
    page = page_of(client, f"{url}?lever=Subject+line")
    assert "You follow “Subject line”." in page
    client.post(follow, {"lever": "Subject line", "stop": "1"})
    assert not LeverFollow.objects.exists()


@pytest.mark.parametrize("lever", ["", "   ", "\0"])
def test_following_nothing_is_a_sentence(client_of, bob, lever):
    answer = client_of(bob).post(reverse("experiments:library_follow"), {"lever": lever})
    assert answer.status_code in (400, 409)
    assert not LeverFollow.objects.exists()


def test_many_learnings_come_in_pages(
    client_of, bob, published, url, django_assert_max_num_queries
):
    Learning.objects.bulk_create(
        Learning(post_mortem=published, claim=f"Claim {n}", scope="All", lever="Subject line", words=f" claim {n}",
                 expires_on=timezone.localdate() + dt.timedelta(days=9))
        for n in range(120)
    )  # fmt: skip
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        page = page_of(client, f"{url}?lever=Subject+line&q=claim")
    assert page.count('class="grade"') == 50
    assert "?q=claim&amp;lever=Subject+line&amp;page=2" in page
    assert "Older learnings" not in page_of(client, f"{url}?lever=Subject+line&q=claim&page=3")

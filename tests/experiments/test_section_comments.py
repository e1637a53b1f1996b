"""Comments on the texts of a post-mortem: threads, mentions, resolved and opened, never published."""

import pytest
from django.urls import reverse

from backlog.models import Notification
from experiments.flows.writing_up import start_post_mortem
from experiments.flows.writing_up_comments import comment_on_section, resolve_thread
from experiments.models import PostMortem, SectionComment
from tests.factories import shipped


@pytest.fixture
def decided(alice, bob, pod, objective):
    return shipped(alice, bob, pod, objective)


@pytest.fixture
def written(decided, bob):
    return start_post_mortem(decided, by=bob)


def to(name, experiment, *more):
    return reverse(f"experiments:{name}", args=[experiment.pk, *more])


def notices_of(person):
    return list(person.notifications.order_by("pk").values_list("kind", "sentence"))


def page_of(client, decided):
    return client.get(to("postmortem_detail", decided)).content.decode()


def publish(written):
    PostMortem.objects.update(state="published", published_at="2026-11-01T00:00Z")
    written.refresh_from_db()


def test_a_comment_and_its_answer_stand_beside_their_text(client_of, alice, bob, decided, written):
    new = to("section_comment_new", decided)
    answer = client_of(alice).post(new, {"section": "lucky", "text": "Which *day*?"})
    first = SectionComment.objects.get()
    assert answer.url == f"{to('postmortem_detail', decided)}#comment-{first.pk}"
    data = {"thread": first.pk, "text": "Monday.", "from": "edit"}
    answer = client_of(bob).post(new, data)
    second = SectionComment.objects.get(thread=first)
    assert answer.url == f"{to('postmortem_edit', decided)}#comment-{second.pk}"
    assert (second.section, second.author) == ("lucky", bob)
    for name in ("postmortem_detail", "postmortem_edit"):
        page = client_of(alice).get(to(name, decided)).content.decode()
        assert page.index("Which <em>day</em>?") < page.index("Monday.")
    assert "1 open comment<" in page


def test_an_answer_to_an_answer_is_in_the_same_thread(bob, alice, written):
    first = comment_on_section(written, by=bob, section="lucky", text="One")
    second = comment_on_section(written, by=alice, section="summary", text="Two", thread=first)
    third = comment_on_section(written, by=bob, section="summary", text="Three", thread=second)
    assert (third.thread, third.section) == (first, "lucky")


def test_who_is_mentioned_is_told_and_the_author_and_the_thread_are(alice, bob, carol, written):
    Notification.objects.all().delete()
    first = comment_on_section(written, by=alice, section="lucky", text="@Carol, was it luck?")
    assert notices_of(carol)[0][0] == "mention"
    assert "“What did we get lucky with?” of the post-mortem of EXP-001" in notices_of(carol)[0][1]
    assert [kind for kind, _ in notices_of(bob)] == ["comment"]  # the author of the post-mortem
    comment_on_section(written, by=carol, section="lucky", text="It was.", thread=first)
    assert [kind for kind, _ in notices_of(alice)] == ["comment"]
    assert [kind for kind, _ in notices_of(carol)] == ["mention"]  # nobody hears of their own words
    assert Notification.objects.filter(to=alice).get().url == (
        f"{written.get_absolute_url()}#comment-{SectionComment.objects.last().pk}"
    )


def test_people_outside_the_pod_are_not_mentioned(charlie, alice, written):
    made = comment_on_section(written, by=alice, section="lucky", text="@Charlie look")
    assert (made.mentions, notices_of(charlie)) == ([], [])


def test_a_thread_is_resolved_and_opened_again(client_of, alice, bob, decided, written):
    made = comment_on_section(written, by=bob, section="lucky", text="Really?")
    url = to("section_comment_resolve", decided, made.pk)
    client_of(alice).post(url, {"resolved": "yes"})
    client_of(bob).post(url, {"resolved": "yes"})  # a second click changes nothing
    made.refresh_from_db()
    assert made.resolved_by == alice
    assert "Resolved by Alice" in page_of(client_of(bob), decided)
    client_of(bob).post(url, {"resolved": "no"})
    made.refresh_from_db()
    assert (made.resolved_at, made.resolved_by) == (None, None)


def test_an_answer_opens_a_resolved_thread(alice, bob, written):
    made = comment_on_section(written, by=bob, section="lucky", text="Really?")
    resolve_thread(made, by=bob)
    made.refresh_from_db()
    comment_on_section(written, by=alice, section="lucky", text="No.", thread=made)
    made.refresh_from_db()
    assert made.resolved_at is None


def test_the_poll_brings_comments_once(client_of, alice, bob, decided, written):
    client, writing = client_of(bob), to("postmortem_writing", decided)
    mark = client.get(to("postmortem_edit", decided)).context["talk_mark"]
    assert client.get(writing, {"talk": mark}).json()["talk"] is None
    made = comment_on_section(written, by=alice, section="lucky", text="Really?")
    news = client.get(writing, {"talk": mark}).json()["talk"]
    assert "Really?" in news["html"]
    assert client.get(writing, {"talk": news["mark"]}).json()["talk"] is None
    resolve_thread(made, by=alice)
    assert "Resolved by Alice" in client.get(writing, {"talk": news["mark"]}).json()["talk"]["html"]


def test_published_they_can_be_read_by_the_pod_and_by_nobody_else(
    client_of, vera, bob, charlie, decided, written
):
    made = comment_on_section(written, by=bob, section="lucky", text="Between us")
    publish(written)
    assert "Between us" in page_of(client_of(vera), decided)
    outside = page_of(client_of(charlie), decided)
    assert "Published" in outside or "published" in outside
    assert "Between us" not in outside
    new = to("section_comment_new", decided)
    refused = client_of(bob).post(new, {"section": "lucky", "text": "Too late"})
    assert refused.status_code == 422
    assert "its comments can only be read" in refused.content.decode()
    resolve = to("section_comment_resolve", decided, made.pk)
    assert client_of(bob).post(resolve).status_code == 409
    assert SectionComment.objects.get().resolved_at is None


@pytest.mark.parametrize("page", ["edit", ""])
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "Write something first."),
        ({"text": "x" * 5001}, "This one has 5001."),
        ({"section": "learnings"}, "Choose one of the list."),
        ({"thread": "999"}, "That comment is not here."),
    ],
)
def test_what_cannot_be_added_is_a_sentence(
    client_of, bob, decided, written, page, fields, sentence
):
    data = {"section": "lucky", "text": "Kept as typed", "from": page, **fields}
    refused = client_of(bob).post(to("section_comment_new", decided), data)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert data["text"] in refused.content.decode()
    assert not SectionComment.objects.exists()


def test_it_is_markdown_and_never_markup(client_of, bob, decided, written):
    comment_on_section(written, by=bob, section="lucky", text="<script>x</script> ![a](http://b/c)")
    page = page_of(client_of(bob), decided)
    assert "<script>x" not in page
    assert 'http://b/c"' not in page.replace('href="http://b/c"', "")


def test_many_comments_ask_no_more(client_of, bob, decided, written, django_assert_max_num_queries):
    for number in range(12):
        first = comment_on_section(written, by=bob, section="lucky", text=f"One {number}")
        comment_on_section(written, by=bob, section="lucky", text="Two", thread=first)
    client = client_of(bob)
    for name in ("postmortem_edit", "postmortem_detail"):
        with django_assert_max_num_queries(12):
            client.get(to(name, decided))


def test_there_are_at_most_so_many(client_of, bob, decided, written, monkeypatch):
    monkeypatch.setattr("experiments.flows.writing_up_comments.MOST_COMMENTS", 1)
    comment_on_section(written, by=bob, section="lucky", text="One")
    new = to("section_comment_new", decided)
    refused = client_of(bob).post(new, {"section": "lucky", "text": "Two"})
    assert "at most 1 comments" in refused.content.decode()

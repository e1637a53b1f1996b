"""Write it together; nobody overwrites anybody silently, and publishing needs a learning."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.talking import comment_on
from backlog.models import Idea
from experiments.flows.writing_up import start_post_mortem
from experiments.flows.writing_up_after import add_action, mark_read
from experiments.flows.writing_up_comments import comment_on_section
from experiments.flows.writing_up_highlights import highlight
from experiments.models import Learning, PostMortem
from tests.factories import shipped

TEXTS = {"summary": "What ran.", "surprises": "", "went_well": "", "went_badly": "",
         "next_steps": ""}  # fmt: skip


@pytest.fixture
def decided(alice, bob, pod, objective):
    return shipped(alice, bob, pod, objective)


@pytest.fixture
def written(decided, bob):
    return start_post_mortem(decided, by=bob)


@pytest.fixture
def url(decided, written):
    return reverse("experiments:postmortem_edit", args=[decided.pk])


def learning(**fields):
    expires = timezone.localdate() + dt.timedelta(days=200)
    return {"claim": "Names bring readers back", "scope": "Lapsed readers",
            "expires_on": expires.isoformat(), **fields}  # fmt: skip


def to(name, experiment, *more):
    return reverse(f"experiments:{name}", args=[experiment.pk, *more])


def test_starting_drafts_it_from_what_floe_knows_and_only_once(client_of, bob, alice, decided):
    for person in (bob, alice):
        response = client_of(person).post(to("postmortem_start", decided))
        assert response.url == to("postmortem_edit", decided)
    assert PostMortem.objects.get().author == bob
    page = client_of(bob).get(to("postmortem_edit", decided)).content.decode()
    assert "drafted by Floe" in page
    assert "Ship “Series named”." in page
    assert "EXP-001 tested LIF-1" in page
    assert 'data-section="surprises"' in page


def test_it_saves(tab_of, bob, decided, url):
    response = tab_of(bob).save(url, {**TEXTS, "surprises": "It held."})
    assert response.url == url
    assert PostMortem.objects.get().surprises == "It held."


def test_publishing_needs_an_answer_a_learning_and_a_reader(tab_of, alice, bob, decided, url):
    client, publish = tab_of(bob), to("postmortem_publish", decided)
    assert client.post(publish).status_code == 409
    client.save(url, {**TEXTS, "went_well": "All of it"})
    refused = client.post(publish)
    assert refused.status_code == 409
    assert "Add at least one learning" in refused.content.decode()
    client.post(to("learning_new", decided), learning())
    refused = client.post(publish)
    assert refused.status_code == 409
    assert "Ask somebody other than the author to read it" in refused.content.decode()
    assert client.post(to("postmortem_read", decided)).status_code == 409  # the author
    assert tab_of(alice).post(to("postmortem_read", decided)).url == to(
        "postmortem_detail", decided
    )
    assert client.post(publish).url == to("postmortem_detail", decided)
    decided.refresh_from_db()
    assert (decided.state, PostMortem.objects.get().state) == ("closed", "published")


def test_a_learning_is_added_taken_out_and_refused_beside_its_field(client_of, bob, decided, url):
    client, new = client_of(bob), to("learning_new", decided)
    client.post(new, learning())
    made = Learning.objects.get()
    assert "Names bring readers back" in client.get(url).content.decode()
    refused = client.post(new, learning(claim=""))
    assert refused.status_code == 422
    assert "Say what you learned." in refused.content.decode()
    past = client.post(new, learning(claim="Another", expires_on="2020-01-01"))
    assert past.status_code == 422
    assert "Choose a day in the future" in past.content.decode()
    twice = client.post(new, learning())
    assert twice.status_code == 422
    assert "This learning is already in the post-mortem." in twice.content.decode()
    client.post(to("learning_remove", decided, made.pk))
    assert not Learning.objects.exists()
    assert client.post(to("learning_remove", decided, made.pk)).status_code == 404


def test_a_follow_up_idea_lands_in_the_backlog(client_of, bob, decided, url, pod):
    client = client_of(bob)
    client.post(to("follow_up_new", decided), {"title": "Name the author too"})
    idea = Idea.objects.get(title="Name the author too")
    assert (idea.pod, idea.objective) == (pod, decided.objective)
    assert "Name the author too" in client.get(url).content.decode()
    assert client.post(to("follow_up_new", decided), {"title": ""}).status_code == 422


def test_published_it_is_read_only(tab_of, alice, bob, decided, url):
    client = tab_of(bob)
    client.save(url, {**TEXTS, "went_well": "All of it"})
    client.post(to("learning_new", decided), learning())
    tab_of(alice).post(to("postmortem_read", decided))
    client.post(to("postmortem_publish", decided))
    assert client.get(url).url == to("postmortem_detail", decided)
    refused = client.post(url, {**TEXTS, "went_well": "Rewritten"})
    assert refused.status_code == 422
    assert ">\nRewritten</textarea>" in refused.content.decode()
    assert client.post(to("learning_new", decided), learning(claim="Late")).status_code == 422
    assert client.post(to("postmortem_publish", decided)).status_code == 409
    assert PostMortem.objects.get().went_well == "All of it"


def test_viewers_may_not_write_and_outsiders_find_no_draft(client_of, vera, charlie, decided, url):
    for person, status in ((vera, 403), (charlie, 404)):
        assert client_of(person).get(url).status_code == status
        assert client_of(person).post(url, TEXTS).status_code == status
        for name in ("postmortem_start", "postmortem_publish", "learning_new", "follow_up_new"):
            assert client_of(person).post(to(name, decided), learning()).status_code == status


def test_it_asks_the_database_little_also_with_a_conflict_comments_and_images(
    client_of, alice, bob, decided, written, url, django_assert_max_num_queries
):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)
    remark = comment_on(decided.idea, by=alice, text="Is it the season?")
    highlight(written, remark, by=bob, is_on=True)
    comment_on_section(written, by=alice, section="lucky", text="Why?")
    add_action(written, by=bob, title="A", owner=alice, due_on=timezone.localdate())
    mark_read(written, by=alice)
    client.post(to("learning_new", decided), learning())
    client.post(to("follow_up_new", decided), {"title": "Name the author too"})
    image = written.images.create(kind="png", width=1, height=1, size=1, digest="x", file="x.png")
    PostMortem.objects.update(lucky=f"good bad ![a](image:{image.pk})")
    written.conflicts.create(section="lucky", both="good bad", earlier_by=alice, later_by=bob)
    with django_assert_max_num_queries(12):
        page = client.get(url).content.decode()
    assert "both wrote here" in page
    assert "1 of 1 comment on LIF-1 is highlighted." in page
    for more in ("", "?present=1"):
        with django_assert_max_num_queries(12):
            assert f"/images/{image.pk}/" in client.get(to("postmortem_detail", decided) + more).content.decode()  # fmt: skip

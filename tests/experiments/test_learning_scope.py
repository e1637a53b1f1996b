"""The scope of a learning is corrected in the open: graded again, linked again, noted as an amendment."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.models import Learning, LearningLink, PostMortemNote
from tests.experiments.test_evidence import decided
from tests.experiments.test_learnings import again, first, written

__all__ = ["first"]

DETAIL = ("scope", "lever", "channel", "segment", "metric")


def values(learning, **more):
    day = {"expires_on": learning.expires_on.isoformat()}
    return {name: getattr(learning, name) for name in DETAIL} | day | more


def correct(client, learning, **more):
    """As from the page: with the version that it carries."""
    url = reverse("experiments:learning_scope", args=[learning.pk])
    read = {"version": client.get(url).context["form"]["version"].value()}
    return client.post(url, values(learning, **read | more), follow=True)


def test_it_is_graded_and_linked_again_and_the_post_mortem_says_so(
    first, client_of, alice, bob, pod, objective
):
    second = again(alice, bob, pod, objective, 0.122, "ship")
    assert LearningLink.objects.count() == 1
    page = correct(client_of(bob), second, channel="push", reason="It ran in push only.")
    assert page.status_code == 200
    second.refresh_from_db()
    assert (second.channel, second.graded_by) == ("push", "one-clear")
    assert not LearningLink.objects.exists(), "the scopes differ now"
    note = PostMortemNote.objects.get()
    assert note.text == (
        "The scope of “Once more” was corrected: channel from “e-mail” to “push”. "
        "It ran in push only."
    )
    assert " push" in second.words
    correct(client_of(bob), second, channel="e-mail", reason="Both, after all.")
    link = LearningLink.objects.get()
    assert (link.newer, link.older, link.kind) == (second, first, "replicates")


def test_what_people_judged_stays(first, client_of, alice, bob, pod, objective):
    again(alice, bob, pod, objective, 0.122, "ship")
    LearningLink.objects.update(judgement="confirmed", judged_by=alice)
    correct(client_of(bob), first, lever="Names", reason="A better word.")
    assert LearningLink.objects.get().judgement == "confirmed"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [({"lever": "Price"}, "It is published, so say why its scope changes."),
     ({"scope": "", "reason": "x"}, "Say where it holds."),
     ({"expires_on": "2020-01-01", "reason": "x"}, "Choose a day in the future."),
     ({"lever": "x" * 61, "reason": "x"}, "at most 60 characters"),
     ({"expires_on": "soon", "reason": "x"}, "Enter a day, such as")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_kept(first, client_of, bob, more, sentence):
    page = correct(client_of(bob), first, **more)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert Learning.objects.get().lever == "Subject line"
    assert not PostMortemNote.objects.exists()


def test_nothing_changed_leaves_no_amendment(first, client_of, bob):
    assert correct(client_of(bob), first, reason="Nothing").status_code == 200
    assert not PostMortemNote.objects.exists()


def test_a_draft_takes_no_reason_and_keeps_no_amendment(client_of, alice, bob, pod, objective):
    made = decided(alice, bob, pod, objective, "Name the series", 0.12, "ship")
    _, learning = written(made, bob)
    day = timezone.localdate() + dt.timedelta(days=30)
    correct(client_of(bob), learning, lever="Names", expires_on=day.isoformat())
    learning.refresh_from_db()
    assert (learning.lever, learning.expires_on, learning.is_expiry_typed) == ("Names", day, True)
    assert not PostMortemNote.objects.exists()


def test_two_corrections_at_once_show_both(first, client_of, alice, bob):
    url = reverse("experiments:learning_scope", args=[first.pk])
    form = client_of(bob).get(url).context["form"]
    read = {"version": form["version"].value()}
    correct(client_of(alice), first, lever="Names", reason="Hers.", **read)
    page = correct(client_of(bob), first, lever="Titles", reason="His.", **read)
    assert page.status_code == 422
    assert "Names" in page.content.decode()
    assert "Titles" in page.content.decode()
    assert Learning.objects.get().lever == "Names"

"""Learnings: graded by the rule, expiring by the season, linked where they agree, cited by ideas."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, User
from backlog.refusals import Refused
from experiments.flows import learnings, writing_up, writing_up_after
from experiments.learning.expiry import expires_on
from experiments.models import Citation, Experiment, Learning, LearningLink, Metric
from tests.experiments.test_evidence import decided
from tests.factories import make_idea


def written(made, by, claim="Names help", **parts):
    draft = writing_up.start_post_mortem(Experiment.objects.get(pk=made.pk), by=by)
    writing_up.edit_post_mortem(draft, by=by, surprises="It held.")
    learning = learnings.add_learning(draft, by=by, claim=claim, scope="Lapsed readers", **parts)
    return draft, learning


def published(*args, **parts):
    draft, learning = written(*args, **parts)
    lead = User.objects.filter(memberships__pod=draft.pod, memberships__role="lead").first()
    writing_up_after.mark_read(draft, by=lead)
    writing_up.publish(draft, by=args[1])
    return Learning.objects.get(pk=learning.pk)


@pytest.fixture
def first(alice, bob, pod, objective):
    made = decided(alice, bob, pod, objective, "Name the series", 0.12, "ship")
    return published(made, bob)


def again(alice, bob, pod, objective, rate, choice, title="Once more"):
    return published(decided(alice, bob, pod, objective, title, rate, choice), bob, claim=title)


def test_its_scope_comes_from_the_experiment_and_its_grade_from_the_rule(first):
    assert (first.lever, first.channel, first.metric) == ("Subject line", "e-mail", "Reactivated")
    assert (first.grade, first.graded_by) == (2, "one-clear")
    assert first.grade_name == "One experiment, clear"


def test_a_replication_grades_both_again_and_links_them(first, alice, bob, pod, objective):
    second = again(alice, bob, pod, objective, 0.122, "ship")
    first.refresh_from_db()
    assert {first.graded_by, second.graded_by} == {"repeated"}
    (link,) = LearningLink.objects.all()
    assert (link.newer, link.older, link.kind) == (second, first, "replicates")
    again(alice, bob, pod, objective, 0.121, "ship", title="A third time")
    first.refresh_from_db()
    assert (first.grade, first.graded_by) == (4, "replicated")
    assert LearningLink.objects.count() == 3


def test_the_opposite_is_a_contradiction(first, alice, bob, pod, objective):
    again(alice, bob, pod, objective, 0.08, "roll-back")
    first.refresh_from_db()
    assert (first.grade, first.graded_by) == (1, "contradicted")
    assert LearningLink.objects.get().kind == "contradicts"


def test_another_channel_or_lever_says_nothing_about_it(first, alice, bob, pod, objective):
    made = decided(alice, bob, pod, objective, "Cheaper", 0.08, "roll-back", lever="Price")
    published(made, bob, claim="Cheaper is worse")
    first.refresh_from_db()
    assert first.graded_by == "one-clear"
    assert not LearningLink.objects.exists()


def test_a_draft_of_another_experiment_does_not_count_yet(first, alice, bob, pod, objective):
    written(decided(alice, bob, pod, objective, "Draft", 0.122, "ship"), bob, claim="Again")
    first.refresh_from_db()
    assert first.graded_by == "one-clear"


def test_it_expires_after_the_season_of_its_metric(alice, bob, pod, objective):
    made = decided(alice, bob, pod, objective, "Name the series", 0.12, "ship")
    Metric.objects.filter(name="Reactivated").update(season_months=3)
    _, learning = written(made, bob)
    today = timezone.localdate()
    assert learning.expires_on == expires_on(today, 3)
    typed = today + dt.timedelta(days=10)
    draft = learning.post_mortem
    other = learnings.add_learning(draft, by=bob, claim="B", scope="C", expires_on=typed)
    assert (other.expires_on, other.is_expiry_typed) == (typed, True)


def test_the_scope_can_be_widened_by_hand(first, alice, bob, pod, objective):
    made = decided(alice, bob, pod, objective, "Wider", 0.122, "ship")
    _, wide = written(made, bob, claim="Wider", channel="", segment="")
    assert wide.channel == ""
    assert wide.graded_by == "repeated"


def test_the_page_says_the_rule_the_experiments_and_who_cites_it(
    first, client_of, alice, bob, charlie, pod, django_assert_max_num_queries
):
    idea = make_idea(alice, pod, "Rests on it")
    learnings.cite(idea, first, by=bob)
    inside = client_of(bob).get(first.get_absolute_url()).content.decode()
    for words in ("One experiment, clear", "excludes zero", "Rests on it", "Subject line"):
        assert words in inside
    outside = client_of(charlie).get(first.get_absolute_url()).content.decode()
    assert "Rests on it" not in outside
    assert "1 idea of other pods." in outside
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(first.get_absolute_url())


def test_a_draft_is_not_open_to_others(alice, bob, charlie, pod, objective, client_of):
    _, learning = written(decided(alice, bob, pod, objective, "Draft", 0.12, "ship"), bob)
    assert client_of(charlie).get(learning.get_absolute_url()).status_code == 404
    assert client_of(bob).get(learning.get_absolute_url()).status_code == 200


def test_a_link_is_confirmed_or_dismissed_by_somebody_of_either_pod(
    first, alice, bob, vera, charlie, pod, objective, client_of
):
    second = again(alice, bob, pod, objective, 0.122, "ship")
    link = LearningLink.objects.get()
    url = reverse("experiments:learning_link", args=[second.pk, link.pk])
    assert client_of(vera).post(url).status_code == 403
    assert client_of(charlie).post(url).status_code == 403
    assert client_of(bob).post(url).status_code == 302
    link.refresh_from_db()
    assert (link.judgement, link.judged_by) == ("confirmed", bob)
    client_of(bob).post(url, {"dismiss": "1"})
    assert "Once more" not in client_of(bob).get(first.get_absolute_url()).content.decode()


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Another name", lever="subject line", channel="e-mail")


@pytest.fixture
def pick(idea):
    return reverse("experiments:idea_cite", args=[idea.pk])


def test_an_idea_cites_a_learning_and_shows_it(first, client_of, bob, idea, pick):
    client = client_of(bob)
    assert first.claim in client.get(pick).content.decode()
    assert client.post(pick, {"learning": first.pk}).status_code == 302
    assert client.post(pick, {"learning": first.pk}).status_code == 302
    citation = Citation.objects.get()
    page = client.get(idea.get_absolute_url()).content.decode()
    assert first.get_absolute_url() in page
    client.post(reverse("experiments:citation_remove", args=[idea.pk, citation.pk]))
    assert not Citation.objects.exists()


@pytest.mark.parametrize("learning", ["999999", "x", "", "9" * 40])
def test_a_learning_that_is_gone_is_a_sentence(first, client_of, bob, pick, learning):
    answer = client_of(bob).post(pick, {"learning": learning})
    assert answer.status_code == 422
    assert "earning" in answer.content.decode()
    assert not Citation.objects.exists()


def test_a_draft_of_another_pod_is_not_cited(alice, bob, charlie, other_pod, pod, objective):
    _, draft = written(decided(alice, bob, pod, objective, "Draft", 0.12, "ship"), bob)
    theirs = make_idea(charlie, other_pod)
    with pytest.raises(Refused, match="not published"):
        learnings.cite(theirs, draft, by=charlie)


def test_a_citation_that_the_reader_cannot_read_is_a_sentence(
    alice, bob, charlie, other_pod, pod, objective, client_of
):
    _, draft = written(decided(alice, bob, pod, objective, "Draft", 0.12, "ship"), bob)
    idea = make_idea(alice, pod, "Moves away")
    learnings.cite(idea, draft, by=bob)
    Idea.objects.filter(pk=idea.pk).update(pod=other_pod)
    client = client_of(charlie)
    page = client.get(idea.get_absolute_url()).content.decode()
    assert "It cites 1 learning that you can’t read." in page
    picker = client.get(reverse("experiments:idea_cite", args=[idea.pk])).content.decode()
    assert "1 more is cited" in picker
    assert draft.claim not in page + picker


def test_the_idea_page_stays_within_its_queries(
    first, client_of, bob, idea, django_assert_max_num_queries
):
    learnings.cite(idea, first, by=bob)
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(idea.get_absolute_url())


def test_a_grade_from_before_is_called_as_entered(first):
    first.graded_by, first.grade = "", 3
    assert first.grade_name == "As entered"

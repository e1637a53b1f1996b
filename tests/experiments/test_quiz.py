"""The quiz: three past experiments, nothing given away, counted once and for oneself alone."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea
from experiments.flows import quizzing
from experiments.models import Decision, EvidenceRow, Experiment, PostMortem, QuizAnswer
from tests.experiments.test_health import decide_many

NONE = "There is no quiz yet"


@pytest.fixture
def url():
    return reverse("experiments:library_quiz")


@pytest.fixture
def past(alice, pod):
    return decide_many(alice, pod, 5, lift=0.0417)


def entries(page, band="better", chance="70"):
    names = re.findall(r'name="((?:band|chance)-\d+)"', page)
    return {name: band if name.startswith("band") else chance for name in names}


def answer(client, url, **given):
    return client.post(url, entries(client.get(url).content.decode(), **given))


def questions_of(client, url):
    return {int(pk) for pk in re.findall(r'name="band-(\d+)"', client.get(url).content.decode())}


def test_nothing_of_the_result_is_shown_before_the_answer(client_of, bob, past, url):
    EvidenceRow.objects.update(outcome="harmed", metric="Told by nobody")
    page = client_of(bob).get(url)
    html = page.content.decode()
    assert len(entries(html)) == 6
    main = html[html.index("<main") :]
    for hint in ("4.17", "4.2", "0.0417", "harmed", "Harmed", "Told by nobody", "Decided"):
        assert hint not in main
    for test in past:
        assert test.get_absolute_url() not in main
    refused = client_of(bob).post(url, entries(html) | {next(iter(entries(html))): ""})
    assert refused.status_code == 422
    assert "4.2" not in refused.content.decode()[refused.content.decode().index("<main") :]


def test_then_one_sees_what_was_measured_and_how_one_did(client_of, bob, past, url):
    EvidenceRow.objects.update(low=0.02, high=0.06)
    client = client_of(bob)
    assert answer(client, url).status_code == 302
    html = client.get(url).content.decode()
    assert "3 of 3 predictions were on the right side" in html
    assert "3 of 3 guessed changes lie within" in html
    assert html.count("+4.2\u00a0%") == 3
    assert "Brier score 0.09" in html


def test_a_metric_that_should_fall_turns_its_lift_around(client_of, bob, past, url):
    EvidenceRow.objects.update(is_increase_good=False, low=0.02, high=0.06)
    client = client_of(bob)
    answer(client, url, band="worse", chance="10")
    html = client.get(url).content.decode()
    assert "3 of 3 guessed changes lie within" in html
    assert html.count("−4.2\u00a0%") == 3


def test_refused_entries_stay(client_of, bob, past, url):
    client = client_of(bob)
    given = entries(client.get(url).content.decode())
    first = next(name for name in given if name.startswith("band"))
    page = client.post(url, given | {first: "nonsense"})
    assert page.status_code == 422
    assert page.content.decode().count('value="better" selected') == 2
    assert not QuizAnswer.objects.exists()


def test_sent_twice_counts_once(client_of, bob, past, url):
    client = client_of(bob)
    given = entries(client.get(url).content.decode())
    client.post(url, given)
    again = client.post(url, {name: "90" if "chance" in name else "worse" for name in given})
    assert again.status_code == 302
    quizzing.answer_quiz(bob, {one.pk: ("worse", 10) for one in past[:3]})
    assert QuizAnswer.objects.filter(user=bob, band="better", chance=70).count() == 3
    assert QuizAnswer.objects.count() == 3


def test_never_the_same_three_twice(client_of, alice, bob, pod, past, url):
    client = client_of(bob)
    first = questions_of(client, url)
    assert questions_of(client, url) == first
    answer(client, url)
    QuizAnswer.objects.update(quarter_from=timezone.localdate() - dt.timedelta(days=100))
    assert NONE in client.get(url).content.decode()
    decide_many(alice, pod, 1)
    assert not questions_of(client, url) & first
    assert len(questions_of(client, url)) == 3


def test_too_few_are_said_in_a_sentence(client_of, bob, past, url):
    Experiment.objects.filter(pk__in=[one.pk for one in past[:3]]).update(owner=bob)
    page = client_of(bob).get(url)
    assert page.status_code == 200
    assert NONE in page.content.decode()


@pytest.mark.parametrize("part", ["owner", "analyst", "launcher", "author", "idea", "decision"])
def test_one_is_not_asked_about_ones_own(client_of, bob, past, url, part):
    mine = past[:3]
    if part == "idea":
        Idea.objects.filter(experiments__in=mine).update(author=bob)
    elif part == "decision":
        Decision.objects.filter(experiment__in=mine).update(by=bob)
    else:
        Experiment.objects.filter(pk__in=[one.pk for one in mine]).update(**{part: bob})
    assert NONE in client_of(bob).get(url).content.decode()


def test_of_another_pod_only_what_is_published(client_of, charlie, past, url):
    client = client_of(charlie)
    assert NONE in client.get(url).content.decode()
    assert past[0].title not in client.get(url).content.decode()
    for one in past[:3]:
        PostMortem.objects.create(
            experiment=one, state="published", published_at=timezone.now(), author=one.author
        )
    assert questions_of(client, url) == {one.pk for one in past[:3]}


def test_somebody_elses_question_is_refused(bob, charlie, past):
    with pytest.raises(quizzing.Refused):
        quizzing.answer_quiz(charlie, {one.pk: ("better", 70) for one in past[:3]})
    with pytest.raises(quizzing.Refused):
        quizzing.answer_quiz(bob, {one.pk: ("better", 70) for one in past[:4]})
    assert not QuizAnswer.objects.exists()


def test_it_counts_into_ones_own_calibration_only(client_of, alice, bob, carol, past, url):
    health = reverse("experiments:health")
    before = client_of(carol).get(health).context["page"]
    answer(client_of(bob), url)
    own = client_of(bob).get(f"{health}?own")
    assert (own.context["page"].n, own.context["page"].n_scored) == (3, 0)
    assert own.context["page"].confidence.missing.n == 3
    assert own.context["page"].quiz.n == 3
    assert "3 of 3" in own.content.decode()
    for client in (client_of(carol), client_of(alice)):
        page = client.get(f"{health}?own").context["page"]
        assert (page.n, page.quiz) == (0, None)
        assert "You have not answered one yet" in client.get(f"{health}?own").content.decode()
    after = client_of(carol).get(health).context["page"]
    assert (after.n, after.confidence) == (before.n, before.confidence)
    assert client_of(bob).get(health).context["page"].quiz is None


def test_few_queries(client_of, bob, past, url, django_assert_max_num_queries):
    client = client_of(bob)
    client.get(url)
    with django_assert_max_num_queries(12):
        client.get(url)
    answer(client, url)
    with django_assert_max_num_queries(12):
        client.get(url)
    with django_assert_max_num_queries(12):
        client.get(f"{reverse('experiments:health')}?own")


def test_the_library_links_to_it(client_of, bob, url):
    assert url in client_of(bob).get(reverse("experiments:library")).content.decode()

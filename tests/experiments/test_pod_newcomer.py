"""A newcomer sees what the pod believes and tried, who does what, and three things to do first."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Membership, User
from experiments.models import Learning
from tests.experiments.test_health import decide_many
from tests.experiments.test_learnings import again, first
from tests.factories import make_idea, make_round

__all__ = ["first"]


@pytest.fixture
def url(pod):
    return reverse("experiments:pod_newcomer", args=[pod.pk])


def page_of(client, url):
    return client.get(url).content.decode()


def test_it_says_what_holds_and_what_was_tried(
    client_of, vera, alice, bob, pod, objective, first, url, django_assert_max_num_queries
):
    lost = again(alice, bob, pod, objective, 0.08, "roll-back", title="Other names help")
    Learning.objects.filter(pk=lost.pk).update(expires_on=timezone.localdate())
    Learning.objects.filter(pk=first.pk).update(grade=2, graded_by="one-clear")
    client = client_of(vera)
    client.get(url)
    with django_assert_max_num_queries(12):
        page = client.get(url).context["page"]
    assert page.beliefs == [first], "what has expired is not a belief"
    assert page.outcomes == "2 decided so far: 1 won, 1 lost."
    assert len(page.tried) == 2
    assert page.steps[0].title == "Read how we know: Names help"


def test_it_names_people_by_their_duty_and_a_duty_that_nobody_has(client_of, alice, pod, url):
    Membership.objects.filter(pod=pod).update(duty="execution")
    Membership.objects.filter(pod=pod, user=alice).update(duty="strategy", department="CRM")
    gone = User.objects.create_user("gone@example.com", name="Gone", is_active=False)
    Membership.objects.create(pod=pod, user=gone)
    page = page_of(client_of(alice), url)
    assert "CRM" in page
    assert "nobody yet" in page
    assert "Gone" not in page


def test_what_waits_for_a_score_comes_first_and_viewers_are_not_asked_to_add(
    client_of, alice, bob, vera, pod, objective, url
):
    idea = make_idea(alice, pod, "Waiting", objective=objective)
    make_round(alice, pod, idea)
    titles = [step.title for step in client_of(bob).get(url).context["page"].steps]
    assert titles[0] == "Score what waits for you"
    assert "Add your first idea" in titles
    titles = [step.title for step in client_of(vera).get(url).context["page"].steps]
    assert titles == ["See what comes up"]


def test_the_quiz_comes_before_the_results(client_of, alice, vera, pod, url):
    decide_many(alice, pod, 4)
    titles = [step.title for step in client_of(vera).get(url).context["page"].steps]
    assert titles[0] == "Predict three past experiments"


def test_other_pods_do_not_open_it(client_of, charlie, url):
    assert client_of(charlie).get(url).status_code == 404


def test_today_leads_to_it_for_a_month(client_of, bob, url):
    today = reverse("backlog:today")
    assert url in page_of(client_of(bob), today)
    User.objects.filter(pk=bob.pk).update(joined_at=timezone.now() - dt.timedelta(days=31))
    assert url not in page_of(client_of(bob), today)

"""What a test takes: Floe's own figures, corrections by hand, and what waits for what."""

import pytest
from django.urls import reverse

from backlog.models import Idea
from experiments.flows.quarter.bars import claims_now
from experiments.flows.quarter.booking import change_booking
from experiments.flows.quarter.facts import facts_of_quarter
from experiments.flows.quarter.limits import corrections_of
from experiments.models import Experiment
from tests.browsing import version_on
from tests.factories import make_experiment


@pytest.fixture
def test(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


@pytest.fixture
def other(alice, bob, pod, objective, test):
    return make_experiment(
        alice, pod, objective=objective, analyst=bob, title="Other", idea_title="Other"
    )


@pytest.fixture
def url(test):
    return reverse("experiments:experiment_booking", args=[test.pk])


def test_empty_fields_say_what_floe_counts_with(client_of, bob, url):
    page = client_of(bob).get(url).content.decode()
    sentence = "Floe counts with 100\N{NO-BREAK SPACE}%, from its size and its segment."
    assert f"If you leave it empty, {sentence}" in page
    assert "Empty:" not in page


def test_the_experiments_before_it_are_ticked(client_of, bob, test, other, url):
    change_booking(test.booking, by=bob, after=[other])
    boxes = client_of(bob).get(url).context["form"]["after"].subwidgets
    assert [(box.data["type"], box.data["selected"]) for box in boxes] == [("checkbox", True)]


def test_what_is_entered_counts_on_the_calendar(tab_of, bob, test, url, quarter):
    answer = tab_of(bob).save(
        url, {"share": "12,5 %", "people_days": "3", "messages_per_week": "2"}
    )
    assert answer.status_code == 302
    (bar,) = facts_of_quarter(quarter).bars
    assert (bar.share, bar.people_days, bar.build_days, bar.messages_per_week) == (0.125, 3, 3, 2)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("share", "0", "Enter more than 0 %."),
        ("share", "120", "Enter at most 100 %."),
        ("people_days", "-1", "Enter 0 or more days."),
        ("people_days", "nan", "Enter a number"),
        ("messages_per_week", "1e9", "Enter at most 100 messages a week."),
    ],
)
def test_a_wrong_figure_is_a_sentence_beside_it(tab_of, bob, url, field, value, sentence):
    answer = tab_of(bob).save(url, {field: value})
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"][field].errors)


def test_tests_that_wait_for_each_other_are_refused_by_name(tab_of, bob, test, other, url):
    change_booking(other.booking, by=bob, after=[test])
    answer = tab_of(bob).save(url, {"after": [other.pk]})
    assert answer.status_code == 422
    assert "They would wait for each other" in str(answer.context["form"]["after"].errors)
    assert not test.booking.after.exists()


def test_a_test_of_another_pod_can_not_be_waited_for(tab_of, bob, charlie, other_pod, test, url):
    theirs = make_experiment(
        charlie, other_pod, objective=None, analyst=charlie, title="Theirs", idea_title="Theirs"
    )
    answer = tab_of(bob).save(url, {"after": [theirs.pk]})
    assert answer.status_code == 422
    assert "Theirs" not in answer.content.decode()


def test_an_experiment_that_one_can_not_see_stays_and_has_no_name(
    tab_of, bob, charlie, olive, other_pod, test, other, url
):
    theirs = make_experiment(
        charlie, other_pod, objective=None, analyst=charlie, title="Theirs", idea_title="Theirs"
    )
    change_booking(test.booking, by=olive, after=[theirs])
    tab = tab_of(bob)
    page = tab.get(url).content.decode()
    assert "Theirs" not in page
    assert "It also waits for 1 experiment in pods that you can’t see." in page
    assert tab.save(url, {"after": [other.pk]}).status_code == 302
    assert set(test.booking.after.all()) == {theirs, other}
    change_booking(theirs.booking, by=olive, after=[])
    change_booking(other.booking, by=olive, after=[])
    change_booking(test.booking, by=olive, after=[theirs])
    change_booking(theirs.booking, by=olive, after=[other])
    answer = tab_of(bob).save(reverse("experiments:experiment_booking", args=[other.pk]),
                              {"after": [test.pk]})  # fmt: skip
    assert "after another experiment after" in answer.content.decode()
    assert "Theirs" not in answer.content.decode()


def test_two_tabs_keep_both_changes(tab_of, alice, bob, test, url):
    one, two = tab_of(alice), tab_of(bob)
    first, second = version_on(one, url), version_on(two, url)
    one.post(url, {**first, "people_days": "4"})
    two.post(url, {**second, "messages_per_week": "1"})
    test.booking.refresh_from_db()
    assert (test.booking.people_days, test.booking.messages_per_week) == (4, 1)


def test_a_pods_own_factor_comes_from_three_tests(alice, bob, pod, objective):
    for number, (forecast, days) in enumerate([(2, 3), (4, 5), (3, 3)]):
        made = make_experiment(
            alice, pod, objective=objective, analyst=bob, title=f"No. {number}",
            idea_title=f"No. {number}",
        )  # fmt: skip
        assert corrections_of([pod.pk], None)[pod.pk].factor is None
        change_booking(made.booking, by=bob, people_days=forecast, days_taken=days)
    factor = corrections_of([pod.pk], None)[pod.pk]
    assert factor.past == 3
    assert factor.factor == pytest.approx(11 / 9)
    assert factor.low < factor.factor < factor.high
    assert Experiment.objects.count() == 3


def test_what_ease_claims_is_a_forecast_like_one_that_was_typed(alice, bob, pod, objective):
    ease = claims_now()["ease"]
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    Idea.objects.update(ease=8)
    change_booking(made.booking, by=bob, days_taken=7.5)
    assert corrections_of([pod.pk], None)[pod.pk].past == 0
    assert corrections_of([pod.pk], ease)[pod.pk].past == 1
    Idea.objects.update(state="scoring")
    assert corrections_of([pod.pk], ease)[pod.pk].past == 0, "a blind score forecasts nothing"

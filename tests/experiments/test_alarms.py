"""Alarms of running tests: few, with evidence, told once, muted with a reason; and the nightly reading."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backlog.models import Notification
from experiments.engine.freshness import late_after
from experiments.flows.alarming import check_alarms
from experiments.flows.analysing import read_many
from experiments.flows.moves import move_experiment
from experiments.flows.nightly import check_running, read_again
from experiments.models import Alarm, Analysis, Experiment, Intake
from tests.factories import analysed, launched, make_experiment, totals

SKEWED = [row | ({"n": 3_000, "successes": min(row["successes"], 3_000)}
                 if row["variant"] == "As it is" else {}) for row in totals(n=2_000)]  # fmt: skip
HARM = [row | ({"successes": 300} if row["variant"] != "As it is" and row["metric"] == "Unsubscribed"
               else {}) for row in totals(n=2_000)]  # fmt: skip


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def kinds(experiment):
    return sorted(Alarm.objects.open().filter(experiment=experiment).values_list("kind", flat=True))


def later(**delta):
    return time_machine.travel(timezone.now() + dt.timedelta(**delta), tick=False)


def test_a_bad_sample_ratio_raises_one_alarm_that_owner_and_analyst_are_told_once(
    client_of, running, alice, bob, vera
):
    analysed(running, bob, SKEWED)
    analysed(running, bob, SKEWED)
    assert kinds(running) == ["sample-ratio"]
    notifications = Notification.objects.filter(kind="alarm")
    assert sorted(notifications.values_list("to__name", flat=True)) == ["Alice", "Bob"]
    assert (
        "Series in the subject line: The arms are not as large as planned."
        in notifications[0].sentence
    )
    assert not any(arm in notifications[0].sentence for arm in ("As it is", "Series named"))
    today = client_of(alice).get(reverse("backlog:today")).content.decode()
    assert "The arms are not as large as planned: Series in the subject line" in today
    url = reverse("experiments:experiment_results", args=[running.pk])
    page = client_of(vera).get(url).content.decode()
    assert "The arms are not as large as planned." in page
    assert "Why you mute it" not in page  # a viewer mutes nothing
    analysed(running, bob, totals(n=2_000))
    assert kinds(running) == []


def test_a_guardrail_that_breaks_speaks_before_the_planned_end_and_shows_no_outcome(
    client_of, running, bob
):
    analysed(running, bob, HARM)
    assert kinds(running) == ["guardrail"]
    page = client_of(bob).get(reverse("experiments:experiment_results", args=[running.pk]))
    assert "Guardrail broken" in page.content.decode()
    assert "Each arm against" not in page.content.decode()


def test_late_data_has_a_grace_and_goes_by_its_pace(running, bob):
    Experiment.objects.update(starts_on=timezone.localdate())
    check_running()
    assert kinds(running) == []
    with later(days=4):
        check_running()
        assert kinds(running) == ["stale"]
        analysed(running, bob, totals(n=2_000))
        assert kinds(running) == []
    day, start = dt.timedelta(days=1), dt.date(2026, 11, 2)
    at = dt.datetime(2026, 11, 9, 6, tzinfo=dt.UTC)
    assert late_after(start, [at]) == at + 3 * day
    assert late_after(start, [at, at + 7 * day]) == at + 21 * day
    assert late_after(start, [at, at + 30 * day]) == at + 44 * day


def test_full_and_overdue_replace_each_other(running, bob):
    analysed(running, bob)
    assert kinds(running) == ["full"]
    with later(days=22):
        check_running()
        assert kinds(running) == ["overdue"]
        Experiment.objects.update(state="decided")
        check_alarms(Experiment.objects.get())
        assert kinds(running) == []


def test_cancelling_ends_its_alarms(client_of, running, alice, bob):
    analysed(running, bob, SKEWED)
    move_experiment(running, "cancel", by=alice, reason="The arms are broken")
    assert kinds(running) == []
    assert "not as large as planned" not in client_of(alice).get("/").content.decode()


def test_muting_asks_a_reason_lasts_its_days_and_outlives_a_new_alarm(
    client_of, running, alice, bob
):
    analysed(running, bob, SKEWED)
    alarm = Alarm.objects.get()
    url = reverse("experiments:alarm_mute", args=[running.pk, alarm.pk])
    assert client_of(bob).post(url, {"days": "7", "reason": ""}).status_code == 409
    assert client_of(bob).post(url, {"days": "900", "reason": "x"}).status_code == 409
    client_of(bob).post(url, {"days": "7", "reason": "A <b>known</b> bot"})
    page = client_of(alice).get(reverse("experiments:experiment_results", args=[running.pk]))
    assert "“A &lt;b&gt;known&lt;/b&gt; bot”" in page.content.decode()
    assert "not as large as planned" not in client_of(alice).get("/").content.decode()
    analysed(running, bob, totals(n=2_000))
    Notification.objects.all().delete()
    analysed(running, bob, SKEWED)
    assert Alarm.objects.open().get().is_muted
    assert not Notification.objects.filter(kind="alarm").exists()
    with later(days=8):
        assert Alarm.objects.loud().count() == 1
    path = f"/api/v1/alarms/{Alarm.objects.open().get().pk}/"
    api = client_of(bob).post(f"{path}mute/", {"days": 1, "reason": "Once more"},
                              content_type="application/json",
                              headers={"If-Match": client_of(bob).get(path)["ETag"]})  # fmt: skip
    assert api.json()["mute_reason"] == "Once more"


def test_at_night_nothing_is_written_twice_and_the_planned_end_is_read(running, bob):
    analysed(running, bob, totals(n=2_000))
    before = list(Analysis.objects.values())
    assert read_again() == 0
    assert list(Analysis.objects.values()) == before
    with later(days=21):
        assert read_again() == 1
        assert read_again() == 0
    newest = Analysis.objects.first()
    assert (newest.number, newest.outcome) == (2, "cannot-tell")
    assert newest.intake_id == before[0]["intake_id"]


def test_a_night_asks_the_database_as_often_for_many_tests_as_for_one(
    alice, bob, pod, objective, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(3):
        made = make_experiment(alice, pod, objective=objective, analyst=bob,
                               idea_title=f"Looks {number}", reading="planned-looks")  # fmt: skip
        analysed(launched(made, alice), bob, totals(n=6_000))
        if number == 0:
            with CaptureQueriesContext(connection) as alone:
                assert read_many(Intake.objects.all()) == 0
    with django_assert_num_queries(len(alone)):
        assert read_many(Intake.objects.all()) == 0
    Experiment.objects.update(ends_on=timezone.localdate())
    with django_assert_max_num_queries(len(alone) + 8):  # lock, number, write, in one go
        assert read_many(Intake.objects.all()) == 3

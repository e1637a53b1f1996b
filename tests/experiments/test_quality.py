"""The minimum-quality score of experiments that were really run, on their page and in the report."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Quarter
from experiments.flows.deciding import decide
from experiments.flows.health.quality import quality_facts, quality_of
from experiments.flows.health.report import quarter_report
from experiments.models import (
    Alarm,
    Amendment,
    Decision,
    Experiment,
    Look,
    PostMortem,
    Unveiling,
)
from tests.experiments.test_health import decide_many
from tests.factories import analysed, launched, make_experiment

DAY = dt.timedelta(days=1)


@pytest.fixture
def decided(alice, bob, pod, objective):
    today = timezone.localdate()
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    launched(made, alice)
    Experiment.objects.filter(pk=made.pk).update(starts_on=today - 30 * DAY, ends_on=today)
    made = Experiment.objects.get(pk=made.pk)
    made.sealed_plan |= {
        "ends_on": today.isoformat(), "hypothesis": "If we name it, then more come back.",
        "planned_units": 20_000, "began_before": 0,
    }  # fmt: skip
    made.save()
    analysed(made, alice)
    decide(Experiment.objects.get(pk=made.pk), by=bob, choice="ship")
    return Experiment.objects.get(pk=made.pk)


def marks(experiment):
    fresh = Experiment.objects.get(pk=experiment.pk)
    quality = quality_of(fresh, list(fresh.amendments.all()))
    return {item.name: item.is_met for item in quality.items}


def test_each_item_follows_from_the_rows(decided, alice):
    before = marks(decided)
    assert before["Post-mortem"] is None, "it is not due yet"
    assert {name for name, is_met in before.items() if is_met is False} == set()
    today = timezone.localdate()
    analysis = decided.analyses.get()
    result = {**analysis.result}
    result["sample_ratio"] = {**result["sample_ratio"], "is_mismatch": True}
    type(analysis).objects.filter(pk=analysis.pk).update(result=result, outcome="fix-data")
    Look.objects.create(
        experiment=decided, analysis=analysis, user=alice, day=today - 9 * DAY, is_early=True
    )
    PostMortem.objects.filter(experiment=decided).update(due_on=today - DAY)
    Decision.objects.filter(experiment=decided).update(
        choice="roll-back", decided_at=timezone.now() - 3 * DAY, recommended=""
    )
    plan = {**decided.sealed_plan, "hypothesis": "", "began_before": 2, "planned_units": 10**9}
    plan["metrics"] = [{**row, "margin": None} for row in plan["metrics"]]
    Experiment.objects.filter(pk=decided.pk).update(sealed_plan=plan)
    assert set(marks(decided).values()) == {False}


def test_a_mismatch_that_was_resolved_and_a_result_that_was_opened(decided, alice):
    Alarm.objects.create(experiment=decided, kind="sample-ratio", sentence="x")
    Unveiling.objects.create(experiment=decided, by=alice, reason="x")
    quality = quality_of(decided, [])
    sentences = {item.name: item for item in quality.items}
    assert sentences["Balance of arms"].is_met is True
    assert "resolved before the decision" in sentences["Balance of arms"].sentence
    assert sentences["Peeks"].is_met is False


@pytest.mark.parametrize(("outcome", "is_met"), [("ship", True), ("keep-running", False)])
def test_a_look_counts_unless_the_rule_had_decided(decided, alice, outcome, is_met):
    """Once it has, the outcomes are open to everybody."""
    analysis = decided.analyses.get()
    type(analysis).objects.filter(pk=analysis.pk).update(outcome=outcome)
    Look.objects.create(
        experiment=decided, analysis=analysis, user=alice, day=timezone.localdate(), is_early=True
    )
    assert marks(decided)["Peeks"] is is_met


@pytest.mark.parametrize(("is_after", "is_met"), [(True, False), (False, True)])
def test_an_end_that_moves_after_the_first_look_counts(decided, alice, is_after, is_met):
    plan = {**decided.sealed_plan, "ends_on": (timezone.localdate() - 2 * DAY).isoformat()}
    Amendment.objects.create(
        experiment=decided, number=1, reason="x", is_after_first_look=is_after, changes=[], plan=plan,
        fingerprint="x", by=alice,
    )  # fmt: skip
    assert marks(decided)["Planned length"] is is_met


def test_the_page_of_a_decided_experiment_shows_its_items(client_of, bob, decided):
    page = client_of(bob).get(decided.get_absolute_url()).content.decode()
    assert "Minimum quality" in page
    assert "7 of 7 items" in page
    assert "The decision keeps to the sealed rule." in page


def test_one_that_is_not_decided_has_none(client_of, alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    assert quality_of(made, []) is None
    assert "Minimum quality" not in client_of(bob).get(made.get_absolute_url()).content.decode()


def test_the_page_keeps_its_budget(client_of, bob, decided, django_assert_max_num_queries):
    client = client_of(bob)
    client.get(decided.get_absolute_url())
    with django_assert_max_num_queries(13):
        client.get(decided.get_absolute_url())


def test_many_take_as_many_queries_as_one(alice, pod, django_assert_num_queries):
    decide_many(alice, pod, 12)
    rows = list(Experiment.objects.select_related("decision"))
    with django_assert_num_queries(2):
        assert len(quality_facts(rows)) == 12


def test_the_report_holds_the_mean_against_the_quarter_before(
    client_of, alice, olive, pod, quarter, decided
):
    today = timezone.localdate()
    Quarter.objects.exclude(pk=quarter.pk).delete()
    Quarter.objects.filter(pk=quarter.pk).update(
        name="Now", starts_on=today - 20 * DAY, ends_on=today + 70 * DAY
    )
    Quarter.objects.create(name="Then", starts_on=today - 110 * DAY, ends_on=today - 20 * DAY)
    earlier = decide_many(alice, pod, 2, since=60)
    for one, published in zip(earlier, (today - 30 * DAY, today), strict=True):
        PostMortem.objects.create(
            experiment=one, author=alice, summary="x", state="published", due_on=today - 21 * DAY,
            published_at=timezone.make_aware(dt.datetime.combine(published, dt.time(12))),
        )  # fmt: skip
    quarter.refresh_from_db()
    report = quarter_report(quarter, None, reader=olive)
    assert (report.quality.n, report.quality.score) == (1, 1.0)
    assert (report.quality_before.n, report.quality_before.score) == (2, 0.5)
    url = reverse("experiments:report")
    page = client_of(olive).get(f"{url}?quarter=Now").content.decode()
    assert "minimum quality of 1 experiment, 50\u00a0% the quarter before" in page
    text = client_of(olive).get(f"{url}?quarter=Now&as=md").content.decode()
    assert "- Minimum quality: 100\u00a0% (1 experiment), 50\u00a0% the quarter before" in text

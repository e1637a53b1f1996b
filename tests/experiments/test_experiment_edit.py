"""Change a plan until it is sealed; nobody overwrites anybody silently."""

import pytest
from django.urls import reverse

from backlog.models import Event
from experiments.flows.promotion import change_plan
from experiments.models import Experiment
from tests.browsing import version_on
from tests.experiments.posting import ARM_ROWS, METRIC_ROWS, plan_data
from tests.factories import launched, make_experiment


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


@pytest.fixture
def url(draft):
    return reverse("experiments:experiment_edit", args=[draft.pk])


def test_it_saves_and_writes_history(tab_of, bob, draft, url):
    response = tab_of(bob).save(url, plan_data(title="A better title"))
    assert response.url == draft.get_absolute_url()
    draft.refresh_from_db()
    assert (draft.title, draft.version) == ("A better title", 2)
    assert "Bob changed the plan." in str(Event.objects.about(draft).first())


def test_saving_without_a_change_keeps_every_arm_and_metric(client_of, bob, draft, url, tab_of):
    page = client_of(bob).get(url)
    plan = page.context["plan"]
    entries = {f"{prefix}-{n}-{name}": form[name].value()
            for prefix, rows in (("arms", plan.arms), ("metrics", plan.metrics))
            for n, form in enumerate(rows)
            for name in form.fields
            if name != "DELETE" and form[name].value() is not None}  # fmt: skip
    counts = {"arms-TOTAL_FORMS": 2, "arms-INITIAL_FORMS": 0,
              "metrics-TOTAL_FORMS": 3, "metrics-INITIAL_FORMS": 0}  # fmt: skip
    before = [
        (row.metric_id, row.baseline, row.smallest_effect, row.margin) for row in draft.measured
    ]
    tab_of(bob).save(url, {"title": draft.title, **counts, **entries})
    saved = Experiment.objects.get(pk=draft.pk)
    assert [arm.name for arm in saved.arms] == ["As it is", "Series named"]
    assert [
        (row.metric_id, row.baseline, row.smallest_effect, row.margin) for row in saved.measured
    ] == before


def test_who_is_slower_sees_both_versions_and_loses_nothing(tab_of, alice, bob, draft, url):
    client = tab_of(bob)
    read = version_on(client, url)
    change_plan(draft, by=alice, title="Title of Alice")
    rows = [ARM_ROWS[0], ARM_ROWS[1] | {"name": "Arm of Bob"}]
    data = plan_data(arms=rows, title="Title of Bob")
    response = client.post(url, {**data, **read})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody changed this while you were editing it." in page
    for words in ("Title of Alice", "Title of Bob", "Arm of Bob"):
        assert words in page
    saved = Experiment.objects.get(pk=draft.pk)
    assert (saved.title, saved.arms[1].name) == ("Title of Alice", "Series named")
    assert client.save(url, data).status_code == 302
    saved = Experiment.objects.get(pk=draft.pk)
    assert (saved.title, saved.arms[1].name) == ("Title of Bob", "Arm of Bob")


def test_two_primary_metrics_are_refused_and_nothing_changes(tab_of, bob, draft, url):
    rows = [METRIC_ROWS[0], METRIC_ROWS[2] | {"role": "primary"}]
    response = tab_of(bob).save(url, plan_data(metrics=rows))
    assert response.status_code == 422
    assert (
        "Only one metric can be the primary one, because it decides." in response.content.decode()
    )
    assert len(Experiment.objects.get(pk=draft.pk).measured) == 3


def test_a_sealed_plan_is_refused_with_the_sentence(tab_of, alice, bob, draft, url):
    launched(draft, alice)
    response = tab_of(bob).save(url, plan_data(title="Too late"))
    assert response.status_code == 422
    assert "The plan was sealed at launch." in response.content.decode()
    assert Experiment.objects.get(pk=draft.pk).title == "Series in the subject line"


def test_viewers_may_not_and_outsiders_find_nothing(client_of, vera, charlie, url):
    for person, status in ((vera, 403), (charlie, 404)):
        assert client_of(person).get(url).status_code == status
        assert client_of(person).post(url, plan_data()).status_code == status


def test_it_asks_the_database_little(client_of, bob, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)

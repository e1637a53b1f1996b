"""Plans to begin with: templates, clones, and names that can be read back."""

import json

import pytest
from django.urls import reverse

from experiments.flows import deciding, templating
from experiments.flows.guards import lines_of
from experiments.flows.moves import move_experiment
from experiments.models import Experiment, PlanTemplate
from tests.experiments.posting import METRIC_ROWS, plan_data
from tests.factories import analysed, launched, make_experiment, make_idea


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(
        alice, pod, objective=objective, analyst=bob, rules=[{"text": "Opted out", "cost": 5}]
    )


def test_a_plan_is_kept_as_a_template_and_begun_with(client_of, alice, bob, olive, pod, draft):
    keep = reverse("experiments:template_keep", args=[draft.pk])
    form = {"name": "Mailing <i>", "pod": pod.pk, "weeks": "3", "most_metrics": "1",
            "decision_table": "won → ship\nflat → stop", "checklist": "Seen on a phone\n\nLinks"}  # fmt: skip
    assert client_of(bob).post(keep, form).status_code == 403
    assert client_of(alice).post(keep, {**form, "pod": ""}).status_code == 422
    client_of(alice).post(keep, form)
    template = PlanTemplate.objects.get()
    assert template.checklist == ["Seen on a phone", "Links"]
    assert "Mailing &lt;i&gt;" in client_of(bob).get(reverse("experiments:template_list")).content.decode()  # fmt: skip
    promote = reverse("experiments:idea_promote", args=[make_idea(alice, pod, "Next").pk])
    page = client_of(alice).get(f"{promote}?template={template.pk}").content.decode()
    for value in ("Series named", "Unsubscribed", "Opted out"):
        assert f'value="{value}"' in page
    data = plan_data(template=template.pk, metrics=METRIC_ROWS)
    client_of(alice).post(promote, data)
    made = Experiment.objects.exclude(pk=draft.pk).get()
    assert (made.template, made.checklist) == (template, template.checklist)
    assert made.decision_table.startswith("won")
    open_ones = [x.sentence for x in lines_of(made, olive) if x.state == "open"]
    assert "“Mailing <i>” allows 1 metrics; this plan has 2." in open_ones
    client_of(alice).post(reverse("experiments:template_remove", args=[template.pk]))
    made.refresh_from_db()
    assert made.template is None


def test_another_pods_template_can_not_be_named(client_of, alice, charlie, olive, pod, draft):
    everybodys = templating.keep_template(draft, by=olive, name="All", pod=None)
    mine = templating.keep_template(draft, by=alice, name="Ours", pod=pod)
    page = client_of(charlie).get(reverse("experiments:template_list")).content.decode()
    assert "All" in page
    assert "Ours" not in page
    assert client_of(alice).post(
        reverse("experiments:template_remove", args=[everybodys.pk])
    ).status_code == 403  # fmt: skip
    assert client_of(charlie).post(
        reverse("experiments:template_remove", args=[mine.pk])
    ).status_code == 404  # fmt: skip


def test_a_decided_test_is_cloned_on_a_follow_up_idea(client_of, alice, bob, draft):
    launched(draft, alice)
    analysed(draft, bob)
    deciding.decide(draft, by=bob, choice="ship")
    url = reverse("experiments:experiment_clone", args=[draft.pk])
    assert client_of(bob).get(url).status_code == 403
    answer = client_of(alice).post(url, {"title": "Once more"})
    made = Experiment.objects.exclude(pk=draft.pk).get()
    assert answer.url == reverse("experiments:experiment_edit", args=[made.pk])
    assert (made.idea != draft.idea, made.state, made.starts_on) == (True, "draft", None)
    assert [arm.name for arm in made.arms] == [arm.name for arm in draft.arms]
    assert made.primary.baseline == 0.1
    assert (made.rules.get().text, made.risks, made.author) == ("Opted out", {}, alice)
    activity = client_of(alice).get(reverse("experiments:experiment_activity", args=[draft.pk]))
    assert f"cloned it as {made.key}" in activity.content.decode()


def test_a_cancelled_test_is_cloned_on_its_own_idea(client_of, alice, draft):
    move_experiment(draft, "cancel", by=alice)
    answer = client_of(alice).post(
        f"/api/v1/experiments/{draft.pk}/clone/", json.dumps({"title": "Again"}),
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 201
    assert answer.json()["idea"] == draft.idea_id
    second = client_of(alice).post(
        reverse("experiments:experiment_clone", args=[draft.pk]), {"title": "Twice"}
    )
    assert second.status_code == 302
    assert Experiment.objects.latest("pk").idea_id != draft.idea_id


def test_each_arm_has_a_name_that_can_be_read_back(client_of, alice, draft):
    page = client_of(alice).get(draft.get_absolute_url()).content.decode()
    assert f"{draft.key}_series-in-the-subject-line_B" in page

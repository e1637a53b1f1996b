"""The catalogue of metrics: who writes it, what a certificate is worth, what past tests tell a plan."""

import json

import pytest
from django.urls import reverse

from experiments.flows import cataloguing, deciding
from experiments.flows.baselines import learnt_baselines
from experiments.models import Experiment, Metric
from tests.browsing import version_on
from tests.experiments.posting import METRIC_ROWS, plan_data
from tests.factories import analysed, launched, make_experiment, make_idea


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


def url_of(name, metric):
    return reverse(f"experiments:metric_{name}", args=[metric.pk])


def form_of(**changes):
    return {"name": "Mean basket", "kind": "mean", "direction": "increase", "numerator": "turnover",
            "cap_percentile": "99", "window_days": "14", "usual_role": "primary", **changes}  # fmt: skip


def test_a_lead_adds_a_metric_for_the_pod_and_only_an_owner_one_for_everybody(
    client_of, alice, olive, charlie, pod
):
    new = reverse("experiments:metric_new")
    client = client_of(alice)
    assert client.post(new, form_of()).status_code == 422, "a lead has to choose a pod"
    made = client.post(new, form_of(pod=pod.pk))
    metric = Metric.objects.get()
    assert (made.url, metric.cap_percentile, metric.pod) == (metric.get_absolute_url(), 99, pod)
    again = client.post(new, form_of(pod=pod.pk))
    assert again.status_code == 422
    assert "There is already a metric of this name." in again.content.decode()
    assert client_of(charlie).get(metric.get_absolute_url()).status_code == 404
    assert client_of(olive).post(new, form_of(name="Gave", kind="proportion", cap_percentile="",
                                           usual_margin="0,5")).status_code == 302  # fmt: skip
    gave = Metric.objects.get(name="Gave")
    assert (gave.pod, gave.usual_margin) == (None, pytest.approx(0.005))
    assert client.get(url_of("edit", gave)).status_code == 403
    assert "turnover" in client.get(metric.get_absolute_url()).content.decode()


def test_a_share_has_no_cap_and_a_script_in_a_name_stays_text(client_of, olive):
    new = reverse("experiments:metric_new")
    client = client_of(olive)
    refused = client.post(new, form_of(kind="proportion"))
    assert "A share can’t be capped." in refused.content.decode()
    client.post(new, form_of(name="<script>alert(1)</script> 🎈"))
    page = client.get(reverse("experiments:metric_list")).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🎈" in page
    assert "<script>alert(1)" not in page


def test_a_certificate_is_for_a_definition_and_goes_with_a_leads_change(
    client_of, alice, olive, pod, tab_of
):
    metric = cataloguing.add_metric(by=alice, pod=pod, name="Opened")
    owner = client_of(olive)
    assert owner.post(url_of("certify", metric)).status_code == 409
    cataloguing.change_metric(metric, by=alice, definition="Opened within 7 days")
    owner.post(url_of("certify", metric))
    metric.refresh_from_db()
    assert (metric.is_certified, metric.certified_by) == (True, olive)
    data = form_of(name="Opened", pod=pod.pk)
    read = version_on(client_of(alice), url_of("edit", metric))
    tab_of(alice).save(url_of("edit", metric), data)
    metric.refresh_from_db()
    assert not metric.is_certified
    stale = client_of(alice).post(
        url_of("edit", metric), data | read | {"definition": "Opened twice"}
    )
    assert stale.status_code == 422
    assert "Somebody changed this while you were editing it" in stale.content.decode()


def test_kind_and_direction_stay_once_a_sealed_plan_uses_it(tab_of, alice, draft):
    metric = draft.primary.metric
    cataloguing.change_metric(metric, by=alice, direction="decrease")
    cataloguing.change_metric(metric, by=alice, direction="increase")
    launched(draft, alice)
    data = {"name": metric.name, "kind": "proportion", "direction": "decrease",
            "pod": metric.pod_id}  # fmt: skip
    refused = tab_of(alice).save(url_of("edit", metric), data)
    assert refused.status_code == 422
    assert f"{draft.key} is sealed with this metric" in refused.content.decode()


def test_a_baseline_is_learnt_from_decided_tests_only_and_a_plan_offers_it(
    client_of, alice, bob, charlie, pod, draft
):
    launched(draft, alice)
    analysed(draft, bob)
    metric = draft.primary.metric
    assert learnt_baselines([metric], seen_by=alice) == {}, "a running test tells nothing"
    promote = reverse("experiments:idea_promote", args=[make_idea(alice, pod, "Next").pk])
    assert 'data-now="10"' not in client_of(alice).get(promote).content.decode()
    deciding.decide(draft, by=bob, choice="ship")
    learnt = learnt_baselines([metric], seen_by=alice)[metric.pk]
    assert (learnt.mean, learnt.n, learnt.keys) == (0.1, 15_000, (draft.key,))
    assert learnt.sd == pytest.approx(0.3)
    assert learnt_baselines([metric], seen_by=charlie) == {}, "another pod's tests are not told"
    assert f"{draft.key}: 15,000 units" in client_of(alice).get(url_of("detail", metric)).content.decode()  # fmt: skip
    assert 'data-now="10"' in client_of(alice).get(promote).content.decode()
    rows = [METRIC_ROWS[0] | {"baseline": ""}]
    taken = client_of(alice).post(promote, plan_data(metrics=rows, take="metrics-0"))
    assert taken.status_code == 200
    assert 'name="metrics-0-baseline" value="10"' in taken.content.decode().replace("  ", " ")
    assert Experiment.objects.count() == 1, "nothing is saved by it"


def test_a_guardrail_takes_the_usual_margin(alice, olive, bob, pod, objective):
    cataloguing.add_metric(by=olive, pod=None, name="Left", usual_margin=0.004)
    rows = [{"role": "primary", "name": "R"}, {"role": "guardrail", "name": "left"}]
    made = make_experiment(alice, pod, objective=objective, analyst=bob, metrics=rows)
    assert made.measured[-1].margin == 0.004


def test_the_api_keeps_the_catalogue_too(client_of, alice, olive, pod):
    def send(person, method, path, data):
        answer = getattr(client_of(person), method)(
            f"/api/v1/metrics/{path}", json.dumps(data), content_type="application/json"
        )
        return answer.status_code, answer.json() if answer.content else {}

    code, made = send(alice, "post", "", {"name": "Opened", "kind": "proportion", "pod": pod.pk,
                                          "numerator": "opens"})  # fmt: skip
    assert code == 201
    assert send(alice, "post", "", {"name": "All", "kind": "proportion"})[0] == 403
    path = f"{made['id']}/"
    assert send(alice, "patch", path, {"unit": "readers", "version": 1})[1]["unit"] == "readers"
    assert send(alice, "post", f"{path}certificate/", {})[0] == 403
    assert send(olive, "post", f"{path}certificate/", {})[0] == 428
    made = send(olive, "post", f"{path}certificate/", {"version": 2})[1]
    assert made["certified_by"] == olive.pk
    assert client_of(alice).get(f"/api/v1/metrics/{path}baseline/").status_code == 204

"""A sealed plan: what may still change, in the open, and that nobody can touch the rest unnoticed."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse

from backlog.refusals import Refused
from experiments.flows.amending import amend
from experiments.flows.checking_seals import broken_seals
from experiments.models import Amendment, Experiment, ExperimentMetric, Seal, Variant
from tests.browsing import version_on
from tests.factories import analysed, launched, make_experiment


@pytest.fixture
def running(alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    return launched(made, alice)


def url_of(experiment):
    return reverse("experiments:experiment_amend", args=[experiment.pk])


def form_of(experiment, **changes):
    guardrail = experiment.measured[-1]
    return {"last_day": experiment.last_day.isoformat(), "units_per_week": "10000",
            "owner": experiment.owner_id, "analyst": experiment.analyst_id,
            f"margin_{guardrail.pk}": "0.5", **changes}  # fmt: skip


def test_it_is_amended_with_a_reason_and_the_plan_shows_planned_against_amended(
    tab_of, bob, carol, running
):
    client = tab_of(bob)
    sealed, margin = running.sealed_plan, f"margin_{running.measured[-1].pk}"
    assert client.save(url_of(running), form_of(running, units_per_week="8000")).status_code == 422
    read = version_on(client, url_of(running))
    nothing = client.save(url_of(running), form_of(running, reason="No change"))
    assert "This changes nothing in the present plan" in nothing.content.decode()
    data = form_of(running, units_per_week="8000", analyst=carol.pk, reason="Fewer <b>came</b>")
    assert client.save(url_of(running), data | {margin: "0,8"}).status_code == 302
    running = Experiment.objects.get(pk=running.pk)
    assert (running.units_per_week, running.analyst) == (8000, carol)
    assert running.sealed_plan == sealed
    assert running.plan_in_force.metrics[-1].margin == 0.008
    page = client.get(running.get_absolute_url()).content.decode()
    for text in ("before the first look", "Fewer &lt;b&gt;came&lt;/b&gt;", "<del>10,000</del>", "<b>8,000</b>", "<b>Carol</b>"):  # fmt: skip
        assert text in page
    stale = client.post(url_of(running), data | read | {"units_per_week": "7000"})
    assert stale.status_code == 422
    assert list(broken_seals()) == []


def test_after_the_first_look_margins_stay_and_amendments_say_so(client_of, alice, bob, running):
    analysed(running, bob)
    veiled = amend(running, by=bob, reason="Agreed late", margins={"Unsubscribed": 0.006})
    assert not veiled.is_after_first_look, "nobody has seen the result"
    client_of(bob).get(reverse("experiments:experiment_results", args=[running.pk]))
    page = client_of(bob).get(url_of(running)).content.decode()
    assert "the guardrails keep their margins" in page
    with pytest.raises(Refused, match="keep their margins"):
        amend(running, by=bob, reason="Why not", margins={"Unsubscribed": 0.1})
    later = running.ends_on + dt.timedelta(days=7)
    made = amend(running, by=bob, reason="A slow week", ends_on=later)
    assert (made.is_after_first_look, made.number) == (True, 2)
    with pytest.raises(Refused, match="keeps its hypothesis"):
        amend(running, by=bob, reason="Better so", hypothesis="Another")


def test_the_analysis_reads_the_margin_that_holds(alice, bob, running):
    amend(running, by=bob, reason="Agreed with support", margins={"Unsubscribed": 0.02})
    reading = analysed(Experiment.objects.get(pk=running.pk), bob)
    assert reading.inputs["plan"]["metrics"][-1]["margin"] == 0.02


def test_the_api_amends_and_lists(client_of, bob, vera, running):
    path = f"/api/v1/experiments/{running.pk}/amendments/"

    def send(person, data):
        read = Experiment.objects.get(pk=running.pk).version
        body = json.dumps({"version": read, **data})
        return client_of(person).post(path, body, content_type="application/json").status_code

    assert send(vera, {"reason": "x", "units_per_week": 9}) == 403
    assert send(bob, {"units_per_week": 9}) == 400
    assert send(bob, {"reason": "Fewer", "margins": {"Opened": 1}}) == 409
    assert send(bob, {"reason": "Fewer", "units_per_week": 9000, "version": 0}) == 409
    assert send(bob, {"reason": "Fewer", "units_per_week": 9000}) == 201
    assert client_of(vera).get(path).json()[0]["changes"][0]["after"] == "9,000"


TAMPERED = {
    "the sealed plan": lambda x: Experiment.objects.filter(pk=x.pk).update(
        sealed_plan={**x.sealed_plan, "title": "Another"}),
    "its fingerprint": lambda x: Experiment.objects.filter(pk=x.pk).update(fingerprint="0" * 64),
    "no fingerprint": lambda x: Experiment.objects.filter(pk=x.pk).update(fingerprint=""),
    "when it was sealed": lambda x: Experiment.objects.filter(pk=x.pk).update(
        sealed_at=x.sealed_at - dt.timedelta(days=1)),
    "a seal": lambda x: Seal.objects.filter(number=1).update(by_name="Nobody"),
    "a seal's time": lambda x: Seal.objects.filter(number=2).update(at=x.created_at),
    "a seal is gone": lambda x: Seal.objects.filter(number=2).delete(),
    "the first seal is gone": lambda x: Seal.objects.filter(number=1).delete(),
    "the last seal is gone": lambda x: Seal.objects.filter(number=3).delete(),
    "an amendment": lambda x: Amendment.objects.update(reason="Another"),
    "an amended plan": lambda x: Amendment.objects.update(plan={}),
    "when it was amended": lambda x: Amendment.objects.update(at=x.created_at),
    "an amendment is gone": lambda x: Amendment.objects.all().delete(),
    "which look": lambda x: Amendment.objects.update(is_after_first_look=True),
    "an arm": lambda x: Variant.objects.filter(experiment=x).update(weight=3),
    "a margin": lambda x: ExperimentMetric.objects.filter(experiment=x, role="guardrail").update(margin=0.4),
    "the end": lambda x: Experiment.objects.filter(pk=x.pk).update(
        ends_on=x.ends_on + dt.timedelta(days=1)),
}  # fmt: skip


def test_tampering_anywhere_is_found(alice, bob, pod, objective, running, capsys):
    other = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Second")
    launched(other, alice)
    amend(running, by=bob, reason="Fewer came", units_per_week=8000)
    running = Experiment.objects.get(pk=running.pk)
    call_command("check_seals")
    assert f"All 3 seals are intact. The chain ends in {Seal.objects.last().chain}" in capsys.readouterr().out  # fmt: skip
    missed = []
    for what, tamper in TAMPERED.items():
        point = transaction.savepoint()
        tamper(running)
        if not list(broken_seals()):
            missed.append(what)
        transaction.savepoint_rollback(point)
    assert missed == []
    Amendment.objects.update(reason="Another")
    with pytest.raises(CommandError, match="1 problem"):
        call_command("check_seals")


def test_the_chain_stays_whole_when_a_pod_is_removed(bob, pod, running):
    pod.delete()
    assert connection.in_atomic_block
    assert list(broken_seals()) == []
    assert Seal.objects.get().experiment is None

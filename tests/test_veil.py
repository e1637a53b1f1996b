"""The veil is an invariant: until the planned end no outcome by arm leaves a trace in any answer.

Two worlds that differ in outcomes by arm alone answer byte for byte alike, over every route that shows
an experiment, parts and API, for everybody. A new route of an experiment is walked by itself.
"""

import datetime as dt

import pytest
import time_machine
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from backlog.models import Event
from backlog.templatetags.figures import percent
from experiments.engine.looks import error_spent
from experiments.engine.reading import read_evidence
from experiments.engine.results import verdict_of
from experiments.flows.veil import unveil
from experiments.models import Analysis, Experiment, Intake, Look, Observation
from experiments.plan.canonical import fingerprint_of
from tests.experiments.posting import mapped
from tests.factories import analysed, launched, make_experiment, totals
from tests.test_blind import answer_of

FILE = "group,reader,back\n" + "".join(
    f"{arm},{arm}{n},{int(n < hits)}\n"
    for arm, hits in (("old", 30), ("new", 60))
    for n in range(400)
)
API = ("experiments", "files", "analyses", "post-mortems", "learnings", "metrics")


@pytest.fixture
def now():
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(now, client_of, alice, bob, carol, vera, olive, pod, objective):
    """A running test with data that counts and a file of Carol's that waits to be confirmed."""
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(running, bob, totals(n=2_000))
    mapped(client_of(carol), running, FILE, variant="group", labels_of="group", unit="reader",
           metric_Reactivated="back", label_0="As it is", label_1="Series named")  # fmt: skip
    waits = Intake.objects.get(state="understood")
    return {"experiment": running, "intake": waits, "people": (alice, bob, vera, olive)}


def routes_of_experiments(known):
    """Every address of the URLconf whose parameters are known here."""
    routes = []

    def walk(patterns, namespace=""):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(
                    pattern.url_patterns,
                    f"{pattern.namespace}:" if pattern.namespace else namespace,
                )
            elif isinstance(pattern, URLPattern) and namespace == "experiments:" and pattern.name:
                names = pattern.pattern.converters
                # `pk` of some routes is an idea's
                if set(names) <= set(known) and not pattern.name.startswith("idea"):
                    routes.append(reverse(namespace + pattern.name,
                                         kwargs={name: known[name] for name in names}))  # fmt: skip

    walk(get_resolver().url_patterns)
    return routes


def addresses(world):
    experiment = world["experiment"]
    known = {"pk": experiment.pk, "intake": world["intake"].pk, "number": 1,
             "transition": "conclude"}  # fmt: skip
    api = [f"/api/v1/{noun}/" for noun in API]
    api += [
        f"/api/v1/experiments/{experiment.pk}/",
        f"/api/v1/analyses/{Analysis.objects.get().pk}/",
    ]
    api += [f"/api/v1/experiments/{experiment.pk}/observations/"]
    rest = [reverse("backlog:today"), reverse("backlog:notification_list"), "/search/?q=series",
            reverse("backlog:idea_detail", args=[experiment.idea_id])]  # fmt: skip
    walked = routes_of_experiments(known)
    assert len(walked) >= 18
    return [*walked, *api, *rest]


def turn_outcomes(world):
    """The other world: what each arm did is the other arm's; units stay where they are."""
    rows = Observation.objects.filter(intake__experiment=world["experiment"]).order_by("pk")
    for metric in set(rows.values_list("metric", flat=True)):
        first, second = rows.filter(metric=metric)
        rows.filter(pk=first.pk).update(successes=second.successes + 7)
        rows.filter(pk=second.pk).update(successes=first.successes)
    made = Analysis.objects.get()
    successes = {(row.metric.metric.name, row.variant.name): row.successes
            for row in rows.select_related("metric__metric", "variant")}  # fmt: skip
    for row in made.inputs["observations"]:
        row["successes"] = successes[row["metric"], row["variant"]]
    result = read_evidence(made.inputs)
    verdict = verdict_of(result)
    assert (made.outcome, made.head, made.sentence) == (
        verdict.outcome,
        verdict.head,
        verdict.sentence,
    )
    Analysis.objects.update(result=result, inputs=made.inputs,
                            inputs_fingerprint=fingerprint_of(made.inputs))  # fmt: skip
    Event.objects.filter(verb="analyse").update(details={"fingerprint": "another"})
    taken = world["intake"]
    for part in ("samples", "values"):
        for by_arm in taken.understood[part].values():
            by_arm["As it is"], by_arm["Series named"] = by_arm["Series named"], by_arm["As it is"]
    taken.sniffed["columns"][2]["examples"] = ["1", "0", "1"]
    taken.save()


def test_worlds_that_differ_in_outcomes_by_arm_answer_alike(world, client_of):
    paths = addresses(world)
    clients = {person.name: client_of(person) for person in world["people"]}
    pairs = [(name, path) for name in clients for path in paths]
    for name, path in pairs:  # the first visit may mark things as read
        answer_of(clients[name], path)
    first = {(name, path): answer_of(clients[name], path) for name, path in pairs}
    turn_outcomes(world)
    wrong = [key for key in pairs if answer_of(clients[key[0]], key[1]) != first[key]]
    assert not wrong
    assert not Look.objects.exists()


def test_the_walk_would_find_a_leak(world, client_of, alice):
    """The same worlds without the veil: results, download and API tell them apart."""
    unveil(world["experiment"], by=alice, reason="The board meets.")
    client, paths = client_of(alice), addresses(world)
    for path in paths:
        answer_of(client, path)
    first = {path: answer_of(client, path) for path in paths}
    turn_outcomes(world)
    leaks = {path for path in paths if answer_of(client, path) != first[path]}
    pk = world["experiment"].pk
    assert {
        f"/experiments/{pk}/results/", f"/experiments/{pk}/results/1.json", "/api/v1/analyses/",
        f"/api/v1/experiments/{pk}/observations/", f"/experiments/{pk}/data/{world['intake'].pk}/confirm/",
    } <= leaks  # fmt: skip


def test_the_sender_of_a_file_sees_ranges_and_no_outcome_by_arm(world, client_of, carol):
    url = reverse("experiments:intake_confirm", args=[world["experiment"].pk, world["intake"].pk])
    page = client_of(carol).get(url).content.decode()
    assert "As it is 400" in page
    assert "7.5\xa0%" not in page
    Experiment.objects.update(ends_on=timezone.localdate())
    assert "7.5\xa0%" in client_of(carol).get(url).content.decode()


def test_opening_early_asks_a_reason_is_for_leads_and_stands_on_record(
    world, client_of, alice, bob, vera
):
    experiment = world["experiment"]
    url = reverse("experiments:experiment_unveil", args=[experiment.pk])
    results = reverse("experiments:experiment_results", args=[experiment.pk])
    assert client_of(bob).post(url, {"reason": "Curious"}).status_code == 403
    refused = client_of(alice).post(url, {"reason": "  "})
    assert refused.status_code == 422
    assert "Say why this can’t wait" in refused.content.decode()
    client_of(alice).post(url, {"reason": "Finance asks <b>now</b>."})
    assert Event.objects.filter(verb="unveil", sentence__contains="Finance asks").count() == 1
    again = client_of(alice).post(url, {"reason": "Once more"})
    assert again.status_code == 409
    page = client_of(vera).get(results).content.decode()
    assert "Each arm against “As it is”" in page
    page = client_of(vera).get(results).content.decode()
    assert "Finance asks &lt;b&gt;now&lt;/b&gt;." in page
    spent = percent(error_spent([4_000 / 29_502], 0.05), 1)
    assert 0.08 < error_spent([4_000 / 29_502], 0.05) < 0.0975
    assert f"in {spent} of cases" in page
    looks = list(Look.objects.values_list("user__name", "is_early", "units"))
    assert looks == [("Vera", True, 4_000)]


def test_the_ledger_counts_a_person_once_a_day_and_reading_in_every_channel(world, client_of, vera):
    experiment = world["experiment"]
    Experiment.objects.update(ends_on=timezone.localdate())
    client, made = client_of(vera), Analysis.objects.get()
    client.get(reverse("experiments:experiment_results", args=[experiment.pk]))
    client.get(reverse("experiments:analysis_download", args=[experiment.pk, 1]))
    client.get(f"/api/v1/analyses/{made.pk}/")
    client.get(f"/api/v1/experiments/{experiment.pk}/observations/")
    assert list(Look.objects.values_list("user__name", "is_early")) == [("Vera", False)]
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        client.get(f"/api/v1/analyses/{made.pk}/")
    assert Look.objects.count() == 2


# --- Masked arms --------------------------------------------------------------------------------


@pytest.fixture
def any_time(alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob, reading="any-time")
    return launched(made, alice)


def test_the_analyst_of_record_reads_letters_in_every_channel(
    any_time, client_of, bob, carol, alice
):
    made = analysed(any_time, carol, totals(n=3_000, treatment=0.105))
    assert made.outcome == "keep-running"
    paths = [
        reverse("experiments:experiment_results", args=[any_time.pk]),
        reverse("experiments:analysis_download", args=[any_time.pk, 1]),
        f"/api/v1/analyses/{made.pk}/", f"/api/v1/experiments/{any_time.pk}/observations/",
    ]  # fmt: skip
    for path in paths:
        body = client_of(bob).get(path).content.decode()
        assert "Series named" not in body, path
        assert "As it is" not in body, path
    page = client_of(bob).get(paths[0]).content.decode()
    assert "Each arm against “Arm A”" in page
    assert "You see letters instead of arms." in page
    assert "Each arm against “As it is”" in client_of(alice).get(paths[0]).content.decode()


def test_the_names_come_back_once_the_rule_has_spoken(any_time, client_of, bob, carol):
    url = reverse("experiments:experiment_results", args=[any_time.pk])
    assert analysed(any_time, carol, totals(n=9_000, treatment=0.16)).outcome == "ship"
    page = client_of(bob).get(url).content.decode()
    assert "Ship “Series named”." in page
    assert "Arm A" not in page


def test_a_plan_with_looks_shows_its_looks_and_nothing_between(
    client_of, alice, bob, vera, pod, objective
):
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, reading="planned-looks", looks=3
    )
    running = launched(made, alice)
    url = reverse("experiments:experiment_results", args=[running.pk])
    analysed(running, bob, totals(n=2_000, treatment=0.11))
    page = client_of(vera).get(url).content.decode()
    assert "Look 1 opens at 9,960 units" in page
    analysed(running, bob, totals(n=6_000, treatment=0.105))
    page = client_of(vera).get(url).content.decode()
    assert "Look 1 of 3, at 40\xa0% of the planned units" in page
    analysed(running, bob, totals(n=8_000, treatment=0.105))
    page = client_of(vera).get(url).content.decode()
    assert "Look 2 opens at 19,920 units" in page
    assert "This is analysis 2, the newest planned look." in page

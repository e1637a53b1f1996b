"""What was understood; nothing counts before somebody confirms, and then only once."""

import pytest
from django.urls import reverse

from experiments.flows.analysing import analyse_now
from experiments.models import Intake, Observation
from tests.experiments.posting import confirmed, mapped
from tests.factories import launched, make_experiment

UNITS = (
    "\ufeffuser,group,Reactivated\n"
    "r1,A,TRUE\nr2,B,FALSE\nr3,A,FALSE\nr4,B,TRUE\nr5,A,FALSE\nr5,A,FALSE\nr6,B,TRUE\n"
    "r7,A,TRUE\nr7,B,TRUE\n"
    "=SUM(A1),A,perhaps\n"
)
ARMS = {"label_0": "As it is", "label_1": "Series named"}
BY_UNIT = {"unit": "user", "metric_Reactivated": "Reactivated", **ARMS}


@pytest.fixture
def running(alice, bob, carol, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=carol), alice)


@pytest.fixture
def understood(client_of, bob, running):
    response = mapped(client_of(bob), running, UNITS, **BY_UNIT)
    assert response.status_code == 302
    return Intake.objects.get()


@pytest.fixture
def url(running, understood):
    return reverse("experiments:intake_confirm", args=[running.pk, understood.pk])


def samples_of(intake):
    return {(row.metric.metric.name, row.variant.name): (row.n, row.successes)
            for row in Observation.objects.filter(intake=intake)}  # fmt: skip


def test_it_shows_figures_problems_and_columns_before_anything_counts(client_of, bob, url):
    page = client_of(bob).get(url).content.decode()
    assert "Nothing counts until you confirm" in page
    assert '<b class="figure">10</b><span>rows read</span>' in page
    assert '<b class="figure">6</b><span>units, each once</span>' in page
    assert "Confirm and count 6" in page
    assert "1 unit is in more than one arm and left out of all." in page
    assert "perhaps" in page
    assert "As it is 3 · Series named 3" in page
    assert not Observation.objects.exists()


def test_units_with_a_byte_order_mark_and_words_for_yes_count_once(
    client_of, bob, running, understood, url
):
    response = confirmed(client_of(bob), url)
    assert response.url == reverse("experiments:experiment_results", args=[running.pk])
    assert samples_of(understood) == {
        ("Reactivated", "As it is"): (3, 1), ("Reactivated", "Series named"): (3, 2)}  # fmt: skip


def test_totals_with_semicolons_and_decimal_commas_are_read(client_of, bob, running):
    content = "group;n;Reactivated\nA;1000;100,0\nB;1000;120,0\n"
    fields = {"shape": "totals", "count": "n", "metric_Reactivated": "Reactivated", **ARMS}
    client = client_of(bob)
    response = mapped(client, running, content, **fields)
    assert response.status_code == 302
    confirmed(client, response.url)
    assert samples_of(Intake.objects.get()) == {
        ("Reactivated", "As it is"): (1000, 100), ("Reactivated", "Series named"): (1000, 120)}  # fmt: skip


def test_of_totals_nobody_knows_whether_each_unit_is_in_it_once(client_of, bob, running):
    content = "group,n,Reactivated\nA,1000,100\nB,1000,120\n"
    fields = {"shape": "totals", "count": "n", "metric_Reactivated": "Reactivated", **ARMS}
    client = client_of(bob)
    page = client.get(mapped(client, running, content, **fields).url).content.decode()
    assert '<b class="figure">2,000</b><span>units</span>' in page
    assert "nobody is in the file twice" not in page


def test_a_second_click_counts_nothing_twice(client_of, bob, running, understood, url):
    client = client_of(bob)
    confirmed(client, url)
    assert client.post(url).status_code == 302
    assert Observation.objects.count() == 2
    assert client.get(url).status_code == 302
    analyse_now(understood.pk)
    assert client.post(url).status_code == 302
    assert running.analyses.count() == 1


def test_a_newer_file_replaces_the_one_before(client_of, bob, running, understood, url):
    client = client_of(bob)
    confirmed(client, url)
    response = mapped(client, running, UNITS, **BY_UNIT)
    assert "It replaces “r.csv”" in client.get(response.url).content.decode()
    confirmed(client, response.url)
    understood.refresh_from_db()
    assert understood.state == "replaced"


def test_rejected_rows_come_as_a_file_that_a_spreadsheet_will_not_run(
    client_of, bob, running, understood
):
    url = reverse("experiments:intake_rejected", args=[running.pk, understood.pk])
    response = client_of(bob).get(url)
    text = response.content.decode("utf-8-sig")
    assert "attachment" in response["Content-Disposition"]
    assert "'=SUM(A1)" in text
    assert ",=SUM" not in text


def test_a_file_of_another_pod_is_not_found(client_of, charlie, vera, running, understood, url):
    rejected = reverse("experiments:intake_rejected", args=[running.pk, understood.pk])
    for address in (url, rejected):
        assert client_of(charlie).get(address).status_code == 404
    assert client_of(charlie).post(url).status_code == 404
    assert client_of(vera).post(url).status_code == 403
    assert not Observation.objects.exists()


def test_it_asks_the_database_little(client_of, bob, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)


def test_arms_keep_the_order_of_the_plan_whatever_the_database_makes_of_it(
    client_of, alice, bob, carol, pod, objective
):
    """PostgreSQL keeps the keys of a JSON object by their length."""
    arms = [
        {"name": "The subject line of today", "weight": 50, "is_control": True},
        {"name": "New", "weight": 50},
    ]
    draft = make_experiment(alice, pod, objective=objective, analyst=carol, arms=arms)
    running = launched(draft, alice)
    labels = {"label_0": arms[0]["name"], "label_1": arms[1]["name"]}
    mapped(client_of(bob), running, UNITS, **{**BY_UNIT, **labels})
    intake = Intake.objects.get()
    page = client_of(bob).get(reverse("experiments:intake_confirm", args=[running.pk, intake.pk]))
    assert [row.arm for row in page.context["page"].arms] == [arm["name"] for arm in arms]
    assert "The subject line of today 3 · New 3" in page.content.decode()

"""Health first, then one sentence, the forest plot, the analyst's table."""

import datetime as dt
import json

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from experiments.flows import totals as totals_flow
from experiments.flows.alarming import alarms_now
from experiments.hooks.today import running_for, waiting_for
from experiments.models import Experiment, Intake, Look, Metric
from experiments.views.quarter.bars import tail_of
from experiments.views.wording import number_text
from tests.factories import ARMS, METRICS, analysed, launched, make_experiment, totals

PART = {"HX-Request": "true", "HX-Target": "reading"}


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


@pytest.fixture
def url(running):
    return reverse("experiments:experiment_results", args=[running.pk])


def page_of(client, url, **options):
    return client.get(url, **options).content.decode()


def test_health_stands_before_the_sentence_the_plot_and_the_table(client_of, bob, running, url):
    analysed(running, bob)
    page = page_of(client_of(bob), url)
    places = [page.index(words) for words in (
        "Sample ratio: as planned", "Ship “Series named”.", "Each arm against “As it is”",
        "Analyst’s table", "How this was computed")]  # fmt: skip
    assert places == sorted(places)
    assert (
        "Of every 100 readers in “Series named”, about 2 more came back. It could be 1 to 3 more."
        in page
    )
    assert "+20.0\xa0%</b> (" in page
    assert "By the rule sealed on" in page


def test_the_words_for_members_hold_no_jargon(client_of, bob, running, url):
    analysed(running, bob)
    page = page_of(client_of(bob), url)
    for_members = page[: page.index("Analyst’s table")]
    for jargon in ("95 % CI", "p-value", "p =", "significant", "confidence interval"):
        assert jargon not in for_members


def test_a_mismatch_of_the_arms_comes_first_and_is_named(client_of, bob, running, url):
    rows = [row | ({"n": 12_000} if row["variant"] == "As it is" else {}) for row in totals()]
    analysed(running, bob, rows)
    page = page_of(client_of(bob), url)
    assert "Sample ratio: not as planned" in page
    assert "Fix the data first." in page
    assert "Each arm against" not in page  # the veil lies on the rest
    end_now(running)
    assert "Do not decide on the figures below." in page_of(client_of(bob), url)


def end_now(experiment):
    Experiment.objects.filter(pk=experiment.pk).update(ends_on=timezone.localdate())


def test_before_the_end_the_veil_hides_outcomes_and_says_until_when(
    client_of, alice, bob, running, url
):
    analysed(running, bob, totals(n=2_000))
    ends = timezone.localdate() + dt.timedelta(days=21)
    for person in (alice, bob):
        page = page_of(client_of(person), url)
        assert f"Results open on {ends:%A} {ends.day} {ends:%B}" in page
        assert "open earlier if all 29,502 planned units are in" in page
        assert "20 looks: 24.8\xa0% instead of 5\xa0%" in page
        assert "Sample ratio: as planned" in page
        assert "Each arm against" not in page
    assert "Open results now" in page_of(client_of(alice), url)
    assert "Open results now" not in page_of(client_of(bob), url)
    assert not Look.objects.exists()  # nothing was seen


def test_steps_result_and_decision_name_the_day_on_which_outcomes_are_complete(
    client_of, alice, bob, pod, objective
):
    """“Results open 13 Dec, once outcomes are complete” stood above “Results open on Sunday 29 November.
    They open earlier if all 23,350 planned units are in”, with 26,000 in; the page of the decision said
    nothing."""
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    guardrail = next(part.metric for part in made.measured if part.role == "guardrail")
    Metric.objects.filter(pk=guardrail.pk).update(window_days=14)
    running = launched(made, alice)
    past = timezone.localdate() + dt.timedelta(days=22)
    with time_machine.travel(dt.datetime.combine(past, dt.time(12), tzinfo=dt.UTC)):
        analysed(running, bob, totals(n=20_000))
        opens = Experiment.objects.get().ends_on + dt.timedelta(days=14)
        day = f"Results open on {opens:%A} {opens.day} {opens:%B}"
        results = page_of(
            client_of(bob), reverse("experiments:experiment_results", args=[running.pk])
        )
        decide = page_of(
            client_of(bob), reverse("experiments:experiment_decide", args=[running.pk])
        )
        ended = Experiment.objects.get()
        assert (ended.status, alarms_now(ended), tail_of(ended)) == (
            "running", {}, f"results open {opens:%-d %b}",
        )  # fmt: skip
        assert running_for(bob)[0].comes_next == f"results open {opens:%a %-d %b}"
        assert not [item for item in waiting_for(bob) if item.title.startswith("Decide")]
    with time_machine.travel(dt.datetime.combine(opens, dt.time(12), tzinfo=dt.UTC)):
        assert (Experiment.objects.get().status, running_for(bob)[0].comes_next) == (
            "analysing", "decide now",
        )  # fmt: skip
    assert f"Results open {opens.day} {opens:%b}, once outcomes are complete" in results
    assert day in results
    assert f"“{guardrail}” counts what people do within 14 days of entering." in results
    assert "open earlier" not in results
    assert f"<b>Do not decide yet.</b> {day}." in decide


def test_what_waits_for_outcomes_is_not_called_unclear(client_of, alice, bob, pod, objective):
    """“Nothing is clear yet” stood under “is better” and “within its margin”, and “The result is in”
    above “Keep it running”; the reason was that seven days of outcomes were not over."""
    made = make_experiment(alice, pod, objective=objective, analyst=bob, reading="any-time")
    guardrail = next(part.metric for part in made.measured if part.role == "guardrail")
    Metric.objects.filter(pk=guardrail.pk).update(window_days=7)
    running = launched(made, alice)
    assert analysed(running, bob).result["verdict"]["outcome"] == "keep-running"
    page = page_of(client_of(alice), reverse("experiments:experiment_results", args=[running.pk]))
    opens = running.ends_on + dt.timedelta(days=7)
    assert f"Results are read {opens.day} {opens:%b}, once outcomes are complete" in page
    assert "Not all outcomes are in yet." in page
    assert "Nothing is clear yet." not in page
    assert "The result is in" not in page


def test_without_data_it_says_who_does_what(client_of, bob, vera, running, url):
    assert "Bring in data" in page_of(client_of(bob), url)
    assert "A member of Lifecycle brings in the data" in page_of(client_of(vera), url)


def test_while_it_is_read_the_part_asks_again_and_a_link_does_without_javascript(
    client_of, bob, running, url
):
    totals_flow.receive_totals(running, by=bob, observations=totals())
    client = client_of(bob)
    page = page_of(client, url)
    assert 'hx-trigger="every 1s"' in page
    assert f'href="{url}">Look again</a>' in page
    assert client.get(url, headers=PART).status_code == 204
    analysed(running, bob)
    Intake.objects.filter(state="counted").update(state="replaced")
    part = client.get(url, headers=PART)
    assert part.status_code == 200
    assert part.content.decode().lstrip().startswith('<div id="reading">')
    assert "Ship “Series named”." in part.content.decode()


def test_a_failed_reading_says_what_to_do(client_of, bob, running, url):
    taken = totals_flow.receive_totals(running, by=bob, observations=totals())
    Intake.objects.filter(pk=taken.pk).update(state="failed", problem="It failed. Send it again.")
    page = page_of(client_of(bob), url)
    assert "It failed. Send it again." in page
    assert "every 1s" not in page


def test_a_script_as_the_name_of_an_arm_is_text(client_of, alice, bob, pod, objective):
    name = "<script>alert(1)</script>"
    made = make_experiment(alice, pod, objective=objective, analyst=bob,
                           arms=(ARMS[0], {"name": name, "is_control": False, "weight": 1}))  # fmt: skip
    launched(made, alice)
    rows = [row | {"variant": name} if row["variant"] != "As it is" else row for row in totals()]
    analysed(made, bob, rows)
    url = reverse("experiments:experiment_results", args=[made.pk])
    page = page_of(client_of(bob), url)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_mean_and_fourteen_arms_are_shown(client_of, alice, bob, pod, objective):
    arms = [{"name": f"Arm {n}", "is_control": n == 0, "weight": 1} for n in range(14)]
    metric = METRICS[0] | {"kind": "mean", "baseline": 20, "baseline_sd": 30}
    made = make_experiment(alice, pod, objective=objective, analyst=bob, arms=arms, metrics=[metric])  # fmt: skip
    launched(made, alice)
    rows = [{"variant": arm["name"], "metric": "Reactivated", "n": 50_000, "mean": 20 + n / 4,
             "variance": 900.0} for n, arm in enumerate(arms)]  # fmt: skip
    analysed(made, bob, rows)
    page = page_of(client_of(bob), reverse("experiments:experiment_results", args=[made.pk]))
    assert "Arm 13" in page
    assert "t, Welch" in page


def test_the_reading_can_be_downloaded_with_its_inputs(client_of, bob, running, charlie):
    made = analysed(running, bob)
    url = reverse("experiments:analysis_download", args=[running.pk, made.number])
    response = client_of(bob).get(url)
    body = json.loads(response.content)
    assert body["inputs_fingerprint"] == made.inputs_fingerprint
    assert body["result"]["verdict"]["outcome"] == "ship"
    assert "attachment" in response["Content-Disposition"]
    assert client_of(charlie).get(url).status_code == 404


def test_it_asks_the_database_little(client_of, bob, running, url, django_assert_max_num_queries):
    analysed(running, bob)
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)


@pytest.mark.parametrize(
    ("value", "text", "signed"),
    [
        (49_854.0, "49,854", "+49,854"),
        (-1234.6, "−1,235", "−1,235"),
        (52.4563, "52.46", "+52.46"),
        (-0.00012, "−0.00012", "−0.00012"),
        (0.0, "0", "+0"),
    ],
)
def test_a_number_is_never_written_as_a_power_where_people_read_it(value, text, signed):
    assert number_text(value) == text
    assert number_text(value, is_signed=True) == signed

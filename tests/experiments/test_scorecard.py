"""The scorecard says what was decided: one row for each metric and arm, drawn as it is judged."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backlog.templatetags import charts
from experiments.engine.reading import read_evidence
from experiments.flows import totals as totals_flow
from experiments.flows.analysing import analyse_now
from experiments.models import Experiment, Intake
from experiments.stats import State
from experiments.views.analyst import analyst_groups
from experiments.views.drilldown import lines_of
from experiments.views.health import _enough
from experiments.views.scorecard import KINDS, Order, chance_text, forest_groups
from tests.experiments.test_reading import inputs, many_arms, sequential, without
from tests.factories import ARMS, analysed, launched, make_experiment, totals


def drawn(evidence, order=Order.PLAN):
    groups = forest_groups(read_evidence(evidence), order)
    return {group["name"]: (group, marks) for group, marks in
            zip(groups, charts.forest_groups(groups), strict=True)}  # fmt: skip


@given(left=st.integers(40, 220), paid=st.integers(850, 1150))
def test_the_word_of_a_guardrail_follows_from_the_tick_that_is_drawn(left, paid):
    """M4: “within the margin” beside a whisker on the ground beyond it."""
    group, marks = drawn(inputs(counts={"A": (10_000, 1_000, 100), "B": (10_000, paid, left)}))[
        "Left"
    ]
    row, mark = group["rows"][0], marks["rows"][0]
    if row["bound"] is None:
        return
    margin_at = marks["beyond"]["x"]
    assert mark["caps"] == [mark["ends"][0]]
    assert (row["kind"] == "ok") == (mark["caps"][0] >= margin_at) or mark["caps"][0] == margin_at
    assert "at most" in row["text"]


@given(paid=st.integers(960, 1040), n=st.sampled_from([10_000, 100_000, 1_000_000]))
def test_what_lies_in_the_band_is_said_to_be_too_small(paid, n):
    """M2: “No difference that matters.” above a row that said “cannot tell”."""
    scale = n // 10_000
    counts = {"A": (n, 1_000 * scale, 100 * scale), "B": (n, paid * scale, 100 * scale)}
    result = read_evidence(inputs(counts=counts))
    group, marks = drawn(inputs(counts=counts))["Paid"]
    row, mark = group["rows"][0], marks["rows"][0]
    band = marks["band"]
    is_inside = band["from"] <= mark["ends"][0] and mark["ends"][1] <= band["to"]
    if row["word"] == "no difference that matters":
        assert is_inside
    if result["verdict"]["outcome"] == "no-difference":
        assert row["word"] == "no difference that matters"


def test_a_metric_without_data_keeps_its_row():
    """W1: the guardrail’s row vanished with its column."""
    group, _ = drawn(without(inputs(), "Left"))["Left"]
    assert [(row["text"], row["word"], row["kind"]) for row in group["rows"]] == [
        ("no data", "not measured", "warn"),
    ]  # fmt: skip
    table = {
        one["metric"]: one["rows"]
        for one in analyst_groups(read_evidence(without(inputs(), "Left")))
    }
    assert table["Left"] == []


def test_the_band_is_named_on_the_scale_on_which_it_is_drawn():
    """“under 1 point: too small to matter” stood beside an axis of lifts."""
    group, _ = drawn(inputs())["Paid"]
    assert group["unit"] == "lift"
    assert group["band_label"] == "under 10.0\xa0%: too small to matter"


def test_rows_are_ordered_by_lift_or_certainty():
    evidence = many_arms(0.95, [200, 210, 260, 190], [200, 200, 200, 280])
    by_lift = forest_groups(read_evidence(evidence), Order.LIFT)
    assert [group["name"] for group in by_lift] == ["Opened", "Paid"]
    assert [row["name"] for row in by_lift[1]["rows"]] == ["Arm 2", "Arm 1", "Arm 3"]
    certain = forest_groups(read_evidence(evidence), Order.CERTAINTY)
    assert certain[0]["rows"][0]["name"] == "Arm 3"


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.5, "50\xa0% likely better"), (0.004, "over 99\xa0% likely worse"), (0.9901, "over 99\xa0% likely better"),
     (0.99, "99\xa0% likely better")],
)  # fmt: skip
def test_a_chance_is_never_certain(chance, words):
    assert chance_text(chance) == words


@pytest.mark.parametrize(
    ("evidence", "kinds"),
    [
        (inputs(), {"Paid": ["alone"], "Left": ["against the margin"]}),
        (sequential("any-time"), {"Paid": ["at any time"], "Left": ["against the margin"]}),
        (many_arms(0.95, [200, 210, 260, 190], [200, 210, 205, 280]),
         {"Paid": ["adjusted, Holm", "alone"], "Opened": ["adjusted, false discoveries", "alone"]}),
    ],
)  # fmt: skip
def test_every_p_says_what_it_is_a_p_of(evidence, kinds):
    """M5: one column of p held three kinds of them."""
    table = {group["metric"]: group["rows"] for group in analyst_groups(read_evidence(evidence))}
    for metric, expected in kinds.items():
        rows = [row for row in table[metric] if row.get("row")]
        assert max(([kind for _, kind in row["p"]] for row in rows), key=len) == expected


def test_every_state_has_its_mark():
    assert set(KINDS.values()) <= set(charts.KINDS)
    assert set(KINDS) == set(State)


# --- The page -----------------------------------------------------------------------------------------


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def page_of(client, experiment, query=""):
    url = reverse("experiments:experiment_results", args=[experiment.pk])
    return client.get(url + query).content.decode()


def ended(experiment, days_ago=0):
    today = timezone.localdate()
    Experiment.objects.filter(pk=experiment.pk).update(
        starts_on=today - dt.timedelta(days=20), ends_on=today - dt.timedelta(days=days_ago)
    )
    return Experiment.objects.get(pk=experiment.pk)


def by_day(days, *, n=800, first=20):
    start = timezone.localdate() - dt.timedelta(days=first)
    return [{**row, "day": start + dt.timedelta(days=day)}
            for day in range(days) for row in totals(n=n)]  # fmt: skip


def read(experiment, bob, rows):
    taken = totals_flow.receive_totals(experiment, by=bob, observations=rows, accumulation="daily")
    analyse_now(taken.pk)


def test_freshness_is_the_newest_day_of_the_data(client_of, bob, running):
    """M10: the page said when the file had come, and the data had ended two weeks before."""
    experiment = ended(running)
    read(experiment, bob, by_day(7))
    newest = timezone.localdate() - dt.timedelta(days=14)
    page = page_of(client_of(bob), experiment)
    assert "Freshness: 13 days are missing at the end" in page
    assert f"newest day {newest:%-d %b}" in page


def test_of_totals_nobody_can_say_who_is_in_them_twice(client_of, bob, running):
    analysed(ended(running), bob)
    page = page_of(client_of(bob), running)
    assert "Duplicates: can’t be known" in page
    assert "each unit counts once" not in page


def test_each_arm_is_drawn_over_time_on_request(client_of, bob, running):
    experiment = ended(running)
    read(experiment, bob, by_day(20))
    client = client_of(bob)
    assert "The band may be read on any day" in page_of(client, experiment)
    page = page_of(client, experiment, "?trend=arms")
    assert "Each arm’s value over all units until that day" in page
    assert page.count('class="arm control"') == 2  # its line, and the key below
    assert page.count('class="arm n1"') == 2


def test_a_mismatch_names_the_day_on_which_it_began(client_of, bob, running):
    experiment = ended(running)
    rows = by_day(20)
    start = timezone.localdate() - dt.timedelta(days=20)
    broken = start + dt.timedelta(days=5)
    rows = [{**row, "n": 80, "successes": min(row["successes"], 12)}
            if row["day"] == broken and row["variant"] == "As it is" else row for row in rows]  # fmt: skip
    read(experiment, bob, rows)
    page = page_of(client_of(bob), experiment)
    assert "Where the arms differ from the plan" in page
    assert "Only some rows are off" in page
    assert page.index(f"<td>{broken:%-d %b}</td>") < page.index("chance explains it")


def test_a_newer_reading_can_be_looked_at_and_does_not_decide(client_of, bob, running):
    experiment = ended(running)
    analysed(experiment, bob, totals(n=15_000, treatment=0.101))
    analysed(ended(running), bob, totals(n=19_000, treatment=0.12))
    client = client_of(bob)
    assert "this reading still decides" in page_of(client, running)
    newer = page_of(client, running, "?reading=2")
    assert "This is not the reading that decides." in newer
    assert "Ship “Series named”." in newer
    for odd in ("?reading=99", "?reading=x", "?reading=9999999999999"):
        assert "No difference that matters." in page_of(client, running, odd)


def test_no_number_of_a_reading_lifts_the_veil(client_of, bob, running):
    analysed(running, bob, totals(n=2_000))
    page = page_of(client_of(bob), running, "?reading=1")
    assert "Each arm against" not in page
    assert "Results open on" in page


def test_a_slice_can_be_of_any_metric(client_of, bob, running):
    experiment = ended(running)
    analysed(experiment, bob)
    segments = [
        {"column": "Country", "value": value, "samples": {
            metric: {"As it is": {"n": 5_000, "successes": 500},
                     "Series named": {"n": 5_000, "successes": hits}}
            for metric in ("Reactivated", "Opened")}}
        for value, hits in (("Austria", 610), ("Peru", 505))
    ]  # fmt: skip
    Intake.objects.update(understood={**Intake.objects.get().understood, "segments": segments})
    page = page_of(client_of(bob), experiment, "?slice=Opened")
    assert "Country, “Series named”: the effect differs between segments" in page
    assert "“Opened” in each segment" in page
    assert "“Reactivated” in each segment" in page_of(client_of(bob), experiment, "?slice=%3Cb%3E")


def test_what_a_range_can_not_hold_is_said_to_everybody(client_of, alice, bob, pod, objective):
    metric = {"role": "primary", "name": "Revenue", "kind": "mean", "direction": "increase",
              "unit": "readers", "baseline": 10.0, "baseline_sd": 60.0, "smallest_effect": 0.2}  # fmt: skip
    made = launched(
        make_experiment(
            alice, pod, objective=objective, analyst=bob, metrics=(metric,),
            arms=({**ARMS[0], "weight": 90}, {**ARMS[1], "weight": 1}),
        ), alice,
    )  # fmt: skip
    rows = [{"variant": arm, "metric": "Revenue", "n": n, "mean": mean, "variance": 3_600.0, "skewness": 50.0}
            for arm, n, mean in (("As it is", 45_000, 10.0), ("Series named", 500, 13.0))]  # fmt: skip
    analysed(ended(made), bob, rows)
    page = page_of(client_of(bob), made)
    assert "“Revenue”: A few large values decide the mean of the smaller arm" in page


def test_who_reads_letters_sees_the_guardrail_held_against_the_real_control(
    client_of, alice, bob, pod, objective
):
    made = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, reading="any-time"), alice
    )
    rows = [{**row, "successes": 5} if row["metric"] == "Unsubscribed" and row["variant"] == "As it is"
            else row for row in totals(n=1_500, treatment=0.101)]  # fmt: skip
    analysed(made, bob, rows)
    letters = page_of(client_of(bob), made)
    assert "You see letters instead of arms." in letters
    assert "Guardrails: none broken" in letters
    assert "Guardrail: margin not ruled out" in page_of(client_of(alice), made)


def test_a_row_of_the_table_over_time_holds_one_day(bob, running):
    """An arm whose people come a day later stood beside the day before."""
    read(ended(running), bob, by_day(3))
    inputs_kept = running.latest_analysis.inputs
    rows = inputs_kept["observations"]
    first = min(row["day"] for row in rows if row.get("day"))
    late = [row for row in rows if (row["variant"], row.get("day")) != ("Series named", first)]
    lines = lines_of(SimpleNamespace(inputs=inputs_kept | {"observations": late}))
    control, treatment = zip(*(values for _, values in lines["rows"]), strict=True)
    assert control == ("10.0\N{NO-BREAK SPACE}%",) * 3
    assert treatment == ("–", "12.0\N{NO-BREAK SPACE}%", "12.0\N{NO-BREAK SPACE}%")


def test_data_are_enough_only_when_all_of_them_are_in():
    result = {"units": {"A": 4_996, "B": 4_999}, "planned_units": 10_000}
    assert _enough(result)["title"] == "Enough data: 99 %"
    assert _enough(result | {"units": {"A": 5_001, "B": 4_999}})["title"] == "Enough data: 100 %"

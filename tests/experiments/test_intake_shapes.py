"""Files as they really are: by day, running totals, side by side, several experiments in one."""

import datetime as dt

import pytest
from django.utils import timezone

from experiments.engine.days import running_totals
from experiments.flows.analysing import analyse_now
from experiments.models import Intake, Metric, Observation
from experiments.stats import CovariateMean
from experiments.views.analyst import analyst_groups
from tests.experiments.posting import confirmed, mapped
from tests.factories import ARMS, launched, make_experiment

TODAY = timezone.localdate()
DAYS = [str(TODAY - dt.timedelta(days=ago)) for ago in (3, 2, 1, 0)]
LABELS = {"label_0": "As it is", "label_1": "Series named"}
MINUTES = (
    {"role": "primary", "name": "Minutes", "kind": "mean", "direction": "increase",
     "unit": "readers", "did": "read", "baseline": 10, "baseline_sd": 5, "smallest_effect": 0.1},
    {"role": "secondary", "name": "Paid", "kind": "proportion", "direction": "increase"},
)  # fmt: skip


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, metrics=MINUTES), alice
    )


@pytest.fixture
def brought(client_of, bob, running):
    """Send a file, map it, confirm it; the intake with its analysis."""

    def bring(content, **fields):
        client = client_of(bob)
        response = mapped(client, running, content, **fields)
        assert response.status_code == 302, response.context["form"].errors
        page = client.get(response.url).content.decode()
        confirmed(client, response.url)
        intake = Intake.objects.latest("pk")
        return intake, analyse_now(intake.pk), page

    return bring


def totals_of(intake, metric="Minutes"):
    rows = intake.observations.filter(
        day=None, stratum="", is_capped=False, metric__metric__name=metric
    )
    return {row.variant.name: row.sample for row in rows.select_related("variant")}


TOTALS = {"shape": "totals", "count": "n", "metric_Paid": "paid", "day": "day", **LABELS}


def by_day(counts):
    rows = [
        f"{day},{arm},{n},{n // 10}" for day, n in zip(DAYS, counts, strict=True) for arm in "AB"
    ]
    return "day,group,n,paid\n" + "\n".join(rows)


def test_whether_days_add_up_is_asked(client_of, bob, running):
    response = mapped(client_of(bob), running, by_day([10, 20, 30, 40]), **TOTALS)
    assert response.status_code == 422
    assert "Choose one, because the two give different totals." in str(
        response.context["form"].errors
    )


def test_daily_figures_add_up_and_running_totals_do_not(brought):
    daily, reading, page = brought(by_day([100, 90, 120, 80]), accumulation="daily", **TOTALS)
    assert totals_of(daily, "Paid")["As it is"].n == 390
    assert "4 days" in page
    assert "looks like running totals" not in page
    days = running_totals(reading.inputs["observations"], reading.inputs["accumulation"])
    assert [day.units["As it is"] for day in days] == [100, 190, 310, 390]
    last, _, page = brought(by_day([100, 190, 310, 390]), accumulation="cumulative", **TOTALS)
    assert totals_of(last, "Paid") == totals_of(daily, "Paid")
    assert "Running totals" in page


@pytest.mark.parametrize(
    ("counts", "accumulation", "doubt"),
    [
        ([100, 190, 310, 390], "daily", "That looks like running totals"),
        ([100, 90, 120, 80], "cumulative", "Running totals never fall"),
    ],
)
def test_figures_that_look_otherwise_are_pointed_out(brought, counts, accumulation, doubt):
    assert doubt in brought(by_day(counts), accumulation=accumulation, **TOTALS)[2]


def test_snapshots_side_by_side_of_many_experiments_are_read(brought, running):
    head = "exp,metric_id,since,count_c,count_t,mean_c,mean_t,variance_c,variance_t\n"
    rows = [
        f"{exp},{metric},{since},{n}.0,{n + 5}.0,{mean},{mean + 0.1},4.0,4.5"
        for exp in ("aaa", "bbb")
        for metric, mean in ((1, 2.5), (2, 7.0))
        for since, n in ((0.5, 100), (1.0000000000000002, 200), (1.5, 300), (2.0, 400))
    ]
    intake, reading, page = brought(
        head + "\n".join(rows), shape="pairs", variant="", only_column="exp", only_value="bbb",
        metric="metric_id", day="since", accumulation="cumulative", count="count_c",
        other_count="count_t", metric_Minutes="mean_c", other_Minutes="mean_t",
        spread_Minutes="variance_c", otherspread_Minutes="variance_t", named_Minutes="2",
        spread_kind="variance",
    )  # fmt: skip
    control, treatment = (totals_of(intake)[arm["name"]] for arm in ARMS)
    assert (control.n, control.mean, control.variance) == (400, 7.0, 4.0)
    assert (treatment.n, treatment.mean, treatment.variance) == (405, 7.1, 4.5)
    days = running_totals(reading.inputs["observations"], "cumulative")
    assert [(day.day, day.units["As it is"]) for day in days] == [
        (running.starts_on, 200), (running.starts_on + dt.timedelta(days=1), 400)]  # fmt: skip
    assert "12 rows are left out: they belong to none of these arms." in page


def test_labels_of_other_tests_are_left_out_and_rows_without_one_rejected(brought):
    content = "group,paid\nA,1\nB,0\nA,0\nB,1\nC,1\n,1\n"
    fields = {"metric_Paid": "paid", **LABELS, "label_2": "-"}
    intake, _, page = brought(content, **fields)
    assert intake.understood["units"] == {"As it is": 2, "Series named": 2}
    assert (intake.understood["left_out"], intake.understood["rejected_count"]) == (1, 1)
    assert "No arm is given." in page


def test_rows_whose_second_label_disagrees_are_rejected(brought):
    rows = ["A,old,1"] * 5 + ["B,new,0"] * 5 + ["A,new,1", "B,old,1"]
    intake, _, page = brought(
        "group,page,paid\n" + "\n".join(rows), second="page", metric_Paid="paid", **LABELS
    )
    assert intake.understood["units"] == {"As it is": 5, "Series named": 5}
    assert "“new” in “page” goes with another arm than “A”." in page


def units_file():
    rows = []
    for number in range(240):
        arm, before = "AB"[number % 2], number % 7
        minutes = before * 2 + (number % 3) + (arm == "B")
        rows.append(f"u{number},{arm},{DAYS[number % 4]} 08:00,{before},{minutes},{number % 5 == 0},"
                    f"{'new' if number % 4 < 2 else 'old'}")  # fmt: skip
    return "user,group,came,before,minutes,paid,kind\n" + "\n".join(rows)


def test_a_column_from_before_gives_cuped_a_stratum_and_segments_their_parts(brought):
    intake, reading, page = brought(
        units_file(), unit="user", day="came", metric_Minutes="minutes", metric_Paid="paid",
        covariate_Minutes="before", stratum="kind", segments=["kind"], **LABELS,
    )  # fmt: skip
    sample = totals_of(intake)["As it is"]
    assert isinstance(sample, CovariateMean)
    assert "before the experiment (CUPED)" in page
    days = running_totals(reading.inputs["observations"], "daily")
    assert days[-1].samples["Minutes"]["As it is"].n == sample.n == 120
    assert abs(days[-1].samples["Minutes"]["As it is"].mean - sample.mean) < 1e-9
    assert {row["value"] for row in intake.understood["segments"]} == {"new", "old"}
    bins = intake.understood["histograms"]["Minutes"]["As it is"]
    assert (sum(bins["counts"]), len(bins["edges"])) == (120, len(bins["counts"]) + 1)
    row = reading.result["metrics"][0]["comparisons"][0]
    plain = Observation.objects.filter(intake=intake, stratum="new", metric__metric__name="Paid")
    assert sum(plain.values_list("n", flat=True)) == 120
    assert row["standard_error"] < (2 * sample.variance / 120) ** 0.5 / 2
    assert row["method"] == "post-stratified-t"
    also = reading.result["metrics"][0]["also"][0]
    assert (also["without"], also["method"]) == (["strata", "covariate"], "welch-t")
    table = [row for group in analyst_groups(reading.result) for row in group["rows"]]
    assert "Series named, without strata" in " ".join(row["variant"] for row in table)


def test_a_cap_of_the_plan_is_counted_and_the_figures_without_it_are_told(
    client_of, alice, bob, pod, objective
):
    metric = {**MINUTES[0], "name": "Rounds"}
    draft = make_experiment(alice, pod, objective=objective, analyst=bob, metrics=(metric,))
    Metric.objects.filter(name="Rounds").update(cap_percentile=90)
    running = launched(draft, alice)
    rows = [f"{'AB'[n % 2]},{n % 10 + (n % 2)}" for n in range(200)]
    content = "group,rounds\n" + "\n".join([*rows, "A,50000"])
    response = mapped(client_of(bob), running, content, metric_Rounds="rounds", **LABELS)
    confirmed(client_of(bob), response.url)
    reading = analyse_now(Intake.objects.latest("pk").pk)
    values = {arm["variant"]: arm["value"] for arm in reading.result["metrics"][0]["arms"]}
    assert values["As it is"] < values["Series named"] < 10
    also = reading.result["metrics"][0]["also"][0]
    assert (also["without"], also["difference"] < -400) == (["cap"], True)


def test_the_next_file_is_mapped_as_the_last_that_counted(client_of, bob, running, brought):
    fields = {
        "only_column": "",
        "metric_Paid": "paid",
        "label_0": "Series named",
        "label_1": "As it is",
    }
    brought("group,paid\nA,1\nB,0\nA,0\nB,1\n", **fields)
    response = mapped(
        client_of(bob), running, "group,x,paid\nB,1,0\nA,2,1\n", look="1", variant="x"
    )
    page = client_of(bob).get(response.request["PATH_INFO"])
    form = page.context["form"]
    assert "as the last file was mapped" in page.content.decode()
    assert form["variant"].value() == "group"
    assert [field.value() for field in form.label_fields()] == ["As it is", "Series named"]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (("13/4/2026", "5/16/2026"), "mixes two ways of writing dates"),
        (("soon", "later"), "“came” has no days"),
    ],
)
def test_a_column_that_holds_no_days_is_named(client_of, bob, running, texts, sentence):
    content = f"came,group,paid\n{texts[0]},A,1\n{texts[1]},B,0\n"
    response = mapped(client_of(bob), running, content, day="came", metric_Paid="paid", **LABELS)
    assert sentence in str(response.context["form"].errors)


def test_days_with_two_readings_are_a_question_of_the_reading(client_of, bob, running):
    content = "came,group,paid\n3/4/2026,A,1\n5/6/2026,B,0\n"
    mapped(client_of(bob), running, content, day="came", metric_Paid="paid", **LABELS)
    (question,) = Intake.objects.get().understood["questions"]
    assert [choice["key"] for choice in question["choices"]] == ["dmy", "mdy"]
    assert (question["key"], question["answer"]) == ("dates:came", "")

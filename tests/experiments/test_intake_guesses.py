"""What Floe fills in by itself on the page of the columns, and what it leaves to the person."""

import pytest

from experiments.flows.analysing import analyse_now
from experiments.models import Intake
from tests.experiments.guessing_kit import filled_in, guess, send
from tests.experiments.posting import confirmed
from tests.factories import launched, make_experiment

ARMS = (
    {"name": "As it is", "is_control": True, "weight": 1},
    {"name": "Ask first", "weight": 1},
)
METRICS = (
    {"role": "primary", "name": "Reactivated", "kind": "proportion", "direction": "increase",
     "baseline": 0.1, "smallest_effect": 0.1},
    {"role": "secondary", "name": "Opened", "kind": "proportion", "direction": "increase"},
    {"role": "secondary", "name": "Revenue per reader", "kind": "mean", "direction": "increase"},
    {"role": "guardrail", "name": "Unsubscribed", "kind": "proportion", "direction": "decrease",
     "margin": 0.005},
)  # fmt: skip
BRAZE = (
    "Variation,Sends,Unique Opens,Reactivations,Unsubscribes,Revenue\n"
    'Variant 1,"12,100","3,283",605,12,"$4,212.40"\n'
    'Control Group,"12,000","3,100",540,10,"$3,900.00"\n'
)


@pytest.fixture
def running(alice, bob, carol, pod, objective):
    made = make_experiment(
        alice, pod, objective=objective, analyst=carol, arms=ARMS, metrics=METRICS,
        reading="any-time",
    )  # fmt: skip
    return launched(made, alice)


@pytest.fixture
def columns(client_of, bob, running):
    """Which column Floe fills in for what, metrics by their names."""

    def look(text):
        values = filled_in(
            client_of(bob), send(client_of(bob), running, text.encode(), "a.csv").url
        )
        names = {f"_{part.pk}": f"_{part.metric.name}" for part in running.measured}
        for pk, name in names.items():
            values = {key.replace(pk, name) if key.endswith(pk) else key: value
                      for key, value in values.items()}  # fmt: skip
        return values

    return look


def units(*rows):
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("header", "metric", "column"),
    [
        ("user,group,Opens,Reactivations", "Opened", "Opens"),
        ("user,group,Opens,Reactivations", "Reactivated", "Reactivations"),
        ("user,group,Unsubscribes,Opening", "Unsubscribed", "Unsubscribes"),
        ("user,group,has_opened,x", "Opened", "has_opened"),
        ("user,group,Reactivado,x", "Reactivated", "Reactivado"),
        ("user,group,revenue,revenue_before", "Revenue per reader", "revenue"),
        ("user,group,RevenuePerReader,x", "Revenue per reader", "RevenuePerReader"),
        ("user,group,Opened mail,Opened app", "Opened", None),
        ("user,reader_id,group,x", "Revenue per reader", None),
    ],
)
def test_a_metric_finds_its_column_by_words_and_none_where_several_fit(
    columns, header, metric, column
):
    width = header.count(",") + 1
    rows = [",".join([f"u{n}", "old" if n % 2 else "new", *"11"[: width - 2]]) for n in range(4)]
    assert columns(units(header, *rows)).get(f"metric_{metric}") == column


def test_a_measure_from_before_is_taken_for_the_covariate_and_never_for_the_metric(columns):
    rows = [f"u{n},{'old' if n % 2 else 'new'},{n * 1.5},{n * 2}" for n in range(9)]
    values = columns(units("user,group,revenue_before,revenue", *rows))
    assert values["covariate_Revenue per reader"] == "revenue_before"
    assert values["metric_Revenue per reader"] == "revenue"


@pytest.mark.parametrize(
    ("header", "unit", "day"),
    [
        ("Id de usuario;Fecha de envío;Grupo", "Id de usuario", "Fecha de envío"),
        ("visitorId;entry_date;Grupo", "visitorId", "entry_date"),
        ("Kunden-ID;Datum;Grupo", None, "Datum"),
        ("lector_id;fecha_de_nacimiento;Grupo", "lector_id", "fecha_de_nacimiento"),
    ],
)
def test_people_and_days_are_known_by_their_names_in_other_languages(columns, header, unit, day):
    rows = [f"u{n};{10 + n}-11-2026;{'A' if n % 2 else 'B'}" for n in range(12)]
    values = columns(units(header, *rows))
    assert values.get("day") == day
    assert unit is None or values.get("unit") == unit


def test_segments_hold_neither_the_arm_nor_what_happened_afterwards(client_of, bob, running):
    rows = [
        f"u{n},{'control' if n % 2 else 'ask first'},{'ES' if n % 3 else 'FR'},{n % 2},{n % 2},"
        f"{n % 4},{n % 2},{'free' if n % 5 else 'paid'}"
        for n in range(40)
    ]
    text = units("user_id,group,country,opened,clicked,orders,reactivated,plan", *rows)
    url = send(client_of(bob), running, text.encode(), "a.csv").url
    page = client_of(bob).get(url)
    form = page.context["form"]
    assert [name for name, _ in form.fields["segments"].choices] == ["country", "plan"]
    assert 'orders <span class="muted">number</span>' in page.content.decode()


def test_the_column_of_the_arm_is_no_filter(columns):
    rows = [f"u{n},{'Control' if n % 2 else 'Ask first'},id-{n},1" for n in range(30)]
    values = columns(units("user,experiment,experiment_id,opened", *rows))
    assert (values["variant"], values.get("only_column")) == ("experiment", None)


def test_an_export_of_two_rows_is_read_as_totals_and_revenue_names_its_ways_out(
    client_of, bob, running
):
    client = client_of(bob)
    answer, _ = guess(client, running, BRAZE.encode(), "braze.csv")
    form = answer.context["form"]
    assert form["shape"].value() == "totals"
    assert list(form.errors.values()) == [["Choose one, because the two give different means."]]
    assert "send one row per unit, or leave the metric out" in answer.content.decode()
    holds = {"holds_Revenue per reader": "sum"}
    answer, taken = guess(client, running, BRAZE.encode(), "braze.csv", **holds)
    assert taken.understood["values"]["Reactivated"] == {"As it is": 0.045, "Ask first": 0.05}
    page = client.get(answer.url)
    titles = [doubt.title for doubt, _ in page.context["page"].doubts]
    assert titles == ["“Revenue per reader” can’t be counted from this file"]
    mapped, planned = len(taken.understood["samples"]), len(taken.experiment.measured)
    figure = f'<b class="figure">{mapped - 1}</b><span>of {planned} metrics in the plan'
    assert figure in page.content.decode()
    answer, taken = guess(
        client, running, BRAZE.encode(), "braze.csv", **holds, **{"most_Revenue per reader": "100"}
    )
    assert taken.understood["values"]["Revenue per reader"]["Ask first"] == pytest.approx(0.348132)
    assert confirmed(client, answer.url).status_code == 302
    reading = analyse_now(Intake.objects.latest("pk").pk)
    assert reading.result["units"] == {"As it is": 12_000, "Ask first": 12_100}


def test_counts_read_as_people_point_at_totals(client_of, bob, running):
    text = units("group,n,Reactivated", "Control,5000,283", "Ask first,5000,301")
    answer, _ = guess(client_of(bob), running, text.encode(), "a.csv", shape="units")
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert "choose “The totals of one arm”" in errors["shape"][0]


@pytest.mark.parametrize(
    ("ends", "is_doubted"), [(("a", "b"), True), (("control", "treatment"), False)]
)
def test_arms_side_by_side_show_their_columns_and_bare_letters_are_doubted(
    client_of, bob, running, ends, is_doubted
):
    one, two = ends
    text = f"users_{one},users_{two},reactivated_{one},reactivated_{two}\n1000,1010,100,131\n"
    client = client_of(bob)
    answer, _ = guess(client, running, text.encode(), "pair.csv")
    assert answer.status_code == 302, answer.context["form"].errors
    page = client.get(answer.url).context["page"]
    assert [row.labels for row in page.arms] == [[f"users_{one}"], [f"users_{two}"]]
    titles = [doubt.title for doubt, _ in page.doubts]
    assert (f"“users_{one}” counts as “As it is”" in titles) == is_doubted

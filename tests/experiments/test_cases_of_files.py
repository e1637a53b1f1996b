"""Every file that went wrong, sent through the pages: its right value, or the question to ask.

“Guess” means that every field stays as Floe filled it in. The reader and the command are held to the same files in
test_reader_cases.py.
"""

from pathlib import Path

import pytest

from experiments.flows.analysing import analyse_now
from experiments.models import Intake, Metric, Observation
from tests.experiments.guessing_kit import guess
from tests.experiments.posting import confirmed
from tests.factories import launched, make_experiment

CASES = Path(__file__).parent.parent / "corpus" / "cases"
ARMS = ({"name": "Control", "is_control": True, "weight": 1}, {"name": "Variant", "weight": 1})
CONVERTED = {"role": "primary", "name": "Converted", "kind": "proportion", "direction": "increase",
             "baseline": 0.1, "smallest_effect": 0.1}  # fmt: skip
REVENUE = {"role": "secondary", "name": "Revenue", "kind": "mean", "direction": "increase"}
PRIMARY = {"role": "primary", "baseline": 20, "baseline_sd": 8, "smallest_effect": 0.1}
TOTALS = {"shape": "totals", "count": "users"}


@pytest.fixture
def run(client_of, alice, bob, carol, pod, objective):
    """Make an experiment, send a case and read it; what the page says."""

    def send(
        file, *, arms=ARMS, metrics=(CONVERTED, REVENUE), cap=None, reading="any-time", **changes
    ):
        made = make_experiment(
            alice, pod, objective=objective, analyst=carol, arms=arms, metrics=metrics,
            reading=reading,
        )  # fmt: skip
        if cap:
            Metric.objects.filter(name=metrics[0]["name"]).update(cap_percentile=cap)
        client = client_of(bob)
        running = launched(made, alice)
        answer, taken = guess(client, running, (CASES / file).read_bytes(), file, **changes)
        return client, answer, taken

    return send


def values_of(taken, metric):
    return taken.understood["values"][metric]


@pytest.mark.parametrize(
    ("file", "changes", "units", "control", "variant"),
    [
        ("01-arms-swapped-by-order.csv", {}, (200, 200), 0.1, 0.2),
        ("02-unclosed-quote.csv", {}, (200, 200), 0.2, 0.2),
        ("06-month-in-words.csv", {**TOTALS, "day": "date", "accumulation": "cumulative"},
         (3000, 3000), 0.1, 0.1),
        ("07-month-first-with-dashes.csv",
         {**TOTALS, "day": "date", "accumulation": "cumulative", "day_order": "mdy"},
         (4000, 4000), 0.1, 0.1),
        ("15-ja-nee.csv", {}, (20, 20), 0.2, 0.4),
        ("26-line-break-in-header.csv", {}, (12, 12), 1 / 3, 1 / 3),
        ("27-two-digit-year.csv", {}, (12, 12), 1 / 3, 1 / 3),
        ("28-title-above-header.csv", {}, (1000, 1000), 0.1, 0.13),
        ("30-same-header-twice.csv", {}, (12, 12), 1 / 3, 1 / 3),
        ("31-column-called-experiment.csv", {}, (12, 12), 1 / 3, 1 / 3),
        ("32-german-totals.csv", TOTALS, (12345, 12400), 1234 / 12345, 1301 / 12400),
        ("35-row-names-of-R.csv", {}, (12, 12), 1 / 3, 1 / 3),
        ("36-nobody-converted.csv", {}, (5000, 5000), 0, 0),
        ("38-visitor-id-not-known.csv", {}, (20, 20), 0.2, 0.2),
    ],
)  # fmt: skip
def test_a_guess_gives_the_right_share_in_each_arm(run, file, changes, units, control, variant):
    client, answer, taken = run(file, **changes)
    assert answer.status_code == 302, answer.context["form"].errors
    assert taken.understood["units"] == {"Control": units[0], "Variant": units[1]}
    assert values_of(taken, "Converted") == pytest.approx({"Control": control, "Variant": variant})
    assert taken.understood["rejected_count"] == 0
    assert not taken.understood["problems"]
    page = client.get(answer.url)
    assert [row.arm for row in page.context["page"].arms] == ["Control", "Variant"]
    assert not page.context["page"].review.open_questions
    assert confirmed(client, answer.url).status_code == 302
    assert analyse_now(Intake.objects.get().pk).result["units"] == taken.understood["units"]


@pytest.mark.parametrize(
    ("file", "readings"),
    [
        ("04-german-thousands.csv",
         {"thousands": (3650 / 3, 2750 / 3), "decimals": (1.25 / 3 + 2.4 / 3, None)}),
        ("05-decimal-comma-three-digits.csv",
         {"decimals": (4.2446667, 4.25), "thousands": (4244.6667, 4250.0)}),
    ],
)  # fmt: skip
def test_a_number_of_two_readings_is_asked_and_counts_as_answered(run, file, readings):
    client, answer, taken = run(file)
    page = client.get(answer.url)
    (question,) = page.context["page"].questions
    assert not question.is_answered
    assert all("over both arms" in choice.effect for choice in question.choices)
    assert not any(
        arm in choice.effect for choice in question.choices for arm in ("Control", "Variant")
    )
    assert client.post(answer.url, {"do": "count"}).status_code == 409
    assert not Observation.objects.exists()
    for choice, (control, variant) in readings.items():
        client.post(answer.url, {"do": "look", f"answer:{question.key}": choice})
        taken.refresh_from_db()
        means = values_of(taken, "Revenue")
        if variant is not None:
            assert means == pytest.approx({"Control": control, "Variant": variant}, rel=1e-6)
    assert confirmed(client, answer.url).status_code == 302
    assert taken.mapping["answers"] == {question.key: choice}


def test_blanks_between_thousands_are_read(run):
    _, _, taken = run("25-space-thousands.csv")
    assert values_of(taken, "Revenue") == pytest.approx({"Control": 888.1875, "Variant": 7.375})
    assert taken.understood["rejected_count"] == 0


def test_values_from_before_change_nobody_who_counts(run):
    client, answer, taken = run(
        "09-cuped-drops-new-users.csv", metrics=({**REVENUE, **PRIMARY},), reading="fixed-horizon"
    )
    assert taken.mapping["columns"]["metrics"][0]["covariate"] == "Revenue before"
    assert taken.understood["units"] == {"Control": 400, "Variant": 400}
    assert "400 units have no value from before" in client.get(answer.url).content.decode()
    confirmed(client, answer.url)
    row = analyse_now(taken.pk).result["metrics"][0]["comparisons"][0]
    assert row["difference"] == pytest.approx(-0.09, abs=0.005)
    assert row["p_value"] == pytest.approx(0.73, abs=0.005)


def test_an_arm_without_values_has_no_mean(run):
    client, answer, taken = run("10-mean-of-an-empty-arm.csv", metrics=({**REVENUE, **PRIMARY},))
    assert values_of(taken, "Revenue") == {"Control": 22.0, "Variant": None}
    confirmed(client, answer.url)
    row = analyse_now(taken.pk).result["metrics"][0]["comparisons"][0]
    assert (row["difference"], row["lift"]) == (None, None)


def test_a_cap_among_zeros_is_taken_above_them(run):
    spend = {**REVENUE, **PRIMARY, "name": "Spend"}
    client, answer, taken = run("11-cap-among-zeros.csv", metrics=(spend,), cap=95)
    assert "values above 31 count as 31, as planned" in client.get(answer.url).content.decode()
    confirmed(client, answer.url)
    arms = {
        arm["variant"]: arm["value"] for arm in analyse_now(taken.pk).result["metrics"][0]["arms"]
    }
    assert arms == pytest.approx({"Control": 0.202, "Variant": 0.382}, abs=0.001)


def test_a_guardrail_with_nine_arms_in_ten_is_read_as_totals(run):
    retained = {**CONVERTED, "role": "guardrail", "name": "Retained", "margin": 0.02}
    unequal = ({**ARMS[0], "weight": 9}, ARMS[1])
    client, answer, taken = run(
        "12-guardrail-at-least.csv", arms=unequal, metrics=(CONVERTED, retained), **TOTALS
    )
    assert values_of(taken, "Retained") == pytest.approx({"Control": 0.5, "Variant": 0.44})
    page = client.get(answer.url).content.decode()
    assert "90\N{NO-BREAK SPACE}%, as planned" in page


@pytest.mark.parametrize(
    "file", ["14-formulas-of-xlsxwriter.xlsx", "33-formulas-without-values.xlsx"]
)
def test_formulas_that_were_never_computed_are_named(run, file):
    _, answer, taken = run(file)
    assert answer.status_code == 422
    assert "holds formulas that were never computed" in str(answer.context["form"].errors)
    assert taken.state == "received"


def test_the_column_with_the_names_of_the_arms_is_the_column_of_the_arm(run):
    arms = [{"name": name, "is_control": name == "1", "weight": 1} for name in ("1", "2", "3")]
    sales = {**REVENUE, **PRIMARY, "name": "Sales"}
    _, _, taken = run("16-column-of-the-arm.csv", arms=arms, metrics=(sales,))
    assert taken.mapping["columns"]["variant"] == "Offer"
    assert values_of(taken, "Sales") == pytest.approx({"1": 20.9, "2": 26.0, "3": 31.1}, abs=0.05)


def test_ids_that_a_spreadsheet_has_shortened_need_a_reason(run):
    client, answer, _ = run("37-ids-in-scientific-notation.csv")
    page = client.get(answer.url).content.decode()
    assert "200 ids look like 4.8920E+14: a spreadsheet has shortened them" in page
    assert "Count it all the same" in page
    assert confirmed(client, answer.url).status_code == 409
    assert not Observation.objects.exists()


def test_a_number_over_a_double_rejects_its_row(run):
    client, answer, taken = run("40-number-over-a-double.xlsx")
    assert taken.understood["rejected_count"] == 1
    assert taken.understood["units"] == {"Control": 12, "Variant": 11}
    assert client.get(answer.url).status_code == 200

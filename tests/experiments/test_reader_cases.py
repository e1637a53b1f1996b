"""The files that went wrong, each with its right value: through the reader and the command line.

Right values come from scipy and statsmodels, never from Floe.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.results_file import (
    FileProblem,
    Mapping,
    MetricColumns,
    guess_labels,
    read,
    sniff,
    unpacked,
    values_of,
)
from experiments.stats.samples import value_of

CASES = Path(__file__).parent.parent / "corpus" / "cases"
ARMS = {"Control": "Control", "Variant": "Variant"}
CONVERTED = MetricColumns("Converted", "proportion", "Converted")
REVENUE = MetricColumns("Revenue", "mean", "Revenue")


def reading(file, *metrics, labels=ARMS, control="Control", **mapping):
    columns = {"shape": "units", "variant": "group", "unit": "user", **mapping}
    with unpacked(CASES / file) as (table, _):
        return read(table, Mapping(metrics=metrics, **columns), labels=labels, control=control)


def values(read_file, metric):
    return [value_of(sample) for sample in read_file.samples[metric].values()]


def counts(read_file, metric="Converted"):
    return [(s.successes, s.n) for s in read_file.samples[metric].values()]


def command(file, *options):
    out = StringIO()
    arguments = ["--variant", "group", "--control", "Control", *options]
    call_command("analyse", str(CASES / file), *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def compared(analysis):
    return analysis["metrics"][0]["comparisons"][0]


def test_01_labels_are_matched_by_words_whatever_row_comes_first():
    file = "01-arms-swapped-by-order.csv"
    labels = guess_labels(values_of(CASES / file, "group"), ["Control", "Variant"], "Control")
    assert labels == {"Test group": "Variant", "Control group": "Control"}
    assert counts(reading(file, CONVERTED, labels=labels)) == [(40, 200), (20, 200)]
    effect = compared(command(file, "--unit", "user", "--metric", "Converted",
                              "--control", "Control group"))  # fmt: skip
    assert [round(effect[end], 3) for end in ("difference", "low", "high")] == [0.1, 0.03, 0.17]
    assert effect["p_value"] == pytest.approx(0.0051, abs=5e-5)


def test_02_a_mark_that_is_not_closed_swallows_no_row():
    file = "02-unclosed-quote.csv"
    read_file = reading(file, CONVERTED)
    assert (read_file.rows, counts(read_file)) == (400, [(40, 200), (40, 200)])
    assert "in row 202 is not closed" in read_file.warnings[0]
    effect = compared(command(file, "--unit", "user", "--metric", "Converted"))
    assert effect["difference"] == 0
    assert (effect["low"], effect["high"]) == (pytest.approx(-0.079, abs=1e-3),
                                               pytest.approx(0.079, abs=1e-3))  # fmt: skip


@pytest.mark.parametrize(
    ("file", "answer", "means"),
    [
        ("04-german-thousands.csv", "thousands", [1216.6667, 916.6667]),
        ("05-decimal-comma-three-digits.csv", "decimals", [4.2447, 4.25]),
    ],
)
def test_04_05_a_mark_before_three_digits_is_asked_about(file, answer, means):
    (question,) = reading(file, REVENUE).questions
    assert (question.key, question.is_open) == ("numbers:Revenue", True)
    assert [choice.key for choice in question.choices] == ["thousands", "decimals"]
    assert "over both arms" in question.choices[0].effect
    answered = reading(file, REVENUE, answers={question.key: answer})
    assert values(answered, "Revenue") == pytest.approx(means, abs=1e-3)
    assert not answered.open_questions
    with pytest.raises(CommandError, match="--answer 'numbers:Revenue=decimals'"):
        command(file, "--unit", "user", "--metric", "Revenue")
    analysis = command(file, "--unit", "user", "--metric", "Revenue",
                       "--answer", f"numbers:Revenue={answer}")  # fmt: skip
    arms = [arm["value"] for arm in analysis["metrics"][0]["variants"]]
    assert arms == pytest.approx(means, abs=1e-3)
    assert analysis["questions"][0]["answer"] == answer


def test_04_the_consequence_of_each_reading_is_that_of_all_arms_together():
    (question,) = reading("04-german-thousands.csv", REVENUE).questions
    assert [choice.effect for choice in question.choices] == [
        "mean 1,066.67 over both arms, 0 to 2,400", "mean 275.8 over both arms, 0 to 900"]  # fmt: skip


TOTALS = {"shape": "totals", "unit": "", "count": "users", "day": "date",
          "accumulation": "cumulative"}  # fmt: skip


def test_06_months_in_words_are_read():
    read_file = reading("06-month-in-words.csv", CONVERTED, **TOTALS)
    assert counts(read_file) == [(300, 3000), (300, 3000)]
    assert [row["day"] for row in read_file.by_day][-1] == "2026-12-01"


def test_07_month_first_is_read_with_any_separator_or_asked_about():
    file = "07-month-first-with-dashes.csv"
    (question,) = reading(file, CONVERTED, **TOTALS).questions
    assert [choice.key for choice in question.choices] == ["dmy", "mdy"]
    for chosen in ({"day_order": "mdy"}, {"answers": {"dates:date": "mdy"}}):
        assert counts(reading(file, CONVERTED, **TOTALS, **chosen)) == [(400, 4000), (400, 4000)]


def test_09_cuped_changes_nobody_who_is_counted():
    file = "09-cuped-drops-new-users.csv"
    covariate = MetricColumns("Revenue", "mean", "Revenue", covariate="Revenue before")
    read_file = reading(file, covariate)
    assert [sample.n for sample in read_file.samples["Revenue"].values()] == [400, 400]
    assert read_file.missing["Revenue"] == 0
    assert "400 units have no value from before" in " ".join(read_file.warnings)
    effect = compared(command(file, "--unit", "user", "--metric", "Revenue",
                              "--covariate", "Revenue=Revenue before"))  # fmt: skip
    assert [round(effect[end], 2) for end in ("difference", "low", "high")] == [-0.09, -0.6, 0.42]
    assert effect["p_value"] == pytest.approx(0.73, abs=5e-3)


def test_10_an_arm_without_values_has_no_mean():
    file = "10-mean-of-an-empty-arm.csv"
    read_file = reading(file, REVENUE, unit="")
    assert values(read_file, "Revenue") == [22.0, None]
    assert "“Variant” has no value in “Revenue”" in " ".join(read_file.warnings)
    effect = compared(command(file, "--metric", "Revenue:mean"))
    assert (effect["difference"], effect["lift"], effect["p_value"]) == (None, None, None)
    assert effect["why_not"] == "no-units"


def test_11_a_cap_lies_among_the_values_above_zero():
    file = "11-cap-among-zeros.csv"
    spend = MetricColumns("Spend", "mean", "Spend", cap=0.95)
    read_file = reading(file, spend)
    assert read_file.caps == {"Spend": 31.0}
    means = {row["variant"]: row["mean"] for row in read_file.capped}
    assert means == {"Control": pytest.approx(0.202), "Variant": pytest.approx(0.382)}
    assert "above 31 are cut to 31" in " ".join(read_file.warnings)
    capped = command(file, "--metric", "Spend:mean", "--winsorise", "95")["metrics"][1]
    assert [arm["value"] for arm in capped["variants"]] == [pytest.approx(0.202),
                                                            pytest.approx(0.382)]  # fmt: skip
    assert capped["comparisons"][0]["p_value"] == pytest.approx(0.14, abs=5e-3)


def test_11_every_panel_of_a_metric_with_a_cap_shows_it_cut(tmp_path):
    rows = [f"u{n},{'Control' if n % 2 else 'Variant'},2026-11-0{1 + n % 3},"
            f"{'ES' if n % 5 else 'FR'},{5_000 if n == 7 else n % 9}" for n in range(400)]  # fmt: skip
    path = tmp_path / "r.csv"
    path.write_text("\n".join(["user,group,day,land,Spend", *rows]))
    spend = MetricColumns("Spend", "mean", "Spend", cap=0.99)
    mapping = Mapping("units", "group", "user", metrics=(spend,), day="day",
                      accumulation="daily", segments=("land",))  # fmt: skip
    read_file = read(path, mapping, labels=ARMS, control="Control")
    cap = read_file.caps["Spend"]
    assert cap < 10
    assert read_file.samples["Spend"]["Control"].mean > 25
    parts = [*read_file.by_day, *(arm for segment in read_file.segments
                                  for arm in segment["samples"]["Spend"].values())]  # fmt: skip
    assert len(parts) == 10
    assert max(part["mean"] for part in parts) < 6
    assert read_file.histograms["Spend"]["Control"]["edges"][-1] <= cap


def test_12_is_read_as_it_stands():
    retained = MetricColumns("Retained", "proportion", "Retained")
    read_file = reading(
        "12-guardrail-at-least.csv", retained, shape="totals", unit="", count="users"
    )
    assert counts(read_file, "Retained") == [(4500, 9000), (440, 1000)]


@pytest.mark.parametrize(
    "file", ["14-formulas-of-xlsxwriter.xlsx", "33-formulas-without-values.xlsx"]
)
def test_14_33_formulas_that_were_never_computed_are_named(file):
    with pytest.raises(FileProblem, match="“Revenue” holds formulas that were never computed"):
        reading(file, REVENUE)
    with pytest.raises(CommandError, match="Open the file in Excel, save it"):
        command(file, "--unit", "user", "--metric", "Revenue:mean")


def test_15_both_words_of_a_language_are_known():
    assert counts(reading("15-ja-nee.csv", CONVERTED)) == [(4, 20), (8, 20)]
    arms = command("15-ja-nee.csv", "--unit", "user", "--metric", "Converted")["metrics"][0]
    assert [arm["value"] for arm in arms["variants"]] == [0.2, 0.4]


def test_16_the_column_of_the_arms_names_gives_its_means():
    sales, arms = MetricColumns("Sales", "mean", "Sales"), {arm: arm for arm in "123"}
    read_file = reading("16-column-of-the-arm.csv", sales, labels=arms, control="1",
                        variant="Offer", unit="Shop")  # fmt: skip
    assert values(read_file, "Sales") == pytest.approx([20.9, 26.0, 31.1], abs=0.05)


def test_25_blanks_part_thousands():
    assert values(reading("25-space-thousands.csv", REVENUE), "Revenue") == [888.1875, 7.375]
    arms = command("25-space-thousands.csv", "--unit", "user", "--metric", "Revenue")["metrics"][0]
    assert [arm["value"] for arm in arms["variants"]] == [888.1875, 7.375]


@pytest.mark.parametrize("written", ["Converted (yes/no)", "Converted\r\n(yes/no)"])
def test_26_a_line_break_in_a_name_is_a_blank(written):
    file = "26-line-break-in-header.csv"
    assert sniff(CASES / file).columns[2].name == "Converted (yes/no)"
    metric = MetricColumns("Converted", "proportion", written)
    assert counts(reading(file, metric)) == [(4, 12), (4, 12)]


def test_27_years_of_two_digits_are_read():
    read_file = reading("27-two-digit-year.csv", CONVERTED, day="date", accumulation="daily")
    assert {row["day"] for row in read_file.by_day} == {f"2026-11-{day}" for day in range(13, 17)}
    assert sniff(CASES / "27-two-digit-year.csv").columns[2].kind == "date"
    assert not read_file.questions


def test_28_the_names_stand_below_titles():
    seen = sniff(CASES / "28-title-above-header.csv")
    assert [column.name for column in seen.columns] == ["group", "users", "Converted"]
    assert (seen.rows, seen.shape) == (2, "totals")
    read_file = reading(
        "28-title-above-header.csv", CONVERTED, shape="totals", unit="", count="users"
    )
    assert counts(read_file) == [(100, 1000), (130, 1000)]
    assert "The names of the columns are in row 4." in read_file.warnings


def test_30_a_name_that_comes_twice_is_numbered():
    names = [column.name for column in sniff(CASES / "30-same-header-twice.csv").columns]
    assert names == ["user", "group", "Objective", "Converted", "Objective (2)"]
    assert counts(reading("30-same-header-twice.csv", CONVERTED)) == [(4, 12), (4, 12)]


def test_31_the_column_of_the_arms_is_read_whatever_its_name():
    read_file = reading("31-column-called-experiment.csv", CONVERTED, variant="experiment")
    assert counts(read_file) == [(4, 12), (4, 12)]


def test_32_a_count_with_a_point_is_a_count():
    read_file = reading("32-german-totals.csv", CONVERTED, shape="totals", unit="", count="users")
    assert counts(read_file) == [(1234, 12345), (1301, 12400)]
    assert not read_file.questions


def test_35_row_names_of_r_get_a_name():
    names = [column.name for column in sniff(CASES / "35-row-names-of-R.csv").columns]
    assert names == ["row", "user", "group", "Converted"]
    assert counts(reading("35-row-names-of-R.csv", CONVERTED)) == [(4, 12), (4, 12)]


def test_36_nobody_converted_is_said_of_one_base():
    out = StringIO()
    arguments = ["--variant", "group", "--control", "Control", "--metric", "Converted"]
    call_command("analyse", str(CASES / "36-nobody-converted.csv"), *arguments, stdout=out)
    page = out.getvalue()
    assert "Of every 10,000 it could be 8 fewer to 8 more." in page


def test_37_ids_that_a_spreadsheet_shortened_are_a_problem():
    file = "37-ids-in-scientific-notation.csv"
    (problem,) = reading(file, CONVERTED).problems
    assert problem.startswith("200 ids look like 4.8920E+14: a spreadsheet has shortened them")
    with pytest.raises(CommandError, match="a spreadsheet has shortened them"):
        command(file, "--unit", "user", "--metric", "Converted")
    analysis = command(file, "--unit", "user", "--metric", "Converted", "--despite-problems")
    assert analysis["problems"] == [problem]


def test_38_a_visitor_counts_once():
    read_file = reading("38-visitor-id-not-known.csv", CONVERTED, unit="visitorId")
    assert counts(read_file) == [(4, 20), (4, 20)]


def test_40_a_number_over_a_double_is_rejected_with_its_row():
    read_file = reading("40-number-over-a-double.xlsx", REVENUE)
    assert (read_file.rows, read_file.rejected_count) == (24, 1)
    assert "is not a number" in read_file.rejected[0].reason


def test_labels_that_differ_in_case_only_are_one_arm(tmp_path):
    rows = [f"u{n},{('Control', 'Variant', 'control')[n % 3]},{n % 2}" for n in range(21)]
    (tmp_path / "r.csv").write_text("\n".join(["user,group,Converted", *rows]))
    analysis = command(tmp_path / "r.csv", "--unit", "user", "--metric", "Converted")
    assert analysis["units"] == {"Control": 14, "Variant": 7}

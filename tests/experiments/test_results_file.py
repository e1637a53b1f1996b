"""A stranger's CSV: what is understood, what is rejected row by row, and what is refused as a whole."""

import random

import numpy as np
import pytest

from experiments.results_file import (
    FileProblem,
    Mapping,
    MetricColumns,
    metric_kind,
    read,
    sniff,
    values_of,
)
from experiments.stats import Mean, Proportion, Ratio, compare, sample_ratio

BOUGHT = MetricColumns("Bought", "proportion", "bought")
SPENT = MetricColumns("Spent", "mean", "spent")
PER_UNIT = Mapping("units", "arm", "user", metrics=(BOUGHT, SPENT))
LABELS = {"A": "Control", "B": "Treatment"}

GOOD = "user,arm,bought,spent\n1,A,1,10\n2,A,0,0\n3,A,0,5\n4,B,1,20\n5,B,1,30\n6,B,0,0\n"


@pytest.fixture
def write(tmp_path):
    def write_file(content, encoding="utf-8", name="results.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


def read_units(path, mapping=PER_UNIT, **options):
    return read(path, mapping, **{"labels": LABELS, "control": "Control", **options})


def refusal(call, *args, **options):
    with pytest.raises(FileProblem) as caught:
        call(*args, **options)
    return str(caught.value)


def test_it_counts_units_and_moments_for_each_arm(write):
    reading = read_units(write(GOOD))
    assert reading.rows == 6
    assert reading.units == {"Control": 3, "Treatment": 3}
    assert reading.samples["Bought"] == {
        "Control": Proportion(3, 1),
        "Treatment": Proportion(3, 2),
    }
    assert reading.samples["Spent"]["Control"] == Mean(3, 5.0, 25.0)
    assert reading.ranges["Spent"] == (0.0, 30.0)
    assert (reading.rejected_count, reading.warnings) == (0, ())


def test_a_sniff_tells_columns_kinds_rows_and_shape(write):
    seen = sniff(write(GOOD))
    assert (seen.delimiter, seen.encoding, seen.decimal) == (",", "utf-8", ".")
    assert (seen.rows, seen.shape) == (6, "units")
    assert [(c.name, c.kind) for c in seen.columns] == [
        ("user", "number"),
        ("arm", "text"),
        ("bought", "boolean"),
        ("spent", "number"),
    ]
    assert seen.preview[0] == ("1", "A", "1", "10")
    assert (seen.columns[1].distinct, seen.columns[1].examples) == (2, ("A", "B"))


COOKIES = {"gate_30": (44700, 20034, 8502), "gate_40": (45489, 20119, 8279)}


@pytest.fixture
def cookie_cats(write):
    """As the well-known data set is written: a byte-order mark, TRUE and FALSE; and its totals."""
    lines = []
    for arm, (units, day_1, day_7) in COOKIES.items():
        first = len(lines)
        lines += [
            f"{first + k},{arm},{str(k < day_1).upper()},{str(k < day_7).upper()}"
            for k in range(units)
        ]
    random.Random(7).shuffle(lines)
    content = "\n".join(["userid,version,retention_1,retention_7", *lines])
    return write(content, "utf-8-sig")


def test_cookie_cats_gives_the_published_numbers(cookie_cats):
    metrics = tuple(
        MetricColumns(name, "proportion", name) for name in ("retention_1", "retention_7")
    )
    reading = read(
        cookie_cats,
        Mapping("units", "version", "userid", metrics=metrics),
        labels={"gate_30": "Gate at 30", "gate_40": "Gate at 40"},
        control="Gate at 30",
    )
    day_1, day_7 = (compare(*reading.samples[metric.name].values()) for metric in metrics)
    assert day_1.difference == pytest.approx(-0.0059052, abs=5e-8)
    assert day_1.p_value == pytest.approx(0.07441, abs=5e-6)
    assert day_7.difference == pytest.approx(-0.0082013, abs=5e-8)
    assert day_7.p_value == pytest.approx(0.00155425, abs=5e-9)
    assert (day_7.low, day_7.high) == (
        pytest.approx(-0.0133, abs=5e-5),
        pytest.approx(-0.0031, abs=5e-5),
    )
    balance = sample_ratio(list(reading.units.values()), [1, 1])
    assert balance.p_value == pytest.approx(0.0086080, abs=5e-8)
    assert not balance.is_mismatch


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("TRUE", "FALSE"), ("yes", "No"), ("t", "f"), ("1.0", "0.0")]
)
def test_yes_and_no_are_understood_in_many_words(write, yes, no):
    path = write(f"arm,bought\nA,{yes}\nA,{no}\nB,{yes}\nB,{yes}\n")
    reading = read_units(path, Mapping("units", "arm", metrics=(BOUGHT,)))
    assert reading.samples["Bought"]["Control"] == Proportion(2, 1)
    assert metric_kind(path, "bought") == "proportion"


def test_a_column_with_other_numbers_is_a_mean(write):
    assert metric_kind(write(GOOD), "spent") == "mean"


SPREADSHEET = (
    'user;arm;bought;spent\n1;A;wahr;"1.234,50"\n2;A;falsch;2,25\n3;B;wahr;1,5\n4;B;falsch;7\n'
)


def check_spreadsheet(path, encoding):
    seen = sniff(path)
    assert (seen.delimiter, seen.decimal, seen.encoding) == (";", ",", encoding)
    reading = read_units(path)
    assert reading.samples["Spent"]["Control"].mean == pytest.approx((1234.5 + 2.25) / 2)
    assert reading.samples["Spent"]["Treatment"].mean == pytest.approx(4.25)
    assert reading.samples["Bought"]["Control"] == Proportion(2, 1)


@pytest.mark.parametrize(
    ("written", "seen_as"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_semicolons_and_decimal_commas_are_read_in_any_encoding(write, written, seen_as):
    check_spreadsheet(write(SPREADSHEET, written), seen_as)


def test_utf_16_with_its_big_end_first_is_read(write):
    check_spreadsheet(write(b"\xfe\xff" + SPREADSHEET.encode("utf-16-be")), "utf-16-be")


def test_excels_first_line_naming_the_separator_is_skipped(write):
    check_spreadsheet(write("sep=;\n" + SPREADSHEET), "utf-8")


def test_latin_1_labels_are_read(write):
    path = write("arm,bought\nGrün,1\nGrün,0\nBlau,1\nBlau,1\n", "latin-1")
    assert values_of(path, "arm") == ("Grün", "Blau")
    assert sniff(path).encoding == "windows-1252"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_any_line_end_is_read(write, end):
    reading = read_units(write(GOOD.replace("\n", end)))
    assert (reading.rows, reading.units) == (6, {"Control": 3, "Treatment": 3})


def test_tabs_and_pipes_separate_too(write):
    for delimiter in "\t|":
        assert sniff(write(GOOD.replace(",", delimiter))).delimiter == delimiter


def test_quoted_values_may_hold_delimiters_and_line_breaks(write):
    path = write(
        'user,arm,bought,spent,note\n1,A,1,2,"a, ""b""\nc"\n2,A,0,1,\n3,B,1,x,\n4,B,1,3,\n'
    )
    reading = read_units(path)
    assert reading.rows == 4
    assert [(row.row, row.line) for row in reading.rejected] == [(5, "3,B,1,x,")]


def test_empty_tails_are_missing_not_zero(write):
    path = write("user,arm,bought,spent\n1,A,1,4\n2,A\n3,A,,\n4,B,0,NA\n5,B,1,2\n6,B,1,4\n")
    reading = read_units(path)
    assert reading.units == {"Control": 3, "Treatment": 3}
    assert reading.missing == {"Bought": 2, "Spent": 3}
    assert reading.samples["Bought"]["Control"] == Proportion(1, 1)
    assert "2 units have no value in “Bought”" in " ".join(reading.warnings)


def test_a_unit_in_two_arms_is_counted_reported_and_left_out(write):
    reading = read_units(write(GOOD + "1,B,1,99\n"))
    assert reading.units_in_two_variants == 1
    assert reading.units == {"Control": 2, "Treatment": 3}
    assert reading.samples["Spent"]["Treatment"].n == 3
    assert "1 unit is in more than one arm" in reading.warnings[0]


def test_a_unit_twice_in_one_arm_becomes_one_unit(write):
    visits = MetricColumns("Spent a visit", "ratio", "spent", "bought")
    path = write(GOOD + "2,A,1,7\n2,A,0,1\n")
    reading = read_units(path, Mapping("units", "arm", "user", metrics=(BOUGHT, SPENT, visits)))
    assert reading.repeated_units == 1
    assert reading.units == {"Control": 3, "Treatment": 3}
    assert reading.samples["Bought"]["Control"] == Proportion(3, 2)
    for name, expected in (
        ("Spent", Mean.from_units([10, 8, 5])),
        ("Spent a visit", Ratio.from_units([10, 8, 5], [1, 1, 0])),
    ):
        assert vars(reading.samples[name]["Control"]) == pytest.approx(vars(expected))


def test_without_a_unit_column_each_row_is_a_unit(write):
    reading = read_units(write(GOOD + "1,A,1,99\n"), Mapping("units", "arm", metrics=(SPENT,)))
    assert reading.units == {"Control": 4, "Treatment": 3}
    assert reading.repeated_units == 0


def test_rows_that_cannot_count_are_rejected_with_reason_line_and_number(write):
    path = write(
        GOOD
        + "7,,1,1\n8,tree,1,1\n,A,1,1\n10,A,3,1\n11,B,1,many\n12,B,1,=1+1\n13,B,1,inf\n14,B,1,1,1\n"
    )
    reading = read_units(path)
    assert reading.units == {"Control": 3, "Treatment": 3}
    assert (reading.rows, reading.rejected_count) == (14, 8)
    assert [(row.row, row.reason) for row in reading.rejected] == [
        (8, "No arm is given."),
        (9, "“tree” is not an arm of this plan."),
        (10, "No user is given."),
        (11, "“3” in “bought” is neither yes nor no (1 or 0)."),
        (12, "“many” in “spent” is not a number."),
        (13, "“=1+1” in “spent” is a formula, not a number."),
        (14, "“inf” in “spent” is not a number."),
        (15, "The row has more columns than the header."),
    ]
    assert reading.rejected[1].line == "8,tree,1,1"
    assert "8 rows are rejected" in " ".join(reading.warnings)


def test_rejected_rows_keep_their_line_below_blank_lines(write):
    reading = read_units(write(GOOD.replace("4,B", "\n\n4,B") + "9,B,1,x\n"))
    assert [row.row for row in reading.rejected] == [10]


def test_only_the_first_thousand_rejected_rows_are_kept(write):
    reading = read_units(write(GOOD + "9,tree,1,1\n" * 1500))
    assert (reading.rejected_count, len(reading.rejected)) == (1500, 1000)


def test_moments_lose_nothing_at_a_large_mean(write):
    values = 1e9 + np.random.default_rng(3).normal(0, 0.0316, 4000)
    rows = [f"{'AB'[k % 2]},{float(value)!r}" for k, value in enumerate(values)]
    path = write("\n".join(["arm,spent", *rows]))
    reading = read_units(path, Mapping("units", "arm", metrics=(SPENT,)))
    expected = Mean.from_units(values[::2])
    assert reading.samples["Spent"]["Control"].mean == pytest.approx(expected.mean, rel=1e-15)
    assert reading.samples["Spent"]["Control"].variance == pytest.approx(
        expected.variance, rel=1e-9
    )


def test_reading_twice_gives_the_same_bytes(write):
    values = np.random.default_rng(5).lognormal(0, 2, 30_000)
    rows = [f"{k % 9000},{'AB'[k % 2]},1,{float(value)!r}" for k, value in enumerate(values)]
    path = write("\n".join(["user,arm,bought,spent", *rows]))
    assert repr(read_units(path)) == repr(read_units(path))


def test_an_outlier_is_worth_a_sentence(write):
    rows = [f"{k},{'AB'[k % 2]},1,{k % 7}" for k in range(9000)]
    path = write("\n".join(["user,arm,bought,spent", *rows, "9999,A,1,49854"]))
    assert "One unit has 49,854 in “Spent”" in " ".join(read_units(path).warnings)


def test_an_arm_without_units_is_named(write):
    reading = read_units(write(GOOD), labels={**LABELS, "C": "Third"})
    assert reading.units["Third"] == 0
    assert "“Third” has no unit in this file." in reading.warnings


TOTALS = (
    "variant,users,orders,basket,sd\nA,1000,100,20.5,4\nB,1010,120,21,4.5\nTotal,2010,220,20.7,4\n"
)
ORDERS = MetricColumns("Orders", "proportion", "orders")
BASKET = MetricColumns("Basket", "mean", "basket", spread="sd")
PER_VARIANT = Mapping("totals", "variant", count="users", metrics=(ORDERS, BASKET))


def test_totals_for_each_variant_are_read(write):
    path = write(TOTALS)
    assert sniff(path).shape == "totals"
    reading = read_units(path, PER_VARIANT)
    assert reading.units == {"Control": 1000, "Treatment": 1010}
    assert reading.samples["Orders"]["Treatment"] == Proportion(1010, 120)
    assert reading.samples["Basket"]["Control"] == Mean(1000, 20.5, 16.0)
    assert (reading.rejected, reading.left_out) == ((), 1)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("A,1000", "A,-5", "Row 2: “users” is -5. A count can’t be negative."),
        ("B,1010,120", "B,1010,1200", "Row 3: 1,200 in “orders” of 1,010 units."),
        ("B,1010,120", "B,1010,-1", "Row 3: “orders” is -1. A count can’t be negative."),
        ("B,1010,120", "B,1010,0.12", "Row 3: “orders” is 0.12, which is not a whole number."),
        ("B,1010", "B,many", "Row 3: “many” in “users” is not a number."),
        ("B,1010", "A,1010", "“Control” is in rows 2 and 3."),
        ("21,4.5", "21,-4.5", "Row 3: the standard deviation in “sd” is negative."),
        ("1000,100", "0,0", "The control, “Control” (“A” in the file), has no usable row."),
    ],
)
def test_totals_that_cannot_be_are_refused_with_their_row(write, old, new, sentence):
    assert sentence in refusal(read_units, write(TOTALS.replace(old, new)), PER_VARIANT)


def test_a_ratio_cannot_be_read_from_totals(write):
    ratio = MetricColumns("Basket size", "ratio", "basket", "orders")
    mapping = Mapping("totals", "variant", count="users", metrics=(ratio,))
    assert "one row per unit" in refusal(read_units, write(TOTALS), mapping)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \n\n", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture, not a table"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive, not a table"),
        (b"%PDF-1.7", "a PDF"),
        (b'{"a": 1}', "JSON"),
        (b"<html><table>", "HTML"),
        (bytes(range(1, 200)) * 9, "does not hold text"),
        (b"user,arm,bought,spent\n", "column names, but Floe could read no row"),
        (b"just some words\nwithout columns\n", "one column only"),
        (b"1,2,3\n4,5,6\n", "not the names of columns"),
        (b'user,arm,bought,spent\n1,"A,1,2\n2,B\n', "mark in row 2 is never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_own_sentence(write, content, sentence):
    assert sentence in refusal(sniff, write(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_nul_byte_is_found_with_its_row(write, encoding):
    lines = ["user,arm,bought,spent", *(f"{k},{'AB'[k % 2]},1,2" for k in range(50_000))]
    lines[39_999] += "\0"
    path = write("\n".join(lines), encoding)
    for call in (sniff, read_units):
        sentence = refusal(call, path)
        assert "a NUL byte" in sentence
        assert "in row 40,000." in sentence


def test_too_many_rows_are_refused_by_a_cap(write):
    path = write(GOOD)
    assert "more than 5 rows" in refusal(sniff, path, max_rows=5)
    assert "more than 5 rows" in refusal(read_units, path, max_rows=5)
    assert read_units(path, max_rows=6).rows == 6


def test_five_million_rows_are_refused_without_reading_them_all(write):
    path = write(b"user,arm,bought,spent\n" + b"1,A,1,2\n" * 5_000_000)
    assert "more than 2,000,000 rows" in refusal(sniff, path)


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (Mapping("units", "group", "user", metrics=(SPENT,)), "no column “group” in this file"),
        (Mapping("units", "arm", "id", metrics=(SPENT,)), "no column “id”"),
        (
            Mapping("units", "arm", "user", metrics=(MetricColumns("x", "mean", "x"),)),
            "no column “x” in this file. It has “user”, “arm”, “bought”, “spent”.",
        ),
    ],
)
def test_a_missing_column_is_named_beside_those_there_are(write, mapping, sentence):
    assert sentence in refusal(read_units, write(GOOD), mapping)


@pytest.mark.parametrize(
    ("labels", "control", "sentence"),
    [
        ({"A": "Control"}, "Other", "stands for the control, “Other”"),
        ({"A": "Treatment", "Z": "Control"}, "Control", "“Z” in the file), has no usable row"),
        ({"A": "Control", "Z": "Treatment"}, "Control", "Only one arm, “Control”"),
        (
            {"X": "Control", "Y": "Treatment"},
            "Control",
            "0 usable rows: all 6 were rejected. The first is row 2: “A” is not an arm of this plan.",
        ),
    ],
)
def test_arms_that_are_not_there_are_refused(write, labels, control, sentence):
    assert sentence in refusal(read_units, write(GOOD), labels=labels, control=control)


def test_units_that_are_all_in_both_arms_are_refused(write):
    path = write("user,arm,bought,spent\n1,A,1,1\n1,B,1,1\n2,A,0,1\n2,B,0,1\n")
    assert "each of the 2 units is in more than one arm" in refusal(read_units, path)


def test_names_and_labels_with_quotes_cannot_reach_the_database(write):
    path = write("us'er,a'rm,sp'ent\n1,A';DROP TABLE rows;--,2\n2,B,3\n3,B,x\n4,\"o'x\",1\n")
    mapping = Mapping("units", "a'rm", "us'er", metrics=(MetricColumns("'", "mean", "sp'ent"),))
    labels = {"A';DROP TABLE rows;--": "Control", "B": "Treatment"}
    reading = read(path, mapping, labels=labels, control="Control")
    assert reading.units == {"Control": 1, "Treatment": 1}
    assert reading.rejected[1].reason == "“o'x” is not an arm of this plan."


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e150])
def test_the_skewness_of_each_arm_day_and_segment_is_that_of_its_units(write, scale):
    values = np.random.default_rng(11).lognormal(0, 1.2, 600) * scale
    rows = [f"{k},{'AB'[k % 2]},2026-11-0{1 + k % 3},{'xy'[k % 5 // 3]},{float(value)!r}"
            for k, value in enumerate(values)]  # fmt: skip
    path = write("\n".join(["user,arm,day,land,spent", *rows]))
    mapping = Mapping("units", "arm", "user", metrics=(SPENT,), day="day", accumulation="daily",
                      segments=("land",), stratum="land")  # fmt: skip
    reading = read_units(path, mapping)
    place = np.arange(600)
    expected = Mean.from_units(values[place % 2 == 0]).skewness
    assert reading.samples["Spent"]["Control"].skewness == pytest.approx(expected, rel=1e-9)
    of_day = Mean.from_units(values[(place % 2 == 0) & (place % 3 == 0)]).skewness
    assert reading.by_day[0]["skewness"] == pytest.approx(of_day, rel=1e-9)
    of_part = Mean.from_units(values[(place % 2 == 0) & (place % 5 < 3)]).skewness
    assert reading.by_stratum[0]["skewness"] == pytest.approx(of_part, rel=1e-9)
    assert reading.segments[0]["samples"]["Spent"]["Control"]["skewness"] == pytest.approx(
        of_part, rel=1e-9
    )


def test_equal_values_have_no_skewness(write):
    reading = read_units(write("user,arm,bought,spent\n1,A,1,3\n2,A,1,3\n3,B,0,3\n4,B,1,3\n"))
    assert reading.samples["Spent"]["Control"].skewness == 0

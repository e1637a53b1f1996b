"""Brothers of the files that went wrong: other words, languages and formats of each kind."""

import pytest
from openpyxl import Workbook

from backlog.tables.yes_no import PAIRS
from experiments.results_file import (
    UNIT_WORDS,
    FileProblem,
    Mapping,
    MetricColumns,
    letters_of,
    metric_kind,
    read,
    sniff,
    unpacked,
    values_of,
)
from experiments.stats import CovariateMean, Proportion

ARMS = {"Control": "Control", "Variant": "Variant"}
CONVERTED = MetricColumns("Converted", "proportion", "Converted")
REVENUE = MetricColumns("Revenue", "mean", "Revenue")
PER_ARM = {"shape": "totals", "count": "users", "unit": ""}


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="r.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def reading(path, *metrics, labels=ARMS, **mapping):
    columns = {"shape": "units", "variant": "group", "unit": "user", **mapping}
    return read(path, Mapping(metrics=metrics, **columns), labels=labels, control="Control")


def units(values, *, name="Revenue", sep=";"):
    """A file with these cells, by turns of the control and the variant."""
    rows = [sep.join((f"u{n}", ("Control", "Variant")[n % 2], f'"{cell}"'))
            for n, cell in enumerate(values)]  # fmt: skip
    return "\n".join([sep.join(("user", "group", name)), *rows]) + "\n"


def means(path, **mapping):
    read_file = reading(path, REVENUE, **mapping)
    assert not read_file.rejected
    return [sample.mean for sample in read_file.samples["Revenue"].values()]


def counts(read_file, metric="Converted"):
    return [(s.successes, s.n) for s in read_file.samples[metric].values()]


# --- Numbers -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1 250,5", "2,5"], [1250.5, 2.5]),
        (["1\u00a0250,50", "900"], [1250.5, 900]),
        (["1\u202f250", "12,5"], [1250, 12.5]),
        (["1’250.50", "3’000"], [1250.5, 3000]),
        (["1'250'000", "7"], [1_250_000, 7]),
        (["1.250.000", "1.250"], [1_250_000, 1250]),
        (["1,250,000", "1,250"], [1_250_000, 1250]),
        (["1,23,456.50", "12,345.00"], [123456.5, 12345]),
        (["1.250,00", "1.250"], [1250, 1250]),
        (["0,125", "1,250"], [0.125, 1.25]),
        (["1234.567", "1.250"], [1234.567, 1.25]),
        (["12,5", "1.250"], [12.5, 1250]),
        (["(12.50)", "5.25"], [-12.5, 5.25]),
        (["12.50-", "−5"], [-12.5, -5]),
        (["12,-", "14,50"], [12, 14.5]),
        (["12,-- €", "-14,- €"], [12, -14]),
        (["CHF 1'234.–", "CHF 12.50"], [1234, 12.5]),
        (["1.250,-", "1.250"], [1250, 1250]),
        (["$1,250.00", "$-3.50"], [1250, -3.5]),
        (["1.250,00 €", "€ 3,5"], [1250, 3.5]),
        (["CHF 12.50", "3.5 CHF"], [12.5, 3.5]),
        (["EUR 12.50", "3.5 euros"], [12.5, 3.5]),
        (["R$ 1.234,56", "R$ 2,00"], [1234.56, 2]),
        (["1 200 kr", "50 kr"], [1200, 50]),
        (["1.5k", "2M"], [1500, 2_000_000]),
        (["12.5 %", "3%"], [0.125, 0.03]),
        (["1.5E+3", "2,5e2"], [1500, 250]),
        ([".5", "1."], [0.5, 1]),
    ],
)
def test_numbers_that_the_column_makes_certain(write, cells, values):
    path = write(units(cells))
    assert means(path) == pytest.approx(values)
    assert not reading(path, REVENUE).questions


@pytest.mark.parametrize(
    ("cells", "thousands", "decimals"),
    [
        (["1.250", "900"], [1250, 900], [1.25, 900]),
        (["1,250", "2,000"], [1250, 2000], [1.25, 2]),
        (["€ 1.250", "€ 2.500"], [1250, 2500], [1.25, 2.5]),
        (["(1.250)", "2.500"], [-1250, 2500], [-1.25, 2.5]),
        (["1,250 kr", "-2,500 kr"], [1250, -2500], [1.25, -2.5]),
    ],
)
@pytest.mark.parametrize("sep", [";", ",", "\t"])
def test_numbers_with_two_readings_are_asked_about(write, cells, thousands, decimals, sep):
    path = write(units(cells, sep=sep))
    (question,) = reading(path, REVENUE).questions
    assert (question.key, question.is_open) == ("numbers:Revenue", True)
    for answer, values in (("thousands", thousands), ("decimals", decimals)):
        assert means(path, answers={"numbers:Revenue": answer}) == pytest.approx(values)


@pytest.mark.parametrize(
    "cell", ["1.2.3", "12 34", "1.2 mil", "12,---", "1,2,3", "inf", "nan%", "12 apples", "1e999"]
)
def test_what_is_not_a_number_is_rejected_with_its_row(write, cell):
    read_file = reading(write(units(["1", "2", "3", cell])), REVENUE)
    (row,) = read_file.rejected
    assert (row.row, "is not a number" in row.reason) == (5, True)


@pytest.mark.parametrize("mark", [".", ",", " ", "\u00a0", "’"])
def test_counts_in_totals_have_no_decimals(write, mark):
    path = write(f'group;users;Converted\nControl;"12{mark}345";"1{mark}234"\n'
                 f'Variant;"12{mark}400";"1{mark}301"\n')  # fmt: skip
    assert counts(reading(path, CONVERTED, **PER_ARM)) == [(1234, 12345), (1301, 12400)]


def test_means_in_totals_are_asked_about_as_those_of_units(write):
    path = write("group;users;m;sd\nControl;100;1.250;2.100\nVariant;100;1.100;1.900\n")
    metric = MetricColumns("M", "mean", "m", spread="sd")
    assert [q.key for q in reading(path, metric, **PER_ARM).questions] == [
        "numbers:m",
        "numbers:sd",
    ]
    answers = {"numbers:m": "decimals", "numbers:sd": "decimals"}
    read_file = reading(path, metric, **PER_ARM, answers=answers)
    assert (read_file.samples["M"]["Control"].mean, read_file.open_questions) == (1.25, ())


@pytest.mark.parametrize("cells", ["5000;", ";400"])
def test_an_empty_cell_of_totals_is_called_empty(write, cells):
    path = write(f"group;users;Converted\nControl;{cells}\nVariant;5000;500\n")
    with pytest.raises(FileProblem, match=r"Row 2: “(users|Converted)” is empty"):
        reading(path, CONVERTED, **PER_ARM)


def test_where_all_rows_of_the_control_are_rejected_the_first_one_is_named(write):
    with pytest.raises(FileProblem, match=r"no usable row.*first is row 2: “1.2 mil” in “Revenue”"):
        reading(write(units(["1.2 mil", "800"] * 5)), REVENUE)


def test_a_cap_between_the_zeros_and_the_smallest_amount_is_that_of_the_amounts(write):
    path = write(units([*["0"] * 38, "30", "50"]))
    metric = MetricColumns("Revenue", "mean", "Revenue", winsorise=0.95)
    read_file = reading(path, metric)
    assert read_file.caps == {"Revenue": pytest.approx(49)}  # of 30 and 50; of all it is 1.5
    assert [s.mean for s in read_file.samples["Revenue"].values()] == pytest.approx([1.5, 2.45])


def test_a_column_of_words_is_not_asked_for_zeros(write):
    read_file = reading(write(units(["bought", "", "", "bought"] * 5)), REVENUE)
    assert (read_file.questions, read_file.rejected_count) == ((), 10)


def test_where_all_rows_are_rejected_the_first_one_is_named(write):
    with pytest.raises(FileProblem, match="row 2: “12:-” in “Revenue” is not a number"):
        reading(write(units(["12:-", "14:-"] * 10)), REVENUE)


def test_totals_without_a_spread_say_so_where_nothing_else_is_mapped(write):
    path = write("group;users;m\nControl;100;1.25\nVariant;100;1.1\n")
    with pytest.raises(FileProblem, match="“M” is not counted: its standard deviation is missing"):
        reading(path, MetricColumns("M", "mean", "m"), **PER_ARM)


def test_the_total_of_one_day_is_not_held_against_all_days(write):
    days = [f"2026-11-{day};{arm};{n};{n // 10}" for day in (23, 24)
            for arm, n in (("Control", 900 - day), ("Variant", 1000), ("Total", 1900 - day))]  # fmt: skip
    path = write("\n".join(["day;group;users;Converted", *days]))
    read_file = reading(path, CONVERTED, **PER_ARM, day="day", accumulation="daily")
    assert (read_file.units, read_file.warnings) == (
        {"Control": 1753, "Variant": 2000}, ("2 rows are left out: they belong to none of these arms.",))  # fmt: skip


# --- Shares against counts ---------------------------------------------------------------------
@pytest.mark.parametrize("name", ["Konversionsrate", "Klickrate", "Conversiepercentage", "Abmeldequote",
                                  "Konverteringsgrad", "Klikprocent"])  # fmt: skip
def test_a_word_that_ends_in_rate_speaks_of_a_rate(write, name):
    path = write(f"group;users;{name}\nControl;5000;8,0\nVariant;5000;10,0\n")
    metric = MetricColumns("Converted", "proportion", name)
    (question,) = reading(path, metric, **PER_ARM).questions
    assert question.key == f"rates:{name}"


@pytest.mark.parametrize("cells", [("10 %", "13%"), ("0.1", "0.13"), ("10,0 %", "13,0 %")])
def test_shares_that_mean_one_count_are_counts(write, cells):
    path = write(f'group;users;Converted\nControl;1000;"{cells[0]}"\nVariant;1000;"{cells[1]}"\n')
    assert counts(reading(path, CONVERTED, **PER_ARM)) == [(100, 1000), (130, 1000)]


def test_a_rounded_rate_is_refused_with_its_row(write):
    path = write("group;users;Converted\nControl;12345;12,34 %\nVariant;12400;11 %\n")
    with pytest.raises(FileProblem, match=r"Row 2: .* Rates are rounded: send counts instead"):
        reading(path, CONVERTED, **PER_ARM)


@pytest.mark.parametrize("name", ["Conversion rate", "Click %", "Klickquote Anteil", "CTR"])
def test_rates_without_a_sign_are_asked_about(write, name):
    path = write(f"group,users,{name}\nControl,1000,10\nVariant,1000,13\n")
    metric = MetricColumns("Converted", "proportion", name)
    (question,) = reading(path, metric, **PER_ARM).questions
    assert question.key == f"rates:{name}"
    rates = reading(path, metric, **PER_ARM, answers={question.key: "rates"})
    assert counts(rates) == [(100, 1000), (130, 1000)]
    as_counts = reading(path, metric, **PER_ARM, answers={question.key: "counts"})
    assert counts(as_counts) == [(10, 1000), (13, 1000)]


# --- Yes and no --------------------------------------------------------------------------------
@pytest.mark.parametrize(("yes", "no"), [pair for pair in PAIRS if pair[1]])
def test_both_words_of_every_pair_are_known(write, yes, no):
    path = write(units([yes, no, no.upper(), yes, yes, no], name="Converted"))
    assert counts(reading(path, CONVERTED)) == [(2, 3), (1, 3)]
    assert metric_kind(path, "Converted") == "proportion"


@pytest.mark.parametrize(("known", "other", "means"), [("ja", "nix", "no"), ("no", "aye", "yes")])
def test_one_unknown_word_beside_a_known_one_is_asked_about(write, known, other, means):
    path = write(units([known, other, other, known], name="Converted"))
    (question,) = reading(path, CONVERTED).questions
    assert (question.key, question.choices[0].key) == ("words:Converted", means)
    answered = reading(path, CONVERTED, answers={"words:Converted": means})
    assert counts(answered) == [(1, 2), (1, 2)]
    left = reading(path, CONVERTED, answers={"words:Converted": "unknown"})
    assert (left.rejected_count, bool(left.problems)) == (2, True)


def test_of_two_unknown_words_somebody_says_which_means_yes(write):
    path = write(units(["bought", "left", "left", "bought"], name="Converted"))
    assert not reading(path, CONVERTED).questions[0].answer
    answered = reading(path, CONVERTED, answers={"words:Converted": "bought"})
    assert counts(answered) == [(1, 2), (1, 2)]


def test_single_letters_of_different_pairs_say_nothing(write):
    (question,) = reading(write(units(["x", "y", "y", "x"], name="Converted")), CONVERTED).questions
    assert question.key == "words:Converted"


def test_where_most_words_are_unknown_and_the_rest_says_the_same_it_is_a_problem(write):
    cells = ["ja", "ja", "jein", "vielleicht", "nie gefragt", "jein"] * 3
    (problem,) = reading(write(units(cells, name="Converted")), CONVERTED).problems
    assert "all that stay say yes" in problem


# --- Empty cells -------------------------------------------------------------------------------
@pytest.mark.parametrize(("yes", "cells"), [("ja", ["ja", "", "", "ja"]), ("1", ["1", "", "", "1"]),
                                            ("x", ["x", "", "", "x"])])  # fmt: skip
def test_empty_beside_nothing_but_yes_is_asked_about(write, yes, cells):
    path = write(units(cells, name="Converted"))
    (question,) = reading(path, CONVERTED).questions
    assert (question.key, question.code) == ("empty:Converted", "empty")
    assert question.choices[0].effect == "4 count, 50 % say yes over both arms"
    assert question.choices[1].effect == "2 count, 100 % say yes over both arms"
    no = reading(path, CONVERTED, answers={"empty:Converted": "no"})
    assert counts(no) == [(1, 2), (1, 2)]
    missing = reading(path, CONVERTED, answers={"empty:Converted": "missing"})
    assert counts(missing) == [(1, 1), (1, 1)]


@pytest.mark.parametrize("word", ["NULL", "N/A", "nan", "-", "None"])
@pytest.mark.parametrize("yes", ["1", "tak", "X"])
def test_a_word_for_nothing_beside_nothing_but_yes_is_asked_about_as_an_empty_cell(
    write, word, yes
):
    path = write(units([yes, word, word, yes, "", word], name="Converted"))
    (question,) = reading(path, CONVERTED).questions
    assert question.key == "empty:Converted"
    assert question.why == f"4 of 6 are empty or say “{word}”, and no cell says no."
    no = reading(path, CONVERTED, answers={"empty:Converted": "no"})
    assert counts(no) == [(1, 3), (1, 3)]


@pytest.mark.parametrize("blank", ["", "-", "NULL"])
def test_the_only_word_of_a_column_beside_empty_cells_is_asked_about(write, blank):
    path = write(units(["Bought", blank, blank, "bought", blank, blank], name="Converted"))
    (question,) = reading(path, CONVERTED).questions
    assert (question.key, [choice.key for choice in question.choices]) == (
        "words:Converted", ["yes", "unknown"])  # fmt: skip
    assert question.choices[0].effect == "6 count, 33.3 % say yes over both arms"
    yes = reading(path, CONVERTED, answers={"words:Converted": "yes"})
    assert (counts(yes), yes.rejected_count) == ([(1, 3), (1, 3)], 0)
    neither = reading(path, CONVERTED, answers={"words:Converted": "unknown"})
    assert neither.rejected_count == 2


@pytest.mark.parametrize("word", ["NULL", "#N/A", "NaN"])
def test_amounts_that_a_database_calls_null_are_asked_about_as_empty_ones(write, word):
    path = write(units(["10", "12", word, word, "20", "22"]))
    (question,) = reading(path, REVENUE).questions
    assert f"are empty or say “{word}”" in question.why
    assert means(path, answers={"empty:Revenue": "zero"}) == pytest.approx([10, 34 / 3])


def test_a_large_share_of_empty_amounts_without_a_zero_is_asked_about(write):
    path = write(units(["10", "12", "", "", "20", "22"]))
    (question,) = reading(path, REVENUE).questions
    assert [choice.key for choice in question.choices] == ["missing", "zero"]
    assert means(path, answers={"empty:Revenue": "zero"}) == pytest.approx([10, 34 / 3])
    assert means(path, answers={"empty:Revenue": "missing"}) == [15, 17]


@pytest.mark.parametrize("cells", [["10", "12", "", "", "0", "22"], ["1", "2", "3", "4"] * 20 + ["", ""],
                                   ["5", "", "6", "", "7", ""]])  # fmt: skip
def test_empty_cells_that_can_mean_nothing_else_are_not_asked_about(write, cells):
    assert not reading(write(units(cells)), REVENUE).questions


# --- Days --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "texts",
    [
        ("29 November 2026", "1 December 2026"), ("29-Nov-2026", "01-Dec-2026"),
        ("Nov 29, 2026", "Dec 1, 2026"), ("Sunday, November 29, 2026", "Tuesday, December 1, 2026"),
        ("29. November 2026", "1. Dezember 2026"), ("29 novembre 2026", "1er décembre 2026"),
        ("29 de noviembre de 2026", "1 de diciembre de 2026"), ("29 listopada 2026", "1 grudnia 2026"),
        ("29. marraskuuta 2026", "1. joulukuuta 2026"), ("29 november 2026", "1 december 2026"),
        ("29 de novembro de 2026", "1 de dezembro de 2026"), ("29 novembre 2026", "1 dicembre 2026"),
        ("29.11.26", "1.12.26"), ("11/29/26", "12/1/26"), ("26-11-29", "26-12-01"),
        ("20261129", "20261201"), ("2026/11/29", "2026/12/1"), ("29/11/2026 08:15", "1/12/2026 9:00 PM"),
        ("2026-11-29T08:15:00Z", "2026-12-01T00:00:00+01:00"), ("1795939200", "1796112000"),
        ("1795939200000", "1796112000000"), ("46355", "46357"), ("46355.75", "46357.25"),
        ("2026112914", "2026120109"), ("202611291405", "202612010905"), ("20261129140500", "20261201090500"),
        ("So, 29.11.2026", "Di, 01.12.2026"), ("Sun 11/29/2026", "Tue 12/01/2026"),
        ("dom 29 nov 2026", "mar 1 dic 2026"), ("dim. 29 nov. 2026", "mar. 1 déc. 2026"),
        ("29.11.2026 klo 14.05", "1.12.2026 klo 9.05"), ("29/11/2026 à 14:05", "01/12/2026 à 09:05"),
        ("Sun Nov 29 2026 08:00:00 GMT", "Tue Dec 01 2026 08:00:00 GMT"), ("29 nov. 2026", "1 déc. 2026"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shape", ["units", "totals"])
def test_days_however_they_are_written(write, texts, shape):
    if shape == "units":
        rows = [f'u{n};{("Control", "Variant")[n % 2]};"{texts[n // 2]}";1' for n in range(4)]
        path = write("\n".join(["user;group;day;Converted", *rows]))
        read_file = reading(path, CONVERTED, day="day", accumulation="daily",
                            answers={"empty:Converted": "no"})  # fmt: skip
    else:
        rows = [f'{arm};"{text}";10;3' for text in texts for arm in ARMS]
        path = write("\n".join(["group;day;users;Converted", *rows]))
        read_file = reading(path, CONVERTED, **PER_ARM, day="day", accumulation="daily")
    assert {row["day"] for row in read_file.by_day} == {"2026-11-29", "2026-12-01"}
    assert not [q for q in read_file.questions if q.code == "dates"]


@pytest.mark.parametrize("mark", ["/", "-", ".", " "])
@pytest.mark.parametrize(("order", "day"), [("dmy", "2026-10-11"), ("mdy", "2026-11-10")])
def test_dates_with_two_readings_are_asked_about_with_any_mark(write, mark, order, day):
    text = mark.join(("11", "10", "2026"))
    path = write("group;day;users;Converted\n" + "".join(f"{arm};{text};10;3\n" for arm in ARMS))
    mapping = {**PER_ARM, "day": "day", "accumulation": "daily"}
    (question,) = reading(path, CONVERTED, **mapping).questions
    assert question.key == "dates:day"
    for chosen in ({"answers": {"dates:day": order}}, {"day_order": order}):
        read_file = reading(path, CONVERTED, **mapping, **chosen)
        assert {row["day"] for row in read_file.by_day} == {day}


@pytest.mark.parametrize("texts", [("November", "December"), ("8:30", "9:15"), ("2026", "2027")])
def test_what_names_no_day_is_refused_with_the_column(write, texts):
    path = write(
        "\n".join(["group;day;users;Converted", *(f"{a};{t};10;3" for t in texts for a in ARMS)])
    )
    with pytest.raises(FileProblem, match="“day” has no days"):
        reading(path, CONVERTED, **PER_ARM, day="day", accumulation="daily")


# --- Rows and names ----------------------------------------------------------------------------
ROWS = [f"u{n},{('Control', 'Variant')[n % 2]},mail,{n % 4 // 2}" for n in range(60)]
HEAD = "user,group,source,Converted"


@pytest.mark.parametrize(
    "changes",
    [
        {20: 'u20,Control,"mail,0'},
        {20: 'u20,Control,"mail,0', 40: 'u40,Control,"mail,0'},
        {20: 'u20,Control,"mail,0', 44: 'u44,Control,mail",0'},
        {59: 'u59,Variant,"mail,1'},
        {0: '"u0,Control,mail,0'},
        {5: r'u5,Variant,"a \"b\", c",0', 9: 'u9,Variant,"Big" sale,0'},
        {7: 'u7,Variant,12" screen,1', 9: 'u9,Variant,"a ""b"" c",0'},
        {8: 'u8,Control,"first line\nsecond, line",0'},
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_stray_quotation_marks_swallow_no_row(write, changes, end):
    rows = [changes.get(place, row) for place, row in enumerate(ROWS)]
    read_file = reading(write(end.join([HEAD, *rows]) + end), CONVERTED)
    assert (read_file.rows, read_file.rejected_count) == (60, 0)
    assert counts(read_file) == [(15, 30), (15, 30)]


def test_a_mark_below_which_no_rows_can_be_told_apart_is_named(write):
    rows = [*ROWS[:10], 'u10,Control,"a note', "without", "any end"]
    with pytest.raises(FileProblem, match="row 12 is never closed"):
        reading(write("\n".join([HEAD, *rows])), CONVERTED)


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("Results of November\n", 2), ("Results\nof all, and more\n\n", 4), ("sep=,\n", 2),
        ("# made by a job\n# on Monday\n", 3), ("Report,,,\nOwner,Ana,,\n", 3), ("\n\n", 3),
        ('"A title, with a comma"\n', 2), ("Campaign,Spring\nSent,30 Nov\nAudience,All\n\n", 5),
    ],
)  # fmt: skip
def test_the_row_of_names_is_found(write, above, row):
    path = write(above + "\n".join([HEAD, *ROWS]))
    assert [column.name for column in sniff(path).columns] == HEAD.split(",")
    read_file = reading(path, CONVERTED)
    assert counts(read_file) == [(15, 30), (15, 30)]
    bad = reading(write(above + "\n".join([HEAD, *ROWS, "u60,Control,mail,maybe"])), CONVERTED)
    assert [rejected.row for rejected in bad.rejected] == [row + 61]


def test_two_rows_of_names_are_asked_about(write):
    path = write("id,arm,where,outcome\n" + "\n".join([HEAD, *(row[1:] for row in ROWS)]))
    (question,) = sniff(path).questions
    assert (question.key, [choice.key for choice in question.choices]) == ("header", ["1", "2"])
    seen = sniff(path, answers={"header": "2"})
    assert [column.name for column in seen.columns] == HEAD.split(",")
    assert not seen.questions[0].is_open
    assert counts(reading(path, CONVERTED, answers={"header": "2"})) == [(15, 30), (15, 30)]


@pytest.mark.parametrize(
    "name", ["Converted\n(yes/no)", "Converted\r\n(yes/no)", " Converted   (yes/no)", "Converted\u00a0(yes/no)\u200b"]
)  # fmt: skip
def test_blanks_in_names_are_folded(write, name):
    path = write(f'user,group,"{name}"\nu0,Control,0\nu1,Variant,1\nu2,Control,1\n')
    assert sniff(path).columns[2].name == "Converted (yes/no)"
    assert values_of(path, "group") == ("Control", "Variant")
    assert counts(reading(path, MetricColumns("Converted", "proportion", name))) == [(1, 2), (1, 1)]


@pytest.mark.parametrize("times", [2, 3, 5])
def test_repeated_names_are_numbered(write, times):
    path = write(",".join(["user", "group", "Converted", *["Cost"] * times])
                 + "".join(f"\nu{n},{('Control', 'Variant')[n % 2]},{n % 2}" + ",1" * times for n in range(6)))  # fmt: skip
    names = [column.name for column in sniff(path).columns][3:]
    assert names == ["Cost", *(f"Cost ({n})" for n in range(2, times + 1))]


@pytest.mark.parametrize("first", [[str(n) for n in range(1, 61)], [f"r{n}" for n in range(60)]])
def test_names_of_rows_get_a_column(write, first):
    path = write("\n".join([HEAD, *(f"{one},{row}" for one, row in zip(first, ROWS, strict=True))]))
    assert [column.name for column in sniff(path).columns] == ["row", *HEAD.split(",")]
    assert counts(reading(path, CONVERTED)) == [(15, 30), (15, 30)]


def test_a_delimiter_at_the_end_of_each_row_is_an_empty_column(write):
    path = write("\n".join([HEAD, *(f"{row}," for row in ROWS)]))
    assert counts(reading(path, CONVERTED)) == [(15, 30), (15, 30)]


@pytest.mark.parametrize("more", ["1,", "a,b,"])
def test_rows_wider_than_their_names_are_refused_with_a_count(write, more):
    count = "one column" if more == "1," else "2 columns"
    with pytest.raises(FileProblem, match=f"Each row has {count} more than the row of names"):
        sniff(write("\n".join([HEAD, *(more + row for row in ROWS)])))


TOTAL_LABELS = ["Total", "Grand Total", "Gesamt", "Gesamtergebnis", "Total général", "Suma", "Total geral",
                "Totale", "Totaal", "Totalt", "I alt", "Razem", "Łącznie", "Yhteensä", "Summe:", "Σ"]  # fmt: skip


@pytest.mark.parametrize("label", TOTAL_LABELS)
def test_a_row_that_adds_up_the_arms_ends_the_table(write, label):
    path = write(f"group,users,Converted\nControl,1000,100\nVariant,1010,120\n{label},2010,220\n"
                 "Exported on 30 November,,\n")  # fmt: skip
    assert "Control" in values_of(path, "group")
    assert label not in values_of(path, "group")
    read_file = reading(path, CONVERTED, **PER_ARM)
    assert counts(read_file) == [(100, 1000), (120, 1010)]
    assert not read_file.rejected
    short = write(f"group,users,Converted\nControl,1000,100\nVariant,1010,120\n{label},3000,320\n")
    assert "adds up to 3,000 units, but the arms have 2,010" in " ".join(
        reading(short, CONVERTED, **PER_ARM).warnings
    )


@pytest.mark.parametrize("label", [*TOTAL_LABELS, "OGÓŁEM", "∑"])
def test_a_total_below_persons_is_nobody(write, label):
    read_file = reading(write("\n".join([HEAD, *ROWS, f"{label},,,30"])), CONVERTED)
    assert (read_file.rows, read_file.rejected_count, read_file.left_out) == (60, 0, 1)


# --- Units -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["visitorId", "Client ID", "device_id", "Reader id", "Id de usuario", "Nutzer-ID", "Kundennummer",
     "ID utilisateur", "Id utente", "Gebruikers-ID", "Användare", "Empfänger", "Käyttäjä-ID", "E-mail"],
)  # fmt: skip
def test_columns_that_name_the_person_are_known(name):
    assert letters_of(name) in UNIT_WORDS


@pytest.mark.parametrize(
    "make",
    [lambda n: f"4.89{n % 3}E+14", lambda n: f"4,89{n % 3}E+14", lambda n: "4.89200000000000000"[:1] + "E+15",
     lambda n: f"48920000{n % 7}00000000"],
)  # fmt: skip
def test_ids_that_a_spreadsheet_shortened_are_a_problem(write, make):
    rows = [f'"{make(n)}";{("Control", "Variant")[n % 2]};{n % 2}' for n in range(60)]
    path = write("\n".join(["user;group;Converted", *rows, "u1;Control;1", "u2;Variant;0"]))
    (problem,) = reading(path, CONVERTED).problems
    assert "a spreadsheet has" in problem


def test_labels_that_stand_only_once_for_each_arm_are_a_problem(write):
    rows = [
        f"u{n};{('Control', 'Variant')[n // 10] if n % 10 == 0 else ''};{n % 2}" for n in range(20)
    ]
    (problem,) = reading(write("\n".join(["user;group;Converted", *rows])), CONVERTED).problems
    assert problem.startswith("18 rows are rejected, as many as stay or more")
    assert "No arm is given." in problem


def test_a_few_rows_without_an_arm_are_no_problem(write):
    rows = [f"u{n};{('Control', 'Variant', 'Control', '')[n % 4]};{n % 2}" for n in range(40)]
    assert not reading(write("\n".join(["user;group;Converted", *rows])), CONVERTED).problems


def test_shortened_ids_are_named_where_no_row_is_left(write):
    rows = [f"4.89{n // 4:02d}E+14;{('Control', 'Variant')[n % 2]};1" for n in range(40)]
    with pytest.raises(FileProblem, match="40 ids look like 4"):
        reading(write("\n".join(["user;group;Converted", *rows])), CONVERTED)


def test_long_ids_with_all_their_digits_are_no_problem(write):
    rows = [
        f"{4892 * 10**13 + n * 7919};{('Control', 'Variant')[n % 2]};{n % 2}" for n in range(60)
    ]
    assert not reading(write("\n".join(["user;group;Converted", *rows])), CONVERTED).problems


# --- What is rejected --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "damaged", ["~12", "<10", "10+", "12:50", "10-20", "1/2", "--12", "12,---"]
)
def test_rejected_amounts_like_those_that_stay_are_not_called_the_largest(write, damaged):
    read_file = reading(write(units(["14", "15", "16", "40"] * 10 + [damaged] * 6)), REVENUE)
    assert read_file.rejected_count == 6
    assert not read_file.problems


def test_rejected_amounts_that_are_the_largest_are_a_problem(write):
    cells = ["7", "8", "9", "5"] * 10 + ["1~237,65", "2~300,10", "3~100,00", "1~999,99"]
    (problem,) = reading(write(units(cells)), REVENUE).problems
    assert "they hold the largest amounts, such as “1~237,65”" in problem


def test_rows_rejected_in_one_arm_only_are_a_problem_that_does_not_name_it(write):
    cells = [("soon" if n % 4 == 1 else "5") for n in range(80)]
    (problem,) = reading(write(units(cells)), REVENUE).problems
    assert "all of them in one arm" in problem
    assert "Variant" not in problem


def test_rows_rejected_on_one_day_only_are_a_problem(write):
    rows = [f"u{n};{('Control', 'Variant')[n % 2]};2026-11-0{1 + n % 5};{'later' if n % 5 == 3 else '4'}"
            for n in range(60)]  # fmt: skip
    path = write("\n".join(["user;group;day;Revenue", *rows]))
    (problem,) = reading(path, REVENUE, day="day", accumulation="daily").problems
    assert "all of them on 4 Nov 2026" in problem


def test_rejected_rows_like_those_that_stay_are_no_problem(write):
    cells = [("?" if n % 20 in (3, 8) else str(n % 9)) for n in range(200)]
    read_file = reading(write(units(cells)), REVENUE)
    assert (read_file.rejected_count, read_file.problems) == (20, ())


# --- What was known before ---------------------------------------------------------------------
@pytest.mark.parametrize("nothing", ["", "NA", "not known"])
def test_a_covariate_rejects_nobody_and_stands_at_its_mean(write, nothing):
    rows = [
        f"u{n};{('Control', 'Variant')[n % 2]};{n % 7};{n % 5 if n % 3 else nothing}"
        for n in range(60)
    ]
    path = write("\n".join(["user;group;Revenue;before", *rows]))
    read_file = reading(path, MetricColumns("Revenue", "mean", "Revenue", covariate="before"))
    assert (read_file.rejected_count, read_file.filled_in) == (0, {"Revenue": 20})
    assert [sample.n for sample in read_file.samples["Revenue"].values()] == [30, 30]


def test_a_share_may_have_a_covariate(write):
    rows = [f"u{n};{('Control', 'Variant')[n % 2]};{n % 4 // 2};{n % 5}" for n in range(60)]
    path = write("\n".join(["user;group;Converted;before", *rows]))
    read_file = reading(
        path, MetricColumns("Converted", "proportion", "Converted", covariate="before")
    )
    sample = read_file.samples["Converted"]["Control"]
    assert isinstance(sample, CovariateMean)
    assert (sample.n, sample.mean) == (30, 0.5)


def test_a_covariate_that_is_known_of_nobody_is_left_out(write):
    rows = [f"u{n};{('Control', 'Variant')[n % 2]};{n % 4 // 2};" for n in range(60)]
    path = write("\n".join(["user;group;Converted;before", *rows]))
    read_file = reading(
        path, MetricColumns("Converted", "proportion", "Converted", covariate="before")
    )
    assert read_file.samples["Converted"]["Control"] == Proportion(30, 15)


@pytest.mark.parametrize("percentile", [0.5, 0.9, 0.99])
def test_a_cap_is_never_zero(write, percentile):
    cells = ["0"] * 190 + ["3", "5", "8", "9", "12", "20", "31", "40", "80", "900"]
    read_file = reading(
        write(units(cells)), MetricColumns("Revenue", "mean", "Revenue", cap=percentile)
    )
    assert read_file.caps["Revenue"] > 3


# --- Exports of campaigns ----------------------------------------------------------------------
def test_an_export_of_braze_with_a_sum_of_revenue_says_what_is_missing(write):
    path = write("Variation,Sends,Unique Opens,Unique Clicks,Conversions (A),Total Revenue\n"
                 'Variant 1,"12,012","4,100",812,301,"$4,212.40"\n'
                 'Control Group,"11,988","4,020",790,233,"$3,105.10"\n')  # fmt: skip
    labels = {"Variant 1": "Variant", "Control Group": "Control"}
    mapping = {**PER_ARM, "variant": "Variation", "count": "Sends", "labels": labels}
    bought = MetricColumns("Bought", "proportion", "Conversions (A)")
    revenue = MetricColumns("Revenue", "mean", "Total Revenue", is_total=True)
    read_file = reading(path, bought, revenue, **mapping)
    assert counts(read_file, "Bought") == [(301, 12012), (233, 11988)]
    assert read_file.samples["Revenue"] == {}
    assert "enter the most that one unit can come to" in " ".join(read_file.warnings)
    bounded = reading(path, MetricColumns("Revenue", "mean", "Total Revenue", is_total=True, most=200.0),
                      **mapping)  # fmt: skip
    sample = bounded.samples["Revenue"]["Variant"]
    assert sample.mean == pytest.approx(4212.4 / 12012)
    assert sample.variance == pytest.approx((200 - sample.mean) * sample.mean, rel=1e-3)
    with pytest.raises(FileProblem, match="Enter a larger one"):
        reading(
            path,
            MetricColumns("Revenue", "mean", "Total Revenue", is_total=True, most=0.1),
            **mapping,
        )


def test_a_report_of_mailchimp_is_read_below_its_preamble(write):
    path = write("A/B Testing Report\n\nCampaign Name,Spring\nSend date,30 Nov 2026\nAudience,All readers\n\n"
                 "Combination,Recipients,Opens,Clicks\nControl,5000,1200,300\nVariant,5010,1250,340\n"
                 "Total,10010,2450,640\n")  # fmt: skip
    clicked = MetricColumns("Clicked", "proportion", "Clicks")
    mapping = {**PER_ARM, "variant": "Combination", "count": "Recipients"}
    assert values_of(path, "Combination") == ("Control", "Variant")
    assert counts(reading(path, clicked, **mapping), "Clicked") == [(300, 5000), (340, 5010)]


def test_an_export_of_meta_repeats_names(write):
    path = write("Ad set name,Results,Reach,Cost per result,Results,Amount spent (EUR)\n"
                 '"Control",120,"9,800",1.25,120,"150.00"\n"Variant",140,"9,900",1.10,140,"154.00"\n')  # fmt: skip
    bought = MetricColumns("Bought", "proportion", "Results")
    mapping = {**PER_ARM, "variant": "Ad set name", "count": "Reach"}
    assert counts(reading(path, bought, **mapping), "Bought") == [(120, 9800), (140, 9900)]


# --- Workbooks ---------------------------------------------------------------------------------
def book_of(tmp_path, sheets, hidden=()):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title) if rows is not None else book.create_chartsheet(title)
        for row in rows or ():
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    path = tmp_path / "b.xlsx"
    book.save(path)
    return path


TABLE = [
    ["user", "group", "Converted"],
    *([f"u{n}", ("Control", "Variant")[n % 2], n % 2] for n in range(8)),
]


@pytest.mark.parametrize(
    ("sheets", "hidden"),
    [
        ({"Old": TABLE[:3], "Data": TABLE}, ("Old",)),
        ({"Read me": [["Made by a job"]], "Data": TABLE}, ()),
        ({"Words": [["Term", "Meaning"], ["user", "a person"]], "Data": TABLE}, ()),
        ({"Chart": None, "Data": TABLE}, ()),
        ({"Data": [["A title"], [], *TABLE]}, ()),
    ],
)
def test_the_visible_sheet_with_a_table_is_read(tmp_path, sheets, hidden):
    with unpacked(book_of(tmp_path, sheets, hidden)) as (table, questions):
        assert questions == ()
        assert counts(reading(table, CONVERTED)) == [(0, 4), (4, 4)]


def test_of_several_sheets_with_a_table_one_is_asked_for(tmp_path):
    path = book_of(tmp_path, {"Week 1": TABLE[:5], "Week 2": TABLE})
    with unpacked(path) as (_, (question,)):
        assert (question.key, question.is_open) == ("sheet", True)
    with unpacked(path, answers={"sheet": "Week 2"}) as (table, (question,)):
        assert not question.is_open
        assert counts(reading(table, CONVERTED)) == [(0, 4), (4, 4)]


def test_formulas_whose_values_are_all_missing_in_one_column_leave_the_others_alone(tmp_path):
    rows = [[*row, f"=C{n}*2"] for n, row in enumerate(TABLE[1:], 2)]
    with unpacked(book_of(tmp_path, {"Data": [[*TABLE[0], "Twice"], *rows]})) as (table, _):
        assert counts(reading(table, CONVERTED)) == [(0, 4), (4, 4)]
        with pytest.raises(FileProblem, match="“Twice” holds formulas that were never computed"):
            reading(table, MetricColumns("Twice", "mean", "Twice"))


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("first", [0, 3, 31])
@pytest.mark.parametrize("reach", [1, 2, 7, 20])
@pytest.mark.parametrize("ends", [('"mail', '"mail'), ('"mail', 'mail"'), ('"mail', 'ma"il')])
def test_two_stray_marks_lose_no_row_wherever_they_are(write, sep, first, reach, ends):
    rows = list(ROWS)
    for place, text in zip((first, first + reach), ends, strict=True):
        rows[place] = rows[place].replace("mail", text)
    path = write("\n".join([HEAD, *rows]).replace(",", sep))
    read_file = reading(path, CONVERTED)
    assert counts(read_file) == [(15, 30), (15, 30)]
    assert read_file.rows == 60


def test_a_text_that_may_hold_rows_is_named(write):
    rows = [*ROWS[:20], 'u20,Control,"a note', "u21,Variant,mail,1", 'and more",0', *ROWS[22:]]
    read_file = reading(write("\n".join([HEAD, *rows])), CONVERTED)
    assert (
        "A text that begins in row 22 holds what looks like another row." in read_file.warnings[0]
    )


@pytest.mark.parametrize("number", ["9" * 50 + "E300", "1e400", "9e999"])
def test_a_count_over_a_double_is_refused_with_its_row(write, number):
    path = write(f"group;users;Converted\nControl;{number};3\nVariant;100;4\n")
    with pytest.raises(FileProblem, match=r"Row 2: .* in “users” is not a number"):
        reading(path, CONVERTED, **PER_ARM)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["12 %", "5", "7 %", "9"], "per cents such as “.*” beside plain numbers"),
        (["12%", "0", "$7", "9%"], "per cents such as “.*” beside plain numbers such as"),
        (["$12", "€ 5", "$7", "€ 9"], "amounts in two currencies, such as"),
        (["12 USD", "5 EUR", "7 USD", "9"], "amounts in two currencies"),
    ],
)
def test_numbers_of_two_kinds_are_refused(write, cells, sentence):
    with pytest.raises(FileProblem, match=sentence):
        reading(write(units(cells)), REVENUE)


@pytest.mark.parametrize(
    "cells",
    [["$12", "US$ 5", "7", "USD 9"], ["12 %", "0", "7%", "9 %"], ["1.5k", "900", "2k", "7"]],
)
def test_numbers_of_one_kind_are_read_however_their_unit_is_written(write, cells):
    assert not reading(write(units(cells)), REVENUE).rejected


def test_counts_in_place_of_yes_and_no_are_a_problem(write):
    path = write(units(["0", "1", "2", "3", "0", "0", "1", "0"] * 5, name="Converted"))
    (problem,) = reading(path, CONVERTED).problems
    assert "they hold numbers above 1, such as “2”, “3”" in problem


@pytest.mark.parametrize("total", ["Total;4000;400\n", ";4000;400\n"])
def test_a_total_above_the_arms_does_not_end_the_table(write, total):
    path = write(f"group;users;Converted\n{total}Control;2000;200\nVariant;2000;200\n")
    assert counts(reading(path, CONVERTED, **PER_ARM)) == [(200, 2000), (200, 2000)]


@pytest.mark.parametrize("texts", [("26-Nov-29", "26-Dec-01"), ("29-Nov-26", "01-Dec-26")])
def test_short_years_stand_on_either_side_of_a_month_in_words(write, texts):
    rows = [f"{arm};{text};10;3" for text in texts for arm in ARMS]
    path = write("\n".join(["group;day;users;Converted", *rows]))
    read_file = reading(path, CONVERTED, **PER_ARM, day="day", accumulation="daily")
    assert {row["day"] for row in read_file.by_day} == {"2026-11-29", "2026-12-01"}


def test_an_answer_of_another_file_moves_no_row_of_names(write):
    path = write("\n".join([HEAD, *ROWS]))
    assert counts(reading(path, CONVERTED, answers={"header": "2"})) == [(15, 30), (15, 30)]
    assert sniff(path, answers={"header": "3"}).columns[0].name == "user"


@pytest.mark.parametrize("chosen", [{"day_order": "mdy"}, {"answers": {"dates:day": "mdy"}}])
def test_an_order_that_the_column_rules_out_is_not_used(write, chosen):
    rows = [f"{arm};{text};10;3" for text in ("29/11/2026", "1/12/2026") for arm in ARMS]
    path = write("\n".join(["group;day;users;Converted", *rows]))
    read_file = reading(path, CONVERTED, **PER_ARM, day="day", accumulation="daily", **chosen)
    assert {row["day"] for row in read_file.by_day} == {"2026-11-29", "2026-12-01"}
    assert not read_file.rejected


@pytest.mark.parametrize(
    ("head", "row", "shape"),
    [
        ("day,arm,users,paid", "2026-11-{d:02},{a},1{n:03},10", "totals"),
        ("day,arm,Sent,Opens", "{d}.11.2026,{a},1{n:03},10", "totals"),
        ("day,arm,users,user", "2026-11-{d:02},{a},1{n:03},u{n}", "units"),
        ("day,arm,sent", "2026-11-{d:02},{a},1", "units"),
        ("arm,spent,paid", "{a},1{n:03},1", "units"),
    ],
)
def test_totals_by_day_are_told_from_persons(write, head, row, shape):
    rows = [row.format(d=1 + n // 2, a="AB"[n % 2], n=n) for n in range(40)]
    assert sniff(write("\n".join([head, *rows]))).shape == shape


@pytest.mark.parametrize(
    ("cells", "n"),
    [(("1234.000", "123.000"), (1234, 123)), (("1234.0", "123.0"), (1234, 123)),
     (("12.345", "12.000"), (12345, 12000)), (("1.234.000", "123.000"), (1_234_000, 123_000))],
)  # fmt: skip
def test_counts_with_zeros_behind_a_point(write, cells, n):
    path = write(f"group;users;Converted\nControl;{cells[0]};50\nVariant;{cells[1]};60\n")
    read_file = reading(path, CONVERTED, **PER_ARM)
    assert (tuple(read_file.units.values()), read_file.questions) == (n, ())


def test_counts_of_which_all_end_in_three_zeros_are_asked_about(write):
    path = write("group;users;Converted\nControl;120.000;50\nVariant;121.000;60\n")
    (question,) = reading(path, CONVERTED, **PER_ARM).questions
    assert question.key == "numbers:users"
    for answer, n in (("thousands", [120_000, 121_000]), ("decimals", [120, 121])):
        read_file = reading(path, CONVERTED, **PER_ARM, answers={"numbers:users": answer})
        assert list(read_file.units.values()) == n

"""`manage.py analyse`: from a file to an answer, in plain words or as one object."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from experiments.stats import CovariateMean, compare

COOKIES = {"gate_30": (44700, 20034, 8502), "gate_40": (45489, 20119, 8279)}


def analyse(path, *arguments):
    out = StringIO()
    call_command("analyse", str(path), *arguments, stdout=out)
    return out.getvalue()


def analyse_json(path, *arguments):
    return json.loads(analyse(path, *arguments, "--json"))


@pytest.fixture(scope="module")
def cookie_cats(tmp_path_factory):
    """With the totals of the well-known data set, written as it is: a byte-order mark, TRUE/FALSE."""
    path = tmp_path_factory.mktemp("files") / "cookie_cats.csv"
    with path.open("w", encoding="utf-8-sig") as file:
        file.write("userid,version,sum_gamerounds,retention_1,retention_7\n")
        user = 0
        for arm, (units, day_1, day_7) in COOKIES.items():
            for k in range(units):
                user += 1
                yes = str(k < day_1).upper(), str(k < day_7).upper()
                file.write(f"{user},{arm},{k % 97},{','.join(yes)}\n")
    return path


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    rows = [f"{k},{'abc'[k % 3]},{k % 2},{k % 5},{1 + k % 4}" for k in range(300)]
    path.write_text("\n".join(["id,arm,won,spent,visits", *rows]))
    return path


def test_cookie_cats_gives_the_published_numbers(cookie_cats):
    analysis = analyse_json(
        cookie_cats,
        *("--variant", "version", "--control", "gate_30", "--unit", "userid"),
        *("--metric", "retention_1", "--metric", "retention_7"),
    )
    assert analysis["units"] == {"gate_30": 44700, "gate_40": 45489}
    assert analysis["sample_ratio"] == {
        "p_value": pytest.approx(0.0086080, abs=5e-8),
        "is_mismatch": False,
    }
    assert analysis["warnings"] == []
    day_1, day_7 = (metric["comparisons"][0] for metric in analysis["metrics"])
    assert (day_1["difference"], day_1["p_value"]) == (
        pytest.approx(-0.0059052, abs=5e-8),
        pytest.approx(0.07441, abs=5e-6),
    )
    assert (day_7["difference"], day_7["p_value"]) == (
        pytest.approx(-0.0082013, abs=5e-8),
        pytest.approx(0.0015543, abs=1e-7),
    )
    assert (day_1["adjusted_p"], day_7["adjusted_p"]) == (
        pytest.approx(day_1["p_value"]),
        pytest.approx(2 * day_7["p_value"]),
    )


def test_the_object_has_exactly_the_promised_shape(cookie_cats):
    analysis = analyse_json(
        cookie_cats, "--variant", "version", "--control", "gate_40", "--metric", "retention_7"
    )
    assert list(analysis) == [
        "units", "sample_ratio", "warnings", "problems", "questions", "metrics"]  # fmt: skip
    (metric,) = analysis["metrics"]
    assert list(metric) == ["name", "kind", "variants", "comparisons"]
    assert [list(arm) for arm in metric["variants"]] == [["name", "n", "value"]] * 2
    assert [arm["name"] for arm in metric["variants"]] == ["gate_40", "gate_30"]
    assert set(metric["comparisons"][0]) == {
        *("variant", "difference", "low", "high", "lift", "lift_low", "lift_high"),
        *("p_value", "log10_p", "adjusted_p", "method", "why_not"),
    }


def test_it_says_in_plain_words_what_happened(cookie_cats):
    page = analyse(
        cookie_cats,
        *("--variant", "version", "--control", "gate_30"),
        *("--metric", "retention_1", "--metric", "retention_7"),
    )
    assert "90,189 units in 2 arms" in page
    assert "Sample ratio: as planned (p .0086)." in page
    assert (
        "gate_40: clearly lower. Of every 1,000 units, about 8 fewer counted for “retention_7”. "
        "It could be 3 to 13 fewer." in page
    )
    assert "gate_40: cannot be told from the control." in page


def test_kinds_are_found_out_unless_they_are_given(small):
    analysis = analyse_json(
        small,
        *("--variant", "arm", "--control", "a"),
        *("--metric", "won", "--metric", "won:mean", "--metric", "spent"),
        *("--metric", "ratio:spent/visits"),
    )
    kinds = [(metric["name"], metric["kind"]) for metric in analysis["metrics"]]
    assert kinds == [
        ("won", "proportion"),
        ("won", "mean"),
        ("spent", "mean"),
        ("spent/visits", "ratio"),
    ]
    assert [len(metric["comparisons"]) for metric in analysis["metrics"]] == [2, 2, 2, 2]


def test_what_cannot_be_computed_is_null_with_a_name(tmp_path):
    path = tmp_path / "none.csv"
    path.write_text("arm,won\n" + "a,0\n" * 50 + "b,0\n" * 50)
    analysis = analyse_json(path, "--variant", "arm", "--control", "a", "--metric", "won")
    comparison = analysis["metrics"][0]["comparisons"][0]
    assert comparison["why_not"] == "no-conversions"
    assert (comparison["p_value"], comparison["adjusted_p"], comparison["lift"]) == (None,) * 3
    assert (comparison["difference"], comparison["low"] < 0 < comparison["high"]) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--variant", "group", "--control", "a", "--metric", "won"), "no column “group”"),
        (("--variant", "arm", "--control", "z", "--metric", "won"), "“z” is not in this file"),
        (("--variant", "arm", "--control", "a", "--metric", "lost"), "no column “lost”"),
        (("--variant", "id", "--control", "1", "--metric", "won"), "hardly the column"),
        (("--variant", "arm", "--control", "a", "--metric", "ratio:won/x"), "NUMERATOR"),
        (("--variant", "arm", "--control", "a", "--metric", "arm:mean"), "0 usable rows"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(small, arguments, sentence):
    with pytest.raises(CommandError) as caught:
        analyse(small, *arguments)
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="can’t be read"):
        analyse(tmp_path / "no.csv", "--variant", "a", "--control", "b", "--metric", "c")


def test_totals_read_as_units_are_pointed_out(tmp_path):
    path = tmp_path / "totals.csv"
    path.write_text("variant,users,orders\nA,1000,100\nB,1010,120\n")
    analysis = analyse_json(path, "--variant", "variant", "--control", "A", "--metric", "orders")
    assert "looks like a file of totals" in analysis["warnings"][0]
    assert analysis["metrics"][0]["comparisons"][0]["why_not"] == "too-few-units"


@pytest.fixture
def shop(tmp_path):
    """Spending that last month's foretells, and one buyer far out."""
    path = tmp_path / "shop.csv"
    rng = np.random.default_rng(12)
    before = rng.gamma(2, 20, 4000)
    spent = before * 0.8 + rng.normal(20, 8, 4000) + np.arange(4000) % 2
    spent[7] = 90_000
    rows = [f"{k},{'ab'[k % 2]},{float(spent[k])!r},{float(before[k])!r}" for k in range(4000)]
    path.write_text("\n".join(["id,arm,spent,before", *rows]))
    return path


SHOP = ("--variant", "arm", "--control", "a", "--unit", "id", "--metric", "spent")


def test_a_covariate_and_a_cap_make_a_mean_sharper(shop):
    analysis = analyse_json(shop, *SHOP, "--covariate", "spent=before", "--winsorise", "99.9")
    raw, capped = analysis["metrics"]
    assert (raw["name"], capped["name"]) == ("spent", "spent, capped at percentile 99.9")
    methods = [metric["comparisons"][0]["method"] for metric in analysis["metrics"]]
    assert methods == ["cuped-welch-t"] * 2
    effect = capped["comparisons"][0]
    assert effect["low"] < 1 < effect["high"]
    assert effect["p_value"] < 0.001
    assert raw["comparisons"][0]["p_value"] > 0.05
    assert effect["adjusted_p"] == effect["p_value"]
    assert "far from all others" in analysis["warnings"][0]


def test_the_footnote_says_what_the_words_mean_and_counts_no_copies(shop):
    page = analyse(shop, *SHOP, "--metric", "before", "--winsorise", "99.9")
    footnote = page.rpartition("\n\n")[2]
    assert "adjusted (Holm), because 2 questions were asked of this file" in footnote
    assert "capped copies are adjusted on their own" in footnote
    assert "lift: the difference as a share of the control" in footnote
    alone = analyse(shop, *SHOP)
    assert "adjusted" not in alone.rpartition("\n\n")[2]


def test_moments_with_a_covariate_are_those_of_the_units(shop):
    data = np.genfromtxt(shop, delimiter=",", skip_header=1, usecols=(2, 3))
    arms = [CovariateMean.from_units(*data[k::2].T) for k in range(2)]
    expected = compare(*arms)
    comparison = analyse_json(shop, *SHOP, "--covariate", "spent=before")["metrics"][0][
        "comparisons"
    ][0]
    for name in ("difference", "low", "high", "lift_low", "p_value"):
        assert comparison[name] == pytest.approx(getattr(expected, name), rel=1e-9), name


def test_a_sequence_may_be_read_at_any_time_and_is_wider(shop):
    fixed = analyse_json(shop, *SHOP)["metrics"][0]["comparisons"][0]
    any_time = analyse_json(shop, *SHOP, "--sequential", "--planned-n", "8000")
    look = any_time["metrics"][0]["comparisons"][0]
    assert look["method"] == "confidence-sequence"
    assert look["low"] < fixed["low"]
    assert look["high"] > fixed["high"]
    assert "whenever they are read" in analyse(shop, *SHOP, "--sequential", "--planned-n", "8000")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--sequential",), "--planned-n together"),
        (("--planned-n", "100"), "--planned-n together"),
        (("--sequential", "--planned-n", "0"), "above zero"),
        (("--covariate", "before=spent"), "These can have one: spent"),
        (("--covariate", "spent=earlier"), "no column “earlier”"),
        (("--winsorise", "99.9", "--metric", "id", "--winsorise", "10"), "between 50 and 100"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_sentence(shop, arguments, sentence):
    with pytest.raises(CommandError) as caught:
        analyse(shop, *SHOP, *arguments)
    assert sentence in str(caught.value)

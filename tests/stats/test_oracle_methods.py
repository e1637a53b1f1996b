"""The rest of `oracle_cases.json`: sequences, planned looks, posteriors, strata, sequential ratios."""

import json
import math
from pathlib import Path

import pytest

from experiments.stats import (
    Mean,
    Proportion,
    confidence_sequence,
    crossing_rate,
    posterior,
    poststratify,
    sample_ratio_sequential,
    spending_bounds,
)
from experiments.stats.sequences import best_rho2

CASES = {
    case["id"]: case
    for case in json.loads(Path(__file__).with_name("oracle_cases.json").read_text("utf-8"))[
        "cases"
    ]
}


def near(case, key):
    return pytest.approx(CASES[case]["expected"][key], rel=CASES[case]["tolerance_rel"])


def mean_of(arm):
    return Mean(arm["n"], arm["mean"], arm["std"] ** 2)


def arms_of(case, make=mean_of):
    inputs = CASES[case]["inputs"]
    return make(inputs["control"]), make(inputs["treatment"])


@pytest.mark.parametrize("case", ["seq_at_tau", "seq_early"])
def test_confidence_sequences_agree_with_confseq_and_growthbook(case):
    planned_n = CASES[case]["inputs"]["tau"]
    look = confidence_sequence(*arms_of(case), planned_n=planned_n)
    assert math.sqrt(best_rho2(0.05, planned_n)) == near(case, "rho")
    assert look.standard_error == near(case, "se")
    assert (look.low, look.high) == (near(case, "ci_low"), near(case, "ci_high"))
    assert (look.p_value, look.log10_p) == (near(case, "p"), near(case, "log10_p"))


def test_spending_bounds_agree_with_the_published_table():
    case = "gsd_lan_demets_obf"
    fractions = CASES[case]["inputs"]["information_fractions"]
    bounds = spending_bounds(fractions)
    assert bounds.tolist() == pytest.approx(CASES[case]["expected"]["z_bounds"], rel=1e-9)
    spent = CASES[case]["expected"]["cumulative_alpha"]
    for look in range(1, 6):
        assert crossing_rate(bounds[:look], fractions[:look]) == pytest.approx(
            spent[look - 1], rel=1e-9
        )


def test_the_classic_bounds_of_obrien_and_fleming_err_with_five_per_cent():
    bounds = CASES["gsd_obf_classic"]["expected"]["z_bounds"]
    assert crossing_rate(bounds, [0.2, 0.4, 0.6, 0.8, 1.0]) == pytest.approx(0.05, abs=1e-9)


def test_naive_looks_err_as_armitage_mcpherson_and_rowe_found():
    case = CASES["peeking_inflation"]
    for looks, rate in zip(
        case["inputs"]["looks"], case["expected"]["false_positive"], strict=True
    ):
        times = [look / looks for look in range(1, looks + 1)]
        assert crossing_rate([case["inputs"]["z"]] * looks, times) == pytest.approx(rate, rel=1e-9)


def test_beta_posteriors_agree():
    case = "bayes_beta_basic"
    arms = arms_of(case, lambda arm: Proportion(arm["n"], arm["conversions"]))
    belief = posterior(*arms)
    assert belief.chance_to_win == near(case, "chance_to_win")
    assert belief.expected_loss == near(case, "expected_loss_choose_treatment")
    expected = CASES[case]["expected"]
    assert belief.mean == pytest.approx(
        expected["posterior_mean_treatment"] - expected["posterior_mean_control"], rel=1e-12
    )


def test_normal_posteriors_agree():
    case = "bayes_gauss_flat"
    belief = posterior(*arms_of(case))
    for field, key in {
        "mean": "posterior_mean",
        "sd": "posterior_sd",
        "chance_to_win": "chance_to_win",
        "expected_loss": "risk_choose_treatment",
        "low": "ci_low",
        "high": "ci_high",
    }.items():
        assert getattr(belief, field) == near(case, key), field


def test_post_stratification_agrees():
    case = "post_stratified"
    strata = [
        (mean_of(stratum["control"]), mean_of(stratum["treatment"]))
        for stratum in CASES[case]["inputs"]["strata"]
    ]
    effect = poststratify(strata)
    assert (effect.difference, effect.standard_error) == (near(case, "diff"), near(case, "se"))


def test_the_sequential_sample_ratio_agrees():
    case = "ssrm_5000_5100"
    inputs = CASES[case]["inputs"]
    look = sample_ratio_sequential(inputs["observed"], inputs["theta0"])
    assert math.exp(look.statistic) == near(case, "bayes_factor")
    assert look.p_value == 1.0

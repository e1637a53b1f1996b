"""Breaks the statistics engine in many ways, one at a time, and counts how many the tests catch.

    python benchmarks/mutate_engine.py [--only PART_OF_A_NAME]

It works on a copy in a temporary folder and takes about twenty minutes on two cores. It ends with 1 if
a mutant survives.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ENGINE = Path("experiments/stats")
PAGE = Path("docs/statistics.md")
QUICKEST = ("doctests", "documentation", "oracle", "oracle_methods", "comparing", "samples")
NEAREST = {
    "balance": "balance", "multinomial": "balance", "superseded": "superseded", "moments": "samples",
    "multiplicity": "multiplicity", "share_sequences": "sequences", "sequences": "sequences",
    "skewness": "skewness", "strata": "methods", "pooling": "methods", "bayes": "methods",
    "covariates": "wanted", "segments": "wanted", "outlook": "wanted", "looks": "planning",
    "power": "planning", "designs": "planning", "planning": "planning", "monitoring": "planning",
    "boschloo": "exact", "permutations": "exact", "quantiles": "quantiles", "question": "extremes",
    "calibration": "methods", "estimates": "oracle", "lift": "oracle", "proportions": "oracle",
    "welch": "oracle", "tails": "oracle", "exact": "oracle", "samples": "wanted", "verdicts": "verdict", "judging": "verdict", "effect": "quantiles",
}  # fmt: skip
"""Of a module the tests that are likeliest to notice; they go first."""


class Mutant(NamedTuple):
    name: str
    module: str
    old: str
    new: str


MUTANTS = [
    Mutant("difference turned", "welch", "pair.treatment - pair.control", "pair.control - pair.treatment"),
    Mutant("spread of one arm only", "welch", "np.sqrt(pair.v_c + pair.v_t)", "np.sqrt(2 * pair.v_c)"),
    Mutant("normal for t", "welch", "t_test(statistic, df,", "t_test(statistic, np.full_like(df, np.inf),"),
    Mutant("normal quantile for t", "welch", "t_quantile(df, ", "t_quantile(np.full_like(df, np.inf), "),
    Mutant("margin ignored", "welch", "(difference - question.null)", "(difference)"),
    Mutant("n for n − 1 in degrees of freedom", "estimates", "s_t / n_t, n_c - 1, n_t - 1)", "s_t / n_t, n_c, n_t)"),
    Mutant("n − 1 for n in the error", "estimates", "s_c / n_c, s_t / n_t, n_c", "s_c / (n_c - 1), s_t / n_t, n_c"),
    Mutant("covariance dropped from a ratio", "estimates", "- 2 * ratio * md", ""),
    Mutant("ratio squared dropped", "estimates", "+ ratio**2 * dd", "+ ratio * dd"),
    Mutant("variance of shares doubled", "estimates", "p_t * (1 - p_t) / n_t", "2 * p_t * (1 - p_t) / n_t"),
    Mutant("one tail for two", "tails", "sides = 2.0 if", "sides = 1.0 if"),
    Mutant("upper tail for lower", "tails", '"less": -statistic', '"less": statistic'),
    Mutant("alpha for alpha / 2", "tails", "(1 + confidence) / 2 if", "confidence if"),
    Mutant("logs of a far tail by base e", "tails", "np.log(sides)) / _LN10", "np.log(sides))"),
    Mutant("chi-square with one degree more", "balance", "o.size - 1)", "o.size)"),
    Mutant("tolerance ignored", "balance", "and deviation > tolerance", ""),
    Mutant("mismatch by size alone", "balance", "p_value < MISMATCH_P and", "p_value < 1 and"),
    Mutant("weights ignored", "balance", "(share / total)", "(1 / share.size + 0 * share)"),
    Mutant("Bayes factor upside down", "balance", "-max(log_bf, sharp)", "max(log_bf, sharp)"),
    Mutant("sharp ratio for nothing", "balance", "- math.log(_PRICE)", "+ math.log(_PRICE)"),
    Mutant("χ² for few units", "multinomial", "FEW: Final = 10.0", "FEW: Final = 0.0"),
    Mutant("binomial of one tail", "multinomial", "return float(np.logaddexp(_log_upper(x, n, theta), scipy.special.logsumexp(rest)))", "return _log_upper(x, n, theta)"),
    Mutant("one rule for all engines", "superseded", "is_surprising and is_far", "is_surprising"),
    Mutant("1 − α/m for what is open", "multiplicity", "alpha / max(m - r, 1)", "alpha / max(m, 1)"),
    Mutant("α for rejected ones", "multiplicity", "is_rejected, alpha / max(m, 1)", "is_rejected, alpha"),
    Mutant("false coverage at α", "multiplicity", "max(r, 1) * alpha / max(m, 1)", "alpha"),
    Mutant("interval not cut", "multiplicity", "None if low is None else max(low, null), high", "low, high"),
    Mutant("a missing number is a zero", "question", '"missing-numbers": is_missing', '"missing-numbers": is_missing & False'),
    Mutant("close lifts as ratios", "lift", "CLOSE: Final = 1e-6", "CLOSE: Final = 0.0"),
    Mutant("sums that can't be pass", "moments", "return n, float(sum_x / count), np.nan", "return n, float(sum_x / count), 0.0"),
    Mutant("unpooled for pooled", "proportions", "p * (1 - p) * (1 / n_c + 1 / n_t)", "p * (1 - p) * (2 / n_c)"),
    Mutant("Wilson without its centre", "proportions", "middle = p + z**2 / (2 * n)", "middle = p"),
    Mutant("Newcombe's limits swapped", "proportions", "np.hypot(p_t - l_t, u_c - p_c)", "np.hypot(u_t - p_t, u_c - p_c)"),
    Mutant("exact test never", "proportions", "SMALL_CELL: Final = 10.0", "SMALL_CELL: Final = 0.0"),
    Mutant("likelihood under the wrong null", "proportions", "np.clip(q_t - null, 0, 1)", "np.clip(q_t + null, 0, 1)"),
    Mutant("Fisher leaves out the observed table", "exact", "k >= count, k <= count", "k > count, k < count"),
    Mutant("Fisher turned", "exact", "np.where(is_turned, -1, 1)", "np.where(is_turned, 1, -1)"),
    Mutant("lift over the control with its sign", "lift", "/ np.abs(pair.control)", "/ pair.control"),
    Mutant("Katz without the control's spread", "lift", "r_c + r_t - 2 * k / (c * t)", "r_t - 2 * k / (c * t)"),
    Mutant("covariance dropped from the lift", "lift", "- 2 * ratio * k, 0)", ", 0)"),
    Mutant("Fieller bounded everywhere", "lift", "is_interval = g < 1", "is_interval = g < 9"),
    Mutant("θ of the control alone", "covariates", "yx_t, m_t - m_c, x_t - x_c)", "0 * yx_t, m_t - m_c, x_t - x_c)"),
    Mutant("θ added, not taken off", "covariates", "m_t - theta * (x_t - x_c)", "m_t + theta * (x_t - x_c)"),
    Mutant("variance with n", "moments", "max(n - 1, 1)).tolist()", "max(n, 1)).tolist()"),
    Mutant("merged without the distance of means", "moments", "return (within + between)", "return (within + 0 * between)"),
    Mutant("Holm without its running maximum", "multiplicity", "np.maximum.accumulate(ranked * (count - np.arange(count)))", "ranked * (count - np.arange(count))"),
    Mutant("ranks of Benjamini-Hochberg from 0", "multiplicity", "np.arange(1, count + 1)", "np.arange(2, count + 2)"),
    Mutant("sequence at α for ln α", "sequences", "np.log(grown) - np.log(alpha)", "np.log(grown) - np.log(2 * alpha)"),
    Mutant("sequence tuned to one arm", "sequences", "(estimated.n_c + estimated.n_t) * rho2", "estimated.n_c * rho2"),
    Mutant("own spread of a small arm", "sequences", "v_c=np.where(n_c < n_t, np.maximum(pair.v_c, both / n_c), pair.v_c)", "v_c=pair.v_c"),
    Mutant("no e-process", "share_sequences", "FEW_EVENTS: Final = 30.0", "FEW_EVENTS: Final = 0.0"),
    Mutant("e-process with its p as e", "sequences", "-log_e_value(table", "log_e_value(table"),
    Mutant("e-process of the wrong side", "share_sequences", '(alternative == "greater") != is_failure', '(alternative == "less") != is_failure'),
    Mutant("e-process of the common outcome", "share_sequences", "2 * (x_c + x_t) > n_c + n_t", "2 * (x_c + x_t) < n_c + n_t"),
    Mutant("interval against its p", "sequences", "low, high = _agreeing(low, high, score.z, is_clear, by_e)", "pass"),
    Mutant("own variance in a sequence", "share_sequences", "within = p_c * (1 - p_c) / n_c + p_t * (1 - p_t) / n_t", "within = x_c / n_c * (1 - x_c / n_c) / n_c + x_t / n_t * (1 - x_t / n_t) / n_t"),
    Mutant("skewness of the wrong sign", "skewness", "third * (1 / n_t**2 - 1 / n_c**2)", "third * (1 / n_c**2 - 1 / n_t**2)"),
    Mutant("skewness for nothing", "skewness", "UNITS_PER_SKEWNESS: Final = 355.0", "UNITS_PER_SKEWNESS: Final = 0.0"),
    Mutant("own spread under skewness", "skewness", "variance = ((n_c - 1) * s_c + (n_t - 1) * s_t) / (n - 2)", "variance = s_c"),
    Mutant("spread that does not grow", "skewness", "linear = np.where(grows, linear, 0.0)", "linear = 0 * linear"),
    Mutant("no word about a heavy tail", "skewness", "np.asarray(np.abs(skewness) > _MOST)", "np.asarray(np.abs(skewness) < 0)"),
    Mutant("third moments merged without the distance", "moments", "apart**3 * n_a * n_b * (n_a - n_b) / n**2", "0 * apart"),
    Mutant("skewness with n − 1", "moments", "(centred**2).mean() ** 1.5", "(centred**2).mean() ** 1.4"),
    Mutant("effects leak into the score", "covariates", "[(y - y.mean(), x - x.mean(axis=0)) for y, x in units if y.size]", "[(y, x) for y, x in units if y.size]"),
    Mutant("members of a household as if alone", "samples", "cls.from_units(np.bincount(place, array(values).ravel()), np.bincount(place))", "cls.from_units(array(values).ravel(), 1.0 + 0 * place)"),
    Mutant("Q with k degrees", "segments", "chi_square_test(q, k - 1)", "chi_square_test(q, k)"),
    Mutant("few units in segments", "segments", "slack == 0", "True"),
    Mutant("what is left not scaled", "outlook", "math.sqrt(1 - fraction)\n", "1 - fraction\n"),
    Mutant("looks at the level of the plan", "outlook", "alpha=level * plan.alpha / test.alpha", "alpha=plan.alpha"),
    Mutant("a share below 0", "share_sequences", "has_no_control | (x_c + x_t == 0)", "False & has_no_control"),
    Mutant("margin of a sequence ignored", "share_sequences", "(difference - null) / standard_error", "difference / standard_error"),
    Mutant("engines 1 to 4 as today", "superseded", "batch = sequence_of(estimated, estimated.pair,", "batch = sequence_of(estimated, estimated.relative._replace(v_c=estimated.pair.v_t),"),
    Mutant("spending of one side", "looks", "-scipy.special.ndtri(alpha / (2 * sides))", "-scipy.special.ndtri(alpha / sides)"),
    Mutant("spending of one side for a test of one", "looks", "log_spent = _log_spending(times, alpha, spending, sides)", "log_spent = _log_spending(times, alpha, spending, 2)"),
    Mutant("looks that forget who has crossed", "looks", "min(edge, centre + width)", "centre + width"),
    Mutant("power with one sample", "power", "d * math.sqrt(n * k / (1 + k))", "d * math.sqrt(n)"),
    Mutant("one arm's spread in a size", "power", "+ max(p_2 * (1 - p_2), 0.0) / k", "+ max(p_2 * (1 - p_2), 0.0)"),
    Mutant("power at the wrong tail", "power", "self.alpha / self.sides))", "self.alpha))"),
    Mutant("margin lost on the way back", "power", "return test.null + test.sign * math.exp", "return test.sign * math.exp"),
    Mutant("arms not corrected for", "designs", "self.alpha / self._comparisons", "self.alpha"),
    Mutant("metrics not corrected for", "designs", "(len(self.shares) - 1) * self.metrics", "(len(self.shares) - 1)"),
    Mutant("the largest arm decides", "designs", "min(self.shares[1:])", "max(self.shares[1:])"),
    Mutant("ρ for ρ²", "designs", "1 - self.correlation**2", "1 - abs(self.correlation)"),
    Mutant("looks for nothing", "designs", "test) * self._left * self._factor", "test) * self._left"),
    Mutant("weeks of the control alone", "planning", "return sum(shares) / shares[0]", "return float(len(shares))"),
    Mutant("sequence tuned to the level", "monitoring", "best_rho2(alpha, 1.0, alternative)", "best_rho2(level, 1.0, alternative)"),
    Mutant("drift not squared", "monitoring", "2 * fixed + 8) / fixed) ** 2", "2 * fixed + 8) / fixed)"),
    Mutant("Boschloo on the grid alone", "boschloo", "best = max(best, float(chances.max()))", "best = max(best, 0.0)"),
    Mutant("Boschloo without its own table", "boschloo", "tails <= tails[x_c, x_t] * (1 + _SAME)", "tails < tails[x_c, x_t] * (1 - _SAME)"),
    Mutant("Boschloo of one side", "boschloo", "return 2 * min(", "return min("),
    Mutant("permutations without ties", "permutations", "sums >= observed - slack", "sums > observed + slack"),
    Mutant("drawn permutations without the observed one", "permutations", "more = 0 if is_exact else 1", "more = 0"),
    Mutant("pairs as groups", "permutations", "find = _signs if paired else _labels", "find = _labels"),
    Mutant("ranks of a quantile one off", "quantiles", "bdtr(ranks - 1.0, n, q))", "bdtr(ranks, n, q))"),
    Mutant("limits of a quantile swapped", "quantiles", "np.hypot(t - treatment[0], control[1] - c)", "np.hypot(treatment[1] - t, control[1] - c)"),
    Mutant("sample's end forgotten", "quantiles", "_furthest(control, treatment) >= z", "_furthest(control, treatment) >= 0"),
    Mutant("ties judged", "quantiles", "is_told and max(widths) == 0", "is_told and max(widths) < 0"),
    Mutant("an empty stratum counted", "strata", "if pair[0].n + pair[1].n != 0]", "if True]"),
    Mutant("own spread of shares in strata", "strata", "weight**2 * p * (1 - p) * (1 / n_c + 1 / n_t)", "weight**2 * (x_c / n_c * (1 - x_c / n_c) / n_c + x_t / n_t * (1 - x_t / n_t) / n_t)"),
    Mutant("a stratum of one unit", "strata", "_ENOUGH: Final = 2", "_ENOUGH: Final = 0"),
    Mutant("small strata left unsaid", "strata", "return [(control, treatment), *in_order], Caution.STRATA_MERGED", "return [(control, treatment), *in_order], None"),
    Mutant("strata of shares by twice their weight", "strata", "(weight * (x_t / n_t - x_c / n_c)).sum()", "(weight * (x_t / n_t - x_c / n_c)).mean()"),
    Mutant("an interval without its middle", "effect", 'given[name] = np.where(np.isfinite(given[middle]), given[name], np.nan)', "pass"),
    Mutant("credible interval stops early", "bayes", "np.abs(now) > 1e-11", "np.abs(now) > 1e-2"),
    Mutant("prior not counted", "bayes", "weight * lift + mean / sd**2", "weight * lift"),
    Mutant("reliability against the base rate", "calibration", "(values - rate) ** 2", "(values - base) ** 2"),
    Mutant("Hartung-Knapp with k degrees", "pooling", "t_quantile(array(y.size - 1.0)", "t_quantile(array(y.size + 0.0)"),
    Mutant("James-Stein with k", "pooling", "/ (y.size - 3) - float(v[0])", "/ y.size - float(v[0])"),
    Mutant("one spread for all that shrinks", "pooling", "tau2 / (tau2 + v) *", "tau2 / (tau2 + v.mean()) *"),
    Mutant("running p is the last one", "sequences", "look.log10_p < best[1]", "True"),
    Mutant("sums with n for n − 1", "moments", "(count * (count - 1))", "(count * count)"),
    Mutant("no data passes for a verdict", "verdicts", "if units <= 0 or not (", "if units < 0 or not ("),
    Mutant("loss of the wrong choice", "bayes", "density - z * scipy.special.ndtr(-z)", "density + z * scipy.special.ndtr(z)"),
    Mutant("REML as maximum likelihood", "pooling", " + (w**2).sum() / w.sum())", ")"),
    Mutant("weights of strata not squared", "strata", 'total("v_t", 2)', 'total("v_t", 1)'),
    Mutant("Holm left out of the verdict", "judging", 'method="holm")', 'method="benjamini-hochberg")'),
    Mutant("guardrail in doubt lets pass", "judging", "or not margin else", "or margin else"),
]  # fmt: skip


def survives(mutant: Mutant) -> bool:
    """Whether all tests pass with the mutant in place."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for part in (ENGINE, Path("tests/stats")):
            ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(ROOT / part, copy / part, ignore=ignore)
        (copy / "experiments/__init__.py").touch()
        (copy / "docs").mkdir()
        shutil.copy(ROOT / PAGE, copy / PAGE)
        source = copy / ENGINE / f"{mutant.module}.py"
        text = source.read_text("utf-8")
        if text.count(mutant.old) < 1:
            raise SystemExit(f"{mutant.name}: “{mutant.old}” is no longer in {source.name}")
        source.write_text(text.replace(mutant.old, mutant.new, 1), "utf-8")
        nearest = NEAREST.get(mutant.module, QUICKEST[3])
        steps = [(nearest,), QUICKEST]
        named = [[f"tests/stats/test_{name}.py" for name in step] for step in steps]
        return all(_pass(folder, tests) for tests in (*named, ["tests/stats"]))


def _pass(folder: str, tests: list[str]) -> bool:
    """Whether these tests pass in the copy."""
    options = ["-x", "-q", "--noconftest", "-p", "no:django", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "--import-mode=importlib"]
    result = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", folder, *tests],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode not in (0, 1, 2):
        raise SystemExit(f"the tests could not be run:\n{result.stdout}{result.stderr}")
    return result.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only mutants whose name contains this")
    chosen = [mutant for mutant in MUTANTS if parser.parse_args().only in mutant.name]
    if survives(Mutant("none", "welch", "d/√", "d/√")) is False:
        raise SystemExit("the tests fail without any mutant: fix that first")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        alive = [
            mutant
            for mutant, is_alive in zip(chosen, pool.map(survives, chosen), strict=True)
            if is_alive
        ]
    for mutant in alive:
        print(f"survived: {mutant.name} ({mutant.module}: {mutant.old} → {mutant.new})")
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutants were caught")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())

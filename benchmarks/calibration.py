"""Whether calibration finds the bias of simulated teams, and what its ranking captures.

    python benchmarks/calibration.py            # the tables of docs/calibration.md, about ten minutes
    python benchmarks/calibration.py --quick    # a tenth of the runs

The runs are seeded, so the numbers are the same each time. Teams are described in `teams.py`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.teams import MIXED, TEAMS, Ideas, Team, ideas_of
from experiments.learning.calibration import Calibration, calibrate
from experiments.learning.evidence import Trial, TrialOutcome, pool
from experiments.learning.expected_value import ValueModel, expected_value, fit_value_model
from experiments.learning.records import DecidedExperiment, Estimate
from experiments.learning.suggestions import ranking_gain, suggestions

HISTORIES = (24, 60, 160)
WORKSPACES = [(team.name, (team,)) for team in TEAMS] + [("four pods that err differently", MIXED)]
QUARTER_IDEAS, QUARTER_DAYS = 60, 150


def estimates(calibration: Calibration) -> dict[str, Estimate]:
    """What is held against the truth."""
    impact, confidence = calibration.impact, calibration.confidence
    return {
        "Impact, bias": impact.bias,
        "Impact, ratio": impact.ratio,
        "Impact × Confidence": impact.promise,
        "Confidence, bias": confidence.bias,
        "Brier": confidence.score,
        "gain on base rate": confidence.gain,
        "days, factor": calibration.days,
        **{
            f"τ {predictor}, {target}": calibration.ranks[predictor, target]
            for predictor, target in (
                ("ice", "value"), ("impact", "value"), ("confidence", "value"), ("ease", "speed"),
            )
        },
    }  # fmt: skip


@functools.cache
def truth_of(team: Team) -> dict[str, float]:
    """The same quantities of very many ideas, with true lifts in place of measured ones."""
    ideas = ideas_of(team, 400_000, np.random.default_rng(9))
    won = ideas.won.astype(float)
    rng = np.random.default_rng(8)
    worlds = [estimates(calibrate(ideas_of(team, 800, rng).rows())) for _ in range(12)]
    return {
        "Impact, bias": (ideas.claim - ideas.lift).mean(),
        "Impact, ratio": ideas.lift.sum() / ideas.claim.sum(),
        "Impact × Confidence": ideas.lift.sum() / (ideas.claim * ideas.chance).sum(),
        "Confidence, bias": (ideas.chance - won).mean(),
        "Brier": ((ideas.chance - won) ** 2).mean(),
        "gain on base rate": (won.var() - (ideas.chance - won) ** 2).mean(),
        "days, factor": ideas.days_taken.sum() / ideas.days_forecast.sum(),
        **{
            name: float(np.mean([world[name].value for world in worlds]))
            for name in worlds[0]
            if name[0] == "τ"
        },
    }


def coverage(team: Team, history: int, runs: int) -> dict[str, tuple[float, float, float]]:
    """Estimate → (share of intervals that hold the truth, mean estimate, truth)."""
    rng, truth = np.random.default_rng(history), truth_of(team)
    hits = dict.fromkeys(truth, 0)
    sums = dict.fromkeys(truth, 0.0)
    for _ in range(runs):
        for name, estimate in estimates(calibrate(ideas_of(team, history, rng).rows())).items():
            low, high = estimate.low or 0.0, estimate.high or 0.0
            hits[name] += low <= truth[name] <= high
            sums[name] += estimate.value or 0.0
    return {name: (hits[name] / runs, sums[name] / runs, truth[name]) for name in truth}


def together(parts: Sequence[Ideas], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts])


def values(parts: Sequence[Ideas], model: ValueModel) -> np.ndarray:
    return np.array(
        [
            expected_value(
                claim=claim, chance=chance, days=days, model=model, pod=part.pod
            ).value_per_day
            for part in parts
            for claim, chance, days in zip(
                part.claim.tolist(), part.chance.tolist(), part.days_forecast.tolist(), strict=True
            )
        ]
    )


def captured(ranking: np.ndarray, worth: np.ndarray, days: np.ndarray) -> float:
    """True lift of what is built and wins, in points: the best first, while there are days left."""
    left, total = float(QUARTER_DAYS), 0.0
    for at in np.argsort(-ranking, kind="stable"):
        if days[at] <= left:
            left -= days[at]
            total += worth[at] * 100
    return total


def history_of(teams: Sequence[Team], n: int, rng: np.random.Generator) -> list[DecidedExperiment]:
    return [row for team in teams for row in ideas_of(team, n // len(teams), rng).rows()]


def quarters(teams: Sequence[Team], history: int, runs: int) -> np.ndarray:
    """Per run: points captured by ICE, by the claims as they are, by the calibrated ranking, and by
    somebody who knows what will win."""
    rng = np.random.default_rng(history)
    rows = []
    for _ in range(runs):
        model = fit_value_model(history_of(teams, history, rng))
        parts = [ideas_of(team, QUARTER_IDEAS // len(teams), rng) for team in teams]
        worth, days = together(parts, "worth"), together(parts, "days_taken")
        ice = np.concatenate([part.scores.mean(axis=0) for part in parts])
        rankings = (ice, values(parts, ValueModel()), values(parts, model), worth / days)
        rows.append([captured(ranking, worth, days) for ranking in rankings])
    return np.array(rows)


def gain(points: np.ndarray, over: int) -> tuple[float, float]:
    """How much more the calibrated ranking captures, as a share, and two standard errors."""
    base = points[:, over].mean()
    more = points[:, 2] - points[:, over]
    return float(more.mean() / base), float(2 * more.std(ddof=1) / len(more) ** 0.5 / base)


def suggested(teams: Sequence[Team], history: int, runs: int) -> dict[str, float]:
    """How often each suggestion is made."""
    rng = np.random.default_rng(history)
    counts: dict[str, float] = {}
    for _ in range(runs):
        rows = history_of(teams, history, rng)
        for item in suggestions(calibrate(rows), ranking_gain(rows)):
            name = f"{item.code} {item.dimension or ''}".strip()
            counts[name] = counts.get(name, 0.0) + 1 / runs
    return counts


def pooled_intervals(k: int, runs: int) -> tuple[float, float]:
    """How often the pooled interval holds the mean lift, and the prediction interval the next one."""
    rng = np.random.default_rng(k)
    held = predicted = 0
    day = dt.date(2026, 11, 2)
    for _ in range(runs):
        errors = rng.uniform(0.01, 0.04, k)
        true = rng.normal(0.02, 0.02, k + 1)
        logs = rng.normal(true[:k], errors)
        trials = [
            Trial(str(n), TrialOutcome.INCONCLUSIVE, day, *np.expm1([log, log - 1.96 * e, log + 1.96 * e]))
            for n, (log, e) in enumerate(zip(logs.tolist(), errors.tolist(), strict=True))
        ]  # fmt: skip
        result = pool(trials)
        held += (result.low or 0) <= np.expm1(0.02) <= (result.high or 0)
        low, high = result.prediction_low, result.prediction_high
        predicted += low is not None and high is not None and low <= np.expm1(true[k]) <= high
    return held / runs, predicted / runs


def print_coverage(runs: int) -> None:
    print(f"\nIntervals that hold the truth, of {runs} histories each (mean estimate / truth)\n")
    for history in HISTORIES:
        for team in TEAMS:
            print(f"{history} experiments, {team.name}")
            for name, (share, mean, truth) in coverage(team, history, runs).items():
                print(f"    {name:22} {share:6.1%}   {mean:8.4f} / {truth:8.4f}")


def print_quarters(runs: int) -> None:
    print(f"\nPoints of lift captured in a quarter of {QUARTER_DAYS} days, {runs} quarters each\n")
    print(
        f"{'':32}{'history':>8}{'ICE':>8}{'claims':>8}{'calibr.':>8}{'foresight':>10}  against ICE, claims"
    )
    for name, teams in WORKSPACES:
        for history in HISTORIES:
            points = quarters(teams, history, runs)
            means = "".join(f"{mean:8.1f}" for mean in points.mean(axis=0))
            (ice, ice_error), (claims, claims_error) = gain(points, 0), gain(points, 1)
            print(f"{name:32}{history:8}{means}    {ice:+.1%} ± {ice_error:.1%}, {claims:+.1%} ± {claims_error:.1%}")  # fmt: skip


def print_suggestions(runs: int) -> None:
    print(f"\nHow often each suggestion is made, {runs} histories each\n")
    for name, teams in WORKSPACES:
        for history in (60, 160, 400):
            made = suggested(teams, history, runs)
            print(f"{name:32}{history:5}  " + (", ".join(f"{key} {share:.0%}" for key, share in sorted(made.items())) or "none"))  # fmt: skip


def print_pooling(runs: int) -> None:
    print(f"\nPooled lifts, {runs} worlds each: interval of the mean, range for the next\n")
    for k in (2, 3, 5, 8, 14, 30):
        held, predicted = pooled_intervals(k, runs)
        print(
            f"{k:4} lifts   {held:6.1%}   {predicted:6.1%}"
            if k > 2
            else f"{k:4} lifts   {held:6.1%}   none"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    share = 10 if parser.parse_args().quick else 1
    print_pooling(4000 // share)
    print_coverage(500 // share)
    print_quarters(500 // share)
    print_suggestions(100 // share)


if __name__ == "__main__":
    main()

"""Simulated teams for `benchmarks/calibration.py`: what they claim, and what is true. Seeded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backlog.claims import claim_at
from experiments.learning.records import DecidedExperiment

IMPACT = [(0, 0.005), (0.005, 0.01), (0.01, 0.03), (0.03, 0.06), (0.06, 0.15)]
CONFIDENCE = [(0, 0.15), (0.15, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0)]
EASE = [(30, 60), (15, 30), (7, 14), (3, 6), (1, 2)]
SCORES = np.linspace(0.5, 10.5, 1001)
TABLES = {
    name: np.array([claim_at(name, score, bands) for score in SCORES])
    for name, bands in (("impact", IMPACT), ("confidence", CONFIDENCE), ("ease", EASE))
}


@dataclass(frozen=True)
class Team:
    """How a team errs. Claims are drawn first and the truth around them, so that a team without bias is
    right on average for every claim.

    `optimism`: claimed lift over the lift of what works. `sureness`: how much of a difference in claimed
    chances is real; `too_sure`: by how much the middle of them is too high. `slowness`: days taken
    over days forecast. `blindness`: share of Impact claims that say nothing about the idea.
    """

    name: str
    optimism: float = 1.0
    sureness: float = 1.0
    too_sure: float = 0.0
    slowness: float = 1.0
    blindness: float = 0.0


TEAMS = (
    Team("without bias"),
    Team("Impact 2.5 × too high", optimism=2.5),
    Team("overconfident", sureness=0.4, too_sure=0.10),
    Team("slow, 1.6 × the days", slowness=1.6),
    Team("Impact says nothing", blindness=1.0),
    Team("all of it", optimism=2.5, sureness=0.4, too_sure=0.10, slowness=1.6, blindness=0.5),
)
MIXED = (
    replace(TEAMS[0], name="A"),
    replace(TEAMS[1], name="B"),
    replace(TEAMS[2], name="C", slowness=1.6),
    replace(TEAMS[5], name="D"),
)
"""Four pods of one workspace that err differently."""


@dataclass(frozen=True)
class Ideas:
    """One row per idea. `worth` is the true lift if it is built and wins, else 0."""

    pod: str
    claim: np.ndarray
    chance: np.ndarray
    days_forecast: np.ndarray
    lift: np.ndarray
    variance: np.ndarray
    measured: np.ndarray
    won: np.ndarray
    days_taken: np.ndarray

    @property
    def worth(self) -> np.ndarray:
        return np.where(self.won, self.lift, 0.0)

    @property
    def scores(self) -> np.ndarray:
        """Impact, Confidence and Ease, 1 to 10, that claim this."""
        ease = SCORES[::-1][np.searchsorted(TABLES["ease"][::-1], self.days_forecast).clip(0, 1000)]
        impact, confidence = (
            SCORES[np.searchsorted(TABLES[name], values).clip(0, 1000)]
            for name, values in (("impact", self.claim), ("confidence", self.chance))
        )
        return np.stack([impact, confidence, ease]).clip(1, 10)

    def rows(self) -> list[DecidedExperiment]:
        scores = self.scores
        return [
            DecidedExperiment(
                key=f"{self.pod}-{n}",
                pod=self.pod,
                scorers=frozenset("pqrst"),
                ice=float(scores[:, n].mean()),
                impact=float(scores[0, n]),
                confidence=float(scores[1, n]),
                ease=float(scores[2, n]),
                claim_low=float(self.claim[n]) * 0.67,
                claim_high=float(self.claim[n]) * 1.33,
                chance=float(self.chance[n]),
                won=bool(self.won[n]),
                lift=float(self.measured[n]),
                variance=float(self.variance[n]),
                days_forecast=float(self.days_forecast[n]),
                days_taken=float(self.days_taken[n]),
            )
            for n in range(len(self.claim))
        ]


def ideas_of(team: Team, n: int, rng: np.random.Generator) -> Ideas:
    """`n` ideas of a team, each with what would happen if it were tried."""
    claim, other = np.clip(rng.lognormal(np.log(0.03), 0.7, (2, n)), 0.002, 0.15)
    meant = np.where(rng.random(n) < team.blindness, other, claim)
    potential = meant / team.optimism * rng.lognormal(-0.08, 0.4, n)
    chance = rng.beta(1.8, 2.7, n)
    true_chance = np.clip(0.4 - team.too_sure + team.sureness * (chance - 0.4), 0.0, 1.0)
    works = rng.random(n) < true_chance
    lift = np.where(works, potential, rng.normal(0.0, 0.003, n))
    error = rng.uniform(0.1, 0.3, n) * claim / team.optimism + 0.001
    measured = rng.normal(lift, error)
    days = np.clip(rng.lognormal(np.log(9), 0.7, n), 1, 60)
    return Ideas(
        pod=team.name,
        claim=claim,
        chance=chance,
        days_forecast=days,
        lift=lift,
        variance=error**2,
        measured=measured,
        won=measured > 1.96 * error,
        days_taken=days * team.slowness * rng.lognormal(-0.045, 0.3, n),
    )

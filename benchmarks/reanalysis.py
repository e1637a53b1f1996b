"""How long the nightly reading takes: `python benchmarks/reanalysis.py [--experiments 1000]`.

It makes this many running experiments with four metrics (one of them a guardrail) and three arms.
It times the arithmetic of all comparisons in one call, a night after which nothing has changed, and
a night in which every experiment has reached its planned end and gets a new reading.
"""

import argparse
import datetime as dt
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="floe-nightly-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from backlog.models import Idea, Pod, User  # noqa: E402
from experiments.flows.analysing import read_many  # noqa: E402
from experiments.flows.sealing import plan_of  # noqa: E402
from experiments.models import (  # noqa: E402
    Analysis,
    Experiment,
    ExperimentMetric,
    Intake,
    Metric,
    Observation,
    Variant,
)
from experiments.stats import Proportion, compare_many  # noqa: E402

ROLES = ("primary", "secondary", "secondary", "guardrail")
ARMS = ("As it is", "Shorter", "Longer")


def prepare(count: int) -> None:
    """Running experiments, each with analysed data."""
    call_command("migrate", verbosity=0, interactive=False)
    pod = Pod.objects.create(name="Everybody", prefix="ALL")
    author = User.objects.create(email="a@example.com", name="Ada")
    today = timezone.localdate()
    metrics = [Metric.objects.create(name=f"Metric {n}", unit="readers") for n in range(4)]
    ideas = Idea.objects.bulk_create(
        Idea(pod=pod, number=n + 1, key=f"ALL-{n + 1}", title=f"Idea {n}", author=author)
        for n in range(count)
    )
    tests = Experiment.objects.bulk_create(
        Experiment(
            pod=pod, idea=idea, number=n + 1, title=idea.title, author=author, state="running",
            starts_on=today - dt.timedelta(days=7), ends_on=today + dt.timedelta(days=7),
            units_per_week=20_000,
        )
        for n, idea in enumerate(ideas)
    )  # fmt: skip
    Variant.objects.bulk_create(
        Variant(experiment=test, name=name, position=place, is_control=not place)
        for test in tests for place, name in enumerate(ARMS)
    )  # fmt: skip
    ExperimentMetric.objects.bulk_create(
        ExperimentMetric(
            experiment=test, metric=metric, role=role, position=place, baseline=0.1,
            smallest_effect=0.1, margin=0.01 if role == "guardrail" else None,
        )
        for test in tests
        for place, (metric, role) in enumerate(zip(metrics, ROLES, strict=True))
    )  # fmt: skip
    _observe()


def _observe() -> None:
    dice = random.Random(5)
    tests = list(Experiment.objects.prefetch_related("variants", "metrics"))
    for test in tests:
        test.sealed_plan, test.fingerprint = plan_of(test).to_json(), "0" * 64
    Experiment.objects.bulk_update(tests, ["sealed_plan", "fingerprint"], batch_size=200)
    intakes = Intake.objects.bulk_create(
        Intake(experiment=test, state="analysed", counted_at=timezone.now(),
               understood={"units": dict.fromkeys(ARMS, 9_000)})
        for test in tests
    )  # fmt: skip
    Observation.objects.bulk_create(
        (
            Observation(intake=intake, variant=arm, metric=metric, n=9_000,
                        successes=dice.randint(850, 950))
            for intake, test in zip(intakes, tests, strict=True)
            for arm in test.variants.all() for metric in test.metrics.all()
        ), batch_size=2_000,
    )  # fmt: skip


def timed(words: str, work: object) -> None:
    start = time.perf_counter()
    result = work()  # type: ignore[operator]
    print(f"{words:<58}{time.perf_counter() - start:8.3f} s   {result}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=1_000)
    count = parser.parse_args().experiments
    prepare(count)
    pairs, dice = count * len(ROLES) * (len(ARMS) - 1), np.random.default_rng(5)
    draws = [dice.integers(850, 950, pairs) for _ in range(2)]
    control, treatment = (Proportion(np.full(pairs, 9_000), hits) for hits in draws)
    compare_many(control, treatment)
    analysed = Intake.objects.filter(state="analysed")
    timed(f"arithmetic alone, {pairs:,} comparisons in one call",
          lambda: f"{len(compare_many(control, treatment)):,}")  # fmt: skip
    timed("read and written for the first time", lambda: read_many(analysed))
    timed("a night after which nothing has changed", lambda: read_many(analysed))
    Experiment.objects.update(ends_on=timezone.localdate())
    timed("a night in which all reach their planned end", lambda: read_many(analysed))
    print(f"{Analysis.objects.count():,} analyses")


if __name__ == "__main__":
    main()

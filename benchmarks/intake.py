"""What a large file of results costs, from upload to verdict: `python benchmarks/intake.py`.

It measures a file of 1,000,000 rows, one per unit, with and without a column that names the unit,
in an installation of its own. It prints the seconds of each step and the peak memory of this
process.
"""

import argparse
import datetime as dt
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import installation  # first: it sets Django up for all the others
import worlds
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from experiments.flows import intake as flow
from experiments.flows.analysing import analyse_now
from experiments.flows.confirming import Review
from experiments.flows.reading_files import read_now
from experiments.flows.receiving import receive_file
from experiments.models import Experiment, Intake


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args(arguments).rows
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}, {rows:,} rows.\n")
    installation.prepare()
    worlds.load_the_sample()
    settings.RESULTS_ROWS_READ_AT_ONCE = rows  # the worker's tasks run here and are timed
    experiment = Experiment.objects.filter(state=Experiment.State.RUNNING).first()
    print("| file | receive | read | count | analyse | in all | memory before | peak |")
    print("|---|---|---|---|---|---|---|---|")
    for has_unit in (False, True):
        print(_line(experiment, rows, has_unit=has_unit))


def _line(experiment: Any, rows: int, *, has_unit: bool) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.csv"
        _write(path, experiment, rows)
        before, steps = _memory(), _timed(path, experiment, has_unit=has_unit)
    seconds = " | ".join(f"{one:.2f} s" for one in (*steps, sum(steps)))
    name = "with units" if has_unit else "each row a unit"
    return f"| {name} | {seconds} | {before} MB | {_memory()} MB |"


def _timed(path: Path, experiment: Any, *, has_unit: bool) -> list[float]:
    by = experiment.owner
    upload: Any = TemporaryUploadedFile("results.csv", "text/csv", path.stat().st_size, "utf-8")
    upload.file.write(path.read_bytes())
    upload.seek(0)
    parts = experiment.measured
    mapping = {
        "shape": "units", "variant": "arm", "unit": "unit" if has_unit else "",
        "metrics": [{"name": part.metric.name, "kind": part.metric.kind, "column": f"m{place}",
                     "denominator": "d" if part.metric.kind == "ratio" else ""}
                    for place, part in enumerate(parts)],
    }  # fmt: skip
    taken: list[Intake] = []
    labels = {arm.name: arm.name for arm in experiment.arms}

    def understand() -> None:
        one = flow.understand(taken[0], by=by, mapping=mapping, labels=labels)
        if one.state == Intake.State.READING:
            read_now(one.pk)

    work: list[Callable[[], Any]] = [
        lambda: taken.append(receive_file(experiment, upload, by=by)),
        understand,
        lambda: _count(Intake.objects.get(pk=taken[0].pk), by),
        lambda: analyse_now(taken[0].pk),
    ]
    seconds = [_seconds(step) for step in work]
    upload.close()  # as the end of a request does; the file itself was moved
    return seconds


def _count(intake: Intake, by: Any) -> None:
    """Confirm it as somebody who has ticked every doubt: the file takes the place of another."""
    codes = [doubt.code for doubt in Review(intake).doubts]
    flow.count(intake, by=by, acknowledged=codes, reason="A benchmark.")


def _write(path: Path, experiment: Any, rows: int) -> None:
    chance = random.Random(7)
    arms, parts = [arm.name for arm in experiment.arms], experiment.measured
    with path.open("w") as file:
        names = [f"m{place}" for place in range(len(parts))]
        file.write(",".join(["unit", "arm", "d", *names]) + "\n")
        for number in range(rows):
            values = [
                str(
                    chance.randrange(2)
                    if part.metric.kind == "proportion"
                    else chance.randrange(90)
                )
                for part in parts
            ]
            file.write(",".join([f"u{number}", arms[number % len(arms)], "1", *values]) + "\n")


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(sys.argv[1:])

"""What it costs to assign units: `python benchmarks/assignment.py`.

It times a million ids by the hash alone, with holdout, namespace and ramp, and evenly by strata.
Then it reads, splits and writes a list of as many rows, and prints the peak memory of the process.
"""

import argparse
import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import installation  # first: it sets Django up for all the others

from experiments.units.assignment import Assigner, fingerprint_of_list
from experiments.units.id_lists import read_ids, with_columns

ARMS = {"arms": ("A", "B", "C"), "weights": (50.0, 25.0, 25.0)}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    count = parser.parse_args(arguments).units
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    units = [f"reader-{number}" for number in range(count)]
    strata = [f"kind {number % 7}" for number in range(count)]
    plain = Assigner("salt", **ARMS)
    whole = Assigner("salt", **ARMS, ramp=20, namespace="mail", ranges=((0, 5000),),
                     holdout_salt="q4", holdout_share=5)  # fmt: skip
    print(f"| {count:,} ids | seconds |\n|---|--:|")
    row("by the hash", lambda: plain.codes(units))
    row("with holdout, namespace and ramp", lambda: whole.codes(units))
    row("evenly in 7 strata", lambda: plain.evenly(units, strata))
    row("fingerprint of the list", lambda: fingerprint_of_list(units))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text("id\n" + "\n".join(units), encoding="utf-8")
        row("a file: read, split, written again", lambda: split(path, plain))
    print(f"\nMost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB.")


def split(path: Path, assigner: Assigner) -> None:
    ids = read_ids(path)
    codes = assigner.codes(ids.units).tolist()
    for _ in with_columns(path, {"arm": [assigner.arms[code] for code in codes]}):
        pass


def row(name: str, work: Callable[[], Any]) -> None:
    """Run three times and return the best time."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    print(f"| {name} | {min(taken):.2f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

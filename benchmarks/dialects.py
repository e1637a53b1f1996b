"""How many tables in random dialects are read, asked about or refused: `python benchmarks/dialects.py`.

It reads 50,000 tables by default (`--tables`), from a seed (`--from`), and prints a table for the
ordinary ones and for those that are written to be hard. A table read as other values than it holds
is printed with its seed, and ends the run with an error.
"""

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")

from tests.dialects import outcome, written

RESULTS = ("same", "asked", "refused", "other")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=50_000)
    parser.add_argument("--from", type=int, default=100_000, dest="first")
    options = parser.parse_args(arguments)
    start, counts = time.perf_counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.tables):
            table = written(seed)
            result = outcome(table, Path(folder))
            if result not in RESULTS:
                print(f"seed {seed}: {result}")
                result = "other"
            counts[table.is_ordinary, result] += 1
    print(f"{dt.date.today():%-d %B %Y}, {options.tables:,} tables from seed {options.first:,}, "
          f"{time.perf_counter() - start:.0f} s.\n")  # fmt: skip
    print("| tables | read | same values | asked | refused | other values |")
    print("|---|---|---|---|---|---|")
    for is_ordinary, name in ((True, "ordinary"), (False, "written to be hard")):
        total = sum(counts[is_ordinary, result] for result in RESULTS)
        shares = " | ".join(
            f"{counts[is_ordinary, result]:,} ({counts[is_ordinary, result] / max(total, 1) * 100:.2f} %)"
            for result in RESULTS
        )
        print(f"| {name} | {total:,} | {shares} |")
    return int(any(counts[kind, "other"] for kind in (True, False)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

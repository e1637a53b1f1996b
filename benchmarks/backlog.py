"""What the backlog costs as it grows: `python benchmarks/backlog.py --sizes 1000 10000 100000`.

It fills an installation of its own step by step and asks for the same pages at each size. The last
column is the p95 at the largest size by that at the smallest. DATABASE_URL names another engine.
"""

import argparse
import datetime as dt
import sys
import time
from collections.abc import Sequence

import installation  # first: it sets up what all the others look at
import worlds
from looking import Looker, Row
from measuring import Cost, cost_of

from backlog.flows.ranking import rerank
from backlog.models import Idea

SIZES = (1_000, 10_000, 100_000)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = sorted(parser.parse_args(arguments).sizes)
    begun = time.perf_counter()
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    installation.prepare()
    worlds.load_the_sample()
    found: dict[str, list[Cost]] = {}
    for size in sizes:
        worlds.fill_up_to(size)
        rerank()
        worlds.settle()
        for row in _rows():
            found.setdefault(row.name, []).append(cost_of(row.ask))
        seconds = time.perf_counter() - begun
        print(f"{Idea.objects.count():,} ideas after {seconds:.0f} s", file=sys.stderr, flush=True)
    _print(sizes, found)


def _rows() -> list[Row]:
    look = Looker()
    return [*look.lists(), *look.parts(), *look.writes()]


def _print(sizes: Sequence[int], found: dict[str, list[Cost]]) -> None:
    heads = [f"{size:,}: p95 ms" for size in sizes] + ["CPU ms", "queries", "kB gzipped", "growth"]
    print(f"|  | {' | '.join(heads)} |")
    print(f"|---|{'--:|' * len(heads)}")
    for name, costs in found.items():
        last = costs[-1]
        cells = [f"{cost.p95:.1f}" for cost in costs]
        cells += [f"{last.cpu:.1f}", str(last.queries), f"{last.zipped / 1000:.1f}"]
        cells.append(f"{last.p95 / costs[0].p95:.2f}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(sys.argv[1:])

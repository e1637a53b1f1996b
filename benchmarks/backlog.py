"""What the backlog costs as it grows: `python benchmarks/backlog.py --sizes 1000 10000 100000`.

It fills an installation of its own step by step. At each size it requests the same pages, then
every filter with every order. Growth is the p95 at the largest size divided by that at the
smallest. The processor time of this process is also given as a multiple of an empty view in the
same run. It leaves out the work of PostgreSQL, which p95 includes. DATABASE_URL names another
engine.
"""

import argparse
import datetime as dt
import sys
import time
from collections.abc import Sequence

import installation  # first: it sets Django up for all the others
import pairs
import worlds
from looking import Looker, add_the_empty_view
from measuring import Cost, cost_of

from backlog.flows.ranking import rerank
from backlog.models import Idea

SIZES = (1_000, 10_000, 100_000)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--pages-only", action="store_true", help="leave out filter with order")
    parser.add_argument("--only", default="", help="pages whose name holds this, and the backlog")
    chosen = parser.parse_args(arguments)
    sizes = sorted(chosen.sizes)
    begun = time.perf_counter()
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    installation.prepare()
    add_the_empty_view()
    worlds.load_the_sample()
    pages: dict[str, list[Cost]] = {}
    paired: dict[tuple[str, str], list[Cost]] = {}
    for size in sizes:
        worlds.fill_up_to(size)
        rerank()
        worlds.settle()
        look = Looker()
        for row in (look.empty, *look.lists(), *look.parts(), *look.writes()):
            if chosen.only not in row.name and row.name not in (look.empty.name, "Backlog"):
                continue
            pages.setdefault(row.name, []).append(cost_of(row.ask))
        if not chosen.pages_only and size in (sizes[0], sizes[-1]):
            for narrowed, sort, cost in pairs.costs(look):
                paired.setdefault((narrowed, sort), []).append(cost)
        seconds = time.perf_counter() - begun
        print(f"{Idea.objects.count():,} ideas after {seconds:.0f} s", file=sys.stderr, flush=True)
    _print(sizes, pages)
    if paired:
        empty = pages[look.empty.name][-1]
        pairs.print_pairs(
            [pairs.Pair(*names, tuple(costs), empty) for names, costs in paired.items()]
        )


def _print(sizes: Sequence[int], pages: dict[str, list[Cost]]) -> None:
    heads = [f"{size:,}: p95 ms" for size in sizes]
    heads += ["CPU ms", "× empty", "queries", "kB gzipped", "growth"]
    print(f"|  | {' | '.join(heads)} |")
    print(f"|---|{'--:|' * len(heads)}")
    empty = next(iter(pages.values()))[-1]
    for name, costs in pages.items():
        last = costs[-1]
        cells = [f"{cost.p95:.1f}" for cost in costs]
        cells += [f"{last.cpu:.1f}", f"{last.cpu / empty.cpu:.1f}", str(last.queries)]
        cells += [f"{last.zipped / 1000:.1f}", f"{last.p95 / costs[0].p95:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    print()


if __name__ == "__main__":
    main(sys.argv[1:])

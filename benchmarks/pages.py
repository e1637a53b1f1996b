"""What Floe's pages cost: `make bench`, or `python benchmarks/pages.py --ideas 100000`.

It builds an installation of its own, measures the sample workspace, adds ideas up to the given
number, measures again, and prints Markdown for docs/performance.md. Requests go through Django's
client inside this process, so the figures include no network. DATABASE_URL names another engine.
"""

import argparse
import datetime as dt
import sys
import time
from collections.abc import Sequence

import installation  # first: it sets Django up for all the others
import serving
import worlds
from looking import Looker, add_the_empty_view
from measuring import REQUESTS, Cost, client_of, cost_of

from backlog.flows.ranking import rerank
from backlog.models import Idea

HEAD = ("", "p50 ms", "p95 ms", "CPU ms", "× empty", "queries", "kB", "kB gzipped")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ideas", type=int, default=10_000, help="ideas in the backlog")
    parser.add_argument("--pages-only", action="store_true", help="leave out starting and memory")
    chosen = parser.parse_args(arguments)
    begun = time.perf_counter()
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    if not chosen.pages_only:
        print_serving()
    installation.prepare()
    add_the_empty_view()
    worlds.load_the_sample()
    print_pages("The sample workspace", requests=REQUESTS // 2)
    print_weights()
    print_many_ideas(chosen.ideas)
    print(f"Taken in {time.perf_counter() - begun:.0f} s.")


def print_serving() -> None:
    migrating = serving.migrating()
    first, later, idle = serving.starting()
    print("## Starting and staying (the embedded edition)\n")
    print_table(
        ("", "by the clock", "of processor"),
        [
            ("empty migrate", f"{migrating.clock:.1f} s", f"{migrating.processor:.1f} s"),
            ("first start, to the first 200", f"{first.clock:.1f} s", f"{first.processor:.1f} s"),
            ("later starts, to the first 200", f"{later.clock:.1f} s", f"{later.processor:.1f} s"),
        ],
    )
    print(f"Idle memory of all processes: {idle:.0f} MB.\n", flush=True)


def print_pages(title: str, *, requests: int = REQUESTS) -> None:
    print(f"## {title}: {Idea.objects.count():,} ideas\n")
    look = Looker()
    yardstick = cost_of(look.empty.ask)
    rows = [look.empty, *look.rows()]
    print_table(
        HEAD, [line(row.name, cost_of(row.ask, requests=requests), yardstick) for row in rows]
    )


def print_many_ideas(wanted: int) -> None:
    worlds.fill_up_to(wanted)
    start = time.perf_counter()
    rerank()
    first = time.perf_counter() - start
    worlds.settle()
    start = time.perf_counter()
    rerank()
    again = time.perf_counter() - start
    print_pages("Many ideas")
    look = Looker()
    yardstick = cost_of(look.empty.ask)
    written = [line(row.name, cost_of(row.ask), yardstick) for row in look.writes()]
    revealing = cost_of(look.reveal(), rounds=1, requests=2, warm=0)
    written.append(line("Reveal and rank again", revealing, yardstick))
    print("## Writing, with the same ideas\n")
    print_table(HEAD, written)
    scored = Idea.objects.exclude(rank=None).count()
    print(f"Ranking {scored:,} scored ideas: {first:.1f} s if every rank changed, ", end="")
    print(f"{again:.1f} s if none did.\n")


def line(name: str, cost: Cost, yardstick: Cost) -> tuple[str, ...]:
    return (
        name,
        f"{cost.p50:.1f}",
        f"{cost.p95:.1f}",
        f"{cost.cpu:.1f}",
        f"{cost.cpu / yardstick.cpu:.1f}",
        str(cost.queries),
        f"{cost.raw / 1000:.1f}",
        f"{cost.zipped / 1000:.1f}",
    )


def print_weights() -> None:
    client = client_of("ines@harbour.example")
    client.defaults.pop("HTTP_ACCEPT_ENCODING", None)
    lines = []
    for name, address in (("backlog", "/ideas/"), ("scoring", "/scoring/"),
                          ("experiment", "/experiments/1/"), ("calendar", "/calendar/")):  # fmt: skip
        scripts, styles = serving.weights(client.get(address).content.decode())
        lines.append((name, f"{scripts / 1000:.1f}", f"{styles / 1000:.1f}"))
    print("## Scripts and styles of a page\n")
    print_table(("", "JavaScript kB gzipped", "CSS kB gzipped"), lines)


def print_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    print(f"| {' | '.join(head)} |")
    print(f"|---|{'--:|' * (len(head) - 1)}")
    for cells in lines:
        print(f"| {' | '.join(cells)} |")
    print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

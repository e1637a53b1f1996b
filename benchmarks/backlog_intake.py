"""What it costs to add ideas and to find them: `python benchmarks/backlog_intake.py`.

It measures search and similar ideas at 1,000, 10,000 and 100,000 ideas, and an import of 100,000
rows. It builds an installation of its own and prints Markdown for docs/performance.md. DATABASE_URL
names another engine.
"""

import argparse
import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import installation  # first: it sets Django up for all the others
import worlds
from django.db.models import Max, Min
from pages import print_table

from backlog.flows import imports, resembling
from backlog.flows.imports import asking, working
from backlog.flows.imports.understanding import understand
from backlog.flows.imports.undoing import take_out
from backlog.flows.imports.writing import put_in
from backlog.models import Idea, Pod, User
from backlog.search import ENOUGH

SIZES = (1_000, 10_000, 100_000)
TYPED = (
    "re", "readers", "r", "lapsed read", "e m", "price", "trial 77", "LIF 77", "win", "weekend",
    "a named editor", "gift link trial", "zzz", "subject", "postc",
)  # fmt: skip
TITLES = (
    "Remind lapsed readers: a countdown", "Ask first-time givers", "Thank visitors of the gift p",
    "Shorten trials on day 10: the price per day, trial 4711", "Postcards to the weekend readers",
    "Name teh last seires they read", "Something that nobody has thought of yet", "Offer members",
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the import")
    chosen = parser.parse_args(arguments)
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    installation.prepare()
    worlds.load_the_sample()
    lines = []
    for size in chosen.sizes:
        worlds.fill_up_to(size)
        worlds.settle()
        lines += list(reading(size))
    print_table(("ideas", "", "p50 ms", "p95 ms", "p50 CPU ms", "p95 CPU ms"), lines)
    print_table(("import", "seconds", "of processor"), list(importing(chosen.rows)))


def reading(size: int) -> list[tuple[str, ...]]:
    """Search over all pods and over your own; ideas that are similar to a title."""
    owner, member = (User.objects.filter(role=role).first() for role in ("owner", "member"))
    pods = list(member.pod_roles)
    resembling.forget()

    def of_all(typed: str) -> None:
        list(Idea.objects.having_text(typed, most=ENOUGH).by_closeness(typed)[:50])

    def of_pods(typed: str) -> None:
        ideas = Idea.objects.visible_to(member).having_text(typed, pods=pods, most=ENOUGH)
        list(ideas.by_closeness(typed)[:50])

    def alike(typed: str) -> None:
        resembling.resembling(typed, user=owner)

    return [
        timed(size, "search, all pods, best match first", of_all, TYPED),
        timed(size, "search, your own pods", of_pods, TYPED),
        timed(size, "similar ideas and experiments", alike, TITLES),
    ]


def importing(rows: int) -> list[tuple[str, ...]]:
    """The steps of an import in the worker's order."""
    owner = User.objects.filter(role="owner").first()
    pod = Pod.objects.order_by("pk").first()
    asking.queue_on_commit = lambda *_: None  # the steps run here and are timed
    dice = random.Random(2)
    head = "Title\tPod\tOwner\tTags\tNotes\tImpact\tConfidence\tEase"
    lines = (
        f"Brought in {number}: {dice.choice(worlds.WHAT)}\t{pod.prefix}\t\ttheme {number % 30}\t"
        f"{dice.choice(worlds.WHOM)}\t{dice.randint(1, 10)}\t{dice.randint(1, 10)}\t{dice.randint(1, 10)}"
        for number in range(rows)
    )
    data = "\n".join([head, *lines]).encode()
    steps: list[tuple[str, ...]] = []

    def step(name: str, work: Callable[[], Any]) -> Any:
        clock, cpu = time.perf_counter(), time.process_time()
        done = work()
        taken = (time.perf_counter() - clock, time.process_time() - cpu)
        steps.append((f"{rows:,} rows: {name}", *(f"{value:.1f}" for value in taken)))
        return done

    taken = step("read the table", lambda: imports.receive(by=owner, pod=pod, name="a", data=data))
    step("check every row for the preview", lambda: understand(taken))
    imports.confirm(taken, by=owner)
    step("check again and add all", lambda: put_in(taken))
    step("let search find them, in the background", lambda: working.index(taken))
    imports.undo(taken, by=owner)
    ends = taken.ideas.aggregate(first=Min("pk"), last=Max("pk"))
    step("undo all", lambda: take_out(taken))
    step(
        "let search forget them, in the background",
        lambda: working.forget(ends["first"], ends["last"]),
    )
    return steps


def timed(
    size: int, name: str, ask: Callable[[str], None], addresses: Sequence[str]
) -> tuple[str, ...]:
    """Each of `asked` fifteen times, in random order, after a round of warming up."""
    order = [text for text in addresses for _ in range(15)]
    random.Random(1).shuffle(order)
    for text in addresses:
        ask(text)
    clock, cpu = [], []
    for text in order:
        start, begun = time.perf_counter(), time.process_time()
        ask(text)
        clock.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - begun) * 1000)
    shares = [
        sorted(taken)[int(len(taken) * part)] for taken in (clock, cpu) for part in (0.5, 0.95)
    ]
    return (f"{size:,}", name, *(f"{value:.1f}" for value in shares))


if __name__ == "__main__":
    main(sys.argv[1:])

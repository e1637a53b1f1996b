"""Thousands of right and wrong requests to the API, made from its own description.

    .venv/bin/python benchmarks/schemathesis_api.py [--cases 17000] [--seed 0]

It uses an installation of its own with the sample workspace, as an admin and as a member in turn.
For each operation it tries the edges of every field, then random cases until `--cases` is reached.
"""

import argparse
import logging
import random
import time
from collections import Counter

import installation
import worlds

from backlog.models import User
from tests.contract import KINDS, OTHER_KIND, Asking, Person, read_description


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=17_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    installation.prepare()
    worlds.load_the_sample()
    start = time.monotonic()
    rounds = [ask_all(user, options.cases // 2, options.seed) for user in people()]
    report(rounds, time.monotonic() - start)


def people() -> list[User]:
    """An admin, and a member of a pod."""
    members = User.objects.filter(role=User.Role.MEMBER, memberships__role="member")
    return [User.objects.filter(role=User.Role.ADMIN)[0], members[0]]


def ask_all(user: User, cases: int, number: int) -> Asking:
    """About `cases` requests of this person, over all operations."""
    asking = Asking(read_description(), (Person(user, random.Random(number)),))
    every = asking.every_operation()
    for operation in every:
        asking.at_the_edges(operation, most=max(1, cases // (2 * len(every))))
    for turn in range(1, 1_000):
        lacking = cases - asking.counts["cases"]
        if lacking <= 0:
            break
        for operation in every:
            asking.at_random(operation, max(1, lacking // (2 * len(every))), number + turn)
    return asking


def report(rounds: list[Asking], seconds: float) -> None:
    counts: Counter[str] = sum((one.counts for one in rounds), Counter())
    statuses: Counter[int] = sum((one.statuses for one in rounds), Counter())
    for about, sent in sorted({k: v for one in rounds for k, v in one.wrong.items()}.items()):
        print(f"{about}\n    {sent}\n")
    for name in ("cases", *KINDS, OTHER_KIND):
        print(f"{name:24}{counts[name]:8,}")
    print("answers  " + ", ".join(f"{status} × {n:,}" for status, n in sorted(statuses.items())))
    print(f"{seconds:,.0f} s")


if __name__ == "__main__":
    main()

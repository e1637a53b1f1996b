"""The library with many learnings: `python benchmarks/library.py`, or `--learnings 5000 --tests 2000`.

It builds an installation of its own with so many decided and published experiments and learnings, and
prints what the library, a search in it, a lever’s evidence, a learning, an idea, Health, the quarter
report and a newcomer’s page cost. Every experiment has scores of five people and days taken.
"""

import argparse
import datetime as dt
import random
import sys
from collections.abc import Sequence
from functools import partial

import installation  # first: it sets Django up for all the others
import worlds
from django.utils import timezone
from measuring import client_of, cost_of

from backlog.models import Idea, Pod, Round, RoundIdea, Rubric, Score, User
from backlog.search import as_column
from experiments.models import (
    Booking,
    Decision,
    EvidenceRow,
    Experiment,
    Learning,
    PostMortem,
    WriteUpWords,
)

LEVERS = ("subject line", "timing", "price", "frequency", "design", "copy", "default", "offer")
CHANNELS = ("e-mail", "push", "web")
METRICS = ("Opened", "Paid within 14 days", "Gave", "Came back within a week")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=2_000)
    parser.add_argument("--learnings", type=int, default=5_000)
    chosen = parser.parse_args(arguments)
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    installation.prepare()
    worlds.load_the_sample()
    print_pages("The sample workspace")
    fill(chosen.tests, chosen.learnings)
    print_pages(f"{chosen.tests:,} experiments, {chosen.learnings:,} learnings")


def fill(tests: int, learnings: int) -> None:
    """Published experiments with a true lift per lever, and learnings spread over them."""
    dice = random.Random(16)
    pods, by = list(Pod.objects.all()), User.objects.filter(role="owner").first()
    start, now, today = 10_000, timezone.now(), timezone.localdate()
    ideas = Idea.objects.bulk_create(
        Idea(pod=pods[n % len(pods)], number=start + n, key=f"B-{n}", title=f"Past idea {n}",
             lever=dice.choice(LEVERS), channel=dice.choice(CHANNELS), author=by, state="promoted",
             impact=dice.uniform(2, 9), confidence=dice.uniform(2, 9), ease=dice.uniform(2, 9),
             ice=dice.uniform(2, 9))
        for n in range(tests)
    )  # fmt: skip
    made = Experiment.objects.bulk_create(
        Experiment(pod_id=idea.pod_id, idea=idea, number=start + n, title=idea.title,
                   channel=idea.channel, state="closed", sealed_at=now - dt.timedelta(days=n % 900 + 40),
                   starts_on=today - dt.timedelta(days=n % 900 + 35),
                   ends_on=today - dt.timedelta(days=n % 900 + 5))
        for n, idea in enumerate(ideas)
    )  # fmt: skip
    score(dice, ideas)
    Booking.objects.bulk_create(
        Booking(experiment=one, people_days=dice.randint(2, 20), days_taken=dice.randint(2, 30))
        for one in made
    )
    Decision.objects.bulk_create(
        Decision(experiment=one, choice="ship", outcome=dice.choice(("won", "lost", "flat")),
                 decided_at=now - dt.timedelta(days=n % 900))
        for n, one in enumerate(made)
    )  # fmt: skip
    EvidenceRow.objects.bulk_create(_row(dice, one) for one in made)
    written = PostMortem.objects.bulk_create(
        PostMortem(experiment=one, author=by, state="published", published_at=now,
                   summary="What happened, in some words. " * 60, surprises="It held.")
        for one in made
    )  # fmt: skip
    WriteUpWords.objects.bulk_create(
        WriteUpWords(post_mortem=one, words=as_column(one.experiment.title, one.summary, one.surprises))
        for one in written
    )  # fmt: skip
    Learning.objects.bulk_create(
        Learning(post_mortem=(post := written[n % tests]), claim=(claim := f"Claim {n} about readers"),
                 by=by, words=as_column(claim, "Lapsed readers", post.experiment.title),
                 scope="Lapsed readers", lever=post.experiment.idea.lever,
                 channel=post.experiment.channel, metric=dice.choice(METRICS), grade=n % 5,
                 graded_by="one-clear",
                 expires_on=timezone.localdate() + dt.timedelta(days=n % 400 - 40))
        for n in range(learnings)
    )  # fmt: skip


def score(dice: random.Random, ideas: Sequence[Idea]) -> None:
    """Five people of the idea’s pod scored each, in rounds of fifty that were revealed."""
    rubric, now = Rubric.objects.latest("pk"), timezone.now()
    people = list(User.objects.order_by("pk")[:5])
    rounds = Round.objects.bulk_create(
        Round(pod_id=ideas[at].pod_id, title=f"Past round {at}", rubric=rubric, state="closed")
        for at in range(0, len(ideas), 50)
    )
    items = RoundIdea.objects.bulk_create(
        RoundIdea(round=rounds[n // 50], idea=idea, position=n % 50, stage="settled", revealed_at=now)
        for n, idea in enumerate(ideas)
    )  # fmt: skip
    Score.objects.bulk_create(
        Score(round_idea=item, scorer=who, impact=dice.randint(1, 10),
              confidence=dice.randint(1, 10), ease=dice.randint(1, 10))
        for item in items for who in people
    )  # fmt: skip


def _row(dice: random.Random, experiment: Experiment) -> EvidenceRow:
    lift, width = dice.gauss(0.01, 0.03), dice.uniform(0.01, 0.08)
    return EvidenceRow(
        experiment=experiment, outcome=dice.choice(("won", "lost", "inconclusive")),
        metric=dice.choice(METRICS), lift=lift, low=lift - width, high=lift + width,
    )  # fmt: skip


def print_pages(title: str) -> None:
    print(f"## {title}\n\n| | p50 ms | p95 ms | queries | kB |\n|---|---|---|---|---|")
    owner = User.objects.filter(role="owner").first()
    client = client_of(owner.email if owner else "")
    learning = Learning.objects.order_by("-pk").first()
    idea = Idea.objects.exclude(lever="").order_by("-pk").first()
    pages = {
        "Library": "/library/", "a search": "/library/?q=readers+held",
        "a lever": "/library/?lever=subject+line&age=holds", "Evidence": "/evidence/",
        "Evidence of a lever": "/evidence/?lever=subject+line",
        "Learning": learning.get_absolute_url() if learning else "/library/",
        "Idea": idea.get_absolute_url() if idea else "/library/",
        "Health": "/health/", "Health of a pod": "/health/?pod=1", "Your scores": "/health/?own=1",
        "Quarter report": "/health/report/", "Newcomer": "/pods/1/newcomer/",
    }  # fmt: skip
    for name, page in pages.items():
        cost = cost_of(partial(client.get, page), rounds=2, requests=8)
        print(
            f"| {name} | {cost.p50:.0f} | {cost.p95:.0f} | {cost.queries} | {cost.raw / 1000:.0f} |"
        )
    print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

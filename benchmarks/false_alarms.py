"""How often warning signs are seen in healthy pods: `python benchmarks/false_alarms.py --pods 200`.

Each workspace has five pods, and is looked at once, on a random day of its quarter. Nothing is wrong
in them: people are now and then away, steps are late by chance, some experiments start later. The
numbers of `Healthy` say by how much. Experiments need no more people than there are, so the sign
about their reach is not part of it.
"""

import argparse
import datetime as dt
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import installation  # first: it sets Django up for all the others
from django.utils import timezone

from backlog.models import Idea, Membership, Pod, Quarter, Round, RoundIdea, Rubric, Score, User
from experiments.flows.health.signs import look_for_signs
from experiments.flows.milestones import add_standard_milestones
from experiments.models import (
    CalendarMove,
    Decision,
    Experiment,
    PodLimits,
    Waiver,
    WarningSign,
)
from experiments.stats.proportions import wilson
from experiments.stats.tails import array, normal_quantile

PODS_AT_ONCE, PEOPLE, AT_ONCE = 5, 6, 3
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Healthy:
    """What is usual in a pod without a fault; days and shares.

    A step is done `early` days before its day, give or take `spread` (a normal distribution). An
    experiment is launched, decided and written up within about so many days (exponential). `moved`:
    share of planned experiments that start one or two weeks later. `waived`: share of launches with a
    waiver. `away`: share of people who miss a round.
    """

    early: float = 1.0
    spread: float = 2.0
    launched: float = 2.0
    decided: float = 4.0
    written_up: float = 5.0
    moved: float = 0.1
    waived: float = 0.1
    away: float = 0.15


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=200)
    parser.add_argument("--seed", type=int, default=16)
    chosen = parser.parse_args(arguments)
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    installation.prepare()
    counts = alarms(chosen.pods, chosen.seed)
    pods = PODS_AT_ONCE * -(-chosen.pods // PODS_AT_ONCE)
    print(f"Of {pods} healthy pods, each looked at once (seed {chosen.seed}):\n")
    print("| sign | pods with it | share | could be |\n|---|--:|--:|--:|")
    for code in WarningSign.Code:
        if code != WarningSign.Code.OUT_OF_REACH:
            _print(code.label, counts[code], pods)
    _print("any of them", counts["any"], pods)


def _print(label: str, count: int, pods: int) -> None:
    low, high = wilson(array(count), array(pods), normal_quantile(0.95))
    low, high = float(low) * 100, float(high) * 100
    print(f"| {label} | {count} | {100 * count / pods:.1f} % | {low:.1f} to {high:.1f} % |")


def alarms(pods: int, seed: int, healthy: Healthy | None = None) -> Counter[str]:
    """How many pods have each sign, and “any” of them."""
    counts: Counter[str] = Counter()
    for number in range(-(-pods // PODS_AT_ONCE)):
        dice = random.Random(f"{seed}-{number}")
        _clear()
        _workspace(dice, healthy or Healthy())
        look_for_signs()
        signs = list(WarningSign.objects.values_list("code", "pod"))
        counts.update(code for code, _ in signs)
        counts["any"] += len({pod for _, pod in signs})
    return counts


def _clear() -> None:
    for model in (WarningSign, Experiment, Round, Idea, Pod, Quarter, User):
        model.objects.all().delete()


def _workspace(dice: random.Random, healthy: Healthy) -> None:
    today = timezone.localdate()
    first = today - dice.randrange(7, 84) * DAY
    Quarter.objects.create(name="Now", starts_on=first, ends_on=first + 91 * DAY)
    for number in range(PODS_AT_ONCE):
        pod = Pod.objects.create(name=f"Pod {number}", prefix=f"P{chr(65 + number)}X")
        PodLimits.objects.create(pod=pod, tests_at_once=AT_ONCE)
        people = [_person(pod, n) for n in range(PEOPLE)]
        for at in range(2):
            _round(dice, healthy, pod, people, at)
        # Lanes keep to the limit: the next experiment starts after the decision on the one before.
        number_of = iter(range(1, 99))
        for _ in range(AT_ONCE - 1):
            start = first - dice.randrange(0, 28) * DAY
            while start < first + 91 * DAY:
                start = _experiment(dice, healthy, pod, people[0], next(number_of), start)


def _person(pod: Pod, number: int) -> User:
    person = User.objects.create(email=f"{pod.prefix}{number}@example.com", name=f"Person {number}")
    role = "member" if number else "lead"
    Membership.objects.create(pod=pod, user=person, role=role)
    return person


def _round(
    dice: random.Random, healthy: Healthy, pod: Pod, people: Sequence[User], number: int
) -> None:
    idea = _idea(pod, 900 + number, people[0], "open")
    rubric = Rubric.objects.order_by("-version").first()
    held = Round.objects.create(pod=pod, title=f"Round {number}", rubric=rubric, state="closed")
    item = RoundIdea.objects.create(
        round=held, idea=idea, position=1, stage="settled", revealed_at=timezone.now()
    )
    for person in people:
        if dice.random() >= healthy.away:
            Score.objects.create(round_idea=item, scorer=person, impact=6, confidence=6, ease=6)


def _idea(pod: Pod, number: int, author: User, state: str) -> Idea:
    key = f"{pod.prefix}-{number}"
    return Idea.objects.create(
        pod=pod, number=number, key=key, title=f"Idea {number}", author=author, state=state
    )


def _experiment(
    dice: random.Random, healthy: Healthy, pod: Pod, lead: User, number: int, start: dt.date
) -> dt.date:
    """One experiment as it is today; the first day on which the next one may start."""
    today, weeks = timezone.localdate(), dice.randrange(2, 5)
    planned = start
    if dice.random() < healthy.moved:
        start += 7 * dice.randrange(1, 3) * DAY
    end = start + 7 * weeks * DAY
    launch = start + round(dice.expovariate(1 / healthy.launched)) * DAY
    decision = end + round(dice.expovariate(1 / healthy.decided)) * DAY
    written_up = decision + round(dice.expovariate(1 / healthy.written_up)) * DAY
    states = (
        (written_up, "closed"),
        (decision, "decided"),
        (end, "analysing"),
        (launch, "running"),
    )
    state = next((name for day, name in states if day <= today), "planned")
    test = Experiment.objects.create(
        pod=pod, idea=_idea(pod, number, lead, "promoted"), title=f"Experiment {number}", author=lead,
        number=(Experiment.objects.count() + 1), state=state, starts_on=start, ends_on=end,
        sealed_at=_at(launch) if launch <= today else None,
    )  # fmt: skip
    if decision <= today:
        Decision.objects.create(
            experiment=test, choice="ship", outcome="flat", by=lead, decided_at=_at(decision)
        )
    if planned != start and planned - 7 * DAY <= today:
        CalendarMove.objects.create(
            experiment=test, by=lead, at=_at(planned - 7 * DAY), starts_on=start, ends_on=end,
            from_starts_on=planned, from_ends_on=planned + (end - start),
        )  # fmt: skip
    if launch <= today and dice.random() < healthy.waived:
        Waiver.objects.create(experiment=test, standard="qa", reason="Holidays", by=lead)
    add_standard_milestones(test)
    for step in test.milestones.all():
        if step.due_on:
            done = step.due_on + round(dice.gauss(-healthy.early, healthy.spread)) * DAY
            if done <= today:
                step.done_at = _at(done)
                step.save()
    return decision + DAY


def _at(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


if __name__ == "__main__":
    main(sys.argv[1:])

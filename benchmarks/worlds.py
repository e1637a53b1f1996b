"""The data of the benchmarks: the sample workspace, then the same with many more ideas.

It is seeded: the same number of ideas gives the same world. `rerank` gives the ranks.
"""

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from backlog.flows.clockwork import count_values
from backlog.models import (
    Event,
    Idea,
    IdeaValue,
    Objective,
    OwnField,
    Pod,
    Round,
    RoundIdea,
    Rubric,
    Score,
    Tag,
    User,
)
from backlog.ranking import Ice, aggregate
from backlog.search_tables import held
from experiments.flows.sample.loading import load_sample

BATCH = 2000
ON_AN_AGENDA = 25
BLIND = 40  # ideas of the first pod that are in an open round
LEVERS = ("subject line", "timing", "copy", "price", "offer", "frequency", "default", "length")
MARKETS = ("North", "South", "East", "West", "Islands")
CHANNELS = ("e-mail", "web", "push", "text message", "app")
VERBS = ("Ask", "Remind", "Thank", "Show", "Leave out", "Offer", "Name", "Shorten", "Repeat")
WHOM = ("lapsed readers", "trials on day 10", "first-time givers", "newsletter readers", "members",
        "readers of a series", "weekend readers", "visitors of the gift page")  # fmt: skip
WHAT = ("a pause of two months", "the price per day", "two stories instead of five", "a countdown",
        "the last series they read", "a named editor", "three amounts", "the hours they read",
        "a weekly digest", "a gift link")  # fmt: skip
STATES = (
    ("open",) * 78 + ("promoted",) * 5 + ("snoozed",) * 5 + ("rejected",) * 9 + ("duplicate",) * 3
)


@dataclass(frozen=True)
class Draft:
    """An idea with the scores that it will get."""

    idea: Idea
    scores: dict[int, tuple[int, int, int]]  # user → impact, confidence, ease


def load_the_sample() -> None:
    """The sample workspace; its people may sign in here although DEBUG is off."""
    with override_settings(DEBUG=True):
        load_sample()
    User.objects.update(is_sample=False)


@transaction.atomic
def fill_up_to(wanted: int) -> None:
    """Add ideas, most of them scored in closed rounds, until there are `wanted`."""
    dice = random.Random(20_261)
    pods = list(Pod.objects.order_by("pk"))
    drafts = [
        _draft(pod, dice) for pod, _ in zip(_turns(pods), range(_lacking(wanted)), strict=False)
    ]
    _insert(Idea, (draft.idea for draft in drafts))
    _file(drafts, dice)
    _give_own_values(drafts)
    _insert(Event, (_added(draft.idea) for draft in drafts))
    for pod in pods:
        of_pod = [draft for draft in drafts if draft.idea.pod_id == pod.pk]
        _close_rounds(pod, [draft for draft in of_pod if draft.scores])
        if pod == pods[0]:
            _open_round(pod, [d for d in of_pod if not d.scores and d.idea.state == "open"][:BLIND])
        Pod.objects.filter(pk=pod.pk).update(ideas_numbered=pod.ideas_numbered)


def settle() -> None:
    """Let the database count its values now rather than tonight, as after an import.

    PostgreSQL tidies up by itself within minutes after many rows; the benchmark does not wait.
    """
    count_values()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")


def _lacking(wanted: int) -> int:
    return max(0, wanted - Idea.objects.count())


def _turns(pods: Sequence[Pod]) -> Iterator[Pod]:
    while True:
        yield from pods


def _insert(model: Any, rows: Iterable[Any]) -> None:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        model.objects.bulk_create(batch)


def _draft(pod: Pod, dice: random.Random) -> Draft:
    state, verb, whom, what = (dice.choice(pool) for pool in (STATES, VERBS, WHOM, WHAT))
    people = _scorers(pod)
    author = dice.choice(people)
    pod.ideas_numbered += 1
    idea = Idea(
        pod=pod, number=pod.ideas_numbered, key=f"{pod.prefix}-{pod.ideas_numbered}",
        title=f"{verb} {whom}: {what}, trial {dice.randrange(10_000)}",
        observation=f"that many {whom} stop at {what}", change=f"{verb.lower()} with {what}",
        audience=whom, outcome="reactivation within 30 days", expected_effect="+0.5 points",
        lever=dice.choice(LEVERS), channel=dice.choice(CHANNELS), author=author,
        owner=dice.choice(people), objective=dice.choice(_objectives(pod)), state=state,
        snoozed_until=timezone.localdate() + dt.timedelta(days=60) if state == "snoozed" else None,
        reason="We tried it twice." if state == "rejected" else "",
        created_at=timezone.now() - dt.timedelta(seconds=dice.randrange(400 * 86_400)),
    )  # fmt: skip
    is_scored = state == "promoted" or dice.random() < 0.7
    scores = _scores(people, author, dice) if is_scored else {}
    _store(idea, aggregate(list(scores.values())))
    return Draft(idea, scores)


_kept: dict[tuple[str, int], list[Any]] = {}


def _scorers(pod: Pod) -> list[User]:
    return _kept.get(("people", pod.pk)) or _kept.setdefault(
        ("people", pod.pk), list(pod.scorers())
    )


def _objectives(pod: Pod) -> list[Objective]:
    objectives = _kept.get(("objectives", pod.pk))
    return objectives or _kept.setdefault(
        ("objectives", pod.pk), list(Objective.objects.filter(pod=pod))
    )


def _scores(people: list[User], author: User, dice: random.Random) -> dict[int, Any]:
    """Scores by everybody except the author, around the worth of the idea."""
    lean = [dice.gauss(6, 1.6) for _ in range(3)]
    return {
        person.pk: tuple(min(10, max(1, round(dice.gauss(value, 1.2)))) for value in lean)
        for person in people
        if person != author
    }


def _store(idea: Idea, ice: Ice | None) -> None:
    if ice is None:
        return
    idea.ice = idea.ice_order = ice.value
    idea.ice_low, idea.ice_high = ice.low, ice.high
    idea.impact, idea.confidence, idea.ease = ice.impact, ice.confidence, ice.ease
    idea.scorer_count, idea.agreement = ice.scorers, ice.agreement


def _file(drafts: list[Draft], dice: random.Random) -> None:
    tags = [Tag.objects.get_or_create(name=f"theme {number}")[0] for number in range(30)]
    through = Idea.tags.through
    with held(*(draft.idea.pk for draft in drafts)):
        _insert(
            through, (through(idea=d.idea, tag=tag) for d in drafts for tag in dice.sample(tags, 2))
        )


def own_fields() -> dict[str, OwnField]:
    """A choice, a number and a day, by their names."""
    kinds = {"Market": "choice", "Effort": "number", "Due": "date"}
    return {
        name: OwnField.objects.get_or_create(
            name=name, kind=kind, choices=list(MARKETS) if kind == "choice" else [], place=place
        )[0]
        for place, (name, kind) in enumerate(kinds.items())
    }


def _give_own_values(drafts: list[Draft]) -> None:
    """Most ideas have a market and an effort, a third has a day; all values repeat."""
    dice, fields, today = random.Random(17), own_fields(), timezone.localdate()
    rows = []
    for draft in drafts:
        values: dict[str, str | float | dt.date] = {
            "Market": dice.choice(MARKETS), "Effort": float(dice.randrange(1, 60)) / 2,
            "Due": today + dt.timedelta(days=dice.randrange(365)),
        }  # fmt: skip
        chances = {"Market": 0.9, "Effort": 0.8, "Due": 0.33}
        rows += [IdeaValue.of(draft.idea.pk, fields[name], value)
                 for name, value in values.items() if dice.random() < chances[name]]  # fmt: skip
    _insert(IdeaValue, rows)


def _added(idea: Idea) -> Event:
    sentence = f"{idea.author} submitted it to {idea.pod}."
    return Event(
        at=idea.created_at, by=idea.author, pod=idea.pod, subject="idea", subject_id=idea.pk,
        verb="add", sentence=sentence,
    )  # fmt: skip


def _close_rounds(pod: Pod, drafts: list[Draft]) -> None:
    now = timezone.now()
    starts = range(0, len(drafts), ON_AN_AGENDA)
    rounds = [
        Round(pod=pod, title=f"Grooming {number}", rubric=Rubric.objects.latest(), state="closed",
              opened_at=now - dt.timedelta(days=90), closed_at=now - dt.timedelta(days=89))
        for number, _ in enumerate(starts, start=1)
    ]  # fmt: skip
    _insert(Round, rounds)
    items = [
        RoundIdea(round=round_, idea=draft.idea, position=place, stage="settled",
                  revealed_at=round_.closed_at)
        for round_, start in zip(rounds, starts, strict=True)
        for place, draft in enumerate(drafts[start : start + ON_AN_AGENDA], start=1)
    ]  # fmt: skip
    _insert(RoundIdea, items)
    _insert(
        Score, (s for item, draft in zip(items, drafts, strict=True) for s in _given(item, draft))
    )


def _given(item: RoundIdea, draft: Draft) -> list[Score]:
    return [
        Score(round_idea=item, scorer_id=person, impact=impact, confidence=confidence, ease=ease)
        for person, (impact, confidence, ease) in draft.scores.items()
    ]


def _open_round(pod: Pod, drafts: list[Draft]) -> None:
    """An open round whose ideas all have one hidden score by somebody who did not write them."""
    people = _scorers(pod)
    round_ = Round.objects.create(pod=pod, title="This week", rubric=Rubric.objects.latest())
    round_.scorers.set(people)
    items = [
        RoundIdea(round=round_, idea=d.idea, position=n) for n, d in enumerate(drafts, start=1)
    ]
    _insert(RoundIdea, items)
    _insert(Score, (
        Score(round_idea=item, impact=6, confidence=5, ease=7,
              scorer=next(person for person in people if person != item.idea.author))
        for item in items
    ))  # fmt: skip
    Idea.objects.filter(pk__in=[d.idea.pk for d in drafts]).update(state="scoring")

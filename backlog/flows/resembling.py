"""Ideas similar to the one being typed, and experiments on similar ideas."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from backlog.models import Idea, User
from backlog.search import HasTrigrams
from backlog.similarity import ALIKE, SHORTEST, count_trigrams, grams, likeness, telling
from backlog.tried import Tried, tried_before

SAMPLE = 1500  # ideas that say how common a trigram is
KEPT_FOR = 900.0  # seconds
CANDIDATES = 120  # ideas that are compared letter by letter
TESTED = 50  # the most similar ideas, whose experiments are looked up
SHOWN = 5
LONGEST = 200  # letters of what is typed, as of a title


@dataclass(frozen=True)
class Resembling:
    """What is similar, most similar first."""

    ideas: list[Idea] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ideas or self.tried)


@dataclass
class _Common:
    """How common trigrams are, as far as this process knows."""

    taken_at: float = float("-inf")
    seen: Counter[str] = field(default_factory=Counter)
    sample: int = 0
    ideas: int = 0


_common = _Common()


def forget() -> None:
    """Count how common trigrams are again at the next question."""
    _common.taken_at = float("-inf")


def resembling(
    typed: str, *, user: User, besides: int | None = None, shown: int = SHOWN
) -> Resembling:
    """Ideas and experiments that `user` may see. Empty for a few letters.

    Scores play no part, so nothing hidden can show.
    """
    alike = _alike(typed[:LONGEST])
    alike.pop(besides or 0, None)
    best = _likest_first(alike)
    near = [pk for pk in best if _sees(user, alike[pk][1])][:shown]
    seen = Idea.objects.visible_to(user).select_related("pod").in_bulk(near) if near else {}
    ideas = [seen[pk] for pk in near if pk in seen]
    tested = {pk: alike[pk][0] for pk in best[:TESTED]}
    return Resembling(ideas, tried_before(user, tested)[:shown])


def nearest(typed: str, *, user: User) -> Idea | None:
    """Only the most similar idea, for a sheet with many rows. Experiments are not looked up."""
    alike = _alike(typed)
    near = next((pk for pk in _likest_first(alike) if _sees(user, alike[pk][1])), None)
    return Idea.objects.visible_to(user).filter(pk=near).first() if near else None


def _likest_first(alike: dict[int, tuple[float, int]]) -> list[int]:
    return sorted(alike, key=lambda pk: (-alike[pk][0], -pk))


def _sees(user: User, pod: int) -> bool:
    return user.stands_above_pods or pod in user.pod_roles


def _alike(typed: str) -> dict[int, tuple[float, int]]:
    """Idea, of any pod → likeness and pod, where it is worth showing."""
    typed = " ".join(typed.replace("\0", " ").split())[:200]
    wanted = grams(typed)
    if len(wanted) < SHORTEST:
        return {}
    rows = Idea.objects.filter(HasTrigrams(_telling(typed), most=CANDIDATES))
    compared = (
        (pk, likeness(wanted, title, change), pod)
        for pk, title, change, pod in rows.values_list("pk", "title", "change", "pod")
    )
    return {pk: (like, pod) for pk, like, pod in compared if like >= ALIKE}


def _telling(typed: str) -> list[list[str]]:
    if time.monotonic() - _common.taken_at > KEPT_FOR:
        _take_sample()
    return telling(typed, _common.seen, _common.sample, _common.ideas, CANDIDATES)


def _take_sample() -> None:
    newest = Idea.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    drawn = random.Random(newest).sample(range(1, newest + 1), min(SAMPLE, newest))  # noqa: S311
    texts = Idea.objects.filter(pk__in=drawn).values_list("title", "change")
    sample = [f"{title} {change}" for title, change in texts]
    _common.seen, _common.sample = count_trigrams(sample), len(sample)
    _common.ideas = newest * len(sample) // max(len(drawn), 1)
    _common.taken_at = time.monotonic()

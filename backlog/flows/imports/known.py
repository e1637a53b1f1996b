"""Names in a sheet that stand for something in Floe: pods, objectives, people, statuses.

What a name stands for is chosen once for all rows that have it. The choices are kept by the kind and
the folded name, such as `pod:crm`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backlog.models import Objective, Pod, User
from backlog.similarity import folded

LONGEST = 190  # characters of a name that can be chosen for
MOST_LISTED = 60
KINDS = ("pod", "objective", "status", "person")
OPEN, SNOOZED, REJECTED, DONE = "open", "snoozed", "rejected", "done"
# Words of a status column, folded → what becomes of the idea.
STATUS_WORDS = {
    OPEN: ("open", "new", "scored", "idea", "backlog", "todo", "to do", "triage", "proposed", "draft",
           "ready", "planned", "in round", "abierta", "abierto", "nueva", "nuevo", "offen", "neu",
           "pendiente", "geplant"),
    SNOOZED: ("snoozed", "later", "parked", "on hold", "hold", "someday", "paused", "postponed",
              "deferred", "pospuesta", "pospuesto", "aplazado", "spater", "zuruckgestellt",
              "parking lot"),
    REJECTED: ("rejected", "won t do", "wont do", "won’t do", "declined", "no", "dropped",
               "discarded", "cancelled", "canceled", "duplicate", "rechazada", "rechazado",
               "descartada", "descartado", "abgelehnt", "verworfen"),
    DONE: ("done", "shipped", "live", "launched", "released", "completed", "complete", "finished",
           "closed", "implemented", "hecho", "hecha", "terminado", "lanzado", "fertig", "erledigt",
           "umgesetzt"),
}  # fmt: skip
# … and the move by which it gets there.
MOVES = {OPEN: "reopen", SNOOZED: "snooze", REJECTED: "reject", DONE: "reject"}
_STATUSES = {word: state for state, words in STATUS_WORDS.items() for word in words}


def plain(text: str) -> str:
    """The form in which equal names are equal: without accents, case and doubled spaces."""
    return " ".join(folded(text).split())


@dataclass
class Unknown:
    """A name that Floe can't tell, with how many rows have it. `offered` are the ids among which to
    choose, all of its kind where there are none."""

    kind: str
    name: str
    count: int = 0
    last: int = -1  # row
    offered: list[int] = field(default_factory=list)


def _called(people: Iterable[User]) -> dict[str, list[User]]:
    """People by full name, first name or address. A full name takes precedence over a first
    name."""
    by_first: dict[str, list[User]] = {}
    by_whole: dict[str, list[User]] = {}
    for person in people:
        by_first.setdefault(plain(person.first_name), []).append(person)
        for name in {plain(person.name), plain(person.email)}:
            by_whole.setdefault(name, []).append(person)
    return by_first | by_whole


class Known:
    """What the names of a sheet stand for. Everything known is looked up once."""

    def __init__(
        self, *, pods: Iterable[Pod], objectives: Iterable[Objective], chosen: Mapping[str, str]
    ) -> None:
        self.chosen = chosen
        self.unknown: dict[str, Unknown] = {}
        self.row = 0  # the one that is read
        self.pods: dict[str, Pod | None] = {
            plain(name): pod for pod in pods for name in (pod.name, pod.prefix)
        }
        self.goals: dict[str, list[Objective]] = {}
        for goal in objectives:
            self.goals.setdefault(plain(goal.title), []).append(goal)
        self.people: dict[int, dict[str, list[User]]] = {}

    def _choice(self, kind: str, name: str, offered: Iterable[int] = ()) -> str:
        """What was chosen for an unknown name, "" while nothing is. Names are counted, and listed."""
        key = f"{kind}:{plain(name)}"[:LONGEST]
        if key not in self.unknown and len(self.unknown) < 10 * MOST_LISTED:
            self.unknown[key] = Unknown(kind, name[:LONGEST], offered=list(offered))
        if (one := self.unknown.get(key)) and one.last != self.row:
            one.count, one.last = one.count + 1, self.row
        return self.chosen.get(key, "")

    def pod(self, name: str) -> Pod | None:
        folded_name = plain(name)
        if pod := self.pods.get(folded_name):
            return pod
        return self.pods.get(plain(self._choice("pod", name)))

    def objective(
        self, name: str, pod: Pod, quarter: str = "", day: dt.date | None = None
    ) -> Objective | None:
        """The one with this title; of several, that of the quarter named or of the row's day, or the
        one that was chosen once. None: there is none, or nothing says which."""
        every = self.goals.get(plain(name), [])
        goals = [goal for goal in every if goal.pod_id in (None, pod.pk)]
        if quarter:
            goals = [goal for goal in goals if plain(goal.quarter.name) == plain(quarter)]
        elif day and len(goals) > 1:
            goals = [g for g in goals if g.quarter.starts_on <= day < g.quarter.ends_on] or goals
        if len(goals) == 1:
            return goals[0]
        wanted = f"{name} ({quarter})" if quarter else name
        chosen = self._choice("objective", wanted, (goal.pk for goal in goals))
        ours = (g for of_title in self.goals.values() for g in of_title)
        return next(
            (g for g in ours if str(g.pk) == chosen and g.pod_id in (None, pod.pk)),
            self._current(goals) if not chosen else None,
        )

    def has_objective(self, name: str, pod: Pod, quarter: str) -> bool:
        return any(
            goal.pod_id in (None, pod.pk) and plain(goal.quarter.name) == plain(quarter)
            for goal in self.goals.get(plain(name), [])
        )

    @staticmethod
    def _current(goals: list[Objective]) -> Objective | None:
        return next((goal for goal in goals if goal.quarter.is_current), None)

    def person(self, name: str, pod: Pod) -> User | None:
        """Somebody of the pod by this name, or who was chosen once for it."""
        if pod.pk not in self.people:
            self.people[pod.pk] = _called(User.objects.working_with_pod(pod))
        people = self.people[pod.pk]
        named = people.get(plain(name), [])
        if len(named) == 1:
            return named[0]
        chosen = self._choice("person", name)
        here = (person for several in people.values() for person in several)
        return next((person for person in here if str(person.pk) == chosen), None)

    def status(self, name: str) -> str:
        """What becomes of an idea with this status, "" where nothing says it."""
        if state := _STATUSES.get(plain(name).replace("'", "’")):
            return state
        chosen = self._choice("status", name)
        return chosen if chosen in STATUS_WORDS else ""

    def listed(self) -> list[dict[str, Any]]:
        """The unknown names as plain values: pods first, and of each kind those of most rows."""
        by_count = sorted(
            self.unknown.items(), key=lambda item: (KINDS.index(item[1].kind), -item[1].count)
        )
        return [
            {"key": key, "kind": one.kind, "name": one.name, "count": one.count,
             "offered": one.offered, "chosen": self.chosen.get(key, "")}
            for key, one in by_count[:MOST_LISTED]
        ]  # fmt: skip

"""The names of a sheet that Floe can’t tell, each with what it could stand for."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from backlog.flows.imports.known import DONE, OPEN, REJECTED, SNOOZED
from backlog.models import Import, Objective, Pod, User

AS_NEW = {
    "pod": "Leave these rows out",
    "objective": "None; the name is kept in words",
    "person": "Nobody; the name is kept in words",
    "status": "Open; the word is kept",
}
ONE_OF_SEVERAL = "That of this quarter, if there is one"
STATES = {
    OPEN: "Open",
    SNOOZED: "Snoozed",
    REJECTED: "Rejected",
    DONE: "Done: put away as rejected, with that reason",
}


class NameRow(NamedTuple):
    """A name that Floe does not know, and the (value, label) pairs that it could stand for."""

    key: str
    kind: str
    name: str
    rows: int
    as_new: str
    chosen: str
    offered: list[tuple[str, str]]


def idea_names_offered(user: User, taken: Import, pods: Iterable[Pod]) -> list[NameRow]:
    """The unknown names of a table of ideas, each with what it could be."""
    unknown: list[dict[str, Any]] = taken.understood.get("names", [])
    if not unknown:
        return []
    kinds = {one["kind"] for one in unknown}
    pods = list(pods)
    offered: dict[str, list[tuple[str, str]]] = {
        "pod": [(pod.prefix, str(pod)) for pod in pods],
        "status": list(STATES.items()),
        "objective": _objectives(user) if "objective" in kinds else [],
        "person": _people(pods) if "person" in kinds else [],
    }
    rows = []
    for one in unknown:
        ids, kind = [str(pk) for pk in one["offered"]], one["kind"]
        choices = [pair for pair in offered[kind] if not ids or pair[0] in ids]
        as_new = ONE_OF_SEVERAL if len(ids) > 1 else AS_NEW[kind]
        rows.append(
            NameRow(one["key"], kind, one["name"], one["count"], as_new, one["chosen"], choices)
        )
    return rows


def _objectives(user: User) -> list[tuple[str, str]]:
    goals = Objective.objects.visible_to(user).select_related("quarter").distinct()
    newest_first = goals.order_by("title", "-quarter__starts_on")
    return [(str(goal.pk), f"{goal} ({goal.quarter})") for goal in newest_first]


def _people(pods: list[Pod]) -> list[tuple[str, str]]:
    here = User.objects.filter(is_active=True, memberships__pod__in=pods).order_by("name")
    return [(str(person.pk), str(person)) for person in here.distinct()]

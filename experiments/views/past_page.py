"""What the page of an import of past experiments shows beside its rows."""

from collections.abc import Iterable
from typing import Any

from backlog.flows.imports.known import plain
from backlog.models import Import, Pod, User
from backlog.views.import_names import NameRow
from experiments.flows.past.names import names_for
from experiments.flows.past.understanding import BACKINGS

AS_NEW = {
    "pod": "Leave these rows out",
    "lever": "Keep as it is",
    "channel": "Keep as it is",
    "segment": "New segment",
    "metric": "New metric",
}


def names_offered(user: User, taken: Import, pods: Iterable[Pod]) -> list[NameRow]:
    """The unknown names, each with what it could be."""
    unknown: list[dict[str, Any]] = taken.understood.get("names", [])
    if not unknown:
        return []
    known = names_for(user, pods, {}).known
    may_segment = user.has_perm("experiments.change_segment", taken)
    rows = []
    for one in unknown:
        kind = one["kind"]
        as_new = AS_NEW[kind]
        if kind == "segment" and not may_segment:
            as_new = "Keep as words; leads of the pod make segments"
        chosen = known[kind].get(plain(one["chosen"]), "")
        offered = [(name, name) for name in sorted(known[kind].values(), key=str.casefold)]
        rows.append(NameRow(one["key"], kind, one["name"], one["count"], as_new, chosen, offered))
    return rows


def sums(taken: Import) -> dict[str, Any]:
    """How many experiments rest on what, in words, and how many learnings come along."""
    counts = taken.counts
    backings = [f"{counts[name]:,} {words}" for name, words in BACKINGS.items() if counts.get(name)]
    return {
        "backings": ", ".join(backings),
        "taught": counts.get("learnings", 0),
        "wants_day": any(row.get("wants_day") for row in taken.understood.get("rows", [])),
    }

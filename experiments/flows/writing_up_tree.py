"""The tree of experiments: an idea, its experiment, the ideas that follow from it, and so on."""

from dataclasses import dataclass, field

from django.db import connection

from backlog.models import Idea, User
from experiments.models import Experiment, FollowUp

DEEPEST = 8  # follow-ups of follow-ups
MOST = 200  # follow-ups of one tree
ROOT = """
WITH RECURSIVE edge (id, child, parent) AS (
  SELECT f.id, f.idea_id, e.idea_id FROM experiments_followup f
  JOIN experiments_postmortem p ON p.id = f.post_mortem_id
  JOIN experiments_experiment e ON e.id = p.experiment_id
), up (idea, depth) AS (
  SELECT CAST(%s AS bigint), 0 UNION
  SELECT edge.parent, up.depth + 1 FROM up JOIN edge ON edge.child = up.idea WHERE up.depth < %s
)
SELECT idea FROM up ORDER BY depth DESC, idea LIMIT 1
"""
BELOW = """
WITH RECURSIVE edge (id, child, parent) AS (
  SELECT f.id, f.idea_id, e.idea_id FROM experiments_followup f
  JOIN experiments_postmortem p ON p.id = f.post_mortem_id
  JOIN experiments_experiment e ON e.id = p.experiment_id
), down (id, child, depth) AS (
  SELECT id, child, 1 FROM edge WHERE parent = %s UNION
  SELECT edge.id, edge.child, down.depth + 1 FROM down JOIN edge ON edge.parent = down.child
  WHERE down.depth < %s
)
SELECT id FROM down ORDER BY depth, id LIMIT %s
"""


@dataclass
class Branch:
    """An idea with its experiments and what follows from it; `idea` is None where one may not see it."""

    idea: Idea | None
    kind: str = ""
    experiments: list[Experiment] = field(default_factory=list)
    branches: list["Branch"] = field(default_factory=list)


def _column(sql: str, *values: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def tree_of(idea_id: int, user: User) -> Branch:
    """The whole tree that an idea belongs to. What this person may not see has no name in it."""
    root = _column(ROOT, idea_id, DEEPEST)[0]
    rows = FollowUp.objects.filter(pk__in=_column(BELOW, root, 2 * DEEPEST, MOST))
    edges = list(rows.select_related("post_mortem__experiment").order_by("pk"))
    ids = {root, *(edge.idea_id for edge in edges)}
    ideas = Idea.objects.visible_to(user).select_related("pod").in_bulk(ids)
    tests: dict[int, list[Experiment]] = {}
    seen = Experiment.objects.visible_to(user).filter(idea__in=ids)
    for test in seen.select_related("decision__analysis", "pod").order_by("pk"):
        tests.setdefault(test.idea_id, []).append(test)
    below: dict[int, list[FollowUp]] = {}
    for edge in edges:
        if came_from := edge.post_mortem.experiment:
            below.setdefault(came_from.idea_id, []).append(edge)
    drawn: set[int] = set()

    def branch(pk: int, kind: str = "") -> Branch:
        drawn.add(pk)
        made = Branch(ideas.get(pk), kind, tests.get(pk, []))
        for edge in below.get(pk, []):
            if edge.idea_id not in drawn:
                made.branches.append(branch(edge.idea_id, edge.get_kind_display()))
        return made

    return branch(root)

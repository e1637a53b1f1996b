"""What the experiments app answers when an idea is typed: tests of ideas like it, with their verdict."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from backlog.models import User
from backlog.tried import Tried
from experiments.flows.evidence import imported_sentence
from experiments.models import Experiment

SHOWN = 20


def tried_before(user: User, ideas: Mapping[int, float]) -> list[Tried]:
    """Tests that ran on these ideas: those of one's pods, and those whose post-mortem is published."""
    tests: Any = Experiment.objects.filter(idea__in=list(ideas)).exclude(state="cancelled")
    if not user.stands_above_pods:
        tests = tests.filter(Q(pod__in=list(user.pod_roles)) | Q(post_mortem__state="published"))
    rows = tests.select_related("decision__analysis", "post_mortem", "evidence")
    rows = rows.order_by("-number")[:SHOWN]
    return [_tried(row, ideas[row.idea_id], user) for row in rows]


def _tried(test: Experiment, likeness: float, user: User) -> Tried:
    decision = getattr(test, "decision", None)
    written = getattr(test, "post_mortem", None)
    is_near = user.stands_above_pods or test.pod_id in user.pod_roles
    verdict = decision.analysis.sentence if decision and decision.analysis else ""
    if test.is_imported and hasattr(test, "evidence"):
        verdict = imported_sentence(test.evidence)
    url = test.get_absolute_url() if is_near or not written else written.get_absolute_url()
    return Tried(test.key, test.title, url, test.status, verdict, likeness, test.is_imported)

"""The page of an imported experiment: what its sheet said, and what stands behind it."""

from typing import Any

from django.http import HttpResponse

from backlog.templatetags.figures import percent
from backlog.views.asking import SignedIn
from experiments.flows.evidence import evidence_url, imported_sentence
from experiments.flows.learnings import scope_of
from experiments.learning.sentences import lift_text
from experiments.models import EvidenceRow, Experiment, PastRecord
from experiments.views.status import tab_page


def past_record(request: SignedIn, experiment: Experiment) -> HttpResponse:
    """Nothing on it was planned, counted or decided in Floe, and the page says so."""
    row = EvidenceRow.objects.filter(experiment=experiment).first()
    past = PastRecord.objects.filter(experiment=experiment).first()
    context = {
        "past": past,
        "evidence": row,
        "arms": _arms(past),
        "lift": lift_text(row.lift, row.low, row.high) if row and row.lift is not None else "",
        "level": percent(row.confidence, 0) if row else "",
        "sentence": imported_sentence(row) if row else "",
        "decision": experiment.decision,
        "booking": getattr(experiment, "booking", None),
        "evidence_url": evidence_url(scope_of(experiment)) if experiment.idea.lever else "",
    }
    return tab_page(request, "experiments/past_record.html", experiment, "plan", context)


def _arms(past: PastRecord | None) -> list[dict[str, Any]]:
    arms: list[dict[str, Any]] = past.arms if past else []
    return [{**arm, "rate": percent(arm["conversions"] / arm["units"], 2)} for arm in arms]

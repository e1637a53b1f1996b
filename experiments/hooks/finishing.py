"""Which promoted ideas are done: their tests are all decided, closed or cancelled."""

from django.db.models import Exists, OuterRef, QuerySet

from backlog.models import Idea
from experiments.models import Experiment

OVER = (Experiment.State.DECIDED, Experiment.State.CLOSED, Experiment.State.CANCELLED)


def done(ideas: "QuerySet[Idea]") -> "QuerySet[Idea]":
    """Those of the ideas that had a test and have none that goes on."""
    tests = Experiment.objects.filter(idea=OuterRef("pk"))
    return ideas.filter(Exists(tests), ~Exists(tests.exclude(state__in=OVER)))

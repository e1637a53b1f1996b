"""Experiments on how people work."""

from backlog.api.views import Nouns
from experiments.api import serializers as s
from experiments.models import ProcessExperiment


class ProcessExperimentViewSet(Nouns):
    """Experiments with pods, weeks or ideas as units, given to two ways of working at random."""

    queryset = ProcessExperiment.objects.prefetch_related("units")
    serializer_class = s.ProcessExperimentSerializer

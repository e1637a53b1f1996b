"""Analyses and alarms."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api.views import Nouns, caller
from experiments.api import serializers as s
from experiments.flows import alarming
from experiments.models import Alarm, Analysis


class AnalysisViewSet(Nouns):
    """Dated readings of the data; each is written once."""

    queryset = Analysis.objects.select_related("experiment__unveiling", "intake")
    serializer_class = s.AnalysisSerializer


class AlarmViewSet(Nouns):
    """What is wrong with a running test, or waits to be done; resolved ones too."""

    queryset = Alarm.objects.select_related("experiment")
    serializer_class = s.AlarmSerializer

    @extend_schema(request=s.MuteInput)
    @action(detail=True, methods=["post"], changes_fields=True)
    def mute(self, request: Request, pk: str) -> Response:
        """Keep it quiet for some days, with a reason."""
        with self.changing(
            "experiments.mute_alarm", s.MuteInput,
            names={"reason": "mute_reason", "days": "muted_until"},
        ) as (alarm, values):  # fmt: skip
            quiet = alarming.mute(alarm, by=caller(request), **values)
        return Response(self.get_serializer(quiet).data)

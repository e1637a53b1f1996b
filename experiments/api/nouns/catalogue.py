"""What a programme shares: metrics, segments, templates."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api.views import Nouns, caller
from experiments.api import serializers as s
from experiments.flows import cataloguing, segmenting
from experiments.flows.baselines import learnt_baselines
from experiments.models import Metric, PlanTemplate, Segment


class MetricViewSet(Nouns):
    """The catalogue of what can be measured."""

    queryset = Metric.objects.all()
    serializer_class = s.MetricSerializer

    def _answer(self, metric: Metric, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(metric).data, status=code)

    def create(self, request: Request) -> Response:
        """Add a metric: of a pod for its leads, of every pod (no `pod`) for programme owners."""
        values = self.inputs(s.MetricSerializer)
        values.pop("version", None)
        pod = values.pop("pod", None)
        metric = cataloguing.add_metric(by=caller(request), pod=pod, **values)
        return self._answer(metric, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it; kind and direction stay once a sealed plan uses it."""
        with self.changing("experiments.view_metric", s.MetricSerializer, partial=True) as (
            metric, values,
        ):  # fmt: skip
            cataloguing.change_metric(metric, by=caller(request), **values)
        return self._answer(metric)

    @extend_schema(request=s.CertificateInput)
    @action(detail=True, methods=["post"], changes_fields=True)
    def certificate(self, request: Request, pk: str) -> Response:
        """Certify it, or take the certificate back; for programme owners."""
        with self.changing(
            "experiments.certify_metric", s.CertificateInput, names={"is_certified": "certified_at"}
        ) as (metric, values):
            cataloguing.certify_metric(metric, by=caller(request), **values)
        return self._answer(metric)

    @extend_schema(responses={200: s.BaselineSerializer, 204: None})
    @action(detail=True, methods=["get"])
    def baseline(self, request: Request, pk: str) -> Response:
        """Where it stands by the control arms of decided tests; 204 where none measured it."""
        metric = self.fetch("experiments.view_metric")
        learnt = learnt_baselines([metric], seen_by=caller(request)).get(metric.pk)
        if learnt is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(s.BaselineSerializer(learnt._asdict()).data)


class SegmentViewSet(Nouns):
    """Named audiences, with those who must not receive."""

    queryset = Segment.objects.prefetch_related("rules")
    serializer_class = s.SegmentSerializer

    @extend_schema(responses={201: s.SegmentSerializer})
    def create(self, request: Request) -> Response:
        """Add a segment: of a pod for its leads, of every pod (no `pod`) for programme owners."""
        values = {"pod": None, **self.inputs(s.SegmentSerializer)}
        values.pop("version", None)
        made = segmenting.save_segment(Segment(), by=caller(request), **values)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it; plans that took its rules keep theirs."""
        with self.changing("experiments.view_segment", s.SegmentSerializer, partial=True) as (
            segment, values,
        ):  # fmt: skip
            segmenting.save_segment(segment, by=caller(request), **{"pod": segment.pod, **values})
        return Response(self.get_serializer(self.get_queryset().get(pk=segment.pk)).data)


class PlanTemplateViewSet(Nouns):
    """What a plan can begin with; name one as `template` when you promote an idea."""

    queryset = PlanTemplate.objects.all()
    serializer_class = s.PlanTemplateSerializer

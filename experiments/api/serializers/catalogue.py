"""What a programme shares: metrics, segments, templates."""

from typing import Any

from rest_framework import serializers

from backlog import caps
from backlog.api.bounded import several
from backlog.api.related import offer
from backlog.models import Pod, User
from experiments.models import AudienceRule, Metric, PlanTemplate, Segment


class MetricSerializer(serializers.ModelSerializer[Metric]):
    class Meta:
        model = Metric
        fields = (
            "id", "name", "kind", "direction", "unit", "did", "definition", "numerator",
            "denominator", "window_days", "is_lifetime_value", "discount_rate", "cap_percentile", "usual_role", "usual_margin", "owner",
            "pod", "certified_by", "certified_at", "version",
        )  # fmt: skip
        read_only_fields = ("certified_by", "certified_at")
        validators: list[Any] = []

    version = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["pod"].queryset = Pod.objects.visible_to(user)  # type: ignore[attr-defined]
            offer(fields, self.context, owner=User.objects.working_with(user))
        return fields


class CertificateInput(serializers.Serializer[Any]):
    is_certified = serializers.BooleanField(default=True)
    version = serializers.IntegerField(required=False)


class BaselineSerializer(serializers.Serializer[Any]):
    """Where a metric stands, in its own unit, by the control arms of decided tests."""

    mean = serializers.FloatField()
    sd = serializers.FloatField()
    n = serializers.IntegerField()
    keys = serializers.ListField(child=serializers.CharField())
    newest = serializers.DateField(allow_null=True)


class RuleSerializer(serializers.ModelSerializer[AudienceRule]):
    class Meta:
        model = AudienceRule
        fields = ("kind", "text", "reason", "cost")


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    rules = several(RuleSerializer, most=caps.MOST_RULES, required=False)
    version = serializers.IntegerField(required=False)

    class Meta:
        model = Segment
        fields = (
            "id", "name", "description", "stage", "size", "units_per_week", "pod", "rules",
            "version",
        )  # fmt: skip
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["pod"].queryset = Pod.objects.visible_to(user)  # type: ignore[attr-defined]
        return fields


class PlanTemplateSerializer(serializers.ModelSerializer[PlanTemplate]):
    class Meta:
        model = PlanTemplate
        fields = (
            "id", "name", "description", "pod", "weeks", "most_metrics", "decision_table",
            "checklist", "content", "by", "at",
        )  # fmt: skip

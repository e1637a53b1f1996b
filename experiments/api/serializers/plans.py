"""Experiments with their plans, moves, dates and amendments."""

from typing import Any

from rest_framework import serializers

from backlog import caps
from backlog.api.bounded import BoundedDict, BoundedList, several
from backlog.api.related import offer
from backlog.models import Idea, Objective, User
from experiments.api.agreements import MilestoneSerializer
from experiments.api.serializers.catalogue import RuleSerializer
from experiments.api.serializers.decisions import DecisionSerializer, ProposalSerializer
from experiments.flows.moves import MOVES_BY_HAND
from experiments.models import (
    Amendment,
    Experiment,
    ExperimentMetric,
    Metric,
    PlanTemplate,
    Segment,
    Variant,
)


class ArmSerializer(serializers.ModelSerializer[Variant]):
    weight = serializers.FloatField(min_value=0.0001, max_value=1_000_000, default=1)

    differs = BoundedList(
        child=serializers.ChoiceField(choices=Variant.Difference.choices),
        required=False,
        max_length=len(Variant.Difference.choices),
    )

    class Meta:
        model = Variant
        fields = ("name", "description", "differs", "weight", "is_control")
        validators: list[Any] = []


class PartSerializer(serializers.ModelSerializer[ExperimentMetric]):
    """A metric's part. Fractions: a baseline of 4.2 % is 0.042, a lift of 10 % is 0.1."""

    name = serializers.CharField(source="metric.name", max_length=80)
    kind = serializers.ChoiceField(
        source="metric.kind", choices=Metric.Kind.choices, default=Metric.Kind.PROPORTION
    )
    direction = serializers.ChoiceField(
        source="metric.direction",
        choices=Metric.Direction.choices,
        default=Metric.Direction.INCREASE,
    )
    unit = serializers.CharField(
        source="metric.unit", required=False, allow_blank=True, max_length=60
    )
    did = serializers.CharField(
        source="metric.did", required=False, allow_blank=True, max_length=80
    )

    class Meta:
        model = ExperimentMetric
        fields = (
            "role", "name", "kind", "direction", "unit", "did", "baseline", "baseline_sd", "smallest_effect",
            "margin",
        )  # fmt: skip
        validators: list[Any] = []

    def to_internal_value(self, data: Any) -> Any:
        value = dict(super().to_internal_value(data))
        return {**value, **value.pop("metric", {})}


class CloneInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)


class DryRunInput(serializers.Serializer[Any]):
    """Ids that would go out, and by rule those who must not receive. None of them is kept."""

    ids = BoundedList(child=serializers.CharField(max_length=200), max_length=100_000)
    lists = BoundedDict(
        most=caps.MOST_RULES,
        child=BoundedList(child=serializers.CharField(max_length=200), max_length=100_000),
    )


class DryRunSerializer(serializers.Serializer[Any]):
    ids = serializers.IntegerField()
    repeated = serializers.IntegerField()
    by_rule = serializers.DictField(child=serializers.IntegerField())
    violators = serializers.IntegerField()
    clean = serializers.IntegerField()


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    key = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    arms = ArmSerializer(many=True, read_only=True)
    metrics = PartSerializer(source="measured", many=True, read_only=True)
    rules = RuleSerializer(many=True, read_only=True)
    decision = DecisionSerializer(read_only=True, default=None, allow_null=True)
    proposal = ProposalSerializer(read_only=True, default=None, allow_null=True)
    milestones = MilestoneSerializer(many=True, read_only=True)
    ticks: Any = serializers.SlugRelatedField(
        slug_field="item", many=True, read_only=True, help_text="Lines of the checklist."
    )

    class Meta:
        model = Experiment
        fields = (
            "id", "key", "pod", "idea", "objective", "title", "hypothesis", "state", "status",
            "author", "owner", "launcher", "analyst", "audience", "segment", "audience_size",
            "channel", "frequency_cap", "default_variant", "rules", "template", "decision_table",
            "units_per_week", "value_per_unit", "currency", "starts_on",
            "ends_on", "reading", "looks", "confidence", "arms", "metrics", "answers", "risks", "ticks", "milestones", "decision",
            "proposal",
            "fingerprint", "sealed_at", "sealed_plan",
            "created_at", "version",
        )  # fmt: skip


class PlanInput(serializers.ModelSerializer[Experiment]):
    """A plan; `idea` only when it is promoted, `version` only when it is changed."""

    idea = serializers.PrimaryKeyRelatedField(queryset=Idea.objects.all())
    arms = several(ArmSerializer, most=caps.MOST_ARMS, required=False)
    metrics = several(PartSerializer, most=caps.MOST_METRICS, required=False)
    rules = several(RuleSerializer, most=caps.MOST_RULES, required=False)
    confidence = serializers.FloatField(
        min_value=0.8,
        max_value=0.999,
        required=False,
        help_text="Of ranges and verdicts, such as 0.95.",
    )
    version = serializers.IntegerField(required=False)

    class Meta:
        model = Experiment
        fields = (
            "idea", "title", "hypothesis", "objective", "owner", "launcher", "analyst", "audience",
            "segment", "audience_size", "channel", "frequency_cap", "default_variant", "rules",
            "template", "decision_table", "units_per_week", "value_per_unit", "currency", "starts_on",
            "ends_on", "reading", "looks", "confidence", "arms", "metrics", "version",
        )  # fmt: skip
        extra_kwargs = {"title": {"required": False}}
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Nothing can be named that the caller may not see."""
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["idea"].queryset = Idea.objects.visible_to(user)  # type: ignore[attr-defined]
            people = User.objects.working_with(user)
            offer(
                fields,
                self.context,
                objective=Objective.objects.visible_to(user),
                template=PlanTemplate.objects.visible_to(user),
                segment=Segment.objects.visible_to(user),
                **dict.fromkeys(Experiment.PARTS, people),
            )
        return fields


class ExperimentMove(serializers.Serializer[Any]):
    transition = serializers.ChoiceField(choices=MOVES_BY_HAND)
    seen = serializers.CharField(
        required=False, max_length=caps.LONGEST_STATE, help_text="The state in which you saw it."
    )
    reason = serializers.CharField(required=False, max_length=1000)


class DatesInput(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The first day after the experiment.")
    reason = serializers.CharField(required=False, max_length=1000)
    version = serializers.IntegerField(required=False)


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    class Meta:
        model = Amendment
        fields = (
            "number", "reason", "is_after_first_look", "changes", "fingerprint", "by", "at",
        )  # fmt: skip


class AmendmentInput(serializers.Serializer[Any]):
    """What changes of a sealed plan; what is left out stays. Margins in the metric's own unit."""

    reason = serializers.CharField(max_length=1000)
    ends_on = serializers.DateField(required=False)
    units_per_week = serializers.IntegerField(min_value=1, max_value=10**12, required=False)
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False)
    analyst = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False)
    margins = BoundedDict(
        child=serializers.FloatField(min_value=0), required=False, most=caps.MOST_METRICS
    )
    version = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            people = User.objects.working_with(user)
            offer(fields, self.context, owner=people, analyst=people)
        return fields

"""The JSON of evidence."""

from typing import Any

from rest_framework import serializers

from backlog.models import Idea, Objective, Pod, User
from experiments.flows.moves import MOVES_BY_HAND
from experiments.flows.seeing import note_look, see
from experiments.models import (
    Alarm,
    Amendment,
    Analysis,
    AudienceRule,
    Decision,
    Experiment,
    ExperimentMetric,
    Intake,
    Learning,
    Metric,
    Observation,
    PlanTemplate,
    PostMortem,
    Proposal,
    Segment,
    Variant,
)


class MetricSerializer(serializers.ModelSerializer[Metric]):
    class Meta:
        model = Metric
        fields = (
            "id", "name", "kind", "direction", "unit", "did", "definition", "numerator",
            "denominator", "window_days", "cap_percentile", "usual_role", "usual_margin", "owner",
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
            fields["owner"].queryset = User.objects.working_with(user)  # type: ignore[attr-defined]
        return fields


class CertificateInput(serializers.Serializer[Any]):
    is_certified = serializers.BooleanField(default=True)


class BaselineSerializer(serializers.Serializer[Any]):
    """Where a metric stands, in its own unit, by the control arms of decided tests."""

    mean = serializers.FloatField()
    sd = serializers.FloatField()
    n = serializers.IntegerField()
    keys = serializers.ListField(child=serializers.CharField())
    newest = serializers.DateField(allow_null=True)


class ArmSerializer(serializers.ModelSerializer[Variant]):
    weight = serializers.FloatField(min_value=0.0001, max_value=1_000_000, default=1)

    differs = serializers.ListField(
        child=serializers.ChoiceField(choices=Variant.Difference.choices), required=False
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

    class Meta:
        model = ExperimentMetric
        fields = (
            "role", "name", "kind", "direction", "baseline", "baseline_sd", "smallest_effect",
            "margin",
        )  # fmt: skip
        validators: list[Any] = []

    def to_internal_value(self, data: Any) -> Any:
        value = dict(super().to_internal_value(data))
        return {**value, **value.pop("metric", {})}


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    class Meta:
        model = Decision
        fields = (
            "choice",
            "recommended",
            "outcome",
            "reason",
            "waiver",
            "by",
            "confirmed_by",
            "decided_at",
            "analysis",
        )
        read_only_fields = (
            "recommended",
            "outcome",
            "by",
            "confirmed_by",
            "decided_at",
            "analysis",
        )


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """A departure from the sealed rule that a second person has to confirm."""

    class Meta:
        model = Proposal
        fields = ("choice", "recommended", "reason", "waiver", "by", "proposed_at", "analysis")


class UnveilInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class DecisionInput(serializers.Serializer[Any]):
    choice = serializers.ChoiceField(choices=Decision.Choice.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    waiver = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, help_text="For the author only."
    )
    seen = serializers.CharField(required=False, help_text="The state you saw it in.")


class RuleSerializer(serializers.ModelSerializer[AudienceRule]):
    class Meta:
        model = AudienceRule
        fields = ("kind", "text", "reason", "cost")


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    rules = RuleSerializer(many=True, required=False)
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


class CloneInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)


class DryRunInput(serializers.Serializer[Any]):
    """Ids that would go out, and by rule those who must not receive. None of them is kept."""

    ids = serializers.ListField(child=serializers.CharField(max_length=200), max_length=100_000)
    lists = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=200), max_length=100_000)
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
    decision = DecisionSerializer(read_only=True, default=None)
    proposal = ProposalSerializer(read_only=True, default=None)

    class Meta:
        model = Experiment
        fields = (
            "id", "key", "pod", "idea", "objective", "title", "hypothesis", "state", "status",
            "author", "owner", "launcher", "analyst", "audience", "segment", "audience_size",
            "channel", "frequency_cap", "default_variant", "rules", "template", "decision_table",
            "units_per_week", "starts_on",
            "ends_on", "reading", "looks", "arms", "metrics", "decision", "proposal",
            "fingerprint", "sealed_at", "sealed_plan",
            "created_at", "version",
        )  # fmt: skip


class PlanInput(serializers.ModelSerializer[Experiment]):
    """A plan; `idea` only when it is promoted, `version` only when it is changed."""

    idea = serializers.PrimaryKeyRelatedField(queryset=Idea.objects.all())
    arms = ArmSerializer(many=True, required=False)
    metrics = PartSerializer(many=True, required=False)
    rules = RuleSerializer(many=True, required=False)
    version = serializers.IntegerField(required=False)

    class Meta:
        model = Experiment
        fields = (
            "idea", "title", "hypothesis", "objective", "owner", "launcher", "analyst", "audience",
            "segment", "audience_size", "channel", "frequency_cap", "default_variant", "rules",
            "template", "decision_table", "units_per_week", "starts_on", "ends_on", "reading", "looks", "arms",
            "metrics", "version",
        )  # fmt: skip
        extra_kwargs = {"title": {"required": False}}
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Nothing can be named that the caller may not see."""
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["idea"].queryset = Idea.objects.visible_to(user)  # type: ignore[attr-defined]
            fields["objective"].queryset = Objective.objects.visible_to(user)  # type: ignore[attr-defined]
            fields["template"].queryset = PlanTemplate.objects.visible_to(user)  # type: ignore[attr-defined]
            fields["segment"].queryset = Segment.objects.visible_to(user)  # type: ignore[attr-defined]
            for name in ("owner", "launcher", "analyst"):
                fields[name].queryset = User.objects.working_with(user)  # type: ignore[attr-defined]
        return fields


class ExperimentMove(serializers.Serializer[Any]):
    transition = serializers.ChoiceField(choices=MOVES_BY_HAND)
    seen = serializers.CharField(required=False, help_text="The state you saw it in.")
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
    margins = serializers.DictField(child=serializers.FloatField(min_value=0), required=False)
    version = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            for name in ("owner", "analyst"):
                fields[name].queryset = User.objects.working_with(user)  # type: ignore[attr-defined]
        return fields


class ObservationSerializer(serializers.ModelSerializer[Observation]):
    variant = serializers.CharField(source="variant.name", read_only=True)
    metric = serializers.CharField(source="metric.metric.name", read_only=True)

    class Meta:
        model = Observation
        fields = (
            "intake", "variant", "metric", "day", "stratum", "is_capped", "n", "successes", "mean",
            "variance", "denominator", "denominator_variance", "covariate_mean",
            "covariate_variance", "covariance",
        )  # fmt: skip


class ObservationInput(serializers.Serializer[Any]):
    """One metric in one arm: n with successes, or with mean and variance (n − 1) per unit."""

    variant = serializers.CharField(max_length=60)
    metric = serializers.CharField(max_length=80)
    day = serializers.DateField(required=False, help_text="Then say the accumulation too.")
    n = serializers.IntegerField(min_value=0, max_value=10**15)
    successes = serializers.IntegerField(min_value=0, max_value=10**15, required=False)
    mean = serializers.FloatField(min_value=-1e15, max_value=1e15, required=False)
    variance = serializers.FloatField(min_value=0, max_value=1e30, required=False)
    denominator = serializers.FloatField(min_value=-1e15, max_value=1e15, required=False)
    denominator_variance = serializers.FloatField(min_value=0, max_value=1e30, required=False)
    covariance = serializers.FloatField(min_value=-1e30, max_value=1e30, required=False)


class ObservationsInput(serializers.Serializer[Any]):
    """Every arm of every metric at once; it replaces what counted before, or the days it names."""

    accumulation = serializers.ChoiceField(
        choices=Intake.Accumulation.choices,
        default=Intake.Accumulation.TOTAL,
        help_text="With days: whether each day has its own units, or the rows are running totals.",
    )
    observations = ObservationInput(many=True)


class IntakeSerializer(serializers.ModelSerializer[Intake]):
    class Meta:
        model = Intake
        fields = (
            "id",
            "experiment",
            "source",
            "filename",
            "accumulation",
            "state",
            "problem",
            "received_at",
            "counted_at",
        )


class AnalysisSerializer(serializers.ModelSerializer[Analysis]):
    inputs_fingerprint = serializers.CharField(read_only=True, allow_null=True)
    is_veiled = serializers.BooleanField(read_only=True)
    is_masked = serializers.SerializerMethodField()

    def get_is_masked(self, analysis: Analysis) -> bool:
        return False  # said by to_representation, of this caller

    class Meta:
        model = Analysis
        fields = (
            "id", "experiment", "number", "computed_at", "engine_version", "inputs_fingerprint",
            "outcome", "head", "sentence", "result", "is_veiled", "is_masked",
        )  # fmt: skip

    def to_representation(self, analysis: Analysis) -> dict[str, Any]:
        """As the caller may see it: behind the veil the health only, for the analyst letters."""
        told: dict[str, Any] = super().to_representation(analysis)
        user = self.context["request"].user
        seen = see(analysis, user)
        note_look(seen, user)
        told |= {"result": seen.result, "is_veiled": seen.is_veiled,
                 "is_masked": bool(seen.letters)}  # fmt: skip
        return told | ({"inputs_fingerprint": None} if seen.is_veiled or seen.letters else {})


class AlarmSerializer(serializers.ModelSerializer[Alarm]):
    class Meta:
        model = Alarm
        fields = (
            "id", "experiment", "kind", "sentence", "raised_at", "resolved_at", "muted_by",
            "muted_until", "mute_reason",
        )  # fmt: skip


class MuteInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)
    days = serializers.IntegerField(min_value=1, max_value=60)


class LearningSerializer(serializers.ModelSerializer[Learning]):
    has_expired = serializers.BooleanField(read_only=True)

    class Meta:
        model = Learning
        fields = ("id", "post_mortem", "claim", "scope", "grade", "expires_on", "has_expired", "by")
        read_only_fields = ("by",)
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User) and "post_mortem" in fields:
            fields["post_mortem"].queryset = PostMortem.objects.visible_to(user)  # type: ignore[attr-defined]
        return fields


class PostMortemSerializer(serializers.ModelSerializer[PostMortem]):
    learnings = LearningSerializer(many=True, read_only=True)
    follow_ups: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = PostMortem
        fields = (
            "id", "experiment", "author", "state", "summary", "surprises", "went_well",
            "went_badly", "next_steps", "learnings", "follow_ups", "published_at", "published_by",
            "version",
        )  # fmt: skip


class PostMortemInput(serializers.ModelSerializer[PostMortem]):
    version = serializers.IntegerField(required=False)

    class Meta:
        model = PostMortem
        fields = ("summary", "surprises", "went_well", "went_badly", "next_steps", "version")


class FollowUpInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)

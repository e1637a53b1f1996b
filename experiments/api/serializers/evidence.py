"""Data, what was read in them, alarms."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backlog import caps
from backlog.api.bounded import several
from experiments.flows.veil import note_look, see
from experiments.models import Alarm, Analysis, Intake, Observation
from experiments.stats import Code, Verdict


class UnveilInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class ObservationSerializer(serializers.ModelSerializer[Observation]):
    variant = serializers.CharField(source="variant.name", read_only=True)
    metric = serializers.CharField(source="metric.metric.name", read_only=True)

    class Meta:
        model = Observation
        fields = (
            "intake", "variant", "metric", "day", "stratum", "is_capped", "n", "successes", "mean",
            "variance", "denominator", "denominator_variance", "covariate_mean",
            "covariate_variance", "covariance", "skewness",
        )  # fmt: skip


class ObservationInput(serializers.Serializer[Any]):
    """One metric in one arm: n with successes, or with mean and variance (n − 1) per unit."""

    variant = serializers.CharField(max_length=60)
    metric = serializers.CharField(max_length=80)
    day = serializers.DateField(required=False, help_text="Also send the accumulation.")
    n = serializers.IntegerField(min_value=0, max_value=10**15)
    successes = serializers.IntegerField(min_value=0, max_value=10**15, required=False)
    mean = serializers.FloatField(min_value=-1e15, max_value=1e15, required=False)
    variance = serializers.FloatField(min_value=0, max_value=1e30, required=False)
    skewness = serializers.FloatField(
        min_value=-1e9, max_value=1e9, required=False,
        help_text="Of the values of a mean, if you know it: for intervals of skewed amounts.",
    )  # fmt: skip
    denominator = serializers.FloatField(min_value=-1e15, max_value=1e15, required=False)
    denominator_variance = serializers.FloatField(min_value=0, max_value=1e30, required=False)
    covariance = serializers.FloatField(min_value=-1e30, max_value=1e30, required=False)


class ObservationsInput(serializers.Serializer[Any]):
    """Every arm of every metric at once; it replaces what counted before, or the days it names."""

    accumulation = serializers.ChoiceField(
        choices=Intake.Accumulation.choices,
        default=Intake.Accumulation.TOTAL,
        help_text="If rows have days: whether each day has its own units or the rows are running totals.",
    )
    replaces_all = serializers.BooleanField(
        default=False, help_text="If rows have days: drop all days that are not sent."
    )
    observations = several(ObservationInput, most=caps.MOST_OBSERVATIONS)


class ReasonSerializer(serializers.Serializer[Any]):
    """A fact that the verdict rests on: its code to decide by, its sentence to read."""

    code = serializers.ChoiceField(choices=[str(code) for code in Code])
    metric = serializers.CharField(allow_blank=True)
    variant = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()


def _reasons(verdict: Verdict) -> list[dict[str, str]]:
    return [
        {"code": fact.code, "metric": fact.metric, "variant": fact.variant, "sentence": sentence}
        for fact, sentence in zip(verdict.facts, verdict.reasons, strict=True)
    ]


class AnalysisSerializer(serializers.ModelSerializer[Analysis]):
    inputs_fingerprint = serializers.CharField(read_only=True, allow_null=True)
    head = serializers.CharField(read_only=True)
    sentence = serializers.CharField(read_only=True)
    reasons = serializers.SerializerMethodField()
    is_veiled = serializers.BooleanField(read_only=True)
    is_masked = serializers.SerializerMethodField()

    def get_is_masked(self, analysis: Analysis) -> bool:
        return False  # said by to_representation, of this caller

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, analysis: Analysis) -> list[dict[str, str]]:
        return []  # said by to_representation, of this caller

    class Meta:
        model = Analysis
        fields = (
            "id", "experiment", "number", "computed_at", "engine_version", "inputs_fingerprint",
            "outcome", "head", "sentence", "reasons", "result", "is_veiled", "is_masked",
        )  # fmt: skip

    def to_representation(self, analysis: Analysis) -> dict[str, Any]:
        """As the caller may see it: behind the veil the health only, for the analyst letters."""
        shown: dict[str, Any] = super().to_representation(analysis)
        user = self.context["request"].user
        seen = see(analysis, user)
        note_look(seen, user)
        shown |= {"result": seen.result, "reasons": _reasons(seen.verdict),
                 "is_veiled": seen.is_veiled, "is_masked": bool(seen.letters)}  # fmt: skip
        return shown | ({"inputs_fingerprint": None} if seen.is_veiled or seen.letters else {})


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

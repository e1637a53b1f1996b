"""Process experiments, as their readers see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from experiments.flows.process.words import result_of, sentences_of
from experiments.learning.process_words import process_verdict
from experiments.models import ProcessExperiment, ProcessExperimentUnit


class ProcessUnitSerializer(serializers.ModelSerializer[ProcessExperimentUnit]):
    """A unit with its cluster and its arm; the outcome once all outcomes are in."""

    class Meta:
        model = ProcessExperimentUnit
        fields = ("name", "cluster", "is_treated", "value", "why_missing")

    def to_representation(self, unit: ProcessExperimentUnit) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(unit)
        hidden = {} if unit.experiment.reading else {"value": None, "why_missing": ""}
        return shown | hidden


class ProcessExperimentSerializer(serializers.ModelSerializer[ProcessExperiment]):
    """`units` are those of pods that the caller sees. `result` is empty until all outcomes are in,
    and when it was cancelled."""

    units = serializers.SerializerMethodField()
    result = serializers.JSONField(source="reading", read_only=True)
    verdict = serializers.SerializerMethodField()
    choice = serializers.CharField(read_only=True)
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = ProcessExperiment
        fields = (
            "id", "title", "pod", "state", "hypothesis", "as_now", "other_way", "measure",
            "measure_unit", "direction", "unit", "clusters", "seed", "fingerprint", "started_at",
            "units", "result", "verdict", "sentence", "choice", "conclusion", "decided_at",
        )  # fmt: skip

    def to_representation(self, experiment: ProcessExperiment) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(experiment)
        return shown if result_of(experiment) else shown | {"result": None}

    @extend_schema_field(ProcessUnitSerializer(many=True))
    def get_units(self, experiment: ProcessExperiment) -> list[dict[str, Any]]:
        user = self.context["request"].user
        seen = [
            unit for unit in experiment.units.all()
            if unit.pod_id is None or user.stands_above_pods or unit.pod_id in user.pod_roles
        ]  # fmt: skip
        return [dict(row) for row in ProcessUnitSerializer(seen, many=True).data]

    def get_verdict(self, experiment: ProcessExperiment) -> str:
        result = result_of(experiment)
        if result is None:
            return ""
        return process_verdict(result, is_increase_good=experiment.is_increase_good).value

    def get_sentence(self, experiment: ProcessExperiment) -> str:
        return " ".join(part for part in sentences_of(experiment) if part)

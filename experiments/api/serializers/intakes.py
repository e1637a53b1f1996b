"""Data that comes in: files with their questions, and what has to be said before they count."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backlog.api.bounded import BoundedDict, BoundedList
from experiments.flows.confirming import Review, arms_by_label
from experiments.flows.receiving import questions_before_mapping
from experiments.flows.veil import names_outcomes
from experiments.models import Intake

MOST_NAMED = 200


class ChoiceSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField()
    effect = serializers.CharField(help_text="Over all arms together.")


class QuestionSerializer(serializers.Serializer[Any]):
    """What can be read in two ways. An empty answer leaves it open."""

    key = serializers.CharField()
    text = serializers.CharField()
    why = serializers.CharField()
    choices = ChoiceSerializer(many=True)
    answer = serializers.CharField()


class DoubtSerializer(serializers.Serializer[Any]):
    """What has to be acknowledged by its code before the file counts."""

    code = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()


class IntakeSerializer(serializers.ModelSerializer[Intake]):
    """Data that came in; of a file that waits also what is still to be said about it, for people
    who may say it."""

    units = serializers.SerializerMethodField(help_text="In all arms together.")
    questions = serializers.SerializerMethodField()
    doubts = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField(
        help_text="Why it should not count. With these, confirming needs a reason."
    )
    warnings = serializers.SerializerMethodField()
    labels = serializers.SerializerMethodField(help_text="Label in the file → arm.")

    class Meta:
        model = Intake
        fields = (
            "id", "experiment", "source", "filename", "accumulation", "state", "problem",
            "received_at", "counted_at", "units", "questions", "doubts", "problems", "warnings",
            "labels",
        )  # fmt: skip

    def to_representation(self, intake: Intake) -> dict[str, Any]:
        user = self.context["request"].user
        self._may_say = user.has_perm("experiments.add_observation", intake.experiment)
        is_waiting = self._may_say and intake.state == Intake.State.UNDERSTOOD
        named = is_waiting and names_outcomes(intake.experiment, user)
        self._review = Review(intake, names_arms=named) if is_waiting else None
        shown: dict[str, Any] = super().to_representation(intake)
        return shown

    def get_units(self, intake: Intake) -> int:
        units = self._review.units if self._review else intake.understood.get("units", {})
        return int(sum(units.values()))

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, intake: Intake) -> list[dict[str, Any]]:
        if not self._may_say:
            return []
        questions = self._review.questions if self._review else []
        return [
            {name: question[name] for name in ("key", "text", "why", "answer")}
            | {"choices": [_plain_choice(choice) for choice in question["choices"]]}
            for question in [*questions_before_mapping(intake), *questions]
        ]

    @extend_schema_field(DoubtSerializer(many=True))
    def get_doubts(self, intake: Intake) -> list[dict[str, str]]:
        return [
            {"code": doubt.code, "title": doubt.title, "sentence": doubt.sentence}
            for doubt in (self._review.doubts if self._review else ())
        ]

    def get_problems(self, intake: Intake) -> list[str]:
        return list(intake.understood.get("problems", [])) if self._may_say else []

    def get_warnings(self, intake: Intake) -> list[str]:
        if self._review:
            return self._review.warnings
        return list(intake.understood.get("warnings", [])) if self._may_say else []

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_labels(self, intake: Intake) -> dict[str, str]:
        return arms_by_label(intake) if self._may_say else {}


def _plain_choice(choice: dict[str, str]) -> dict[str, str]:
    return {"key": choice["key"], "text": choice["label"], "effect": choice["effect"]}


class FileMappingInput(serializers.Serializer[Any]):
    """What the file means, where Floe can’t know it. Leave out what it fills in by itself."""

    columns = BoundedDict(
        child=serializers.CharField(max_length=300, allow_blank=True), most=MOST_NAMED,
        required=False, default=dict,
        help_text="By shape, arm, unit, count, day, accumulation …, or by the name of a metric.",
    )  # fmt: skip
    labels = BoundedDict(
        child=serializers.CharField(max_length=60), most=MOST_NAMED, required=False, default=dict,
        help_text="Label in the file → name of the arm, or “-” to leave its rows out.",
    )  # fmt: skip
    answers = BoundedDict(
        child=serializers.CharField(max_length=200, allow_blank=True), most=MOST_NAMED,
        required=False, default=dict, help_text="Key of a question → key of a choice.",
    )  # fmt: skip


class FileInput(FileMappingInput):
    filename = serializers.CharField(max_length=200)
    content = serializers.CharField(
        max_length=5_000_000, trim_whitespace=False, help_text="The file as text, such as CSV."
    )


class ConfirmInput(serializers.Serializer[Any]):
    acknowledged = BoundedList(
        child=serializers.CharField(max_length=300), max_length=100, required=False, default=list,
        help_text="The codes of the doubts that are right as they are.",
    )  # fmt: skip
    reason = serializers.CharField(
        max_length=1000, required=False, default="", allow_blank=True,
        help_text="Why a file with problems counts all the same.",
    )  # fmt: skip

"""Data that comes in: files with their questions, and what has to be said before they count."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backlog.api.bounded import BoundedDict, BoundedList
from experiments.flows.confirming import Review
from experiments.flows.receiving import questions_before_mapping
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
        shown: dict[str, Any] = super().to_representation(intake)
        user = self.context["request"].user
        if not user.has_perm("experiments.add_observation", intake.experiment):
            nothing: dict[str, Any] = {
                "questions": [],
                "doubts": [],
                "problems": [],
                "warnings": [],
                "labels": {},
            }
            return shown | nothing
        return shown

    def get_units(self, intake: Intake) -> int:
        return int(sum(intake.understood.get("units", {}).values()))

    def _review(self, intake: Intake) -> Review | None:
        return Review(intake) if intake.state == Intake.State.UNDERSTOOD else None

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, intake: Intake) -> list[dict[str, Any]]:
        review = self._review(intake)
        questions = review.questions if review else []
        return [
            {name: question[name] for name in ("key", "text", "why", "answer")}
            | {"choices": [_plain_choice(choice) for choice in question["choices"]]}
            for question in [*questions_before_mapping(intake), *questions]
        ]

    @extend_schema_field(DoubtSerializer(many=True))
    def get_doubts(self, intake: Intake) -> list[dict[str, str]]:
        review = self._review(intake)
        return [
            {"code": doubt.code, "title": doubt.title, "sentence": doubt.sentence}
            for doubt in (review.doubts if review else ())
        ]

    def get_problems(self, intake: Intake) -> list[str]:
        return list(intake.understood.get("problems", []))

    def get_warnings(self, intake: Intake) -> list[str]:
        return list(intake.understood.get("warnings", []))

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_labels(self, intake: Intake) -> dict[str, str]:
        labels = intake.mapping.get("labels", {})
        return {label: arm for label, arm in labels.items() if label.isprintable()}


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

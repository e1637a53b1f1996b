"""The JSON of what people vouch for before a launch."""

from typing import Any

from rest_framework import serializers

from backlog.api.bounded import BoundedList
from backlog.api.validation import LARGEST_ID
from experiments.flows.agreeing import LONGEST_ANSWER
from experiments.flows.questions import NINE, RISKS
from experiments.models import Approval, Milestone, Waiver


class CheckSerializer(serializers.Serializer[Any]):
    """One line of what a launch asks."""

    asked = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=["done", "waived", "open"])
    sentence = serializers.CharField()


class NineAnswers(serializers.Serializer[Any]):
    """What was said to each of the nine questions; an empty text takes an answer back."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            name: serializers.CharField(
                required=False, allow_blank=True, max_length=LONGEST_ANSWER, help_text=question
            )
            for name, question in NINE
        }


class RiskAnswers(serializers.Serializer[Any]):
    """Yes or no to each question about risk."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            name: serializers.BooleanField(required=False, help_text=question)
            for name, question in RISKS
        }


class AnswersInput(serializers.Serializer[Any]):
    """Answers by the question's name; what is left out stays."""

    answers = NineAnswers(default=dict)
    risks = RiskAnswers(default=dict)
    version = serializers.IntegerField(required=False)


class ApprovalSerializer(serializers.ModelSerializer[Approval]):
    class Meta:
        model = Approval
        fields = ("kind", "note", "fingerprint", "by", "at")
        read_only_fields = ("fingerprint", "by", "at")


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    class Meta:
        model = Waiver
        fields = ("standard", "reason", "by", "at")
        read_only_fields = ("by", "at")
        validators: list[Any] = []


class TicksInput(serializers.Serializer[Any]):
    items = BoundedList(child=serializers.CharField(max_length=200), max_length=100)
    version = serializers.IntegerField(required=False)


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    due_on = serializers.DateField(read_only=True, allow_null=True)

    class Meta:
        model = Milestone
        fields = ("id", "name", "role", "due_on", "done_at", "done_by")


class ReachedInput(serializers.Serializer[Any]):
    milestone = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    is_done = serializers.BooleanField(default=True)
    version = serializers.IntegerField(required=False)

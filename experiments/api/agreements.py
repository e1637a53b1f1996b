"""The JSON of what people vouch for before a launch."""

from typing import Any

from rest_framework import serializers

from backlog.api.bounded import BoundedDict, BoundedList
from experiments.flows.agreeing import LONGEST_ANSWER
from experiments.models import Approval, Milestone, Waiver

MOST_ANSWERS = 20


class CheckSerializer(serializers.Serializer[Any]):
    """One line of what a launch asks."""

    asked = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=["done", "waived", "open"])
    sentence = serializers.CharField()


class AnswersInput(serializers.Serializer[Any]):
    """Answers by the question's name; what is left out stays."""

    answers = BoundedDict(
        most=MOST_ANSWERS,
        child=serializers.CharField(allow_blank=True, max_length=LONGEST_ANSWER),
        default=dict,
    )
    risks = BoundedDict(child=serializers.BooleanField(), default=dict, most=MOST_ANSWERS)
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
    milestone = serializers.IntegerField()
    is_done = serializers.BooleanField(default=True)

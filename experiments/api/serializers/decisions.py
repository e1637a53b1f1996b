"""Decisions, and what was learnt."""

from typing import Any, ClassVar

from rest_framework import serializers

from backlog import caps
from backlog.models import Pod, User
from experiments.models import Decision, FollowUp, Learning, PostMortem, Proposal

ID: Any = {"min_value": 1, "max_value": 2**63 - 1}


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


class DecisionInput(serializers.Serializer[Any]):
    choice = serializers.ChoiceField(choices=Decision.Choice.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    waiver = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, help_text="Only for the author."
    )
    seen = serializers.CharField(
        required=False, max_length=caps.LONGEST_STATE, help_text="The state in which you saw it."
    )


class LearningSerializer(serializers.ModelSerializer[Learning]):
    has_expired = serializers.BooleanField(read_only=True)

    class Meta:
        model = Learning
        fields = (
            "id", "post_mortem", "claim", "scope", "lever", "channel", "segment", "metric", "grade",
            "graded_by", "expires_on", "has_expired", "by",
        )  # fmt: skip
        read_only_fields = ("by", "grade", "graded_by")
        extra_kwargs: ClassVar[dict[str, Any]] = {"expires_on": {"required": False}}
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
    pod = serializers.IntegerField(
        source="pod.pk", read_only=True, allow_null=True,
        help_text="Its pod. One of a quarter or of a process experiment without a pod is about every pod.",
    )  # fmt: skip

    class Meta:
        model = PostMortem
        fields = (
            "id", "experiment", "quarter", "slip", "round", "process_experiment", "pod", "author", "state", "summary", "surprises", "went_well",
            "went_badly", "lucky", "next_steps", "due_on", "learnings", "follow_ups", "published_at", "published_by",
            "version",
        )  # fmt: skip


class PostMortemInput(serializers.ModelSerializer[PostMortem]):
    version = serializers.IntegerField(required=False)

    class Meta:
        model = PostMortem
        fields = (
            "summary", "surprises", "went_well", "went_badly", "lucky", "next_steps", "version",
        )  # fmt: skip


class ProcessPostMortemInput(serializers.Serializer[Any]):
    about = serializers.ChoiceField(["quarter", "slip", "round", "process_experiment"])
    id = serializers.IntegerField(**ID)
    pod = serializers.IntegerField(
        required=False, help_text="Of a quarter: this pod. Without it, every pod.", **ID
    )


class FollowUpInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    pod = serializers.PrimaryKeyRelatedField(
        queryset=Pod.objects.all(), required=False,
        help_text="Whose backlog it goes into; only of a post-mortem of every pod.",
    )  # fmt: skip
    kind = serializers.ChoiceField(FollowUp.Kind.choices, default=FollowUp.Kind.OTHER)

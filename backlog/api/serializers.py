"""The JSON of people's intent. Scores appear only where `visible_to` lets them."""

from typing import Any

from rest_framework import serializers

from backlog import caps
from backlog.api.bounded import BoundedDict, BoundedList, keys
from backlog.api.own import own_shown
from backlog.api.related import offer
from backlog.flows.moves import MOVES_BY_HAND
from backlog.flows.scoring import KEEP, REVEAL
from backlog.models import (
    Idea,
    Objective,
    Pod,
    Quarter,
    Round,
    RoundIdea,
    RubricBand,
    Score,
    User,
)
from backlog.models.own_fields import LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS
from backlog.models.rubrics import DIMENSIONS


class PodSerializer(serializers.ModelSerializer[Pod]):
    class Meta:
        model = Pod
        fields = ("id", "name", "prefix", "outcome", "is_sample")


class QuarterSerializer(serializers.ModelSerializer[Quarter]):
    class Meta:
        model = Quarter
        fields = ("id", "name", "starts_on", "ends_on")


class QuarterInput(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="Any day of the quarter to open.")


class ObjectiveSerializer(serializers.ModelSerializer[Objective]):
    class Meta:
        model = Objective
        fields = ("id", "quarter", "pod", "title", "metric", "target")
        validators: list[Any] = []  # the flow's full_clean says it in the page's words


class IdeaSerializer(serializers.ModelSerializer[Idea]):
    """An idea as the caller may see it. While it is blind, every score field is null."""

    status = serializers.CharField(read_only=True)
    tags: Any = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    own = serializers.SerializerMethodField(
        help_text="The values of own fields, by the name of the field."
    )
    missing = serializers.SerializerMethodField()

    class Meta:
        model = Idea
        fields = (
            "id", "key", "pod", "title", "observation", "change", "audience", "outcome",
            "expected_effect", "description", "objective", "lever", "channel", "tags", "author",
            "owner", "state", "status", "snoozed_until", "reason", "duplicate_of", "ice",
            "ice_low", "ice_high", "impact", "confidence", "ease", "scorer_count", "agreement",
            "expected_lift", "expected_chance", "expected_days", "expected_value",
            "rank", "rank_low", "rank_high", "pod_rank", "pod_rank_low", "pod_rank_high",
            "own", "missing", "created_at", "version",
        )  # fmt: skip

    def get_own(self, idea: Idea) -> dict[str, str]:
        return own_shown(idea)

    def get_missing(self, idea: Idea) -> list[str]:
        return [sentence for _, sentence in idea.missing]


class IdeaInput(serializers.ModelSerializer[Idea]):
    """What you can write. Send `pod` only for a new idea, and `version` only for a change."""

    pod = serializers.PrimaryKeyRelatedField(queryset=Pod.objects.all())
    tags = BoundedList(
        child=serializers.CharField(max_length=40), required=False, max_length=caps.MOST_TAGS
    )
    own = BoundedDict(
        child=serializers.CharField(
            max_length=LONGEST_VALUE, allow_null=True, allow_blank=True, trim_whitespace=False
        ),
        required=False,
        most=MOST_FIELDS,
        longest=LONGEST_NAME,
        help_text="Values of own fields, by the name of the field: texts, numbers such as “2.5”, "
        "days such as “2026-12-01”. Null takes a value away. Fields that are left out stay.",
    )
    version = serializers.IntegerField(required=False)

    class Meta:
        model = Idea
        fields = (
            "pod", "title", "observation", "change", "audience", "outcome", "expected_effect",
            "description", "objective", "lever", "channel", "owner", "tags", "own", "version",
        )  # fmt: skip

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Offer only what the caller may see."""
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["pod"].queryset = Pod.objects.visible_to(user)  # type: ignore[attr-defined]
            offer(
                fields,
                self.context,
                objective=Objective.objects.visible_to(user),
                owner=User.objects.working_with(user),
            )
        return fields


class IdeaMove(serializers.Serializer[Any]):
    transition = serializers.ChoiceField(choices=MOVES_BY_HAND)
    seen = serializers.CharField(
        required=False, max_length=caps.LONGEST_STATE, help_text="The state in which you saw it."
    )
    snoozed_until = serializers.DateField(required=False)
    reason = serializers.CharField(required=False, max_length=1000)
    duplicate_of = serializers.PrimaryKeyRelatedField(queryset=Idea.objects.none(), required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["duplicate_of"].queryset = Idea.objects.visible_to(user)  # type: ignore[attr-defined]
        return fields


class ScoreSerializer(serializers.ModelSerializer[Score]):
    class Meta:
        model = Score
        fields = ("scorer", "vote", "is_skipped", "impact", "confidence", "ease")


class ScoreInput(serializers.Serializer[Any]):
    """A score from 1 to 10 for each dimension that you are asked for, or `is_skipped`."""

    impact = serializers.IntegerField(min_value=1, max_value=10, required=False, allow_null=True)
    confidence = serializers.IntegerField(
        min_value=1, max_value=10, required=False, allow_null=True
    )
    ease = serializers.IntegerField(min_value=1, max_value=10, required=False, allow_null=True)
    is_skipped = serializers.BooleanField(default=False)


class AskAgainInput(serializers.Serializer[Any]):
    """The dimensions to score again. Leave it out for all three."""

    dimensions = BoundedList(
        child=serializers.ChoiceField(RubricBand.Dimension.choices),
        required=False,
        default=list(DIMENSIONS),
        max_length=len(DIMENSIONS),
    )


class NoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=500, help_text="Why the score moved, or why it stayed.")


class CloseInput(serializers.Serializer[Any]):
    hidden = serializers.ChoiceField(
        choices=(REVEAL, KEEP),
        required=False,
        help_text="What becomes of scores that are not revealed: reveal them now, or keep them for "
        "the next round.",
    )


class GoToInput(serializers.Serializer[Any]):
    round_idea = serializers.PrimaryKeyRelatedField(queryset=RoundIdea.objects.all())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["round_idea"].queryset = RoundIdea.objects.visible_to(user)  # type: ignore[attr-defined]
        return fields


class RoundIdeaSerializer(serializers.ModelSerializer[RoundIdea]):
    """The progress of an idea in a round: counts, and the scores that the caller may see."""

    asks = serializers.ListField(
        child=serializers.ChoiceField(RubricBand.Dimension.choices),
        read_only=True,
        help_text="The dimensions that the current vote asks for.",
    )
    asked = serializers.SerializerMethodField(help_text="How many people are asked for a score.")
    scored = serializers.SerializerMethodField(help_text="How many of them have scored.")
    scores = serializers.SerializerMethodField(
        help_text="Your own scores and the revealed ones. While the idea is blind again, only your own."
    )
    note = serializers.CharField(source="shown_note", read_only=True)

    class Meta:
        model = RoundIdea
        fields = (
            "id", "round", "idea", "position", "stage", "note", "asks", "asked", "scored", "scores",
        )  # fmt: skip

    def get_asked(self, item: RoundIdea) -> int:
        return int(item.asked_count)  # type: ignore[attr-defined]

    def get_scored(self, item: RoundIdea) -> int:
        return int(item.scored_count)  # type: ignore[attr-defined]

    def get_scores(self, item: RoundIdea) -> list[dict[str, Any]]:
        user, revealed = self.context["request"].user, item.shown_votes
        seen = [s for s in item.scores.all() if s.vote in revealed or s.scorer_id == user.pk]
        seen.sort(key=lambda score: (score.vote, score.scorer_id))
        return list(ScoreSerializer(seen, many=True).data)


class RoundSerializer(serializers.ModelSerializer[Round]):
    class Meta:
        model = Round
        fields = (
            "id", "pod", "title", "kind", "state", "opened_by", "opened_at", "closed_at",
            "closes_at", "facilitator", "current", "ideas",
        )  # fmt: skip


class MoreIdeasInput(serializers.Serializer[Any]):
    ideas = keys(Idea.objects.all(), most=caps.MOST_IN_A_ROUND, note=", in the order of the agenda")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["ideas"].child_relation.queryset = Idea.objects.visible_to(user)  # type: ignore[attr-defined]
        return fields


class RoundInput(MoreIdeasInput):
    pod = serializers.PrimaryKeyRelatedField(queryset=Pod.objects.all())
    title = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(Round.Kind.choices, default=Round.Kind.OWN)
    closes_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="Only for rounds on your own: when the scores are revealed.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        user = self.context["request"].user if "request" in self.context else None
        if isinstance(user, User):
            fields["pod"].queryset = Pod.objects.visible_to(user)  # type: ignore[attr-defined]
        return fields

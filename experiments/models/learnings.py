"""What was learned: claims with their scope and grade, what links them, and the ideas that cite them."""

from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, Pod, User
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods
from backlog.search import words_of
from experiments.learning.grading import LEVELS, GradeCode
from experiments.learning.scopes import Scope
from experiments.learning.sentences import AS_ENTERED, GRADES
from experiments.models.decisions import PostMortem
from experiments.models.design import Experiment


class LearningQuerySet(SeenInPods["Learning"]):
    """Learnings of published post-mortems are for everybody; of drafts, for their pod."""

    pod_path = "post_mortem__experiment__pod"
    for_everybody = Q(post_mortem__state="published")

    def having_words(self, typed: str) -> Self:
        """With all these words, each as the start of a word. All of them where nothing was typed."""
        return having_words(self, typed, "words")


M = TypeVar("M", bound="models.QuerySet[Any]")


def having_words(rows: M, typed: str, column: str) -> M:
    """Rows in whose `column` (`backlog.search.as_column`) every word begins a word of it."""
    words = words_of(typed)
    if typed.strip() and not words:
        return rows.none()
    for word in words:
        rows = rows.filter(**{f"{column}__contains": f" {word}"})
    return rows


class Learning(models.Model):
    """One claim with its scope, its grade of evidence and its expiry.

    The four parts of the scope say which experiments it rests on; an empty one stands for any.
    `grade` is the level of `graded_by`, or, with an empty `graded_by`, what somebody typed.
    """

    class GradedBy(models.TextChoices):
        NONE = GradeCode.NONE.value, "No evidence"
        WORDS_ONLY = GradeCode.WORDS_ONLY.value, "Outcome only"
        CONTRADICTED = GradeCode.CONTRADICTED.value, "Contradicted"
        WIDE = GradeCode.WIDE.value, "Measured, wide"
        ONE_CLEAR = GradeCode.ONE_CLEAR.value, "One experiment, clear"
        REPEATED = GradeCode.REPEATED.value, "Repeated"
        REPLICATED = GradeCode.REPLICATED.value, "Replicated"

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="learnings")
    claim = models.CharField(max_length=300)
    scope = models.CharField(max_length=200, help_text="For whom, where and when it holds.")
    lever = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=60, blank=True)
    segment = models.CharField(max_length=120, blank=True)
    metric = models.CharField(max_length=80, blank=True)
    grade = models.PositiveSmallIntegerField(default=0, editable=False)
    graded_by = models.CharField(max_length=12, choices=GradedBy, blank=True, editable=False)
    expires_on = models.DateField()
    is_expiry_typed = models.BooleanField(default=False, editable=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    words = Text(blank=True, max_length=5_000, editable=False)  # `backlog.search.as_column`

    objects = LearningQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["lever"], name="learning_by_lever"),
            models.Index(fields=["-created_at"], name="learning_by_age"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["post_mortem", "claim"],
                name="one_learning_a_claim",
                violation_error_message="This learning is already in the post-mortem.",
            ),
        ]

    def __str__(self) -> str:
        return self.claim

    def get_absolute_url(self) -> str:
        return reverse("experiments:learning_detail", args=[self.pk])

    @property
    def pod(self) -> Pod:
        return self.experiment.pod

    @property
    def experiment(self) -> Experiment:
        """The experiment that is its evidence; no learning is written without one."""
        return cast(Experiment, self.post_mortem.experiment)

    @property
    def has_expired(self) -> bool:
        return self.expires_on <= timezone.localdate()

    @property
    def about(self) -> Scope:
        """The scope as the evidence compares it."""
        return Scope(self.lever, self.channel, self.segment, self.metric)

    @property
    def grade_name(self) -> str:
        return GRADES[GradeCode(self.graded_by)][0] if self.graded_by else AS_ENTERED[0]

    @property
    def grade_rule(self) -> str:
        return GRADES[GradeCode(self.graded_by)][1] if self.graded_by else AS_ENTERED[1]

    def set_grade(self, code: GradeCode) -> None:
        self.graded_by, self.grade = code.value, LEVELS[code]


class LearningLinkQuerySet(SeenInPods["LearningLink"]):
    """A link is seen by those who see both ends; only published learnings are linked."""

    pod_path = "newer__post_mortem__experiment__pod"
    for_everybody = Q(newer__post_mortem__state="published")


class LearningLink(models.Model):
    """Two learnings of one scope that say the same or the opposite: by the rule, until somebody of
    either pod confirms or dismisses it."""

    class Kind(models.TextChoices):
        REPLICATES = "replicates", "Replicates"
        CONTRADICTS = "contradicts", "Contradicts"

    class Judgement(models.TextChoices):
        BY_RULE = "by-rule", "By the rule"
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Dismissed"

    newer = models.ForeignKey(Learning, models.CASCADE, related_name="links_back")
    older = models.ForeignKey(Learning, models.CASCADE, related_name="links_on")
    kind = models.CharField(max_length=11, choices=Kind)
    judgement = models.CharField(
        max_length=9, choices=Judgement, default=Judgement.BY_RULE, editable=False
    )
    judged_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = LearningLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["newer", "older"], name="two_learnings_one_link"),
        ]

    def __str__(self) -> str:
        return f"{self.newer} {self.get_kind_display().lower()} {self.older}"

    @property
    def pod(self) -> Pod:
        return self.newer.pod


class CitationQuerySet(SeenInPods["Citation"]):
    pod_path = "idea__pod"


class Citation(models.Model):
    """A learning that an idea rests on; the learning shows who cites it."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="citations")
    learning = models.ForeignKey(Learning, models.CASCADE, related_name="citations")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["idea", "learning"], name="cited_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea.key} cites “{self.learning}”"

    @property
    def pod(self) -> Pod:
        return self.idea.pod


class LeverFollowQuerySet(models.QuerySet["LeverFollow"]):
    def visible_to(self, user: User) -> Self:
        """One's own only."""
        return self.filter(user=user)


class LeverFollow(models.Model):
    """A lever that a person follows, by its folded name."""

    user = models.ForeignKey(User, models.CASCADE, related_name="levers_followed")
    lever = models.CharField(max_length=120)

    objects = LeverFollowQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "lever"], name="follows_a_lever_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["lever"], name="follow_by_lever"),
        ]

    def __str__(self) -> str:
        return f"{self.user} follows {self.lever}"

"""How good is it: rubrics, rounds, and scores that stay blind until the reveal."""

from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from backlog.models.ideas import Idea
from backlog.models.people import Pod, User

DIMENSIONS = ("impact", "confidence", "ease")


class Rubric(models.Model):
    """One version of the words behind the numbers; a round keeps the one it was scored with."""

    version = models.PositiveIntegerField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "version"

    def __str__(self) -> str:
        return f"Rubric, version {self.version}"

    def by_dimension(self) -> dict[str, list["RubricBand"]]:
        """The five bands of each dimension, lowest first."""
        bands: dict[str, list[RubricBand]] = {dimension: [] for dimension in DIMENSIONS}
        for band in self.bands.all():
            bands[band.dimension].append(band)
        return bands


class RubricBand(models.Model):
    """Two neighbouring scores (1–2 … 9–10) of a dimension: what they mean, and the range they claim."""

    class Dimension(models.TextChoices):
        IMPACT = "impact", "Impact"
        CONFIDENCE = "confidence", "Confidence"
        EASE = "ease", "Ease"

    rubric = models.ForeignKey(Rubric, models.CASCADE, related_name="bands")
    dimension = models.CharField(max_length=10, choices=Dimension)
    band = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=80)
    range_words = models.CharField(max_length=40)
    low = models.FloatField(help_text="Lift and chance as a fraction, Ease in working days.")
    high = models.FloatField()

    class Meta:
        ordering = ("dimension", "band")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rubric", "dimension", "band"], name="one_band"),
            models.CheckConstraint(condition=Q(band__gte=1, band__lte=5), name="five_bands"),
        ]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()} {self.first}–{self.first + 1}: {self.words}"

    @property
    def first(self) -> int:
        return self.band * 2 - 1

    @property
    def last(self) -> int:
        return self.band * 2


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: User) -> Self:
        return self if user.stands_above_pods else self.filter(pod__in=list(user.pod_roles))

    def open(self) -> Self:
        return self.filter(state=Round.State.OPEN)


class Round(models.Model):
    """A set of ideas that a pod scores blind, then reveals and discusses."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="rounds")
    title = models.CharField(max_length=80)
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="rounds")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN, editable=False)
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    scorers = models.ManyToManyField(User, related_name="rounds")
    ideas = models.ManyToManyField(Idea, through="RoundIdea", related_name="rounds")

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-pk")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("backlog:round_detail", args=[self.pk])


def _count_of(rows: models.QuerySet[Any], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(rows=models.Count("*")).values("rows")
    return Coalesce(models.Subquery(counted, output_field=models.IntegerField()), 0)


class RoundIdeaQuerySet(models.QuerySet["RoundIdea"]):
    def visible_to(self, user: User) -> Self:
        return self if user.stands_above_pods else self.filter(round__pod__in=list(user.pod_roles))

    def in_hand(self) -> Self:
        """Not yet settled: blind, revealed or being scored again."""
        return self.exclude(stage=RoundIdea.Stage.SETTLED)

    def with_progress(self) -> Self:
        """`scored_count` of `asked_count`: all that may be known while blind, the same for everybody.

        The author abstains and is not asked; who skips is not counted on either side.
        """
        given = Score.objects.filter(
            round_idea=models.OuterRef("pk"), vote=models.OuterRef("votes")
        )
        asked = Round.scorers.through.objects.filter(round=models.OuterRef("round")).exclude(
            user=Coalesce(models.OuterRef("idea__author"), 0)
        )
        return self.annotate(
            scored_count=_count_of(given.filter(is_skipped=False), "round_idea"),
            asked_count=_count_of(asked, "round")
            - _count_of(given.filter(is_skipped=True), "round_idea"),
        )

    def with_is_scorer(self, user: User) -> Self:
        """`is_scorer`: whether this person was a member of the pod when the round was opened."""
        asked = Round.scorers.through.objects.filter(round=models.OuterRef("round"), user=user)
        return self.annotate(is_scorer=models.Exists(asked))

    def with_has_scores(self) -> Self:
        """`has_scores`: whether anybody scored rather than skipped it, whichever vote."""
        given = Score.objects.filter(round_idea=models.OuterRef("pk"), is_skipped=False)
        return self.annotate(has_scores=models.Exists(given))

    def waiting_for(self, user: User) -> Self:
        """Where this person is asked for a score and has not given or skipped it."""
        asked = self.filter(round__state=Round.State.OPEN, round__scorers=user).exclude(
            idea__author=user
        )
        given = Score.objects.filter(round_idea=models.OuterRef("pk"), scorer=user)
        return asked.filter(
            Q(stage=RoundIdea.Stage.BLIND) & ~models.Exists(given.filter(vote=1))
            | Q(stage=RoundIdea.Stage.REVOTE) & ~models.Exists(given.filter(vote=2))
        )


class RoundIdea(models.Model):
    """An idea on the agenda of a round, and how far its scoring has come.

    blind → revealed → (revote →) settled. A score shows to others only where its vote is revealed.
    """

    class Stage(models.TextChoices):
        BLIND = "blind", "Blind"
        REVEALED = "revealed", "Revealed"
        REVOTE = "revote", "Scored once more"
        SETTLED = "settled", "Settled"

    round = models.ForeignKey(Round, models.CASCADE, related_name="round_ideas")
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="round_ideas")
    position = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.BLIND, editable=False)
    revealed_at = models.DateTimeField(null=True, editable=False)
    votes = models.PositiveSmallIntegerField(default=1, editable=False)

    objects = RoundIdeaQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "idea"], name="once_on_an_agenda"),
            models.UniqueConstraint(
                fields=["idea"],
                condition=~Q(stage="settled"),
                name="one_open_round_an_idea",
                violation_error_message="This idea is in an open round already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea.key} in {self.round}"

    @property
    def pod(self) -> Pod:
        return self.round.pod

    @property
    def takes_scores(self) -> bool:
        return self.stage in (self.Stage.BLIND, self.Stage.REVOTE)

    @property
    def revealed_votes(self) -> tuple[int, ...]:
        """The votes whose scores everybody may see."""
        if self.stage == self.Stage.BLIND:
            return ()
        return (1,) if self.stage == self.Stage.REVOTE else tuple(range(1, self.votes + 1))


class ScoreQuerySet(models.QuerySet["Score"]):
    def visible_to(self, user: User) -> Self:
        """The blind, as a query: one's own scores, and others' where their vote is revealed."""
        revealed = Q(round_idea__stage__in=("revealed", "settled")) | Q(
            round_idea__stage="revote", vote=1
        )
        if not user.stands_above_pods:
            revealed &= Q(round_idea__round__pod__in=list(user.pod_roles))
        return self.filter(revealed | Q(scorer=user))


class Score(models.Model):
    """One member's Impact, Confidence and Ease for one idea, or their wish to skip it."""

    _one_to_ten = (
        MinValueValidator(1, "A score is a whole number from 1 to 10."),
        MaxValueValidator(10, "A score is a whole number from 1 to 10."),
    )

    round_idea = models.ForeignKey(RoundIdea, models.CASCADE, related_name="scores")
    scorer = models.ForeignKey(User, models.CASCADE, related_name="scores")
    vote = models.PositiveSmallIntegerField(default=1, editable=False)
    is_skipped = models.BooleanField(default=False)
    impact = models.PositiveSmallIntegerField(null=True, blank=True, validators=_one_to_ten)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, validators=_one_to_ten)
    ease = models.PositiveSmallIntegerField(null=True, blank=True, validators=_one_to_ten)
    scored_at = models.DateTimeField(default=timezone.now)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["round_idea", "scorer", "vote"], name="one_score_a_vote"
            ),
            models.CheckConstraint(
                condition=Q(
                    is_skipped=True, impact__isnull=True, confidence__isnull=True, ease__isnull=True
                )
                | Q(
                    is_skipped=False,
                    impact__isnull=False,
                    confidence__isnull=False,
                    ease__isnull=False,
                    impact__range=(1, 10),
                    confidence__range=(1, 10),
                    ease__range=(1, 10),
                ),
                name="three_scores_or_none",
                violation_error_message="Score all three from 1 to 10, or skip the idea.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorer} on {self.round_idea}"

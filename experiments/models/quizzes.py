"""Answers to the quiz about past experiments. They are for the person who gave them alone."""

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backlog.models import User
from experiments.models.design import Experiment


class QuizAnswerQuerySet(models.QuerySet["QuizAnswer"]):
    def visible_to(self, user: User) -> Self:
        """One's own only."""
        return self.filter(user=user)


class QuizAnswer(models.Model):
    """What a person predicted of one past experiment, in the quiz of the quarter that began on a day."""

    class Band(models.TextChoices):
        """The change of the primary metric, in the direction that it wants."""

        MUCH_WORSE = "much-worse", "Worse by more than 5\u00a0%"
        WORSE = "worse", "Worse by 1 to 5\u00a0%"
        SAME = "same", "Within 1\u00a0% of no difference"
        BETTER = "better", "Better by 1 to 5\u00a0%"
        MUCH_BETTER = "much-better", "Better by 5 to 20\u00a0%"
        FAR_BETTER = "far-better", "Better by more than 20\u00a0%"

    user = models.ForeignKey(User, models.CASCADE, related_name="quiz_answers")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="quiz_answers")
    quarter_from = models.DateField()
    band = models.CharField(max_length=12, choices=Band)
    chance = models.PositiveSmallIntegerField(
        help_text="Percent, that it won.", validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    answered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = QuizAnswerQuerySet.as_manager()

    class Meta:
        ordering = ("-answered_at", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "experiment"], name="one_quiz_answer_each"),
            models.CheckConstraint(
                condition=Q(chance__lte=100), name="quiz_chance_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.experiment}"

"""An idea in a round, and the scores that stay blind until the reveal."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from backlog.models.ideas import Idea
from backlog.models.people import Membership, Pod, User
from backlog.models.rounds import Round, Seat, gives_what_is_asked
from backlog.models.rubrics import DIMENSIONS
from backlog.models.visibility import SeenInPods

__all__ = ["DIMENSIONS", "RoundIdea", "Score"]


def _count_of(rows: models.QuerySet[Any], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(rows=models.Count("*")).values("rows")
    return Coalesce(models.Subquery(counted, output_field=models.IntegerField()), 0)


class RoundIdeaQuerySet(SeenInPods["RoundIdea"]):
    pod_path = "round__pod"

    def in_hand(self) -> Self:
        """Not yet settled: blind, revealed or being scored again."""
        return self.filter(stage__in=RoundIdea.IN_HAND)

    def with_progress(self) -> Self:
        """`scored_count` of `asked_count`: all that anybody may know while the idea is blind.

        The author is not asked. People who skip, leave the pod or are deactivated before scoring do
        not count on either side.
        """
        given = Score.objects.filter(round_idea=OuterRef("pk"), vote=OuterRef("votes"))
        belongs = Membership.objects.filter(
            user=OuterRef("user"), pod=OuterRef("round__pod"), role__in=("member", "lead"),
            user__is_active=True,
        )  # fmt: skip
        has_given = Score.objects.filter(
            round_idea=OuterRef(OuterRef("pk")),
            vote=OuterRef(OuterRef("votes")),
            scorer=OuterRef("user"),
        )
        seats = (
            Seat.objects.filter(gives_what_is_asked(), round=OuterRef("round"))
            .exclude(user=Coalesce(OuterRef("idea__author"), 0))
            .filter(Exists(belongs) | Exists(has_given))
        )
        return self.annotate(
            scored_count=_count_of(given.filter(is_skipped=False), "round_idea"),
            asked_count=_count_of(seats, "round")
            - _count_of(given.filter(is_skipped=True), "round_idea"),
        )

    def with_is_scorer(self, user: User) -> Self:
        """`is_scorer` and `gives_impact` … of this person's seat in the round."""
        seat = Seat.objects.filter(round=OuterRef("round"), user=user)
        gives = {
            f"gives_{name}": Coalesce(models.Subquery(seat.values(f"gives_{name}")), False)
            for name in DIMENSIONS
        }
        return self.annotate(is_scorer=Exists(seat), **gives)

    def complete(self) -> Self:
        """Revealed, with a score in each dimension, so these can have an ICE."""
        given = Score.objects.revealed().filter(round_idea=OuterRef("pk"))
        shown = self.exclude(stage__in=(RoundIdea.Stage.BLIND, RoundIdea.Stage.LEFT))
        return shown.filter(*(Exists(given.exclude(**{name: None})) for name in DIMENSIONS))

    def that_count(self) -> Self:
        """For each idea, the row that its ICE comes from: the last complete one."""
        is_later = Q(revealed_at__gt=OuterRef("revealed_at")) | Q(
            revealed_at=OuterRef("revealed_at"), pk__gt=OuterRef("pk")
        )
        later = RoundIdea.objects.complete().filter(is_later, idea=OuterRef("idea"))
        return self.complete().filter(~Exists(later))

    def with_own(self, user: User) -> Self:
        """With this person's score in the current vote: see `RoundIdea.own`."""
        mine = Score.objects.filter(round_idea=OuterRef("pk"), vote=OuterRef("votes"), scorer=user)
        names = ("is_skipped", *DIMENSIONS)
        return self.annotate(
            **{f"own_{name}": models.Subquery(mine.values(name)[:1]) for name in names}
        )

    def with_counts(self) -> Self:
        """`counts`: whether the ICE of its idea comes from here."""
        counting = RoundIdea.objects.that_count().filter(pk=OuterRef("pk"))
        return self.annotate(counts=Exists(counting))

    def waiting_for(self, user: User) -> Self:
        """Items that this person is asked to score and has neither scored nor skipped.

        In a live session only the current idea is waiting. Nothing is waiting for people who have
        left the pod or only watch it now.
        """
        seat = Seat.objects.filter(gives_what_is_asked(), round=OuterRef("round"), user=user)
        in_time = Q(round__closes_at=None) | Q(round__closes_at__gt=timezone.now())
        in_turn = Q(round__kind=Round.Kind.OWN) | Q(round__current=F("pk"))
        given = Score.objects.filter(round_idea=OuterRef("pk"), scorer=user, vote=OuterRef("votes"))
        here = self
        if not user.stands_above_pods:
            scored_in = [pod for pod, role in user.pod_roles.items() if role != "viewer"]
            here = self.filter(round__pod__in=scored_in)
        return (
            here.filter(in_time, in_turn, round__state=Round.State.OPEN)
            .filter(Exists(seat), stage__in=RoundIdea.TAKES_SCORES)
            .exclude(idea__author=user)
            .exclude(Exists(given))
        )


class RoundIdea(models.Model):
    """An idea on the agenda of a round, and how far its scoring has come.

    blind → revealed → (revote →) settled, or left where nobody scored it. A score shows to others
    only where its vote is revealed. `asks_impact` … say what the current vote asks for.
    """

    class Stage(models.TextChoices):
        BLIND = "blind", "Blind"
        REVEALED = "revealed", "Revealed"
        REVOTE = "revote", "Being scored again"
        SETTLED = "settled", "Settled"
        LEFT = "left", "Left for later"

    IN_HAND = (Stage.BLIND, Stage.REVEALED, Stage.REVOTE)
    TAKES_SCORES = (Stage.BLIND, Stage.REVOTE)

    # No index, here and for a score's item: the unique constraint begins with it.
    round = models.ForeignKey(Round, models.CASCADE, related_name="round_ideas", db_index=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="round_ideas")
    position = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.BLIND, editable=False)
    revealed_at = models.DateTimeField(null=True, editable=False)
    votes = models.PositiveSmallIntegerField(default=1, editable=False)
    asks_impact = models.BooleanField(default=True, editable=False)
    asks_confidence = models.BooleanField(default=True, editable=False)
    asks_ease = models.BooleanField(default=True, editable=False)
    note = models.CharField("Why it moved", max_length=500, blank=True)
    ice_before = models.FloatField(null=True, editable=False)
    rank_before = models.PositiveIntegerField(null=True, editable=False)
    ice_first = models.FloatField(null=True, editable=False)

    objects = RoundIdeaQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "idea"], name="once_on_an_agenda"),
            models.UniqueConstraint(
                fields=["idea"],
                condition=Q(stage__in=("blind", "revealed", "revote")),
                name="one_open_round_an_idea",
                violation_error_message="This idea is already in an open round.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea.key} in {self.round}"

    @property
    def pod(self) -> Pod:
        return self.round.pod

    @property
    def takes_scores(self) -> bool:
        return self.stage in self.TAKES_SCORES

    @property
    def asks(self) -> tuple[str, ...]:
        """The dimensions that the current vote asks for."""
        return tuple(name for name in DIMENSIONS if getattr(self, f"asks_{name}"))

    @property
    def own(self) -> "Score | None":
        """The user's score in the current vote, for an item from `with_own(user)`."""
        read = {name: getattr(self, f"own_{name}") for name in ("is_skipped", *DIMENSIONS)}
        return None if read["is_skipped"] is None else Score(round_idea=self, **read)

    @property
    def revealed_votes(self) -> tuple[int, ...]:
        """The votes whose scores everybody may see."""
        if self.stage in (self.Stage.BLIND, self.Stage.LEFT):
            return ()
        return (1,) if self.stage == self.Stage.REVOTE else tuple(range(1, self.votes + 1))

    @property
    def shown_votes(self) -> tuple[int, ...]:
        """The votes that may show now. While the idea is blind, none of any round."""
        return () if self.idea.is_blind else self.revealed_votes

    @property
    def shown_note(self) -> str:
        """The note. It is hidden with the scores while the idea is blind again."""
        return "" if self.idea.is_blind else self.note


def _latest(name: str) -> Coalesce:
    """The latest of a person's votes on an idea that has a value. There are two at most."""
    return Coalesce(Max(name, filter=Q(vote=2)), Max(name, filter=Q(vote=1)))


# Written in SQL, because two hundred browsers run it at once when a live session moves on.
_GIVEN_IN = """
    SELECT s.* FROM backlog_score s JOIN backlog_roundidea i ON i.id = s.round_idea_id
    WHERE i.round_id = %s AND s.scorer_id = %s
"""


class ScoreQuerySet(models.QuerySet["Score"]):
    def revealed(self) -> Self:
        """What everybody in the pod may see: scores of revealed votes."""
        return self.filter(
            Q(round_idea__stage__in=("revealed", "settled")) | Q(round_idea__stage="revote", vote=1)
        )

    def visible_to(self, user: User) -> Self:
        """The blind as a query: one's own scores, and those of others once their vote is revealed.

        All scores of an idea that is blind again are hidden, also those of earlier rounds.
        """
        revealed = Score.objects.revealed().exclude(round_idea__idea__state=Idea.State.SCORING)
        if not user.stands_above_pods:
            revealed = revealed.filter(round_idea__round__pod__in=list(user.pod_roles))
        return self.filter(Q(pk__in=revealed.values("pk")) | Q(scorer=user))

    def given_in(self, round_pk: int, user: User) -> Iterable["Score"]:
        """What this person gave or skipped in a round."""
        return self.raw(_GIVEN_IN, [round_pk, user.pk])

    def that_count(self) -> models.QuerySet["Score", Any]:
        """The one rule for which scores count: a row for each idea in a round and each person.

        Revealed and not skipped, with the latest value in each dimension. For an idea with several
        rounds, `RoundIdea.objects.that_count()` says which one counts.
        """
        return (
            self.revealed()
            .filter(is_skipped=False)
            .order_by()
            .values("round_idea", "scorer")
            .annotate(**{f"{name}_now": _latest(name) for name in DIMENSIONS})
        )


class Score(models.Model):
    """One member's Impact, Confidence and Ease for one idea, or their wish to skip it.

    A dimension is None if this person or this re-vote is not asked for it. The round's rubric,
    whose version never changes, says what a score claims (lift, chance, days).
    """

    _one_to_ten = (
        MinValueValidator(1, "Enter a whole number from 1 to 10."),
        MaxValueValidator(10, "Enter a whole number from 1 to 10."),
    )

    round_idea = models.ForeignKey(RoundIdea, models.CASCADE, related_name="scores", db_index=False)
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
                | Q(is_skipped=False)
                & (Q(impact__isnull=True) | Q(impact__range=(1, 10)))
                & (Q(confidence__isnull=True) | Q(confidence__range=(1, 10)))
                & (Q(ease__isnull=True) | Q(ease__range=(1, 10)))
                & (Q(impact__isnull=False) | Q(confidence__isnull=False) | Q(ease__isnull=False)),
                name="scores_or_a_skip",
                violation_error_message="Score the idea from 1 to 10, or skip it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorer} on {self.round_idea}"

    @property
    def mark(self) -> str:
        """Distinguishes two states of one's own score, for a second tab."""
        return str(int(self.scored_at.timestamp() * 1_000_000))

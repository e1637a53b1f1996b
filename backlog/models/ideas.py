"""What might we try: ideas with their hypothesis, state and stored score."""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.functional import cached_property

from backlog.models.belonging import OfAPod
from backlog.models.listed import IdeaFacts, ListedIdea
from backlog.models.people import Pod, User
from backlog.models.planning import Objective
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods
from backlog.search import HasWords, closeness, words_of


class Tag(models.Model):
    """A word that people file ideas under; kept in lower case."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class IdeaQuerySet(SeenInPods["Idea"]):
    def ranked(self) -> Self:
        """Best first, ties by the older idea; ideas without a revealed score come last."""
        return self.order_by("-ice_order", "pk")

    def in_play(self) -> Self:
        """Ideas that are neither rejected nor duplicates of another."""
        return self.exclude(state__in=(Idea.State.REJECTED, Idea.State.DUPLICATE))

    def ready_for_scoring(self) -> Self:
        return self.filter(state=Idea.State.OPEN).exclude(
            round_ideas__stage__in=("blind", "revealed", "revote")
        )

    def having_text(
        self, typed: str, *, pods: Collection[int] | None = None, most: int | None = None
    ) -> Self:
        """Ideas with all these words in what they say, each as the start of a word.

        All ideas where nothing was typed, none where it was signs alone. With `most` a word that
        stands everywhere finds the newest so many; `pods` (ids) keeps those the newest of these
        pods, and goes beside `visible_to`, never in its place.
        """
        if not typed.strip():
            return self
        words = words_of(typed)
        return self.filter(HasWords(words, pods=pods, most=most)) if words else self.none()

    def by_closeness(self, typed: str) -> Self:
        """The best match for what was typed first; `closeness` is its number, small is better."""
        near = self.annotate(closeness=closeness(words_of(typed), typed))
        return near.order_by("closeness", "-pk")

    def listed(self, *further: str) -> list[tuple[ListedIdea, dict[str, Any]]]:
        """What a list shows of each, beside the values of `further` paths, by path."""
        width = len(ListedIdea._fields)
        rows = self.values_list(*ListedIdea._fields, *further)
        return [
            (ListedIdea._make(row[:width]), dict(zip(further, row[width:], strict=True)))
            for row in rows
        ]


def order_of(dimension: str) -> models.GeneratedField:
    """A column to sort by: the mean, or -1 if no mean is visible."""
    return models.GeneratedField(
        expression=Coalesce(dimension, models.Value(-1.0)),
        output_field=models.FloatField(),
        db_persist=True,
    )


class Idea(IdeaFacts, OfAPod):
    """A proposal in the backlog. Scores are stored on it once they are revealed, never before."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SCORING = "scoring", "In round"
        PROMOTED = "promoted", "Promoted"
        SNOOZED = "snoozed", "Snoozed"
        REJECTED = "rejected", "Rejected"
        DUPLICATE = "duplicate", "Duplicate"

    PARTS = ("owner",)
    HYPOTHESIS_PARTS: ClassVar[dict[str, str]] = {
        "observation": "what you saw",
        "change": "the change",
        "audience": "for whom",
        "outcome": "what will move",
        "expected_effect": "by how much",
    }

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="ideas", db_index=False)
    number = models.PositiveIntegerField(editable=False)
    key = models.CharField(max_length=16, unique=True, editable=False)
    title = models.CharField(
        max_length=200,
        error_messages={
            "max_length": "A title can have at most 200 characters. This one has %(show_value)d. Put the rest in the description."
        },
    )
    observation = Text("Because we saw", max_length=500, blank=True)
    change = Text("we believe that", max_length=500, blank=True)
    audience = Text("for", max_length=300, blank=True)
    outcome = Text("will move", max_length=300, blank=True)
    expected_effect = models.CharField("by", max_length=100, blank=True)
    # What a sheet said word for word. Null where none did: SQLite then adds the column in place, and
    # the triggers of the search stay.
    imported_scores = models.CharField(max_length=200, null=True, editable=False)
    description = Text(blank=True, max_length=20_000)
    objective = models.ForeignKey(
        Objective, models.SET_NULL, null=True, blank=True, related_name="ideas", db_index=False
    )
    lever = models.CharField(
        max_length=60, blank=True, help_text="For example subject line or timing."
    )
    channel = models.CharField(max_length=60, blank=True, help_text="For example e-mail or push.")
    tags = models.ManyToManyField(Tag, blank=True, related_name="ideas")
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="ideas_written"
    )
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="ideas_owned", db_index=False
    )

    state = models.CharField(max_length=10, choices=State, default=State.OPEN, editable=False)
    snoozed_until = models.DateField(null=True, editable=False)
    reason = Text(blank=True, editable=False, max_length=1000)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="duplicates", editable=False,
        db_index=False,
    )  # fmt: skip

    ice = models.FloatField(null=True, editable=False)
    ice_low = models.FloatField(null=True, editable=False)
    ice_high = models.FloatField(null=True, editable=False)
    ice_order = models.FloatField(default=-1, editable=False)
    impact = models.FloatField(null=True, editable=False)
    confidence = models.FloatField(null=True, editable=False)
    ease = models.FloatField(null=True, editable=False)
    scorer_count = models.PositiveSmallIntegerField(default=0, editable=False)
    agreement = models.CharField(max_length=6, blank=True, editable=False)
    # What the calibration makes of the scores; empty where it is off, and while the idea is blind.
    expected_lift = models.FloatField(null=True, editable=False)
    expected_chance = models.FloatField(null=True, editable=False)
    expected_days = models.FloatField(null=True, editable=False)
    expected_value = models.FloatField(null=True, editable=False)
    expected_order = order_of("expected_value")
    impact_order = order_of("impact")
    confidence_order = order_of("confidence")
    ease_order = order_of("ease")
    status_order = models.GeneratedField(
        expression=models.Case(
            models.When(state="open", ice=None, then=models.Value(0)),
            models.When(state="scoring", then=models.Value(1)),
            models.When(state="open", then=models.Value(2)),
            models.When(state="promoted", then=models.Value(3)),
            models.When(state="snoozed", then=models.Value(4)),
            models.When(state="rejected", then=models.Value(5)),
            default=models.Value(6),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    agreement_order = models.GeneratedField(
        expression=models.Case(
            models.When(agreement="close", then=models.Value(0)),
            models.When(agreement="mixed", then=models.Value(1)),
            models.When(agreement="split", then=models.Value(2)),
            models.When(agreement="alone", then=models.Value(3)),
            default=models.Value(4),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    rank = models.PositiveIntegerField(null=True, editable=False)
    rank_low = models.PositiveIntegerField(null=True, editable=False)
    rank_high = models.PositiveIntegerField(null=True, editable=False)
    pod_rank = models.PositiveIntegerField(null=True, editable=False)
    pod_rank_low = models.PositiveIntegerField(null=True, editable=False)
    pod_rank_high = models.PositiveIntegerField(null=True, editable=False)

    accepted_at = models.DateTimeField(null=True, editable=False)
    came_by = models.ForeignKey(
        "backlog.Import", models.SET_NULL, null=True, related_name="ideas", editable=False
    )
    has_imported_score = models.BooleanField(default=False, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes: ClassVar[list[models.Index]] = [
            # Whatever the list is filtered or sorted by, but for titles, stands in the index of its
            # usual order, so that the rows themselves are read only for the page that is shown.
            models.Index(
                models.F("ice_order").desc(), "id", "state", "pod", "objective", "owner", "author",
                "status_order", "agreement_order", "scorer_count", "impact_order",
                "confidence_order", "ease_order", "lever", "channel", "created_at", "updated_at",
                name="idea_by_ice",
            ),
            models.Index("pod", models.F("ice_order").desc(), "id", name="idea_by_pod_and_ice"),
            *(
                models.Index(leading, models.F("ice_order").desc(), "id", name=f"idea_by_{name}")
                for name, leading in (
                    ("objective", "objective"), ("owner", "owner"), ("status", "status_order"),
                    ("agreement", "agreement_order"), ("lever", Lower("lever")),
                    ("channel", Lower("channel")),
                )
            ),
            # A pod's ideas are those of its own objectives, owners and number of scorers, so walking the
            # order of all pods would not meet them soon.
            models.Index(
                "pod", "objective", models.F("ice_order").desc(), "id", name="idea_by_pod_objective"
            ),
            models.Index("pod", "owner", models.F("ice_order").desc(), "id", name="idea_by_pod_owner"),
            models.Index(
                "pod", models.F("scorer_count").desc(), "id", name="idea_by_pod_scorers"
            ),
            models.Index(models.F("impact_order").desc(), "id", name="idea_by_impact"),
            models.Index(models.F("confidence_order").desc(), "id", name="idea_by_confidence"),
            models.Index(models.F("ease_order").desc(), "id", name="idea_by_ease"),
            models.Index(models.F("scorer_count").desc(), "id", name="idea_by_scorers"),
            models.Index(
                models.F("expected_order").desc(), models.F("ice_order").desc(), "id",
                name="idea_by_expected",
            ),
            models.Index("created_at", "id", name="idea_by_age"),
            models.Index("updated_at", "id", name="idea_by_touch"),
            models.Index(Lower("title"), "id", name="idea_by_title"),
            models.Index("snoozed_until", condition=Q(state="snoozed"), name="idea_snoozed"),
            models.Index(
                "duplicate_of", condition=Q(duplicate_of__isnull=False), name="idea_duplicates"
            ),
        ]  # fmt: skip
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pod", "number"], name="one_number_a_pod"),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="idea_has_a_title",
                violation_error_message="An idea needs a title.",
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False),
                name="snoozed_until_a_day",
                violation_error_message="Choose the day on which it comes back.",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(reason=""),
                name="rejected_with_a_reason",
                violation_error_message="Say why it is rejected. Its author will read this.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @cached_property
    def hypothesis(self) -> dict[str, str]:
        return {part: getattr(self, part) for part in self.HYPOTHESIS_PARTS}

    @property
    def hypothesis_sentence(self) -> str:
        """The hypothesis as one sentence, with what is missing left out.

        "Because we saw …, we believe that … for … will move … by …."
        """
        words = ("Because we saw", "we believe that", "for", "will move", "by")
        parts = [
            f"{word} {part.strip()}"
            for word, part in zip(words, self.hypothesis.values(), strict=True)
            if part.strip()
        ]
        comma = "," if self.observation.strip() and len(parts) > 1 else ""
        sentence = " ".join([f"{part}{comma}" for part in parts[:1]] + parts[1:])
        return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""

    @property
    def missing(self) -> list[tuple[str, str]]:
        """What it lacks before it can be promoted: (the field to fill, what to do)."""
        wanted = [
            ("objective", "Choose an objective"),
            ("observation", "Say what you saw"),
            ("change", "Say what you would change"),
            ("audience", "Say who it is for"),
            ("outcome", "Say what will move"),
            ("expected_effect", "Say by how much"),
            ("owner", "Name an owner"),
        ]
        lacking = [(field, text) for field, text in wanted if not getattr(self, field)]
        return lacking if self.ice is not None else [*lacking, ("scores", "Get it scored")]

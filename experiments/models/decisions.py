"""What was decided, and what was written down."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, Pod, Quarter, Round, User
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment
from experiments.models.evidence import Analysis
from experiments.models.process_experiments import ProcessExperiment
from experiments.models.turns import Slip


def departs(choice: str, recommended: str) -> bool:
    """To ship or to roll back where the rule does not say so, or not to where it does."""
    return choice != recommended and bool({choice, recommended} & {"ship", "roll-back"})


class Decision(models.Model):
    """What was decided, by whom, on which analysis, and why where it departs."""

    class Choice(models.TextChoices):
        SHIP = "ship", "Ship"
        ROLL_BACK = "roll-back", "Roll back"
        ITERATE = "iterate", "Iterate"
        STOP = "stop", "Stop"
        RE_RUN = "re-run", "Re-run"

    class Outcome(models.TextChoices):
        WON = "won", "Won"
        LOST = "lost", "Lost"
        FLAT = "flat", "No clear difference"
        STOPPED = "stopped", "Stopped"

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="decision")
    analysis = models.ForeignKey(
        Analysis, models.CASCADE, null=True, blank=True, related_name="decisions"
    )
    # Blank only of an imported experiment whose sheet does not say what was done.
    choice = models.CharField(max_length=10, choices=Choice, blank=True)
    recommended = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = Text(blank=True, max_length=2000)
    waiver = Text(blank=True, max_length=1000)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.done}: {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod

    @property
    def done(self) -> str:
        """What was done, as a label."""
        return self.get_choice_display() if self.choice else "Not recorded"

    @property
    def departs(self) -> bool:
        """It is not what the sealed rule recommended; without a plan there was no rule."""
        return not self.experiment.is_imported and departs(self.choice, self.recommended)


class Proposal(models.Model):
    """A decision that departs from the sealed rule, until a second person has confirmed it."""

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="proposal")
    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="+")
    choice = models.CharField(max_length=10, choices=Decision.Choice)
    recommended = models.CharField(max_length=20, blank=True)
    reason = Text(max_length=2000)
    waiver = Text(blank=True, max_length=1000)
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.get_choice_display()}, proposed: {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod


class PostMortemQuerySet(SeenInPods["PostMortem"]):
    """Published ones are for everybody to learn from; drafts for their pod."""

    pod_path, other_paths = "experiment__pod", ("of_pod",)
    for_everybody = Q(state="published")

    def published(self) -> Self:
        return self.filter(state=PostMortem.State.PUBLISHED)

    def with_subject(self) -> Self:
        """With what its name and its pod are read from."""
        return self.select_related(*PostMortem.SUBJECT)


def _only(*names: str) -> Q:
    """A condition on a row: of its columns that say what it is about, these have a value."""
    columns = ("experiment", "quarter", "slip", "round", "process_experiment")
    return Q(**{f"{name}__isnull": name not in names for name in columns})


class PostMortem(models.Model):
    """The blameless write-up of an experiment, or of a process: a quarter, a slip, a session, a process
    experiment.

    It is about exactly one of the five. `of_pod` is the pod of a process post-mortem; without it, one
    of a quarter or of a process experiment is about every pod. Read-only once published.
    """

    SUBJECT: ClassVar[tuple[str, ...]] = (
        "experiment__pod", "of_pod", "quarter", "slip__experiment", "slip__quarter", "round",
        "process_experiment",
    )  # fmt: skip

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    experiment = models.OneToOneField(
        Experiment, models.CASCADE, null=True, blank=True, related_name="post_mortem"
    )
    quarter = models.ForeignKey(
        Quarter, models.CASCADE, null=True, editable=False, related_name="post_mortems"
    )
    slip = models.OneToOneField(
        Slip, models.CASCADE, null=True, editable=False, related_name="post_mortem"
    )
    round = models.OneToOneField(
        Round, models.CASCADE, null=True, editable=False, related_name="post_mortem"
    )
    process_experiment = models.OneToOneField(
        ProcessExperiment, models.CASCADE, null=True, editable=False, related_name="post_mortem"
    )
    of_pod = models.ForeignKey(Pod, models.CASCADE, null=True, editable=False, related_name="+")
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    summary = Text(
        "What happened", max_length=20_000, blank=True,
        help_text="Drafted by Floe from what it knows.",
    )  # fmt: skip
    surprises = Text("What surprised us?", max_length=20_000, blank=True)
    went_well = Text("What went well?", max_length=20_000, blank=True)
    went_badly = Text("What did not?", max_length=20_000, blank=True)
    lucky = Text("What did we get lucky with?", max_length=20_000, blank=True)
    next_steps = Text("What do we do next?", max_length=20_000, blank=True)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    due_on = models.DateField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    follow_ups = models.ManyToManyField(Idea, through="FollowUp", related_name="came_from")

    objects = PostMortemQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="published_at_a_time",
            ),
            models.CheckConstraint(
                condition=_only("experiment") & Q(of_pod__isnull=True)
                | _only("quarter")
                | _only("process_experiment")
                | (_only("slip") | _only("round")) & Q(of_pod__isnull=False),
                name="post_mortem_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["quarter", "of_pod"], name="one_post_mortem_a_quarter_and_pod"
            ),
            models.UniqueConstraint(
                fields=["quarter"],
                condition=Q(of_pod__isnull=True),
                name="one_post_mortem_a_quarter",
            ),
        ]

    def __str__(self) -> str:
        return f"Post-mortem of {self.name}"

    def get_absolute_url(self) -> str:
        return self.url("postmortem_detail")

    def url(self, page: str, *ids: Any) -> str:
        """The address of a page or a step of it, by the name that its route has for experiments."""
        if self.experiment_id:
            return reverse(f"experiments:{page}", args=[self.experiment_id, *ids])
        return reverse(f"experiments:process_{page}", args=[self.pk, *ids])

    @property
    def pod(self) -> Pod | None:
        return self.experiment.pod if self.experiment else self.of_pod

    @property
    def name(self) -> str:
        """What it is about, inside a sentence."""
        if self.experiment:
            return self.experiment.key
        if self.slip:
            return f"the slip of {self.slip.experiment.key} in {self.slip.quarter}"
        if self.round:
            return f"the session “{self.round}”"
        if self.process_experiment:
            return f"the process experiment “{self.process_experiment}”"
        return f"{self.quarter} in {self.of_pod or 'every pod'}"

    @property
    def title(self) -> str:
        """The same as a heading."""
        if self.experiment:
            return self.experiment.title
        more = f": {self.slip.experiment.title}" if self.slip else ""
        return f"{self.name[0].upper()}{self.name[1:]}{more}"

    @property
    def in_history(self) -> str:
        """What a line of history calls it: a slip's line stands among those of its experiment."""
        return f"the post-mortem of {self.name}" if self.slip else "the post-mortem"

    @property
    def has_history_in(self) -> models.Model:
        """Whose history tells of it. A quarter's is for everybody, so there it has its own."""
        slipped = self.slip.experiment if self.slip else None
        return self.experiment or slipped or self.round or self.process_experiment or self

    @property
    def readers_of_draft(self) -> str:
        """“Only Lifecycle sees it until it is published”, without a full stop."""
        who = f"{self.pod} sees" if self.pod else "programme owners and admins see"
        return f"Only {who} it until it is published"

    @property
    def has_begun(self) -> bool:
        """Somebody writes it; until then it is Floe's draft."""
        return self.is_published or self.author_id is not None

    @property
    def is_late(self) -> bool:
        return not self.is_published and bool(self.due_on and self.due_on < timezone.localdate())

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED


class FollowUp(models.Model):
    """An idea that came out of a post-mortem, and what it does with what was learned."""

    class Kind(models.TextChoices):
        OTHER = "other", "Something else"
        LARGER = "larger", "Run it again, larger"
        SEGMENT = "segment", "Another segment"
        OPPOSITE = "opposite", "The opposite"
        NARROWER = "narrower", "Narrower"
        ROLL_OUT = "roll-out", "Check the roll-out"

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE)
    idea = models.ForeignKey(Idea, models.CASCADE)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post_mortem", "idea"], name="follows_up_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea.key} follows {self.post_mortem}"

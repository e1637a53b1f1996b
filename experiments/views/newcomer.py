"""A newcomer's page: what this pod is for, believes and tried, who does what, and where to begin."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, Window
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from backlog.models import Idea, Membership, Objective, Pod, RoundIdea, User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.progress import first_in_turn
from experiments.flows.health.report_sentences import OUTCOMES, outcome_words
from experiments.flows.health.work import periods
from experiments.flows.quizzing import is_quiz_open
from experiments.models import Collection, Experiment, Learning

BELIEFS, TRIED, STEPS = 6, 6, 3
RUNNING, DECIDED = ("running", "analysing"), ("decided", "closed")
_OVER = Q(experiments__state__in=DECIDED)
CLEAR = 2  # the grade from which a learning is more than a guess


@dataclass(frozen=True)
class Step:
    """One thing to do first, and why."""

    title: str
    why: str
    url: str
    action: str


@dataclass(frozen=True)
class NewcomerPage:
    """Everything is of one pod, as its reader may see it."""

    pod: Pod
    objectives: list[Objective]
    beliefs: list[Learning]
    more_beliefs: int
    collections: list[Collection]
    tried: list[Experiment]
    outcomes: str
    has_more: bool
    running: list[Experiment]
    duties: list[tuple[str, list[Membership]]]
    steps: list[Step]


@require_safe
def pod_newcomer(request: SignedIn, pk: int) -> HttpResponse:
    over = {code: Count("experiments", filter=_OVER & _ended(code)) for code in OUTCOMES}
    pod = get_for(request.user, "backlog.view_pod", Pod.objects.annotate(**over), pk=pk)
    page = newcomer_page(request.user, pod)
    return render(request, "experiments/pod_newcomer.html", {"page": page})


def _ended(code: str) -> Q:
    return Q(experiments__decision__outcome=code)


def newcomer_page(user: User, pod: Pod) -> NewcomerPage:
    """`pod` comes with the number of its experiments for each outcome."""
    day = timezone.localdate()
    objectives = Objective.objects.open_to(pod).filter(quarter__starts_on__lte=day)
    beliefs = list(
        Learning.objects.filter(
            post_mortem__experiment__pod=pod, post_mortem__state="published",
            expires_on__gt=day, grade__gte=CLEAR,
        ).annotate(among=Window(Count("pk")))
        .select_related("post_mortem__experiment__decision")
        .order_by("-grade", "-created_at")[:BELIEFS]
    )  # fmt: skip
    counts = {code: getattr(pod, code) for code in OUTCOMES}
    decided, tests = sum(counts.values()), _shown(pod)
    people = pod.memberships.filter(user__is_active=True).select_related("user")
    return NewcomerPage(
        pod=pod,
        objectives=list(objectives.select_related("quarter")),
        beliefs=beliefs,
        more_beliefs=beliefs[0].among - len(beliefs) if beliefs else 0,  # type: ignore[attr-defined]
        collections=list(pod.collections.all()),
        tried=[one for one in tests if one.state in DECIDED],
        outcomes=f"{decided} decided so far: {outcome_words(counts)}." if decided else "",
        has_more=decided > TRIED,
        running=[one for one in tests if one.state in RUNNING],
        duties=_duties(people),
        steps=_steps(user, pod, beliefs),
    )


def _shown(pod: Pod) -> list[Experiment]:
    """What runs, and the last few that were decided, in one query."""
    mine = Experiment.objects.filter(pod=pod)
    over = mine.filter(state__in=DECIDED, decision__isnull=False)
    last = over.order_by("-decision__decided_at", "-pk").values("pk")[:TRIED]
    chosen = mine.filter(Q(state__in=RUNNING) | Q(pk__in=last)).for_list()
    return list(chosen.order_by(F("decision__decided_at").desc(nulls_last=True), "-number"))


def _duties(people: Iterable[Membership]) -> list[tuple[str, list[Membership]]]:
    """Who does what; a duty that nobody has is named, because somebody will miss it."""
    listed = list(people)
    return [
        (label, [one for one in listed if one.duty == duty])
        for duty, label in Membership.Duty.choices
    ]


def _steps(user: User, pod: Pod, beliefs: list[Learning]) -> list[Step]:
    """The first three that there are, the most pressing first."""
    steps = []
    waiting = RoundIdea.objects.waiting_for(user).filter(round__pod=pod).order_by("round", "pk")
    if items := list(waiting.values_list("round", "pk")):
        round_id = items[0][0]
        first = first_in_turn(round_id, user, (pk for at, pk in items if at == round_id))
        steps.append(Step(
            "Score what waits for you",
            "Nobody sees your scores before the reveal, so a fresh view counts as much as any.",
            reverse("backlog:round_score", args=[round_id, first]), "Score",
        ))  # fmt: skip
    if is_quiz_open(user, periods()[0]):
        steps.append(Step(
            "Predict three past experiments",
            "Take the quiz before you read what came out. Only you see your answers.",
            reverse("experiments:library_quiz"), "Quiz",
        ))  # fmt: skip
    if beliefs:
        steps.append(Step(
            f"Read how we know: {beliefs[0].claim}",
            "It is what this pod has the best evidence for.",
            beliefs[0].post_mortem.get_absolute_url(), "Read",
        ))  # fmt: skip
    if user.has_perm("backlog.add_idea", Idea(pod=pod)):
        steps.append(Step(
            "Add your first idea",
            "A title is enough. Floe says while you type whether something like it was tried.",
            reverse("backlog:idea_new"), "Add",
        ))  # fmt: skip
    steps.append(Step(
        "See what comes up", "The calendar shows what runs and what is planned.",
        reverse("experiments:calendar"), "Look",
    ))  # fmt: skip
    return steps[:STEPS]

"""What was learned, and finding anything again."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backlog.htmx import render as render_part
from backlog.models import Idea
from backlog.search import ENOUGH
from backlog.shell import places_called
from backlog.views.asking import SignedIn
from experiments.models import Experiment, Learning, PostMortem

SHOWN = 50


def parameter(request: SignedIn, name: str) -> str:
    """A word of the address, without the NUL that PostgreSQL takes in no text."""
    return request.GET.get(name, "").replace("\0", "").strip()


@require_safe
def library(request: SignedIn) -> HttpResponse:
    """Learnings and published post-mortems; `q` searches both, `lever` and `outcome` narrow."""
    user = request.user
    words, lever = parameter(request, "q"), parameter(request, "lever")
    outcome = parameter(request, "outcome")
    learnings = Learning.objects.visible_to(user).filter(post_mortem__state="published")
    write_ups = PostMortem.objects.published()
    for word in words.split()[:8]:
        learnings = learnings.filter(
            Q(claim__icontains=word)
            | Q(scope__icontains=word)
            | Q(post_mortem__experiment__title__icontains=word)
        )
        write_ups = write_ups.filter(
            Q(experiment__title__icontains=word)
            | Q(summary__icontains=word)
            | Q(surprises__icontains=word)
        )
    if lever:
        learnings = learnings.filter(post_mortem__experiment__idea__lever=lever)
        write_ups = write_ups.filter(experiment__idea__lever=lever)
    if outcome:
        learnings = learnings.filter(post_mortem__experiment__decision__outcome=outcome)
        write_ups = write_ups.filter(experiment__decision__outcome=outcome)
    one = "post_mortem__experiment"
    tested = Idea.objects.filter(experiments__post_mortem__state="published").exclude(lever="")
    context = {
        "learnings": learnings.select_related(f"{one}__decision", f"{one}__pod", f"{one}__idea")[
            :SHOWN
        ],
        "write_ups": write_ups.select_related(
            "experiment__decision", "experiment__pod", "author"
        ).order_by("-published_at")[:SHOWN],
        "levers": tested.values_list("lever", flat=True).distinct().order_by("lever"),
        "words": words,
        "lever": lever,
        "outcome": outcome,
        "chosen": bool(lever) + bool(outcome),
        "today": timezone.localdate(),
    }
    return render(request, "experiments/library.html", context)


@require_safe
def search(request: SignedIn) -> HttpResponse:
    """Go anywhere: ideas, experiments and learnings whose words hold all of `q`."""
    user, words = request.user, parameter(request, "q")
    pods = None if user.stands_above_pods else list(user.pod_roles)
    ideas = Idea.objects.visible_to(user).having_text(words, pods=pods, most=ENOUGH)
    ideas = ideas.by_closeness(words).select_related("pod")
    experiments = Experiment.objects.visible_to(user).for_list()
    learnings = Learning.objects.visible_to(user).select_related("post_mortem__experiment")
    for word in words.split()[:8]:
        number = word.upper().removeprefix("EXP-").lstrip("0")
        by_key = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q()
        experiments = experiments.filter(Q(title__icontains=word) | (by_key or Q(pk=None)))
        learnings = learnings.filter(claim__icontains=word)
    context = {
        "words": words,
        "places": places_called(words),
        "ideas": ideas[:SHOWN] if words else [],
        "experiments": experiments[:SHOWN] if words else [],
        "learnings": learnings[:SHOWN] if words else [],
    }
    return render_part(request, "experiments/search.html", context, partials={"palette-results"})

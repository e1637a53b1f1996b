"""What was learned, and finding anything again."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from backlog.htmx import render as render_part
from backlog.models import Idea, User
from backlog.search import ENOUGH
from backlog.shell import places_called
from backlog.views.asking import SignedIn
from experiments.flows.evidence import past_experiments
from experiments.flows.following import follow_lever, levers_followed_by
from experiments.learning.scopes import fold
from experiments.models import Decision, EvidenceRow, Experiment, Learning, PostMortem
from experiments.models.learnings import LearningQuerySet, having_words
from experiments.views.evidence_plots import by_lever, lever_forest

SHOWN = 50
WRITE_UPS_SHOWN = 12
SOON = 60
PARTS = {"lever": "Lever", "channel": "Channel", "segment": "Segment", "metric": "Metric"}
AGES = {
    "holds": "Holds",
    "soon": f"Expires within {SOON} days",
    "expired": "Expired: test it again",
}


def parameter(request: SignedIn, name: str) -> str:
    """A word of the address, without the NUL that PostgreSQL takes in no text."""
    return request.GET.get(name, "").replace("\0", "").strip()


@require_safe
def library(request: SignedIn) -> HttpResponse:
    """Learnings and published post-mortems by words and facets, and the evidence by lever."""
    user = request.user
    names = ("q", *PARTS, "outcome", "age")
    wanted = {name: parameter(request, name)[:200] for name in names}
    learnings = _narrowed(Learning.objects.visible_to(user), wanted)
    one = "post_mortem__experiment"
    page = Paginator(
        learnings.select_related(f"{one}__decision", f"{one}__pod", f"{one}__idea"), SHOWN
    ).get_page(parameter(request, "page"))
    chosen = {name: value for name, value in wanted.items() if value}
    past = past_experiments(EvidenceRow.objects.visible_to(user), user=user)
    context = {
        "learnings": page.object_list,
        "page": page,
        "further": urlencode(chosen | {"page": page.number + 1}) if page.has_next() else "",
        "write_ups": _write_ups(wanted),
        "facets": _facets(wanted),
        "outcomes": Decision.Outcome.choices,
        "ages": AGES.items(),
        "forest": lever_forest(by_lever(past)),
        **wanted,
        "words": wanted["q"],
        "chosen": len(chosen) - bool(wanted["q"]),
        "is_narrowed": bool(chosen),
        "follows": fold(wanted["lever"]) in levers_followed_by(user),
    }
    return render(request, "experiments/library.html", context)


def _narrowed(learnings: LearningQuerySet, wanted: dict[str, str]) -> LearningQuerySet:
    """Published ones with all the words, in each facet that was chosen."""
    learnings = learnings.filter(post_mortem__state="published").having_words(wanted["q"])
    for part in PARTS:
        if wanted[part]:
            learnings = learnings.filter(**{f"{part}__iexact": wanted[part]})
    if wanted["outcome"]:
        learnings = learnings.filter(post_mortem__experiment__decision__outcome=wanted["outcome"])
    today = timezone.localdate()
    soon = today + dt.timedelta(days=SOON)
    ages = {
        "holds": Q(expires_on__gt=today),
        "soon": Q(expires_on__gt=today, expires_on__lte=soon),
        "expired": Q(expires_on__lte=today),
    }
    return learnings.filter(ages.get(wanted["age"], Q()))


def _write_ups(wanted: dict[str, str]) -> QuerySet[PostMortem]:
    """Published post-mortems with all the words; a facet of a learning narrows them by their own."""
    rows = having_words(PostMortem.objects.published(), wanted["q"], "found_by__words")
    parts = {part: wanted[part] for part in PARTS if wanted[part]}
    if parts:
        inside = {f"learnings__{part}__iexact": value for part, value in parts.items()}
        rows = rows.filter(**inside).distinct()
    if wanted["outcome"]:
        rows = rows.filter(experiment__decision__outcome=wanted["outcome"])
    joined = rows.with_subject().select_related("experiment__decision", "author")
    return joined.order_by("-published_at")[:WRITE_UPS_SHOWN]


def _facets(wanted: dict[str, str]) -> list[tuple[str, str, list[str], str]]:
    """Each part of the scopes of published learnings, with its values and the chosen one."""
    rows = Learning.objects.filter(post_mortem__state="published").order_by()
    scopes = set(rows.values_list(*PARTS).distinct())
    facets = []
    for place, (part, label) in enumerate(PARTS.items()):
        named = {fold(scope[place]): scope[place] for scope in scopes if scope[place]}
        if wanted[part] and fold(wanted[part]) not in named:
            named[fold(wanted[part])] = wanted[part]
        facets.append((part, label, [named[key] for key in sorted(named)], wanted[part]))
    return facets


@require_POST
def library_follow(request: SignedIn) -> HttpResponse:
    """Follow a lever, or stop following it."""
    lever = request.POST.get("lever", "").replace("\0", "").strip()[:60]
    user: User = request.user
    follow_lever(lever, by=user, is_on="stop" not in request.POST)
    address = redirect("experiments:library")
    address["Location"] += f"?{urlencode({'lever': lever})}"
    return address


def _processes_called(words: str) -> QuerySet[PostMortem]:
    """Published process post-mortems with all the words; those of experiments are found by theirs."""
    rows = PostMortem.objects.published().filter(experiment=None)
    return having_words(rows, words, "found_by__words").with_subject()[:SHOWN]


@require_safe
def search(request: SignedIn) -> HttpResponse:
    """Go anywhere: ideas, experiments and learnings whose words hold all of `q`."""
    user, words = request.user, parameter(request, "q")
    pods = None if user.stands_above_pods else list(user.pod_roles)
    ideas = Idea.objects.visible_to(user).having_text(words, pods=pods, most=ENOUGH)
    ideas = ideas.by_closeness(words).select_related("pod")
    experiments = Experiment.objects.visible_to(user).for_list()
    learnings = Learning.objects.visible_to(user).having_words(words)
    for word in words.split()[:8]:
        number = word.upper().removeprefix("EXP-").lstrip("0")
        by_key = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q()
        experiments = experiments.filter(Q(title__icontains=word) | (by_key or Q(pk=None)))
    context: dict[str, Any] = {
        "words": words,
        "places": places_called(words),
        "ideas": ideas[:SHOWN] if words else [],
        "experiments": experiments[:SHOWN] if words else [],
        "learnings": learnings.select_related("post_mortem__experiment")[:SHOWN] if words else [],
        "write_ups": _processes_called(words) if words else [],
    }
    return render_part(request, "experiments/search.html", context, partials={"palette-results"})

"""What needs me, in order of lateness; then what my pods run."""

import datetime as dt
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_POST, require_safe

from backlog import agenda
from backlog.agenda import AgendaItem
from backlog.flows.first_hour import dismiss_first_hour, first_hour_of
from backlog.models import Event, Idea, Notification, Quarter, Round, RoundIdea, User
from backlog.shell import Shell
from backlog.templatetags.states import EXPERIMENTS
from backlog.views.asking import SignedIn
from backlog.views.progress import first_in_turn

GAPS_SHOWN = 5
NEW_FOR = dt.timedelta(days=30)  # how long somebody is led to what their pods know
DECISIONS = (
    "reject",
    "mark_duplicate",
)  # verbs of history that an idea's author is told of for a week


class AgendaLine(NamedTuple):
    item: AgendaItem
    due: str
    is_late: bool
    is_first: bool


class Group(NamedTuple):
    name: str
    lines: list[AgendaLine]


@require_safe
def today(request: SignedIn) -> HttpResponse:
    day, user = timezone.localdate(), request.user
    quarter = Quarter.objects.around(day).first()
    waiting, shell = _waiting_by_round(user), Shell(request, user)
    rounds = _open_rounds(user)
    shell.to_score = sum(row["ideas"] for row in waiting)
    items = [
        *(_score_item(row, day) for row in waiting),
        *(_to_reveal(user, day) if rounds else ()), *_mentions(user),
        *agenda.waiting_for(user), *_gaps(user),
    ]  # fmt: skip
    context = {
        "shell": shell,
        "groups": groups_of(items, day),
        "running": [(run, EXPERIMENTS[run.status]) for run in agenda.running_for(user)],
        "news": _news(user),
        "rounds": [one for one in rounds if one.is_scored and not one.is_over],  # type: ignore[attr-defined]
        "quarter": quarter,
        "week": (day - quarter.starts_on).days // 7 + 1 if quarter else None,
        "day": day,
        "first_hour": None if rounds else first_hour_of(user),
        "pods_to_learn": shell.pods if _is_new(user) else [],
    }
    return render(request, "backlog/today.html", context)


@require_POST
def today_dismiss(request: SignedIn) -> HttpResponse:
    """Hide the four things to start with, for this person."""
    dismiss_first_hour(by=request.user)
    return redirect("backlog:today")


def _is_new(user: User) -> bool:
    return bool(user.joined_at > timezone.now() - NEW_FOR)


def _open_rounds(user: User) -> list[Round]:
    """The newest few, those first in which an idea still takes scores (`is_scored`)."""
    takes = RoundIdea.objects.filter(round=OuterRef("pk"), stage__in=RoundIdea.TAKES_SCORES)
    rounds = Round.objects.visible_to(user).open().select_related("pod")
    in_order = rounds.annotate(is_scored=Exists(takes)).order_by("-is_scored", "-opened_at", "-pk")
    return list(in_order[:5])


def groups_of(items: list[AgendaItem], day: dt.date) -> list[Group]:
    """Late first, then by the day it is due; what has no day comes last."""
    in_order = sorted(items, key=lambda item: (item.due_on is None, item.due_on or day))
    groups: dict[str, list[AgendaLine]] = {}
    for place, item in enumerate(in_order):
        is_late = item.due_on is not None and item.due_on < day
        line = AgendaLine(item, due_in_words(item.due_on, day), is_late, place == 0)
        groups.setdefault(_when(item.due_on, day), []).append(line)
    return [Group(name, lines) for name, lines in groups.items()]


def _when(due_on: dt.date | None, day: dt.date) -> str:
    if due_on is None:
        return "When there is time"
    if due_on < day:
        return "Late"
    if due_on == day:
        return "Today"
    return "This week" if due_on < day + dt.timedelta(days=7) else "Later"


def due_in_words(due_on: dt.date | None, day: dt.date) -> str:
    """Such as "2 days late", "today", "Fri 20 Nov"."""
    if due_on is None:
        return ""
    late = (day - due_on).days
    if late > 0:
        return f"{late} day{'s' * (late > 1)} late"
    return "now" if late == 0 else format_date(due_on, "D j M")


def _waiting_by_round(user: User) -> list[Any]:
    """One row per round: how many of its ideas wait for my score, and the first in my own order."""
    names = ("round_id", "round__title", "round__pod__name", "round__kind", "round__closes_at")
    rows = RoundIdea.objects.waiting_for(user).order_by("round_id").values("pk", *names)
    by_round = [list(group) for _, group in groupby(rows, key=itemgetter("round_id"))]
    return [
        items[0] | {
            "ideas": len(items),
            "first": first_in_turn(items[0]["round_id"], user, (item["pk"] for item in items)),
        }
        for items in by_round
    ]  # fmt: skip


def _score_item(row: Mapping[str, Any], day: dt.date) -> AgendaItem:
    many, pod = row["ideas"], row["round__pod__name"]
    sentence = f"{pod} scores blind: nobody sees your scores before the reveal."
    due_on, url = day, reverse("backlog:round_score", args=[row["round_id"], row["first"]])
    if row["round__kind"] == Round.Kind.LIVE:
        sentence = f"{pod}’s session is open. Join it now."
        url = reverse("backlog:round_live", args=[row["round_id"]])
    elif row["round__closes_at"]:
        closes = timezone.localtime(row["round__closes_at"])
        due_on = closes.date()
        when = "tonight" if closes.hour >= 17 else "today"
        day_in_words = when if due_on == day else f"on {closes:%A %-d %B}"
        sentence = f"{pod} scores blind. The round closes {day_in_words} at {closes:%H:%M}, and all scores are revealed then."
    return AgendaItem(
        due_on=due_on,
        title=f"Score {many} idea{'s' * (many > 1)} in {row['round__title']}",
        sentence=sentence,
        url=url,
        action="Score",
        icon="i-round",
    )


def _to_reveal(user: User, day: dt.date) -> list[AgendaItem]:
    """Rounds I lead in which everybody who is asked has scored."""
    led = RoundIdea.objects.visible_to(user).filter(round__state=Round.State.OPEN)
    if not user.stands_above_pods:
        led = led.filter(round__pod__memberships__user=user, round__pod__memberships__role="lead")
    ready = (
        led.filter(stage__in=("blind", "revote"))
        .with_progress()
        .filter(scored_count__gt=0, scored_count=F("asked_count"))  # type: ignore[misc]
        .select_related("round", "idea")
    )
    return [
        AgendaItem(
            due_on=day,
            title=f"Reveal the scores of {item.idea.key}",
            sentence=f"Everybody has scored “{item.idea.title}” in {item.round.title}.",
            url=reverse("backlog:round_score", args=[item.round_id, item.pk]),
            action="Reveal",
            icon="i-scored",
        )
        for item in ready
    ]


def _mentions(user: User) -> list[AgendaItem]:
    """Who mentioned me, until I have read it. Where nobody did, nothing is asked."""
    if not getattr(user, "has_mention", True):
        return []
    rows = Notification.objects.visible_to(user).filter(kind="mention", read_at=None)
    return [
        AgendaItem(
            due_on=None,
            title=row.sentence.removesuffix("."),
            sentence=row.quotation,
            url=reverse("backlog:notification_open", args=[row.pk]),
            action="Read",
            icon="message-square",
        )
        for row in rows.select_related("comment").order_by("-at", "-pk")[:GAPS_SHOWN]
    ]


def _gaps(user: User) -> list[AgendaItem]:
    """My open ideas that lack something I can fill in; the newest few."""
    lacking = Q(objective=None)
    for part in Idea.HYPOTHESIS_PARTS:
        lacking |= Q(**{part: ""})
    mine = Idea.objects.visible_to(user).filter(lacking, owner=user, state=Idea.State.OPEN)
    mine = mine.select_related("objective", "owner").order_by("-created_at", "-pk")
    return [
        AgendaItem(
            due_on=None,
            title=f"Fill in {idea.key}: {idea.title}",
            sentence=_what_is_missing(idea),
            url=reverse("backlog:idea_edit", args=[idea.pk]),
            action="Fill in",
            icon="i-new",
        )
        for idea in mine[:GAPS_SHOWN]
    ]


def _what_is_missing(idea: Idea) -> str:
    texts = [text for field, text in idea.missing if field != "scores"]
    return f"{texts[0]}. {len(texts) - 1} more missing." if len(texts) > 1 else f"{texts[0]}."


def _news(user: User) -> list[Event]:
    """Decisions on ideas I wrote, then what happened to ideas of my pods since yesterday.

    Each with its `idea_key`.
    """
    now = timezone.now()
    near = Q(at__gte=now - dt.timedelta(days=1))
    if not user.stands_above_pods:
        near &= Q(pod__in=list(user.pod_roles))
    written = Idea.objects.visible_to(user).filter(author=user).values("pk")
    on_mine = Q(
        verb__in=DECISIONS, subject_id__in=written, at__gte=now - dt.timedelta(days=7)
    ) & ~Q(by=user)
    events = Event.objects.filter(near | on_mine, subject="idea")
    events = events.annotate(is_on_mine=Case(When(on_mine, then=1), default=0)).order_by(
        "-is_on_mine", "-at"
    )
    keys = Idea.objects.filter(pk=OuterRef("subject_id")).values("key")
    newest: list[Any] = list(events.annotate(idea_key=Subquery(keys))[:6])
    return [event for event in newest if event.idea_key]

"""What the experiments app hands in to Today: what waits for somebody, and what runs."""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from backlog.agenda import AgendaItem, RunningItem
from backlog.models import User
from experiments.hooks.standards import waiting_standards
from experiments.models import Alarm, Analysis, Experiment, PostMortem, PostMortemAction, Proposal

SHOWN = 20


def waiting_for(user: User) -> list[AgendaItem]:
    """Tests to launch, to feed, to decide, to write up, where this person has a part in them."""
    today = timezone.localdate()
    theirs = Q(owner=user) | Q(analyst=user) | Q(launcher=user, state="planned")
    mine = Experiment.objects.visible_to(user).run_here().filter(theirs)
    states = ("planned", "running", "analysing", "decided")
    cancelled = Q(state="cancelled", post_mortem__author=None, post_mortem__state="draft")
    open_ones = mine.filter(Q(state__in=states) | cancelled)
    items = [
        _item(e, user, today) for e in open_ones.select_related("decision", "post_mortem")[:SHOWN]
    ]
    items += [*_alarms(mine), *_proposals(mine, user), *_to_check(user)]
    seen = Experiment.objects.visible_to(user)
    run_here = Q(experiment__in=seen.run_here())
    processes = Q(pk__in=PostMortem.objects.visible_to(user).filter(experiment=None))
    drafts = PostMortem.objects.filter(run_here | processes, author=user, state="draft")
    items += [_draft(written) for written in drafts.with_subject()[:SHOWN]]
    items += _actions(user)
    items += waiting_standards(user)
    return [item for item in items if item is not None]


def _actions(user: User) -> list[AgendaItem]:
    """What this person took on in post-mortems, until it is done."""
    of_experiments = Q(post_mortem__experiment__in=Experiment.objects.visible_to(user))
    processes = PostMortem.objects.visible_to(user).filter(experiment=None)
    rows = PostMortemAction.objects.filter(
        of_experiments | Q(post_mortem__in=processes), owner=user, done_at=None
    )
    return [
        AgendaItem(
            row.due_on,
            f"Action: {row.title}",
            f"From the post-mortem of {row.post_mortem.name}.",
            row.post_mortem.get_absolute_url() + "#actions",
            "Open",
            "check",
        )
        for row in rows.select_related(*(f"post_mortem__{one}" for one in PostMortem.SUBJECT))[
            :SHOWN
        ]
    ]


def _proposals(mine: Any, user: User) -> list[AgendaItem]:
    """Departures from the sealed rule that somebody else proposed."""
    rows = Proposal.objects.filter(experiment__in=mine).exclude(by=user)
    return [
        AgendaItem(
            timezone.localdate(row.proposed_at),
            f"Confirm or take back: {row.experiment.title}",
            f"{row.by} proposes to {row.get_choice_display().lower()}, against the sealed rule.",
            reverse("experiments:experiment_decide", args=[row.experiment_id]),
            "Look",
        )
        for row in rows.select_related("experiment", "by")[:SHOWN]
    ]


def _to_check(user: User) -> list[AgendaItem]:
    """Planned experiments of this person's pods that nobody but the author has looked at yet."""
    rows = (
        Experiment.objects.visible_to(user)
        .filter(
            state="planned",
            pod__in=[pod for pod, role in user.pod_roles.items() if role != "viewer"],
        )
        .exclude(author=user)
        .exclude(approvals__kind="qa")
        .exclude(waivers__standard="qa")
    )
    return [
        AgendaItem(
            row.starts_on,
            f"Check: {row.title}",
            f"{row.key} is planned. Somebody other than the author checks it before the launch.",
            reverse("experiments:experiment_ready", args=[row.pk]) + "#approvals",
            "Check",
            "check",
        )
        for row in rows.select_related("author")[:SHOWN]
    ]


def _alarms(mine: Any) -> list[AgendaItem]:
    """Alarms that nobody muted; that the end has passed is on the list above already."""
    loud = Alarm.objects.loud().filter(experiment__in=mine).exclude(kind=Alarm.Kind.OVERDUE)
    return [
        AgendaItem(
            timezone.localdate(alarm.raised_at),
            f"{alarm.get_kind_display()}: {alarm.experiment.title}",
            f"{alarm.experiment.key}. {alarm.sentence}",
            reverse("experiments:experiment_results", args=[alarm.experiment_id]),
            "Look",
            "triangle-alert",
        )
        for alarm in loud.select_related("experiment")[:SHOWN]
    ]


def _item(experiment: Experiment, user: User, today: dt.date) -> AgendaItem | None:
    page = experiment.get_absolute_url()
    if experiment.state == "planned" and experiment.starts_on and experiment.starts_on <= today:
        sentence = f"{experiment.key} was to start on {experiment.starts_on:%-d %b}."
        title = f"Launch: {experiment.title}"
        return AgendaItem(experiment.starts_on, title, sentence, page, "Open", "e-ready")
    if experiment.is_overdue:
        sentence = f"{experiment.key} reached its planned end on {experiment.last_day:%-d %b}."
        url = reverse("experiments:experiment_results", args=[experiment.pk])
        return AgendaItem(
            experiment.ends_on, f"Decide: {experiment.title}", sentence, url, "Decide"
        )
    written = getattr(experiment, "post_mortem", None)
    is_open = experiment.state == "decided" or written is not None
    if is_open and not (written and written.has_begun):
        decision = getattr(experiment, "decision", None)
        due = written.due_on if written else None
        due = due or timezone.localdate(decision.decided_at if decision else None)
        url = reverse("experiments:postmortem_detail", args=[experiment.pk])
        sentence = (
            f"{experiment.key} is {experiment.get_state_display().lower()}. What did we learn?"
        )
        title = f"Write up: {experiment.title}"
        return AgendaItem(due, title, sentence, url, "Write", "lightbulb")
    return None


def _draft(written: PostMortem) -> AgendaItem:
    due = written.due_on or timezone.localdate(written.started_at)
    url = written.url("postmortem_edit")
    title = f"Finish the post-mortem: {written.title}"
    return AgendaItem(due, title, "Your draft is not published yet.", url, "Write", "lightbulb")


def running_for(user: User) -> list[RunningItem]:
    """What one's pods run today."""
    today = timezone.localdate()
    latest = Analysis.objects.filter(experiment=OuterRef("pk")).order_by("-number")
    running = (
        Experiment.objects.visible_to(user)
        .filter(state__in=("running", "analysing"))
        .annotate(latest_outcome=Subquery(latest.values("outcome")[:1]))
        .select_related("pod")
    )
    rows: list[Any] = list(running[:SHOWN])
    return [_running(row, row.latest_outcome, today) for row in rows]


def _comes_next(experiment: Experiment) -> str:
    if experiment.is_overdue:
        return "decide now"
    if experiment.is_over and experiment.outcomes_open_on:
        return f"results open {experiment.outcomes_open_on:%a %-d %b}"
    return f"ends {experiment.last_day:%a %-d %b}" if experiment.last_day else ""


def _running(experiment: Experiment, outcome: str | None, today: dt.date) -> RunningItem:
    first, after = experiment.starts_on or today, experiment.ends_on or today
    days = max((after - first).days, 1)
    is_bad = outcome == "fix-data"
    return RunningItem(
        title=experiment.title,
        url=experiment.get_absolute_url(),
        pod=str(experiment.pod),
        status=experiment.status,
        day=min(max((today - first).days + 1, 0), days),
        days=days,
        health="fix the data" if is_bad else ("health good" if outcome else "no data yet"),
        is_warning=is_bad,
        comes_next=_comes_next(experiment),
    )

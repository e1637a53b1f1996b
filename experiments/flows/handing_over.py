"""What hangs on a person in experiments that are not over, for who takes it over when they leave."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from backlog.flows.open_work import Kind, OpenWork
from backlog.models import Event, Pod, User
from experiments.flows.amending import AMENDABLE_STATES, amend, analyst_clashes
from experiments.flows.promotion import EDITABLE_STATES, change_plan
from experiments.models import Experiment, Feed, PostMortem

PARTS_AFTER_LAUNCH = ("owner", "analyst")  # who launched stays on record


def _parts_of(person: User, experiment: Experiment) -> list[str]:
    """Which parts of the experiment this person still has to play."""
    is_sealed = experiment.state in AMENDABLE_STATES
    names = PARTS_AFTER_LAUNCH if is_sealed else Experiment.PARTS
    return [name for name in names if getattr(experiment, f"{name}_id") == person.pk]


def _open_to(person: User) -> Iterable[Experiment]:
    before = Q(owner=person) | Q(launcher=person) | Q(analyst=person)
    after = Q(owner=person) | Q(analyst=person)
    return Experiment.objects.filter(
        Q(before, state__in=EDITABLE_STATES) | Q(after, state__in=AMENDABLE_STATES)
    ).select_related("pod")


def _experiments(person: User) -> Iterable[OpenWork]:
    return [
        OpenWork(
            experiment.pod,
            f"{experiment.key} {experiment.title}",
            experiment.get_absolute_url(),
            f"{experiment.get_state_display().lower()}, {' and '.join(_parts_of(person, experiment))}",
        )
        for experiment in _open_to(person)
    ]


def _hand_over_experiments(person: User, pod: Pod, to: User, by: User) -> None:
    """A plan changes as any plan does: sealed ones by an amendment that says why."""
    for experiment in [one for one in _open_to(person) if one.pod == pod]:
        changes: dict[str, Any] = dict.fromkeys(_parts_of(person, experiment), to)
        if experiment.state in AMENDABLE_STATES:
            if "analyst" in changes and analyst_clashes(experiment, to):
                del changes["analyst"]  # it stays on the list of what is open, for somebody else
            if not changes:
                continue
            amend(experiment, by=by, reason=f"{person} is leaving.", **changes)
        else:
            change_plan(experiment, by=by, **changes)


def _feeds(person: User) -> Iterable[OpenWork]:
    feeds = Feed.objects.filter(by=person, is_paused=False).exclude(
        experiment__state__in=(Experiment.State.CLOSED, Experiment.State.CANCELLED)
    )
    return [
        OpenWork(
            feed.pod,
            f"{feed.connector} for {feed.experiment.key}",
            reverse("experiments:experiment_feed", args=[feed.experiment_id]),
        )
        for feed in feeds.select_related("connector", "experiment__pod")
    ]


def _hand_over_feeds(person: User, pod: Pod, to: User, by: User) -> None:
    for feed in Feed.objects.filter(by=person, experiment__pod=pod).select_related("experiment"):
        Feed.objects.filter(pk=feed.pk).update(by=to)
        sentence = f"{by} handed its daily query over from {person} to {to}."
        Event.record(feed.experiment, "feed", sentence, by=by)


def _post_mortems(person: User) -> Iterable[OpenWork]:
    drafts = PostMortem.objects.filter(author=person, state=PostMortem.State.DRAFT)
    note = "any member of the pod can finish it"
    return [
        OpenWork(draft.pod, str(draft), draft.get_absolute_url(), note)
        for draft in drafts.with_subject()
        if draft.pod  # one of every pod is for any programme owner to finish
    ]


def _unwritten(person: User) -> Iterable[OpenWork]:
    unbegun = Q(post_mortem=None) | Q(post_mortem__author=None)
    decided = Experiment.objects.run_here().filter(
        unbegun, owner=person, state=Experiment.State.DECIDED
    )
    note = "any member of the pod can write it"
    return [
        OpenWork(
            experiment.pod,
            f"{experiment.key} {experiment.title}",
            reverse("experiments:postmortem_detail", args=[experiment.pk]),
            note,
        )
        for experiment in decided.select_related("pod")
    ]


KINDS = (
    Kind("Has a role in experiments", _experiments, _hand_over_experiments),
    Kind("Wrote daily queries", _feeds, _hand_over_feeds),
    Kind("Owes post-mortems", _unwritten),
    Kind("Drafts post-mortems", _post_mortems),
)

"""Learnings: write one down, grade it by what stands behind it, link those that agree, cite them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from backlog.models import Event, Idea, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.evidence import PastExperiment, past_experiments
from experiments.flows.following import tell_followers
from experiments.learning.expiry import expires_on as season_after
from experiments.learning.grading import Grade, clear_direction, grade
from experiments.learning.scopes import Scope, fold
from experiments.models import (
    Citation,
    EvidenceRow,
    Experiment,
    Learning,
    LearningLink,
    Metric,
    PostMortem,
)
from experiments.models.evidence_rows import EvidenceRowQuerySet

MOST_CITED = 20
MOST_LINKS = 200
SCOPE = ("lever", "channel", "segment", "metric")


def scope_of(experiment: Experiment) -> Scope:
    """The scope that a learning from this experiment begins with."""
    idea, evidence = experiment.idea, getattr(experiment, "evidence", None)
    return Scope(
        idea.lever,
        experiment.channel or idea.channel,
        experiment.segment.name if experiment.segment else "",
        evidence.metric if evidence else _primary_name(experiment),
    )


def _primary_name(experiment: Experiment) -> str:
    primary = experiment.primary
    return primary.metric.name if primary else ""


def _require_draft(post_mortem: PostMortem, by: User) -> None:
    require(by, "experiments.write_postmortem", post_mortem)
    if post_mortem.is_published:
        raise Refused("It is published, so it can’t be changed any more.")


@transaction.atomic
def add_learning(
    post_mortem: PostMortem,
    *,
    by: User,
    claim: str,
    scope: str,
    expires_on: dt.date | None = None,
    **parts: str,
) -> Learning:
    """Write down a claim. Parts of its scope that are not given are those of the experiment.

    Its grade follows from the rule. Without `expires_on` it holds for one season of its metric.
    Raises PermissionDenied, Refused, ValidationError.
    """
    _require_draft(post_mortem, by)
    own = vars(scope_of(post_mortem.experiment))
    learning = Learning(post_mortem=post_mortem, by=by, claim=claim, scope=scope,
                        **{name: parts.get(name, own[name]) for name in SCOPE})  # fmt: skip
    if expires_on and expires_on <= timezone.localdate():
        raise Refused("Choose a day in the future on which to look at it again.")
    learning.is_expiry_typed = expires_on is not None
    behind = experiments_behind(learning)
    learning.expires_on = expires_on or _expiry(learning, behind, seasons())
    learning.set_grade(graded(behind).code)
    learning.full_clean()
    learning.save()
    Event.record(post_mortem.experiment, "learning", f"{by} noted: {claim}", by=by)
    return learning


@transaction.atomic
def remove_learning(learning: Learning, *, by: User) -> None:
    """Take a claim out of a draft."""
    _require_draft(learning.post_mortem, by)
    Event.record(learning.post_mortem.experiment, "learning", f"{by} removed: {learning}", by=by)
    learning.delete()


def experiments_behind(learning: Learning, *, user: User | None = None) -> list[PastExperiment]:
    """What a learning rests on: its own experiment, and published ones in its scope with one metric."""
    own = learning.post_mortem.experiment_id
    known = past_experiments(EvidenceRow.objects.filter(experiment=own), user=user)
    if learning.lever:
        published = EvidenceRow.objects.filter(EvidenceRowQuerySet.for_everybody)
        others = published.exclude(experiment=own)
        known += past_experiments(others, scope=Scope(learning.lever), user=user)
    return _behind(learning, known)


def _behind(learning: Learning, known: list[PastExperiment]) -> list[PastExperiment]:
    own = next((one for one in known if one.pk == learning.post_mortem.experiment_id), None)
    if own is None or not learning.lever:
        return [own] if own else []
    about = replace(learning.about, metric=learning.metric or own.scope.metric)
    if not about.metric:  # lifts of an unknown metric say nothing about another one
        return [own]
    direction = own.trial.is_increase_good
    others = [
        one
        for one in known
        if one.pk != own.pk and about.covers(one.scope) and one.trial.is_increase_good == direction
    ]
    return [own, *others]


def graded(behind: list[PastExperiment]) -> Grade:
    """The grade by the rule; the smallest lift that matters is that of the learning's own plan."""
    matters = behind[0].matters if behind else None
    every = [one.trial for one in behind]
    rated = grade(every, matters=abs(matters) if matters else None)
    # A learning from “lost” is not backed by somebody else's clear win.
    is_against = bool(every) and every[0].key in rated.against and every[0].log_effect is None
    return grade(every[:1]) if is_against else rated


Seasons = dict[tuple[str, int | None], int]


def seasons() -> Seasons:
    """Months in which a metric's learnings hold, by metric and pod; without a pod it is everybody's."""
    rows = Metric.objects.exclude(season_months=None).values_list("name", "pod", "season_months")
    return {(fold(name), pod): months for name, pod, months in rows if months}


def _expiry(learning: Learning, behind: list[PastExperiment], seasons: Seasons) -> dt.date:
    """One season after the newest evidence."""
    newest = max((one.trial.decided_on for one in behind), default=timezone.localdate())
    return season_of(learning.metric, learning.pod.pk, newest, seasons)


def season_of(metric: str, pod: int, newest: dt.date, seasons: Seasons) -> dt.date:
    """The day on which a learning of this pod expires whose newest evidence is of that day."""
    name = fold(metric)
    return season_after(newest, seasons.get((name, pod)) or seasons.get((name, None)))


@transaction.atomic
def take_in(post_mortem: PostMortem) -> None:
    """A post-mortem was published: grade again what it bears on, and link what agrees with it."""
    fresh = list(post_mortem.learnings.select_related("post_mortem__experiment__pod"))
    levers = {learning.lever.lower() for learning in fresh if learning.lever}
    levers |= {post_mortem.experiment.idea.lever.lower()} - {""}
    tell_followers(post_mortem, levers)
    grade_levers(levers, fresh={post_mortem.pk})


def grade_levers(levers: Collection[str], *, fresh: Collection[int] = ()) -> None:
    """Grade the published learnings on these levers (in lower case) again; those of the `fresh`
    post-mortems are linked with those that agree."""
    if not levers:
        return
    touched = _of_levers(levers)
    own = {learning.post_mortem.experiment_id for learning in touched}
    rows = EvidenceRow.objects.annotate(folded=Lower("experiment__idea__lever"))
    rows = rows.filter(
        EvidenceRowQuerySet.for_everybody, Q(folded__in=levers) | Q(experiment__in=own)
    )
    known, months = past_experiments(rows), seasons()
    by_pk = {one.pk: one for one in known}
    for learning in touched:
        _grade_again(learning, _behind(learning, known), months)
    Learning.objects.bulk_update(touched, ["grade", "graded_by", "expires_on"], batch_size=200)
    links = []
    for newer in (one for one in touched if one.post_mortem_id in fresh):
        earlier = [one for one in touched if one.post_mortem_id not in fresh or one.pk < newer.pk]
        links += _links(newer, earlier, by_pk)
    LearningLink.objects.bulk_create(links, ignore_conflicts=True, batch_size=1000)


def _of_levers(levers: Collection[str]) -> list[Learning]:
    rows = Learning.objects.annotate(folded=Lower("lever")).filter(
        folded__in=levers, post_mortem__state="published"
    )
    return list(rows.select_related("post_mortem__experiment__pod"))


def _grade_again(learning: Learning, behind: list[PastExperiment], seasons: Seasons) -> None:
    if not behind:
        return
    learning.set_grade(graded(behind).code)
    if not learning.is_expiry_typed:
        learning.expires_on = max(learning.expires_on, _expiry(learning, behind, seasons))


@dataclass(frozen=True)
class _Side:
    low: float | None
    high: float | None
    direction: str | None


def _side(past: PastExperiment | None) -> _Side:
    if past is None or past.trial.log_effect is None:
        return _Side(None, None, None)
    ends = past.trial.interval()
    matters = abs(past.matters) if past.matters else None
    return _Side(*ends, clear_direction(*ends, past.trial.is_increase_good, matters))


def _links(
    newer: Learning, others: list[Learning], known: dict[int, PastExperiment]
) -> list[LearningLink]:
    """By the rule: one scope, other experiment, both clear. The same direction replicates; other
    directions whose intervals have no lift in common contradict."""
    own = _side(known.get(newer.post_mortem.experiment_id))
    if own.direction is None:
        return []
    links = []
    for older in others:
        if older.post_mortem_id == newer.post_mortem_id or older.about.folded != newer.about.folded:
            continue
        side = _side(known.get(older.post_mortem.experiment_id))
        if side.direction is None:
            continue
        if side.direction == own.direction:
            kind = LearningLink.Kind.REPLICATES
        elif _are_apart(own, side):
            kind = LearningLink.Kind.CONTRADICTS
        else:
            continue
        ends = (older, newer) if _came_in_late(newer, older, known) else (newer, older)
        links.append(LearningLink(newer=ends[0], older=ends[1], kind=kind))
    return links[:MOST_LINKS]


def _came_in_late(newer: Learning, older: Learning, known: dict[int, PastExperiment]) -> bool:
    """An imported experiment is as old as its decision, although Floe has only just heard of it."""
    own, other = (known[one.post_mortem.experiment_id].trial for one in (newer, older))
    return own.imported and own.decided_on < other.decided_on


def _are_apart(one: _Side, other: _Side) -> bool:
    below = one.high is not None and other.low is not None and one.high < other.low
    above = one.low is not None and other.high is not None and other.high < one.low
    return below or above


@transaction.atomic
def judge_link(link: LearningLink, *, by: User, is_right: bool) -> None:
    """Confirm or dismiss a link: somebody who writes post-mortems in the pod of either learning."""
    ends = (link.newer, link.older)
    if not any(by.has_perm("experiments.write_postmortem", end) for end in ends):
        require(by, "experiments.write_postmortem", link.newer)
    link.judgement = (
        LearningLink.Judgement.CONFIRMED if is_right else LearningLink.Judgement.DISMISSED
    )
    link.judged_by = by
    link.save(update_fields=["judgement", "judged_by"])


@transaction.atomic
def cite(idea: Idea, learning: Learning | None, *, by: User) -> Citation:
    """Let an idea rest on a learning that everybody of its pod can read.

    Raises PermissionDenied, Refused.
    """
    require(by, "backlog.change_idea", idea)
    if learning is None:
        raise Refused("This learning was removed, or it is not published. Choose another one.")
    known = Citation.objects.filter(idea=idea, learning=learning).first()
    if known:
        return known
    if not learning.post_mortem.is_published and learning.pod != idea.pod:
        raise Refused("This learning is not published, so people of this pod can’t read it yet.")
    if idea.citations.count() >= MOST_CITED:
        raise Refused(f"An idea can cite at most {MOST_CITED} learnings. Remove one first.")
    made = Citation.objects.create(idea=idea, learning=learning, by=by)
    claim = f": {learning}" if learning.post_mortem.is_published else "."
    Event.record(idea, "cite", f"{by} cited a learning{claim}", by=by)
    return made


@transaction.atomic
def stop_citing(citation: Citation, *, by: User) -> None:
    """Take a citation back."""
    require(by, "backlog.change_idea", citation.idea)
    Event.record(citation.idea, "cite", f"{by} removed a citation.", by=by)
    citation.delete()

"""Grade learnings by what stands behind them, and link those of one scope; again when that changes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from experiments.flows.evidence import PastExperiment, lowered, past_experiments
from experiments.learning.expiry import expires_on as season_after
from experiments.learning.grading import Grade, clear_direction, grade
from experiments.learning.scopes import fold
from experiments.models import EvidenceRow, Learning, LearningLink, Metric
from experiments.models.evidence_rows import EvidenceRowQuerySet

MOST_LINKS = 200
FEW_LINKS = 5  # of each where many come at once, as from a spreadsheet
Seasons = dict[tuple[str, int | None], int]


class PastByScope:
    """Past experiments by their lever; what is in one scope is looked up once, and graded once.

    `published` are those that count for learnings of other experiments, None for all.
    """

    def __init__(
        self, every: Iterable[PastExperiment], *, published: Collection[int] | None = None
    ) -> None:
        self.by_pk = {one.pk: one for one in every}
        self._of_lever: dict[str, list[PastExperiment]] = defaultdict(list)
        for one in self.by_pk.values():
            if published is None or one.pk in published:
                self._of_lever[fold(one.scope.lever)].append(one)
        self._covered: dict[tuple[tuple[str, ...], bool], list[PastExperiment]] = {}
        self._grades: dict[tuple[frozenset[int], float | None], Grade] = {}

    def behind(self, learning: Learning) -> list[PastExperiment]:
        """The learning's own experiment, and those that its scope covers with the same metric."""
        own = self.by_pk.get(learning.experiment.pk)
        if own is None or not learning.lever:
            return [own] if own else []
        about = replace(learning.about, metric=learning.metric or own.scope.metric)
        if not about.metric:  # lifts of an unknown metric say nothing about another one
            return [own]
        direction = own.trial.is_increase_good
        key = (about.folded, direction)
        if key not in self._covered:
            self._covered[key] = [
                one
                for one in self._of_lever.get(fold(about.lever), ())
                if about.covers(one.scope) and one.trial.is_increase_good == direction
            ]
        return [own, *(one for one in self._covered[key] if one.pk != own.pk)]

    def graded(self, behind: list[PastExperiment]) -> Grade:
        """As `graded`; the same experiments are pooled once."""
        key = (frozenset(one.pk for one in behind), _matters(behind))
        if key not in self._grades:
            self._grades[key] = grade([one.trial for one in behind], matters=key[1])
        return _unless_against(behind, self._grades[key])


def graded(behind: list[PastExperiment]) -> Grade:
    """The grade by the rule; the smallest lift that matters is that of the learning's own plan."""
    every = [one.trial for one in behind]
    return _unless_against(behind, grade(every, matters=_matters(behind)))


def _matters(behind: list[PastExperiment]) -> float | None:
    matters = behind[0].matters if behind else None
    return abs(matters) if matters else None


def _unless_against(behind: list[PastExperiment], rated: Grade) -> Grade:
    """A learning from “lost” is not backed by somebody else's clear win."""
    own = behind[0].trial if behind else None
    if own and own.key in rated.against and own.log_effect is None:
        return grade([own])
    return rated


def seasons() -> Seasons:
    """Months in which a metric's learnings hold, by metric and pod; without a pod it is everybody's."""
    rows = Metric.objects.exclude(season_months=None).values_list("name", "pod", "season_months")
    return {(fold(name), pod): months for name, pod, months in rows if months}


def expiry_of(learning: Learning, behind: list[PastExperiment], seasons: Seasons) -> dt.date:
    """One season after the newest evidence."""
    newest = max((one.trial.decided_on for one in behind), default=timezone.localdate())
    return season_of(learning.metric, learning.pod.pk, newest, seasons)


def season_of(metric: str, pod: int, newest: dt.date, seasons: Seasons) -> dt.date:
    """The day on which a learning of this pod expires whose newest evidence is of that day."""
    name = fold(metric)
    return season_after(newest, seasons.get((name, pod)) or seasons.get((name, None)))


def grade_levers(levers: Collection[str], *, fresh: Collection[int] = ()) -> None:
    """Grade the published learnings on these levers again, whatever their capitals; those of the
    `fresh` post-mortems are linked with those that agree."""
    if not levers:
        return
    touched = _of_levers(levers)
    own = {learning.post_mortem.experiment_id for learning in touched}
    known = PastByScope(_published(Q(folded__in=lowered(levers)) | Q(experiment__in=own)))
    months = seasons()
    for learning in touched:
        _grade_again(learning, known, months)
    _save_grades(touched)
    links = _links_of(touched, fresh, known.by_pk)
    LearningLink.objects.bulk_create(links, ignore_conflicts=True, batch_size=1000)


def grade_drafts(learnings: list[Learning]) -> None:
    """A draft rests on its own experiment and on the published ones in its scope."""
    own = [learning.post_mortem.experiment_id for learning in learnings]
    levers = {learning.lever for learning in learnings if learning.lever}
    others = _published(Q(folded__in=lowered(levers)))
    mine = past_experiments(EvidenceRow.objects.filter(experiment__in=own))
    known = PastByScope([*others, *mine], published={one.pk for one in others})
    for learning in learnings:
        learning.set_grade(known.graded(known.behind(learning)).code)
    _save_grades(learnings)


def _save_grades(learnings: Iterable[Learning]) -> None:
    """One statement for those that become alike: there are few grades and days."""
    alike: dict[tuple[int, str, dt.date], list[int]] = defaultdict(list)
    for one in learnings:
        alike[one.grade, one.graded_by, one.expires_on].append(one.pk)
    for (level, code, day), pks in alike.items():
        rows = Learning.objects.filter(pk__in=pks)
        rows.update(grade=level, graded_by=code, expires_on=day)


def _published(which: Q) -> list[PastExperiment]:
    rows = EvidenceRow.objects.annotate(folded=Lower("experiment__idea__lever"))
    return past_experiments(rows.filter(EvidenceRowQuerySet.for_everybody, which))


def _of_levers(levers: Collection[str]) -> list[Learning]:
    rows = Learning.objects.annotate(folded=Lower("lever")).filter(
        folded__in=lowered(levers), post_mortem__state="published"
    )
    return list(rows.select_related("post_mortem__experiment__pod"))


def _grade_again(learning: Learning, known: PastByScope, seasons: Seasons) -> None:
    behind = known.behind(learning)
    if not behind:
        return
    learning.set_grade(known.graded(behind).code)
    if not learning.is_expiry_typed:
        learning.expires_on = max(learning.expires_on, expiry_of(learning, behind, seasons))


@dataclass(frozen=True)
class _Side:
    """A learning with what its experiment clearly shows."""

    learning: Learning
    past: PastExperiment
    low: float | None
    high: float | None
    direction: str


def _side(learning: Learning, known: dict[int, PastExperiment]) -> _Side | None:
    past = known.get(learning.experiment.pk)
    if past is None or past.trial.log_effect is None:
        return None
    ends = past.trial.interval()
    matters = abs(past.matters) if past.matters else None
    direction = clear_direction(*ends, past.trial.is_increase_good, matters)
    return _Side(learning, past, *ends, direction) if direction else None


def _links_of(
    touched: list[Learning], fresh: Collection[int], known: dict[int, PastExperiment]
) -> list[LearningLink]:
    """Of the fresh ones with those of exactly the same scope whose experiments are clear."""
    if not fresh:
        return []
    of_scope: dict[tuple[str, ...], list[_Side]] = defaultdict(list)
    for learning in touched:
        if side := _side(learning, known):
            of_scope[learning.about.folded].append(side)
    links: list[LearningLink] = []
    for sides in of_scope.values():
        for newer in (side for side in sides if side.learning.post_mortem_id in fresh):
            earlier = (side for side in sides if _comes_before(side, newer, fresh))
            made = (_link(newer, older) for older in earlier)
            links += islice(filter(None, made), MOST_LINKS if len(fresh) == 1 else FEW_LINKS)
    return links


def link_again(learning: Learning) -> None:
    """Its scope has changed: links by the rule are made again, and what people judged stays."""
    ends = Q(newer=learning) | Q(older=learning)
    LearningLink.objects.filter(ends, judgement=LearningLink.Judgement.BY_RULE).delete()
    levers = {learning.lever} - {""}
    touched = [one for one in _of_levers(levers) if one.about.folded == learning.about.folded]
    own = {one.post_mortem.experiment_id for one in touched}
    known = PastByScope(_published(Q(experiment__in=own))).by_pk
    mine, sides = _side(learning, known), [_side(one, known) for one in touched]
    links = []
    for other in filter(None, sides):
        if mine is None or other.learning.post_mortem_id == learning.post_mortem_id:
            continue
        older, newer = sorted((mine, other), key=_age)
        links.append(_link(newer, older))
    made = [link for link in links if link][:MOST_LINKS]
    LearningLink.objects.bulk_create(made, ignore_conflicts=True)


def _age(side: _Side) -> tuple[dt.datetime, int]:
    return side.learning.created_at, side.learning.pk


def _comes_before(side: _Side, newer: _Side, fresh: Collection[int]) -> bool:
    """Of two fresh ones the later looks back, so that they are linked once."""
    if side.learning.post_mortem_id == newer.learning.post_mortem_id:
        return False
    return side.learning.post_mortem_id not in fresh or side.learning.pk < newer.learning.pk


def _link(newer: _Side, older: _Side) -> LearningLink | None:
    """By the rule: the same direction replicates; other directions whose intervals have no lift in
    common contradict."""
    if newer.direction == older.direction:
        kind = LearningLink.Kind.REPLICATES
    elif _are_apart(newer, older):
        kind = LearningLink.Kind.CONTRADICTS
    else:
        return None
    # An imported experiment is as old as its decision, although Floe has only just heard of it.
    own, other = newer.past.trial, older.past.trial
    if own.imported and own.decided_on < other.decided_on:
        newer, older = older, newer
    return LearningLink(newer=newer.learning, older=older.learning, kind=kind)


def _are_apart(one: _Side, other: _Side) -> bool:
    below = one.high is not None and other.low is not None and one.high < other.low
    above = one.low is not None and other.high is not None and other.high < one.low
    return below or above

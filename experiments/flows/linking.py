"""Links between learnings of one scope: made by the rule, confirmed or dismissed by people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from backlog.models import User
from backlog.permissions import require
from experiments.flows.evidence import PastExperiment
from experiments.learning.grading import clear_direction
from experiments.models import Learning, LearningLink


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


def link_those_that_agree(
    newer: Learning, others: Iterable[Learning], known: Mapping[int, PastExperiment]
) -> None:
    """By the rule: one scope, other experiment, both clear. The same direction replicates; other
    directions whose intervals have no lift in common contradict."""
    own = _side(known.get(newer.post_mortem.experiment_id))
    if own.direction is None:
        return
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
        links.append(LearningLink(newer=newer, older=older, kind=kind))
    LearningLink.objects.bulk_create(links[:200], ignore_conflicts=True)


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


def link_again(
    learning: Learning, others: Iterable[Learning], known: Mapping[int, PastExperiment]
) -> None:
    """Its scope has changed: links by the rule are made anew, and what people judged stays."""
    ends = Q(newer=learning) | Q(older=learning)
    LearningLink.objects.filter(ends, judgement=LearningLink.Judgement.BY_RULE).delete()
    for other in others:
        if (other.created_at, other.pk) < (learning.created_at, learning.pk):
            link_those_that_agree(learning, [other], known)
        else:
            link_those_that_agree(other, [learning], known)

"""What decided experiments say together about a lever, for the reader who may see them.

An experiment counts for the people of its pod. For everybody else it counts once its post-mortem is
published. One query reads them; nothing of a score plays a part.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from backlog.models import User
from experiments.learning.evidence import Backing, Evidence, Trial, TrialOutcome, pool
from experiments.learning.measured import measured_in, trial_outcome
from experiments.learning.scopes import Scope, fold, leading_metric
from experiments.learning.sentences import evidence_sentence, lift_text
from experiments.models import Decision, EvidenceRow
from experiments.models.evidence_rows import EvidenceRowQuerySet


@dataclass(frozen=True)
class PastExperiment:
    """A decided experiment as evidence. `is_near`: the reader may open all of it, not only its
    post-mortem."""

    pk: int
    title: str
    pod: str
    scope: Scope
    trial: Trial
    matters: float | None
    is_near: bool

    @property
    def key(self) -> str:
        return self.trial.key

    @property
    def url(self) -> str:
        name = "experiment_detail" if self.is_near else "postmortem_detail"
        return reverse(f"experiments:{name}", args=[self.pk])


@dataclass(frozen=True)
class Known:
    """What is known of a scope. `every` are all experiments in it, `evidence` says what share of them
    won. `measured` pools those whose metric is `scope.metric`."""

    scope: Scope
    every: tuple[PastExperiment, ...]
    evidence: Evidence
    measured: Evidence

    @property
    def sentence(self) -> str:
        return evidence_sentence(self.evidence, self.scope, measured=self.measured)


def evidence_url(scope: Scope) -> str:
    """The page of this evidence."""
    parts = {name: part for name, part in vars(scope).items() if part}
    return f"{reverse('experiments:evidence')}?{urlencode(parts)}"


def keep_evidence(decision: Decision) -> EvidenceRow:
    """Write what a decision gives to the evidence, from the analysis that it was made on."""
    analysis, primary = decision.analysis, decision.experiment.primary
    measured = measured_in(analysis.result) if analysis else None
    row = EvidenceRow(
        experiment=decision.experiment,
        outcome=trial_outcome(decision.outcome, measured).value,
        backing=EvidenceRow.Backing.WORDS,
        matters=primary.smallest_effect if primary else None,
    )
    if measured:
        row.metric, row.is_increase_good = measured.metric, measured.is_increase_good
    if measured and measured.has_lift:
        row.backing, row.confidence = EvidenceRow.Backing.COUNTS, measured.confidence
        row.lift, row.low, row.high = measured.lift, measured.low, measured.high
    row.full_clean()
    row.save()
    return row


def imported_sentence(row: EvidenceRow) -> str:
    """How an experiment of a spreadsheet ended, and what stands behind it."""
    if row.backing == Backing.WORDS:
        return "Imported from a spreadsheet, which only says how it ended."
    behind = "counts" if row.backing == Backing.COUNTS else "a lift with its interval"
    lift = lift_text(row.lift, row.low, row.high)
    return f"Imported from a spreadsheet: {row.metric} {lift}, from {behind}."


def lowered(words: Iterable[str]) -> list[Lower]:
    """In small letters, as the database writes them: SQLite leaves a “Ü” as it is."""
    return [Lower(Value(word)) for word in words]


def past_experiments(
    rows: EvidenceRowQuerySet, *, scope: Scope | None = None, user: User | None = None
) -> list[PastExperiment]:
    """The experiments of these rows that a scope covers, newest first. One query.

    `user` is the reader, whose pods are near; without one none is.
    """
    if scope and scope.lever:
        folded = rows.annotate(folded=Lower("experiment__idea__lever"))
        rows = folded.filter(folded__in=lowered([scope.lever]))
    read = rows.annotate(
        lever=F("experiment__idea__lever"), channel=F("experiment__channel"),
        idea_channel=F("experiment__idea__channel"), segment=F("experiment__segment__name"),
        title=F("experiment__title"), number=F("experiment__number"), pod_id=F("experiment__pod"),
        pod_name=F("experiment__pod__name"), decided_at=F("experiment__decision__decided_at"),
    )  # fmt: skip
    names = (
        "experiment_id", "outcome", "backing", "is_imported", "metric", "is_increase_good",
        "matters", "lift", "low", "high", "confidence", "lever", "channel", "idea_channel",
        "segment", "title", "number", "pod_id", "pod_name", "decided_at",
    )  # fmt: skip
    every = (_past(row, user) for row in read.order_by("-decided_at", "-number").values(*names))
    return [past for past in every if scope is None or scope.covers(past.scope)]


def _past(row: dict[str, Any], user: User | None) -> PastExperiment:
    trial = Trial(
        key=f"EXP-{row['number']:03d}",
        outcome=TrialOutcome(row["outcome"]),
        decided_on=timezone.localdate(row["decided_at"]),
        lift=row["lift"],
        low=row["low"],
        high=row["high"],
        confidence=row["confidence"],
        backing=Backing(row["backing"]),
        imported=row["is_imported"],
        is_increase_good=row["is_increase_good"],
    )
    channel = row["channel"] or row["idea_channel"]
    return PastExperiment(
        pk=row["experiment_id"],
        title=row["title"],
        pod=row["pod_name"],
        scope=Scope(row["lever"], channel, row["segment"] or "", row["metric"]),
        trial=trial,
        matters=row["matters"],
        is_near=user is not None and (user.stands_above_pods or row["pod_id"] in user.pod_roles),
    )


def known_of(every: Iterable[PastExperiment], scope: Scope, *, outcome: str = "") -> Known:
    """What these experiments say of a scope that covers them; `outcome` may name the metric."""
    past = tuple(every)
    named = scope.metric or leading_metric((one.scope.metric for one in past), outcome)
    same = tuple(one for one in past if fold(one.scope.metric) == fold(named))
    evidence = pool(one.trial for one in past)
    measured = evidence if len(same) == len(past) else pool(one.trial for one in same)
    return Known(replace(scope, metric=named), past, evidence, measured)


def evidence_for(user: User, *, lever: str, channel: str = "", outcome: str = "") -> Known:
    """What an idea with this lever can rest on: in its channel, or in all of them if it is new there.

    One query; none without a lever.
    """
    if not lever.strip():
        return known_of((), Scope())
    rows = EvidenceRow.objects.visible_to(user)
    every = past_experiments(rows, scope=Scope(lever), user=user)
    narrow = Scope(lever, channel)
    near = [one for one in every if narrow.covers(one.scope)]
    if channel and near:
        return known_of(near, narrow, outcome=outcome)
    return known_of(every, Scope(lever), outcome=outcome)

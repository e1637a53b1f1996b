"""Let a table of credit count, take it back, and hold it against experiments."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from backlog.flows.holding import held
from backlog.flows.transitions import Transition, make_move, table_of
from backlog.models import Event, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.evidence import PastExperiment, evidence_url, known_of, past_experiments
from experiments.learning.credit import (
    Confirmed,
    CreditCheck,
    CreditSum,
    check_credit,
    confirmed_conversions,
    sum_credit,
)
from experiments.learning.scopes import Scope, fold
from experiments.models import CreditImport, CreditRow, EvidenceRow, Metric, Segment

State = CreditImport.State
CREDIT_MOVES = table_of((
    Transition("undo", "Undo", "{by} took the credit back.", (State.COUNTED,), State.UNDONE,
               "experiments.import_credit"),
))  # fmt: skip
Key = tuple[int, str, str, str, int]


def key_of(row: CreditRow, metric_id: int) -> Key:
    """What is one sum: a segment, a channel, a touch model and a metric."""
    return row.segment_id, fold(row.channel), row.model, fold(row.model_name), metric_id


def counted_twice(
    rows: Iterable[CreditRow], *, pod: Pod | None, metric: Metric
) -> tuple[list[CreditRow], list[str]]:
    """Those whose days are new, and a sentence for each one that overlaps with days that count.

    What counts for every pod counts for each of them, too.
    """
    taken: dict[Key, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    earlier = CreditRow.objects.counted().filter(credit__metric=metric)
    if pod is not None:
        earlier = earlier.filter(Q(credit__pod=pod) | Q(credit__pod=None))
    for row in earlier:
        taken[key_of(row, metric.pk)].append((row.starts_on, row.ends_on))
    kept, problems = [], []
    for row in rows:
        days = taken[key_of(row, metric.pk)]
        if any(row.starts_on < ends_on and starts_on < row.ends_on for starts_on, ends_on in days):
            problems.append(
                f"“{row.channel}” in “{row.segment}” from {row.starts_on:%-d %b %Y}, {row.model_words}: "
                "these days are counted already. Undo the earlier import first."
            )
        else:
            days.append((row.starts_on, row.ends_on))
            kept.append(row)
    return kept, problems


@transaction.atomic
def add_credit(
    rows: Iterable[CreditRow], *, by: User, pod: Pod | None, metric: Metric
) -> CreditImport:
    """Let the rows count; those whose days are counted already are left out.

    The metric is held meanwhile, so that of two people who add the same days only one does.
    Raises PermissionDenied, ValidationError, Refused.
    """
    credit = CreditImport(pod=pod, metric=metric, by=by)
    require(by, "experiments.import_credit", credit)
    credit.metric = metric = held(metric)
    kept, _ = counted_twice(rows, pod=pod, metric=metric)
    if not kept:
        raise Refused("No row of this table can be added. The sentences beside it say why.")
    credit.full_clean()
    if metric.direction != Metric.Direction.INCREASE:
        raise Refused(
            f"Less of “{metric}” is better, so it can’t be credited. Choose another metric."
        )
    credit.save()
    usable = Segment.objects.visible_to(by)
    own = set(
        (usable.open_to(pod) if pod else usable.filter(pod=None)).values_list("pk", flat=True)
    )
    for row in kept:
        if row.segment_id not in own:
            raise Refused(f"“{row.segment}” belongs to another pod. Leave its rows out.")
        row.credit = credit
        row.full_clean(validate_unique=False)
    CreditRow.objects.bulk_create(kept)
    count = f"{len(kept)} row{'' if len(kept) == 1 else 's'}"
    Event.record(credit, "add", f"{by} added {count} of credit on “{metric}”.", by=by)
    return credit


@transaction.atomic
def undo_credit(credit: CreditImport, *, by: User) -> CreditImport:
    """Take its rows out of what counts. Raises PermissionDenied, Refused."""
    credit = held(credit)
    make_move(credit, CREDIT_MOVES["undo"], by=by)
    return credit


@dataclass(frozen=True)
class Credited:
    """The credit of one touch model in one segment and channel, beside what experiments confirm."""

    segment: Segment
    pod: Pod | None
    channel: str
    model: str
    metric: Metric
    starts_on: dt.date
    last_day: dt.date
    conversions: float
    check: CreditCheck
    confirmed: Confirmed | None
    evidence_url: str


@dataclass(frozen=True)
class CreditReport:
    """All credit that a reader sees; `sums` by touch model, metric and the pod that
    brought it in, because two pods may be credited with the same conversions."""

    rows: list[Credited]
    sums: dict[tuple[str, str, str], CreditSum]


def credit_report(user: User) -> CreditReport:
    """The credit that this person sees against the experiments that this person sees. Two queries."""
    groups: dict[tuple[Key, int | None], list[CreditRow]] = defaultdict(list)
    rows = CreditRow.objects.visible_to(user).counted()
    for row in rows.select_related("segment", "credit__metric", "credit__pod"):
        groups[key_of(row, row.credit.metric_id), row.credit.pod_id].append(row)
    every = past_experiments(EvidenceRow.objects.visible_to(user), user=user) if groups else []
    scoped = [(_scope_of(group[0]), group) for group in groups.values()]
    covered = covered_by({scope for scope, _ in scoped}, every)
    checks = {
        scope: check_credit(known_of(past, scope).measured) for scope, past in covered.items()
    }
    report = [_credited(group, checks[scope], evidence_url(scope)) for scope, group in scoped]
    report.sort(key=lambda one: (one.segment.name, fold(one.channel), one.model))
    sums: dict[tuple[str, str, str], list[tuple[float, CreditCheck]]] = defaultdict(list)
    for one in report:
        whose = one.pod.name if one.pod else ""
        sums[one.model, one.metric.name, whose].append((one.conversions, one.check))
    return CreditReport(report, {key: sum_credit(parts) for key, parts in sorted(sums.items())})


def covered_by(
    scopes: Iterable[Scope], every: Iterable[PastExperiment]
) -> dict[Scope, list[PastExperiment]]:
    """The experiments that each scope covers, in their order, as `Scope.covers` has it.

    Each scope and experiment is folded once, and experiments are looked up by the parts that a scope
    names, so the work grows with their sum and not with their product.
    """
    folded = [(past, past.scope.folded) for past in every]
    by_parts: dict[tuple[bool, ...], dict[tuple[str, ...], list[PastExperiment]]] = {}
    covered = {}
    for scope in scopes:
        parts = scope.folded
        named = tuple(bool(part) for part in parts)
        if named not in by_parts:
            by_parts[named] = defaultdict(list)
            for past, theirs in folded:
                key = tuple(
                    part if is_named else "" for part, is_named in zip(theirs, named, strict=True)
                )
                by_parts[named][key].append(past)
        covered[scope] = by_parts[named].get(parts, [])
    return covered


def _scope_of(row: CreditRow) -> Scope:
    return Scope("", row.channel, row.segment.name, row.credit.metric.name)


def _credited(group: list[CreditRow], check: CreditCheck, url: str) -> Credited:
    first, total = group[0], sum(row.conversions for row in group)
    return Credited(
        first.segment, first.credit.pod, first.channel, first.model_words, first.credit.metric,
        min(row.starts_on for row in group), max(row.last_day for row in group), total, check,
        confirmed_conversions(total, check), url,
    )  # fmt: skip

"""Store what the revealed scores say: the ICE of an idea, and everybody's rank.

Ranks are right at once. The ranges of ranks, which resample all scorers, follow in a task. Until
then the range of a changed idea comes from its own ICE interval.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from celery import shared_task
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from backlog.flows.queueing import queue_on_commit
from backlog.models import Idea, Pod, RanksDue, RoundIdea, Score, Workspace
from backlog.ranking import Ice, Place, aggregate, aggregate_all, places

STORED = ("ice", "ice_low", "ice_high", "impact", "confidence", "ease", "scorer_count", "agreement")
PLACES = ("rank", "rank_low", "rank_high", "pod_rank", "pod_rank_low", "pod_rank_high")
EXPECTED = ("expected_lift", "expected_chance", "expected_days", "expected_value")
EVERYTHING = ""
Row = tuple[int, int, int, int | None, int | None, int | None]


def rows_that_count(ideas: Iterable[int] | None = None) -> list[Row]:
    """(idea, pod, scorer, impact, confidence, ease) of each score that counts, in idea order."""
    sources = RoundIdea.objects.that_count()
    if ideas is not None:
        sources = sources.filter(idea__in=list(ideas))
    scores = Score.objects.that_count().filter(round_idea__in=sources.order_by().values("pk"))
    columns = ("round_idea__idea", "round_idea__idea__pod", "scorer")
    rows = scores.order_by("round_idea__idea", "scorer")
    return list(rows.values_list(*columns, "impact_now", "confidence_now", "ease_now"))


def source_of(idea: Idea) -> RoundIdea | None:
    """The round that the ICE of an idea comes from; None while it is blind or unscored."""
    return (
        None
        if idea.is_blind
        else RoundIdea.objects.that_count().select_related("round").filter(idea=idea).first()
    )


def store_ice(idea: Idea) -> Ice | None:
    """Store the ICE of an idea from its last revealed round. It has none while it is blind."""
    rows = [] if idea.is_blind else rows_that_count([idea.pk])
    ice = aggregate([row[3:] for row in rows], Workspace.current().ice_formula)
    for name, value in zip(STORED, _stored(ice), strict=True):
        setattr(idea, name, value)
    idea.ice_order = ice.value if ice else -1
    for name in EXPECTED:
        setattr(idea, name, None)  # until the calibration has read the new scores
    source = source_of(idea) if ice else None
    idea.has_imported_score = bool(source and source.round.is_imported)
    idea.save(update_fields=[*STORED, *EXPECTED, "ice_order", "has_imported_score", "updated_at"])
    return ice


def _stored(ice: Ice | None) -> tuple[Any, ...]:
    if ice is None:
        return (None,) * 6 + (0, "")
    means = (ice.impact, ice.confidence, ice.ease)
    return (ice.value, ice.low, ice.high, *means, ice.scorers, ice.agreement)


@transaction.atomic
def store_ice_of_all() -> None:
    """Calculate every stored ICE again after the formula has changed. Ranks follow at once."""
    rows = _as_array(rows_that_count())
    if len(rows):
        ids, idea = np.unique(rows[:, 0].astype(np.int64), return_inverse=True)
        ices = aggregate_all(idea, rows[:, 3:], Workspace.current().ice_formula)
        columns = ", ".join(f"{name} = %s" for name in (*STORED, "ice_order"))
        _write_many(
            f"UPDATE backlog_idea SET {columns} WHERE id = %s AND ice IS NOT NULL",  # noqa: S608
            [
                (*_stored(ice), ice.value if ice else -1, int(pk))
                for pk, ice in zip(ids, ices, strict=True)
            ],
        )
    rank_soon()


def _as_array(rows: Sequence[Row]) -> NDArray[np.float64]:
    """None becomes NaN; ids are far below 2⁵³, so they stay whole."""
    return np.array(rows, dtype=float).reshape(-1, 6)


def _write_many(statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:  # bulk_update takes seconds for 10,000 rows
            cursor.executemany(statement, rows)


@transaction.atomic
def step_into_ranks(*ideas: Idea) -> None:
    """Update ranks after these ideas' scores have changed, with a first range. The task does the
    rest."""
    rank_at_once()
    for idea in ideas:
        idea.refresh_from_db(fields=["ice", "ice_low", "ice_high", "ice_order", "rank", "pod_rank"])
        if idea.rank is None or idea.ice_low is None:
            idea.rank_low = idea.rank_high = idea.pod_rank_low = idea.pod_rank_high = None
        else:
            ranked = Idea.objects.exclude(rank=None)
            idea.rank_low, idea.rank_high = _first_range(idea, ranked, idea.rank)
            within = ranked.filter(pod=idea.pod_id)
            own = idea.pod_rank or idea.rank
            idea.pod_rank_low, idea.pod_rank_high = _first_range(idea, within, own)
        idea.save(update_fields=["rank_low", "rank_high", "pod_rank_low", "pod_rank_high"])
    want_ranges(*{idea.pod_id for idea in ideas})


def _first_range(idea: Idea, among: Any, rank: int) -> tuple[int, int]:
    """Where the ends of the idea's own interval would rank among the others."""
    best = 1 + among.filter(ice_order__gt=idea.ice_high).exclude(pk=idea.pk).count()
    worst = 1 + among.filter(ice_order__gt=idea.ice_low).exclude(pk=idea.pk).count()
    return min(best, rank), max(worst, rank)


RANK_AT_ONCE = """
    UPDATE backlog_idea SET
        rank = now.overall,
        rank_low = CASE WHEN rank_low > now.overall THEN now.overall ELSE rank_low END,
        rank_high = CASE WHEN rank_high < now.overall THEN now.overall ELSE rank_high END,
        pod_rank = now.within,
        pod_rank_low = CASE WHEN pod_rank_low > now.within THEN now.within ELSE pod_rank_low END,
        pod_rank_high = CASE WHEN pod_rank_high < now.within THEN now.within ELSE pod_rank_high END
    FROM (
        SELECT id, ROW_NUMBER() OVER (ORDER BY ice_order DESC, id) AS overall,
               ROW_NUMBER() OVER (PARTITION BY pod_id ORDER BY ice_order DESC, id) AS within
        FROM backlog_idea
        WHERE ice IS NOT NULL AND state NOT IN ('rejected', 'duplicate')
    ) AS now
    WHERE now.id = backlog_idea.id
      AND (rank IS NULL OR rank <> now.overall OR pod_rank IS NULL OR pod_rank <> now.within)
"""


def rank_at_once() -> None:
    """Rank all ideas in play by their stored ICE. Ranges are only widened to contain the rank."""
    gone = Idea.objects.exclude(rank=None).exclude(pk__in=_ranked_ideas().values("pk"))
    gone.update(**dict.fromkeys(PLACES))
    with connection.cursor() as cursor:
        cursor.execute(RANK_AT_ONCE)


def _ranked_ideas() -> Any:
    return Idea.objects.in_play().exclude(ice=None)


def want_ranges(*pods: int) -> None:
    """Note that ranges are due, of everything and of these pods, and wake the task."""
    for scope in (EVERYTHING, *map(str, sorted(pods))):
        if not RanksDue.objects.filter(scope=scope).update(wanted=F("wanted") + 1):
            RanksDue.objects.create(scope=scope, wanted=1)
    queue_on_commit(rank_what_changed)
    if _readers and Workspace.current().uses_expected_value:
        for tell in _readers:
            tell()


_readers: list[Callable[[], None]] = []


def register_reader(tell: Callable[[], None]) -> None:
    """Call `tell` when scores have changed and expected values follow from them."""
    if tell not in _readers:
        _readers.append(tell)


@shared_task  # type: ignore[untyped-decorator]
def rank_what_changed() -> int:
    """Work out the ranges that are due: of everything, and of each pod where scores changed.

    Safe to run twice: what changes meanwhile raises `wanted` above what is marked as done here.
    """
    due = dict(RanksDue.objects.filter(wanted__gt=F("done")).values_list("scope", "wanted"))
    if not due:
        return 0
    rows = _as_array(rows_that_count())
    formula = Workspace.current().ice_formula
    is_ranked = np.isin(rows[:, 0], list(_ranked_ideas().values_list("pk", flat=True)))
    rows = rows[is_ranked]
    for scope, wanted in due.items():
        is_overall = scope == EVERYTHING
        _store_places(
            _placed(rows if is_overall else rows[rows[:, 1] == int(scope)], formula),
            "rank" if is_overall else "pod_rank",
        )
        RanksDue.objects.filter(scope=scope, done__lt=wanted).update(
            done=wanted, done_at=timezone.now()
        )
    return len(due)


@transaction.atomic
def rank_soon() -> None:
    """Ranks of everything now, their ranges by the task: after a person has changed many ideas."""
    rank_at_once()
    want_ranges(*Pod.objects.values_list("pk", flat=True))


@transaction.atomic
def rerank() -> None:
    """Ranks and ranges of everything, now: for a command or after many ideas have changed."""
    rank_soon()
    rank_what_changed()


def _placed(rows: NDArray[np.float64], formula: str) -> dict[int, Place]:
    """The place of each idea in `rows` (idea, pod, scorer, impact, confidence, ease)."""
    if not len(rows):
        return {}
    ids, idea = np.unique(rows[:, 0].astype(np.int64), return_inverse=True)
    _, scorer = np.unique(rows[:, 2], return_inverse=True)
    return dict(zip(ids.tolist(), places(idea, scorer, rows[:, 3:], formula=formula), strict=True))


def _store_places(places: dict[int, Place], name: str) -> None:
    """Write what differs. An idea that has become blind has no ICE and gets no rank."""
    columns = (name, f"{name}_low", f"{name}_high")
    known = {row[0]: row[1:] for row in _ranked_ideas().values_list("pk", *columns)}
    changed = [
        (place.rank, place.low, place.high, pk)
        for pk, place in places.items()
        if pk in known and known[pk] != (place.rank, place.low, place.high)
    ]
    sets = ", ".join(f"{column} = %s" for column in columns)
    with transaction.atomic():
        _write_many(
            f"UPDATE backlog_idea SET {sets} WHERE id = %s AND ice IS NOT NULL",  # noqa: S608
            changed,
        )

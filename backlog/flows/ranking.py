"""Store what the revealed scores say: the ICE of an idea, and everybody's rank."""

import numpy as np
from django.db import connection, transaction

from backlog.models import Idea, RoundIdea, Score, Workspace
from backlog.ranking import Ice, Place, aggregate, places

STORED = ("ice", "ice_low", "ice_high", "impact", "confidence", "ease")
PLACES = ("rank", "rank_low", "rank_high", "pod_rank", "pod_rank_low", "pod_rank_high")


def counting_scores(round_idea: RoundIdea) -> list[Score]:
    """The score that counts for each person: their latest revealed one that was not skipped."""
    latest: dict[int, Score] = {}
    scores = round_idea.scores.filter(vote__in=round_idea.revealed_votes, is_skipped=False)
    for score in scores.order_by("vote", "pk"):
        latest[score.scorer_id] = score
    return list(latest.values())


def last_revealed(idea: Idea) -> RoundIdea | None:
    revealed = idea.round_ideas.exclude(stage=RoundIdea.Stage.BLIND)
    return revealed.filter(scores__is_skipped=False).order_by("-revealed_at", "-pk").first()


def store_ice(idea: Idea) -> Ice | None:
    """Write the ICE of an idea from its last revealed round; nothing while it is blind."""
    source = None if idea.is_blind else last_revealed(idea)
    scores = counting_scores(source) if source else []
    formula = Workspace.current().ice_formula
    ice = aggregate([(s.impact or 0, s.confidence or 0, s.ease or 0) for s in scores], formula)
    idea.ice = ice.value if ice else None
    idea.ice_low, idea.ice_high = (ice.low, ice.high) if ice else (None, None)
    idea.impact = ice.impact if ice else None
    idea.confidence = ice.confidence if ice else None
    idea.ease = ice.ease if ice else None
    idea.ice_order = ice.value if ice else -1
    idea.scorer_count = ice.scorers if ice else 0
    idea.agreement = ice.agreement if ice else ""
    idea.save(update_fields=[*STORED, "ice_order", "scorer_count", "agreement", "updated_at"])
    return ice


@transaction.atomic
def rerank() -> None:
    """Rank all ideas in play over the workspace and within their pod, with ranges."""
    rows = np.array(_rows_that_count(), dtype=np.int64).reshape(-1, 6)
    formula = Workspace.current().ice_formula
    found: dict[int, list[int | None]] = {}
    for ids, overall in _placed(rows, formula):
        for idea_id, place in zip(ids, overall, strict=True):
            found[idea_id] = [place.rank, place.low, place.high]
    for pod in np.unique(rows[:, 1]):
        for ids, within in _placed(rows[rows[:, 1] == pod], formula):
            for idea_id, place in zip(ids, within, strict=True):
                found[idea_id] += [place.rank, place.low, place.high]
    ranked = set(Idea.objects.exclude(rank=None).values_list("pk", flat=True))
    Idea.objects.filter(pk__in=ranked - found.keys()).update(**dict.fromkeys(PLACES))
    known = {row[0]: row[1:] for row in Idea.objects.values_list("pk", *PLACES).exclude(ice=None)}
    changed = [
        (*values, idea_id) for idea_id, values in found.items() if known[idea_id] != tuple(values)
    ]
    if changed:
        places_now = ", ".join(f"{name} = %s" for name in PLACES)
        with connection.cursor() as cursor:  # bulk_update takes seconds for 10,000 rows
            cursor.executemany(f"UPDATE backlog_idea SET {places_now} WHERE id = %s", changed)  # noqa: S608


def _placed(
    rows: "np.ndarray[tuple[int, int], np.dtype[np.int64]]", formula: str
) -> list[tuple[list[int], list[Place]]]:
    """The ids of the ideas in `rows` (idea, pod, scorer, impact, confidence, ease) and their places."""
    if not len(rows):
        return []
    ids, idea = np.unique(rows[:, 0], return_inverse=True)
    _, scorer = np.unique(rows[:, 2], return_inverse=True)
    return [(ids.tolist(), places(idea, scorer, rows[:, 3:].astype(float), formula=formula))]


def _rows_that_count() -> list[tuple[int, ...]]:
    """(idea, pod, scorer, impact, confidence, ease) of each score that counts, in idea order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT idea_id, pod_id, scorer_id, impact, confidence, ease FROM (
                SELECT i.id AS idea_id, i.pod_id, s.scorer_id, s.impact, s.confidence, s.ease,
                       RANK() OVER (PARTITION BY i.id ORDER BY ri.revealed_at DESC, ri.id DESC)
                           AS round_back,
                       ROW_NUMBER() OVER (PARTITION BY ri.id, s.scorer_id ORDER BY s.vote DESC)
                           AS vote_back
                FROM backlog_score s
                JOIN backlog_roundidea ri ON ri.id = s.round_idea_id
                JOIN backlog_idea i ON i.id = ri.idea_id
                WHERE NOT s.is_skipped AND i.ice IS NOT NULL
                  AND i.state NOT IN ('rejected', 'duplicate')
                  AND (ri.stage IN ('revealed', 'settled') OR (ri.stage = 'revote' AND s.vote = 1))
            ) AS counted WHERE round_back = 1 AND vote_back = 1 ORDER BY idea_id
            """
        )
        rows: list[tuple[int, ...]] = cursor.fetchall()
    return rows

"""What an imported experiment taught: a write-up with the learning of its sheet, graded by the rule."""

import datetime as dt

from django.utils import timezone

from backlog.flows.transitions import move_rows
from backlog.models import Import
from experiments.flows.finding import index_write_ups, words_of_learning
from experiments.flows.grading_learnings import grade_drafts, season_of, seasons
from experiments.flows.moves import POST_MORTEM_MOVES
from experiments.flows.past.past_row import CLAIM, PastRow
from experiments.models import Experiment, Learning, PostMortem

PUBLISH, DRAFT = "publish", "draft"


def write_up(
    import_: Import, rows: list[PastRow], tests: list[Experiment]
) -> tuple[set[str], set[int]]:
    """Write-ups of the rows with a learning: the levers that they are about, and their ids.

    They are published unless somebody chose to keep them as drafts for the pod; then nothing is
    returned, because nobody else's learnings change.
    """
    pairs = [(row, test) for row, test in zip(rows, tests, strict=True) if row.learning]
    written = PostMortem.objects.bulk_create(
        PostMortem(experiment=test, author=import_.by, summary=_summary(import_, row))
        for row, test in pairs
    )
    months = seasons()
    learnings = Learning.objects.bulk_create(
        _learning(import_, row, one, season_of(row.metric, test.pod_id, _day(row), months))
        for (row, test), one in zip(pairs, written, strict=True)
    )  # fmt: skip
    if import_.choices.get("learnings") == DRAFT:
        grade_drafts(learnings)
        return set(), set()
    now = timezone.now()
    brought = PostMortem.objects.filter(
        pk__in=[one.pk for one in written], experiment__is_imported=True
    )
    move_rows(brought, POST_MORTEM_MOVES["bring_in"], published_at=now, published_by=import_.by)
    index_write_ups(written)
    levers = {one.lever for one in learnings if one.lever}
    return levers, {one.pk for one in written}


def _day(row: PastRow) -> dt.date:
    return row.decided_on or timezone.localdate()


def _summary(import_: Import, row: PastRow) -> str:
    source = (
        f"It ran before Floe, or elsewhere. This comes from “{import_}”, row {row.idea.number}. Floe saw "
        "neither its plan nor its data."
    )
    return f"{source}\n\n{row.learning}" if len(row.learning) > CLAIM else source


def _learning(import_: Import, row: PastRow, one: PostMortem, expires_on: dt.date) -> Learning:
    values = row.idea.values
    parts = {
        "lever": values.get("lever", ""),
        "channel": values.get("channel", ""),
        "segment": row.segment[:120],
        "metric": row.metric,
    }
    claim = row.learning
    learning = Learning(
        post_mortem=one, by=import_.by, expires_on=expires_on,
        claim=claim if len(claim) <= CLAIM else f"{claim[: CLAIM - 1].rstrip()}…",
        scope=", ".join(part for part in parts.values() if part)[:200] or "As in the sheet",
        **parts,
    )  # fmt: skip
    learning.set_grade(row.grade.code)
    learning.words = words_of_learning(learning)
    return learning

"""Add every idea that was understood, with its tags, imported scores and history, or nothing."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db.models import Case, F, Value, When
from django.utils import timezone

from backlog.flows.imports.comparing import CHANGE
from backlog.flows.imports.editing import make_changes, require_as_shown
from backlog.flows.imports.inserting import in_bulk, insert_rows
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.own import own_rows
from backlog.flows.imports.rows import ADD, ImportRow
from backlog.flows.imports.understanding import rows_of
from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import Transition, move_rows
from backlog.models import (
    Event,
    Idea,
    IdeaValue,
    Import,
    Pod,
    Round,
    RoundIdea,
    Rubric,
    Score,
    Tag,
    Workspace,
)
from backlog.models.texts import SENTENCE
from backlog.permissions import require
from backlog.ranking import combine
from backlog.ways_in import current_way_in

MANY_IDS = 500
WRITTEN = tuple(
    model._meta.db_table for model in (Idea, Idea.tags.through, IdeaValue, RoundIdea, Score, Event)
)


def put_in(import_: Import) -> bool:
    """Write everything in one short transaction. Returns whether any idea came with a score.

    The rows are read before the transaction begins, so that other writers only wait for the
    writing.
    """
    read = [row for row in rows_of(import_) if row.fate in (ADD, CHANGE)]
    rows = [row for row in read if row.fate == ADD]
    changed = [row for row in read if row.fate == CHANGE]
    require_as_shown(import_, changed)
    with in_bulk(*WRITTEN, rows=len(rows)):
        mine = Import.objects.filter(pk=import_.pk)
        if not move_rows(mine, IMPORT_MOVES["add"], problem=""):
            return False
        for pod in {row.pod for row in rows if row.pod}:
            require(import_.by, "backlog.add_idea", pod)
        write_ideas(import_, rows)
        make_changes(import_, changed)
        Event.record(import_, "import", _done(import_, len(rows), len(changed)), by=import_.by)
    has_moved = any(row.edit and row.edit.move for row in changed)
    return has_moved or any(row.scores for row in rows)


def _done(import_: Import, added: int, changed: int) -> str:
    """The line of history of the import itself."""
    many, verb = (added, "imported") if added or not changed else (changed, "changed")
    noun = "idea" if many == 1 else "ideas"
    more = f", and changed {changed:,}" * bool(added and changed)
    return f"{import_.by} {verb} {many:,} {noun} from “{import_}”{more}."


def write_ideas(import_: Import, rows: list[ImportRow]) -> dict[int, int]:
    """Write the ideas of these rows with their tags, scores and history: row → its idea."""
    numbers = _numbers(rows)
    formula = Workspace.current().ice_formula
    ideas = (_idea(row, numbers[row.number], formula) for row in rows)
    insert_rows(Idea, ideas, came_by_id=import_.pk)
    written = import_.ideas.values_list("key", "pk")
    ids = dict(written)
    idea_of = {row.number: ids[_key(row, numbers[row.number])] for row in rows}
    _file(rows, idea_of)
    insert_rows(IdeaValue, own_rows(rows, idea_of))
    _put_away(rows, idea_of)
    _keep_scores(import_, rows, idea_of)
    insert_rows(
        Event, _events(import_, rows, idea_of), at=timezone.now(), by_id=import_.by_id,
        via=current_way_in(), subject="idea",
    )  # fmt: skip
    return idea_of


def _key(row: ImportRow, number: int) -> str:
    return f"{row.pod.prefix if row.pod else ''}-{number}"


def _numbers(rows: list[ImportRow]) -> dict[int, int]:
    """Row → the number of its idea, in the order of the sheet, reserved in its pod."""
    of_pod: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.pod:
            of_pod[row.pod.pk].append(row.number)
    numbers: dict[int, int] = {}
    for pod, places in of_pod.items():
        Pod.objects.filter(pk=pod).update(ideas_numbered=F("ideas_numbered") + len(places))
        last = Pod.objects.values_list("ideas_numbered", flat=True).get(pk=pod)
        numbers |= dict(zip(places, range(last - len(places) + 1, last + 1), strict=True))
    return numbers


def _idea(row: ImportRow, number: int, formula: str) -> dict[str, Any]:
    written = {
        "pod_id": row.pod.pk if row.pod else None,
        "number": number,
        "key": _key(row, number),
        **row.values,
    }
    if row.scores:
        impact, confidence, ease = row.scores
        ice = float(combine(impact, confidence, ease, formula))
        written |= {
            "ice": ice, "ice_order": ice, "impact": float(impact), "confidence": float(confidence),
            "ease": float(ease), "scorer_count": 1, "agreement": "alone", "has_imported_score": True,
        }  # fmt: skip
    return written


def _file(rows: list[ImportRow], idea_of: dict[int, int]) -> None:
    names = {name for row in rows for name in row.tags}
    tags = {tag.name: tag.pk for tag in Tag.objects.filter(name__in=names)}
    for name in sorted(names - tags.keys()):
        tags[name] = Tag.objects.get_or_create(name=name)[0].pk
    through: Any = Idea.tags.through
    insert_rows(
        through,
        ({"idea_id": idea_of[r.number], "tag_id": tags[name]} for r in rows for name in r.tags),
    )


def _put_away(rows: list[ImportRow], idea_of: dict[int, int]) -> None:
    """Ideas that the sheet says are snoozed, rejected or done: many of one move in one statement."""
    for move, part in _moved(rows):
        for start in range(0, len(part), MANY_IDS):
            alike: dict[Any, list[int]] = defaultdict(list)
            for row in part[start : start + MANY_IDS]:
                alike[row.put_away[move.takes[0]]].append(idea_of[row.number])
            name = move.takes[0]
            value = Case(
                *(When(pk__in=ids, then=Value(one)) for one, ids in alike.items()),
                output_field=Idea._meta.get_field(name),  # type: ignore[arg-type]
            )
            ideas = Idea.objects.filter(pk__in=[pk for ids in alike.values() for pk in ids])
            move_rows(ideas, move, **{name: value})


def _moved(rows: list[ImportRow]) -> Iterator[tuple[Transition, list[ImportRow]]]:
    """The moves that put ideas away, each with its rows."""
    for move in (IDEA_MOVES["snooze"], IDEA_MOVES["reject"]):
        yield move, [row for row in rows if move.takes[0] in row.put_away]


def _keep_scores(import_: Import, rows: list[ImportRow], idea_of: dict[int, int]) -> None:
    """The scores of the sheet as a closed round that says it was not blind, one for each pod.

    Each is one score set of the person who brought them in. A blind round comes later, so its
    scores are the ones that count from its reveal on.
    """
    now, by_pod = timezone.now(), defaultdict[int, list[ImportRow]](list)
    for row in rows:
        if row.scores and row.pod:
            by_pod[row.pod.pk].append(row)
    for pod, scored in by_pod.items():
        round_ = Round.objects.create(
            pod_id=pod, title=f"Imported, not blind: {import_}"[:80], rubric=Rubric.objects.latest(),
            state=Round.State.CLOSED, opened_by=import_.by, closed_at=now, is_imported=True,
        )  # fmt: skip
        places = (
            {"idea_id": idea_of[row.number], "position": min(place, 32_000)}
            for place, row in enumerate(scored, start=1)
        )
        settled = {"stage": RoundIdea.Stage.SETTLED, "revealed_at": now}
        insert_rows(RoundIdea, places, round_id=round_.pk, **settled)
        items = dict(round_.round_ideas.order_by().values_list("idea", "pk"))
        scores = (_score(row, items[idea_of[row.number]]) for row in scored)
        insert_rows(Score, scores, scorer_id=import_.by_id)


def _score(row: ImportRow, item: int) -> dict[str, Any]:
    impact, confidence, ease = row.scores or (None, None, None)
    return {
        "round_idea_id": item,
        "impact": impact,
        "confidence": confidence,
        "ease": ease,
    }


def _events(
    import_: Import, rows: list[ImportRow], idea_of: dict[int, int]
) -> Iterator[dict[str, Any]]:
    by, name = str(import_.by), str(import_)
    added = ((row, "add", f"{by} imported it from “{name}”, row {row.number}.") for row in rows)
    moved = (
        (row, move.name, move.sentence.format(by=by, **row.put_away)[:SENTENCE])
        for move, part in _moved(rows)
        for row in part
    )
    for row, verb, sentence in chain(added, moved):
        yield {
            "pod_id": row.pod.pk if row.pod else None, "subject_id": idea_of[row.number],
            "verb": verb, "sentence": sentence,
        }  # fmt: skip

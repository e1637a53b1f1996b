"""Remove the ideas of an import again, except those that somebody has changed since."""

from collections.abc import Mapping

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from backlog.flows.imports.editing import put_changes_back
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.transitions import move_rows
from backlog.models import Event, Idea, IdeaValue, Import, Round, RoundIdea, Score
from backlog.models.texts import SENTENCE

NAMED = 10


def take_out(import_: Import) -> bool:
    """Delete all of them or none, and name those that stay. Returns whether any had a score.

    The search rows are removed later (`forget`). Search only finds existing ideas, so nobody
    notices.
    """
    with transaction.atomic():
        mine = Import.objects.filter(pk=import_.pk)
        if not move_rows(mine, IMPORT_MOVES["take_out"], problem=""):
            return False
        ideas = Idea.objects.filter(came_by=import_)
        kept = list(ideas.filter(_is_touched()).order_by("pk").values_list("pk", "key"))
        gone = ideas.exclude(pk__in=[pk for pk, _ in kept]) if kept else ideas
        had_scores = gone.exclude(ice=None).exists()
        count = delete_ideas(gone)
        back, cells = put_changes_back(import_)
        _say(import_, count, [key for _, key in kept], back, cells)
    return had_scores or bool(back)


def _is_touched() -> Q:
    """Changed, moved, scored, or referred to by anything else."""
    of_it = Event.objects.filter(subject="idea", verb="add", at=OuterRef("at"))
    as_added = of_it.filter(subject_id=OuterRef("subject_id"))  # the import put it away itself
    later = Event.objects.filter(~Exists(as_added), subject="idea", subject_id=OuterRef("pk"))
    put_away = Q(state__in=(Idea.State.SNOOZED, Idea.State.REJECTED), version=2) & ~Exists(later)
    as_it_came = Q(state=Idea.State.OPEN, version=1) | put_away
    return ~as_it_came | is_referred_to(Idea, _MADE)


def is_referred_to(model: type[models.Model], made: Mapping[type[models.Model], Q]) -> Q:
    """Whether any row points at a row of `model`, but for those that the import made itself.

    `made` says which these are, by their model.
    """
    touched = Q(pk__in=[])
    for relation in model._meta.related_objects:
        if relation.one_to_many or relation.one_to_one:
            other = relation.related_model
            rows = other._default_manager.filter(  # type: ignore[union-attr]
                **{relation.field.name: OuterRef("pk")}
            )
            if other in made:
                rows = rows.exclude(made[other])  # type: ignore[index]
            touched |= Q(Exists(rows))
    return touched


_MADE: dict[type[models.Model], Q] = {
    RoundIdea: Q(round__is_imported=True),
    IdeaValue: Q(pk__isnull=False),  # a change of one is a change of the idea
}


def delete_ideas(ideas: "QuerySet[Idea]") -> int:
    """In a few statements, as there may be 100,000 ideas. References are checked at the end.

    Tags are deleted after their ideas, so that search is not updated for each tag an idea loses.
    """
    ids = ideas.order_by().values("pk")
    items = RoundIdea.objects.filter(idea__in=ids)
    rounds = list(items.order_by().values_list("round", flat=True).distinct())
    events = Event.objects.filter(subject="idea", subject_id__in=ids).order_by()
    values = IdeaValue.objects.filter(idea__in=ids)
    for rows in (
        values,
        Score.objects.filter(round_idea__in=items.order_by().values("pk")),
        items,
        events,
    ):
        rows.order_by()._raw_delete(rows.db)
    count: int = ideas.order_by()._raw_delete(ideas.db)
    through = Idea.tags.through.objects  # type: ignore[attr-defined]
    through.filter(~Exists(Idea.objects.filter(pk=OuterRef("idea"))))._raw_delete(ideas.db)
    Round.objects.filter(pk__in=rounds, is_imported=True, round_ideas=None).delete()
    return count


def _say(import_: Import, count: int, kept: list[str], back: int, cells: list[str]) -> None:
    done = [f"{count:,} {'idea was' if count == 1 else 'ideas were'} removed"] * bool(
        count or not import_.counts.get("change")
    )
    done += [f"{back:,} {'idea is' if back == 1 else 'ideas are'} as before"] * bool(back)
    sentence = f"{import_.by} undid “{import_}”: {' and '.join(done) or 'nothing could be undone'}."
    if kept:
        sentence += f" Some ideas stay because somebody has changed them: {_named(kept)}."
    if cells:
        sentence += f" Somebody has changed this since, so it stays: {_named(cells)}."
    Event.record(import_, "undo", sentence[:SENTENCE], by=import_.by)
    Import.objects.filter(pk=import_.pk).update(problem=sentence[:SENTENCE])


def _named(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" * (len(names) > NAMED))

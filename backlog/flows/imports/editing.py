"""Change the ideas that the rows of an import name, and put them back as they were.

Each change goes through the flow of the edit page, with its permissions, checks and history.
"""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError

from backlog.flows.bulk import kept_of, put_back
from backlog.flows.ideas import edit_idea
from backlog.flows.imports.rows import ImportRow
from backlog.flows.moves import move_idea
from backlog.models import Idea, Import, ImportedChange
from backlog.refusals import Refused
from backlog.search_tables import held

STATE = ("state", "snoozed_until", "reason")  # put back together, or not at all


class ReadAgain(Refused):
    """What the page has shown is no longer what would happen."""


def require_as_shown(import_: Import, rows: Iterable[ImportRow]) -> None:
    """Raise ReadAgain if an idea was changed after its row was shown."""
    plan: dict[str, str] = import_.understood.get("plan", {})
    marks = {row.key: row.edit.mark for row in rows if row.edit}
    odd = sorted(key for key in plan.keys() | marks.keys() if plan.get(key) != marks.get(key))
    if odd:
        named = ", ".join(odd[:5]) + (f" and {len(odd) - 5:,} more" * (len(odd) > 5))
        raise ReadAgain(
            f"Somebody has changed {named} since you looked. Nothing was changed or added. The rows "
            "were read again: look at them, and confirm then."
        )


def make_changes(import_: Import, rows: list[ImportRow]) -> None:
    """All of them, or Refused with the row that can't be."""
    made = []
    with held(*(row.edit.idea.pk for row in rows if row.edit)):
        for row in rows:
            try:
                made.append(_change(import_, row))
            except (Refused, PermissionDenied) as refusal:
                raise Refused(f"{row.key}, row {row.number}: {refusal} {_NOTHING}") from refusal
            except ValidationError as error:
                problem = " ".join(error.messages)
                raise Refused(f"{row.key}, row {row.number}: {problem} {_NOTHING}") from error
    ImportedChange.objects.bulk_create(made, batch_size=500)


_NOTHING = "Nothing was changed or added."


def _change(import_: Import, row: ImportRow) -> ImportedChange:
    edit, by = row.edit, import_.by
    if edit is None:
        raise Refused("It changes nothing.")
    idea, before = edit.idea, kept_of(edit.idea)
    if edit.fields or edit.own or edit.tags is not None:
        edit_idea(idea, by=by, tags=edit.tags, own=edit.own, **edit.fields)
    if edit.move:
        name, values = edit.move
        move_idea(idea, name, by=by, is_one_of_many=True, **values)
    idea.refresh_from_db()
    after = kept_of(idea)
    changed = [name for name in before if before[name] != after[name]]
    return ImportedChange(
        import_run=import_, idea=idea, before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )  # fmt: skip


def put_changes_back(import_: Import) -> tuple[int, list[str]]:
    """How many ideas are as they were before, and the cells that stay, as somebody has changed them
    since."""
    changes = list(import_.changes.select_related("idea__pod").order_by("pk"))
    seen = set(
        Idea.objects.visible_to(import_.by)
        .filter(pk__in=[change.idea_id for change in changes])
        .values_list("pk", flat=True)
    )
    count, stay = 0, []
    with held(*seen):
        for change in changes:
            if change.idea_id not in seen:
                stay.append("an idea that you can no longer see")
                continue
            names = _put_back(import_, change)
            count += len(names) < len(change.after)
            stay += [f"{change.idea.key} ({', '.join(map(_word, names))})"] if names else []
    return count, stay


def _put_back(import_: Import, change: ImportedChange) -> list[str]:
    """The names of the cells that stay."""
    idea, now = change.idea, kept_of(change.idea)
    stay = {name for name, value in change.after.items() if now.get(name) != value}
    if stay & set(STATE):
        stay |= set(STATE) & change.after.keys()
    back = {name: value for name, value in change.before.items() if name not in stay}
    after = {name: change.after[name] for name in back}
    if back and not put_back(idea, {"before": back, "after": after}, import_.by):
        stay |= set(back)
    return sorted(stay)


def _word(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")

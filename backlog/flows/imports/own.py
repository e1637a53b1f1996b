"""Columns of a sheet that are own fields: recognised by name, read by kind, held against an idea."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from backlog.csv_guard import unformula
from backlog.flows.exported import HEADERS as EXPORTED
from backlog.flows.exported import Stamp, own_written
from backlog.models import IdeaValue, OwnField
from backlog.models.own_fields import Value
from backlog.sheets import plain_name
from backlog.tables import Question
from backlog.tables.dates import DateStyle
from backlog.tables.heading import folded_name
from backlog.tables.number_questions import question_about_numbers
from backlog.tables.numbers import NumberStyle, style_of

if TYPE_CHECKING:
    from backlog.flows.imports.edits import Edit
    from backlog.flows.imports.rows import ImportRow


def with_own(mapping: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The mapping in which columns with the name of an own field are read as it, but for the title.

    The very name goes first. One that is only alike (in capitals, accents or signs) counts where it
    is alike to one field.
    """
    fields = list(OwnField.objects.all())
    exact = {folded_name(field.name): field.slug for field in fields}
    alike: dict[str, list[str]] = {}
    for field in fields:
        alike.setdefault(plain_name(field.name), []).append(field.slug)
    for plain in ("", *map(plain_name, EXPORTED.values())):
        alike.pop(plain, None)
    single = {plain: slugs[0] for plain, slugs in alike.items() if len(slugs) == 1}
    taken = dict(mapping)
    for known, spell in ((exact, str), (single, plain_name)):
        for place, name in enumerate(names):
            slug = known.get(spell(name))
            held = taken.get(str(place), "")
            if slug and slug not in taken.values() and held != "title" and not is_own(held):
                taken[str(place)] = slug
    return taken


def is_own(what: str) -> bool:
    """Whether a column is mapped to an own field."""
    return what[:3] == "own" and what[3:].isdigit()


def own_in(mapping: Mapping[int, str]) -> dict[str, OwnField]:
    """The own fields that columns are mapped to, by slug."""
    wanted = set(filter(is_own, mapping.values()))
    fields = OwnField.objects.all() if wanted else ()
    return {field.slug: field for field in fields if field.slug in wanted}


@dataclass(frozen=True)
class OwnColumn:
    """Reads the cells of one column as values of a field."""

    field: OwnField
    numbers: NumberStyle
    dates: DateStyle

    def read(self, text: str, stamp: Stamp) -> tuple[Value, str]:
        """The value, or None with what is wrong. What was exported has decimals after a point."""
        typed: Any = text
        if text and self.field.kind == OwnField.Kind.NUMBER:
            style = NumberStyle() if stamp.says(self.field.slug, text) else self.numbers
            typed = style.value(text)
        elif text and self.field.kind == OwnField.Kind.DATE:
            typed = self.dates.date(text)
        if text and typed is None:
            return None, f"is not a {self.field.kind}"
        try:
            return self.field.checked(typed), ""
        except ValidationError:
            return None, f"can’t be a value of {self.field.name}"


def own_columns_of(
    fields: Mapping[str, OwnField], mapping: Mapping[int, str], rows: Sequence[Sequence[str]],
    dates: DateStyle, answers: Mapping[str, str],
) -> tuple[dict[str, OwnColumn], list[Question]]:  # fmt: skip
    """How each column is read; a question where the numbers that people wrote into it can be read in
    two ways. Those that were exported say nothing about how people write."""
    columns: dict[str, OwnColumn] = {}
    questions: list[Question] = []
    for slug, field in fields.items():
        numbers = NumberStyle()
        if field.kind == OwnField.Kind.NUMBER:
            cells = _written_in(slug, mapping, rows)
            numbers = style_of(cells)
            if numbers.unsure:
                question = question_about_numbers(
                    f"numbers:{field.slug}", field.name, cells, numbers
                ).answered(answers)
                questions.append(question)
                numbers = style_of(cells, answer=question.reading)
        columns[slug] = OwnColumn(field, numbers, dates)
    return columns, questions


def _written_in(slug: str, mapping: Mapping[int, str], rows: Sequence[Sequence[str]]) -> set[str]:
    """The cells of a field that are not as they were exported; digits alone are never in doubt."""
    places = [at for at, what in mapping.items() if what == slug]
    stamped = [at for at, what in mapping.items() if what == "stamp"]
    cells = set()
    for row in rows:
        texts = {row[at] for at in places if at < len(row)}
        if not (texts := {text for text in texts if text and not text.isdecimal()}):
            continue
        stamp = Stamp.parse("".join(row[at] for at in stamped if at < len(row)))
        cells |= {text for text in texts if not stamp.says(slug, unformula(text))}
    return cells


def values_by_idea(ideas: Iterable[int], fields: Mapping[str, OwnField]) -> dict[int, Any]:
    """Idea → slug → value, for these fields."""
    by_idea: dict[int, dict[str, Value]] = {}
    rows = IdeaValue.objects.filter(idea__in=list(ideas), field__in=list(fields.values()))
    for row in rows if fields else ():
        by_idea.setdefault(row.idea_id, {})[f"own{row.field_id}"] = row.value
    return by_idea


def compare_own(
    columns: Mapping[str, OwnColumn], row: "ImportRow", edit: "Edit", texts: Mapping[str, str],
    now: Mapping[str, Value], *, takes_mine: bool,
) -> None:  # fmt: skip
    """What the sheet changes of the own fields, by the same rules as of the others."""
    stamp = Stamp.parse(texts.get("stamp", ""))
    for slug, column in columns.items():
        name, present = column.field.name, own_written(now.get(slug))
        text = texts.get(slug, "")
        if unformula(text) == present or stamp.says(slug, unformula(text)):
            text = unformula(text)
        value, problem = (now.get(slug), "") if text == present else column.read(text, stamp)
        if problem:
            row.notes.append(f"“{text[:40]}” {problem}, so {name} stays")
            continue
        mine = own_written(value)
        if mine == present or stamp.says(slug, mine) or (not mine and slug not in stamp.marks):
            continue
        is_theirs = slug in stamp.marks and not stamp.says(slug, present)
        edit.add_own(slug, name, (present, mine), is_theirs=is_theirs)
        if is_theirs and not takes_mine:
            row.notes.append(f"Somebody has changed {name} since, so it stays")
            continue
        edit.own[slug] = value


def own_rows(rows: Iterable["ImportRow"], idea_of: Mapping[int, int]) -> Iterable[dict[str, Any]]:
    """The values of new ideas, as plain rows."""
    for row in rows:
        for field, value in row.own:
            made = IdeaValue.of(idea_of[row.number], field, value)
            yield {
                "idea_id": made.idea_id, "field_id": field.pk, "text": made.text,
                "number": made.number, "day": made.day and made.day.isoformat(),
            }  # fmt: skip

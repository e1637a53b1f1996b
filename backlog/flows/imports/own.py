"""Columns of a sheet that are own fields: recognised by name, read by kind, held against an idea."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from backlog.csv_guard import unformula
from backlog.flows.exported import Stamp, own_written
from backlog.models import IdeaValue, OwnField
from backlog.models.own_fields import Value
from backlog.sheets import plain_name
from backlog.tables import Question
from backlog.tables.dates import DateStyle
from backlog.tables.numbers import NumberStyle, style_of
from backlog.tables.questions import Choice, QuestionCode

if TYPE_CHECKING:
    from backlog.flows.imports.edits import Edit
    from backlog.flows.imports.rows import ImportRow


def with_own(mapping: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The mapping in which columns called like an own field are read as it, but for the title."""
    fields = {plain_name(field.name): field.slug for field in OwnField.objects.all()}
    taken = dict(mapping)
    for place, name in enumerate(names):
        slug = fields.get(plain_name(name))
        if slug and slug not in taken.values() and taken.get(str(place)) != "title":
            taken[str(place)] = slug
    return taken


def own_in(mapping: Mapping[int, str]) -> dict[str, OwnField]:
    """The own fields that columns are mapped to, by slug."""
    wanted = {what for what in mapping.values() if what[:3] == "own" and what[3:].isdigit()}
    fields = OwnField.objects.all() if wanted else ()
    return {field.slug: field for field in fields if field.slug in wanted}


@dataclass(frozen=True)
class OwnColumn:
    """Reads the cells of one column as values of a field."""

    field: OwnField
    numbers: NumberStyle
    dates: DateStyle

    def read(self, text: str) -> tuple[Value, str]:
        """The value, or None with what is wrong."""
        typed: Any = text
        if text and self.field.kind == OwnField.Kind.NUMBER:
            typed = self.numbers.value(text)
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
    """How each column is read; a question where its numbers can be read in two ways."""
    columns: dict[str, OwnColumn] = {}
    questions: list[Question] = []
    is_ours = "stamp" in mapping.values()
    for slug, field in fields.items():
        numbers = NumberStyle()
        if field.kind == OwnField.Kind.NUMBER:
            places = [at for at, what in mapping.items() if what == slug]
            cells = {row[at] for row in rows for at in places if at < len(row) and row[at]}
            numbers = style_of(cells, answer="decimals" if is_ours else "")
            if numbers.unsure and not is_ours:
                question = _about_numbers(field, cells, numbers).answered(answers)
                questions.append(question)
                numbers = style_of(cells, answer=question.reading)
        columns[slug] = OwnColumn(field, numbers, dates)
    return columns, questions


def _about_numbers(field: OwnField, cells: Iterable[str], style: NumberStyle) -> Question:
    example = min((one for one in cells if style.unsure in one), key=lambda one: (len(one), one))
    both = [(key, style_of(cells, answer=key).value(example)) for key in ("thousands", "decimals")]
    return Question(
        f"numbers:{field.slug}", QuestionCode.NUMBERS, field.name,
        f"In “{field.name}”, which number is {example}?",
        "No number of the column says whether the mark parts thousands or decimals.",
        tuple(Choice(key, own_written(value)) for key, value in both),
    )  # fmt: skip


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
        value, problem = (now.get(slug), "") if text == present else column.read(text)
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

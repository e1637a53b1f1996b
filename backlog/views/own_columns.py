"""Own fields in the list and on the pages of an idea."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from backlog.flows.own_values import fields_with_values
from backlog.models import Idea, IdeaValue, ListedIdea, OwnField
from backlog.templatetags.figures import DASH
from backlog.views.asking import SignedIn
from backlog.views.cell_texts import own_text
from backlog.views.columns import Entry, ListColumn

_SLUG = re.compile(r"\bown[0-9]")


class OwnFact(NamedTuple):
    """A field and what one idea has in it, for its page."""

    name: str
    text: str


def own_facts(idea: Idea) -> list[OwnFact]:
    return [OwnFact(field.name, own_text(value)) for field, value in fields_with_values(idea)]


def fields_asked_for(request: SignedIn, *, is_whole: bool) -> list[OwnField]:
    """All own fields if the address or one's columns name any: most lists ask for none."""
    if is_whole:
        return list(OwnField.objects.all())
    words = [request.user.idea_columns]
    for name, values in request.GET.lists():
        words += [name, *values]
    return list(OwnField.objects.all()) if any(map(_SLUG.search, words)) else []


def own_columns(fields: Iterable[OwnField]) -> tuple[ListColumn, ...]:
    return tuple(_column(field.slug, field.name, field.kind) for field in fields)


@lru_cache(maxsize=256)
def _column(slug: str, name: str, kind: str) -> ListColumn:
    """Kept, so that the rows of a list compare as equal."""

    def cell(entry: Entry) -> str:
        return dict(entry.own).get(slug, DASH)

    css = "r c-word num" if kind == OwnField.Kind.NUMBER else "c-word"
    return ListColumn(slug, name, css, cell, slug, f"-{slug}", slug)


def own_texts(
    ideas: Sequence[ListedIdea], columns: Sequence[ListColumn]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """Idea → (slug, text) of each own column that is shown and has a value, in one query."""
    ids = [int(one.name[3:]) for one in columns if _SLUG.match(one.name)]
    if not ids:
        return {}
    values = IdeaValue.objects.filter(idea__in=[idea.pk for idea in ideas], field__in=ids)
    texts: dict[int, tuple[tuple[str, str], ...]] = {}
    for row in values.only("idea_id", "field_id", "text", "number", "day"):
        pair = (f"own{row.field_id}", own_text(row.value))
        texts[row.idea_id] = (*texts.get(row.idea_id, ()), pair)
    return texts

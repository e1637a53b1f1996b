"""What the backlog can be narrowed by where several values may be chosen, with those that there are."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from backlog.filter_fields import ME, NONE, values_in
from backlog.filters import IdeaFilter
from backlog.models import OwnField, Tag
from backlog.shell import Shell
from backlog.views.asking import SignedIn
from backlog.words_in_use import Column, words_in_use

MOST_OFFERED, MOST_WORDS = 100, 500  # of an own field; of levers and channels


class Option(NamedTuple):
    value: str
    label: str
    is_on: bool


class Facet(NamedTuple):
    """A field with its values; with `is_not` ideas that have one of the chosen are left out."""

    name: str
    label: str
    options: list[Option]
    chosen: str
    is_not: bool


def facets_of(request: SignedIn, ideas: Any, idea_filter: IdeaFilter) -> list[Facet]:
    """Of what the reader can see. A value that is chosen is offered although no idea has it."""
    fields, query = idea_filter.form.fields, request.GET
    excluded = query.getlist("exclude")
    facets = []
    worded = [
        one for one in idea_filter.own if one.kind in (OwnField.Kind.TEXT, OwnField.Kind.CHOICE)
    ]
    columns = [
        Column(name, "backlog_idea", name, f"lower({name})") for name in ("lever", "channel")
    ]
    columns += [_column_of(field) for field in worded]
    words = words_in_use(columns, ideas, most=MOST_WORDS)
    every = (*_pairs(request, ideas, fields, words), *_own_pairs(worded, words))
    for name, pairs in every:
        on = {_as_me(request, name, one).casefold(): one for one in values_in(query, name)}
        listed = dict(pairs)
        known = {value.casefold() for value in listed}
        listed |= {one: one for folded, one in on.items() if folded not in known}
        options = [Option(value, label, value.casefold() in on) for value, label in listed.items()]
        chosen = ", ".join(one.label for one in options if one.is_on)
        facets.append(Facet(name, str(fields[name].label), options, chosen, name in excluded))
    return facets


def _as_me(request: SignedIn, name: str, value: str) -> str:
    """One’s own id in a link is the “Me” of the list."""
    is_person = name in ("owner", "author")
    return ME if is_person and value == str(request.user.pk) else value


def _column_of(field: OwnField) -> Column:
    return Column(
        field.slug, "backlog_ideavalue", "text", "alike", "idea_id", f"field_id = {int(field.pk)}"
    )


def _pairs(
    request: SignedIn, ideas: Any, fields: Any, words: dict[str, list[str]]
) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    pods = Shell(request, request.user).pods
    goals = fields["objective"].queryset.select_related("quarter").order_by("title", "quarter")
    people = [(str(one.pk), str(one)) for one in fields["owner"].queryset if one != request.user]
    yield "pod", [(pod.prefix, pod.name) for pod in pods]
    yield "objective", [
        (NONE, "No objective"), *((str(one.pk), f"{one.title} · {one.quarter}") for one in goals),
    ]  # fmt: skip
    yield "owner", [(ME, "Me"), (NONE, "Nobody"), *people]
    yield "author", [(ME, "Me"), *people]
    for name in ("lever", "channel"):
        alike = {word.lower(): word for word in words[name]}
        yield name, [(NONE, f"No {name}"), *((word, word) for word in alike.values())]
    tags = Tag.objects.filter(Exists(ideas.order_by().filter(tags=OuterRef("pk"))))
    yield "tag", [(name, name) for name in tags.values_list("name", flat=True)]


def _own_pairs(
    worded: Iterable[OwnField], words: dict[str, list[str]]
) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Of a choice those that are offered, then what ideas have beside them; of texts what there is."""
    for field in worded:
        offered = dict.fromkeys((*field.choices, *words[field.slug]))
        none = (NONE, f"No {field.name.lower()}")
        yield field.slug, [none, *((word, word) for word in list(offered)[:MOST_OFFERED])]

"""What the backlog can be narrowed by where several values may be chosen, with those that there are."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Window
from django.db.models.functions import DenseRank

from backlog.filter_fields import ME, NONE, values_in
from backlog.filters import IdeaFilter
from backlog.models import IdeaValue, OwnField, Tag
from backlog.shell import Shell
from backlog.views.asking import SignedIn

MOST_OFFERED = 100


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
    every = (*_pairs(request, ideas, fields), *_own_pairs(ideas, idea_filter.own))
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


def _pairs(
    request: SignedIn, ideas: Any, fields: Any
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
        words = ideas.exclude(**{name: ""}).order_by(name).values_list(name, flat=True).distinct()
        alike = {word.lower(): word for word in words}
        yield name, [(NONE, f"No {name}"), *((word, word) for word in alike.values())]
    tags = Tag.objects.filter(ideas__in=ideas).distinct().values_list("name", flat=True)
    yield "tag", [(name, name) for name in tags]


def _own_pairs(ideas: Any, own: Iterable[OwnField]) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Of a choice those that are offered, then what ideas have beside them; of texts what there is."""
    fields = [one for one in own if one.kind in (OwnField.Kind.TEXT, OwnField.Kind.CHOICE)]
    if not fields:
        return
    rows = IdeaValue.objects.filter(field__in=fields, idea__in=ideas.order_by().values("pk"))
    in_use: dict[int, list[str]] = {}
    place = Window(DenseRank(), partition_by="field", order_by="alike")
    first = rows.annotate(place=place).filter(place__lte=MOST_OFFERED)
    for pk, text in first.values_list("field", "text").distinct().order_by("field", "alike"):
        in_use.setdefault(pk, []).append(text)
    for field in fields:
        words = dict.fromkeys((*field.choices, *in_use.get(field.pk, ())))
        none = (NONE, f"No {field.name.lower()}")
        yield field.slug, [none, *((word, word) for word in list(words)[:MOST_OFFERED])]

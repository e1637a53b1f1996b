"""Every place that takes a file, found by the views that say so and by the forms on their pages."""

import itertools
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse

NOT_FOR_TABLES = ("IMAGE_MAX_BYTES", "ATTACHMENT_MAX_BYTES")


class Door(NamedTuple):
    """Where a form sends its file: the address, the field, and what else its form holds."""

    address: str
    field: str
    others: dict[str, str]

    @property
    def view(self) -> Any:
        return resolve(self.address).func


def views_that_take_files() -> dict[str, URLPattern]:
    """URL name → pattern, of every view that is marked by `takes_files` and reads tables.

    Images and PDFs come in by ways of their own: tests/experiments/test_postmortem_image.py and
    tests/backlog/test_attachments.py.
    """
    settings = {
        name: (pattern, getattr(pattern.callback, "most_bytes_setting", ""))
        for name, pattern in _patterns(get_resolver())
    }
    return {
        name: pattern
        for name, (pattern, setting) in settings.items()
        if setting and setting not in NOT_FOR_TABLES
    }


def _patterns(resolver: Any, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}", one
        else:
            yield from _patterns(one, f"{space}{one.namespace}:" if one.namespace else space)


class _Forms(HTMLParser):
    """The forms of a page that have a field for a file."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at, self.open, self.found = at, None, []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        has = dict(attrs)
        if tag == "form":
            self.open = [has.get("action") or self.at, [], {}]
        elif self.open and tag == "input" and has.get("type") == "file":
            self.open[1].append(has["name"])
        elif self.open and has.get("name") and tag in ("input", "textarea", "select", "button"):
            self.open[2][has["name"]] = has.get("value") or ""
        elif self.open and tag == "option" and has.get("value") and self.open[2]:
            last = list(self.open[2])[-1]
            self.open[2][last] = self.open[2][last] or has["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.open:
            address, fields, others = self.open
            self.found += [Door(address, field, others) for field in fields]
            self.open = None


def doors(client: Client, pks: list[int]) -> list[Door]:
    """Every form with a field for a file, on the pages of views without arguments or with one key."""
    by_address: dict[tuple[str, str], Door] = {}
    names = [
        (name, pattern) for name, pattern in _patterns(get_resolver()) if _is_page(name, pattern)
    ]
    for (name, pattern), pk in itertools.product(names, pks):
        arguments = pattern.pattern.converters
        address = reverse(name, kwargs=dict.fromkeys(arguments, pk))
        answer = client.get(address)
        if answer.status_code == 200 and not answer.streaming:
            page = _Forms(address)
            page.feed(answer.content.decode())
            by_address |= {(door.address, door.field): door for door in page.found}
    every = by_address.values()
    return [
        door for door in every if getattr(door.view, "most_bytes_setting", "") not in NOT_FOR_TABLES
    ]


def _is_page(name: str, pattern: URLPattern) -> bool:
    spaces = ("backlog:", "experiments:")
    return (
        name.startswith(spaces) and "api" not in name and set(pattern.pattern.converters) <= {"pk"}
    )

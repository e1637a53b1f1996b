"""Every page of a kept database, by the routes as they are, and the words on it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from backlog.models import Idea, Membership, Objective, Pod, Quarter, Round, RoundIdea, Rubric, User
from experiments.models import (
    Analysis,
    Experiment,
    Holdout,
    Intake,
    Learning,
    Metric,
    PlanTemplate,
    Segment,
)

ROLES = {"owner": "Ines Costa", "analyst": "Bob", "viewer": "Vera"}
# Where words are compared, as whom: what a plan, a reading, a decision and a post-mortem say.
COMPARED = {
    "experiment_results": ("owner", "analyst", "viewer"),
    "experiment_decide": ("owner",),
    "experiment_detail": ("owner",),
    "experiment_summary": ("owner",),
    "analysis_methods": ("owner",),
    "postmortem_detail": ("owner",),
    "holdout_detail": ("owner",),
}
NOUNS: dict[str, Any] = {
    "experiments": Experiment, "ideas": Idea, "scoring": Round, "pods": Pod, "quarters": Quarter,
    "objectives": Objective, "metrics": Metric, "segments": Segment, "templates": PlanTemplate,
    "holdouts": Holdout, "rubric": Rubric, "people": User,
}  # fmt: skip
MANY, EVERY = 14, 5
# Parts of an address besides the first number, by the words that the first number belongs to.
PARTS: dict[tuple[str, str], Any] = {
    ("experiments", "number"): lambda pk: Analysis.objects.filter(experiment=pk).values_list("number", flat=True),
    ("experiments", "intake"): lambda pk: Intake.objects.filter(experiment=pk).values_list("pk", flat=True),
    ("scoring", "item"): lambda pk: RoundIdea.objects.filter(round=pk).values_list("pk", flat=True),
    ("pods", "member"): lambda pk: Membership.objects.filter(pod=pk).values_list("pk", flat=True),
    ("experiments", "learning"): lambda pk: Learning.objects.filter(post_mortem__experiment=pk).values_list("pk", flat=True),
}  # fmt: skip


def addresses() -> Iterator[tuple[str, str]]:
    """The name of each route that the rows lead to, with an address for each row; of many rows, whose
    pages hold nothing that is compared, for every fifth."""
    for pattern in get_resolver().url_patterns:
        if not isinstance(pattern, URLPattern) and pattern.namespace in ("backlog", "experiments"):
            for route in pattern.url_patterns:
                yield from _addresses(pattern.namespace, route)


def _addresses(space: str, route: Any) -> Iterator[tuple[str, str]]:
    needed = list(getattr(getattr(route, "pattern", None), "converters", {}))
    if not getattr(route, "name", None):
        return
    noun = str(route.pattern).partition("/")[0]
    name = f"{space}:{route.name}"
    if not needed:
        yield route.name, reverse(name)
    elif needed[0] == "pk" and noun in NOUNS:
        keys = NOUNS[noun].objects.order_by("pk").values_list("pk", flat=True)
        for pk in keys if route.name in COMPARED or len(keys) < MANY else keys[::EVERY]:
            if len(needed) == 1:
                yield route.name, reverse(name, args=[pk])
            elif values := PARTS.get((noun, needed[1])):
                for value in values(pk).order_by("pk"):
                    yield route.name, reverse(name, args=[pk, value])


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def look(browser: Client, address: str) -> tuple[int, list[str]]:
    """The status and the words of a page; nothing of the visit stays."""
    with transaction.atomic():
        answer = browser.get(address)
        body = "" if answer.streaming else answer.content.decode()
        transaction.set_rollback(True)
    return answer.status_code, words_of(body) if answer.status_code == 200 else []


def words() -> dict[str, dict[str, list[str]]]:
    """For each address that is compared and each role the lines that are read there."""
    kept: dict[str, dict[str, list[str]]] = {}
    browsers = {role: browser_of(User.objects.get(name=name)) for role, name in ROLES.items()}
    for route, address in addresses():
        for role in COMPARED.get(route, ()):
            status, lines = look(browsers[role], address)
            if status == 200:
                kept.setdefault(address, {})[role] = lines
    return kept


class _Words(HTMLParser):
    """The text within <main>, a line for each block."""

    INLINE = {"a", "b", "i", "em", "strong", "span", "small", "code", "abbr", "time", "svg", "path"}

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.lines = 0, [""]

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.depth += tag == "main"
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "main"
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.lines[-1] += data


def words_of(page: str) -> list[str]:
    reader = _Words()
    reader.feed(page)
    lines = (re.sub(r"\s+", " ", line).strip() for line in reader.lines)
    return [line for line in lines if line]

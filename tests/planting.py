"""Markup in every stored text, found from the models: what a member could write, and what leaked in."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

WHOLE = (
    """x"'><b hx-get="/planted/get" hx-trigger="load" hx-swap="none"></b>"""
    """<b hx-post="/people/{person}/role/" hx-vals='{{"role":"admin"}}' hx-trigger="load"></b>"""
    """<b data-hx-post="/planted/data" data-hx-trigger="load"></b><i hx-on:htmx:load="go()"></i>"""
    """<script src="/planted/script.js"></script><form action="/planted/form" method="post">"""
    """<button data-key="e" data-open="quick-idea">go</button></form><img src="/planted/picture">"""
    """<meta http-equiv="refresh" content="0;url=/planted/meta"><base href="/planted/base/">"""
    """<a href="javascript:location='/planted/js'">y</a> [z](javascript:alert(1)) </textarea>"""
    """<style>@import "/planted/style.css";</style>"""
)
TOKEN = """<input type="hidden" name="csrfmiddlewaretoken" value="">"""
# Forms that need nobody's click, were they taken for ours: each carries the order that it hopes for.
FORMS = (
    f"""<form method="post" action="/people/{{person}}/role/" hx-trigger="load">{TOKEN}"""
    """<input name="role" value="admin"></form>""",
    f"""<form method="post" action="/planted/a" data-hx-trigger="load" data-ours="k0">{TOKEN}</form>""",
    """<form method="post" action="/planted/b" hx-trigger="load" hx-vals='{{"role":"admin"}}'>"""
    """<input name="csrfmiddlewaretoken" data-ours="k0" value=""><b hx-trigger="load"></b></form>""",
    f"""<form method="post" action="/planted/c" hx-trigger="every 50ms">{TOKEN}"""
    """<input name="getAttributeNames"><input name="attributes"></form>""",
)
SHORTER = (
    """"'><b hx-get=/planted/{pk} hx-trigger=load>""",
    """<b hx-get=/planted/{pk} hx-trigger=load>""",
    """<base href=/planted/{pk}>""",
    """<i {pk}>""",
)
# Written by Floe alone, or read by it as more than words; each with its reason.
NOT_BY_PEOPLE = {
    "backlog.User.password": "a hash",
    "backlog.Idea.key": "made of the prefix and a number",
    "backlog.Pod.prefix": "two to six capital letters",
    "experiments.Analysis.outcome": "Floe's own word",
}

OUR_WORDS = {"word"}  # keys of JSON under which Floe's own vocabulary stands


def words(field: models.Field, row: models.Model, person: int) -> str | None:
    """The longest of the payloads that the field holds."""
    longest = field.max_length or 100_000
    for payload in (WHOLE + "".join(FORMS), WHOLE, *SHORTER):
        text = payload.format(person=person, pk=row.pk)
        if len(text) <= longest:
            return text
    return None


def in_json(value: Any, text: str) -> Any:
    """The same with people's sentences exchanged: words with a space between, not names and dates."""
    if isinstance(value, dict):
        return {
            key: part if key in OUR_WORDS else in_json(part, text) for key, part in value.items()
        }
    if isinstance(value, list):
        return [in_json(part, text) for part in value]
    is_sentence = isinstance(value, str) and re.search(r"[A-Za-z] [A-Za-z]", value)
    return text if is_sentence else value


def stored_texts() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in apps.get_models():
        if model._meta.app_label not in ("backlog", "experiments") or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, (models.CharField, models.TextField, models.JSONField))
            if is_text and not field.choices and str(field) not in NOT_BY_PEOPLE:
                yield model, field


def plant(person: int) -> set[str]:
    """Fill every row of every text; returns the names of the fields that hold markup now."""
    planted = set()
    for model, field in stored_texts():
        for row in model._base_manager.all():
            text = words(field, row, person)
            if text is None:
                continue
            if isinstance(field, models.JSONField):
                text = in_json(getattr(row, field.attname), text)
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**{field.attname: text})
                planted.add(str(field))
            except IntegrityError:
                continue
    return planted

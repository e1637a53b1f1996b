"""A tab without JavaScript: a page's forms as a browser would send them."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin

from django.test import Client

from backlog.views.confirming import GIVEN_AT

VALUELESS = {"submit", "button", "image", "reset"}


@dataclass
class Control:
    name: str
    kind: str  # text, hidden, checkbox, radio, select, textarea, number, submit …
    value: str = ""
    is_on: bool = True  # a tick that is set
    options: list[tuple[str, bool]] = field(default_factory=list)
    is_disabled: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    method: str
    action: str
    controls: list[Control]
    attributes: dict[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """What is sent as it stands, without any button."""
        sent: dict[str, Any] = {}
        for one in self.controls:
            if one.is_disabled or not one.name or one.kind in VALUELESS or one.kind == "file":
                continue
            if one.kind in ("checkbox", "radio") and not one.is_on:
                continue
            chosen = [value for value, is_on in one.options if is_on]
            values = chosen if one.kind == "select" else [one.value]
            for value in values:
                sent[one.name] = [*sent.get(one.name, []), value]
        return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.controls if one.name}

    @property
    def version(self) -> str:
        return next((one.value for one in self.controls if one.name == "version"), "")


class _Reader(HTMLParser):
    """Collects forms; a control belongs to the form around it or to the one it names."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.forms, self.by_id = page, [], {}
        self.open: Form | None = None
        self.loose: list[tuple[str, Control]] = []
        self.select: Control | None = None
        self.area: Control | None = None
        self.disabled: list[bool] = []
        self.templates = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "template":
            self.templates += 1
        if self.templates:
            return
        if tag == "form":
            action = urldefrag(urljoin(self.page, attributes.get("action") or self.page)).url
            self.open = Form(attributes.get("method", "get").lower(), action, [], attributes)
            self.forms.append(self.open)
            if "id" in attributes:
                self.by_id[attributes["id"]] = self.open
        elif tag == "fieldset":
            self.disabled.append("disabled" in attributes)
        elif tag == "input":
            self._add(attributes.get("type", "text"), attributes)
        elif tag == "button":
            self._add(attributes.get("type", "submit"), attributes)
        elif tag == "textarea":
            self.area = self._add("textarea", attributes)
        elif tag == "select":
            self.select = self._add("select", attributes)
        elif tag == "option" and self.select is not None:
            self.select.options.append((attributes.get("value", ""), "selected" in attributes))

    def _add(self, kind: str, attributes: dict[str, str]) -> Control:
        is_off = "disabled" in attributes or any(self.disabled)
        control = Control(attributes.get("name", ""), kind, attributes.get("value", "on" if kind == "checkbox" else ""),
                          "checked" in attributes, [], is_off, attributes)  # fmt: skip
        if "form" in attributes:
            self.loose.append((attributes["form"], control))
        elif self.open is not None:
            self.open.controls.append(control)
        return control

    def handle_data(self, data: str) -> None:
        if self.area is not None and not self.templates:
            self.area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.templates -= 1
        elif tag == "form":
            self.open = None
        elif tag == "textarea" and self.area is not None:
            self.area.value, self.area = self.area.value.removeprefix("\n"), None
        elif tag == "fieldset" and self.disabled:
            self.disabled.pop()
        elif tag == "select" and self.select is not None:
            if self.select.options and not any(on for _, on in self.select.options):
                value, _ = self.select.options[0]
                if "multiple" not in self.select.attributes:
                    self.select.options[0] = (value, True)
            self.select = None


def forms_in(html: str, page: str) -> list[Form]:
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    for name, control in reader.loose:
        if name in reader.by_id:
            reader.by_id[name].controls.append(control)
    return reader.forms


def posting(html: str, page: str) -> Iterator[Form]:
    return (form for form in forms_in(html, page) if form.method == "post")


def form_on(client: Client, url: str, *, page: str = "", like: Iterable[str] = ()) -> Form:
    """The form that posts to `url`, as it stands on `page` (usually the same address).

    Where several do, the one that has most of the names in `like`.
    """
    where, names = page or url, set(like)
    html = client.get(where).content.decode()
    matches = [form for form in posting(html, where) if form.action == urldefrag(url).url]
    assert matches, f"No form on {where} posts to {url}."
    return max(matches, key=lambda form: (len(names & form.names), len(form.controls)))


def version_on(
    client: Client, url: str, *, page: str = "", like: Iterable[str] = ()
) -> dict[str, str]:
    """What the form carries of what its page showed."""
    return {"version": form_on(client, url, page=page, like=like).version}


def confirm(client: Client) -> Client:
    """As if this person had just given their own password for a step that asks for it."""
    session = client.session
    session[GIVEN_AT] = time.time()
    session.save()
    return client


class Tab(Client):
    """A client that opens the page before it sends its form, and so says what it read."""

    def save(self, url: str, data: dict[str, Any], *, page: str = "") -> Any:
        return self.post(url, {**version_on(self, url, page=page, like=data), **data})

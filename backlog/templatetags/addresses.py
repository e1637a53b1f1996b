"""`{% url %}` for an address without arguments, looked up once instead of fifty times a page."""

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import defaulttags
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape


@lru_cache(maxsize=512)
def _address(name: str, urlconf: str, prefix: str) -> str:
    return conditional_escape(reverse(name, urlconf))


class Address(template.Node):
    def __init__(self, name: template.base.FilterExpression) -> None:
        self.name = name

    def render(self, context: template.Context) -> str:
        return _address(self.name.resolve(context), settings.ROOT_URLCONF, get_script_prefix())


def url(parser: Any, token: Any) -> template.Node:
    """Django's own tag; where it has a name and nothing else, its answer is kept."""
    node = defaulttags.url(parser, token)
    is_plain = not (node.args or node.kwargs or node.asvar)
    return Address(node.view_name) if is_plain else node

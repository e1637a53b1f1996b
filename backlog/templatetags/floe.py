"""Every tag and filter that Floe's templates use, loaded everywhere as a built-in.

docs/components.md shows each with an example.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backlog import markdown as markdown_of_floe
from backlog.ours import mark_of
from backlog.templatetags import addresses, charts, figures, shapes, states

register = template.Library()

register.tag("url", addresses.url)
register.simple_tag(shapes.icon)
for tag in (
    states.idea_status,
    states.experiment_status,
    states.interval_bar,
    states.ice,
    states.ice_axis,
    states.rank,
    states.agreement,
    states.seats,
    figures.effect,
):
    register.simple_tag(tag)
for name in ("number", "percent", "signed_percent", "points"):
    register.filter(name, getattr(figures, name))


@register.simple_block_tag(takes_context=True)
def component(
    context: template.Context, content: SafeString, name: str, **values: Any
) -> SafeString:
    """`templates/components/<name>.html` around `content`, with the values it names."""
    request = context.get("request")
    body = {"content": content, **values}
    return SafeString(render_to_string(f"components/{name}.html", body, request=request))


@register.filter
def markdown(text: str | None) -> SafeString:
    return markdown_of_floe.render(text or "")


@register.filter
def lacks_unit(effect: str) -> bool:
    """Whether an expected effect is a number and nothing else, so that nobody knows of what.

    >>> lacks_unit("0.03"), lacks_unit("+3 %"), lacks_unit("0.6 points"), lacks_unit("")
    (True, False, False, False)
    """
    number = effect.strip().lstrip("+-−").replace(",", "", 1).replace(".", "", 1)
    return number.isdecimal()


@register.filter
def undo_address(message: Any) -> str:
    """Where a message's step is undone; "" for a message without an undo."""
    tags = getattr(message, "extra_tags", "") or ""
    return tags.removeprefix("undo:") if tags.startswith("undo:") else ""


@register.simple_tag(takes_context=True)
def person(
    context: template.Context, user: Any, *, avatar: bool = False, size: str = ""
) -> SafeString:
    """Initials and name; people are grey, "I" am ink. Somebody who left is "Somebody"."""
    me = context.get("user")
    name = str(user) if user else "Somebody"
    classes = f"ava {size}" + (" me" if user and me and user.pk == me.pk else "")
    mark = format_html(
        '<span class="{}" aria-hidden="true">{}</span>',
        classes.strip(),
        user.initials if user else "–",
    )
    if avatar:
        return format_html('{}<span class="sr">{}</span>', mark, name)
    return format_html('<span class="who">{}<span>{}</span></span>', mark, name)


@register.simple_tag(takes_context=True)
def ours(context: template.Context) -> str:
    """`data-ours=…` before the `hx-get` or `hx-post` of every control: without it htmx passes it over."""
    return f"data-ours={context.get('ours') or mark_of(context.get('user'))}"


@register.simple_tag(takes_context=True)
def csrf_token(context: template.Context) -> str:
    """Django's field with the mark of our controls, by which scripts recognise our forms."""
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105  (Django's placeholder for a missing token)
        return ""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}" {}>', token, ours(context)
    )


@register.simple_tag(takes_context=True)
def may(context: template.Context, perm: str, obj: Any = None) -> bool:
    """Whether this person may: the same check as in the view."""
    user = context.get("user")
    return bool(user and user.is_authenticated and user.has_perm(perm, obj))


@register.simple_tag
def url_of(obj: Any, page: str, *ids: int) -> str:
    """The address of a page of something that says itself where its pages are."""
    return str(obj.url(page, *ids))


@register.simple_tag
def share_bar(share: float, *, tone: str = "") -> SafeString:
    """A thin bar over the full width; the figure stands in text beside it."""
    return format_html(
        '<svg class="plot" height="12" aria-hidden="true">'
        '<rect class="soft" x="0" y="2" width="100%" height="8"/>'
        '<rect class="bar {}" x="0" y="2" width="{}%" height="8"/></svg>',
        tone,
        f"{min(max(share, 0), 1) * 100:.1f}",
    )


@register.inclusion_tag("components/forest.html")
def forest(groups: Sequence[Mapping[str, Any]], *, caption: str) -> dict[str, Any]:
    """Effects with their ranges as a real table.

    `groups`: name, note, unit ("lift" or "points"), rows, margin (a proportion, or left out), band
    (effects under it are too small to matter), fewer_is_better. A row: name, low, value, high
    (proportions, or None), word, kind (won, lost, flat, ok, warn, pooled), chance and, if the numbers
    should read differently, text; `bound` is the one end that a guardrail is judged by.
    """
    drawn = charts.forest_groups(groups)
    has_band = any(group["band"] for group in drawn)
    return {"groups": drawn, "caption": caption, "has_band": has_band}


@register.inclusion_tag("components/curve.html")
def curve(
    points: Sequence[tuple[float, float]],
    *,
    label: str,
    limit: float | None = None,
    limit_label: str = "",
    chosen: float | None = None,
    chosen_label: str = "",
    x_label: str = "",
) -> dict[str, Any]:
    """Smallest effect by duration: (x, y) in the units that are printed; `label` is read out."""
    marks = charts.curve_marks(points, limit=limit, chosen=chosen) if points else {}
    words = {"label": label, "limit_label": limit_label, "x_label": x_label}
    return {"chart": marks, "chosen_label": chosen_label, **words}


@register.inclusion_tag("components/lines.html")
def lines(lines: Sequence[Mapping[str, Any]], *, label: str, x_prefix: str = "") -> dict[str, Any]:
    """Values over time, a line for each arm: name, is_control and points (day, value)."""
    marks = charts.line_marks(lines) if lines else {}
    return {"chart": marks, "label": label, "x_prefix": x_prefix}


@register.inclusion_tag("components/trend.html")
def trend(
    points: Sequence[tuple[float, float, float, float]], *, label: str, x_prefix: str = ""
) -> dict[str, Any]:
    """A difference over time: (day, low, value, high) in the unit that is printed."""
    marks = charts.trend_marks(points) if points else {}
    return {"chart": marks, "label": label, "x_prefix": x_prefix}

"""The markup of a bar, by format_html: a calendar has thousands, and a template takes ten times as long."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backlog.templatetags.shapes import icon
from experiments.models import Experiment
from experiments.quarter.timeline import Span
from experiments.views.quarter.bars import DrawnBar


@lru_cache(maxsize=8)
def _pattern(name: str, prefix: str) -> str:
    """The address of a route with “0” for the id; reversing it for each bar takes longer than the bar."""
    return reverse(f"experiments:{name}", args=[0])


def _address(name: str, pk: int) -> str:
    return _pattern(name, get_script_prefix()).replace("/0/", f"/{pk}/", 1)


def bar_html(bar: DrawnBar) -> SafeString:
    """A bar in its box, with build, read-out and where it was planned first."""
    return format_html(
        '<div class="tbox" data-s="{}" data-d="{}">{}'
        '<a class="tbar {}" href="{}" data-s="{}" data-d="{}" title="{} {}, {}, {}"{}>'
        '{}<b>{}</b>{}<span class="sr">, {}, {}{}{}</span></a>{}{}{}</div>',
        bar.whole.column, bar.whole.days, _part("build", bar.build),
        _classes(bar), _address("experiment_detail", bar.test.pk), bar.run.column, bar.run.days,
        bar.test.key, bar.test.title, bar.days, bar.look.word, _grip(bar),
        icon(bar.look.shape), bar.test.title, _tail(bar), bar.look.word, bar.days,
        ", shares people with another experiment" if bar.is_shared else "",
        f", was planned for {bar.was_words}" if bar.was_words else "",
        _part("readout", bar.readout), _was(bar), _ticks(bar),
    )  # fmt: skip


def _classes(bar: DrawnBar) -> str:
    marks = (
        (bar.is_shared, "shared"), (bar.run.starts_before, "cut-s"), (bar.run.ends_after, "cut-e"),
    )  # fmt: skip
    return " ".join([bar.look.edge, *(word for is_so, word in marks if is_so)])


def _part(kind: str, span: Span | None) -> SafeString | str:
    if span is None:
        return ""
    return format_html(
        '<i class="phase {}" data-s="{}" data-d="{}"></i>', kind, span.column, span.days
    )


def _was(bar: DrawnBar) -> SafeString | str:
    if bar.was is None:
        return ""
    return format_html(
        '<i class="was" data-s="{}" data-d="{}" title="Planned for {}"></i>',
        bar.was.column, bar.was.days, bar.was_words,
    )  # fmt: skip


def _ticks(bar: DrawnBar) -> SafeString:
    return format_html_join(
        "", '<i class="ms{}" data-s="{}" data-d="1" title="{}"></i>',
        ((" late" if tick.is_late else "", tick.column, tick.words) for tick in bar.ticks),
    )  # fmt: skip


def _tail(bar: DrawnBar) -> SafeString | str:
    return format_html("<span>{}</span>", bar.shown_tail) if bar.shown_tail else ""


def _grip(bar: DrawnBar) -> SafeString | str:
    """What the script needs to pick it up."""
    if not (bar.is_movable or bar.is_end_movable):
        return ""
    test: Experiment = bar.test
    return format_html(
        ' data-bar="{}" data-starts="{}" data-days="{}" data-moves="{}" data-place="{}" '
        'data-name="{}" data-seen-days="{}"',
        test.pk, test.starts_on, bar.length, "all" if bar.is_movable else "end",
        _address("experiment_place", test.pk), test.title, bar.seen,
    )  # fmt: skip

"""States of ideas and experiments as shape and word, scores as a bar on their fixed axis."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from backlog.templatetags.figures import DASH, number
from backlog.templatetags.shapes import icon


class Appearance(NamedTuple):
    """How a state looks: its shape, its word, the class of its edge and fill."""

    shape: str
    word: str
    tone: str = ""
    has_dashed_edge: bool = False


IDEAS: Mapping[str, Appearance] = {
    "new": Appearance("i-new", "New", has_dashed_edge=True),
    "to_score": Appearance("i-toscore", "To score", "act"),
    "in_round": Appearance("i-round", "In round", "act"),
    "scored": Appearance("i-scored", "Scored"),
    "promoted": Appearance("i-promoted", "Promoted"),
    "snoozed": Appearance("i-snoozed", "Snoozed", has_dashed_edge=True),
    "rejected": Appearance("i-rejected", "Rejected"),
    "duplicate": Appearance("i-duplicate", "Duplicate"),
}
EXPERIMENTS: Mapping[str, Appearance] = {
    "draft": Appearance("e-draft", "Draft", has_dashed_edge=True),
    "planned": Appearance("e-ready", "Planned"),
    "running": Appearance("e-running", "Running", "act"),
    "veiled": Appearance("e-veiled", "Running, veiled", "act"),
    "analysing": Appearance("e-due", "Decide", "late"),
    "decided": Appearance("e-stopped", "Decided"),
    "closed": Appearance("e-stopped", "Closed"),
    "won": Appearance("o-won", "Won", "won"),
    "lost": Appearance("o-lost", "Lost", "lost"),
    "flat": Appearance("o-flat", "No clear difference", "flat"),
    "stopped": Appearance("e-stopped", "Stopped"),
    "cancelled": Appearance("e-cancelled", "Cancelled", has_dashed_edge=True),
}


@lru_cache(maxsize=256)
def state(look: Appearance, *, badge: bool = False, detail: str = "") -> SafeString:
    """`st` in a table, `st badge` beside a title; `detail` follows the word."""
    classes = ["st", look.tone, "badge" if badge else ""]
    if badge and look.has_dashed_edge:
        classes.append("off")
    word = f"{look.word}, {detail}" if detail else look.word
    names = " ".join(name for name in classes if name)
    return format_html('<span class="{}">{}{}</span>', names, icon(look.shape), word)


def idea_status(idea: Any, *, badge: bool = False) -> SafeString:
    look = IDEAS[idea.status]
    if idea.status == "snoozed" and idea.snoozed_until:
        day = format_date(idea.snoozed_until, "j M")
        look = look._replace(word=f"Snoozed until {day}" if badge else f"Until {day}")
    return state(look, badge=badge)


def experiment_status(experiment: Any, *, badge: bool = False, detail: str = "") -> SafeString:
    """`experiment` or one of the words above; `detail` such as +2.4 % (0.9 to 3.9)."""
    word = experiment if isinstance(experiment, str) else experiment.status
    if word == "running" and getattr(experiment, "is_veiled", False):
        word = "veiled"
    if getattr(experiment, "is_imported", False):
        detail = f"imported, {detail}" if detail else "imported"
    return state(EXPERIMENTS[word], badge=badge, detail=detail)


# --- Scores ----------------------------------------------------------------------------------
WIDTH = 108
PLATE = SafeString('<rect class="blind" x=".5" y="3.5" width="107" height="7" rx="1.5"/>')
DASHED_AXIS = SafeString('<path class="ax" d="M0 7h108" stroke-dasharray="2 3"/>')
AXES = {"mean": (1.0, 10.0), "product": (1.0, 1000.0)}


def _x(value: float, formula: str) -> str:
    low, high = AXES[formula]
    return f"{(min(max(value, low), high) - low) / (high - low) * WIDTH:.1f}"


def score_text(value: float | None, formula: str = "mean") -> str:
    return number(value, 0 if formula == "product" else 1)


def _svg(label: str, marks: SafeString) -> SafeString:
    return format_html(
        '<svg class="ival" width="108" height="14" viewBox="0 0 108 14" role="img" '
        'aria-label="{}">{}</svg>',
        label,
        marks,
    )


def interval_bar(idea: Any, formula: str = "mean") -> SafeString:
    """The plate on its line: the same axis everywhere, never rescaled to the data.

    A blind idea shows a dashed plate, the same for everybody. An idea without scores shows a dashed
    axis. A single score shows an open diamond without a range.
    """
    return _bar(_score_of(idea), formula, get_language())


class _Score(NamedTuple):
    """All that the bar of an idea depends on; a blind idea has none, so nothing of it is kept."""

    is_blind: bool
    ice: float | None = None
    low: float | None = None
    high: float | None = None
    is_one: bool = False


def _score_of(idea: Any) -> _Score:
    if idea.is_blind:
        return _Score(is_blind=True)
    is_one = idea.ice_low is None or idea.ice_high is None or idea.scorer_count == 1
    return _Score(False, idea.ice, idea.ice_low, idea.ice_high, is_one)


@lru_cache(maxsize=4096)
def _bar(score: _Score, formula: str, language: str | None) -> SafeString:
    """Drawn once for each score; the words in it are in `language`."""
    if score.is_blind:
        return _svg("hidden until the reveal", PLATE)
    if score.ice is None:
        return _svg("not scored yet", DASHED_AXIS)
    axis = SafeString('<path class="ax" d="M0 7h108M54 4v6"/>')
    says, x = score_text(score.ice, formula), float(_x(score.ice, formula))
    if score.is_one or score.low is None or score.high is None:
        marks = format_html('{}<path class="one" d="M{} 3l4 4-4 4-4-4z"/>', axis, f"{x:.1f}")
        return _svg(f"{says}, one score, no range yet", marks)
    left, right = float(_x(score.low, formula)), float(_x(score.high, formula))
    marks = format_html(
        '{}<rect class="bd" x="{}" y="4" width="{}" height="6" rx="1"/>'
        '<rect class="mn" x="{}" y="1" width="2" height="12" rx="1"/>',
        axis,
        f"{left:.1f}",
        f"{max(right - left, 0.0):.1f}",
        f"{x - 1:.1f}",
    )
    low, high = score_text(score.low, formula), score_text(score.high, formula)
    return _svg(f"{says}, could be {low} to {high}", marks)


def ice(idea: Any, formula: str = "mean") -> SafeString:
    """Number and bar for a cell; a lock where the round is not revealed."""
    return _cell(_score_of(idea), formula, get_language())


@lru_cache(maxsize=4096)
def _cell(score: _Score, formula: str, language: str | None) -> SafeString:
    bar = _bar(score, formula, language)
    if score.is_blind:
        return format_html(
            '<span class="ice"><b class="muted">{}</b>{}</span>', icon("lock", "i-s"), bar
        )
    tone = "muted" if score.ice is None else ""
    text = score_text(score.ice, formula)
    return format_html('<span class="ice"><b class="{}">{}</b>{}</span>', tone, text, bar)


def ice_axis(formula: str = "mean") -> SafeString:
    """The axis, once, for the header of the column."""
    low, high = AXES[formula]
    return format_html(
        '<svg class="ival" width="108" height="14" viewBox="0 0 108 14" aria-hidden="true">'
        '<text x="0" y="11" text-anchor="middle">{}</text>'
        '<text x="54" y="11" text-anchor="middle">{}</text>'
        '<text x="108" y="11" text-anchor="middle">{}</text></svg>',
        number(low),
        number((low + high) / 2, 1 if formula == "mean" else 0),
        number(high),
    )


def rank(idea: Any) -> SafeString:
    """ "3 1–8": the number, then the ranks it could have."""
    if idea.is_blind or idea.rank is None:
        return _rank(None, None, None, None)
    return _rank(idea.rank, idea.rank_low, idea.rank_high, get_language())


@lru_cache(maxsize=4096)
def _rank(at: int | None, low: int | None, high: int | None, language: str | None) -> SafeString:
    if at is None:
        return format_html('<span class="at">{}</span>', DASH)
    return format_html(
        '<span class="at">{}</span><span class="to">{}<span class="sr">{}</span></span>',
        number(at),
        f"{number(low)}{DASH}{number(high)}" if low else "",
        " could be",
    )


IMPORTED = SafeString(
    '<span class="agree" title="Imported from a spreadsheet, not blind">imported</span>'
)


def agreement(idea: Any) -> SafeString:
    """ "6 split": how many scored and how far they agree. Only "split" has a warm colour.

    Imported scores say so instead, because they were not given blind.
    """
    if getattr(idea, "has_imported_score", False) and not idea.is_blind:
        return IMPORTED
    return _agreement(0 if idea.is_blind else idea.scorer_count, idea.agreement)


@lru_cache(maxsize=256)
def _agreement(scorers: int, word: str) -> SafeString:
    if not scorers:
        return format_html('<span class="agree"><span class="k">{}</span></span>', DASH)
    tone = "split" if word == "split" else ""
    return format_html(
        '<span class="agree {}"><span class="k">{}</span>{}</span>', tone, scorers, word
    )


def seats(done: int, total: int) -> SafeString:
    """One seat per person, filled from the left, without names or order."""
    filled, empty = '<i class="in"></i>' * min(done, total), "<i></i>" * max(total - done, 0)
    return format_html(
        '<span class="seats" aria-hidden="true">{}</span>', SafeString(filled + empty)
    )

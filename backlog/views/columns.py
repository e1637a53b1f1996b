"""The columns of the backlog's table: what each is called, how it sorts, what stands in its cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backlog.models import Idea
from backlog.templatetags import states
from backlog.templatetags.figures import DASH, number
from backlog.templatetags.shapes import icon

PIN = "|"
"""Parts the columns that stay in sight from those that scroll, in an address: "rank,title|pod"."""


class Shown(NamedTuple):
    """What the cells of a list need beside the idea itself."""

    formula: str
    within_pod: bool
    progress: dict[int, str]  # of ideas in a blind round, by id: "4 of 6"
    base: str  # where the pages of ideas start
    can_pick: bool = False  # whether rows have a box to tick


@dataclass(frozen=True)
class Standing:
    """What `rank` reads: the place over the workspace or within one pod."""

    is_blind: bool
    rank: int | None
    rank_low: int | None
    rank_high: int | None


@dataclass(frozen=True)
class Column:
    """`first` and `second` are the orders that a first and a second click on the heading give."""

    name: str
    label: str
    css: str
    cell: Callable[[Idea, Shown], str]
    first: str = ""
    second: str = ""
    edits: str = ""
    short: str = ""

    @cached_property
    def _opening(self) -> str:
        edits = f' data-edit="{self.edits}"' if self.edits else ""
        return f'<td class="{self.css}"{edits}'

    def html(self, idea: Idea, shown: Shown) -> str:
        """Written by hand, as 600 of them make a page: what is not safe by type is escaped."""
        pod = f' data-pod="{escape(idea.pod.name)}"' if self.name == "status" else ""
        text = self.cell(idea, shown)
        if not isinstance(text, SafeString):
            text = escape(text)
        return f"{self._opening}{pod}>{text}</td>"


def _rank(idea: Idea, shown: Shown) -> str:
    if shown.within_pod:
        place = Standing(idea.is_blind, idea.pod_rank, idea.pod_rank_low, idea.pod_rank_high)
    else:
        place = Standing(idea.is_blind, idea.rank, idea.rank_low, idea.rank_high)
    return states.rank(place)


def _title(idea: Idea, shown: Shown) -> str:
    said = _comments(idea.comment_count) if idea.comment_count else ""
    title = escape(idea.title)
    return SafeString(
        f'<span class="idea"><a class="ttl" href="{shown.base}{idea.pk}/" data-row-link '
        f'title="{escape(idea.key)} {title}">{title}</a>{said}</span>'
    )


def _comments(count: int) -> SafeString:
    return format_html(
        '<span class="hint">{}{}<span class="sr"> comments</span></span>',
        icon("message-square", "i-s"), count,
    )  # fmt: skip


def _scorers(idea: Idea, shown: Shown) -> str:
    progress = shown.progress.get(idea.pk)
    if progress:
        return format_html('<span class="num">{}</span>', progress)
    return states.agreement(idea)


def _score(idea: Idea, value: float | None) -> str:
    """One decimal, but a plain 10: four characters don't fit the narrow column.

    >>> [_score(Idea(), value) for value in (10.0, 9.96, 7.25, None)]
    ['10', '10', '7.2', '–']
    """
    if idea.is_blind:
        return DASH
    return number(value, 0 if value is not None and value >= 9.95 else 1)


def _tags(idea: Idea, shown: Shown) -> str:
    return ", ".join(tag.name for tag in idea.tags.all()) or DASH


def age_in_words(days: int) -> str:
    """Days, then months, then years: "12 d", "7 mo", "2 y".

    >>> [age_in_words(days) for days in (0, 12, 98, 99, 800)]
    ['0 d', '12 d', '98 d', '3 mo', '2 y']
    """
    if days < 99:
        return f"{days} d"
    return f"{days // 30} mo" if days < 720 else f"{days // 365} y"


_N = "n c-n"
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("rank", "Rank", "rank c-rank", _rank, "-ice", "ice"),
        Column("title", "Idea", "t", _title, "title", "-title", "title"),
        Column("pod", "Pod", "c-pod", lambda idea, _: idea.pod.name, "pod", "-pod"),
        Column("objective", "Objective", "c-obj",
               lambda idea, _: idea.objective.title if idea.objective else DASH,
               "objective", "-objective", "objective"),
        Column("status", "Status", "s c-st", lambda idea, _: states.idea_status(idea),
               "status", "-status"),
        Column("ice", "ICE", "ice-c c-ice", lambda idea, shown: states.ice(idea, shown.formula),
               "-ice", "ice"),
        Column("impact", "Impact", _N, lambda idea, _: _score(idea, idea.impact),
               "-impact", "impact", short="I"),
        Column("confidence", "Confidence", _N, lambda idea, _: _score(idea, idea.confidence),
               "-confidence", "confidence", short="C"),
        Column("ease", "Ease", _N, lambda idea, _: _score(idea, idea.ease),
               "-ease", "ease", short="E"),
        Column("scorers", "Scorers", "c-agree", _scorers, "-scorers", "scorers"),
        Column("agreement", "Agreement", "c-word",
               lambda idea, _: idea.agreement or DASH, "agreement", "-agreement"),
        Column("lever", "Lever", "c-word", lambda idea, _: idea.lever or DASH,
               "lever", "-lever", "lever"),
        Column("channel", "Channel", "c-word", lambda idea, _: idea.channel or DASH,
               "channel", "-channel", "channel"),
        Column("tags", "Tags", "c-tags", _tags, edits="tags"),
        Column("age", "Age", "r c-age num", lambda idea, _: age_in_words(idea.days_old),
               "age", "-age"),
        Column("touched", "Changed", "r c-age num",
               lambda idea, _: age_in_words(idea.days_untouched), "touched", "-touched"),
        Column("owner", "Owner", "c-own",
               lambda idea, _: idea.owner.first_name if idea.owner else DASH,
               "owner", "-owner", "owner"),
        Column("key", "Key", "c-key", lambda idea, _: idea.key),
    )
}  # fmt: skip
USUAL = (
    "rank", "title", "pod", "objective", "status", "ice", "impact", "confidence", "ease",
    "scorers", "age", "owner",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """The columns of a list in their order; the first `pinned` of them stay when it scrolls."""

    columns: tuple[Column, ...]
    pinned: int = 0

    @classmethod
    def read(cls, text: str) -> "Choice":
        """From an address; unknown names are passed over, the idea itself is always there.

        >>> Choice.read("title,lever|key,nonsense").written
        'title,lever|key'
        >>> Choice.read("").is_usual, Choice.read("lever").written
        (True, 'title,lever')
        """
        kept, bar, rest = text.partition(PIN)
        names = [name for name in dict.fromkeys([*kept.split(","), *rest.split(",")])
                 if name in COLUMNS]  # fmt: skip
        if not names:
            return cls(tuple(COLUMNS[name] for name in USUAL))
        pinned = len([name for name in names if name in kept.split(",")]) if bar else 0
        if "title" not in names:
            names.insert(0, "title")
        return cls(tuple(COLUMNS[name] for name in names), pinned)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def is_usual(self) -> bool:
        return self.names == USUAL and not self.pinned

    def with_moved(self, name: str, *, by: int) -> "Choice":
        """One place further to the front (-1) or to the back (1)."""
        names = list(self.names)
        if name in names:
            place = names.index(name)
            names.pop(place)
            names.insert(max(0, place + by), name)
        return Choice(tuple(COLUMNS[one] for one in names), self.pinned)

    @property
    def written(self) -> str:
        kept, rest = self.names[: self.pinned], self.names[self.pinned :]
        return f"{','.join(kept)}{PIN}{','.join(rest)}" if self.pinned else ",".join(rest)


def row_html(idea: Idea, columns: Sequence[Column], shown: Shown, *, is_faded: bool) -> SafeString:
    """The whole `<tr>`; every value is escaped by its column, the rest is ours."""
    pick = _PICK.format(pk=idea.pk, key=idea.key) if shown.can_pick else ""
    cells = "".join(column.html(idea, shown) for column in columns)
    faded = ' class="faded"' if is_faded else ""
    return SafeString(f'<tr id="idea-{idea.pk}" data-row{faded}>{pick}{cells}</tr>')


_PICK = (
    '<td class="c-pick"><label class="pickhit"><input class="pick" type="checkbox" name="idea" '
    'value="{pk}" form="chosen-ideas" aria-label="Select {key}"></label></td>'
)


def heading_of(column: Column, formula: str) -> str:
    if column.name == "ice":
        axis = states.ice_axis(formula)
        return format_html('<span class="ice"><b>ICE</b>{}</span>', axis)
    if column.short:
        return format_html('<abbr title="{}">{}</abbr>', column.label, column.short)
    return column.label


def needs(choice: Choice, ideas: Any) -> Any:
    """What the chosen cells read beside the row itself."""
    return ideas.prefetch_related("tags") if "tags" in choice.names else ideas

"""The columns of the backlog's table: what each is called, how it sorts, what stands in its cells."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backlog.models import Idea, ListedIdea
from backlog.templatetags import states
from backlog.templatetags.figures import DASH, signed_percent
from backlog.templatetags.shapes import icon
from backlog.views.cell_texts import age_in_words, score_text

PUT_AWAY = (Idea.State.SNOOZED, Idea.State.REJECTED, Idea.State.DUPLICATE)
_MOVED_BY_HAND = (Idea.State.OPEN, *PUT_AWAY)
PIN = "|"
"""Parts the columns that stay in sight from those that scroll, in an address: "rank,title|pod"."""


class ListLook(NamedTuple):
    """What all the rows of one list share."""

    columns: str  # as `Choice.written`
    formula: str
    within_pod: bool
    base: str  # where the pages of ideas start
    can_pick: bool = False  # whether rows have a box to tick
    language: str | None = None
    repeated: frozenset[str] = frozenset()  # titles of objectives that several quarters have
    own: "tuple[ListColumn, ...]" = ()  # of own fields, as far as the columns may name them
    worked: frozenset[str] = frozenset()  # pods whose ideas the person may change
    led: frozenset[str] = frozenset()  # … and move to another state


class Entry(NamedTuple):
    """All that a row depends on: two entries that are equal look the same, to the letter."""

    idea: ListedIdea
    look: ListLook
    progress: str = ""  # of an idea in a blind round: "4 of 6"
    tags: str = ""
    days_old: int = 0
    days_untouched: int = 0
    own: tuple[tuple[str, str], ...] = ()  # name of an own column → what stands in it


@dataclass(frozen=True)
class Standing:
    """What `rank` reads: the place over the workspace or within one pod."""

    is_blind: bool
    rank: int | None
    rank_low: int | None
    rank_high: int | None


@dataclass(frozen=True)
class ListColumn:
    """`first` and `second` are the orders that a first and a second click on the heading give."""

    name: str
    label: str
    css: str
    cell: Callable[[Entry], str]
    first: str = ""
    second: str = ""
    edits: str = ""
    short: str = ""

    @cached_property
    def _openings(self) -> tuple[str, str]:
        """Of a cell that the person can't edit, and of one that they can."""
        opening = f'<td class="{self.css}"'
        return opening, f'{opening} data-edit="{self.edits}"' if self.edits else opening

    def _is_editable(self, entry: Entry) -> bool:
        if self.edits == "status":
            return entry.idea.pod__name in entry.look.led and entry.idea.state in _MOVED_BY_HAND
        return entry.idea.pod__name in entry.look.worked

    def html(self, entry: Entry) -> str:
        """Written by hand, as 600 of them make a page: what is not safe by type is escaped."""
        opening = self._openings[bool(self.edits) and self._is_editable(entry)]
        pod = f' data-pod="{escape(entry.idea.pod__name)}"' if self.name == "status" else ""
        text = self.cell(entry)
        if not isinstance(text, SafeString):
            text = escape(text)
        return f"{opening}{pod}>{text}</td>"


def _rank(entry: Entry) -> str:
    idea = entry.idea
    if entry.look.within_pod:
        place = Standing(idea.is_blind, idea.pod_rank, idea.pod_rank_low, idea.pod_rank_high)
    else:
        place = Standing(idea.is_blind, idea.rank, idea.rank_low, idea.rank_high)
    return states.rank(place)


def _title(entry: Entry) -> str:
    idea = entry.idea
    comments = _comments(idea.comment_count) if idea.comment_count else ""
    title = escape(idea.title)
    return SafeString(
        f'<span class="idea"><a class="ttl" href="{entry.look.base}{idea.pk}/" data-row-link '
        f'title="{escape(idea.key)} {title}">{title}</a>{comments}</span>'
    )


def _comments(count: int) -> SafeString:
    return format_html(
        '<span class="hint">{}{}<span class="sr"> comments</span></span>',
        icon("message-square", "i-s"), count,
    )  # fmt: skip


def _scorers(entry: Entry) -> str:
    if entry.progress:
        return format_html('<span class="num">{}</span>', entry.progress)
    return states.agreement(entry.idea)


def _expected(entry: Entry) -> str:
    return DASH if entry.idea.is_blind else value_per_day(entry.idea.expected_value)


def value_per_day(value: float | None) -> str:
    """The lift to expect of a working day: "+0.021 %".

    >>> value_per_day(0.000207), value_per_day(0.0139), value_per_day(None)
    ('+0.021\\xa0%', '+1.39\\xa0%', '–')
    """
    return signed_percent(value, 2 if value is not None and value >= 0.001 else 3)


def _score(dimension: str) -> Callable[[Entry], str]:
    def cell(entry: Entry) -> str:
        return DASH if entry.idea.is_blind else score_text(getattr(entry.idea, dimension))

    return cell


def _objective(entry: Entry) -> str:
    title = entry.idea.objective__title or DASH
    return (
        f"{title} · {entry.idea.objective__quarter__name}"
        if title in entry.look.repeated
        else title
    )


_N = "n c-n"
COLUMNS: dict[str, ListColumn] = {
    column.name: column
    for column in (
        ListColumn("rank", "Rank", "rank c-rank", _rank, "-ice", "ice"),
        ListColumn("title", "Idea", "t", _title, "title", "-title", "title"),
        ListColumn("pod", "Pod", "c-pod", lambda entry: entry.idea.pod__name, "pod", "-pod"),
        ListColumn("objective", "Objective", "c-obj",
               _objective,
               "objective", "-objective", "objective"),
        ListColumn("status", "Status", "s c-st", lambda entry: states.idea_status(entry.idea),
               "status", "-status", "status"),
        ListColumn("ice", "ICE", "ice-c c-ice", lambda entry: states.ice(entry.idea, entry.look.formula),
               "-ice", "ice"),
        ListColumn("impact", "Impact", _N, _score("impact"),
               "-impact", "impact", short="I"),
        ListColumn("confidence", "Confidence", _N, _score("confidence"),
               "-confidence", "confidence", short="C"),
        ListColumn("ease", "Ease", _N, _score("ease"),
               "-ease", "ease", short="E"),
        ListColumn("expected", "Expected value", _N, _expected, "-expected", "expected", short="EV"),
        ListColumn("scorers", "Scorers", "c-agree", _scorers, "-scorers", "scorers"),
        ListColumn("agreement", "Agreement", "c-word",
               lambda entry: entry.idea.agreement or DASH, "agreement", "-agreement"),
        ListColumn("lever", "Lever", "c-word", lambda entry: entry.idea.lever or DASH,
               "lever", "-lever", "lever"),
        ListColumn("channel", "Channel", "c-word", lambda entry: entry.idea.channel or DASH,
               "channel", "-channel", "channel"),
        ListColumn("tags", "Tags", "c-tags", lambda entry: entry.tags or DASH, edits="tags"),
        ListColumn("age", "Age", "r c-age num", lambda entry: age_in_words(entry.days_old),
               "age", "-age"),
        ListColumn("touched", "Changed", "r c-age num",
               lambda entry: age_in_words(entry.days_untouched), "touched", "-touched"),
        ListColumn("owner", "Owner", "c-own",
               lambda entry: entry.idea.owner_first_name or DASH,
               "owner", "-owner", "owner"),
        ListColumn("key", "Key", "c-key", lambda entry: entry.idea.key),
    )
}  # fmt: skip
USUAL = (
    "rank", "title", "pod", "objective", "status", "ice", "impact", "confidence", "ease",
    "scorers", "age", "owner",
)  # fmt: skip
VALUE = "expected"
"""The column that only workspaces with expected value have."""


@dataclass(frozen=True)
class Choice:
    """The columns of a list in their order; the first `pinned` of them stay when it scrolls."""

    columns: tuple[ListColumn, ...]
    pinned: int = 0

    @classmethod
    def read(cls, text: str, own: tuple[ListColumn, ...] = ()) -> "Choice":
        """From an address; unknown names are passed over, the idea itself is always there.

        `own` are the columns of own fields that may be named.

        >>> Choice.read("title,lever|key,nonsense").written
        'title,lever|key'
        >>> Choice.read("").is_usual, Choice.read("lever").written
        (True, 'title,lever')
        """
        known = COLUMNS | {one.name: one for one in own} if own else COLUMNS
        kept, bar, rest = text.partition(PIN)
        names = [name for name in dict.fromkeys([*kept.split(","), *rest.split(",")])
                 if name in known]  # fmt: skip
        if not names:
            return cls(tuple(COLUMNS[name] for name in USUAL))
        pinned = len([name for name in names if name in kept.split(",")]) if bar else 0
        if "title" not in names:
            names.insert(0, "title")
        return cls(tuple(known[name] for name in names), pinned)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def is_usual(self) -> bool:
        return self.names == USUAL and not self.pinned

    def with_value(self, is_used: bool) -> "Choice":
        """Without the expected value where it is not used; the usual columns have it after Ease.

        >>> usual = Choice.read("")
        >>> usual.with_value(False) == usual, "expected" in usual.with_value(True).names
        (True, True)
        """
        if not is_used:
            kept = tuple(column for column in self.columns if column.name != VALUE)
            lost = VALUE in self.names[: self.pinned]
            return Choice(kept, self.pinned - lost)
        if not self.is_usual:
            return self
        at = self.names.index("ease") + 1
        return Choice((*self.columns[:at], COLUMNS[VALUE], *self.columns[at:]))

    def with_moved(self, name: str, *, by: int) -> "Choice":
        """One place further to the front (-1) or to the back (1)."""
        columns = list(self.columns)
        if name in self.names:
            place = self.names.index(name)
            columns.insert(max(0, place + by), columns.pop(place))
        return Choice(tuple(columns), self.pinned)

    @property
    def written(self) -> str:
        kept, rest = self.names[: self.pinned], self.names[self.pinned :]
        return f"{','.join(kept)}{PIN}{','.join(rest)}" if self.pinned else ",".join(rest)


@lru_cache(maxsize=2048)
def row_html(entry: Entry) -> SafeString:
    """The whole `<tr>`; every value is escaped by its column, the rest is ours.

    Kept by all that it depends on, as most lists begin with the rows that others see too.
    """
    idea, look = entry.idea, entry.look
    pick = _PICK.format(pk=idea.pk, key=idea.key) if look.can_pick else ""
    cells = "".join(column.html(entry) for column in Choice.read(look.columns, look.own).columns)
    faded = ' class="faded"' if idea.state in PUT_AWAY else ""
    return SafeString(f'<tr id="idea-{idea.pk}" data-row{faded}>{pick}{cells}</tr>')


_PICK = (
    '<td class="c-pick"><label class="pickhit"><input class="pick" type="checkbox" name="idea" '
    'value="{pk}" form="chosen-ideas" aria-label="Select {key}"></label></td>'
)


def heading_of(column: ListColumn, formula: str) -> str:
    if column.name == "ice":
        axis = states.ice_axis(formula)
        return format_html('<span class="ice"><b>ICE</b>{}</span>', axis)
    if column.short:
        return format_html('<abbr title="{}">{}</abbr>', column.label, column.short)
    return column.label

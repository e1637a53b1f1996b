"""An idea as the cells of an export, and the stamp by which an import tells who changed which cell.

A cell of a sheet is held against three texts: what was exported, which the stamp has a mark of, what
the idea says now, and what the cell says. All three go through `flat`, so that a spreadsheet that
changes line ends, the order of tags or the digits of a number changes nothing.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from backlog.models import Idea
from backlog.models.own_fields import Value
from backlog.sheets import number_in

# Field → header, in the order of the sheet. The stamp comes last.
HEADERS = {
    "title": "Title", "pod": "Pod", "objective": "Objective", "quarter": "Quarter", "owner": "Owner",
    "observation": "Observation", "change": "Change", "audience": "Audience", "outcome": "Outcome",
    "expected_effect": "Expected effect", "lever": "Lever", "channel": "Channel", "tags": "Tags",
    "impact": "Impact", "confidence": "Confidence", "ease": "Ease", "ice": "ICE",
    "scorers": "Scorers", "status": "Status", "snoozed_until": "Snoozed until", "reason": "Reason",
    "key": "Key", "author": "Author", "submitted": "Submitted on", "description": "Description",
    "stamp": "Floe version",
}  # fmt: skip
SCORES = ("impact", "confidence", "ease")
STAMPED = tuple(name for name in HEADERS if name not in ("ice", "scorers", "key", "stamp"))
STATUS = {"in_round": "In round"}
OPEN = ("new", "scored", "open")
_START = "F1."
_LONGEST_STAMP = 1_000
_DIGITS = 4  # of 64: a mark stands for another text once in 16 million
_NOT_IN_A_WORKBOOK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_000  # characters; a workbook takes 32,767


def texts_of(idea: Idea) -> dict[str, str]:
    """Field → what the export says of it. Numbers of a blind idea are empty."""
    scores: tuple[Any, ...] = (idea.impact, idea.confidence, idea.ease, idea.ice)
    if idea.is_blind:
        scores = (None,) * 4
    goal = idea.objective
    return {
        "title": idea.title, "pod": idea.pod.name, "objective": goal.title if goal else "",
        "quarter": goal.quarter.name if goal else "", "owner": str(idea.owner or ""),
        **idea.hypothesis, "lever": idea.lever, "channel": idea.channel,
        "tags": ", ".join(tag.name for tag in idea.tags.all()),
        **dict(zip((*SCORES, "ice"), map(_number, scores), strict=True)),
        "scorers": "" if idea.is_blind else str(idea.scorer_count),
        "status": STATUS.get(idea.status, idea.status.capitalize()),
        "snoozed_until": idea.snoozed_until.isoformat() if idea.snoozed_until else "",
        "reason": idea.reason, "key": idea.key, "author": str(idea.author or ""),
        "submitted": idea.created_at.date().isoformat(), "description": idea.description,
    }  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def fit_for_a_cell(text: str) -> str:
    """Without the control characters that a workbook can't hold, and no longer than its cells."""
    return _NOT_IN_A_WORKBOOK.sub("", text[:LONGEST_CELL])


def flat(name: str, text: str) -> str:
    """The form of a cell in which two are compared.

    >>> flat("tags", "B; a"), flat("status", "Scored"), flat("impact", "7,0"), flat("title", "a  b")
    ('a, b', 'open', '7', 'a b')
    """
    text = fit_for_a_cell(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if name == "tags":
        words = {" ".join(word.lower().split()) for word in text.replace(";", ",").split(",")}
        return ", ".join(sorted(words - {""}))
    if name == "status":
        words_of_state = text.casefold()
        return "open" if words_of_state in OPEN else words_of_state
    if name in SCORES and (value := number_in(text)) is not None:
        return _number(value)
    return " ".join(text.split()) if name in ("title", "pod", "owner", "objective") else text


def own_written(value: Value) -> str:
    """The value of an own field as a cell: digits with a point, a day by its number.

    >>> own_written(2.50), own_written(dt.date(2026, 12, 1)), own_written(None)
    ('2.5', '2026-12-01', '')
    """
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def stamp_of(texts: Mapping[str, str], own: Mapping[str, str] | None = None) -> str:
    """What an export carries so that each of its cells can be told from a changed one.

    Marks of own fields (slug → text) stand behind the others with the names of theirs.

    >>> stamp_of(dict.fromkeys(STAMPED, ""))[:9]
    'F1.ASVSxZ'
    """
    ours = "".join(f"~{slug}:{_mark(slug, text)}" for slug, text in (own or {}).items())
    return _START + "".join(_mark(name, texts[name]) for name in STAMPED) + ours


def _mark(name: str, text: str) -> str:
    digest = blake2b(f"{name}\0{flat(name, text)}".encode(), digest_size=3).digest()
    return base64.urlsafe_b64encode(digest).decode()


@dataclass(frozen=True)
class Stamp:
    """The marks of the cells that were exported; none where there is no stamp or a damaged one."""

    marks: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> "Stamp":
        body, *own = text.strip()[:_LONGEST_STAMP].removeprefix(_START).split("~")
        if not text.strip().startswith(_START) or len(body) != _DIGITS * len(STAMPED):
            return cls({})
        parts = (body[at : at + _DIGITS] for at in range(0, len(body), _DIGITS))
        ours = {name: mark for name, _, mark in (one.partition(":") for one in own)}
        return cls(dict(zip(STAMPED, parts, strict=True)) | ours)

    def __bool__(self) -> bool:
        return bool(self.marks)

    def says(self, name: str, text: str) -> bool:
        """Whether the cell held this text when it was exported."""
        return self.marks.get(name) == _mark(name, text)

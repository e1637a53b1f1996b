"""One row of a sheet read as an idea: its values, what is odd about it, what happens to it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from backlog.caps import MOST_TAGS
from backlog.flows.exported import Stamp
from backlog.flows.imports.cells import SCORES, no_idea_in, points_in, words_in
from backlog.flows.imports.known import DONE, MOVES, REJECTED, SNOOZED, Known
from backlog.flows.imports.own import OwnColumn
from backlog.models import Idea, OwnField, Pod
from backlog.models.own_fields import Value
from backlog.sheets import BESIDE_SCORES, KEPT
from backlog.tables import Question
from backlog.tables.dates import DateStyle

if TYPE_CHECKING:
    from backlog.flows.imports.edits import Edit

TEXTS = ("observation", "change", "audience", "outcome", "expected_effect", "lever", "channel")
LIMITS: dict[str, int] = {
    name: getattr(Idea._meta.get_field(name), "max_length", None) or 0
    for name in ("title", "description", *TEXTS)
}  # fmt: skip
LONGEST_TAG = 40
# Fields that several columns can fill, with what stands between them. Of the others one column
# decides, so two of them are a question and not a guess.
JOINED = {"description": "\n\n", KEPT: "\n", BESIDE_SCORES: ", ", "tags": ", ", "observation": "; ", "change": "; ",
          "audience": "; ", "outcome": "; ", "expected_effect": "; "}  # fmt: skip
ADD, ASK, OUT = "add", "ask", "out"
MANY_FIELDS = 3
SNOOZE = dt.timedelta(days=90)  # where the sheet names no day


@dataclass(slots=True)
class ImportRow:
    """`number` is the row number in the sheet. `fate`: add, ask (left out until somebody decides),
    out."""

    number: int
    cells: list[str]
    pod: Pod | None = None
    fate: str = ADD
    values: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    scores: tuple[int, int, int] | None = None
    notes: list[str] = field(default_factory=list)
    same_as: str = ""
    key: str = ""
    day: dt.date | None = None
    in_words: list[tuple[str, str]] = field(default_factory=list)
    put_away: dict[str, Any] = field(default_factory=dict)
    can_be_added: bool = False
    edit: "Edit | None" = None
    own: list[tuple[OwnField, Value]] = field(default_factory=list)


def clash_in(
    mapping: Mapping[int, str], columns: list[str], noun: str = "idea",
    labels: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """A sentence if two columns are read as a field that can only have one value, else ""."""
    for what in dict.fromkeys(mapping.values()):
        named = [f"“{columns[at]}”" for at in sorted(mapping) if mapping[at] == what]
        if len(named) > 1 and what not in JOINED:
            field = (labels or {}).get(what, what.replace("_", " "))
            return (
                f"{' and '.join((', '.join(named[:-1]), named[-1]))} are both read as the {field}, "
                f"and an {noun} has one {field}. Leave one of them out, or choose another meaning "
                "for it. Nothing is added until then."
            )
    return ""


class Reader:
    """Turns the cells of each row into an `ImportRow`. Everything known is looked up once."""

    def __init__(
        self,
        *,
        pod: Pod,
        mapping: Mapping[int, str],
        names: Mapping[int, str],
        known: Known,
        dates: DateStyle,
        answers: Mapping[str, str],
        questions: Sequence[Question] = (),
        own: Mapping[str, OwnColumn] | None = None,
        may_move: Collection[tuple[str, int]] = (),
    ) -> None:
        """`may_move` holds the moves, each with the pod in which the person may make it."""
        self.may_move = may_move
        self.questions, self.own = questions, own or {}
        self.default, self.known, self.dates, self.answers = pod, known, dates, answers
        self.mapping, self.names = dict(sorted(mapping.items())), names
        self.fields = set(mapping.values())
        self.texts = [name for name in ("title", *TEXTS) if name in self.fields]
        self.scored = [name for name in SCORES if name in self.fields]

    def read(self, number: int, cells: list[str]) -> ImportRow:
        row, self.known.row = ImportRow(number, cells), number
        texts = self.joined(cells)
        rest: list[str] = [texts["kept"]] if "kept" in texts else []
        if "key" in texts and "stamp" not in texts:
            rest.append(f"Key: {texts['key']}")
        if not texts.get("title"):
            row.fate, row.notes = OUT, ["No title, so it is left out"]
            return row
        if self._is_no_idea(row, texts):
            return row
        self._texts(row, texts, rest)
        self._pod(row, texts.get("pod", ""))
        self._submitted(row, texts.get("submitted", ""))
        self._objective(row, texts, rest)
        self._people(row, texts)
        self._tags(row, texts.get("tags", ""), rest)
        self._own(row, texts, rest)
        self._scores(row, texts)
        self._status(row, texts, rest)
        self._words(row, rest)
        self._description(row, texts.get("description", ""), rest)
        return row

    def joined(self, cells: list[str]) -> dict[str, str]:
        """Field → the text of its column, or of all its columns in the order of the sheet."""
        texts: dict[str, str] = {}
        for place, what in self.mapping.items():
            if place >= len(cells) or not cells[place]:
                continue
            words = cells[place]
            if what in (KEPT, BESIDE_SCORES):
                mark = ": " if what == KEPT else " "
                words = f"{self.names[place]}{mark}{words}"
            if what in texts:
                named = f"{self.names[place]}: {words}" if what == "description" else words
                words = f"{texts[what]}{JOINED.get(what, '; ')}{named}"
            texts[what] = words
        return texts

    def _is_no_idea(self, row: ImportRow, texts: dict[str, str]) -> bool:
        """A sum of other rows, or a line between them, is left out unless somebody says otherwise."""
        is_alone = len(texts) == 1 and len(self.fields) > MANY_FIELDS
        what = no_idea_in(texts["title"], is_alone=is_alone)
        if not what or self.answers.get(str(row.number)) == ADD:
            return False
        row.fate, row.values["title"] = ASK, texts["title"]
        row.can_be_added, row.pod = True, self.default
        row.notes.append(f"This looks like {what}")
        return True

    def _texts(self, row: ImportRow, texts: dict[str, str], rest: list[str]) -> None:
        for name in self.texts:
            text = texts.get(name, "")
            if name == "title":
                text = " ".join(text.split())
            if len(text) > LIMITS[name]:
                label = name.replace("_", " ")
                row.notes.append(
                    f"The {label} has {len(text):,} characters. It is cut to {LIMITS[name]}, and "
                    "the description gets all of it"
                )
                rest.append(text if name == "title" else f"{label.capitalize()}: {text}")
                text = text[: LIMITS[name] - 1].rstrip() + "…"
            if text:
                row.values[name] = text

    def _pod(self, row: ImportRow, name: str) -> None:
        answer = self.answers.get(str(row.number), "")
        if answer.startswith("pod:"):
            name = answer.removeprefix("pod:")
        row.pod = self.known.pod(name) if name else self.default
        if row.pod is None:
            row.notes.append(f"There is no pod “{name}” that you can add ideas to")
            row.fate = ASK

    def _submitted(self, row: ImportRow, text: str) -> None:
        if not text:
            return
        day = self.dates.date(text)
        if day is None or day > timezone.localdate():
            row.in_words.append(("Submitted on", text))
            return
        row.day = day
        row.values["created_at"] = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))

    def _objective(self, row: ImportRow, texts: dict[str, str], rest: list[str]) -> None:
        name, quarter = texts.get("objective", ""), texts.get("quarter", "")
        if not name:
            if quarter:
                rest.append(f"Quarter: {quarter}")
            return
        pod = row.pod or self.default
        if goal := self.known.objective(name, pod, quarter, row.day):
            row.values["objective_id"] = goal.pk
            return
        row.in_words.append(("Objective", f"{name} ({quarter})" if quarter else name))

    def _people(self, row: ImportRow, texts: dict[str, str]) -> None:
        """Who is not known is kept in words. Whoever imports a sheet is not its author."""
        pod = row.pod or self.default
        for what in ("owner", "author"):
            name = texts.get(what, "")
            person = self.known.person(name, pod) if name else None
            row.values[f"{what}_id"] = person.pk if person else None
            if name and not person:
                row.in_words.append((what.capitalize(), name))

    def _status(self, row: ImportRow, texts: dict[str, str], rest: list[str]) -> None:
        """What a sheet says of an idea that was put away. Anything else comes in open."""
        text, reason = texts.get("status", ""), texts.get("reason", "")
        state = self.known.status(text) if text else ""
        if text and not state:
            row.in_words.append(("Status", text))
        elif state in (SNOOZED, REJECTED, DONE) and not self._may_put_away(row, state):
            row.notes.append(
                f"Only leads of {row.pod or self.default} snooze and reject ideas, so it comes in open"
            )
            row.in_words.append(("Status", text))
            if day := texts.get("snoozed_until", ""):
                row.in_words.append(("Snoozed until", day))
            state = ""
        if state == SNOOZED:
            until = self.dates.date(texts.get("snoozed_until", ""))
            today = timezone.localdate()
            row.put_away = {"snoozed_until": until if until and until > today else today + SNOOZE}
            row.notes.append(f"Snoozed until {row.put_away['snoozed_until']:%-d %B %Y}")
        elif state in (REJECTED, DONE):
            done = (
                "Done before it was imported"
                if state == DONE
                else "Rejected before it was imported"
            )
            words = f"{done}: “{text[:60]}” in the sheet."
            row.put_away = {"reason": (reason or words)[:1000]}
            row.notes.append(f"Put away as rejected: {words.rstrip('.')}")
        elif reason:
            rest.append(f"Reason: {reason}")

    def _may_put_away(self, row: ImportRow, state: str) -> bool:
        pod = row.pod or self.default
        return (MOVES[state], pod.pk) in self.may_move

    def _tags(self, row: ImportRow, text: str, rest: list[str]) -> None:
        if not text:
            return
        words = words_in(text)
        row.tags = [word for word in words if len(word) <= LONGEST_TAG][:MOST_TAGS]
        if len(row.tags) < len(words):
            rest.append(f"Tags: {text}")
            row.notes.append(
                f"Tags can have at most {LONGEST_TAG} characters, and an idea at most {MOST_TAGS} "
                "tags. The tags go into the description"
            )

    def _own(self, row: ImportRow, texts: dict[str, str], rest: list[str]) -> None:
        stamp = Stamp.parse(texts.get("stamp", "") if self.own else "")
        for slug, column in self.own.items():
            text = texts.get(slug, "")
            value, problem = column.read(text, stamp)
            if problem:
                rest.append(f"{column.field.name}: {text}")
                row.notes.append(f"“{text[:40]}” {problem}, so it goes into the description")
            elif value is not None:
                row.own.append((column.field, value))

    def _scores(self, row: ImportRow, texts: dict[str, str]) -> None:
        """The sheet's own words are kept apart from the texts, because they are blind with the
        idea."""
        given = tuple((name, texts[name]) for name in self.scored if name in texts)
        if not given:
            if BESIDE_SCORES in texts:
                row.values["imported_scores"] = texts[BESIDE_SCORES][:200]
            return
        row.scores, notes, words = points_in(given)
        row.notes += notes
        words = ", ".join(filter(None, (words, texts.get(BESIDE_SCORES, ""))))
        if words:
            row.values["imported_scores"] = words[:200]

    def _words(self, row: ImportRow, rest: list[str]) -> None:
        """What no field could take is kept in the description, and said once a row."""
        rest += [f"{label}: {text}" for label, text in row.in_words]
        if row.in_words:
            named = ", ".join(f"{label.lower()} “{text[:40]}”" for label, text in row.in_words)
            row.notes.append(f"Kept in words: {named}")

    def _description(self, row: ImportRow, text: str, rest: list[str]) -> None:
        whole = "\n\n".join(part for part in (text, *rest) if part)
        if len(whole) > LIMITS["description"]:
            row.notes.append(f"The description has {len(whole):,} characters. Its end is cut off")
            whole = whole[: LIMITS["description"]]
        if whole:
            row.values["description"] = whole

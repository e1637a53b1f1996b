"""A row whose key names an idea that exists: what it would change of the idea, cell by cell."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from backlog.caps import MOST_TAGS, too_many
from backlog.csv_guard import unformula
from backlog.flows.exported import HEADERS, SCORES, Stamp, flat, texts_of
from backlog.flows.imports.edits import GROUPS, Cell, Edit
from backlog.flows.imports.kept_lines import with_kept
from backlog.flows.imports.known import plain
from backlog.flows.imports.own import compare_own, values_by_idea
from backlog.flows.imports.rows import ADD, LIMITS, LONGEST_TAG, ImportRow, Reader
from backlog.flows.imports.statuses import move_for
from backlog.models import Idea, Pod, User
from backlog.sheets import KEPT

CHANGE, SAME, CANT = "change", "same", "cant"
DAYS = ("submitted", "snoozed_until")
TAKE = "mine"  # the answer that takes the sheet’s side
_KEY = re.compile(r"([A-Z0-9]{1,10})-[0-9]{1,9}")


class Comparer:
    """Holds rows against the ideas that their keys name."""

    def __init__(self, by: User, reader: Reader) -> None:
        self.by, self.reader = by, reader
        self.prefixes = set(Pod.objects.visible_to(by).values_list("prefix", flat=True))
        self.is_of_here = True
        self.rows_of: dict[str, int] = {}
        self.ideas: dict[str, Idea] = {}
        self.own: dict[int, Any] = {}

    def load(self, rows: Iterable[list[str]]) -> None:
        """Fetch the ideas of these rows."""
        keys = {self._key(self.reader.joined(cells)) for cells in rows} - {""}
        seen = Idea.objects.visible_to(self.by).filter(key__in=keys)
        joined = seen.select_related("pod", "objective__quarter", "owner", "author")
        self.ideas = {idea.key: idea for idea in joined.prefetch_related("tags")}
        fields = {slug: column.field for slug, column in self.reader.own.items()}
        self.own = values_by_idea((idea.pk for idea in self.ideas.values()), fields)

    def look_over(self, rows: list[list[str]]) -> None:
        """A sheet of which no key names an idea comes from elsewhere, so its rows are new ideas."""
        keys = sorted({self._key(self.reader.joined(cells)) for cells in rows} - {""})
        seen = Idea.objects.visible_to(self.by)
        self.is_of_here = any(
            seen.filter(key__in=keys[start : start + 500]).exists()
            for start in range(0, len(keys), 500)
        )

    def _key(self, texts: Mapping[str, str]) -> str:
        """The key of the row, "" where it has none or one that another tool gave."""
        key = texts.get("key", "").strip().upper()[:30]
        match = _KEY.fullmatch(key)
        if match and (match[1] in self.prefixes or Stamp.parse(texts.get("stamp", ""))):
            return key
        return ""

    def read(self, number: int, cells: list[str], answer: str) -> ImportRow | None:
        """The row with its change, or None where it is a new idea."""
        texts = self.reader.joined(cells)
        key = self._key(texts)
        idea = self.ideas.get(key)
        if not key or not self.is_of_here or (idea is None and answer == ADD):
            return None
        row, self.reader.known.row = ImportRow(number, cells, key=key, fate=CANT), number
        if key in self.rows_of:
            row.notes.append(
                f"{key} is in row {self.rows_of[key]} already, and only that row counts"
            )
            return row
        self.rows_of[key] = number
        if idea is None:
            row.can_be_added = True
            row.notes.append(
                f"There is no idea {key} that you can see. It was removed, or moved to another pod"
            )
            return row
        row.pod, row.values["title"] = idea.pod, idea.title
        if not self.by.has_perm("backlog.change_idea", idea):
            row.notes.append(f"{key} belongs to {idea.pod}, and you can’t change its ideas")
            return row
        row.edit = Edit(idea)
        _Comparison(self, row, row.edit, texts, cells, answer == TAKE).run()
        compare_own(self.reader.own, row, row.edit, texts, self.own.get(idea.pk, {}),
                    takes_mine=answer == TAKE)  # fmt: skip
        row.fate = SAME if row.edit.is_empty else CHANGE
        return row


class _Comparison:
    """One row and its idea."""

    def __init__(
        self, comparer: Comparer, row: ImportRow, edit: Edit, texts: dict[str, str],
        cells: list[str], takes_mine: bool,
    ) -> None:  # fmt: skip
        self.by, self.reader = comparer.by, comparer.reader
        self.row, self.edit, self.idea, self.takes_mine = row, edit, edit.idea, takes_mine
        self.now = texts_of(edit.idea)
        self.stamp = Stamp.parse(texts.get("stamp", ""))
        self.mine = {
            name: self._unguarded(name, texts.get(name, "")) for name in self.reader.fields
        }
        for name in DAYS:  # a spreadsheet turns them around
            if day := self.reader.dates.date(self.mine.get(name, "")):
                self.mine[name] = day.isoformat()
        self.kept = [
            (self.reader.names[place], cells[place])
            for place, what in self.reader.mapping.items()
            if what == KEPT and place < len(cells) and cells[place]
        ]

    def _unguarded(self, name: str, text: str) -> str:
        """A workbook made from our CSV keeps the apostrophes that guard formulas."""
        bare = unformula(text)
        is_as_it_was = bare != text and (
            self.stamp.says(name, bare) or flat(name, bare) == flat(name, self.now.get(name, ""))
        )
        return bare if is_as_it_was else text

    def run(self) -> None:
        self._keep_the_rest()
        for name, parts in GROUPS.items():
            if name in self.mine and (change := self._changed(parts)):
                self._take(name, is_theirs=change == "theirs")
        self._about_the_others()

    def _keep_the_rest(self) -> None:
        """Columns that no field is for go on in the description, once."""
        text = self.mine.get("description", self.now["description"])
        whole = with_kept(text, self.kept)
        if whole != text:
            self.mine["description"] = whole

    def _changed(self, parts: tuple[str, ...]) -> str:
        """ "" where the sheet changes nothing, "theirs" where somebody else has changed it, too."""
        here = [name for name in parts if name in self.mine]
        same = [name for name in here if flat(name, self.mine[name]) == flat(name, self.now[name])]
        if len(same) == len(here):
            return ""
        if not self.stamp:
            return "mine" if any(self.mine[name] for name in here if name not in same) else ""
        if all(self.stamp.says(name, self.mine[name]) for name in here):
            return ""
        is_as_it_was = all(self.stamp.says(name, self.now[name]) for name in here)
        return "mine" if is_as_it_was else "theirs"

    def _take(self, name: str, *, is_theirs: bool) -> None:
        if problem := self._problem_with(name):
            self.row.notes.append(problem)
            return
        write = self._resolved(name)
        if write is None:
            return
        self.edit.cells.append(
            Cell(name, self._shown(name, self.now), self._shown(name, self.mine), is_theirs)
        )
        if is_theirs and not self.takes_mine:
            self.row.notes.append(f"Somebody has changed the {_word(name)} since, so it stays")
            return
        if name == "tags":
            self.edit.tags = write
        elif name == "status":
            self.edit.move = write
        else:
            self.edit.fields[name] = write["to"]

    def _shown(self, name: str, texts: Mapping[str, str]) -> str:
        parts = [texts.get(part, "") for part in GROUPS[name]]
        if name == "objective":
            return f"{parts[0]} ({parts[1]})" if parts[0] and parts[1] else parts[0]
        return ", ".join(filter(None, parts)) if name == "status" else parts[0]

    def _problem_with(self, name: str) -> str:
        text = flat(name, self.mine[name])
        if name == "title" and not text:
            return "An idea needs a title, so the title stays"
        if len(text) > LIMITS.get(name, len(text)):
            return (
                f"The {_word(name)} has {len(text):,} characters, and at most {LIMITS[name]:,} are "
                "allowed, so it stays"
            )
        if name == "tags":
            words = [word for word in text.split(", ") if word]
            if any(len(word) > LONGEST_TAG for word in words):
                return f"A tag can have at most {LONGEST_TAG} characters, so the tags stay"
            return too_many(words, MOST_TAGS, "An idea", "tags").rstrip(".")
        return ""

    def _resolved(self, name: str) -> Any:
        """What is to be written, None where it can’t be; then the row says why."""
        text = flat(name, self.mine[name])
        if name == "tags":
            return [word for word in text.split(", ") if word]
        if name == "owner":
            return self._owner(text)
        if name == "objective":
            return self._objective(text)
        if name == "status":
            return self._status(text)
        return {"to": text}

    def _owner(self, name: str) -> dict[str, Any] | None:
        if not name:
            return {"to": None}
        person = self.reader.known.person(name, self.idea.pod)
        if person is None:
            self.row.notes.append(f"“{name}” is not in {self.idea.pod}, so the owner stays")
        return {"to": person} if person and person != self.idea.owner else None

    def _objective(self, name: str) -> dict[str, Any] | None:
        if not name:
            return {"to": None}
        known, pod = self.reader.known, self.idea.pod
        quarter = self.mine.get("quarter", "")
        is_of_quarter = known.has_objective(name, pod, quarter)
        is_new = bool(quarter) and quarter != self.now["quarter"]
        goal = known.objective(name, pod, quarter if is_of_quarter or is_new else "")
        if goal is None:
            self.row.notes.append(f"{pod} has no objective “{name}”, so the objective stays")
        elif goal.pk != self.idea.objective_id:
            self.mine["quarter"] = goal.quarter.name
            return {"to": goal}
        return None

    def _status(self, text: str) -> tuple[str, dict[str, Any]] | None:
        parts = {name: self.mine.get(name, "") for name in ("snoozed_until", "reason")}
        move, problem = move_for(self.idea, self.by, text, parts, self.reader)
        if problem:
            self.row.notes.append(problem)
        return move

    def _about_the_others(self) -> None:
        """What a sheet can’t change: scores, the pod, the author, the day."""
        if any(map(self._is_other_score, SCORES)):
            self.row.notes.append(
                "It is in a blind round, so its scores are left alone"
                if self.idea.is_blind
                else "Scores come from rounds, so those in the sheet change nothing"
            )
        for name, why in (
            ("pod", f"It stays in {self.idea.pod}. To move it, use “Move” on its page"),
            ("author", "The author of an idea stays"),
            ("submitted", "The day on which it was submitted stays"),
        ):
            if self._is_other(name):
                self.row.notes.append(why)

    def _is_other_score(self, name: str) -> bool:
        """Never by what is hidden: a blind idea says the same whatever number the sheet has."""
        text = self.mine.get(name, "")
        if not text or self.stamp.says(name, text):
            return False
        return self.idea.is_blind or flat(name, text) != flat(name, self.now[name])

    def _is_other(self, name: str) -> bool:
        text = self.mine.get(name, "")
        if not text or self.stamp.says(name, text):
            return False
        if name == "pod":
            return plain(text) not in (plain(self.idea.pod.name), plain(self.idea.pod.prefix))
        return flat(name, text) != flat(name, self.now[name])


def _word(name: str) -> str:
    return HEADERS[name].lower()

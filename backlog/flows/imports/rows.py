"""One row of a sheet read as an idea: its values, what is odd about it, what happens to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from backlog.caps import MOST_TAGS
from backlog.models import Idea, Objective, Pod, User
from backlog.sheets import number_in
from backlog.similarity import folded

SCORES = ("impact", "confidence", "ease")
TEXTS = ("observation", "change", "audience", "outcome", "expected_effect", "lever", "channel")
LIMITS: dict[str, int] = {
    name: getattr(Idea._meta.get_field(name), "max_length", None) or 0
    for name in ("title", "description", *TEXTS)
}  # fmt: skip
LONGEST_TAG = 40
# Fields that several columns can fill, with what stands between them. Of the others one column
# decides, so two of them are a question and not a guess.
JOINED = {"description": "\n\n", "tags": ", ", "observation": "; ", "change": "; ",
          "audience": "; ", "outcome": "; ", "expected_effect": "; "}  # fmt: skip
ADD, ASK, OUT = "add", "ask", "out"


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


def clash_in(mapping: Mapping[int, str], columns: list[str], noun: str = "idea") -> str:
    """A sentence if two columns are read as a field that can only have one value, else ""."""
    for what in dict.fromkeys(mapping.values()):
        named = [f"“{columns[at]}”" for at in sorted(mapping) if mapping[at] == what]
        if len(named) > 1 and what not in JOINED:
            field = what.replace("_", " ")
            return (
                f"{' and '.join((', '.join(named[:-1]), named[-1]))} are both read as the {field}, "
                f"and an {noun} has one {field}. Leave one of them out, or choose another meaning "
                "for it. Nothing is added until then."
            )
    return ""


def plain(text: str) -> str:
    """The form in which equal titles are equal: without accents, case and doubled spaces."""
    return " ".join(folded(text).split())


def _called(people: Iterable[User]) -> dict[str, list[User]]:
    """People by full name, first name or address. A full name takes precedence over a first
    name."""
    by_first: dict[str, list[User]] = {}
    by_whole: dict[str, list[User]] = {}
    for person in people:
        by_first.setdefault(plain(person.first_name), []).append(person)
        for name in {plain(person.name), plain(person.email)}:
            by_whole.setdefault(name, []).append(person)
    return by_first | by_whole


class Reader:
    """Turns the cells of each row into an `ImportRow`. Everything known is looked up once."""

    def __init__(
        self,
        *,
        by: User,
        pod: Pod,
        mapping: Mapping[int, str],
        names: Mapping[int, str],
        pods: Iterable[Pod],
        objectives: Iterable[Objective],
        answers: Mapping[str, str],
    ) -> None:
        self.by, self.default, self.answers = by, pod, answers
        self.mapping, self.names = dict(sorted(mapping.items())), names
        self.texts = [name for name in ("title", *TEXTS) if name in mapping.values()]
        self.scored = [name for name in SCORES if name in mapping.values()]
        every = list(pods)
        self.pods: dict[str, Pod | None] = {
            plain(name): pod for pod in every for name in (pod.name, pod.prefix)
        }
        self.objectives = {plain(goal.title): goal for goal in objectives}
        self.people: dict[int, dict[str, list[User]]] = {}

    def read(self, number: int, cells: list[str]) -> ImportRow:
        row = ImportRow(number, cells)
        texts = self._joined(cells)
        rest: list[str] = []
        if not texts.get("title"):
            row.fate, row.notes = OUT, ["No title, so it is left out"]
            return row
        self._texts(row, texts, rest)
        self._pod(row, texts.get("pod", ""))
        self._objective(row, texts.get("objective", ""), rest)
        self._owner(row, texts.get("owner", ""), rest)
        self._tags(row, texts.get("tags", ""), rest)
        self._scores(row, texts)
        self._description(row, texts.get("description", ""), rest)
        return row

    def _joined(self, cells: list[str]) -> dict[str, str]:
        """Field → the text of its column, or of all its columns in the order of the sheet."""
        texts: dict[str, str] = {}
        for place, what in self.mapping.items():
            if place >= len(cells) or not cells[place]:
                continue
            words = cells[place]
            if what in texts:
                named = f"{self.names[place]}: {words}" if what == "description" else words
                words = f"{texts[what]}{JOINED.get(what, '; ')}{named}"
            texts[what] = words
        return texts

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
        row.pod = self._pod_called(name) if name else self.default
        if row.pod is None:
            row.notes.append(f"There is no pod “{name}” that you can add ideas to")
            row.fate = ASK

    def _pod_called(self, name: str) -> Pod | None:
        if name not in self.pods:
            self.pods[name] = self.pods.get(plain(name))
        return self.pods[name]

    def _objective(self, row: ImportRow, name: str, rest: list[str]) -> None:
        if not name:
            return
        goal = self.objectives.get(plain(name))
        if goal and row.pod and goal.pod_id in (None, row.pod.pk):
            row.values["objective_id"] = goal.pk
            return
        rest.append(f"Objective: {name}")
        row.notes.append(f"This pod has no objective “{name}”, so it goes into the description")

    def _people_of(self, pod: Pod) -> dict[str, list[User]]:
        if pod.pk not in self.people:
            self.people[pod.pk] = _called(User.objects.working_with_pod(pod))
        return self.people[pod.pk]

    def _owner(self, row: ImportRow, name: str, rest: list[str]) -> None:
        pod = row.pod or self.default
        named = self._people_of(pod).get(plain(name), []) if name else [self.by]
        if len(named) != 1:
            rest.append(f"Owner: {name}")
            who = f"could be several people in {pod}" if named else f"is not in {pod}"
            row.notes.append(f"“{name}” {who}. You become the owner")
        row.values["owner_id"] = (named[0] if len(named) == 1 else self.by).pk

    def _tags(self, row: ImportRow, text: str, rest: list[str]) -> None:
        if not text:
            return
        words = _words_in(text)
        row.tags = [word for word in words if len(word) <= LONGEST_TAG][:MOST_TAGS]
        if len(row.tags) < len(words):
            rest.append(f"Tags: {text}")
            row.notes.append(
                f"Tags can have at most {LONGEST_TAG} characters, and an idea at most {MOST_TAGS} "
                "tags. The tags go into the description"
            )

    def _scores(self, row: ImportRow, texts: dict[str, str]) -> None:
        """The sheet's own words are kept apart from the texts, because they are blind with the
        idea."""
        given = tuple((name, texts[name]) for name in self.scored if name in texts)
        if not given:
            return
        row.scores, notes, words = _points_in(given)
        row.notes += notes
        if words:
            row.values["imported_scores"] = words[:200]

    def _description(self, row: ImportRow, text: str, rest: list[str]) -> None:
        whole = "\n\n".join(part for part in (text, *rest) if part)
        if len(whole) > LIMITS["description"]:
            row.notes.append(f"The description has {len(whole):,} characters. Its end is cut off")
            whole = whole[: LIMITS["description"]]
        if whole:
            row.values["description"] = whole


# Most rows of a sheet repeat the same few texts, so each is worked out once.
@lru_cache(maxsize=4096)
def _words_in(text: str) -> tuple[str, ...]:
    tags = {" ".join(word.lower().split()) for word in text.replace(";", ",").split(",")}
    return tuple(sorted(word for word in tags if word))


@lru_cache(maxsize=4096)
def _points_in(
    given: tuple[tuple[str, str], ...],
) -> tuple[tuple[int, int, int] | None, tuple[str, ...], str]:
    """Dimension and cell → the three scores or None, what is odd, and the cells if they say
    more."""
    whole: dict[str, int] = {}
    notes: list[str] = []
    for name, text in given:
        value = number_in(text)
        if value is None or not 1 <= value <= 10:
            notes.append(f"{name.capitalize()} “{text[:20]}” is not a number from 1 to 10")
            continue
        whole[name] = int(value + 0.5)
        if whole[name] != value:
            shown = text if len(text) <= 6 else f"{value:.2f}"
            notes.append(f"{name.capitalize()} {shown} counts as {whole[name]}")
    scores = None
    if len(whole) == len(SCORES):
        scores = (whole["impact"], whole["confidence"], whole["ease"])
    else:
        notes.append("A score needs all three values, so it is left out")
    kept = ""
    if scores is None or any(str(whole[name]) != text for name, text in given):
        kept = ", ".join(f"{name} {text}" for name, text in given)
    return scores, tuple(notes), kept

"""Names of a sheet that Floe does not know: taken as new, or once for all rows as one that it knows."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backlog.flows.imports.known import plain
from backlog.models import Idea, Pod, User
from backlog.tables import Choice, Question, QuestionCode
from experiments.models import Metric, Segment
from experiments.past.words import choice_in, may_want_fewer, outcome_in

KINDS = ("pod", "lever", "channel", "segment", "metric")
MOST_SHOWN = 60
MOST_WORDS = 8  # different words for how a test ended; with more the column is prose
LIMITS = {"lever": 60, "channel": 60, "segment": 120, "metric": 80}
OUTCOMES = (
    Choice("won", "It won"),
    Choice("lost", "It lost"),
    Choice("flat", "No clear difference"),
    Choice("stopped", "It was stopped"),
    Choice("unknown", "It does not say how it ended"),
)


@dataclass
class Names:
    """What is known by each kind: folded name → name as Floe spells it; `chosen` is what somebody
    chose instead of a name of the sheet. `fewer`: metrics of which less is better, by folded name."""

    known: dict[str, dict[str, str]]
    chosen: Mapping[str, str]
    fewer: set[str]
    outcomes: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def name(self, kind: str, text: str) -> str:
        """The name that counts for what a cell says."""
        words = " ".join(text.split())
        folded = plain(words)
        chosen = self.chosen.get(f"{kind}:{folded}", "")
        if chosen and plain(chosen) in self.known[kind]:
            words, folded = chosen, plain(chosen)
        known = self.known[kind].get(folded)
        return known or words[: LIMITS.get(kind, 200)]

    def is_known(self, kind: str, text: str) -> bool:
        return plain(self.name(kind, text)) in self.known[kind]

    def is_increase_good(self, metric: str) -> bool:
        return plain(metric) not in self.fewer

    def outcome(self, text: str) -> str:
        return outcome_in(text) or self.outcomes.get(plain(text[:80]), "")


def names_for(by: User, pods: Iterable[Pod], chosen: Mapping[str, str]) -> Names:
    """What this person may use."""
    ideas = Idea.objects.visible_to(by).order_by()
    metrics = list(Metric.objects.visible_to(by).values_list("name", "direction"))
    known = {
        "pod": {plain(pod.name): pod.name for pod in pods},
        "lever": _spelt(ideas.exclude(lever="").values_list("lever", flat=True).distinct()[:1000]),
        "channel": _spelt(
            ideas.exclude(channel="").values_list("channel", flat=True).distinct()[:1000]
        ),
        "segment": _spelt(Segment.objects.visible_to(by).values_list("name", flat=True)),
        "metric": _spelt(name for name, _ in metrics),
    }
    decrease = Metric.Direction.DECREASE
    fewer = {plain(name) for name, direction in metrics if direction == decrease}
    return Names(known, chosen, fewer)


def _spelt(names: Iterable[str]) -> dict[str, str]:
    return {plain(name): name for name in names}


def read_names(
    names: Names,
    texts: Mapping[str, Callable[[Sequence[str]], str]],
    rows: Sequence[Sequence[str]],
    answers: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The names that Floe does not know, the most frequent first; asks what could change a figure.

    `texts`: kind or “outcome” → the cell of a row.
    """
    unknown: list[dict[str, Any]] = []
    for kind in KINDS:
        counted = Counter(" ".join(text.split()) for row in rows if (text := texts[kind](row)))
        new: dict[str, dict[str, Any]] = {}
        for text, count in counted.most_common():
            key = plain(text)
            if key in names.known[kind] or not key:
                continue
            entry = new.setdefault(
                key, {"kind": kind, "key": f"{kind}:{key}"[:200], "name": text[:120], "count": 0}
            )
            entry["count"] += count
        for entry in new.values():
            entry["chosen"] = names.chosen.get(entry["key"], "")
            unknown.append(entry)
    _ask_directions(names, [one for one in unknown if one["kind"] == "metric"], answers)
    _ask_outcomes(names, Counter(texts["outcome"](row) for row in rows), answers)
    return unknown[:MOST_SHOWN]


def _ask_directions(
    names: Names, metrics: Iterable[Mapping[str, Any]], answers: Mapping[str, str]
) -> None:
    for entry in metrics:
        folded = plain(names.name("metric", entry["name"]))
        if folded in names.known["metric"] or not may_want_fewer(entry["name"]):
            continue
        question = Question(
            f"direction:{folded}"[:200], QuestionCode.WORDS, entry["name"],
            f"Is more of “{entry['name']}” better?",
            "Floe does not know this metric yet. It decides what a positive lift means.",
            (Choice("decrease", "Fewer is better"), Choice("increase", "More is better")),
        ).answered(answers)  # fmt: skip
        names.questions.append(question)
        if question.reading == "decrease":
            names.fewer.add(folded)


def _ask_outcomes(names: Names, counted: Counter[str], answers: Mapping[str, str]) -> None:
    odd: dict[str, tuple[str, int]] = {}
    for text, count in counted.items():
        if text and not outcome_in(text):
            folded = plain(text[:80])
            first, so_far = odd.get(folded, (text, 0))
            odd[folded] = (first, so_far + count)
    if len(odd) > MOST_WORDS:
        return
    for folded, (text, count) in odd.items():
        rows = "one row" if count == 1 else f"{count:,} rows"
        question = Question(
            f"outcome:{folded}"[:200], QuestionCode.WORDS, "",
            f"What does “{text[:60]}” say of how the experiment ended?", f"It stands in {rows}.", OUTCOMES,
        ).answered(answers)  # fmt: skip
        names.questions.append(question)
        if question.answer and question.answer != "unknown":
            names.outcomes[folded] = question.answer


__all__ = ["KINDS", "Names", "choice_in", "names_for", "read_names"]

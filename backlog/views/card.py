"""The scoring card: the scales that this vote asks of this person, with the rubric's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from backlog.claims import claim_at, in_words
from backlog.flows.ranking import source_of
from backlog.flows.scoring import may_conduct, why_no_score
from backlog.flows.scoring.giving import asked_dimensions
from backlog.forms.scoring import ScoreForm
from backlog.known import KnownBefore, known_about
from backlog.models import Membership, RoundIdea, RubricBand, Score, User, Workspace
from backlog.models.rubrics import DIMENSIONS, listed
from backlog.views.progress import STAGES, AgendaRow, agenda_of, next_in_hand
from backlog.views.reveal import reveal_of

QUESTIONS = {
    "impact": "If it works, how far would it move the metric?",
    "confidence": "How likely is it to work at all?",
    "ease": "How many working days will it take until it runs?",
}


@dataclass(frozen=True)
class Scale:
    """Ten radios and the five steps of the rubric; `says` is the chosen value in words."""

    name: str
    label: str
    question: str
    says: str
    first: str
    radios: SafeString
    anchors: SafeString


def scale_of(name: str, bands: list[RubricBand], chosen: str, first: str = "") -> Scale:
    """Built as strings: a session draws thirty radios for everybody at once."""
    says = {str(score): _says(name, score, bands) for score in range(1, 11)}
    radios = "".join(
        f'<label><input type="radio" name="{name}" value="{score}"{" checked" if score == chosen else ""}'
        f' data-says="{escape(words)}" required>{score}</label>'
        for score, words in says.items()
    )
    anchors = "".join(
        f"<li><span>{band.first}–{band.last} · {escape(band.words)}</span>"
        f"<span>{escape(band.range_words)}</span></li>"
        for band in bands
    )
    return Scale(
        name=name,
        label=name.capitalize(),
        question=QUESTIONS[name],
        says=says.get(chosen, ""),
        first=first,
        radios=mark_safe(radios),  # noqa: S308  (words are escaped above, the rest is ours)
        anchors=mark_safe(anchors),  # noqa: S308
    )


def _says(name: str, score: int, bands: list[RubricBand]) -> str:
    """Such as "7, +3 to +6 %": for Impact the band, for the others what the score claims."""
    if name == "impact":
        return f"{score}, {bands[(score - 1) // 2].range_words}"
    claim = claim_at(name, score, [(band.low, band.high) for band in bands])
    return f"{score}, {in_words(name, claim, is_short=True)}"


def is_early(item: RoundIdea) -> bool:
    """For an item from `with_progress`: some have scored it, and others who are asked have not."""
    counted: Any = item
    return bool(item.takes_scores and 0 < counted.scored_count < counted.asked_count)


def given_by(own: Score | None) -> dict[str, Any]:
    return {name: getattr(own, name) for name in DIMENSIONS} if own else {}


@dataclass(frozen=True, eq=False)
class ScoringPage:
    """What is shown of an idea that is scored: the agenda beside it, and the scales or the dots.

    `item` comes from `with_progress()` and `with_is_scorer(user)`, `scores` are the person's own;
    `seen` is the mark of the score that the tab shows, if it requests only a part. What a template
    does not ask for is not worked out: two hundred browsers poll a small part of it.
    """

    item: RoundIdea
    form: ScoreForm
    user: User
    scores: Mapping[tuple[int, int], Score]
    seen: str | None = None
    asks_early: bool = False

    def context(self) -> dict[str, Any]:
        """Its parts by their names; a template calls those that it uses."""
        return {name: partial(getattr, self, name) for name in PARTS}

    @cached_property
    def own(self) -> Score | None:
        return self.scores.get((self.item.pk, self.item.votes))

    @property
    def given(self) -> str:
        if self.seen is not None:
            return self.seen
        return self.own.mark if self.own else "0"

    @property
    def is_elsewhere(self) -> bool:
        """Another tab has saved other scores."""
        return self.own is not None and self.own.mark != self.given

    @cached_property
    def agenda(self) -> list[AgendaRow]:
        return agenda_of(self.item.round, self.user, self.scores)

    @property
    def place(self) -> int:
        """On the agenda, from 1; 0 where the idea is not on it."""
        rows = enumerate(self.agenda, start=1)
        return next((at for at, row in rows if row.item.pk == self.item.pk), 0)

    @property
    def following(self) -> RoundIdea | None:
        return next_in_hand(self.agenda, self.item)

    @property
    def reveals_early(self) -> bool:
        """Whether to ask, because some who are asked have not scored yet."""
        return self.asks_early and self.can_run and is_early(self.item)

    @property
    def stage_in_words(self) -> str:
        return STAGES[RoundIdea.Stage(self.item.stage)]

    @cached_property
    def why_not(self) -> str | None:
        return why_no_score(self.item, self.user)

    @cached_property
    def may_score(self) -> bool:
        return self.user.has_perm("backlog.score_round", self.item)

    @cached_property
    def can_run(self) -> bool:
        return may_conduct(self.item.round, self.user)

    @cached_property
    def scales(self) -> list[Scale]:
        bands = self.item.round.rubric.by_dimension()
        return [
            scale_of(name, bands[name], str(self.form[name].value() or ""), self._first(name))
            for name in asked_dimensions(self.item, self.item)
        ]

    def _first(self, name: str) -> str:
        """One's own first number, while the idea is scored again."""
        first = self.scores.get((self.item.pk, 1)) if self.item.votes > 1 else None
        return str(getattr(first, name) or "") if first else ""

    @cached_property
    def known_before(self) -> list[KnownBefore]:
        return known_about(self.user, self.item.idea)

    @property
    def not_asked(self) -> str:
        return _not_asked(self.item)

    @cached_property
    def reveal(self) -> Any:
        return None if self.item.idea.is_blind else reveal_of(self.item, self.user)

    @cached_property
    def is_counting(self) -> bool:
        return source_of(self.item.idea) == self.item

    @cached_property
    def formula(self) -> str:
        return Workspace.current().ice_formula


PARTS = (
    "item", "form", "own", "given", "is_elsewhere", "agenda", "place", "following",
    "stage_in_words", "why_not", "may_score", "can_run", "scales", "not_asked", "reveal",
    "is_counting", "formula", "known_before", "reveals_early",
)  # fmt: skip


def _not_asked(this: RoundIdea) -> str:
    """A sentence on what this person is not asked for, or ""."""
    wanted = asked_dimensions(this, this)
    others = [name for name in this.asks if name not in wanted]
    if others:
        duties = {
            Membership.Duty(duty).label.lower()
            for name in others
            if (duty := getattr(this.round.pod, f"{name}_by"))
        }
        who = f"members with the duty {' or '.join(sorted(duties))}" if duties else "others"
        return f"You don’t score {listed(others)}: {who} do."
    if len(this.asks) < len(DIMENSIONS):
        return (
            f"This re-vote is only about {listed(this.asks)}. The other first scores stay, and so do "
            "those of people who don’t score again."
        )
    if this.votes > 1:
        return "The first scores of people who don’t score again stay."
    return ""

"""The scoring card: the scales that this vote asks of this person, with the rubric's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import SimpleLazyObject
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from backlog.claims import claim_at, in_words
from backlog.flows.ranking import source_of
from backlog.flows.scoring import may_conduct, why_no_score
from backlog.flows.scoring.giving import asked_dimensions
from backlog.forms.scoring import ScoreForm
from backlog.models import Membership, RoundIdea, RubricBand, Score, User, Workspace
from backlog.models.rubrics import DIMENSIONS, listed
from backlog.views.progress import STAGES, agenda_of, next_in_hand
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
    radios: SafeString
    anchors: SafeString


def scale_of(name: str, bands: list[RubricBand], chosen: str) -> Scale:
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
        radios=mark_safe(radios),  # noqa: S308  (words are escaped above, the rest is ours)
        anchors=mark_safe(anchors),  # noqa: S308
    )


def _says(name: str, score: int, bands: list[RubricBand]) -> str:
    """Such as "7, +3 to +6 %": for Impact the band, for the others what the score claims."""
    if name == "impact":
        return f"{score}, {bands[(score - 1) // 2].range_words}"
    claim = claim_at(name, score, [(band.low, band.high) for band in bands])
    return f"{score}, {in_words(name, claim, is_short=True)}"


def given_by(own: Score | None) -> dict[str, Any]:
    return {name: getattr(own, name) for name in DIMENSIONS} if own else {}


def card_of(
    this: RoundIdea,
    form: ScoreForm,
    user: User,
    own: Mapping[tuple[int, int], Score],
    *,
    seen: str | None = None,
) -> dict[str, Any]:
    """The agenda beside the card, and either the scales or the dots.

    `this` comes from `with_progress()` and `with_is_scorer(user)`; `seen` is the mark of the score
    that the tab shows, if it requests only a part.
    """
    mine = own.get((this.pk, this.votes))
    given = seen if seen is not None else (mine.mark if mine else "0")
    rows: Any = SimpleLazyObject(lambda: agenda_of(this.round, user, own))
    bands: Any = SimpleLazyObject(this.round.rubric.by_dimension)
    dots: Any = SimpleLazyObject(lambda: None if this.idea.is_blind else reveal_of(this, user))
    return {
        "item": this,
        "own": mine,
        "given": given,
        "is_elsewhere": mine is not None and mine.mark != given,
        "form": form,
        "agenda": rows,
        "place": lambda: next(
            (at for at, row in enumerate(rows, start=1) if row.item.pk == this.pk), 0
        ),
        "stage_in_words": STAGES[RoundIdea.Stage(this.stage)],
        "why_not": why_no_score(this, user),
        "may_score": user.has_perm("backlog.score_round", this),
        "can_run": may_conduct(this.round, user),
        "scales": lambda: [
            scale_of(name, bands[name], str(form[name].value() or ""))
            for name in asked_dimensions(this, this)
        ],
        "not_asked": lambda: _not_asked(this),
        "reveal": dots,
        "is_counting": lambda: source_of(this.idea) == this,
        "following": lambda: next_in_hand(rows, this),
        "formula": SimpleLazyObject(lambda: Workspace.current().ice_formula),
    }


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
        return f"This re-vote is only about {listed(this.asks)}. The other first scores stay."
    return ""

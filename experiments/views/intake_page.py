"""The page that asks before a file counts: what was understood, what is open, which arm is which."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from backlog.models import User
from backlog.templatetags.figures import percent
from backlog.views.questions import QuestionRow
from experiments.flows.confirming import Doubt, Review, arms_by_label, count_open
from experiments.flows.earlier_uploads import may_remove
from experiments.flows.veil import is_masked_for, names_outcomes
from experiments.models import Intake
from experiments.stats import sample_ratio
from experiments.views.intake_questions import questions_about
from experiments.views.intake_summary import (
    changes_between,
    columns_understood,
    rejected_for,
    span_text,
)

SHOWN_REJECTED = 10
_SHARES = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}


class ArmRow(NamedTuple):
    """The labels that mean one arm, how many units they have (None where arms are masked), and
    whether that fits the plan."""

    labels: list[str]
    arm: str
    is_control: bool
    units: int | None
    against_plan: str
    is_off: bool


@dataclass(frozen=True)
class UnderstoodPage:
    """What stands on the page, for one person; it is worked out when the template asks."""

    intake: Intake
    user: User
    acknowledged: frozenset[str] = frozenset()

    @cached_property
    def seen(self) -> dict[str, Any]:
        understood: dict[str, Any] = self.intake.understood
        return understood

    @cached_property
    def is_masked(self) -> bool:
        return is_masked_for(self.intake.experiment, self.user)

    @cached_property
    def review(self) -> Review:
        return Review(self.intake, names_arms=names_outcomes(self.intake.experiment, self.user))

    @cached_property
    def total(self) -> int:
        """Units in the file, over all arms."""
        return int(sum(self.seen["units"].values()))

    @cached_property
    def counting(self) -> int:
        """Units that will count, those of earlier days that stay among them."""
        return sum(self.review.units.values())

    @cached_property
    def arms(self) -> list[ArmRow]:
        """A row for each arm of the plan, the control first."""
        experiment, units = self.intake.experiment, self.seen["units"]
        observed = [units.get(arm.name, 0) for arm in experiment.arms]
        weights = [arm.weight for arm in experiment.arms]
        is_off = sample_ratio(observed, weights).is_mismatch
        planned = [weight / (sum(weights) or 1) for weight in weights]
        meaning = arms_by_label(self.intake)
        return [
            ArmRow(
                labels=[label for label, name in meaning.items() if name == arm.name],
                arm=arm.name,
                is_control=arm.is_control,
                units=None if self.is_masked else count,
                against_plan=_against_plan(
                    share, count / (self.total or 1), is_off, self.is_masked
                ),
                is_off=is_off,
            )
            for arm, count, share in zip(experiment.arms, observed, planned, strict=True)
        ]

    @cached_property
    def ignored(self) -> list[str]:
        """Labels that were left out on purpose."""
        return list(self.intake.mapping["columns"].get("ignored", []))

    @cached_property
    def questions(self) -> list[QuestionRow]:
        return questions_about(self.review.questions, self.intake)

    @cached_property
    def doubts(self) -> list[tuple[Doubt, bool]]:
        """Each with whether it is ticked."""
        return [(doubt, doubt.code in self.acknowledged) for doubt in self.review.doubts]

    @cached_property
    def problems(self) -> list[str]:
        return self.review.problems

    @cached_property
    def question_count(self) -> int:
        """The arms are one of the things to look at."""
        return 1 + len(self.questions) + len(self.doubts)

    @cached_property
    def answer_count(self) -> int:
        ticked = sum(is_ticked for _, is_ticked in self.doubts)
        return 1 + sum(each.is_answered for each in self.questions) + ticked

    @cached_property
    def open_sentence(self) -> str:
        """How many questions are open, and which comes first; "" where none is."""
        open_ = [question["text"] for question in self.review.open_questions]
        open_ += [doubt.title for doubt, is_ticked in self.doubts if not is_ticked]
        return f"{count_open(len(open_))}: {open_[0]}" if open_ else ""

    @cached_property
    def may_discard(self) -> bool:
        return may_remove(self.intake, self.user)

    @cached_property
    def columns(self) -> list[dict[str, Any]]:
        return columns_understood(self.intake, self.user)

    @cached_property
    def days(self) -> str:
        return span_text(self.seen.get("days", []))

    @cached_property
    def rejected(self) -> list[dict[str, Any]]:
        return rejected_for(self.intake, self.user)[:SHOWN_REJECTED]

    @cached_property
    def replaces(self) -> Intake | None:
        return self.review.before

    @cached_property
    def changes(self) -> list[dict[str, Any]]:
        if self.replaces is None:
            return []
        return changes_between(self.replaces, self.intake, self.review, is_masked=self.is_masked)


def _against_plan(planned: float, seen: float, is_off: bool, is_masked: bool) -> str:
    """How the share of an arm fits the plan; masked, without the share that it has.

    >>> _against_plan(0.5, 0.502, False, False), _against_plan(0.1, 0.2, True, False)
    ('half, as planned', '10\\xa0% planned, 20.0\\xa0% in the file')
    """
    share = next(
        (word for parts, word in _SHARES.items() if abs(planned - 1 / parts) < 1e-9),
        percent(planned, 0),
    )
    if not is_off:
        return f"{share}, as planned"
    return (
        f"{share} planned, does not fit"
        if is_masked
        else f"{share} planned, {percent(seen)} in the file"
    )

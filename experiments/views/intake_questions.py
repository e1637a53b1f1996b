"""Questions about a file as a page shows them: the readings side by side, with the last answer."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from experiments.models import Intake


class ChoiceRow(NamedTuple):
    """One reading of what can be read in two ways."""

    key: str
    label: str
    effect: str
    hint: str
    is_chosen: bool


class QuestionRow(NamedTuple):
    key: str
    text: str
    why: str
    choices: list[ChoiceRow]
    is_answered: bool


def question_rows(questions: Sequence[Mapping[str, Any]], intake: Intake) -> list[QuestionRow]:
    """The questions of a file, each choice with the file that was answered so before."""
    earlier = _earlier_answers(intake) if questions else {}
    return [
        QuestionRow(
            key=question["key"],
            text=question["text"],
            why=question["why"],
            choices=[
                ChoiceRow(
                    choice["key"], choice["label"], choice["effect"],
                    earlier.get((question["key"], choice["key"]), ""),
                    choice["key"] == question.get("answer"),
                )
                for choice in question["choices"]
            ],
            is_answered=bool(question.get("answer")),
        )
        for question in questions
    ]  # fmt: skip


def _earlier_answers(intake: Intake) -> dict[tuple[str, str], str]:
    """Question and choice → which file that counted was answered so."""
    counted = intake.experiment.intakes.exclude(counted_at=None).exclude(pk=intake.pk)
    rows = counted.order_by("counted_at").values_list("received_at", "mapping")
    return {
        (key, choice): f"as in the file of {received_at:%-d %b}"
        for received_at, mapped in rows
        for key, choice in mapped.get("answers", {}).items()
    }

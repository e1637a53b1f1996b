"""Questions about a table as pages show them: its readings side by side."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


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


def question_rows(
    questions: Sequence[Mapping[str, Any]], hints: Mapping[tuple[str, str], str] | None = None
) -> list[QuestionRow]:
    """The questions, each choice with a hint: by the keys of both, such as an earlier answer."""
    earlier = hints or {}
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

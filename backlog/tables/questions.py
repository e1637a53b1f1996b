"""What a reader asks where a cell has two readings: a question with a choice for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class QuestionCode(StrEnum):
    """What a question is about. Sentences are made where the question is, from these and numbers."""

    SHEET = "sheet"
    HEADER = "header"
    NUMBERS = "numbers"
    DATES = "dates"
    WORDS = "words"
    EMPTY = "empty"
    ARMS = "arms"


@dataclass(frozen=True)
class Choice:
    """One reading: `effect` is its consequence over all arms together, never by arm."""

    key: str
    label: str
    effect: str = ""


@dataclass(frozen=True)
class Question:
    """`key` is stable between files of one shape; `why` says what makes it a question; `answer`
    is the key of a choice, "" while it is open."""

    key: str
    code: QuestionCode
    column: str
    text: str
    why: str
    choices: tuple[Choice, ...]
    answer: str = ""

    @property
    def is_open(self) -> bool:
        return not self.answer

    @property
    def reading(self) -> str:
        """The key of the choice that is read by: the answer, else provisionally the first one."""
        return self.answer or self.choices[0].key

    def answered(self, answers: Mapping[str, str]) -> Question:
        """The question with its answer, where `answers` has one that is among the choices.

        >>> one = Question("header", QuestionCode.HEADER, "", "?", "", (Choice("1", "Row 1"),))
        >>> one.answered({"header": "1"}).answer, one.answered({"header": "7"}).answer
        ('1', '')
        """
        answer = answers.get(self.key, "")
        return replace(self, answer=answer) if answer in {one.key for one in self.choices} else self


def plain_question(question: Question) -> dict[str, Any]:
    """A question as plain values, for JSON.

    >>> one = Question("header", QuestionCode.HEADER, "", "?", "", (Choice("1", "Row 1"),))
    >>> plain_question(one)["choices"]
    [{'key': '1', 'label': 'Row 1', 'effect': ''}]
    """
    choices = [asdict(one) for one in question.choices]
    return {**asdict(question), "code": str(question.code), "choices": choices}

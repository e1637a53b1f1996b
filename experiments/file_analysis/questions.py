"""Questions that a file leaves open, as a command line asks them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from experiments.results_file import FileProblem, Question


class OpenQuestions(FileProblem):
    """Nothing is analysed before these are answered; `str()` lists both readings of each."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)
        super().__init__("\n\n".join(map(_asked, self.questions)))


def require_answers(questions: Iterable[Question]) -> None:
    """Raises OpenQuestions where one has no answer."""
    left = [question for question in questions if question.is_open]
    if left:
        raise OpenQuestions(left)


def answers_of(texts: Iterable[str]) -> dict[str, str]:
    """Answers as they are written on the command line: KEY=CHOICE.

    >>> answers_of(["numbers:Revenue=decimals"])
    {'numbers:Revenue': 'decimals'}

    Raises:
        FileProblem: one without an equals sign.
    """
    answers = {}
    for text in texts:
        key, sign, choice = text.rpartition("=")
        if not sign or not key or not choice:
            raise FileProblem(f"Write an answer as KEY=CHOICE, not “{text}”.")
        answers[key] = choice
    return answers


def _asked(question: Question) -> str:
    lines = [f"{question.text} {question.why}"]
    for choice in question.choices:
        effect = f": {choice.effect}" if choice.effect else ""
        lines.append(f"  --answer '{question.key}={choice.key}'  {choice.label}{effect}")
    return "\n".join(lines)

"""Questions about a file, with what earlier files of the experiment were answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from backlog.views.questions import QuestionRow, question_rows
from experiments.models import Intake


def questions_about(questions: Sequence[Mapping[str, Any]], intake: Intake) -> list[QuestionRow]:
    """The questions, each choice with the file that was answered so before."""
    return question_rows(questions, _earlier_answers(intake) if questions else {})


def _earlier_answers(intake: Intake) -> dict[tuple[str, str], str]:
    """Question and choice → which file that counted was answered so."""
    counted = intake.experiment.intakes.exclude(counted_at=None).exclude(pk=intake.pk)
    rows = counted.order_by("counted_at").values_list("received_at", "mapping")
    return {
        (key, choice): f"as in the file of {received_at:%-d %b}"
        for received_at, mapped in rows
        for key, choice in mapped.get("answers", {}).items()
    }

"""A file mapped without a page: what was guessed or remembered, with what the caller says instead."""

from collections.abc import Mapping

from backlog.models import User
from backlog.refusals import Refused
from experiments.flows import intake as flow
from experiments.flows import receiving
from experiments.forms.intake import MappingForm
from experiments.models import Intake

COLUMNS = (
    "shape", "arm", "unit", "count", "other_count", "day", "day_order", "accumulation",
    "second", "only_column", "only_value", "metric", "spread_kind", "stratum",
)  # fmt: skip
"""What may be given by name; a metric's column is given by the metric's name."""


def read_by_filling(
    intake: Intake,
    *,
    by: User,
    columns: Mapping[str, str],
    labels: Mapping[str, str],
    answers: Mapping[str, str],
) -> None:
    """Map and read a file as the page would.

    Args:
        columns: by the names in `COLUMNS`, or by the name of a metric; the rest is as the page
            would fill it in.
        labels: label in the file → name of the arm, or "-" to leave its rows out.
        answers: to questions about the file, by their keys.

    Raises:
        Refused: what has to be said before the file can be read, the file's problem, or a name
            that does not exist.
    """
    if intake.state not in receiving.TO_BE_MAPPED or not intake.sniffed:
        raise Refused(f"It is “{intake.get_state_display().lower()}”, so it can’t be mapped now.")
    known = {each["key"]: each.get("answer") for each in receiving.questions_before_mapping(intake)}
    if any(known[key] != choice for key, choice in answers.items() if key in known):
        receiving.look_again(intake, by=by, answers=answers)
    if not receiving.is_table_clear(intake):
        raise Refused("Answer first which table of the file to read.")
    chosen = _fields_of(intake, columns)
    first = {**MappingForm(intake=intake).initial, **chosen}
    listed = receiving.labels_in(intake, first["variant"]) if first.get("variant") else ()
    filled = {**MappingForm(intake=intake, labels=listed).initial, **chosen}
    if unknown := sorted(set(labels) - set(listed)):
        raise Refused(f"There is no label “{unknown[0]}” in “{first.get('variant')}”.")
    filled |= {f"label_{n}": labels[label] for n, label in enumerate(listed) if label in labels}
    form = MappingForm(filled, intake=intake, labels=listed)
    if not form.is_valid():
        raise Refused(
            " ".join(
                f"{_name_of(form, name)}{sentence}"
                for name, sentences in form.errors.items()
                for sentence in sentences
            )
        )
    flow.understand(
        intake, by=by, mapping=form.mapping(), labels=form.meaning(), typed=form.typed(),
        answers=answers,
    )  # fmt: skip


def _fields_of(intake: Intake, columns: Mapping[str, str]) -> dict[str, str]:
    by_metric = {part.metric.name: f"metric_{part.pk}" for part in intake.experiment.measured}
    by_metric["arm"] = "variant"
    unknown = [name for name in columns if name not in COLUMNS and name not in by_metric]
    if unknown:
        raise Refused(
            f"“{unknown[0]}” is neither a metric of the plan nor one of {', '.join(COLUMNS)}."
        )
    return {by_metric.get(name, name): value for name, value in columns.items()}


def _name_of(form: MappingForm, name: str) -> str:
    return f"{str(form[name].label).removesuffix(' is')}: " if name in form.fields else ""

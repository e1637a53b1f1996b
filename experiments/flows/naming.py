"""The naming convention: set it, name the arms of an experiment by it, read names back."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from backlog.models import Event, User, Workspace
from backlog.permissions import require
from experiments.models import Experiment, NamingConvention, NamingToken
from experiments.plan.naming import (
    FLOES_OWN,
    Convention,
    LegalName,
    Subject,
    Token,
    legal_names,
    problems_in,
)
from experiments.plan.reading_names import Verdict, check_names, keys_named


def convention_in_force() -> Convention:
    """The workspace's own convention, or Floe's."""
    tokens = NamingToken.objects.select_related("convention")
    rows = list(tokens)
    if not rows:
        return FLOES_OWN
    held = rows[0].convention
    return Convention(
        tuple(Token(row.kind, row.value) for row in rows),
        held.separator,
        held.letter_case,
        held.longest,
    )


@transaction.atomic
def save_convention(
    held: NamingConvention,
    *,
    by: User,
    tokens: Sequence[Token],
    separator: str,
    letter_case: str,
    longest: int,
) -> NamingConvention:
    """Write the convention; without tokens Floe's own holds again.

    Raises PermissionDenied, ValidationError.
    """
    require(by, "experiments.change_standard")
    convention = Convention(tuple(tokens), separator, letter_case, longest)
    if problems := problems_in(convention):
        raise ValidationError(problems)
    held.separator, held.letter_case, held.longest = separator, letter_case, longest
    held.version += held.pk is not None
    held.full_clean()
    held.save()
    held.tokens.all().delete()
    for position, token in enumerate(tokens):
        row = NamingToken(convention=held, kind=token.kind, value=token.value, position=position)
        row.full_clean()
        row.save()
    order = ", ".join(row.get_kind_display().lower() for row in held.tokens.all())
    Event.record(
        Workspace.current(), "standard", f"{by} set the naming convention: {order}.", by=by
    )
    return held


@transaction.atomic
def drop_convention(*, by: User) -> None:
    """Go back to Floe's own names."""
    require(by, "experiments.change_standard")
    NamingConvention.objects.all().delete()
    sentence = f"{by} went back to Floe’s own naming convention."
    Event.record(Workspace.current(), "standard", sentence, by=by)


def subject_of(experiment: Experiment) -> Subject:
    """What the names of an experiment are made of."""
    return Subject(
        key=experiment.key,
        prefix=experiment.pod.prefix,
        title=experiment.title,
        arms=tuple(arm.name for arm in experiment.arms),
        channel=experiment.channel,
        segment=experiment.segment.name if experiment.segment else "",
        starts_on=experiment.starts_on,
    )


def names_of(experiment: Experiment) -> list[LegalName]:
    """The legal names of its arms, one for each arm and channel."""
    return legal_names(convention_in_force(), subject_of(experiment))


def judge_names(lines: Iterable[str], *, by: User) -> list[Verdict]:
    """Which of these lines are legal names, of which experiment and arm; `by` sees its own pods."""
    convention, listed = convention_in_force(), list(lines)
    numbers = [int(key.removeprefix("EXP-")) for key in keys_named("\n".join(listed), convention)]
    rows = Experiment.objects.visible_to(by).filter(number__in=numbers)
    rows = rows.select_related("pod", "segment").prefetch_related("variants")
    return check_names(listed, convention, {row.key: subject_of(row) for row in rows})

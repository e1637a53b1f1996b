"""Whether anybody touched what was sealed: fingerprints, the chain, and the rows they speak of."""

from collections.abc import Iterable, Iterator

from experiments.flows.sealing import plan_of
from experiments.models import Amendment, Experiment, Seal
from experiments.plan.canonical import chain_of, fingerprint_of
from experiments.plan.document import Plan

# What a plan in force and the rows of its experiment have to agree on.
KEPT = ("title", "hypothesis", "audience", "units_per_week", "starts_on", "ends_on")
KEPT_OF_AN_ARM = ("name", "description", "weight", "is_control")
KEPT_OF_A_METRIC = ("name", "role", "baseline", "baseline_sd", "smallest_effect", "margin")


def broken_seals() -> Iterator[str]:
    """One sentence for each thing that does not hold; none where all is as it was sealed."""
    yield from _chain()
    sealed = Experiment.objects.exclude(fingerprint="").order_by("number")
    for experiment in sealed.select_related("author", "owner", "analyst", "objective"):
        yield from _plan(experiment)
        yield from _amendments(experiment)
        yield from _rows(experiment)
    unsealed = Experiment.objects.filter(fingerprint="", seals__isnull=False).distinct()
    yield from (f"{experiment.key}: the fingerprint is missing." for experiment in unsealed)


def _chain() -> Iterator[str]:
    previous, number = "", 0
    for seal in Seal.objects.order_by("number"):
        number += 1
        if seal.number != number:
            yield f"Seal {number} is missing before {seal}."
            number = seal.number
        if seal.previous != previous:
            yield f"{seal} does not follow the one before it."
        link = {name: getattr(seal, name) for name in
                ("number", "kind", "key", "fingerprint", "previous", "by_name", "at")}  # fmt: skip
        if chain_of(**link) != seal.chain:
            yield f"{seal} was changed: its hash differs."
        previous = seal.chain


def _plan(experiment: Experiment) -> Iterator[str]:
    if fingerprint_of(experiment.sealed_plan) != experiment.fingerprint:
        yield f"{experiment.key}: the sealed plan was changed."
    seal = experiment.seals.filter(kind=Seal.Kind.PLAN).first()
    if seal is None:
        yield f"{experiment.key} is missing from the chain."
    elif (seal.fingerprint, seal.at) != (experiment.fingerprint, experiment.sealed_at):
        yield f"{experiment.key}: the chain holds another fingerprint or time."


def _amendments(experiment: Experiment) -> Iterator[str]:
    """Amendments in order, each against its own fingerprint and against the chain's."""
    links = list(experiment.seals.filter(kind=Seal.Kind.AMENDMENT).values_list("fingerprint", "at"))
    amendments: list[Amendment] = list(experiment.amendments.order_by("number"))
    for amendment in amendments:
        if fingerprint_of(amendment.content) != amendment.fingerprint:
            yield f"{amendment} was changed."
    if [(amendment.fingerprint, amendment.at) for amendment in amendments] != links:
        yield f"{experiment.key}: the amendments differ from those in the chain."


def _rows(experiment: Experiment) -> Iterator[str]:
    """The rows that screens and analyses read, against the plan in force."""
    plan, now = experiment.plan_in_force or Plan(), plan_of(experiment)
    for name in KEPT:
        if name in (experiment.json_in_force or {}) and getattr(plan, name) != getattr(now, name):
            yield f"{experiment.key}: {name.replace('_', ' ')} differs from the plan."
    if _kept(plan.arms, KEPT_OF_AN_ARM) != _kept(now.arms, KEPT_OF_AN_ARM):
        yield f"{experiment.key}: the arms differ from the plan."
    if _kept(plan.metrics, KEPT_OF_A_METRIC) != _kept(now.metrics, KEPT_OF_A_METRIC):
        yield f"{experiment.key}: the metrics differ from the plan."


def _kept(rows: Iterable[object], names: Iterable[str]) -> list[tuple[object, ...]]:
    return [tuple(getattr(row, name) for name in names) for row in rows]

"""A dated reading of an experiment's data: pure arithmetic from plain inputs to a plain result.

`read_evidence` takes what an Analysis stores as its inputs and returns what it stores as its
result, both JSON values, so that the same inputs give the same bytes on any machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from experiments.engine import before
from experiments.engine.batching import (
    BEFORE,
    TODAY,
    chances_of,
    effects_of,
    effects_one_by_one,
)
from experiments.engine.comparisons import Begun, begin
from experiments.engine.findings import (
    Comparison,
    adjusted_p,
    compare_pair,
    state_of,
    unmeasured_in,
    value_in,
)
from experiments.engine.intervals import with_adjusted_intervals
from experiments.engine.looks import next_look
from experiments.engine.methods import Stage
from experiments.engine.results import verdict_json
from experiments.engine.rows import beside, effect_row, plain
from experiments.engine.sensitivity import evidence_in
from experiments.plan.document import Plan
from experiments.stats import (
    Balance,
    Code,
    Effect,
    Fact,
    Rule,
    Sample,
    Verdict,
    sample_ratio,
    sample_ratio_sequential,
    superseded,
    verdict,
)

ENGINE_VERSION = "5"
ENGINES = (*before.ENGINES, ENGINE_VERSION)  # those whose readings can be computed again
ONE_BY_ONE = ("1", "2")  # those that made each comparison by itself


def read_evidence(inputs: dict[str, Any], *, engine: str = ENGINE_VERSION) -> dict[str, Any]:
    """Health, effects and verdict, in codes and numbers.

    Args:
        inputs: as experiments.flows.analysing.inputs_of makes them.
        engine: the version that made a reading that is to be computed again. 1 knew a fixed horizon
            only and kept less of the health; 1 and 2 compared each pair by itself; 1 to 3 kept
            sentences instead of codes and decided words at 5 %, see `before`; 1 to 4 passed over
            metrics without data.
    """
    return read_all([inputs], engine=engine)[0]


def read_all(
    every: Sequence[dict[str, Any]], *, engine: str = ENGINE_VERSION
) -> list[dict[str, Any]]:
    """`read_evidence` for many inputs: all their comparisons in a few calls, the same bytes."""
    begun = [begin(inputs) for inputs in every]
    compute = effects_one_by_one if engine in ONE_BY_ONE else effects_of
    arithmetic = BEFORE if engine in before.ENGINES else TODAY
    requests = [request for reading in begun for request in reading.requests]
    effects = iter(compute(requests, arithmetic))
    read = [_read(reading, effects, engine) for reading in begun]
    if engine not in before.ENGINES:
        drawn = with_adjusted_intervals([(each.begun, each.compared) for each in read])
        chances = iter(chances_of([one.pair for compared in drawn for one in compared]))
        read = [
            replace(each, compared=compared, chances=list(islice(chances, len(compared))))
            for each, compared in zip(read, drawn, strict=True)
        ]
    return [_finish(each) for each in read]


@dataclass(frozen=True)
class Read:
    """A reading whose comparisons are made: those that were planned, and what the same data say
    otherwise, as rows by metric. `chances`: that the treatment's value is the higher one."""

    begun: Begun
    engine: str
    compared: list[Comparison]
    also: dict[str, list[dict[str, Any]]]
    chances: list[float | None]

    @property
    def is_current(self) -> bool:
        return self.engine not in before.ENGINES


def _read(begun: Begun, effects: Iterator[Effect], engine: str) -> Read:
    """The comparisons of one reading, with as many of `effects` taken as it asked for."""
    compared = [
        compare_pair(pair, list(islice(effects, len(pair.requests))), begun) for pair in begun.pairs
    ]
    also = {
        name: [plain(other.row(next(effects))) for other in others]
        for name, others in begun.others.items()
    }
    return Read(begun, engine, compared, also, [None] * len(compared))


def _finish(read: Read) -> dict[str, Any]:
    plan, inputs = read.begun.plan, read.begun.inputs
    shares = (
        [inputs["units"].get(arm.name, 0) for arm in plan.arms],
        [arm.weight for arm in plan.arms],
    )
    once, any_time = _balances(*shares, read)
    judged = _decide(read, any_time if _is_read_again(read) else once)
    result = {
        "engine": read.engine,
        **_health(read.begun, once, any_time),
        "metrics": _metrics(read),
        "watched": [
            {"metric": c.metric.name, "variant": c.variant, "state": c.watch}
            for c in read.compared
            if c.watch is not None
        ],
        "verdict": verdict_json(judged),
    }
    if read.is_current:
        return result | _decided_when(read)
    if read.engine not in before.WITH_SENTENCES:
        return result
    return before.as_written(result, judged, {c.place: c.drawn_by for c in read.compared})


def _balances(
    units: Sequence[float], weights: Sequence[float], read: Read
) -> tuple[Balance, Balance]:
    """The sample ratio of one reading, and that of one of many."""
    if not read.is_current:
        return (
            superseded.sample_ratio(units, weights),
            superseded.sample_ratio_sequential(units, weights),
        )
    tolerance = read.begun.plan.tolerated_loss
    return (
        sample_ratio(units, weights, tolerance=tolerance),
        sample_ratio_sequential(units, weights, tolerance=tolerance),
    )


def _is_read_again(read: Read) -> bool:
    """The experiment was read before, on other data: what is judged again and again has to allow for it."""
    return read.is_current and bool(read.begun.inputs.get("readings_before"))


def _health(begun: Begun, balance: Balance, sequential: Balance) -> dict[str, Any]:
    """What is known of the data before any outcome, and how they are read."""
    inputs, plan = begun.inputs, begun.plan
    return {
        "units": inputs["units"],
        "planned_units": plan.units or None,
        "control": plan.control,
        "sample_ratio": plain(vars(balance)) | {"code": balance.code},
        "sample_ratio_sequential": plain(vars(sequential)) | {"code": sequential.code},
        "duplicates": {
            "in_two_variants": inputs["units_in_two_variants"],
            "repeated": inputs["repeated_units"],
        },
        "rejected": inputs["rejected"],
        "reading": _reading(plan, begun.stage, sum(inputs["units"].values())),
    }


def _reading(plan: Plan, stage: Stage, units: int) -> dict[str, Any]:
    """How it was read; where looks are planned, which this is, or at how many units the next is."""
    read: dict[str, Any] = {"method": stage.name, "look": None, "next_look": None}
    if stage.look:
        read["look"] = {**stage.look._asdict(), "fractions": list(stage.look.fractions)}
    elif stage.name == "planned-looks":
        number, at = next_look(plan, units)
        read["next_look"] = {"number": number, "units": at}
    return read


def _metrics(read: Read) -> list[dict[str, Any]]:
    """Each metric as the plan describes it, with the values of its arms and their comparisons."""
    begun, adjusted = read.begun, adjusted_p(read.compared)
    rows: dict[str, list[dict[str, Any]]] = {}
    for comparison, p, chance in zip(read.compared, adjusted, read.chances, strict=True):
        state = state_of(comparison, p, begun.plan.statistics, read.engine)
        row = {"variant": comparison.variant, **effect_row(comparison), "adjusted_p": p,
               "state": state}  # fmt: skip
        if read.is_current:
            row |= beside(comparison, state, chance)
        rows.setdefault(comparison.metric.name, []).append(row)
    samples, also = begun.evidence.samples, read.also
    return [
        {
            **described,
            "arms": [
                {"variant": arm.name, **_value(samples[metric.name][arm.name])}
                for arm in begun.plan.arms
                if arm.name in samples.get(metric.name, {})
            ],
            "comparisons": rows.get(metric.name, []),
            **({"also": also[metric.name]} if also[metric.name] else {}),
        }
        for described, metric in zip(
            begun.inputs["plan"]["metrics"], begun.plan.metrics, strict=True
        )
    ]


def _decide(read: Read, balance: Balance) -> Verdict:
    begun, plan = read.begun, read.begun.plan
    shown = [one for one in read.compared if one.is_measured or not read.is_current]
    return verdict(
        Rule(
            control=plan.control,
            planned_units=plan.units,
            is_sequential=begun.stage.may_decide_now,
            alpha=plan.statistics.alpha_of("primary"),
            guardrail_alpha=plan.statistics.alpha_of("guardrail"),
            tells_shortfall=read.is_current,
        ),
        primary=[c.finding for c in shown if c.metric.role == "primary"],
        guardrails=[c.finding for c in shown if c.metric.role == "guardrail"],
        unmeasured=unmeasured_in(plan, read.compared) if read.is_current else (),
        waiting=_waiting(begun) if read.is_current else (),
        balance=balance,
        units=sum(begun.inputs["units"].values()),
        is_past_end=_is_past_end(begun),
    )


def _is_past_end(begun: Begun) -> bool:
    total, planned = sum(begun.inputs["units"].values()), begun.plan.units
    return begun.inputs["is_over"] or bool(planned and total >= planned)


def _waiting(begun: Begun) -> list[Fact]:
    """A fact for each metric whose outcomes are still to come: its window is open for the last units."""
    return [
        Fact(code=Code.WINDOW_OPEN, metric=row["metric"], window=row["window_days"],
             opens_on=row["opens_on"])
        for row in begun.inputs.get("waiting", ())
    ]  # fmt: skip


def _decided_when(read: Read) -> dict[str, Any]:
    """Whether the planned end had come, outcome windows and all, and whether it was a first reading."""
    waiting = list(read.begun.inputs.get("waiting", ()))
    return {
        "is_past_end": _is_past_end(read.begun) and not waiting,
        "waiting": waiting,
        "is_read_again": _is_read_again(read),
    }


def samples_of(observations: list[dict[str, Any]]) -> dict[str, dict[str, Sample]]:
    """Samples by metric and variant, of the rows that hold for all days."""
    return evidence_in(observations).samples


def _value(sample: Sample) -> dict[str, Any]:
    return {"n": sample.n, "value": value_in(sample)}

"""What a verdict rests on: a code with its numbers, of which a sentence can be made in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from .codes import Code, SampleRatio, WhyNot


class Range(Protocol):
    """What a size is told of: an effect, or a fact about one."""

    @property
    def difference(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def why_not(self) -> WhyNot | None: ...


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One `code`; only the parts that it has are filled.

    Of a `metric`: its `kind` and words (`counted` is who is counted, `did` what a share of them did),
    the arm (`variant`) and the `control` by name, `treatment_value` and `control_value`, and the
    `difference` with its ends `low` and `high`, all in the metric's own unit; `margin` and `smallest`
    likewise; `why_not` where there is none. Of units: how many `units` there are and were `planned`,
    or `observed` and `expected` for each arm, with what that `sample_ratio` amounts to and the largest
    `deviation` as a share. Of a metric with a `window` of days after entry, `opens_on` is the ISO day on
    which the last unit's is over. `text` is a sentence that came from outside.
    """

    code: Code
    metric: str = ""
    kind: str = "proportion"
    counted: str = "units"
    did: str = ""
    variant: str = ""
    control: str = ""
    treatment_value: float | None = None
    control_value: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    smallest: float | None = None
    why_not: WhyNot | None = None
    units: float | None = None
    planned: float | None = None
    observed: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()
    sample_ratio: SampleRatio | None = None
    deviation: float | None = None
    window: int | None = None
    opens_on: str = ""
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain values, without the parts that it lacks.

        >>> Fact(code=Code.UNITS_SO_FAR, units=200, planned=1000).as_json()
        {'code': 'units-so-far', 'units': 200, 'planned': 1000}
        """
        return {
            field.name: _plain(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Fact:
        """A fact of plain values again.

        Raises:
            ValueError: a code that is not known.

        >>> Fact.from_json({"code": "sample-ratio-mismatch", "observed": [5, 9]}).observed
        (5, 9)
        """
        read: dict[str, Any] = {
            "code": Code, "why_not": WhyNot, "sample_ratio": SampleRatio, "observed": tuple,
            "expected": tuple,
        }  # fmt: skip
        return cls(**{name: read.get(name, _same)(value) for name, value in values.items()})


def _same(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Code | WhyNot | SampleRatio) else value


class Decided(Protocol):
    """What the sentences of a verdict are made of."""

    @property
    def outcome(self) -> str: ...
    @property
    def control(self) -> str: ...
    @property
    def variant(self) -> str | None: ...
    @property
    def subject(self) -> Fact | None: ...
    @property
    def facts(self) -> tuple[Fact, ...]: ...
    @property
    def days_left(self) -> float | None: ...

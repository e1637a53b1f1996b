"""A reading as plain values: what the page shows before it counts, and what is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backlog.tables.questions import plain_question
from experiments.engine.days import columns_of
from experiments.stats.samples import value_of

from .shapes import Reading


def summary_of(reading: Reading) -> dict[str, Any]:
    """What the page shows before it counts, as JSON."""
    return {
        "rows": reading.rows,
        "units": reading.units,
        "samples": {
            name: {arm: columns_of(sample) for arm, sample in by_arm.items()}
            for name, by_arm in reading.samples.items()
        },
        "values": {
            name: {arm: value_of(sample) for arm, sample in by_arm.items()}
            for name, by_arm in reading.samples.items()
        },
        "rejected_count": reading.rejected_count,
        "rejected": [asdict(row) for row in reading.rejected],
        "units_in_two_variants": reading.units_in_two_variants,
        "repeated_units": reading.repeated_units,
        "missing": reading.missing,
        "ranges": {name: list(ends) for name, ends in reading.ranges.items()},
        "warnings": list(reading.warnings),
        "left_out": reading.left_out,
        "days": sorted({row["day"] for row in reading.by_day}),
        "parts": [*reading.by_day, *reading.by_stratum, *reading.capped],
        "histograms": reading.histograms,
        "segments": list(reading.segments),
        "questions": [plain_question(question) for question in reading.questions],
        "problems": list(reading.problems),
        "caps": reading.caps,
        **(
            {"horizons": {name: asdict(one) for name, one in reading.horizons.items()}}
            if reading.horizons
            else {}
        ),
    }

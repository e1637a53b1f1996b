# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""A file with one row, or several, for each unit: aggregated by DuckDB, never in Python."""

from __future__ import annotations

from dataclasses import replace

from .judging import problems_of
from .lifetime import discount_rows, horizon_sentences, leave_out_unobserved, require_entry
from .lines import located, texts_at
from .shapes import Progress, Reading, RejectedRow
from .unit_columns import look_at_units
from .unit_parts import by_day, by_segment, by_stratum, capped, caps, empty_tail, histograms
from .unit_rows import known_before, read_days, select_rows
from .unit_samples import UnitsFile, samples_of

MOST_REJECTED = 1_000


def read_units(file: UnitsFile, progress: Progress) -> Reading:
    """Counts the units of each arm and their moments; units in two arms are left out."""
    require_entry(file.mapping)
    columns = look_at_units(file)
    if file.mapping.day:
        columns.reader, columns.day_texts = read_days(file, file.mapping.day)
        columns.questions += columns.reader.questions
    file.all(f"CREATE TEMP TABLE rows AS {select_rows(file, columns)}")
    outside = discount_rows(file)
    progress("adding up each unit", 0.5)
    file.all(f"CREATE TEMP TABLE units AS {_select_units(file)}")
    horizons = leave_out_unobserved(file, outside)
    progress("comparing the arms", 0.8)
    seen, rejected, left_out = file.all(
        "SELECT count(*), count(*) FILTER (reason <> ''), count(*) FILTER (reason = '') FROM rows"
    )[0]
    unsplit = file.all("SELECT count(*) FROM reject_errors")[0][0]
    in_two, repeated = file.all(
        "SELECT count(*) FILTER (is_in_two), count(*) FILTER (NOT is_in_two AND seen > 1) FROM units"
    )[0]
    counts = dict(file.all("SELECT arm, count(*) FROM units WHERE NOT is_in_two GROUP BY arm"))
    file, filled_in = _fill_in_covariates(file)
    missing, ranges = _coverage(file)
    for name, one in horizons.items():
        missing[name] -= sum(one.left_out.values())
    return Reading(
        rows=seen + unsplit - left_out,
        units={variant: counts.get(arm, 0) for arm, variant in enumerate(file.variants)},
        samples={
            metric.name: samples_of(file, metric, place)
            for place, metric in enumerate(file.mapping.metrics)
        },
        rejected_count=rejected + unsplit,
        rejected=_rejected(file, seen, unsplit),
        units_in_two_variants=in_two,
        repeated_units=repeated,
        missing=missing,
        ranges=ranges,
        left_out=left_out,
        by_day=by_day(file),
        by_stratum=by_stratum(file),
        capped=capped(file),
        histograms=histograms(file, ranges),
        segments=by_segment(file),
        empty_tail=empty_tail(file),
        questions=tuple(columns.questions),
        problems=tuple(problems_of(file)),
        caps=caps(file),
        filled_in=filled_in,
        horizons=horizons,
        warnings=tuple(horizon_sentences(horizons)),
    )


def _select_units(file: UnitsFile) -> str:
    """One row for each unit: sums of amounts and of both sides of a ratio, the best of a yes or no;
    a covariate is one value a unit, so rows that repeat it do not add up."""
    columns = []
    for place, metric in enumerate(file.mapping.metrics):
        m, d = f"m{place}", f"d{place}"
        if metric.kind == "ratio":
            pair = f"FILTER ({m} IS NOT NULL AND {d} IS NOT NULL)"
            columns += [f"sum({m}) {pair} AS {m}", f"sum({d}) {pair} AS {d}"]
        else:
            columns.append(f"{'max' if metric.kind == 'proportion' else 'sum'}({m}) AS {m}")
        if metric.covariate:
            columns.append(f"max(x{place}) AS x{place}")
    known = [name for name, _ in known_before(file)] + ["day"] * bool(file.mapping.day)
    columns += [f"min({name}) AS {name}" for name in known]
    if not file.mapping.unit:
        kept = [column.split(" AS ")[1] for column in columns]
        plain = ", ".join(["arm", "false AS is_in_two", "1 AS seen", *kept])
        return f"SELECT {plain} FROM rows WHERE reason IS NULL"
    grouped = ["min(arm) AS arm", "min(arm) <> max(arm) AS is_in_two", "count(*) AS seen"]
    return f"SELECT {', '.join([*grouped, *columns])} FROM rows WHERE reason IS NULL GROUP BY unit"


def _fill_in_covariates(file: UnitsFile) -> tuple[UnitsFile, dict[str, int]]:
    """Put the mean of all arms in for what is not known of a unit before the experiment: a covariate
    does not change who is counted. One that is known of nobody is left out.

    Returns how many units of each metric it stands for.
    """
    filled_in, metrics = {}, list(file.mapping.metrics)
    for place, metric in enumerate(file.mapping.metrics):
        if not metric.covariate:
            continue
        counted = f"FROM units WHERE NOT is_in_two AND m{place} IS NOT NULL"
        mean, nothing = file.all(f"SELECT favg(x{place}), count(*) - count(x{place}) {counted}")[0]
        if nothing:
            filled_in[metric.name] = int(nothing)
        if mean is None:
            metrics[place] = replace(metric, covariate="")
        elif nothing:
            file.all(f"UPDATE units SET x{place} = {mean!r}::DOUBLE WHERE x{place} IS NULL")
    return replace(file, mapping=replace(file.mapping, metrics=tuple(metrics))), filled_in


def _coverage(file: UnitsFile) -> tuple[dict[str, int], dict[str, tuple[float, float]]]:
    """For each metric how many units have no value, and the least and the largest value."""
    missing, ranges = {}, {}
    for place, metric in enumerate(file.mapping.metrics):
        unknown = f"m{place} IS NULL" + (f" OR d{place} IS NULL" if metric.denominator else "")
        nothing, low, high = file.all(
            f"SELECT count(*) FILTER ({unknown}), min(m{place}), max(m{place}) "
            "FROM units WHERE NOT is_in_two"
        )[0]
        missing[metric.name] = nothing
        if low is not None:
            ranges[metric.name] = (float(low), float(high))
    return missing, ranges


def _rejected(file: UnitsFile, seen: int, unsplit: int) -> tuple[RejectedRow, ...]:
    """The first thousand rows that do not count, in the order of the file."""
    reasons = dict(
        file.all(
            "SELECT rowid, reason FROM rows WHERE reason <> '' "
            f"ORDER BY rowid LIMIT {MOST_REJECTED}"
        )
    )
    is_straight = not unsplit and seen + 1 + file.layout.skipped == file.lines
    rejected = list(located(file.path, file.layout, reasons, is_straight=is_straight))
    if unsplit:
        lines = file.all(
            "SELECT line, min(error_type) FROM reject_errors GROUP BY line "
            f"ORDER BY line LIMIT {MOST_REJECTED}"
        )
        texts = texts_at(file.path, {line for line, _ in lines})
        rejected += [
            RejectedRow(line, _UNSPLIT.get(str(kind), _DAMAGED), texts.get(line, ""))
            for line, kind in lines
        ]
    return tuple(sorted(rejected, key=lambda row: row.row)[:MOST_REJECTED])


_DAMAGED = "The row can’t be split into columns."
_UNSPLIT = {
    "TOO MANY COLUMNS": "The row has more columns than the header.",
    "UNQUOTED VALUE": "A quotation mark is opened or closed in the wrong place.",
    "LINE SIZE OVER MAXIMUM": "The row is longer than two million characters.",
}

"""The first filling of the mapping form: as the last file was mapped, or guessed from the names."""

from typing import Any

from experiments.forms import guessing as g
from experiments.forms.column_names import day_in, like, unit_in
from experiments.models import Intake
from experiments.results_file import COUNT_WORDS, UNIT_WORDS, letters_of

MOST_TOLD_APART = 50


def remembered_mapping(intake: Intake) -> dict[str, Any]:
    """What was chosen for the newest file that counted, where this one has the same columns."""
    known = {column["name"] for column in intake.sniffed["columns"]}
    counted = intake.experiment.intakes.filter(source="file", counted_at__isnull=False)
    mapped = counted.exclude(mapping={})
    last = mapped.exclude(pk=intake.pk).order_by("-counted_at").first()
    typed: dict[str, Any] = (last.mapping if last else {}).get("form", {})
    free = (
        "shape", "accumulation", "day_order", "only_value", "spread_kind", "named", "holds", "most",
    )  # fmt: skip
    named = [
        name
        for field, value in typed.items()
        if not field.startswith(free)
        for name in (value if isinstance(value, list) else [value])
        if name
    ]
    if not last or not typed or not known.issuperset(named):
        return {}
    ignored = dict.fromkeys(last.mapping["columns"].get("ignored", []), "-")
    return {**typed, "labels": last.mapping["labels"] | ignored}


def guessed_mapping(intake: Intake) -> dict[str, Any]:
    """The likely mapping from the names, so that most files need a look and a click."""
    columns: list[dict[str, Any]] = intake.sniffed["columns"]
    twins = g.side_by_side(columns)
    count = next((twins[word] for word in COUNT_WORDS if word in twins), ("", ""))
    is_pair = bool(count[0]) and len(intake.experiment.arms) == 2
    metric = g.named(columns, g.METRIC_WORDS)
    arms = [arm.name for arm in intake.experiment.arms]
    variant = "" if is_pair else g.guess_variant(columns, arms)
    guess: dict[str, Any] = {
        "shape": "pairs" if count[0] else intake.sniffed["shape"],
        "variant": variant,
        "unit": g.named(columns, UNIT_WORDS) or unit_in(columns),
        "count": count[0] or g.named(columns, COUNT_WORDS),
        "other_count": count[1],
        "only_column": _only_column(columns, variant, intake.sniffed["rows"]),
        "metric": metric,
    }
    day = g.named(columns, g.DAY_WORDS) or day_in(columns)
    spread = next((twins[word] for word in g.SPREAD_WORDS if word in twins), ("", ""))
    spread = spread if count[0] else (g.named(columns, g.SPREAD_WORDS), "")
    if guess["shape"] == "units" and guess["count"] and (day or spread[0] or metric):
        guess["shape"] = "units" if guess["unit"] else "totals"
    guess["day"] = day
    guess["spread_kind"] = g.spread_kind(spread[0])
    mean = next((twins[word] for word in g.MEAN_WORDS if word in twins), ("", ""))
    taken = (variant, guess["unit"], guess["count"], guess["other_count"], day, spread[0])
    left = [column for column in columns if column["name"] not in taken]
    for part in intake.experiment.measured:
        own = twins.get(letters_of(part.metric.name), mean if count[0] else ("", ""))
        value = own[0] or like(left, part.metric.name)
        if metric and not value:
            value = g.named(columns, g.MEAN_WORDS)
        guess |= {
            f"metric_{part.pk}": value,
            f"other_{part.pk}": own[1],
            f"spread_{part.pk}": spread[0],
            f"otherspread_{part.pk}": spread[1],
            f"covariate_{part.pk}": like(left, part.metric.name, before=True),
            f"holds_{part.pk}": g.held_amount(value, spread[0]),
            f"named_{part.pk}": _called(columns, metric, part.metric.name),
        }
    return guess


def _only_column(columns: list[dict[str, Any]], variant: str, rows: int) -> str:
    """The column that names the experiment: not the arm's, with few values, but several, and not
    one with a value of its own in each row."""
    few = [
        column
        for column in columns
        if column["name"] != variant and 2 <= (column["distinct"] or 0) <= MOST_TOLD_APART
    ]
    return g.named([column for column in few if column["distinct"] < rows], g.ONLY_WORDS)


def _called(columns: list[dict[str, Any]], metric: str, name: str) -> str:
    """The metric's name, where the column that names metrics shows it."""
    examples = next((c["examples"] for c in columns if c["name"] == metric), ())
    return next((text for text in examples if letters_of(text) == letters_of(name)), "")

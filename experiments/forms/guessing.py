"""What the columns of a stranger's file likely mean, from their names."""

from collections.abc import Sequence
from typing import Any

from backlog.tables.folding import folded
from experiments.flows.naming import names_of
from experiments.forms.column_names import words_of
from experiments.models import Experiment
from experiments.plan.arm_names import read_back
from experiments.plan.naming import LegalName
from experiments.plan.reading_names import arm_called
from experiments.results_file import VARIANT_WORDS, guess_labels, letters_of

SPREAD_WORDS = (
    "sd",
    "std",
    "stdev",
    "stddev",
    "standarddeviation",
    "variance",
    "var",
    "se",
    "stderr",
    "standarderror",
    "stddeviation",
    "stdv",
    "sdev",
    "stdabw",
    "standardabweichung",
    "ecarttype",
    "desviacionestandar",
    "desviaciontipica",
    "desviopadrao",
    "deviazionestandard",
    "standaardafwijking",
    "standardavvikelse",
    "standardafvigelse",
    "standardavvik",
    "odchyleniestandardowe",
    "keskihajonta",
)
MEAN_WORDS = ("mean", "avg", "average", "value")
DAY_WORDS = (
    "day",
    "date",
    "ds",
    "dt",
    "timesincestart",
    "dayofentry",
    "snapshot",
    "time",
    "timestamp",
)
METRIC_WORDS = ("metric", "metricid", "metricname", "kpi")
ONLY_WORDS = ("experimentid", "experiment", "experimentname", "testid", "testname", "campaign")
ENDS = (
    ("control", "treatment"), ("control", "variant"), ("control", "test"), ("ctrl", "treat"),
    ("c", "t"), ("a", "b"),
)  # fmt: skip


def named(columns: list[dict[str, Any]], words: tuple[str, ...]) -> str:
    """The first column whose name is one of these words, tried in their order."""
    by_name = {letters_of(column["name"]): column["name"] for column in columns}
    return next((by_name[word] for word in words if word in by_name), "")


def guess_variant(columns: list[dict[str, Any]], arms: Sequence[str] = ()) -> str:
    """The column that most likely names the arm: the one that holds the arms' own names, else by
    its name, else the only text with few values.

    >>> columns = [{"name": "Region", "kind": "text", "examples": ["North", "South"], "distinct": 3},
    ...            {"name": "Offer", "kind": "number", "examples": ["1", "2", "3"], "distinct": 3}]
    >>> guess_variant(columns, ("1", "2", "3")), guess_variant(columns, ("Old", "New"))
    ('Offer', 'Region')
    """
    names = {folded(arm) for arm in arms}
    own = [
        column["name"]
        for column in columns
        if 2 <= (column["distinct"] or 0) <= len(names)
        and names.issuperset(folded(text.strip()) for text in column["examples"])
    ]
    few = [c for c in columns if c["kind"] == "text" and c["distinct"] and 2 <= c["distinct"] <= 14]
    by_name = named(columns, VARIANT_WORDS)
    return (own[0] if own else "") or by_name or (few[0]["name"] if few else "")


def guess_arms(experiment: Experiment, labels: tuple[str, ...]) -> list[str]:
    """For each label the arm that it names for certain, else "": nothing follows from the order."""
    if experiment.control is None:
        return [""] * len(labels)
    legal = _legal_names(experiment, labels)
    meant = guess_labels(
        labels, [arm.name for arm in experiment.arms], experiment.control.name,
        lambda label: arm_called(label, legal) or named_by_floe(experiment, label),
    )  # fmt: skip
    return [meant[label] for label in labels]


def _legal_names(experiment: Experiment, labels: tuple[str, ...]) -> list[LegalName]:
    """The names by the workspace's convention, if any label may be one: each holds the key."""
    number = f"{experiment.number:03d}"
    may_be = any(number in label and "exp" in label.lower() for label in labels)
    return names_of(experiment) if may_be else []


def named_by_floe(experiment: Experiment, label: str) -> str:
    """The arm that a name like EXP-088_win-back_B stands for, wherever in a label it is, or nothing."""
    key, place = read_back(label) or ("", 0)
    return (
        experiment.arms[place].name
        if key == experiment.key and place < len(experiment.arms)
        else ""
    )


def side_by_side(columns: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Columns that stand once for the control and once for a treatment, by what they share.

    >>> names = ["count_c", "count_t", "mean_c", "mean_t", "day"]
    >>> side_by_side([{"name": name} for name in names])
    {'count': ('count_c', 'count_t'), 'mean': ('mean_c', 'mean_t')}
    """
    pairs = {}
    by_name = {column["name"].lower(): column["name"] for column in columns}
    for lower, name in by_name.items():
        for control, treatment in ENDS:
            stem = lower.removesuffix(control)
            is_control = len(stem) > 1 and stem != lower and stem[-1] in "_. -"
            other = by_name.get(stem + treatment) if is_control else None
            if other:
                pairs[letters_of(stem[:-1])] = (name, other)
    return pairs


def spread_kind(column: str) -> str:
    """Which spread a column of this name holds."""
    words = letters_of(column)
    if words.startswith("var"):
        return "variance"
    return "se" if words.startswith(("se", "stderr", "standarderr")) else "sd"


def held_amount(column: str, spread: str) -> str:
    """Whether a column of totals holds means or sums, "" where its name does not say.

    >>> held_amount("Average revenue", ""), held_amount("Total revenue", ""), held_amount("Revenue", "")
    ('mean', 'sum', '')
    """
    words = set(words_of(column))
    if spread or words & {*MEAN_WORDS, "arpu", "aov", "promedio", "media", "mittelwert", "moyenne"}:
        return "mean"
    return "sum" if words & {"total", "sum", "summe", "suma", "somme", "gesamt"} else ""

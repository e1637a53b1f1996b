"""Which columns of a table of past experiments hold what, by the words that head them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from backlog.sheets import HEADERS as HEADERS_OF_IDEAS
from backlog.sheets import Mapped, guess, is_header, keep_table, plain_name, with_title
from backlog.tables import Table
from experiments.results_file.words import COUNT_WORDS

MOST_ROWS: Final = 2_000
MOST_ARMS: Final = 5
"""The control and four others."""

OF_IDEAS: Final = (
    "title", "pod", "owner", "tags", "description", "observation", "change", "lever", "channel",
    "impact", "confidence", "ease",
)  # fmt: skip
HEADERS: Final[dict[str, tuple[str, ...]]] = {
    **{name: HEADERS_OF_IDEAS[name] for name in OF_IDEAS},
    "started": ("start", "started", "start date", "from", "begin", "launch", "launched", "launch date",
                "date start", "inicio", "fecha de inicio", "fecha inicio", "desde", "beginn",
                "startdatum", "von", "gestartet", "debut", "inizio"),
    "ended": ("end", "ended", "end date", "date", "to", "until", "finished", "stopped", "date end",
              "fin", "fecha de fin", "fecha fin", "hasta", "fecha", "ende", "enddatum", "bis", "datum",
              "beendet", "data", "fine"),
    "decided": ("decided", "decided on", "decision date", "date of decision", "decidido",
                "fecha de decision", "entschieden", "entschieden am", "entscheidungsdatum"),
    "segment": ("segment", "audience", "for", "segmento", "audiencia", "publico", "zielgruppe",
                "for whom", "cohort"),
    "metric": ("metric", "kpi", "primary metric", "main metric", "goal metric", "metrica",
               "metrica principal", "kennzahl", "metrik", "will move", "metrique"),
    "outcome": ("outcome", "result", "results", "winner", "verdict", "status", "conclusion", "won",
                "resultado", "ganador", "ergebnis", "ausgang", "gewinner", "resultat", "risultato"),
    "decision": ("decision", "action", "what we did", "next step", "decision taken", "accion",
                 "entscheidung", "massnahme", "decisione"),
    "learning": ("learning", "learnings", "lesson", "lessons", "takeaway", "takeaways", "key learning",
                 "what we learned", "what we learnt", "insights", "aprendizaje", "aprendizajes",
                 "leccion", "lernergebnis", "erkenntnisse", "gelernt", "apprentissage"),
    "lift": ("lift", "uplift", "effect", "relative lift", "relative uplift", "measured effect",
             "measured lift", "observed lift", "efecto", "mejora", "incremento", "effekt",
             "steigerung"),
    "low": ("low", "lower", "ci low", "ci lower", "lower bound", "lift low", "lower limit", "from lift",
            "limite inferior", "inferior", "untergrenze", "untere grenze", "ki unten"),
    "high": ("high", "upper", "ci high", "ci upper", "upper bound", "lift high", "upper limit",
             "limite superior", "superior", "obergrenze", "obere grenze", "ki oben"),
    "interval": ("interval", "ci", "confidence interval", "lift interval", "intervalo",
                 "intervalo de confianza", "konfidenzintervall", "vertrauensbereich", "ki"),
    "days_planned": ("expected days", "planned days", "estimated days", "days expected", "estimate",
                     "effort", "people days", "dias previstos", "dias estimados", "geplante tage",
                     "aufwand", "geschatzte tage"),
    "days_taken": ("actual days", "days taken", "days spent", "real days", "dias reales",
                   "tatsachliche tage", "benotigte tage"),
}  # fmt: skip
ARMS: Final = ("Control", "Arm B", "Arm C", "Arm D", "Arm E")
UNITS: Final = tuple(f"units_{arm}" for arm in range(MOST_ARMS))
CONVERSIONS: Final = tuple(f"conversions_{arm}" for arm in range(MOST_ARMS))
FIELDS: Final = (
    *HEADERS,
    *(name for pair in zip(UNITS, CONVERSIONS, strict=True) for name in pair),
)

_CONTROL: Final = (
    "control",
    "kontrolle",
    "kontrollgruppe",
    "baseline",
    "original",
    "champion",
    "ctrl",
)
_VARIANT: Final = ("variant", "variante", "variation", "treatment", "challenger", "test", "testgruppe",
                   "var", "variacion")  # fmt: skip
_LETTERS: Final = "abcde"
_CONVERSIONS: Final = (
    "conversions", "conversion", "conv", "converted", "conversiones", "conversion count", "successes",
    "konversionen", "clicks", "clics", "klicks", "opens", "opened", "aperturas", "offnungen", "orders",
    "purchases", "compras", "kaufe", "bestellungen", "ventas", "sales", "signups", "sign ups",
    "subscriptions", "returned", "returns", "x", "k", "convs", "conversions number",
)  # fmt: skip
_RATES: Final = ("rate", "cr", "conversion rate", "conv rate", "cvr", "tasa", "tasa de conversion",
                 "konversionsrate")  # fmt: skip
_RATE_WORDS: Final = frozenset((
    "rate", "rates", "cr", "cvr", "ctr", "ratio", "tasa", "taux", "tasso", "taxa", "percentage",
    "proportion", "porcentaje", "pourcentage", "percentuale", "anteil", "konversionsrate",
    "conversionrate", "klickrate", "clickrate", "offnungsrate", "openrate", "abmelderate", "kaufrate",
))  # fmt: skip
_PER_CENT: Final = re.compile(r"%|\b(?:per ?cent|prozent|por ciento|pct)")
_LEVEL: Final = re.compile(r"\b(80|90|95|99)\b")
_LEVEL_SIGN: Final = re.compile(r"\d ?(%|percent\b|per cent\b|prozent\b)")
_UNITS: Final = frozenset(COUNT_WORDS)


def names_columns(cells: Sequence[str]) -> bool:
    """Whether a row names columns of past experiments.

    >>> names_columns(["Test", "Result", "n A", "conv A"]), names_columns(["Thank readers", "won"])
    (True, False)
    """
    return is_header(cells, HEADERS) or len(arm_columns(cells)) > 1


def arm_columns(names: Iterable[str]) -> dict[int, str]:
    """Column → the units or the conversions of an arm. A rate is taken where no column has counts.

    >>> arm_columns(["Test", "Control sends", "Control conversions", "Variant sends", "Variant CR"])
    {1: 'units_0', 2: 'conversions_0', 3: 'units_1', 4: 'conversions_1'}
    >>> arm_columns(["n A", "conv A", "n B", "conv B"])
    {0: 'units_0', 1: 'conversions_0', 2: 'units_1', 3: 'conversions_1'}
    >>> arm_columns(["n A", "conv A %", "conv A", "n B", "conv B (%)"])
    {0: 'units_0', 2: 'conversions_0', 3: 'units_1', 4: 'conversions_1'}
    """
    listed = list(names)
    plain = [plain_name(_PER_CENT.sub(" ", name.casefold())).split() for name in listed]
    has_control = any(word in _CONTROL for words in plain for word in words)
    mapping: dict[int, str] = {}
    for fields, heads, may_be_rate in (
        (UNITS, _UNITS, False),
        (CONVERSIONS, _CONVERSIONS, False),
        (CONVERSIONS, (*_RATES, *_CONVERSIONS), True),
    ):
        for place, words in enumerate(plain):
            arm, rest = _arm_in(words, has_control=has_control)
            if arm is None or place in mapping or not rest or fields[arm] in mapping.values():
                continue
            is_named = " ".join(rest) in heads or "".join(rest) in heads
            if is_named and (may_be_rate or not says_per_cent(listed[place])):
                mapping[place] = fields[arm]
    return dict(sorted(mapping.items()))


def says_per_cent(name: str) -> bool:
    """Whether a header says that its numbers are per cent; a level such as “95% CI” does not say it.

    >>> says_per_cent("Lift %"), says_per_cent("95% CI low"), says_per_cent("95% CI low (%)")
    (True, False, True)
    """
    return bool(_PER_CENT.search(_LEVEL_SIGN.sub("", name.casefold())))


def names_rate(name: str) -> bool:
    """Whether a header names a rate, so that its numbers can't be counts.

    >>> names_rate("Control CR"), names_rate("conv A (%)"), names_rate("Corporate orders")
    (True, True, False)
    """
    return says_per_cent(name) or not _RATE_WORDS.isdisjoint(plain_name(name).split())


def _arm_in(words: list[str], *, has_control: bool) -> tuple[int | None, list[str]]:
    """Which arm a header is about, and its other words.

    Beside a control, “Variant A” is the first variant; otherwise A is the control.
    """
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        if word in _CONTROL:
            return 0, words[:place] + words[place + 1 :]
        if word in _VARIANT:
            number = _number_of(after, has_control=has_control)
            skip = 1 if number is None else 2
            arm = 1 if number is None else number
            return (arm if 0 <= arm < MOST_ARMS else None), words[:place] + words[place + skip :]
    for place, word in enumerate(words):
        if len(word) == 1 and word in _LETTERS:
            number = _number_of(word, has_control=has_control)
            return number, words[:place] + words[place + 1 :]
    return None, words


def _number_of(word: str, *, has_control: bool) -> int | None:
    if len(word) == 1 and word in _LETTERS:
        return _LETTERS.index(word) + has_control
    return int(word) if word.isdecimal() and len(word) == 1 else None


def arm_names_in(names: Sequence[str], mapping: Mapping[int, str]) -> list[str]:
    """What the arms are called: as their headers have it, where these tell them apart.

    >>> arm_names_in(["n A", "conv A", "Sends B"], {0: "units_0", 2: "units_1"})[:3]
    ['A', 'B', 'Arm C']
    """
    called = list(ARMS)
    for place, what in mapping.items():
        if what in UNITS and place < len(names):
            words = [word for word in plain_name(names[place]).split() if word not in _UNITS]
            called[UNITS.index(what)] = " ".join(words).capitalize()[:60] or ARMS[UNITS.index(what)]
    return called if len(set(called)) == len(called) else list(ARMS)


def level_in(name: str) -> float | None:
    """The confidence that a header names for an interval, 0 to 1.

    >>> level_in("95% CI low"), level_in("Low")
    (0.95, None)
    """
    match = _LEVEL.search(name)
    return int(match[1]) / 100 if match else None


def mapping_of(table: Table, rows: Sequence[Sequence[str]]) -> Mapped:
    """Column → field, and what has to be said of it."""
    if not table.has_header:
        return {0: "title"}, []
    arms = arm_columns(table.names)
    bare = [
        _LEVEL.sub("", name) if place not in arms else "" for place, name in enumerate(table.names)
    ]
    mapping = {**guess(bare, HEADERS), **arms}
    return with_title(dict(sorted(mapping.items())), table, rows)


def keep_sheet(
    path: str, target: str, *, answers: dict[str, str] | None = None, is_pasted: bool = False
) -> dict[str, Any]:
    """Read the table of past experiments in a file, and write its rows to `target` as JSON."""
    return keep_table(
        path, target, answers=answers, is_pasted=is_pasted, names_columns=names_columns,
        mapping_of=mapping_of, most_rows=MOST_ROWS,
    )  # fmt: skip

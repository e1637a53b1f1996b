"""Which column of a file is called as something is: by words, without accents, case or endings."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from backlog.tables.folding import folded

Columns = list[dict[str, Any]]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Nothing turns on these words, in the ten languages that Floe reads.
_SMALL = _words(
    """
    a an and at by for from in is of no on or per the to yes de del der des die du el en et
    het i il la las le les los og och um un una uno una y von van
    """
)
# "the same measure before the experiment"
_BEFORE = _words(
    """
    before pre prior previous earlier historic historical baseline antes anterior previo
    previa vorher zuvor davor avant precedent prima precedente vooraf voorheen foer fore innan
    inden przed ennen
    """
)
_DAYS = _words(
    """
    day date ds dt timestamp fecha dia datum tag jour data giorno dag dato paiva paivamaara
    dzien datetime entered
    """
)
_UNITS = _words(
    """
    unit user customer reader subscriber visitor client device member person contact account
    profile recipient player email session anonymous usuario cliente suscriptor lector
    contacto persona nutzer benutzer kunde leser besucher empfanger utilisateur client abonne
    lecteur visiteur utente iscritto lettore gebruiker klant lezer bezoeker anvandare kund
    bruger kunde bruker uzytkownik klient czytelnik kayttaja asiakas lukija assinante leitor
    """
)
# What happens to a person only once the experiment has begun.
_OUTCOMES = _words(
    """
    open click convert conversion purchas buy bought order paid pay payment revenu sale sales
    amount spend spent unsubscrib bounc complain complaint deliver sent send reactivat renew
    renewal churn cancel refund return retain visit session pageview view read minute hour
    signup activat download install upgrad ingreso compra pedido abgemeldet gekauft umsatz
    kauf bestellung achat vente acquisto vendita omzet aankoop kop salg ostos sprzedaz
    """
)
_ENDINGS = (
    "ations", "ation", "ated", "ates", "ating", "ados", "adas", "ado", "ada", "iert", "ions", "ion",
    "ings", "ing", "ate", "ed", "es", "s", "e",
)  # fmt: skip


def stem(word: str) -> str:
    """A word without its ending, so that a noun and a participle are one word.

    >>> {stem(word) for word in ("opens", "opened", "opening")}, stem("reactivations")
    ({'open'}, 'reactiv')
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, also of one in camel case or with underscores.

    >>> words_of("read_same_day"), words_of("visitorId"), words_of("Id de usuario")
    (('read', 'same', 'day'), ('visitor', 'id'), ('id', 'usuario'))
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = re.split(r"[^a-z0-9]+", folded(apart))
    return tuple(word for word in words if word and word not in _SMALL)


def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(name) if word not in _BEFORE)


def is_before(name: str) -> bool:
    """Whether a column says of itself that it is from before the experiment.

    >>> is_before("revenue_before"), is_before("Revenue")
    (True, False)
    """
    return not _BEFORE.isdisjoint(words_of(name))


def is_outcome(name: str) -> bool:
    """Whether a column says what people did once the experiment had begun.

    >>> is_outcome("Opened"), is_outcome("country")
    (True, False)
    """
    known = {stem(word) for word in _OUTCOMES}
    return not is_before(name) and not known.isdisjoint(_stems(name))


def like(columns: Columns, name: str, *, before: bool = False) -> str:
    """The column that is called as a metric is: letter by letter, else by its words; "" where
    several are alike.

    >>> columns = [{"name": name, "kind": "number"} for name in ("Opens", "Revenue", "revenue_before")]
    >>> like(columns, "Opened"), like(columns, "Revenue"), like(columns, "Revenue", before=True)
    ('Opens', 'Revenue', 'revenue_before')
    """
    wanted = _stems(name)
    fitting = [
        column["name"]
        for column in columns
        if column.get("kind") != "date" and is_before(column["name"]) == before
    ]
    letters = re.sub(r"[^a-z0-9]", "", folded(name))
    same = [each for each in fitting if re.sub(r"[^a-z0-9]", "", folded(each)) == letters]
    near = same or [each for each in fitting if _stems(each) == wanted]
    near = near or [each for each in fitting if _stems(each) and _stems(each) < wanted]
    near = near or [each for each in fitting if wanted and wanted < _stems(each)]
    return str(near[0]) if len(near) == 1 or same else ""


def day_in(columns: Columns) -> str:
    """The one column of dates whose name says so.

    >>> day_in([{"name": "Fecha de envío", "kind": "date"}, {"name": "n", "kind": "number"}])
    'Fecha de envío'
    """
    return _only(c for c in columns if c["kind"] == "date" and _DAYS & set(words_of(c["name"])))


def unit_in(columns: Columns) -> str:
    """The one column whose name says that it names a person.

    >>> unit_in([{"name": "Id de usuario", "kind": "text"}, {"name": "experiment_id", "kind": "text"}])
    'Id de usuario'
    """
    ids = [c for c in columns if {"id", "uuid", "guid", "email"} & set(words_of(c["name"]))]
    return _only(c for c in ids if _UNITS & set(words_of(c["name"])))


def _only(columns: Iterable[dict[str, Any]]) -> str:
    names = [str(column["name"]) for column in columns]
    return names[0] if len(names) == 1 else ""

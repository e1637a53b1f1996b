"""What people write where a test ended: won, lost, no difference; and what was done then."""

from __future__ import annotations

from typing import Final

from backlog.sheets import plain_name

_OUTCOMES: Final[dict[str, tuple[str, ...]]] = {
    "won": ("won", "win", "winner", "winning", "success", "successful", "positive", "variant",
            "variant won", "variant wins", "variant b",  # language: what people write in a sheet
            "treatment", "treatment won", "b", "b won", "yes", "up", "better", "gewonnen variante",
            "significant positive", "gewonnen", "gewinner", "erfolg", "erfolgreich", "positiv", "besser",
            "sieg", "gano", "ganador", "ganadora", "ganado", "exito", "positivo", "mejor", "si",
            "gagne", "gagnant", "reussi", "positif", "vinto", "vincente", "ganhou", "vencedor",
            "w"),
    "lost": ("lost", "lose", "loser", "losing", "loss", "failed", "fail", "failure", "negative", "worse",
             "down", "significant negative", "verloren", "verlierer", "negativ", "schlechter",
             "niederlage", "perdio", "perdedor", "perdedora", "perdido", "negativo", "peor", "fracaso",
             "perdu", "perdant", "negatif", "perso", "perdeu", "l"),
    "flat": ("flat", "no difference", "no clear difference", "inconclusive", "neutral", "draw", "tie",
             "none", "no effect", "no change", "not significant", "ns", "n s", "no winner", "unclear",
             "insignificant", "no significant difference", "equal", "kein unterschied", "unentschieden",
             "nicht signifikant", "unklar", "kein effekt", "sin diferencia", "sin diferencias",
             "no concluyente", "empate", "neutro", "sin efecto", "igual", "no significativo",
             "pas de difference", "nul", "non concluant", "pareggio", "inconclusivo"),
    "stopped": ("stopped", "aborted", "abandoned", "cancelled", "canceled", "invalid", "broken",
                "abgebrochen", "gestoppt", "ungultig", "detenido", "cancelado", "parado", "invalido",
                "arrete", "annule"),
}  # fmt: skip
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "ship": ("ship", "shipped", "ship it", "roll out", "rolled out", "rollout", "launch", "launched",
             "implement", "implemented", "keep", "kept", "adopt", "adopted", "release", "released",
             "ausgerollt", "ausrollen", "umgesetzt", "ubernommen", "live", "lanzado", "lanzar",
             "implementado", "implementar", "adoptado", "desplegado"),
    "roll-back": ("roll back", "rolled back", "rollback", "revert", "reverted", "removed", "dropped",
                  "zuruckgerollt", "zuruckgenommen", "verworfen", "revertido", "revertir", "retirado",
                  "descartado"),
    "iterate": ("iterate", "iterated", "iterating", "improve", "change and repeat", "iterieren",
                "weiterentwickeln", "iterar", "mejorar"),
    "stop": ("stop", "stopped", "end", "ended", "discard", "discarded", "nothing", "none", "do not ship",
             "don t ship", "not shipped", "no action", "beendet", "gestoppt", "nicht umgesetzt", "parar",
             "detener", "nada"),
    "re-run": ("re run", "rerun", "repeat", "test again", "retest", "run again", "wiederholen",
               "wiederholung", "erneut testen", "repetir", "repetido"),
}  # fmt: skip
_OUTCOME_OF: Final = {word: code for code, words in _OUTCOMES.items() for word in words}
_CHOICE_OF: Final = {word: code for code, words in _CHOICES.items() for word in words}
_SIGNS: Final = {
    "✓": "won",
    "✔": "won",
    "✅": "won",
    "🏆": "won",
    "✗": "lost",
    "✘": "lost",
    "❌": "lost",
}
_FEWER: Final = (
    "unsub", "churn", "bounce", "complain", "cost", "refund", "spam", "cancel", "error", "abandon",
    "time to", "opt out", "optout", "abmeld", "kundig", "beschwer", "kosten", "storn", "absprung",
    "baja", "abandono", "rebote", "queja", "coste", "costo", "reembolso", "desabon", "desinscrip",
)  # fmt: skip


def outcome_in(text: str) -> str:
    """Won, lost, flat or stopped as a code; "" where the words say neither.

    >>> [outcome_in(text) for text in ("Ganó 🎉", "no difference", "✅", "Control", "")]
    ['won', 'flat', 'won', '', '']
    """
    return _SIGNS.get(text.strip()[:1], "") or _OUTCOME_OF.get(plain_name(text[:80]), "")


def choice_in(text: str) -> str:
    """What was done, as a code of a decision; "" where the words say something else.

    >>> choice_in("Rolled out"), choice_in("Wiederholen"), choice_in("ask legal")
    ('ship', 're-run', '')
    """
    return _CHOICE_OF.get(plain_name(text[:80]), "")


def may_want_fewer(metric: str) -> bool:
    """Whether the name of a metric sounds as if less of it were better.

    >>> may_want_fewer("Unsubscribed"), may_want_fewer("Opened")
    (True, False)
    """
    plain = plain_name(metric)
    return any(word in plain for word in _FEWER)

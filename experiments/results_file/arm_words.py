"""Which arm a label of a file means: by the plan’s own names and by known words, never by order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from backlog.tables.folding import folded


def words_of(text: str) -> frozenset[str]:
    """The words of a text that blanks separate."""
    return frozenset(text.split())


# Words for the control in ten languages and the jargon of the trade, folded. The first kind tells
# the control within a longer label too, the second only where the label says nothing else.
CONTROL_WORDS: Final = words_of(
    "control controls ctrl ctl cntrl kontrolle kontrollgruppe kontroll kontrol "
    "kontrolgruppe kontrolna kontrolny kontrolli kontrolliryhma verrokki verrokkiryhma "
    "vertailuryhma controle controlo controllo controlegroep kontrollgrupp "
    "kontrollgruppen kontrollgruppa temoin vergleichsgruppe holdout holdback heldout "
    "holdoutgroup baseline placebo untreated unexposed unmailed"
)
CONTROL_ALONE: Final = words_of(
    "original originale originalversion default reference referenz referencia referenza "
    "referentie referens vergleich vertailu notmailed off disabled aus apagado "
    "desactivado desligado spento uit av fra wylaczony pois false falsch faux falso "
    "onwaar falskt falsk falsz epatosi 0 none nothing without champion incumbent "
    "statusquo asis bau no nein non nao nee nej nei nie ei unchanged nochange ohne sin "
    "sans senza sem zonder utan uten uden bez ilman keine kein"
)
# Words for what is tried. They tell a label only beside a control, in a plan of two arms.
TREATMENT_WORDS: Final = words_of(
    "test tests testowa testowy testgroup testgruppe testgrupp testgroep testryhma treatment treat treated "  # language: what others call an arm
    "trt variant variante variation variacion variacao variazione variatie wariant "
    "variantti experiment experimental exp exposed behandlung behandling behandelt "
    "tratamiento tratamento traitement trattamento behandeling hoito koe koeryhma versuch "
    "versuchsgruppe essai prueba teste mailed contacted challenger"
)
TREATMENT_ALONE: Final = words_of(
    "new neu neue nuevo nueva nouveau nouvelle nuovo nuova novo nova nieuw nieuwe ny nytt "
    "nowy nowa uusi on enabled an ein encendido ligado acceso aan wlaczony true wahr vrai "
    "verdadero verdadeiro vero waar sant sand prawda tosi 1 yes ja oui si sim tak kylla "
    "sent"
)
# Words that say nothing of which arm it is.
FILLERS: Final = words_of(
    "group grp gruppe grupo groupe gruppo groep grupp gruppen grupa ryhma arm cell bucket "
    "version the de da di del der die das of du den"
)
_NEGATIONS: Final = words_of(
    "no not non ohne sin sans senza sem zonder utan uten uden bez ilman without kein keine"
)
_AFFIRMATIONS: Final = words_of("with mit avec con com met med z ze kanssa")


def guess_labels(
    labels: Sequence[str],
    arms: Sequence[str],
    control: str,
    read_name: Callable[[str], str] = lambda label: "",
) -> dict[str, str]:
    """For each label the arm that it certainly means, "" where somebody has to choose.

    Args:
        labels: as the file writes them, in any order: the order never matters.
        arms: the names of the plan's arms; `control` is one of them.
        read_name: the arm of a label that follows the naming convention, else "".

    >>> guess_labels(["Test group", "Control group"], ["Control", "Variant"], "Control")
    {'Test group': 'Variant', 'Control group': 'Control'}
    >>> guess_labels(["Grupo B", "Grupo de control"], ["Control", "Variant"], "Control")
    {'Grupo B': '', 'Grupo de control': 'Control'}
    >>> guess_labels(["North", "South"], ["Control", "Variant"], "Control")
    {'North': '', 'South': ''}
    """
    meant = {label: read_name(label) or _by_name(label, labels, arms) for label in labels}
    open_labels = [label for label in labels if not meant[label]]
    if control not in meant.values():
        known = [label for label in open_labels if _is_control(label, labels)]
        exact = [label for label in known if _bare(label) in CONTROL_WORDS | CONTROL_ALONE]
        if len(known) == 1 or len(exact) == 1:
            meant[(exact if len(exact) == 1 else known)[0]] = control
    open_labels = [label for label in labels if not meant[label]]
    others = [arm for arm in arms if arm != control]
    is_pair = len(others) == 1 and len(labels) == 2 and len(open_labels) == 1
    if is_pair and control in meant.values() and _is_treatment(open_labels[0], labels):
        meant[open_labels[0]] = others[0]
    return meant


def words_in(label: str) -> list[str]:
    """The words of a label, folded: without case, accents, signs.

    >>> words_in("Grupo de Control_V1"), words_in("noTreatment")
    (['grupo', 'de', 'control', 'v1'], ['no', 'treatment'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    return re.findall(r"[^\W_]+", folded(apart))


def _by_name(label: str, labels: Sequence[str], arms: Sequence[str]) -> str:
    """The one arm whose name this is, first in full, then without what decorates it."""
    for fold in (_whole, _bare):
        same = [arm for arm in arms if fold(arm) and fold(arm) == fold(label)]
        if len(same) == 1:
            twins = [other for other in labels if other != label and fold(other) == fold(label)]
            return same[0] if fold is _whole or not twins else ""
    return ""


def _whole(name: str) -> str:
    return "".join(words_in(name))


def _bare(name: str) -> str:
    """Without brackets, fillers, and a number of the version at the end."""
    words = [word for word in words_in(re.sub(r"\([^()]*\)", " ", name)) if word not in FILLERS]
    if len(words) > 1 and re.fullmatch(r"v\d+", words[-1]):
        words.pop()
    return "".join(words)


def _is_control(label: str, labels: Sequence[str]) -> bool:
    words = words_in(label)
    if "".join(words) == "c":
        return _are_c_and_t(labels)
    if _whole(label) in CONTROL_ALONE or _bare(label) in CONTROL_ALONE:
        return True
    if len(words) > 1 and words[0] in _NEGATIONS and not words[1].isdigit():
        return not CONTROL_WORDS.intersection(words)
    if any(
        _whole(note) in CONTROL_ALONE for note in re.findall(r"\(([^()]*[^\W\d][^()]*)\)", label)
    ):
        return True
    return bool(CONTROL_WORDS.intersection({*words, _whole(label)}))


def _is_treatment(label: str, labels: Sequence[str]) -> bool:
    """Known by a word, or what the other label denies: “ask” beside “no ask”, “with” beside “without”."""
    words = words_in(label)
    if "".join(words) == "t":
        return _are_c_and_t(labels)
    if _bare(label) in TREATMENT_ALONE or TREATMENT_WORDS.intersection(_without_digits(label)):
        return not CONTROL_WORDS.intersection(words)
    affirmed = [word for word in words if word not in _AFFIRMATIONS]
    return any(
        not _NEGATIONS.isdisjoint(denied := words_in(other))
        and [word for word in denied if word not in _NEGATIONS] == affirmed
        for other in labels
        if other != label
    )


def _are_c_and_t(labels: Sequence[str]) -> bool:
    return {_whole(label) for label in labels} == {"c", "t"}


def _without_digits(label: str) -> set[str]:
    return {word.rstrip("0123456789") for word in words_in(label)}

"""Labels of a file become arms by words and by the plan's own names, never by their order."""

import pytest

from experiments.results_file import guess_labels

ARMS = ["As it is", "Ask first"]
PAIRS = [
    ("0", "1"), ("FALSE", "TRUE"), ("false", "true"), ("ctrl", "exp"), ("off", "on"), ("Off", "On"),
    ("original", "variation_1"), ("control_v1", "variant_v2"), ("holdout", "mailed"), ("C", "T"),
    ("Kontrolle", "Test"), ("Kontrollgruppe", "Testgruppe"), ("Groupe témoin", "Groupe test"),
    ("Control group", "Test group"), ("grupo de control", "grupo de prueba"), ("nein", "ja"),
    ("no ask", "ask"), ("Gruppo di controllo", "Gruppo test"), ("Controlegroep", "Testgroep test"),
    ("Kontrollgrupp", "Testgrupp"), ("Verrokkiryhmä", "Koeryhmä"), ("Grupa kontrolna", "Grupa testowa"),
    ("Grupo de controle", "Grupo de teste"), ("baseline", "treatment"), ("control", "Variant 1"),
    ("untreated", "treated"), ("placebo", "Treatment"), ("hold-out", "exposed"), ("none", "new"),
    ("Variante A (Original)", "Variante B"), ("Without banner", "With banner"), ("ohne Bild", "mit Bild"),
    ("utan bild", "med bild"), ("zonder foto", "met foto"), ("Controlegroep", "Testgroep"),
]  # fmt: skip
HALVES = [("Grupo de control", "Grupo B"), ("Z_control_no_ask", "A_ask"), ("sin descuento", "20 %"),
          ("Control", "Total"), ("holdout", "Email 7")]  # fmt: skip
UNKNOWN = [("North", "South"), ("A", "B"), ("1", "2"), ("gate_30", "gate_40"), ("old", "new"),
           ("control 1", "control 2"), ("Off-peak", "Peak"), ("No 1", "No 2"), ("A (1)", "B (0)")]  # fmt: skip


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(("control", "other"), PAIRS)
def test_a_pair_of_known_words_is_understood_in_either_order(control, other, is_turned):
    labels = [other, control] if is_turned else [control, other]
    assert guess_labels(labels, ARMS, "As it is") == {control: "As it is", other: "Ask first"}


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(("control", "other"), HALVES)
def test_beside_a_known_control_an_unknown_label_stays_empty(control, other, is_turned):
    labels = [other, control] if is_turned else [control, other]
    assert guess_labels(labels, ARMS, "As it is") == {control: "As it is", other: ""}


@pytest.mark.parametrize(("one", "other"), UNKNOWN)
def test_unknown_labels_stay_empty(one, other):
    assert guess_labels([one, other], ARMS, "As it is") == {one: "", other: ""}


def test_the_plans_own_names_come_first_whatever_they_mean_elsewhere():
    arms = ["On", "Off"]
    assert guess_labels(["off", "ON"], arms, "On") == {"off": "Off", "ON": "On"}
    assert guess_labels(["control"], arms, "On") == {"control": "On"}
    assert guess_labels(["ask FIRST (new)", "As-it-is"], ARMS, "As it is") == {
        "ask FIRST (new)": "Ask first", "As-it-is": "As it is"}  # fmt: skip


def test_of_three_arms_only_the_control_is_told_by_a_word():
    arms = ["As it is", "Ask first", "Ask last"]
    assert guess_labels(["2", "0", "1"], arms, "As it is") == {"2": "", "0": "As it is", "1": ""}
    assert guess_labels(["test", "control"], arms, "As it is") == {
        "test": "", "control": "As it is"}  # fmt: skip


def test_names_of_the_convention_are_read_back():
    names = {"EXP-088_x_A": "As it is", "EXP-088_x_B": "Ask first"}
    guessed = guess_labels(list(names)[::-1], ARMS, "As it is", lambda label: names.get(label, ""))
    assert guessed == names

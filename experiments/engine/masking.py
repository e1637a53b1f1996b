"""A reading without the names of its arms, and one without its outcomes. Pure.

Masked, an arm is a letter that follows from the sealed plan, the control too, and everything is held
against Arm A, whichever that is: who reads it can't know which way the test would be decided.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from experiments.engine.reading import read_evidence
from experiments.plan.document import Plan

SPOKEN = ("ship", "roll-back", "no-difference", "cannot-tell")


def letters_of(plan: Plan) -> dict[str, str]:
    """Each arm's letter, shuffled by the key of the experiment and the arm's name.

    >>> from experiments.plan.document import Arm
    >>> arms = (Arm(name="Old"), Arm(name="New"))
    >>> letters_of(Plan(experiment="EXP-001", arms=arms))
    {'Old': 'Arm A', 'New': 'Arm B'}
    >>> letters_of(Plan(experiment="EXP-003", arms=arms))
    {'New': 'Arm A', 'Old': 'Arm B'}
    """
    key, names = plan.experiment, [arm.name for arm in plan.arms]
    shuffled = sorted(names, key=lambda name: hashlib.sha256(f"{key}|{name}".encode()).digest())
    return {name: f"Arm {_letter(place)}" for place, name in enumerate(shuffled)}


def _letter(place: int) -> str:
    return chr(65 + place) if place < 26 else f"{chr(64 + place // 26)}{chr(65 + place % 26)}"


def masked_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with letters for arms; Arm A stands in the control's place."""
    plan = Plan.from_json(inputs["plan"])
    letters = letters_of(plan)
    arms = [
        {"name": letters[arm.name], "description": "", "weight": arm.weight,
         "is_control": letters[arm.name] == "Arm A"}
        for arm in sorted(plan.arms, key=lambda arm: list(letters).index(arm.name))
    ]  # fmt: skip
    return {
        **inputs,
        "plan": {
            **inputs["plan"],
            "title": "",
            "hypothesis": "",
            "variants": arms,
        },
        "units": {
            letter: inputs["units"][name]
            for name, letter in letters.items()
            if name in inputs["units"]
        },
        "observations": sorted(
            ({**row, "variant": letters[row["variant"]]} for row in inputs["observations"]),
            key=lambda row: (row["metric"], row["variant"]),
        ),
    }  # fmt: skip


def masked_result(inputs: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """The reading of the masked inputs, under the head that the true one has: no arm is named."""
    masked = read_evidence(masked_inputs(inputs), engine=str(result["engine"]))
    verdict = _without_facts(result["verdict"])
    watched = [{**row, "variant": ""} for row in result.get("watched", [])]
    return {**masked, "verdict": verdict, **({"watched": watched} if watched else {})}


def without_outcomes(result: Mapping[str, Any]) -> dict[str, Any]:
    """Health and how far it is; no value, no difference, no total of any metric."""
    names = ("name", "kind", "role", "direction", "unit", "did")
    verdict = result["verdict"]
    if verdict["outcome"] != "fix-data":
        verdict = _without_facts(verdict)
    return {
        **result,
        "metrics": [
            {**{name: metric.get(name) for name in names}, "arms": [], "comparisons": []}
            for metric in result["metrics"]
        ],
        "verdict": verdict,
    }


def _without_facts(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Its outcome and how many units there are; engines 1 to 3 called the facts reasons."""
    kept = {**verdict, "variant": None}
    return kept | {name: [] for name in ("facts", "reasons") if name in verdict}

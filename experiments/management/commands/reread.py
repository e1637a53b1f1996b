"""Computes a downloaded reading again from its own inputs: no server and no database needed."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.engine.reading import ENGINES, read_evidence
from experiments.engine.results import verdict_of
from experiments.plan.canonical import canonical_json, fingerprint_of

# Said of the true reading, where the arms of a download are masked.
NOT_OF_LETTERS = ("verdict", "watched")
DIGITS = 13


class Command(BaseCommand):
    help = "Compute a downloaded analysis again from its inputs and say whether the same bytes come out."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="EXP-…-analysis-….json, from the results page")

    def handle(self, *args: Any, **options: Any) -> None:
        reading = self._downloaded(options["file"])
        engine = str(reading["engine_version"])
        if engine not in ENGINES:
            raise CommandError(
                f"It was made by engine {engine}; this one knows {', '.join(ENGINES)}."
            )
        if reading.get("inputs") is None:
            raise CommandError("It was downloaded behind the veil, so it holds no inputs.")
        known = reading.get("inputs_fingerprint")
        if known and fingerprint_of(reading["inputs"]) != known:
            raise CommandError("The inputs do not match their fingerprint: the file was changed.")
        kept, made = reading["result"], read_evidence(reading["inputs"], engine=engine)
        left_out = NOT_OF_LETTERS if reading.get("is_masked") else ()
        names = sorted((kept.keys() | made.keys()) - set(left_out))
        other = [name for name in names
                 if canonical_json(kept.get(name)) != canonical_json(made.get(name))]  # fmt: skip
        wrong = [name for name in other if not _is_same(kept.get(name), _plain(made.get(name)))]
        if wrong:
            raise CommandError(f"It comes out differently in: {', '.join(wrong)}.")
        how = "byte for byte"
        if other:
            how = f"to {DIGITS} digits; this processor rounds the last ones of {', '.join(other)} otherwise"
        self.stdout.write(
            f"{reading['experiment']}, analysis {reading['analysis']}: the same, {how}."
        )
        verdict = verdict_of(kept)
        self.stdout.write(f"{verdict.head} {verdict.sentence}")

    def _downloaded(self, file: Path) -> dict[str, Any]:
        try:
            reading = json.loads(file.read_text("utf-8"))
            _ = (
                reading["engine_version"],
                reading["result"],
                reading["experiment"],
                reading["analysis"],
            )
        except OSError as error:
            raise CommandError(f"{file} can’t be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{file} is not a downloaded analysis.") from error
        return dict(reading)


def _plain(value: Any) -> Any:
    """As a file of JSON gives it back."""
    return json.loads(canonical_json(value))


def _is_same(kept: Any, made: Any) -> bool:
    """Equal but for the last digits of numbers: logarithms differ in these between processors."""
    if isinstance(kept, float) and isinstance(made, float):
        return math.isclose(kept, made, rel_tol=10.0**-DIGITS)
    if isinstance(kept, dict) and isinstance(made, dict):
        return kept.keys() == made.keys() and all(_is_same(kept[name], made[name]) for name in kept)
    if isinstance(kept, list) and isinstance(made, list):
        return len(kept) == len(made) and all(map(_is_same, kept, made))
    return bool(kept == made)

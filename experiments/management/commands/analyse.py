"""Analyses a results file: no experiment, no server and no database needed."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backlog.tables.questions import plain_question
from experiments.file_analysis.analyse import FileAnalysis, analyse_file, as_json
from experiments.file_analysis.questions import OpenQuestions, answers_of, require_answers
from experiments.file_analysis.report import as_text
from experiments.results_file import FileProblem, unpacked


class Command(BaseCommand):
    help = "Compare the arms of an experiment from a CSV file with one row per unit."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="a CSV, .xlsx or Parquet file; any delimiter and encoding"
        )
        parser.add_argument("--variant", required=True, help="the column with the arm’s label")
        parser.add_argument("--control", required=True, help="the label of the control")
        parser.add_argument(
            "--unit",
            default="",
            help="the column with the unit’s id; without it each row is a unit",
        )
        parser.add_argument(
            "--metric",
            action="append",
            required=True,
            dest="metrics",
            metavar="METRIC",
            help="COLUMN, COLUMN:proportion, COLUMN:mean or ratio:NUM/DEN; repeat it for more",
        )
        parser.add_argument(
            "--covariate",
            action="append",
            default=[],
            dest="covariates",
            metavar="METRIC=COLUMN",
            help="a figure of each unit from before the experiment; makes a mean more precise (CUPED)",
        )
        parser.add_argument(
            "--winsorise",
            type=float,
            metavar="PERCENT",
            help="also show means with values above this percentile cut down to it",
        )
        parser.add_argument(
            "--sequential", action="store_true", help="results that may be read at any time"
        )
        parser.add_argument(
            "--planned-n",
            type=float,
            metavar="N",
            help="with --sequential: the planned units over all arms",
        )
        parser.add_argument(
            "--confidence", type=float, default=95.0, metavar="PERCENT", help="of intervals; 95"
        )
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            dest="answers",
            metavar="KEY=CHOICE",
            help="answers a question about the file; the command lists what it needs to know",
        )
        parser.add_argument(
            "--despite-problems",
            action="store_true",
            help="also analyse a file whose rejected rows or ids make the result doubtful",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        is_sequential, planned_n = options["sequential"], options["planned_n"]
        if is_sequential != (planned_n is not None) or (is_sequential and planned_n <= 0):
            raise CommandError("Use --sequential and --planned-n together, with N above zero.")
        if not 50 <= options["confidence"] < 100:
            raise CommandError("Give the confidence in per cent, from 50 to less than 100.")
        try:
            analysis = self._analysed(file, options)
        except OpenQuestions as open_questions:
            if options["json"]:
                questions = [plain_question(one) for one in open_questions.questions]
                self._print({"questions": questions})
            raise CommandError(str(open_questions)) from open_questions
        except FileProblem as problem:
            raise CommandError(str(problem)) from problem
        except OSError as error:
            raise CommandError(f"{file} can’t be read: {error.strerror}.") from error
        if analysis.problems and not options["despite_problems"]:
            problems = "\n".join(analysis.problems)
            raise CommandError(
                f"{problems}\nUse --despite-problems to see the analysis all the same."
            )
        if options["json"]:
            self._print(as_json(analysis))
        else:
            self.stdout.write(as_text(analysis, name=file.name))

    def _print(self, content: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(content, ensure_ascii=False, indent=2))

    @staticmethod
    def _analysed(file: Path, options: dict[str, Any]) -> FileAnalysis:
        answers = answers_of(options["answers"])
        with unpacked(file, answers=answers) as (table, questions):
            require_answers(questions)
            return analyse_file(
                table,
                variant=options["variant"],
                control=options["control"],
                unit=options["unit"],
                metrics=options["metrics"],
                covariates=options["covariates"],
                winsorise=options["winsorise"],
                planned_n=options["planned_n"],
                confidence=options["confidence"] / 100,
                answers=answers,
            )

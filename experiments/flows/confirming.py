"""What has to be answered, acknowledged or given a reason before an understood file counts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backlog.refusals import Refused
from experiments.engine.days import sample_of
from experiments.engine.exchange import turned_arms
from experiments.flows.analysing import observations_of
from experiments.flows.joining import Joined, Kept, join_days, other_days, units_in
from experiments.models import ExperimentMetric, Intake
from experiments.results_file import CONTROL, guess_labels
from experiments.stats import Sample

NOT_JUDGED = {
    "primary": "the plan’s rule can’t give a verdict",
    "secondary": "it will have no result",
    "guardrail": "the guardrail can’t be judged",
}
DAYS, KEEP, DROP = "days", "keep", "drop"
"""The question whether earlier days stay, and its two answers."""
OWN_QUESTIONS = (DAYS,)
"""Those that are Floe’s, not the reader’s: the file need not be read again for their answer."""


@dataclass(frozen=True)
class Doubt:
    """Something that could be a mistake, and that a person has to see before the file counts.

    `code` names it together with what it is about, so that a tick never counts for another doubt.
    """

    code: str
    title: str
    sentence: str
    tick: str


@dataclass(frozen=True)
class Review:
    """An understood file held against the plan and against the data that counts now.

    `names_arms`: whether a sentence may say which arm it is about and what its metric did. It may
    not where outcomes are veiled or arms are masked.
    """

    intake: Intake
    names_arms: bool = False

    @cached_property
    def before(self) -> Intake | None:
        return self.intake.experiment.intakes.counting().exclude(pk=self.intake.pk).first()

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The observations of the file: totals first, then its parts."""
        understood = self.intake.understood
        totals = [
            {"metric": metric, "variant": arm, **columns}
            for metric, by_arm in understood["samples"].items()
            for arm, columns in by_arm.items()
        ]
        return [*totals, *understood.get("parts", [])]

    @cached_property
    def counted(self) -> set[str]:
        """The metrics that the file has figures of; one whose column can’t be counted is not among them."""
        return {row["metric"] for row in self.rows if row["n"]}

    @cached_property
    def earlier(self) -> list[dict[str, Any]]:
        """The observations that count now."""
        return observations_of([self.before])[self.before.pk] if self.before else []

    @cached_property
    def kept(self) -> Kept:
        """The days that count now and that the file lacks."""
        if self.before is None:
            return Kept([], [], "")
        return other_days(self.before, self.earlier, self.rows, self.intake.accumulation)

    @cached_property
    def together(self) -> Joined | None:
        """Earlier days and those of the file as one; None where none can stay."""
        if self.kept.why_not or not self.kept.days:
            return None
        own = (row for row in self.rows if row.get("day"))
        return join_days([*self.kept.rows, *own], self.intake.accumulation)

    @property
    def joined(self) -> Joined | None:
        """The same where earlier days do stay; None where only the file counts."""
        return self.together if self.answer_of(DAYS) == KEEP else None

    @property
    def will_count(self) -> list[dict[str, Any]]:
        """The observations that will count: totals first."""
        joined = self.joined
        return self.rows if joined is None else [*joined.totals, *joined.by_day]

    @cached_property
    def units(self) -> dict[str, int]:
        """The units of each arm as they will count."""
        own: dict[str, int] = self.intake.understood["units"]
        return own if self.joined is None else units_in(self.joined.totals)

    @cached_property
    def warnings(self) -> list[str]:
        """What to look at before it counts, of the file and of the days that stay beside it."""
        understood = self.intake.understood
        warnings: list[str] = list(understood.get("warnings", []))
        if self.joined is None:
            return warnings
        warnings += self.joined.warnings
        if understood.get("segments") or understood.get("histograms"):
            warnings.append(
                "Segments and the spread of values are those of this file, without the days that stay."
            )
        return warnings

    @cached_property
    def days(self) -> list[str]:
        """The days that will count."""
        own: list[str] = self.intake.understood.get("days", [])
        return own if self.joined is None else sorted({*own, *self.kept.days})

    def answer_of(self, key: str) -> str:
        return str(self.intake.mapping.get("answers", {}).get(key, ""))

    @cached_property
    def questions(self) -> list[dict[str, Any]]:
        """Those of the reader, and whether earlier days stay; answered ones too.

        Which table is read was asked before the columns were mapped, and is not asked again here.
        """
        before = {question["key"] for question in self.intake.sniffed.get("questions", [])}
        own = self.intake.understood.get("questions", [])
        return [*(one for one in own if one["key"] not in before), *self._about_days()]

    def _about_days(self) -> Iterator[dict[str, Any]]:
        kept = self.kept
        if self.together is None:
            return
        alone = sum(self.intake.understood["units"].values())
        answer = self.answer_of(DAYS)
        together = sum(units_in(self.together.totals).values())
        several = len(kept.days) != 1
        yield {
            "key": DAYS, "code": DAYS, "column": "",
            "text": f"{_days(kept.days)} of the data that counts now "
                    f"{'are' if several else 'is'} not in this file. Keep {'them' if several else 'it'}?",
            "why": f"The file lacks {days_listed(kept.days)}.",
            "choices": [
                {"key": KEEP, "label": f"Keep the earlier day{'s' * several}",
                 "effect": f"{together:,} units over all arms together"},
                {"key": DROP, "label": "Let only this file count",
                 "effect": f"{alone:,} units over all arms together"},
            ],
            "answer": answer if answer in (KEEP, DROP) else "",
        }  # fmt: skip

    @property
    def open_questions(self) -> list[dict[str, Any]]:
        return [question for question in self.questions if not question.get("answer")]

    @property
    def problems(self) -> list[str]:
        """Why the file must not be counted as if all were well."""
        problems: list[str] = self.intake.understood.get("problems", [])
        return problems

    @cached_property
    def doubts(self) -> list[Doubt]:
        doubts = [*self._lacking(), *self._misnamed(), *self._unnamed_pair()]
        if self.before:
            doubts += self._lost_days(self.before)
            doubts += self._late_days(self.before)
            doubts += self._relabelled(self.before)
            doubts += self._exchanged(self.before)
        return doubts

    def _lacking(self) -> Iterator[Doubt]:
        counted = {row["metric"] for row in self.earlier if row["n"]}
        measured = {row["metric"] for row in self.will_count if row["n"]}
        for part in self.intake.experiment.measured:
            name = part.metric.name
            if name not in measured:
                is_mapped = name in self.intake.understood["samples"]
                was = " The data that counts now has it." if name in counted else ""
                yield Doubt(
                    code=f"lacks:{name}",
                    title=f"“{name}” can’t be counted from this file"
                    if is_mapped
                    else f"This file has no “{name}”",
                    sentence=f"It is a {_role(part)} of the plan: {NOT_JUDGED[part.role]}.{was}",
                    tick=f"Count the file without “{name}”",
                )

    def _lost_days(self, before: Intake) -> Iterator[Doubt]:
        kept = self.kept
        if kept.days and kept.why_not:
            yield Doubt(
                code=f"days:{before.pk}",
                title=f"{_days(kept.days)} of the data that counts now would be lost",
                sentence=f"They can’t stay beside this file, because {kept.why_not}: "
                f"{days_listed(kept.days)}.",
                tick="Let only this file count",
            )

    def _late_days(self, before: Intake) -> Iterator[Doubt]:
        """Running totals that stop where an arm or a metric does: the figures of later days wait."""
        if self.joined and self.joined.late:
            yield Doubt(
                code=f"late:{before.pk}:{self.joined.late[0]}",
                title=f"{_days(self.joined.late)} would not count yet",
                sentence=f"An arm or a metric is missing on {days_listed(self.joined.late)}, so the "
                "running totals of the day before count.",
                tick="Count the day before",
            )

    def _misnamed(self) -> Iterator[Doubt]:
        """Labels whose words name another arm than the one that they were given: a swap that the
        mapping of the last file would repeat."""
        experiment = self.intake.experiment
        labels: dict[str, str] = self.intake.mapping.get("labels", {})
        named = sorted(label for label in labels if label not in ("", CONTROL))
        arms = [arm.name for arm in experiment.arms]
        if experiment.control is None:
            return
        meant = guess_labels(named, arms, experiment.control.name)
        for label in named:
            if meant[label] and meant[label] != labels[label]:
                yield Doubt(
                    code=f"misnamed:{label}:{labels[label]}",
                    title=f"“{label}” counts as “{labels[label]}”",
                    sentence=f"Its words say “{meant[label]}”.",
                    tick=f"“{label}” is “{labels[label]}” despite its name",
                )

    def _unnamed_pair(self) -> Iterator[Doubt]:
        """Arms side by side whose columns end in bare letters: nothing says which is the control."""
        columns, control = self.intake.mapping["columns"], self.intake.experiment.control
        name = columns.get("count", "")
        is_pair = columns.get("shape") == "pairs" and control is not None
        if is_pair and control and name[-1:].lower() in ("a", "b", "1", "2"):
            yield Doubt(
                code=f"pair:{name}",
                title=f"“{name}” counts as “{control.name}”",
                sentence=f"Its name does not say which arm it is, and “{columns['other_count']}” is "
                "read as the other one.",
                tick=f"“{name}” is “{control.name}”",
            )

    def _relabelled(self, before: Intake) -> Iterator[Doubt]:
        was: dict[str, str] = before.mapping.get("labels", {})
        for label, arm in sorted(self.intake.mapping.get("labels", {}).items()):
            if label in was and was[label] != arm:
                yield Doubt(
                    code=f"relabelled:{label}:{arm}",
                    title=f"“{label}” means a different arm than in the last file",
                    sentence=f"It was “{was[label]}” there and is “{arm}” here.",
                    tick=f"“{label}” is “{arm}” now",
                )

    def _exchanged(self, before: Intake) -> Iterator[Doubt]:
        primary, control = self.intake.experiment.primary, self.intake.experiment.control
        if primary is None or control is None:
            return
        name = primary.metric.name
        was, now = _totals(self.earlier, name), _totals(self.rows, name)
        turned = turned_arms(was, now, control.name)
        if not turned:
            return
        arms = " and ".join(f"“{arm}”" for arm in turned)
        what = (
            f"“{name}” in {arms} was on the other side of the control in the last upload."
            if self.names_arms
            else "Floe compared the two uploads and shows no outcome here."
        )
        yield Doubt(
            code=f"exchanged:{before.pk}",
            title="The arms look swapped compared with the last upload",
            sentence=f"{what} Check which label means which arm, and whether the export changed.",
            tick="The arms are right as they are here",
        )

    def require_confirmable(self, *, acknowledged: Collection[str], reason: str) -> None:
        """Raises Refused while a question is open, a doubt is not acknowledged, or a problem has no
        reason beside it."""
        if waiting := self.open_questions:
            raise Refused(f"{count_open(len(waiting))}: {waiting[0]['text']} Answer first.")
        left = [doubt for doubt in self.doubts if doubt.code not in acknowledged]
        if left:
            raise Refused(f"{left[0].title}. Confirm that this is right, or send a corrected file.")
        if self.problems and not reason.strip():
            raise Refused(
                f"{self.problems[0]} Send a corrected file, or say why it counts all the same."
            )


def arms_by_label(intake: Intake) -> dict[str, str]:
    """Arm of each label in the file, or of the column that stands for it where arms are side by side."""
    columns = intake.mapping.get("columns", {})
    sides = {CONTROL: columns.get("count", ""), "": columns.get("other_count", "")}
    labels: dict[str, str] = intake.mapping.get("labels", {})
    return {sides.get(label, label): arm for label, arm in labels.items()}


def _role(part: ExperimentMetric) -> str:
    role = part.get_role_display().lower()
    return role if part.role == "guardrail" else f"{role} metric"


def _totals(rows: list[dict[str, Any]], metric: str) -> dict[str, Sample]:
    """The sample of each arm, over all days and strata, not capped."""
    return {
        row["variant"]: sample_of(row)
        for row in rows
        if row["metric"] == metric
        and row["n"]
        and not (row.get("day") or row.get("stratum") or row.get("is_capped"))
    }


def _days(days: list[str]) -> str:
    return f"{len(days)} day{'s' * (len(days) != 1)}"


def count_open(number: int) -> str:
    return "1 question is open" if number == 1 else f"{number} questions are open"


def days_listed(days: list[str], most: int = 5) -> str:
    """Days one by one, the rest as a number.

    >>> days_listed([f"2026-11-{day:02}" for day in range(2, 27)])
    '2026-11-02, 2026-11-03, 2026-11-04, 2026-11-05, 2026-11-06 and 20 more'
    """
    rest = f" and {len(days) - most} more" if len(days) > most else ""
    return ", ".join(days[:most]) + rest

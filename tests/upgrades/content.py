"""What the kept database holds beside the sample: every verdict, engine and way of reading."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.utils import timezone

from backlog.models import Membership, Objective, Pod, Quarter, User
from experiments.engine.reading import ENGINE_VERSION, read_evidence
from experiments.flows import deciding, holding_out, learnings, moves, writing_up
from experiments.flows.amending import amend
from experiments.flows.analysing import analyse_now
from experiments.flows.sealing import add_seal
from experiments.flows.totals import receive_totals
from experiments.flows.veil import unveil
from experiments.models import Analysis, Experiment, Intake, Seal
from experiments.plan.canonical import fingerprint_of
from experiments.stats.samples import Mean, Ratio
from tests.factories import ARMS, analysed, launched, make_experiment, totals

OLD_PLAN = (
    "experiment", "title", "hypothesis", "objective", "variants", "metrics", "audience", "excluded",
    "units_per_week", "starts_on", "ends_on", "planned_units_per_arm", "statistics",
    "decision_rule",
)  # fmt: skip
OLD_METRIC = (
    "name", "kind", "direction", "unit", "did", "role", "baseline", "baseline_sd",
    "smallest_effect", "margin",
)  # fmt: skip
OLD_ARM = ("name", "description", "weight", "is_control")
OLD_STATISTICS = ("method", "confidence", "power", "alternative", "primary", "secondary")
OLD_ROW = (
    "metric", "variant", "n", "successes", "mean", "variance", "denominator",
    "denominator_variance", "covariance",
)  # fmt: skip

THREE = (*ARMS, {"name": "A picture", "weight": 1})
MEANS = (
    {"role": "primary", "name": "Minutes read", "kind": "mean", "direction": "increase",
     "unit": "readers", "baseline": 10.0, "baseline_sd": 5.0, "smallest_effect": 0.05},
    {"role": "secondary", "name": "Orders per visit", "kind": "ratio", "direction": "increase",
     "unit": "readers"},
    {"role": "guardrail", "name": "Complaints", "kind": "proportion", "direction": "decrease",
     "baseline": 0.01, "margin": 0.005},
)  # fmt: skip
SEGMENTS = [
    {"column": "Country", "value": value, "samples": {"Reactivated": {
        "As it is": {"n": 5_000, "successes": 500},
        "Series named": {"n": 5_000, "successes": hits}}}}
    for value, hits in (("Austria", 610), ("Peru", 505))
]  # fmt: skip
HISTOGRAMS = {
    "Reactivated": {
        arm: {"edges": [0.0, 1.0, 2.0, 9.0], "counts": counts}
        for arm, counts in (("As it is", [5, 3, 2]), ("Series named", [4, 4, 2]))
    }
}


class Archive:
    """A pod of its own with the cast of the tests, and its experiments by title."""

    def __init__(self) -> None:
        today = timezone.localdate()
        self.pod = Pod.objects.create(
            name="Archive", prefix="ARC", outcome="Old tests stay readable"
        )
        quarter = Quarter.objects.filter(starts_on__lte=today).order_by("-starts_on").first()
        self.quarter = quarter
        self.objective = Objective.objects.create(quarter=quarter, pod=self.pod, title="Keep")
        self.alice, self.bob, self.carol, self.vera = (
            self._person(name, role) for name, role in
            (("Alice", "lead"), ("Bob", "member"), ("Carol", "member"), ("Vera", "viewer"))
        )  # fmt: skip

    def _person(self, name: str, role: str) -> User:
        user = User.objects.create(email=f"{name.lower()}@example.com", name=name)
        Membership.objects.create(pod=self.pod, user=user, role=role)
        return user

    def running(self, title: str, *, is_over: bool = True, is_old: bool = False,
                has_margins: bool = True, **plan: Any) -> Experiment:  # fmt: skip
        today, week = timezone.localdate(), dt.timedelta(weeks=1)
        ends_on = today - dt.timedelta(days=2) if is_over else today + 2 * week
        made = make_experiment(
            self.alice, self.pod, objective=self.objective, analyst=self.bob, title=title,
            idea_title=f"Try: {title}", starts_on=ends_on - 4 * week, ends_on=ends_on, **plan,
        )  # fmt: skip
        made = launched(made, self.alice)
        if not has_margins:  # as the first plans could be sealed
            made.metrics.update(margin=None)
        return _seal_as_before(made) if is_old else made

    def read(
        self, experiment: Experiment, rows: Any = None, *, engine: str = ENGINE_VERSION
    ) -> Analysis:
        """A reading as this engine made it."""
        made = analysed(experiment, self.carol, rows)
        if engine == ENGINE_VERSION:
            return made
        inputs = _inputs_as_before(made.inputs) if engine == "1" else made.inputs
        result = read_evidence(inputs, engine=engine)
        verdict = {name: result["verdict"][name] for name in ("outcome", "head", "sentence")}
        Analysis.objects.filter(pk=made.pk).update(
            engine_version=engine, inputs=inputs, inputs_fingerprint=fingerprint_of(inputs),
            result=result, **verdict,
        )  # fmt: skip
        return Analysis.objects.get(pk=made.pk)


def _seal_as_before(experiment: Experiment) -> Experiment:
    """The plan as the first sealed ones stood: fewer parts, units for one arm."""
    plan = {name: experiment.sealed_plan[name] for name in OLD_PLAN}
    margins = dict(experiment.metrics.values_list("metric__name", "margin"))
    plan["metrics"] = [
        {name: row[name] for name in OLD_METRIC} | {"margin": margins[row["name"]]}
        for row in plan["metrics"]
    ]
    plan["variants"] = [{name: row[name] for name in OLD_ARM} for row in plan["variants"]]
    plan["statistics"] = {name: plan["statistics"][name] for name in OLD_STATISTICS}
    fingerprint = fingerprint_of(plan)
    Experiment.objects.filter(pk=experiment.pk).update(sealed_plan=plan, fingerprint=fingerprint)
    Seal.objects.get(experiment=experiment).delete()
    old = Experiment.objects.get(pk=experiment.pk)
    add_seal(old, by=old.sealed_by, fingerprint=fingerprint, at=old.sealed_at)
    return old


def _inputs_as_before(inputs: dict[str, Any]) -> dict[str, Any]:
    """Rows with a place for everything, and no word on how days add up."""
    rows = [{name: row.get(name) for name in OLD_ROW} for row in inputs["observations"]]
    kept = {name: value for name, value in inputs.items() if name not in ("accumulation", "looks")}
    return {**kept, "observations": rows}


def rows_of(**by_arm: tuple[int, int, int]) -> list[dict[str, Any]]:
    """`totals` with counts given: units, reactivated, unsubscribed of the arms in their order."""
    names = dict(zip("abc", ("As it is", "Series named", "A picture"), strict=True))
    return [
        {"variant": names[arm], "metric": metric, "n": n, "successes": hits}
        for arm, (n, back, left) in by_arm.items()
        for metric, hits in (("Reactivated", back), ("Opened", n // 3), ("Unsubscribed", left))
    ]


def fill(folder: Path) -> None:
    """Every verdict by the first and the third engine (the second differs from both in little), then
    every way of reading, then one holdout."""
    archive = Archive()
    for engine in ("1", "3"):
        _every_verdict(archive, engine)
    _ways_of_reading(archive)
    _many_arms_and_kinds(archive)
    _through_to_the_end(archive)
    _hold_out(archive, folder)


VERDICTS = {
    "ship": rows_of(a=(15_000, 1_500, 150), b=(15_000, 1_800, 150)),
    "roll-back": rows_of(a=(15_000, 1_800, 150), b=(15_000, 1_500, 150)),
    "no-difference": rows_of(a=(60_000, 6_000, 600), b=(60_000, 6_010, 600)),
    "cannot-tell": rows_of(a=(6_000, 600, 60), b=(6_000, 640, 75)),
    "fix-data": rows_of(a=(15_000, 1_500, 150), b=(12_000, 1_300, 150)),
    "no-data": rows_of(a=(0, 0, 0), b=(0, 0, 0)),
    "guardrail worse": rows_of(a=(15_000, 1_500, 150), b=(15_000, 1_800, 450)),
    "guardrail in doubt": rows_of(a=(15_000, 1_500, 150), b=(15_000, 1_800, 205)),
    "nobody converted": rows_of(a=(15_000, 0, 0), b=(15_000, 0, 0)),
    "exact": rows_of(a=(300, 2, 0), b=(300, 9, 1)),
}


def _every_verdict(archive: Archive, engine: str) -> None:
    is_old = engine == "1"
    for title, rows in VERDICTS.items():
        made = archive.running(f"Engine {engine}: {title}", is_old=is_old)
        archive.read(made, rows, engine=engine)
    bare = archive.running(f"Engine {engine}: no margin", is_old=True, has_margins=False)
    archive.read(bare, VERDICTS["ship"], engine=engine)
    made = archive.running(f"Engine {engine}: keep running", is_over=False, is_old=is_old)
    archive.read(made, totals(n=2_000), engine=engine)


def _ways_of_reading(archive: Archive) -> None:
    for title, rows in (("better", totals(n=6_000, treatment=0.14)), ("open", totals(n=2_000))):
        made = archive.running(f"Any time, {title}", is_over=False, reading="any-time")
        archive.read(made, rows)
    looked = archive.running("Looks, one had and one between", is_over=False,
                             reading="planned-looks", looks=2)  # fmt: skip
    archive.read(looked, totals(n=7_500, treatment=0.105), engine="2")
    archive.read(looked, totals(n=9_000, treatment=0.106))
    opened = archive.running("Opened early", is_over=False)
    archive.read(opened, totals(n=5_000), engine="2")
    unveil(opened, by=archive.alice, reason="The offer is pulled")
    amended = archive.running("Amended", is_over=False)
    amend(amended, by=archive.alice, reason="Fewer came", ends_on=amended.ends_on + dt.timedelta(7))
    archive.read(amended, totals(n=15_000), engine="3")


def _many_arms_and_kinds(archive: Archive) -> None:
    three = archive.running("Three arms", arms=THREE)
    rows = rows_of(a=(15_000, 1_500, 150), b=(15_000, 1_850, 150), c=(15_000, 1_520, 460))
    archive.read(three, rows, engine="2")
    daily = archive.running("By day", is_over=False, reading="any-time")
    _by_day(daily, archive)
    means = archive.running("Means and ratios", metrics=MEANS)
    archive.read(means, _means())
    closer = archive.running("Looked at closer")
    made = archive.read(closer, totals())
    intake = Intake.objects.get(pk=made.intake_id)
    intake.understood |= {"segments": SEGMENTS, "histograms": HISTOGRAMS}
    intake.save()


def _by_day(experiment: Experiment, archive: Archive) -> None:
    first = experiment.starts_on
    rows = [
        {**row, "day": (first + dt.timedelta(days=day)).isoformat()}
        for day in range(4)
        for row in totals(n=1_500, treatment=0.11 + day / 200)
    ]
    taken = receive_totals(experiment, by=archive.carol, observations=rows, accumulation="daily")
    analyse_now(taken.pk)


def _means() -> list[dict[str, Any]]:
    rows = []
    for arm, minutes, orders in (("As it is", 10.0, 1.0), ("Series named", 10.6, 0.98)):
        mean, ratio = Mean(4_000, minutes, 25.0), Ratio(4_000, orders, 2.0, 1.5, 0.8, 0.3)
        rows += [
            {"variant": arm, "metric": "Minutes read", "n": mean.n, "mean": mean.mean,
             "variance": mean.variance},
            {"variant": arm, "metric": "Orders per visit", "n": ratio.n, "mean": ratio.numerator,
             "variance": ratio.numerator_variance, "denominator": ratio.denominator,
             "denominator_variance": ratio.denominator_variance, "covariance": ratio.covariance},
            {"variant": arm, "metric": "Complaints", "n": 4_000, "successes": 40},
        ]  # fmt: skip
    return rows


def _through_to_the_end(archive: Archive) -> None:
    """Decided by the rule of old and written up; a departure that waits; one sent."""
    for engine, outcome in (("1", "ship"), ("2", "roll-back")):
        made = archive.running(f"Decided on engine {engine}", is_old=engine == "1")
        archive.read(made, VERDICTS[outcome], engine=engine)
        deciding.decide(made, by=archive.carol, choice=outcome)
        written = writing_up.start_post_mortem(made, by=archive.carol)
        learnings.add_learning(
            written, by=archive.carol, claim="Naming the series moves readers",
            scope="Lapsed readers", expires_on=timezone.localdate() + dt.timedelta(days=200),
        )  # fmt: skip
    waits = archive.running("A departure that waits")
    archive.read(waits, VERDICTS["cannot-tell"], engine="2")
    deciding.decide(waits, by=archive.carol, choice="ship", reason="It costs nothing")
    cancelled = archive.running("Cancelled", is_over=False)
    moves.move_experiment(cancelled, "cancel", by=archive.alice, reason="The offer ended")


def _hold_out(archive: Archive, folder: Path) -> None:
    owner = User.objects.filter(role="owner").first()
    holdout = holding_out.open_holdout(by=owner, quarter=archive.quarter, share=10)
    file = folder / "everybody.csv"
    lines = [f"u{n},{int(n % 7 == 0)}" for n in range(3_000)]
    file.write_text("\n".join(["unit,back", *lines]))
    metric = Experiment.objects.get(title="Looked at closer").primary.metric
    holding_out.read_holdout(
        holdout, str(file), by=owner, metric=metric, unit="unit", outcome="back"
    )

from collections import defaultdict

from django.db import migrations

from experiments.learning.evidence import Backing, Trial, TrialOutcome
from experiments.learning.grading import LEVELS, grade
from experiments.learning.scopes import Scope

ROWS = (
    "experiment_id", "outcome", "backing", "metric", "is_increase_good", "matters", "lift", "low",
    "high", "confidence", "experiment__idea__lever", "experiment__idea__channel",
    "experiment__channel", "experiment__segment__name", "experiment__decision__decided_at",
    "experiment__post_mortem__state",
)  # fmt: skip


def _scope(row):
    channel = row["experiment__channel"] or row["experiment__idea__channel"]
    return Scope(row["experiment__idea__lever"], channel, row["experiment__segment__name"] or "",
                 row["metric"])  # fmt: skip


def _trial(row):
    return Trial(
        str(row["experiment_id"]), TrialOutcome(row["outcome"]),
        row["experiment__decision__decided_at"].date(), row["lift"], row["low"], row["high"],
        confidence=row["confidence"], backing=Backing(row["backing"]),
        is_increase_good=row["is_increase_good"],
    )  # fmt: skip


def grade_them(apps, schema_editor):
    """Learnings get the scope of their experiment, and the grade that the rule gives.

    One without any lift behind it keeps the grade that somebody typed.
    """
    rows = {row["experiment_id"]: row
            for row in apps.get_model("experiments", "EvidenceRow").objects.values(*ROWS)}  # fmt: skip
    alike = defaultdict(list)
    for row in rows.values():
        if row["experiment__post_mortem__state"] == "published":
            alike[_scope(row).folded, row["is_increase_good"]].append(row)
    for learning in apps.get_model("experiments", "Learning").objects.select_related("post_mortem"):
        learning.is_expiry_typed = True
        own = rows.get(learning.post_mortem.experiment_id)
        if own is not None:
            scope = _scope(own)
            for name, part in vars(scope).items():
                setattr(learning, name, part)
            behind = {own["experiment_id"]: own}
            if scope.lever:
                more = alike[scope.folded, own["is_increase_good"]]
                behind |= {row["experiment_id"]: row for row in more}
            trials = [_trial(row) for row in behind.values()]
            if any(trial.log_effect for trial in trials):
                code = grade(trials, matters=abs(own["matters"] or 0) or None).code
                learning.graded_by, learning.grade = code.value, LEVELS[code]
        learning.save()


class Migration(migrations.Migration):
    dependencies = [("experiments", "0033_what_is_learned")]
    operations = [migrations.RunPython(grade_them, migrations.RunPython.noop)]

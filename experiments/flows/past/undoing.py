"""Take the experiments of an import out again, except those on which somebody has built."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.undoing import NAMED, delete_ideas, is_referred_to
from backlog.flows.transitions import move_rows
from backlog.models import Event, Idea, Import, RoundIdea
from experiments.flows.grading_learnings import grade_levers
from experiments.models import (
    Booking,
    Decision,
    EvidenceRow,
    Experiment,
    ExperimentMetric,
    Learning,
    LearningLink,
    Metric,
    PastRecord,
    PostMortem,
    Segment,
    Variant,
    WriteUpWords,
)

Made = dict[type[models.Model], Q]
ANY = Q(pk__isnull=False)
OF_IDEA: Made = {RoundIdea: Q(round__is_imported=True), Experiment: Q(is_imported=True)}
OF_EXPERIMENT: Made = {
    Booking: Q(version=1), Decision: ANY, EvidenceRow: ANY, ExperimentMetric: ANY, PastRecord: ANY,
    PostMortem: ANY, Variant: ANY,
}  # fmt: skip
OF_WRITE_UP: Made = {Learning: ANY, WriteUpWords: ANY}
OF_LEARNING: Made = {LearningLink: Q(judgement=LearningLink.Judgement.BY_RULE)}
CHANGES = 2  # the version after an import: written, and then moved


def take_out(import_: Import) -> bool:
    """Delete all of them or none, and name those that stay with what was built on them. Returns
    whether any idea had a score."""
    with transaction.atomic():
        mine = Import.objects.filter(pk=import_.pk)
        if not move_rows(mine, IMPORT_MOVES["take_out"], problem=""):
            return False
        tests = Experiment.objects.filter(idea__came_by=import_, is_imported=True)
        kept = dict(tests.filter(_is_built_on()).values_list("pk", "number"))
        reasons = {number: _reason(pk) for pk, number in list(kept.items())[:NAMED]}
        gone = list(tests.exclude(pk__in=kept).values_list("pk", "idea"))
        had_scores = (
            Idea.objects.filter(pk__in=[idea for _, idea in gone]).exclude(ice=None).exists()
        )
        levers = _levers_of([pk for pk, _ in gone])
        Event.objects.filter(subject="experiment", subject_id__in=[pk for pk, _ in gone]).delete()
        Experiment.objects.filter(pk__in=[pk for pk, _ in gone]).delete()
        delete_ideas(Idea.objects.filter(pk__in=[idea for _, idea in gone]))
        _clear_catalogue(import_)
        grade_levers(levers)
        _say(import_, len(gone), reasons, len(kept))
    return had_scores


def _is_built_on() -> Q:
    """Changed, or referred to by anything that the import did not make: the idea, the experiment, its
    write-up or its learning."""
    ideas = Idea.objects.filter(is_referred_to(Idea, OF_IDEA) | ~Q(version=CHANGES))
    written = PostMortem.objects.filter(
        is_referred_to(PostMortem, OF_WRITE_UP) | Q(version__gt=CHANGES)
    )
    learnings = Learning.objects.filter(is_referred_to(Learning, OF_LEARNING))
    return (
        ~Q(version=CHANGES)
        | is_referred_to(Experiment, OF_EXPERIMENT)
        | Q(Exists(ideas.filter(pk=OuterRef("idea"))))
        | Q(Exists(written.filter(experiment=OuterRef("pk"))))
        | Q(Exists(learnings.filter(post_mortem__experiment=OuterRef("pk"))))
        | Q(unlocks__isnull=False)
    )


def _reason(pk: int) -> str:
    """What stands in the way, in a word or two."""
    test = Experiment.objects.get(pk=pk)
    if thing := _first_of(test, OF_EXPERIMENT):
        return thing
    if thing := _first_of(test.idea, OF_IDEA):
        return f"{thing} on its idea"
    written = PostMortem.objects.filter(experiment=test).first()
    if written and (thing := _first_of(written, OF_WRITE_UP)):
        return f"{thing} on its write-up"
    for learning in Learning.objects.filter(post_mortem__experiment=test):
        if thing := _first_of(learning, OF_LEARNING):
            return f"{thing} of its learning"
    return "a change"


def _first_of(obj: models.Model, made: Made) -> str:
    for relation in type(obj)._meta.related_objects:
        other = relation.related_model
        if relation.many_to_many or not isinstance(other, type):
            continue
        rows = other._default_manager.filter(**{relation.field.name: obj.pk})
        if other in made:
            rows = rows.exclude(made[other])
        if rows.exists():
            return f"a {other._meta.verbose_name}".replace("a i", "an i").replace("a a", "an a")
    return ""


def _levers_of(tests: list[int]) -> set[str]:
    """Of published learnings that go: what else is published on them is graded again."""
    rows = Experiment.objects.filter(pk__in=tests, post_mortem__state="published")
    return {lever for lever in rows.values_list("idea__lever", flat=True) if lever}


def _clear_catalogue(import_: Import) -> None:
    """Metrics and segments that came with the import, and that nothing uses."""
    made = import_.understood.get("made", {})
    for model, name in ((Metric, "metrics"), (Segment, "segments")):
        rows = model.objects.filter(pk__in=made.get(name, []), version=1)
        rows.exclude(is_referred_to(model, {})).delete()


def _removed(count: int) -> str:
    return "1 experiment was removed" if count == 1 else f"{count:,} experiments were removed"


def _say(import_: Import, count: int, reasons: dict[int, str], kept: int) -> None:
    sentence = f"{import_.by} undid “{import_}”: {_removed(count)}."
    if kept:
        named = ", ".join(f"EXP-{number:03d} ({why})" for number, why in reasons.items())
        more = f" and {kept - NAMED:,} more" * (kept > NAMED)
        sentence += f" Some stay because something was built on them: {named}{more}."
    Event.record(import_, "undo", sentence, by=import_.by)
    Import.objects.filter(pk=import_.pk).update(problem=sentence)

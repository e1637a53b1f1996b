"""Segments and rules: write them, and try a list of ids against those who must not receive."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from backlog import caps
from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import AudienceRule, Experiment, Segment
from experiments.plan.audience import DryRun, dry_run

MOST_IDS = 2_000_000


def require_for(by: User, segment: Segment) -> None:
    """Leads for their pod's segments, programme owners for everybody's."""
    if segment.pod is None:
        require(by, "experiments.change_segment_of_all")
    else:
        require(by, "experiments.change_segment", segment)


@transaction.atomic
def save_segment(
    segment: Segment,
    *,
    by: User,
    pod: Pod | None,
    rules: Sequence[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> Segment:
    """Write a segment with its rules; plans that used it keep the rules that they copied."""
    is_new = segment.pk is None
    if not is_new:
        require_for(by, Segment.objects.get(pk=segment.pk))
        write_unless_changed(
            segment,
            refusal="Somebody saved this segment while you were writing. Reload the page and compare.",
        )
    for name, value in {**fields, "pod": pod}.items():
        setattr(segment, name, value)
    require_for(by, segment)
    segment.full_clean()
    segment.save()
    if rules is not None:
        write_rules(rules, segment=segment)
    verb = "added" if is_new else "changed"
    Event.record(segment, verb, f"{by} {verb} the segment “{segment}”.", by=by)
    return segment


def write_rules(
    rules: Sequence[Mapping[str, Any]],
    *,
    experiment: Experiment | None = None,
    segment: Segment | None = None,
) -> None:
    """Replace the rules of an experiment or of a segment."""
    caps.hold("rules", rules, caps.MOST_RULES, "A segment", "rules")
    of: Any = experiment or segment
    of.rules.all().delete()
    for position, row in enumerate(rules):
        fields = {name: row.get(name) for name in ("kind", "text", "reason", "cost")}
        fields["kind"] = fields["kind"] or AudienceRule.Kind.EXCLUDE
        fields["reason"] = fields["reason"] or ""
        rule = AudienceRule(experiment=experiment, segment=segment, position=position, **fields)
        rule.full_clean()
        rule.save()


def try_ids(
    experiment: Experiment,
    *,
    by: User,
    ids: Sequence[str],
    forbidden: Mapping[str, Iterable[str]],
) -> DryRun:
    """Count who of a list must not receive it, by rule. No id is kept; the counts go on record."""
    require(by, "experiments.change_experiment", experiment)
    lists = {rule: list(listed) for rule, listed in forbidden.items()}
    if len(ids) + sum(map(len, lists.values())) > MOST_IDS:
        raise Refused(f"A list can have at most {MOST_IDS:,} ids. Send it in parts.")
    if not ids:
        raise Refused("The list has no ids. Add at least one.")
    counts = dry_run(ids, lists)
    sentence = (
        f"{by} tried a list of {counts.ids:,} against {len(lists)} "
        f"rule{'' if len(lists) == 1 else 's'}: {counts.violators:,} must not receive it."
    )
    Event.record(experiment, "dry-run", sentence, by=by, ids=counts.ids, by_rule=counts.by_rule)
    return counts

"""Run the sample's experiments through the flows, and date them back."""

import datetime as dt
import math
from typing import Any

from django.utils import timezone

from backlog.models import Event, Idea, User
from experiments.flows import (
    agreeing,
    milestones,
    moves,
    promotion,
    totals,
)
from experiments.flows.analysing import analyse_now
from experiments.flows.drafting import draft_summary
from experiments.flows.guards import CHECKLIST, with_people_enough, with_time_enough
from experiments.flows.questions import RISKS
from experiments.flows.sample.cast import Cast
from experiments.flows.sample.content import GUARDRAIL, Trial
from experiments.flows.sample.write_ups import decide_and_write_up
from experiments.flows.writing_up_opening import due_day
from experiments.learning.expiry import expires_on
from experiments.models import (
    Alarm,
    Analysis,
    Decision,
    Experiment,
    Intake,
    Learning,
    PostMortem,
    SectionVersion,
    Segment,
)


def run_trial(
    cast: Cast, trial: Trial, idea: Idea, *, segment: Segment | None = None
) -> Experiment:
    """Promote, plan and launch; past ones also to their published post-mortem."""
    lead, analyst = cast.lead_of(trial.sketch.pod), cast.people["Aiko"]
    first_day = cast.quarters[trial.quarter].starts_on
    # Whole weeks from a Monday, so that bars and weeks of the calendar agree.
    monday = first_day + dt.timedelta(days=-first_day.weekday() % 7, weeks=trial.starts)
    if trial.quarter == 0:
        monday = _around_today(trial)
    experiment = promotion.promote(
        idea,
        by=lead,
        title=trial.short,
        objective=idea.objective,
        owner=lead,
        launcher=cast.people["Ben"],
        analyst=analyst,
        audience=idea.audience[:1].upper() + idea.audience[1:],
        audience_size=int(trial.units * 2 * 1.34) // 100 * 100,
        channel=trial.sketch.channel,
        segment=segment,
        frequency_cap="At most 3 messages a week over all channels",
        default_variant="“Dear reader” where the first name is empty",
        rules=_rules(trial),
        units_per_week=2 * trial.units // trial.weeks,
        value_per_unit=39.0 if trial.quarter == 0 else None,
        currency="€" if trial.quarter == 0 else "",
        starts_on=monday,
        ends_on=monday + dt.timedelta(weeks=trial.weeks),
        arms=[
            {"name": "As it is", "is_control": True, "weight": 1},
            {
                "name": trial.arm[0],
                "description": trial.arm[1],
                "weight": 1,
                "differs": [DIFFERS.get(trial.sketch.lever, "content")],
            },
        ],
        metrics=_metrics(trial),
    )
    moves.move_experiment(experiment, "plan", by=lead)
    _prepare(cast, trial, experiment)
    experiment.launched_on = monday
    moves.move_experiment(experiment, "launch", by=cast.people["Ben"])
    is_running = trial.quarter == 0 and not trial.choice and not experiment.is_over
    _bring_in(experiment, trial, analyst, share=0.45 if is_running else 1.0)
    if trial.choice:
        decide_and_write_up(cast, trial, experiment, analyst)
    _date_back(experiment, monday)
    return experiment


ANSWERS = {
    "whole": "One unclear message fewer. The number of messages stays as it is.",
    "drawbacks": "Some may write to support. Support knows about it, and it is clear who stops the experiment.",
    "able": "Our tools can do all of it, so we need to buy nothing.",
    "missing": "Only the text, which the desk reads before it goes out.",
}


def _prepare(cast: Cast, trial: Trial, experiment: Experiment) -> None:
    """Questions, checklist and QA, as a launch asks; the smallest tests waive their size."""
    lead = cast.lead_of(trial.sketch.pod)
    checker = cast.people["Tomás" if trial.sketch.pod == "GIV" else "Priya"]
    risks = {name: name == "price" and trial.sketch.lever == "price" for name, _ in RISKS}
    agreeing.answer(experiment, by=lead, answers=ANSWERS, risks=risks)
    agreeing.tick(experiment, by=checker, items=CHECKLIST)
    agreeing.approve(experiment, by=checker, kind="qa", note="Seen on phone and desktop")
    if any(risks.values()):
        agreeing.approve(experiment, by=cast.people["Ines"], kind="risk", note="Legal has read it")
    if with_time_enough(experiment, {}) or with_people_enough(experiment, {}):
        reason = "The quarter has no more weeks, so we would only see a larger effect."
        agreeing.waive(experiment, by=lead, standards=["size"], reason=reason)
    for step in experiment.milestones.all():
        if step.due_on and step.due_on <= timezone.localdate():
            milestones.reach_milestone(step, by=lead)


def _around_today(trial: Trial) -> dt.date:
    """The running test began two weeks ago; the overdue one ended the day before yesterday."""
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday())
    if trial.choice:  # decided in this quarter, or in its first weeks in the one before
        return monday - dt.timedelta(weeks=trial.weeks + trial.starts)
    if trial.weeks > 4:
        return monday - dt.timedelta(weeks=2)
    return today - dt.timedelta(days=2, weeks=trial.weeks)


# What a lever changes between the arms.
DIFFERS = {
    "price": "offer",
    "subject line": "subject",
    "frequency": "frequency",
    "urgency": "timing",
}


def _rules(trial: Trial) -> list[dict[str, Any]]:
    """Who must not receive it, with a reason and what it costs."""
    size = trial.units * 2
    return [
        {"kind": "exclude", "text": "Opted out of experiments", "reason": "Their choice",
         "cost": size * 9 // 100},
        {"kind": "exclude", "text": "Has an open support ticket", "cost": size // 100,
         "reason": "Nobody gets offers while they wait for help"},
        {"kind": "exclude", "text": "Got three messages this week", "reason": "Frequency cap",
         "cost": size * 12 // 100},
    ]  # fmt: skip


def _metrics(trial: Trial) -> list[dict[str, Any]]:
    name, kind, direction, unit, did = trial.metric
    primary = {
        "role": "primary", "name": name, "kind": kind, "direction": direction, "unit": unit,
        "did": did, "baseline": trial.baseline, "baseline_sd": trial.sd,
        "smallest_effect": trial.smallest,
    }  # fmt: skip
    clicked = {"role": "secondary", "name": "Read on the same day", "kind": "proportion",
               "direction": "increase", "unit": unit, "did": "read on the same day"}  # fmt: skip
    name, kind, direction, _, did = GUARDRAIL
    guardrail = {"role": "guardrail", "name": name, "kind": kind, "direction": direction,
                 "unit": unit, "did": did, "baseline": 0.012, "margin": 0.005}  # fmt: skip
    return [primary, clicked, guardrail]


def _bring_in(experiment: Experiment, trial: Trial, analyst: User, *, share: float) -> None:
    """Totals that the true rates lead to, one arm a little larger than the other as it happens."""
    rows: list[dict[str, Any]] = []
    for arm, rate, lift, size in (
        ("As it is", trial.rates[0], 1.0, 1.0),
        (trial.arm[0], trial.rates[1], 1.02, 0.997),
    ):
        n = round(trial.units * share * size)
        if trial.sd:
            rows.append({"variant": arm, "metric": trial.metric[0], "n": n, "mean": rate,
                         "variance": trial.sd**2})  # fmt: skip
        else:
            rows.append({"variant": arm, "metric": trial.metric[0], "n": n,
                         "successes": round(n * rate)})  # fmt: skip
        rows.append({"variant": arm, "metric": "Read on the same day", "n": n,
                     "successes": round(n * 0.31 * lift)})  # fmt: skip
        rows.append({"variant": arm, "metric": "Unsubscribed", "n": n,
                     "successes": round(n * 0.012)})  # fmt: skip
    by_day: list[dict[str, Any]] = []
    if trial.quarter == 0:
        by_day = [row for total in rows for row in _day_by_day(experiment, total)]
    taken = totals.receive_totals(
        experiment, by=analyst, observations=by_day or rows,
        accumulation="daily" if by_day else "total",
    )  # fmt: skip
    analyse_now(taken.pk)


def _day_by_day(experiment: Experiment, total: dict[str, Any]) -> list[dict[str, Any]]:
    """A total split over the days that are over; the rate sways at first and settles."""
    first, after = experiment.starts_on, experiment.ends_on
    if first is None or after is None:
        return []
    days = (min(after, timezone.localdate()) - first).days
    rows, n_before, hits_before = [], 0, 0
    for number in range(1, days + 1):
        n = round(total["n"] * number / days)
        sway = 1 + 0.12 * math.cos(2.3 * number + len(total["metric"] + total["variant"])) * (
            1 - number / days
        ) / math.sqrt(number)
        hits = min(max(round(total["successes"] * number / days * sway), hits_before), n)
        rows.append({**total, "day": first + dt.timedelta(days=number - 1), "n": n - n_before,
                     "successes": min(hits - hits_before, n - n_before)})  # fmt: skip
        n_before, hits_before = n, rows[-1]["successes"] + hits_before
    return rows


def _date_back(experiment: Experiment, monday: dt.date) -> None:
    """Move every stamp to the day on which it would have been made, in order."""
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(monday, dt.time(9, 12), zone)
    end = start + dt.timedelta(days=((experiment.ends_on or monday) - monday).days)
    now = timezone.now()
    looked = min(end + dt.timedelta(hours=20), now - dt.timedelta(hours=3))
    before, after = start - dt.timedelta(days=6), min(end + dt.timedelta(days=4), now)
    Experiment.objects.filter(pk=experiment.pk).update(created_at=before, sealed_at=start)
    Idea.objects.filter(pk=experiment.idea_id).update(created_at=before - dt.timedelta(days=20))
    Intake.objects.filter(experiment=experiment).update(received_at=looked, counted_at=looked)
    Analysis.objects.filter(experiment=experiment).update(computed_at=looked)
    Decision.objects.filter(experiment=experiment).update(decided_at=after)
    PostMortem.objects.filter(experiment=experiment).update(started_at=after)
    Learning.objects.filter(post_mortem__experiment=experiment).update(
        created_at=after, expires_on=expires_on(after.date())
    )
    published = after + dt.timedelta(days=2)
    PostMortem.objects.filter(experiment=experiment, state="published").update(
        published_at=published
    )
    due_on = due_day(after.date())
    PostMortem.objects.filter(experiment=experiment, state="draft").update(due_on=due_on)
    for made in (experiment.approvals, experiment.waivers, experiment.ticks):
        made.update(at=before)  # type: ignore[attr-defined]
    experiment.milestones.exclude(done_at=None).update(done_at=before)
    times = {"promote": before, "plan": before, "change": before, "tick": before,
             "approve": before, "waive": before, "milestone": before, "launch": start, "intake": looked,
             "analyse": looked, "publish": published, "close": published}  # fmt: skip
    for event in Event.objects.about(experiment):
        Event.objects.filter(pk=event.pk).update(at=times.get(event.verb, after))
    Event.objects.about(experiment.idea).update(at=before)
    _draft_again(experiment)


def _draft_again(experiment: Experiment) -> None:
    """What Floe drafts names days and alarms, so it is drafted once more from those dated back."""
    written = PostMortem.objects.filter(experiment=experiment).first()
    if written is None:
        return
    Alarm.objects.filter(experiment=experiment).delete()
    summary = draft_summary(Experiment.objects.get(pk=experiment.pk))
    PostMortem.objects.filter(pk=written.pk).update(summary=summary)
    versions = SectionVersion.objects.filter(post_mortem=written, section="summary")
    versions.update(text=summary)

"""Build the sample through the flows, then date it back to when it would have happened."""

import datetime as dt
import random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from backlog.calendar_days import months_later, quarter_around, quarter_name
from backlog.flows import scoring
from backlog.flows.ideas import add_idea
from backlog.flows.moves import move_idea
from backlog.models import (
    Event,
    Idea,
    Membership,
    Objective,
    Pod,
    Quarter,
    Round,
    RoundIdea,
    User,
    Workspace,
)
from backlog.refusals import Refused
from backlog.sample_accounts import sample_password
from experiments.flows import cataloguing
from experiments.flows.sample import content, quarter
from experiments.flows.sample.cast import Cast
from experiments.flows.sample.trials import run_trial
from experiments.flows.sample.write_ups import collect_first_reads, look_back_at_a_quarter
from experiments.flows.sealing import add_seal
from experiments.flows.segmenting import save_segment
from experiments.flows.templating import keep_template
from experiments.models import Experiment, Metric, Seal, Segment


@transaction.atomic
def load_sample() -> None:
    """Fill an empty installation. Refused outside DEBUG and where anybody is already."""
    if not settings.DEBUG:
        raise Refused(
            "The password of the sample workspace is published, so it can only be loaded with DEBUG."
        )
    if User.objects.exists():
        raise Refused("There are already people here. Load the sample into an empty Floe.")
    Workspace.objects.update_or_create(pk=1, defaults={"name": "Harbour Post"})
    cast = Cast()
    _invite_everybody(cast)
    _open_quarters(cast)
    sketches = {sketch.title: sketch for sketch in content.IDEAS}
    _score_a_round(cast, sketches)
    for trial in content.TRIALS:
        idea = _write(cast, trial.sketch, trial.quarter)
        _reveal_alone(cast, idea, trial.sketch)
        run_trial(cast, trial, idea)
    quarter.run_past_trials(cast, _write, _reveal_alone)
    collect_first_reads(cast)
    _chain_seals_anew()
    _describe_metrics(cast)
    _keep_for_next_time(cast)
    _half_score_a_round(cast)
    for prefix, title, author in content.NEW:
        add_idea(by=cast.people[author], pod=cast.pods[prefix], title=title, owner=None)
    _snooze_and_reject(cast)
    quarter.fill_the_calendar(cast, _write, _reveal_alone)
    look_back_at_a_quarter(cast)
    _age_ideas()


def _invite_everybody(cast: Cast) -> None:
    password = make_password(sample_password())
    for prefix, name, outcome in content.PODS:
        cast.pods[prefix] = Pod.objects.create(
            prefix=prefix, name=name, outcome=outcome, is_sample=True
        )
    for person in content.PEOPLE:
        user = User.objects.create(
            email=person.email,
            name=person.name,
            role=person.role,
            password=password,
            is_sample=True,
        )
        cast.people[person.name.split()[0]] = user
        for prefix, (role, duty) in person.pods.items():
            Membership.objects.create(
                pod=cast.pods[prefix],
                user=user,
                role=role,
                duty=duty,
                department=person.department,
            )


def _chain_seals_anew() -> None:
    """The launches were dated back, and the chain holds their times."""
    Seal.objects.all().delete()
    sealed = Experiment.objects.exclude(fingerprint="").order_by("sealed_at")
    for experiment in sealed.select_related("sealed_by"):
        by, at = experiment.sealed_by, experiment.sealed_at
        add_seal(experiment, by=by, fingerprint=experiment.fingerprint, at=at)


def _keep_for_next_time(cast: Cast) -> None:
    """A segment with those who must not receive, and the plan of a test that worked."""
    maya, pod = cast.people["Maya"], cast.pods["LIF"]
    save_segment(
        Segment(),
        by=maya,
        pod=pod,
        name="Readers lapsed 30 to 90 days",
        description="No visit for 30 to 90 days. After that they count as gone.",
        stage=Segment.Stage.LAPSED,
        size=41_200,
        units_per_week=4_700,
        rules=content.RULES,
    )
    worked = Experiment.objects.get(title="Friday teaser")
    keep_template(
        worked, by=maya, name="One change in the newsletter", pod=pod, weeks=3, most_metrics=4,
        description="Two arms. Opens decide, unsubscribes may stop it.",
        decision_table="Won, guardrail holds → ship to all readers\nNo clear difference → keep "
        "what is cheaper to make\nLost → roll back, and ask five readers why",
    )  # fmt: skip


def _describe_metrics(cast: Cast) -> None:
    """What the plans named is written down, by whoever looks after it; some of it is certified."""
    owner = cast.people["Ines"]
    for metric in Metric.objects.filter(name__in=content.METRICS):
        definition = content.METRICS[metric.name]._asdict()
        is_certified = definition.pop("is_certified")
        looks_after = cast.people[definition["owner"]]
        near = User.objects.working_with_pod(metric.pod)
        definition["owner"] = looks_after if looks_after in near else owner
        cataloguing.change_metric(metric, by=owner, **definition)
        if is_certified:
            cataloguing.certify_metric(metric, by=owner)


def _open_quarters(cast: Cast) -> None:
    this_one, _ = quarter_around(timezone.localdate())
    for offset in range(-2, 2):
        starts_on = months_later(this_one, 3 * offset)
        opened = Quarter.objects.create(
            name=quarter_name(starts_on),
            starts_on=starts_on,
            ends_on=months_later(starts_on, 3),
            is_sample=True,
            **_closing(cast, months_later(starts_on, 3)),
        )
        cast.quarters[offset] = opened
        for prefix, title, metric, target in content.OBJECTIVES:
            cast.objectives[offset, prefix] = Objective.objects.create(
                quarter=opened, pod=cast.pods[prefix], title=title, metric=metric, target=target
            )


def _closing(cast: Cast, ends_on: dt.date) -> dict[str, Any]:
    """Quarters that are over were turned on the day after their end."""
    if ends_on > timezone.localdate():
        return {}
    at = timezone.make_aware(dt.datetime.combine(ends_on, dt.time(10)))
    return {"closed_at": at, "closed_by": cast.people["Ines"]}


def _write(cast: Cast, sketch: content.Sketch, offset: int = 0) -> Idea:
    author = cast.people[sketch.author]
    parts: dict[str, Any] = dict(zip(Idea.HYPOTHESIS_PARTS, sketch.hypothesis, strict=True))
    return add_idea(
        by=author,
        pod=cast.pods[sketch.pod],
        title=sketch.title,
        tags=sketch.tags.split(", "),
        objective=cast.objectives[offset, sketch.pod],
        lever=sketch.lever,
        channel=sketch.channel,
        **parts,
    )


def _score(item: RoundIdea, sketch: content.Sketch, people: list[User]) -> None:
    """Give scores around what the sketch leans to; the same for the same title."""
    dice = random.Random(sketch.title)  # noqa: S311  (invented scores, no secret)
    lean = sketch.scores or (5, 5, 5)
    for person in people:
        around = [
            min(10, max(1, value + dice.randint(-sketch.spread, sketch.spread))) for value in lean
        ]
        scoring.submit_score(
            item, by=person, impact=around[0], confidence=around[1], ease=around[2]
        )


def _score_a_round(cast: Cast, sketches: dict[str, content.Sketch]) -> None:
    """A closed round in each pod; one idea was scored once more."""
    for prefix, pod in cast.pods.items():
        lead = cast.lead_of(prefix)
        ideas = [_write(cast, sketch) for sketch in sketches.values() if sketch.pod == prefix]
        round_ = scoring.open_round(by=lead, pod=pod, title=f"{pod} grooming", ideas=ideas)
        for item in round_.round_ideas.select_related("idea", "round"):
            sketch = sketches[item.idea.title]
            scorers = scoring.asked_for(item)
            # One idea rests on a single score, as it happens.
            _score(item, sketch, scorers[:1] if "Thank-you" in sketch.title else scorers)
            scoring.reveal(item, by=lead)
            if item.idea.agreement == "split":
                scoring.ask_again(item, by=lead)
                _score(item, sketch._replace(spread=1), scorers[: len(scorers) // 2 + 1])
                scoring.reveal(item, by=lead)
        scoring.close_round(round_, by=lead)


def _reveal_alone(cast: Cast, idea: Idea, sketch: content.Sketch) -> None:
    lead = cast.lead_of(sketch.pod)
    round_ = scoring.open_round(by=lead, pod=idea.pod, title="Candidates", ideas=[idea])
    item = round_.round_ideas.select_related("idea", "round").get()
    _score(item, sketch, scoring.asked_for(item))
    scoring.reveal(item, by=lead)
    scoring.close_round(round_, by=lead)
    idea.refresh_from_db()


def _half_score_a_round(cast: Cast) -> None:
    """The Lifecycle pod's open round: the first idea has some scores, nobody but Maya is done."""
    maya = cast.people["Maya"]
    ideas = [_write(cast, sketch) for sketch in content.IN_ROUND]
    round_ = scoring.open_round(
        by=maya, pod=cast.pods["LIF"], title="Lifecycle grooming, this week", ideas=ideas
    )
    for item, sketch in zip(
        round_.round_ideas.select_related("idea", "round"), content.IN_ROUND, strict=True
    ):
        scorers = [user for user in scoring.asked_for(item) if user.name != "Maya Okafor"]
        _score(item, sketch, scorers[:2])


def _snooze_and_reject(cast: Cast) -> None:
    leila, jonas = cast.people["Leïla"], cast.people["Jonas"]
    gift = Idea.objects.get(title__startswith="Match a reader")
    move_idea(gift, "snooze", by=leila, snoozed_until=timezone.localdate() + dt.timedelta(days=30))
    pop_up = add_idea(by=jonas, pod=cast.pods["PAY"], title="Pop-up after ten seconds on page one")
    move_idea(
        pop_up, "reject", by=jonas, reason="Legal asked us to keep the first page free of requests."
    )


def _age_ideas() -> None:
    """Spread ideas, rounds and what was done to them over the last weeks, older ones first."""
    now = timezone.now()
    groomed, opened = now - dt.timedelta(days=16, hours=3), now - dt.timedelta(days=2, hours=5)
    Round.objects.filter(state=Round.State.CLOSED).update(opened_at=groomed, closed_at=groomed)
    Round.objects.filter(state=Round.State.OPEN).update(opened_at=opened)
    RoundIdea.objects.exclude(revealed_at=None).update(revealed_at=groomed)
    for back, idea in enumerate(Idea.objects.filter(experiments=None).order_by("-pk")):
        at = now - dt.timedelta(days=3 + back * 3, hours=back % 7)
        Idea.objects.filter(pk=idea.pk).update(created_at=at)
        Event.objects.about(idea).filter(verb="add").update(at=at)
        done = opened if idea.is_blind else max(groomed, at)
        Event.objects.about(idea).exclude(verb="add").update(at=done)
    for round_ in Round.objects.all():
        Event.objects.about(round_).update(at=round_.opened_at)

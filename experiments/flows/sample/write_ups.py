"""Decide the sample's experiments, say what they took, and write them up."""

import datetime as dt

from django.utils import timezone

from backlog.models import User
from experiments.flows import (
    collecting,
    deciding,
    learnings,
    moves,
    writing_up,
    writing_up_after,
    writing_up_comments,
)
from experiments.flows.quarter.bars import claims_now, people_days_of
from experiments.flows.quarter.booking import change_booking
from experiments.flows.sample.cast import Cast
from experiments.flows.sample.content import Trial
from experiments.flows.writing_up_processes import ProcessSubject, start_process_post_mortem
from experiments.models import Booking, Collection, Experiment, Learning, PostMortem


def decide_and_write_up(cast: Cast, trial: Trial, experiment: Experiment, analyst: User) -> None:
    owner = cast.people["Ines"]
    moves.move_experiment(experiment, "conclude", by=analyst)
    deciding.decide(
        experiment, by=owner, choice=trial.choice, reason="As the sealed rule recommends."
    )
    experiment.refresh_from_db()
    _say_what_it_took(experiment, analyst)
    written = writing_up.start_post_mortem(experiment, by=analyst)
    if not trial.is_written_up:
        _write_half(cast, trial, written, analyst)
        return
    writing_up.edit_post_mortem(
        written,
        by=analyst,
        surprises=trial.surprise,
        went_well="The plan was sealed in time and the data came in as one file.",
        went_badly="The launch waited three days for the trial send.",
        next_steps=trial.follow_up
        or "Nothing for now. We will look at it again when the learning expires.",
    )
    learnings.add_learning(written, by=analyst, claim=trial.claim, scope=trial.scope)
    if trial.follow_up:
        writing_up.add_follow_up(
            written, by=analyst, title=trial.follow_up, kind="narrower", lever=trial.sketch.lever
        )
    writing_up_after.add_action(
        written, by=analyst, title="Book the trial send when the plan is sealed", owner=owner,
        due_on=timezone.localdate() + dt.timedelta(days=21),
    )  # fmt: skip
    writing_up_after.mark_read(written, by=owner)
    writing_up.publish(written, by=analyst)


# Days taken over the days that the Ease of the idea claimed.
TOOK = (1.5, 0.8, 1.2, 2.0, 1.0, 1.6, 0.9)


def _say_what_it_took(experiment: Experiment, analyst: User) -> None:
    booking = Booking.objects.get(experiment=experiment)
    forecast = people_days_of(experiment, booking, claims_now().get("ease"))
    if forecast:
        days = round(2 * forecast * TOOK[experiment.pk % len(TOOK)]) / 2
        change_booking(booking, by=analyst, days_taken=max(days, 0.5))


def _write_half(cast: Cast, trial: Trial, written: PostMortem, analyst: User) -> None:
    """A post-mortem that two people write: some texts are there, and one is talked about."""
    lead = cast.lead_of(trial.sketch.pod)
    texts = {
        "surprises": trial.surprise,
        "went_badly": "The launch waited for the app team, whom nobody had asked before.",
    }
    writing_up.edit_post_mortem(written, by=analyst, **texts)
    learnings.add_learning(written, by=analyst, claim=trial.claim, scope=trial.scope)
    question = writing_up_comments.comment_on_section(
        written, by=lead, section="went_badly",
        text=f"How long did it wait, @{analyst}? A figure would help the next pod.",
    )  # fmt: skip
    answer = "Three days. I will add it when I have looked at the tickets."
    writing_up_comments.comment_on_section(
        written, by=analyst, section="went_badly", text=answer, thread=question
    )


def collect_first_reads(cast: Cast) -> None:
    """What a newcomer to the Lifecycle pod reads first: its best learnings."""
    pod, lead = cast.pods["LIF"], cast.lead_of("LIF")
    collection = collecting.save_collection(
        Collection(), by=lead, pod=pod, name="First reads: Lifecycle",
        about="What everybody who joins us should know before they add their first idea.",
    )  # fmt: skip
    best = Learning.objects.filter(
        post_mortem__experiment__pod=pod, post_mortem__state="published"
    ).order_by("-grade", "pk")
    for learning in best[:3]:
        collecting.collect(learning, collection, by=lead)


def look_back_at_a_quarter(cast: Cast) -> None:
    """A process post-mortem of the Lifecycle pod’s last quarter, read, published and dated back."""
    lead, owner, quarter = cast.lead_of("LIF"), cast.people["Ines"], cast.quarters[-1]
    subject = ProcessSubject(quarter=quarter, of_pod=cast.pods["LIF"])
    written = start_process_post_mortem(subject, by=lead)
    written = writing_up.edit_post_mortem(
        written,
        by=lead,
        surprises="Most of the waiting was before the launch. We had looked for it in the analysis.",
        went_well="Every plan was sealed before its first send, so no result was argued about.",
        went_badly="The trial send had no day of its own, so it waited until somebody had an hour.",
        lucky="Nobody else mailed the lapsed readers in September. Nothing would have told us.",
        next_steps="The trial send gets a day in the plan, three working days before the launch.",
    )
    writing_up_after.add_action(
        written, by=lead, title="Put the trial send into the standard milestones", owner=lead,
        due_on=timezone.localdate() + dt.timedelta(days=10),
    )  # fmt: skip
    writing_up_after.mark_read(written, by=owner)
    writing_up.publish(written, by=lead)
    first = timezone.make_aware(dt.datetime.combine(quarter.ends_on, dt.time(10)))
    now = timezone.now()
    PostMortem.objects.filter(pk=written.pk).update(
        started_at=min(first + dt.timedelta(days=2), now),
        published_at=min(first + dt.timedelta(days=6), now),
        due_on=quarter.ends_on + dt.timedelta(days=14),
    )

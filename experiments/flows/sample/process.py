"""The sample’s experiment on how a pod works: eight ideas, too few to be more than weak."""

from backlog.models import Idea
from experiments.flows.process.moves import decide_process_experiment, start_process_experiment
from experiments.flows.process.outcomes import Outcome, record_outcomes
from experiments.flows.process.writing import choose_units, save_process_experiment
from experiments.flows.sample.cast import Cast
from experiments.models import ProcessExperiment

# Days by arm; they are given out by the lot.
AS_NOW, OTHER_WAY = (9.0, 7.0, 12.0, 8.0), (6.0, 5.0, 8.0, 7.0)


def compare_ways_of_working(cast: Cast) -> None:
    """Ideas of one pod with and without a talk before they are scored, measured and decided."""
    lead, pod = cast.lead_of("LIF"), cast.pods["LIF"]
    ideas = list(Idea.objects.filter(pod=pod).order_by("pk")[: len(AS_NOW) + len(OTHER_WAY)])
    made = save_process_experiment(
        ProcessExperiment(), by=lead, pod=pod, unit="ideas", clusters="unit", direction="decrease",
        title="Ten minutes with the data team before scoring",
        hypothesis="Ideas whose numbers were looked up before the round wait less for their launch.",
        as_now="An idea goes into the round as it is written",
        other_way="Ten minutes with the data team first",
        measure="From the first score to the plan", measure_unit="days",
    )  # fmt: skip
    made = start_process_experiment(choose_units(made, by=lead, ideas=ideas), by=lead)
    given = {False: iter(AS_NOW), True: iter(OTHER_WAY)}
    outcomes = {unit.pk: Outcome(next(given[bool(unit.is_treated)])) for unit in made.units.all()}
    made = record_outcomes(made, by=lead, outcomes=outcomes)
    decide_process_experiment(
        made, by=lead, choice="cannot-tell",
        conclusion="Eight ideas are too few for this. We do it again with the ideas of every pod.",
    )  # fmt: skip

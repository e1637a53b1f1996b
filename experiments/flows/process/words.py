"""What a process experiment says, for page, report and API alike."""

from experiments.learning.process_words import result_sentences
from experiments.models import ProcessExperiment


def noun_of(experiment: ProcessExperiment) -> str:
    """What is given to the two ways by lot, in the plural."""
    by_cluster = {"pod": "pods", "week": "weeks"}
    return by_cluster.get(experiment.clusters, experiment.unit)


def sentences_of(experiment: ProcessExperiment) -> tuple[str, str]:
    """The verdict and what it is worth; "" while outcomes are still to come."""
    result = experiment.result
    if result is None:
        return "", ""
    return result_sentences(
        result, noun=noun_of(experiment), unit=experiment.measure_unit,
        is_increase_good=experiment.is_increase_good,
    )  # fmt: skip


def report_line(experiment: ProcessExperiment) -> str:
    """A decided one in the quarter report, in one line."""
    verdict, worth = sentences_of(experiment)
    weak = " It is weak." if worth.startswith("This is weak") else ""
    return (
        f"{experiment.title}: {verdict}{weak} Decision: "
        f"{experiment.get_choice_display().lower()}. {experiment.conclusion}"
    )

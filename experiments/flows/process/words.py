"""What a process experiment says, for page, report and API alike."""

from experiments.learning.process import ProcessResult
from experiments.learning.process_words import result_sentences
from experiments.models import ProcessExperiment


def noun_of(experiment: ProcessExperiment) -> str:
    """What is given to the two ways by lot, in the plural."""
    by_cluster = {"pod": "pods", "week": "weeks"}
    return by_cluster.get(experiment.clusters, experiment.unit)


def result_of(experiment: ProcessExperiment) -> ProcessResult | None:
    """What came out, for page, list, report and API alike.

    None while outcomes are still to come, and of a cancelled one, which ends without a result.
    """
    if experiment.state == ProcessExperiment.State.CANCELLED:
        return None
    return experiment.result


def sentences_of(experiment: ProcessExperiment) -> tuple[str, str]:
    """The verdict and what it is worth; "" without a result."""
    result = result_of(experiment)
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

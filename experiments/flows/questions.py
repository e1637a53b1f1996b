"""The nine questions before anything new is launched, and those about risk."""

from typing import NamedTuple

from experiments.models import Experiment

NINE = (
    ("goal", "Which business goal does it serve?"),
    ("larger", "How does that serve the larger goals?"),
    ("need", "Which need or pain of customers does it address?"),
    ("meets", "How does it address that need?"),
    ("whole", "How does it change the whole customer experience?"),
    ("drawbacks", "What could go wrong, and for whom?"),
    ("able", "What can we do today?"),
    ("missing", "What do we need before we can do it?"),
    ("assess", "How will we measure the effect?"),
)
RISKS = (
    ("price", "Does it change a price, an offer or a contract?"),
    ("personal", "Does it use personal data in a new way, or sensitive data?"),
    ("harm", "Could it mislead or harm anybody, or reach vulnerable people?"),
    ("reach", "Does it reach more than a third of all customers at once?"),
)


class Answer(NamedTuple):
    """`written` is what people wrote; where they wrote nothing, `known` is what the plan says."""

    name: str
    question: str
    written: str
    known: str

    @property
    def text(self) -> str:
        return self.written or self.known


def answers_of(experiment: Experiment) -> list[Answer]:
    """All nine, filled where the idea or the plan answers them already."""
    known = _known(experiment)
    answers = experiment.answers
    return [
        Answer(name, question, str(answers.get(name) or ""), known.get(name, ""))
        for name, question in NINE
    ]


def _known(experiment: Experiment) -> dict[str, str]:
    idea, objective, primary = experiment.idea, experiment.objective, experiment.primary
    return {
        "goal": f"{objective}" if objective else "",
        "larger": experiment.pod.outcome,
        "need": f"We saw {idea.observation}." if idea.observation else "",
        "meets": f"By {idea.change} for {idea.audience or experiment.audience}."
        if idea.change
        else "",
        "assess": f"{primary.metric} in {len(experiment.arms)} arms, one of them a control group."
        if primary and experiment.control
        else "",
    }


def open_questions(experiment: Experiment) -> list[str]:
    return [answer.question for answer in answers_of(experiment) if not answer.text.strip()]


def risks_said_yes(experiment: Experiment) -> list[str]:
    return [question for name, question in RISKS if experiment.risks.get(name) is True]


def are_risks_answered(experiment: Experiment) -> bool:
    return all(isinstance(experiment.risks.get(name), bool) for name, _ in RISKS)

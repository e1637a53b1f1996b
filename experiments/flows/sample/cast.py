"""Who and what the sample's steps work with."""

from backlog.models import Objective, Pod, Quarter, User
from experiments.flows.sample import content


class Cast:
    """The people, pods and objectives of the sample, by their short names."""

    def __init__(self) -> None:
        self.people: dict[str, User] = {}
        self.pods: dict[str, Pod] = {}
        self.quarters: dict[int, Quarter] = {}
        self.objectives: dict[tuple[int, str], Objective] = {}

    def lead_of(self, prefix: str) -> User:
        leads = (p for p in content.PEOPLE if p.pods.get(prefix, ("",))[0] == "lead")
        return self.people[next(leads).name.split()[0]]

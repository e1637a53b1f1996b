"""Every filter of the backlog with every order: the cost of each pair, also per empty view."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from looking import LIST, Looker, get
from measuring import Cost, cost_of

from backlog.models import Idea
from backlog.orders import SORTS

ROUNDS, REQUESTS = 2, 5
WORST = 12


@dataclass(frozen=True)
class Pair:
    """The cost of a page with this filter and this order, in a world of each size."""

    narrowed: str
    sort: str
    costs: tuple[Cost, ...]
    empty: Cost

    @property
    def multiple(self) -> float:
        """Processor time as a multiple of the empty view of the same run."""
        return self.costs[-1].cpu / self.empty.cpu

    @property
    def growth(self) -> float:
        return self.costs[-1].p95 / self.costs[0].p95

    @property
    def cpu_growth(self) -> float:
        return self.costs[-1].cpu / self.costs[0].cpu


def filters() -> dict[str, dict[str, object]]:
    """The main filters; an objective and an owner that have some ideas."""
    some = Idea.objects.in_play().filter(pod__prefix="LIF").exclude(objective=None, owner=None)
    idea = some.exclude(owner=None)[0]
    return {
        "none": {},
        "pod": {"pod": "PAY"},
        "new": {"status": "new"},
        "scored": {"status": "scored"},
        "in round": {"status": "in_round"},
        "objective": {"objective": idea.objective_id},
        "owner": {"owner": idea.owner_id},
        "lever": {"lever": "timing"},
        "tag": {"tag": "theme 7"},
        "rare tag": {"tag": "newsletter"},
        "ICE ≥ 8": {"ice_least": 8},
        "≤ 1 scorer": {"scorers_most": 1},
        "split": {"agreement": "split"},
        "younger": {"younger": 30},
        "text": {"q": "gift"},
        "pod, new": {"pod": "PAY", "status": "new"},
    }


def costs(look: Looker) -> Iterator[tuple[str, str, Cost]]:
    for name, query in filters().items():
        for sort in SORTS:
            if sort != "match":
                ask = get(look.ines, LIST, {**query, "sort": sort})
                yield name, sort, cost_of(ask, rounds=ROUNDS, requests=REQUESTS, warm=1)


def print_pairs(pairs: Sequence[Pair]) -> None:
    _print_matrix(pairs, "Processor time × empty view", lambda pair: f"{pair.multiple:.0f}")
    _print_matrix(pairs, "Growth of p95", lambda pair: f"{pair.growth:.1f}")
    _print_matrix(pairs, "Growth of processor time", lambda pair: f"{pair.cpu_growth:.1f}")
    print(f"### The {WORST} dearest pairs\n")
    print("|  | p95 ms, small | p95 ms | CPU ms | × empty | growth | of CPU |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for pair in sorted(pairs, key=lambda pair: pair.multiple, reverse=True)[:WORST]:
        last = pair.costs[-1]
        print(f"| {pair.narrowed} by `{pair.sort}` | {pair.costs[0].p95:.1f} | {last.p95:.1f} "
              f"| {last.cpu:.1f} | {pair.multiple:.1f} | {pair.growth:.2f} "
              f"| {pair.cpu_growth:.2f} |")  # fmt: skip
    _print_summary(pairs)


def _print_matrix(pairs: Sequence[Pair], title: str, cell: Callable[[Pair], str]) -> None:
    names = list(dict.fromkeys(pair.narrowed for pair in pairs))
    print(f"### {title}\n\n|  | {' | '.join(names)} |\n|---|{'--:|' * len(names)}")
    for sort in dict.fromkeys(pair.sort for pair in pairs):
        cells = [cell(pair) for pair in pairs if pair.sort == sort]
        print(f"| `{sort}` | {' | '.join(cells)} |")
    print()


def _print_summary(pairs: Sequence[Pair]) -> None:
    flat = sum(pair.growth <= 1.2 for pair in pairs)
    flat_cpu = sum(pair.cpu_growth <= 1.2 for pair in pairs)
    cheap = sum(pair.multiple <= 8 for pair in pairs)
    middle = sorted(pair.multiple for pair in pairs)[len(pairs) // 2]
    print(f"\nOf {len(pairs)} pairs {flat} grow by at most 1.2 at the 95th percentile and {flat_cpu} in "
          f"processor time; {cheap} cost at most 8 empty views, the one in the middle {middle:.1f}.\n")  # fmt: skip

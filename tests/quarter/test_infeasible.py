"""Where rules contradict each other, each of them is named, and the plan keeps all others."""

import pytest

from experiments.quarter.bars import Blackout
from experiments.quarter.capacity import PodCapacity
from experiments.quarter.solver.milp import solve
from experiments.quarter.solver.problem import Candidate, QuarterProblem
from tests.quarter.worlds import WEEKS, make_bar


def idea(key, value=5.0, weeks=2, starts=None, **parts):
    return Candidate(make_bar(key, value=value, **parts), weeks, starts)


def conflicts(*candidates, weeks=4, **parts):
    solution = solve(QuarterProblem(weeks=WEEKS[:weeks], candidates=candidates, **parts))
    return solution, [
        (one.rule.code, [rule.code for rule in one.against]) for one in solution.conflicts
    ]


def fixed(key, first=0, days=14, **parts):
    return make_bar(key, first, days, is_fixed=True, **parts)


def test_rules_that_agree_are_no_conflict():
    assert conflicts(idea(1, objective=3), objectives={3: 1})[1] == []
    assert conflicts(idea(1), fixed=(fixed(8, objective=3),), objectives={3: 1})[1] == []


def test_fixed_bars_that_collide_are_named_with_their_weeks():
    solution, codes = conflicts(idea(1), fixed=(fixed(8), fixed(9, first=10)))
    assert codes == [("collision", [])]
    rule = solution.conflicts[0].rule
    assert (rule.keys, rule.weeks) == ((8, 9), WEEKS[1:2])
    assert solution.placements == ()  # they take all four weeks, less than two are left


@pytest.mark.parametrize(("parts", "code", "over"), [
    ({"capacities": (PodCapacity(0, 3.0),)}, "capacity", 1.0),
    ({"capacities": (PodCapacity(0, at_once=1),)}, "tests-at-once", 1.0),
    ({"at_once": 1}, "tests-at-once", 1.0),
    ({"booked_limit": 0.5}, "audience", 0.3),
    ({"caps": {"push": 1.0}}, "pressure", 0.6),
])  # fmt: skip
def test_limits_that_the_fixed_bars_break_are_named_with_by_how_much(parts, code, over):
    bars = [
        fixed(key, first=7, share=0.4, channel="push", surface=f"s{key}", namespace=1,
              people_days=2, build_days=5, messages_per_week=2.0)
        for key in (8, 9)
    ]  # fmt: skip
    solution, codes = conflicts(
        idea(1, segment=2, pod=5, share=0.2), weeks=6, fixed=tuple(bars), **parts
    )
    assert codes == [(code, [])]
    assert solution.conflicts[0].rule.amount == pytest.approx(over)
    assert [start.key for start in solution.placements] == [1]  # nothing is added where it is over


def test_a_fixed_bar_in_a_blackout_and_one_before_what_it_waits_for_are_named():
    freeze = Blackout("Freeze", WEEKS[0], WEEKS[1])
    waiting = fixed(8, first=7, after=frozenset({9}), segment=3)
    solution, codes = conflicts(fixed=(fixed(9), waiting), blackouts=(freeze,))
    assert codes == [("blackout", []), ("after", [])]
    assert [one.rule.keys for one in solution.conflicts] == [(9,), (8, 9)]


def test_circles_are_named_once_and_what_waits_for_them_is_left_out():
    ring = [
        idea(1, after=frozenset({2})),
        idea(2, after=frozenset({3})),
        idea(3, after=frozenset({1})),
    ]
    behind = idea(4, after=frozenset({1}), segment=2)
    alone = idea(5, after=frozenset({5}), segment=2)
    solution, codes = conflicts(*ring, behind, alone, idea(6, segment=4))
    assert codes == [("circle", []), ("circle", [])]
    assert [one.rule.keys for one in solution.conflicts] == [(1, 2, 3), (5,)]
    assert [start.key for start in solution.placements] == [6]


def test_an_objective_with_too_few_ideas_says_how_many_there_could_be():
    solution, codes = conflicts(
        idea(1, objective=3), fixed=(fixed(8, objective=3, segment=9),), objectives={3: 4}
    )
    assert codes == [("objective", [])]
    rule = solution.conflicts[0].rule
    assert (rule.objective, rule.amount, rule.limit) == (3, 2, 4)
    assert [start.key for start in solution.placements] == [1]


def against(*candidates, **parts):
    """The rules that stand against objective 3."""
    solution, _ = conflicts(*candidates, **parts)
    (conflict,) = [one for one in solution.conflicts if one.rule.code == "objective"]
    return conflict.against


def test_what_stands_against_an_objective_is_named():
    wanted = {"objectives": {3: 2}}
    two = [idea(n, objective=3, segment=n, pod=n, weeks=4, people_days=5) for n in (1, 2)]
    (rule,) = against(*[idea(n, objective=3, weeks=3) for n in (1, 2)], **wanted)
    assert (rule.code, set(rule.keys)) == ("collision", {1, 2})
    (rule,) = against(*two, capacities=(PodCapacity(2, at_once=0),), **wanted)
    assert (rule.code, rule.pod, rule.weeks) == ("tests-at-once", 2, WEEKS[:4])
    (rule,) = against(*two, blackouts=(Blackout("Freeze", WEEKS[1], WEEKS[2], pod=1),), **wanted)
    assert (rule.code, rule.name) == ("blackout", "Freeze")
    (rule,) = against(*two, fixed=(fixed(9, segment=2),), **wanted)
    assert (rule.code, rule.keys) == ("collision", (9,))
    (rule,) = against(two[0], idea(2, objective=3, weeks=5), **wanted)
    assert (rule.code, rule.keys, rule.amount, rule.limit) == ("too-long", (2,), 5, 4)
    (rule,) = against(two[0], idea(2, objective=3, starts=(9,)), **wanted)
    assert (rule.code, rule.keys) == ("no-start", (2,))
    (rule,) = against(two[0], idea(2, objective=3, segment=7, after=frozenset({77})), **wanted)
    assert (rule.code, rule.keys) == ("after", (2, 77))


def test_several_faults_at_once_are_all_named():
    candidates = [
        idea(1, objective=3, segment=1, pod=1, weeks=4),
        idea(2, objective=3, segment=1, pod=2, weeks=4),
        idea(3, objective=4, segment=5, pod=3, weeks=3, after=frozenset({4})),
        idea(4, segment=6, pod=3, weeks=3),
        idea(5, objective=6, segment=7, pod=4, people_days=8, build_days=5, starts=(1, 2)),
    ]
    solution, codes = conflicts(
        *candidates,
        fixed=(fixed(8, segment=20), fixed(9, segment=20)),
        capacities=(PodCapacity(4, 5.0),),
        objectives={3: 2, 4: 1, 6: 1},
    )
    assert codes == [
        ("collision", []),
        ("objective", ["collision"]),
        ("objective", ["after"]),
        ("objective", ["capacity"]),
    ]
    assert [one.rule.objective for one in solution.conflicts] == [None, 3, 4, 6]
    assert len(solution.placements) == 2


def test_a_fixed_bar_that_waits_in_vain_for_an_idea_is_named():
    waiting = fixed(8, first=7, segment=3, after=frozenset({1}))
    solution, codes = conflicts(idea(1), fixed=(waiting,))
    assert codes == [("after", ["after"])]
    assert solution.conflicts[0].rule.keys == (8, 1)


def test_as_few_rules_as_possible_are_named():
    freezes = tuple(
        Blackout(name, WEEKS[week], WEEKS[week + 1])
        for name, week in (("A", 0), ("B", 0), ("C", 1))
    )
    (rule,) = against(
        idea(1, weeks=1, starts=(0, 1), objective=3), objectives={3: 1}, blackouts=freezes
    )
    assert rule.name == "C"


def test_fixed_bars_that_take_more_of_a_namespace_than_there_is_are_named():
    bars = [fixed(key, segment=key, share=0.6, namespace=7) for key in (8, 9)]
    solution, codes = conflicts(idea(1, segment=2, share=0.1, namespace=7), fixed=tuple(bars))
    assert codes == [("namespace", [])]
    rule = solution.conflicts[0].rule
    assert (rule.namespace, rule.weeks, rule.limit) == (7, WEEKS[:2], 1.0)
    assert rule.amount == pytest.approx(0.2)
    assert [start.week for start in solution.placements] == [2]


def test_a_namespace_that_stands_against_an_objective_is_named():
    two = [idea(n, segment=n, share=0.6, namespace=7, objective=3, starts=(0,)) for n in (1, 2)]
    solution, codes = conflicts(*two, objectives={3: 2})
    assert codes == [("objective", ["namespace"])]
    assert len(solution.placements) == 1

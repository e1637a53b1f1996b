"""scipy's solver HiGHS, called so that one input gives one answer, and without a word on the screen."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from experiments.quarter.solver.rows import Model

# The output of a process is one; so is the solver that writes to it.
LOCK: Final = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """`values` is None where no plan came to light within the nodes. `bound`: no plan has more.
    `is_solved`: whether the search ended by itself; `is_possible`: whether any plan may exist.
    `nodes`: of the search tree that were looked at."""

    values: NDArray[np.float64] | None
    gain: float
    bound: float
    is_solved: bool
    is_possible: bool
    nodes: int = 0


def maximise(model: Model, *, nodes: int, gap: float) -> Answer:
    """The best plan within a number of nodes of the search tree.

    Only nodes are limited: a limit of time would give different plans from run to run.

    Args:
        model: what to maximise.
        nodes: of the search tree; 1 is its root alone.
        gap: stop where the bound is nearer than this fraction of the value.
    """
    count = len(model.gain)
    if count == 0 or model.columns == 0:
        is_possible = bool(np.all(model.most >= -1e-9))
        return Answer(np.zeros(count) if is_possible else None, 0.0, 0.0, True, is_possible)
    whole = (np.arange(count) < model.columns).astype(np.int64)
    with LOCK, silence():
        result = scipy.optimize.milp(
            -model.gain,
            integrality=whole,
            bounds=scipy.optimize.Bounds(0, model.upper),
            constraints=scipy.optimize.LinearConstraint(model.matrix, -np.inf, model.most),
            options={"node_limit": nodes, "mip_rel_gap": gap},
        )
    bound = result.mip_dual_bound
    return Answer(
        values=result.x,
        gain=-float(result.fun) if result.x is not None else -np.inf,
        bound=np.inf if bound is None or not np.isfinite(bound) else -float(bound),
        is_solved=result.status == 0,
        is_possible=result.status != 2,
        nodes=int(result.mip_node_count or 0),
    )


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """HiGHS writes a stray line to file descriptor 1, past `sys.stdout`."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # this process has no output
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)

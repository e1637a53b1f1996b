"""A part of a model: some columns free, all others as they are, their use taken off the right-hand side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from experiments.quarter.solver.rows import Model


@dataclass(frozen=True)
class Part:
    """A model of some variables of another; `order`: which."""

    model: Model
    order: NDArray[np.int64]


def part_of(model: Model, values: NDArray[np.float64], free: NDArray[np.bool_]) -> Part:
    """The same problem with only some columns free; all others stay as they are in `values`.

    The variables behind the columns are free wherever a row has a free column too.
    """
    matrix = model.matrix
    is_column = np.arange(len(model.gain)) < model.columns
    chosen = np.zeros(len(model.gain), dtype=bool)
    chosen[: model.columns] = free
    touched = _rows_with(matrix, chosen)
    extra = _columns_in(matrix, touched) & ~is_column
    variables = chosen | extra
    rows = _rows_with(matrix, variables)
    stays = np.where(variables, 0.0, np.where(is_column, np.round(values), values))
    most = model.most[rows] - matrix[rows] @ stays
    order = np.flatnonzero(variables)
    return Part(
        Model(
            model.gain[order],
            csr_array(matrix[rows][:, order]),
            most,
            model.upper[order],
            int(chosen.sum()),
            (),
        ),
        order,
    )


def _rows_with(matrix: csr_array, variables: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray((abs(matrix) @ variables.astype(float)) > 0)


def _columns_in(matrix: csr_array, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray((abs(matrix).T @ rows.astype(float)) > 0)

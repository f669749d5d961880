"""The matrix that a factorization has made of its factors, along a run."""

from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..problems import MatrixCompletion
from ..training import Run
from .neurons import ACTIVE

__all__ = ["products", "rank_counts", "target_matrix"]

Array = np.ndarray[Any, np.dtype[Any]]


@public()
def target_matrix(run: Run) -> Array:
    """The matrix that a run is to complete, [rows, columns].

    Raises
    ------
    ValueError
        If the run completes no matrix.
    """
    problem = run.experiment.problem
    if not isinstance(problem, MatrixCompletion):
        raise ValueError(f"A matrix is completed in a matrix_completion, but this is {problem}.")
    return np.array(problem.matrix)


@public()
def products(run: Run) -> Array:
    """The matrix A B at each recorded step, [T, rows, columns].

    Raises
    ------
    ValueError
        If the model has no factors A and B.
    """
    if not run.params.keys() >= {"A", "B"}:
        raise ValueError(f"There are factors A and B in a MatrixFactorization, not in {run}.")
    return np.asarray((run.params["A"] @ run.params["B"]).numpy())


@public()
def rank_counts(run: Run, active: float = ACTIVE) -> Array:
    """How many singular values of A B are above a share of the target's largest, [T]."""
    a_number("active", active, 0.0, below=1.0)
    largest = np.linalg.svd(target_matrix(run), compute_uv=False)[0]
    values = np.linalg.svd(products(run), compute_uv=False)
    return np.asarray((values > active * largest).sum(axis=1))

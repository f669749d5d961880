"""(Run of a matrix factorization, recorded step) -> frame."""

import numpy as np

from ..frames import Array, CompletionFrame, MatrixFrame, SingularFrame
from ..measures import ACTIVE, recovery
from ..problems import MatrixCompletion
from ..training import Run
from .runs import loss, moment, number, verdict

__all__ = ["completion_frame", "products", "rank_counts"]


def products(run: Run) -> Array:
    """The matrix A B at each recorded step, shape [T, rows, columns].

    Raises
    ------
    ValueError
        If the run is not a completion of a matrix by a factorization.
    """
    if not isinstance(run.experiment.problem, MatrixCompletion) or "A" not in run.params:
        raise ValueError("Only a matrix that is completed by a factorization can be drawn so.")
    return np.asarray((run.params["A"] @ run.params["B"]).numpy())


def rank_counts(run: Run) -> Array:
    """Singular values of A B above a hundredth of the target's largest, at each step [T]."""
    largest = np.linalg.svd(_target(run), compute_uv=False)[0]
    values = np.linalg.svd(products(run), compute_uv=False)
    return np.asarray((values > ACTIVE * largest).sum(axis=1))


def completion_frame(run: Run, index: int) -> CompletionFrame:
    """Everything that `condensekit.labs.FactorizationLab` shows of one recorded step."""
    target, every = _target(run), products(run)
    observed = np.zeros(target.size, dtype=bool)
    n = run.experiment.n_samples
    assert isinstance(run.experiment.problem, MatrixCompletion)
    observed[list(run.experiment.problem.order[:n])] = True
    observed = observed.reshape(target.shape)
    scale = float(np.abs(target).max()) or 1.0
    error = every[index] - target
    seen, unseen = (_root(error[which]) for which in (observed, ~observed))
    hidden = f" · unseen {number(unseen)}" if not observed.all() else ""
    values = np.linalg.svd(every, compute_uv=False).T
    goal = np.linalg.svd(target, compute_uv=False)
    curve = loss(run, index)
    return CompletionFrame(
        MatrixFrame(every[index], observed, scale, f"{n} of {target.size} entries seen"),
        MatrixFrame(error, observed, scale, f"seen {number(seen)}{hidden}"),
        SingularFrame(
            curve.x,
            values,
            goal,
            curve.x_label,
            curve.cursor,
            curve.log_x,
            1.15 * max(float(goal[0]), float(values[:, -1].max())),
            " · ".join(f"{value:.2f}" for value in values[:, index]),
        ),
        curve,
        verdict(recovery(run, index=index), moment(run, index)),
    )


def _target(run: Run) -> Array:
    problem = run.experiment.problem
    assert isinstance(problem, MatrixCompletion)
    return np.array(problem.matrix)


def _root(error: Array) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(error**2))) if error.size else 0.0

"""(Run of a matrix factorization, recorded step) -> frames."""

import numpy as np

from ..frames import (
    COLOURS,
    DASHES,
    GROUPS,
    Array,
    Curve,
    CurvesFrame,
    CurvesLook,
    MatrixFrame,
    Style,
    grown,
    ticks,
)
from ..measures import products, target_matrix
from ..problems import MatrixCompletion
from ..training import Run
from ..words import number
from .runs import time_axis

__all__ = ["mismatch", "product", "singular"]

MOST = 4  # curves; further singular values are not drawn
SINGULAR = CurvesLook(
    "Singular values of A B",
    "singular value",
    (
        Style("target", COLOURS["target"], width=4.0),
        *(Style(f"σ{'₁₂₃₄'[k]}", GROUPS[k], DASHES[k]) for k in range(MOST)),
    ),
    {},
)


def product(run: Run, index: int) -> MatrixFrame:
    """The matrix A B, and which entries of the target were observed."""
    target, observed, index = target_matrix(run), _observed(run), run.place(index)
    legend = "framed: observed &ensp;dashed: never seen"
    said = f"{observed.sum()} of {target.size} entries seen"
    return MatrixFrame(products(run)[index], observed, _scale(target), "A B", legend, said)


def mismatch(run: Run, index: int) -> MatrixFrame:
    """How far the matrix A B is from the target."""
    target, observed, index = target_matrix(run), _observed(run), run.place(index)
    error = products(run)[index] - target
    seen, unseen = (_root(error[which]) for which in (observed, ~observed))
    hidden = f" · unseen {number(unseen)}" if not observed.all() else ""
    legend, said = "root mean square of entries seen and unseen", f"seen {number(seen)}{hidden}"
    return MatrixFrame(error, observed, _scale(target), "A B − target", legend, said)


def singular(run: Run, index: int) -> CurvesFrame:
    """The largest singular values of A B over the time of a run, and those of the target."""
    values = np.linalg.svd(products(run), compute_uv=False).T
    goal = np.linalg.svd(target_matrix(run), compute_uv=False)
    axis = time_axis(run, index)
    top = grown(1.15 * float(goal[0]) or 1.0, float(values.max()))
    seen = goal[goal > 1e-9 * goal[0]]
    across = axis.ends if len(seen) else np.zeros(0)
    curves: list[Curve] = [(across, np.repeat(seen[:, None], 2, axis=1))]
    curves += [(axis.x, line) for line in values[:MOST]]
    curves += [(np.zeros(0), np.zeros(0))] * (MOST + 1 - len(curves))
    said = " · ".join(f"{value:.2f}" for value in values[:, index])
    return CurvesFrame(SINGULAR, axis, tuple(curves), (0.0, top), tuple(ticks(0.0, top)), said)


def _observed(run: Run) -> Array:
    problem, target = run.experiment.problem, target_matrix(run)
    seen = np.zeros(target.size, dtype=bool)
    assert isinstance(problem, MatrixCompletion)
    seen[list(problem.order[: run.experiment.n_samples])] = True
    return seen.reshape(target.shape)


def _scale(target: Array) -> float:
    return float(np.abs(target).max()) or 1.0


def _root(error: Array) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(error**2))) if error.size else 0.0

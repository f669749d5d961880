"""Steepness: how far gradient descent can follow a flow, and where the loss bends down."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..checks import a_count, a_number
from ..derivatives import Landscape
from ..doors import public
from ..models.parameters import flat
from ..training import Run
from .critical import landscape as landscape_at
from .critical import matrix

__all__ = ["descent_steps", "extreme_eigenvalues", "followed_until", "sharpness"]

Array = np.ndarray[Any, np.dtype[Any]]

LEVEL = 1e-200
"""A Hessian of which no eigenvalue can be larger is zero."""
_SMALL = 200
"""Parameters up to which all eigenvalues are computed."""


@public()
def sharpness(run: Run, products: int = 12) -> Array:
    """Largest eigenvalue of the Hessian of the training loss at every recorded step, shape [T].

    Gradient descent with learning rate lr can follow the gradient flow only while it is below
    2 / lr. Found by Lanczos' method, started from the gradient: a lower bound that is exact to many
    digits after a few products with the Hessian.

    Parameters
    ----------
    run : Run
        A run with full-batch gradients.
    products : int
        Hessian-vector products, at least 1.

    Raises
    ------
    ValueError
        If the model is too large for its Hessian.
    """
    a_count("products", products, 1)
    experiment, data = run.experiment, run.experiment.data()
    theta = np.concatenate(
        [run.params[name].flatten(1).numpy() for name in experiment.model.shapes()],
        axis=1,
    )
    found = np.empty(len(run))
    size = max(1, 2**22 // (experiment.n_samples * experiment.model.n_parameters))
    for first in range(0, len(run), size):
        some = slice(first, first + size)
        part = np.ascontiguousarray(theta[some])
        x, y = (leaf.expand(len(part), *leaf.shape) for leaf in (data.x, data.y))
        landscape = Landscape(experiment.model, part, x, y, experiment.problem.loss)
        found[some] = _largest(landscape, products)
    return found


def _largest(landscape: Landscape, products: int) -> Array:
    """The largest eigenvalue of each Hessian, or a little less."""
    landscape.loss()
    hessian = landscape.curvature()
    hessian.update()
    return _lanczos(hessian.product, landscape.gradient, products)


@public(but=["index"])
def lowest_eigenvalue(run: Run, index: int) -> float:
    """Lowest eigenvalue of the Hessian at a recorded step, or a little more.

    If it is negative there is a direction in which the loss bends down: a distance in this
    direction grows by the factor e while the flow time grows by 1 / |lowest|.

    Raises
    ------
    ValueError
        If the model is too large for its Hessian.
    """
    model = run.experiment.model
    return extreme_eigenvalues(landscape_at(run.experiment, model, flat(model, run.at(index))))[0]


def extreme_eigenvalues(landscape: Landscape, products: int = 40) -> tuple[float, float]:
    """Lowest and largest eigenvalue of the Hessian of one network.

    Exact for few parameters. Beyond that the lowest is found by Lanczos' method with
    (I + s H)^-1, whose largest eigenvalue is 1 / (1 + s lowest), where s is as large as the bound
    allows that the closed form knows; it may come out a little too high. The start is a fixed
    random vector, since at a critical point there is no gradient.

    Parameters
    ----------
    landscape : Landscape
        One network.
    products : int
        Systems to solve, at least 1.

    Raises
    ------
    ValueError
        If the model is too large for its Hessian.
    """
    landscape.loss()
    hessian = landscape.curvature()
    hessian.update()
    size = landscape.theta.shape[1]
    if size <= _SMALL:
        values = np.linalg.eigvalsh(matrix(hessian, size))
        return float(values[0]), float(values[-1])
    start = np.random.default_rng(0).standard_normal((1, size))
    largest = _lanczos(hessian.product, start, products)
    if max(-float(hessian.lowest[0]), float(largest[0])) <= LEVEL:
        return 0.0, max(float(largest[0]), 0.0)  # as at zero, where act(0) = act'(0) = 0
    bound = np.maximum(-hessian.lowest, 1e-9 * largest)
    shift = 0.9 / bound
    hessian.factor(shift)
    inverse = _lanczos(hessian.solve, start, products)
    return float(((1.0 / inverse - 1.0) / shift)[0]), float(largest[0])


def _lanczos(operator: Callable[[Array], Array], start: Array, products: int) -> Array:
    """Lanczos' method for all runs at once: the largest eigenvalue on a Krylov space."""
    basis: list[Array] = []
    vector = start.copy()
    small = np.zeros((len(vector), products, products))
    for k in range(products):
        before = np.sqrt(np.vecdot(vector, vector))[:, None]
        for _ in range(2):  # twice is enough (Giraud et al. 2005)
            for other in basis:
                vector -= np.vecdot(other, vector)[:, None] * other
        length = np.sqrt(np.vecdot(vector, vector))[:, None]
        new = length > 1e-10 * before  # or else rounding is all that is left
        basis.append(np.divide(vector, length, out=np.zeros_like(vector), where=new))
        vector = operator(basis[k])
        for j, other in enumerate(basis):
            small[:, k, j] = np.vecdot(other, vector)
    return np.asarray(np.linalg.eigvalsh(small)[:, -1])  # reads the lower triangle


@public()
def followed_until(run: Run, lr: float, steepness: Array | None = None) -> float:
    """Time until which gradient descent with this learning rate can follow the flow.

    The time of the first recorded step with lr > 2 / lambda_max; infinity if there is none.

    Parameters
    ----------
    run : Run
        A run of the gradient flow.
    lr : float
        Learning rate, above 0.
    steepness : array, shape [T], optional
        What `sharpness` found, if it is known.
    """
    a_number("lr", lr, above=0.0)
    above = _given(run, steepness)
    left = np.flatnonzero(lr * above > 2.0)
    return float(run.time[left[0]]) if len(left) else float("inf")


@public()
def descent_steps(run: Run, steepness: Array | None = None) -> Array:
    """Steps that gradient descent needs to stay with the flow, at every recorded step, shape [T].

    The integral of lambda_max / 2 over flow time: at each moment the largest learning rate that is
    stable. Piecewise linear between recorded steps.
    """
    above = _given(run, steepness)
    pieces = np.diff(run.time) * (above[1:] + above[:-1]) / 4.0
    return np.concatenate([[0.0], np.cumsum(pieces)])[: len(run)]


def _given(run: Run, steepness: Array | None) -> Array:
    """The sharpness at every recorded step, computed where it is not known."""
    above = sharpness(run) if steepness is None else steepness
    if above.shape != (len(run),):
        raise ValueError(
            f"steepness must hold {len(run)} numbers, one a step, but has shape {[*above.shape]}."
        )
    return above

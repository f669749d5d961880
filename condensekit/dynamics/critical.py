"""Critical points: sought by Newton's method near a network, in all of its parameters."""

from typing import Any

import numpy as np

from ..derivatives import Landscape
from ..derivatives.curvature import Curvature
from ..experiments import Experiment
from ..models import Model

__all__ = ["critical_point", "landscape", "matrix", "slope"]

Array = np.ndarray[Any, np.dtype[Any]]

_TURNS, _REACH = 100, 1.0
"""Newton steps at most, and how far they may go, in lengths of the parameters at their start."""
ZERO = 1e-10
"""A gradient is zero if it is below this share of the one where the search began ..."""
_ROUNDING = 1e-13
"""... or |gradient| |theta| below this share of the mean square of the labels."""


def landscape(experiment: Experiment, model: Model, theta: Array) -> Landscape:
    """The loss of one network on the samples of an experiment, at `theta` [P]."""
    data = experiment.data()
    return Landscape(
        model, theta[None].astype(float), data.x[None], data.y[None], experiment.problem.loss
    )


def slope(ground: Landscape) -> float:
    """Length of the gradient."""
    ground.loss()
    return float(np.linalg.norm(ground.gradient))


def matrix(curvature: Curvature, size: int) -> Array:
    """The Hessian of one network, shape [P, P]; symmetric to the last bit."""
    rows = np.array([curvature.product(e[None])[0] for e in np.eye(size)])
    return np.asarray((rows + rows.T) / 2.0)


def critical_point(experiment: Experiment, model: Model, theta: Array) -> Array | None:
    """A zero of the gradient near `theta`, of any index; None if none is found within reach.

    Newton's method on the gradient, damped as Levenberg and Marquardt do it, so that |gradient|
    falls in each step, and takes the shortest way where critical points are not isolated.

    Parameters
    ----------
    experiment : Experiment
        For samples and loss.
    model : Model
        A small model: each step takes an eigendecomposition.
    theta : array, shape [P]
        Where the search begins.
    """
    ground = landscape(experiment, model, theta)
    size, length = slope(ground), float(np.linalg.norm(theta))
    scale = float(experiment.data().y.double().square().mean())
    enough = max(ZERO * size, _ROUNDING * scale / (length or 1.0))
    damping = 1e-3
    curvature = ground.curvature()
    for _ in range(_TURNS):
        here: Array = ground.theta[0].copy()
        before = size
        if size <= enough:
            return here
        curvature.update()
        values, vectors = np.linalg.eigh(matrix(curvature, len(theta)))
        inner = ground.gradient[0] @ vectors
        largest = float(np.abs(values).max())
        while damping < 1e6:
            factors = values / (values**2 + (damping * largest) ** 2)
            ground.theta[0] = here - vectors @ (factors * inner)
            size = slope(ground)
            if size < before:
                damping = max(0.1 * damping, 1e-12)
                break
            damping *= 5.0
        else:
            return None
        if np.linalg.norm(ground.theta[0] - theta) > _REACH * length:
            return None
    return None

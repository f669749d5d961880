"""Landscape: the losses of a batch of runs as functions of one array of parameters."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..models import Model, Params
from .curvature import Curvature, curvature
from .gradients import evaluate, loss_and_gradient
from .jacobian import jacobian

__all__ = ["Landscape", "leaves"]

Array = np.ndarray[Any, np.dtype[Any]]


def leaves(model: Model, flat: Array) -> Params:
    """The parameters [R, ...] by name, as views into `flat` [R, P]."""
    found, first = {}, 0
    for name, shape in model.shapes().items():
        columns = torch.from_numpy(flat)[:, first : first + math.prod(shape)]
        found[name] = columns.view(len(flat), *shape)
        first += math.prod(shape)
    return found


class Landscape:
    """Loss, gradient and Hessian of a batch of runs, at the point where `theta` is.

    Parameters
    ----------
    model : Model
        The formula.
    theta : array, shape [R, P]
        The parameters, a row per run; whoever moves the runs writes here.
    x, y : Tensor, shapes [R, n, d] and [R, n]
        Training samples of each run.

    Attributes
    ----------
    params : dict of Tensor, leaves [R, ...]
        The parameters by name: views into `theta`.
    gradient : array, shape [R, P]
        What the last call of `loss` left.
    """

    def __init__(self, model: Model, theta: Array, x: Tensor, y: Tensor) -> None:
        self.model, self.x, self.y = model, x, y
        self._bind(theta, np.zeros_like(theta))

    def _bind(self, theta: Array, gradient: Array) -> None:
        self.theta, self.gradient = theta, gradient
        self.params = leaves(self.model, theta)
        parts = leaves(self.model, gradient)
        self.loss = loss_and_gradient(self.model, self.params, parts, self.x, self.y)

    def curvature(self) -> Curvature:
        """The Hessians, bound to the memory of `theta`.

        Raises
        ------
        ValueError
            If the model is too large for that.
        """
        return curvature(self.model, self.theta, self.params, self.x, self.y)

    def terms(self, row: int) -> Array:
        """sum_i |2 r_i J_ij| / n of a run, shape [P]: the gradient if no two samples disagreed.

        The gradient is the same sum with signs; where it is smaller by all digits of the numbers,
        nothing of it is known but that it is zero.
        """
        params = {name: leaf[row] for name, leaf in self.params.items()}
        x, y = self.x[row], self.y[row]
        residual = evaluate(self.model, params, x) - y
        each = jacobian(self.model, params, x) * residual[:, None]
        return np.asarray(each.abs().sum(dim=0).numpy() * (2.0 / len(y)))

    def keep(self, rows: Array) -> None:
        """Go on with these rows only."""
        self.x, self.y = self.x[rows], self.y[rows]
        self._bind(self.theta[rows], self.gradient[rows])

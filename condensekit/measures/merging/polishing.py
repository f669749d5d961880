"""Polishing: the least-squares fit of a narrow network, from where it is."""

from typing import Any

import numpy as np
import torch

from ...derivatives.gradients import with_one
from ...doors import public
from ...models import Params, TwoLayer, check_params
from ..neurons import Neurons, neurons

__all__ = ["checked", "hidden", "nearest_fit", "network", "polish"]

Array = np.ndarray[Any, np.dtype[Any]]

_TURNS, GAIN = 300, 1e-9
"""Iterations of `polish` at most; it ends when one lowers the sum of squares by a smaller share."""


@public(but=["model"])
def polish(model: TwoLayer, params: Params, x: torch.Tensor, y: torch.Tensor) -> Params:
    """Go on to the least-squares fit of the samples next to `params`.

    Levenberg and Marquardt's method on sum_i (f(x_i) - y_i)^2, in float64: Gauss-Newton with steps
    that are shortened until the sum falls. This is training by other means, and for narrow
    networks: with P parameters and n samples an iteration costs n P^2 + P^3.

    Parameters
    ----------
    model, params
        One two-layer network.
    x, y : Tensor, shapes [n, d] and [n]
        Samples.

    Returns
    -------
    dict of Tensor
        New parameters; the sum of squares is not larger than before.

    Raises
    ------
    ValueError
        If parameters or samples do not fit the model, or are not finite.

    Examples
    --------
    >>> from condensekit import three_tanh
    >>> data = three_tanh().data(50)
    >>> model, exact = three_tanh().teacher()
    >>> found = polish(model, {name: 0.9 * leaf for name, leaf in exact.items()}, data.x, data.y)
    >>> all(torch.allclose(found[name], exact[name]) for name in exact)
    True
    """
    if not isinstance(model, TwoLayer):
        raise ValueError(f"Only a two-layer network can be polished, and {model!r} is none.")
    start = neurons(model, checked(model, params))
    inputs, goal = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if inputs.ndim != 2 or inputs.shape[1] != model.d or goal.shape != inputs.shape[:1]:
        raise ValueError(
            f"x and y must have shapes [n, {model.d}] and [n], but have {[*inputs.shape]} and "
            f"{[*goal.shape]}."
        )
    if not (np.isfinite(inputs).all() and np.isfinite(goal).all()):
        raise ValueError("x and y must be finite, but hold NaN or infinity.")
    return network(model, nearest_fit(start, with_one(model, inputs), goal, 0.0, _TURNS, GAIN))[1]


def checked(model: TwoLayer, params: Params) -> Params:
    """The parameters in float64, if they fit the model; else a ValueError."""
    check_params(model, params)
    return {name: params[name].detach().double() for name in model.shapes()}


def network(like: TwoLayer, layer: Neurons) -> tuple[TwoLayer, Params]:
    """These neurons as a network of the family of `like`."""
    model = TwoLayer(like.d, len(layer.output), like.activation, like.bias)
    leaves = {"a": layer.output, "w": layer.weight[:, : like.d], "b": layer.weight[:, -1]}
    return model, {name: torch.tensor(leaves[name], device="cpu") for name in model.shapes()}


def hidden(layer: Neurons, inputs: Array) -> Array:
    """What each neuron computes before its output weight, shape [n, m].

    `inputs` [n, q] are (x, 1) where neurons have a bias, else x.
    """
    z: Array = inputs @ layer.weight.T
    layer.activation.fill(z)
    return z


def nearest_fit(
    layer: Neurons, inputs: Array, goal: Array, enough: float, turns: int, gain: float
) -> Neurons:
    """The least-squares fit of `goal` [n] at `inputs` [n, q] next to `layer`.

    Ends where no output is off by more than `enough`, after `turns` iterations, or when one lowers
    the sum of squares by less than the share `gain`; never with a larger sum than at the start.
    """
    k, q = layer.weight.shape
    floor = 1e-30 * float(goal @ goal)  # rounding

    def look(theta: Array) -> tuple[Array, Array, float]:
        z = inputs @ theta[k:].reshape(q, k)
        slope = np.empty_like(z)
        layer.activation.fill(z, slope)
        residual = z @ theta[:k] - goal
        slope *= theta[:k]
        jacobian = np.concatenate([z, *(slope * part[:, None] for part in inputs.T)], axis=1)
        return jacobian, residual, float(residual @ residual)

    theta = np.concatenate([layer.output, layer.weight.T.ravel()])
    damping, scale = 1e-3, np.zeros(len(theta))
    with np.errstate(over="ignore", invalid="ignore"):
        jacobian, residual, loss = look(theta)
        for _ in range(turns):
            if loss <= floor or np.abs(residual).max() <= enough:
                break
            normal, slope = jacobian.T @ jacobian, jacobian.T @ residual
            # Each parameter is measured by the most that it has done to the outputs (More 1978),
            # so that a neuron whose w shrinks does not run away with a.
            scale = np.maximum(scale, np.diag(normal))
            weights = np.diag(np.where(scale > 0.0, scale, 1.0))
            before = loss
            while damping < 1e12:
                try:
                    trial = theta - np.linalg.solve(normal + damping * weights, slope)
                except np.linalg.LinAlgError:  # outputs so large that their squares overflow
                    damping *= 5.0
                    continue
                seen = look(trial)
                if seen[2] < loss:
                    theta, (jacobian, residual, loss) = trial, seen
                    damping = max(0.1 * damping, 1e-13)
                    break
                damping *= 5.0
            if loss > (1.0 - gain) * before:
                break
    return Neurons(theta[k:].reshape(q, k).T.copy(), theta[:k].copy(), layer.activation)

"""Outputs, loss and gradient: autodiff for any model, a closed form for `TwoLayer`."""

import functools
import itertools
from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..activations import activation
from ..defaults import recordable, torch_defaults
from ..doors import door
from ..losses import Loss, mean_squared_error
from ..models import Model, Params, TwoLayer
from ..models.fitting import check_networks
from .panels import NODES, interpolated, panels_needed

__all__ = ["LossGradient", "autodiff", "evaluate", "loss_and_gradient"]

Array = np.ndarray[Any, np.dtype[Any]]
LossGradient = Callable[[], Array]

BLOCK = 2**16  # hidden activations handled at a time: two such arrays fit in a cache of 1 MB


@torch_defaults()
@door(check_networks)
def evaluate(model: Model, params: Params, x: Tensor) -> Tensor:
    """Outputs of one network, or of a batch of networks, at many inputs.

    Values only: the closed forms do not record for autograd.

    Parameters
    ----------
    model : Model
        The formula.
    params : dict of Tensor
        Parameters; leading axes [...] that all leaves share are a batch.
    x : Tensor, shape [n, d] or [..., n, d]
        Inputs, the same for every network or for each its own.

    Returns
    -------
    Tensor, shape [..., n], and then the shape of one output
    """
    name, shape = next(iter(model.shapes().items()))
    batch = params[name].shape[: params[name].ndim - len(shape)]
    if model.broadcasts:
        return _broadcast(model, params, x, batch)
    batched = torch.vmap(model, in_dims=(None, 0))
    # One network at a time: a batch at 2,000 inputs would otherwise need gigabytes.
    for _ in batch:
        batched = torch.vmap(batched, in_dims=(0, 0 if x.ndim > 2 else None), chunk_size=1)
    return batched(params, x)


def _broadcast(model: Model, params: Params, x: Tensor, batch: torch.Size) -> Tensor:
    """One network after the other, each at all its inputs."""
    if not batch:
        with torch.no_grad():
            return model(params, x)
    inputs = x if x.ndim > 2 else x.expand(batch[0], *x.shape)
    networks = [{name: leaf[row] for name, leaf in params.items()} for row in range(batch[0])]
    found = [_broadcast(model, *one, batch[1:]) for one in zip(networks, inputs, strict=True)]
    return torch.stack(found)


@evaluate.register
def _two_layer_outputs(model: TwoLayer, params: Params, x: Tensor) -> Tensor:
    batch, n = params["a"].shape[:-1], x.shape[-2]
    a = params["a"].detach().numpy().reshape(-1, model.m)
    w = params["w"].detach().numpy().reshape(-1, model.m, model.d)
    parts = [w.swapaxes(1, 2)]
    if model.bias:
        parts.append(params["b"].detach().numpy().reshape(-1, 1, model.m))
    weights = np.concatenate(parts, axis=1)
    inputs = x.detach().numpy()
    inputs = np.broadcast_to(inputs.reshape(-1, n, model.d), (len(a), n, model.d))
    outputs = np.empty((len(a), n))
    for runs, panels in _together(_panels(model, w, inputs), inputs):
        at = functools.partial(_outputs, model, weights[runs], a[runs])
        points = inputs[runs[0]]
        outputs[runs] = interpolated(at, points, panels) if panels else at(points)
    return torch.from_numpy(outputs.reshape(*batch, n))


def _together(panels: list[int], x: Array) -> list[tuple[list[int], int]]:
    """Runs with the same points and panels, and these panels; where points differ, each run."""
    if not any(panels) or not (x == x[0]).all():
        return [([run], count) for run, count in enumerate(panels)]
    found: dict[int, list[int]] = {}
    for run, count in enumerate(panels):
        found.setdefault(count, []).append(run)
    return [(runs, count) for count, runs in found.items()]


def _panels(model: TwoLayer, w: Array, x: Array) -> list[int]:
    """Panels from which the outputs of each run are interpolated; 0 if that is not less work."""
    runs, n, d = x.shape
    strip = activation(model.activation).strip
    if d > 1 or n <= NODES or strip is None:
        return [0] * runs
    found = []
    for steepness in (np.abs(w).max(axis=(1, 2)) * np.ptp(x, axis=(1, 2))).tolist():
        panels = panels_needed(steepness, strip) if steepness < n else n  # not where w diverged
        # Each point weighs the nodes of its panel; a weight takes a sixth of an activation's time.
        work = NODES * (panels * model.m + n / 6)
        found.append(panels if work < n * model.m else 0)
    return found


def _outputs(model: TwoLayer, weights: Array, a: Array, x: Array) -> Array:
    """Outputs [r, n] of r networks at the same inputs [n, d]."""
    fill = activation(model.activation).fill
    inputs, (runs, n) = with_one(model, x), (len(a), len(x))
    outputs = np.empty((runs, n))
    size = 2 * BLOCK // model.m  # one array here, two for the gradient
    some = min(n, max(1, size))
    block = min(runs, max(1, size // some))
    work = np.empty((block, some, model.m))
    for run, point in itertools.product(range(0, runs, block), range(0, n, some)):
        here = slice(run, run + block), slice(point, point + some)
        hidden = work[: len(a[here[0]]), : len(x[here[1]])]
        np.matmul(inputs[here[1]], weights[here[0]], out=hidden)
        fill(hidden)
        np.matvec(hidden, a[here[0]], out=outputs[here])
    return outputs


def with_one(model: TwoLayer, x: Array) -> Array:
    """Inputs (x, 1) for weights (w, b): one matrix product instead of a product and a sum."""
    return np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1) if model.bias else x


@torch_defaults()
@singledispatch
def loss_and_gradient(
    model: Model,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> LossGradient:
    """Bind the loss and the gradient of a batch of runs to the memory of `params`.

    L = (1 / n) sum_i (f(x_i) - y_i)^2 for each run, unless another loss is given.

    Parameters
    ----------
    model : Model
        The formula; models with a closed form have their own implementation.
    params, gradient : dict of Tensor, leading axis [R]
        Where each call reads the parameters and leaves the gradient.
    x, y : Tensor, shapes [R, n, d] and [R, n, ...]
        Training samples of each run.
    loss : Loss
        Of the outputs and labels of one run.

    Returns
    -------
    callable
        Each call returns the loss of each run, shape [R], and fills `gradient`.
    """
    return autodiff(model, params, gradient, x, y, loss)


def autodiff(
    model: Model,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> LossGradient:
    """`loss_and_gradient` by automatic differentiation; right for every model, fast for none."""
    x, y = recordable(x), recordable(y)
    if model.broadcasts:
        return _one_by_one(model, params, gradient, x, y, loss)

    def of(theta: Params, x: Tensor, y: Tensor) -> Tensor:
        return loss(torch.vmap(model, in_dims=(None, 0))(theta, x), y)

    step = torch.vmap(torch.func.grad_and_value(of))

    @torch_defaults()
    def call() -> Array:
        found, value = step(params, x, y)
        for name, leaf in gradient.items():
            leaf.copy_(found[name])
        return np.asarray(value.detach())

    return call


def _one_by_one(
    model: Model, params: Params, gradient: Params, x: Tensor, y: Tensor, loss: Loss
) -> LossGradient:
    """`autodiff` for a formula that holds for many inputs at once: one run after the other."""
    losses = np.empty(len(y))
    # Views of the same memory, made once: whoever moves the runs writes there.
    runs = [
        {name: leaf[run].detach().requires_grad_() for name, leaf in params.items()}
        for run in range(len(y))
    ]
    slopes = [[gradient[name][run] for name in own] for run, own in enumerate(runs)]

    @torch_defaults()
    def call() -> Array:
        for run, own in enumerate(runs):
            value = loss(model(own, x[run]), y[run])
            found = torch.autograd.grad(value, [*own.values()], materialize_grads=True)
            for slope, new in zip(slopes[run], found, strict=True):
                slope.copy_(new)
            losses[run] = value.item()
        return losses

    return call


@loss_and_gradient.register
def _two_layer(
    model: TwoLayer,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
    mask: Tensor | None = None,
) -> LossGradient:
    """H = act(W X), r = a h - y; dL/da = 2/n h r, dL/dW = 2/n a * (act'(W X) r X).

    A `mask` [R, n, m] multiplies act and act', in training with dropout.
    """
    if loss is not mean_squared_error:
        return autodiff(model, params, gradient, x, y, loss)
    runs, n = y.shape
    size = max(1, min(runs, BLOCK // (n * model.m)))
    blocks = [slice(first, min(first + size, runs)) for first in range(0, runs, size)]
    work = np.empty((2, size, n, model.m))
    losses = np.empty(runs)
    calls = [
        _two_layer_block(
            model,
            {name: leaf[block].numpy() for name, leaf in params.items()},
            {name: leaf[block].numpy() for name, leaf in gradient.items()},
            x[block].numpy(),
            y[block].numpy(),
            work[:, : block.stop - block.start],
            losses[block],
            None if mask is None else mask[block].numpy(),
        )
        for block in blocks
    ]

    def call() -> Array:
        for block in calls:
            block()
        return losses

    return call


def _two_layer_block(
    model: TwoLayer,
    params: dict[str, Array],
    gradient: dict[str, Array],
    x: Array,
    y: Array,
    work: Array,
    losses: Array,
    mask: Array | None,
) -> Callable[[], None]:
    runs, n, d = x.shape
    fill = activation(model.activation).fill
    hidden, slope = work
    # For small networks a step is the sum of its calls, so that views are made once, here.
    a, parts = params["a"], [params["w"].swapaxes(1, 2)]
    to_a, to_w = gradient["a"], gradient["w"].swapaxes(1, 2)
    if model.bias:
        parts.append(params["b"][:, None])
    inputs = with_one(model, x)
    rows = inputs.shape[2]
    weights = np.empty((runs, rows, model.m))
    pulled = np.empty_like(weights)
    # One row more than weights: the residual itself, which is also what a bias is pulled by.
    inputs_t = np.ones((runs, d + 1, n))
    inputs_t[:, :d] = x.swapaxes(1, 2)
    inputs_t *= 2.0 / n
    weighted = np.empty_like(inputs_t)
    residual = np.empty((runs, n))
    over_inputs, over_neurons = residual[:, None], a[:, None]
    weighted_rows, weighted_residual = weighted[:, :rows], weighted[:, d]
    pulled_w, slope_rows = pulled[:, :d], slope[:, None]
    thin = rows <= 3  # a few matrix-vector products then take 2/3 of a matrix product

    def call() -> None:
        np.concatenate(parts, axis=1, out=weights)
        np.matmul(inputs, weights, out=hidden)
        fill(hidden, slope)
        if mask is not None:
            np.multiply(work, mask, out=work)
        np.subtract(np.matvec(hidden, a, out=residual), y, out=residual)
        np.vecdot(residual, residual, out=losses)
        np.multiply(losses, 1.0 / n, out=losses)
        np.multiply(inputs_t, over_inputs, out=weighted)
        np.vecmat(weighted_residual, hidden, out=to_a)
        if thin:
            np.vecmat(weighted_rows, slope_rows, out=pulled)
        else:
            np.matmul(weighted_rows, slope, out=pulled)
        np.multiply(pulled_w, over_neurons, out=to_w)
        if model.bias:
            np.multiply(pulled[:, d], a, out=gradient["b"])

    return call

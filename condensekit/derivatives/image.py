"""Closed form for convolutional networks with one hidden layer.

Patches of the images are constants, so that a step is a few matrix products; taken some images at a
time, all that lies between them stays in the cache.
"""

import functools
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..activations import activation
from ..defaults import recordable, torch_defaults
from ..losses import Loss, mean_squared_error
from ..models import Conv, Params
from .gradients import LossGradient, autodiff, evaluate, loss_and_gradient

__all__: list[str] = []

Array = np.ndarray[Any, np.dtype[Any]]

CACHED = 2**19
"""Hidden activations handled at a time, in float32 two megabytes; fewer cost more calls."""


@evaluate.register
def _outputs(model: Conv, params: Params, x: Tensor) -> Tensor:
    if not _is_shallow(model):
        return evaluate.dispatch(object)(model, params, x)
    fill, batch = activation(model.activation).fill, params["w"].shape[:-2]
    leaves = {
        name: leaf.detach().reshape(-1, *model.shapes()[name]) for name, leaf in params.items()
    }
    runs = len(leaves["w"])
    images = (
        x.detach().expand(runs, *x.shape[-2:]) if x.ndim == 2 else x.reshape(runs, *x.shape[-2:])
    )
    found = torch.empty(runs, x.shape[-2], model.classes, dtype=x.dtype, device="cpu")
    for run in range(runs):
        one = {name: leaf[run] for name, leaf in leaves.items()}
        for some in _blocks(model, x.shape[-2]):
            z = _hidden(model, one, _patches(model, images[run, some]))
            fill(z.numpy())
            torch.matmul(
                _pooled(model, z).flatten(1), _columns(model, one["v"]).T, out=found[run, some]
            )
        found[run] += one["c"]
    return found.reshape(*batch, *found.shape[1:])


@loss_and_gradient.register
def _gradient(
    model: Conv,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> LossGradient:
    """Patches P: H = act(P W^T + b), f = V pool(H) + c; the loss is a mean over samples."""
    if not _is_shallow(model):
        return autodiff(model, params, gradient, x, y, loss)
    x, y = recordable(x), recordable(y)
    runs, n = y.shape[:2]
    fill, blocks = activation(model.activation).fill, _blocks(model, n)
    patches = [[_patches(model, x[run, some]) for some in blocks] for run in range(runs)]

    @torch_defaults()
    def call() -> Array:
        losses = np.zeros(runs)
        for run in range(runs):
            at = {name: leaf[run] for name, leaf in params.items()}
            to = {name: leaf[run].zero_() for name, leaf in gradient.items()}
            columns = _columns(model, at["v"])
            to_columns = torch.zeros_like(columns)
            for some, seen_by in zip(blocks, patches[run], strict=True):
                share = (some.stop - some.start) / n
                z = _hidden(model, at, seen_by)
                slope = torch.empty_like(z)
                fill(z.numpy(), slope.numpy())
                inputs = _pooled(model, z).flatten(1)
                outputs = torch.addmm(at["c"], inputs, columns.T).requires_grad_()
                value = share * loss(outputs, y[run, some])
                (residual,) = torch.autograd.grad(value, outputs)
                losses[run] += value.item()
                to["c"] += residual.sum(0)
                to_columns += residual.T @ inputs
                _spread(model, (residual @ columns).view(len(residual), -1, model.kernels), slope)
                flat = slope.view(-1, model.kernels)
                to["w"] += flat.T @ seen_by
                to["b"] += flat.sum(0)
            to["v"].copy_(
                to_columns.view(model.classes, -1, model.kernels).mT.reshape(model.classes, -1)
            )
        return losses

    return call


def _is_shallow(model: Conv) -> bool:
    return model.layers == 1 and not model.hidden


def _blocks(model: Conv, n: int) -> list[slice]:
    size = max(1, CACHED // (model.kernels * model.positions**2))
    return [slice(first, min(first + size, n)) for first in range(0, n, size)]


@functools.lru_cache(maxsize=64)
@torch_defaults()
def _pixels(side: int, size: int, stride: int) -> Tensor:
    """Which pixels kernels see, position by position: shape [p^2 s^2]."""
    grid = torch.arange(side**2, device="cpu").view(side, side)
    return grid.unfold(0, size, stride).unfold(1, size, stride).flatten()


def _patches(model: Conv, images: Tensor) -> Tensor:
    """What kernels see, shape [n p^2, s^2]; a tenth of the time of torch's unfold."""
    pixels = _pixels(model.side, model.size, model.stride)
    return images.index_select(1, pixels).view(-1, model.size**2)


def _hidden(model: Conv, params: Params, patches: Tensor) -> Tensor:
    """Inputs of the activation, shape [n, p, p, k]."""
    z = torch.addmm(params["b"], patches, params["w"].T)
    return z.view(-1, model.positions, model.positions, model.kernels)


def _pooled(model: Conv, hidden: Tensor) -> Tensor:
    """Averages over squares, shape [n, q^2, k]."""
    if model.pool == 1:
        return hidden.view(len(hidden), -1, model.kernels)
    q, size = model.pooled, model.pool
    squares = hidden[:, : q * size, : q * size].reshape(-1, q, size, q, size, model.kernels)
    return squares.mean((2, 4)).view(len(hidden), -1, model.kernels)


def _spread(model: Conv, pulled: Tensor, slope: Tensor) -> None:
    """Multiply slopes [n, p, p, k] by what pulls at the averages [n, q^2, k], in place."""
    if model.pool == 1:
        slope *= pulled.view_as(slope)
        return
    q, size = model.pooled, model.pool
    each = (pulled / size**2).view(-1, q, 1, q, 1, model.kernels)
    squares = each.expand(-1, q, size, q, size, model.kernels)
    slope[:, : q * size, : q * size] *= squares.reshape(-1, q * size, q * size, model.kernels)
    slope[:, q * size :] = 0.0
    slope[:, :, q * size :] = 0.0


def _columns(model: Conv, v: Tensor) -> Tensor:
    """Output weights [classes, k q^2] in the order [classes, q^2 k] of what is computed here."""
    return v.view(len(v), model.kernels, -1).mT.reshape(len(v), -1)

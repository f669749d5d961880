"""Jacobians of the outputs: autodiff for any model, a closed form for `TwoLayer`."""

import math

import numpy as np
import torch
from torch import Tensor

from ..activations import activation
from ..defaults import recordable, torch_defaults
from ..doors import door
from ..models import Model, Params, TwoLayer
from ..models.fitting import check_point
from ..threads import single_thread
from .gradients import BLOCK, with_one

__all__ = ["autodiff_jacobian", "jacobian"]


@torch_defaults()
@door(check_point)
def jacobian(model: Model, params: Params, x: Tensor) -> Tensor:
    """Jacobian of one network: the derivatives of its outputs by all parameters.

    Parameters
    ----------
    model, params
        One network.
    x : Tensor, shape [n, d]
        Inputs.

    Returns
    -------
    Tensor, shape [n, P]
        Row i holds d f(x_i) / d theta, the parameters in the order of ``model.shapes()``. Where an
        output is c numbers, the shape is [n c, P], and the rows of one input follow each other.
    """
    return autodiff_jacobian(model, params, x)


def autodiff_jacobian(model: Model, params: Params, x: Tensor) -> Tensor:
    """`jacobian` by automatic differentiation; right for every model."""
    here = {name: recordable(leaf.detach()) for name, leaf in params.items()}
    if not model.vmaps:
        return _one_by_one(model, here, x)
    found = torch.vmap(torch.func.jacrev(model), in_dims=(None, 0))(here, recordable(x))
    rows = len(x) * math.prod(model.output_shape)
    return torch.cat([found[name].reshape(rows, -1) for name in model.shapes()], dim=1).detach()


@single_thread()
def _one_by_one(model: Model, params: Params, x: Tensor) -> Tensor:
    """One output after the other."""
    leaves = {name: leaf.requires_grad_() for name, leaf in params.items()}
    outputs = (output for point in x for output in model(leaves, point).reshape(-1))
    return torch.stack([_slopes(output, [*leaves.values()]) for output in outputs])


def _slopes(output: Tensor, leaves: list[Tensor]) -> Tensor:
    found = torch.autograd.grad(output, leaves, retain_graph=True, materialize_grads=True)
    return torch.cat([slope.flatten() for slope in found])


@jacobian.register
def _two_layer(model: TwoLayer, params: Params, x: Tensor) -> Tensor:
    """By a: act(z); by w: a act'(z) x; by b: a act'(z)."""
    fill = activation(model.activation).fill
    m, d, n = model.m, model.d, len(x)
    a, w = (params[name].detach().numpy() for name in ("a", "w"))
    weights = np.column_stack([w, params["b"].detach().numpy()]) if model.bias else w
    inputs = with_one(model, x.detach().numpy())
    found = np.empty((n, model.n_parameters))
    size = max(1, BLOCK // m)
    slope = np.empty((size, m))
    for first in range(0, n, size):
        some = slice(first, min(first + size, n))
        rows, steep = found[some], slope[: some.stop - first]
        value = np.matmul(inputs[some], weights.T)
        fill(value, steep)
        rows[:, :m] = value
        steep *= a
        by_w = rows[:, m : m + m * d].reshape(len(rows), m, d)
        np.multiply(steep[:, :, None], inputs[some, None, :d], out=by_w)
        if model.bias:
            rows[:, m + m * d :] = steep
    return torch.from_numpy(found)

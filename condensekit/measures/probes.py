"""Inputs at which the tangent functions of a network differ."""

import torch
from torch import Tensor

from ..doors import door
from ..models import FromModule, Model, Params, TwoLayer
from ..models.fitting import check_network

__all__ = ["probes_for"]

FAR = 1e6
"""A smooth neuron that bends farther out is probed around the origin."""
NOWHERE = 1e100
"""A neuron that bends farther out is not probed."""
EQUAL = 64 * torch.finfo(torch.float64).eps
"""Hyperplanes that are as near to each other, in their own size, are taken for one."""


@door(check_network)
def probes_for(model: Model, params: Params, n: int, seed: int = 0) -> Tensor:
    """`n` inputs at which the tangent functions of a network differ; standard normal.

    Returns
    -------
    Tensor, shape [n, d]
    """
    del params
    return _normal(n, model.input_dim, seed)


@probes_for.register
def _module(model: FromModule, params: Params, n: int, seed: int = 0) -> Tensor:
    if model.whole:
        raise ValueError("FromModule reads whole numbers here; give probes of your own.")
    return probes_for.dispatch(object)(model, params, n, seed)


@probes_for.register
def _two_layer(model: TwoLayer, params: Params, n: int, seed: int = 0) -> Tensor:
    """Where neurons bend: around w . x + b = 0, on the scale of each; ReLU: on both sides of it."""
    w = params["w"].detach().double()
    b = params["b"].detach().double() if model.bias else w.new_zeros(model.m)
    unit = _normal(n, model.d, seed)
    largest = w.abs().amax(dim=1)  # of 1e160, the square is infinite
    length = largest * (w / largest[:, None]).norm(dim=1)
    steep = torch.nonzero((length > 0.0) & (b.abs() <= length * NOWHERE))[:, 0]
    if not len(steep):
        return unit
    normal, shift = w[steep] / length[steep, None], b[steep] / length[steep]
    chosen = torch.arange(n, device="cpu") % len(steep)
    if model.activation == "relu":
        return _pairs(normal, shift, unit)
    place = -shift[chosen, None] * normal[chosen]
    place[place.norm(dim=1) > FAR] = 0.0
    found: Tensor = place + unit * (1.0 / length[steep][chosen, None]).clamp(1.0, 1e3)
    return found


def _pairs(normal: Tensor, shift: Tensor, unit: Tensor) -> Tensor:
    """Pairs of points, one on each side of a hyperplane normal . x + shift = 0, and of no other.

    A function that is linear between hyperplanes jumps, or bends, where a pair is; on a line all
    pieces are visited, each from its ends.
    """
    turn = torch.arange(len(unit), device="cpu") // len(normal)
    chosen = torch.arange(len(unit), device="cpu") % len(normal)
    pair = (turn // 2 * len(normal) + chosen) % len(unit)
    own, at = normal[chosen], shift[chosen, None]
    size = at.abs().clamp(min=1.0)
    along = unit[pair] - (unit[pair] * own).sum(dim=1, keepdim=True) * own
    place = size * along - at * own
    away = (place @ normal.T + shift).abs()  # no hyperplane is nearer
    away[away <= EQUAL * (place.norm(dim=1, keepdim=True) + shift.abs())] = torch.inf
    room = torch.minimum(away.amin(dim=1, keepdim=True), size)
    share = 0.2 + 0.6 * torch.frac(0.618034 * (1 + turn // 2).double())
    side = 1.0 - 2.0 * (turn % 2).double()
    found: Tensor = place + (side * share)[:, None] * room * own
    return found


def _normal(n: int, d: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64, device="cpu")

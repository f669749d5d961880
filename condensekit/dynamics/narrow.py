"""Narrow: which narrower network a network is alike in its outputs, family by family."""

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np
import torch

from ..derivatives import evaluate
from ..measures import THRESHOLD, Neurons, merge, neurons
from ..models import MatrixFactorization, Model, Params, TwoLayer
from ..problems import Data

__all__ = ["Narrow", "embedded", "narrow"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True)
class Narrow:
    """The narrower network that computes nearly the same.

    Attributes
    ----------
    width : int or None
        Its neurons, or for a matrix its rank; None where the family has no such number.
    model, params
        The network in which a critical point is sought: the narrow one, or where there is none, the
        network itself.
    """

    width: int | None
    model: Model
    params: Params


@singledispatch
def narrow(model: Model, params: Params, data: Data) -> Narrow:
    """The narrowest network whose outputs differ by at most 1 % of the largest label.

    For `TwoLayer` what `condensekit.measures.merge` finds at samples and test points, and for
    `MatrixFactorization` the rank of A B. This compares functions: it says nothing yet about where
    the parameters are.
    """
    return Narrow(None, model, params)


@narrow.register
def _two_layer(model: TwoLayer, params: Params, data: Data) -> Narrow:
    outputs = evaluate(model, params, torch.cat([data.x, data.x_test]))
    small = float(outputs.abs().max()) <= THRESHOLD * float(data.y.abs().max())
    found = merge(model, params, data)
    return Narrow(0 if small else found.model.m, found.model, found.params)


@narrow.register
def _matrices(model: MatrixFactorization, params: Params, data: Data) -> Narrow:
    left, values, right = torch.linalg.svd(params["A"] @ params["B"], full_matrices=False)
    allowed, rank = THRESHOLD * float(data.y.abs().max()), 0
    while rank < len(values):
        rest = (left[:, rank:] * values[rank:]) @ right[rank:]
        if float(rest.abs().max()) <= allowed:
            break
        rank += 1
    return Narrow(rank, model, params)


def embedded(wide: TwoLayer, params: Params, small: TwoLayer, leaves: Params) -> Params | None:
    """The network of the width of `wide`, near to it, that computes what the `small` one does.

    Each neuron becomes a copy of the nearest one of `small`, up to the symmetry of the activation,
    with a share of its output weight, or zero in all its weights: so critical points of the narrow
    network become critical points of the wide one (Zhang et al. 2021, arXiv:2105.14573). It is not
    always the very nearest of them.

    Parameters
    ----------
    wide, params
        A two-layer network.
    small, leaves
        A narrower one of the same family.

    Returns
    -------
    dict of Tensor or None
        Parameters of `wide`; None if a neuron of `small` is nearest to none.
    """
    big, few = neurons(wide, params), neurons(small, leaves)
    sign = _signs(big, few)
    targets = sign[:, :, None] * few.weight[None]  # [m, k, q]
    cost = np.square(big.weight[:, None] - targets).sum(axis=2)
    idle = np.square(big.weight).sum(axis=1) + np.square(big.output)
    nearest = np.argmin(np.column_stack([idle, cost]), axis=1) - 1
    output, weight = np.zeros_like(big.output), np.zeros_like(big.weight)
    for k in range(len(few.output)):
        mine = np.flatnonzero(nearest == k)
        if not len(mine):
            return None
        turn = sign[mine, k] if big.activation.odd else 1.0
        share = big.output[mine] * turn
        output[mine] = (share + (few.output[k] - share.sum()) / len(mine)) * turn
        weight[mine] = targets[mine, k]
    found = {"a": output, "w": weight[:, : wide.d], "b": weight[:, -1]}
    return {name: torch.tensor(found[name], device="cpu") for name in wide.shapes()}


def _signs(big: Neurons, few: Neurons) -> Array:
    """By which sign a neuron [m] is nearer to one of `few` [k]; 1 where signs make a difference."""
    product = big.weight @ few.weight.T
    free = big.activation.odd or big.activation.even
    return np.where((product < 0.0) & free, -1.0, 1.0)

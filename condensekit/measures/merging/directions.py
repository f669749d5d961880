"""Kernels that point in nearly one direction, taken as one: what else a network would answer."""

import dataclasses
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...activations import activation
from ...checks import a_number
from ...derivatives import evaluate
from ...doors import public
from ...models import Conv, Model, Params
from ...models.fitting import check_params
from ..neurons import ACTIVE, neurons, scaled, unit_vectors

__all__ = ["ALIKE", "MergedDirections", "merge_directions"]

Array = np.ndarray[Any, np.dtype[Any]]

ALIKE = 0.9
"""Kernels are in one group if the cosine with its strongest one is at least this."""


@dataclasses.dataclass(frozen=True, eq=False)
class MergedDirections:
    """Merged directions: one kernel for each group, and the network that it came from.

    Attributes
    ----------
    model, params : Conv, dict of Tensor
        The narrow network.
    labels : array of int, shape [k]
        Group of each kernel: 0, 1, ...; -1 for those that are too weak, which are left out.
    wide, wide_params : Conv, dict of Tensor
        The network that it came from.
    """

    model: Conv
    params: Params
    labels: Array
    wide: Conv
    wide_params: Params

    def agreement(self, x: Tensor) -> float:
        """Share of images `x` of shape [n, side^2] in which both networks see the same class."""
        seen = x.to(self.wide.dtype)
        wide = evaluate(self.wide, self.wide_params, seen).argmax(-1)
        narrow = evaluate(self.model, self.params, seen).argmax(-1)
        return float((wide == narrow).double().mean())


@public(check_params)
def merge_directions(
    model: Model, params: Params, cosine: float = ALIKE, active: float = ACTIVE
) -> MergedDirections:
    """One kernel for each group of kernels of nearly one direction; nothing is fitted.

    The strongest kernel j that is in no group founds the next one, of all others whose (w, b) have
    a cosine of at least `cosine` with its own. It stays, with sum_k v_k |(w_k, b_k)| / |(w_j, b_j)|
    as output weights, which is exact for kernels that point in the same direction (Zhang et al.,
    arXiv:2105.14573, Figure 5; that the strongest founds a group is ours).

    Parameters
    ----------
    model, params
        A `Conv` with ReLU and one convolutional layer. With kernels as large as the image it is the
        fully connected network of two layers.
    cosine : float
        From -1 to 1.
    active : float
        A kernel counts if its amplitude is above this share of the largest.

    Raises
    ------
    ValueError
        If the network is another one, or a threshold is outside its range.

    Examples
    --------
    >>> model = Conv(4, kernels=30, size=4, stride=1, classes=3, activation="relu")
    >>> params = model.init(seed=0)
    >>> params["w"][10:] = params["w"][:10].repeat(2, 1) * 2.0
    >>> merged = merge_directions(model, params)
    >>> merged.model.kernels, merged.agreement(torch.rand(50, 16))
    (10, 1.0)
    """
    if (
        not isinstance(model, Conv)
        or model.layers > 1
        or not activation(model.activation).homogeneous
    ):
        raise ValueError(
            "Directions are merged in a Conv with one convolutional layer and a homogeneous "
            f"activation, such as relu, not in {model}."
        )
    a_number("cosine", cosine, -1.0, 1.0)
    a_number("active", active, 0.0, below=1.0)
    weight = torch.cat([params["w"], params["b"][:, None]], 1).detach().double().numpy()
    length = np.linalg.norm(weight, axis=1)
    size = scaled(scaled(neurons(model, params).output) * scaled(length))
    labels, founders = _groups(unit_vectors(weight), size, cosine, active)
    kept = np.flatnonzero(labels >= 0)
    share = np.zeros((len(founders), len(length)))
    share[labels[kept], kept] = length[kept] / length[founders][labels[kept]]
    narrow = model.replace(width=len(founders))
    read = "u" if model.hidden else "v"
    columns = params[read].detach().double().view(len(params[read]), model.kernels, -1)
    merged = torch.einsum("gk,ckp->cgp", torch.from_numpy(share), columns).flatten(1)
    few = {name: params[name][founders].detach() for name in ("w", "b")}
    few = {**params, **few, read: merged.to(model.dtype)}
    return MergedDirections(narrow, few, labels, model, params)


def _groups(unit: Array, size: Array, cosine: float, active: float) -> tuple[Array, Array]:
    """The group of each neuron, and the neuron that founded each group."""
    labels, founders = np.full(len(size), -1), list[int]()
    enough = cosine - 4.0 * math.ulp(1.0)  # copies have a cosine of 1 up to rounding
    for one in np.argsort(-size, kind="stable"):
        if size[one] > active and labels[one] < 0:
            near = (size > active) & (labels < 0) & (unit @ unit[one] >= enough)
            near[one] = True
            labels[near] = len(founders)
            founders.append(int(one))
    return labels, np.array(founders, dtype=np.int64)

"""Parameters of a network: from arrays of your own, as one array, and the way back."""

import math
from typing import Any

import numpy as np
import torch

from ..arrays import numbers
from ..doors import public
from .base import Model, Params
from .fitting import check_batch, check_params

__all__ = ["flat", "named", "params"]

Array = np.ndarray[Any, np.dtype[Any]]


@public()
def params(model: Model, /, **leaves: Any) -> Params:
    """Weights of your own as checked parameters of a model.

    Parameters
    ----------
    model : Model
        The network.
    **leaves : arrays, nested lists or tensors
        One for each name of ``model.shapes()``, of that shape.

    Returns
    -------
    dict of Tensor
        Copies, in the numbers of the model.

    Raises
    ------
    ValueError
        If a leaf is missing or unknown, has another shape, or holds what is no finite number.

    Examples
    --------
    >>> from condensekit import TwoLayer, evaluate
    >>> model = TwoLayer(1, 2)
    >>> two = params(model, a=[1.0, -1.0], w=[[1.0], [1.0]], b=[0.0, 0.5])
    >>> two["w"].shape
    torch.Size([2, 1])
    """
    found = {
        name: torch.tensor(numbers(leaf, f"params[{name!r}]"), dtype=model.dtype, device="cpu")
        for name, leaf in leaves.items()
    }
    check_params(model, found)
    return {name: found[name] for name in model.shapes()}


@public(check_batch)
def flat(model: Model, params: Params) -> Array:
    """All parameters in the order of ``model.shapes()``; leaves ``[..., *shape]`` give [..., P]."""
    shapes = model.shapes()
    batch = params[next(iter(shapes))].shape
    batch = batch[: len(batch) - len(next(iter(shapes.values())))]
    return np.concatenate(
        [params[name].detach().numpy().reshape((*batch, -1)) for name in shapes], axis=-1
    )


@public()
def named(model: Model, theta: Array) -> Params:
    """The way back from `flat`: [..., P] as leaves ``[..., *shape]``, copied."""
    if theta.shape[-1] != model.n_parameters:
        raise ValueError(
            f"theta must have shape [..., {model.n_parameters}], but has {[*theta.shape]}."
        )
    if theta.dtype.kind != "f":
        theta = theta.astype(np.float64)
    found, first = {}, 0
    for name, shape in model.shapes().items():
        last = first + math.prod(shape)
        leaf = np.ascontiguousarray(theta[..., first:last]).reshape((*theta.shape[:-1], *shape))
        found[name] = torch.from_numpy(leaf.copy())
        first = last
    return found

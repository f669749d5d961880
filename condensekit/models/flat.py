"""All parameters of a network as one array, and the way back."""

import math
from typing import Any

import numpy as np
import torch

from .base import Model, Params

__all__ = ["flat", "named"]

Array = np.ndarray[Any, np.dtype[Any]]


def flat(model: Model, params: Params) -> Array:
    """All parameters in the order of ``model.shapes()``; leaves [..., *shape] give [..., P]."""
    shapes = model.shapes()
    batch = params[next(iter(shapes))].shape
    batch = batch[: len(batch) - len(next(iter(shapes.values())))]
    return np.concatenate(
        [params[name].detach().numpy().reshape(*batch, -1) for name in shapes], axis=-1
    )


def named(model: Model, theta: Array) -> Params:
    """The way back from `flat`: [..., P] as leaves [..., *shape], copied."""
    found, first = {}, 0
    for name, shape in model.shapes().items():
        last = first + math.prod(shape)
        leaf = np.ascontiguousarray(theta[..., first:last]).reshape(*theta.shape[:-1], *shape)
        found[name] = torch.from_numpy(leaf.copy())
        first = last
    return found

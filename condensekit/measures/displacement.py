"""How far the input weights of a network are from where they started, relative to their size."""

from typing import Any

import numpy as np

from ..doors import public
from ..models import Model, Params, TwoLayer
from ..training import Run

__all__ = ["displacement", "relative_displacement"]

Array = np.ndarray[Any, np.dtype[Any]]


def relative_displacement(model: Model, start: Params, params: Params) -> Array:
    """|theta_w - theta_w(0)| / |theta_w(0)| of each network [...] of one shape.

    theta_w are the weights and biases of the hidden neurons.

    Raises
    ------
    ValueError
        If it is no two-layer network.
    """
    if not isinstance(model, TwoLayer):
        raise ValueError(
            "The displacement of input weights is that of a TwoLayer, but the model is a "
            f"{type(model).__name__}."
        )
    moved = size = np.zeros(())
    for name, shape in model.shapes().items():
        if name == "a":
            continue
        axes = tuple(range(-len(shape), 0))
        before, now = (leaf[name].detach().numpy() for leaf in (start, params))
        moved = moved + np.square(now - before).sum(axis=axes)
        size = size + np.square(before).sum(axis=axes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(moved / size))


@public()
def displacement(run: Run) -> Array:
    """Relative displacement of the input weights along a run, shape [T].

    RD(t) = |theta_w(t) - theta_w(0)| / |theta_w(0)| with theta_w all w and b of a two-layer network
    (Luo et al. 2021, JMLR 22(71)).

    Raises
    ------
    ValueError
        If the network is no `TwoLayer`, or the run has no recorded steps.
    """
    start = {name: leaf[None] for name, leaf in run.at(0).items()}
    return relative_displacement(run.experiment.model, start, run.params)

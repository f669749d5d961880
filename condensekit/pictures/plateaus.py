"""Plateaus: (Run, recorded step) -> the merged neurons and the polynomial that they tend to."""

import numpy as np

from ..dynamics import line_fit
from ..frames import RunawayFrame
from ..measures import merge
from ..measures import neurons as layer_of
from ..models import TwoLayer
from ..training import Run
from ..words import number
from .runs import POINTS

__all__ = ["runaway_frame"]


def runaway_frame(run: Run, index: int) -> RunawayFrame:
    """The merged neurons of a recorded step, one by one and together.

    Beside them the best odd polynomial with as many terms as there are merged neurons, in the
    direction of the strongest one, see `condensekit.dynamics.line_level`.

    Raises
    ------
    ValueError
        Unless the run is one of a `TwoLayer` network of one input.
    """
    model, data = run.experiment.model, run.experiment.data()
    if not isinstance(model, TwoLayer) or model.d != 1:
        raise ValueError(
            f"Only neurons of one input can be drawn, and {model} has inputs of another kind."
        )
    found = merge(model, run.at(index), data)
    layer = layer_of(found.model, found.params)
    every = np.concatenate([data.x, data.x_test])
    low, high = float(every.min()), float(every.max())
    x = np.linspace(low, high, POINTS)
    inputs = np.stack([x, np.ones(POINTS)], axis=1)[:, : layer.weight.shape[1]]
    z = inputs @ layer.weight.T
    layer.activation.fill(z)
    parts = (z * layer.output).T
    labels = data.y.numpy()
    limit = line_fit(data.x.numpy(), labels, layer.weight[0], len(parts), x[:, None])
    heights = np.concatenate([labels, parts.sum(axis=0)])
    reach = 1.1 * float(np.abs(parts).max()) or 1.0
    near = 1.3 * float(np.abs(heights).max()) or 1.0
    outputs = ", ".join(number(abs(a)) for a in layer.output)
    return RunawayFrame(
        x=x,
        neurons=parts,
        total=parts.sum(axis=0),
        limit=limit,
        sample_x=data.x[:, 0].numpy(),
        sample_y=labels,
        x_range=(low, high),
        y_range=(-reach, reach),
        near_range=(-near, near),
        caption=f"{run.moment(index)} · |a| = {outputs} · loss {run.loss[index]:.5f}",
    )

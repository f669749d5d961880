"""Searching for the few neurons that carry the function of a layer."""

from typing import Any

import numpy as np

from ..neurons import Neurons
from .joining import take
from .polishing import hidden, nearest_fit

__all__ = ["search"]

Array = np.ndarray[Any, np.dtype[Any]]

MOST_NEURONS = 60
"""Neurons that the search starts from at most; a layer that needs more is left as it is."""
FEWEST_INPUTS = 400
"""Inputs at which an attempt to do with less is fitted, at least; all of them judge it."""
_CANDIDATES = 6
"""Neurons without which the search tries to do, one after the other."""
ATTEMPT, POLISH = (30, 1e-2), (100, 1e-4)
"""Iterations of a fit at most, and by which share each must lower the sum of squares: when it is
tried, and when it is kept. Beyond, it would only follow flat valleys away from the wide network."""


def search(layer: Neurons, inputs: Array, allowed: float) -> tuple[Neurons, Neurons, Array]:
    """The narrowest layer found whose outputs are nearly those of `layer`.

    Groups can cancel together without any two of them doing so; therefore neurons that carry the
    function are sought, not those that cancel. Orthogonal least squares picks neurons until their
    span holds the outputs. Then the least needed are dropped, as long as the rest, fitted to the
    outputs, stays within the threshold.

    Parameters
    ----------
    layer : Neurons
        m neurons.
    inputs : array, shape [n, q]
        Where outputs are compared: (x, 1) if neurons have a bias, else x.
    allowed : float
        Largest change of an output as a share of the largest |output|.

    Returns
    -------
    Neurons, Neurons, array of int [k]
        The k neurons that are left; the same neurons as they are in `layer`, with output weights
        that fit best; and which ones they are.

    Raises
    ------
    ValueError
        If an output overflows.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        features = hidden(layer, inputs)
        goal = features @ layer.output
        if not np.isfinite(np.vecdot(features.T, features.T).sum() + goal @ goal):
            raise ValueError("The squares of the outputs overflow: there is nothing to compare.")
    enough = allowed * float(np.abs(goal).max())
    everything = np.arange(len(layer.output))
    chosen = _spanning(features, goal, 0.5 * enough)
    if chosen is None:
        return layer, layer, everything
    small, chosen = _fewest(layer, chosen, inputs, goal, enough)
    if len(chosen) == len(everything):
        return layer, layer, everything
    for found in (nearest_fit(small, inputs, goal, 0.0, *POLISH), small):
        if _miss(found, inputs, goal) <= enough:
            return found, _fitted(take(layer, chosen), inputs, goal), chosen
    return layer, layer, everything


def _spanning(features: Array, goal: Array, enough: float) -> Array | None:
    """Orthogonal least squares: columns whose span holds the goal, the most useful first.

    Each time the column whose part outside the span so far takes most off what is missing (Chen,
    Billings and Luo 1989). None if too many are needed.
    """
    size = np.sqrt(np.vecdot(features.T, features.T))
    outside = features / np.where(size > 0.0, size, 1.0)
    missing, chosen = goal.copy(), list[int]()
    while np.abs(missing).max() > enough:
        length = np.sqrt(np.vecdot(outside.T, outside.T))
        gain = np.abs(missing @ outside) / np.where(length > 1e-7, length, np.inf)
        best = int(np.argmax(gain))
        if len(chosen) == MOST_NEURONS or gain[best] == 0.0:
            return None
        direction = outside[:, best] / length[best]
        missing -= direction * (direction @ missing)
        outside -= np.outer(direction, direction @ outside)
        chosen.append(best)
    return np.array(chosen, dtype=int)


def _fewest(
    layer: Neurons, chosen: Array, inputs: Array, goal: Array, enough: float
) -> tuple[Neurons, Array]:
    """Drop chosen neurons while the rest is near enough: half of them, then fewer, then one."""
    small = _fitted(take(layer, chosen), inputs, goal)
    batch = len(chosen) // 2
    while batch:
        order = _least_needed(small, inputs)
        for gone in [order[:batch]] if batch > 1 else order[:_CANDIDATES, None]:
            rest = np.delete(np.arange(len(chosen)), gone)
            start = _fitted(take(small, rest), inputs, goal)
            most = max(FEWEST_INPUTS, 8 * (start.weight.size + len(rest)))
            some = slice(None, None, -(-len(inputs) // most))
            trial = nearest_fit(start, inputs[some], goal[some], 0.8 * enough, *ATTEMPT)
            if _miss(trial, inputs, goal) <= enough:
                small, chosen = trial, chosen[rest]
                break
        else:
            batch //= 2
        batch = min(batch, len(chosen) // 2)
    return small, chosen


def _least_needed(layer: Neurons, inputs: Array) -> Array:
    """The neurons in the order of how little is lost when one goes and the others fit a anew.

    For the Gram matrix G of what each adds to the outputs, the sum of squares then grows by
    1 / (G^-1)_jj.
    """
    features = hidden(layer, inputs) * layer.output
    inverse = np.linalg.pinv(features.T @ features, hermitian=True)
    return np.argsort(-np.diag(inverse))


def _fitted(layer: Neurons, inputs: Array, goal: Array) -> Neurons:
    """With the output weights that fit best."""
    output = np.linalg.lstsq(hidden(layer, inputs), goal, rcond=1e-12)[0]
    return Neurons(layer.weight, output, layer.activation)


def _miss(layer: Neurons, inputs: Array, goal: Array) -> float:
    return float(np.abs(hidden(layer, inputs) @ layer.output - goal).max())

"""Joining neurons that compute the same function of every input, and the way back."""

from typing import Any

import numpy as np

from ..neurons import Neurons

__all__ = ["at_places", "joined", "lengths", "take", "turned"]

Array = np.ndarray[Any, np.dtype[Any]]

_ROUNDING = 1e-13
"""Relative distance at which two neurons are equal but for rounding."""


def joined(wide: Neurons, bias: bool) -> tuple[Neurons, Array]:
    """One neuron for each class of neurons whose functions are proportional for every input.

    They have the same (w, b) up to the symmetries of the activation, or w = 0: then they are
    constant. The strongest neuron of a class stands for it, with their summed output weight;
    classes that add up to nothing are left out.

    Parameters
    ----------
    wide : Neurons
        m neurons.
    bias : bool
        Whether the last part of their weights is a bias.

    Returns
    -------
    Neurons, array of int [m]
        The k neurons that are left, and which of them each of the m was joined to; -1 if none.
    """
    ratio, leader = _proportions(wide, bias)
    share = wide.output * ratio
    total, size = np.zeros((2, len(share)))
    np.add.at(total, leader, share)
    np.add.at(size, leader, np.abs(share))
    kept = np.flatnonzero(np.abs(total) > _ROUNDING * size)
    number = np.full(len(share), -1)
    number[kept] = np.arange(len(kept))
    return Neurons(wide.weight[kept], total[kept], wide.activation), number[leader]


def _proportions(wide: Neurons, bias: bool) -> tuple[Array, Array]:
    """For each neuron the ratio of its function to that of its leader, and the leader.

    The ratio is 0 where a function is zero.
    """
    act, weight = wide.activation, wide.weight
    constant = np.logical_not(np.any(weight[:, : weight.shape[1] - bias], axis=1))
    value = np.where(constant, weight[:, -1] * bias, 0.0)
    act.fill(value)
    length = lengths(weight)
    strength = np.abs(wide.output) * np.where(constant, np.abs(value), length)
    points = weight / _nonzero(length)[:, None] if act.homogeneous else weight
    reach = _ROUNDING * np.abs(points).max(axis=1)
    ratio, leader = np.zeros(len(weight)), np.arange(len(weight))
    rest = np.argsort(-strength, kind="stable")
    still, rest = rest[constant[rest]], rest[~constant[rest]]
    if len(still) and value[still[0]] != 0.0:
        ratio[still], leader[still] = value[still] / value[still[0]], still[0]
    while len(rest):
        first = rest[0]
        same = np.abs(points[rest] - points[first]).max(axis=1) <= reach[first]
        flipped = np.zeros_like(same)
        if act.odd or act.even:
            flipped = np.abs(points[rest] + points[first]).max(axis=1) <= reach[first]
        sign = np.where(flipped & act.odd, -1.0, 1.0)
        scale = length[rest] / length[first] if act.homogeneous else 1.0
        found = same | flipped
        ratio[rest[found]], leader[rest[found]] = (sign * scale)[found], first
        rest = rest[~found]
    return ratio, leader


def at_places(wide: Neurons, small: Neurons, labels: Array) -> Neurons:
    """The m neurons of `wide`, each with the (w, b) of its neuron in `small`, up to its own sign.

    Output weights are moved by equal amounts, so that each group adds up to the output weight of
    its neuron; where the label is -1 a neuron is a copy of the first with output weight 0.
    """
    act, of, kept = wide.activation, np.maximum(labels, 0), labels >= 0
    weight = small.weight[of]
    sign = np.ones(len(of))
    if act.odd or act.even:
        sign[kept & (np.vecdot(wide.weight, weight) < 0.0)] = -1.0
    share = np.where(kept, wide.output * (sign if act.odd else 1.0), 0.0)
    if act.homogeneous:
        share *= lengths(wide.weight) / _nonzero(lengths(weight))
    members = np.bincount(of, kept, len(small.output))
    missing = small.output - np.bincount(of, share, len(small.output))
    share += np.where(kept, (missing / np.maximum(members, 1.0))[of], 0.0)
    return Neurons(weight * sign[:, None], share * (sign if act.odd else 1.0), act)


def lengths(weight: Array) -> Array:
    """|(w, b)| of each neuron."""
    return np.asarray(np.hypot.reduce(weight, axis=1))  # also of 1e-200


def _nonzero(values: Array) -> Array:
    return np.where(values > 0.0, values, 1.0)


def take(layer: Neurons, chosen: Array) -> Neurons:
    """Some of the neurons."""
    return Neurons(layer.weight[chosen], layer.output[chosen], layer.activation)


def turned(layer: Neurons) -> Neurons:
    """The same functions, with output weights that are positive where the activation is odd."""
    if not layer.activation.odd:
        return layer
    sign = np.where(layer.output < 0.0, -1.0, 1.0)
    return Neurons(layer.weight * sign[:, None], layer.output * sign, layer.activation)

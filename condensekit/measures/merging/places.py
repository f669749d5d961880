"""Placing neurons: each at one of k shared (w, b), up to its sign, or at zero; a stays what it is.

Nothing is fitted here. A place is the mean of the neurons that are at it, weighted by |a|, so that
the function does not change to first order where their output weights have one sign.
"""

import dataclasses
from typing import Any

import numpy as np

from ..neurons import Neurons
from .joining import lengths
from .polishing import hidden

__all__ = ["Placed", "PlacedLayer", "settled"]

Array = np.ndarray[Any, np.dtype[Any]]

EVERYWHERE = slice(None)
SEARCHED = 200
"""Inputs at which an arrangement is judged first; the ones that pass are judged at all."""


@dataclasses.dataclass(frozen=True, eq=False)
class PlacedLayer:
    """Neurons, and the inputs at which their function is to stay.

    Attributes
    ----------
    neurons : Neurons
        m neurons.
    inputs : array, shape [n, q]
        Where outputs are compared: (x, 1) if neurons have a bias, else x.
    outputs : array, shape [n]
        Their outputs.
    square : array, shape [m]
        |(w, b)|^2 of each neuron.
    dead : array of bool, shape [m]
        Neurons that are zero at all inputs.
    parts : array, shape [n, m]
        What each neuron adds to the outputs.
    thin : slice
        Some of the inputs, evenly thinned.
    """

    neurons: Neurons
    inputs: Array
    outputs: Array
    square: Array
    dead: Array
    parts: Array
    thin: slice

    @classmethod
    def of(cls, neurons: Neurons, inputs: Array) -> "PlacedLayer":
        """The layer at these inputs.

        Raises
        ------
        ValueError
            If an output overflows.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            parts = hidden(neurons, inputs)
            dead = np.logical_not(np.any(parts, axis=0))
            parts *= neurons.output
            outputs = parts.sum(axis=1)
            square = np.square(neurons.weight).sum(axis=1)
            finite = np.isfinite(outputs @ outputs + square.sum())
        if not finite:
            raise ValueError("The squares of the outputs overflow: there is nothing to compare.")
        thin = slice(None, None, -(-len(inputs) // SEARCHED))
        return cls(neurons, inputs, outputs, square, dead, parts, thin)

    @property
    def few(self) -> Array:
        """Some of the inputs [n', q]."""
        return self.inputs[self.thin]

    @property
    def goal(self) -> Array:
        """The outputs there [n']."""
        return self.outputs[self.thin]

    @property
    def even(self) -> bool:
        """Whether a neuron and its opposite compute the same, up to sign."""
        return self.neurons.activation.odd or self.neurons.activation.even

    @property
    def scaling(self) -> bool:
        """Whether a place is a ray, at which each neuron keeps its own length (ReLU)."""
        return self.neurons.activation.homogeneous

    @property
    def at_zero(self) -> float:
        """What a neuron with w = b = 0 computes."""
        value = np.zeros(1)
        self.neurons.activation.fill(value)
        return float(value[0])

    def distances(self, places: Array) -> tuple[Array, Array]:
        """Square distances of all neurons from all places [m, k], and where each one arrives there.

        It arrives at the place times the second number: its own sign, or its length on a ray.
        """
        product = self.neurons.weight @ places.T
        if self.scaling:
            factor = np.maximum(product, 0.0)
            return self.square[:, None] - factor**2, factor
        factor = np.where(product < 0.0, -1.0, 1.0) if self.even else np.ones_like(product)
        distance: Array = self.square[:, None] + np.vecdot(places, places)
        product *= 2.0
        distance -= np.abs(product, out=product) if self.even else product
        return distance, factor

    def strengths(self, factor: Array, members: Any = EVERYWHERE) -> Array:
        """Output weights of some neurons, as those of neurons at the places themselves."""
        keeps = self.neurons.activation.odd or self.scaling
        output: Array = self.neurons.output[members]
        return output * factor if keeps else output

    def centre(self, members: Array, factor: Array) -> Array:
        """The mean (w, b) of some neurons, turned to one side and weighted by |a|."""
        share = np.abs(self.neurons.output[members]) * (1.0 if self.scaling else factor)
        total = share @ self.neurons.weight[members]
        size = float(lengths(total[None])[0] if self.scaling else np.abs(share).sum())
        return total / size if size > 0.0 else self.neurons.weight[members[0]]

    def functions(self, places: Array, inputs: Array) -> Array:
        """What a neuron at each place computes, shape [n, k]."""
        ones = np.ones(len(places))
        return hidden(Neurons(places, ones, self.neurons.activation), inputs)


@dataclasses.dataclass(frozen=True, eq=False)
class Placed:
    """The neurons of a layer at their places.

    Attributes
    ----------
    places : array, shape [k, q]
        The shared (w, b); of a ray its unit vector.
    labels : array of int, shape [m]
        At which place each neuron is; -1 if it is at zero.
    factor : array, shape [m]
        What its place is multiplied by: a sign, or a length; 0 at zero.
    """

    layer: PlacedLayer
    places: Array
    labels: Array
    factor: Array

    @property
    def weight(self) -> Array:
        """(w, b) of the neurons at their places, shape [m, q]."""
        if not len(self.places):
            return np.zeros_like(self.layer.neurons.weight)
        moved: Array = self.places[np.maximum(self.labels, 0)] * self.factor[:, None]
        return moved + 0.0  # no -0.0

    @property
    def moved(self) -> float:
        """|theta - theta'|, the distance in parameters."""
        return float(np.linalg.norm(self.layer.neurons.weight - self.weight))

    def changes(self, thin: slice = EVERYWHERE) -> Array:
        """How much less the neurons of each place add to the outputs, shape [n, k + 1].

        The last column is of the neurons at zero, all together.
        """
        layer, k, m = self.layer, len(self.places), len(self.labels)
        strength = layer.strengths(self.factor)
        on = self.labels >= 0
        total = np.bincount(self.labels[on], strength[on], k)
        now = layer.functions(self.places, layer.inputs[thin]) * total
        still = layer.neurons.output[~on].sum() * layer.at_zero
        member = np.zeros((m, k + 1))
        member[np.arange(m), self.labels] = 1.0  # -1 is the last column
        before: Array = layer.parts[thin] @ member
        before[:, :k] -= now
        before[:, k] -= still
        return before

    def off(self, enough: float) -> float:
        """Largest change of an output: at all inputs if it is within `enough` at a few.

        Of all neurons together, and of those of each place: errors of many places can cancel by
        chance, and do if the function is little more than a few numbers, as at a small start.
        """
        for thin in (self.layer.thin, EVERYWHERE):
            changes = self.changes(thin)
            most = float(max(np.abs(changes).max(initial=0.0), _together(changes)))
            if most > enough:
                break
        return most

    @property
    def difference(self) -> float:
        """Largest change of an output, of all neurons together."""
        return _together(self.changes())


def _together(changes: Array) -> float:
    return float(np.abs(changes.sum(axis=1)).max(initial=0.0))


def settled(layer: PlacedLayer, places: Array, idle: bool, turns: int = 6) -> Placed:
    """Lloyd's method: each neuron to the nearest place, each place to the mean of its neurons.

    Parameters
    ----------
    layer : PlacedLayer
        The neurons.
    places : array, shape [k, q]
        Where to start.
    idle : bool
        Whether zero is a place, too. Neurons that are zero already stay there in any case.
    turns : int
        Most turns.
    """
    labels = np.full(len(layer.square), -2)
    everyone = np.arange(len(labels))
    zero = layer.dead | (layer.square == 0.0)
    for turn in range(turns):
        distance, factors = layer.distances(places)
        nearest = distance.argmin(axis=1)
        if idle:
            zero = layer.dead | (distance[everyone, nearest] >= layer.square)
        fresh = np.where(zero, -1, nearest)
        factor = np.where(zero, 0.0, factors[everyone, nearest])
        done = turn == turns - 1 or np.array_equal(fresh, labels)
        labels = fresh
        if done:
            break
        places = _means(layer, places, labels, factor)
    return Placed(layer, places, labels, factor)


def _means(layer: PlacedLayer, places: Array, labels: Array, factor: Array) -> Array:
    """`PlacedLayer.centre` of the neurons at each place; a place without neurons stays."""
    on = labels >= 0
    size = np.abs(layer.neurons.output)
    share = size if layer.scaling else size * factor
    one = np.zeros((len(places), len(labels)))
    one[labels[on], np.flatnonzero(on)] = share[on]
    total = one @ layer.neurons.weight
    weight = lengths(total) if layer.scaling else np.bincount(labels[on], size[on], len(places))
    weight = weight[:, None]
    return np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), places)

"""Clusters: the directions in which the neurons of a network have gathered.

A cluster is a matter of orientation alone; `groups` asks for equal functions. For ReLU the two
agree up to their thresholds. For tanh they do not: neurons along one line can differ in |w|.
"""

import dataclasses
import functools
import itertools
import math
from typing import Any

import numpy as np
from torch import Tensor

from ..checks import a_number
from ..doors import public
from ..models import Model, Params, TwoLayer
from ..models.fitting import check_network
from ..plain import quoted
from ..training import Run
from .matrices import mean_cosine
from .neighbours import arcs, components
from .neurons import Neurons, neurons, scaled, unit_vectors

__all__ = [
    "GAP",
    "STRONG",
    "Cluster",
    "alignment",
    "cluster_counts",
    "cluster_labels",
    "clusters",
    "dead",
    "effective_clusters",
]

Array = np.ndarray[Any, np.dtype[Any]]

STRONG = 1e-3
"""A neuron has a direction that counts if its amplitude is above this share of the largest."""
GAP = 3.0
"""Degrees between neighbours in one cluster, at most."""


@dataclasses.dataclass(frozen=True, eq=False)
class Cluster:
    """Neurons that point in one direction.

    Attributes
    ----------
    members : array of int, shape [size]
        Which neurons.
    direction : array, shape [d + 1], or [d] without biases
        Mean of their unit vectors (w, b) / |(w, b)|, weighted by amplitude, as a unit vector. On a
        line, they are turned to the side of the strongest.
    amplitude : float
        Sum of their |a| |(w, b)|.
    share : float
        Their part of the amplitude of all active neurons, from 0 to 1.
    """

    members: Array
    direction: Array
    amplitude: float
    share: float

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.members)

    @property
    def angle(self) -> float:
        """Angle of `direction` in degrees, in (-180, 180].

        Raises
        ------
        ValueError
            If the direction is not a vector of the plane.
        """
        if len(self.direction) != 2:
            raise ValueError(f"Only a vector of the plane has an angle, not {self.direction}.")
        return math.degrees(math.atan2(self.direction[1], self.direction[0]))


@public(check_network)
def cluster_labels(
    model: Model,
    params: Params,
    gap: float = GAP,
    active: float = STRONG,
    up_to_sign: bool = False,
    x: Tensor | None = None,
) -> Array:
    """Clusters of orientations as labels, the one with the largest amplitude first.

    A cluster is a connected component of active neurons, neighbours being joined. Two of them are
    neighbours if the angle between their orientations (w, b) is at most `gap` *and* says something:
    seen from one of them, an angle up to `gap` that reaches the other holds ten times as many
    neurons as chance would put there, or half of all (see `condensekit.measures.neighbours`). So
    neurons that are scattered are clusters of their own: of m random directions about m are counted
    (in the plane 0.94 m), whatever the width, while `gap` is small. Of up to seven neurons in the
    plane, and four up to sign, 3 degrees alone decide. This definition is ours.

    Parameters
    ----------
    model, params
        One network.
    gap : float
        Degrees, above 0 and at most 90.
    active : float
        A neuron counts if its amplitude |a| |(w, b)| is above this share of the largest.
    up_to_sign : bool
        Whether opposite neurons are in one cluster, which then is a line.
    x : Tensor, shape [n, d], optional
        Inputs. Neurons that are dead at all of them are not active.

    Returns
    -------
    array of int, shape [m]
        Cluster of each neuron: 0, 1, ...; -1 for inactive neurons.

    Raises
    ------
    ValueError
        If a threshold is outside its range.
    """
    _check(gap, active)
    found = neurons(model, params)
    return _labels(found, _shares(found, x), gap, active, up_to_sign)


def _check(gap: float, active: float) -> None:
    if not 0.0 < gap <= 90.0:
        raise ValueError(f"gap must be an angle from 0 to 90 degrees, but is {quoted(gap)}.")
    a_number("active", active, 0.0, below=1.0)


def _shares(found: Neurons, x: Tensor | None) -> Array:
    """Amplitudes as shares of the largest: tiny ones do not vanish in their product."""
    size = np.abs(scaled(found.output)) * np.linalg.norm(scaled(found.weight), axis=1)
    if x is not None:
        size[_dead(found, x)] = 0.0
    return scaled(size)


def _labels(found: Neurons, size: Array, gap: float, active: float, up_to_sign: bool) -> Array:
    weight = found.weight
    known = weight.tobytes(), weight.dtype.str, size.tobytes(), size.dtype.str
    return _joined(*known, gap, active, up_to_sign).copy()


@functools.lru_cache(maxsize=8)  # several pictures of one moment ask the same
def _joined(
    weight: bytes,
    weight_type: str,
    size: bytes,
    size_type: str,
    gap: float,
    active: float,
    up_to_sign: bool,
) -> Array:
    share = np.frombuffer(size, size_type)
    members = np.flatnonzero(share > active)
    unit = unit_vectors(np.frombuffer(weight, weight_type).reshape(len(share), -1)[members])
    joined = arcs if unit.shape[1] == 2 else components
    ordered = joined(unit, math.radians(gap), up_to_sign)
    ordered.sort(key=lambda component: -float(share[members[component]].sum()))
    labels = np.full(len(share), -1)
    for number, component in enumerate(ordered):
        labels[members[component]] = number
    return labels


@public(check_network)
def clusters(
    model: Model,
    params: Params,
    gap: float = GAP,
    active: float = STRONG,
    up_to_sign: bool = False,
    x: Tensor | None = None,
) -> list[Cluster]:
    """Clusters of neurons by direction, the one with the largest amplitude first.

    See `cluster_labels` for the definition and the arguments. A neuron that shares its direction
    with no other is a cluster of size 1.

    Examples
    --------
    >>> import torch
    >>> from condensekit import TwoLayer
    >>> w = torch.tensor([[1.0], [2.0], [-1.0]], dtype=torch.float64)
    >>> params = {"a": torch.ones(3).double(), "w": w, "b": w[:, 0].abs()}
    >>> [(c.size, round(c.angle)) for c in clusters(TwoLayer(1, 3, "relu"), params)]
    [(2, 45), (1, 135)]
    """
    _check(gap, active)
    found = neurons(model, params)
    share = _shares(found, x)
    labels = _labels(found, share, gap, active, up_to_sign)
    unit = unit_vectors(found.weight)
    amplitude = np.abs(found.output) * np.linalg.norm(found.weight, axis=1)
    order = np.argsort(labels, kind="stable")[int((labels < 0).sum()) :]
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    points = unit[order]
    if up_to_sign:
        strongest = np.lexsort((-share[order], labels[order]))[starts]
        across = np.vecdot(points, points[strongest][labels[order]]) < 0.0
        points = np.where(across[:, None], -points, points)
    direction = unit_vectors(np.add.reduceat(share[order, None] * points, starts))
    strength = np.add.reduceat(amplitude[order], starts)
    part = np.add.reduceat(share[order], starts) / share[order].sum()
    return [
        Cluster(order[start:stop], direction[k], float(strength[k]), float(part[k]))
        for k, (start, stop) in enumerate(itertools.pairwise([*starts, len(order)]))
    ]


@public()
def cluster_counts(
    run: Run, gap: float = GAP, active: float = STRONG, up_to_sign: bool = False
) -> Array:
    """Number of clusters at every recorded step, shape [T]; see `cluster_labels`.

    Neurons of a two-layer network that are dead at the run's samples are not counted.
    """
    model, x = run.experiment.model, _inputs(run)
    counts = [
        int(cluster_labels(model, run.at(i), gap, active, up_to_sign, x).max(initial=-1)) + 1
        for i in range(len(run))
    ]
    return np.array(counts, dtype=np.int64)


def _inputs(run: Run) -> Tensor | None:
    """The samples, where neurons see them as they are."""
    return run.data().x if isinstance(run.experiment.model, TwoLayer) else None


@public(check_network)
def effective_clusters(
    model: Model,
    params: Params,
    gap: float = GAP,
    active: float = STRONG,
    x: Tensor | None = None,
) -> float:
    """Effective number of clusters: (sum_c A_c)^2 / sum_c A_c^2, A_c the clusters' amplitudes.

    The participation ratio, here of clusters; the definition is ours. It is k for k clusters of
    equal strength, and between 1 and k for any k. It is a matter of directions: it does not say
    with how many neurons the function can be written.
    """
    return participation(clusters(model, params, gap, active, x=x))


def participation(found: list[Cluster]) -> float:
    """The effective number of these clusters; 0.0 if there are none."""
    share = np.array([cluster.share for cluster in found])
    return float(share.sum() ** 2 / np.square(share).sum()) if len(share) else 0.0


@public(check_network)
def dead(model: Model, params: Params, x: Tensor) -> Array:
    """Dead (ReLU) neurons: which are zero at all inputs, with no slope there either; shape [m].

    No gradient reaches such a neuron, so that the flow and gradient descent never move it again:
    the "static" points of the talk. (The momentum of Adam does for a while, and may revive it.)
    For ReLU and an interval, its two ends decide. Smooth activations have none.

    Parameters
    ----------
    model, params
        One network.
    x : Tensor, shape [n, d]
        The inputs.
    """
    return _dead(neurons(model, params), x)


def _dead(found: Neurons, x: Tensor) -> Array:
    inputs = x.detach().numpy()
    if inputs.ndim != 2 or inputs.shape[1] not in (
        found.weight.shape[1],
        found.weight.shape[1] - 1,
    ):
        raise ValueError(f"x must have shape [n, d], but has {[*inputs.shape]}.")
    if inputs.shape[1] < found.weight.shape[1]:
        inputs = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)
    value = inputs @ found.weight.T
    slope = np.empty_like(value)
    found.activation.fill(value, slope)
    still: Array = ((value == 0.0) & (slope == 0.0)).all(axis=0)
    return still


@public(check_network)
def alignment(
    model: Model, params: Params, active: float = STRONG, x: Tensor | None = None
) -> float:
    """Mean |cosine| of the orientations of all pairs of different active neurons.

    For random directions it is `condensekit.measures.random_cosine`, 2 / pi = 0.64 in the plane,
    whatever the width; it is 1 on a single line, and NaN where there are fewer than two neurons.

    Parameters
    ----------
    model, params
        One network.
    active : float
        A neuron counts if its amplitude is above this share of the largest.
    x : Tensor, shape [n, d], optional
        Inputs. Neurons that are dead at all of them are not active. Those that are left of a random
        draw are not drawn evenly any more, and their mean is not that of random directions.
    """
    _check(GAP, active)
    found = neurons(model, params)
    return mean_cosine(found.weight[_shares(found, x) > active])

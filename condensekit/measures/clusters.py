"""Clusters: the directions in which the neurons of a network have gathered.

A cluster is a matter of orientation alone; `groups` asks for equal functions. For ReLU the two
agree up to their thresholds. For tanh they do not: neurons along one line can differ in |w|.
"""

import dataclasses
import math
from typing import Any

import numpy as np
from torch import Tensor

from ..models import Model, Params
from ..training import Run
from .neurons import Neurons, component_list, neurons, scaled, unit_vectors

__all__ = [
    "GAP",
    "LINE",
    "STRONG",
    "Cluster",
    "InitialLines",
    "alignment",
    "cluster_counts",
    "cluster_labels",
    "clusters",
    "dead",
    "effective_neurons",
    "initial_lines",
]

Array = np.ndarray[Any, np.dtype[Any]]

STRONG = 1e-3
"""A neuron has a direction that counts if its amplitude is above this share of the largest."""
GAP = 3.0
"""Degrees between neighbours in one cluster, at most."""
LINE = math.degrees(math.acos(0.9))
"""Degrees between neighbours on one line, at most: |cosine| of 0.9."""
INITIAL = 0.7
"""The initial stage lasts while the loss is above this share of its start (arXiv:2105.11686)."""


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


def cluster_labels(
    model: Model,
    params: Params,
    gap: float = GAP,
    active: float = STRONG,
    up_to_sign: bool = False,
) -> Array:
    """Number the clusters of orientations, the one with the largest amplitude first.

    A cluster is a connected component: two active neurons belong to one if the angle between
    their orientations (w, b) is at most `gap`. In the plane it ends where a gap is wider.

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
    return _labels(neurons(model, params), gap, active, up_to_sign)


def _check(gap: float, active: float) -> None:
    if not 0.0 < gap <= 90.0:
        raise ValueError(f"gap must be an angle from 0 to 90 degrees, but is {gap!r}.")
    if not 0.0 <= active < 1.0:
        raise ValueError(f"active must be a number from 0 to below 1, but is {active!r}.")


def _shares(found: Neurons) -> Array:
    """Amplitudes as shares of the largest: tiny ones do not vanish in their product."""
    size = np.abs(scaled(found.output)) * np.linalg.norm(scaled(found.weight), axis=1)
    return scaled(size)


def _labels(found: Neurons, gap: float, active: float, up_to_sign: bool) -> Array:
    size = _shares(found)
    members = np.flatnonzero(size > active)
    unit = unit_vectors(found.weight[members])
    if unit.shape[1] == 2:
        components = _arcs(unit, gap, up_to_sign)
    else:
        components = component_list(unit, 2.0 * math.sin(math.radians(gap) / 2.0), up_to_sign)
    components.sort(key=lambda component: -float(size[members[component]].sum()))
    labels = np.full(len(size), -1)
    for number, component in enumerate(components):
        labels[members[component]] = number
    return labels


def _arcs(unit: Array, gap: float, up_to_sign: bool) -> list[Array]:
    """Connected components on the circle: sorted angles, cut wherever a gap is wider."""
    if not len(unit):
        return []
    turn = math.pi if up_to_sign else 2.0 * math.pi
    angle = np.arctan2(unit[:, 1], unit[:, 0]) % turn
    order = np.argsort(angle, kind="stable")
    ahead = np.diff(angle[order], append=angle[order[0]] + turn)
    wide = np.flatnonzero(ahead > math.radians(gap))
    if not len(wide):
        return [order]
    order = np.roll(order, -(int(wide[-1]) + 1))  # start after a gap
    ends = (wide - wide[-1] - 1) % len(order) + 1
    return np.split(order, np.sort(ends)[:-1])


def clusters(
    model: Model,
    params: Params,
    gap: float = GAP,
    active: float = STRONG,
    up_to_sign: bool = False,
) -> list[Cluster]:
    """The clusters of orientations, the one with the largest amplitude first.

    See `cluster_labels` for the arguments.

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
    labels = _labels(found, gap, active, up_to_sign)
    unit = unit_vectors(found.weight)
    amplitude = np.abs(found.output) * np.linalg.norm(found.weight, axis=1)
    share = _shares(found)
    all_active = float(share[labels >= 0].sum())
    collected = []
    for number in range(int(labels.max(initial=-1)) + 1):
        members = np.flatnonzero(labels == number)
        points = unit[members]
        if up_to_sign:
            strongest = points[np.argmax(share[members])]
            points = points * np.where(points @ strongest < 0.0, -1.0, 1.0)[:, None]
        direction = unit_vectors((share[members] @ points)[None])[0]
        part = float(share[members].sum()) / all_active
        collected.append(Cluster(members, direction, float(amplitude[members].sum()), part))
    return collected


def cluster_counts(
    run: Run, gap: float = GAP, active: float = STRONG, up_to_sign: bool = False
) -> Array:
    """Number of clusters at every recorded step, shape [T]; see `cluster_labels`."""
    _check(gap, active)
    model = run.experiment.model
    counts = [
        int(_labels(neurons(model, run.at(i)), gap, active, up_to_sign).max(initial=-1)) + 1
        for i in range(len(run))
    ]
    return np.array(counts, dtype=np.int64)


def effective_neurons(
    model: Model, params: Params, gap: float = GAP, active: float = STRONG
) -> float:
    """As how many neurons a network acts: (sum_c A_c)^2 / sum_c A_c^2, A_c the clusters' amplitudes.

    The participation ratio, here of clusters; the definition is ours. It is k for k clusters of
    equal strength, and between 1 and k for any k.
    """  # noqa: E501  the formula stays in a line
    share = np.array([cluster.share for cluster in clusters(model, params, gap, active)])
    return float(share.sum() ** 2 / np.square(share).sum()) if len(share) else 0.0


def dead(model: Model, params: Params, x: Tensor) -> Array:
    """Whether each neuron is silent at all inputs, with no slope there either: shape [m].

    No gradient reaches such a neuron, so that it never moves: the "static" points of the talk.
    For ReLU and an interval, its two ends decide. Smooth activations have none.

    Parameters
    ----------
    model, params
        One network.
    x : Tensor, shape [n, d]
        The inputs.
    """
    found = neurons(model, params)
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
    silent: Array = ((value == 0.0) & (slope == 0.0)).all(axis=0)
    return silent


def alignment(model: Model, params: Params, active: float = STRONG) -> float:
    """Mean |cosine| of the orientations of all pairs of active neurons, the diagonal included.

    2 / pi = 0.64 for random directions of the plane, 1 on a single line.
    """
    _check(GAP, active)
    found = neurons(model, params)
    unit = unit_vectors(found.weight[_shares(found) > active])
    return float(np.abs(unit @ unit.T).mean()) if len(unit) else 0.0


@dataclasses.dataclass(frozen=True)
class InitialLines:
    """On how many lines the neurons lie in the initial stage, when they are aligned best.

    Attributes
    ----------
    count : int
        Lines with enough members.
    share : float
        Part of the amplitude of all active neurons that is on them, from 0 to 1.
    alignment : float
        Mean |cosine| of all pairs of active neurons.
    index : int
        The recorded step at which this was measured.
    moment : str
        The same in words.
    """

    count: int
    share: float
    alignment: float
    index: int
    moment: str


def initial_lines(
    run: Run, gap: float = LINE, active: float = 1e-2, least: int = 3
) -> InitialLines:
    """Count the lines of orientations in the initial stage (Zhou et al. 2021, arXiv:2105.11686).

    The stage lasts while the loss is above 70 % of its start. Lines split before it ends, so that
    they are counted where the neurons are aligned best; this choice, and the thresholds, are ours.
    Theory expects one line where the activation's multiplicity is 1, and for one input with bias at
    most as many as the multiplicity; for several inputs that is a conjecture.

    Parameters
    ----------
    run : Run
        A run that starts small.
    gap : float
        Degrees between neighbours on a line, at most.
    active : float
        A neuron counts if its amplitude is above this share of the largest.
    least : int
        Fewest members of a line that counts.
    """
    _check(gap, active)
    model = run.experiment.model
    below = np.flatnonzero(~(run.loss > INITIAL * run.loss[0]))
    end = int(below[0]) if len(below) else len(run)
    aligned = [alignment(model, run.at(i), active) for i in range(max(end, 1))]
    index = int(np.argmax(aligned))
    found = clusters(model, run.at(index), gap, active, up_to_sign=True)
    lines = [cluster for cluster in found if cluster.size >= least]
    share = sum(line.share for line in lines)
    return InitialLines(len(lines), share, aligned[index], index, run.moment(index))

"""`merge`, and what it says it has done."""

import dataclasses
from collections.abc import Iterator
from functools import singledispatch
from typing import Any

import numpy as np
import torch

from ...derivatives import evaluate
from ...derivatives.gradients import with_one
from ...knobs import Knob
from ...models import Model, Params, TwoLayer
from ...problems import Data
from ..neurons import Neurons, groups, neurons
from .joining import condensed, joined, lengths, take, turned
from .polishing import checked, hidden, network
from .searching import search

__all__ = ["THRESHOLD", "Comparison", "Merged", "merge"]

Array = np.ndarray[Any, np.dtype[Any]]

THRESHOLD = 1e-2
"""Outputs may change by this share of the largest one: a line's width on a screen."""

MOST_INPUTS, MOST_NUMBERS = 2**12, 2**21
"""Inputs, and outputs of single neurons (16 MB), that the search looks at."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The outputs of a wide network and of the one that it was merged to.

    Attributes
    ----------
    inputs : int
        Number of inputs: those of the training samples and the test points.
    largest : float
        Largest |output| of the wide network there.
    unpolished, difference : float
        Largest |difference| of the outputs there before the narrow network was polished (neurons as
        the wide network has them, output weights fitted), and after.
    error_wide, error_narrow : float
        Largest |error| of the two networks against the target, at the test points.
    groups, dropped : int
        Groups of equal neurons in the wide network, silent ones aside (see `groups`), and how many
        of them no neuron of the narrow network comes from.
    dropped_sum, dropped_largest : float
        Largest |output| of all dropped neurons together, and of a single dropped group. The sum is
        small where they cancel; else polishing makes up for them.
    """

    inputs: int
    largest: float
    unpolished: float
    difference: float
    error_wide: float
    error_narrow: float
    groups: int
    dropped: int
    dropped_sum: float
    dropped_largest: float


@dataclasses.dataclass(frozen=True, eq=False)
class Merged:
    """A wide network and its condensed equivalent; unpacks as ``model, params``.

    Attributes
    ----------
    model, params
        The narrow network, the strongest neuron first. Where the activation is odd, output weights
        are positive.
    wide : TwoLayer
        The network that was merged.
    condensed : dict of Tensor
        Parameters of `wide` that are exactly condensed and have the outputs of the narrow network:
        every neuron has the (w, b) of its neuron in `labels`, bit by bit up to its own sign, and
        the dropped ones are silent copies (a = 0) of the first.
    labels : array of int, shape [m]
        Which neuron of the narrow network each one of the wide network belongs to; -1 if dropped.
    comparison : Comparison or None
        How outputs changed; None without data, when they change by rounding only.
    """

    model: TwoLayer
    params: Params
    wide: TwoLayer
    condensed: Params
    labels: np.ndarray[Any, np.dtype[np.int64]]
    comparison: Comparison | None = None

    def __iter__(self) -> Iterator[Any]:
        """``model, params = merge(...)``."""
        return iter((self.model, self.params))

    def __str__(self) -> str:
        """What was done, and what it changed, in a few sentences."""
        text = f"{_counted(self.wide)} act as {_counted(self.model)}."
        c = self.comparison
        if c is None:
            return f"{text} Equal neurons were joined, so outputs change by rounding only."
        share = f", {c.difference / c.largest:.1e} of the largest" if c.largest else ""
        text += (
            f" Outputs at {c.inputs:,} inputs differ by at most {c.difference:.1e}{share} "
            f"({c.unpolished:.1e} before polishing)."
        )
        if c.dropped:
            text += (
                f" The {int((self.labels < 0).sum()):,} dropped neurons, {c.dropped} of {c.groups} "
                f"groups with outputs up to {c.dropped_largest:.1e}, add up to {c.dropped_sum:.1e}."
            )
        return (
            f"{text} Largest error against the target: {c.error_wide:.1e} before, "
            f"{c.error_narrow:.1e} after."
        )


def _counted(model: TwoLayer) -> str:
    plural = "" if model.m == 1 else "s"
    return f"{model.m:,} neuron{plural} ({model.n_parameters:,} parameters)"


@singledispatch
def merge(
    model: Model, params: Params, data: Data | None = None, threshold: float = THRESHOLD
) -> Merged:
    """The condensed equivalent of a network: the same outputs from as few neurons as were found.

    First, neurons that compute the same function of every input are joined, up to the symmetries
    of the activation (odd, even, homogeneous; neurons with w = 0 are constants), and what computes
    or adds up to nothing is dropped. Without `data` this is all.

    With `data`, the narrowest network is sought whose outputs differ by at most `threshold` times
    the largest output, at the inputs of the training samples and the test points: neurons that
    carry the function are picked, and polished by Levenberg and Marquardt's method. No labels are
    used. The narrow network is fitted to the *outputs* of the wide one, so that what the wide
    network has not learned, the narrow one has not either. (To go on to the samples, see `polish`.)

    Parameters
    ----------
    model, params
        One two-layer network, at any moment of its training.
    data : Data, optional
        Where outputs are to agree. The search looks at evenly thinned inputs if there are more than
        4,096, or more than 2**21 / m; the comparison that it returns, at all of them.
    threshold : float
        Largest change of an output as a share of the largest |output|, from 1e-10 to 0.5. A network
        that needs more than 60 neurons for that is only joined.

    Raises
    ------
    ValueError
        If these are no neurons that can be merged, if parameters or data do not fit the model or
        are not finite, or if the threshold is outside its range.

    Examples
    --------
    >>> split = {"a": [0.25, 0.5, -0.25], "w": [[2.0], [2.0], [-2.0]], "b": [1.0, 1.0, -1.0]}
    >>> narrow, params = merge(TwoLayer(1, 3), split)
    >>> narrow.m, {name: leaf.tolist() for name, leaf in params.items()}
    (1, {'a': [1.0], 'w': [[2.0]], 'b': [1.0]})
    """
    raise ValueError(
        f"Only the neurons of a two-layer network can be merged, and {type(model).__name__} is "
        f"none: its parameters are {', '.join(params)}."
    )


@merge.register
def _two_layer(
    model: TwoLayer, params: Params, data: Data | None = None, threshold: float = THRESHOLD
) -> Merged:
    allowed = float(Knob("threshold", THRESHOLD, 1e-10, 0.5).check(threshold))
    params = checked(model, params)
    wide = neurons(model, params)
    small, origin = joined(wide, model.bias)
    unpolished = small
    if data is not None:
        inputs = _thinned(_inputs(model, data), model.m)
        small, unpolished, chosen = search(small, inputs, allowed)
        origin = origin[chosen]
    if not len(origin):  # nothing is left of it: one neuron that is zero
        nothing = np.zeros((1, wide.weight.shape[1]))
        small = unpolished = Neurons(nothing, np.zeros(1), wide.activation)
    order = np.argsort(-np.abs(small.output) * lengths(small.weight), kind="stable")
    small = turned(take(small, order))
    group = groups(model, params, active=0.0)
    labels = _labels(wide, group, origin[order[: len(origin)]])
    exactly = network(model, condensed(wide, small, labels))[1]
    found = Merged(*network(model, small), model, exactly, labels)
    if data is None:
        return found
    comparison = _compared(found, params, group, unpolished, data, inputs)
    return dataclasses.replace(found, comparison=comparison)


def _inputs(model: TwoLayer, data: Data) -> Array:
    """Inputs (x, 1) of samples and test points, in float64."""
    for x in (data.x, data.x_test):
        if x.ndim != 2 or x.shape[1] != model.d or not bool(x.isfinite().all()):
            raise ValueError(
                f"The model reads {model.d} finite coordinates, but inputs of the data have shape "
                f"{[*x.shape]} or hold NaN or infinity."
            )
    return with_one(model, torch.cat([data.x, data.x_test]).double().numpy())


def _thinned(inputs: Array, m: int) -> Array:
    most = max(1, min(MOST_INPUTS, MOST_NUMBERS // m))
    return inputs[:: -(-len(inputs) // most)]


def _labels(wide: Neurons, group: Array, origin: Array) -> Array:
    """For each neuron of a wide network, which of the `origin` [k] it belongs to; or -1.

    It belongs to one of its group, to the nearest if there are several.
    """
    labels = np.full(len(wide.output), -1)
    if not len(origin):
        return labels
    act, weight = wide.activation, wide.weight
    points = weight / np.maximum(lengths(weight), 1e-300)[:, None] if act.homogeneous else weight
    product = points @ points[origin].T
    product = np.abs(product) if act.odd or act.even else product
    distance = np.vecdot(points[origin], points[origin]) - 2.0 * product
    distance[group[:, None] != group[origin]] = np.inf
    kept = np.isin(group, group[origin]) & (group >= 0)
    labels[kept] = np.argmin(distance, axis=1)[kept]
    labels[origin] = np.arange(len(origin))
    return labels


def _compared(
    found: Merged, params: Params, group: Array, unpolished: Neurons, data: Data, inputs: Array
) -> Comparison:
    """Outputs of the wide network and of the narrow one at all inputs; what became of the rest."""
    x, target = torch.cat([data.x, data.x_test]).double(), data.y_test.double()
    goal = evaluate(found.wide, params, x)
    before = evaluate(*network(found.wide, unpolished), x)
    after = evaluate(found.model, found.params, x)
    gone = np.flatnonzero((found.labels < 0) & (group >= 0))
    gone = gone[np.argsort(group[gone], kind="stable")]
    number, first = np.unique(group[gone], return_index=True)
    wide = take(neurons(found.wide, params), gone)
    parts = hidden(wide, inputs) * wide.output
    alone = np.add.reduceat(parts, first, axis=1) if len(gone) else parts
    return Comparison(
        inputs=len(x),
        largest=_largest(goal),
        unpolished=_largest(before - goal),
        difference=_largest(after - goal),
        error_wide=_largest(goal[len(data.x) :] - target),
        error_narrow=_largest(after[len(data.x) :] - target),
        groups=int(group.max()) + 1,
        dropped=len(number),
        dropped_sum=_largest(parts.sum(axis=1)),
        dropped_largest=_largest(alone),
    )


def _largest(values: Any) -> float:
    return float(np.abs(np.asarray(values)).max(initial=0.0))

"""A narrow network with the same outputs as a wide one, exactly or nearly."""

from typing import Any

import numpy as np
import torch

from ...derivatives import evaluate
from ...derivatives.gradients import with_one
from ...doors import door
from ...knobs import Knob
from ...models import Model, Params, TwoLayer
from ...models.fitting import check_network
from ...problems import Data
from ..neurons import Neurons, groups, neurons
from .joining import at_places, joined, lengths, take, turned
from .polishing import checked, hidden, network
from .report import Comparison, Dropped, Merged
from .searching import search

__all__ = ["THRESHOLD", "compared_inputs", "merge"]

Array = np.ndarray[Any, np.dtype[Any]]

THRESHOLD = 1e-2
"""Outputs may change by this share of the largest one: a line's width on a screen."""

MOST_INPUTS, _MOST_NUMBERS = 2**12, 2**21
"""Inputs, and outputs of single neurons (16 MB), that the search looks at."""


@door(check_network, but=["threshold"])
def merge(
    model: Model, params: Params, data: Data | None = None, threshold: float = THRESHOLD
) -> Merged:
    """Merge neurons: the narrow equivalent of a network, with as few neurons as were found.

    First, neurons that compute the same function of every input are joined, up to the symmetries
    of the activation (odd, even, homogeneous as ReLU is; neurons with w = 0 are constants), and
    what computes or adds up to nothing is dropped. (That squares (c z)^2 = c^2 z^2 are proportional
    is not seen.) Without `data` this is all.

    With `data`, the narrowest network is sought whose outputs differ by at most `threshold` times
    the largest output, at the inputs of the training samples and the test points: neurons that
    carry the function are picked, and polished by Levenberg and Marquardt's method. No labels are
    used. The narrow network is fitted to the *outputs* of the wide one, so that what the wide
    network has not learned, the narrow one has not either. (To go on to the samples, see `polish`.)
    This fit approximates a function. That it succeeds is no evidence of condensation: most smooth
    functions of one input are near one of a few neurons. For that, see `nearest_condensed`.

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
    >>> from condensekit.embedding import embed
    >>> narrow = TwoLayer(1, 3)
    >>> params = narrow.init(torch.Generator().manual_seed(0), 1.0)
    >>> found = merge(*embed(narrow, params, 500, "sign-split"))
    >>> found.model == narrow
    True
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
    classes, number = joined(wide, model.bias)
    small = unpolished = classes
    kept = max(len(classes.output), 1)
    chosen = np.arange(len(classes.output))
    if data is not None:
        inputs = compared_inputs(model, data)
        small, unpolished, chosen = search(classes, inputs, allowed)
    if not len(chosen):  # nothing is left: one neuron that is zero
        nothing = np.zeros((1, wide.weight.shape[1]))
        small = unpolished = Neurons(nothing, np.zeros(1), wide.activation)
    order = np.argsort(-np.abs(small.output) * lengths(small.weight), kind="stable")
    small = turned(take(small, order))
    found = network(model, small)
    if data is None:
        labels = np.append(np.argsort(order), -1)[number]
        comparison = dropped = None
    else:
        group = groups(*network(model, classes), active=0.0) if len(classes.output) else chosen
        origin = _origins(classes, group, chosen[order[: len(chosen)]])
        labels = np.append(origin, -1)[number]
        comparison = _compared(model, params, *found, unpolished, data)
        dropped = _dropped(labels, classes, group, origin, inputs)
    exactly = at_places(wide, small, labels)
    return Merged(
        *found,
        wide=model,
        condensed=network(model, exactly)[1],
        labels=labels,
        joined=model.m - kept,
        refitted=kept - found[0].m,
        distance=_apart(wide, exactly),
        comparison=comparison,
        dropped=dropped,
    )


def _apart(one: Neurons, other: Neurons) -> float:
    """|theta - theta'| / |theta|."""
    before, after = (np.column_stack([n.output, n.weight]) for n in (one, other))
    size = np.hypot.reduce(before, axis=None)
    return float(np.hypot.reduce(before - after, axis=None) / size) if size else 0.0


def compared_inputs(model: TwoLayer, data: Data) -> Array:
    """Inputs (x, 1) of samples and test points, in float64; evenly thinned if they are many."""
    for x in (data.x, data.x_test):
        if x.ndim != 2 or x.shape[1] != model.d or not bool(x.isfinite().all()):
            raise ValueError(
                f"The model reads {model.d} finite coordinates, but inputs of the data have shape "
                f"{[*x.shape]} or hold NaN or infinity."
            )
    inputs: Array = with_one(model, torch.cat([data.x, data.x_test]).double().numpy())
    most = max(1, min(MOST_INPUTS, _MOST_NUMBERS // model.m))
    return inputs[:: -(-len(inputs) // most)]


def _origins(classes: Neurons, group: Array, chosen: Array) -> Array:
    """For each neuron, which of the `chosen` [k] of its group is nearest; -1 if there is none."""
    found = np.full(len(group), -1)
    for number in np.unique(group[chosen]):
        members, near = np.flatnonzero(group == number), np.flatnonzero(group[chosen] == number)
        points = classes.weight[members]
        if classes.activation.homogeneous:
            points = points / np.maximum(lengths(points), 1e-300)[:, None]
        centres = points[np.searchsorted(members, chosen[near])]
        product = points @ centres.T
        if classes.activation.odd or classes.activation.even:
            product = np.abs(product)
        distance = np.vecdot(centres, centres) - 2.0 * product
        found[members] = near[np.argmin(distance, axis=1)]
    found[chosen] = np.arange(len(chosen))
    return found


def _compared(
    wide: TwoLayer,
    params: Params,
    narrow: TwoLayer,
    leaves: Params,
    unpolished: Neurons,
    data: Data,
) -> Comparison:
    x, target = torch.cat([data.x, data.x_test]).double(), data.y_test.double()
    goal, after = evaluate(wide, params, x), evaluate(narrow, leaves, x)
    before = evaluate(*network(wide, unpolished), x)
    return Comparison(
        inputs=len(x),
        largest=_largest(goal),
        unpolished=_largest(before - goal),
        difference=_largest(after - goal),
        error_wide=_largest(goal[len(data.x) :] - target),
        error_narrow=_largest(after[len(data.x) :] - target),
    )


def _dropped(
    labels: Array, classes: Neurons, group: Array, origin: Array, inputs: Array
) -> Dropped:
    gone = np.flatnonzero(origin < 0)
    gone = gone[np.argsort(group[gone], kind="stable")]
    layer = take(classes, gone)
    parts = hidden(layer, inputs) * layer.output
    number, first = np.unique(group[gone], return_index=True)
    alone = np.add.reduceat(parts, first, axis=1) if len(first) else parts
    return Dropped(
        neurons=int((labels < 0).sum()),
        groups=len(number),
        of=len(np.unique(group)),
        largest=_largest(alone),
        together=_largest(parts.sum(axis=1)),
    )


def _largest(values: Any) -> float:
    return float(np.abs(np.asarray(values)).max(initial=0.0))
